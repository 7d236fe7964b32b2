//! Bits of a value that are known: from tests of some of them, whatever the mask.
//!
//! ```text
//!   v & 4 == 0,  v & 8 != 0      v & 12 == 8 holds
//!   v & 12 == 8                  v & 4 != 0 does not hold
//! ```

use crate::graph::{AluOp, Cond, Value, ValueId, Values};

/// Bits that are 0, and bits that are 1; of the others nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    zeros: u32,
    ones: u32,
}

/// A comparison of some bits of a value with a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitTest {
    pub(super) value: ValueId,
    mask: u32,
    cond: Cond,
    number: u32,
}

impl BitTest {
    /// A test with a number, if it is one of bits, or for equality.
    pub(super) fn of(values: &Values, cond: Cond, left: ValueId, number: u32) -> Option<Self> {
        if !matches!(cond, Cond::Eq | Cond::Set) {
            return None;
        }
        if let Value::Alu(AluOp::And, value, mask) = values.get(left)
            && let Value::Const(mask) = values.get(mask)
        {
            return Some(Self { value, mask, cond, number });
        }
        Some(Self { value: left, mask: u32::MAX, cond, number })
    }
}

impl Bits {
    /// What is known behind a test with this outcome. What cannot be is no knowledge: no packet comes there.
    pub(super) fn behind(self, test: &BitTest, holds: bool) -> Self {
        let Self { mut zeros, mut ones } = self;
        let BitTest { mask, number, .. } = *test;
        match (test.cond, holds) {
            (Cond::Eq, true) => {
                ones |= number;
                zeros |= mask & !number;
            }
            (Cond::Eq, false) => {
                // If all bits but one are as they are asked for, that one is not.
                let open = mask & !(zeros | ones);
                if open.is_power_of_two() && (ones ^ number) & mask & !open == 0 && number & !mask == 0 {
                    zeros |= number & open;
                    ones |= !number & open;
                }
            }
            (_, true) => {
                let open = number & mask & !zeros;
                if open.is_power_of_two() {
                    ones |= open;
                }
            }
            (_, false) => zeros |= number & mask,
        }
        if zeros & ones == 0 { Self { zeros, ones } } else { self }
    }

    /// The outcome of a test, if it is known.
    pub(super) fn decide(self, test: &BitTest) -> Option<bool> {
        let Self { zeros, ones } = self;
        let BitTest { mask, number, .. } = *test;
        match test.cond {
            Cond::Eq if ones & mask & !number != 0 || (zeros | !mask) & number != 0 => Some(false),
            Cond::Eq if mask & !(zeros | ones) == 0 => Some(true),
            Cond::Set if ones & mask & number != 0 => Some(true),
            Cond::Set if number & mask & !zeros == 0 => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Offset, Size};
    use proptest::prelude::*;

    proptest! {
        /// What is decided is so for every number that passed the tests before.
        #[test]
        fn what_is_decided_is_so(
            steps in prop::collection::vec((any::<bool>(), 0_u32..16, 0_u32..16), 1..8),
            number in 0_u32..16,
        ) {
            let mut values = Values::default();
            let load = values.load(Size::Byte, Offset::at(0));
            let mut bits = Bits::default();
            for (is_eq, mask, right) in steps {
                let left = values.masked(load, mask);
                let cond = if is_eq { Cond::Eq } else { Cond::Set };
                let outcome = match cond {
                    Cond::Eq => number & mask == right,
                    _ => number & mask & right != 0,
                };
                let test = BitTest::of(&values, cond, left, right).expect("a test of bits");
                prop_assert!(bits.decide(&test).is_none_or(|said| said == outcome));
                bits = bits.behind(&test, outcome);
                prop_assert_eq!(bits.ones & !number, 0);
                prop_assert_eq!(bits.zeros & number, 0);
            }
        }
    }

    #[test]
    fn both_bits_of_a_field_tell_the_field_and_the_field_tells_its_bits() {
        let mut values = Values::default();
        let load = values.load(Size::Byte, Offset::at(0));
        let field = values.masked(load, 12);
        let test = |cond, left, number| BitTest::of(&values, cond, left, number).expect("a test of bits");
        let (four, eight) = (test(Cond::Set, load, 4), test(Cond::Set, load, 8));
        let is_data = test(Cond::Eq, field, 8);
        let known = Bits::default().behind(&four, false).behind(&eight, true);
        assert_eq!(known.decide(&is_data), Some(true));
        assert_eq!(Bits::default().behind(&eight, false).decide(&is_data), Some(false));
        assert_eq!(Bits::default().behind(&is_data, true).decide(&four), Some(false));
        assert_eq!(Bits::default().behind(&four, false).behind(&is_data, false).decide(&eight), Some(false));
    }
}
