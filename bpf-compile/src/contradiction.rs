//! Why no packet passes a filter: the clauses that exclude each other.
//!
//! ```text
//! tcp port 80 and host 192.0.2.1 and udp
//!
//!   tcp port 80                                    accepts something
//!   tcp port 80, host 192.0.2.1                    accepts something
//!   tcp port 80, host 192.0.2.1, udp               nothing: udp is one of them
//!                host 192.0.2.1, udp               accepts something
//!   tcp port 80                , udp               nothing: these two
//! ```
//!
//! The optimizer says whether clauses accept anything, as it did of the whole filter. More clauses accept less, so the ends are searched
//! by halves. Of alternatives the first one is looked into: none of them accepts anything.
//!
//! Invariant: the clauses that are told accept nothing together, and nothing is said where that does not show.

use alloc::vec;
use alloc::vec::Vec;

use crate::compile::Options;
use crate::graph::{Graph, PredicateId, Predicates, Values};
use crate::lower::{Clauses, Lowered};
use crate::opt;
use crate::span::Span;
use crate::syntax::ast::{Ast, ExprId, ExprKind};

/// Filters of more parts are not looked into: it would take seconds.
const PARTS_MAX: usize = 2000;
/// With more clauses than these nothing is clear.
const TOLD_MAX: usize = 8;

/// A clause that excludes others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) span: Span,
    /// Whether it is the opposite that must hold.
    pub(crate) is_denied: bool,
}

/// Clauses of the filter that no packet keeps together, in the order of the text; empty if it is not seen.
pub(crate) fn exclusive_clauses(ast: &Ast, lowered: &Lowered, options: &Options) -> Vec<Clause> {
    let Some(root) = ast.root().filter(|_| ast.exprs().count() <= PARTS_MAX) else { return Vec::new() };
    let Lowered { values, clauses, .. } = lowered;
    let mut search =
        Search { ast, clauses, options, values: values.clone(), predicates: clauses.predicates.clone() };
    let mut parts = search.parts_of(root, false);
    loop {
        let mut needed = search.needed(&parts);
        match *needed {
            // By itself it accepts nothing; what it is made of tells why.
            [part] => match search.inside(part) {
                Some(inside) => parts = inside,
                None => break vec![part.clause],
            },
            _ => {
                needed.sort_by_key(|part| part.clause.span.start);
                break needed.iter().map(|part| part.clause).collect();
            }
        }
    }
}

/// A part of a filter that must hold, or must not.
#[derive(Clone, Copy)]
struct Part {
    expr: ExprId,
    is_negated: bool,
    clause: Clause,
}

struct Search<'a> {
    ast: &'a Ast,
    clauses: &'a Clauses,
    options: &'a Options,
    values: Values,
    predicates: Predicates,
}

impl Search<'_> {
    /// What must hold for `expr` to hold, or not to.
    fn parts_of(&self, expr: ExprId, is_negated: bool) -> Vec<Part> {
        let mut parts = Vec::new();
        let whole = Clause { span: self.ast.expr(expr).span, is_denied: is_negated };
        let mut waiting = vec![Part { expr, is_negated, clause: whole }];
        while let Some(part) = waiting.pop() {
            match (&self.ast.expr(part.expr).kind, part.is_negated) {
                (ExprKind::Not(inner), _) => {
                    let span = self.ast.expr(*inner).span;
                    let is_negated = !part.is_negated;
                    // The word `not` is part of the clause, unless that is inside of another one.
                    let clause = if is_negated { part.clause } else { Clause { span, is_denied: false } };
                    waiting.push(Part { expr: *inner, is_negated, clause });
                }
                (ExprKind::And(all), false) | (ExprKind::Or(all), true) => {
                    waiting.extend(all.iter().rev().map(|expr| {
                        let span = self.ast.expr(*expr).span;
                        let clause = Clause { span, is_denied: part.is_negated };
                        Part { expr: *expr, is_negated: part.is_negated, clause }
                    }));
                }
                _ => parts.push(part),
            }
        }
        parts
    }

    /// What must hold for the first alternative of a part.
    fn inside(&self, part: Part) -> Option<Vec<Part>> {
        match (&self.ast.expr(part.expr).kind, part.is_negated) {
            (ExprKind::Or(any), false) | (ExprKind::And(any), true) => {
                any.first().map(|expr| self.parts_of(*expr, part.is_negated))
            }
            _ => None,
        }
    }

    /// As few of them as accept nothing; none if all of them accept something.
    ///
    /// The last one that is needed is where they begin to accept nothing. Each further one is where they cease to if parts are left
    /// out from the front: what stands before it is not needed, and what stands behind may be.
    fn needed(&mut self, parts: &[Part]) -> Vec<Part> {
        let end =
            self.least(parts.len(), &mut |search, count| search.accept_nothing(parts.get(..count), &[]));
        let Some(end) = end.and_then(|count| count.checked_sub(1)) else { return Vec::new() };
        let Some(mut rest) = parts.get(..end) else { return Vec::new() };
        let mut needed: Vec<Part> = parts.get(end).copied().into_iter().collect();
        while !self.accept_nothing(None, &needed) {
            let count = self.least(rest.len(), &mut |search, count| {
                search.accept_nothing(rest.get(rest.len().saturating_sub(count)..), &needed)
            });
            let from = count.map_or(rest.len(), |count| rest.len().saturating_sub(count));
            match rest.split_at_checked(from).and_then(|(_, last)| last.split_first()) {
                Some((part, behind)) if needed.len() < TOLD_MAX => {
                    needed.push(*part);
                    rest = behind;
                }
                _ => return Vec::new(),
            }
        }
        needed
    }

    /// The least number, up to `most`, for which something holds that holds for all greater ones.
    fn least(&mut self, most: usize, holds: &mut dyn FnMut(&mut Self, usize) -> bool) -> Option<usize> {
        if !holds(self, most) {
            return None;
        }
        let (mut below, mut least) = (None, most);
        while below.map_or(0, |below: usize| below.saturating_add(1)) < least {
            let half = below.map_or(0, |below| below.saturating_add(1)).midpoint(least.saturating_sub(1));
            if holds(self, half) {
                least = half;
            } else {
                below = Some(half);
            }
        }
        Some(least)
    }

    /// Whether no packet keeps all of them.
    fn accept_nothing(&mut self, some: Option<&[Part]>, others: &[Part]) -> bool {
        let mut all: Vec<PredicateId> = self.clauses.first.clone();
        let mut parts: Vec<&Part> = some.into_iter().flatten().chain(others).collect();
        // A shift stands before what it shifts.
        parts.sort_by_key(|part| part.expr);
        for part in parts {
            let Some(&holds) = self.clauses.of_expr.get(part.expr.index()) else { return false };
            all.push(if part.is_negated { self.predicates.not(holds) } else { holds });
        }
        let root = self.predicates.all(all);
        let mut graph = Graph::new(&self.predicates, root, 1);
        let Options { goal, passes, .. } = *self.options;
        opt::optimize(&mut graph, &mut self.values, goal, passes, &mut |_, _, _| ());
        !graph.accepts()
    }
}
