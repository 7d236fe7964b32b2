//! W0109: `a or b and c` is `(a or b) and c`.
//!
//! Only `and` behind `or` is a trap; `a and b or c` is what everybody expects.

use alloc::vec::Vec;

use super::Findings;
use super::change::{Edit, with_offers};
use super::outline::Outline;
use crate::diagnostic::{Code, Diagnostic, Patch};
use crate::span::Span;
use crate::syntax::ast::{ExprId, ExprKind};

pub(super) fn check(outline: &Outline<'_>, findings: &mut Findings) {
    let mut inner = outline.table(false);
    for (id, _) in outline.ast.exprs() {
        if let Some(first) = outline.continues(id)
            && let Some(entry) = inner.get_mut(first.index())
        {
            *entry = true;
        }
    }
    for (id, _) in outline.ast.exprs() {
        if inner.get(id.index()) == Some(&false) {
            level(outline, id, findings);
        }
    }
}

/// All that is joined without parentheses: `outermost` and the lists that it begins with.
fn level(outline: &Outline<'_>, outermost: ExprId, findings: &mut Findings) {
    let mut trap = None;
    let mut list = outermost;
    while let Some(first) = outline.continues(list) {
        if let (ExprKind::And(items), ExprKind::Or(_)) =
            (&outline.ast.expr(list).kind, &outline.ast.expr(first).kind)
        {
            trap = items.get(1).map(|&behind| (first, behind));
        }
        list = first;
    }
    let Some((or, behind)) = trap else { return };
    findings.add(Code::MixedOperators, || {
        let behind = outline.span(behind);
        let warning = Diagnostic::new(
            Code::MixedOperators,
            "`and` does not bind tighter than `or`: this `and` joins all that stands before it",
            outline.operator_behind(or).unwrap_or(behind),
            "holds for the whole `or` before it",
        )
        .with_secondary(outline.span(or), "one side of the `and`");
        let offers = [
            ("if `and` is meant to bind tighter, say so", tight(outline, outermost)),
            ("to keep the meaning, say it with parentheses", as_is(outline, outermost)),
        ];
        with_offers(warning, offers, "put what belongs together in parentheses")
    });
}

/// Parentheses around every list that another one begins with.
fn as_is(outline: &Outline<'_>, outermost: ExprId) -> Option<Patch> {
    let mut edits = Vec::new();
    let mut list = outermost;
    while let Some(first) = outline.continues(list) {
        let place = outline.span(first);
        edits.push(Edit::insert(place.start, "("));
        edits.push(Edit::insert(place.end, ")"));
        list = first;
    }
    outline.same(edits)
}

/// Parentheses around every run of clauses that are joined by `and`.
fn tight(outline: &Outline<'_>, outermost: ExprId) -> Option<Patch> {
    let mut edits = Vec::new();
    for run in runs(outline, outermost)? {
        if let [first, .., last] = run.as_slice() {
            edits.push(Edit::insert(first.start, "("));
            edits.push(Edit::insert(last.end, ")"));
        }
    }
    outline.regrouped(edits)
}

/// The clauses of a level, in runs that are joined by `and`; between the runs stands `or`.
fn runs(outline: &Outline<'_>, outermost: ExprId) -> Option<Vec<Vec<Span>>> {
    let mut lists = Vec::new();
    let mut list = Some(outermost);
    while let Some(id) = list {
        lists.push(id);
        list = outline.continues(id);
    }
    let mut runs: Vec<Vec<Span>> = Vec::new();
    for (depth, &list) in lists.iter().rev().enumerate() {
        let places = outline.places(list)?;
        // The first item of all lists but the innermost is the list before.
        for (at, &place) in places.iter().enumerate().skip(usize::from(depth > 0)) {
            let joined = at > 0 && matches!(outline.ast.expr(list).kind, ExprKind::And(_));
            match runs.last_mut() {
                Some(run) if joined => run.push(place),
                _ => runs.push(alloc::vec![place]),
            }
        }
    }
    Some(runs)
}
