//! How far encapsulations reach where they are scoped: to what they are joined to by `and`, and no further.
//!
//! ```text
//! vlan 5 and ip  or  mpls and ip6  or  tcp         --scoped: each alternative begins where the `or` begins
//! ~~~~~~ shifts  │   ~~~~ shifts   │   not shifted
//!
//! (vlan 5 or vlan 6) and ip                        all alternatives end alike: what follows is shifted, too
//! (vlan 5 or mpls) and ip                          they do not: an error
//! not (vlan and ip) and tcp                        nothing reaches out of a `not`
//! ```
//!
//! Invariant: with these rules `a or b` and `b or a` mean the same, and so do `not not a` and `a` where nothing follows.

use alloc::vec;
use alloc::vec::Vec;

use crate::Diagnostic;
use crate::diagnostic::Code;
use crate::span::Span;
use crate::syntax::ast::{Ast, Expr, ExprId, ExprKind, Primitive};

use super::Lowering;

/// The shifts of alternatives: of whatever tells where headers are.
pub(crate) struct Scopes<T> {
    /// For each node the first leaf of it.
    first_leaf: Vec<usize>,
    /// For each leaf that begins an alternative but the first: the leaf that begins the first.
    begins_like: Vec<Option<usize>>,
    /// For each leaf the layers that it began with; for each node above it those that it ended with.
    entry: Vec<Option<T>>,
    exit: Vec<Option<T>>,
    /// The alternatives before, if they ended differently.
    split: Option<Span>,
}

impl<T: Copy + PartialEq> Scopes<T> {
    /// Nothing is read yet.
    pub(crate) fn new(ast: &Ast) -> Self {
        let mut first_leaf = Vec::new();
        for (id, expr) in ast.exprs() {
            let first = match &expr.kind {
                ExprKind::And(parts) | ExprKind::Or(parts) => parts.first().copied(),
                ExprKind::Not(part) => Some(*part),
                ExprKind::Relation { .. } | ExprKind::Primitive(_) => None,
            };
            let leaf = first.and_then(|part| first_leaf.get(part.index()).copied());
            first_leaf.push(leaf.unwrap_or_else(|| id.index()));
        }
        let mut begins_like = vec![None; first_leaf.len()];
        for (id, expr) in ast.exprs() {
            let ExprKind::Or(parts) = &expr.kind else { continue };
            for part in parts.iter().skip(1) {
                let leaf = first_leaf.get(part.index()).and_then(|leaf| begins_like.get_mut(*leaf));
                if let Some(entry) = leaf {
                    *entry = first_leaf.get(id.index()).copied();
                }
            }
        }
        let entry = vec![None; first_leaf.len()];
        Self { exit: entry.clone(), first_leaf, begins_like, entry, split: None }
    }

    /// Before a node is read: where an alternative begins, the layers are those of the first one.
    ///
    /// # Errors
    /// The alternatives that end differently, before a primitive that depends on how they end.
    pub(crate) fn before(&mut self, id: ExprId, kind: &ExprKind, layers: &mut T) -> Result<(), Span> {
        if !matches!(kind, ExprKind::Relation { .. } | ExprKind::Primitive(_)) {
            return Ok(());
        }
        let like = self.begins_like.get(id.index()).copied().flatten();
        if let Some(before) = like.and_then(|leaf| self.entry.get(leaf).copied().flatten()) {
            *layers = before;
            self.split = None;
        }
        if let Some(entry) = self.entry.get_mut(id.index()) {
            *entry = Some(*layers);
        }
        let is_anywhere = matches!(kind, ExprKind::Primitive(Primitive::Less(_) | Primitive::Greater(_)));
        match self.split {
            Some(split) if !is_anywhere => Err(split),
            _ => Ok(()),
        }
    }

    /// After a node was read: how far its shifts reach.
    pub(crate) fn after(&mut self, id: ExprId, expr: &Expr, layers: &mut T) {
        let leaf = self.first_leaf.get(id.index()).copied().unwrap_or_default();
        let before = self.entry.get(leaf).copied().flatten().unwrap_or(*layers);
        match &expr.kind {
            ExprKind::Or(parts) => {
                let mut ends = parts.iter().filter_map(|part| self.exit.get(part.index()).copied().flatten());
                let first = ends.next().unwrap_or(before);
                if ends.any(|end| end != first) {
                    *layers = before;
                    self.split = Some(expr.span);
                }
            }
            ExprKind::Not(_) => {
                *layers = before;
                self.split = None;
            }
            _ => {}
        }
        if let Some(exit) = self.exit.get_mut(id.index()) {
            *exit = Some(*layers);
        }
    }
}

impl Lowering<'_> {
    /// Of what stands behind alternatives that end differently.
    pub(super) fn ambiguous(&self, split: Span) -> Diagnostic {
        let message = "where this is looked for depends on which alternative holds";
        Diagnostic::new(Code::AmbiguousShift, message, self.origin, "this is not found at one place")
            .with_secondary(split, "these shift what follows by different amounts")
            .with_help("write what follows into each alternative: `(vlan and ip) or (mpls and ip)`")
    }
}
