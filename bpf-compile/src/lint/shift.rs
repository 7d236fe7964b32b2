//! W0101: a clause that is looked for behind an encapsulation, in packets that need not have it.
//!
//! A word such as `vlan` moves all that stands after it in the text. That is what one wants where the word has
//! matched before the clause is asked:
//!
//! ```text
//! vlan and ip              ip is asked only of tagged packets
//! vlan or ip               ip is asked only of untagged packets, and looked for behind their tag
//! not vlan and ip          the same
//! (vlan or arp) and ip     asked of both
//! ```

use alloc::format;
use alloc::vec::Vec;

use super::change::{Edit, with_offers};
use super::outline::{Outline, shift_word};
use super::{Findings, quoted};
use crate::diagnostic::{Code, Diagnostic, Patch};
use crate::syntax::ast::{ArithKind, Encap, ExprId, ExprKind, Kind, Primitive, Qualified};
use crate::syntax::words::ProtoName;

pub(super) fn check(outline: &Outline<'_>, findings: &mut Findings) {
    let shifted = shifted(outline);
    for found in &shifted {
        findings.add(Code::ShiftedClause, || warning(outline, found, shifted.len()));
    }
}

/// A clause that is shifted though the word need not have matched.
struct Shifted {
    /// The list in which they meet.
    list: ExprId,
    /// The item of the list that holds the word.
    item: usize,
    word: ExprId,
    clause: ExprId,
}

/// What is known of a node.
#[derive(Clone, Copy, Default)]
struct Known {
    /// The last word in it.
    word: Option<ExprId>,
    /// Whether all its words have matched where it holds, and where it does not.
    matched: [bool; 2],
    /// The first clause in it that looks at the network header or behind, and at any header.
    clauses: [Option<ExprId>; 2],
}

impl Known {
    /// The first clause in it that the word moves. Tunnels carry whole frames, so they move all headers.
    fn first_moved_by(&self, outline: &Outline<'_>, word: ExprId) -> Option<ExprId> {
        let [network, any] = self.clauses;
        match shift_word(&outline.ast.expr(word).kind) {
            Some(Encap::Vlan | Encap::Mpls | Encap::Pppoes) | None => network,
            Some(_) => any,
        }
    }
}

/// For each word the first clause that it misleads.
fn shifted(outline: &Outline<'_>) -> Vec<Shifted> {
    let loads = loads(outline);
    let mut known: Vec<Known> = Vec::new();
    let mut blamed = outline.table(false);
    let mut found = Vec::new();
    for (id, expr) in outline.ast.exprs() {
        let of = |id: &ExprId| known.get(id.index()).copied().unwrap_or_default();
        let this = match &expr.kind {
            ExprKind::Not(operand) => {
                let Known { word, matched: [holds, fails], clauses } = of(operand);
                Known { word, matched: [fails, holds], clauses }
            }
            ExprKind::And(items) | ExprKind::Or(items) => {
                // The next item is asked where this one holds; or, among alternatives, where it does not.
                let asked = usize::from(matches!(expr.kind, ExprKind::Or(_)));
                let mut all = Known { word: None, matched: [true; 2], clauses: [None; 2] };
                let mut loose: Option<(usize, ExprId)> = None;
                for (at, item) in items.iter().enumerate() {
                    let next = of(item);
                    if let Some((holder, word)) = loose
                        && let Some(clause) = next.first_moved_by(outline, word)
                        && let Some(seen @ false) = blamed.get_mut(word.index())
                    {
                        *seen = true;
                        found.push(Shifted { list: id, item: holder, word, clause });
                    }
                    if let Some(word) = next.word
                        && !next.matched.get(asked).copied().unwrap_or_default()
                    {
                        loose = Some((at, word));
                    }
                    all.word = next.word.or(all.word);
                    all.clauses = [all.clauses[0].or(next.clauses[0]), all.clauses[1].or(next.clauses[1])];
                    let [holds, fails] = next.matched;
                    all.matched = if asked == 0 {
                        [all.matched[0] && holds, false]
                    } else {
                        [false, all.matched[1] && fails]
                    };
                }
                if all.word.is_none() {
                    all.matched = [true; 2];
                }
                all
            }
            kind => {
                let [network, any] = looks_at(kind, &loads);
                let clauses = [network.then_some(id), any.then_some(id)];
                match shift_word(kind) {
                    Some(_) => Known { word: Some(id), matched: [true, false], clauses },
                    None => Known { word: None, matched: [true; 2], clauses },
                }
            }
        };
        known.push(this);
    }
    found
}

