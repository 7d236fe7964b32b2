//! Timers: at their time they are signalled, and queue their deferred procedure call.

use snapgate_ffi::wdm::{KDPC, KTIMER};

use super::{insert_dpc, wake};
use crate::machine::machine;

/// A timer that is set.
#[derive(Clone, Copy)]
pub(crate) struct Armed {
    timer: usize,
    due: u64,
    period_ms: u32,
    dpc: usize,
}

/// Sets a timer; whether it was set before.
pub(crate) fn set_timer(timer: *mut KTIMER, due: u64, period_ms: u32, dpc: *mut KDPC) -> bool {
    let was_set = cancel_timer(timer);
    let armed = Armed { timer: timer.addr(), due, period_ms, dpc: dpc.addr() };
    machine().sched.timers.borrow_mut().push(armed);
    was_set
}

/// Unsets a timer; whether it was set.
pub(crate) fn cancel_timer(timer: *mut KTIMER) -> bool {
    let mut timers = machine().sched.timers.borrow_mut();
    let before = timers.len();
    timers.retain(|armed| armed.timer != timer.addr());
    timers.len() != before
}

/// The time of the next timer.
pub(super) fn next_due() -> Option<u64> {
    machine().sched.timers.borrow().iter().map(|armed| armed.due).min()
}

/// Timers that still are set: none may be in memory that is given back.
pub(crate) fn any_between(start: usize, end: usize) -> bool {
    machine().sched.timers.borrow().iter().any(|armed| (start..end).contains(&armed.timer))
}

/// Whatever is due happens.
pub(super) fn expire() {
    let sched = &machine().sched;
    let now = sched.time.get();
    loop {
        let due = sched.timers.borrow().iter().position(|armed| armed.due <= now);
        let Some(index) = due else { return };
        let armed = sched.timers.borrow_mut().remove(index);
        if armed.period_ms > 0 {
            let next =
                Armed { due: now.saturating_add(u64::from(armed.period_ms).saturating_mul(10_000)), ..armed };
            sched.timers.borrow_mut().push(next);
        }
        let timer = std::ptr::with_exposed_provenance_mut::<KTIMER>(armed.timer);
        // SAFETY: a timer that is set is in memory that stays: giving back a pool block with a set timer is a violation.
        unsafe { (*timer).Header.SignalState = 1 };
        wake(armed.timer);
        let dpc = std::ptr::with_exposed_provenance_mut::<KDPC>(armed.dpc);
        if !dpc.is_null() {
            // SAFETY: as the timer; the call belongs to it.
            let (routine, context) = unsafe { ((*dpc).DeferredRoutine, (*dpc).DeferredContext) };
            if let Some(routine) = routine {
                insert_dpc(dpc, routine, context, [std::ptr::null_mut(); 2]);
            }
        }
    }
}
