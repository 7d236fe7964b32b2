//! Numbers that are computed from a packet.

use alloc::vec::Vec;

use bpf_core::{AluOp, Ancillary, Size};

use crate::intern::Index;

/// Names a value of [`Values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(u32);

/// A place in the packet: a constant number of bytes behind a computed one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset {
    /// The computed part; `None` is 0. The sum with the constant part does not wrap.
    pub base: Option<ValueId>,
    /// The constant part, in bytes.
    pub constant: u32,
}

impl Offset {
    /// A constant offset.
    #[must_use]
    pub const fn at(constant: u32) -> Self {
        Self { base: None, constant }
    }

    /// `bytes` before.
    #[must_use]
    pub const fn back(self, bytes: u32) -> Self {
        Self { base: self.base, constant: self.constant.wrapping_sub(bytes) }
    }

    /// `bytes` further on.
    #[must_use]
    pub const fn plus(self, bytes: u32) -> Self {
        Self { base: self.base, constant: self.constant.wrapping_add(bytes) }
    }
}

/// How a value is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A number.
    Const(u32),
    /// The packet's length on the wire.
    WireLen,
    /// Packet bytes; past the end of the captured ones rejects the packet.
    Load(Size, Offset),
    /// What is known beside the bytes; rejects the packet where it is not.
    Ancillary(Ancillary),
    /// Four times the low nibble of the byte at a constant offset: the length of an IPv4 header.
    IpHeaderLen(u32),
    /// Arithmetic; a division by zero rejects the packet.
    Alu(AluOp, ValueId, ValueId),
    /// 0 - a.
    Neg(ValueId),
    /// What the last store into a variable left there; 0 before the first.
    Variable(Variable),
    /// What was put into a register on the way.
    Given(Register),
}

/// A register of the machine that shared code finds a number in: which one depends on where a packet comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Register {
    /// The accumulator.
    A,
    /// The index register.
    X,
}

/// A number that is stored while the packet is looked at, such as the length of a header: a scratch word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(u32);

impl Variable {
    /// The variables of a filter are numbered from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }
}

/// All values of a filter; equal computations are one value. What a variable holds depends on where it is read, so a value is
/// only the same within one branch, as soon as it depends on a variable.
#[derive(Clone, Debug, Default)]
pub struct Values {
    values: Vec<Value>,
    known: Index<Value>,
    variables: u32,
}

impl Values {
    /// A variable that nothing has used yet.
    pub fn fresh_variable(&mut self) -> Variable {
        let variable = Variable(self.variables);
        self.variables = self.variables.saturating_add(1);
        variable
    }

    /// How many variables there are.
    #[must_use]
    pub fn variables(&self) -> u32 {
        self.variables
    }

    /// What is in a variable.
    pub fn variable(&mut self, variable: Variable) -> ValueId {
        self.intern(Value::Variable(variable))
    }

    /// A sum with a number.
    pub fn sum(&mut self, value: ValueId, number: u32) -> ValueId {
        if number == 0 {
            return value;
        }
        let number = self.constant(number);
        self.intern(Value::Alu(AluOp::Add, value, number))
    }

    /// Whether any of the values but the first few reads the packet at this offset or behind it.
    #[must_use]
    pub fn reads_beyond(&self, skipped: usize, limit: u32) -> bool {
        self.values.iter().skip(skipped).any(|value| match value {
            Value::Load(_, offset) => offset.constant >= limit,
            Value::IpHeaderLen(at) => *at >= limit,
            _ => false,
        })
    }

    /// Whether a value is read for a load or another computation.
    #[must_use]
    pub fn is_used(&self, value: ValueId) -> bool {
        self.values.iter().any(|user| match *user {
            Value::Load(_, offset) => offset.base == Some(value),
            Value::Alu(_, left, right) => left == value || right == value,
            Value::Neg(operand) => operand == value,
            Value::Const(_)
            | Value::WireLen
            | Value::Ancillary(_)
            | Value::IpHeaderLen(_)
            | Value::Variable(_)
            | Value::Given(_) => false,
        })
    }

    /// The id of a value, made if need be.
    pub fn intern(&mut self, value: Value) -> ValueId {
        let Self { values, known, .. } = self;
        let new = super::index(values.len());
        let number = known.number(value, new, |number| at(values, number));
        if number == new {
            values.push(value);
        }
        ValueId(number)
    }

    /// The id of a value, if it was made.
    #[must_use]
    pub fn find(&self, value: Value) -> Option<ValueId> {
        self.known.find(value, |number| at(&self.values, number)).map(ValueId)
    }

    /// For each value the variables that it depends on: bit n stands for variable n, all bits for more than there are.
    #[must_use]
    pub fn dependencies(&self) -> Vec<u32> {
        let mut variables: Vec<u32> = Vec::with_capacity(self.values.len());
        for value in &self.values {
            let of = |id: ValueId| variables.get(id.index()).copied().unwrap_or(u32::MAX);
            let bits = match *value {
                Value::Const(_) | Value::WireLen | Value::Ancillary(_) | Value::IpHeaderLen(_) => 0,
                Value::Variable(variable) => 1_u32.checked_shl(variable.index()).unwrap_or(u32::MAX),
                Value::Given(_) => u32::MAX,
                Value::Load(_, offset) => offset.base.map_or(0, of),
                Value::Neg(operand) => of(operand),
                Value::Alu(_, left, right) => of(left) | of(right),
            };
            variables.push(bits);
        }
        variables
    }

    /// A number.
    pub fn constant(&mut self, number: u32) -> ValueId {
        self.intern(Value::Const(number))
    }

    /// Packet bytes.
    pub fn load(&mut self, size: Size, offset: Offset) -> ValueId {
        self.intern(Value::Load(size, offset))
    }

    /// Arithmetic with a number; the operations that change nothing are left out.
    pub fn masked(&mut self, value: ValueId, mask: u32) -> ValueId {
        if mask == u32::MAX {
            return value;
        }
        let mask = self.constant(mask);
        self.intern(Value::Alu(AluOp::And, value, mask))
    }

    /// How a value is computed.
    #[must_use]
    pub fn get(&self, id: ValueId) -> Value {
        at(&self.values, id.0)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them, operands before what is computed from them.
    pub fn iter(&self) -> impl Iterator<Item = (ValueId, Value)> + '_ {
        (0..).map(ValueId).zip(self.values.iter().copied())
    }
}

impl ValueId {
    /// For tables with one entry a value.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[expect(clippy::indexing_slicing, reason = "ids come only from the arena they are used on")]
fn at(values: &[Value], number: u32) -> Value {
    values[number as usize]
}
