//! What the words before a clause have shifted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Teller;
use crate::syntax::ast::{Ast, Encap, ExprId, ExprKind, Kind, Primitive, Qualified};
use crate::syntax::words::ProtoName;

/// How many headers are named one by one.
const NAMED_MAX: usize = 4;

/// The encapsulations of a filter, and how many of them stand before each node.
pub(super) struct Shifts {
    headers: Vec<Encap>,
    before: Vec<usize>,
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
    pub(super) fn of(ast: &Ast) -> Self {
        let mut shifts = Self { headers: Vec::new(), before: Vec::new() };
        for (_, expr) in ast.exprs() {
            shifts.before.push(shifts.headers.len());
            match expr.kind {
                ExprKind::Primitive(Primitive::Encap { kind: Encap::Pppoed, .. }) => {}
                ExprKind::Primitive(Primitive::Encap { kind, .. }) => shifts.headers.push(kind),
                _ => {}
            }
        }
        shifts
    }

    /// Whether the last header before the node is one behind which only IP can be told.
    pub(super) fn is_behind_ip_only(&self, node: ExprId) -> bool {
        let last = self.before.get(node.index()).and_then(|count| self.headers.get(count.checked_sub(1)?));
        matches!(last, Some(Encap::Mpls | Encap::Pppoes))
    }

    /// `behind a VLAN tag and 2 MPLS labels`, if something has moved the node.
    pub(super) fn described(&self, node: ExprId, moved_by: MovedBy) -> Option<String> {
        let before = self.headers.get(..*self.before.get(node.index())?)?;
        let headers = match moved_by {
            MovedBy::Nothing => return None,
            MovedBy::Everything => before,
            MovedBy::Frames => {
                let last = before.iter().rposition(|kind| !matches!(kind, Encap::Vlan | Encap::Mpls))?;
                before.get(..=last)?
            }
        };
        // Counted only as far as it is told: the headers before each clause add up to many.
        let mut runs: Vec<(Encap, usize)> = Vec::new();
        for kind in headers {
            let is_full = runs.len() == NAMED_MAX;
            match runs.last_mut() {
                Some((known, count)) if known == kind => *count = count.saturating_add(1),
                _ if is_full => {
                    return Some(format!(
                        "behind the {} headers that the words before step over",
                        headers.len()
                    ));
                }
                _ => runs.push((*kind, 1)),
            }
        }
        let named: Vec<String> = runs.into_iter().map(|(kind, count)| header(kind, count)).collect();
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
