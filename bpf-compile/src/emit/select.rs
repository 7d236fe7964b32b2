//! Instructions for values.
//!
//! A, X and the scratch words are enough for any tree of operations of depth 2^16: of two operands the one that
//! needs more scratch words is computed first (the Sethi-Ullman order), and only the other one waits in a word.
//! Evaluation order within a branch is free: whatever fails, the packet is rejected.

use alloc::vec;
use alloc::vec::Vec;

use bpf_core::{AluOp, Insn, Operand, SCRATCH_WORDS};

use super::Origin;
use crate::graph::{Value, ValueId, Values};

/// A value needs more scratch words than the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooComplex {
    /// The words of the filter that ask for it.
    pub origin: Origin,
}

/// How many scratch words the computation of each value needs.
pub(super) struct ScratchNeeds(Vec<u32>);

impl ScratchNeeds {
    fn of(&self, id: ValueId) -> u32 {
        self.0.get(id.index()).copied().unwrap_or_default()
    }
}

pub(super) fn scratch_needs(values: &Values) -> ScratchNeeds {
    let mut needs = ScratchNeeds(vec![0; values.len()]);
    for (id, value) in values.iter() {
        let need = match value {
            Value::Const(_) | Value::WireLen | Value::IpHeaderLen(_) => 0,
            Value::Neg(operand) => needs.of(operand),
            Value::Load(_, offset) => offset.base.map_or(0, |base| needs.of(base)),
            Value::Alu(_, left, right) if direct_into_x(values, right).is_some() => needs.of(left),
            Value::Alu(_, left, right) => pair_need(needs.of(left), needs.of(right)),
        };
        if let Some(slot) = needs.0.get_mut(id.index()) {
            *slot = need;
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
    if needs.of(value) > SCRATCH_WORDS {
        return Err(TooComplex { origin });
    }
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
    if need > SCRATCH_WORDS {
        return Err(TooComplex { origin });
    }
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
        Value::IpHeaderLen(at) => {
            steps.push(Step::Emit(Insn::Txa));
            steps.push(Step::Emit(Insn::LoadXMsh(at)));
        }
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