/// For each number whether it reads the network header or behind, and whether any header.
fn loads(outline: &Outline<'_>) -> Vec<[bool; 2]> {
    let mut loads: Vec<[bool; 2]> = Vec::new();
    for (_, arith) in outline.ast.ariths_after(0) {
        let of = |id: crate::syntax::ast::ArithId| loads.get(id.index()).copied().unwrap_or_default();
        let this = match arith.kind {
            ArithKind::Number(_) | ArithKind::Len => [false; 2],
            ArithKind::Neg(operand) => of(operand),
            ArithKind::Binary { left, right, .. } => either(of(left), of(right)),
            ArithKind::Load { proto, offset, .. } => {
                let link = matches!(proto, ProtoName::Link | ProtoName::Radio);
                either(of(offset), [!link, true])
            }
        };
        loads.push(this);
    }
    loads
}

fn either(one: [bool; 2], other: [bool; 2]) -> [bool; 2] {
    [one[0] || other[0], one[1] || other[1]]
}

/// Whether a clause looks at the network header or behind, and whether at any header that a word moves.
fn looks_at(kind: &ExprKind, loads: &[[bool; 2]]) -> [bool; 2] {
    match kind {
        ExprKind::Relation { left, right, .. } => {
            let of = |at: usize| loads.get(at).copied().unwrap_or_default();
            either(of(left.index()), of(right.index()))
        }
        ExprKind::Primitive(primitive) => match primitive {
            Primitive::Less(_)
            | Primitive::Greater(_)
            | Primitive::Byte { .. }
            | Primitive::Inbound
            | Primitive::Outbound
            | Primitive::IfIndex(_) => [false; 2],
            Primitive::Qualified(Qualified { quals, .. }) => {
                let addresses = quals.proto == Some(ProtoName::Link) && quals.kind != Some(Kind::Proto);
                [!addresses, true]
            }
            Primitive::Broadcast(None | Some(ProtoName::Link))
            | Primitive::Multicast(None | Some(ProtoName::Link))
            | Primitive::Wlan { .. } => [false, true],
            _ => [true; 2],
        },
        _ => [false; 2],
    }
}

fn warning(outline: &Outline<'_>, found: &Shifted, count: usize) -> Diagnostic {
    let (clause, word) = (outline.span(found.clause), outline.span(found.word));
    let name = shift_word(&outline.ast.expr(found.word).kind).map_or("", Encap::as_str);
    let clause_text = quoted(outline.text(clause));
    let warning = Diagnostic::new(
        Code::ShiftedClause,
        format!("{clause_text} is looked for behind {}, where the packet need not have it", described(name)),
        clause,
        "shifted",
    )
    .with_secondary(word, "shifts everything after it in the text");
    let offers = [("put the encapsulation last", last(outline, found, count))];
    let warning = with_offers(warning, offers, "put the encapsulation last");
    warning.with_help(format!(
        "for packets with and without it, say the clause before it and again behind it: `... or ({name} and ...)`"
    ))
}

fn described(word: &str) -> &'static str {
    match word {
        "vlan" => "a VLAN tag",
        "mpls" => "an MPLS label",
        "pppoes" => "a PPPoE header",
        "geneve" => "a Geneve header",
        _ => "a VXLAN header",
    }
}

/// The item with the word moved to the end of its list.
fn last(outline: &Outline<'_>, found: &Shifted, count: usize) -> Option<Patch> {
    let places = outline.places(found.list)?;
    let operators = outline.operators(found.list)?;
    let item = *outline.items(found.list).get(found.item)?;
    let (place, next) = (*places.get(found.item)?, *places.get(found.item + 1)?);
    let (operator, text) = (outline.text(*operators.get(found.item)?), outline.text(place));
    let bare_list = found.item == 0 && outline.continues(found.list) == Some(item);
    let moved = if bare_list { format!(" {operator} ({text})") } else { format!(" {operator} {text}") };
    let edits = alloc::vec![
        Edit::replace(crate::span::Span::new(place.start, next.start), ""),
        Edit::insert(places.last()?.end, moved),
    ];
    let (of_item, of_list) = (outline.range(item), outline.range(found.list));
    let leaves = (0..of_item.start)
        .chain(of_item.end..of_list.end)
        .chain(of_item)
        .chain(of_list.end..outline.leaves.len());
    outline.rearranged(edits, leaves, |changed| shifted(changed).len() < count)
}
