//! How often a test holds, guessed from what it compares, as common traffic would answer. A wrong guess costs instructions,
//! never a verdict.

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::{AluOp, Cond, Graph, Node, Offset, Size, Test, Value, Values};

/// Shares of packets are counted in thousandths.
pub(super) const WHOLE: u64 = 1_000;
/// Packets that are counted.
pub(super) const ALL: u64 = 1_000_000;

/// How often a test holds, in thousandths.
pub(super) fn likely(values: &Values, test: &Test) -> u64 {
    let number = match values.get(test.right) {
        Value::Const(number) => Some(number),
        _ => None,
    };
    likely_of(test.cond, values.get(test.left), number)
}

/// How often a comparison of what is computed like this holds, in thousandths; with a number, or with something computed.
pub(super) fn likely_of(cond: Cond, left: Value, number: Option<u32>) -> u64 {
    match (cond, left, number) {
        // IPv4 and IPv6 behind Ethernet and what is like it.
        (Cond::Eq, Value::Load(Size::Half, _), Some(0x0800)) => 500,
        (Cond::Eq, Value::Load(Size::Half, _), Some(0x86dd)) => 350,
        // An IPv4 header without options.
        (Cond::Eq, Value::Load(Size::Byte, _), Some(0x45)) => 500,
        // What the host sends itself, on Linux's cooked captures.
        (Cond::Eq, Value::Load(Size::Half, Offset { base: None, constant: 0 }), Some(4)) => 500,
        (Cond::Eq, Value::Load(Size::Byte, Offset { base: None, constant: 10 }), Some(4)) => 500,
        // TCP and UDP.
        (Cond::Eq, Value::Load(Size::Byte, _), Some(6)) => 300,
        (Cond::Eq, Value::Load(Size::Byte, _), Some(17)) => 200,
        (Cond::Eq, Value::Load(Size::Byte, _), Some(0)) => 450,
        (Cond::Eq, Value::Alu(AluOp::And, ..), Some(0)) => 500,
        // With the fragment offset, or a version.
        (Cond::Eq, Value::Alu(AluOp::And, ..), Some(6)) => 300,
        (Cond::Eq, Value::Alu(AluOp::And, ..), Some(17)) => 200,
        (Cond::Eq, Value::Alu(AluOp::And, ..), Some(0x40)) => 600,
        (Cond::Eq, Value::Alu(AluOp::And, ..), Some(0x60)) => 350,
        (Cond::Eq, Value::Alu(AluOp::And, ..), _) => 150,
        // Types of ICMP: echo, unreachable; a common time to live.
        (Cond::Eq, Value::Load(Size::Byte, Offset { base: Some(_), .. }), Some(3 | 8)) => 250,
        (Cond::Eq, Value::Load(Size::Byte, _), Some(64)) => 250,
        (Cond::Eq, Value::Load(Size::Byte, _), _) => 60,
        (Cond::Eq, Value::Load(Size::Half, _), _) => 30,
        // Words of IPv6 addresses: zeros in the middle, small numbers at the end.
        (Cond::Eq, Value::Load(Size::Word, Offset { base: None, .. }), Some(0)) => 400,
        (Cond::Eq, Value::Load(Size::Word, Offset { base: None, .. }), Some(1..=0xff)) => 350,
        (Cond::Eq, ..) => 20,
        // Few packets are later fragments.
        (Cond::Set, _, Some(0x1fff)) => 30,
        // Types of Ethernet; below them are lengths of 802.3 frames.
        (Cond::Gt, Value::Load(Size::Half, _), Some(0x5dc)) => 950,
        (Cond::Ge, Value::Load(Size::Half, _), Some(0x5dd)) => 950,
        // Versions of IP; other bytes and words are taken to be spread evenly.
        (Cond::Ge, Value::Load(Size::Byte, _), Some(0x41..=0x60)) => 400,
        (Cond::Ge, Value::Load(Size::Byte, _), Some(number)) => upper_share(number, 0xff),
        (Cond::Ge, Value::Load(Size::Word, _), Some(number)) => upper_share(number, u32::MAX),
        (Cond::Set | Cond::Gt | Cond::Ge, ..) => 500,
    }
}

/// For each node how many of a million packets come to it.
pub(super) fn arrivals(graph: &Graph, values: &Values) -> Vec<u64> {
    let mut arrivals = vec![0_u64; graph.len()];
    if let Some(slot) = arrivals.get_mut(graph.entry().index()) {
        *slot = ALL;
    }
    // What leads comes before what it leads to.
    for id in graph.ids().rev() {
        let all = arrivals.get(id.index()).copied().unwrap_or_default();
        let node = graph.node(id);
        let holding = match node {
            Node::Branch { test, .. } => all.saturating_mul(likely(values, &test)) / WHOLE,
            _ => all,
        };
        for (target, holds) in node.edges() {
            if let Some(slot) = arrivals.get_mut(target.index()) {
                *slot = slot.saturating_add(if holds { holding } else { all.saturating_sub(holding) });
            }
        }
    }
    arrivals
}

/// How many of all numbers are at least this, in thousandths.
fn upper_share(number: u32, most: u32) -> u64 {
    u64::from(most.saturating_sub(number)).saturating_mul(WHOLE) / u64::from(most.max(1))
}
