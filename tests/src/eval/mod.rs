//! What a filter says about a packet, found by walking the syntax tree.
//!
//! ```text
//!          Ast ──scope: how many 802.1Q tags lie before each primitive, in the order of the text
//!           │
//!           ▼  children before parents
//!   primitive ─▶ proto / net / port / relation ─▶ link: where the headers lie, what they carry
//!           │                                       │
//!           ▼                                       ▼
//!         Truth  ◀───────── and, or, not ───── bytes of the packet
//! ```
//!
//! This is a second opinion on the compiler: it shares the tree and the name tables with it and nothing else, makes
//! no program, and reads the packet's bytes where RFC 791, RFC 8200, RFC 826 and IEEE 802.3 put them. It is slow on
//! purpose: each node is evaluated, whether or not its neighbour has already decided.
//!
//! The meaning is that of the unoptimized program of libpcap 1.11:
//!
//! - A read past the captured bytes, or a division by a value that is zero, rejects the packet, whatever stands
//!   around it, `not` included. A test that is never reached cannot do that, so the order of tests matters.
//! - Tests that the link type decides (`arp` on raw IP) are folded before anything runs, whatever stands before them.
//! - `vlan` moves everything after it in the text, across `or` and parentheses too.
//!
//! Scope: the daily-use rows of the language on Ethernet, raw IP, BSD loopback and Linux cooked captures.

mod arith;
mod link;
mod names;
mod net;
mod packet;
mod port;
mod proto;
mod relation;
mod scope;
mod truth;

use std::collections::HashMap;
use std::fmt;

use bpf_compile::names::Resolver;
use bpf_compile::syntax::ast::{Ast, Encap, Expr, ExprId, ExprKind, Id, Kind, Primitive, Qualified};
use bpf_compile::syntax::words::ProtoName;

use link::{Link, LinkType};
use packet::Captured;
use truth::Truth;

/// Why there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// The evaluator does not know this part of the language, or this link type.
    Unsupported(&'static str),
    /// The filter has no meaning here: a compiler has to refuse it.
    Refused(&'static str),
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(what) => write!(f, "not supported by the evaluator: {what}"),
            Self::Refused(why) => write!(f, "the filter has no meaning: {why}"),
        }
    }
}

impl std::error::Error for EvalError {}

/// Says whether the filter accepts the packet.
///
/// `link_type` is the number that programs use (DLT), `netmask` that of the capturing interface as far as it is
/// known, `wire_len` the length that the packet had before it was cut to `packet`.
///
/// # Errors
/// When the filter has no meaning on this link type, or is beyond the evaluator. Neither depends on the packet.
pub fn evaluate(
    ast: &Ast,
    link_type: u16,
    netmask: Option<u32>,
    resolver: &dyn Resolver,
    packet: &[u8],
    wire_len: u32,
) -> Result<bool, EvalError> {
    let link_type = LinkType::from_dlt(link_type)?;
    let Some(root) = ast.root() else {
        return Ok(true);
    };
    let tags_before = scope::tags_before(ast, root);
    let mut truths: HashMap<ExprId, Truth> = HashMap::new();
    for (id, expr) in ast.exprs() {
        // A node that the root does not reach takes no part.
        let Some(&tags) = tags_before.get(&id) else { continue };
        let link = Link::new(link_type, tags);
        let view = View { ast, link, netmask, resolver, packet: Captured::new(packet, wire_len) };
        let truth = view.expr(expr, &truths)?;
        truths.insert(id, truth);
    }
    Ok(truths.get(&root).copied().unwrap_or(Truth::Stopped).accepts())
}

/// The packet as one node of the tree sees it.
struct View<'a> {
    ast: &'a Ast,
    link: Link,
    netmask: Option<u32>,
    resolver: &'a dyn Resolver,
    packet: Captured<'a>,
}

impl View<'_> {
    fn expr(&self, expr: &Expr, known: &HashMap<ExprId, Truth>) -> Result<Truth, EvalError> {
        let of = |id: &ExprId| known.get(id).copied().unwrap_or(Truth::Stopped);
        match &expr.kind {
            ExprKind::And(children) => Ok(Truth::all(children.iter().map(of))),
            ExprKind::Or(children) => Ok(Truth::any(children.iter().map(of))),
            ExprKind::Not(child) => Ok(of(child).not()),
            ExprKind::Relation { op, left, right } => self.relation(*op, *left, *right),
            ExprKind::Primitive(primitive) => self.primitive(primitive),
        }
    }

    fn primitive(&self, primitive: &Primitive) -> Result<Truth, EvalError> {
        match primitive {
            Primitive::Qualified(qualified) => self.qualified(qualified),
            Primitive::Proto(proto) => self.proto_alone(*proto),
            Primitive::Broadcast(proto) => self.broadcast(*proto),
            Primitive::Multicast(proto) => self.multicast(*proto),
            Primitive::Less(bytes) => Ok(Truth::Tested(self.packet.wire_len() <= *bytes)),
            Primitive::Greater(bytes) => Ok(Truth::Tested(self.packet.wire_len() >= *bytes)),
            Primitive::Encap { kind: Encap::Vlan, id } => self.vlan(id.map(|(number, _)| number)),
            Primitive::Encap { .. } => Err(EvalError::Unsupported("encapsulations other than vlan")),
            Primitive::Inbound | Primitive::Outbound => Err(EvalError::Unsupported("direction")),
            Primitive::IfIndex(_) => Err(EvalError::Unsupported("ifindex")),
            Primitive::Byte { .. } => Err(EvalError::Unsupported("byte")),
            Primitive::Pf { .. } => Err(EvalError::Unsupported("pf log")),
            Primitive::Wlan { .. } => Err(EvalError::Unsupported("802.11")),
            Primitive::Llc(_) => Err(EvalError::Unsupported("llc")),
            Primitive::Bare(_) | Primitive::Field { .. } => Err(EvalError::Unsupported("ATM and SS7")),
        }
    }

    fn qualified(&self, qualified: &Qualified) -> Result<Truth, EvalError> {
        let quals = qualified.quals;
        match quals.kind {
            None | Some(Kind::Host | Kind::Net) if quals.proto == Some(ProtoName::Link) => {
                self.station(quals, &qualified.id)
            }
            None if matches!(
                qualified.id,
                Id::DottedPrefix(..) | Id::DottedMask(..) | Id::Ipv6Prefix(..)
            ) =>
            {
                // A network says itself that it is one, where a direction stands before it.
                if quals.dir.is_some() {
                    self.net(quals, &qualified.id)
                } else {
                    Err(EvalError::Refused("a network needs `net`"))
                }
            }
            None | Some(Kind::Host) => self.host(quals, &qualified.id),
            Some(Kind::Net) => self.net(quals, &qualified.id),
            Some(Kind::Port) => self.port(quals, &qualified.id),
            Some(Kind::PortRange) => self.port_range(quals, &qualified.id),
            Some(Kind::Proto) => self.proto_number(quals, &qualified.id),
            Some(Kind::ProtoChain) => Err(EvalError::Unsupported("protochain")),
            Some(Kind::Gateway) => Err(EvalError::Unsupported("gateway")),
        }
    }
}
