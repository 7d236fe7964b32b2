//! Where the headers lie, for the part of the text that is being read.
//!
//! ```text
//! EN10MB              header 0   type 12   payload 14   network +0
//! after `vlan`        header 0   type 16   payload 18   network +0
//! after `mpls`        header 0   type 12   payload 14   network +4
//! after `pppoes`      header 20  type 20   payload 22   network +0    (a PPP header without address and control)
//! 802.11              header ?   type -    payload ?    network +8    (behind LLC and SNAP)
//! ```
//!
//! The words that step into an encapsulation move these places for everything after them in the text, across `or`
//! and parentheses too.

use super::link::{Kind, LinkType, NOWHERE};

/// What a place waits for before any test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// Nothing.
    No,
    /// The length of the header in front of the link header.
    ForPrefix,
    /// The length of everything in front of the payload.
    ForPayload,
    /// In vain: nobody knows where it is.
    Never,
}

/// A place in the packet: a number that depends on the packet, and one that does not.
///
/// They are kept apart because a computed index is added to the first with wrap-around, and only then the second
/// without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) base: u32,
    pub(super) plus: u32,
    pub(super) waits: Waits,
}

impl Place {
    pub(super) fn at(plus: u32) -> Self {
        Self { base: 0, plus, waits: Waits::No }
    }

    pub(super) fn computed(base: u32) -> Self {
        Self { base, plus: 0, waits: Waits::No }
    }

    pub(super) fn further(self, bytes: u32) -> Self {
        Self { plus: self.plus.wrapping_add(bytes), ..self }
    }

    /// Further by a number that was computed from the packet.
    pub(super) fn indexed(self, index: u32) -> Self {
        Self { base: self.base.wrapping_add(index), ..self }
    }

    /// The offset in the packet.
    pub(super) fn offset(self) -> u64 {
        u64::from(self.base) + u64::from(self.plus)
    }
}

/// The header that the text has stepped into, or the outermost one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    /// The first byte of the link header.
    pub(super) header: Place,
    /// The field that names the protocol.
    pub(super) protocol: Place,
    /// What follows the link header: 802.2 where there is any.
    pub(super) payload: Place,
    /// The network header, from the payload on.
    pub(super) network: u32,
    /// As `network`, for protocols right behind an 802.2 header of three bytes.
    pub(super) behind_llc: u32,
    /// How many labels the text has named.
    pub(super) labels: u32,
    /// Inside Geneve or VXLAN.
    pub(super) tunneled: bool,
    /// The header of SunATM, in the LAN emulation that it carries.
    pub(super) emulated_on: Option<Place>,
}

impl Frame {
    /// The frame that the packet starts with; `prefix` and `payload` are what the packet says itself, where the link
    /// type leaves it to the packet.
    pub(super) fn outermost(link_type: LinkType, prefix: u32, payload: u32) -> Self {
        let places = link_type.places();
        let header = match link_type.kind {
            Kind::Dot11(radio) if radio.has_prefix() => {
                Place { base: prefix, plus: 0, waits: Waits::ForPrefix }
            }
            _ => Place::at(places.header),
        };
        let payload = match link_type.kind {
            Kind::Dot11(_) | Kind::Pflog => Place { base: payload, plus: 0, waits: Waits::ForPayload },
            _ if places.payload == NOWHERE => Place { waits: Waits::Never, ..Place::at(0) },
            _ => Place::at(places.payload),
        };
        Self {
            kind: link_type.kind,
            header,
            protocol: Place::at(places.protocol),
            payload,
            network: places.network,
            behind_llc: places.behind_llc,
            labels: 0,
            tunneled: false,
            emulated_on: None,
        }
    }

    /// Where protocols of OSI begin.
    pub(super) fn osi(&self) -> Place {
        if self.behind_llc == NOWHERE {
            return Place { waits: Waits::Never, ..self.payload };
        }
        self.payload.further(self.behind_llc)
    }

    /// The network header.
    pub(super) fn network(&self) -> Place {
        self.payload.further(self.network)
    }

    /// Past one 802.1Q tag.
    pub(super) fn enter_vlan(&mut self) {
        self.protocol = self.protocol.further(4);
        self.payload = self.payload.further(4);
    }

    /// Past one label.
    pub(super) fn enter_label(&mut self) {
        self.network = self.network.wrapping_add(4);
        if self.behind_llc != NOWHERE {
            self.behind_llc = self.behind_llc.wrapping_add(4);
        }
        self.labels = self.labels.saturating_add(1);
    }

    /// Into PPP behind the six bytes of a PPPoE session header.
    pub(super) fn enter_session(&mut self) {
        let ppp = self.network().further(6);
        self.kind = Kind::Ppp;
        self.header = ppp;
        self.protocol = ppp;
        self.payload = ppp.further(2);
        self.network = 0;
        self.behind_llc = 0;
    }

    /// Into the frame of a tunnel. How far OSI protocols lie behind the payload stays as it was outside; labels
    /// are behind us.
    pub(super) fn enter_tunnel(&mut self, tunnel: Tunnel) {
        *self = Self {
            kind: Kind::Ethernet,
            header: Place::computed(tunnel.header),
            protocol: Place::computed(tunnel.protocol),
            payload: Place::computed(tunnel.payload),
            network: 0,
            labels: 0,
            tunneled: true,
            emulated_on: None,
            ..*self
        };
    }

    /// Into the Ethernet frame that LAN emulation carries behind the header of SunATM and two more bytes.
    pub(super) fn enter_lan_emulation(&mut self) {
        let header = Place::at(6);
        *self = Self {
            kind: Kind::Ethernet,
            header,
            protocol: header.further(12),
            payload: header.further(14),
            network: 0,
            behind_llc: 3,
            emulated_on: Some(self.header),
            ..*self
        };
    }
}

/// What a tunnel's header says about the frame behind it; all zero where the packet is not of the tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tunnel {
    pub(super) header: u32,
    pub(super) protocol: u32,
    pub(super) payload: u32,
}
