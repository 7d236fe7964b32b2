//! W0104 and W0105: `tcp[...]` and its like read IPv4 packets only.
//!
//! ```text
//! ip6 and tcp[13] = 2              never                                W0104
//! (ip or ip6) and tcp[13] = 2      never for what the `ip6` lets in     W0105
//! ip6 or tcp[13] = 2               the two do not meet
//! ```

use alloc::format;
use alloc::vec::Vec;

use super::outline::Outline;
use super::{Findings, quoted};
use crate::compile::Options;
use crate::diagnostic::{Code, Diagnostic};
use crate::link::LinkType;
use crate::span::Span;
use crate::syntax::ast::{ArithId, ArithKind, ExprId, ExprKind, Id, Primitive, Qualified};
use crate::syntax::words::ProtoName;

/// What every packet that a node accepts has, and at how many encapsulations.
#[derive(Clone, Copy, Default)]
struct Needs {
    /// It is IPv6: the place that says so.
    ipv6: Option<(Span, u32)>,
    /// Some of the alternatives are IPv6: the first of them.
    some_ipv6: Option<(Span, u32)>,
    /// It is IPv4, since this is read: the place of the load.
    load: Option<(Span, u32)>,
}

/// What is read before a number is known.
#[derive(Clone, Copy, Default)]
struct Guards {
    ipv4_load: Option<Span>,
    ipv6_load: Option<Span>,
}

pub(super) fn check(outline: &Outline<'_>, options: &Options, findings: &mut Findings) {
    let guards = guards(outline, options.ipv6_extensions);
    let mut needs: Vec<Needs> = Vec::new();
    for (id, expr) in outline.ast.exprs() {
        let of = |id: &ExprId| needs.get(id.index()).copied().unwrap_or_default();
        let this = match &expr.kind {
            ExprKind::Not(_) => Needs::default(),
            ExprKind::And(items) => items
                .iter()
                .fold(Needs::default(), |before, item| joined(outline, before, of(item), findings)),
            ExprKind::Or(items) => alternatives(expr.span, items.iter().map(of)),
            kind => {
                let this = leaf(outline, id, kind, &guards);
                if let (LinkType::IPV6, Some((load, 0))) = (options.link_type, this.load) {
                    findings.add(Code::NeverOnIpv6, || {
                        warning(outline, Code::NeverOnIpv6, load)
                            .with_help("every packet of link type IPV6 is an IPv6 packet")
                    });
                }
                this
            }
        };
        needs.push(this);
    }
}

/// Both `before` and `next` must hold.
fn joined(outline: &Outline<'_>, before: Needs, next: Needs, findings: &mut Findings) -> Needs {
    for (one, other) in [(before, next), (next, before)] {
        let Some((load, depth)) = one.load else { continue };
        if let Some((place, _)) = other.ipv6.filter(|&(_, at)| at == depth) {
            findings.add(Code::NeverOnIpv6, || {
                warning(outline, Code::NeverOnIpv6, load).with_secondary(place, "only IPv6 packets")
            });
        } else if let Some((place, _)) = other.some_ipv6.filter(|&(_, at)| at == depth) {
            findings.add(Code::OnlyIpv4, || {
                warning(outline, Code::OnlyIpv4, load).with_secondary(place, "IPv6 packets too")
            });
        }
    }
    // What stands later is what the clauses after it stand beside.
    Needs {
        ipv6: next.ipv6.or(before.ipv6),
        some_ipv6: next.some_ipv6.or(before.some_ipv6),
        load: next.load.or(before.load),
    }
}

/// Any of them may hold.
fn alternatives(span: Span, items: impl Iterator<Item = Needs>) -> Needs {
    let mut all = None;
    let mut some_ipv6 = None;
    for item in items {
        some_ipv6 = some_ipv6.or(item.ipv6).or(item.some_ipv6);
        let (ipv6, load) = all.unwrap_or((item.ipv6, item.load));
        let same = |one: Option<(Span, u32)>, other: Option<(Span, u32)>| {
            let (place, depth) = one?;
            other.filter(|&(_, at)| at == depth).map(|_| (place, depth))
        };
        all = Some((same(ipv6, item.ipv6), same(load, item.load)));
    }
    let (ipv6, load) = all.unwrap_or_default();
    match ipv6 {
        Some((_, depth)) => Needs { ipv6: Some((span, depth)), some_ipv6: None, load },
        None => Needs { ipv6: None, some_ipv6, load },
    }
}

