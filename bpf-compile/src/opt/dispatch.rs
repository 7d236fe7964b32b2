//! Lists become search trees: chains of tests of the same values are sorted by value and number.
//!
//! ```text
//!   src == a, dst == a, src == b, dst == b, ...        src == a,  tree of dst,  tree of src
//! ```
//!
//! A test may change places with another only where both values were computed before: then neither can reject the packet any
//! more. So the first test of each value keeps its place, and begins a part of the chain that is sorted; of a part the value of
//! its first test is asked for first. Tests of one value change places freely if what they lead to is kept apart by the numbers.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{Cond, Graph, Node, NodeId, Offset, Test, Value, ValueId, Values};
use crate::span::Span;

use super::Goal;
use super::chain::{self, Chain, Exit, Found, Link};
use super::pieces::Pieces;
use super::tree::{self, Search, Stretch};

/// Numbers that are asked for one after the other at the end of a search.
const LEAF_MAX: usize = 4;
/// Below this a list in order is as fast as a search, and shorter.
const SEARCH_MIN: usize = 8;

/// The graph made anew.
pub(super) struct Dispatched {
    pub(super) graph: Graph,
    /// Whether it is another one.
    pub(super) changed: bool,
}

/// Makes a graph anew, with its chains sorted.
pub(super) fn run(graph: &Graph, values: &mut Values, goal: Goal) -> Dispatched {
    let found = chain::find(graph, values);
    let mut dispatch =
        Dispatch { graph: Graph::empty(), values, goal, new: vec![None; graph.len()], changed: false };
    for id in graph.ids() {
        let made = match found.get(id.index()) {
            Some(Found::NotAlone) => continue,
            Some(Found::Chain(chain)) => dispatch.chain(chain),
            _ => dispatch.copy(graph.node(id)),
        };
        if let Some(slot) = dispatch.new.get_mut(id.index()) {
            *slot = Some(made);
        }
    }
    let entry = dispatch.of(graph.entry());
    dispatch.graph.set_entry(entry);
    Dispatched { graph: dispatch.graph, changed: dispatch.changed }
}

struct Dispatch<'v> {
    graph: Graph,
    values: &'v mut Values,
    goal: Goal,
    /// For each old node the new one.
    new: Vec<Option<NodeId>>,
    changed: bool,
}

/// Links of one value, in the order of the chain.
struct Group {
    value: ValueId,
    links: Vec<Link>,
}

