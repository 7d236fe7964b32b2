//! Nodes that decide the same and lead to the same become one, and what only leads to a rejection is one. Other decisions that
//! decide nothing are left to the other passes, since their loads may reject the packet.

use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Register, ValueId, Variable, WalkId};
use crate::intern::Index;

/// What makes two nodes the same, wherever in the text they come from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Branch(Cond, ValueId, ValueId, NodeId, NodeId),
    Store(Variable, ValueId, NodeId),
    Give(Register, ValueId, NodeId),
    Again(WalkId),
    Verdict(u32),
}

fn key(node: Node) -> Key {
    match node {
        Node::Branch { test, yes, no } => Key::Branch(test.cond, test.left, test.right, yes, no),
        Node::Store { store, next } => Key::Store(store.variable, store.value, next),
        Node::Give { gift, next } => Key::Give(gift.register, gift.value, next),
        Node::Again(walk) => Key::Again(walk),
        Node::Verdict(snap_len) => Key::Verdict(snap_len),
    }
}

/// Points every edge at the first of several equal nodes.
pub(super) fn run(graph: &mut Graph) {
    let mut known = Index::with_room(graph.len());
    let mut same: Vec<NodeId> = Vec::with_capacity(graph.len());
    // Targets come before what leads to them.
    for id in graph.ids() {
        let mut node =
            graph.node(id).map_targets(|target| same.get(target.index()).copied().unwrap_or(target));
        // Whatever is computed there, and whether it can be computed: the packet is rejected.
        let mut targets = node.edges().peekable();
        if targets.peek().is_some() && targets.all(|(target, _)| graph.node(target) == Node::Verdict(0)) {
            node = Node::Verdict(0);
        }
        graph.set(id, node);
        let first = known.number(key(node), id.number(), |number| key(graph.node(NodeId::of_number(number))));
        same.push(NodeId::of_number(first));
    }
    graph.set_entry(same.get(graph.entry().index()).copied().unwrap_or(graph.entry()));
}
