//! A filter as machine code for batches alone: [`BitmapFilter`]; and the loop over a batch.
//!
//! ```text
//! packets ──16──▶ code ─┐     while 16 are looked at, the memory of the next 16 is on its way
//!         ──16──▶ code ─┤
//!         ──16──▶ code ─┼▶ one word of bits
//!         ──16──▶ code ─┘
//! ```

use std::fmt;

use bpf_core::{Insn, Program, RawInsn, Storage};

use crate::error::{JitError, JitErrorKind};
use crate::filter::{self, BatchPacket, CompiledFilter};
use crate::lower::Form;
use crate::machine;
use crate::memory::{self, BatchCode};

/// How many packets ahead a batch asks for memory, and how many are one call of the loop.
pub(crate) const AHEAD: usize = 16;

/// A verified program as machine code that says which of many packets it accepts, and nothing else. One form is compiled, where two are for a
/// [`CompiledFilter`] that is used for batches.
///
/// ```
/// use bpf_core::{Profile, bpf_validate, text};
/// use bpf_jit::{BatchPacket, BitmapFilter};
///
/// let short = bpf_validate(text::parse("ld #len\n jgt #100, drop\n ret #262144\n drop: ret #0")?, Profile::STRICT)?;
/// let filter = BitmapFilter::new(&short)?;
/// let packets = [60, 1514, 100].map(|wire_len| BatchPacket { bytes: &[], wire_len, metadata: None });
/// let mut accepted = [0];
/// assert_eq!(filter.run(&packets, &mut accepted), 3);
/// assert_eq!(accepted, [0b101]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BitmapFilter(Kind);

enum Kind {
    Loop(BatchLoop),
    /// Programs that ask for values beside the packet have no loop.
    Each(CompiledFilter),
}

impl BitmapFilter {
    /// Compiles a program for this machine.
    ///
    /// # Errors
    /// Those of [`CompiledFilter::new`].
    pub fn new<S: Storage>(program: &Program<S>) -> Result<Self, JitError> {
        filter::check_length(program)?;
        let kind = if filter::asks(program.insns()) {
            Kind::Each(CompiledFilter::new(program)?)
        } else {
            Kind::Loop(BatchLoop::new(program)?)
        };
        Ok(Self(kind))
    }

    /// Which of many packets are accepted, as [`CompiledFilter::run_bitmap`] says it.
    pub fn run(&self, packets: &[BatchPacket<'_>], accepted: &mut [u64]) -> usize {
        match &self.0 {
            Kind::Each(filter) => filter.run_bitmap(packets, accepted),
            Kind::Loop(code) => {
                let count = packets.len().min(accepted.len().saturating_mul(64));
                code.run(packets.get(..count).unwrap_or_default(), accepted);
                count
            }
        }
    }
}

impl fmt::Debug for BitmapFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BitmapFilter").finish_non_exhaustive()
    }
}

/// The loop over a batch, of a program that asks for nothing beside the packet.
pub(crate) struct BatchLoop {
    code: BatchCode,
    /// Whether the program reads the packet: else its memory is not asked for.
    reads: bool,
}

impl BatchLoop {
    pub(crate) fn new<S: Storage>(program: &Program<S>) -> Result<Self, JitError> {
        let unknown =
            || JitError::new(JitErrorKind::UnsupportedHost, "slices lie in memory in a way of their own");
        let form = Form::Bitmap(memory::layout().ok_or_else(unknown)?);
        let code = machine::emit(program, form, machine::host()?, BatchCode::new)?;
        Ok(Self { code, reads: program.insns().iter().any(reads) })
    }

    /// A word for every 64 packets.
    pub(crate) fn run(&self, packets: &[BatchPacket<'_>], accepted: &mut [u64]) {
        for (place, bits) in accepted.iter_mut().zip(self.words(packets)) {
            *place = bits;
        }
    }

    /// The bits of every 64 packets.
    pub(crate) fn words(&self, packets: &[BatchPacket<'_>]) -> impl Iterator<Item = u64> {
        let mut rest = packets;
        packets.chunks(64).map(move |word| {
            let mut bits = 0;
            for (part, shift) in word.chunks(AHEAD).zip((0..64).step_by(AHEAD)) {
                rest = rest.get(AHEAD..).unwrap_or_default();
                for later in rest.iter().take(if self.reads { AHEAD } else { 0 }) {
                    memory::prefetch(later.bytes);
                }
                bits |= self.code.call(part) << shift;
            }
            bits
        })
    }
}

/// Whether an instruction reads bytes of the packet.
fn reads(raw: &RawInsn) -> bool {
    matches!(raw.meaning(), Some(Insn::LoadAbs { .. } | Insn::LoadInd { .. } | Insn::LoadXMsh(_)))
}
