//! Numbers computed from the packet, and relations between them.
//!
//! A header that is read guards what reads it: `tcp[13] & 2 != 0` asks first whether the packet is TCP. As in
//! libpcap, of the two sides of an arithmetic operator only the left one's guard counts (`1 + ip[0] = 70` reads any
//! packet); both sides of a relation count.

use crate::Diagnostic;
use crate::diagnostic::Code;
use crate::graph::{AluOp, Cond, Offset, PredicateId, Size, Value, ValueId};
use crate::link::LinkType;
use crate::syntax::ast::{Arith, ArithId, ArithKind, ArithOp, RelOp};
use crate::syntax::words::ProtoName;

use super::link::ethertype;
use super::number::{Found, Header, Number};
use super::protocol::{IPV6_HEADER_LEN, ip_protocol};
use super::{Lower, Lowering};

/// The largest constant that is added to an offset in advance: no sum with a header length can wrap.
const FOLDED_OFFSET_MAX: u32 = 0x3fff_ffff;

impl Lowering<'_> {
    /// `left op right`
    pub(super) fn relation(&mut self, op: RelOp, left: ArithId, right: ArithId) -> Lower<PredicateId> {
        self.numbers_up_to(left.max(right))?;
        let (left, right) = (self.number(left)?, self.number(right)?);
        let (cond, negated) = machine_cond(op);
        let finds = left.finds.or(right.finds);
        let of = |number: &Number| if number.finds.is_some() { number.value } else { number.behind(finds) };
        let test = self.compare_values(cond, of(&left), of(&right));
        let test = if negated { self.predicates.not(test) } else { test };
        Ok(self.predicates.all([left.guard, right.guard, Some(test)].into_iter().flatten()))
    }

    fn number(&self, id: ArithId) -> Lower<Number> {
        self.numbers.get(id.index()).copied().ok_or_else(|| self.internal("an operand is missing"))
    }

    /// Reads the arithmetic nodes that were not read yet.
    fn numbers_up_to(&mut self, last: ArithId) -> Lower<()> {
        let ast = self.ast;
        let read = self.numbers.len();
        for (id, arith) in ast.ariths_after(read) {
            if id > last {
                break;
            }
            let number = self.read_number(arith)?;
            self.numbers.push(number);
        }
        Ok(())
    }

    fn read_number(&mut self, arith: &Arith) -> Lower<Number> {
        Ok(match arith.kind {
            ArithKind::Number(number) => Number::plain(self.values.constant(number)),
            ArithKind::Len => Number::plain(self.values.intern(Value::WireLen)),
            ArithKind::Neg(operand) => {
                let operand = self.number(operand)?;
                let mut neg = |value| self.values.intern(Value::Neg(value));
                let (value, bare, found) = (neg(operand.value), neg(operand.bare), neg(operand.found));
                Number { value, bare, found, ..operand }
            }
            ArithKind::Binary { op, left, right } => {
                self.check_constant(op, right)?;
                let (left, right) = (self.number(left)?, self.number(right)?);
                let mut alu = |left, right| self.values.intern(Value::Alu(alu_op(op), left, right));
                Number {
                    value: alu(left.value, right.behind(left.finds)),
                    bare: alu(left.bare, right.bare),
                    found: alu(left.found, right.found),
                    reads: left.reads.and(right.reads),
                    ..left
                }
            }
            ArithKind::Load { proto, offset, size, size_span } => {
                let size = match size {
                    1 => Size::Byte,
                    2 => Size::Half,
                    4 => Size::Word,
                    _ => {
                        return Err(Diagnostic::new(
                            Code::LoadSize,
                            alloc::format!("{size} bytes cannot be loaded at once"),
                            size_span,
                            "1, 2 or 4",
                        ));
                    }
                };
                let index = self.number(offset)?;
                self.load(proto, index, size, arith)?
            }
        })
    }

    /// What machines refuse as a constant is refused here; what is computed is answered at run time.
    fn check_constant(&self, op: ArithOp, right: ArithId) -> Lower<()> {
        let operand = self.ast.arith(right);
        let ArithKind::Number(number) = operand.kind else { return Ok(()) };
        let refuse = |code, message: &'static str, label: &'static str| {
            Err(Diagnostic::new(code, message, operand.span, label))
        };
        match op {
            ArithOp::Div if number == 0 => refuse(Code::DivisionByZero, "division by zero", "is zero"),
            ArithOp::Mod if number == 0 => {
                refuse(Code::DivisionByZero, "remainder of a division by zero", "is zero")
            }
            ArithOp::Shl | ArithOp::Shr if number > 31 => {
                refuse(Code::ShiftTooFar, "a shift by more than 31 bits", "at most 31")
            }
            _ => Ok(()),
        }
    }

    fn load(&mut self, proto: ProtoName, index: Number, size: Size, arith: &Arith) -> Lower<Number> {
        use ProtoName as P;
        let inner = index.guard;
        let header = match proto {
            P::Link => Header::plain(self.layers.header, inner),
            P::Ip
            | P::Ip6
            | P::Arp
            | P::Rarp
            | P::Atalk
            | P::Decnet
            | P::Sca
            | P::Lat
            | P::Moprc
            | P::Mopdl => {
                let carried = self.protocol_word(proto)?;
                Header::plain(self.layers.network(0), Some(self.guards([inner, Some(carried)])))
            }
            P::Tcp | P::Udp | P::Sctp if self.options.ipv6_extensions => {
                let number = match proto {
                    P::Tcp => ip_protocol::TCP,
                    P::Udp => ip_protocol::UDP,
                    _ => ip_protocol::SCTP,
                };
                self.transport_of_both(number, inner)?
            }
            P::Tcp | P::Udp | P::Sctp | P::Icmp | P::Igmp | P::Igrp | P::Pim | P::Vrrp | P::Carp => {
                let ip = self.link_protocol(ethertype::IPV4)?;
                let carried = self.protocol_word(proto)?;
                let first = self.first_fragment();
                let guard = self.guards([Some(ip), inner, Some(carried), Some(first)]);
                Header::plain(self.ipv4_transport(), Some(guard))
            }
            P::Icmp6 => {
                let ip6 = self.link_protocol(ethertype::IPV6)?;
                let (next, at) = self.behind_ip6(&[ip_protocol::ICMPV6]);
                let guard = Some(self.guards([inner, Some(ip6), Some(next)]));
                let found = self.options.ipv6_extensions.then_some(ip_protocol::ICMPV6);
                Header { at, bare: self.layers.network(IPV6_HEADER_LEN), guard, found }
            }
            P::Radio if self.has_radio_header() => Header::plain(Offset::at(0), inner),
            P::Radio => {
                return Err(Diagnostic::new(
                    Code::LinkType,
                    alloc::format!("packets of link type {} have no radio header", self.layers.link_type),
                    arith.span,
                    "",
                ));
            }
            _ => {
                return Err(Diagnostic::new(
                    Code::BadQualifiers,
                    "the bytes of this protocol's header cannot be named",
                    arith.span,
                    "",
                )
                .with_help("count from a header that can: `ip[...]`, `ip6[...]`, `ether[...]`"));
            }
        };
        let at = self.indexed(header.at, index.value);
        let value = self.values.load(size, at);
        let at = self.indexed(header.bare, index.bare);
        let bare = self.values.load(size, at);
        let at = self.indexed(header.at, index.found);
        let found = self.values.load(size, at);
        let reads = header.found.map_or(Found::Nothing, Found::One).and(index.reads);
        Ok(Number { value, guard: header.guard, finds: header.found.or(index.finds), bare, found, reads })
    }

    /// The header of a transport protocol over either version of IP.
    fn transport_of_both(&mut self, protocol: u32, inner: Option<PredicateId>) -> Lower<Header> {
        let ip = self.link_protocol(ethertype::IPV4)?;
        let carried = self.ipv4_protocol(protocol);
        let first = self.first_fragment();
        let bare = self.ipv4_transport();
        let (stored, _) = self.store_transport(bare);
        let over_ip = self.predicates.all([ip, carried, first, stored]);
        let ip6 = self.link_protocol(ethertype::IPV6)?;
        let (carried, at) = self.behind_ip6(&[protocol]);
        let over_ip6 = self.predicates.all([ip6, carried]);
        let either = self.predicates.any([over_ip, over_ip6]);
        Ok(Header { at, bare, guard: Some(self.guards([inner, Some(either)])), found: Some(protocol) })
    }

    fn guards<const N: usize>(&mut self, guards: [Option<PredicateId>; N]) -> PredicateId {
        self.predicates.all(guards.into_iter().flatten())
    }

    /// Whether radio information comes before the 802.11 header, in a form whose bytes mean the same in every packet.
    fn has_radio_header(&self) -> bool {
        matches!(
            self.layers.link_type,
            LinkType::IEEE802_11_RADIO_AVS | LinkType::IEEE802_11_RADIO | LinkType::PRISM_HEADER
        )
    }

    /// The first byte behind the IPv4 header, whose length the packet tells.
    pub(super) fn ipv4_transport(&mut self) -> Offset {
        let network = self.layers.network(0);
        let base = match network.base {
            None => self.values.intern(Value::IpHeaderLen(network.constant)),
            Some(before) => {
                let first = self.values.load(Size::Byte, network);
                let words = self.values.masked(first, 0xf);
                let two = self.values.constant(2);
                let bytes = self.values.intern(Value::Alu(AluOp::Lsh, words, two));
                self.values.intern(Value::Alu(AluOp::Add, bytes, before))
            }
        };
        Offset { base: Some(base), constant: network.constant }
    }

    /// `index` bytes behind `header`.
    pub(super) fn indexed(&mut self, header: Offset, index: ValueId) -> Offset {
        match (self.values.get(index), header.base) {
            (Value::Const(number), _) if number <= FOLDED_OFFSET_MAX => header.plus(number),
            (_, None) => Offset { base: Some(index), constant: header.constant },
            (_, Some(base)) => {
                let base = self.values.intern(Value::Alu(AluOp::Add, index, base));
                Offset { base: Some(base), constant: header.constant }
            }
        }
    }
}

/// The machine has three comparisons; the others are their opposites.
pub(super) const fn machine_cond(op: RelOp) -> (Cond, bool) {
    match op {
        RelOp::Eq => (Cond::Eq, false),
        RelOp::Ne => (Cond::Eq, true),
        RelOp::Gt => (Cond::Gt, false),
        RelOp::Le => (Cond::Gt, true),
        RelOp::Ge => (Cond::Ge, false),
        RelOp::Lt => (Cond::Ge, true),
    }
}

const fn alu_op(op: ArithOp) -> AluOp {
    match op {
        ArithOp::Add => AluOp::Add,
        ArithOp::Sub => AluOp::Sub,
        ArithOp::Mul => AluOp::Mul,
        ArithOp::Div => AluOp::Div,
        ArithOp::Mod => AluOp::Mod,
        ArithOp::And => AluOp::And,
        ArithOp::Or => AluOp::Or,
        ArithOp::Xor => AluOp::Xor,
        ArithOp::Shl => AluOp::Lsh,
        ArithOp::Shr => AluOp::Rsh,
    }
}
