//! What several lints need to know of the filter, found in one walk.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::span::Span;
use crate::syntax::ast::{Ast, Encap, ExprId, ExprKind, Primitive};

/// The filter with tables that have one entry a boolean node.
pub(super) struct Outline<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// What it was parsed to.
    pub(super) ast: &'a Ast,
    /// The nodes that are no `and`, `or` or `not`, in the order of the text.
    pub(super) leaves: Vec<ExprId>,
    /// Which of the leaves a node holds.
    ranges: Vec<Range<usize>>,
    /// How many words before a node have shifted it.
    shifts: Vec<u32>,
}

impl<'a> Outline<'a> {
    /// Walks the tree once.
    pub(super) fn new(text: &'a str, ast: &'a Ast) -> Self {
        let mut outline = Self { text, ast, leaves: Vec::new(), ranges: Vec::new(), shifts: Vec::new() };
        let mut shifts = 0_u32;
        for (id, expr) in ast.exprs() {
            let range = match &expr.kind {
                ExprKind::And(items) | ExprKind::Or(items) => {
                    let start = items.first().map_or(0, |&item| outline.range(item).start);
                    start..items.last().map_or(start, |&item| outline.range(item).end)
                }
                ExprKind::Not(operand) => outline.range(*operand),
                ExprKind::Relation { .. } | ExprKind::Primitive(_) => {
                    outline.leaves.push(id);
                    outline.leaves.len() - 1..outline.leaves.len()
                }
            };
            outline.ranges.push(range);
            outline.shifts.push(shifts);
            if shift_word(&expr.kind).is_some() {
                shifts = shifts.saturating_add(1);
            }
        }
        outline
    }

    /// Where a node stands.
    pub(super) fn span(&self, id: ExprId) -> Span {
        self.ast.expr(id).span
    }

    /// The text of a place.
    pub(super) fn text(&self, span: Span) -> &'a str {
        span.text(self.text)
    }

    /// Which of the leaves a node holds.
    pub(super) fn range(&self, id: ExprId) -> Range<usize> {
        self.ranges.get(id.index()).cloned().unwrap_or_default()
    }

    /// How many encapsulations the words before a node have stepped into.
    pub(super) fn shifts(&self, id: ExprId) -> u32 {
        self.shifts.get(id.index()).copied().unwrap_or_default()
    }

    /// The items of an `and` or `or`.
    pub(super) fn items(&self, id: ExprId) -> &'a [ExprId] {
        match &self.ast.expr(id).kind {
            ExprKind::And(items) | ExprKind::Or(items) => items,
            _ => &[],
        }
    }

    /// Whether the first item is a list of the other operator that stands there without parentheses.
    pub(super) fn continues(&self, id: ExprId) -> Option<ExprId> {
        let first = *self.items(id).first()?;
        // The place of a list has its parentheses outside.
        let bare = self.span(first).start == self.span(id).start;
        (bare && !self.items(first).is_empty()).then_some(first)
    }

    /// The operators between the items of a list; as many as there are items but one.
    pub(super) fn operators(&self, id: ExprId) -> Option<Vec<Span>> {
        let items = self.items(id).split_last()?.1;
        items.iter().map(|&item| self.operator_behind(item)).collect()
    }

    /// The operator behind an item of a list. Only closing parentheses and spaces stand between.
    pub(super) fn operator_behind(&self, item: ExprId) -> Option<Span> {
        let rest = self.text.get(self.span(item).end as usize..)?;
        let at_operator = rest.trim_start_matches([' ', '\r', '\n', '\t', ')']);
        let len = ["and", "&&", "or", "||"].into_iter().find(|word| at_operator.starts_with(word))?.len();
        let start = self.text.len() - at_operator.len();
        Some(span(start..start + len))
    }

    /// The text of each item of a list, parentheses and qualifiers included.
    pub(super) fn places(&self, id: ExprId) -> Option<Vec<Span>> {
        let whole = self.span(id);
        let mut places = Vec::new();
        let mut start = whole.start;
        for operator in self.operators(id)? {
            places.push(self.trimmed(Span::new(start, operator.start)));
            start = operator.end;
        }
        places.push(self.trimmed(Span::new(start, whole.end)));
        Some(places)
    }

    /// Without the spaces at both ends.
    fn trimmed(&self, place: Span) -> Span {
        let spaces = [' ', '\r', '\n', '\t'];
        let text = self.text(place);
        let before = text.len() - text.trim_start_matches(spaces).len();
        let start = place.start as usize + before;
        span(start..start + text.trim_matches(spaces).len())
    }

    /// A table with one entry a node.
    pub(super) fn table<T: Clone>(&self, value: T) -> Vec<T> {
        vec![value; self.ranges.len()]
    }
}

/// The word, if the node shifts what stands behind it. `pppoed` does not.
pub(super) fn shift_word(kind: &ExprKind) -> Option<Encap> {
    match kind {
        ExprKind::Primitive(Primitive::Encap { kind, .. }) if kind.shifts() => Some(*kind),
        _ => None,
    }
}

/// A range of the text, which is shorter than 2^32 bytes.
fn span(range: Range<usize>) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}
