//! The data area: the only place with unsafe code that touches memory.
//!
//! The area is memory that others may write at the same time: a program that maps it, if it is shared. So there is never a
//! reference to it, except for bytes that only the consumer has (invariant R3), in a ring that is not shared.

use core::marker::PhantomData;
use core::ptr::NonNull;

/// A data area of some bytes, at an address: for one ring.
#[derive(Debug)]
pub struct Memory<'a> {
    start: NonNull<u8>,
    bytes: usize,
    #[cfg(loom)]
    watch: watch::Watch,
    lives: PhantomData<&'a mut [u8]>,
}

// SAFETY: the area is only written through `write` and only read through `read`, whose callers have the bytes to
// themselves (R3).
unsafe impl Send for Memory<'_> {}
// SAFETY: as above.
unsafe impl Sync for Memory<'_> {}

impl<'a> Memory<'a> {
    /// The area of `bytes` bytes at `start`.
    ///
    /// # Safety
    ///
    /// 1. The bytes are initialized, and valid for reads and writes for as long as `'a`; nobody in this address space uses
    ///    them beside the ring. (Another address space may: then the ring is used as [`crate::Shared`] only.)
    /// 2. The map of the ring that is made of it holds zeroes, and no other ring uses it.
    #[must_use]
    pub unsafe fn new(start: NonNull<u8>, bytes: usize) -> Self {
        Self {
            start,
            bytes,
            #[cfg(loom)]
            watch: watch::Watch::new(bytes),
            lives: PhantomData,
        }
    }

    /// An area that is borrowed for as long as the ring is there.
    pub(crate) fn from_slice(bytes: &'a mut [u8]) -> Self {
        let count = bytes.len();
        // SAFETY: borrowed exclusively for 'a. The map: everybody who calls this has it exclusively, and zeroed it.
        unsafe { Self::new(NonNull::from(bytes).cast(), count) }
    }

    /// How many bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Copies bytes to an offset; what would be beyond the end is dropped. Answers how many were copied.
    #[inline]
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) -> usize {
        let room = self.bytes.saturating_sub(offset);
        let count = bytes.len().min(room);
        if count > 0 {
            #[cfg(loom)]
            self.watch.written(offset, count);
            // SAFETY: `offset + count` is at most the length of the area, which is valid for writes by contract (1) of `new`;
            // the caller has the range to itself by R3; the source is a slice, and nobody has a slice of the area there.
            unsafe {
                self.start.as_ptr().wrapping_add(offset).copy_from_nonoverlapping(bytes.as_ptr(), count)
            };
        }
        count
    }

    /// Writes a few bytes, of a number known when this is compiled, at an offset; all, or none if they are not inside.
    #[inline]
    pub(crate) fn write_array<const N: usize>(&self, offset: usize, bytes: &[u8; N]) {
        if N > self.bytes || offset > self.bytes.saturating_sub(N) {
            return;
        }
        #[cfg(loom)]
        self.watch.written(offset, N);
        let to = self.start.as_ptr().wrapping_add(offset).cast::<[u8; N]>();
        // SAFETY: the bytes are inside of the area by the condition, which is valid for writes by contract (1) of `new`; the
        // caller has them to itself by R3; an array of bytes needs no alignment.
        unsafe { to.write(*bytes) };
    }

    /// Writes 8 bytes at an offset, if they are inside.
    #[inline]
    pub(crate) fn write_word(&self, offset: usize, word: u64) {
        self.write_array(offset, &word.to_le_bytes());
    }

    /// The bytes of a range that the consumer has; shorter if the area ends before.
    #[inline]
    pub(crate) fn read(&self, offset: usize, bytes: usize) -> &[u8] {
        let offset = offset.min(self.bytes);
        let count = bytes.min(self.bytes.saturating_sub(offset));
        #[cfg(loom)]
        self.watch.read(offset, count);
        // SAFETY: inside of the area by the two lines above, valid and initialized by contract (1) of `new`; nobody writes
        // there while the consumer has the range (R3), and a ring whose area others write has no such consumer.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr().wrapping_add(offset), count) }
    }
}

/// What the model checker sees of the area: one cell for each grain, in which it finds accesses that race.
#[cfg(loom)]
mod watch {
    use crate::ring::GRAIN;
    use loom::cell::UnsafeCell;
    use std::vec::Vec;

    #[derive(Debug)]
    pub(super) struct Watch(Vec<UnsafeCell<()>>);

    impl Watch {
        pub(super) fn new(bytes: usize) -> Self {
            Self((0..bytes.div_ceil(GRAIN as usize)).map(|_| UnsafeCell::new(())).collect())
        }

        fn cells(&self, offset: usize, bytes: usize) -> impl Iterator<Item = &UnsafeCell<()>> {
            let first = offset / GRAIN as usize;
            let end = offset.saturating_add(bytes).div_ceil(GRAIN as usize);
            self.0.iter().take(end).skip(first)
        }

        pub(super) fn written(&self, offset: usize, bytes: usize) {
            // A model that failed drops its grants, where another panic would end the process.
            if std::thread::panicking() {
                return;
            }
            self.cells(offset, bytes).for_each(|cell| cell.with_mut(|_| ()));
        }

        pub(super) fn read(&self, offset: usize, bytes: usize) {
            self.cells(offset, bytes).for_each(|cell| cell.with(|_| ()));
        }
    }
}
