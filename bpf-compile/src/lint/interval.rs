//! What values a number can have, whatever the packet.

use alloc::vec::Vec;

use crate::syntax::ast::{Arith, ArithId, ArithKind, ArithOp, Ast, RelOp};

/// The values from `low` to `high` of which no bit is set outside of `bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low: u32,
    pub(super) high: u32,
    pub(super) bits: u32,
}

impl Interval {
    const ANY: Self = Self { low: 0, high: u32::MAX, bits: u32::MAX };

    const fn number(number: u32) -> Self {
        Self { low: number, high: number, bits: number }
    }

    fn range(low: u32, high: u32) -> Self {
        Self { low, high, bits: ones(high) }
    }

    /// The value, if there is only one.
    fn only(self) -> Option<u32> {
        (self.low == self.high).then_some(self.low)
    }

    fn has(self, number: u32) -> bool {
        (self.low..=self.high).contains(&number) && number & !self.bits == 0
    }
}

/// As many ones as the number has digits.
fn ones(number: u32) -> u32 {
    u32::MAX.checked_shr(number.leading_zeros()).unwrap_or_default()
}

/// For every number of the filter whether it may divide by zero, which rejects the packet.
pub(super) fn may_fail(ast: &Ast, intervals: &[Interval]) -> Vec<bool> {
    let mut fails: Vec<bool> = Vec::new();
    for (_, arith) in ast.ariths_after(0) {
        let of = |id: ArithId| fails.get(id.index()).copied().unwrap_or_default();
        let fail = match arith.kind {
            ArithKind::Number(_) | ArithKind::Len => false,
            ArithKind::Neg(operand) | ArithKind::Load { offset: operand, .. } => of(operand),
            ArithKind::Binary { op, left, right } => {
                let zero = intervals.get(right.index()).is_none_or(|divisor| divisor.low == 0);
                let divides = matches!(op, ArithOp::Div | ArithOp::Mod);
                (divides && zero) || of(left) || of(right)
            }
        };
        fails.push(fail);
    }
    fails
}

/// The values of every number of the filter.
pub(super) fn intervals(ast: &Ast) -> Vec<Interval> {
    let mut intervals: Vec<Interval> = Vec::new();
    for (_, arith) in ast.ariths_after(0) {
        let interval = of_arith(arith, &intervals);
        intervals.push(interval);
    }
    intervals
}

fn of_arith(arith: &Arith, known: &[Interval]) -> Interval {
    let of = |id: ArithId| known.get(id.index()).copied().unwrap_or(Interval::ANY);
    match arith.kind {
        ArithKind::Number(number) => Interval::number(number),
        ArithKind::Load { size: 1, .. } => Interval::range(0, 0xff),
        ArithKind::Load { size: 2, .. } => Interval::range(0, 0xffff),
        ArithKind::Len | ArithKind::Load { .. } => Interval::ANY,
        ArithKind::Neg(operand) => match of(operand).only() {
            Some(number) => Interval::number(number.wrapping_neg()),
            None => Interval::ANY,
        },
        ArithKind::Binary { op, left, right } => binary(op, of(left), of(right)).unwrap_or(Interval::ANY),
    }
}

/// `None` where a result may wrap, or the machine's answer is its own: a zero divisor, a shift too far.
fn binary(op: ArithOp, a: Interval, b: Interval) -> Option<Interval> {
    Some(match op {
        ArithOp::Add => Interval::range(a.low.checked_add(b.low)?, a.high.checked_add(b.high)?),
        ArithOp::Sub => Interval::range(a.low.checked_sub(b.high)?, a.high.checked_sub(b.low)?),
        ArithOp::Mul => Interval::range(a.low.checked_mul(b.low)?, a.high.checked_mul(b.high)?),
        ArithOp::Div => Interval::range(a.low.checked_div(b.high)?, a.high.checked_div(b.low)?),
        ArithOp::Mod => {
            let (Some(one), Some(other)) = (a.only(), b.only()) else {
                b.low.checked_sub(1)?;
                return Some(Interval::range(0, a.high.min(b.high.checked_sub(1)?)));
            };
            Interval::number(one.checked_rem(other)?)
        }
        ArithOp::And => match (a.only(), b.only()) {
            (Some(one), Some(other)) => Interval::number(one & other),
            _ => {
                let bits = a.bits & b.bits;
                Interval { low: 0, high: a.high.min(b.high).min(bits), bits }
            }
        },
        ArithOp::Or => match (a.only(), b.only()) {
            (Some(one), Some(other)) => Interval::number(one | other),
            _ => Interval { low: a.low.max(b.low), high: a.bits | b.bits, bits: a.bits | b.bits },
        },
        ArithOp::Xor => match (a.only(), b.only()) {
            (Some(one), Some(other)) => Interval::number(one ^ other),
            _ => Interval { low: 0, high: a.bits | b.bits, bits: a.bits | b.bits },
        },
        ArithOp::Shl => {
            let places = b.only().filter(|&places| places < 32)?;
            let factor = 1_u32.checked_shl(places)?;
            let (low, high) = (a.low.checked_mul(factor)?, a.high.checked_mul(factor)?);
            Interval { low, high, bits: ones(high) & a.bits.checked_shl(places)? }
        }
        ArithOp::Shr => {
            let places = b.only().filter(|&places| places < 32)?;
            Interval { low: a.low >> places, high: a.high >> places, bits: a.bits >> places }
        }
    })
}

/// Whether the relation always or never holds; `None` if it depends on the packet.
pub(super) fn decided(op: RelOp, a: Interval, b: Interval) -> Option<bool> {
    match op {
        RelOp::Eq => equal(a, b),
        RelOp::Ne => equal(a, b).map(|equal| !equal),
        RelOp::Gt => greater(a, b),
        RelOp::Le => greater(a, b).map(|greater| !greater),
        RelOp::Lt => greater(b, a),
        RelOp::Ge => greater(b, a).map(|less| !less),
    }
}

fn equal(a: Interval, b: Interval) -> Option<bool> {
    match (a.only(), b.only()) {
        (Some(one), Some(other)) => Some(one == other),
        (Some(one), None) if !b.has(one) => Some(false),
        (None, Some(other)) if !a.has(other) => Some(false),
        _ if a.high < b.low || b.high < a.low => Some(false),
        _ => None,
    }
}

fn greater(a: Interval, b: Interval) -> Option<bool> {
    if a.low > b.high {
        Some(true)
    } else if a.high <= b.low {
        Some(false)
    } else {
        None
    }
}
