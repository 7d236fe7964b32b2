//! What is said of a packet, before it is cut into single decisions.

use alloc::vec::Vec;

use super::{NodeId, Store, Test};

/// Names a predicate of [`Predicates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PredicateId(u32);

/// Names a walk of [`Predicates`]: a statement in which it stands itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WalkId(u32);

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
    /// Holds always, and stores a number meanwhile.
    Store(Store),
    /// Is looked at for what it stores, and holds always.
    Run(PredicateId),
    /// Holds if its body does; see [`Predicates::walk_body`].
    Walk(WalkId),
    /// Inside of a walk: all of it once more.
    Again(WalkId),
}

/// One step of a predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A decision between two nodes.
    Branch(Test, NodeId, NodeId),
    /// A store, and what comes next.
    Store(Store, NodeId),
    /// Back to where a walk begins.
    Again(WalkId),
}

/// All predicates of a filter, smaller ones first.
///
/// Constants are folded when a list is made: what a link type decides by itself (`arp` on raw IP never holds) takes
/// with it what would be tested beside it, on either side, as in libpcap 1.11.
#[derive(Clone, Debug, Default)]
pub struct Predicates {
    predicates: Vec<Predicate>,
    /// What each walk is.
    walks: Vec<PredicateId>,
}

impl Predicates {
    /// Holds always, or never.
    pub fn constant(&mut self, holds: bool) -> PredicateId {
        self.add(Predicate::Constant(holds))
    }

    /// A comparison.
    pub fn test(&mut self, test: Test) -> PredicateId {
        self.add(Predicate::Test(test))
    }

    /// A store.
    pub fn store(&mut self, store: Store) -> PredicateId {
        self.add(Predicate::Store(store))
    }

    /// Looks at a predicate for what it stores; holds always.
    pub fn run(&mut self, part: PredicateId) -> PredicateId {
        self.add(Predicate::Run(part))
    }

    /// All of these. What holds always is left out; with what never holds, nothing else is tested.
    pub fn all(&mut self, parts: impl IntoIterator<Item = PredicateId>) -> PredicateId {
        self.list(parts, true, Predicate::All)
    }

    /// Any of these. What never holds is left out; with what holds always, nothing else is tested.
    pub fn any(&mut self, parts: impl IntoIterator<Item = PredicateId>) -> PredicateId {
        self.list(parts, false, Predicate::Any)
    }

    /// The opposite.
    pub fn not(&mut self, part: PredicateId) -> PredicateId {
        match *self.get(part) {
            Predicate::Constant(holds) => self.constant(!holds),
            _ => self.add(Predicate::Not(part)),
        }
    }

    /// A walk that is yet to be closed, and the predicate for "all of it once more".
    pub fn open_walk(&mut self) -> (WalkId, PredicateId) {
        let walk = WalkId(super::index(self.walks.len()));
        let again = self.add(Predicate::Again(walk));
        self.walks.push(again);
        (walk, again)
    }

    /// The walk with this body; to be used once.
    pub fn close_walk(&mut self, walk: WalkId, body: PredicateId) -> PredicateId {
        if let Some(slot) = self.walks.get_mut(walk.0 as usize) {
            *slot = body;
        }
        self.add(Predicate::Walk(walk))
    }

    /// What a walk is.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids come only from the arena they are used on")]
    pub fn walk_body(&self, walk: WalkId) -> PredicateId {
        self.walks[walk.0 as usize]
    }

    /// `neutral` is the constant that changes nothing in such a list; the other one decides it.
    fn list(
        &mut self,
        parts: impl IntoIterator<Item = PredicateId>,
        neutral: bool,
        make: fn(Vec<PredicateId>) -> Predicate,
    ) -> PredicateId {
        let mut open = Vec::new();
        for part in parts {
            match *self.get(part) {
                Predicate::Constant(holds) if holds == neutral => {}
                Predicate::Constant(_) => return part,
                _ => open.push(part),
            }
        }
        match *open {
            [] => self.constant(neutral),
            [single] => single,
            _ => self.add(make(open)),
        }
    }

