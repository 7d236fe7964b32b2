//! Instructions for values.
//!
//! A, X and the scratch words are enough for any tree of operations of depth 2^16: of two operands the one that
//! needs more scratch words is computed first (the Sethi-Ullman order), and only the other one waits in a word.
//! Variables have the words at the end: M[15], M[14], ...
//! Evaluation order within a branch is free: whatever fails, the packet is rejected.

use alloc::vec;
use alloc::vec::Vec;

use bpf_core::{ANCILLARY_BASE, AluOp, Insn, Operand, SCRATCH_WORDS, Size};

use super::Origin;
use super::machine::Machine;
use crate::graph::{Offset, Value, ValueId, Values, Variable};

/// A value needs more scratch words than the machine has, or a number in a register that something else is in by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooComplex {
    /// The words of the filter that ask for it.
    pub origin: Origin,
    /// The scratch words that variables leave; `None` if there are more variables than words.
    pub words_left: Option<u32>,
}

/// How many scratch words the computation of each value needs, and how many are left for that beside the variables.
struct ScratchNeeds {
    needs: Vec<u32>,
    /// Those that no variable takes; `None` if there are more variables than words.
    words: Option<u32>,
}

impl ScratchNeeds {
    fn of(&self, id: ValueId) -> u32 {
        self.needs.get(id.index()).copied().unwrap_or_default()
    }

    fn check(&self, need: u32, origin: Origin) -> Result<(), TooComplex> {
        if need > self.words.unwrap_or_default() { Err(self.too_complex(origin)) } else { Ok(()) }
    }

    fn too_complex(&self, origin: Origin) -> TooComplex {
        TooComplex { origin, words_left: self.words }
    }
}

/// The scratch word of a variable. Of more than there are words, every computation says that there are too many.
pub(super) fn word_of(variable: Variable) -> u32 {
    SCRATCH_WORDS.saturating_sub(1).saturating_sub(variable.index())
}

fn scratch_needs(values: &Values) -> ScratchNeeds {
    // Nothing can be computed when there are more variables than words: not even what is stored in one.
    let words = SCRATCH_WORDS.checked_sub(values.variables());
    let least = u32::from(words.is_none());
    let mut needs = ScratchNeeds { needs: vec![least; values.len()], words };
    for (id, value) in values.iter() {
        let need = match value {
            Value::Const(_)
            | Value::WireLen
            | Value::Ancillary(_)
            | Value::IpHeaderLen(_)
            | Value::Variable(_)
            | Value::Given(_) => 0,
            Value::Neg(operand) => needs.of(operand),
            Value::Load(_, offset) => offset.base.map_or(0, |base| needs.of(base)),
            Value::Alu(_, left, right) if direct_into_x(values, right).is_some() => needs.of(left),
            Value::Alu(_, left, right) => pair_need(needs.of(left), needs.of(right)),
        };
        if let Some(slot) = needs.needs.get_mut(id.index()) {
            *slot = need.max(least);
        }
    }
    needs
}

/// Two operands: while the second is computed, the first waits in a word.
fn pair_need(one: u32, other: u32) -> u32 {
    one.max(other).max(one.min(other).saturating_add(1))
}

/// Makes the instructions of one node after the other.
pub(super) struct Selector<'v> {
    values: &'v Values,
    needs: ScratchNeeds,
    /// Whether what a register holds is used again.
    reuse: bool,
    /// What the registers hold behind the last instruction.
    pub(super) machine: Machine,
    pub(super) code: Vec<Insn>,
    /// Whether a number that was given in a register was looked for in vain.
    is_lost: bool,
}

/// What is left to do; the top of the stack comes next.
enum Step {
    /// A = value, with the scratch words from `free` on.
    Compute {
        value: ValueId,
        free: u32,
    },
    /// As it stands; then the registers hold this.
    Emit(Insn, Machine),
    /// A waits in a scratch word.
    Keep(u32),
    /// A comes back into A, or X.
    Back(u32, ValueId),
    BackIntoX(u32, ValueId),
    /// X = A = value.
    IntoX(ValueId),
    /// X = value by one instruction that leaves A alone.
    DirectIntoX(ValueId, Insn),
    /// A = value by one instruction, of what is in the registers now.
    IntoA(ValueId, Insn),
}

impl<'v> Selector<'v> {
    pub(super) fn new(values: &'v Values, reuse: bool) -> Self {
        let needs = scratch_needs(values);
        Self { values, needs, reuse, machine: Machine::default(), code: Vec::new(), is_lost: false }
    }

