//! Stores go down to what needs them: past tests that reject, and that do not read what is stored.
//!
//! ```text
//!   M = [0] + 3 & ~3 ─▶ [1] == 2 ─yes─▶ [M + 12] == ...        [1] == 2 ─yes─▶ M = [0] + 3 & ~3 ─▶ [M + 12] == ...
//!                          │ no                          ──▶      │ no
//!                          ▼ reject                               ▼ reject
//! ```
//!
//! A packet that is too short for the one or for the other is rejected either way.
//!
//! Invariant: nothing but the store leads to a test that it goes past.

use crate::graph::{Graph, Node, Store, ValueId, Values};
use crate::opt::Goal;
use crate::opt::chain::incoming;

/// Moves every store down as far as it can go.
pub(super) fn run(graph: &mut Graph, values: &Values, goal: Goal) {
    if !graph.ids().any(|id| matches!(graph.node(id), Node::Store { .. })) {
        return;
    }
    let incoming = incoming(graph);
    let dependencies = values.dependencies();
    let reads = |store: &Store, value: ValueId| {
        let variable = 1_u32.checked_shl(store.variable.index()).unwrap_or(u32::MAX);
        dependencies.get(value.index()).is_none_or(|bits| bits & variable != 0)
    };
    // Those below go first, and make way for those above.
    for id in graph.ids() {
        let mut at = id;
        while let Node::Store { store, next } = graph.node(at)
            && let Node::Branch { test, yes, no } = graph.node(next)
            && incoming.get(next.index()) == Some(&1)
            && !reads(&store, test.left)
            && !reads(&store, test.right)
        {
            let rejects = |target| graph.node(target) == Node::Verdict(0);
            let loads_again = |target| match graph.node(target) {
                Node::Branch { test: behind, .. } => behind.left == test.left,
                _ => false,
            };
            let (behind, branch) = match (rejects(yes), rejects(no)) {
                (false, true) => (yes, Node::Branch { test, yes: next, no }),
                (true, false) => (no, Node::Branch { test, yes, no: next }),
                _ => break,
            };
            // Between two tests of one value it costs an instruction.
            if goal == Goal::Size && loads_again(behind) {
                break;
            }
            graph.set(next, Node::Store { store, next: behind });
            graph.set(at, branch);
            at = next;
        }
    }
}
