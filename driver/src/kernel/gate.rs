//! Rundown of what a module originates: a count and a closed mark in one word.
//!
//! Check and count are one atomic step, so nothing slips in between: who gets a pass before the gate closes is counted by
//! who closes it, and who comes after gets none. Two words would lose that.

use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

const CLOSED: u32 = 1 << 31;

/// A gate that is closed at first.
#[derive(Debug)]
pub struct Gate {
    word: AtomicU32,
}

/// What closing found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Nobody is inside.
    Drained,
    /// Somebody is: the last to leave is told.
    Busy,
}

/// Proof that what follows is counted. Without one nothing can be originated.
#[derive(Debug)]
#[must_use = "what is counted must be given back"]
pub struct Pass(());

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A closed gate with nobody inside.
    #[must_use]
    pub const fn new() -> Self {
        Self { word: AtomicU32::new(CLOSED) }
    }

    /// Opens it. Whoever is still inside stays counted.
    pub fn open(&self) {
        self.word.fetch_and(!CLOSED, AcqRel);
    }

    /// Counts one more inside, unless it is closed.
    #[must_use]
    pub fn enter(&self) -> Option<Pass> {
        let mut word = self.word.load(Relaxed);
        loop {
            // So many cannot be inside; but if they were, the mark would not be lost.
            if word & CLOSED != 0 || word == CLOSED.wrapping_sub(1) {
                return None;
            }
            match self.word.compare_exchange_weak(word, word.wrapping_add(1), AcqRel, Relaxed) {
                Ok(_) => return Some(Pass(())),
                Err(now) => word = now,
            }
        }
    }

    /// Counts one less; whether it was the last through a closed gate, who has to tell.
    #[must_use]
    pub fn leave(&self, pass: Pass) -> bool {
        let Pass(()) = pass;
        self.word.fetch_sub(1, AcqRel) == CLOSED | 1
    }

    /// Closes it.
    pub fn close(&self) -> Closed {
        let before = self.word.fetch_or(CLOSED, AcqRel);
        if before & !CLOSED == 0 { Closed::Drained } else { Closed::Busy }
    }

    /// How many are inside.
    #[must_use]
    pub fn inside(&self) -> u32 {
        self.word.load(Acquire) & !CLOSED
    }
}
