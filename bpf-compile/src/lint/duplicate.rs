//! W0108: a clause that stands twice in one list.
//!
//! Two nodes are of one class if they are equal and equally deep in encapsulations (`vlan and vlan` are two tags).
//! Classes are numbered bottom-up, so a node is compared by the classes of its children, never by walking it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::change::{Edit, with_offers};
use super::outline::Outline;
use super::{Findings, quoted};
use crate::diagnostic::{Code, Diagnostic, Patch};
use crate::span::Span;
use crate::syntax::ast::{ExprId, ExprKind};
use crate::syntax::print_part;

/// What makes nodes equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// As printed, behind so many encapsulations.
    Leaf(u32, String),
    Not(usize),
    And(Vec<usize>),
    Or(Vec<usize>),
}

pub(super) fn check(outline: &Outline<'_>, findings: &mut Findings) {
    let classes = classes(outline);
    for (id, _) in outline.ast.exprs() {
        let mut seen: BTreeMap<usize, ExprId> = BTreeMap::new();
        for (at, &item) in outline.items(id).iter().enumerate() {
            let Some(&class) = classes.get(item.index()) else { continue };
            match seen.get(&class) {
                Some(&first) => findings.add(Code::Duplicate, || warning(outline, id, first, at)),
                None => {
                    seen.insert(class, item);
                }
            }
        }
    }
}

fn classes(outline: &Outline<'_>) -> Vec<usize> {
    let mut known: BTreeMap<Shape, usize> = BTreeMap::new();
    let mut classes: Vec<usize> = Vec::new();
    for (id, expr) in outline.ast.exprs() {
        let of = |id: &ExprId| classes.get(id.index()).copied().unwrap_or_default();
        let shape = match &expr.kind {
            ExprKind::And(items) => Shape::And(items.iter().map(of).collect()),
            ExprKind::Or(items) => Shape::Or(items.iter().map(of).collect()),
            ExprKind::Not(operand) => Shape::Not(of(operand)),
            _ => Shape::Leaf(outline.shifts(id), print_part(outline.ast, id)),
        };
        let next = known.len();
        let class = *known.entry(shape).or_insert(next);
        classes.push(class);
    }
    classes
}

/// Item `at` of the list is the same as `first`.
fn warning(outline: &Outline<'_>, list: ExprId, first: ExprId, at: usize) -> Diagnostic {
    let item = outline.items(list).get(at).copied().unwrap_or(first);
    let place = outline.span(item);
    let warning = Diagnostic::new(
        Code::Duplicate,
        alloc::format!("{} stands here twice", quoted(outline.text(place))),
        place,
        "the same again",
    )
    .with_secondary(outline.span(first), "already here");
    let offers = [("leave it out", without(outline, list, item, at))];
    with_offers(warning, offers, "leave one of them out")
}

/// The list without its item `at`, which is not the first.
fn without(outline: &Outline<'_>, list: ExprId, item: ExprId, at: usize) -> Option<Patch> {
    let places = outline.places(list)?;
    let (before, place) = (places.get(at.checked_sub(1)?)?, places.get(at)?);
    let of_item = outline.range(item);
    let leaves = (0..of_item.start).chain(of_item.end..outline.leaves.len());
    outline.rearranged(alloc::vec![Edit::replace(Span::new(before.end, place.end), "")], leaves, |_| true)
}
