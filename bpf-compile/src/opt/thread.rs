//! Edges go on past tests whose outcome is known on them.
//!
//! ```text
//!   ethertype == IP ─yes─▶ ... ─▶ ethertype == IP ─yes─▶ b          ethertype == IP ─yes─▶ ... ─▶ b
//!                                        └─no──▶ c
//! ```
//!
//! A test is passed by only where its values were computed before, so that nothing is skipped that could have rejected the packet.
//! Where only its outcome is certain, it stays, and leads to one place.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use super::dominators::Dominators;
use super::facts::Facts;
use super::joined::{AtNode, Joined};
use super::pieces::Pieces;
use crate::graph::{Cond, Graph, Node, NodeId, Store, Test, ValueId, Values};

/// Tests of one value that are passed at once, at most.
const STEPS_MAX: usize = 48;

struct Thread<'g, 'v> {
    graph: &'g mut Graph,
    facts: &'g mut Facts<'v>,
    /// For each node the variables that may still be stored behind it, by bits.
    later_stores: Vec<u32>,
    /// For each node whether an edge leads to it that a packet can take, as far as edges were looked at.
    is_led_to: Vec<bool>,
    /// For each node what the edges to it say of one value.
    joined: Joined,
    /// Tests of one value that are still to be looked at.
    waiting: Vec<(NodeId, Pieces)>,
    changed: bool,
}

/// What is left to do: a node of the tree, or the way back from one.
enum Visit {
    Down(NodeId),
    Up(usize),
}

/// Threads a graph, and tells whether that changed it. `facts` are those of nowhere, made for this graph, whatever its edges were then.
pub(super) fn run(graph: &mut Graph, values: &Values, facts: &mut Facts<'_>) -> bool {
    let tree = Dominators::of(graph);
    let later_stores = later_stores(graph);
    let mut thread = Thread {
        facts,
        later_stores,
        is_led_to: vec![false; graph.len()],
        joined: Joined::of(graph, values, &tree),
        waiting: Vec::new(),
        changed: false,
        graph,
    };
    thread.lead_to(thread.graph.entry());
    let mut waiting = vec![Visit::Down(thread.graph.entry())];
    while let Some(visit) = waiting.pop() {
        match visit {
            Visit::Up(mark) => thread.facts.back_to(mark),
            Visit::Down(id) => {
                waiting.push(Visit::Up(thread.facts.mark()));
                thread.arrive(&tree, id);
                // All that lead to a node are visited before it: of the children of one node those first that lead to others.
                // Nodes that nothing leads to any more need no work, which keeps long lists linear.
                if thread.is_led_to.get(id.index()) == Some(&true) {
                    thread.visit(id);
                }
                waiting.extend(tree.children(id).map(Visit::Down));
            }
        }
    }
    thread.changed
}

/// The variables that are stored in a node or behind it, by bits.
fn later_stores(graph: &Graph) -> Vec<u32> {
    let mut later = vec![0_u32; graph.len()];
    // Targets come before what leads to them.
    for id in graph.ids() {
        let node = graph.node(id);
        let behind = node
            .edges()
            .fold(0, |bits, (target, _)| bits | later.get(target.index()).copied().unwrap_or_default());
        let own = match node {
            Node::Store { store, .. } => 1_u32.checked_shl(store.variable.index()).unwrap_or(u32::MAX),
            _ => 0,
        };
        if let Some(slot) = later.get_mut(id.index()) {
            *slot = behind | own;
        }
    }
    later
}

impl Thread<'_, '_> {
    /// What is known at a node, beyond what is known at its dominator.
    fn arrive(&mut self, tree: &Dominators, id: NodeId) {
        self.arrive_from_parent(tree, id);
        let value = match self.joined.at(id) {
            AtNode::Nothing => return,
            AtNode::Outcome(said) => said.value,
            AtNode::Numbers(value, _) => value,
        };
        if self.later_stores(id) & self.facts.variables(value) != 0 {
            return;
        }
        self.facts.is_there(value);
        let before = self.facts.pieces(value);
        let pieces = match self.joined.at(id) {
            AtNode::Nothing => None,
            AtNode::Outcome(said) => said.some_of(&before),
            AtNode::Numbers(_, pieces) => Some(before.intersection(pieces)),
        };
        if let Some(pieces) = pieces {
            self.facts.is_one_of(value, &before, pieces);
        }
    }

    fn arrive_from_parent(&mut self, tree: &Dominators, id: NodeId) {
        let Some(parent) = tree.parent(id) else { return };
        // The legs may have been pointed elsewhere by now; the tests are those of before.
        let Node::Branch { test, .. } = self.graph.node(parent) else { return };
        if !self.is_settled(parent, &test) {
            return;
        }
        match tree.only_edge(id) {
            Some((from, leg)) if from == parent => self.facts.learn(parent, &test, leg),
            _ => self.facts.evaluated(&test),
        }
    }

    /// Whether what a test says at a node stays true behind it.
    fn is_settled(&self, id: NodeId, test: &Test) -> bool {
        match self.later_stores(id) {
            0 => true,
            later => self.facts.variables_of(test) & later == 0,
        }
    }

