//! What A holds when a packet comes to a node: the same value on every way, or nothing that could be told.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Graph, Node, NodeId, ValueId};

/// What is in A on the ways to a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// No way was seen.
    Nowhere,
    Value(ValueId),
    Different,
}

/// For each node the value that A holds there.
pub(super) struct HeldInA(Vec<Held>);

impl HeldInA {
    /// Nothing is told: every node computes its values.
    pub(super) fn nothing(graph: &Graph) -> Self {
        Self(vec![Held::Different; graph.len()])
    }

    pub(super) fn of(graph: &Graph) -> Self {
        let mut held = vec![Held::Nowhere; graph.len()];
        if let Some(entry) = held.get_mut(graph.entry().index()) {
            *entry = Held::Different;
        }
        // What leads comes before what it leads to.
        for id in graph.ids().rev() {
            if held.get(id.index()) == Some(&Held::Nowhere) {
                continue;
            }
            let node = graph.node(id);
            let left = match node {
                // A decision leaves A as it is.
                Node::Branch { test, .. } => test.left,
                Node::Store { store, .. } => store.value,
                Node::Verdict(_) => continue,
            };
            for (target, _) in node.edges() {
                if let Some(slot) = held.get_mut(target.index()) {
                    *slot = match *slot {
                        Held::Nowhere => Held::Value(left),
                        Held::Value(other) if other == left => Held::Value(left),
                        _ => Held::Different,
                    };
                }
            }
        }
        Self(held)
    }

    pub(super) fn at(&self, id: NodeId) -> Option<ValueId> {
        match self.0.get(id.index()) {
            Some(Held::Value(value)) => Some(*value),
            _ => None,
        }
    }
}
