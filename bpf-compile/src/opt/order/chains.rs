//! Tests one behind the other that reject where they fail.
//!
//! Invariant: nothing but its neighbour leads to a test that is not the first.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Test, ValueId};
use crate::opt::chain::incoming;

use super::price::Prices;

/// Puts every chain in order.
pub(super) fn run(graph: &mut Graph, prices: &Prices<'_>) {
    let incoming = incoming(graph);
    let held = held(graph);
    let mut done = vec![false; graph.len()];
    // A chain is found from its first test, which has the largest id.
    for id in graph.ids().rev() {
        let is_reached = incoming.get(id.index()).is_some_and(|edges| *edges > 0) || id == graph.entry();
        if !is_reached || done.get(id.index()) != Some(&false) {
            continue;
        }
        let chain = Chain::at(graph, &incoming, id);
        for link in &chain.links {
            if let Some(slot) = done.get_mut(link.node.index()) {
                *slot = true;
            }
        }
        if chain.links.len() > 1 {
            chain.order(graph, prices, held.get(id.index()).copied().flatten());
        }
    }
}

/// What is in the accumulator where a node is entered, if it is the same on all ways.
pub(super) fn held(graph: &Graph) -> Vec<Option<ValueId>> {
    let mut held: Vec<Option<Option<ValueId>>> = vec![None; graph.len()];
    for id in graph.ids().rev() {
        let node = graph.node(id);
        let left = match node {
            Node::Branch { test, .. } => Some(test.left),
            _ => None,
        };
        for (target, _) in node.edges() {
            if let Some(slot) = held.get_mut(target.index()) {
                *slot = Some(left.filter(|_| slot.is_none_or(|before| before == left)));
            }
        }
    }
    held.into_iter().map(Option::flatten).collect()
}

struct Link {
    node: NodeId,
    test: Test,
    /// Whether a packet goes on for which the test holds, or one for which it does not.
    has_to_hold: bool,
}

struct Chain {
    links: Vec<Link>,
    /// Where the packet goes for which all tests are as they have to be.
    exit: NodeId,
}

impl Chain {
    fn at(graph: &Graph, incoming: &[u32], first: NodeId) -> Self {
        let rejects = |id: NodeId| graph.node(id) == Node::Verdict(0);
        let mut links = Vec::new();
        let mut at = first;
        while let Node::Branch { test, yes, no } = graph.node(at)
            && (at == first || incoming.get(at.index()) == Some(&1))
        {
            let (has_to_hold, next) = match (rejects(yes), rejects(no)) {
                (false, true) => (true, yes),
                (true, false) => (false, no),
                _ => break,
            };
            links.push(Link { node: at, test, has_to_hold });
            at = next;
        }
        Self { links, exit: at }
    }

    /// The same nodes with the tests in another order.
    fn order(&self, graph: &mut Graph, prices: &Prices<'_>, held: Option<ValueId>) {
        // A protocol and bits of the fragment field become one test, if they stay together.
        let together = |one: &Link, next: &Link| {
            one.test.left == next.test.left || (one.test.cond, next.test.cond) == (Cond::Eq, Cond::Set)
        };
        let mut groups: Vec<(u64, &[Link])> = Vec::new();
        for group in self.links.chunk_by(together) {
            let nodes: Vec<NodeId> = group.iter().map(|link| link.node).collect();
            groups.push((prices.of(graph, &nodes, held), group));
        }
        // What the exit tests next stays before it, in the accumulator.
        let is_tested_next = |group: &&[Link]| match (group.last(), graph.node(self.exit)) {
            (Some(link), Node::Branch { test, .. }) => link.test.left == test.left,
            _ => false,
        };
        let last = groups.pop_if(|(_, group)| is_tested_next(group));
        groups.sort_by_key(|(price, _)| *price);
        groups.extend(last);
        let nexts = self.links.iter().skip(1).map(|link| link.node).chain([self.exit]);
        let tests = groups.iter().flat_map(|(_, group)| *group);
        for ((link, next), Link { test, has_to_hold, .. }) in self.links.iter().zip(nexts).zip(tests) {
            let Node::Branch { yes, no, .. } = graph.node(link.node) else { continue };
            let reject = if link.has_to_hold { no } else { yes };
            let (yes, no) = if *has_to_hold { (next, reject) } else { (reject, next) };
            graph.set(link.node, Node::Branch { test: *test, yes, no });
        }
    }
}
