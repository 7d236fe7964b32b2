//! A lock for threads that may wait: PASSIVE_LEVEL only.
//!
//! Inside of it the thread is in a critical region: a program that suspends its thread must not stop everybody else.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};

use snapgate_ffi::ntdef::KernelMode;
use snapgate_ffi::wdm::{
    Executive, KEVENT, KeEnterCriticalRegion, KeInitializeEvent, KeLeaveCriticalRegion, KeSetEvent,
    KeWaitForSingleObject, SynchronizationEvent,
};

/// A value that one thread at a time reaches. It must not move once [`Mutex::init`] was called.
pub(crate) struct Mutex<T> {
    free: UnsafeCell<KEVENT>,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time reaches the value.
unsafe impl<T: Send> Sync for Mutex<T> {}
// SAFETY: as the value.
unsafe impl<T: Send> Send for Mutex<T> {}

impl<T> Mutex<T> {
    /// A lock that cannot be taken yet.
    pub(crate) const fn new(value: T) -> Self {
        // SAFETY: an event that is not initialized may have any value; zeroes are valid for all of its fields.
        let event = unsafe { core::mem::zeroed() };
        Self { free: UnsafeCell::new(event), value: UnsafeCell::new(value) }
    }

    /// Makes it usable, where it is.
    ///
    /// # Safety
    ///
    /// It is in its final place, and nobody has taken it.
    pub(crate) unsafe fn init(&self) {
        // SAFETY: memory for an event, which nobody uses yet.
        unsafe { KeInitializeEvent(self.free.get(), SynchronizationEvent, 1) };
    }

    /// Takes the lock. The caller is at PASSIVE_LEVEL and does not hold it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        // SAFETY: at PASSIVE_LEVEL.
        unsafe { KeEnterCriticalRegion() };
        let event = self.free.get().cast();
        // SAFETY: an initialized event; no time limit: what is done under the lock waits for nobody.
        unsafe { KeWaitForSingleObject(event, Executive, KernelMode, 0, core::ptr::null_mut()) };
        MutexGuard { of: self }
    }
}

/// The lock is held while this lives.
pub(crate) struct MutexGuard<'a, T> {
    of: &'a Mutex<T>,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.of.value.get() }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, and the guard is borrowed exclusively.
        unsafe { &mut *self.of.value.get() }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: an initialized event, which wakes one who waits.
        unsafe { KeSetEvent(self.of.free.get(), 0, 0) };
        // SAFETY: entered by `lock`, on this thread.
        unsafe { KeLeaveCriticalRegion() };
    }
}
