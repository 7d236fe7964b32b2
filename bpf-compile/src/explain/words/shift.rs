//! What the words before a clause have shifted.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Teller;
use crate::lower::scope::Scopes;
use crate::syntax::ast::{Ast, Encap, ExprId, ExprKind, Kind, Primitive, Qualified};
use crate::syntax::words::ProtoName;

/// How many headers are named one by one.
const NAMED_MAX: usize = 8;

/// The encapsulations of a filter, each with what is around it, and the innermost one for each node.
pub(super) struct Shifts {
    headers: Vec<Header>,
    around: Vec<Option<usize>>,
}

/// An encapsulation that was stepped into.
struct Header {
    kind: Encap,
    around: Option<usize>,
    /// How many there are, this one included.
    depth: usize,
    /// The innermost one, this one included, that carries whole frames or packets.
    frame: Option<usize>,
}

/// What moves a clause.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MovedBy {
    /// It looks at no header.
    Nothing,
    /// It looks at the link layer: VLAN tags and MPLS labels stand behind that.
    Frames,
    /// It looks at the network header or behind.
    Everything,
}

impl Shifts {
    pub(super) fn of(ast: &Ast, scoped: bool) -> Self {
        let mut shifts = Self { headers: Vec::new(), around: Vec::new() };
        // The same encapsulation in the same place is one, so that alternatives which end alike are known as such.
        let mut known: BTreeMap<(Option<usize>, u8), usize> = BTreeMap::new();
        let mut innermost = None;
        let mut scopes = scoped.then(|| Scopes::new(ast));
        for (id, expr) in ast.exprs() {
            if let Some(scopes) = &mut scopes {
                // What cannot be told is an error of the compiler; here the alternative before counts.
                let _ = scopes.before(id, &expr.kind, &mut innermost);
            }
            shifts.around.push(innermost);
            if let ExprKind::Primitive(Primitive::Encap { kind, .. }) = expr.kind
                && kind.shifts()
            {
                let at =
                    *known.entry((innermost, kind as u8)).or_insert_with(|| shifts.step(kind, innermost));
                innermost = Some(at);
            }
            if let Some(scopes) = &mut scopes {
                scopes.after(id, expr, &mut innermost);
            }
        }
        shifts
    }

    fn step(&mut self, kind: Encap, around: Option<usize>) -> usize {
        let at = self.headers.len();
        let outer = around.and_then(|at| self.headers.get(at));
        let frame = match kind {
            Encap::Vlan | Encap::Mpls => outer.and_then(|outer| outer.frame),
            _ => Some(at),
        };
        let depth = outer.map_or(0, |outer| outer.depth).saturating_add(1);
        self.headers.push(Header { kind, around, depth, frame });
        at
    }

    fn innermost(&self, node: ExprId) -> Option<&Header> {
        self.headers.get((*self.around.get(node.index())?)?)
    }

    /// Whether the last header before the node is one behind which only IP can be told.
    pub(super) fn is_behind_ip_only(&self, node: ExprId) -> bool {
        self.innermost(node).is_some_and(|header| matches!(header.kind, Encap::Mpls | Encap::Pppoes))
    }

    /// `behind a VLAN tag and 2 MPLS labels`, if something has moved the node.
    pub(super) fn described(&self, node: ExprId, moved_by: MovedBy) -> Option<String> {
        let innermost = self.innermost(node)?;
        let innermost = match moved_by {
            MovedBy::Nothing => return None,
            MovedBy::Everything => innermost,
            MovedBy::Frames => self.headers.get(innermost.frame?)?,
        };
        if innermost.depth > NAMED_MAX {
            return Some(format!("behind the {} headers that the words before step over", innermost.depth));
        }
        let mut runs: Vec<(Encap, usize)> = Vec::new();
        let mut next = Some(innermost);
        while let Some(Header { kind, around, .. }) = next {
            match runs.last_mut() {
                Some((known, count)) if known == kind => *count = count.saturating_add(1),
                _ => runs.push((*kind, 1)),
            }
            next = around.and_then(|at| self.headers.get(at));
        }
        let named: Vec<String> = runs.into_iter().rev().map(|(kind, count)| header(kind, count)).collect();
        let (last, first) = named.split_last()?;
        Some(if first.is_empty() {
            format!("behind {last}")
        } else {
            format!("behind {} and {last}", first.join(", "))
        })
    }
}

fn header(kind: Encap, count: usize) -> String {
    let (one, many) = match kind {
        Encap::Vlan => ("a VLAN tag", "VLAN tags"),
        Encap::Mpls => ("an MPLS label", "MPLS labels"),
        Encap::Pppoed => ("a PPPoE discovery header", "PPPoE discovery headers"),
        Encap::Pppoes => ("a PPPoE session header", "PPPoE session headers"),
        Encap::Geneve => ("a Geneve header", "Geneve headers"),
        Encap::Vxlan => ("a VXLAN header", "VXLAN headers"),
        Encap::Gre => ("a GRE header", "GRE headers"),
        Encap::Erspan => ("an ERSPAN header", "ERSPAN headers"),
        Encap::Gtp => ("a GTP header", "GTP headers"),
        Encap::L2tp => ("an L2TP header", "L2TP headers"),
        Encap::Wireguard => ("a WireGuard header", "WireGuard headers"),
    };
    if count == 1 { one.into() } else { format!("{count} {many}") }
}

impl Teller<'_> {
    /// What moves a clause of this kind.
    pub(super) fn moved_by(&self, kind: &ExprKind) -> MovedBy {
        let ExprKind::Primitive(primitive) = kind else {
            return match kind {
                ExprKind::Relation { left, right, .. } => self.reads.moved_by(*left, *right),
                _ => MovedBy::Nothing,
            };
        };
        match primitive {
            Primitive::Less(_) | Primitive::Greater(_) | Primitive::Pf { .. } => MovedBy::Nothing,
            Primitive::Inbound
            | Primitive::Outbound
            | Primitive::IfIndex(_)
            | Primitive::Byte { .. }
            | Primitive::Wlan { .. }
            | Primitive::Broadcast(None | Some(ProtoName::Link))
            | Primitive::Multicast(None | Some(ProtoName::Link)) => MovedBy::Frames,
            Primitive::Qualified(Qualified { quals, .. })
                if quals.proto == Some(ProtoName::Link) && quals.kind != Some(Kind::Proto) =>
            {
                MovedBy::Frames
            }
            _ => MovedBy::Everything,
        }
    }
}
