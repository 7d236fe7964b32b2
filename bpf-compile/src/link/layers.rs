//! Where the headers lie, for the part of the filter that is being read.
//!
//! ```text
//! Ethernet   │ dst src │ type │ payload ...            header 0, protocol 12, payload 14
//! `vlan`     │ dst src │ 8100 tci type │ payload ...   header 0, protocol 16, payload 18 from here on
//! ```
//!
//! The words that step into an encapsulation move these places for everything that stands after them in the text.

use super::LinkType;
use crate::graph::Offset;

/// The link type, and the places of its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The innermost link layer.
    pub link_type: LinkType,
    /// Its first byte.
    pub header: Offset,
    /// Its protocol field; `None` if it has none.
    pub protocol: Option<Offset>,
    /// What follows it: the network header, or the 802.2 header before it.
    pub payload: Offset,
    /// How many VLAN tags were stepped over.
    pub vlan_depth: u32,
}

impl Layers {
    /// How packets of a link type begin. Of link types that are not listed nothing is known but their first byte;
    /// every test of a protocol refuses them.
    #[must_use]
    pub fn outermost(link_type: LinkType) -> Self {
        let (protocol, payload) = match link_type {
            LinkType::EN10MB => (Some(12), 14),
            LinkType::NULL | LinkType::LOOP => (Some(0), 4),
            LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => (None, 0),
            LinkType::LINUX_SLL => (Some(14), 16),
            LinkType::LINUX_SLL2 => (Some(0), 20),
            _ => (None, 0),
        };
        Self {
            link_type,
            header: Offset::at(0),
            protocol: protocol.map(Offset::at),
            payload: Offset::at(payload),
            vlan_depth: 0,
        }
    }

    /// Past one 802.1Q tag.
    pub fn enter_vlan(&mut self) {
        self.protocol = self.protocol.map(|field| field.plus(4));
        self.payload = self.payload.plus(4);
        self.vlan_depth = self.vlan_depth.saturating_add(1);
    }
}
