//! Search trees: which of many places one value leads to, by as few tests as can be.
//!
//! ```text
//!   0 ────── 22 ─ 23 ──── 80 ─ 81 ──── 443 ─ 444 ──── 65535        value > = 80?
//!     other    A     other   A     other    A     other             no: == 22?     yes: == 80? == 443?
//! ```
//!
//! Invariants: stretches cover all numbers, in order, and neighbours lead to different places. The depth of the tree, and of
//! the recursion that makes it, is that of a balanced one.

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::graph::{Cond, NodeId, Value};
use crate::span::Span;

use super::likely::likely_of;

/// Numbers from `low` up to the next stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) low: u32,
    pub(super) target: NodeId,
    pub(super) origin: Span,
}

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// How the value is computed.
    pub(super) value: Value,
    /// The largest number that it can be.
    pub(super) most: u32,
    /// Single numbers that are asked for one after the other at a leaf, at most.
    pub(super) leaf: usize,
}

/// All numbers, from what some of them lead to; the first that claims a number has it.
pub(super) fn stretches(
    claims: impl Iterator<Item = (u32, u32, NodeId, Span)>,
    otherwise: (NodeId, Span),
) -> Vec<Stretch> {
    let mut claims: Vec<(u32, u32, usize, NodeId, Span)> = claims
        .enumerate()
        .map(|(order, (low, high, target, origin))| (low, high, order, target, origin))
        .collect();
    claims.sort_unstable_by_key(|&(low, _, order, ..)| (low, order));
    let mut all: Vec<Stretch> = Vec::new();
    let mut add = |low: u32, target: NodeId, origin: Span| {
        if let Some(last) = all.last_mut()
            && last.low == low
        {
            (last.target, last.origin) = (target, origin);
        } else if all.last().is_none_or(|last| last.target != target) {
            all.push(Stretch { low, target, origin });
        }
        // A stretch that was replaced may be like the one before it.
        if let [.., before, last] = all.as_slice()
            && before.target == last.target
        {
            all.pop();
        }
    };
    add(0, otherwise.0, otherwise.1);
    // The open claims: the earliest of them has the numbers. Nearly always there is one at most.
    let mut open: Vec<(usize, u32, NodeId, Span)> = Vec::new();
    let mut next = claims.iter().peekable();
    let mut at: u32 = 0;
    loop {
        while let Some(&&(low, high, order, target, origin)) = next.peek() {
            if low > at {
                break;
            }
            open.push((order, high, target, origin));
            next.next();
        }
        open.retain(|&(_, high, ..)| high >= at);
        let owner = open.iter().min_by_key(|&&(order, ..)| order);
        match owner {
            Some(&(_, _, target, origin)) => add(at, target, origin),
            None => add(at, otherwise.0, otherwise.1),
        }
        // The next number at which something changes.
        let begins = next.peek().map(|&&(low, ..)| low);
        let ends = open.iter().filter_map(|&(_, high, ..)| high.checked_add(1)).min();
        at = match (begins, ends) {
            (Some(one), Some(other)) => one.min(other),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return all,
        };
    }
}

/// Makes a tree; `node` makes a test of the value with a number. Answers where it begins.
pub(super) fn grow(
    search: Search,
    stretches: &[Stretch],
    node: &mut impl FnMut(Cond, u32, Span, NodeId, NodeId) -> NodeId,
) -> Option<NodeId> {
    let [first, rest @ ..] = stretches else { return None };
    if rest.is_empty() {
        return Some(first.target);
    }
    if let Some(points) = points(search, stretches) {
        let mut next = points.otherwise;
        for &(number, target, origin) in points.numbers.iter().rev() {
            next = node(Cond::Eq, number, origin, target, next);
        }
        return Some(next);
    }
    if let [one, other] = stretches {
        return Some(node(Cond::Ge, other.low, other.origin, other.target, one.target));
    }
    // Where a stretch begins that is no gap, so that neither half has to tell the gap beside it.
    let middle = stretches.len() / 2;
    let widest = stretches.first().zip(stretches.get(2)).map(|(one, other)| (one.target, other.target));
    let is_gap = |at: usize| {
        widest.is_some_and(|(one, other)| one == other && stretches.get(at).is_some_and(|s| s.target == one))
    };
    let cut = match stretches {
        // A range: what is on its wider side is told first.
        [_, range, above] if search.most.saturating_sub(above.low) > range.low => 2,
        _ if is_gap(middle) && middle.saturating_add(1) < stretches.len() => middle.saturating_add(1),
        _ => middle,
    };
    let (low, high) = stretches.split_at_checked(cut)?;
    let begin = high.first()?;
    let no = grow(search, low, node)?;
    let yes = grow(search, high, node)?;
    Some(node(Cond::Ge, begin.low, begin.origin, yes, no))
}

/// A few single numbers among others that all lead to one place.
struct Points {
    numbers: Vec<(u32, NodeId, Span)>,
    otherwise: NodeId,
}

fn points(search: Search, stretches: &[Stretch]) -> Option<Points> {
    // At most one more gap than numbers.
    if stretches.len() > search.leaf.saturating_mul(2).saturating_add(1) {
        return None;
    }
    for gap_first in [0, 1] {
        let otherwise = stretches.get(gap_first)?.target;
        let mut numbers = Vec::new();
        let fits = stretches.iter().enumerate().all(|(at, stretch)| {
            if stretch.target == otherwise {
                return true;
            }
            let ends = stretches.get(at.saturating_add(1)).map_or(u32::MAX, |next| next.low.wrapping_sub(1));
            // The first stretch of a part begins where the test before has led here.
            numbers.push((stretch.low, stretch.target, stretch.origin));
            ends == stretch.low
        });
        if fits && numbers.len() <= search.leaf {
            // Those that packets often have come first.
            let likely = |number: u32| likely_of(Cond::Eq, search.value, Some(number));
            numbers.sort_by_key(|&(number, ..)| Reverse(likely(number)));
            return Some(Points { numbers, otherwise });
        }
    }
    None
}