impl Dispatch<'_> {
    fn of(&self, old: NodeId) -> NodeId {
        // Targets are made before what leads to them.
        self.new.get(old.index()).copied().flatten().unwrap_or(old)
    }

    fn copy(&mut self, node: Node) -> NodeId {
        let node = node.map_targets(|target| self.of(target));
        self.graph.add(node)
    }

    fn chain(&mut self, chain: &Chain) -> NodeId {
        let mut parts: Vec<Vec<Link>> =
            parts(self.values, &chain.links).into_iter().map(<[Link]>::to_vec).collect();
        if self.goal == Goal::Speed {
            self.ask_at_once(&mut parts);
        }
        let mut next = self.of(chain.otherwise);
        for part in parts.iter().rev() {
            if let [link] = part.as_slice()
                && let Some(single) = self.single(link, next)
            {
                next = single;
                continue;
            }
            let groups = grouped(self.values, part);
            // Links of one value that others stood between, or a part that is only a part.
            self.changed |= groups.len() > 1;
            for group in groups.iter().rev() {
                next = self.group(group, next);
            }
        }
        next
    }

    /// Numbers that a value is asked for again, behind the first test of another, are asked for at once; those that it is then look
    /// at the other value before they leave, for that may reject the packet.
    fn ask_at_once(&mut self, parts: &mut [Vec<Link>]) {
        for at in 1..parts.len() {
            let Some((before, behind)) = parts.split_at_mut_checked(at) else { return };
            let (Some(part), Some(next)) = (before.last_mut(), behind.first_mut()) else { return };
            let (Some(first), Some(other)) = (part.first().copied(), next.first().copied()) else { continue };
            let is_asked = |link: &Link| link.value == first.value;
            if !part.iter().all(is_asked) || is_asked(&other) || !next.iter().any(is_asked) {
                continue;
            }
            let zero = self.values.constant(0);
            let test = Test { cond: Cond::Eq, left: other.value, right: zero, origin: other.origin };
            let exit = self.exit(&other);
            // What rejects need not look.
            let check = match self.graph.node(exit) {
                Node::Verdict(0) => exit,
                _ => self.graph.add(Node::Branch { test, yes: exit, no: exit }),
            };
            self.changed = true;
            let (again, rest): (Vec<Link>, Vec<Link>) = next.iter().partition(|link| is_asked(link));
            *next = rest;
            part.extend(again.into_iter().map(|link| Link { exit: Exit::Made(check), ..link }));
        }
    }

    /// Where a link leads, in the new graph.
    fn exit(&self, link: &Link) -> NodeId {
        match link.exit {
            Exit::Found(old) => self.of(old),
            Exit::Made(new) => new,
        }
    }

    /// A link that stands alone and asks for one number, as it was.
    fn single(&mut self, link: &Link, otherwise: NodeId) -> Option<NodeId> {
        let number = link.numbers.single()?;
        let exit = self.exit(link);
        // The largest number is asked for with "at least"; and a number that a mask leaves nothing of never occurs.
        let is_plain = link.tests == 1
            && number < chain::most(self.values, link.value).most()
            && chain::unmasked(self.values, link.value).1 == 0
            && exit != otherwise;
        is_plain.then(|| {
            let right = self.values.constant(number);
            let test = Test { cond: Cond::Eq, left: link.value, right, origin: link.origin };
            self.graph.add(Node::Branch { test, yes: exit, no: otherwise })
        })
    }

    /// Links of one value, and where to go if none holds.
    fn group(&mut self, group: &Group, otherwise: NodeId) -> NodeId {
        if let [link] = group.links.as_slice()
            && let Some(single) = self.single(link, otherwise)
        {
            return single;
        }
        let tests: usize = group.links.iter().map(|link| link.tests).sum();
        let as_written = group.links.first().map(|link| link.value);
        let is_alike = group.links.iter().all(|link| Some(link.value) == as_written);
        let plain = is_alike.then(|| self.stretches(group, otherwise, false)).zip(as_written);
        // Without masks both are the same.
        let unmasked = (!is_alike || as_written != Some(group.value))
            .then(|| (self.stretches(group, otherwise, true), group.value));
        let leaf = match self.goal {
            Goal::Speed => LEAF_MAX,
            Goal::Size => usize::MAX >> 2,
        };
        // The mask is an instruction, too, and of two tests of a range the second is often not made.
        let best = unmasked
            .into_iter()
            .chain(plain)
            .map(|(stretches, value)| {
                let mask = usize::from(self.is_masked(value));
                (size(self.search(value, leaf), &stretches).saturating_add(mask), stretches, value)
            })
            .min_by_key(|(size, ..)| *size);
        let Some((size, stretches, value)) = best else { return otherwise };
        let as_it_is = tests.saturating_add(self.masks(group));
        let is_worth_it = size < as_it_is
            || (size == as_it_is && (tests > 2 || as_it_is > tests))
            || (self.goal == Goal::Speed && group.links.len() >= SEARCH_MIN);
        // A range may be asked for in one test where there were two.
        self.changed |= is_worth_it || tests > group.links.len();
        if !is_worth_it {
            let links = group.links.iter().rev();
            return links.fold(otherwise, |next, link| {
                self.single(link, next).unwrap_or_else(|| self.link(link, next))
            });
        }
        self.grow(value, &stretches, leaf, otherwise)
    }

    fn search(&self, value: ValueId, leaf: usize) -> Search {
        Search { value: self.values.get(value), most: chain::most(self.values, value).most(), leaf }
    }

    /// Instructions that mask the value of a group, and load it again for another mask.
    fn masks(&self, group: &Group) -> usize {
        let mut before = None;
        let mut count: usize = 0;
        for link in &group.links {
            if before != Some(link.value) {
                let again = usize::from(before.is_some_and(|before| self.is_masked(before)));
                count = count.saturating_add(again).saturating_add(usize::from(self.is_masked(link.value)));
            }
            before = Some(link.value);
        }
        count
    }

    fn is_masked(&self, value: ValueId) -> bool {
        chain::unmasked(self.values, value).1 != 0
    }

    /// The tree that leads from a value to its places.
    fn grow(&mut self, value: ValueId, stretches: &[Stretch], leaf: usize, otherwise: NodeId) -> NodeId {
        let search = self.search(value, leaf);
        let Self { graph, values, .. } = self;
        let mut node = |cond, number, origin, yes, no| {
            let right = values.constant(number);
            graph.add(Node::Branch { test: Test { cond, left: value, right, origin }, yes, no })
        };
        // Where all numbers lead to one place, the test stays for its loads: they may reject the packet.
        if let [only] = stretches {
            return node(Cond::Eq, 0, only.origin, only.target, only.target);
        }
        tree::grow(search, stretches, &mut node).unwrap_or(otherwise)
    }

    /// One link as it was.
    fn link(&mut self, link: &Link, next: NodeId) -> NodeId {
        let exit = self.exit(link);
        let claims = link.numbers.iter().map(|(low, high)| (low, high, exit, link.origin));
        let stretches = tree::stretches(claims, (next, link.origin));
        let stretches = within(self.values, link.value, stretches);
        self.grow(link.value, &stretches, LEAF_MAX, next)
    }

    fn stretches(&self, group: &Group, otherwise: NodeId, unmasked: bool) -> Vec<Stretch> {
        let claims = group.links.iter().flat_map(|link| {
            let exit = self.exit(link);
            let numbers = if unmasked { without_mask(self.values, link) } else { link.numbers };
            numbers.into_ranges().map(move |(low, high)| (low, high, exit, link.origin))
        });
        let origin = group.links.first().map_or(Span::default(), |link| link.origin);
        let value =
            if unmasked { group.value } else { group.links.first().map_or(group.value, |link| link.value) };
        within(self.values, value, tree::stretches(claims, (otherwise, origin)))
    }
}

