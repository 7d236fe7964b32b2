//! Code that differs only in where it reads becomes one.
//!
//! ```text
//!   IPv4 ──▶ [20 + ...] ──▶ X = length of the header ─┐
//!                                                     ├──▶ [X + 14] == 80 ─▶ [X + 16] == 80 ─▶ ...
//!   IPv6 ──▶ [20] == 6 ───▶ X = 40 ───────────────────┘
//! ```
//!
//! Two parts of the graph are alike if they make the same tests in the same order, of values of the same size, and leave to the
//! same nodes. Then X takes up what is different about their places. Where the value that is tested first lies elsewhere than the
//! others do, it is loaded before, and the shared part finds it in A.
//!
//! Invariants:
//! - Within a shared part nothing needs another X: all that is computed are loads at X and at fixed places, maybe under a mask.
//! - A node belongs to one way to one region at most; whatever else leads to it enters the region there.
//! - X is never computed earlier than the first load that would have needed it, unless it cannot reject the packet; so the order
//!   of what may reject it stays.

mod align;
mod alike;
mod build;

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Graph, Node, NodeId, Value, ValueId, Values};

use alike::{Match, Shapes};

/// Ways that share one part, at most.
const MEMBERS_MAX: usize = 32;
/// So many tests of what is in A are worth a jump after it was loaded; fewer are made twice up to the second one, but on one way,
/// which needs no jump.
const SEARCH_MIN: usize = 4;
/// Nodes that are compared for each node that there is, at most.
const WORK_FACTOR: usize = 16;

/// A part of the graph that several ways share.
struct Region {
    /// The nodes of the way that it is made from, in the order of their ids.
    nodes: Vec<NodeId>,
    /// Those of them that test what is in A.
    in_a: BTreeSet<NodeId>,
    /// Those of them that load at X, and what is to be added to the constant parts of their offsets.
    at_x: BTreeSet<NodeId>,
    shift: i64,
    members: Vec<Member>,
}

/// A way to a region.
struct Member {
    entry: NodeId,
    /// What A must hold, and X.
    a: Option<ValueId>,
    x: Option<Place>,
    /// Its nodes, for each of those of the region the one that is like it.
    nodes: Vec<NodeId>,
    /// Whether A is loaded for it.
    is_bare: bool,
}

/// A way that may become a member.
struct Way {
    entry: NodeId,
    base: Option<ValueId>,
    /// How much more is added to the base than in the first way.
    shift: i64,
    a: Option<ValueId>,
    nodes: Vec<NodeId>,
}

/// What X must hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Number(u32),
    Value(ValueId),
}

/// The graph with like parts made one, if there are any.
pub(crate) fn run(graph: &Graph, values: &mut Values) -> Option<Graph> {
    let aligned = align::run(graph, values);
    let graph = aligned.as_ref().unwrap_or(graph);
    let regions = find(graph, values);
    (!regions.is_empty()).then(|| build::run(graph, values, &regions))
}

fn find(graph: &Graph, values: &Values) -> Vec<Region> {
    let shapes = Shapes::of(graph, values);
    let mut regions = Vec::new();
    let mut taken = vec![false; graph.len()];
    let is_free = |taken: &[bool], id: NodeId| taken.get(id.index()) == Some(&false);
    // A has what a node tests, if all that leads to it tests that too.
    let holds_a = alike::nodes_after_same(graph);
    let after_same = |id: NodeId| holds_a.get(id.index()) == Some(&true);
    let mut work = graph.len().saturating_mul(WORK_FACTOR);
    // The largest parts first.
    for id in graph.ids().rev() {
        if !is_free(&taken, id) {
            continue;
        }
        let others: Vec<NodeId> =
            shapes.like(id).filter(|other| is_free(&taken, *other)).take(MEMBERS_MAX).collect();
        // Best is what A alone tells apart, without a jump; then X, then both.
        for (a_first, needs_x) in [(true, false), (false, true), (true, true)] {
            // One that is not after the same stands right before the part.
            let mut bare = usize::from(!after_same(id));
            let matches: Vec<Match> = others
                .iter()
                .filter_map(|other| {
                    alike::compare(graph, values, (id, *other), (a_first, needs_x), &mut work)
                })
                .filter(|one| {
                    one.pairs.iter().all(|(one, other)| is_free(&taken, *one) && is_free(&taken, *other))
                })
                .filter(|one| {
                    let is_bare = !after_same(one.entry);
                    let may_jump = !a_first || (needs_x && one.in_a.len() >= SEARCH_MIN);
                    let fits = may_jump || bare == 0 || !is_bare;
                    bare = bare.saturating_add(usize::from(fits && is_bare));
                    fits
                })
                .collect();
            let Some((region, used)) = region(graph, values, id, &matches, &holds_a) else { continue };
            regions.push(region);
            for node in used {
                if let Some(slot) = taken.get_mut(node.index()) {
                    *slot = true;
                }
            }
            break;
        }
        if work == 0 {
            break;
        }
    }
    regions
}

