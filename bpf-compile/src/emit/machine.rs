//! What A and X hold: the same value on every way to a node, or nothing that could be told.
//!
//! Invariant: a value that is said to be in a register is what computing it here and now would give. So a store into a variable
//! takes back what depends on that variable, and a number that is given anew what depends on the one before.

use crate::graph::{Register, Value, ValueId, Values, Variable};

/// The registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) a: Option<ValueId>,
    pub(super) x: Option<ValueId>,
    /// Whether shared code finds its number there.
    a_is_given: bool,
    x_is_given: bool,
    /// What was stored from A, and is in A under this name, too.
    also: Option<ValueId>,
}

impl Machine {
    /// Before the first instruction: all registers are 0.
    pub(super) fn at_start(values: &Values) -> Self {
        let zero = values.find(Value::Const(0));
        Self { a: zero, x: zero, a_is_given: false, x_is_given: false, also: None }
    }

    /// With a value in A.
    pub(super) fn with_a(self, value: ValueId) -> Self {
        Self { a: Some(value), a_is_given: false, also: None, ..self }
    }

    /// With a value in X.
    pub(super) fn with_x(self, value: ValueId) -> Self {
        Self { x: Some(value), x_is_given: false, ..self }
    }

    pub(super) fn holds_in_a(self, values: &Values, value: ValueId) -> bool {
        self.in_a().contains(&Some(value))
            || (self.a_is_given && values.get(value) == Value::Given(Register::A))
    }

    /// What is in A, by all of its names.
    pub(super) fn in_a(self) -> [Option<ValueId>; 2] {
        [self.a, self.also]
    }

    pub(super) fn holds_in_x(self, values: &Values, value: ValueId) -> bool {
        self.x == Some(value) || (self.x_is_given && values.get(value) == Value::Given(Register::X))
    }

    /// What two ways have in common.
    pub(super) fn meet(self, other: Self) -> Self {
        let same = |one: Option<ValueId>, other| one.filter(|_| one == other);
        Self {
            a: same(self.a, other.a),
            x: same(self.x, other.x),
            a_is_given: self.a_is_given && other.a_is_given,
            x_is_given: self.x_is_given && other.x_is_given,
            also: same(self.also, other.also),
        }
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
        self.also = Some(value).filter(stays);
        // It is read under the name of the variable from now on.
        self.a = values.find(Value::Variable(variable)).or_else(|| Some(value).filter(stays));
    }

    /// After the number of a register was put there.
    pub(super) fn given(&mut self, dependencies: &[u32], register: Register) {
        let stays = |id: &ValueId| dependencies.get(id.index()).is_some_and(|bits| *bits != u32::MAX);
        self.a = self.a.filter(stays);
        self.also = self.also.filter(stays);
        self.x = self.x.filter(stays);
        match register {
            Register::A => self.a_is_given = true,
            Register::X => self.x_is_given = true,
        }
    }
}
