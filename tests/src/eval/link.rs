//! Where the network header lies, and which protocol it belongs to.
//!
//! ```text
//! Ethernet   dst(6) src(6) [tag(4)]* type(2) payload          type <= 1500 is a length: 802.2 LLC follows
//! raw IP     payload                                          the version nibble says which IP
//! NULL       address family(4, host byte order) payload       LOOP: network byte order
//! SLL        kind(2) arphrd(2) len(2) addr(8) type(2) payload
//! SLL2       type(2) 0(2) ifindex(4) arphrd(2) kind(1) len(1) addr(8) payload
//! ```

use super::EvalError;
use super::packet::Width;
use super::truth::Truth;
use super::{Captured, View};

/// The largest value of the type field that is a length (IEEE 802.3 clause 3.2.6).
const LENGTH_MAX: u32 = 1500;

/// Protocol numbers of the type field (IANA "IEEE 802 Numbers").
pub(super) mod ethertype {
    pub(in super::super) const IPV4: u32 = 0x0800;
    pub(in super::super) const ARP: u32 = 0x0806;
    pub(in super::super) const RARP: u32 = 0x8035;
    pub(in super::super) const IPV6: u32 = 0x86dd;
    pub(in super::super) const VLAN: u32 = 0x8100;
    pub(in super::super) const PROVIDER_VLAN: u32 = 0x88a8;
    pub(in super::super) const OLD_QINQ: u32 = 0x9100;
    pub(in super::super) const APPLETALK: u32 = 0x809b;
    pub(in super::super) const APPLETALK_ARP: u32 = 0x80f3;
    pub(in super::super) const IPX: u32 = 0x8137;
    pub(in super::super) const DECNET: u32 = 0x6003;
    pub(in super::super) const LAT: u32 = 0x6004;
    pub(in super::super) const SCA: u32 = 0x6007;
    pub(in super::super) const MOP_DUMP_LOAD: u32 = 0x6001;
    pub(in super::super) const MOP_CONSOLE: u32 = 0x6002;
}

/// Service access points of 802.2; told from EtherTypes by being at most 1500.
pub(super) mod sap {
    pub(in super::super) const IP: u32 = 0x06;
    pub(in super::super) const SPANNING_TREE: u32 = 0x42;
    pub(in super::super) const IPX: u32 = 0xe0;
    pub(in super::super) const NETBEUI: u32 = 0xf0;
    pub(in super::super) const OSI: u32 = 0xfe;
}

/// The first word of a SNAP header: both access points 0xaa, unnumbered information, first byte of the OUI.
const SNAP: u32 = 0xaaaa_0300;
/// As [`SNAP`], with the first byte of Apple's OUI 08-00-07.
const SNAP_APPLE: u32 = 0xaaaa_0308;

/// Special values of the protocol field of Linux cooked headers (`linux/if_ether.h`).
mod sll {
    pub(super) const NOVELL_802_3: u32 = 0x0001;
    pub(super) const LLC_802_2: u32 = 0x0004;
}

/// Address families as Linux numbers them, which is what a handle without a device or file is given.
mod family {
    pub(super) const INET: u32 = 2;
    pub(super) const INET6: u32 = 10;
}

/// The link types of the slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkType {
    Ethernet,
    RawIp,
    RawIpv4,
    RawIpv6,
    Null,
    Loop,
    Sll,
    Sll2,
}

impl LinkType {
    /// From the number that programs use.
    pub(super) fn from_dlt(dlt: u16) -> Result<Self, EvalError> {
        match dlt {
            1 => Ok(Self::Ethernet),
            // 12 in programs of most systems, 14 on OpenBSD, 101 in capture files.
            12 | 14 | 101 => Ok(Self::RawIp),
            228 => Ok(Self::RawIpv4),
            229 => Ok(Self::RawIpv6),
            0 => Ok(Self::Null),
            108 => Ok(Self::Loop),
            113 => Ok(Self::Sll),
            276 => Ok(Self::Sll2),
            _ => Err(EvalError::Unsupported("link type")),
        }
    }
}

