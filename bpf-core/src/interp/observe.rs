//! Watching a program run.

use crate::insn::{RawInsn, SCRATCH_WORDS};

/// The registers and the scratch memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The accumulator.
    pub a: u32,
    /// The index register.
    pub x: u32,
    /// The scratch words.
    pub scratch: [u32; SCRATCH_WORDS as usize],
}

/// Is told of every step. `()` is told nothing, and costs nothing: the compiler removes the calls.
pub trait Observer {
    /// The instruction at `pc` is about to be executed in this state.
    fn step(&mut self, pc: u32, insn: RawInsn, state: &State);
}

impl Observer for () {
    #[inline]
    fn step(&mut self, _pc: u32, _insn: RawInsn, _state: &State) {}
}

impl<F: FnMut(u32, RawInsn, &State)> Observer for F {
    fn step(&mut self, pc: u32, insn: RawInsn, state: &State) {
        self(pc, insn, state);
    }
}

/// A verdict, and how many instructions were executed for it, the one that ended the program counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many bytes of the packet to keep, 0 to reject it.
    pub verdict: u32,
    /// At most as many as the program has.
    pub steps: u32,
}
