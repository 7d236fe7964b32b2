//! Conditions of straight code ([`super::straight`]): whether the program comes by, as values.
//!
//! ```text
//!   value == 1 ─no─▶ value == 5 ─no─▶ ...        is: what led here    unless: value is 1 or 5
//! ```
//!
//! Exact where steps are counted. Elsewhere a condition may also hold of a packet that is accepted by an earlier test: nothing can come
//! of that but to be accepted again.

use cranelift_codegen::ir::{InstBuilder, Value};

use super::Lowering;
use super::state::Sym;

/// When the program comes by: if `is` (`None`: always), and not `unless`.
#[derive(Clone, Debug, Default)]
pub(super) struct When {
    pub(super) is: Option<Value>,
    pub(super) unless: Option<Unless>,
}

/// Something is equal to one of some constants.
#[derive(Clone, Debug)]
pub(super) struct Unless {
    /// 1 if it is so.
    pub(super) holds: Value,
    /// What is compared, if it is one thing, and with what.
    pub(super) subject: Option<Value>,
    pub(super) constants: Vec<u32>,
}

impl Lowering<'_> {
    /// What one of two ways brings. If the program comes by neither, it does not matter, but for one thing: a constant X, which stands for
    /// the longer header of IPv6, would send packets to the ordinary code that are too short for it.
    pub(super) fn choose(&mut self, [one, other]: [(Option<Value>, Sym); 2]) -> Sym {
        let [(if_chosen, chosen), (_, else_chosen)] = match (one, other) {
            ((None, only), _) | (_, (None, only)) => return only,
            ((_, Sym::Const(_)), _) => [one, other],
            _ => [other, one],
        };
        let Some(if_chosen) = if_chosen else { return chosen };
        let (chosen, else_chosen) = (self.value(chosen), self.value(else_chosen));
        Sym::Plain(self.builder.ins().select(if_chosen, chosen, else_chosen))
    }

    pub(super) fn any(&mut self, one: Option<Value>, other: Option<Value>) -> When {
        let is = match (one, other) {
            (Some(one), Some(other)) => Some(self.builder.ins().bor(one, other)),
            _ => None,
        };
        When { is, unless: None }
    }

    /// As a value that is 1 or 0; `None`: always.
    pub(super) fn whether(&mut self, when: When) -> Option<Value> {
        match (when.is, when.unless) {
            (is, None) => is,
            (None, Some(unless)) => Some(self.builder.ins().bxor_imm_u(unless.holds, 1)),
            (Some(is), Some(unless)) => Some(self.builder.ins().band_not(is, unless.holds)),
        }
    }
}
