//! Parts of the graph that every accepted packet comes by, one behind the other.
//!
//! ```text
//!    ┌──────────────── part ────────────────┐   ┌──── part ────┐
//!  ──▶ [12:2] == 0x8100 ─no─▶ [12:2] == ... ─yes─▶ [27] == 1 ─yes─▶ exit
//!    └────────┬ yes ──────────────────────────▲ └──────────────┘
//! ```
//!
//! A part has one entry; whatever leaves it rejects, or leads to the entry of the next one.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Graph, Node, NodeId};
use crate::opt::chain::incoming;

use super::chains::held;
use super::price::Prices;

/// The graph with its parts in order, if that is another one.
pub(super) fn run(graph: &Graph, prices: &Prices<'_>) -> Option<Graph> {
    let parts = Parts::find(graph)?;
    let price = |part: &Vec<NodeId>| prices.of(graph, part, None, None);
    let mut order: Vec<(u64, usize)> = parts.parts.iter().map(price).zip(0..).collect();
    if order.is_sorted() {
        return None;
    }
    order.sort_unstable();
    Some(parts.build(graph, &order))
}

struct Parts {
    /// From the entry on; in each the ids descend.
    parts: Vec<Vec<NodeId>>,
    /// Where the last one leads.
    exit: NodeId,
}

impl Parts {
    fn find(graph: &Graph) -> Option<Self> {
        let rejects = |id: NodeId| graph.node(id) == Node::Verdict(0);
        let (incoming, held) = (incoming(graph), held(graph));
        let mut parts: Vec<Vec<NodeId>> = Vec::new();
        let mut reached = vec![false; graph.len()];
        set(&mut reached, graph.entry());
        // Edges from what was seen to what was not: where all of them lead, every accepted packet comes by.
        let mut open = 0_u32;
        for id in graph.ids().rev() {
            if reached.get(id.index()) != Some(&true) || rejects(id) {
                continue;
            }
            let node = graph.node(id);
            let edges = incoming.get(id.index()).copied().unwrap_or_default();
            let is_passed_by_all = open == edges;
            let Node::Branch { test, .. } = node else {
                // What is stored is read behind it: if that is inside of a part, the part does not move.
                let exit = if is_passed_by_all { id } else { parts.pop()?.first().copied()? };
                return Some(Self { parts, exit });
            };
            if parts.is_empty() || (is_passed_by_all && held.get(id.index()) != Some(&Some(test.left))) {
                parts.push(Vec::new());
            }
            parts.last_mut()?.push(id);
            open = open.saturating_sub(edges);
            for (target, _) in node.edges() {
                set(&mut reached, target);
                open = open.saturating_add(u32::from(!rejects(target)));
            }
        }
        None
    }

    fn build(&self, graph: &Graph, order: &[(u64, usize)]) -> Graph {
        let mut copy = Copy { from: graph, to: Graph::empty(), made: vec![None; graph.len()] };
        let mut is_in_part = vec![false; graph.len()];
        for id in self.parts.iter().flatten() {
            set(&mut is_in_part, *id);
        }
        let incoming = incoming(graph);
        for id in graph.ids() {
            let is_reached = incoming.get(id.index()).is_some_and(|edges| *edges > 0);
            if is_reached && is_in_part.get(id.index()) == Some(&false) {
                copy.add(id);
            }
        }
        let mut next = copy.of(self.exit);
        for (_, at) in order.iter().rev() {
            let Some(part) = self.parts.get(*at) else { continue };
            let behind = self.parts.iter().skip(*at).nth(1).and_then(|part| part.first());
            copy.redirect(*behind.unwrap_or(&self.exit), next);
            for id in part.iter().rev() {
                next = copy.add(*id);
            }
        }
        copy.to.set_entry(next);
        copy.to
    }
}

/// A graph being made from another.
struct Copy<'g> {
    from: &'g Graph,
    to: Graph,
    /// What each node of the other became, or what stands in for it.
    made: Vec<Option<NodeId>>,
}

impl Copy<'_> {
    fn of(&self, id: NodeId) -> NodeId {
        // Targets are made before what leads to them.
        self.made.get(id.index()).copied().flatten().unwrap_or(id)
    }

    fn add(&mut self, id: NodeId) -> NodeId {
        let new = self.to.add(self.from.node(id).map_targets(|target| self.of(target)));
        self.redirect(id, new);
        new
    }

    fn redirect(&mut self, id: NodeId, new: NodeId) {
        if let Some(slot) = self.made.get_mut(id.index()) {
            *slot = Some(new);
        }
    }
}

fn set(flags: &mut [bool], id: NodeId) {
    if let Some(slot) = flags.get_mut(id.index()) {
        *slot = true;
    }
}
