//! Shared ownership of a value in pool memory, by an atomic count.

use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::{AcqRel, Relaxed};

use super::NoMemory;
use super::pool::KBox;

struct Inner<T> {
    count: AtomicUsize,
    value: T,
}

/// One of several owners of a value. The value never moves.
pub(crate) struct KArc<T> {
    inner: NonNull<Inner<T>>,
}

// SAFETY: as of `std::sync::Arc`: the value is shared, and dropped by whoever is last.
unsafe impl<T: Send + Sync> Send for KArc<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for KArc<T> {}

impl<T> KArc<T> {
    /// Puts a value into pool memory, with one owner.
    pub(crate) fn try_new(value: T) -> Result<Self, NoMemory> {
        let inner = KBox::try_new(Inner { count: AtomicUsize::new(1), value })?;
        Ok(Self { inner: inner.into_raw() })
    }

    /// Whether both own the same value.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    /// Gives this ownership away, as a pointer to the value; [`KArc::from_raw`] takes it back.
    pub(crate) fn into_raw(self) -> *const T {
        let value = self.as_ptr();
        core::mem::forget(self);
        value
    }

    /// The address of the value.
    pub(crate) fn as_ptr(&self) -> *const T {
        // SAFETY: no access: the address of a field of a value that is there.
        unsafe { &raw const (*self.inner.as_ptr()).value }
    }

    /// # Safety
    ///
    /// `value` came from [`KArc::into_raw`], once.
    pub(crate) unsafe fn from_raw(value: *const T) -> Self {
        let offset = core::mem::offset_of!(Inner<T>, value);
        let inner = value.wrapping_byte_sub(offset).cast_mut().cast::<Inner<T>>();
        // SAFETY: not null, as the address of a value inside of an allocation.
        Self { inner: unsafe { NonNull::new_unchecked(inner) } }
    }

    /// One more owner of a value that somebody gave away.
    ///
    /// # Safety
    ///
    /// `value` came from [`KArc::into_raw`] and has not been taken back.
    pub(crate) unsafe fn clone_raw(value: *const T) -> Self {
        // SAFETY: by the contract, except for the count, which the next two lines put right.
        let borrowed = core::mem::ManuallyDrop::new(unsafe { Self::from_raw(value) });
        Self::clone(&borrowed)
    }
}

impl<T> Clone for KArc<T> {
    fn clone(&self) -> Self {
        // SAFETY: there while it has an owner.
        let count = unsafe { &self.inner.as_ref().count };
        // It cannot wrap: each owner takes memory, of which there is less than that.
        count.fetch_add(1, Relaxed);
        Self { inner: self.inner }
    }
}

impl<T> Deref for KArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there while it has an owner.
        unsafe { &self.inner.as_ref().value }
    }
}

impl<T> Drop for KArc<T> {
    fn drop(&mut self) {
        // SAFETY: there while it has an owner.
        let count = unsafe { &self.inner.as_ref().count };
        // AcqRel: all that other owners did happens before the value is dropped.
        if count.fetch_sub(1, AcqRel) == 1 {
            // SAFETY: the last owner; the memory came from a box.
            drop(unsafe { KBox::from_raw(self.inner) });
        }
    }
}
