//! Filters of the simulator's own, above and below the driver's modules: each keeps to every rule, in its own manner.

use std::rc::Rc;

use snapgate_ffi::ndis::{NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_RECEIVE_FLAGS_RESOURCES};

use super::chain::Act;
use super::data_path::{self, Batch};
use super::lists::{Holder, Hop, Taker, link};
use super::shape::Shape;
use super::stack::Stack;
use crate::sched;

/// What such a filter does with lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Passes chains on as they are.
    Pass,
    /// Passes each list on by itself.
    Split,
    /// Keeps chains for a millisecond, and passes them on from a thread of its own. What is lent it passes on at once.
    Delay,
    /// Only lends what it receives (RESOURCES), and returns it then.
    Lend,
}

/// One such filter.
pub(crate) struct Neighbour {
    manner: Manner,
}

/// A millisecond, in units of 100 ns.
const DELAY: u64 = 10_000;

impl Neighbour {
    pub(crate) fn new(manner: Manner) -> Self {
        Self { manner }
    }

    fn take(at: &Hop, batch: &Batch) {
        for list in &batch.lists {
            list.note(|| format!("{list:?} given to another filter"));
            list.hand_to(Holder::Neighbour);
            let shape = Shape::of(list.nbl);
            list.route.borrow_mut().push(Taker { hop: at.clone(), shape });
        }
    }

    /// The parts in which a batch is passed on.
    fn parts(&self, batch: Batch) -> Vec<Batch> {
        if self.manner != Manner::Split {
            return vec![batch];
        }
        let Batch { lists, port, flags } = batch;
        lists.into_iter().map(|list| Batch { lists: vec![list], port, flags }).collect()
    }

    pub(crate) fn send(&self, stack: &Rc<Stack>, at: &Hop, batch: Batch) {
        Self::take(at, &batch);
        if self.manner == Manner::Delay {
            let (stack, at) = (Rc::clone(stack), at.clone());
            later(batch, move |batch| data_path::send(&stack, Some(&at), batch));
            return;
        }
        for part in self.parts(batch) {
            data_path::send(stack, Some(at), part);
        }
    }

    pub(crate) fn receive(&self, stack: &Rc<Stack>, at: &Hop, batch: Batch) {
        let lent = batch.flags & NDIS_RECEIVE_FLAGS_RESOURCES != 0;
        if lent {
            let (lists, whole) = (batch.lists.clone(), batch.lists.len());
            for part in self.parts(batch) {
                data_path::receive(stack, Some(at), part);
            }
            if whole > 0 {
                link(&lists);
            }
            return;
        }
        Self::take(at, &batch);
        match self.manner {
            Manner::Delay => {
                let (stack, at) = (Rc::clone(stack), at.clone());
                later(batch, move |batch| data_path::receive(&stack, Some(&at), batch));
            }
            Manner::Lend => {
                let lists = batch.lists.clone();
                let flags = batch.flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL;
                data_path::receive(
                    stack,
                    Some(at),
                    Batch { flags: batch.flags | NDIS_RECEIVE_FLAGS_RESOURCES, ..batch },
                );
                for list in &lists {
                    list.route.borrow_mut().pop();
                }
                link(&lists);
                data_path::go_back(stack, Act::Return, lists, flags);
            }
            Manner::Pass | Manner::Split => {
                for part in self.parts(batch) {
                    data_path::receive(stack, Some(at), part);
                }
            }
        }
    }

    /// Lists that it passed on come back.
    pub(crate) fn back(&self, stack: &Rc<Stack>, act: Act, lists: Vec<Rc<super::lists::List>>, flags: u32) {
        let parts = match self.manner {
            Manner::Split => lists.into_iter().map(|list| vec![list]).collect(),
            _ => vec![lists],
        };
        for part in parts {
            link(&part);
            data_path::go_back(stack, act, part, flags);
        }
    }
}

/// Passes a batch on from another thread, at PASSIVE_LEVEL.
fn later(batch: Batch, pass: impl FnOnce(Batch) + 'static) {
    sched::spawn("a filter that delays", move || {
        sched::sleep(DELAY);
        pass(Batch { flags: batch.flags & !NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, ..batch });
    });
}