    /// A = value.
    pub(super) fn compute_into_a(&mut self, value: ValueId, origin: Origin) -> Result<(), TooComplex> {
        self.needs.check(self.needs.of(value), origin)?;
        self.run(vec![Step::Compute { value, free: 0 }]);
        self.all_found(origin)
    }

    /// X = value, and A is what it was if that is possible.
    pub(super) fn compute_into_x(&mut self, value: ValueId, origin: Origin) -> Result<(), TooComplex> {
        if self.holds_in_x(value) {
            return Ok(());
        }
        match direct_into_x(self.values, value) {
            Some(insn) if !self.holds_in_a(value) => self.run(vec![Step::DirectIntoX(value, insn)]),
            _ => {
                self.compute_into_a(value, origin)?;
                self.run(vec![Step::IntoX(value)]);
            }
        }
        Ok(())
    }

    /// A = left, X = right.
    pub(super) fn compute_both(
        &mut self,
        left: ValueId,
        right: ValueId,
        origin: Origin,
    ) -> Result<(), TooComplex> {
        let need = match direct_into_x(self.values, right) {
            Some(_) => self.needs.of(left),
            None => pair_need(self.needs.of(left), self.needs.of(right)),
        };
        self.needs.check(need, origin)?;
        let mut steps = Vec::new();
        self.push_pair(left, right, 0, &mut steps);
        self.run(steps);
        self.all_found(origin)
    }

    /// What is given in registers is not computed; the pass that gives it sees to it that it stays there.
    fn all_found(&self, origin: Origin) -> Result<(), TooComplex> {
        debug_assert!(!self.is_lost, "what was given in a register is still there");
        if self.is_lost { Err(self.needs.too_complex(origin)) } else { Ok(()) }
    }

    fn run(&mut self, mut steps: Vec<Step>) {
        while let Some(step) = steps.pop() {
            let before = self.machine;
            match step {
                Step::Compute { value, free } => self.compute(value, free, &mut steps),
                Step::Emit(insn, after) => self.emit(insn, after),
                Step::Keep(word) => self.emit(Insn::Store(word), before),
                Step::Back(word, value) => {
                    self.emit(Insn::LoadMem(word), before.with_a(value));
                }
                Step::BackIntoX(word, value) => {
                    self.emit(Insn::LoadXMem(word), before.with_x(value));
                }
                Step::IntoX(value) => {
                    self.emit(Insn::Tax, before.with_a(value).with_x(value));
                }
                Step::DirectIntoX(value, insn) => {
                    if !self.holds_in_x(value) {
                        self.emit(insn, before.with_x(value));
                    }
                }
                Step::IntoA(value, insn) => self.emit(insn, before.with_a(value)),
            }
        }
    }

    fn emit(&mut self, insn: Insn, after: Machine) {
        self.code.push(insn);
        self.machine = after;
    }

    fn holds_in_a(&self, value: ValueId) -> bool {
        self.reuse && self.machine.holds_in_a(self.values, value)
    }

    fn holds_in_x(&self, value: ValueId) -> bool {
        self.reuse && self.machine.holds_in_x(self.values, value)
    }

    fn compute(&mut self, value: ValueId, free: u32, steps: &mut Vec<Step>) {
        if self.holds_in_a(value) {
            return;
        }
        if self.holds_in_x(value) {
            steps.push(Step::Emit(Insn::Txa, self.machine.with_a(value)));
            return;
        }
        let simple = |insn| Step::IntoA(value, insn);
        if let Some(more) = self.more_than_in_a(value) {
            steps.push(simple(Insn::Alu { op: AluOp::Add, operand: Operand::K(more) }));
            return;
        }
        match self.values.get(value) {
            Value::Const(k) => steps.push(simple(Insn::LoadImm(k))),
            Value::WireLen => steps.push(simple(Insn::LoadLen)),
            Value::Ancillary(which) => {
                let offset = ANCILLARY_BASE.wrapping_add(which as u32);
                steps.push(simple(Insn::LoadAbs { size: Size::Word, offset }));
            }
            Value::IpHeaderLen(at) => {
                let both = self.machine.with_a(value).with_x(value);
                steps.push(Step::Emit(Insn::Txa, both));
                steps.push(Step::DirectIntoX(value, Insn::LoadXMsh(at)));
            }
            Value::Variable(variable) => steps.push(simple(Insn::LoadMem(word_of(variable)))),
            Value::Given(_) => self.is_lost = true,
            Value::Neg(operand) => {
                steps.push(simple(Insn::Neg));
                steps.push(Step::Compute { value: operand, free });
            }
            Value::Load(size, offset) => match offset.base {
                None => steps.push(simple(Insn::LoadAbs { size, offset: offset.constant })),
                Some(base) => {
                    steps.push(simple(Insn::LoadInd { size, offset: offset.constant }));
                    if self.holds_in_x(base) {
                        return;
                    }
                    match direct_into_x(self.values, base) {
                        Some(insn) if !self.holds_in_a(base) => {
                            steps.push(Step::DirectIntoX(base, insn));
                        }
                        _ => {
                            steps.push(Step::IntoX(base));
                            steps.push(Step::Compute { value: base, free });
                        }
                    }
                }
            },
            Value::Alu(op, left, right) => match constant_operand(self.values, op, right) {
                Some(k) => {
                    steps.push(simple(Insn::Alu { op, operand: Operand::K(k) }));
                    steps.push(Step::Compute { value: left, free });
                }
                None => {
                    steps.push(simple(Insn::Alu { op, operand: Operand::X }));
                    self.push_pair(left, right, free, steps);
                }
            },
        }
    }

