//! The consuming end in another address space, which may write whatever it likes wherever the memory is shared.
//!
//! ```text
//!   driver                                  program
//!   publish: head := all committed  ──────▶ reads records up to head, by what the driver wrote before each
//!   believe: consumed := tail       ◀────── tail := what it has read
//!   wake:    needs_wakeup?          ◀────── needs_wakeup := 1, then looks at head again, then waits
//! ```
//!
//! The driver never reads the data area, and keeps `consumed`, `published` and the map in memory of its own. A tail is
//! believed only if it is the end of a record between the two: a wrong one makes the program lose its own packets, and nothing
//! else.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Release, SeqCst};
use core::sync::atomic::fence;

use crate::atomic::AtomicU64;
use crate::ring::{Ring, SKIP};

/// The words that both sides share.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Up to where records may be read. Written by the driver.
    pub head: &'a AtomicU64,
    /// Up to where they have been read. Written by the program.
    pub tail: &'a AtomicU64,
    /// Not 0: the program is about to wait. Written by both.
    pub needs_wakeup: &'a AtomicU64,
}

/// What became of the program's tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// It did not move, or somebody else looks at it just now.
    Same,
    /// So many records are given back.
    Moved(u64),
    /// It is not at the end of a record that was published, and was ignored.
    Nonsense,
}

/// The driver's own words of a shared ring.
#[derive(Debug)]
pub struct Published {
    head: AtomicU64,
    /// Somebody walks over what the program gives back.
    walking: AtomicU64,
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
        Self { head: AtomicU64::new(0), walking: AtomicU64::new(0) }
    }
}

/// The consuming end of a shared ring: any number of threads may use it.
#[derive(Debug)]
pub struct Shared<'r, 'a> {
    ring: &'r Ring<'a>,
    header: Header<'r>,
    published: &'r Published,
}

impl<'r, 'a> Shared<'r, 'a> {
    /// `published` belongs to this ring.
    #[must_use]
    pub fn new(ring: &'r Ring<'a>, header: Header<'r>, published: &'r Published) -> Self {
        Self { ring, header, published }
    }

    /// Moves the head over everything that is committed. Answers whether the program wants to be woken for it.
    ///
    /// Once per batch; at most as many steps as there are records, which is at most the capacity in grains.
    pub fn publish(&self) -> bool {
        let mut position = self.published.head.load(Acquire);
        let before = position;
        while let Some((end, _)) = self.ring.committed(position) {
            position = end;
        }
        if position == before {
            return false;
        }
        // Others may have come further meanwhile: neither word goes back.
        self.published.head.fetch_max(position, AcqRel);
        self.header.head.fetch_max(position, AcqRel);
        // Between the head and the flag, as the program has one between the flag and the head: one of both sees the other's.
        fence(SeqCst);
        self.header.needs_wakeup.load(Acquire) != 0 && self.header.needs_wakeup.swap(0, AcqRel) != 0
    }

    /// Takes over the program's tail, if it makes sense: it must be where a published record ends.
    pub fn believe(&self) -> Tail {
        if self.published.walking.swap(1, Acquire) != 0 {
            return Tail::Same;
        }
        let tail = self.walk();
        self.published.walking.store(0, Release);
        tail
    }

    /// One step for each record that is given back.
    fn walk(&self) -> Tail {
        // Acquire: the program has read what it gives back.
        let tail = self.header.tail.load(Acquire);
        let head = self.published.head.load(Acquire);
        let mut position = self.ring.consumed();
        if tail == position {
            return Tail::Same;
        }
        if tail < position || tail > head {
            return Tail::Nonsense;
        }
        let mut records: u64 = 0;
        while position < tail {
            let Some((end, flags)) = self.ring.committed(position) else { return Tail::Nonsense };
            position = end;
            records = records.saturating_add(u64::from(flags & SKIP == 0));
        }
        if position != tail {
            return Tail::Nonsense;
        }
        self.ring.release(tail);
        Tail::Moved(records)
    }

    /// Bytes that were published and not given back.
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.published.head.load(Acquire).saturating_sub(self.ring.consumed())
    }
}
