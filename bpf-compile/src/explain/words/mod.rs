//! A filter in words: one line a clause, indented as the filter is built.
//!
//! ```text
//! vlan and (port 80 or 443)
//!
//! all of these:
//!   `vlan`: ...
//!   any of these:
//!     `port 80`: ... behind a VLAN tag
//!     `443`: ... inherits `port`
//! ```

mod number;
mod primitive;
mod qualified;
mod shift;

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::LIST_MAX;
use super::render::{grouped, quoted};
use crate::Options;
use crate::span::Span;
use crate::syntax::ast::{Ast, ExprId, ExprKind, Primitive};
use number::Reads;
use shift::Shifts;

/// How deep lists in lists are told. Nobody follows more levels, and each costs a further indentation.
const DEPTH_MAX: u32 = 12;

/// A line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How many lists it stands in.
    pub depth: u32,
    /// The clause that it explains; `None` for the lines that begin or end a list.
    pub clause: Option<Span>,
    /// Whether the opposite of the clause is asked for.
    pub negated: bool,
    /// The explanation, without a full stop.
    pub text: String,
}

/// The filter in words; `ast` is what [`parse`](crate::syntax::parse) made of `text`. There is at least one line.
#[must_use]
pub fn words(text: &str, ast: &Ast, options: &Options) -> Vec<Line> {
    let Some(root) = ast.root() else {
        return vec![Line { depth: 0, clause: None, negated: false, text: "every packet".into() }];
    };
    let teller =
        Teller { text, ast, options, shifts: Shifts::of(ast, options.scoped), reads: Reads::of(ast) };
    let mut lines = Vec::new();
    let mut work = vec![Work::Node { node: root, depth: 0 }];
    while let Some(next) = work.pop() {
        match next {
            Work::More { count, depth } => {
                lines.push(Line {
                    depth,
                    clause: None,
                    negated: false,
                    text: format!("... and {} more", grouped(count)),
                });
            }
            Work::Node { node, depth } => lines.push(teller.node(node, depth, &mut work)),
        }
    }
    lines
}

/// What is left to tell; the top of the stack comes next.
enum Work {
    Node {
        node: ExprId,
        depth: u32,
    },
    /// The end of a list that is too long.
    More {
        count: usize,
        depth: u32,
    },
}

/// What all clauses need.
struct Teller<'a> {
    text: &'a str,
    ast: &'a Ast,
    options: &'a Options,
    shifts: Shifts,
    reads: Reads,
}

impl Teller<'_> {
    /// The line of a node; what it consists of becomes work.
    fn node(&self, node: ExprId, depth: u32, work: &mut Vec<Work>) -> Line {
        let (node, negated) = self.without_not(node);
        let expr = self.ast.expr(node);
        let (items, list) = match (&expr.kind, negated) {
            (ExprKind::And(items), false) => (items, "all of these"),
            (ExprKind::And(items), true) => (items, "not all of these"),
            (ExprKind::Or(items), false) => (items, "any of these"),
            (ExprKind::Or(items), true) => (items, "none of these"),
            (kind, _) => {
                return Line { depth, clause: Some(expr.span), negated, text: self.clause(node, kind) };
            }
        };
        if depth >= DEPTH_MAX {
            let text = format!("{list}, nested too deeply to be told: {}", quoted(expr.span.text(self.text)));
            return Line { depth, clause: None, negated: false, text };
        }
        let below = depth.saturating_add(1);
        let (told, rest) = items.split_at(items.len().min(LIST_MAX));
        if !rest.is_empty() {
            work.push(Work::More { count: rest.len(), depth: below });
        }
        work.extend(told.iter().rev().map(|&node| Work::Node { node, depth: below }));
        Line { depth, clause: None, negated: false, text: format!("{list}:") }
    }

    /// What is under any number of `not`, and whether that number is odd.
    fn without_not(&self, mut node: ExprId) -> (ExprId, bool) {
        let mut negated = false;
        while let ExprKind::Not(operand) = self.ast.expr(node).kind {
            node = operand;
            negated = !negated;
        }
        (node, negated)
    }

    fn clause(&self, node: ExprId, kind: &ExprKind) -> String {
        let mut sentence = match kind {
            ExprKind::Relation { op, left, right } => self.relation(*op, *left, *right),
            ExprKind::Primitive(Primitive::Qualified(qualified)) => self.qualified(node, qualified),
            ExprKind::Primitive(primitive) => primitive::sentence(primitive, self.options),
            ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(_) => String::new(),
        };
        if let Some(behind) = self.shifts.described(node, self.moved_by(kind)) {
            sentence.push_str("; looked for ");
            sentence.push_str(&behind);
        }
        sentence
    }
}
