//! The upper end: returns what is received.

use std::cell::RefCell;
use std::rc::Rc;

use snapgate_ffi::ndis::{NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_RECEIVE_FLAGS_RESOURCES, NDIS_STATUS};

use super::{Completion, End, NO_STATUS, delivered, level};
use crate::machine::violate_with;
use crate::ndis::chain::Act;
use crate::ndis::data_path::{self, Batch};
use crate::ndis::layout::nbl;
use crate::ndis::lists::{Holder, List};
use crate::ndis::stack::Stack;
use crate::sched;
use crate::verify::Rule;

/// The upper end.
pub(crate) struct Protocol {
    pub(crate) end: End,
    completed: RefCell<Vec<NDIS_STATUS>>,
    statuses: RefCell<Vec<NDIS_STATUS>>,
}

impl Protocol {
    pub(crate) fn new(handle: usize) -> Self {
        Self { end: End::new(handle), completed: RefCell::default(), statuses: RefCell::default() }
    }

    /// Lists arrive that were received.
    pub(crate) fn receive(&self, stack: &Rc<Stack>, batch: Batch) {
        let lent = batch.flags & NDIS_RECEIVE_FLAGS_RESOURCES != 0;
        for list in &batch.lists {
            list.note(|| format!("{list:?} indicated to the protocol{}", if lent { ", lent" } else { "" }));
            if self.end.running.get() {
                self.end.arrived.borrow_mut().extend(delivered(list));
            }
            if !lent {
                list.hand_to(Holder::Protocol);
            }
        }
        if lent {
            return;
        }
        let now = self.end.sort(batch.lists);
        if !now.is_empty() {
            self.finish(stack, now, batch.flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL);
        }
    }

    fn finish(&self, stack: &Rc<Stack>, group: Vec<Rc<List>>, flags: u32) {
        for list in &group {
            list.note(|| format!("{list:?} returned by the protocol"));
            list.hand_to(Holder::Ndis);
        }
        data_path::go_back(stack, Act::Return, group, flags);
    }

    /// Returns up to so many lists that rest here; answers how many.
    pub(crate) fn give_back(&self, stack: &Rc<Stack>, how: Completion, most: usize) -> usize {
        let groups = self.end.groups(how, most);
        let count = groups.iter().map(Vec::len).sum();
        let (irql, flags) = level(how.dispatch);
        for group in groups {
            sched::at_irql(irql, || self.finish(stack, group, flags));
        }
        count
    }

    /// Own lists come back.
    pub(crate) fn completed(&self, run: &[Rc<List>]) {
        for list in run {
            let status = nbl::Status(list.nbl);
            list.note(|| format!("{list:?} came back to the protocol: {status:#x}"));
            if status == NO_STATUS {
                violate_with(
                    Rule::N3,
                    list.key(),
                    format!("{list:?} was completed, but its status was not set"),
                );
            }
            self.completed.borrow_mut().push(status);
        }
        self.end.came_home(run);
    }

    pub(crate) fn take_completed(&self) -> Vec<NDIS_STATUS> {
        self.completed.take()
    }

    pub(crate) fn note_event(&self, event: u32) {
        self.end.note_event(event);
    }

    pub(crate) fn note_status(&self, status: NDIS_STATUS) {
        self.statuses.borrow_mut().push(status);
    }

    pub(crate) fn take_statuses(&self) -> Vec<NDIS_STATUS> {
        self.statuses.take()
    }
}
