//! What is known of a 32-bit value: that it lies between two bounds.
//!
//! Every function here is an upper bound of the machine's: if `a` and `b` hold the operands, the result holds the
//! machine's result. Where a result could wrap around, nothing is known of it.

use crate::insn::{AluOp, Cond};

/// The values from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The least.
    pub min: u32,
    /// The greatest; not less than `min`.
    pub max: u32,
}

impl Interval {
    /// Every value.
    pub const ANY: Self = Self { min: 0, max: u32::MAX };

    /// One value.
    #[must_use]
    pub const fn constant(value: u32) -> Self {
        Self { min: value, max: value }
    }

    /// The values from 0 on.
    #[must_use]
    pub const fn up_to(max: u32) -> Self {
        Self { min: 0, max }
    }

    /// The value, if it is only one.
    #[must_use]
    pub const fn as_constant(self) -> Option<u32> {
        if self.min == self.max { Some(self.min) } else { None }
    }

    /// Whether the value is one of these.
    #[must_use]
    pub const fn contains(self, value: u32) -> bool {
        self.min <= value && value <= self.max
    }

    /// The least interval with the values of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// `None` if `min` is above `max`: no value.
    fn of(min: u32, max: u32) -> Option<Self> {
        (min <= max).then_some(Self { min, max })
    }

    /// 0 - self.
    pub(super) fn negated(self) -> Self {
        if self.min == 0 && self.max != 0 {
            return Self::ANY;
        }
        Self { min: self.max.wrapping_neg(), max: self.min.wrapping_neg() }
    }

    /// `None`: the divisor is 0 for certain, the program ends.
    pub(super) fn arithmetic(op: AluOp, a: Self, b: Self) -> Option<Self> {
        let exact = |min: Option<u32>, max: Option<u32>| match (min, max) {
            (Some(min), Some(max)) => Self { min, max },
            _ => Self::ANY,
        };
        Some(match op {
            AluOp::Add => exact(a.min.checked_add(b.min), a.max.checked_add(b.max)),
            AluOp::Sub => exact(a.min.checked_sub(b.max), a.max.checked_sub(b.min)),
            AluOp::Mul => exact(a.min.checked_mul(b.min), a.max.checked_mul(b.max)),
            AluOp::Div => Self { min: a.min.checked_div(b.max)?, max: a.max.checked_div(b.min.max(1))? },
            AluOp::Mod => match (a.as_constant(), b.as_constant()) {
                (Some(a), Some(b)) => Self::constant(a.checked_rem(b)?),
                _ if a.max < b.min => a,
                _ => Self::up_to(a.max.min(b.max.checked_sub(1)?)),
            },
            AluOp::And => match (a.as_constant(), b.as_constant()) {
                (Some(a), Some(b)) => Self::constant(a & b),
                _ => Self::up_to(a.max.min(b.max)),
            },
            AluOp::Or => match (a.as_constant(), b.as_constant()) {
                (Some(a), Some(b)) => Self::constant(a | b),
                _ => Self { min: a.min.max(b.min), max: ones(a.max | b.max) },
            },
            AluOp::Xor => match (a.as_constant(), b.as_constant()) {
                (Some(a), Some(b)) => Self::constant(a ^ b),
                _ => Self::up_to(ones(a.max | b.max)),
            },
            AluOp::Lsh => shifted_up(a, b),
            AluOp::Rsh => Self { min: shifted_down(a.min, b.max), max: shifted_down(a.max, b.min) },
        })
    }

