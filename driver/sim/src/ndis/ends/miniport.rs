//! The lower end: completes what is sent.

use std::cell::Cell;
use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_STATUS, NDIS_STATUS_PAUSED, NDIS_STATUS_SEND_ABORTED,
    NDIS_STATUS_SUCCESS, NetBufferListCancelId,
};
use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::{Completion, DIRTY, DIRTY_SLOT, End, NO_STATUS, delivered, level};
use crate::ndis::chain::Act;
use crate::ndis::data_path::{self, Batch};
use crate::ndis::layout::{self, nbl};
use crate::ndis::lists::{Holder, List};
use crate::ndis::rest;
use crate::ndis::stack::Stack;
use crate::sched;

/// The lower end.
pub(crate) struct Miniport {
    pub(crate) end: End,
    /// What sends are completed with.
    pub(crate) status: Cell<NDIS_STATUS>,
}

impl Miniport {
    pub(crate) fn new(handle: usize) -> Self {
        Self { end: End::new(handle), status: Cell::new(NDIS_STATUS_SUCCESS) }
    }

    /// Lists arrive that are to be sent.
    pub(crate) fn send(&self, stack: &Rc<Stack>, batch: Batch) {
        for list in &batch.lists {
            list.note(|| format!("{list:?} sent to the miniport"));
            list.hand_to(Holder::Miniport);
            if self.end.running.get() {
                self.end.arrived.borrow_mut().extend(delivered(list));
            }
        }
        let now = self.end.sort(batch.lists);
        if !now.is_empty() {
            self.finish(stack, now, batch.flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL);
        }
    }

    fn finish(&self, stack: &Rc<Stack>, group: Vec<Rc<List>>, flags: u32) {
        for list in &group {
            let status = if self.end.running.get() { self.status.get() } else { NDIS_STATUS_PAUSED };
            if nbl::Status(list.nbl) == NO_STATUS {
                nbl::set_Status(list.nbl, status);
            }
            if list.birth.is_drivers() {
                layout::set_info(list.nbl, DIRTY_SLOT, DIRTY);
            }
            list.note(|| format!("{list:?} completed by the miniport"));
            list.hand_to(Holder::Ndis);
        }
        data_path::go_back(stack, Act::Complete, group, flags);
    }

    /// Completes up to so many sends that rest here; answers how many.
    pub(crate) fn complete(&self, stack: &Rc<Stack>, how: Completion, most: usize) -> usize {
        let groups = self.end.groups(how, most);
        let count = groups.iter().map(Vec::len).sum();
        let (irql, flags) = level(how.dispatch);
        for group in groups {
            sched::at_irql(irql, || self.finish(stack, group, flags));
        }
        count
    }

    /// Sends with this id are aborted.
    pub(crate) fn cancel(&self, stack: &Rc<Stack>, id: usize) {
        let (cancelled, rest): (Vec<_>, Vec<_>) = self
            .end
            .resting
            .take()
            .into_iter()
            .partition(|list| layout::info(list.nbl, usize::from(NetBufferListCancelId)) == id);
        *self.end.resting.borrow_mut() = rest;
        for list in &cancelled {
            rest::wake(list);
            nbl::set_Status(list.nbl, NDIS_STATUS_SEND_ABORTED);
        }
        if !cancelled.is_empty() {
            let flags = if sched::irql() == DISPATCH_LEVEL { NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL } else { 0 };
            self.finish(stack, cancelled, flags);
        }
    }

    /// Own lists come back.
    pub(crate) fn returned(&self, run: &[Rc<List>]) {
        for list in run {
            list.note(|| format!("{list:?} returned to the miniport"));
        }
        self.end.came_home(run);
    }

    pub(crate) fn note_event(&self, event: u32) {
        self.end.note_event(event);
    }
}
