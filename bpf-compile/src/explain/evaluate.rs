//! The meaning of a filter, asked of one packet: which of its statements hold.
//!
//! The program says only whether a packet matches. Here every statement that decides is evaluated by itself, in the
//! order of the text and no further than needed, as the graph would do it.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use bpf_core::{AluOp, Cond, Packet, Size};

use crate::graph::{Offset, Predicate, PredicateId, Predicates, Test, Value, ValueId, Values, Variable};
use crate::span::Span;

/// Which statements were looked at, and what came out.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether they hold.
    pub(super) holds: BTreeMap<PredicateId, bool>,
    /// The comparisons in order, each with its left number.
    pub(super) compared: Vec<(Test, u32)>,
    /// What ended it before there was an answer, and where: the packet is rejected there.
    pub(super) ended: Option<(Failed, Span)>,
}

/// Why a number cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// Bytes were not captured, or what is beside the packet is not known.
    Load,
    /// A division by zero.
    Division,
}

/// Asks `root` of a packet.
pub(super) fn evaluate<P: Packet>(
    predicates: &Predicates,
    values: &Values,
    root: PredicateId,
    packet: &P,
) -> Outcome {
    let variables = vec![0; values.variables() as usize];
    let mut evaluation = Evaluation { predicates, values, packet, variables };
    let mut outcome = Outcome::default();
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut next = Some(root);
    let mut last = false;
    loop {
        if let Some(id) = next.take() {
            let known = match evaluation.predicates.get(id) {
                Predicate::Constant(holds) => Some(*holds),
                Predicate::Test(test) => match evaluation.test(test) {
                    Ok((left, holds)) => {
                        outcome.compared.push((*test, left));
                        Some(holds)
                    }
                    Err(failed) => {
                        outcome.ended = Some((failed, test.origin));
                        return outcome;
                    }
                },
                Predicate::Store(store) => match evaluation.value(store.value) {
                    Ok(number) => {
                        evaluation.store(store.variable, number);
                        Some(true)
                    }
                    Err(failed) => {
                        outcome.ended = Some((failed, store.origin));
                        return outcome;
                    }
                },
                Predicate::Not(part) | Predicate::Run(part) => {
                    frames.push(Frame { id, rest: &[], kind: kind_of(evaluation.predicates.get(id)) });
                    next = Some(*part);
                    continue;
                }
                Predicate::Walk(walk) | Predicate::Again(walk) => {
                    frames.push(Frame { id, rest: &[], kind: kind_of(evaluation.predicates.get(id)) });
                    next = Some(evaluation.predicates.walk_body(*walk));
                    continue;
                }
                Predicate::All(parts) | Predicate::Any(parts) => {
                    let kind = kind_of(evaluation.predicates.get(id));
                    frames.push(Frame { id, rest: parts, kind });
                    last = kind == ListKind::All;
                    None
                }
            };
            if let Some(holds) = known {
                outcome.holds.insert(id, holds);
                last = holds;
            }
        }
        // `last` is what the part that was asked last came to, or what an empty list comes to.
        let Some(frame) = frames.last_mut() else { return outcome };
        let goes_on = match frame.kind {
            ListKind::All => last,
            ListKind::Any => !last,
            ListKind::Not | ListKind::Run => false,
        };
        match frame.rest.split_first() {
            Some((&part, rest)) if goes_on => {
                frame.rest = rest;
                next = Some(part);
            }
            _ => {
                last = match frame.kind {
                    ListKind::Not => !last,
                    ListKind::Run => true,
                    ListKind::All | ListKind::Any => last,
                };
                outcome.holds.insert(frame.id, last);
                frames.pop();
            }
        }
    }
}

/// A statement whose parts are being asked.
struct Frame<'a> {
    id: PredicateId,
    rest: &'a [PredicateId],
    kind: ListKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ListKind {
    All,
    Any,
    Not,
    Run,
}

const fn kind_of(predicate: &Predicate) -> ListKind {
    match predicate {
        Predicate::Any(_) => ListKind::Any,
        Predicate::Not(_) => ListKind::Not,
        Predicate::Run(_) => ListKind::Run,
        _ => ListKind::All,
    }
}

struct Evaluation<'a, P> {
    predicates: &'a Predicates,
    values: &'a Values,
    packet: &'a P,
    variables: Vec<u32>,
}

