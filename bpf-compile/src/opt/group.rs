//! Lists of addresses of several words are sorted by place, so that each place can be searched.
//!
//! ```text
//!   src[2..6] == a ─yes─▶ src[0..2] == a ─yes─▶ exit         all of src, one address behind the other,
//!        │ no                  │ no                          then all of dst
//!        ▼◀────────────────────┘                      ──▶
//!   dst[2..6] == a ─▶ ..., then src == b, dst == b, ...
//! ```
//!
//! Threading then goes past the words of all other addresses of a place once one has matched, and what is left are chains of tests
//! of one word each.
//!
//! Invariant: addresses change places only where no load of either can fail, and only if they lead to the same node. That is known
//! where the packet is long enough for the whole address, and behind another address of the same place that differs in its last
//! word only: whatever comes to a word of the second came to that of the first.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Test, ValueId, Values};

use super::chain::incoming;
use super::needs::ends;

/// Words of an address: an IPv6 address has four.
const WORDS_MAX: usize = 8;

/// Sorts every list; answers whether there was one to be sorted.
pub(super) fn run(graph: &mut Graph, values: &Values) -> bool {
    let mut changed = false;
    let incoming = incoming(graph);
    let ends = ends(values);
    let lengths = lengths(graph, &ends);
    let mut done = vec![false; graph.len()];
    // A list is found from its first test, which has the largest id.
    for id in graph.ids().rev() {
        if done.get(id.index()) != Some(&false) {
            continue;
        }
        let Some(length) = lengths.get(id.index()).copied().flatten() else { continue };
        let Some(list) = List::at(graph, &incoming, &ends, length, id) else { continue };
        for node in list.units.iter().flat_map(|unit| &unit.nodes) {
            if let Some(slot) = done.get_mut(node.index()) {
                *slot = true;
            }
        }
        changed |= list.sort(graph);
    }
    changed
}

/// Tests that must all hold for one address.
struct Unit {
    nodes: Vec<NodeId>,
    tests: Vec<Test>,
    /// Whether no load of it can fail any more where it is come to.
    is_safe: bool,
}

struct List {
    units: Vec<Unit>,
    /// Where an address leads.
    exit: NodeId,
    /// Where none of them leads.
    otherwise: NodeId,
}

impl List {
    /// The list that begins with a test, to which packets of at least `length` bytes come.
    fn at(graph: &Graph, incoming: &[u32], ends: &[Option<u32>], length: u32, first: NodeId) -> Option<Self> {
        let end = |test: &Test| ends.get(test.left.index()).copied().flatten();
        let Node::Branch { test, .. } = graph.node(first) else { return None };
        // The first test stays the first: behind it this is known.
        let length = length.max(end(&test)?);
        let (unit, exit, mut otherwise) = unit(graph, incoming, ends, first)?;
        let mut units = vec![unit];
        loop {
            let edges = units.last().map_or(0, |unit| unit.nodes.len());
            if incoming.get(otherwise.index()).map(|edges| *edges as usize) != Some(edges) {
                break;
            }
            match self::unit(graph, incoming, ends, otherwise) {
                Some((next, same, behind)) if same == exit => {
                    units.push(next);
                    otherwise = behind;
                }
                _ => break,
            }
        }
        // Where every address is one word dispatch does it all.
        if units.iter().any(|unit| unit.nodes.len() > 1) {
            let is_short = |test: &Test| end(test).is_some_and(|end| end <= length);
            let mut looked_at = BTreeSet::new();
            for unit in &mut units {
                let known = !looked_at.insert(unit.beginning());
                unit.is_safe = known || unit.tests.iter().all(is_short);
            }
        }
        Some(Self { units, exit, otherwise })
    }

