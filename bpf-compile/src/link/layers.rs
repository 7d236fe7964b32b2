//! Where the headers lie, for the part of the filter that is being read.
//!
//! ```text
//! Ethernet    │ dst src │ type │ payload ...              header 0, protocol 12, payload 14, network 0
//! `vlan`      │ dst src │ 8100 tci type │ payload ...     header 0, protocol 16, payload 18 from here on
//! 802.11      │ radiotap │ 802.11 header │ LLC │ ...      header: a variable; payload: a variable; network 8
//! `geneve`    │ ... UDP Geneve │ dst src type │ ...       header, protocol, payload: variables
//! ```
//!
//! The words that step into an encapsulation move these places for everything that stands after them in the text.

use super::LinkType;
use super::naming::{Naming, naming};
use crate::graph::{Offset, Values};

/// Of a protocol field: there is none.
const NOT_SET: u32 = u32::MAX;
/// Of the network header: its place is not known. Whatever is looked for behind it is beyond any packet.
pub const UNKNOWN: u32 = 0x8000_0000;

/// The link type, and the places of its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The innermost link layer.
    pub link_type: LinkType,
    /// Its first byte.
    pub header: Offset,
    /// The link layer around it, and its first byte.
    pub outer: (LinkType, Offset),
    /// Its protocol field; `None` if it has none.
    pub protocol: Option<Offset>,
    /// What follows it: the 802.2 header, if there is one.
    pub payload: Offset,
    /// Bytes from there to the network header: behind 802.2 and SNAP headers, and behind MPLS labels.
    pub network: u32,
    /// The same where the network header follows the 802.2 header alone.
    pub network_without_snap: u32,
    /// How many VLAN tags were stepped over.
    pub vlan_depth: u32,
    /// How many MPLS labels were stepped over.
    pub labels: u32,
    /// The link layer is inside of Geneve or VXLAN: Geneve may also carry packets without one.
    pub is_tunnelled: bool,
}

impl Layers {
    /// How packets of a link type begin. Lengths that packets tell are variables, stored before anything else is done.
    #[must_use]
    pub fn outermost(link_type: LinkType, values: &mut Values) -> Self {
        let place = place(link_type);
        let has_header_length = matches!(
            link_type,
            LinkType::PRISM_HEADER
                | LinkType::IEEE802_11_RADIO_AVS
                | LinkType::IEEE802_11_RADIO
                | LinkType::PPI
        );
        let has_payload_length = naming(link_type) == Naming::Wlan || link_type == LinkType::PFLOG;
        let mut at = |constant: u32, is_variable: bool| {
            let base = is_variable.then(|| {
                let variable = values.fresh_variable();
                values.variable(variable)
            });
            Offset { base, constant }
        };
        let header = at(place.header, has_header_length);
        Self {
            link_type,
            header,
            outer: (link_type, header),
            protocol: (place.protocol != NOT_SET).then_some(Offset::at(place.protocol)),
            payload: at(place.payload, has_payload_length),
            network: place.network,
            network_without_snap: place.network_without_snap,
            vlan_depth: 0,
            labels: 0,
            is_tunnelled: false,
        }
    }

    /// `bytes` into the network header.
    #[must_use]
    pub fn network(&self, bytes: u32) -> Offset {
        self.payload.plus(self.network).plus(bytes)
    }

    /// Past one 802.1Q tag.
    pub fn enter_vlan(&mut self) {
        self.protocol = self.protocol.map(|field| field.plus(4));
        self.payload = self.payload.plus(4);
        self.vlan_depth = self.vlan_depth.saturating_add(1);
    }

    /// Past one MPLS label.
    pub fn enter_mpls(&mut self) {
        self.network = self.network.wrapping_add(4);
        self.network_without_snap = self.network_without_snap.wrapping_add(4);
        self.labels = self.labels.saturating_add(1);
    }

    /// Into another link layer: what was before it, labels and tags, is behind us.
    pub fn enter(&mut self, link_type: LinkType, header: Offset, protocol: Offset, payload: Offset) {
        self.outer = (self.link_type, self.header);
        self.link_type = link_type;
        self.header = header;
        self.protocol = Some(protocol);
        self.payload = payload;
        self.network = 0;
        self.labels = 0;
        self.is_tunnelled = false;
    }
}

/// The constant parts of the places of a link type.
struct Place {
    header: u32,
    protocol: u32,
    payload: u32,
    network: u32,
    network_without_snap: u32,
}

