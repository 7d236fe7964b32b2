//! A value behind a spin lock.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};

use snapgate_ffi::ntdef::{KIRQL, KSPIN_LOCK};
use snapgate_ffi::wdm::{KeAcquireSpinLockRaiseToDpc, KeReleaseSpinLock, SPIN_LOCK_FREE};

/// A value that is reached under a spin lock, at DISPATCH_LEVEL. It does not move while it is locked.
pub(crate) struct SpinLock<T> {
    lock: UnsafeCell<KSPIN_LOCK>,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time reaches the value.
unsafe impl<T: Send> Sync for SpinLock<T> {}
// SAFETY: as the value.
unsafe impl<T: Send> Send for SpinLock<T> {}

impl<T> SpinLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { lock: UnsafeCell::new(SPIN_LOCK_FREE), value: UnsafeCell::new(value) }
    }

    /// Takes the lock. The caller does not hold it, and is at DISPATCH_LEVEL at most.
    pub(crate) fn lock(&self) -> SpinGuard<'_, T> {
        // SAFETY: a lock in memory that is always there, for as long as it is borrowed.
        let level = unsafe { KeAcquireSpinLockRaiseToDpc(self.lock.get()) };
        SpinGuard { of: self, level }
    }
}

/// The lock is held while this lives.
pub(crate) struct SpinGuard<'a, T> {
    of: &'a SpinLock<T>,
    level: KIRQL,
}

impl<T> Deref for SpinGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.of.value.get() }
    }
}

impl<T> DerefMut for SpinGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, and the guard is borrowed exclusively.
        unsafe { &mut *self.of.value.get() }
    }
}

impl<T> Drop for SpinGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: taken by `lock`, which answered the level.
        unsafe { KeReleaseSpinLock(self.of.lock.get(), self.level) };
    }
}
