//! Programs that were proven to keep the rules: the only values that run.
//!
//! ```text
//! RawInsn...  ──bpf_validate──▶          Program         run: at most one step an instruction
//!             ──bpf_validate_looping──▶  LoopingProgram  run_with_fuel: at most as many steps as it is given
//! ```
//!
//! Where the instructions lie is the caller's choice ([`Storage`]): borrowed, owned, in a kernel pool.

use crate::insn::RawInsn;
use crate::interp::{self, Counted, Observer, OutOfFuel, State};
use crate::packet::Packet;

/// Memory that holds instructions.
///
/// Contract: `insns` gives the same instructions every time, for as long as the value lives; otherwise what was
/// verified is not what runs. (The interpreter stays within its bounds even then; only the verdict would be wrong.)
pub trait Storage {
    /// The instructions.
    fn insns(&self) -> &[RawInsn];
}

impl Storage for [RawInsn] {
    #[inline]
    fn insns(&self) -> &[RawInsn] {
        self
    }
}

impl<const N: usize> Storage for [RawInsn; N] {
    #[inline]
    fn insns(&self) -> &[RawInsn] {
        self
    }
}

impl<S: Storage + ?Sized> Storage for &S {
    #[inline]
    fn insns(&self) -> &[RawInsn] {
        (**self).insns()
    }
}

#[cfg(feature = "alloc")]
impl Storage for alloc::vec::Vec<RawInsn> {
    #[inline]
    fn insns(&self) -> &[RawInsn] {
        self
    }
}

#[cfg(feature = "alloc")]
impl<S: Storage + ?Sized> Storage for alloc::boxed::Box<S> {
    #[inline]
    fn insns(&self) -> &[RawInsn] {
        (**self).insns()
    }
}

#[cfg(feature = "alloc")]
impl<S: Storage + ?Sized> Storage for alloc::sync::Arc<S> {
    #[inline]
    fn insns(&self) -> &[RawInsn] {
        (**self).insns()
    }
}

/// A verified program; made only by [`crate::bpf_validate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program<S> {
    storage: S,
}

impl<S: Storage> Program<S> {
    /// Only the verifier calls this.
    pub(crate) fn from_verified(storage: S) -> Self {
        Self { storage }
    }

    /// Runs the program over a packet. The verdict is the snap length: how many bytes of the packet to keep, 0 to
    /// reject it. Takes at most as many steps as there are instructions.
    #[inline]
    pub fn run<P: Packet>(&self, packet: &P) -> u32 {
        self.run_observed(packet, &mut ())
    }

    /// The same, and tells `observer` of every step.
    #[inline]
    pub fn run_observed<P: Packet, O: Observer>(&self, packet: &P, observer: &mut O) -> u32 {
        interp::run(self.storage.insns(), packet, observer)
    }

    /// The same, and how many instructions were executed.
    pub fn run_counted<P: Packet>(&self, packet: &P) -> Counted {
        let mut steps = 0_u32;
        let mut count = |_pc: u32, _insn: RawInsn, _state: &State| steps = steps.wrapping_add(1);
        let verdict = self.run_observed(packet, &mut count);
        Counted { verdict, steps }
    }

    /// The instructions.
    #[must_use]
    pub fn insns(&self) -> &[RawInsn] {
        self.storage.insns()
    }

    /// The same program, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> Program<&[RawInsn]> {
        Program { storage: self.storage.insns() }
    }

    /// The memory with the instructions.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// The same program in memory of its own.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_owned(&self) -> Program<alloc::vec::Vec<RawInsn>> {
        Program { storage: self.insns().to_vec() }
    }
}

/// A verified program that may jump backwards, and so may never end; made only by
/// [`crate::bpf_validate_looping`]. No kernel runs such programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopingProgram<S> {
    storage: S,
}

impl<S: Storage> LoopingProgram<S> {
    /// Only the verifier calls this.
    pub(crate) fn from_verified(storage: S) -> Self {
        Self { storage }
    }

    /// Runs the program for at most `fuel` steps.
    ///
    /// # Errors
    /// The program did not end within that many steps; the caller decides what that means (reject, as a rule).
    pub fn run_with_fuel<P: Packet>(&self, packet: &P, fuel: u32) -> Result<u32, OutOfFuel> {
        interp::run_with_fuel(self.storage.insns(), packet, fuel, &mut ())
    }

    /// The same, and tells `observer` of every step.
    ///
    /// # Errors
    /// As [`Self::run_with_fuel`].
    pub fn run_observed<P: Packet, O: Observer>(
        &self,
        packet: &P,
        fuel: u32,
        observer: &mut O,
    ) -> Result<u32, OutOfFuel> {
        interp::run_with_fuel(self.storage.insns(), packet, fuel, observer)
    }

    /// The instructions.
    #[must_use]
    pub fn insns(&self) -> &[RawInsn] {
        self.storage.insns()
    }
}