const fn plain(protocol: u32, payload: u32) -> Place {
    Place { header: 0, protocol, payload, network: 0, network_without_snap: 0 }
}

/// With an 802.2 header behind the link layer's.
const fn llc(protocol: u32, payload: u32) -> Place {
    Place { network: 8, network_without_snap: 3, ..plain(protocol, payload) }
}

const fn ethernet(header: u32, protocol: u32) -> Place {
    let payload = protocol.wrapping_add(2);
    Place { header, protocol, payload, network: 0, network_without_snap: 3 }
}

const fn juniper(protocol: u32, payload: u32, network: u32, network_without_snap: u32) -> Place {
    Place { header: 0, protocol, payload, network, network_without_snap }
}

fn place(link_type: LinkType) -> Place {
    use LinkType as L;
    match link_type {
        L::EN10MB => ethernet(0, 12),
        // A switch's tag stands before the type.
        L::DSA_TAG_BRCM | L::DSA_TAG_DSA => ethernet(0, 16),
        L::NETANALYZER => ethernet(4, 16),
        L::NETANALYZER_TRANSPARENT => ethernet(12, 24),
        L::ARCNET => plain(2, 6),
        L::ARCNET_LINUX => plain(4, 8),
        L::SLIP => plain(NOT_SET, 16),
        L::SLIP_BSDOS => plain(NOT_SET, 24),
        L::NULL | L::LOOP => plain(0, 4),
        L::ENC => plain(0, 12),
        L::PPP | L::PPP_PPPD | L::C_HDLC | L::HDLC | L::PPP_SERIAL => plain(2, 4),
        L::PPP_ETHER => plain(6, 8),
        L::PPP_BSDOS => plain(5, 24),
        L::FDDI => llc(13, 13),
        L::IEEE802 => llc(14, 14),
        L::PRISM_HEADER | L::IEEE802_11_RADIO_AVS | L::IEEE802_11_RADIO | L::IEEE802_11 | L::PPI => {
            llc(24, 0)
        }
        L::ATM_RFC1483 | L::ATM_CLIP => llc(0, 0),
        L::SUNATM => llc(4, 4),
        L::RAW | L::IPV4 | L::IPV6 | L::LTALK | L::FRELAY => plain(NOT_SET, 0),
        L::LINUX_SLL => plain(14, 16),
        L::LINUX_SLL2 => plain(0, 20),
        L::IP_OVER_FC => llc(16, 16),
        L::MFR => Place { network: 4, ..plain(NOT_SET, 0) },
        L::APPLE_IP_OVER_IEEE1394 => plain(16, 18),
        L::SYMANTEC_FIREWALL => plain(6, 44),
        L::PFLOG => plain(0, 0),
        L::PFSYNC => plain(NOT_SET, 4),
        L::IPNET => juniper(1, 24, 0, UNKNOWN),
        L::JUNIPER_MFR
        | L::JUNIPER_MLFR
        | L::JUNIPER_MLPPP
        | L::JUNIPER_PPP
        | L::JUNIPER_CHDLC
        | L::JUNIPER_FRELAY => juniper(4, 4, 0, UNKNOWN),
        L::JUNIPER_ATM1 => juniper(4, 4, 0, 10),
        L::JUNIPER_ATM2 => juniper(8, 8, 0, 10),
        L::JUNIPER_PPPOE | L::JUNIPER_ETHER => juniper(16, 14, 18, 21),
        L::JUNIPER_PPPOE_ATM => juniper(4, 6, 0, UNKNOWN),
        L::JUNIPER_GGSN => juniper(6, 12, 0, UNKNOWN),
        L::JUNIPER_ES => juniper(6, UNKNOWN, 0, 0),
        L::JUNIPER_MONITOR => juniper(12, 12, 0, UNKNOWN),
        L::JUNIPER_SERVICES => juniper(12, UNKNOWN, 0, 0),
        L::JUNIPER_VP | L::JUNIPER_ST => juniper(18, UNKNOWN, 0, 0),
        L::JUNIPER_ISM
        | L::JUNIPER_VS
        | L::JUNIPER_SRX_E2E
        | L::JUNIPER_FIBRECHANNEL
        | L::JUNIPER_ATM_CEMIC => juniper(8, UNKNOWN, 0, 0),
        // Nothing is known but the first byte.
        _ => juniper(NOT_SET, UNKNOWN, 0, 0),
    }
}
