//! A filter as machine code that counts: [`CountingFilter`].

use std::fmt;

use bpf_core::{Counted, Metadata, Program, Storage};

use crate::error::JitError;
use crate::filter;
use crate::known::Known;
use crate::lower::Form;
use crate::machine;
use crate::memory::CountingCode;

/// A verified program as machine code that counts its steps: what [`Program::run_counted`] says, for every packet. It is made as
/// [`crate::CompiledFilter`] is, tests without branches included, but leaves nothing out: no packet is rejected before the load that
/// fails, no comparison is searched for, and every jump is taken. For comparing engines; slower.
pub struct CountingFilter {
    code: CountingCode,
}

impl CountingFilter {
    /// Compiles a program for this machine.
    ///
    /// # Errors
    /// Those of [`crate::CompiledFilter::new`].
    pub fn new<S: Storage>(program: &Program<S>) -> Result<Self, JitError> {
        filter::check_length(program)?;
        Ok(Self { code: machine::emit(program, Form::Counted, machine::host()?, CountingCode::new)? })
    }

    /// The verdict on a packet, and how many instructions of the program it took.
    #[must_use]
    pub fn run(&self, packet: &[u8], wire_len: u32, metadata: &Metadata) -> Counted {
        let both = self.code.call(packet, wire_len, &Known::of(metadata));
        Counted { verdict: (both & u64::from(u32::MAX)) as u32, steps: (both >> 32) as u32 }
    }
}

impl fmt::Debug for CountingFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountingFilter").finish_non_exhaustive()
    }
}
