//! Arithmetic that can be done now is done, and tests are said in one way.
//!
//! ```text
//!   tcp[13] & (2 | 1) != 0        bits 3 of [x + 27]
//!   len - 14 = 46                 len == 60
//!   (ip[1] & 0xfc) >> 2 = 46      [15] & 0xfc == 184
//!   80 < tcp[2:2]                 [x + 16] > 80
//! ```
//!
//! Invariant: every load stays that could reject the packet, and every division; only operations that always have a result go.

use alloc::vec::Vec;

use bpf_core::verify::OFFSET_MAX;

use crate::graph::{AluOp, Cond, Graph, Node, Offset, Size, Test, Value, ValueId, Values};

/// Folds the values of every node.
pub(super) fn run(graph: &mut Graph, values: &mut Values) {
    let fold = Fold::of(values);
    for id in graph.ids() {
        let node = match graph.node(id) {
            Node::Branch { test, yes, no } => {
                let test = Test { left: fold.value(test.left), right: fold.value(test.right), ..test };
                match said(values, test) {
                    Said { test, is_opposite: false } => Node::Branch { test, yes, no },
                    Said { test, is_opposite: true } => Node::Branch { test, yes: no, no: yes },
                }
            }
            Node::Store { mut store, next } => {
                store.value = fold.value(store.value);
                Node::Store { store, next }
            }
            Node::Give { mut gift, next } => {
                gift.value = fold.value(gift.value);
                Node::Give { gift, next }
            }
            Node::Again(_) | Node::Verdict(_) => continue,
        };
        graph.set(id, node);
    }
}

/// For each value the one that stands for it.
struct Fold {
    new: Vec<ValueId>,
}

impl Fold {
    fn of(values: &mut Values) -> Self {
        let mut fold = Self { new: Vec::with_capacity(values.len()) };
        let old: Vec<Value> = values.iter().map(|(_, value)| value).collect();
        // Operands come before what is computed from them.
        for value in old {
            let value = match value {
                Value::Alu(op, left, right) => Value::Alu(op, fold.value(left), fold.value(right)),
                Value::Neg(operand) => Value::Neg(fold.value(operand)),
                Value::Load(size, Offset { base: Some(base), constant }) => {
                    Value::Load(size, Offset { base: Some(fold.value(base)), constant })
                }
                simple => simple,
            };
            let new = simplified(values, value);
            fold.new.push(new);
        }
        fold
    }

    fn value(&self, old: ValueId) -> ValueId {
        self.new.get(old.index()).copied().unwrap_or(old)
    }
}

/// The value, or a simpler one that is always the same. Its operands are simple already.
fn simplified(values: &mut Values, value: Value) -> ValueId {
    match value {
        Value::Neg(operand) => match values.get(operand) {
            Value::Const(number) => values.constant(number.wrapping_neg()),
            _ => values.intern(value),
        },
        Value::Load(size, Offset { base: Some(base), constant }) => {
            let at = moved(values, base, constant);
            values.intern(Value::Load(size, at))
        }
        Value::Alu(op, left, right) => match (values.get(left), values.get(right)) {
            (Value::Const(one), Value::Const(other)) => match computed(op, one, other) {
                Some(number) => values.constant(number),
                None => values.intern(value),
            },
            (Value::Const(_), _) if is_commutative(op) => simplified(values, Value::Alu(op, right, left)),
            (_, Value::Const(number)) => with_number(values, op, left, number),
            _ if op == AluOp::Or => {
                match little_endian(values, left, right).or(little_endian(values, right, left)) {
                    Some(at) => swapped(values, at),
                    None => values.intern(value),
                }
            }
            _ => values.intern(value),
        },
        _ => values.intern(value),
    }
}