/// One region of those that are like the first in the same way, if it makes the program shorter; and all nodes that it replaces.
fn region(
    graph: &Graph,
    values: &Values,
    entry: NodeId,
    matches: &[Match],
    holds_a: &[bool],
) -> Option<(Region, BTreeSet<NodeId>)> {
    let model = matches.first()?;
    let like: Vec<&Match> = matches
        .iter()
        .filter(|one| one.at_x == model.at_x && one.in_a == model.in_a && one.base == model.base)
        .collect();
    let nodes: Vec<NodeId> = model.pairs.keys().copied().collect();
    let partners = |one: &Match| nodes.iter().filter_map(|node| one.pairs.get(node).copied()).collect();
    // Offsets count from the base that some way has, or from the smallest.
    let first =
        Way { entry, base: model.base, shift: 0, a: model.a.map(|(one, _)| one), nodes: nodes.clone() };
    let others = like.iter().map(|one| Way {
        entry: one.entry,
        base: one.other_base,
        shift: one.shift,
        a: one.a.map(|(_, other)| other),
        nodes: partners(one),
    });
    let ways: Vec<Way> = [first].into_iter().chain(others).collect();
    let shift = ways
        .iter()
        .find_map(|way| way.base.map(|_| way.shift))
        .or_else(|| ways.iter().map(|way| way.shift).min())?;
    let needs_x = !model.at_x.is_empty();
    let mut used: BTreeSet<NodeId> = BTreeSet::new();
    let mut members = Vec::new();
    for Way { entry, base, shift: own, a, nodes } in ways {
        let x = match base {
            _ if !needs_x => None,
            Some(base) if own == shift => Some(Place::Value(base)),
            Some(_) => continue,
            None => match u32::try_from(own.saturating_sub(shift)) {
                Ok(number) => Some(Place::Number(number)),
                Err(_) => continue,
            },
        };
        // No node belongs to two members.
        if nodes.iter().all(|node| !used.contains(node)) {
            used.extend(nodes.iter().copied());
            let is_bare = holds_a.get(entry.index()) != Some(&true);
            members.push(Member { entry, a, x, nodes, is_bare });
        }
    }
    // It is made from the first.
    if members.first().is_none_or(|first| first.entry != entry) || members.len() < 2 {
        return None;
    }
    let region = Region { nodes, in_a: model.in_a.clone(), at_x: model.at_x.clone(), shift, members };
    if !is_shorter(graph, values, &region) {
        return None;
    }
    Some((region, used))
}

/// Whether what is saved is more than what it costs to come to the region.
fn is_shorter(graph: &Graph, values: &Values, region: &Region) -> bool {
    let lefts: BTreeSet<ValueId> = region
        .nodes
        .iter()
        .filter(|node| !region.in_a.contains(node))
        .filter_map(|node| match graph.node(*node) {
            Node::Branch { test, .. } => Some(test.left),
            _ => None,
        })
        .collect();
    let is_masked = |value: &&ValueId| matches!(values.get(**value), Value::Alu(..));
    let masks = lefts.iter().filter(is_masked).count();
    let one = region.nodes.len().saturating_add(lefts.len()).saturating_add(masks);
    let others = region.members.len().saturating_sub(1);
    let numbers = region.members.iter().filter(|member| matches!(member.x, Some(Place::Number(1..)))).count();
    let jumps = if region.in_a.len() >= SEARCH_MIN { others } else { 0 };
    one.saturating_mul(others) > numbers.saturating_add(jumps)
}
