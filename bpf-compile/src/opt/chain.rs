//! Chains of tests: each leads to an exit where it holds, and to the next one where it does not.
//!
//! ```text
//!   src == 10.0.0.1 ─no─▶ dst == 10.0.0.1 ─no─▶ src == 10.0.0.2 ─no─▶ ... ─▶ otherwise
//!        │ yes                 │ yes                 │ yes
//!        ▼ exit                ▼ exit                ▼ exit
//! ```
//!
//! Invariant: nothing but its neighbour leads to a link that is not the first, so the chain may be made anew as a whole.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{AluOp, Cond, Graph, Node, NodeId, Size, Value, ValueId, Values};
use crate::span::Span;

use super::pieces::Pieces;

/// A test of a chain, or two that ask for a range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// What is tested, as it is written.
    pub(super) value: ValueId,
    /// The numbers for which it goes to the exit.
    pub(super) numbers: Pieces,
    pub(super) exit: Exit,
    pub(super) origin: Span,
    /// How many tests it is made of.
    pub(super) tests: usize,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// A node of the graph that the chain was found in.
    Found(NodeId),
    /// One of the graph that is made from it.
    Made(NodeId),
}

/// A chain, and where it leads if no link does.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) links: Vec<Link>,
    pub(super) otherwise: NodeId,
}

/// A test before it is known which leg goes on.
struct Unit {
    value: ValueId,
    numbers: Pieces,
    inside: NodeId,
    outside: NodeId,
    /// How many edges lead outside.
    edges: u32,
    /// The second test, if there are two.
    second: Option<NodeId>,
    origin: Span,
}

/// For each node the chain that begins there.
pub(super) fn find(graph: &Graph, values: &Values) -> Vec<Found> {
    let mut found = vec![Found::Alone; graph.len()];
    let incoming = incoming(graph);
    // Most tests stand alone: what is collected is kept only for chains.
    let mut links: Vec<Link> = Vec::new();
    for id in graph.ids().rev() {
        let is_reached = incoming.get(id.index()).is_some_and(|edges| *edges > 0) || id == graph.entry();
        if !is_reached {
            set(&mut found, id, Found::NotAlone);
        }
        if !matches!(found.get(id.index()), Some(Found::Alone)) {
            continue;
        }
        links.clear();
        let mut at = id;
        while let Some(unit) = unit(graph, values, &incoming, at) {
            let is_next = |target: NodeId, edges: u32| {
                incoming.get(target.index()) == Some(&edges)
                    && matches!(graph.node(target), Node::Branch { yes, no, .. } if yes != no)
                    && test_numbers(graph, values, target).is_some()
            };
            // The last link leads outside where it does not hold, too.
            let on_outside = is_next(unit.outside, unit.edges) || !is_next(unit.inside, 1);
            let (numbers, exit, next) = if on_outside {
                (unit.numbers, unit.inside, unit.outside)
            } else {
                (most(values, unit.value).without(&unit.numbers), unit.outside, unit.inside)
            };
            let tests = if unit.second.is_some() { 2 } else { 1 };
            links.push(Link {
                value: unit.value,
                numbers,
                exit: Exit::Found(exit),
                origin: unit.origin,
                tests,
            });
            for absorbed in unit.second.into_iter().chain((at != id).then_some(at)) {
                set(&mut found, absorbed, Found::NotAlone);
            }
            let goes_on = if on_outside { is_next(next, unit.edges) } else { true };
            at = next;
            if !goes_on {
                break;
            }
        }
        let is_more_than_a_test = |link: &Link| link.tests > 1 || unmasked(values, link.value).1 != 0;
        if links.len() > 1 || links.first().is_some_and(is_more_than_a_test) {
            set(&mut found, id, Found::Chain(Chain { links: links.clone(), otherwise: at }));
        }
    }
    found
}

/// What a node is in chains.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// It is copied.
    Alone,
    /// It is made with the chain around it, or no packet comes there.
    NotAlone,
    /// One begins here.
    Chain(Chain),
}

fn set(found: &mut [Found], id: NodeId, what: Found) {
    if let Some(slot) = found.get_mut(id.index()) {
        *slot = what;
    }
}

/// How many edges lead to each node from nodes that packets come to.
pub(super) fn incoming(graph: &Graph) -> Vec<u32> {
    let mut incoming = vec![0_u32; graph.len()];
    for id in graph.ids().rev() {
        if id != graph.entry() && incoming.get(id.index()) == Some(&0) {
            continue;
        }
        for (target, _) in graph.node(id).edges() {
            if let Some(slot) = incoming.get_mut(target.index()) {
                *slot = slot.saturating_add(1);
            }
        }
    }
    incoming
}

fn test_numbers(graph: &Graph, values: &Values, id: NodeId) -> Option<(ValueId, Pieces)> {
    let Node::Branch { test, .. } = graph.node(id) else { return None };
    let Value::Const(number) = values.get(test.right) else { return None };
    let all = most(values, test.left);
    let some = all.only(test.cond, number, true);
    // Some sets are no ranges.
    let exact = match test.cond {
        Cond::Set => some.intersection(&all.only(test.cond, number, false)).is_empty(),
        _ => true,
    };
    exact.then_some((test.left, some))
}

fn unit(graph: &Graph, values: &Values, incoming: &[u32], id: NodeId) -> Option<Unit> {
    let Node::Branch { test, yes, no } = graph.node(id) else { return None };
    if yes == no {
        return None;
    }
    let (value, numbers) = test_numbers(graph, values, id)?;
    let origin = test.origin;
    // A range: at least the one number, and not more than the other.
    if matches!(test.cond, Cond::Ge | Cond::Gt)
        && incoming.get(yes.index()) == Some(&1)
        && let Node::Branch { test: second, yes: beyond, no: inside } = graph.node(yes)
        && matches!(second.cond, Cond::Ge | Cond::Gt)
        && second.left == value
        && beyond == no
        && inside != no
        && let Some((_, above)) = test_numbers(graph, values, yes)
    {
        let numbers = numbers.without(&above);
        return Some(Unit { value, numbers, inside, outside: no, edges: 2, second: Some(yes), origin });
    }
    Some(Unit { value, numbers, inside: yes, outside: no, edges: 1, second: None, origin })
}

/// All numbers that a value can be.
pub(super) fn most(values: &Values, value: ValueId) -> Pieces {
    let high = match values.get(value) {
        Value::Load(Size::Byte, _) => 0xff,
        Value::Load(Size::Half, _) => 0xffff,
        _ => u32::MAX,
    };
    Pieces::range(0, high)
}

/// The value below a mask that leaves its upper bits, and the bits that are masked out.
pub(super) fn unmasked(values: &Values, value: ValueId) -> (ValueId, u32) {
    if let Value::Alu(AluOp::And, inner, mask) = values.get(value)
        && let Value::Const(mask) = values.get(mask)
    {
        let low = !mask & most(values, inner).most();
        if low.wrapping_add(1) & low == 0 {
            return (inner, low);
        }
    }
    (value, 0)
}
