//! A deferred procedure call and a timer that queues it.

use core::cell::UnsafeCell;

use snapgate_ffi::ntdef::PVOID;
use snapgate_ffi::wdm::{
    KDEFERRED_ROUTINE, KDPC, KTIMER, KeCancelTimer, KeFlushQueuedDpcs, KeInitializeDpc, KeInitializeTimer,
    KeInsertQueueDpc, KeRemoveQueueDpc, KeSetTimerEx, relative_milliseconds,
};

/// A call that is made soon, or after a time. It must not move once it is initialized.
pub(crate) struct Deferred {
    dpc: UnsafeCell<KDPC>,
    timer: UnsafeCell<KTIMER>,
}

// SAFETY: only the kernel's functions touch them, which synchronize.
unsafe impl Sync for Deferred {}
// SAFETY: as above.
unsafe impl Send for Deferred {}

impl Deferred {
    /// One that cannot be queued yet.
    pub(crate) const fn new() -> Self {
        // SAFETY: zeroes are valid for all fields of both; they are initialized before they are used.
        let (dpc, timer) = unsafe { (core::mem::zeroed(), core::mem::zeroed()) };
        Self { dpc: UnsafeCell::new(dpc), timer: UnsafeCell::new(timer) }
    }

    /// Makes it usable, where it is.
    ///
    /// # Safety
    ///
    /// 1. It is in its final place, and is not queued.
    /// 2. Routine and context stay valid until [`Deferred::stop`] has returned.
    pub(crate) unsafe fn init(&self, routine: KDEFERRED_ROUTINE, context: PVOID) {
        // SAFETY: memory of the right kind, unused by (1); the rest by (2).
        unsafe { KeInitializeDpc(self.dpc.get(), routine, context) };
        // SAFETY: as above.
        unsafe { KeInitializeTimer(self.timer.get()) };
    }

    /// Has the call made soon; nothing if it is queued already.
    pub(crate) fn queue(&self) {
        // SAFETY: initialized.
        unsafe { KeInsertQueueDpc(self.dpc.get(), core::ptr::null_mut(), core::ptr::null_mut()) };
    }

    /// Has it made after some milliseconds, at most a day; replaces an earlier time.
    pub(crate) fn queue_after(&self, milliseconds: u32) {
        let due = relative_milliseconds(milliseconds.min(86_400_000));
        // SAFETY: initialized, both.
        unsafe { KeSetTimerEx(self.timer.get(), due, 0, self.dpc.get()) };
    }

    /// Unsets the time.
    pub(crate) fn cancel_time(&self) {
        // SAFETY: initialized.
        unsafe { KeCancelTimer(self.timer.get()) };
    }

    /// Unsets the time, takes it out of the queue, and waits until no call runs. At PASSIVE_LEVEL, when nobody queues it
    /// any more.
    pub(crate) fn stop(&self) {
        self.cancel_time();
        // SAFETY: initialized.
        unsafe { KeRemoveQueueDpc(self.dpc.get()) };
        // SAFETY: at PASSIVE_LEVEL, as the caller says.
        unsafe { KeFlushQueuedDpcs() };
    }
}
