//! The reading side of a handle: what is pending, and how it is filled.

use core::ptr::NonNull;
use core::sync::atomic::Ordering::Relaxed;

use snapgate_abi::ReadTimeout;
use snapgate_abi::record::{self, HEADER_BYTES_MAX, Header};
use snapgate_ffi::ntdef::{
    NTSTATUS, STATUS_BUFFER_TOO_SMALL, STATUS_DEVICE_REMOVED, STATUS_INSUFFICIENT_RESOURCES, STATUS_SUCCESS,
};

use super::Handle;
use super::mapped::Lent;
use super::queue::{Kind, Queue};
use super::settings::Settings;
use super::store::Store;
use crate::kernel::arc::KArc;
use crate::kernel::event::UserEvent;
use crate::kernel::irp::Irp;
use crate::kernel::mdl;
use crate::kernel::pool::KBox;

/// Under the reader lock.
pub(crate) struct Reader {
    pub(crate) store: Option<KArc<Store>>,
    pub(crate) queue: Queue,
    pub(crate) timeout: ReadTimeout,
    pub(crate) event: Option<UserEvent>,
    /// The adapter is gone: what is queued can be read, and then nothing.
    pub(crate) is_detached: bool,
    /// The last handle was closed.
    pub(crate) is_closed: bool,
    pub(crate) settings: Settings,
    /// The request by which a program lends memory.
    pub(crate) lent: Option<KBox<Lent>>,
}

/// A request that is to be completed when the lock is released.
pub(crate) type Done = (Irp, NTSTATUS, usize);

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            store: None,
            queue: Queue::new(),
            timeout: ReadTimeout::Never,
            event: None,
            is_detached: false,
            is_closed: false,
            settings: Settings::default(),
            lent: None,
        }
    }

    /// Whether enough is queued. `threshold` in bytes of the ring; more than half of the ring is always enough.
    pub(crate) fn is_due(&self, threshold: u32) -> bool {
        self.store.as_ref().is_some_and(|store| is_due(store, threshold))
    }

    /// The next request that ends now, filled.
    pub(crate) fn finish_next(&mut self, handle: &Handle, now: u64, threshold: u32) -> Option<Done> {
        let detached = self.is_detached;
        let enough = self.is_due(threshold) || handle.is_starved.load(Relaxed);
        let due = !self.settings.statistics && enough && self.has_record();
        let irp = self
            .queue
            .take(|_, deadline| detached || due || deadline.is_some_and(|deadline| deadline <= now));
        let irp = irp?;
        handle.is_starved.store(false, Relaxed);
        let (status, bytes) = self.fill(handle, &irp);
        Some((irp, status, bytes))
    }

    /// Whether the next record is whole: what is reserved may still be written.
    fn has_record(&self) -> bool {
        let Some(store) = &self.store else { return false };
        // SAFETY: the reader lock is held: this is inside of it.
        match unsafe { store.consumer() } {
            Some(mut consumer) => consumer.peek().is_some(),
            None => store.shared().is_some_and(|shared| shared.queued() > 0),
        }
    }

    /// Fills a request with what there is, and says how it ends.
    pub(crate) fn fill(&mut self, handle: &Handle, irp: &Irp) -> (NTSTATUS, usize) {
        if super::queue::kind_of(irp) == Kind::Wait {
            return (if self.is_detached { STATUS_DEVICE_REMOVED } else { STATUS_SUCCESS }, 0);
        }
        let Some(mut output) = Output::of(irp) else { return (STATUS_INSUFFICIENT_RESOURCES, 0) };
        if output.room() < HEADER_BYTES_MAX {
            return (STATUS_BUFFER_TOO_SMALL, 0);
        }
        if self.settings.statistics {
            return self.fill_counts(handle, &mut output);
        }
        self.fill_records(handle, &mut output);
        if output.at == 0 && self.is_detached {
            return (STATUS_DEVICE_REMOVED, 0);
        }
        (STATUS_SUCCESS, output.at)
    }

    /// One record with the counts since the last.
    fn fill_counts(&self, handle: &Handle, output: &mut Output) -> (NTSTATUS, usize) {
        let (seconds, fraction) =
            handle.driver.clocks.now(self.settings.clock).split(self.settings.nanoseconds);
        let header = Header { seconds, fraction, captured: 16, length: 16, header_len: 20 };
        if output.room() < 36 {
            return (STATUS_BUFFER_TOO_SMALL, 0);
        }
        if self.is_detached {
            return (STATUS_DEVICE_REMOVED, 0);
        }
        let counters = &handle.counters;
        output.put(&header.to_bytes());
        output.put(&record::counts_to_bytes(counters.period_packets.take(), counters.period_bytes.take()));
        (STATUS_SUCCESS, output.at)
    }

    /// As many records as fit; the first is cut if it does not.
    fn fill_records(&self, handle: &Handle, output: &mut Output) {
        let Some(store) = &self.store else { return };
        // SAFETY: the reader lock is held: this is inside of it.
        let Some(mut consumer) = (unsafe { store.consumer() }) else { return };
        let mut delivered: u64 = 0;
        while let Some(record) = consumer.peek() {
            let Some(mut header) = Header::from_bytes(record.bytes()) else { break };
            let start = usize::from(header.header_len);
            let whole = start.saturating_add(header.captured as usize);
            if whole > output.room() {
                if output.at > 0 || start > output.room() {
                    break;
                }
                let kept = output.room().saturating_sub(start);
                header.captured = u32::try_from(kept).unwrap_or(header.captured);
                output.put(header.to_bytes().get(..start).unwrap_or_default());
                output.put(record.bytes().get(start..).and_then(|data| data.get(..kept)).unwrap_or_default());
            } else {
                output.put(record.bytes().get(..whole).unwrap_or_default());
                output.pad();
            }
            let end = record.end();
            consumer.release(end);
            delivered = delivered.saturating_add(1);
        }
        handle.counters.delivered.add(delivered);
    }
}

/// Whether enough is queued in a store.
#[inline]
pub(crate) fn is_due(store: &Store, threshold: u32) -> bool {
    let queued = store.shared().map_or_else(|| store.ring().used(), |shared| shared.queued());
    queued > 0 && queued >= u64::from(threshold).min(store.ring().capacity() >> 1)
}

/// The buffer of a program, mapped: written once, front to back, never read.
pub(crate) struct Output {
    start: NonNull<u8>,
    bytes: usize,
    at: usize,
}

impl Output {
    /// The buffer of a read. `None`: it cannot be mapped, or has no bytes.
    pub(crate) fn of(irp: &Irp) -> Option<Self> {
        let mdl = NonNull::new(irp.mdl())?;
        // SAFETY: the locked pages of a request that the driver holds.
        let (start, bytes) = unsafe { mdl::map(mdl.as_ptr()) }?;
        Some(Self { start, bytes: bytes.min(irp.read_len()), at: 0 })
    }

    fn room(&self) -> usize {
        self.bytes.saturating_sub(self.at)
    }

    fn put(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(self.room());
        // SAFETY: `at` is at most the length of the buffer.
        let to = unsafe { self.start.add(self.at) };
        // SAFETY: `count` bytes are left behind it; the buffer is the program's, and never one of the driver's slices.
        unsafe { to.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), count) };
        self.at = self.at.saturating_add(count);
    }

    /// Zeroes up to a multiple of 4, as far as there is room.
    fn pad(&mut self) {
        let pad = self.at.wrapping_neg() & 3;
        self.put([0_u8; 3].get(..pad).unwrap_or_default());
    }
}