/// An operation with a number.
fn with_number(values: &mut Values, op: AluOp, left: ValueId, number: u32) -> ValueId {
    let is_neutral = match op {
        AluOp::Add | AluOp::Sub | AluOp::Or | AluOp::Xor | AluOp::Lsh | AluOp::Rsh => number == 0,
        AluOp::Mul | AluOp::Div => number == 1,
        AluOp::And => bits(values, left) & !number == 0,
        AluOp::Mod => false,
    };
    if is_neutral {
        return left;
    }
    // Two numbers in a row are one.
    if let Value::Alu(inner_op, inner, inner_number) = values.get(left)
        && let Value::Const(inner_number) = values.get(inner_number)
    {
        let joined = match (inner_op, op) {
            (AluOp::Add, AluOp::Add) => Some((AluOp::Add, inner_number.wrapping_add(number))),
            (AluOp::Add, AluOp::Sub) => Some((AluOp::Add, inner_number.wrapping_sub(number))),
            (AluOp::Sub, AluOp::Sub) => Some((AluOp::Sub, inner_number.wrapping_add(number))),
            (AluOp::Sub, AluOp::Add) => Some((AluOp::Sub, inner_number.wrapping_sub(number))),
            (AluOp::And, AluOp::And) => Some((AluOp::And, inner_number & number)),
            (AluOp::Or, AluOp::Or) => Some((AluOp::Or, inner_number | number)),
            (AluOp::Xor, AluOp::Xor) => Some((AluOp::Xor, inner_number ^ number)),
            (AluOp::Lsh, AluOp::Lsh) => sum_of_shifts(inner_number, number).map(|sum| (AluOp::Lsh, sum)),
            (AluOp::Rsh, AluOp::Rsh) => sum_of_shifts(inner_number, number).map(|sum| (AluOp::Rsh, sum)),
            _ => None,
        };
        if let Some((op, number)) = joined {
            return with_number(values, op, inner, number);
        }
    }
    let number = values.constant(number);
    values.intern(Value::Alu(op, left, number))
}

/// Where two bytes are that are put together with the second one first.
fn little_endian(values: &Values, high: ValueId, low: ValueId) -> Option<Offset> {
    let Value::Alu(AluOp::Lsh, high, eight) = values.get(high) else { return None };
    match (values.get(high), values.get(eight), values.get(low)) {
        (Value::Load(Size::Byte, second), Value::Const(8), Value::Load(Size::Byte, first))
            if second.base == first.base && first.constant.checked_add(1) == Some(second.constant) =>
        {
            Some(first)
        }
        _ => None,
    }
}

/// The two bytes at a place, the second one first: an instruction less than to load each, and X is not needed. Twice the number
/// side by side has them in that order in the middle.
fn swapped(values: &mut Values, at: Offset) -> ValueId {
    let both = values.load(Size::Half, at);
    let twice = values.constant(0x1_0001);
    let twice = values.intern(Value::Alu(AluOp::Mul, both, twice));
    let eight = values.constant(8);
    let middle = values.intern(Value::Alu(AluOp::Rsh, twice, eight));
    values.masked(middle, 0xffff)
}

/// What is left after both shifts stays within a word.
fn sum_of_shifts(one: u32, other: u32) -> Option<u32> {
    one.checked_add(other).filter(|sum| *sum < u32::BITS)
}

/// An offset whose base is a sum with a number, where the sum cannot wrap; the machine's own sum does not.
fn moved(values: &Values, base: ValueId, constant: u32) -> Offset {
    match values.get(base) {
        Value::Const(number) => match number.checked_add(constant) {
            // No verifier takes fixed places further on: some machines look for other things there.
            Some(sum) if sum <= OFFSET_MAX => Offset::at(sum),
            _ => Offset { base: Some(base), constant },
        },
        Value::Alu(AluOp::Add, inner, number) => match (values.get(number), bits(values, inner)) {
            (Value::Const(number), bits) if bits.checked_add(number).is_some() => {
                match number.checked_add(constant) {
                    Some(constant) if constant <= OFFSET_MAX => Offset { base: Some(inner), constant },
                    _ => Offset { base: Some(base), constant },
                }
            }
            _ => Offset { base: Some(base), constant },
        },
        _ => Offset { base: Some(base), constant },
    }
}

/// All bits that a value may have.
fn bits(values: &Values, value: ValueId) -> u32 {
    match values.get(value) {
        Value::Const(number) => number,
        Value::Load(Size::Byte, _) => 0xff,
        Value::Load(Size::Half, _) => 0xffff,
        Value::IpHeaderLen(_) => 0x3c,
        Value::Alu(AluOp::And, left, right) => match (values.get(left), values.get(right)) {
            (Value::Load(Size::Byte, _), Value::Const(mask)) => mask & 0xff,
            (Value::Load(Size::Half, _), Value::Const(mask)) => mask & 0xffff,
            (_, Value::Const(mask)) => mask,
            _ => u32::MAX,
        },
        _ => u32::MAX,
    }
}

/// A test, or its opposite.
struct Said {
    test: Test,
    is_opposite: bool,
}

impl Said {
    fn not(self) -> Self {
        Self { is_opposite: !self.is_opposite, ..self }
    }
}

