//! Remainders by a divisor that stays the same, without dividing.
//!
//! With `inverse = floor((2^64 - 1) / d)`, `n * inverse / 2^64` is above `n/d - 1 - n/2^64` and at most `n/d`: rounded down it
//! is the quotient or one less, for every n. So one subtraction at most puts it right.

/// A divisor and its inverse. Divided by 0, nothing is left over, but the number itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modulus {
    divisor: u64,
    inverse: u64,
}

impl Modulus {
    pub(crate) const fn new(divisor: u64) -> Self {
        let inverse = match u64::MAX.checked_div(divisor) {
            Some(inverse) => inverse,
            None => 0,
        };
        Self { divisor, inverse }
    }

    /// What is left of a number.
    #[inline]
    pub(crate) const fn of(self, number: u64) -> u64 {
        // A product of two 64-bit numbers fits; its upper half is 64 bits.
        let quotient = ((number as u128).wrapping_mul(self.inverse as u128) >> 64) as u64;
        let rest = number.wrapping_sub(quotient.wrapping_mul(self.divisor));
        if rest >= self.divisor { rest.wrapping_sub(self.divisor) } else { rest }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Modulus;
    use proptest::prelude::*;

    #[test]
    fn the_remainder_is_right_at_every_border() {
        for divisor in (1..200).chain([1 << 24, (1 << 24) - 1, 1 << 32, u64::MAX]) {
            for quotient in [0, 1, 2, u64::MAX / divisor] {
                for number in [-1_i64, 0, 1] {
                    let number = (quotient.wrapping_mul(divisor)).wrapping_add_signed(number);
                    assert_eq!(Modulus::new(divisor).of(number), number % divisor, "{number} % {divisor}");
                }
            }
            assert_eq!(Modulus::new(divisor).of(u64::MAX), u64::MAX % divisor);
        }
    }

    #[test]
    fn by_zero_the_number_stays() {
        assert_eq!(Modulus::new(0).of(77), 77);
    }

    proptest! {
        #[test]
        fn the_remainder_is_that_of_the_division(divisor in 1_u64..=1 << 24, number: u64) {
            prop_assert_eq!(Modulus::new(divisor).of(number), number % divisor);
        }
    }
}
