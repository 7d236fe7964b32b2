//! Passes over the predicate graph. Each leaves the verdict of every packet as it was, short packets included: a load that may
//! fail is only left out where the same bytes were loaded before on every way.
//!
//! ```text
//!   fold     arithmetic that can be done now is done
//!   merge    nodes that decide the same and lead to the same become one
//!   thread   an edge whose facts decide the next test goes on past it
//!   dispatch chains of tests become search trees
//! ```
//!
//! Merge and thread only point edges at nodes that are there already, further on: graphs never grow, and stay without cycles.

mod chain;
mod dispatch;
mod dominators;
mod facts;
mod fold;
mod fuse;
mod merge;
mod pieces;
pub(crate) mod share;
mod thread;
mod tree;

pub use thread::Contradiction;

use crate::graph::{Graph, Values};

/// What programs are made for, where one has its price in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Goal {
    /// Few instructions to run.
    #[default]
    Speed,
    /// Few instructions.
    Size,
}

/// More rounds change nothing that matters: each one opens a few more ways for the next.
const ROUNDS_MAX: usize = 12;

/// Makes a graph smaller. Answers clauses that exclude each other, if that is why no packet is accepted.
pub fn optimize(graph: &mut Graph, values: &mut Values, goal: Goal) -> Option<Contradiction> {
    fold::run(graph, values);
    let contradiction = until_nothing_changes(graph, values);
    *graph = dispatch::run(graph, values, goal);
    until_nothing_changes(graph, values);
    fuse::run(graph, values);
    merge::run(graph);
    contradiction
}

fn until_nothing_changes(graph: &mut Graph, values: &Values) -> Option<Contradiction> {
    let mut contradiction = None;
    for _ in 0..ROUNDS_MAX {
        merge::run(graph);
        let threaded = thread::run(graph, values);
        contradiction = contradiction.or(threaded.contradiction);
        if !threaded.changed {
            break;
        }
    }
    merge::run(graph);
    contradiction
}
