//! The decisions as a graph in the language of graphviz.

use alloc::string::String;
use alloc::vec;
use core::fmt;

use super::Explanation;
use crate::graph::{Node, NodeId};

/// The decisions for graphviz; see [`Explanation::dot`].
pub struct Dot<'a>(pub(super) &'a Explanation<'a>);

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let explanation = self.0;
        let graph = &explanation.lowered.graph;
        writeln!(f, "digraph filter {{")?;
        writeln!(
            f,
            "    label={};",
            quoted(&super::render::shortened(explanation.text, super::render::HEAD_CHARS_MAX), None)
        )?;
        writeln!(f, "    labelloc=t;")?;
        writeln!(f, "    node [shape=box, fontname=\"sans-serif\"];")?;
        writeln!(f, "    edge [fontname=\"sans-serif\"];")?;
        // Targets have smaller ids: from the entry down, everything is known to be reachable before it is written.
        let mut reachable = vec![false; graph.len()];
        mark(&mut reachable, graph.entry());
        for id in graph.ids().rev() {
            if reachable.get(id.index()) != Some(&true) {
                continue;
            }
            let at = id.index();
            let words = explanation
                .clause_of(id)
                .map(|clause| explanation.source_words(explanation.ast.expr(clause).span));
            let label = quoted(&explanation.node_text(id), words.as_deref());
            match graph.node(id) {
                Node::Branch { yes, no, .. } => {
                    mark(&mut reachable, yes);
                    mark(&mut reachable, no);
                    writeln!(f, "    n{at} [label={label}];")?;
                    writeln!(f, "    n{at} -> n{} [label=\"yes\"];", yes.index())?;
                    writeln!(f, "    n{at} -> n{} [label=\"no\", style=dashed];", no.index())?;
                }
                Node::Store { next, .. } | Node::Give { next, .. } => {
                    mark(&mut reachable, next);
                    writeln!(f, "    n{at} [label={label}, shape=note];")?;
                    writeln!(f, "    n{at} -> n{};", next.index())?;
                }
                Node::Again(walk) => {
                    writeln!(f, "    n{at} [label={label}, shape=note];")?;
                    writeln!(f, "    n{at} -> n{};", graph.head(walk).index())?;
                }
                Node::Verdict(0) => writeln!(f, "    n{at} [label={label}, shape=ellipse, style=dashed];")?,
                Node::Verdict(_) => writeln!(f, "    n{at} [label={label}, shape=ellipse, style=bold];")?,
            }
        }
        writeln!(f, "}}")
    }
}

fn mark(reachable: &mut [bool], id: NodeId) {
    if let Some(slot) = reachable.get_mut(id.index()) {
        *slot = true;
    }
}

/// A string of the dot language, with the words of the filter on a line of their own.
fn quoted(text: &str, words: Option<&str>) -> String {
    let mut out = String::from("\"");
    if let Some(words) = words {
        escape(words, &mut out);
        out.push_str("\\n");
    }
    escape(text, &mut out);
    out.push('"');
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
}
