//! Programs in the form in which they run fast.
//!
//! ```text
//! Program ──prepare, once──▶ Prepared: a step for each group of instructions, in the same order, without gaps
//!
//!   ldh [12]; jeq #0x800, 0, 4      ──▶   are these bits of window[6..14] these? if not, skip a step
//!   ldb [23]; jeq #6, 0, 2          ─┐
//!   ldh [20]; jset #0x1fff, 1, 0    ─┴▶   are these bits of window[16..24] these? one step for two tests
//! ```
//!
//! A filter is tests of fields, nearly only. They are a few kinds of steps: load eight bytes that end where the field ends, mask
//! them, compare with a value or a range, go on with the next step or behind some. So a run is a short loop with hardly a choice of
//! what to do; the other kinds of steps are left to a `match` outside of it. A field that A holds already is loaded again rather
//! than kept, unless many tests look at it: then a test needs nothing but the packet. Many tests that tell a few values from the
//! rest are one look into a table, which lies in their own steps (`table`); programs with such lists have their own loop (`lists`). Two
//! tests whose fields lie within eight bytes, which ask for one value, and which fail to the same place, are one as a rule; so are two
//! of one field that ask for one range, and up to four comparisons that several loads share (`pairs`).
//! `docs/performance.md` says what else was tried.
//!
//! Invariants:
//! - The verdict is that of [`Program::run`], for every packet and every program: the plain form is what the prepared one is
//!   held against.
//! - Total, as the plain interpreter: every distance, index and word is checked or wraps; a run takes at most as many steps as
//!   there are, because it holds the steps that are left, and every step leaves fewer.
//! - Nothing is allocated: the memory for the steps is the caller's.
//! - There are no more steps than instructions (one, if there is none): only those that a run can come to.

mod build;
mod each_step;
mod elsewhere;
mod field;
mod layout;
mod lists;
mod machine;
mod many;
mod pairs;
mod run;
mod step;
mod table;
mod window;

use core::fmt;
use core::ops::{Deref, DerefMut};

use crate::packet::Packet;
use crate::program::{Program, Storage};

use build::Built;

pub use step::Step;

/// A verified program in its fast form; made only by [`Prepared::new`].
///
/// ```
/// use bpf_core::{Prepared, Profile, RawInsn, SlicePacket, Step, bpf_validate, opcode as op};
///
/// let arp = [
///     RawInsn::stmt(op::LD | op::H | op::ABS, 12),
///     RawInsn::jump(op::JMP | op::JEQ | op::K, 0x0806, 0, 1),
///     RawInsn::stmt(op::RET | op::K, 262_144),
///     RawInsn::stmt(op::RET | op::K, 0),
/// ];
/// let program = bpf_validate(&arp, Profile::STRICT)?;
/// let mut room = [Step::EMPTY; 4];
/// let prepared = Prepared::new(&program, &mut room[..]).unwrap();
/// let packet = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06, 0, 1];
/// assert_eq!(prepared.run(&SlicePacket::new(&packet, 60)), 262_144);
/// # Ok::<(), bpf_core::VerifyError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Prepared<R> {
    steps: R,
    built: Built,
}

/// The memory for a prepared program has fewer steps than [`Program::steps_needed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomTooSmall;

impl fmt::Display for RoomTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is less memory than a step for each instruction")
    }
}

impl core::error::Error for RoomTooSmall {}

impl<R: DerefMut<Target = [Step]>> Prepared<R> {
    /// Prepares a program in memory of the caller, whose content does not matter. Takes time linear in the program.
    ///
    /// Contract on the memory: it gives the same steps every time, for as long as it lives; otherwise the verdict is wrong, and
    /// nothing else.
    ///
    /// # Errors
    /// The memory is too small.
    pub fn new<S: Storage>(program: &Program<S>, mut room: R) -> Result<Self, RoomTooSmall> {
        let insns = program.insns();
        let steps = room.get_mut(..program.steps_needed()).ok_or(RoomTooSmall)?;
        let built = build::build(insns, steps);
        Ok(Self { steps: room, built })
    }
}

impl<R: Deref<Target = [Step]>> Prepared<R> {
    /// Runs the program over a packet; the verdict is that of [`Program::run`].
    #[inline]
    pub fn run<P: Packet>(&self, packet: &P) -> u32 {
        if self.built.has_lists {
            return lists::run(self, packet);
        }
        run::run(self.steps(), packet)
    }

    #[inline(always)]
    fn steps(&self) -> &[Step] {
        self.steps.get(..self.built.len).unwrap_or_default()
    }
}

impl<S: Storage> Program<S> {
    /// How many steps the prepared form has room for: one for each instruction, and at least one.
    #[must_use]
    pub fn steps_needed(&self) -> usize {
        self.insns().len().max(1)
    }

    /// The program in its fast form.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn prepare(&self) -> Prepared<alloc::boxed::Box<[Step]>> {
        let mut steps = alloc::vec![Step::EMPTY; self.steps_needed()].into_boxed_slice();
        let built = build::build(self.insns(), &mut steps);
        Prepared { steps, built }
    }
}
