//! The graph with regions in place of the parts that are alike.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Gift, Graph, Node, NodeId, Offset, Register, Size, Test, Value, ValueId, Values};
use crate::span::Span;

use super::alike::{load, reached, spares_x};
use super::{Member, Place, Region};

pub(super) fn run(graph: &Graph, values: &mut Values, regions: &[Region]) -> Graph {
    let entries = entries(graph, regions);
    let mut build = Build {
        old: graph,
        graph: Graph::empty(),
        values,
        new: vec![None; graph.len()],
        settled: BTreeSet::new(),
    };
    let mut made: Vec<BTreeMap<NodeId, NodeId>> = vec![BTreeMap::new(); regions.len()];
    for id in graph.ids() {
        let region =
            entries.of.get(&id).and_then(|&number| Some((made.get_mut(number)?, regions.get(number)?)));
        let new = match region {
            Some((ways, region)) => {
                if ways.is_empty() {
                    *ways = build.region(region, &entries);
                }
                ways.get(&id).copied().unwrap_or(id)
            }
            None => build.copy(graph.node(id)),
        };
        if let Some(slot) = build.new.get_mut(id.index()) {
            *slot = Some(new);
        }
    }
    let entry = build.of(graph.entry());
    build.graph.set_entry(entry);
    build.graph
}

/// The nodes by which packets come to regions, with the numbers of those.
struct Entries {
    of: BTreeMap<NodeId, usize>,
}

/// All members' nodes that something else than the member leads to.
fn entries(graph: &Graph, regions: &[Region]) -> Entries {
    let mut owners: BTreeMap<NodeId, (usize, usize)> = BTreeMap::new();
    let mut entries = Entries { of: BTreeMap::new() };
    for (number, region) in regions.iter().enumerate() {
        for (at, member) in region.members.iter().enumerate() {
            entries.of.insert(member.entry, number);
            for node in &member.nodes {
                owners.entry(*node).or_insert((number, at));
            }
        }
    }
    let reached = reached(graph);
    for id in graph.ids().filter(|id| reached.get(id.index()) == Some(&true)) {
        for (target, _) in graph.node(id).edges() {
            if let Some(owner) = owners.get(&target)
                && owners.get(&id) != Some(owner)
            {
                entries.of.insert(target, owner.0);
            }
        }
    }
    entries
}

struct Build<'g> {
    old: &'g Graph,
    graph: Graph,
    values: &'g mut Values,
    /// For each old node the new one.
    new: Vec<Option<NodeId>>,
    /// Gifts with which nothing jumps: they stand right before what they lead to.
    settled: BTreeSet<NodeId>,
}

impl Build<'_> {
    fn of(&self, old: NodeId) -> NodeId {
        // Targets are made before what leads to them.
        self.new.get(old.index()).copied().flatten().unwrap_or(old)
    }

    /// A region, and the ways to it, by the nodes that they stand for.
    fn region(&mut self, region: &Region, entries: &Entries) -> BTreeMap<NodeId, NodeId> {
        let inside = self.nodes(region);
        // What is made first stands right before the region. That is best for a number, which is not put into X before it is
        // certain that it is needed; for headers are tested up to the last moment.
        let is_number = |member: &&Member| matches!(member.x, Some(Place::Number(1..)));
        let mut members: Vec<&Member> = region.members.iter().filter(is_number).collect();
        members.extend(region.members.iter().filter(|member| !is_number(member)));
        let mut ways = BTreeMap::new();
        for (place, member) in members.into_iter().enumerate() {
            for (own, model) in member.nodes.iter().zip(&region.nodes) {
                let Some(begin) = inside.get(model) else { continue };
                if entries.of.contains_key(own) && !ways.contains_key(own) {
                    let is_first = place == 0 && *own == member.entry;
                    let needs_a = region.in_a.contains(model);
                    ways.insert(*own, self.way(member, *own, *begin, needs_a, is_first));
                }
            }
        }
        ways
    }

    /// The nodes of a region, by those that they are made from.
    fn nodes(&mut self, region: &Region) -> BTreeMap<NodeId, NodeId> {
        let mut inside: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        for id in &region.nodes {
            let Node::Branch { test, yes, no } = self.old.node(*id) else { continue };
            let target = |id: NodeId| inside.get(&id).copied().unwrap_or_else(|| self.of(id));
            let (yes, no) = (target(yes), target(no));
            let left = self.left(region, *id, &test);
            inside.insert(*id, self.graph.add(Node::Branch { test: Test { left, ..test }, yes, no }));
        }
        inside
    }

    fn left(&mut self, region: &Region, id: NodeId, test: &Test) -> ValueId {
        if region.in_a.contains(&id) {
            return self.values.shared(Value::Given(Register::A), test.left);
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
        let loaded = Value::Load(load.size, at);
        match (load.mask, self.values.get(test.left)) {
            (Some(mask), Value::Alu(op, inner, _)) => {
                let loaded = self.values.shared(loaded, inner);
                self.values.shared(Value::Alu(op, loaded, mask), test.left)
            }
            _ => self.values.shared(loaded, test.left),
        }
    }

    /// The way of a member to a node of its region.
    fn way(&mut self, member: &Member, own: NodeId, begin: NodeId, needs_a: bool, is_first: bool) -> NodeId {
        let origin = match self.old.node(own) {
            Node::Branch { test, .. } => test.origin,
            _ => Span::default(),
        };
        let mut next = begin;
        if let Some(value) = member.a.filter(|_| needs_a) {
            let gift = Gift { register: Register::A, value, origin };
            next = self.graph.add(Node::Give { gift, next });
        }
        if let Some(place) = member.x {
            let value = match place {
                Place::Number(number) => self.values.constant(number),
                Place::Value(base) => base,
            };
            let gift = Gift { register: Register::X, value, origin };
            next = self.graph.add(Node::Give { gift, next });
            if is_first {
                self.settled.insert(next);
            }
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
