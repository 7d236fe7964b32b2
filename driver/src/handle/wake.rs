//! Who hears of queued packets, and when.
//!
//! The data path only looks at two words, and queues the handle's deferred call. That call completes requests and sets the
//! event. A reader that finds nothing says so in `interest`, and then looks again; a producer commits, and then looks at
//! `interest`: one of both sees the other.

use core::sync::atomic::Ordering::{Relaxed, SeqCst};
use core::sync::atomic::fence;

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ntdef::PVOID;
use snapgate_ffi::wdm::KDPC;

use super::Handle;
use super::reader::is_due;
use super::store::Store;

/// Requests are pending.
pub(crate) const REQUESTS: u32 = 1;
/// There is an event.
pub(crate) const EVENT: u32 = 2;

impl Handle {
    /// A packet found no room: whoever reads is to read now, however little is queued.
    pub(crate) fn starve(&self) {
        self.is_starved.store(true, SeqCst);
        if self.interest.load(Relaxed) != 0 {
            self.deferred.queue();
        }
    }

    /// After a batch, inside of the module's lock.
    #[inline]
    pub(crate) fn after_batch(&self, store: Option<&Store>) {
        let Some(store) = store else { return };
        let wakes = store.shared().is_some_and(|shared| shared.publish());
        // Between what was committed and the look at who wants to know.
        fence(SeqCst);
        let interest = self.interest.load(Relaxed) != 0;
        if wakes || interest && is_due(store, self.threshold.load(Relaxed)) {
            self.deferred.queue();
        }
    }

    /// Completes whatever is due, sets the event, and sets the time of the next look. At DISPATCH_LEVEL at most, without
    /// locks of this handle.
    pub(crate) fn serve(&self) {
        let now = self.driver.clocks.milliseconds();
        loop {
            let mut reader = self.reader.lock();
            let done = reader.finish_next(self, now, self.threshold.load(Relaxed));
            let Some((irp, status, bytes)) = done else {
                if reader.queue.is_empty() {
                    self.interest.fetch_and(!REQUESTS, SeqCst);
                }
                if let Some(event) = reader.event.as_ref()
                    && (reader.is_detached || reader.is_due(self.threshold.load(Relaxed)))
                {
                    event.set();
                }
                if let Some(deadline) = reader.queue.deadline() {
                    let wait = deadline.saturating_sub(now).max(1);
                    self.deferred.queue_after(u32::try_from(wait).unwrap_or(u32::MAX));
                }
                return;
            };
            drop(reader);
            irp.complete(status, bytes);
        }
    }
}

kernel_abi! {
    /// The deferred call of a handle.
    pub(crate) fn deferred(_dpc: *mut KDPC, context: PVOID, _first: PVOID, _second: PVOID) {
        // SAFETY: the handle that it was made for: its close waits until no call runs.
        let handle = unsafe { &*context.cast_const().cast::<Handle>() };
        handle.serve();
    }
}
