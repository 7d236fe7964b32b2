//! Owners of pool memory. Every allocation can fail, and says so.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use snapgate_ffi::wdm::{ExAllocatePoolWithTag, ExFreePoolWithTag, NonPagedPoolNx};

use super::NoMemory;

/// Names our memory in the kernel's tools: "Snpg".
const TAG: u32 = u32::from_le_bytes(*b"Snpg");

/// Pool memory is aligned to this.
const ALIGN: usize = 16;

fn allocate(bytes: usize) -> Result<NonNull<u8>, NoMemory> {
    // SAFETY: the IRQL is at most DISPATCH_LEVEL everywhere in this driver, and the tag is not 0.
    let block = unsafe { ExAllocatePoolWithTag(NonPagedPoolNx, bytes.max(1), TAG) };
    NonNull::new(block.cast()).ok_or(NoMemory)
}

/// # Safety
///
/// `block` came from [`allocate`], and is not used any more.
unsafe fn free(block: NonNull<u8>) {
    // SAFETY: by the contract.
    unsafe { ExFreePoolWithTag(block.as_ptr().cast(), TAG) };
}

/// One value in pool memory.
pub(crate) struct KBox<T> {
    value: NonNull<T>,
    owns: PhantomData<T>,
}

// SAFETY: it owns the value, as the value itself would be.
unsafe impl<T: Send> Send for KBox<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for KBox<T> {}

impl<T> KBox<T> {
    /// Puts a value into pool memory. If there is none, the value is gone: whoever needs it back asks before.
    pub(crate) fn try_new(value: T) -> Result<Self, NoMemory> {
        const { assert!(align_of::<T>() <= ALIGN) };
        let block = allocate(size_of::<T>())?.cast::<T>();
        // SAFETY: a new block, large enough and aligned.
        unsafe { block.write(value) };
        Ok(Self { value: block, owns: PhantomData })
    }

    /// Gives the memory away; [`KBox::from_raw`] takes it back.
    pub(crate) fn into_raw(self) -> NonNull<T> {
        let value = self.value;
        core::mem::forget(self);
        value
    }

    /// # Safety
    ///
    /// `value` came from [`KBox::into_raw`], once.
    pub(crate) unsafe fn from_raw(value: NonNull<T>) -> Self {
        Self { value, owns: PhantomData }
    }

    /// Takes the value out, and gives the memory back.
    pub(crate) fn into_inner(self) -> T {
        let block = self.into_raw();
        // SAFETY: the value is there, and is not used in its place any more.
        let value = unsafe { block.read() };
        // SAFETY: allocated by `try_new`; the value was moved out.
        unsafe { free(block.cast()) };
        value
    }
}

impl<T> Deref for KBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the value is there as long as its owner.
        unsafe { self.value.as_ref() }
    }
}

impl<T> DerefMut for KBox<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and the owner is borrowed exclusively.
        unsafe { self.value.as_mut() }
    }
}

impl<T> Drop for KBox<T> {
    fn drop(&mut self) {
        // SAFETY: the value is there, and nobody uses it after.
        unsafe { ptr::drop_in_place(self.value.as_ptr()) };
        // SAFETY: allocated by `try_new`.
        unsafe { free(self.value.cast()) };
    }
}

/// A fixed number of plain values in pool memory.
pub(crate) struct KSlice<T: Copy> {
    start: NonNull<T>,
    len: usize,
    owns: PhantomData<T>,
}

// SAFETY: it owns plain values.
unsafe impl<T: Copy + Send> Send for KSlice<T> {}
// SAFETY: as above.
unsafe impl<T: Copy + Sync> Sync for KSlice<T> {}

impl<T: Copy> KSlice<T> {
    /// As many values as the iterator says it has; if it has fewer, the slice is shorter.
    pub(crate) fn try_from_iter(values: impl ExactSizeIterator<Item = T>) -> Result<Self, NoMemory> {
        const { assert!(align_of::<T>() <= ALIGN) };
        let room = values.len();
        let bytes = room.checked_mul(size_of::<T>()).ok_or(NoMemory)?;
        let start = allocate(bytes)?.cast::<T>();
        let mut len: usize = 0;
        for (index, value) in values.take(room).enumerate() {
            // SAFETY: `index` is below `room`, for which there is memory.
            unsafe { start.add(index).write(value) };
            len = index.saturating_add(1);
        }
        Ok(Self { start, len, owns: PhantomData })
    }

    /// Where the values are, for who shares them by atomic access.
    pub(crate) fn raw(&self) -> NonNull<T> {
        self.start
    }

    /// So many copies of a value.
    pub(crate) fn try_filled(value: T, len: usize) -> Result<Self, NoMemory> {
        Self::try_from_iter((0..len).map(|_| value))
    }
}

impl<T: Copy> Deref for KSlice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: so many values were written, and live as long as their owner.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T: Copy> DerefMut for KSlice<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and the owner is borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Copy> Drop for KSlice<T> {
    fn drop(&mut self) {
        // SAFETY: allocated by `try_from_iter`; plain values need no drop.
        unsafe { free(self.start.cast()) };
    }
}

/// Zeroed memory without a type, for data areas.
pub(crate) struct KBytes {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: it owns memory, and gives out raw addresses only.
unsafe impl Send for KBytes {}
// SAFETY: as above.
unsafe impl Sync for KBytes {}

impl KBytes {
    /// So many bytes of zero.
    pub(crate) fn try_zeroed(bytes: usize) -> Result<Self, NoMemory> {
        let start = allocate(bytes)?;
        // SAFETY: a new block of so many bytes.
        unsafe { start.write_bytes(0, bytes) };
        Ok(Self { start, bytes })
    }

    /// Where they are.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }
}

impl Drop for KBytes {
    fn drop(&mut self) {
        // SAFETY: allocated by `try_zeroed`.
        unsafe { free(self.start) };
    }
}
