//! The link types: what family each belongs to, and where its headers lie.
//!
//! ```text
//! Ethernet   dst(6) src(6) [tag(4)]* type(2) payload          type <= 1500 is a length: 802.2 LLC follows
//! raw IP     payload                                          the version nibble says which IP
//! NULL       address family(4, host byte order) payload       LOOP: network byte order
//! SLL        kind(2) arphrd(2) len(2) addr(8) type(2) payload
//! SLL2       type(2) 0(2) ifindex(4) arphrd(2) kind(1) len(1) addr(8) payload
//! 802.5 ...  addresses LLC(3) SNAP(5) payload                 FDDI, 802.11, Fibre Channel and ATM likewise
//! ```

use super::EvalError;

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
    pub(in super::super) const XNS: u32 = 0x0600;
    pub(in super::super) const DECNET: u32 = 0x6003;
    pub(in super::super) const LAT: u32 = 0x6004;
    pub(in super::super) const SCA: u32 = 0x6007;
    pub(in super::super) const MOP_DUMP_LOAD: u32 = 0x6001;
    pub(in super::super) const MOP_CONSOLE: u32 = 0x6002;
    pub(in super::super) const MPLS: u32 = 0x8847;
    pub(in super::super) const PPPOE_DISCOVERY: u32 = 0x8863;
    pub(in super::super) const PPPOE_SESSION: u32 = 0x8864;
    pub(in super::super) const TRANSPARENT_ETHERNET: u32 = 0x6558;
}

/// Service access points of 802.2; told from EtherTypes by being at most 1500.
pub(super) mod sap {
    pub(in super::super) const IP: u32 = 0x06;
    pub(in super::super) const SPANNING_TREE: u32 = 0x42;
    pub(in super::super) const IPX: u32 = 0xe0;
    pub(in super::super) const NETBEUI: u32 = 0xf0;
    pub(in super::super) const OSI: u32 = 0xfe;
}

/// What stands before an 802.11 header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Radio {
    Bare,
    Radiotap,
    Avs,
    Prism,
    Ppi,
}

impl Radio {
    pub(super) fn has_prefix(self) -> bool {
        self != Self::Bare
    }
}

/// Link types that are tested in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ethernet,
    /// Ethernet behind a header of netANALYZER.
    NetAnalyzer,
    /// Ethernet with a tag of a switch before the type.
    SwitchTagged,
    RawIp,
    RawIpv4,
    RawIpv6,
    /// Raw IP behind a header of SLIP; that of BSD/OS has no direction.
    Slip,
    SlipBsdos,
    Null,
    Loop,
    Enc,
    Sll,
    Sll2,
    Fddi,
    TokenRing,
    FibreChannel,
    AtmLlc,
    AtmClip,
    SunAtm,
    Dot11(Radio),
    Ppp,
    PppPppd,
    PppSerial,
    PppEther,
    PppBsdos,
    CiscoHdlc,
    FrameRelay,
    Arcnet,
    LocalTalk,
    Pflog,
    Ipnet,
    FireWire,
    Symantec,
    Juniper,
    Bacnet,
    Mtp2,
    Mtp2Phdr,
    Erf,
    /// Nothing is known but the first byte.
    Other,
}

/// Of a place: there is nothing, or nobody knows where.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Where the headers lie, as far as the link type says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) header: u32,
    pub(super) protocol: u32,
    pub(super) payload: u32,
    pub(super) network: u32,
    pub(super) behind_llc: u32,
}

/// A link type by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkType {
    pub(super) dlt: u16,
    pub(super) kind: Kind,
}