/// A link type, and how many tags are taken to lie before the payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) kind: LinkType,
    tags: u32,
}

impl Link {
    pub(super) fn new(kind: LinkType, tags: u32) -> Self {
        Self { kind, tags }
    }

    /// Where the field that names the protocol lies, if it is an EtherType.
    fn type_at(self) -> u64 {
        let untagged: u64 = match self.kind {
            LinkType::Ethernet => 12,
            LinkType::Sll => 14,
            _ => 0,
        };
        untagged + u64::from(self.tags) * 4
    }

    /// Where the network header lies.
    pub(super) fn payload_at(self) -> u64 {
        let untagged: u64 = match self.kind {
            LinkType::Ethernet => 14,
            LinkType::RawIp | LinkType::RawIpv4 | LinkType::RawIpv6 => 0,
            LinkType::Null | LinkType::Loop => 4,
            LinkType::Sll => 16,
            LinkType::Sll2 => 20,
        };
        untagged + u64::from(self.tags) * 4
    }

    /// Whether the packet carries a protocol: an EtherType, or a service access point where it is at most 1500.
    fn carries(self, protocol: u32, packet: &Captured<'_>) -> Truth {
        match self.kind {
            LinkType::Ethernet => self.ethernet_carries(protocol, packet),
            LinkType::Sll => self.sll_carries(protocol, packet),
            LinkType::Sll2 => Truth::of(packet.read(self.type_at(), Width::Half), |found| found == protocol),
            LinkType::RawIp => match protocol {
                ethertype::IPV4 => Truth::of(packet.read(0, Width::Byte), |first| first >> 4 == 4),
                ethertype::IPV6 => Truth::of(packet.read(0, Width::Byte), |first| first >> 4 == 6),
                _ => Truth::Fixed(false),
            },
            LinkType::RawIpv4 => Truth::Fixed(protocol == ethertype::IPV4),
            LinkType::RawIpv6 => Truth::Fixed(protocol == ethertype::IPV6),
            LinkType::Null | LinkType::Loop => {
                let family = match protocol {
                    ethertype::IPV4 => family::INET,
                    ethertype::IPV6 => family::INET6,
                    _ => return Truth::Fixed(false),
                };
                // NULL has the byte order of the machine that captured; taken to be a little-endian one.
                let family = if self.kind == LinkType::Null { family.swap_bytes() } else { family };
                Truth::of(packet.read(0, Width::Word), |found| found == family)
            }
        }
    }

    /// Refuses a number that what it is compared with cannot hold.
    pub(super) fn refuse_unfit(self, protocol: u32) -> Result<(), EvalError> {
        let has_access_points = matches!(self.kind, LinkType::Ethernet | LinkType::Sll);
        match protocol {
            0x100..=LENGTH_MAX if has_access_points => {
                Err(EvalError::Refused("a service access point has 8 bits"))
            }
            0..=0xffff => Ok(()),
            _ => Err(EvalError::Refused("an EtherType has 16 bits")),
        }
    }

    fn ethernet_carries(self, protocol: u32, packet: &Captured<'_>) -> Truth {
        let type_field = packet.read(self.type_at(), Width::Half);
        let is_type = Truth::of(type_field, |found| found == protocol);
        let is_length = Truth::of(type_field, |found| found <= LENGTH_MAX);
        let llc = Llc { at: self.payload_at(), packet };
        match protocol {
            sap::OSI | sap::IP | sap::NETBEUI => is_length.and(llc.both_points_are(protocol)),
            sap::IPX => {
                let type_is_ipx = Truth::of(type_field, |found| found == ethertype::IPX);
                let framed = llc
                    .snap_is(SNAP, ethertype::IPX)
                    .or(llc.destination_is(sap::IPX))
                    // Novell's raw 802.3: the checksum field of IPX, all ones, where LLC would be.
                    .or(Truth::of(packet.read(llc.at, Width::Half), |found| found == 0xffff));
                type_is_ipx.or(is_length.and(framed))
            }
            ethertype::APPLETALK => is_type.or(is_length.and(llc.snap_is(SNAP_APPLE, protocol))),
            ethertype::APPLETALK_ARP => is_type.or(is_length.and(llc.snap_is(SNAP, protocol))),
            0..=LENGTH_MAX => is_length.and(llc.destination_is(protocol)),
            _ => is_type,
        }
    }

