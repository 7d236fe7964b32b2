//! Comparisons, and the protocols that they take for granted.
//!
//! `tcp[13] & 2 != 0` is false on what is not TCP: the tests of the protocols of both sides come first, then both
//! sides are computed, then they are compared. Only the *left* operand of an arithmetic operator brings its tests
//! along: `1 + tcp[13] = 3` reads byte 13 behind the IPv4 header of whatever the packet is.

use bpf_compile::syntax::ast::{ArithId, ArithKind, RelOp};
use bpf_compile::syntax::words::ProtoName;

use super::link::{Kind, Radio, ethertype};
use super::proto::ip;
use super::truth::Truth;
use super::{EvalError, View};

impl View<'_> {
    /// Compares two numbers.
    pub(super) fn relation(&self, op: RelOp, left: ArithId, right: ArithId) -> Result<Truth, EvalError> {
        let taken_for_granted = Truth::all([self.guards(left)?, self.guards(right)?]);
        let compared = match (self.number(left)?, self.number(right)?) {
            (Some(left), Some(right)) => Truth::Tested(holds(op, left, right)),
            _ => Truth::Stopped,
        };
        Ok(taken_for_granted.and(compared))
    }

    /// The protocol tests that a number brings along; an offset's come with the load that uses it.
    fn guards(&self, id: ArithId) -> Result<Truth, EvalError> {
        // From the load nearest to the comparison inwards: the tests run the other way round.
        let mut loads = Vec::new();
        let mut at = id;
        loop {
            match &self.ast.arith(at).kind {
                ArithKind::Number(_) | ArithKind::Len => break,
                ArithKind::Neg(inner) => at = *inner,
                ArithKind::Binary { left, .. } => at = *left,
                ArithKind::Load { proto, offset, .. } => {
                    loads.push(*proto);
                    at = *offset;
                }
            }
        }
        let mut truth = Truth::Fixed(true);
        for proto in loads.into_iter().rev() {
            truth = self.guard(proto, truth)?;
        }
        Ok(truth)
    }

    /// The test of one load, after (for transports: amid) those of its offset.
    pub(super) fn guard(&self, proto: ProtoName, offset: Truth) -> Result<Truth, EvalError> {
        match proto {
            ProtoName::Link => Ok(offset),
            ProtoName::Ip
            | ProtoName::Ip6
            | ProtoName::Arp
            | ProtoName::Rarp
            | ProtoName::Atalk
            | ProtoName::Decnet
            | ProtoName::Lat
            | ProtoName::Sca
            | ProtoName::Mopdl
            | ProtoName::Moprc => Ok(offset.and(self.proto_alone(proto)?)),
            ProtoName::Tcp
            | ProtoName::Udp
            | ProtoName::Sctp
            | ProtoName::Icmp
            | ProtoName::Igmp
            | ProtoName::Igrp
            | ProtoName::Pim
            | ProtoName::Vrrp
            | ProtoName::Carp => Ok(self
                .carries(ethertype::IPV4)?
                .and(offset)
                .and(self.proto_alone(proto)?)
                .and(self.starts_datagram())),
            ProtoName::Icmp6 => {
                Ok(offset.and(self.carries(ethertype::IPV6)?).and(self.next_header_is(ip::ICMPV6)))
            }
            ProtoName::Radio => match self.frame.kind {
                Kind::Dot11(Radio::Radiotap | Radio::Avs | Radio::Prism) => Ok(offset),
                _ => Err(EvalError::Refused("no radio header on this link type")),
            },
            _ => Err(EvalError::Refused("the header of this protocol has no bytes to name")),
        }
    }
}

/// Compares two numbers.
pub(super) fn holds(op: RelOp, left: u32, right: u32) -> bool {
    match op {
        RelOp::Eq => left == right,
        RelOp::Ne => left != right,
        RelOp::Gt => left > right,
        RelOp::Ge => left >= right,
        RelOp::Lt => left < right,
        RelOp::Le => left <= right,
    }
}