impl LinkType {
    /// From the number that programs use.
    pub(super) fn from_dlt(dlt: u16) -> Result<Self, EvalError> {
        let kind = match dlt {
            0 => Kind::Null,
            1 => Kind::Ethernet,
            6 => Kind::TokenRing,
            7 | 129 => Kind::Arcnet,
            8 => Kind::Slip,
            9 => Kind::Ppp,
            10 => Kind::Fddi,
            11 => Kind::AtmLlc,
            // 12 in programs of most systems, 14 on OpenBSD, 101 in capture files.
            12 | 14 | 101 => Kind::RawIp,
            15 => Kind::SlipBsdos,
            16 => Kind::PppBsdos,
            19 => Kind::AtmClip,
            50 => Kind::PppSerial,
            51 => Kind::PppEther,
            99 => Kind::Symantec,
            104 => Kind::CiscoHdlc,
            105 => Kind::Dot11(Radio::Bare),
            107 => Kind::FrameRelay,
            108 => Kind::Loop,
            109 => Kind::Enc,
            113 => Kind::Sll,
            114 => Kind::LocalTalk,
            117 => Kind::Pflog,
            119 => Kind::Dot11(Radio::Prism),
            122 => Kind::FibreChannel,
            123 => Kind::SunAtm,
            127 => Kind::Dot11(Radio::Radiotap),
            130..=137 | 164 | 167 | 168 | 178..=181 | 183 | 194 | 200 | 232..=234 | 238 => Kind::Juniper,
            138 => Kind::FireWire,
            139 => Kind::Mtp2Phdr,
            140 => Kind::Mtp2,
            163 => Kind::Dot11(Radio::Avs),
            165 => Kind::Bacnet,
            166 => Kind::PppPppd,
            192 => Kind::Dot11(Radio::Ppi),
            197 => Kind::Erf,
            226 => Kind::Ipnet,
            228 => Kind::RawIpv4,
            229 => Kind::RawIpv6,
            240 | 241 => Kind::NetAnalyzer,
            276 => Kind::Sll2,
            281 | 284 => Kind::SwitchTagged,
            _ if bpf_compile::link::LinkType(dlt).name().is_some() => Kind::Other,
            _ => return Err(EvalError::Unsupported("link type")),
        };
        Ok(Self { dlt, kind })
    }

    /// Where its headers lie.
    pub(super) fn places(self) -> Places {
        let (header, protocol, payload, network, behind_llc) = match (self.kind, self.dlt) {
            (Kind::Ethernet, _) => (0, 12, 14, 0, 3),
            (Kind::SwitchTagged, _) => (0, 16, 18, 0, 3),
            (Kind::NetAnalyzer, 240) => (4, 16, 18, 0, 3),
            (Kind::NetAnalyzer, _) => (12, 24, 26, 0, 3),
            (Kind::RawIp | Kind::RawIpv4 | Kind::RawIpv6, _) => (0, NOWHERE, 0, 0, 0),
            (Kind::Slip, _) => (0, NOWHERE, 16, 0, 0),
            (Kind::SlipBsdos, _) => (0, NOWHERE, 24, 0, 0),
            (Kind::Null | Kind::Loop, _) => (0, 0, 4, 0, 0),
            (Kind::Enc, _) => (0, 0, 12, 0, 0),
            (Kind::Sll, _) => (0, 14, 16, 0, 0),
            (Kind::Sll2, _) => (0, 0, 20, 0, 0),
            (Kind::Fddi, _) => (0, 13, 13, 8, 3),
            (Kind::TokenRing, _) => (0, 14, 14, 8, 3),
            (Kind::FibreChannel, _) => (0, 16, 16, 8, 3),
            (Kind::AtmLlc | Kind::AtmClip, _) => (0, 0, 0, 8, 3),
            (Kind::SunAtm, _) => (0, 0, 4, 8, 3),
            (Kind::Dot11(_), _) => (0, NOWHERE, 0, 8, 3),
            (Kind::Ppp | Kind::PppPppd | Kind::PppSerial | Kind::CiscoHdlc, _) => (0, 2, 4, 0, 0),
            (Kind::PppEther, _) => (0, 6, 8, 0, 0),
            (Kind::PppBsdos, _) => (0, 5, 24, 0, 0),
            (Kind::FrameRelay, _) => (0, NOWHERE, 0, 0, 0),
            (Kind::Arcnet, 7) => (0, 2, 6, 0, 0),
            (Kind::Arcnet, _) => (0, 4, 8, 0, 0),
            (Kind::LocalTalk | Kind::Pflog, _) => (0, 0, 0, 0, 0),
            (Kind::Ipnet, _) => (0, 1, 24, 0, NOWHERE),
            (Kind::FireWire, _) => (0, 16, 18, 0, 0),
            (Kind::Symantec, _) => (0, 6, 44, 0, 0),
            (Kind::Juniper, 130 | 131 | 134 | 179..=181) => (0, 4, 4, 0, NOWHERE),
            (Kind::Juniper, 137) => (0, 4, 4, 0, 10),
            (Kind::Juniper, 135) => (0, 8, 8, 0, 10),
            (Kind::Juniper, 167 | 178) => (0, 16, 14, 18, 21),
            (Kind::Juniper, 168) => (0, 4, 6, 0, NOWHERE),
            (Kind::Juniper, 133 | 164) => (0, 12, 12, 0, NOWHERE),
            _ => (0, NOWHERE, NOWHERE, 0, 0),
        };
        Places { header, protocol, payload, network, behind_llc }
    }
}
