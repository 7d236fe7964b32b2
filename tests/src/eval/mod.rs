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
//! - Lengths of headers that the packet says itself (802.11, pf logs) are computed before any test, if any test needs
//!   them, so a packet too short for that is rejected at once.
//!
//! What depends on a live device is refused: `inbound` where the link header does not tell, `ifindex` likewise.

mod arith;
mod atm;
mod carry;
mod carry_numbers;
mod chain;
mod decnet;
mod direction;
mod dot11;
mod dot11_names;
mod encap;
mod frame;
mod gateway;
mod iso;
mod link;
mod llc;
mod names;
mod net;
mod packet;
mod pf;
mod port;
mod prefix;
mod proto;
mod relation;
mod scope;
mod ss7;
mod station;
mod truth;

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use bpf_compile::names::Resolver;
use bpf_compile::syntax::ast::{Ast, ByteOp, Expr, ExprId, ExprKind, Id, Kind, Primitive, Qualified};
use bpf_compile::syntax::words::{Keyword, ProtoName, Ss7Field};

use frame::{Frame, Place, Waits};
use link::LinkType;
use packet::{Captured, Width};
use prefix::Lengths;
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
    let parents = scope::parents(ast, root);
    let captured = Captured::new(packet, wire_len);
    let lengths = Lengths::of(link_type.kind, &captured);
    let needs = Needs::default();
    let walk = |fixed: &HashMap<ExprId, Truth>| -> Result<HashMap<ExprId, Truth>, EvalError> {
        let mut truths = HashMap::new();
        let mut frame = Frame::outermost(
            link_type,
            lengths.prefix.unwrap_or_default(),
            lengths.payload.unwrap_or_default(),
        );
        for (id, expr) in ast.exprs() {
            // A node that the root does not reach takes no part.
            if !parents.contains_key(&id) {
                continue;
            }
            let reached = scope::is_reached(ast, &parents, &truths, fixed, id);
            let view = View { ast, frame, netmask, resolver, packet: captured, needs: &needs, reached };
            let (truth, after) = view.expr(expr, &truths)?;
            truths.insert(id, truth);
            frame = after;
        }
        Ok(truths)
    };
    // What the link type decides is the same in both walks; only the second can tell which tunnels are reached.
    let fixed = walk(&HashMap::new())?;
    let truths = walk(&fixed)?;
    if needs.unknown.get() {
        return Err(EvalError::Refused("where this header lies is not known"));
    }
    let lacks_prefix = needs.prefix.get() && lengths.prefix.is_none();
    let lacks_payload = needs.payload.get() && lengths.payload.is_none();
    if lacks_prefix || lacks_payload || !prefix::is_known(link_type.kind, &captured) {
        return Ok(false);
    }
    Ok(truths.get(&root).copied().unwrap_or(Truth::Stopped).accepts())
}

/// Which lengths of headers the filter needs.
#[derive(Debug, Default)]
struct Needs {
    prefix: Cell<bool>,
    payload: Cell<bool>,
    /// What nobody knows.
    unknown: Cell<bool>,
}

/// The packet as one node of the tree sees it.
struct View<'a> {
    ast: &'a Ast,
    frame: Frame,
    netmask: Option<u32>,
    resolver: &'a dyn Resolver,
    packet: Captured<'a>,
    needs: &'a Needs,
    /// Whether the tests before this node leave it to it.
    reached: bool,
}

