//! Tunnels: frames and packets in UDP or IP. What is looked for behind them is looked for in the inner frame.
//!
//! ```text
//!   │ outer ... │ IPv4 or IPv6 │ UDP │ VXLAN, Geneve, GTP, L2TP │ dst src type │ inner ... │
//!   │ outer ... │ IPv4 or IPv6 │ GRE │ ERSPAN                   │ dst src type │ inner ... │
//!                              ▲ start                         ▲ header ▲ protocol ▲ payload: variables
//! ```
//!
//! | word | source | found by |
//! | --- | --- | --- |
//! | `geneve` | RFC 8926 | UDP to 6081, version 0 |
//! | `vxlan` | RFC 7348 | UDP to 4789, flags 0x08 |
//! | `gtp` | 3GPP TS 29.281 | UDP to 2152, version 1, a G-PDU |
//! | `l2tp` | RFC 2661 | UDP from or to 1701, version 2, a data message |
//! | `wireguard` | the protocol's paper, 5.4 | UDP from or to 51820, a message's type and its length |
//! | `gre` | RFC 2784, RFC 2890 | IP protocol 47, version 0, without routing |
//! | `erspan` | draft-foschiano-erspan-03 | GRE with protocol 0x88be or 0x22eb |
//!
//! The variables are 0 in packets without the tunnel: what stands behind the word in the text then looks at the packet's
//! first bytes, as it does in libpcap.

use crate::graph::{Cond, Offset, PredicateId, Size, ValueId};
use crate::link::LinkType;
use crate::span::Span;
use crate::syntax::ast::{Dir, Encap};

use super::inside::{GTP_NAME_BYTES, Places};
use super::link::ethertype;
use super::port::Ports;
use super::protocol::ip_protocol;
use super::{Lower, Lowering};

/// From the UDP header: its length, and what it carries.
const UDP_LENGTH_AT: u32 = 4;
const UDP_BYTES: u32 = 8;
/// An 802.2 header of a frame.
const LLC_BYTES: u32 = 3;
/// VXLAN and Geneve: the network identifier in the upper three bytes of a word.
const IDENTIFIER_AT: u32 = 4;
const IDENTIFIER_MAX: u32 = 0xff_ffff;
/// Geneve: the version is in the upper two bits of byte 0.
const GENEVE_VERSION: u32 = 0xc0;
/// VXLAN: the flags of a header with an identifier.
const HAS_IDENTIFIER: u32 = 0x08;
/// GTP: version 1 and the bit that says so of GTP proper; the type of a message that carries a packet; the endpoint.
const GTP_VERSION: (u32, u32) = (0xf0, 0x30);
const GTP_TYPE_AT: u32 = 1;
const G_PDU: u32 = 0xff;
const ENDPOINT_AT: u32 = 4;
/// L2TP: not a control message, version 2.
const L2TP_DATA: (u32, u32) = (0x800f, 2);
/// GRE: no routing, version 0. What it carries is at 2.
const GRE_PLAIN: u32 = 0x4007;
const GRE_CARRIED_AT: u32 = 2;
/// ERSPAN: what GRE says that it carries, for types I and II, and for type III.
const ERSPAN_2: u32 = 0x88be;
const ERSPAN_3: u32 = 0x22eb;
const SESSION_MAX: u32 = 0x3ff;
/// WireGuard: the first word of each message, and the length of the UDP datagram with it.
const WIREGUARD_FIXED: [(u32, u32); 3] = [(0x0100_0000, 156), (0x0200_0000, 100), (0x0300_0000, 72)];
const WIREGUARD_DATA: u32 = 0x0400_0000;
/// Data: a header of 16 bytes, a tag of 16, and between them what is padded to 16.
const WIREGUARD_DATA_BYTES: u32 = UDP_BYTES + 32;

