//! Protocols of the link layer.
//!
//! A protocol is an EtherType above 1500, or else an 802.2 service access point (SAP), as in the length field of
//! Ethernet. Each link type has its own way to name it:
//!
//! | link type   | field              | 802.2 frames                     |
//! | ----------- | ------------------ | -------------------------------- |
//! | EN10MB      | type or length     | a length of at most 1500         |
//! | LINUX_SLL   | protocol           | protocol 4; Novell 802.3: 1      |
//! | LINUX_SLL2  | protocol           | not looked into                  |
//! | NULL, LOOP  | address family     | none                             |
//! | RAW         | version of IP      | none                             |
//! | IPV4, IPV6  | none: always the same protocol | none                 |

use crate::compile::LoopbackFamilies;
use crate::diagnostic::Code;
use crate::graph::{Cond, Offset, PredicateId, Size};
use crate::link::LinkType;
use crate::span::Span;

use super::{Lower, Lowering};

/// The largest length of an 802.3 frame; larger numbers in that field are EtherTypes.
pub(super) const LENGTH_MAX: u32 = 1500;

/// EtherTypes that are named here; the numbers are IEEE's.
pub(super) mod ethertype {
    pub(in crate::lower) const IPV4: u32 = 0x0800;
    pub(in crate::lower) const ARP: u32 = 0x0806;
    pub(in crate::lower) const REVARP: u32 = 0x8035;
    pub(in crate::lower) const VLAN: u32 = 0x8100;
    pub(in crate::lower) const IPV6: u32 = 0x86dd;
    pub(in crate::lower) const PROVIDER_VLAN: u32 = 0x88a8;
    pub(in crate::lower) const QINQ: u32 = 0x9100;
    pub(in crate::lower) const MOPDL: u32 = 0x6001;
    pub(in crate::lower) const MOPRC: u32 = 0x6002;
    pub(in crate::lower) const DECNET: u32 = 0x6003;
    pub(in crate::lower) const LAT: u32 = 0x6004;
    pub(in crate::lower) const SCA: u32 = 0x6007;
    pub(in crate::lower) const ATALK: u32 = 0x809b;
    pub(in crate::lower) const AARP: u32 = 0x80f3;
    pub(in crate::lower) const IPX: u32 = 0x8137;
}

/// 802.2 service access points.
pub(super) mod sap {
    pub(in crate::lower) const IP: u32 = 0x06;
    pub(in crate::lower) const STP: u32 = 0x42;
    pub(in crate::lower) const IPX: u32 = 0xe0;
    pub(in crate::lower) const NETBEUI: u32 = 0xf0;
    pub(in crate::lower) const ISO: u32 = 0xfe;
}

/// LINUX_SLL's protocol field for frames without an EtherType.
const SLL_NOVELL: u32 = 1;
const SLL_LLC: u32 = 4;

/// Address families: the same everywhere for IPv4, different for IPv6.
const AF_INET: u32 = 2;
const AF_INET6_LINUX: u32 = 10;
const AF_INET6_NETBSD: u32 = 24;
const AF_INET6_FREEBSD: u32 = 28;
const AF_INET6_DARWIN: u32 = 30;

impl Lowering<'_> {
    /// The link layer says that this protocol follows.
    pub(super) fn link_protocol(&mut self, protocol: u32) -> Lower<PredicateId> {
        let header = self.layers.header;
        Ok(match (self.layers.link_type, self.layers.protocol) {
            (LinkType::EN10MB, Some(field)) => self.ethernet_protocol(field, protocol),
            (LinkType::LINUX_SLL, Some(field)) => self.sll_protocol(field, protocol),
            (LinkType::LINUX_SLL2, Some(field)) => self.equals(Size::Half, field, protocol),
            (LinkType::NULL | LinkType::LOOP, _) => self.loopback_protocol(header, protocol),
            (LinkType::RAW, _) => match protocol {
                ethertype::IPV4 => self.bits_equal(Size::Byte, header, 0xf0, 0x40),
                ethertype::IPV6 => self.bits_equal(Size::Byte, header, 0xf0, 0x60),
                _ => self.predicates.constant(false),
            },
            (LinkType::IPV4, _) => self.predicates.constant(protocol == ethertype::IPV4),
            (LinkType::IPV6, _) => self.predicates.constant(protocol == ethertype::IPV6),
            (other, _) => {
                return Err(self
                    .error(
                        Code::LinkType,
                        alloc::format!("protocols cannot be told apart in packets of link type {other}"),
                    )
                    .with_help("`link[n]`, `len`, `less` and `greater` work on every link type"));
            }
        })
    }

    /// A number fits in the field that it is held against: an EtherType, or up to 1500 a one-byte SAP. Where there is
    /// no such field, any number just never matches.
    pub(super) fn check_link_protocol(&self, protocol: u32, span: Span) -> Lower<()> {
        match self.layers.link_type {
            LinkType::EN10MB | LinkType::LINUX_SLL if protocol <= LENGTH_MAX => {
                self.check_range("802.2 service access point", protocol, 0xff, span)
            }
            LinkType::EN10MB | LinkType::LINUX_SLL | LinkType::LINUX_SLL2 => {
                self.check_range("EtherType", protocol, 0xffff, span)
            }
            _ => Ok(()),
        }
    }

    fn ethernet_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
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

    fn sll_protocol(&mut self, field: Offset, protocol: u32) -> PredicateId {
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

    fn loopback_protocol(&mut self, header: Offset, protocol: u32) -> PredicateId {
        let families: &[u32] = match (protocol, self.options.loopback_families) {
            (ethertype::IPV4, _) => &[AF_INET],
            (ethertype::IPV6, LoopbackFamilies::Linux) => &[AF_INET6_LINUX],
            (ethertype::IPV6, LoopbackFamilies::Savefile) => {
                &[AF_INET6_NETBSD, AF_INET6_FREEBSD, AF_INET6_DARWIN]
            }
            _ => return self.predicates.constant(false),
        };
        // NULL holds the number as the machine that captured it stores it: little-endian for a program for this
        // machine's kernel, either for a file. LOOP holds it in network order.
        let is_null = self.layers.link_type == LinkType::NULL;
        let orders: &[fn(u32) -> u32] = match (is_null, self.options.loopback_families) {
            (false, _) => &[|family| family],
            (true, LoopbackFamilies::Linux) => &[u32::swap_bytes],
            (true, LoopbackFamilies::Savefile) => &[u32::swap_bytes, |family| family],
        };
        let mut tests = alloc::vec::Vec::new();
        for order in orders {
            for &family in families {
                tests.push(self.equals(Size::Word, header, order(family)));
            }
        }
        self.predicates.any(tests)
    }

    fn is_length(&mut self, field: Offset) -> PredicateId {
        let is_type = self.field(Cond::Gt, Size::Half, field, LENGTH_MAX);
        self.predicates.not(is_type)
    }

    /// An 802.2 header that announces a SNAP header with this organization and protocol.
    fn snap(&mut self, llc: Offset, organization: u32, protocol: u32) -> PredicateId {
        let [_, o0, o1, o2] = organization.to_be_bytes();
        let [_, _, p0, p1] = protocol.to_be_bytes();
        self.bytes_equal(llc, &[0xaa, 0xaa, 0x03, o0, o1, o2, p0, p1])
    }
}

/// AppleTalk is numbered by Apple, its ARP by Xerox.
fn appletalk_organization(protocol: u32) -> u32 {
    if protocol == ethertype::ATALK { 0x08_0007 } else { 0 }
}
