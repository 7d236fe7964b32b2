//! Geneve (RFC 8926) and VXLAN (RFC 7348): frames in UDP. What is looked for behind them is looked for in the inner frame.
//!
//! ```text
//!   │ outer ... │ IPv4 or IPv6 │ UDP │ 8 bytes, Geneve's options │ dst src type │ inner ... │
//!                                                                ▲ header ▲ protocol ▲ payload: variables
//! ```
//!
//! The variables are 0 in packets without the tunnel: what stands behind the word in the text then looks at the packet's
//! first bytes, as it does in libpcap.

use crate::graph::{Cond, Offset, PredicateId, Size, Value, ValueId, Variable};
use crate::link::LinkType;
use crate::span::Span;
use crate::syntax::ast::Dir;

use super::link::ethertype;
use super::port::Ports;
use super::protocol::{IPV6_HEADER_LEN, ip_protocol};
use super::{Lower, Lowering};

const GENEVE_PORT: u16 = 6081;
const VXLAN_PORT: u16 = 4789;
/// From the UDP header: the tunnel's header, and its network identifier in the upper three bytes of a word.
const TUNNEL_AT: u32 = 8;
const IDENTIFIER_AT: u32 = 12;
const IDENTIFIER_MAX: u32 = 0xff_ffff;
/// Both headers without options.
const TUNNEL_BYTES: u32 = 8;
/// Geneve: the version is in the upper two bits of byte 0, the length of the options in the others, in words.
const VERSION_MASK: u32 = 0xc0;
const OPTIONS_MASK: u32 = 0x3f;
/// Geneve: what it carries.
const CARRIED_AT: u32 = 2;
/// VXLAN: the flags of a header with an identifier.
const HAS_IDENTIFIER: u32 = 0x08;
/// An Ethernet header: the type, and what follows it.
const TYPE_AT: u32 = 12;
const ETHERNET_BYTES: u32 = 14;

/// Which tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tunnel {
    Geneve,
    Vxlan,
}

impl Lowering<'_> {
    /// `geneve [vni]`, `vxlan [vni]`
    pub(super) fn tunnel(&mut self, tunnel: Tunnel, id: Option<(u32, Span)>) -> Lower<PredicateId> {
        if let Some((number, span)) = id {
            self.check_range("network identifier", number, IDENTIFIER_MAX, span)?;
        }
        let id = id.map(|(number, _)| number);
        let port = match tunnel {
            Tunnel::Geneve => GENEVE_PORT,
            Tunnel::Vxlan => VXLAN_PORT,
        };
        let udp = [ip_protocol::UDP];
        // Where the tunnel's header is.
        let start = self.values.fresh_variable();
        let network = self.layers.network(0);

        let over_ip = self.ports_over_ip(Ports::One(port), &udp, Some(Dir::Dst))?;
        let transport = self.ipv4_transport();
        let marked = self.tunnel_header(tunnel, transport, id);
        let found = self.sum_of(transport.plus(TUNNEL_AT));
        let found = self.store(start, found);
        let over_ip = self.predicates.all([over_ip, marked, found]);

        let over_ip6 = self.ports_over_ip6(Ports::One(port), &udp, Some(Dir::Dst))?;
        let transport = network.plus(IPV6_HEADER_LEN);
        let marked = self.tunnel_header(tunnel, transport, id);
        let found = self.sum_of(transport.plus(TUNNEL_AT));
        let found = self.store(start, found);
        let over_ip6 = self.predicates.all([over_ip6, marked, found]);

        let tunnelled = self.predicates.any([over_ip, over_ip6]);
        let [header, protocol, payload] = [(); 3].map(|()| self.values.fresh_variable());
        self.unset.extend([header, protocol, payload]);
        let start = self.values.variable(start);
        let stored = match tunnel {
            Tunnel::Geneve => self.enter_geneve(start, header, protocol, payload),
            Tunnel::Vxlan => {
                let frame = self.values.sum(start, TUNNEL_BYTES);
                self.enter_frame(frame, header, protocol, payload)
            }
        };
        let [header, protocol, payload] = [header, protocol, payload]
            .map(|variable| Offset { base: Some(self.values.variable(variable)), constant: 0 });
        self.layers.enter(LinkType::EN10MB, header, protocol, payload);
        self.layers.is_tunnelled = true;
        Ok(self.predicates.all([tunnelled, stored]))
    }

    /// A header of this tunnel behind a UDP header.
    fn tunnel_header(&mut self, tunnel: Tunnel, udp: Offset, id: Option<u32>) -> PredicateId {
        let first = udp.plus(TUNNEL_AT);
        let marked = match tunnel {
            Tunnel::Geneve => self.bits_equal(Size::Byte, first, VERSION_MASK, 0),
            Tunnel::Vxlan => self.equals(Size::Byte, first, HAS_IDENTIFIER),
        };
        let Some(number) = id else { return marked };
        let at = udp.plus(IDENTIFIER_AT);
        let same = self.bits_equal(Size::Word, at, IDENTIFIER_MAX << 8, number << 8);
        self.predicates.all([marked, same])
    }

    /// Behind options of any length; with an Ethernet header, or without.
    fn enter_geneve(
        &mut self,
        start: ValueId,
        header: Variable,
        protocol: Variable,
        payload: Variable,
    ) -> PredicateId {
        let at = |constant| Offset { base: Some(start), constant };
        // The type of a packet without a frame is in Geneve's own header.
        let carried = self.values.sum(start, CARRIED_AT);
        let carried = self.store(protocol, carried);
        let options = self.values.load(Size::Byte, at(0));
        let options = self.values.masked(options, OPTIONS_MASK);
        let four = self.values.constant(4);
        let options = self.values.intern(Value::Alu(crate::graph::AluOp::Mul, options, four));
        let options = self.values.sum(options, TUNNEL_BYTES);
        let end = self.values.intern(Value::Alu(crate::graph::AluOp::Add, options, start));
        let end_of_geneve = self.store(header, end);
        let is_frame = self.field(Cond::Eq, Size::Half, at(CARRIED_AT), ethertype::BRIDGED);
        let end = self.values.variable(header);
        let inner_type = self.values.sum(end, TYPE_AT);
        let inner_type = self.store(protocol, inner_type);
        let behind = self.values.sum(end, ETHERNET_BYTES);
        let behind = self.store(payload, behind);
        let frame = self.predicates.all([is_frame, inner_type, behind]);
        let bare = self.store(payload, end);
        let either = self.predicates.any([frame, bare]);
        self.predicates.all([carried, end_of_geneve, either])
    }

    fn enter_frame(
        &mut self,
        frame: ValueId,
        header: Variable,
        protocol: Variable,
        payload: Variable,
    ) -> PredicateId {
        let start = self.store(header, frame);
        let frame = self.values.variable(header);
        let inner_type = self.values.sum(frame, TYPE_AT);
        let inner_type = self.store(protocol, inner_type);
        let behind = self.values.sum(frame, ETHERNET_BYTES);
        let behind = self.store(payload, behind);
        self.predicates.all([start, inner_type, behind])
    }

    /// A place as a number.
    fn sum_of(&mut self, offset: Offset) -> ValueId {
        match offset.base {
            Some(base) => self.values.sum(base, offset.constant),
            None => self.values.constant(offset.constant),
        }
    }
}
