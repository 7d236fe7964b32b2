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
use crate::graph::{Value, ValueId, Values, Variable};

/// A value needs more scratch words than the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooComplex {
    /// The words of the filter that ask for it.
    pub origin: Origin,
}

/// How many scratch words the computation of each value needs, and how many are left for that beside the variables.
pub(super) struct ScratchNeeds {
    needs: Vec<u32>,
    words: u32,
}

impl ScratchNeeds {
    fn of(&self, id: ValueId) -> u32 {
        self.needs.get(id.index()).copied().unwrap_or_default()
    }

    fn check(&self, need: u32, origin: Origin) -> Result<(), TooComplex> {
        if need > self.words { Err(TooComplex { origin }) } else { Ok(()) }
    }
}

/// The scratch word of a variable. Of more than there are words, every computation says that there are too many.
pub(super) fn word_of(variable: Variable) -> u32 {
    SCRATCH_WORDS.saturating_sub(1).saturating_sub(variable.index())
}

pub(super) fn scratch_needs(values: &Values) -> ScratchNeeds {
    // Nothing can be computed when there are more variables than words: not even what is stored in one.
    let words = SCRATCH_WORDS.checked_sub(values.variables());
    let least = u32::from(words.is_none());
    let mut needs = ScratchNeeds { needs: vec![least; values.len()], words: words.unwrap_or_default() };
    for (id, value) in values.iter() {
        let need = match value {
            Value::Const(_)
            | Value::WireLen
            | Value::Ancillary(_)
            | Value::IpHeaderLen(_)
            | Value::Variable(_) => 0,
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

/// A = value.
pub(super) fn into_a(
    values: &Values,
    needs: &ScratchNeeds,
    value: ValueId,
    origin: Origin,
    code: &mut Vec<Insn>,
) -> Result<(), TooComplex> {
    needs.check(needs.of(value), origin)?;
    run(values, needs, vec![Step::Compute { value, free: 0 }], code);
    Ok(())
}

/// A = left, X = right.
pub(super) fn into_a_and_x(
    values: &Values,
    needs: &ScratchNeeds,
    left: ValueId,
    right: ValueId,
    origin: Origin,
    code: &mut Vec<Insn>,
) -> Result<(), TooComplex> {
    let need = match direct_into_x(values, right) {
        Some(_) => needs.of(left),
        None => pair_need(needs.of(left), needs.of(right)),
    };
    needs.check(need, origin)?;
    let mut steps = Vec::new();
    push_pair(values, needs, left, right, 0, &mut steps);
    run(values, needs, steps, code);
    Ok(())
}

/// What is left to do; the top of the stack comes next.
enum Step {
    /// A = value, with the scratch words from `free` on.
    Compute { value: ValueId, free: u32 },
    /// As it stands.
    Emit(Insn),
}

fn run(values: &Values, needs: &ScratchNeeds, mut steps: Vec<Step>, code: &mut Vec<Insn>) {
    while let Some(step) = steps.pop() {
        match step {
            Step::Emit(insn) => code.push(insn),
            Step::Compute { value, free } => compute(values, needs, value, free, &mut steps),
        }
    }
}

fn compute(values: &Values, needs: &ScratchNeeds, value: ValueId, free: u32, steps: &mut Vec<Step>) {
    match values.get(value) {
        Value::Const(k) => steps.push(Step::Emit(Insn::LoadImm(k))),
        Value::WireLen => steps.push(Step::Emit(Insn::LoadLen)),
        Value::Ancillary(which) => {
            let offset = ANCILLARY_BASE.wrapping_add(which as u32);
            steps.push(Step::Emit(Insn::LoadAbs { size: Size::Word, offset }));
        }
        Value::IpHeaderLen(at) => {
            steps.push(Step::Emit(Insn::Txa));
            steps.push(Step::Emit(Insn::LoadXMsh(at)));
        }
        Value::Variable(variable) => steps.push(Step::Emit(Insn::LoadMem(word_of(variable)))),
        Value::Neg(operand) => {
            steps.push(Step::Emit(Insn::Neg));
            steps.push(Step::Compute { value: operand, free });
        }
        Value::Load(size, offset) => match offset.base {
            None => steps.push(Step::Emit(Insn::LoadAbs { size, offset: offset.constant })),
            Some(base) => {
                steps.push(Step::Emit(Insn::LoadInd { size, offset: offset.constant }));
                match direct_into_x(values, base) {
                    Some(insn) => steps.push(Step::Emit(insn)),
                    None => {
                        steps.push(Step::Emit(Insn::Tax));
                        steps.push(Step::Compute { value: base, free });
                    }
                }
            }
        },
        Value::Alu(op, left, right) => match constant_operand(values, op, right) {
            Some(k) => {
                steps.push(Step::Emit(Insn::Alu { op, operand: Operand::K(k) }));
                steps.push(Step::Compute { value: left, free });
            }
            None => {
                steps.push(Step::Emit(Insn::Alu { op, operand: Operand::X }));
                push_pair(values, needs, left, right, free, steps);
            }
        },
    }
}

/// A = left and X = right: the operand that needs more comes first.
fn push_pair(
    values: &Values,
    needs: &ScratchNeeds,
    left: ValueId,
    right: ValueId,
    free: u32,
    steps: &mut Vec<Step>,
) {
    let beyond = free.saturating_add(1);
    if let Some(insn) = direct_into_x(values, right) {
        steps.push(Step::Emit(insn));
        steps.push(Step::Compute { value: left, free });
    } else if needs.of(left) > needs.of(right) {
        steps.push(Step::Emit(Insn::LoadMem(free)));
        steps.push(Step::Emit(Insn::Tax));
        steps.push(Step::Compute { value: right, free: beyond });
        steps.push(Step::Emit(Insn::Store(free)));
        steps.push(Step::Compute { value: left, free });
    } else {
        steps.push(Step::Emit(Insn::LoadXMem(free)));
        steps.push(Step::Compute { value: left, free: beyond });
        steps.push(Step::Emit(Insn::Store(free)));
        steps.push(Step::Compute { value: right, free });
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
