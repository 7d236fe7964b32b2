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
mod tests;
