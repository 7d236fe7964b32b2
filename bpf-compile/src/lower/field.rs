//! The tests that everything else is made of.

use crate::graph::{Cond, Offset, PredicateId, Size, Test, ValueId};

use crate::syntax::ast::RelOp;

use super::Lowering;
use super::arith::machine_cond;

impl Lowering<'_> {
    /// A value against a number.
    pub(super) fn compare(&mut self, cond: Cond, left: ValueId, right: u32) -> PredicateId {
        let right = self.values.constant(right);
        self.compare_values(cond, left, right)
    }

    /// A value against a value.
    pub(super) fn compare_values(&mut self, cond: Cond, left: ValueId, right: ValueId) -> PredicateId {
        self.predicates.test(Test { cond, left, right, origin: self.origin })
    }

    /// A field of the packet against a number.
    pub(super) fn field(&mut self, cond: Cond, size: Size, at: Offset, number: u32) -> PredicateId {
        let value = self.values.load(size, at);
        self.compare(cond, value, number)
    }

    /// A value in any relation to a number.
    pub(super) fn related(&mut self, op: RelOp, value: ValueId, number: u32) -> PredicateId {
        let (cond, negated) = machine_cond(op);
        let test = self.compare(cond, value, number);
        if negated { self.predicates.not(test) } else { test }
    }

    /// A field equals a number.
    pub(super) fn equals(&mut self, size: Size, at: Offset, number: u32) -> PredicateId {
        self.field(Cond::Eq, size, at, number)
    }

    /// Some bits of a field equal a number.
    pub(super) fn bits_equal(&mut self, size: Size, at: Offset, mask: u32, number: u32) -> PredicateId {
        let value = self.values.load(size, at);
        let value = self.values.masked(value, mask);
        self.compare(Cond::Eq, value, number)
    }

    /// Bytes of the packet equal these: the last four first, as the last ones differ most often.
    pub(super) fn bytes_equal(&mut self, at: Offset, bytes: &[u8]) -> PredicateId {
        let mut tests = alloc::vec::Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let size = match rest.len() {
                4.. => Size::Word,
                2 | 3 => Size::Half,
                _ => Size::Byte,
            };
            let (before, last) = rest.split_at(rest.len().saturating_sub(size.bytes() as usize));
            let number = last.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte));
            let skipped = u32::try_from(before.len()).unwrap_or(u32::MAX);
            tests.push(self.equals(size, at.plus(skipped), number));
            rest = before;
        }
        self.predicates.all(tests)
    }
}
