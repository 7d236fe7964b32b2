//! The walk over the program.
//!
//! Jumps go forward, so when the walk comes to an instruction, everything that leads to it has been seen. What a jump
//! carries to its target waits there, merged with what other jumps carry, until the walk comes by:
//!
//! ```text
//! pc        ──▶ state that falls through from pc - 1 ∪ waiting[pc] ──▶ effect ──▶ falls on, waits at targets, ends
//! ```

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::interval::Interval;
use super::verdicts::Verdicts;
use super::{AncillarySet, BytesNeeded};
use crate::insn::{AluOp, Ancillary, Cond, Insn, Operand, RawInsn, SCRATCH_WORDS, Size};
use crate::packet::CAPTURED_LEN_MAX;

/// What the walk finds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) steps: u32,
    pub(super) reach: Reach,
    pub(super) verdicts: Verdicts,
    pub(super) reads_wire_len: bool,
    pub(super) ancillaries: AncillarySet,
}

/// How far loads reach.
#[derive(Default)]
pub(super) struct Reach {
    /// The furthest end of a load whose place is fixed.
    fixed: u32,
    /// The furthest possible end of any load.
    bound: u32,
    unbounded: bool,
}

impl Reach {
    pub(super) fn bytes_needed(&self) -> BytesNeeded {
        if self.unbounded {
            BytesNeeded::Unbounded
        } else if self.fixed == self.bound {
            BytesNeeded::Exactly(self.bound)
        } else {
            BytesNeeded::AtMost(self.bound)
        }
    }

    /// Adds a load of `size` bytes at an offset between these bounds. `false`: no packet has bytes there, the load
    /// fails for certain.
    fn add(&mut self, offset: (u64, u64), size: u32) -> bool {
        let [nearest, furthest] = [offset.0, offset.1].map(|offset| offset.saturating_add(u64::from(size)));
        if nearest > u64::from(CAPTURED_LEN_MAX) {
            return false;
        }
        match u32::try_from(furthest) {
            Ok(end) if end <= CAPTURED_LEN_MAX => {
                self.bound = self.bound.max(end);
                if nearest == furthest {
                    self.fixed = self.fixed.max(end);
                }
            }
            _ => self.unbounded = true,
        }
        true
    }
}

/// What is known before an instruction.
#[derive(Clone)]
struct State {
    a: Interval,
    x: Interval,
    scratch: [Interval; SCRATCH_WORDS as usize],
    /// Instructions that were executed before it, at most.
    steps: u32,
}

impl State {
    /// All registers are 0 at the start.
    const START: Self = Self {
        a: Interval::constant(0),
        x: Interval::constant(0),
        scratch: [Interval::constant(0); SCRATCH_WORDS as usize],
        steps: 0,
    };

    fn merge(&mut self, other: &Self) {
        self.a = self.a.union(other.a);
        self.x = self.x.union(other.x);
        for (mine, other) in self.scratch.iter_mut().zip(other.scratch) {
            *mine = mine.union(other);
        }
        self.steps = self.steps.max(other.steps);
    }

    fn word(&self, k: u32) -> Interval {
        // The verifier lets no other numbers pass.
        self.scratch.get(k as usize).copied().unwrap_or(Interval::ANY)
    }

    fn set_word(&mut self, k: u32, value: Interval) {
        if let Some(word) = self.scratch.get_mut(k as usize) {
            *word = value;
        }
    }

    fn operand(&self, operand: Operand) -> Interval {
        match operand {
            Operand::K(k) => Interval::constant(k),
            Operand::X => self.x,
        }
    }
}

/// States on their way to the targets of jumps.
struct Waiting(Vec<Option<Box<State>>>);

impl Waiting {
    fn take(&mut self, pc: usize) -> Option<Box<State>> {
        self.0.get_mut(pc).and_then(Option::take)
    }

    /// Jumps out of the program do not exist in verified ones.
    fn send(&mut self, pc: usize, skip: u32, state: State) {
        let target = pc.saturating_add(1).saturating_add(skip as usize);
        match self.0.get_mut(target) {
            Some(Some(waiting)) => waiting.merge(&state),
            Some(place) => *place = Some(Box::new(state)),
            None => {}
        }
    }
}

/// Where the program goes from an instruction.
enum Next {
    Fall,
    Jump(u32),
    Branch { cond: Cond, operand: Operand, jt: u32, jf: u32 },
    End,
}

