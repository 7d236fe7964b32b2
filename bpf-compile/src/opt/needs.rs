//! How long a packet must be at least for something that is done with it.
//!
//! ```text
//!   values    [30:4] needs 34 bytes
//!   nodes     what comes to this node is accepted only if it has 54 bytes
//! ```
//!
//! Invariant: these are least lengths. A packet that has them may be rejected all the same.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{AluOp, Graph, Node, NodeId, Value, ValueId, Values};

/// For each value how long a packet must be for it, where that is known, and nothing else can make it fail.
pub(super) fn ends(values: &Values) -> Vec<Option<u32>> {
    let mut ends: Vec<Option<u32>> = Vec::with_capacity(values.len());
    for (_, value) in values.iter() {
        let of = |id: ValueId| ends.get(id.index()).copied().flatten();
        let end = match value {
            Value::Const(_) => Some(0),
            Value::Load(size, at) if at.base.is_none() => at.constant.checked_add(size.bytes()),
            Value::Alu(AluOp::And, left, right) => of(left).zip(of(right)).map(|(one, other)| one.max(other)),
            _ => None,
        };
        ends.push(end);
    }
    ends
}

/// For each node the least length of the packets that are accepted behind it.
pub(super) struct Needs(Vec<u32>);

impl Needs {
    /// With the ends of all values.
    pub(super) fn of(graph: &Graph, ends: &[Option<u32>]) -> Self {
        let mut needs = vec![0_u32; graph.len()];
        // Targets come before what leads to them.
        for id in graph.ids() {
            let node = graph.node(id);
            let behind =
                node.edges().map(|(target, _)| needs.get(target.index()).copied().unwrap_or_default()).min();
            let own = match node {
                Node::Branch { test, .. } => {
                    ends.get(test.left.index()).copied().flatten().unwrap_or_default()
                }
                Node::Verdict(0) => u32::MAX,
                Node::Verdict(_) | Node::Again(_) | Node::Store { .. } | Node::Give { .. } => 0,
            };
            if let Some(slot) = needs.get_mut(id.index()) {
                *slot = behind.unwrap_or_default().max(own);
            }
        }
        Self(needs)
    }

    /// The least length behind a node.
    pub(super) fn behind(&self, id: NodeId) -> u32 {
        self.0.get(id.index()).copied().unwrap_or_default()
    }
}
