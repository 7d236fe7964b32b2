//! Tests one behind the other that lead to one place where they fail: they reject, or go on to what needs at least as many bytes.
//!
//! ```text
//!   src[0..4] == a ─yes─▶ src[12..16] == b ─yes─▶ exit          src[12..16] == b ─yes─▶ src[0..4] == a ─yes─▶ exit
//!        │ no                  │ no                       ──▶        │ no                   │ no
//!        ▼                     ▼                                     ▼                      ▼
//!      dst[0..4] == ...                                            dst[0..4] == ...
//! ```
//!
//! A packet that ends before the last byte of `src` is rejected either way: by a load of `src`, or by one of `dst`.
//!
//! Invariant: nothing but its neighbour leads to a test that is not the first.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Offset, Test, Value, ValueId, Values};
use crate::opt::chain::incoming;
use crate::opt::needs::{Needs, ends};

use super::price::Prices;

/// In longer chains no addresses are looked for: each test is compared with each.
const ADDRESS_MAX: usize = 32;

/// Puts every chain in order.
pub(super) fn run(graph: &mut Graph, values: &Values, prices: &Prices<'_>) {
    let incoming = incoming(graph);
    let held = held(graph);
    let ends = ends(values);
    let needs = Needs::of(graph, &ends);
    let mut done = vec![false; graph.len()];
    // A chain is found from its first test, which has the largest id.
    for id in graph.ids().rev() {
        let is_reached = incoming.get(id.index()).is_some_and(|edges| *edges > 0) || id == graph.entry();
        if !is_reached || done.get(id.index()) != Some(&false) {
            continue;
        }
        let chain = Chain::at(graph, &incoming, &ends, &needs, id);
        for link in &chain.links {
            if let Some(slot) = done.get_mut(link.node.index()) {
                *slot = true;
            }
        }
        if chain.links.len() > 1 {
            chain.order(graph, values, prices, held.get(id.index()).copied().flatten());
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
    /// Where the others go; none if they are rejected.
    fail: Option<NodeId>,
    /// Whether several nodes lead to the first.
    is_shared: bool,
}

impl Chain {
    /// The tests from a node on that reject where they fail; or that go on to what needs all their bytes.
    fn at(graph: &Graph, incoming: &[u32], ends: &[Option<u32>], needs: &Needs, first: NodeId) -> Self {
        let rejecting = Self::of(graph, incoming, first, None, |_| true);
        if rejecting.links.len() > 1 {
            return rejecting;
        }
        let Node::Branch { yes, no, .. } = graph.node(first) else { return rejecting };
        let others = [no, yes].map(|fail| {
            let needed = needs.behind(fail);
            let is_needed =
                |test: &Test| ends.get(test.left.index()).copied().flatten().is_some_and(|end| end <= needed);
            Self::of(graph, incoming, first, Some(fail), is_needed)
        });
        others.into_iter().find(|chain| chain.links.len() > 1).unwrap_or(rejecting)
    }

    /// The tests from a node on that fit and fail to one place.
    fn of(
        graph: &Graph,
        incoming: &[u32],
        first: NodeId,
        fail: Option<NodeId>,
        fits: impl Fn(&Test) -> bool,
    ) -> Self {
        let fails = |id: NodeId| fail.map_or(graph.node(id) == Node::Verdict(0), |fail| id == fail);
        let mut links = Vec::new();
        let mut at = first;
        while let Node::Branch { test, yes, no } = graph.node(at)
            && (at == first || incoming.get(at.index()) == Some(&1))
            && fits(&test)
        {
            let (has_to_hold, next) = match (fails(yes), fails(no)) {
                (false, true) => (true, yes),
                (true, false) => (false, no),
                _ => break,
            };
            links.push(Link { node: at, test, has_to_hold });
            at = next;
        }
        let is_shared = incoming.get(first.index()).is_some_and(|edges| *edges > 1);
        Self { links, exit: at, fail, is_shared }
    }

    /// The same nodes with the tests in another order.
    fn order(&self, graph: &mut Graph, values: &Values, prices: &Prices<'_>, held: Option<ValueId>) {
        // A protocol and bits of the fragment field become one test, if they stay together.
        let together = |one: &Link, next: &Link| {
            one.test.left == next.test.left || (one.test.cond, next.test.cond) == (Cond::Eq, Cond::Set)
        };
        let mut groups: Vec<(u64, &[Link])> = Vec::new();
        for group in self.links.chunk_by(together) {
            let nodes: Vec<NodeId> = group.iter().map(|link| link.node).collect();
            let price = prices.of(graph, &nodes, held, self.fail);
            let halves = group.iter().map(|link| self.halves(values, link)).max().unwrap_or(2);
            groups.push((price.saturating_mul(halves) / 2, group));
        }
        // What the exit tests next stays before it, in the accumulator.
        let is_tested_next = |group: &&[Link]| match (group.last(), graph.node(self.exit)) {
            (Some(link), Node::Branch { test, .. }) => link.test.left == test.left,
            _ => false,
        };
        let last = groups.pop_if(|(_, group)| is_tested_next(group));
        // Bits that several tests lead to become one test with each of those, if they stay where they are.
        let pinned =
            usize::from(self.is_shared && self.links.first().is_some_and(|link| link.test.cond == Cond::Set));
        if let Some(groups) = groups.get_mut(pinned..) {
            groups.sort_by_key(|(price, _)| *price);
        }
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

    /// How many times the price of a test counts, in halves: more for the beginning of an address, which many have in common.
    fn halves(&self, values: &Values, link: &Link) -> u64 {
        let is_address = link.has_to_hold && self.links.len() <= ADDRESS_MAX;
        let Some((base, begin, end)) = place(values, &link.test).filter(|_| is_address) else { return 2 };
        let places =
            self.links.iter().filter(|other| other.has_to_hold && other.test.origin == link.test.origin);
        let is_beside = |at: &dyn Fn(u32, u32) -> bool| {
            let mut places = places.clone().filter_map(|link| place(values, &link.test));
            places.any(|(same, begin, end)| same == base && at(begin, end))
        };
        match (is_beside(&|_, before| before == begin), is_beside(&|behind, _| behind == end)) {
            (false, true) => 4,
            (true, true) => 3,
            (_, false) => 2,
        }
    }
}

/// Where a test reads: the base, and from where to where.
fn place(values: &Values, test: &Test) -> Option<(Option<ValueId>, u32, u32)> {
    let load = match values.get(test.left) {
        Value::Alu(_, load, _) => values.get(load),
        load => load,
    };
    match load {
        Value::Load(size, Offset { base, constant }) => {
            Some((base, constant, constant.checked_add(size.bytes())?))
        }
        _ => None,
    }
}
