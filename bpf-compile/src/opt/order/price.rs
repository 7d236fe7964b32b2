//! What a part of the graph costs for each packet that it rejects.
//!
//! Which of two tests should come first? With costs c and d, and shares p and q of the packets that they reject, the first order
//! costs c + (1 - p) d, the second d + (1 - q) c; the first is less if c / p < d / q.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::graph::{Graph, Node, NodeId, Test, Value, ValueId, Values};
use crate::opt::likely::{ALL, WHOLE, likely};

/// No value costs more: sums stay far from what 64 bits hold.
const COST_MAX: u64 = 10_000;

pub(super) struct Prices<'v> {
    values: &'v Values,
    /// Instructions that compute each value, as if nothing were in the registers.
    costs: Vec<u64>,
}

impl<'v> Prices<'v> {
    pub(super) fn new(values: &'v Values) -> Self {
        let mut costs: Vec<u64> = Vec::with_capacity(values.len());
        for (_, value) in values.iter() {
            let of = |id: ValueId| costs.get(id.index()).copied().unwrap_or_default();
            let operands = match value {
                Value::Const(_)
                | Value::WireLen
                | Value::Ancillary(_)
                | Value::IpHeaderLen(_)
                | Value::Variable(_)
                | Value::Given(_) => 0,
                Value::Load(_, offset) => offset.base.map_or(0, of),
                Value::Neg(operand) => of(operand),
                Value::Alu(_, left, right) if is_constant(values, right) => of(left),
                Value::Alu(_, left, right) => of(left).saturating_add(of(right)).saturating_add(1),
            };
            costs.push(operands.saturating_add(1).min(COST_MAX));
        }
        Self { values, costs }
    }

    /// Thousandths of an instruction for each packet that these nodes reject, of all that come to the first. `held` is in the
    /// accumulator there. Targets come behind what leads to them. What leads to `fail` counts as rejected, too.
    pub(super) fn of(
        &self,
        graph: &Graph,
        part: &[NodeId],
        held: Option<ValueId>,
        fail: Option<NodeId>,
    ) -> u64 {
        let mut coming: BTreeMap<NodeId, (u64, Option<ValueId>)> = BTreeMap::new();
        coming.extend(part.first().map(|first| (*first, (ALL, held))));
        let mut cost = 0_u64;
        let mut rejected = 0_u64;
        for id in part {
            let (Some((share, held)), Node::Branch { test, yes, no }) = (coming.remove(id), graph.node(*id))
            else {
                continue;
            };
            let each = self.cost_of(&test, held);
            cost = cost.saturating_add(share.saturating_mul(each));
            let holding = share.saturating_mul(likely(self.values, &test)) / WHOLE;
            for (target, share) in [(yes, holding), (no, share.saturating_sub(holding))] {
                if graph.node(target) == Node::Verdict(0) || fail == Some(target) {
                    rejected = rejected.saturating_add(share);
                    continue;
                }
                let before = coming.get(&target);
                let (others, same) =
                    before.map_or((0, true), |(share, held)| (*share, *held == Some(test.left)));
                coming.insert(target, (others.saturating_add(share), same.then_some(test.left)));
            }
        }
        cost.saturating_mul(WHOLE) / rejected.max(1)
    }

    /// Instructions of a test.
    fn cost_of(&self, test: &Test, held: Option<ValueId>) -> u64 {
        let of = |id: ValueId| self.costs.get(id.index()).copied().unwrap_or_default();
        let left = if held == Some(test.left) { 0 } else { of(test.left) };
        let right = if is_constant(self.values, test.right) { 0 } else { of(test.right) };
        left.saturating_add(right).saturating_add(1)
    }
}

fn is_constant(values: &Values, value: ValueId) -> bool {
    matches!(values.get(value), Value::Const(_))
}
