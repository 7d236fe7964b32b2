//! The graph with regions in place of the parts that are alike.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{AluOp, Gift, Graph, Node, NodeId, Offset, Register, Size, Test, Value, ValueId, Values};
use crate::span::Span;

use super::alike::{load, reached, spares_x};
use super::{Member, Place, Region};

pub(super) fn run(graph: &Graph, values: &mut Values, regions: &[Region]) -> Graph {
    let mut build = Build {
        old: graph,
        graph: Graph::empty(),
        values,
        new: vec![None; graph.len()],
        settled: BTreeSet::new(),
        places: places(graph, regions),
        made: vec![BTreeMap::new(); regions.len()],
    };
    let reached = reached(graph);
    for id in graph.ids().filter(|id| reached.get(id.index()) == Some(&true)) {
        let inside = build.places.get(&id).copied();
        let region = inside.and_then(|place| Some((place, regions.get(place.region)?)));
        match region {
            Some((place, region)) => build.inside(region, place),
            None => {
                let new = build.copy(graph.node(id));
                build.set(id, new);
            }
        }
    }
    let entry = build.of(graph.entry());
    build.graph.set_entry(entry);
    build.graph
}

/// What a node is for a region.
#[derive(Clone, Copy)]
struct At {
    region: usize,
    member: usize,
    /// Which of the nodes of the region it is like.
    node: usize,
    /// Whether something else than its member leads to it.
    is_entry: bool,
}

/// All nodes of members.
fn places(graph: &Graph, regions: &[Region]) -> BTreeMap<NodeId, At> {
    let mut places: BTreeMap<NodeId, At> = BTreeMap::new();
    for (number, region) in regions.iter().enumerate() {
        for (at, member) in region.members.iter().enumerate() {
            for (node, id) in member.nodes.iter().enumerate() {
                let is_entry = *id == member.entry;
                places.entry(*id).or_insert(At { region: number, member: at, node, is_entry });
            }
        }
    }
    let reached = reached(graph);
    for id in graph.ids().filter(|id| reached.get(id.index()) == Some(&true)) {
        let from = places.get(&id).map(|at| (at.region, at.member));
        for (target, _) in graph.node(id).edges() {
            if let Some(at) = places.get_mut(&target) {
                at.is_entry |= from != Some((at.region, at.member));
            }
        }
    }
    places
}

struct Build<'g> {
    old: &'g Graph,
    graph: Graph,
    values: &'g mut Values,
    /// For each old node the new one.
    new: Vec<Option<NodeId>>,
    /// Gifts with which nothing jumps: they stand right before what they lead to.
    settled: BTreeSet<NodeId>,
    places: BTreeMap<NodeId, At>,
    /// For each region the nodes that were made, by those that they are made from.
    made: Vec<BTreeMap<NodeId, NodeId>>,
}

