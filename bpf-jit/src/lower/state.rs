//! What is known at a place of the program while code is made for it.

use bpf_core::Size;
use cranelift_codegen::ir::Value;

use crate::plan::{REGISTERS, Registers};

/// What a register holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sym {
    /// This number.
    Const(u32),
    /// The number of this value, of 32 bits.
    Plain(Value),
    /// The number whose bytes, most significant first, are those of this value in the order of the machine (least significant
    /// first). Comparisons with constants swap the constant instead, which costs nothing.
    Swapped(Value, Wide),
}

/// How many bytes of a [`Sym::Swapped`] there are; above them the value is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wide {
    /// Two.
    Half,
    /// Four.
    Word,
}

impl Wide {
    pub(crate) fn of(size: Size) -> Option<Self> {
        match size {
            Size::Byte => None,
            Size::Half => Some(Self::Half),
            Size::Word => Some(Self::Word),
        }
    }

    /// The greatest number of so many bytes.
    pub(crate) fn max(self) -> u32 {
        match self {
            Self::Half => u16::MAX.into(),
            Self::Word => u32::MAX,
        }
    }

    /// A number of so many bytes with their order reversed; bytes above are dropped.
    pub(crate) fn swap(self, number: u32) -> u32 {
        match self {
            Self::Half => (number & 0xffff).swap_bytes() >> 16,
            Self::Word => number.swap_bytes(),
        }
    }
}

/// Registers, and what the packet was found to have.
#[derive(Clone, Debug)]
pub(crate) struct State {
    registers: [Sym; REGISTERS],
    /// What the variable of each register was last set to on the way here; `None` if that depends on the way.
    defined: [Option<Sym>; REGISTERS],
    /// At least so many bytes are captured.
    pub(crate) bytes: u32,
    /// At least so many bytes are captured behind this X.
    pub(crate) behind_x: Option<(Value, u32)>,
}

impl State {
    /// All registers are 0 at the start.
    pub(crate) fn start() -> Self {
        Self { registers: [Sym::Const(0); REGISTERS], defined: [None; REGISTERS], bytes: 0, behind_x: None }
    }

    pub(crate) fn get(&self, register: usize) -> Sym {
        self.registers.get(register).copied().unwrap_or(Sym::Const(0))
    }

    pub(crate) fn set(&mut self, register: usize, sym: Sym) {
        if let Some(place) = self.registers.get_mut(register) {
            *place = sym;
        }
    }

    /// Whether the variable of a register is what the register holds.
    pub(crate) fn is_defined(&self, register: usize) -> bool {
        self.defined.get(register).copied().flatten() == Some(self.get(register))
    }

    /// The variable was set to what the register holds.
    pub(crate) fn define(&mut self, register: usize) {
        let sym = self.get(register);
        if let Some(place) = self.defined.get_mut(register) {
            *place = Some(sym);
        }
    }
}

/// What all ways that have been seen so far bring to a block.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) state: Box<State>,
    /// Registers that hold different things on different ways.
    pub(crate) mixed: Registers,
    /// The nearest block on all of these ways.
    pub(crate) dominator: u32,
}

impl Incoming {
    /// Another way, on which `other` holds.
    pub(crate) fn merge(&mut self, other: &State, live: Registers) {
        for register in live.iter() {
            if self.state.get(register) != other.get(register) {
                self.mixed = self.mixed.with(register);
            }
        }
        // Of all registers: one that is not read here may be written, and read, later.
        for (mine, other) in self.state.defined.iter_mut().zip(other.defined) {
            *mine = mine.filter(|mine| Some(*mine) == other);
        }
        self.state.bytes = self.state.bytes.min(other.bytes);
        self.state.behind_x = match (self.state.behind_x, other.behind_x) {
            (Some((x, bytes)), Some((same, fewer))) if x == same => Some((x, bytes.min(fewer))),
            _ => None,
        };
    }
}
