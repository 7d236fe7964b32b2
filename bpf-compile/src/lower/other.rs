//! Lengths, directions, interfaces, single bytes.

use crate::diagnostic::Code;
use crate::graph::{AluOp, Ancillary, Cond, Offset, PredicateId, Size, Value};
use crate::link::{LinkType, Naming, naming};
use crate::syntax::ast::ByteOp;

use super::{Lower, Lowering};

/// The packet type of Linux's cooked headers for packets that this host sent.
const OUTGOING: u32 = 4;

/// For whoever compiles for a kernel.
const IN_METADATA: &str = "kernels tell it beside the packet: `--target linux`, `--target windows`";
/// Where frames have the tag of a switch, and its values for what the processor sent.
const SWITCH_TAG_AT: u32 = 12;
const BROADCOM_FROM_CPU: u32 = 0x20;
const MARVELL_FROM_CPU: u32 = 0x40;
/// Where a Juniper header has its flags; the lowest bit is set for what was received.
const JUNIPER_FLAGS_AT: u32 = 3;

impl Lowering<'_> {
    /// `less n`
    pub(super) fn at_most(&mut self, len: u32) -> PredicateId {
        let wire_len = self.values.intern(Value::WireLen);
        let more = self.compare(Cond::Gt, wire_len, len);
        self.predicates.not(more)
    }

    /// `greater n`
    pub(super) fn at_least(&mut self, len: u32) -> PredicateId {
        let wire_len = self.values.intern(Value::WireLen);
        self.compare(Cond::Ge, wire_len, len)
    }

    /// `inbound` and `outbound`
    pub(super) fn direction(&mut self, outbound: bool) -> Lower<PredicateId> {
        let header = self.layers.header;
        let other_way = |this: &mut Self, size, at, sent: u32, received: u32| {
            Ok(this.equals(size, at, if outbound { sent } else { received }))
        };
        let sent = match self.layers.link_type {
            LinkType::LINUX_SLL => self.equals(Size::Half, header, OUTGOING),
            LinkType::LINUX_SLL2 => self.equals(Size::Byte, header.plus(10), OUTGOING),
            LinkType::SLIP | LinkType::PPP_PPPD => return other_way(self, Size::Byte, header, 1, 0),
            LinkType::IPNET => return other_way(self, Size::Half, header.plus(2), 1, 2),
            LinkType::PFLOG => {
                return other_way(self, Size::Byte, header.plus(super::pf::DIRECTION_AT), 2, 1);
            }
            // The switch's tag: Broadcom's opcode, Marvell's mode.
            LinkType::DSA_TAG_BRCM => {
                self.bits_equal(Size::Byte, header.plus(SWITCH_TAG_AT), 0xe0, BROADCOM_FROM_CPU)
            }
            LinkType::DSA_TAG_DSA => {
                self.bits_equal(Size::Byte, header.plus(SWITCH_TAG_AT), 0xc0, MARVELL_FROM_CPU)
            }
            link_type if naming(link_type) == Naming::Juniper => {
                let received = u32::from(!outbound);
                return Ok(self.bits_equal(Size::Byte, header.plus(JUNIPER_FLAGS_AT), 1, received));
            }
            _ if self.options.target.has_metadata() => {
                let kind = self.values.intern(Value::Ancillary(Ancillary::PktType));
                self.compare(Cond::Eq, kind, OUTGOING)
            }
            other => {
                let message = alloc::format!("packets of link type {other} do not tell their direction");
                return Err(self.error(Code::LinkType, message).with_help(IN_METADATA));
            }
        };
        Ok(if outbound { sent } else { self.predicates.not(sent) })
    }

    /// `ifindex n`
    pub(super) fn interface_index(&mut self, index: u32) -> Lower<PredicateId> {
        match self.layers.link_type {
            LinkType::LINUX_SLL2 => Ok(self.equals(Size::Word, self.layers.header.plus(4), index)),
            _ if self.options.target.has_metadata() => {
                let interface = self.values.intern(Value::Ancillary(Ancillary::IfIndex));
                Ok(self.compare(Cond::Eq, interface, index))
            }
            other => {
                let message = alloc::format!("packets of link type {other} do not tell their interface");
                Err(self.error(Code::LinkType, message).with_help(IN_METADATA))
            }
        }
    }

    /// `byte offset op value`
    pub(super) fn byte(&mut self, offset: u32, op: ByteOp, value: u32) -> Lower<PredicateId> {
        self.check_range("byte value", value, 0xff, self.origin)?;
        // Not as `link[...]`, whose sums do not wrap.
        let mut at = self.layers.header.plus(offset);
        if at.base.is_none() {
            let place = self.values.constant(at.constant);
            at = self.indexed(Offset::at(0), place);
        }
        Ok(match op {
            ByteOp::Eq => self.equals(Size::Byte, at, value),
            ByteOp::Gt => self.field(Cond::Gt, Size::Byte, at, value),
            ByteOp::Lt => {
                let at_least = self.field(Cond::Ge, Size::Byte, at, value);
                self.predicates.not(at_least)
            }
            ByteOp::And => self.field(Cond::Set, Size::Byte, at, value),
            ByteOp::Or => {
                let byte = self.values.load(Size::Byte, at);
                let value = self.values.constant(value);
                let or = self.values.intern(Value::Alu(AluOp::Or, byte, value));
                let zero = self.compare(Cond::Eq, or, 0);
                self.predicates.not(zero)
            }
        })
    }
}
