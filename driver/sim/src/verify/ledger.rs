//! Histories of objects: what happened to a list, a request, an OID, in order.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::machine::machine;
use crate::sched;

/// Events kept of each object: the newest.
const EVENTS_MAX: usize = 64;

/// The histories of one machine.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    histories: RefCell<HashMap<usize, Vec<String>>>,
}

impl Ledger {
    /// What is known of an object.
    pub(crate) fn history(&self, object: *const ()) -> Vec<String> {
        self.histories.borrow().get(&object.addr()).cloned().unwrap_or_default()
    }
}

/// Notes what happens to an object.
pub(crate) fn note(object: *const (), event: impl FnOnce() -> String) {
    let machine = machine();
    if !machine.options.histories {
        return;
    }
    let line = format!("{:>10} {} {}", sched::now(), sched::describe_current(), event());
    let mut histories = machine.ledger.histories.borrow_mut();
    let history = histories.entry(object.addr()).or_default();
    if history.len() >= EVENTS_MAX {
        history.remove(0);
    }
    history.push(line);
}

/// Forgets an object that is gone: its address may come again.
pub(crate) fn forget(object: *const ()) {
    machine().ledger.histories.borrow_mut().remove(&object.addr());
}