    fn sll_carries(self, protocol: u32, packet: &Captured<'_>) -> Truth {
        let type_field = packet.read(self.type_at(), Width::Half);
        let type_is = |value: u32| Truth::of(type_field, |found| found == value);
        let is_llc = type_is(sll::LLC_802_2);
        let llc = Llc { at: self.payload_at(), packet };
        match protocol {
            sap::OSI | sap::IP | sap::NETBEUI => is_llc.and(llc.both_points_are(protocol)),
            sap::IPX => type_is(ethertype::IPX)
                .or(type_is(sll::NOVELL_802_3))
                .or(is_llc.and(llc.destination_is(sap::IPX).or(llc.snap_is(SNAP, ethertype::IPX)))),
            ethertype::APPLETALK => type_is(protocol).or(is_llc.and(llc.snap_is(SNAP_APPLE, protocol))),
            ethertype::APPLETALK_ARP => type_is(protocol).or(is_llc.and(llc.snap_is(SNAP, protocol))),
            0..=LENGTH_MAX => is_llc.and(llc.destination_is(protocol)),
            _ => type_is(protocol),
        }
    }
}

/// A place where an 802.2 header may lie.
struct Llc<'a> {
    at: u64,
    packet: &'a Captured<'a>,
}

impl Llc<'_> {
    fn destination_is(&self, point: u32) -> Truth {
        Truth::of(self.packet.read(self.at, Width::Byte), |found| found == point)
    }

    fn both_points_are(&self, point: u32) -> Truth {
        Truth::of(self.packet.read(self.at, Width::Half), |found| found == point << 8 | point)
    }

    /// SNAP with an OUI whose last two bytes are those of `start`'s owner: 00-00-00 or 08-00-07.
    fn snap_is(&self, start: u32, protocol: u32) -> Truth {
        let oui_end: u32 = if start == SNAP_APPLE { 0x0007 } else { 0x0000 };
        let end =
            Truth::of(self.packet.read(self.at + 4, Width::Word), |found| found == oui_end << 16 | protocol);
        let start = Truth::of(self.packet.read(self.at, Width::Word), |found| found == start);
        end.and(start)
    }
}

impl View<'_> {
    /// Whether the payload belongs to a protocol.
    pub(super) fn carries(&self, protocol: u32) -> Truth {
        self.link.carries(protocol, &self.packet)
    }

    /// A number of the network header.
    pub(super) fn in_payload(&self, offset: u64, width: Width) -> Option<u32> {
        self.packet.read(self.link.payload_at() + offset, width)
    }

    /// `vlan [id]`, behind the tags that the text has named already.
    pub(super) fn vlan(&self, id: Option<u32>) -> Result<Truth, EvalError> {
        if self.link.kind != LinkType::Ethernet {
            return Err(EvalError::Refused("no VLAN on this link type"));
        }
        let tagged = Truth::any(
            [ethertype::VLAN, ethertype::PROVIDER_VLAN, ethertype::OLD_QINQ].map(|kind| self.carries(kind)),
        );
        match id {
            None => Ok(tagged),
            Some(0..=0xfff) => {
                let tci = self.in_payload(0, Width::Half);
                Ok(tagged.and(Truth::of(tci, |found| Some(found & 0xfff) == id)))
            }
            Some(_) => Err(EvalError::Refused("a VLAN id has 12 bits")),
        }
    }
}