pub(super) fn walk(insns: &[RawInsn]) -> Found {
    let mut found = Found::default();
    if insns.is_empty() {
        // The empty program keeps everything.
        found.verdicts.add(Interval::constant(u32::MAX));
        return found;
    }
    let mut waiting = Waiting(insns.iter().map(|_| None).collect());
    let mut falling = Some(State::START);
    for (pc, raw) in insns.iter().enumerate() {
        let Some(mut state) = arrive(falling.take(), waiting.take(pc)) else { continue };
        state.steps = state.steps.saturating_add(1);
        found.steps = found.steps.max(state.steps);
        let next = raw.meaning().map_or(Next::End, |insn| found.effect(insn, &mut state));
        match next {
            Next::Fall => falling = Some(state),
            Next::Jump(skip) => waiting.send(pc, skip, state),
            Next::Branch { cond, operand, jt, jf } => {
                for (holds, skip) in [(true, jt), (false, jf)] {
                    if let Some(state) = decided(&state, cond, holds, operand) {
                        waiting.send(pc, skip, state);
                    }
                }
            }
            Next::End => {}
        }
    }
    found
}

fn arrive(falling: Option<State>, waiting: Option<Box<State>>) -> Option<State> {
    match (falling, waiting) {
        (Some(mut state), Some(other)) => {
            state.merge(&other);
            Some(state)
        }
        (state, None) => state,
        (None, waiting) => waiting.map(|state| *state),
    }
}

/// What is known after a comparison that came out so; `None` if it cannot.
fn decided(state: &State, cond: Cond, holds: bool, operand: Operand) -> Option<State> {
    let (a, other) = Interval::decided(cond, holds, state.a, state.operand(operand))?;
    let x = if operand == Operand::X { other } else { state.x };
    Some(State { a, x, ..state.clone() })
}

impl Found {
    /// Notes what the instruction does, and changes the state as it changes the machine.
    fn effect(&mut self, insn: Insn, state: &mut State) -> Next {
        match insn {
            Insn::LoadAbs { size, offset } => {
                if !self.load((offset.into(), offset.into()), size.bytes()) {
                    return Next::End;
                }
                state.a = loaded(size);
            }
            Insn::LoadInd { size, offset } => {
                let at = |x: u32| u64::from(x).saturating_add(u64::from(offset));
                if !self.load((at(state.x.min), at(state.x.max)), size.bytes()) {
                    return Next::End;
                }
                state.a = loaded(size);
            }
            Insn::LoadXMsh(offset) => {
                if !self.load((offset.into(), offset.into()), 1) {
                    return Next::End;
                }
                state.x = Interval::up_to(MSH_MAX);
            }
            Insn::LoadAncillary { which, .. } => {
                self.ancillaries.insert(which);
                state.a = match which {
                    Ancillary::AluXorX => {
                        Interval::arithmetic(AluOp::Xor, state.a, state.x).unwrap_or(Interval::ANY)
                    }
                    _ => {
                        self.verdicts.add_early_end();
                        Interval::ANY
                    }
                };
            }
            Insn::LoadLen | Insn::LoadXLen => {
                self.reads_wire_len = true;
                let register = if insn == Insn::LoadLen { &mut state.a } else { &mut state.x };
                *register = Interval::ANY;
            }
            Insn::LoadImm(k) => state.a = Interval::constant(k),
            Insn::LoadXImm(k) => state.x = Interval::constant(k),
            Insn::LoadMem(k) => state.a = state.word(k),
            Insn::LoadXMem(k) => state.x = state.word(k),
            Insn::Store(k) => state.set_word(k, state.a),
            Insn::StoreX(k) => state.set_word(k, state.x),
            Insn::Alu { op, operand } => return self.arithmetic(op, operand, state),
            Insn::Neg => state.a = state.a.negated(),
            Insn::Tax => state.x = state.a,
            Insn::Txa => state.a = state.x,
            Insn::Jump(skip) => return Next::Jump(skip),
            Insn::Branch { cond, operand, jt, jf } => {
                return Next::Branch { cond, operand, jt: jt.into(), jf: jf.into() };
            }
            Insn::RetK(k) => {
                self.verdicts.add(Interval::constant(k));
                return Next::End;
            }
            Insn::RetA => {
                self.verdicts.add(state.a);
                return Next::End;
            }
        }
        Next::Fall
    }

    /// Any load may fail: the packet may be shorter.
    fn load(&mut self, offset: (u64, u64), size: u32) -> bool {
        self.verdicts.add_early_end();
        self.reach.add(offset, size)
    }

    fn arithmetic(&mut self, op: AluOp, operand: Operand, state: &mut State) -> Next {
        let by = state.operand(operand);
        let divides = matches!(op, AluOp::Div | AluOp::Mod);
        if divides && by.contains(0) {
            self.verdicts.add_early_end();
        }
        let Some(result) = Interval::arithmetic(op, state.a, by) else {
            return Next::End;
        };
        state.a = result;
        if divides && operand == Operand::X {
            // It was not 0, or the program would have ended. (It can be something else, or there were no result.)
            state.x.min = state.x.min.max(1);
        }
        Next::Fall
    }
}

/// Four times fifteen.
const MSH_MAX: u32 = 60;

const fn loaded(size: Size) -> Interval {
    match size {
        Size::Byte => Interval::up_to(0xff),
        Size::Half => Interval::up_to(0xffff),
        Size::Word => Interval::ANY,
    }
}
