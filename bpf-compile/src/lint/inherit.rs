//! W0102 and W0103: ids that inherit something other than a reader expects.
//!
//! ```text
//! src host a and b             b is a source too: no packet has two            W0102
//! src a or (dst b) or c        c is a source: parentheses hand out nothing     W0102
//! not host a and b             b is `host b`; the `not` stays with a           W0103
//! ```
//!
//! `port 80 or 443` and `host a and b` are idioms.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::change::{Edit, with_offers};
use super::outline::Outline;
use super::{Findings, quoted};
use crate::diagnostic::{Code, Diagnostic, Patch};
use crate::syntax::ast::{Dir, Expr, ExprId, ExprKind, Kind, Primitive, Qualified, Quals};
use crate::syntax::words::ProtoName;

pub(super) fn check(outline: &Outline<'_>, findings: &mut Findings) {
    let begins = begins_with_inherited(outline);
    let inherits = |item: &ExprId| begins.get(item.index()) == Some(&true);
    for (id, expr) in outline.ast.exprs() {
        let items = outline.items(id);
        for (at, pair) in items.windows(2).enumerate() {
            let [before, item] = pair else { continue };
            if !inherits(item) {
                continue;
            }
            // Counted only for what is warned of, which a run is once.
            let run = || items.iter().skip(at + 1).take_while(|item| inherits(item)).count();
            if let ExprKind::Not(_) = outline.ast.expr(*before).kind {
                not_does_not_reach(outline, id, at, run(), findings);
            } else if let (ExprKind::And(_), Some(one), Some(other)) =
                (&expr.kind, qualified(outline, *before), qualified(outline, *item))
                && !(one.inherited && at > 0 && contradicts_before(outline, items, at))
                && one.quals == other.quals
                && one.id != other.id
                && let Some(thing) = only_one(one.quals)
            {
                contradiction(outline, id, at, run(), thing, findings);
            }
        }
    }
    for pair in outline.leaves.windows(2) {
        let [before, leaf] = pair else { continue };
        if let (Some(before), Some(leaf)) = (qualified(outline, *before), qualified(outline, *leaf))
            && leaf.inherited
            && leaf.quals != before.quals
        {
            from_before_parentheses(outline, before, leaf, findings);
        }
    }
}

/// Which nodes begin with an id that inherits, with no `not` before it.
fn begins_with_inherited(outline: &Outline<'_>) -> Vec<bool> {
    let mut begins: Vec<bool> = Vec::new();
    for (_, expr) in outline.ast.exprs() {
        let begin = match &expr.kind {
            ExprKind::And(items) | ExprKind::Or(items) => {
                items.first().and_then(|first| begins.get(first.index())).copied().unwrap_or_default()
            }
            _ => of_expr(expr).is_some_and(|qualified| qualified.inherited),
        };
        begins.push(begin);
    }
    begins
}

fn of_expr(expr: &Expr) -> Option<&Qualified> {
    match &expr.kind {
        ExprKind::Primitive(Primitive::Qualified(qualified)) => Some(qualified),
        _ => None,
    }
}

fn qualified<'a>(outline: &Outline<'a>, id: ExprId) -> Option<&'a Qualified> {
    of_expr(outline.ast.expr(id))
}

/// The leaf that an item begins with.
fn first_leaf<'a>(outline: &Outline<'a>, item: ExprId) -> Option<&'a Qualified> {
    qualified(outline, *outline.leaves.get(outline.range(item).start)?)
}

/// Whether the pair that ends at `at` has been warned of: of three sources one warning is enough.
fn contradicts_before(outline: &Outline<'_>, items: &[ExprId], at: usize) -> bool {
    let quals = |at: usize| items.get(at).and_then(|&item| qualified(outline, item)).map(|found| found.quals);
    at > 0 && quals(at - 1).is_some() && quals(at - 1) == quals(at)
}

/// What a packet has only one of, if that is what the ids name. Networks and ranges may lie in each other, and behind
/// an IPv6 header stand several protocols.
fn only_one(quals: Quals) -> Option<&'static str> {
    match (quals.kind, quals.dir) {
        (None | Some(Kind::Host | Kind::Port), Some(Dir::Src)) => Some("source"),
        (None | Some(Kind::Host | Kind::Port), Some(Dir::Dst)) => Some("destination"),
        (None | Some(Kind::Host | Kind::Port), Some(Dir::SrcAndDst)) => Some("source and destination"),
        (Some(Kind::Proto), _) => {
            matches!(quals.proto, Some(ProtoName::Ip | ProtoName::Link)).then_some("protocol")
        }
        _ => None,
    }
}