impl Lowering<'_> {
    /// `vxlan [vni] [port n]` and its like.
    pub(super) fn tunnel(
        &mut self,
        kind: Encap,
        id: Option<(u32, Span)>,
        port: Option<(u32, Span)>,
    ) -> Lower<PredicateId> {
        match (kind, id) {
            (Encap::Geneve | Encap::Vxlan, Some((number, span))) => {
                self.check_range("network identifier", number, IDENTIFIER_MAX, span)?;
            }
            (Encap::Erspan, Some((number, span))) => {
                self.check_range("ERSPAN session", number, SESSION_MAX, span)?;
            }
            _ => {}
        }
        if let Some((number, span)) = port {
            self.check_range("port", number, u32::from(u16::MAX), span)?;
        }
        let id = id.map(|(number, _)| number);
        let port = port.and_then(|(number, _)| u16::try_from(number).ok()).or_else(|| kind.default_port());
        if kind == Encap::Wireguard {
            return self.over_both(port, |this, udp| Ok(this.is_wireguard(udp)));
        }
        let [start, header, protocol, payload] = self.variables_inside(kind);
        let tunnelled = self.over_both(port, |this, transport| {
            let begin = if port.is_some() { transport.plus(UDP_BYTES) } else { transport };
            let marked = this.is_tunnel(kind, begin, id);
            let found = this.place(begin);
            let found = this.store(start, found);
            Ok(this.predicates.all([marked, found]))
        })?;
        let places = Places { start: self.values.variable(start), header, protocol, payload };
        let stored = self.enter_tunnel(kind, &places, id);
        let [header, protocol, payload] = [header, protocol, payload]
            .map(|variable| Offset { base: Some(self.values.variable(variable)), constant: 0 });
        match kind {
            Encap::Gtp => {
                let packet = payload.plus(GTP_NAME_BYTES);
                self.layers.enter(LinkType::RAW, packet, packet, packet);
            }
            Encap::L2tp => self.layers.enter(LinkType::PPP, header, protocol, payload),
            _ => self.layers.enter(LinkType::EN10MB, header, protocol, payload),
        }
        self.layers.network_without_snap = match kind {
            // As in libpcap: that of the frame around it.
            Encap::Geneve | Encap::Vxlan => self.layers.network_without_snap,
            Encap::Gtp | Encap::L2tp => 0,
            _ => LLC_BYTES,
        };
        self.layers.is_tunnelled = !matches!(kind, Encap::Gtp | Encap::L2tp);
        Ok(self.predicates.all([tunnelled, stored]))
    }

    /// Behind either version of IP: UDP with this port, or GRE. What follows is told where the header is.
    fn over_both(
        &mut self,
        port: Option<u16>,
        mut found: impl FnMut(&mut Self, Offset) -> Lower<PredicateId>,
    ) -> Lower<PredicateId> {
        let protocol = if port.is_some() { ip_protocol::UDP } else { ip_protocol::GRE };
        let ends = |this: &mut Self, at: Offset| {
            port.map(|port| {
                // Where both ends have the port, replies come from it.
                let dir = if matches!(port, 1701 | 51820) { None } else { Some(Dir::Dst) };
                this.either_end(Ports::One(port), at, dir)
            })
        };
        let ip = self.link_protocol(ethertype::IPV4)?;
        let carried = self.ipv4_protocol(protocol);
        let first = self.first_fragment();
        let transport = self.ipv4_transport();
        let ports = ends(self, transport);
        let marked = found(self, transport)?;
        let over_ip = [Some(ip), Some(carried), Some(first), ports, Some(marked)];
        let over_ip = self.predicates.all(over_ip.into_iter().flatten());

        let ip6 = self.link_protocol(ethertype::IPV6)?;
        let (carried, transport) = self.behind_ip6(&[protocol]);
        let ports = ends(self, transport);
        let marked = found(self, transport)?;
        let over_ip6 = [Some(ip6), Some(carried), ports, Some(marked)];
        let over_ip6 = self.predicates.all(over_ip6.into_iter().flatten());
        Ok(self.predicates.any([over_ip, over_ip6]))
    }

    /// A header of this tunnel begins here.
    fn is_tunnel(&mut self, kind: Encap, at: Offset, id: Option<u32>) -> PredicateId {
        let marked = match kind {
            Encap::Geneve => self.bits_equal(Size::Byte, at, GENEVE_VERSION, 0),
            Encap::Vxlan => self.equals(Size::Byte, at, HAS_IDENTIFIER),
            Encap::Gtp => {
                let (mask, version) = GTP_VERSION;
                let version = self.bits_equal(Size::Byte, at, mask, version);
                let carries = self.equals(Size::Byte, at.plus(GTP_TYPE_AT), G_PDU);
                self.predicates.all([version, carries])
            }
            Encap::L2tp => {
                let (mask, data) = L2TP_DATA;
                self.bits_equal(Size::Half, at, mask, data)
            }
            _ => {
                let plain = self.bits_equal(Size::Half, at, GRE_PLAIN, 0);
                let carried = (kind == Encap::Erspan).then(|| {
                    let types = [ERSPAN_2, ERSPAN_3];
                    let types = types.map(|number| self.equals(Size::Half, at.plus(GRE_CARRIED_AT), number));
                    self.predicates.any(types)
                });
                self.predicates.all([Some(plain), carried].into_iter().flatten())
            }
        };
        let same = match (kind, id) {
            (Encap::Geneve | Encap::Vxlan, Some(number)) => {
                let at = at.plus(IDENTIFIER_AT);
                self.bits_equal(Size::Word, at, IDENTIFIER_MAX << 8, number << 8)
            }
            (Encap::Gtp, Some(number)) => self.equals(Size::Word, at.plus(ENDPOINT_AT), number),
            // That of ERSPAN lies behind GRE.
            _ => return marked,
        };
        self.predicates.all([marked, same])
    }

    fn is_wireguard(&mut self, udp: Offset) -> PredicateId {
        let (length, first) = (udp.plus(UDP_LENGTH_AT), udp.plus(UDP_BYTES));
        let mut messages = alloc::vec::Vec::new();
        for (word, bytes) in WIREGUARD_FIXED {
            let parts = [self.equals(Size::Word, first, word), self.equals(Size::Half, length, bytes)];
            messages.push(self.predicates.all(parts));
        }
        let parts = [
            self.equals(Size::Word, first, WIREGUARD_DATA),
            self.field(Cond::Ge, Size::Half, length, WIREGUARD_DATA_BYTES),
            self.bits_equal(Size::Half, length, 15, WIREGUARD_DATA_BYTES & 15),
        ];
        messages.push(self.predicates.all(parts));
        self.predicates.any(messages)
    }

    /// A place as a number.
    pub(super) fn place(&mut self, offset: Offset) -> ValueId {
        match offset.base {
            Some(base) => self.values.sum(base, offset.constant),
            None => self.values.constant(offset.constant),
        }
    }
}