/// Without what is larger than the value can be.
fn within(values: &Values, value: ValueId, mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    let most = chain::most(values, value).most();
    stretches.retain(|stretch| stretch.low <= most);
    stretches
}

/// The numbers of the value below the mask.
fn without_mask(values: &Values, link: &Link) -> Pieces {
    let (inner, low_bits) = chain::unmasked(values, link.value);
    if low_bits == 0 {
        return link.numbers;
    }
    let most = chain::most(values, inner).most();
    let ranges = link.numbers.iter().filter_map(|(low, high)| {
        // Of masked numbers only those occur that have no such bits.
        let from = low.checked_add(low_bits)? & !low_bits;
        let to = high & !low_bits;
        (from <= to && from <= most).then(|| (from, (to | low_bits).min(most)))
    });
    ranges.fold(Pieces::NONE, |all, (low, high)| all.union(&Pieces::range(low, high)))
}

fn size(search: Search, stretches: &[Stretch]) -> usize {
    let mut count: usize = 0;
    let mut node = |_, _, _, _, no| {
        count = count.saturating_add(1);
        no
    };
    tree::grow(search, stretches, &mut node);
    count
}

/// Cuts a chain into parts whose links may change places.
fn parts<'c>(values: &Values, links: &'c [Link]) -> Vec<&'c [Link]> {
    let mut parts = Vec::new();
    let mut rest = links;
    let mut computed = Computed::default();
    while let Some(first) = rest.first() {
        let base = chain::unmasked(values, first.value).0;
        computed.add(values, first.value);
        // Links of one value, wherever they lead; or of many values that lead to one place.
        let of_value = rest.iter().take_while(|link| chain::unmasked(values, link.value).0 == base).count();
        let mut to_exit = 0;
        for (at, link) in rest.iter().enumerate() {
            if link.exit != first.exit || (at > 0 && !computed.has(values, link.value)) {
                break;
            }
            to_exit = at.saturating_add(1);
        }
        let (part, behind) = rest.split_at(of_value.max(to_exit).max(1));
        parts.push(part);
        rest = behind;
    }
    parts
}

/// The links of a part by value: that of the first one first.
fn grouped(values: &Values, part: &[Link]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<ValueId, usize> = BTreeMap::new();
    for link in part {
        let value = chain::unmasked(values, link.value).0;
        let at = *known.entry(value).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.links.push(*link),
            None => groups.push(Group { value, links: vec![*link] }),
        }
    }
    groups
}

/// Values that were computed: they cannot reject the packet any more.
#[derive(Default)]
struct Computed {
    values: BTreeMap<ValueId, ()>,
    /// By the computed part of an offset, up to where bytes are there.
    ends: BTreeMap<Option<ValueId>, u32>,
}

impl Computed {
    fn add(&mut self, values: &Values, value: ValueId) {
        let value = chain::unmasked(values, value).0;
        self.values.insert(value, ());
        if let Value::Load(size, Offset { base, constant }) = values.get(value) {
            let end = constant.saturating_add(size.bytes());
            let known = self.ends.entry(base).or_insert(end);
            *known = end.max(*known);
        }
    }

    fn has(&self, values: &Values, value: ValueId) -> bool {
        let value = chain::unmasked(values, value).0;
        let is_inside = match values.get(value) {
            Value::Load(size, Offset { base, constant }) => {
                let end = constant.saturating_add(size.bytes());
                self.ends.get(&base).is_some_and(|known| end <= *known)
            }
            _ => false,
        };
        is_inside || self.values.contains_key(&value)
    }
}
