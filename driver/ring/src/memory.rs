//! The data area: the only place with unsafe code.
//!
//! The area is memory that others may write at the same time: a program that maps it, if it is shared. So there is never a
//! reference to it, except for bytes that only the consumer has (invariant R3), in a ring that is not shared.

use core::marker::PhantomData;
use core::ptr::NonNull;

/// A data area of some bytes, at an address.
#[derive(Clone, Copy, Debug)]
pub struct Memory<'a> {
    start: NonNull<u8>,
    bytes: usize,
    lives: PhantomData<&'a ()>,
}

// SAFETY: the area is only written through `write` and only read through `read`, whose callers have the bytes to
// themselves (R3).
unsafe impl Send for Memory<'_> {}
// SAFETY: as above.
unsafe impl Sync for Memory<'_> {}

impl Memory<'_> {
    /// The area of `bytes` bytes at `start`.
    ///
    /// # Safety
    ///
    /// 1. The bytes are valid for reads and writes for as long as `'a`, and nobody in this address space uses them beside the
    ///    ring. (Another address space may: then the ring is used as [`crate::Shared`] only.)
    /// 2. `start` is aligned to 8 bytes.
    #[must_use]
    pub const unsafe fn new(start: NonNull<u8>, bytes: usize) -> Self {
        Self { start, bytes, lives: PhantomData }
    }

    /// An area of no bytes.
    #[must_use]
    pub const fn empty() -> Self {
        Self { start: NonNull::<u64>::dangling().cast(), bytes: 0, lives: PhantomData }
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
            // SAFETY: `offset + count` is at most the length of the area, which is valid for writes by contract (1) of `new`;
            // the caller has the range to itself by R3; the source is a slice, and nobody has a slice of the area there.
            unsafe {
                self.start.as_ptr().wrapping_add(offset).copy_from_nonoverlapping(bytes.as_ptr(), count)
            };
        }
        count
    }

    /// The bytes of a range that the consumer has; shorter if the area ends before.
    #[inline]
    pub(crate) fn read(&self, offset: usize, bytes: usize) -> &[u8] {
        let offset = offset.min(self.bytes);
        let count = bytes.min(self.bytes.saturating_sub(offset));
        // SAFETY: inside of the area by the two lines above, valid by contract (1) of `new`; nobody writes there while the
        // consumer has the range (R3), and a ring whose area others write has no such consumer.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr().wrapping_add(offset), count) }
    }
}
