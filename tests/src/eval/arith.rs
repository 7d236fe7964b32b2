//! Numbers: unsigned, 32 bits wide, wrapping.

use std::collections::HashMap;

use bpf_compile::syntax::ast::{ArithId, ArithKind, ArithOp};
use bpf_compile::syntax::words::ProtoName;

use super::frame::Place;
use super::packet::Width;
use super::proto::IPV6_LEN;
use super::truth::Truth;
use super::{EvalError, View};

/// The bits of a number: a shift by so many or more leaves nothing.
const BITS: u32 = 32;

impl View<'_> {
    /// The value of a number; `None` when it needs a byte that was not captured or a division by zero.
    pub(super) fn number(&self, root: ArithId) -> Result<Option<u32>, EvalError> {
        let mut values: HashMap<ArithId, Option<u32>> = HashMap::new();
        let of = |values: &HashMap<ArithId, Option<u32>>, id: &ArithId| values.get(id).copied().flatten();
        for id in self.operands_first(root) {
            let value = match &self.ast.arith(id).kind {
                ArithKind::Number(number) => Some(*number),
                ArithKind::Len => Some(self.packet.wire_len()),
                ArithKind::Neg(inner) => of(&values, inner).map(u32::wrapping_neg),
                ArithKind::Binary { op, left, right } => {
                    self.refuse_constant_nonsense(*op, *right)?;
                    let (left, right) = (of(&values, left), of(&values, right));
                    left.zip(right).and_then(|(left, right)| compute(*op, left, right))
                }
                ArithKind::Load { proto, offset, size, .. } => {
                    let width =
                        Width::from_bytes(*size).ok_or(EvalError::Refused("a load has 1, 2 or 4 bytes"))?;
                    // What cannot be asked is refused, even where the test of the protocol is not made.
                    self.guard(*proto, Truth::Fixed(true))?;
                    match of(&values, offset) {
                        Some(offset) => self.header_byte(*proto, offset, width),
                        None => {
                            // Which header lengths the filter needs does not depend on the packet.
                            let _ = self.header_byte(*proto, 0, width);
                            None
                        }
                    }
                }
            };
            values.insert(id, value);
        }
        Ok(of(&values, &root))
    }

    /// The nodes under `root`, each after its operands.
    fn operands_first(&self, root: ArithId) -> Vec<ArithId> {
        let mut order = Vec::new();
        let mut waiting = vec![root];
        while let Some(id) = waiting.pop() {
            order.push(id);
            match &self.ast.arith(id).kind {
                ArithKind::Number(_) | ArithKind::Len => {}
                ArithKind::Neg(inner) => waiting.push(*inner),
                ArithKind::Binary { left, right, .. } => waiting.extend([*left, *right]),
                ArithKind::Load { offset, .. } => waiting.push(*offset),
            }
        }
        order.reverse();
        order
    }

    /// A constant that never gives a result is an error of the filter, not of the packet.
    fn refuse_constant_nonsense(&self, op: ArithOp, right: ArithId) -> Result<(), EvalError> {
        let ArithKind::Number(right) = self.ast.arith(right).kind else {
            return Ok(());
        };
        match op {
            ArithOp::Div | ArithOp::Mod if right == 0 => Err(EvalError::Refused("a division by zero")),
            ArithOp::Shl | ArithOp::Shr if right >= BITS => Err(EvalError::Refused("a shift too far")),
            _ => Ok(()),
        }
    }

    /// `proto[offset]`, taking the packet to be of that protocol.
    fn header_byte(&self, proto: ProtoName, offset: u32, width: Width) -> Option<u32> {
        let network = self.frame.network();
        let place = match proto {
            ProtoName::Link => self.frame.header.indexed(offset),
            ProtoName::Radio => Place::computed(offset),
            ProtoName::Tcp
            | ProtoName::Udp
            | ProtoName::Sctp
            | ProtoName::Icmp
            | ProtoName::Igmp
            | ProtoName::Igrp
            | ProtoName::Pim
            | ProtoName::Vrrp
            | ProtoName::Carp => {
                // The sum with the header length is a number like any other and wraps: `tcp[-1]` is the last byte
                // of the IPv4 header.
                network.indexed(offset).indexed(self.ipv4_header_len()?)
            }
            ProtoName::Icmp6 => network.indexed(offset).further(IPV6_LEN),
            _ => network.indexed(offset),
        };
        self.at(place, width)
    }
}

/// Computes; `None` is a division by zero.
fn compute(op: ArithOp, left: u32, right: u32) -> Option<u32> {
    match op {
        ArithOp::Add => Some(left.wrapping_add(right)),
        ArithOp::Sub => Some(left.wrapping_sub(right)),
        ArithOp::Mul => Some(left.wrapping_mul(right)),
        ArithOp::Div => left.checked_div(right),
        ArithOp::Mod => left.checked_rem(right),
        ArithOp::And => Some(left & right),
        ArithOp::Or => Some(left | right),
        ArithOp::Xor => Some(left ^ right),
        ArithOp::Shl => Some(left.checked_shl(right).unwrap_or(0)),
        ArithOp::Shr => Some(left.checked_shr(right).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::{ArithOp, compute};

    #[test]
    fn numbers_wrap_and_shifts_run_out() {
        assert_eq!(compute(ArithOp::Add, u32::MAX, 2), Some(1));
        assert_eq!(compute(ArithOp::Sub, 0, 1), Some(u32::MAX));
        assert_eq!(compute(ArithOp::Mul, 0x1_0000, 0x1_0001), Some(0x1_0000));
        assert_eq!(compute(ArithOp::Shl, 1, 31), Some(0x8000_0000));
        assert_eq!(compute(ArithOp::Shl, 1, 32), Some(0));
        assert_eq!(compute(ArithOp::Shr, u32::MAX, 33), Some(0));
        assert_eq!(compute(ArithOp::Div, 7, 0), None);
        assert_eq!(compute(ArithOp::Mod, 7, 0), None);
    }
}