fn leaf(outline: &Outline<'_>, id: ExprId, kind: &ExprKind, guards: &[Guards]) -> Needs {
    let depth = outline.shifts(id);
    let span = outline.span(id);
    match kind {
        ExprKind::Relation { left, right, .. } => {
            let of = |id: &ArithId| guards.get(id.index()).copied().unwrap_or_default();
            let (left, right) = (of(left), of(right));
            Needs {
                ipv6: left.ipv6_load.or(right.ipv6_load).map(|at| (at, depth)),
                some_ipv6: None,
                load: left.ipv4_load.or(right.ipv4_load).map(|at| (at, depth)),
            }
        }
        ExprKind::Primitive(primitive) if is_ipv6(primitive) => {
            Needs { ipv6: Some((span, depth)), ..Needs::default() }
        }
        _ => Needs::default(),
    }
}

fn is_ipv6(primitive: &Primitive) -> bool {
    match primitive {
        Primitive::Proto(proto) | Primitive::Multicast(Some(proto)) => is_ipv6_word(*proto),
        Primitive::Qualified(Qualified { quals, id, .. }) => {
            quals.proto.is_some_and(is_ipv6_word) || matches!(id, Id::Ipv6(_) | Id::Ipv6Prefix(..))
        }
        _ => false,
    }
}

const fn is_ipv6_word(proto: ProtoName) -> bool {
    matches!(proto, ProtoName::Ip6 | ProtoName::Icmp6)
}

/// For each number what must be there before it is computed; as in the compiler, of an operator's two sides only the
/// left one counts.
fn guards(outline: &Outline<'_>, ipv6_extensions: bool) -> Vec<Guards> {
    let mut guards: Vec<Guards> = Vec::new();
    for (_, arith) in outline.ast.ariths_after(0) {
        let of = |id: ArithId| guards.get(id.index()).copied().unwrap_or_default();
        let this = match arith.kind {
            ArithKind::Number(_) | ArithKind::Len => Guards::default(),
            ArithKind::Neg(operand) | ArithKind::Binary { left: operand, .. } => of(operand),
            ArithKind::Load { proto, offset, .. } => {
                let inner = of(offset);
                let (ipv4, ipv6) = (reads_ipv4_only(proto, ipv6_extensions), is_ipv6_word(proto));
                Guards {
                    ipv4_load: ipv4.then_some(arith.span).or(inner.ipv4_load),
                    ipv6_load: ipv6.then_some(arith.span).or(inner.ipv6_load),
                }
            }
        };
        guards.push(this);
    }
    guards
}

/// Headers behind that of IPv4, and that header itself.
const fn reads_ipv4_only(proto: ProtoName, ipv6_extensions: bool) -> bool {
    use ProtoName as P;
    match proto {
        P::Tcp | P::Udp | P::Sctp => !ipv6_extensions,
        P::Ip | P::Icmp | P::Igmp | P::Igrp | P::Pim | P::Vrrp | P::Carp => true,
        _ => false,
    }
}

fn warning(outline: &Outline<'_>, code: Code, load: Span) -> Diagnostic {
    let text = quoted(outline.text(load));
    let message = if code == Code::NeverOnIpv6 {
        format!("this never matches: {text} reads IPv4 packets only")
    } else {
        format!("this matches no IPv6 packet: {text} reads IPv4 packets only")
    };
    let warning = Diagnostic::new(code, message, load, "only IPv4 packets");
    // Of the headers behind IPv4 these stand behind IPv6 too.
    let both = ["tcp", "udp", "sctp", "pim"].into_iter().find(|name| outline.text(load).starts_with(name));
    match both {
        Some(name) => warning.with_help(format!(
            "in IPv6 packets without extension headers `{name}[n]` is `ip6[40 + n]`, where `{name}` holds"
        )),
        None => warning,
    }
}
