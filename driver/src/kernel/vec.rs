//! A row of values in pool memory, with room that is reserved before.

use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use super::NoMemory;
use super::pool::KBytes;

/// At most as many values as there is room for.
pub(crate) struct KVec<T> {
    memory: Option<KBytes>,
    len: usize,
    room: usize,
    owns: core::marker::PhantomData<T>,
}

// SAFETY: it owns the values.
unsafe impl<T: Send> Send for KVec<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for KVec<T> {}

impl<T> KVec<T> {
    /// No values, and no room.
    pub(crate) const fn new() -> Self {
        Self { memory: None, len: 0, room: 0, owns: core::marker::PhantomData }
    }

    /// Room for so many values.
    pub(crate) fn try_with_room(room: usize) -> Result<Self, NoMemory> {
        const { assert!(align_of::<T>() <= 16 && size_of::<T>() > 0) };
        let bytes = room.checked_mul(size_of::<T>()).ok_or(NoMemory)?;
        Ok(Self { memory: Some(KBytes::try_zeroed(bytes)?), len: 0, room, owns: core::marker::PhantomData })
    }

    fn start(&self) -> NonNull<T> {
        self.memory.as_ref().map_or(NonNull::dangling(), |memory| memory.start().cast())
    }

    /// Puts a value at an index and moves what is behind. Without room the value comes back.
    pub(crate) fn insert(&mut self, index: usize, value: T) -> Result<(), T> {
        if self.len >= self.room || index > self.len {
            return Err(value);
        }
        let start = self.start();
        // SAFETY: the index is at most the length, which is below the room.
        let place = unsafe { start.add(index) };
        let behind = self.len.saturating_sub(index);
        // SAFETY: the values behind the index, and one more place, for which there is room.
        unsafe { place.copy_to(place.add(1), behind) };
        // SAFETY: the place was moved out of by the line above.
        unsafe { place.write(value) };
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Takes the value at an index out, and moves what is behind.
    pub(crate) fn remove(&mut self, index: usize) -> Option<T> {
        if index >= self.len {
            return None;
        }
        // SAFETY: below the length.
        let place = unsafe { self.start().add(index) };
        // SAFETY: a value that is there; its place is overwritten or forgotten next.
        let value = unsafe { place.read() };
        let behind = self.len.saturating_sub(index).saturating_sub(1);
        // SAFETY: the values behind it.
        unsafe { place.copy_from(place.add(1), behind) };
        self.len = self.len.saturating_sub(1);
        Some(value)
    }

    /// Takes the last value out.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.remove(self.len.checked_sub(1)?)
    }
}

impl<T> Deref for KVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: so many values are there; without memory the length is 0.
        unsafe { core::slice::from_raw_parts(self.start().as_ptr(), self.len) }
    }
}

impl<T> DerefMut for KVec<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(self.start().as_ptr(), self.len) }
    }
}

impl<T> Drop for KVec<T> {
    fn drop(&mut self) {
        while let Some(value) = self.pop() {
            drop(value);
        }
    }
}
