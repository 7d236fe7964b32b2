//! A flag to wait for, for the simulator's own code.

use std::cell::Cell;
use std::rc::Rc;

use super::{block_on, wake};
use crate::machine::machine;

/// Set or not; clones are the same flag.
#[derive(Clone, Debug, Default)]
pub struct Signal {
    set: Rc<Cell<bool>>,
}

impl Signal {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn key(&self) -> usize {
        Rc::as_ptr(&self.set).addr()
    }

    /// Sets it, and wakes all who wait.
    pub fn set(&self) {
        self.set.set(true);
        wake(self.key());
    }

    /// Takes it back.
    pub fn reset(&self) {
        self.set.set(false);
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.set.get()
    }

    /// Waits until it is set; with a time, at most so long. Answers whether it is set.
    pub fn wait(&self, timeout_100ns: Option<u64>) -> bool {
        let until = timeout_100ns.map(|timeout| machine().sched.time.get().saturating_add(timeout));
        while !self.is_set() {
            if until.is_some_and(|until| machine().sched.time.get() >= until) {
                return false;
            }
            block_on(self.key(), until, "a signal");
        }
        true
    }
}
