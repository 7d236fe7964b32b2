//! Encapsulations: `vlan`, `mpls`, `pppoed`, `pppoes`, `geneve`, `vxlan`.
//!
//! ```text
//! MPLS     label(20) class(3) bottom of stack(1) time to live(8)
//! PPPoE    version(4) type(4) code(8) session(16) length(16) PPP protocol(16)
//! Geneve   version(2) option words(6) flags(8) protocol(16) identifier(24) reserved(8) options, behind UDP port 6081
//! VXLAN    flags(8) reserved(24) identifier(24) reserved(8) Ethernet, behind UDP port 4789
//! ```

use bpf_compile::names::Transport;
use bpf_compile::syntax::ast::Encap;

use super::frame::{Frame, Place, Tunnel};
use super::link::{Kind, ethertype};
use super::net::Ends;
use super::packet::Width;
use super::port::Ports;
use super::proto::IPV6_LEN;
use super::truth::Truth;
use super::{EvalError, View};

/// What PPP calls MPLS.
const PPP_MPLS: u32 = 0x281;
/// Length of a UDP header.
const UDP_LEN: u32 = 8;

impl View<'_> {
    /// One of the words, and where the text after it looks.
    pub(super) fn encapsulation(&self, kind: Encap, id: Option<u32>) -> Result<(Truth, Frame), EvalError> {
        let mut inside = self.frame;
        let truth = match kind {
            Encap::Vlan => {
                inside.enter_vlan();
                self.vlan(id)?
            }
            Encap::Mpls => {
                inside.enter_label();
                self.mpls(id)?
            }
            Encap::Pppoed => self.carries(ethertype::PPPOE_DISCOVERY)?,
            Encap::Pppoes => {
                inside.enter_session();
                self.session(id)?
            }
            Encap::Gre | Encap::Erspan | Encap::Gtp | Encap::L2tp | Encap::Wireguard => {
                return Err(EvalError::Unsupported("an encapsulation of the extended language"));
            }
            Encap::Geneve | Encap::Vxlan => {
                let (truth, tunnel) = self.tunnel(kind, id)?;
                let found = self.reached && truth == Truth::Tested(true);
                inside.enter_tunnel(tunnel.filter(|_| found).unwrap_or_default());
                truth
            }
        };
        Ok((truth, inside))
    }

    /// `vlan [id]`, behind the tags that the text has named already.
    fn vlan(&self, id: Option<u32>) -> Result<Truth, EvalError> {
        use super::link::Radio;
        if self.frame.labels > 0 {
            return Err(EvalError::Refused("no VLAN behind labels"));
        }
        match self.frame.kind {
            Kind::Ethernet | Kind::NetAnalyzer | Kind::SwitchTagged => {}
            Kind::Dot11(radio) if radio != Radio::Ppi => {}
            _ => return Err(EvalError::Refused("no VLAN on this link type")),
        }
        let kinds = [ethertype::VLAN, ethertype::PROVIDER_VLAN, ethertype::OLD_QINQ];
        let kinds: Result<Vec<_>, _> = kinds.into_iter().map(|kind| self.carries(kind)).collect();
        let tagged = Truth::any(kinds?);
        let tci = self.in_payload(0, Width::Half);
        self.with_id(tagged, id, 0xfff, Truth::of(tci, |found| Some(found & 0xfff) == id))
    }

    /// A test, and that of the id where there is one.
    fn with_id(&self, found: Truth, id: Option<u32>, max: u32, id_is: Truth) -> Result<Truth, EvalError> {
        match id {
            None => Ok(found),
            Some(id) if id <= max => Ok(found.and(id_is)),
            Some(_) => Err(EvalError::Refused("an id that does not fit")),
        }
    }

    /// `mpls [label]`: behind another label that one must not be the last of its stack.
    fn mpls(&self, label: Option<u32>) -> Result<Truth, EvalError> {
        let found = match self.frame.kind {
            _ if self.frame.labels > 0 => self.last_label_is_bottom().not(),
            Kind::Ethernet | Kind::NetAnalyzer | Kind::SwitchTagged | Kind::CiscoHdlc => {
                self.carries(ethertype::MPLS)?
            }
            Kind::Ppp => self.is(self.frame.protocol, Width::Half, PPP_MPLS),
            _ => return Err(EvalError::Refused("no MPLS on this link type")),
        };
        let word = self.at(self.frame.network(), Width::Word);
        self.with_id(found, label, 0xf_ffff, Truth::of(word, |word| Some(word >> 12) == label))
    }

    /// `pppoes [session]`.
    fn session(&self, session: Option<u32>) -> Result<Truth, EvalError> {
        let found = self.carries(ethertype::PPPOE_SESSION)?;
        let word = session.and_then(|_| self.in_payload(0, Width::Word));
        self.with_id(found, session, 0xffff, Truth::of(word, |word| Some(word & 0xffff) == session))
    }

    /// `geneve [vni]` and `vxlan [vni]`: over IPv4, then over IPv6.
    fn tunnel(&self, kind: Encap, id: Option<u32>) -> Result<(Truth, Option<Tunnel>), EvalError> {
        let over_v4 = self.ipv4_header_len().map(|len| self.frame.network().indexed(len));
        let over_v6 = self.frame.network().further(IPV6_LEN);
        let v4 = self.tunnel_over(kind, id, true, over_v4)?;
        let v6 = self.tunnel_over(kind, id, false, Some(over_v6))?;
        let transport = if v4 == Truth::Tested(true) { over_v4 } else { Some(over_v6) };
        let found = v4.or(v6);
        let tunnel = transport.and_then(|transport| self.inside_tunnel(kind, transport));
        // Reading what lies inside is part of the test.
        let read = if tunnel.is_some() { Truth::Fixed(true) } else { Truth::Stopped };
        Ok((found.and(read), tunnel))
    }

    /// The test over one IP version, whose payload lies at `udp`.
    fn tunnel_over(
        &self,
        kind: Encap,
        id: Option<u32>,
        v4: bool,
        udp: Option<Place>,
    ) -> Result<Truth, EvalError> {
        let port = if kind == Encap::Geneve { 6081 } else { 4789 };
        let ports = Ports { low: port, high: port, transport: Some(Transport::Udp) };
        let udp_port = if v4 {
            self.has_ports_v4(ports, Ends::Destination)?
        } else {
            self.has_ports_v6(ports, Ends::Destination)?
        };
        let byte = |at| udp.and_then(|udp: Place| self.at(udp.further(UDP_LEN + at), Width::Byte));
        let header = match kind {
            Encap::Geneve => Truth::of(byte(0), |first| first >> 6 == 0),
            // Only the flag that says that there is an identifier.
            _ => Truth::of(byte(0), |flags| flags == 0x08),
        };
        let word = udp.and_then(|udp| self.at(udp.further(UDP_LEN + 4), Width::Word));
        self.with_id(udp_port.and(header), id, 0xff_ffff, Truth::of(word, |word| Some(word >> 8) == id))
    }

    /// Where the frame inside lies; Geneve may carry a network header without an Ethernet header.
    fn inside_tunnel(&self, kind: Encap, udp: Place) -> Option<Tunnel> {
        let header = udp.base.wrapping_add(udp.plus).wrapping_add(UDP_LEN);
        let ethernet = |header: u32| Tunnel {
            header,
            protocol: header.wrapping_add(12),
            payload: header.wrapping_add(14),
        };
        if kind == Encap::Vxlan {
            return Some(ethernet(header.wrapping_add(8)));
        }
        let words = self.packet.read(header.into(), Width::Byte)? & 0x3f;
        let protocol = self.packet.read(u64::from(header) + 2, Width::Half)?;
        let inner = header.wrapping_add(8).wrapping_add(words * 4);
        if protocol == ethertype::TRANSPARENT_ETHERNET {
            return Some(ethernet(inner));
        }
        Some(Tunnel { header: inner, protocol: header.wrapping_add(2), payload: inner })
    }

    /// Whether there is a frame with addresses: not in a tunnel that carries bare network headers, nor in the control
    /// frames of LAN emulation.
    pub(super) fn not_control_frame(&self) -> Truth {
        match self.frame.emulated_on {
            Some(outer) => self.is(outer.further(4), Width::Half, 0xff00).not(),
            None => Truth::Fixed(true),
        }
    }

    /// As [`Self::not_control_frame`], for what needs an Ethernet header.
    pub(super) fn has_ethernet_header(&self) -> Truth {
        if self.frame.tunneled {
            return Truth::Tested(self.frame.header.base != self.frame.payload.base);
        }
        self.not_control_frame()
    }
}
