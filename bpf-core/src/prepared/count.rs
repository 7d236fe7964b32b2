//! How many instructions of the program a run stands for: as many as the plain interpreter executes.
//!
//! ```text
//!   step ──way──▶ step          its own instructions, and those between: jumps, and what nobody needs
//!   step ──last──▶ verdict      one: a load that fails, a division by 0, a return
//!   joined step                 is not asked; its parts are, each of which counts for itself
//! ```
//!
//! Which way a branch went is known, so the way between two steps is walked in the instructions.

use super::field::target;
use super::step::{Step, origin, short};
use crate::insn::{Insn, RawInsn};

/// Is told where a run goes. `()` is told nothing, and costs nothing.
pub(super) trait Watch {
    /// Whether it counts.
    const COUNTS: bool;
    /// The step at this place leads to another one, by its first way or by its second.
    fn way(&mut self, at: usize, step: &Step, holds: bool);
    /// The parts of a joined test come instead of it.
    fn before_part(&mut self, joined: &Step);
    /// The bytes of the test at this place are not there, and the run ends.
    fn missing(&mut self, at: usize);
    /// One instruction, and the run ends.
    fn last(&mut self);
}

impl Watch for () {
    const COUNTS: bool = false;

    #[inline(always)]
    fn way(&mut self, _at: usize, _step: &Step, _holds: bool) {}

    #[inline(always)]
    fn before_part(&mut self, _joined: &Step) {}

    #[inline(always)]
    fn missing(&mut self, _at: usize) {}

    #[inline(always)]
    fn last(&mut self) {}
}

/// Counts the instructions of a program.
pub(super) struct Counter<'a> {
    pub(super) insns: &'a [RawInsn],
    pub(super) count: u32,
    /// How many of them stand before a part: a load, and a mask perhaps.
    before_part: u32,
}

impl<'a> Counter<'a> {
    pub(super) fn new(insns: &'a [RawInsn]) -> Self {
        Self { insns, count: 0, before_part: 0 }
    }

    fn meaning(&self, pc: usize) -> Option<Insn> {
        self.insns.get(pc)?.meaning()
    }

    fn add(&mut self, count: u32) {
        self.count = self.count.wrapping_add(count);
    }
}

impl Watch for Counter<'_> {
    const COUNTS: bool = true;

    #[inline(never)]
    fn way(&mut self, at: usize, step: &Step, holds: bool) {
        let more = (step.short & origin::MORE).wrapping_shr(origin::MORE_SHIFT);
        self.add(u32::from(more).wrapping_add(1));
        let next = |pc: usize| pc.wrapping_add(1);
        let last = at.wrapping_add(more.into());
        let mut pc = match self.meaning(last) {
            Some(Insn::Branch { jt, jf, .. }) => {
                let is_inverse = step.short & origin::IS_INVERSE != 0;
                target(last, if holds == is_inverse { jf } else { jt }.into())
            }
            Some(Insn::Jump(k)) => target(last, k),
            _ => next(last),
        };
        let to = step.leads_to(at, holds);
        let mut between = 0_u32;
        // Jumps go forward: this comes to the step or behind it.
        while pc < to {
            between = between.wrapping_add(1);
            pc = match self.meaning(pc) {
                Some(Insn::Jump(k)) => target(pc, k),
                _ => next(pc),
            };
        }
        self.add(between);
    }

    fn before_part(&mut self, joined: &Step) {
        let skipped = (joined.short & short::MASK).wrapping_sub(short::PARTS);
        self.before_part = u32::from(skipped).wrapping_add(1);
        self.add(self.before_part);
    }

    fn missing(&mut self, at: usize) {
        // A branch has its bytes, or it is a part, and the load before it was the last instruction.
        if let Some(Insn::Branch { .. }) = self.meaning(at) {
            self.count = self.count.wrapping_sub(self.before_part);
        }
        self.last();
    }

    fn last(&mut self) {
        // FreeBSD's empty program has a step and no instruction.
        self.add((!self.insns.is_empty()).into());
    }
}
