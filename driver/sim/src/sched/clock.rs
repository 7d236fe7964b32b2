//! The machine's clock: it stands still while anybody can run.

use crate::machine::machine;

/// The time at the start, in units of 100 ns since 1601: 2024-01-01, so that dates look like dates.
pub(super) const START: u64 = 133_485_408_000_000_000;

/// The time, in units of 100 ns since 1601.
#[must_use]
pub fn now() -> u64 {
    machine().sched.time.get()
}

/// Lets a little time pass: what a function of the kernel takes.
pub(crate) fn pass(units_100ns: u64) {
    let time = &machine().sched.time;
    time.set(time.get().saturating_add(units_100ns));
}