    fn later_stores(&self, id: NodeId) -> u32 {
        self.later_stores.get(id.index()).copied().unwrap_or(u32::MAX)
    }

    fn visit(&mut self, id: NodeId) {
        let (test, yes, no) = match self.graph.node(id) {
            Node::Branch { test, yes, no } => (test, yes, no),
            Node::Store { store, next } => return self.visit_store(id, store, next),
            node => return node.edges().for_each(|(target, _)| self.lead_to(target)),
        };
        let (mut new_yes, mut new_no) = (yes, no);
        // Decided by what is known before: it stays for its loads, and leads to one place.
        if self.is_settled(id, &test)
            && let Some(holds) = self.facts.decide(id, &test)
        {
            let target = if holds { yes } else { no };
            (new_yes, new_no) = (target, target);
        }
        if new_yes == new_no {
            let mark = self.facts.mark();
            if self.is_settled(id, &test) {
                self.facts.evaluated(&test);
            }
            let target = self.follow(new_yes);
            (new_yes, new_no) = (target, target);
            self.facts.back_to(mark);
        } else {
            new_yes = self.leg(id, &test, true, new_yes);
            new_no = self.leg(id, &test, false, new_no);
        }
        if (new_yes, new_no) != (yes, no) {
            self.changed = true;
            self.graph.set(id, Node::Branch { test, yes: new_yes, no: new_no });
        }
        self.lead_to(new_yes);
        self.lead_to(new_no);
    }

    /// What is known before a store holds behind it: nothing is known of its variable that it could change.
    fn visit_store(&mut self, id: NodeId, store: Store, next: NodeId) {
        let mark = self.facts.mark();
        if self.later_stores(id) & self.facts.variables(store.value) == 0 {
            self.facts.is_there(store.value);
        }
        let target = self.follow(next);
        self.facts.back_to(mark);
        if target != next {
            self.changed = true;
            self.graph.set(id, Node::Store { store, next: target });
        }
        self.lead_to(target);
    }

    fn lead_to(&mut self, id: NodeId) {
        if let Some(slot) = self.is_led_to.get_mut(id.index()) {
            *slot = true;
        }
    }

    fn leg(&mut self, id: NodeId, test: &Test, holds: bool, target: NodeId) -> NodeId {
        // Nothing is gone past but tests.
        if !matches!(self.graph.node(target), Node::Branch { .. }) {
            return target;
        }
        let mark = self.facts.mark();
        if self.is_settled(id, test) {
            self.facts.learn(id, test, holds);
        }
        let target = self.follow(target);
        self.facts.back_to(mark);
        target
    }

    /// Past every test whose outcome is known here.
    fn follow(&mut self, mut target: NodeId) -> NodeId {
        while let Node::Branch { test, yes, no } = self.graph.node(target) {
            if !self.is_settled(target, &test) || !self.facts.cannot_fail(&test) {
                return target;
            }
            if yes == no {
                target = yes;
                continue;
            }
            target = match self.facts.decide(target, &test) {
                Some(true) => yes,
                Some(false) => no,
                None => match self.pass(target, test.left) {
                    // A test that compares with no constant is where it ends at once.
                    Some(behind) if behind != target => behind,
                    _ => return target,
                },
            };
        }
        target
    }

    /// Past several tests of one value, if all numbers that it can be lead to one place.
    fn pass(&mut self, first: NodeId, value: ValueId) -> Option<NodeId> {
        let pieces = self.facts.learnt(value)?;
        let mut waiting = mem::take(&mut self.waiting);
        waiting.clear();
        let behind = self.behind(first, pieces, value, &mut waiting);
        self.waiting = waiting;
        behind
    }

    /// The one place to which all of some numbers lead from a test.
    fn behind(
        &self,
        first: NodeId,
        pieces: Pieces,
        value: ValueId,
        waiting: &mut Vec<(NodeId, Pieces)>,
    ) -> Option<NodeId> {
        let mut behind = None;
        let mut steps = 1_usize;
        self.number_compared(first, value)?;
        let mut next = Some((first, pieces));
        while let Some((id, pieces)) = next.take().or_else(|| waiting.pop()) {
            let Some((cond, number, yes, no)) = self.number_compared(id, value) else { continue };
            let (may_hold, may_fail) = pieces.outcomes(cond, number);
            for (target, leg, may_be) in [(yes, true, may_hold), (no, false, may_fail)] {
                if !may_be {
                    continue;
                }
                steps = steps.saturating_add(1);
                if steps >= STEPS_MAX {
                    return None;
                }
                if self.number_compared(target, value).is_some() {
                    let of_leg = (target, pieces.only(cond, number, leg));
                    waiting.extend(next.replace(of_leg));
                } else if *behind.get_or_insert(target) != target {
                    return None;
                }
            }
        }
        behind
    }

    /// The number that a node compares a value with, if it does so and the value stays what it is; and where it leads.
    fn number_compared(&self, id: NodeId, value: ValueId) -> Option<(Cond, u32, NodeId, NodeId)> {
        match self.graph.node(id) {
            Node::Branch { test, yes, no } if test.left == value && self.is_settled(id, &test) => {
                Some((test.cond, self.facts.constant(test.right)?, yes, no))
            }
            _ => None,
        }
    }
}
