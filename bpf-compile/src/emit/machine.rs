//! What A and X hold: the same value on every way to a node, or nothing that could be told.
//!
//! Invariant: a value that is said to be in a register is what computing it here and now would give. So a store into a variable
//! takes back what depends on that variable.

use crate::graph::{Value, ValueId, Values, Variable};

/// The registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) a: Option<ValueId>,
    pub(super) x: Option<ValueId>,
}

impl Machine {
    /// What two ways have in common.
    pub(super) fn meet(self, other: Self) -> Self {
        let same = |one: Option<ValueId>, other| one.filter(|_| one == other);
        Self { a: same(self.a, other.a), x: same(self.x, other.x) }
    }

    /// After A, which holds `value`, was stored.
    pub(super) fn stored(
        &mut self,
        values: &Values,
        dependencies: &[u32],
        variable: Variable,
        value: ValueId,
    ) {
        let bit = 1_u32.checked_shl(variable.index()).unwrap_or(u32::MAX);
        let stays = |id: &ValueId| dependencies.get(id.index()).is_some_and(|bits| bits & bit == 0);
        self.x = self.x.filter(stays);
        // It is read under the name of the variable from now on.
        self.a = values.find(Value::Variable(variable)).or_else(|| Some(value).filter(stays));
    }
}
