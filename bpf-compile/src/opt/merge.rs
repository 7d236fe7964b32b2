//! Nodes that decide the same and lead to the same become one, and what only leads to a rejection is one. Other decisions that
//! decide nothing are left to the other passes, since their loads may reject the packet.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Register, ValueId, Variable, WalkId};

/// What makes two nodes the same, wherever in the text they come from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Branch(u8, ValueId, ValueId, NodeId, NodeId),
    Store(Variable, ValueId, NodeId),
    Give(Register, ValueId, NodeId),
    Again(WalkId),
    Verdict(u32),
}

fn key(node: Node) -> Key {
    match node {
        Node::Branch { test, yes, no } => {
            let cond = match test.cond {
                Cond::Eq => 0,
                Cond::Gt => 1,
                Cond::Ge => 2,
                Cond::Set => 3,
            };
            Key::Branch(cond, test.left, test.right, yes, no)
        }
        Node::Store { store, next } => Key::Store(store.variable, store.value, next),
        Node::Give { gift, next } => Key::Give(gift.register, gift.value, next),
        Node::Again(walk) => Key::Again(walk),
        Node::Verdict(snap_len) => Key::Verdict(snap_len),
    }
}

/// Points every edge at the first of several equal nodes.
pub(super) fn run(graph: &mut Graph) {
    let mut known: BTreeMap<Key, NodeId> = BTreeMap::new();
    let mut same: Vec<NodeId> = Vec::new();
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
        same.push(*known.entry(key(node)).or_insert(id));
    }
    graph.set_entry(same.get(graph.entry().index()).copied().unwrap_or(graph.entry()));
}
