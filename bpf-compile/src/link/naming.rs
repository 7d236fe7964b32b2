//! How link layers say which protocol they carry.

use super::LinkType;

/// The ways to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Naming {
    /// An EtherType, or a length and an 802.2 header.
    Ethernet,
    /// An EtherType and nothing else.
    EtherType,
    /// An EtherType, or 4 and an 802.2 header.
    LinuxSll,
    /// An 802.2 header in every packet.
    Llc,
    /// An 802.2 header in data frames.
    Wlan,
    /// An 802.2 header in packets that are neither LANE nor signalling.
    SunAtm,
    /// Cisco's field: an EtherType, or a doubled service access point.
    Hdlc,
    /// A number of PPP.
    Ppp,
    /// The same, and IP may be compressed.
    PppBsdos,
    /// An address family.
    Loopback,
    /// An address family of one byte, and a direction: pf's log.
    Pflog,
    /// An address family of one byte, of Solaris.
    Ipnet,
    /// A system code.
    Arcnet,
    /// An NLPID.
    FrameRelay,
    /// Nothing but the version in the IP header.
    IpVersion,
    /// It is always the same: this EtherType.
    Always(u16),
    /// Only that it is one of Juniper's captures can be seen.
    Juniper,
    /// It is not said, or nobody knows how.
    Unknown,
}

/// The EtherTypes of packets that are always of one protocol.
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const APPLETALK: u16 = 0x809b;

/// How a link type says which protocol it carries.
#[must_use]
pub fn naming(link_type: LinkType) -> Naming {
    use LinkType as L;
    match link_type {
        L::EN10MB | L::NETANALYZER | L::NETANALYZER_TRANSPARENT | L::DSA_TAG_BRCM | L::DSA_TAG_DSA => {
            Naming::Ethernet
        }
        L::LINUX_SLL2 | L::APPLE_IP_OVER_IEEE1394 | L::SYMANTEC_FIREWALL => Naming::EtherType,
        L::LINUX_SLL => Naming::LinuxSll,
        L::FDDI | L::IEEE802 | L::ATM_RFC1483 | L::ATM_CLIP | L::IP_OVER_FC => Naming::Llc,
        L::IEEE802_11 | L::PRISM_HEADER | L::IEEE802_11_RADIO_AVS | L::IEEE802_11_RADIO | L::PPI => {
            Naming::Wlan
        }
        L::SUNATM => Naming::SunAtm,
        L::C_HDLC | L::HDLC => Naming::Hdlc,
        L::PPP | L::PPP_PPPD | L::PPP_SERIAL | L::PPP_ETHER => Naming::Ppp,
        L::PPP_BSDOS => Naming::PppBsdos,
        L::NULL | L::LOOP | L::ENC => Naming::Loopback,
        L::PFLOG => Naming::Pflog,
        L::IPNET => Naming::Ipnet,
        L::ARCNET | L::ARCNET_LINUX => Naming::Arcnet,
        L::FRELAY => Naming::FrameRelay,
        L::SLIP | L::SLIP_BSDOS | L::RAW => Naming::IpVersion,
        L::IPV4 => Naming::Always(IPV4),
        L::IPV6 => Naming::Always(IPV6),
        L::LTALK => Naming::Always(APPLETALK),
        L::JUNIPER_MFR
        | L::JUNIPER_MLFR
        | L::JUNIPER_MLPPP
        | L::JUNIPER_ATM1
        | L::JUNIPER_ATM2
        | L::JUNIPER_PPPOE
        | L::JUNIPER_PPPOE_ATM
        | L::JUNIPER_GGSN
        | L::JUNIPER_ES
        | L::JUNIPER_MONITOR
        | L::JUNIPER_SERVICES
        | L::JUNIPER_ETHER
        | L::JUNIPER_PPP
        | L::JUNIPER_FRELAY
        | L::JUNIPER_CHDLC
        | L::JUNIPER_VP
        | L::JUNIPER_ST
        | L::JUNIPER_ISM
        | L::JUNIPER_VS
        | L::JUNIPER_SRX_E2E
        | L::JUNIPER_FIBRECHANNEL
        | L::JUNIPER_ATM_CEMIC => Naming::Juniper,
        _ => Naming::Unknown,
    }
}
