//! Passes over the predicate graph. Each leaves the verdict of every packet as it was, short packets included: a load that may
//! fail is only left out where the same bytes were loaded before on every way.
//!
//! ```text
//!   fold       arithmetic that can be done now is done
//!   merge ┐    nodes that decide the same and lead to the same become one
//!   thread┘*   an edge whose facts decide the next test goes on past it
//!   group      lists of addresses of several words are sorted by place
//!   merge ┐
//!   thread┘*
//!   dispatch   chains of tests become search trees
//!   merge ┐
//!   thread┘*
//!   order      tests that must all hold: first those that cost little and often fail
//!   fuse       fragment offset and protocol of IPv4 are tested at once
//!   share      parts that differ only in where they read become one, if that makes the program shorter
//! ```
//!
//! Merge and thread only point edges at nodes that are there already, further on; they are repeated until nothing changes. Graphs
//! stay without cycles. Each pass can run alone ([`Passes`]), and be watched ([`Watch`]).

mod bits;
mod chain;
mod dispatch;
mod dominators;
mod facts;
mod fold;
mod fuse;
mod group;
mod joined;
mod layers;
mod likely;
mod merge;
mod named;
mod needs;
mod order;
mod pass;
mod pieces;
mod share;
mod thread;
mod tree;

pub use pass::{Pass, Passes};

use crate::graph::{Graph, Values};

use facts::Facts;

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

/// Told of each pass that has run, and what the graph is then.
pub type Watch<'w> = dyn FnMut(Pass, &Graph, &Values) + 'w;

/// Makes a graph smaller.
///
/// A graph with walks is left as it is: what is known of a place is known for the first round only.
pub fn optimize(graph: &mut Graph, values: &mut Values, goal: Goal, passes: Passes, watch: &mut Watch<'_>) {
    if graph.walks() > 0 {
        return;
    }
    if passes.has(Pass::Fold) {
        fold::run(graph, values);
        watch(Pass::Fold, graph, values);
    }
    until_nothing_changes(graph, values, passes, watch);
    if passes.has(Pass::Group) && group::run(graph, values) {
        watch(Pass::Group, graph, values);
        until_nothing_changes(graph, values, passes, watch);
    }
    if passes.has(Pass::Dispatch) {
        let dispatched = dispatch::run(graph, values, goal);
        *graph = dispatched.graph;
        watch(Pass::Dispatch, graph, values);
        if dispatched.changed {
            until_nothing_changes(graph, values, passes, watch);
        }
    }
    // In order, protocol and fragment offset do not always follow each other.
    let last = match goal {
        Goal::Speed => [Pass::Order, Pass::Fuse],
        Goal::Size => [Pass::Fuse, Pass::Order],
    };
    for pass in last.into_iter().filter(|pass| passes.has(*pass)) {
        match pass {
            Pass::Order => order::run(graph, values, goal),
            _ => fuse::run(graph, values, goal),
        }
        watch(pass, graph, values);
        if passes.has(Pass::Merge) {
            merge::run(graph);
            watch(Pass::Merge, graph, values);
        }
    }
}

/// The graph with like parts made one, if there are any. Whether it makes a shorter program is known when that is made.
pub fn shared(graph: &Graph, values: &mut Values, passes: Passes, watch: &mut Watch<'_>) -> Option<Graph> {
    let shared =
        (passes.has(Pass::Share) && graph.walks() == 0).then(|| share::run(graph, values)).flatten()?;
    watch(Pass::Share, &shared, values);
    Some(shared)
}

fn until_nothing_changes(graph: &mut Graph, values: &Values, passes: Passes, watch: &mut Watch<'_>) {
    // Neither pass changes what is tested where.
    let mut facts = passes.has(Pass::Thread).then(|| Facts::new(graph, values));
    for _ in 0..ROUNDS_MAX {
        if passes.has(Pass::Merge) {
            merge::run(graph);
            watch(Pass::Merge, graph, values);
        }
        let Some(facts) = &mut facts else { return };
        let changed = thread::run(graph, values, facts);
        watch(Pass::Thread, graph, values);
        if !changed {
            // Merge saw this graph already.
            return;
        }
    }
    if passes.has(Pass::Merge) {
        merge::run(graph);
        watch(Pass::Merge, graph, values);
    }
}
