//! The consuming end in another address space, which may write whatever it likes wherever the memory is shared.
//!
//! ```text
//!   driver                                  program
//!   publish: head := all committed  ──────▶ reads records up to head, by what the driver wrote before each
//!   believe: consumed := tail       ◀────── tail := what it has read
//!   wake:    needs_wakeup?          ◀────── needs_wakeup := 1, then looks at head again, then waits
//! ```
//!
//! The driver never reads the data area, and keeps `consumed`, `published` and the map in memory of its own. Of the shared
//! words it reads two, each by one load or swap: no loop of the driver's waits for a word that the program writes. A tail is
//! believed as far as whole records that were published: a wrong one makes the program lose its own packets, and nothing
//! else. Each record is walked over once when it is published and once when it is given back, whatever the program writes.
//!
//! No record and no wakeup is lost, because of a fence on each side:
//!
//! - Two producers commit, fence, and look at each other's words: whoever's fence is last sees both, and publishes both.
//! - The driver writes the head, fences, and looks at the flag; the program sets the flag, fences, and looks at the head: one
//!   of both sees the other's. (`fence` is `core::sync::atomic::fence(SeqCst)`, in C `MemoryBarrier()`.)

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, SeqCst};

use crate::atomic::{AtomicU64, fence};
use crate::protocol::{Protocol, Sound};
use crate::ring::{Ring, SKIP};

/// The words that both sides share.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Up to where records may be read. Written by the driver. For a moment it may go back, when two threads publish at once:
    /// a head behind its own position tells the program nothing new.
    pub head: &'a AtomicU64,
    /// Up to where they have been read. Written by the program.
    pub tail: &'a AtomicU64,
    /// Not 0: the program is about to wait. Written by both.
    pub needs_wakeup: &'a AtomicU64,
}

/// What became of the program's tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// It did not move, or somebody else took over what it gives back just now.
    Same,
    /// So many records are given back. There may be more: see [`Shared::believe`].
    Moved(u64),
    /// It is not where a published record ends, and gives nothing back that was not given back before.
    Nonsense,
}

/// The driver's own word of a shared ring.
#[derive(Debug)]
pub struct Published {
    head: AtomicU64,
}

impl Default for Published {
    fn default() -> Self {
        Self::new()
    }
}

impl Published {
    /// Nothing is published.
    #[must_use]
    pub fn new() -> Self {
        Self { head: AtomicU64::new(0) }
    }
}

/// The consuming end of a shared ring: any number of threads may use it.
#[derive(Debug)]
pub struct Shared<'r, 'a, P: Protocol = Sound> {
    ring: &'r Ring<'a, P>,
    header: Header<'r>,
    published: &'r Published,
}

/// So many records are given back at once at most, for the sake of whoever waits for the processor. They are a megabyte at
/// least, so that any packet fits afterwards.
pub const GIVEN_BACK_MAX: u32 = 1 << 14;

impl<'r, 'a, P: Protocol> Shared<'r, 'a, P> {
    /// `published` belongs to this ring.
    #[must_use]
    #[inline]
    pub fn new(ring: &'r Ring<'a, P>, header: Header<'r>, published: &'r Published) -> Self {
        Self { ring, header, published }
    }

    /// Moves the head over everything that is committed. Answers whether the program wants to be woken for it.
    ///
    /// Once per batch, after its last commit; one step for each record that nobody has published.
    #[inline]
    pub fn publish(&self) -> bool {
        if P::FENCE_BEFORE_SCAN {
            fence(SeqCst);
        }
        // Others may come further meanwhile, and words of later laps be written: `committed` tells those apart.
        let before = self.published.head.load(Acquire);
        let mut position = before;
        while let Some((end, _)) = self.ring.committed(position) {
            position = end;
        }
        position != before && self.announce(position)
    }

    fn announce(&self, position: u64) -> bool {
        let mut head = self.published.head.fetch_max(position, AcqRel).max(position);
        // Again only if another thread has published more: then this one may have written the older head last.
        loop {
            self.header.head.swap(head, AcqRel);
            let now = self.published.head.load(Acquire);
            if now == head || !P::CHECKS_HEAD {
                break;
            }
            head = now;
        }
        if P::FENCE_BEFORE_WAKE {
            fence(SeqCst);
        }
        self.header.needs_wakeup.load(Acquire) != 0 && self.header.needs_wakeup.swap(0, AcqRel) != 0
    }

    /// Takes over the program's tail, as far as whole records of it were published. At most [`GIVEN_BACK_MAX`] of them: who
    /// wants all repeats it for as long as it answers [`Tail::Moved`].
    pub fn believe(&self) -> Tail {
        // In this order, an honest program's tail is never before the first nor behind the last.
        let consumed = self.ring.consumed.load(Acquire);
        // Acquire: the program has read what it gives back.
        let tail = self.header.tail.load(Acquire);
        let head = self.published.head.load(Acquire);
        if tail == consumed {
            return Tail::Same;
        }
        if tail > head {
            return Tail::Nonsense;
        }
        let mut position = consumed;
        let mut records: u64 = 0;
        for _ in 0..GIVEN_BACK_MAX {
            let Some((end, flags)) = self.ring.committed(position).filter(|(end, _)| *end <= tail) else {
                break;
            };
            position = end;
            records = records.wrapping_add(u64::from(flags & SKIP == 0));
        }
        if !P::GIVES_BACK_ONCE {
            self.ring.consumed.store(position, P::RELEASE);
            return Tail::Moved(records);
        }
        // One of several threads gets it, so each record is counted once.
        match self.ring.consumed.compare_exchange(consumed, position, P::RELEASE, Relaxed) {
            Ok(_) if position != consumed => Tail::Moved(records),
            Ok(_) => Tail::Nonsense,
            Err(_) => Tail::Same,
        }
    }

    /// Bytes that were published and not given back.
    #[must_use]
    #[inline]
    pub fn queued(&self) -> u64 {
        // `consumed` first: see [`Ring::used`].
        let consumed = self.ring.consumed.load(Acquire);
        self.published.head.load(Acquire).saturating_sub(consumed)
    }
}