/// A test in the one way in which it is said.
fn said(values: &mut Values, test: Test) -> Said {
    let plain = |test| Said { test, is_opposite: false };
    let Value::Const(number) = values.get(test.right) else {
        if !matches!(values.get(test.left), Value::Const(_)) {
            return plain(test);
        }
        let turned = |cond| Test { cond, left: test.right, right: test.left, ..test };
        return match test.cond {
            Cond::Eq | Cond::Set => said(values, turned(test.cond)),
            Cond::Gt => said(values, turned(Cond::Ge)).not(),
            Cond::Ge => said(values, turned(Cond::Gt)).not(),
        };
    };
    let mut with = |cond, left, number| Test { cond, left, right: values.constant(number), ..test };
    match (test.cond, number) {
        // Nothing is below 0.
        (Cond::Gt, 0) => {
            let test = with(Cond::Eq, test.left, 0);
            return said(values, test).not();
        }
        (Cond::Ge, 1) => {
            let test = with(Cond::Eq, test.left, 0);
            return said(values, test).not();
        }
        _ => {}
    }
    let Value::Alu(op, inner, operand) = values.get(test.left) else { return plain(test) };
    let Value::Const(operand) = values.get(operand) else { return plain(test) };
    let inner_bits = bits(values, inner);
    let mut with = |cond, left, number| Test { cond, left, right: values.constant(number), ..test };
    match (test.cond, op) {
        // All numbers from this one on have these upper bits.
        (Cond::Eq, AluOp::And) if number != 0 && is_last_block(inner_bits, operand, number) => {
            plain(with(Cond::Ge, inner, number))
        }
        (Cond::Eq, AluOp::And) if number == 0 => plain(with(Cond::Set, inner, operand)).not(),
        (Cond::Eq, AluOp::And) if number == operand && operand.is_power_of_two() => {
            plain(with(Cond::Set, inner, operand))
        }
        (Cond::Set, AluOp::And) if operand & number != 0 => {
            let test = with(Cond::Set, inner, operand & number);
            said(values, test)
        }
        (Cond::Eq, AluOp::Add) => {
            let test = with(Cond::Eq, inner, number.wrapping_sub(operand));
            said(values, test)
        }
        (Cond::Eq, AluOp::Sub) => {
            let test = with(Cond::Eq, inner, number.wrapping_add(operand));
            said(values, test)
        }
        (Cond::Eq, AluOp::Xor) => {
            let test = with(Cond::Eq, inner, number ^ operand);
            said(values, test)
        }
        (Cond::Eq, AluOp::Rsh) if shifted_back(number, operand).is_some() => {
            let kept = u32::MAX.checked_shl(operand).unwrap_or(0);
            let number = number.checked_shl(operand).unwrap_or(0);
            let left = with_number(values, AluOp::And, inner, kept);
            let right = values.constant(number);
            said(values, Test { left, right, ..test })
        }
        (Cond::Eq, AluOp::Lsh) if number.trailing_zeros() >= operand && operand < u32::BITS => {
            let kept = u32::MAX.checked_shr(operand).unwrap_or(0);
            let number = number.checked_shr(operand).unwrap_or(0);
            let left = with_number(values, AluOp::And, inner, kept);
            let right = values.constant(number);
            said(values, Test { left, right, ..test })
        }
        _ => plain(test),
    }
}

/// Whether a mask leaves the upper bits of a value, and all of them are set in the number.
fn is_last_block(bits: u32, mask: u32, number: u32) -> bool {
    let low = bits & !mask;
    (bits.wrapping_add(1) & bits) == 0 && (low.wrapping_add(1) & low) == 0 && number == bits & mask
}

/// A number that comes out of a shift to the right is that of the bits further left.
fn shifted_back(number: u32, shift: u32) -> Option<u32> {
    let back = number.checked_shl(shift)?;
    (back.checked_shr(shift)? == number).then_some(back)
}

fn is_commutative(op: AluOp) -> bool {
    matches!(op, AluOp::Add | AluOp::Mul | AluOp::And | AluOp::Or | AluOp::Xor)
}

/// Arithmetic as the machine does it; none where it rejects the packet.
pub(super) fn computed(op: AluOp, left: u32, right: u32) -> Option<u32> {
    Some(match op {
        AluOp::Add => left.wrapping_add(right),
        AluOp::Sub => left.wrapping_sub(right),
        AluOp::Mul => left.wrapping_mul(right),
        AluOp::Div => left.checked_div(right)?,
        AluOp::Mod => left.checked_rem(right)?,
        AluOp::And => left & right,
        AluOp::Or => left | right,
        AluOp::Xor => left ^ right,
        AluOp::Lsh => left.checked_shl(right).unwrap_or(0),
        AluOp::Rsh => left.checked_shr(right).unwrap_or(0),
    })
}
