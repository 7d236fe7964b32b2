//! Where few packets come to the test of an IPv4 protocol, that of the fragment offset follows it at once: then they become one.
//!
//! ```text
//!   [30:4] == a ─▶ [23] == 6 ─▶ [x + 14:2] == 443 ─▶ [20:2] & 0x1fff        [30:4] == a ─▶ [20:4] & 0x1fff00ff == 6 ─▶ ...
//! ```
//!
//! One instruction less, for one more that few packets execute.

use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Test, Values};
use crate::opt::chain::incoming;
use crate::opt::fuse::is_fragment_behind;
use crate::opt::likely::arrivals;

/// So few of a million packets.
const RARE: u64 = 250_000;

/// Moves such tests up.
pub(super) fn run(graph: &mut Graph, values: &Values) {
    let is_of_bits =
        |id: NodeId| matches!(graph.node(id), Node::Branch { test, .. } if test.cond == Cond::Set);
    if !graph.ids().any(is_of_bits) {
        return;
    }
    let incoming = incoming(graph);
    let arrivals = arrivals(graph, values);
    for id in graph.ids().rev() {
        let Node::Branch { test: protocol, .. } = graph.node(id) else { continue };
        let coming = arrivals.get(id.index()).copied().unwrap_or_default();
        if protocol.cond == Cond::Eq && coming > 0 && coming <= RARE {
            move_up(graph, values, &incoming, id, &protocol);
        }
    }
}

/// Moves the test of the fragment offset up behind that of a protocol, past others that reject, too.
fn move_up(graph: &mut Graph, values: &Values, incoming: &[u32], first: NodeId, protocol: &Test) {
    let rejects = |id: NodeId| graph.node(id) == Node::Verdict(0);
    let (mut at, reject) = match graph.node(first) {
        Node::Branch { yes, no, .. } if rejects(no) => (yes, no),
        _ => return,
    };
    let mut passed: Vec<(NodeId, Test, bool)> = Vec::new();
    while let Node::Branch { test, yes, no } = graph.node(at)
        && incoming.get(at.index()) == Some(&1)
    {
        let (has_to_hold, next) = match (rejects(yes), rejects(no)) {
            (false, true) => (true, yes),
            (true, false) => (false, no),
            _ => return,
        };
        passed.push((at, test, has_to_hold));
        if is_fragment_behind(values, protocol, &test) && !has_to_hold {
            break;
        }
        at = next;
    }
    let is_found = passed.last().is_some_and(|(_, test, _)| is_fragment_behind(values, protocol, test));
    if !is_found || passed.len() < 2 {
        return;
    }
    // The nodes stay where they are; the tests change places.
    let nodes: Vec<NodeId> = passed.iter().map(|(id, ..)| *id).collect();
    let Some(exit) = nodes.last().and_then(|last| match graph.node(*last) {
        Node::Branch { no, .. } => Some(no),
        _ => None,
    }) else {
        return;
    };
    passed.rotate_right(1);
    let nexts = nodes.iter().skip(1).copied().chain([exit]);
    for ((id, next), (_, test, has_to_hold)) in nodes.iter().zip(nexts).zip(passed) {
        let (yes, no) = if has_to_hold { (next, reject) } else { (reject, next) };
        graph.set(*id, Node::Branch { test, yes, no });
    }
}
