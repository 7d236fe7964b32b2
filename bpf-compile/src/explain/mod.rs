//! Filters explained: in words, instruction by instruction, and packet by packet.
//!
//! ```text
//! words      text, Ast ──▶ one line a clause, indented as the filter is built
//! field      what a value of the graph is called: EtherType, source port
//! facts      the program's length, longest run, bytes it needs, who accepts it
//! packet     a program run over a packet, and the clause that decided
//!   evaluate   the meaning itself, asked clause by clause
//! source     the program as an array of Rust or C
//! dot        the decisions as a graph for graphviz
//! ```
//!
//! Like the rest of the library this gives values and plain text; `bpfc explain` draws them.
//!
//! Rules: nothing recurses, and what is told of lists ends at [`LIST_MAX`], so that filters of any length are explained
//! in time near-linear in their text. A verdict is always the program's; the clause that decided is found by asking the
//! meaning, and is told only if that agrees.

mod dot;
mod evaluate;
mod facts;
mod field;
mod packet;
mod render;
mod source;
mod words;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use bpf_core::{Program, RawInsn};

pub use dot::Dot;
pub use facts::{ProgramFacts, Target};
pub use packet::{Comparison, Decision, Ending, PacketStory, StoryStep};
pub use render::grouped;
pub use source::{CSource, RustSource};
pub use words::{Line, words};

use crate::compile::{parse, translate};
use crate::graph::{Node, NodeId};
use crate::lower::Lowered;
use crate::names::Resolver;
use crate::span::Span;
use crate::syntax::ast::{Ast, ExprId, ExprKind};
use crate::{Diagnostic, Options};

/// How many items of a list are told.
pub const LIST_MAX: usize = 10;

/// A filter, what it means and what it became.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    text: &'a str,
    options: Options,
    ast: Ast,
    lowered: Lowered,
    program: Program<Vec<RawInsn>>,
    nodes: Vec<NodeId>,
    /// The clauses, in the order of the text.
    clauses: Vec<ExprId>,
}

impl<'a> Explanation<'a> {
    /// Compiles a filter and keeps what is known of it.
    ///
    /// # Errors
    /// As [`compile`](crate::compile).
    pub fn new(text: &'a str, options: &Options, resolver: &dyn Resolver) -> Result<Self, Diagnostic> {
        let ast = parse(text, options)?;
        let (lowered, assembled) = translate(text, &ast, options, resolver, &mut |_, _, _| ())?;
        let is_clause = |kind: &ExprKind| matches!(kind, ExprKind::Relation { .. } | ExprKind::Primitive(_));
        let clauses = ast.exprs().filter(|(_, expr)| is_clause(&expr.kind)).map(|(id, _)| id).collect();
        Ok(Self {
            text,
            options: *options,
            ast,
            lowered,
            program: assembled.program,
            nodes: assembled.nodes,
            clauses,
        })
    }

    /// The filter.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// What it was compiled for.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What it became.
    #[must_use]
    pub fn program(&self) -> &Program<Vec<RawInsn>> {
        &self.program
    }

    /// The filter in words.
    #[must_use]
    pub fn words(&self) -> Vec<Line> {
        words(self.text, &self.ast, &self.options)
    }

    /// What can be said of the program without a packet.
    #[must_use]
    pub fn facts(&self) -> ProgramFacts {
        ProgramFacts::of(&self.program)
    }

    /// The clause that asks for an instruction; `None` for verdicts, for lengths of headers that come before the filter,
    /// and beyond the program.
    #[must_use]
    pub fn origin(&self, pc: usize) -> Option<Span> {
        let clause = self.clause_of(*self.nodes.get(pc)?)?;
        Some(self.ast.expr(clause).span)
    }

    /// What an instruction is for, in a few words: the comparison of a conditional jump, the length that is stored, the
    /// verdict. Empty for the others.
    #[must_use]
    pub fn purpose(&self, pc: usize) -> String {
        let Some(&node) = self.nodes.get(pc) else { return String::new() };
        let is_last_of_node = self.nodes.get(pc.saturating_add(1)) != Some(&node);
        match self.lowered.graph.node(node) {
            Node::Branch { .. } if !self.is_branch(pc) => String::new(),
            Node::Store { .. } | Node::Give { .. } if !is_last_of_node => String::new(),
            _ => self.node_text(node),
        }
    }

    /// The program as an array for Rust programs that use `bpf-core`.
    #[must_use]
    pub fn rust(&self) -> RustSource<'_> {
        RustSource(self)
    }

    /// The program as an array for C programs that use `struct bpf_insn`.
    #[must_use]
    pub fn c(&self) -> CSource<'_> {
        CSource(self)
    }

    /// The decisions for graphviz.
    #[must_use]
    pub fn dot(&self) -> Dot<'_> {
        Dot(self)
    }

    fn is_branch(&self, pc: usize) -> bool {
        let insn = self.program.insns().get(pc).and_then(|raw| raw.meaning());
        matches!(insn, Some(bpf_core::Insn::Branch { .. }))
    }

    /// The clause that a node was made for.
    fn clause_of(&self, node: NodeId) -> Option<ExprId> {
        let origin = match self.lowered.graph.node(node) {
            Node::Branch { test, .. } => test.origin,
            Node::Store { store, .. } => store.origin,
            Node::Give { gift, .. } => gift.origin,
            Node::Again(_) | Node::Verdict(_) => return None,
        };
        self.clause_at(origin)
    }

    /// Clauses do not overlap, so they are ordered by where they begin.
    fn clause_at(&self, origin: Span) -> Option<ExprId> {
        let span = |id: &ExprId| self.ast.expr(*id).span;
        let at = self.clauses.binary_search_by_key(&origin.start, |id| span(id).start).ok()?;
        self.clauses.get(at).copied().filter(|id| span(id) == origin)
    }

    /// Words of the filter, as [`source_words`] gives them.
    #[must_use]
    pub fn source_words(&self, span: Span) -> String {
        source_words(self.text, span)
    }
}

/// Words of a filter on one line, shortened for margins.
#[must_use]
pub fn source_words(filter: &str, span: Span) -> String {
    render::shortened(span.text(filter), render::MARGIN_CHARS_MAX)
}
