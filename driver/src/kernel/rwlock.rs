//! A value behind NDIS' reader-writer lock.
//!
//! By closures, not guards: the state of an acquisition stays where it was when the lock was taken.

use core::cell::UnsafeCell;
use core::ptr::NonNull;

use snapgate_ffi::ndis::{
    LOCK_STATE_EX, NDIS_HANDLE, NDIS_RW_LOCK_EX, NDIS_RWL_AT_DISPATCH_LEVEL, NdisAcquireRWLockRead,
    NdisAcquireRWLockWrite, NdisAllocateRWLock, NdisFreeRWLock, NdisReleaseRWLock,
};

use super::NoMemory;

/// A value that many may read at once, or one may write; both at DISPATCH_LEVEL.
pub(crate) struct RwCell<T> {
    lock: NonNull<NDIS_RW_LOCK_EX>,
    value: UnsafeCell<T>,
}

// SAFETY: the lock allows many readers or one writer.
unsafe impl<T: Send + Sync> Sync for RwCell<T> {}
// SAFETY: as the value; the lock belongs to no thread.
unsafe impl<T: Send> Send for RwCell<T> {}

const FRESH: LOCK_STATE_EX = LOCK_STATE_EX { OldIrql: 0, LockState: 0, Flags: 0 };

impl<T> RwCell<T> {
    /// A value behind a new lock of the filter with this handle.
    pub(crate) fn try_new(handle: NDIS_HANDLE, value: T) -> Result<Self, NoMemory> {
        // SAFETY: a handle of NDIS; the IRQL is at most DISPATCH_LEVEL.
        let lock = unsafe { NdisAllocateRWLock(handle) };
        Ok(Self { lock: NonNull::new(lock).ok_or(NoMemory)?, value: UnsafeCell::new(value) })
    }

    /// Reads. `at_dispatch`: the caller knows that the IRQL is DISPATCH_LEVEL. What is done inside does not panic.
    #[inline]
    pub(crate) fn read<R>(&self, at_dispatch: bool, read: impl FnOnce(&T) -> R) -> R {
        let mut state = FRESH;
        let flags = if at_dispatch { NDIS_RWL_AT_DISPATCH_LEVEL } else { 0 };
        // SAFETY: the lock lives as long as the value; the state is this acquisition's own.
        unsafe { NdisAcquireRWLockRead(self.lock.as_ptr(), &raw mut state, flags) };
        // SAFETY: the lock is held, so nobody writes.
        let result = read(unsafe { &*self.value.get() });
        // SAFETY: taken above.
        unsafe { NdisReleaseRWLock(self.lock.as_ptr(), &raw mut state) };
        result
    }

    /// Writes. The caller does not hold the lock.
    pub(crate) fn write<R>(&self, write: impl FnOnce(&mut T) -> R) -> R {
        let mut state = FRESH;
        // SAFETY: as in `read`.
        unsafe { NdisAcquireRWLockWrite(self.lock.as_ptr(), &raw mut state, 0) };
        // SAFETY: the lock is held to write.
        let result = write(unsafe { &mut *self.value.get() });
        // SAFETY: taken above.
        unsafe { NdisReleaseRWLock(self.lock.as_ptr(), &raw mut state) };
        result
    }
}

impl<T> Drop for RwCell<T> {
    fn drop(&mut self) {
        // SAFETY: allocated by `try_new`; nobody holds it, because whoever does borrows the cell.
        unsafe { NdisFreeRWLock(self.lock.as_ptr()) };
    }
}
