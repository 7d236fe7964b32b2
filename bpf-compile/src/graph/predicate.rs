//! What is said of a packet, before it is cut into single decisions.

use alloc::vec::Vec;

use super::{NodeId, Test};

/// Names a predicate of [`Predicates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PredicateId(u32);

/// A statement about a packet. Lists are tested from left to right, and no further than needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// Holds always (`true`) or never.
    Constant(bool),
    /// A comparison.
    Test(Test),
    /// The opposite.
    Not(PredicateId),
    /// All of them.
    All(Vec<PredicateId>),
    /// Any of them.
    Any(Vec<PredicateId>),
}

/// All predicates of a filter, smaller ones first.
#[derive(Clone, Debug, Default)]
pub struct Predicates {
    predicates: Vec<Predicate>,
}

impl Predicates {
    /// Adds a predicate.
    pub fn add(&mut self, predicate: Predicate) -> PredicateId {
        let id = PredicateId(super::index(self.predicates.len()));
        self.predicates.push(predicate);
        id
    }

    /// All of these; one alone is itself.
    pub fn all(&mut self, parts: impl IntoIterator<Item = PredicateId>) -> PredicateId {
        self.list(parts.into_iter().collect(), Predicate::All)
    }

    /// Any of these; one alone is itself.
    pub fn any(&mut self, parts: impl IntoIterator<Item = PredicateId>) -> PredicateId {
        self.list(parts.into_iter().collect(), Predicate::Any)
    }

    /// The opposite.
    pub fn not(&mut self, part: PredicateId) -> PredicateId {
        self.add(Predicate::Not(part))
    }

    fn list(&mut self, parts: Vec<PredicateId>, make: fn(Vec<PredicateId>) -> Predicate) -> PredicateId {
        match *parts {
            [single] => single,
            _ => self.add(make(parts)),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "ids come only from the arena they are used on")]
    fn get(&self, id: PredicateId) -> &Predicate {
        &self.predicates[id.0 as usize]
    }

    /// Cuts a predicate into decisions, from its last one to its first, and gives the first.
    ///
    /// `branch` makes a node. The work list stands in for recursion: one frame for each list that is being cut.
    pub(super) fn lower(
        &self,
        root: PredicateId,
        yes: NodeId,
        no: NodeId,
        mut branch: impl FnMut(Test, NodeId, NodeId) -> NodeId,
    ) -> NodeId {
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let mut next = Some(Goal { predicate: root, yes, no });
        // What the goal that was met last leads to; meaningful once a goal was met.
        let mut entry = no;
        loop {
            if let Some(goal) = next.take() {
                match self.get(goal.predicate) {
                    Predicate::Constant(holds) => entry = if *holds { goal.yes } else { goal.no },
                    Predicate::Test(test) => entry = branch(*test, goal.yes, goal.no),
                    Predicate::Not(part) => {
                        next = Some(Goal { predicate: *part, yes: goal.no, no: goal.yes });
                        continue;
                    }
                    Predicate::All(parts) => {
                        frames.push(Frame { parts, all: true, yes: goal.yes, no: goal.no });
                        entry = goal.yes;
                    }
                    Predicate::Any(parts) => {
                        frames.push(Frame { parts, all: false, yes: goal.yes, no: goal.no });
                        entry = goal.no;
                    }
                }
            }
            // `entry` is where the part behind the one that comes now begins.
            let Some(frame) = frames.last_mut() else { return entry };
            match frame.parts.split_last() {
                Some((&last, before)) => {
                    frame.parts = before;
                    next = Some(if frame.all {
                        Goal { predicate: last, yes: entry, no: frame.no }
                    } else {
                        Goal { predicate: last, yes: frame.yes, no: entry }
                    });
                }
                None => {
                    frames.pop();
                }
            }
        }
    }
}

/// A predicate, and where to go from it.
struct Goal {
    predicate: PredicateId,
    yes: NodeId,
    no: NodeId,
}

/// A list whose last parts are done already.
struct Frame<'a> {
    parts: &'a [PredicateId],
    all: bool,
    yes: NodeId,
    no: NodeId,
}