    /// For the sum of something and a number how much it is more than what is in A, if that is such a sum, too.
    fn more_than_in_a(&self, value: ValueId) -> Option<u32> {
        let sum = |value| match self.values.get(value) {
            Value::Alu(AluOp::Add, left, right) => match self.values.get(right) {
                Value::Const(number) => Some((left, number)),
                _ => None,
            },
            _ => None,
        };
        let (left, number) = sum(value)?;
        let mut in_a = self.machine.in_a().into_iter().flatten().filter_map(sum);
        in_a.find(|(same, _)| self.reuse && *same == left).map(|(_, held)| number.wrapping_sub(held))
    }

    /// A = left and X = right: the operand that needs more comes first.
    fn push_pair(&self, left: ValueId, right: ValueId, free: u32, steps: &mut Vec<Step>) {
        let beyond = free.saturating_add(1);
        if let Some(insn) = direct_into_x(self.values, right) {
            steps.push(Step::DirectIntoX(right, insn));
            steps.push(Step::Compute { value: left, free });
        } else if spares_x(self.values, left) {
            steps.push(Step::Compute { value: left, free });
            steps.push(Step::IntoX(right));
            steps.push(Step::Compute { value: right, free });
        } else if self.needs.of(left) > self.needs.of(right) {
            steps.push(Step::Back(free, left));
            steps.push(Step::IntoX(right));
            steps.push(Step::Compute { value: right, free: beyond });
            steps.push(Step::Keep(free));
            steps.push(Step::Compute { value: left, free });
        } else {
            steps.push(Step::BackIntoX(free, right));
            steps.push(Step::Compute { value: left, free: beyond });
            steps.push(Step::Keep(free));
            steps.push(Step::Compute { value: right, free });
        }
    }
}

/// Whether computing a value never needs X.
pub(super) fn spares_x(values: &Values, mut value: ValueId) -> bool {
    loop {
        value = match values.get(value) {
            Value::Const(_)
            | Value::WireLen
            | Value::Ancillary(_)
            | Value::Variable(_)
            | Value::Load(_, Offset { base: None, .. }) => return true,
            Value::Load(..) | Value::IpHeaderLen(_) | Value::Given(_) => return false,
            Value::Neg(operand) => operand,
            Value::Alu(op, left, right) => match constant_operand(values, op, right) {
                Some(_) => left,
                None => return false,
            },
        };
    }
}

/// The one instruction that computes a value into X and leaves A alone, if there is one.
fn direct_into_x(values: &Values, value: ValueId) -> Option<Insn> {
    match values.get(value) {
        Value::Const(k) => Some(Insn::LoadXImm(k)),
        Value::WireLen => Some(Insn::LoadXLen),
        Value::IpHeaderLen(at) => Some(Insn::LoadXMsh(at)),
        Value::Variable(variable) => Some(Insn::LoadXMem(word_of(variable))),
        _ => None,
    }
}

/// The constant that an operation can hold itself. What verifiers refuse as a constant goes through X, where the
/// machine has an answer at run time.
fn constant_operand(values: &Values, op: AluOp, right: ValueId) -> Option<u32> {
    let Value::Const(k) = values.get(right) else { return None };
    match op {
        AluOp::Div | AluOp::Mod if k == 0 => None,
        AluOp::Lsh | AluOp::Rsh if k > 31 => None,
        _ => Some(k),
    }
}