impl View<'_> {
    /// Notes what must be known before anything is read of this place.
    fn note(&self, place: Place) {
        match place.waits {
            Waits::No => {}
            Waits::ForPrefix => self.needs.prefix.set(true),
            Waits::ForPayload => self.needs.payload.set(true),
            Waits::Never => self.needs.unknown.set(true),
        }
    }

    /// A number of the packet.
    fn at(&self, place: Place, width: Width) -> Option<u32> {
        self.note(place);
        self.packet.read(place.offset(), width)
    }

    /// Whether a number of the packet is this one.
    fn is(&self, place: Place, width: Width, value: u32) -> Truth {
        Truth::of(self.at(place, width), |found| found == value)
    }

    /// Whether a byte of the packet has any of these bits.
    fn has_bits(&self, place: Place, bits: u32) -> Truth {
        Truth::of(self.at(place, Width::Byte), |found| found & bits != 0)
    }

    /// A number of the network header.
    fn in_payload(&self, offset: u32, width: Width) -> Option<u32> {
        self.at(self.frame.network().further(offset), width)
    }

    /// The outcome, and the frame that the text after this node looks at.
    fn expr(&self, expr: &Expr, known: &HashMap<ExprId, Truth>) -> Result<(Truth, Frame), EvalError> {
        let of = |id: &ExprId| known.get(id).copied().unwrap_or(Truth::Stopped);
        let truth = match &expr.kind {
            ExprKind::And(children) => Truth::all(children.iter().map(of)),
            ExprKind::Or(children) => Truth::any(children.iter().map(of)),
            ExprKind::Not(child) => of(child).not(),
            ExprKind::Relation { op, left, right } => self.relation(*op, *left, *right)?,
            ExprKind::Primitive(Primitive::Encap { kind, id, .. }) => {
                return self.encapsulation(*kind, id.map(|(number, _)| number));
            }
            ExprKind::Primitive(Primitive::Bare(word)) if self.enters_lan_emulation(*word) => {
                let mut inside = self.frame;
                inside.enter_lan_emulation();
                return Ok((self.atm(*word)?, inside));
            }
            ExprKind::Primitive(primitive) => self.primitive(primitive)?,
        };
        Ok((truth, self.frame))
    }

    fn primitive(&self, primitive: &Primitive) -> Result<Truth, EvalError> {
        match primitive {
            Primitive::Qualified(qualified) => self.qualified(qualified),
            Primitive::Proto(proto) => self.proto_alone(*proto),
            Primitive::Broadcast(proto) => self.broadcast(*proto),
            Primitive::Multicast(proto) => self.multicast(*proto),
            Primitive::Less(bytes) => Ok(Truth::Tested(self.packet.wire_len() <= *bytes)),
            Primitive::Greater(bytes) => Ok(Truth::Tested(self.packet.wire_len() >= *bytes)),
            Primitive::Inbound => self.direction(false),
            Primitive::Outbound => self.direction(true),
            Primitive::IfIndex(index) => self.interface_index(*index),
            Primitive::Byte { offset, op, value } => self.byte(*offset, *op, *value),
            Primitive::Pf { field, value } => self.pf(*field, value),
            Primitive::Wlan { field } => self.wireless_field(field),
            Primitive::Llc(kind) => self.llc(kind.as_ref().map(|word| word.text.as_str())),
            Primitive::Encap { .. } => Err(EvalError::Unsupported("an encapsulation here")),
            Primitive::Bare(word) => match word {
                Keyword::Fisu
                | Keyword::Lssu
                | Keyword::Msu
                | Keyword::Hfisu
                | Keyword::Hlssu
                | Keyword::Hmsu => self.signal_unit(*word),
                _ => self.atm(*word),
            },
            Primitive::Field { field, tests } => match field {
                Ss7Field::Vpi | Ss7Field::Vci => self.atm_field(*field, tests),
                _ => self.ss7_field(*field, tests),
            },
        }
    }

    /// `byte`: a byte of the link header held against a number.
    fn byte(&self, offset: u32, op: ByteOp, value: u32) -> Result<Truth, EvalError> {
        if value > 0xff {
            return Err(EvalError::Refused("a byte has 8 bits"));
        }
        let found = self.at(self.frame.header.further(offset), Width::Byte);
        Ok(Truth::of(found, |found| match op {
            ByteOp::Eq => found == value,
            ByteOp::Lt => found < value,
            ByteOp::Gt => found > value,
            ByteOp::And => (found & value) != 0,
            ByteOp::Or => (found | value) != 0,
        }))
    }

    fn qualified(&self, qualified: &Qualified) -> Result<Truth, EvalError> {
        let quals = qualified.quals;
        if quals.proto == Some(ProtoName::Decnet)
            && !matches!(quals.kind, Some(Kind::ProtoChain | Kind::Gateway))
        {
            return self.decnet(quals, &qualified.id);
        }
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
            Some(Kind::ProtoChain) => self.protochain(quals, self.ip_protocol(&qualified.id)?),
            Some(Kind::Gateway) => self.gateway(quals, &qualified.id),
        }
    }
}
