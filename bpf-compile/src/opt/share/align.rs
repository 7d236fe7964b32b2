//! Tests of one value for several numbers change places, so that the chains of several values end alike.
//!
//! ```text
//!   [23] == 6, 17, 1                   [23] == 1  ─┐
//!   [20] == 6, 17, 44                  [20] == 44 ─┼─▶ A == 6, 17
//!   [54] == 6, 17           ──▶        [54]       ─┘
//! ```
//!
//! Numbers exclude each other, and the value is loaded by then: the order makes no difference.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::graph::{Cond, Graph, Node, NodeId, Test, Value, Values};
use crate::opt::chain::incoming;
use crate::opt::likely::likely;

/// In larger graphs, those of long lists, there are too many chains.
const NODES_MAX: usize = 512;
/// Chains are not looked at if there are more: each is compared with each.
const CHAINS_MAX: usize = 24;
/// Nor are longer ones.
const LINKS_MAX: usize = 16;
/// Fewer tests in all are not worth the order.
const SAVED_MIN: usize = 2;

/// The graph with its chains in such an order, if there is anything to gain.
pub(super) fn run(graph: &Graph, values: &Values) -> Option<Graph> {
    if graph.len() > NODES_MAX {
        return None;
    }
    let chains = chains(graph, values);
    let mut of_end: BTreeMap<NodeId, Vec<&Chain>> = BTreeMap::new();
    for chain in &chains {
        of_end.entry(chain.otherwise).or_default().push(chain);
    }
    let mut aligned: Option<Graph> = None;
    for chains in of_end.values().filter(|chains| (2..=CHAINS_MAX).contains(&chains.len())) {
        let Some(common) = best_common(chains) else { continue };
        for chain in chains.iter().filter(|chain| common.is_subset(&chain.keys())) {
            let graph = aligned.get_or_insert_with(|| graph.clone());
            chain.order(graph, values, &common);
        }
    }
    aligned
}

/// The number that a test asks for, and where it leads.
type Key = (u32, NodeId);

struct Chain {
    links: Vec<(NodeId, Test, Key)>,
    otherwise: NodeId,
}

fn chains(graph: &Graph, values: &Values) -> Vec<Chain> {
    let incoming = incoming(graph);
    let link = |id: NodeId| match graph.node(id) {
        Node::Branch { test, yes, no } if test.cond == Cond::Eq && yes != no => {
            match values.get(test.right) {
                Value::Const(number) => Some((test, (number, yes), no)),
                _ => None,
            }
        }
        _ => None,
    };
    let mut done: BTreeSet<NodeId> = BTreeSet::new();
    let mut chains = Vec::new();
    for id in graph.ids().rev() {
        let is_reached = incoming.get(id.index()).is_some_and(|edges| *edges > 0) || id == graph.entry();
        if !is_reached || done.contains(&id) {
            continue;
        }
        let mut links: Vec<(NodeId, Test, Key)> = Vec::new();
        let mut at = id;
        while let Some((test, key, no)) = link(at)
            && links.first().is_none_or(|(_, first, _)| first.left == test.left)
            && (at == id || incoming.get(at.index()) == Some(&1))
        {
            links.push((at, test, key));
            at = no;
        }
        if (2..=LINKS_MAX).contains(&links.len()) {
            done.extend(links.iter().map(|(id, ..)| *id));
            chains.push(Chain { links, otherwise: at });
        }
    }
    chains
}

/// The tests that chains have in common, where sharing them saves most.
fn best_common(chains: &[&Chain]) -> Option<BTreeSet<Key>> {
    let keys: Vec<BTreeSet<Key>> = chains.iter().map(|chain| chain.keys()).collect();
    let mut best: Option<(usize, BTreeSet<Key>)> = None;
    for (at, one) in keys.iter().enumerate() {
        for other in keys.iter().skip(at.saturating_add(1)) {
            let common: BTreeSet<Key> = one.intersection(other).copied().collect();
            let having = keys.iter().filter(|keys| common.is_subset(keys)).count();
            // What has nothing else needs a jump, but for one.
            let jumps = keys.iter().filter(|keys| **keys == common).count().saturating_sub(1);
            let saved = having.saturating_sub(1).saturating_mul(common.len()).saturating_sub(jumps);
            if saved >= SAVED_MIN && best.as_ref().is_none_or(|(most, _)| saved > *most) {
                best = Some((saved, common));
            }
        }
    }
    best.map(|(_, common)| common)
}

impl Chain {
    fn keys(&self) -> BTreeSet<Key> {
        self.links.iter().map(|(.., key)| *key).collect()
    }

    /// The common tests last, the likely ones first among them.
    fn order(&self, graph: &mut Graph, values: &Values, common: &BTreeSet<Key>) {
        let mut tests: Vec<(Test, Key)> = self.links.iter().map(|(_, test, key)| (*test, *key)).collect();
        tests.sort_by_key(|(test, key)| match common.contains(key) {
            false => (false, Reverse(0), 0),
            true => (true, Reverse(likely(values, test)), key.0),
        });
        // Targets have smaller ids than what leads to them.
        if self.links.iter().zip(&tests).any(|((id, ..), (_, (_, yes)))| yes >= id) {
            return;
        }
        let nexts = self.links.iter().skip(1).map(|(id, ..)| *id).chain([self.otherwise]);
        for (((id, ..), next), (test, (_, yes))) in self.links.iter().zip(nexts).zip(tests) {
            graph.set(*id, Node::Branch { test, yes, no: next });
        }
    }
}
