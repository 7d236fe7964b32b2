//! A program's event.

use core::ptr::{self, NonNull};

use snapgate_ffi::ntdef::{HANDLE, NT_SUCCESS, NTSTATUS, UserMode};
use snapgate_ffi::wdm::{
    ExEventObjectType, KEVENT, KeSetEvent, ObReferenceObjectByHandle, ObfDereferenceObject,
};

/// The right to set an event: `EVENT_MODIFY_STATE`.
const EVENT_MODIFY_STATE: u32 = 2;

/// A reference to an event object.
pub(crate) struct UserEvent {
    object: NonNull<KEVENT>,
}

// SAFETY: events synchronize themselves.
unsafe impl Send for UserEvent {}
// SAFETY: as above.
unsafe impl Sync for UserEvent {}

impl UserEvent {
    /// The event behind a handle of the current process, which must be allowed to set it. At PASSIVE_LEVEL.
    ///
    /// # Errors
    /// The handle is none, of another kind, or without the right.
    pub(crate) fn from_handle(handle: u64) -> Result<Self, NTSTATUS> {
        let handle: HANDLE = ptr::without_provenance_mut(usize::try_from(handle).unwrap_or(usize::MAX));
        // SAFETY: the kernel's variable holds the address of a variable with the type.
        let kind = unsafe { *ExEventObjectType };
        let mut object = ptr::null_mut();
        // SAFETY: at PASSIVE_LEVEL; the handle is looked up with the rights of the program; memory for the pointer is there.
        let status = unsafe {
            ObReferenceObjectByHandle(
                handle,
                EVENT_MODIFY_STATE,
                kind,
                UserMode,
                &raw mut object,
                ptr::null_mut(),
            )
        };
        match NonNull::new(object.cast()) {
            Some(object) if NT_SUCCESS(status) => Ok(Self { object }),
            _ => Err(status),
        }
    }

    /// Signals it.
    pub(crate) fn set(&self) {
        // SAFETY: referenced, so it is there.
        unsafe { KeSetEvent(self.object.as_ptr(), 0, 0) };
    }
}

impl Drop for UserEvent {
    fn drop(&mut self) {
        // SAFETY: the reference that `from_handle` took.
        unsafe { ObfDereferenceObject(self.object.as_ptr().cast()) };
    }
}
