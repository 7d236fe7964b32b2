//! Of tests that must all hold, those that cost little and often fail are made first.
//!
//! ```text
//!   [12:2] == 0x800 ─yes─▶ [23] == 1 ─yes─▶ accept          [23] == 1 ─yes─▶ [12:2] == 0x800 ─yes─▶ accept
//!         │ no                │ no                   ──▶        │ no               │ no
//!         ▼                   ▼                                 ▼                  ▼
//!       reject              reject                            reject             reject
//! ```
//!
//! A packet for which such a test fails is rejected, and so is one that is too short for its load: which of them is found first
//! makes no difference to the verdict. That holds for whole parts of the graph too, if they only reject, or lead to the same node.
//!
//! | part | what it does |
//! | --- | --- |
//! | [`chains`] | tests one behind the other, anywhere |
//! | [`parts`] | parts that every accepted packet comes by, one behind the other |
//! | [`stores`] | stores, as far down as they can go |
//! | [`fragments`] | tests of the fragment offset, behind those of the protocol |
//! | [`price`] | what a part costs for each packet that it rejects |
//!
//! Invariants:
//! - Tests of one value that follow each other stay together: the others find it in the accumulator.
//! - No part is moved past a store.

mod chains;
mod fragments;
mod parts;
mod price;
mod stores;

use crate::graph::{Graph, Values};

use super::Goal;
use price::Prices;

/// Puts tests in order.
pub(super) fn run(graph: &mut Graph, values: &Values, goal: Goal) {
    stores::run(graph, values, goal);
    let prices = Prices::new(values);
    chains::run(graph, values, &prices);
    if let Some(ordered) = parts::run(graph, &prices) {
        *graph = ordered;
    }
    fragments::run(graph, values);
}
