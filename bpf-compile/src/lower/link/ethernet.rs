//! Ethernet: the field behind the addresses is an EtherType, or a length with an 802.2 header behind it.

use crate::graph::{Cond, Offset, PredicateId, Size};

use super::super::Lowering;
use super::{LENGTH_MAX, ethertype, sap};

/// LINUX_SLL's protocol field for frames without an EtherType.
const SLL_NOVELL: u32 = 1;
const SLL_LLC: u32 = 4;

impl Lowering<'_> {
    pub(super) fn ethernet_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
        let llc = self.layers.payload;
        match protocol {
            sap::ISO | sap::IP | sap::NETBEUI => {
                let is_length = self.is_length(field);
                let both_saps = self.equals(Size::Half, llc, protocol << 8 | protocol);
                self.predicates.all([is_length, both_saps])
            }
            sap::IPX => {
                let ethernet_2 = self.equals(Size::Half, field, ethertype::IPX);
                let is_length = self.is_length(field);
                let snap = self.snap(llc, 0, ethertype::IPX);
                let dsap = self.equals(Size::Byte, llc, sap::IPX);
                let novell = self.equals(Size::Half, llc, 0xffff);
                let frame = self.predicates.any([snap, dsap, novell]);
                let ieee = self.predicates.all([is_length, frame]);
                self.predicates.any([ethernet_2, ieee])
            }
            ethertype::ATALK | ethertype::AARP => {
                let ethernet_2 = self.equals(Size::Half, field, protocol);
                let is_length = self.is_length(field);
                let snap = self.snap(llc, appletalk_organization(protocol), protocol);
                let ieee = self.predicates.all([is_length, snap]);
                self.predicates.any([ethernet_2, ieee])
            }
            0..=LENGTH_MAX => {
                let is_length = self.is_length(field);
                let dsap = self.equals(Size::Byte, field.plus(2), protocol);
                self.predicates.all([is_length, dsap])
            }
            _ => self.equals(Size::Half, field, protocol),
        }
    }

    pub(super) fn sll_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
        let llc = self.layers.payload;
        match protocol {
            sap::ISO | sap::IP | sap::NETBEUI => {
                let is_llc = self.equals(Size::Half, field, SLL_LLC);
                let both_saps = self.equals(Size::Half, llc, protocol << 8 | protocol);
                self.predicates.all([is_llc, both_saps])
            }
            sap::IPX => {
                let ethernet_2 = self.equals(Size::Half, field, ethertype::IPX);
                let novell = self.equals(Size::Half, field, SLL_NOVELL);
                let is_llc = self.equals(Size::Half, field, SLL_LLC);
                let dsap = self.equals(Size::Byte, llc, sap::IPX);
                let snap = self.snap(llc, 0, ethertype::IPX);
                let frame = self.predicates.any([dsap, snap]);
                let ieee = self.predicates.all([is_llc, frame]);
                self.predicates.any([ethernet_2, novell, ieee])
            }
            ethertype::ATALK | ethertype::AARP => {
                let ethernet_2 = self.equals(Size::Half, field, protocol);
                let is_llc = self.equals(Size::Half, field, SLL_LLC);
                let snap = self.snap(llc, appletalk_organization(protocol), protocol);
                let ieee = self.predicates.all([is_llc, snap]);
                self.predicates.any([ethernet_2, ieee])
            }
            0..=LENGTH_MAX => {
                let is_llc = self.equals(Size::Half, field, SLL_LLC);
                let dsap = self.equals(Size::Byte, llc, protocol);
                self.predicates.all([is_llc, dsap])
            }
            _ => self.equals(Size::Half, field, protocol),
        }
    }

    pub(in crate::lower) fn is_length(&mut self, field: Offset) -> PredicateId {
        let is_type = self.field(Cond::Gt, Size::Half, field, LENGTH_MAX);
        self.predicates.not(is_type)
    }

    /// An 802.2 header that announces a SNAP header with this organization and protocol.
    pub(super) fn snap(&mut self, llc: Offset, organization: u32, protocol: u32) -> PredicateId {
        let [_, o0, o1, o2] = organization.to_be_bytes();
        let [_, _, p0, p1] = protocol.to_be_bytes();
        self.bytes_equal(llc, &[0xaa, 0xaa, 0x03, o0, o1, o2, p0, p1])
    }
}

/// AppleTalk is numbered by Apple, its ARP by Xerox.
fn appletalk_organization(protocol: u32) -> u32 {
    if protocol == ethertype::ATALK { 0x08_0007 } else { 0 }
}