/// `src host a and b`: `run` ids behind item `at` are taken from the same place of the packet.
fn contradiction(
    outline: &Outline<'_>,
    list: ExprId,
    at: usize,
    run: usize,
    thing: &str,
    findings: &mut Findings,
) {
    let items = outline.items(list);
    let (Some(&first), Some(&second)) = (items.get(at), items.get(at + 1)) else { return };
    let (Some(one), Some(other)) = (qualified(outline, first), qualified(outline, second)) else { return };
    findings.add(Code::MisleadingInheritance, || {
        let qualifiers = outline.text(other.quals_span);
        let warning = Diagnostic::new(
            Code::MisleadingInheritance,
            format!(
                "a packet has one {thing}, and {} inherits {}",
                quoted(outline.text(other.id_span)),
                quoted(qualifiers)
            ),
            other.id_span,
            "inherits its qualifiers",
        )
        .with_secondary(one.quals_span.to(one.id_span), "from here");
        let opposite = opposite(other.quals).filter(|_| run == 1);
        let opposite =
            opposite.and_then(|quals| outline.parsing(alloc::vec![Edit::insert(other.id_span.start, quals)]));
        let offers = [
            ("if the other end is meant, name it", opposite),
            ("if either is enough, join them by `or`", joined_by_or(outline, list, at, run)),
        ];
        with_offers(warning, offers, "join them by `or` if either is enough")
    });
}

/// The qualifiers of the other end, with a space behind them.
fn opposite(quals: Quals) -> Option<String> {
    let dir = match quals.dir? {
        Dir::Src => "dst",
        Dir::Dst => "src",
        _ => return None,
    };
    let words = [quals.proto.map(|proto| proto.as_str()), Some(dir), quals.kind.map(|kind| kind.as_str())];
    Some(words.into_iter().flatten().fold(String::new(), |text, word| text + word + " "))
}

fn joined_by_or(outline: &Outline<'_>, list: ExprId, at: usize, run: usize) -> Option<Patch> {
    let places = outline.places(list)?;
    let operators = outline.operators(list)?;
    let mut edits: Vec<Edit> = Vec::new();
    if places.len() != run + 1 {
        edits.push(Edit::insert(places.get(at)?.start, "("));
        edits.push(Edit::insert(places.get(at + run)?.end, ")"));
    }
    edits.extend(operators.iter().skip(at).take(run).map(|&operator| Edit::replace(operator, "or")));
    outline.regrouped(edits)
}

/// `not host a and b`: item `at` is the `not`, and `run` items behind it inherit.
fn not_does_not_reach(outline: &Outline<'_>, list: ExprId, at: usize, run: usize, findings: &mut Findings) {
    let items = outline.items(list);
    let (Some(&not), Some(&item)) = (items.get(at), items.get(at + 1)) else { return };
    let Some(leaf) = first_leaf(outline, item) else { return };
    findings.add(Code::NotDoesNotReach, || {
        let id = quoted(outline.text(leaf.id_span));
        let qualifiers = outline.text(leaf.quals_span);
        let warning = Diagnostic::new(
            Code::NotDoesNotReach,
            format!("`not` does not reach {id}, which inherits only {}", quoted(qualifiers)),
            leaf.id_span,
            "must match",
        )
        .with_secondary(outline.span(not), "the `not` ends here");
        let spelled = items.iter().skip(at + 1).take(run).filter_map(|&item| {
            let leaf = first_leaf(outline, item)?;
            Some(Edit::insert(leaf.id_span.start, format!("{} ", outline.text(leaf.quals_span))))
        });
        let offers = [
            ("if none of them is to match, say so", none_of(outline, list, at, run)),
            ("to keep the meaning, name the qualifiers again", outline.same(spelled.collect())),
        ];
        with_offers(warning, offers, "write `not` before each of them")
    });
}

/// `not host a and not b`, `not (host a or b)`
fn none_of(outline: &Outline<'_>, list: ExprId, at: usize, run: usize) -> Option<Patch> {
    let places = outline.places(list)?;
    let edits = if let ExprKind::And(_) = outline.ast.expr(list).kind {
        places.iter().skip(at + 1).take(run).map(|place| Edit::insert(place.start, "not ")).collect()
    } else {
        let not = places.get(at)?;
        let text = outline.text(*not);
        let operand = text.strip_prefix("not").or_else(|| text.strip_prefix('!'))?.trim_start();
        let before = u32::try_from(text.len() - operand.len()).ok()?;
        let start = not.start.checked_add(before)?;
        alloc::vec![Edit::insert(start, "("), Edit::insert(places.get(at + run)?.end, ")")]
    };
    outline.regrouped(edits)
}

/// `src a or (dst b) or c`: the neighbour on the left is not the one that hands out.
fn from_before_parentheses(
    outline: &Outline<'_>,
    before: &Qualified,
    leaf: &Qualified,
    findings: &mut Findings,
) {
    findings.add(Code::MisleadingInheritance, || {
        let (id, qualifiers) = (outline.text(leaf.id_span), outline.text(leaf.quals_span));
        let other = outline.text(before.quals_span);
        let spelled = |words: &str| alloc::vec![Edit::insert(leaf.id_span.start, format!("{words} "))];
        let warning = Diagnostic::new(
            Code::MisleadingInheritance,
            format!(
                "{} inherits {}, not {}: what is in parentheses hands out nothing",
                quoted(id),
                quoted(qualifiers),
                quoted(other)
            ),
            leaf.id_span,
            "inherits its qualifiers",
        )
        .with_secondary(leaf.quals_span, "from here")
        .with_secondary(before.quals_span, "not from here");
        let offers = [
            ("to keep the meaning, name the qualifiers again", outline.same(spelled(qualifiers))),
            ("if the neighbour's are meant, repeat them", outline.parsing(spelled(other))),
        ];
        with_offers(warning, offers, "name the qualifiers again")
    });
}