/// What is left to compute; the top of the stack comes next.
enum Work {
    Value(ValueId),
    Alu(AluOp),
    Neg,
    Load(Size, u32),
}

impl<P: Packet> Evaluation<'_, P> {
    /// The left number, and the answer.
    fn test(&self, test: &Test) -> Result<(u32, bool), Failed> {
        let (left, right) = (self.value(test.left)?, self.value(test.right)?);
        Ok((left, holds(test.cond, left, right)))
    }

    fn store(&mut self, variable: Variable, number: u32) {
        if let Some(slot) = self.variables.get_mut(variable.index() as usize) {
            *slot = number;
        }
    }

    fn value(&self, id: ValueId) -> Result<u32, Failed> {
        let mut work = vec![Work::Value(id)];
        let mut numbers: Vec<u32> = Vec::new();
        while let Some(next) = work.pop() {
            let number = match next {
                Work::Value(id) => match self.values.get(id) {
                    Value::Const(number) => number,
                    Value::WireLen => self.packet.wire_len(),
                    Value::Ancillary(which) => self.packet.ancillary(which).ok_or(Failed::Load)?,
                    Value::IpHeaderLen(at) => {
                        let byte = self.packet.load_u8(at).ok_or(Failed::Load)?;
                        u32::from(byte & 0xf).wrapping_mul(4)
                    }
                    Value::Variable(variable) => {
                        self.variables.get(variable.index() as usize).copied().unwrap_or_default()
                    }
                    // Only in optimized graphs: predicates know of no registers.
                    Value::Given(_) => 0,
                    Value::Load(size, Offset { base: None, constant }) => self.load(size, Some(constant))?,
                    Value::Load(size, Offset { base: Some(base), constant }) => {
                        work.extend([Work::Load(size, constant), Work::Value(base)]);
                        continue;
                    }
                    Value::Alu(op, left, right) => {
                        work.extend([Work::Alu(op), Work::Value(right), Work::Value(left)]);
                        continue;
                    }
                    Value::Neg(operand) => {
                        work.extend([Work::Neg, Work::Value(operand)]);
                        continue;
                    }
                },
                Work::Alu(op) => {
                    let (right, left) = (popped(&mut numbers), popped(&mut numbers));
                    alu(op, left, right).ok_or(Failed::Division)?
                }
                Work::Neg => popped(&mut numbers).wrapping_neg(),
                // As in the machine, the sum does not wrap.
                Work::Load(size, constant) => self.load(size, popped(&mut numbers).checked_add(constant))?,
            };
            numbers.push(number);
        }
        Ok(popped(&mut numbers))
    }

    fn load(&self, size: Size, at: Option<u32>) -> Result<u32, Failed> {
        let loaded = at.and_then(|at| match size {
            Size::Byte => self.packet.load_u8(at).map(u32::from),
            Size::Half => self.packet.load_u16(at).map(u32::from),
            Size::Word => self.packet.load_u32(at),
        });
        loaded.ok_or(Failed::Load)
    }
}

/// Operands are pushed before what is computed from them.
fn popped(numbers: &mut Vec<u32>) -> u32 {
    numbers.pop().unwrap_or_default()
}

/// Whether a comparison holds.
pub(super) const fn holds(cond: Cond, left: u32, right: u32) -> bool {
    match cond {
        Cond::Eq => left == right,
        Cond::Gt => left > right,
        Cond::Ge => left >= right,
        Cond::Set => left & right != 0,
    }
}

fn alu(op: AluOp, left: u32, right: u32) -> Option<u32> {
    match op {
        AluOp::Add => Some(left.wrapping_add(right)),
        AluOp::Sub => Some(left.wrapping_sub(right)),
        AluOp::Mul => Some(left.wrapping_mul(right)),
        AluOp::Div => left.checked_div(right),
        AluOp::Mod => left.checked_rem(right),
        AluOp::Or => Some(left | right),
        AluOp::And => Some(left & right),
        AluOp::Xor => Some(left ^ right),
        AluOp::Lsh => Some(left.checked_shl(right).unwrap_or(0)),
        AluOp::Rsh => Some(left.checked_shr(right).unwrap_or(0)),
    }
}
