//! PPP numbers, address families, system codes, NLPIDs.

use alloc::vec::Vec;

use crate::compile::LoopbackFamilies;
use crate::graph::{Offset, PredicateId, Size};
use crate::link::LinkType;

use super::super::Lowering;
use super::{ethertype, sap};

/// Address families: the same everywhere for IPv4, different for IPv6.
const AF_INET: u32 = 2;
const AF_INET6_LINUX: u32 = 10;
const AF_INET6_NETBSD: u32 = 24;
const AF_INET6_SOLARIS: u32 = 26;
const AF_INET6_FREEBSD: u32 = 28;
const AF_INET6_DARWIN: u32 = 30;

/// Where a pf log header has the address family.
const PFLOG_FAMILY: u32 = 1;

/// IP of which Van Jacobson's method left only the changes, or none out.
const PPP_COMPRESSED: u32 = 0x2d;
const PPP_UNCOMPRESSED: u32 = 0x2f;

/// Before an NLPID: an unnumbered information frame.
const UNNUMBERED: u32 = 0x03 << 8;
const NLPID_IP: u32 = 0xcc;
const NLPID_IPV6: u32 = 0x8e;
const NLPID_CLNP: u32 = 0x81;
const NLPID_ESIS: u32 = 0x82;
const NLPID_ISIS: u32 = 0x83;
/// Where a Frame Relay header of two address bytes has them.
const NLPID_AT: u32 = 2;

/// The number of PPP for an EtherType or SAP; numbers of PPP itself stay.
const fn ppp_number(protocol: u32) -> u32 {
    match protocol {
        ethertype::IPV4 => 0x21,
        ethertype::IPV6 => 0x57,
        ethertype::DECNET => 0x27,
        ethertype::ATALK => 0x29,
        ethertype::XNS => 0x25,
        sap::ISO => 0x23,
        // Bridged frames are taken for those of the spanning tree.
        sap::STP => 0x31,
        sap::IPX => 0x2b,
        other => other,
    }
}

impl Lowering<'_> {
    pub(super) fn ppp_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
        self.equals(Size::Half, field, ppp_number(protocol))
    }

    pub(super) fn ppp_bsdos_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
        let plain = self.ppp_protocol(field, protocol);
        if protocol != ethertype::IPV4 {
            return plain;
        }
        let compressed = self.equals(Size::Half, field, PPP_COMPRESSED);
        let uncompressed = self.equals(Size::Half, field, PPP_UNCOMPRESSED);
        self.predicates.any([plain, compressed, uncompressed])
    }

    pub(super) fn loopback_protocol(&mut self, header: Offset, protocol: u32) -> PredicateId {
        let families: &[u32] = match (protocol, self.options.loopback_families) {
            (ethertype::IPV4, _) => &[AF_INET],
            (ethertype::IPV6, LoopbackFamilies::Linux) => &[AF_INET6_LINUX],
            (ethertype::IPV6, LoopbackFamilies::Savefile) => {
                &[AF_INET6_NETBSD, AF_INET6_FREEBSD, AF_INET6_DARWIN]
            }
            _ => return self.predicates.constant(false),
        };
        // NULL and ENC hold the number as the machine that captured it stores it: little-endian for a program for this
        // machine's kernel, either for a file. LOOP holds it in network order.
        let is_null = self.layers.link_type != LinkType::LOOP;
        let orders: &[fn(u32) -> u32] = match (is_null, self.options.loopback_families) {
            (false, _) => &[|family| family],
            (true, LoopbackFamilies::Linux) => &[u32::swap_bytes],
            (true, LoopbackFamilies::Savefile) => &[u32::swap_bytes, |family| family],
        };
        let mut tests = Vec::new();
        for order in orders {
            for &family in families {
                tests.push(self.equals(Size::Word, header, order(family)));
            }
        }
        self.predicates.any(tests)
    }

    /// The family that the system of the capture uses, in one byte.
    pub(super) fn pflog_protocol(&mut self, header: Offset, protocol: u32) -> PredicateId {
        let family = match protocol {
            ethertype::IPV4 => AF_INET,
            ethertype::IPV6 => AF_INET6_LINUX,
            _ => return self.predicates.constant(false),
        };
        self.equals(Size::Byte, header.plus(PFLOG_FAMILY), family)
    }

    pub(super) fn ipnet_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
        let family = match protocol {
            ethertype::IPV4 => AF_INET,
            ethertype::IPV6 => AF_INET6_SOLARIS,
            _ => return self.predicates.constant(false),
        };
        self.equals(Size::Byte, field, family)
    }

    /// The system codes of RFC 1201; those of the older RFC 1051 have headers of another length.
    pub(super) fn arcnet_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
        let code = match protocol {
            ethertype::IPV4 => 212,
            ethertype::ARP => 213,
            ethertype::REVARP => 214,
            ethertype::IPV6 => 196,
            ethertype::ATALK => 221,
            _ => return self.predicates.constant(false),
        };
        self.equals(Size::Byte, field, code)
    }

    pub(super) fn frame_relay_protocol(&mut self, header: Offset, protocol: u32) -> PredicateId {
        let numbers: &[u32] = match protocol {
            ethertype::IPV4 => &[NLPID_IP],
            ethertype::IPV6 => &[NLPID_IPV6],
            sap::ISO => &[NLPID_CLNP, NLPID_ESIS, NLPID_ISIS],
            _ => &[],
        };
        let mut tests = Vec::new();
        for number in numbers {
            tests.push(self.frame_relay_nlpid(header, *number));
        }
        self.predicates.any(tests)
    }

    /// A frame that begins with this NLPID.
    pub(in crate::lower) fn frame_relay_nlpid(&mut self, header: Offset, number: u32) -> PredicateId {
        self.equals(Size::Half, header.plus(NLPID_AT), UNNUMBERED | number)
    }
}