    /// What is known of the two sides of a comparison once it is known how it came out; `None` if it cannot come out
    /// so.
    pub(super) fn decided(cond: Cond, holds: bool, a: Self, b: Self) -> Option<(Self, Self)> {
        match (cond, holds) {
            (Cond::Eq, true) => {
                let both = Self::of(a.min.max(b.min), a.max.min(b.max))?;
                Some((both, both))
            }
            (Cond::Eq, false) => match b.as_constant() {
                Some(value) => Some((a.without(value)?, b)),
                None => Some((a, b)),
            },
            (Cond::Gt, true) => {
                let a_above = Self::of(a.min.max(b.min.checked_add(1)?), a.max)?;
                let b_below = Self::of(b.min, b.max.min(a.max.checked_sub(1)?))?;
                Some((a_above, b_below))
            }
            (Cond::Ge, true) => {
                Some((Self::of(a.min.max(b.min), a.max)?, Self::of(b.min, b.max.min(a.max))?))
            }
            (Cond::Gt, false) => Self::decided(Cond::Ge, true, b, a).map(|(b, a)| (a, b)),
            (Cond::Ge, false) => Self::decided(Cond::Gt, true, b, a).map(|(b, a)| (a, b)),
            (Cond::Set, true) => {
                let cannot = matches!((a.as_constant(), b.as_constant()), (Some(a), Some(b)) if a & b == 0);
                if cannot {
                    return None;
                }
                Some((Self::of(a.min.max(1), a.max)?, Self::of(b.min.max(1), b.max)?))
            }
            (Cond::Set, false) => match (a.as_constant(), b.as_constant()) {
                (Some(a), Some(b)) if a & b != 0 => None,
                // A has only bits that the mask has not.
                (_, Some(mask)) => Some((Self::of(a.min, a.max.min(!mask))?, b)),
                _ => Some((a, b)),
            },
        }
    }

    /// Without one value, where that can be said with two bounds.
    fn without(self, value: u32) -> Option<Self> {
        if self.min == value {
            Self::of(value.checked_add(1)?, self.max)
        } else if self.max == value {
            Self::of(self.min, value.checked_sub(1)?)
        } else {
            Some(self)
        }
    }
}

/// The greatest number with no more binary digits.
fn ones(value: u32) -> u32 {
    u32::MAX.checked_shr(value.leading_zeros()).unwrap_or(0)
}

/// The machine's shift: 0 from 32 on.
fn shifted_down(value: u32, by: u32) -> u32 {
    value.checked_shr(by).unwrap_or(0)
}