    /// Whether a predicate holds always, or never.
    #[must_use]
    pub fn is_constant(&self, id: PredicateId) -> Option<bool> {
        match *self.get(id) {
            Predicate::Constant(holds) => Some(holds),
            _ => None,
        }
    }

    fn add(&mut self, predicate: Predicate) -> PredicateId {
        let id = PredicateId(super::index(self.predicates.len()));
        self.predicates.push(predicate);
        id
    }

    /// A predicate.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids come only from the arena they are used on")]
    pub fn get(&self, id: PredicateId) -> &Predicate {
        &self.predicates[id.0 as usize]
    }

    /// Cuts a predicate into decisions, from its last one to its first, and gives the first.
    ///
    /// `node` makes one; `head` is told where a walk begins. The work list stands in for recursion: one frame for each list that is being cut.
    pub(super) fn lower(
        &self,
        root: PredicateId,
        yes: NodeId,
        no: NodeId,
        mut node: impl FnMut(Step) -> NodeId,
        mut head: impl FnMut(WalkId, NodeId),
    ) -> NodeId {
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let mut next = Some(Goal { predicate: root, yes, no });
        // What the goal that was met last leads to; meaningful once a goal was met.
        let mut entry = no;
        loop {
            if let Some(goal) = next.take() {
                match self.get(goal.predicate) {
                    Predicate::Constant(holds) => entry = if *holds { goal.yes } else { goal.no },
                    Predicate::Test(test) => entry = node(Step::Branch(*test, goal.yes, goal.no)),
                    Predicate::Store(store) => entry = node(Step::Store(*store, goal.yes)),
                    Predicate::Run(part) => {
                        next = Some(Goal { predicate: *part, yes: goal.yes, no: goal.yes });
                        continue;
                    }
                    Predicate::Not(part) => {
                        next = Some(Goal { predicate: *part, yes: goal.no, no: goal.yes });
                        continue;
                    }
                    // Its ends are those of the walk that it is part of.
                    Predicate::Again(walk) => entry = node(Step::Again(*walk)),
                    Predicate::Walk(walk) => {
                        let Goal { yes, no, .. } = goal;
                        frames.push(Frame { parts: &[], all: true, walk: Some(*walk), yes, no });
                        next = Some(Goal { predicate: self.walk_body(*walk), yes, no });
                        continue;
                    }
                    Predicate::All(parts) => {
                        frames.push(Frame { parts, all: true, walk: None, yes: goal.yes, no: goal.no });
                        entry = goal.yes;
                    }
                    Predicate::Any(parts) => {
                        frames.push(Frame { parts, all: false, walk: None, yes: goal.yes, no: goal.no });
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
                    if let Some(walk) = frame.walk {
                        head(walk, entry);
                    }
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

/// A list whose last parts are done already, or a walk whose body is.
struct Frame<'a> {
    parts: &'a [PredicateId],
    all: bool,
    walk: Option<WalkId>,
    yes: NodeId,
    no: NodeId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_decide_or_leave_a_list_wherever_they_stand() {
        let mut predicates = Predicates::default();
        let always = predicates.constant(true);
        let never = predicates.constant(false);
        let test = predicates.test(Test {
            cond: crate::graph::Cond::Eq,
            left: crate::graph::Values::default().constant(1),
            right: crate::graph::Values::default().constant(1),
            origin: crate::span::Span::default(),
        });
        assert_eq!(predicates.all([test, always]), test);
        assert_eq!(predicates.any([never, test]), test);
        let decided = predicates.all([test, never]);
        assert_eq!(*predicates.get(decided), Predicate::Constant(false));
        let decided = predicates.any([test, always, test]);
        assert_eq!(*predicates.get(decided), Predicate::Constant(true));
        let opposite = predicates.not(always);
        assert_eq!(*predicates.get(opposite), Predicate::Constant(false));
        let nothing = predicates.all([]);
        assert_eq!(*predicates.get(nothing), Predicate::Constant(true));
    }
}
