//! Names for tests: equal ones have one name, so that what is known of a test can be kept in a table.

use alloc::vec::Vec;

use crate::graph::{Graph, Node, NodeId};
use crate::intern::Index;

/// Names a test: equal ones have one name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TestId(pub(super) u32);

/// The tests of a graph by name; for each branch the name of its test.
pub(super) struct Tests(Vec<TestId>);

impl Tests {
    pub(super) fn of(graph: &Graph) -> Self {
        let key = |node| match node {
            Node::Branch { test, .. } => Some((test.cond, test.left, test.right)),
            _ => None,
        };
        let mut known = Index::with_room(graph.len());
        // A test is called by the first node that makes it.
        let name = |id: NodeId| match key(graph.node(id)) {
            None => TestId(id.number()),
            test => {
                TestId(known.number(test, id.number(), |other| key(graph.node(NodeId::of_number(other)))))
            }
        };
        Self(graph.ids().map(name).collect())
    }

    pub(super) fn get(&self, id: NodeId) -> TestId {
        self.0.get(id.index()).copied().unwrap_or(TestId(id.number()))
    }
}
