//! What threads rely on, each in one constant; and, for the model checker, rings that lack one of them.

use core::sync::atomic::Ordering;

/// How strong the promises between threads are. Nobody else can write one: products have [`Sound`] alone.
pub trait Protocol: 'static {
    /// Of the store that commits a record.
    const COMMIT: Ordering = Ordering::Release;
    /// Of the store that gives room back.
    const RELEASE: Ordering = Ordering::Release;
    /// A fence between a producer's commits and its look at those of others.
    const FENCE_BEFORE_SCAN: bool = true;
    /// A fence between the head and the look at who waits for it.
    const FENCE_BEFORE_WAKE: bool = true;
    /// Whether a word of a later lap is told from the one that is looked for.
    const KNOWS_LAPS: bool = true;
    /// Whether a publisher looks once more whether it wrote the last head.
    const CHECKS_HEAD: bool = true;
    /// Whether one of several threads gives back what a program's tail does.
    const GIVES_BACK_ONCE: bool = true;
}

/// The protocol as it is proven.
#[derive(Debug)]
pub enum Sound {}

impl Protocol for Sound {}

/// Rings with one promise broken: the models of `tests/loom.rs` must fail with each.
#[cfg(loom)]
pub mod weak {
    use super::{Ordering, Protocol};
    use crate::Ring;
    use crate::atomic::AtomicU64;
    use crate::memory::Memory;

    macro_rules! weak {
        ($($(#[$doc:meta])* $name:ident { $promise:ident: $kind:ty = $value:expr })*) => { $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl Protocol for $name {
                const $promise: $kind = $value;
            }
        )* };
    }

    weak! {
        /// A record may be seen before its bytes.
        CommitRelaxed { COMMIT: Ordering = Ordering::Relaxed }
        /// Room may be written to while it is still read.
        ReleaseRelaxed { RELEASE: Ordering = Ordering::Relaxed }
        /// Two producers may each miss the other's commit.
        ScanUnfenced { FENCE_BEFORE_SCAN: bool = false }
        /// Producer and program may each miss what the other wrote.
        WakeUnfenced { FENCE_BEFORE_WAKE: bool = false }
        /// A word of a later lap passes for the one looked for.
        LapsConfused { KNOWS_LAPS: bool = false }
        /// A late publisher leaves an old head behind.
        HeadUnchecked { CHECKS_HEAD: bool = false }
        /// Two threads may count what one of them gives back.
        GivenBackTwice { GIVES_BACK_ONCE: bool = false }
    }

    /// A ring of some protocol.
    #[must_use]
    pub fn ring<'a, P: Protocol>(data: &'a mut [u8], map: &'a [AtomicU64]) -> Ring<'a, P> {
        Ring::build(Memory::from_slice(data), map)
    }
}