fn shifted_up(a: Interval, b: Interval) -> Interval {
    if b.min > 31 || a.max == 0 {
        return Interval::constant(0);
    }
    // As long as no bit is lost; beyond that small and large results mix.
    if b.max > a.max.leading_zeros() {
        return Interval::ANY;
    }
    let up = |value: u32, by: u32| value.checked_shl(by).unwrap_or(0);
    Interval { min: up(a.min, b.min), max: up(a.max, b.max) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPS: [AluOp; 10] = [
        AluOp::Add,
        AluOp::Sub,
        AluOp::Mul,
        AluOp::Div,
        AluOp::Mod,
        AluOp::Or,
        AluOp::And,
        AluOp::Xor,
        AluOp::Lsh,
        AluOp::Rsh,
    ];
    const CONDS: [Cond; 4] = [Cond::Eq, Cond::Gt, Cond::Ge, Cond::Set];

    /// Written from the machine's description, not from the interpreter.
    fn machine(op: AluOp, a: u32, b: u32) -> Option<u32> {
        let wide = |value: u64| u32::try_from(value & 0xffff_ffff).unwrap();
        let (x, y) = (u64::from(a), u64::from(b));
        Some(match op {
            AluOp::Add => wide(x + y),
            AluOp::Sub => wide(x + (1 << 32) - y),
            AluOp::Mul => wide(x * y),
            AluOp::Div if b == 0 => return None,
            AluOp::Mod if b == 0 => return None,
            AluOp::Div => a / b,
            AluOp::Mod => a % b,
            AluOp::Or => a | b,
            AluOp::And => a & b,
            AluOp::Xor => a ^ b,
            AluOp::Lsh => {
                if b < 32 {
                    wide(x << b)
                } else {
                    0
                }
            }
            AluOp::Rsh => {
                if b < 32 {
                    a >> b
                } else {
                    0
                }
            }
        })
    }

    fn compare(cond: Cond, a: u32, b: u32) -> bool {
        match cond {
            Cond::Eq => a == b,
            Cond::Gt => a > b,
            Cond::Ge => a >= b,
            Cond::Set => a & b != 0,
        }
    }

    /// Values of all sizes, not only large ones.
    fn value() -> impl Strategy<Value = u32> {
        (any::<u32>(), 0_u32..33).prop_map(|(value, shift)| value.checked_shr(shift).unwrap_or(0))
    }

    /// An interval and a value in it.
    fn holding() -> impl Strategy<Value = (Interval, u32)> {
        (value(), value(), value(), any::<bool>()).prop_map(|(a, b, c, single)| {
            let mut sorted = [a, b, c];
            sorted.sort_unstable();
            let [min, inside, max] = sorted;
            if single { (Interval::constant(inside), inside) } else { (Interval { min, max }, inside) }
        })
    }

    fn check(a: (Interval, u32), b: (Interval, u32)) {
        for op in OPS {
            if let Some(result) = machine(op, a.1, b.1) {
                let bounds = Interval::arithmetic(op, a.0, b.0);
                assert!(
                    bounds.is_some_and(|i| i.min <= i.max && i.contains(result)),
                    "{op:?} {a:?} {b:?} {bounds:?}"
                );
            }
        }
        let negated = a.0.negated();
        assert!(negated.contains(0_u32.wrapping_sub(a.1)), "neg {a:?} {negated:?}");
        for cond in CONDS {
            let known = Interval::decided(cond, compare(cond, a.1, b.1), a.0, b.0);
            assert!(
                known.is_some_and(|(x, y)| x.contains(a.1) && y.contains(b.1)),
                "{cond:?} {a:?} {b:?} {known:?}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn results_lie_within_their_bounds(a in holding(), b in holding()) {
            check(a, b);
        }
    }

    #[test]
    fn results_lie_within_their_bounds_for_all_small_intervals_and_those_at_the_borders() {
        let points = [0, 1, 2, 3, 4, 5, 31, 32, 33, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX];
        let mut all = std::vec::Vec::new();
        for (i, &min) in points.iter().enumerate() {
            for &max in &points[i..] {
                let inside = points.iter().filter(|&&p| min <= p && p <= max);
                all.extend(inside.map(|&p| (Interval { min, max }, p)));
            }
        }
        for &a in &all {
            for &b in &all {
                check(a, b);
            }
        }
    }

    #[test]
    fn bounds_are_exact_where_nothing_wraps() {
        let (a, b) = (Interval { min: 10, max: 20 }, Interval { min: 2, max: 4 });
        let is = |op, min, max| assert_eq!(Interval::arithmetic(op, a, b), Some(Interval { min, max }));
        is(AluOp::Add, 12, 24);
        is(AluOp::Sub, 6, 18);
        is(AluOp::Mul, 20, 80);
        is(AluOp::Div, 2, 10);
        is(AluOp::Lsh, 40, 320);
        is(AluOp::Rsh, 0, 5);
        is(AluOp::Mod, 0, 3);
        is(AluOp::And, 0, 4);
        is(AluOp::Or, 10, 31);
    }

    #[test]
    fn what_is_decided_before_cannot_come_out_otherwise() {
        let (low, high) = (Interval::up_to(9), Interval { min: 10, max: 20 });
        assert_eq!(Interval::decided(Cond::Gt, true, low, high), None);
        assert_eq!(Interval::decided(Cond::Ge, true, low, high), None);
        assert_eq!(Interval::decided(Cond::Gt, false, high, low), None);
        assert_eq!(Interval::decided(Cond::Eq, true, low, high), None);
        assert_eq!(Interval::decided(Cond::Eq, false, Interval::constant(3), Interval::constant(3)), None);
        assert_eq!(Interval::decided(Cond::Set, true, Interval::constant(0), high), None);
        let masked = Interval::decided(Cond::Set, false, Interval::ANY, Interval::constant(0xffff_fff0));
        assert_eq!(masked.map(|(a, _)| a), Some(Interval::up_to(15)));
    }
}
