//! Arithmetic and comparisons.

use bpf_core::{AluOp, Cond, Operand};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types::I8, types::I32};

use super::Lowering;
use super::loads::Found;
use super::state::{Sym, Wide};
use crate::plan::{A, Target, X};

/// What a condition is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Decision {
    /// Known now.
    Known(bool),
    /// It holds if this is not 0.
    Value(Value),
}

impl Lowering<'_> {
    /// What a register holds, as a value of 32 bits.
    pub(super) fn value(&mut self, sym: Sym) -> Value {
        match sym {
            Sym::Const(k) => self.constant(k),
            Sym::Plain(value) => value,
            Sym::Swapped(value, wide) => self.once(Found::Reversed(value, wide), |this| {
                let word = this.builder.ins().bswap(value);
                match wide {
                    Wide::Half => this.builder.ins().ushr_imm_u(word, 16),
                    Wide::Word => word,
                }
            }),
        }
    }

    pub(super) fn constant(&mut self, k: u32) -> Value {
        self.builder.ins().iconst(I32, i64::from(k))
    }

    fn operand(&self, operand: Operand) -> Sym {
        match operand {
            Operand::K(k) => Sym::Const(k),
            Operand::X => self.state.get(X),
        }
    }

    pub(super) fn neg(&mut self, a: Sym) -> Sym {
        match a {
            Sym::Const(a) => Sym::Const(a.wrapping_neg()),
            other => {
                let value = self.value(other);
                Sym::Plain(self.builder.ins().ineg(value))
            }
        }
    }

    /// The ancillary operation A ^ X.
    pub(super) fn xor_x(&mut self) -> Option<Sym> {
        self.alu(AluOp::Xor, self.state.get(A), Operand::X)
    }

    /// `None`: a division by 0, which ends the program.
    pub(super) fn alu(&mut self, op: AluOp, a: Sym, operand: Operand) -> Option<Sym> {
        let right = self.operand(operand);
        if let (Sym::Const(a), Sym::Const(right)) = (a, right) {
            let Some(result) = fold(op, a, right) else { return self.divided_by_zero() };
            return Some(Sym::Const(result));
        }
        if let (AluOp::And, Sym::Swapped(value, wide), Sym::Const(mask)) = (op, a, right) {
            let masked = self.builder.ins().band_imm_u(value, i64::from(wide.swap(mask)));
            return Some(Sym::Swapped(masked, wide));
        }
        match op {
            AluOp::Div | AluOp::Mod => self.divide(op, a, right),
            AluOp::Lsh | AluOp::Rsh => Some(self.shift(op, a, right)),
            _ => {
                let (left, right) = (self.value(a), self.value(right));
                let ins = self.builder.ins();
                Some(Sym::Plain(match op {
                    AluOp::Add => ins.iadd(left, right),
                    AluOp::Sub => ins.isub(left, right),
                    AluOp::Mul => ins.imul(left, right),
                    AluOp::Or => ins.bor(left, right),
                    AluOp::And => ins.band(left, right),
                    _ => ins.bxor(left, right),
                }))
            }
        }
    }

    fn divided_by_zero(&mut self) -> Option<Sym> {
        self.leave(Target::Return(0));
        None
    }

    fn divide(&mut self, op: AluOp, a: Sym, by: Sym) -> Option<Sym> {
        let is_division = op == AluOp::Div;
        let (left, right) = match by {
            Sym::Const(0) => return self.divided_by_zero(),
            Sym::Const(power) if power.is_power_of_two() => {
                let left = self.value(a);
                let ins = self.builder.ins();
                return Some(Sym::Plain(if is_division {
                    ins.ushr_imm_u(left, i64::from(power.trailing_zeros()))
                } else {
                    ins.band_imm_u(left, i64::from(power.wrapping_sub(1)))
                }));
            }
            Sym::Const(_) => (self.value(a), self.value(by)),
            _ => {
                let (left, right) = (self.value(a), self.value(by));
                self.require(right);
                (left, right)
            }
        };
        let ins = self.builder.ins();
        Some(Sym::Plain(if is_division { ins.udiv(left, right) } else { ins.urem(left, right) }))
    }

    fn shift(&mut self, op: AluOp, a: Sym, by: Sym) -> Sym {
        match by {
            Sym::Const(by) if by > 31 => Sym::Const(0),
            Sym::Const(by) => {
                let left = self.value(a);
                Sym::Plain(self.shifted_by(op, left, |this| this.constant(by)))
            }
            _ => {
                // The machine's shift counts modulo 32.
                let (left, by) = (self.value(a), self.value(by));
                let shifted = self.shifted_by(op, left, |_| by);
                let within = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, by, 32);
                let zero = self.constant(0);
                Sym::Plain(self.builder.ins().select(within, shifted, zero))
            }
        }
    }

    fn shifted_by(&mut self, op: AluOp, left: Value, by: impl FnOnce(&mut Self) -> Value) -> Value {
        let by = by(self);
        if op == AluOp::Lsh { self.builder.ins().ishl(left, by) } else { self.builder.ins().ushr(left, by) }
    }

    /// Compares A.
    pub(super) fn decide(&mut self, cond: Cond, operand: Operand) -> Decision {
        let right = self.operand(operand);
        match (self.state.get(A), right) {
            (Sym::Const(a), Sym::Const(right)) => Decision::Known(holds(cond, a, right)),
            (Sym::Swapped(value, wide), Sym::Const(k)) => self.decide_swapped(cond, value, wide, k),
            (a, right) => {
                let (a, right) = (self.value(a), self.value(right));
                Decision::Value(self.compare(cond, a, right))
            }
        }
    }

    fn decide_swapped(&mut self, cond: Cond, value: Value, wide: Wide, k: u32) -> Decision {
        match cond {
            Cond::Eq if k > wide.max() => Decision::Known(false),
            Cond::Set if k & wide.max() == 0 => Decision::Known(false),
            Cond::Eq | Cond::Set => {
                let k = self.constant(wide.swap(k));
                Decision::Value(self.compare(cond, value, k))
            }
            Cond::Gt | Cond::Ge => {
                let (a, k) = (self.value(Sym::Swapped(value, wide)), self.constant(k));
                Decision::Value(self.compare(cond, a, k))
            }
        }
    }

    /// 1 if a condition holds, else 0.
    pub(super) fn is_not_zero(&mut self, condition: Value) -> Value {
        // A comparison is that already.
        if self.builder.func.dfg.value_type(condition) == I8 {
            return condition;
        }
        self.builder.ins().icmp_imm_u(IntCC::NotEqual, condition, 0)
    }

    fn compare(&mut self, cond: Cond, a: Value, right: Value) -> Value {
        let ins = self.builder.ins();
        match cond {
            Cond::Eq => ins.icmp(IntCC::Equal, a, right),
            Cond::Gt => ins.icmp(IntCC::UnsignedGreaterThan, a, right),
            Cond::Ge => ins.icmp(IntCC::UnsignedGreaterThanOrEqual, a, right),
            Cond::Set => ins.band(a, right),
        }
    }
}

/// What the machine computes; `None` for a division by 0.
fn fold(op: AluOp, a: u32, right: u32) -> Option<u32> {
    Some(match op {
        AluOp::Add => a.wrapping_add(right),
        AluOp::Sub => a.wrapping_sub(right),
        AluOp::Mul => a.wrapping_mul(right),
        AluOp::Div => a.checked_div(right)?,
        AluOp::Mod => a.checked_rem(right)?,
        AluOp::Or => a | right,
        AluOp::And => a & right,
        AluOp::Xor => a ^ right,
        AluOp::Lsh => a.checked_shl(right).unwrap_or(0),
        AluOp::Rsh => a.checked_shr(right).unwrap_or(0),
    })
}

fn holds(cond: Cond, a: u32, right: u32) -> bool {
    match cond {
        Cond::Eq => a == right,
        Cond::Gt => a > right,
        Cond::Ge => a >= right,
        Cond::Set => a & right != 0,
    }
}
