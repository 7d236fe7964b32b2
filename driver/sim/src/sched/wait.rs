//! Waiting for something to happen, with or without an end.

use super::thread::{State, suspend_blocked};
use crate::machine::machine;

/// Suspends the thread until [`wake`] of the key, or until the time; whoever is woken looks again for himself.
pub(crate) fn block_on(key: usize, until: Option<u64>, what: &'static str) {
    suspend_blocked(key, until, what);
}

/// Lets all who wait for the key look again.
pub(crate) fn wake(key: usize) {
    for thread in machine().sched.threads.borrow().iter() {
        if matches!(thread.state.get(), State::Blocked { key: waited, .. } if waited == key) {
            thread.state.set(if key == ANYTHING { State::Looks } else { State::Ready });
        }
    }
}

/// The key of conditions that anything may change.
pub(super) const ANYTHING: usize = 0;

/// Waits until a condition of the simulator holds, or the time is over; answers whether it holds. Looked at after every
/// step of others.
pub(crate) fn block_until(what: &'static str, until: Option<u64>, mut holds: impl FnMut() -> bool) -> bool {
    loop {
        if holds() {
            return true;
        }
        if until.is_some_and(|until| machine().sched.time.get() >= until) {
            return false;
        }
        block_on(ANYTHING, until, what);
    }
}

/// After a step: conditions may hold now.
pub(super) fn something_happened() {
    wake(ANYTHING);
}
