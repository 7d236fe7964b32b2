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

use super::dominators::Dominators;
use super::facts::Facts;
use super::pieces::Pieces;
use crate::graph::{Graph, Node, NodeId, Test, Value, ValueId, Values};
use crate::span::Span;

/// Two clauses of a filter that no packet keeps both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// What is known already.
    pub first: Span,
    /// What cannot hold then.
    pub second: Span,
}

/// Tests of one value that are passed at once, at most.
const STEPS_MAX: usize = 48;

pub(super) struct Threaded {
    pub(super) changed: bool,
    pub(super) contradiction: Option<Contradiction>,
}

struct Thread<'g, 'v> {
    graph: &'g mut Graph,
    facts: Facts<'v>,
    /// For each node the variables that may still be stored behind it, by bits.
    later_stores: Vec<u32>,
    /// For each node whether an edge leads to it that a packet can take, as far as edges were looked at.
    is_led_to: Vec<bool>,
    /// For each node what the edges to it say of one value.
    joined: Vec<Joined>,
    result: Threaded,
}

/// What the edges to a node have in common.
#[derive(Clone, Copy)]
enum Joined {
    /// No edge was seen.
    Nothing,
    /// All come from tests of this value, which is one of these numbers then.
    Numbers(ValueId, Pieces, Span),
    Different,
}

/// What is left to do: a node of the tree, or the way back from one.
enum Visit {
    Down(NodeId),
    Up(usize),
}

pub(super) fn run(graph: &mut Graph, values: &Values) -> Threaded {
    let tree = Dominators::of(graph);
    let children = tree.children();
    let later_stores = later_stores(graph);
    let mut thread = Thread {
        facts: Facts::new(values),
        later_stores,
        is_led_to: vec![false; graph.len()],
        joined: joined(graph, values, &tree),
        result: Threaded { changed: false, contradiction: None },
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
                waiting.extend(children.of(id).rev().map(Visit::Down));
            }
        }
    }
    thread.result
}

/// For each node the numbers that a value can be, if all edges to it come from tests of that value.
fn joined(graph: &Graph, values: &Values, tree: &Dominators) -> Vec<Joined> {
    let mut joined = vec![Joined::Nothing; graph.len()];
    for &id in &tree.order {
        let node = graph.node(id);
        for (target, leg) in node.edges() {
            let says = match node {
                Node::Branch { test, yes, no } if yes != no => match values.get(test.right) {
                    Value::Const(number) => {
                        let any = Pieces::range(0, u32::MAX);
                        Joined::Numbers(test.left, any.only(test.cond, number, leg), test.origin)
                    }
                    _ => Joined::Different,
                },
                _ => Joined::Different,
            };
            if let Some(slot) = joined.get_mut(target.index()) {
                *slot = match (*slot, says) {
                    (Joined::Nothing, says) => says,
                    (Joined::Numbers(value, some, origin), Joined::Numbers(same, more, _))
                        if value == same =>
                    {
                        Joined::Numbers(value, some.union(&more), origin)
                    }
                    _ => Joined::Different,
                };
            }
        }
    }
    joined
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
        if let Some(Joined::Numbers(value, pieces, origin)) = self.joined.get(id.index()).copied()
            && self.later_stores.get(id.index()).is_some_and(|later| self.facts.variables(value) & later == 0)
        {
            self.facts.is_there(value);
            let pieces = self.facts.pieces(value).intersection(&pieces);
            self.facts.is_one_of(value, pieces, origin);
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
            Some((from, leg)) if from == parent => self.facts.learn(&test, leg),
            _ => self.facts.evaluated(&test),
        }
    }

    /// Whether what a test says at a node stays true behind it.
    fn is_settled(&self, id: NodeId, test: &Test) -> bool {
        self.later_stores.get(id.index()).is_some_and(|later| self.facts.variables_of(test) & later == 0)
    }

    fn visit(&mut self, id: NodeId) {
        let Node::Branch { test, yes, no } = self.graph.node(id) else {
            for (target, _) in self.graph.node(id).edges() {
                self.lead_to(target);
            }
            return;
        };
        let (mut new_yes, mut new_no) = (yes, no);
        // Decided by what is known before: it stays for its loads, and leads to one place.
        if self.is_settled(id, &test)
            && let Some(decided) = self.facts.decide(&test)
        {
            let target = if decided.holds { yes } else { no };
            if yes != no {
                self.note(decided.origin, &test);
            }
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
            self.result.changed = true;
            self.graph.set(id, Node::Branch { test, yes: new_yes, no: new_no });
        }
        self.lead_to(new_yes);
        self.lead_to(new_no);
    }

    fn lead_to(&mut self, id: NodeId) {
        if let Some(slot) = self.is_led_to.get_mut(id.index()) {
            *slot = true;
        }
    }

    fn leg(&mut self, id: NodeId, test: &Test, holds: bool, target: NodeId) -> NodeId {
        let mark = self.facts.mark();
        if self.is_settled(id, test) {
            self.facts.learn(test, holds);
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
            target = match self.facts.decide(&test) {
                Some(decided) => {
                    self.note(decided.origin, &test);
                    if decided.holds { yes } else { no }
                }
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
    fn pass(&self, first: NodeId, value: ValueId) -> Option<NodeId> {
        if !self.facts.knows(value) {
            return None;
        }
        let mut behind = None;
        let mut waiting = vec![(first, self.facts.pieces(value))];
        for _ in 0..STEPS_MAX {
            let Some((id, pieces)) = waiting.pop() else { return behind };
            if let Node::Branch { test, yes, no } = self.graph.node(id)
                && test.left == value
                && self.is_settled(id, &test)
                && let Some(number) = self.facts.constant(test.right)
            {
                for (target, leg) in [(yes, true), (no, false)] {
                    let some = pieces.only(test.cond, number, leg);
                    if !some.is_empty() {
                        waiting.push((target, some));
                    }
                }
            } else if behind.is_some_and(|other| other != id) {
                return None;
            } else {
                behind = Some(id);
            }
        }
        None
    }

    /// Remembers the first clauses that decide one about the other.
    fn note(&mut self, known: Option<Span>, test: &Test) {
        let second = test.origin;
        if let Some(first) = known
            && first != second
            && self.result.contradiction.is_none()
        {
            self.result.contradiction = Some(Contradiction { first, second });
        }
    }
}
