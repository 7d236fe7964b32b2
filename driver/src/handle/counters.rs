//! Counters of a handle. Each packet raises them once, in the tap or in the reader.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use snapgate_abi::{BpfStat, Statistics};

/// A number that only grows, but for a reset.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    #[inline]
    pub(crate) fn add(&self, count: u64) {
        if count > 0 {
            self.0.fetch_add(count, Relaxed);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Its value, and 0 from now on.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Relaxed)
    }
}

/// All counters.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) seen: Counter,
    pub(crate) filtered: Counter,
    pub(crate) accepted: Counter,
    pub(crate) dropped_full: Counter,
    pub(crate) dropped_oversize: Counter,
    pub(crate) dropped_unmapped: Counter,
    /// Put into a ring.
    pub(crate) queued: Counter,
    /// Taken out by readers.
    pub(crate) delivered: Counter,
    /// Thrown away with a ring.
    pub(crate) lost: Counter,
    pub(crate) counted: Counter,
    pub(crate) captured_bytes: Counter,
    pub(crate) wire_bytes: Counter,
    pub(crate) malformed: Counter,
    pub(crate) nonsense: Counter,
    /// In statistics mode, since the last read.
    pub(crate) period_packets: Counter,
    pub(crate) period_bytes: Counter,
}

impl Counters {
    fn all(&self) -> [&Counter; 16] {
        [
            &self.seen,
            &self.filtered,
            &self.accepted,
            &self.dropped_full,
            &self.dropped_oversize,
            &self.dropped_unmapped,
            &self.queued,
            &self.delivered,
            &self.lost,
            &self.counted,
            &self.captured_bytes,
            &self.wire_bytes,
            &self.malformed,
            &self.nonsense,
            &self.period_packets,
            &self.period_bytes,
        ]
    }

    /// All become 0. No packet is under way.
    pub(crate) fn reset(&self) {
        for counter in self.all() {
            counter.take();
        }
    }

    /// For programs.
    pub(crate) fn statistics(&self) -> Statistics {
        let (delivered, lost) = (self.delivered.get(), self.lost.get());
        Statistics {
            seen: self.seen.get(),
            filtered: self.filtered.get(),
            accepted: self.accepted.get(),
            delivered,
            dropped_full: self.dropped_full.get(),
            dropped_oversize: self.dropped_oversize.get(),
            dropped_unmapped: self.dropped_unmapped.get(),
            lost,
            queued: self.queued.get().saturating_sub(delivered).saturating_sub(lost),
            counted: self.counted.get(),
            captured_bytes: self.captured_bytes.get(),
            wire_bytes: self.wire_bytes.get(),
            malformed: self.malformed.get(),
            nonsense: self.nonsense.get(),
        }
    }

    /// The classic four, which wrap.
    pub(crate) fn bpf_stat(&self) -> BpfStat {
        #[expect(clippy::cast_possible_truncation, reason = "they wrap, as they always have")]
        let wrap = |count: u64| count as u32;
        let dropped = [&self.dropped_full, &self.dropped_oversize, &self.dropped_unmapped];
        let dropped = dropped.iter().fold(0_u64, |sum, counter| sum.saturating_add(counter.get()));
        BpfStat {
            received: wrap(self.accepted.get()),
            dropped: wrap(dropped),
            interface_dropped: 0,
            captured: wrap(self.queued.get()),
        }
    }
}