impl Build<'_> {
    fn of(&self, old: NodeId) -> NodeId {
        // Targets are made before what leads to them.
        self.new.get(old.index()).copied().flatten().unwrap_or(old)
    }

    fn set(&mut self, old: NodeId, new: NodeId) {
        if let Some(slot) = self.new.get_mut(old.index()) {
            *slot = Some(new);
        }
    }

    fn made(&self, region: usize, model: NodeId) -> Option<NodeId> {
        self.made.get(region)?.get(&model).copied()
    }

    /// A node of a member: with the first of those that are alike the node of the region is made, and the ways of all to it.
    fn inside(&mut self, region: &Region, place: At) {
        let Some(&model) = region.nodes.get(place.node) else { return };
        if self.made(place.region, model).is_some() {
            return;
        }
        let Node::Branch { test, yes, no } = self.old.node(model) else { return };
        // What the region leaves to is the same for all members, and made before any of them.
        let target = |target: NodeId| self.made(place.region, target).unwrap_or_else(|| self.of(target));
        let (yes, no) = (target(yes), target(no));
        let left = self.left(region, model, &test);
        let new = self.graph.add(Node::Branch { test: Test { left, ..test }, yes, no });
        self.graph.set_originals(new, originals(self.old, region, place.node));
        if let Some(made) = self.made.get_mut(place.region) {
            made.insert(model, new);
        }
        self.ways(region, place, new);
    }

    /// The ways of all members to a node of their region.
    fn ways(&mut self, region: &Region, place: At, new: NodeId) {
        // What is made first stands right before the region. That is best for a number, which is not put into X before it is
        // certain that it is needed; for headers are tested up to the last moment.
        let is_number = |member: &&Member| matches!(member.x, Some(Place::Number(1..)));
        let mut members: Vec<&Member> = region.members.iter().filter(is_number).collect();
        members.extend(region.members.iter().filter(|member| !is_number(member)));
        members.sort_by_key(|member| !(is_number(member) || (member.x.is_none() && member.is_bare)));
        let mut is_first = true;
        for member in members {
            let Some(&own) = member.nodes.get(place.node) else { continue };
            let is_entry = self.places.get(&own).is_some_and(|at| at.region == place.region && at.is_entry);
            if is_entry && self.new.get(own.index()) == Some(&None) {
                let needs_a = region.nodes.get(place.node).is_some_and(|model| region.in_a.contains(model));
                let way = self.way(member, own, new, needs_a, is_first && own == member.entry);
                self.set(own, way);
                is_first = false;
            }
        }
    }

    /// What a node of a region tests.
    fn left(&mut self, region: &Region, id: NodeId, test: &Test) -> ValueId {
        if region.in_a.contains(&id) {
            return self.values.intern(Value::Given(Register::A));
        }
        let Some(load) = load(self.values, test.left).filter(|_| region.at_x.contains(&id)) else {
            return test.left;
        };
        let constant = i64::from(load.at.constant).saturating_add(region.shift);
        let at = Offset {
            base: Some(self.values.intern(Value::Given(Register::X))),
            // It is the constant of one of the members.
            constant: u32::try_from(constant).unwrap_or(u32::MAX),
        };
        let loaded = self.values.load(load.size, at);
        match load.mask {
            Some(mask) => self.values.intern(Value::Alu(AluOp::And, loaded, mask)),
            None => loaded,
        }
    }

    /// The way of a member to a node of its region.
    fn way(&mut self, member: &Member, own: NodeId, begin: NodeId, needs_a: bool, is_first: bool) -> NodeId {
        let origin = match self.old.node(own) {
            Node::Branch { test, .. } => test.origin,
            _ => Span::default(),
        };
        let a = member.a.filter(|_| needs_a);
        let give_a = a.map(|value| Gift { register: Register::A, value, origin });
        let give_x = member.x.map(|place| {
            let value = match place {
                Place::Number(number) => self.values.constant(number),
                Place::Value(base) => base,
            };
            Gift { register: Register::X, value, origin }
        });
        // X comes first: then A may be loaded at it. But a number in X would be lost if A needs something else there.
        let is_number = matches!(member.x, Some(Place::Number(_)));
        let x_is_last = is_number && a.is_some_and(|value| !spares_x(self.values, value));
        let gifts = if x_is_last { [give_x, give_a] } else { [give_a, give_x] };
        let mut next = begin;
        for gift in gifts.into_iter().flatten() {
            next = self.graph.add(Node::Give { gift, next });
        }
        if is_first && give_x.is_some() && !x_is_last {
            self.settled.insert(next);
        }
        next
    }

    /// A node as it was; but what it leads to may be given X before it, so that it leads right into the region.
    fn copy(&mut self, node: Node) -> NodeId {
        let node = node.map_targets(|target| self.of(target));
        let Node::Branch { test, yes, no } = node else { return self.graph.add(node) };
        let Some(gift) = self.gift_before(&test, yes, no) else { return self.graph.add(node) };
        let past = |build: &Self, target: NodeId| match build.graph.node(target) {
            Node::Give { gift: Gift { register: Register::X, .. }, next } => next,
            _ => target,
        };
        let (yes, no) = (past(self, yes), past(self, no));
        let next = self.graph.add(Node::Branch { test, yes, no });
        let before = self.graph.add(Node::Give { gift, next });
        self.settled.insert(before);
        before
    }

    /// The number for X that may be put there before a test, if that saves a jump behind it.
    fn gift_before(&self, test: &Test, yes: NodeId, no: NodeId) -> Option<Gift> {
        let gift = |target: NodeId| match self.graph.node(target) {
            Node::Give { gift, .. } if gift.register == Register::X => Some(gift),
            _ => None,
        };
        let (of_yes, of_no) = (gift(yes), gift(no));
        let chosen = of_yes.or(of_no)?;
        let fits = |target: NodeId, gift: Option<Gift>| match gift {
            Some(gift) => gift.value == chosen.value,
            None => matches!(self.graph.node(target), Node::Verdict(_)),
        };
        let saves = [(yes, of_yes), (no, of_no)]
            .iter()
            .any(|(target, gift)| gift.is_some() && !self.settled.contains(target));
        // Nothing is computed that could reject the packet before the test does.
        let is_certain = match self.values.get(chosen.value) {
            Value::Const(_) => true,
            Value::IpHeaderLen(at) => match load(self.values, test.left) {
                Some(load) => load.at.base.is_none() && end(load.size, load.at.constant) > at,
                None => false,
            },
            _ => false,
        };
        let spares =
            spares_x(self.values, test.left) && matches!(self.values.get(test.right), Value::Const(_));
        (fits(yes, of_yes) && fits(no, of_no) && saves && is_certain && spares).then_some(chosen)
    }
}

fn end(size: Size, constant: u32) -> u32 {
    constant.saturating_add(size.bytes())
}

/// What the members test where the region has its node of this number.
fn originals(graph: &Graph, region: &Region, node: usize) -> Vec<ValueId> {
    let tested = |member: &Member| match graph.node(*member.nodes.get(node)?) {
        Node::Branch { test, .. } => Some(test.left),
        _ => None,
    };
    region.members.iter().filter_map(tested).collect()
}
