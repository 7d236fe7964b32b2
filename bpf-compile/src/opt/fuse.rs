//! The fragment offset and the protocol of IPv4 lie in one word: both are tested at once.
//!
//! ```text
//!   [23] == 6 ─yes─▶ [20:2] & 0x1fff ─no─▶ ports          [20:4] & 0x1fff00ff == 6 ─yes─▶ ports
//!      │ no              │ yes                               │ no
//!      ▼                 ▼                                   ▼
//!    other             other                               other
//! ```
//!
//! Invariant: the word ends where the byte does, so the packet that has the one has the other.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{AluOp, Cond, Graph, Node, NodeId, Offset, Size, Test, Value, ValueId, Values};

use super::Goal;
use super::chain::incoming;
use super::likely::{WHOLE, arrivals, likely};

/// The mask is one instruction more for packets of other protocols, and one less for those of these, in a program that is one
/// shorter: so many more of a million packets may take more.
const COST_MAX: u64 = 450_000;

/// Makes one test of two, for whole chains of them.
pub(super) fn run(graph: &mut Graph, values: &mut Values, goal: Goal) {
    let incoming = incoming(graph);
    let arrivals = arrivals(graph, values);
    let leads_to = |id: NodeId| incoming.get(id.index()).copied().unwrap_or_default();
    let mut done = vec![false; graph.len()];
    // A chain is found from its first test, which has the largest id.
    for id in graph.ids().rev() {
        if done.get(id.index()) != Some(&false) || (leads_to(id) == 0 && id != graph.entry()) {
            continue;
        }
        let Some(chain) = Chain::at(graph, values, id, &leads_to) else { continue };
        if goal == Goal::Speed && chain.costs(graph, values, &arrivals) > COST_MAX {
            continue;
        }
        for (link, inside) in &chain.links {
            if let Some(slot) = done.get_mut(link.index()) {
                *slot = true;
            }
            let Node::Branch { test, no, .. } = graph.node(*link) else { continue };
            let left = chain.both(values);
            graph.set(*link, Node::Branch { test: Test { left, ..test }, yes: *inside, no });
        }
    }
}

/// Tests of one byte that each lead to the same test of the two bytes before the last but one.
struct Chain {
    /// The tests, and where both lead if they hold.
    links: Vec<(NodeId, NodeId)>,
    word: Offset,
    mask: u32,
}

impl Chain {
    fn at(graph: &Graph, values: &Values, first: NodeId, leads_to: &impl Fn(NodeId) -> u32) -> Option<Self> {
        let (byte, at) = byte_test(graph, values, first)?;
        let mut links = Vec::new();
        let mut bits: Option<(ValueId, ValueId)> = None;
        let mut seconds: Vec<(NodeId, NodeId)> = Vec::new();
        let mut next = first;
        // To the end of the tests of this byte.
        while let Some((same, _)) = byte_test(graph, values, next)
            && same == byte
            && (next == first || leads_to(next) == 1)
        {
            let Node::Branch { yes, no, .. } = graph.node(next) else { return None };
            let Node::Branch { test, yes: rest, no: inside } = graph.node(yes) else { return None };
            if test.cond != Cond::Set
                || *bits.get_or_insert((test.left, test.right)) != (test.left, test.right)
            {
                return None;
            }
            seconds.push((yes, rest));
            links.push((next, inside));
            next = no;
        }
        // Where the first test fails, the packet goes where none of the bytes would have led it.
        if seconds.iter().any(|(_, rest)| *rest != next) {
            return None;
        }
        let (left, right) = bits?;
        let (Value::Load(Size::Half, half), Value::Const(mask)) = (values.get(left), values.get(right))
        else {
            return None;
        };
        let is_before = half.base == at.base && half.constant.checked_add(3) == Some(at.constant);
        // Nothing is saved if the second test stays for others.
        let is_only_here = seconds.iter().all(|(second, _)| {
            let here = seconds.iter().filter(|(other, _)| other == second).count();
            usize::try_from(leads_to(*second)) == Ok(here)
        });
        let mask = (mask & 0xffff).wrapping_shl(16) | 0xff;
        (is_before && is_only_here).then_some(Self { links, word: half, mask })
    }

    /// How many more of a million packets take an instruction more than there are that take one less.
    fn costs(&self, graph: &Graph, values: &Values, arrivals: &[u64]) -> u64 {
        let tests = self.links.iter().filter_map(|(link, _)| match graph.node(*link) {
            Node::Branch { test, .. } => Some(likely(values, &test)),
            _ => None,
        });
        let holding: u64 = tests.sum();
        let first = self.links.first().and_then(|(link, _)| arrivals.get(link.index()));
        let coming = first.copied().unwrap_or_default();
        coming.saturating_mul(WHOLE.saturating_sub(holding.saturating_mul(2))) / WHOLE
    }

    /// The bits of both.
    fn both(&self, values: &mut Values) -> ValueId {
        let word = values.load(Size::Word, self.word);
        let mask = values.constant(self.mask);
        values.intern(Value::Alu(AluOp::And, word, mask))
    }
}

/// Whether a test looks at the fragment offset that belongs to the protocol that another looks at.
pub(super) fn is_fragment_behind(values: &Values, protocol: &Test, fragment: &Test) -> bool {
    match (protocol.cond, values.get(protocol.left), fragment.cond, values.get(fragment.left)) {
        (Cond::Eq, Value::Load(Size::Byte, at), Cond::Set, Value::Load(Size::Half, half)) => {
            half.base == at.base && half.constant.checked_add(3) == Some(at.constant)
        }
        _ => false,
    }
}

/// A comparison of one byte with a number that it can be.
fn byte_test(graph: &Graph, values: &Values, id: NodeId) -> Option<(ValueId, Offset)> {
    let Node::Branch { test, yes, no } = graph.node(id) else { return None };
    match (test.cond, values.get(test.left), values.get(test.right)) {
        (Cond::Eq, Value::Load(Size::Byte, at), Value::Const(..=0xff)) if yes != no => Some((test.left, at)),
        _ => None,
    }
}