    /// The same nodes, with the tests of each place together.
    fn sort(&self, graph: &mut Graph) -> bool {
        let sorted = self.sorted();
        if sorted.iter().zip(&self.units).all(|(one, other)| core::ptr::eq(*one, other)) {
            return false;
        }
        let mut nodes = self.units.iter().flat_map(|unit| &unit.nodes).copied();
        let firsts: Vec<Vec<NodeId>> =
            sorted.iter().map(|unit| nodes.by_ref().take(unit.nodes.len()).collect()).collect();
        let nexts = firsts.iter().skip(1).filter_map(|nodes| nodes.first().copied()).chain([self.otherwise]);
        for ((unit, nodes), no) in sorted.iter().zip(&firsts).zip(nexts) {
            let inner = nodes.iter().skip(1).copied().chain([self.exit]);
            for ((test, id), yes) in unit.tests.iter().zip(nodes).zip(inner) {
                graph.set(*id, Node::Branch { test: *test, yes, no });
            }
        }
        true
    }

    /// What may fail stays where it is; behind it come first the others of its place, then those of the other places in the order in
    /// which they come first.
    fn sorted(&self) -> Vec<&Unit> {
        let mut sorted: Vec<&Unit> = Vec::with_capacity(self.units.len());
        let mut rest = self.units.as_slice();
        while let Some(first) = rest.first() {
            let count = rest.iter().skip(1).take_while(|unit| unit.is_safe).count();
            let (part, behind) = rest.split_at(count.saturating_add(1));
            let mut places = BTreeMap::from([(first.place(), 0)]);
            for unit in part {
                let next = places.len();
                places.entry(unit.place()).or_insert(next);
            }
            let begin = sorted.len();
            sorted.extend(part);
            if let Some(part) = sorted.get_mut(begin..) {
                part.sort_by_key(|unit| places.get(&unit.place()).copied());
            }
            rest = behind;
        }
        sorted
    }
}

impl Unit {
    fn place(&self) -> Option<ValueId> {
        self.tests.first().map(|test| test.left)
    }

    /// All that decides up to where it is loaded. Behind one of the same beginning no load of it can fail.
    fn beginning(&self) -> Vec<(ValueId, Option<ValueId>)> {
        let last = self.tests.len().saturating_sub(1);
        self.tests.iter().zip(0..).map(|(test, at)| (test.left, (at < last).then_some(test.right))).collect()
    }
}

/// The tests of one address, where it leads, and where the others lead.
fn unit(
    graph: &Graph,
    incoming: &[u32],
    ends: &[Option<u32>],
    first: NodeId,
) -> Option<(Unit, NodeId, NodeId)> {
    let mut found = Unit { nodes: Vec::new(), tests: Vec::new(), is_safe: false };
    let mut otherwise = None;
    let mut at = first;
    while let Node::Branch { test, yes, no } = graph.node(at)
        && test.cond == Cond::Eq
        && found.nodes.len() < WORDS_MAX
        && ends.get(test.left.index()).copied().flatten().is_some()
        && ends.get(test.right.index()).copied().flatten() == Some(0)
        && yes != no
        && (at == first || incoming.get(at.index()) == Some(&1))
        && *otherwise.get_or_insert(no) == no
    {
        found.nodes.push(at);
        found.tests.push(test);
        at = yes;
    }
    Some((found, at, otherwise?)).filter(|(unit, ..)| !unit.nodes.is_empty())
}

/// For each node that is reached how long the packets are at least that come there.
fn lengths(graph: &Graph, ends: &[Option<u32>]) -> Vec<Option<u32>> {
    let mut lengths: Vec<Option<u32>> = vec![None; graph.len()];
    if let Some(slot) = lengths.get_mut(graph.entry().index()) {
        *slot = Some(0);
    }
    for id in graph.ids().rev() {
        let Some(before) = lengths.get(id.index()).copied().flatten() else { continue };
        let node = graph.node(id);
        let read = match node {
            Node::Branch { test, .. } => ends.get(test.left.index()).copied().flatten().unwrap_or_default(),
            _ => 0,
        };
        for (target, _) in node.edges() {
            if let Some(slot) = lengths.get_mut(target.index()) {
                let length = before.max(read);
                *slot = Some(slot.map_or(length, |other| other.min(length)));
            }
        }
    }
    lengths
}
