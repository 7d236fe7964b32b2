//! Relations between numbers, and what is asked before a number is computed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Teller;
use super::primitive::protocol;
use super::shift::MovedBy;
use crate::explain::render::quoted;
use crate::syntax::ast::{ArithId, ArithKind, Ast, RelOp};
use crate::syntax::words::ProtoName;

/// How many protocols are named that are asked for first.
const GUARDS_MAX: usize = 4;

/// Headers, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Headers(u64);

impl Headers {
    fn of(proto: ProtoName) -> Self {
        Self(1_u64.checked_shl(proto as u32).unwrap_or_default())
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn contains(self, proto: ProtoName) -> bool {
        self.0 & Self::of(proto).0 != 0
    }
}

/// For each number the headers that it reads, and those that must be there before it is computed.
pub(super) struct Reads(Vec<(Headers, Headers)>);

impl Reads {
    pub(super) fn of(ast: &Ast) -> Self {
        let mut reads = Self(Vec::new());
        for (_, arith) in ast.ariths_after(0) {
            let this = match arith.kind {
                ArithKind::Number(_) | ArithKind::Len => Default::default(),
                ArithKind::Neg(operand) => reads.get(operand),
                ArithKind::Binary { left, right, .. } => {
                    let (left, right) = (reads.get(left), reads.get(right));
                    // As in libpcap only the left side asks first.
                    (left.0.and(right.0), left.1)
                }
                ArithKind::Load { proto, offset, .. } => {
                    let (read, asked) = reads.get(offset);
                    (read.and(Headers::of(proto)), asked.and(Headers::of(proto)))
                }
            };
            reads.0.push(this);
        }
        reads
    }

    fn get(&self, id: ArithId) -> (Headers, Headers) {
        self.0.get(id.index()).copied().unwrap_or_default()
    }

    pub(super) fn moved_by(&self, left: ArithId, right: ArithId) -> MovedBy {
        let read = self.get(left).0.and(self.get(right).0);
        let frames = Headers::of(ProtoName::Link).and(Headers::of(ProtoName::Radio));
        if read.0 & !frames.0 != 0 {
            MovedBy::Everything
        } else if read.0 != 0 {
            MovedBy::Frames
        } else {
            MovedBy::Nothing
        }
    }
}

impl Teller<'_> {
    pub(super) fn relation(&self, op: RelOp, left: ArithId, right: ArithId) -> String {
        let number = |id| quoted(self.ast.arith(id).span.text(self.text));
        let mut sentence = format!("{} {} {}", number(left), relation(op), number(right));
        let (left, right) = (self.reads.get(left), self.reads.get(right));
        let (read, asked) = (left.0.and(right.0), left.1.and(right.1));
        let guards: Vec<&str> = HEADERS
            .iter()
            .filter(|&&proto| asked.contains(proto))
            .filter_map(|&proto| guard(proto, self.options.ipv6_extensions))
            .take(GUARDS_MAX)
            .collect();
        if !guards.is_empty() {
            sentence.push_str(&format!("; only in {}", guards.join(" and ")));
        }
        if read != asked {
            sentence.push_str(
                "; headers that are read only right of an arithmetic operator are not asked for first",
            );
        }
        sentence
    }
}

/// The headers whose bytes can be named.
const HEADERS: [ProtoName; 22] = [
    ProtoName::Ip,
    ProtoName::Ip6,
    ProtoName::Arp,
    ProtoName::Rarp,
    ProtoName::Tcp,
    ProtoName::Udp,
    ProtoName::Sctp,
    ProtoName::Icmp,
    ProtoName::Icmp6,
    ProtoName::Igmp,
    ProtoName::Igrp,
    ProtoName::Pim,
    ProtoName::Vrrp,
    ProtoName::Carp,
    ProtoName::Atalk,
    ProtoName::Decnet,
    ProtoName::Lat,
    ProtoName::Sca,
    ProtoName::Mopdl,
    ProtoName::Moprc,
    ProtoName::Link,
    ProtoName::Radio,
];

fn guard(proto: ProtoName, ipv6_extensions: bool) -> Option<&'static str> {
    use ProtoName as P;
    Some(match proto {
        P::Link | P::Radio => return None,
        P::Tcp if ipv6_extensions => "TCP over IPv4 (first fragments) or IPv6 (behind extension headers)",
        P::Udp if ipv6_extensions => "UDP over IPv4 (first fragments) or IPv6 (behind extension headers)",
        P::Sctp if ipv6_extensions => "SCTP over IPv4 (first fragments) or IPv6 (behind extension headers)",
        P::Icmp6 if ipv6_extensions => "ICMPv6 behind the extension headers of IPv6",
        P::Tcp => "TCP over IPv4 (first fragments)",
        P::Udp => "UDP over IPv4 (first fragments)",
        P::Sctp => "SCTP over IPv4 (first fragments)",
        P::Icmp => "ICMP over IPv4 (first fragments)",
        P::Igmp => "IGMP over IPv4 (first fragments)",
        P::Igrp => "IGRP over IPv4 (first fragments)",
        P::Pim => "PIM over IPv4 (first fragments)",
        P::Vrrp | P::Carp => "VRRP or CARP over IPv4 (first fragments)",
        P::Icmp6 => "ICMPv6 directly behind the IPv6 header",
        other => protocol(other),
    })
}

/// A comparison as a verb.
pub(super) const fn relation(op: RelOp) -> &'static str {
    match op {
        RelOp::Eq => "equals",
        RelOp::Ne => "differs from",
        RelOp::Gt => "is greater than",
        RelOp::Ge => "is at least",
        RelOp::Lt => "is less than",
        RelOp::Le => "is at most",
    }
}
