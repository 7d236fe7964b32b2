//! Memory that a program lends for the ring, by a request that stays pending for as long.
//!
//! When the request is cancelled the driver must first stop writing there. That takes the driver's mutex, so it is done at
//! PASSIVE_LEVEL, by a work item that was allocated before.

use core::ptr::{self, NonNull};

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ntdef::{PVOID, STATUS_CANCELLED};
use snapgate_ffi::wdm::{
    DEVICE_OBJECT, DelayedWorkQueue, IRP, IoAllocateWorkItem, IoFreeWorkItem, IoGetCurrentIrpStackLocation,
    IoMarkIrpPending, IoQueueWorkItem, IoReleaseCancelSpinLock, IoSetCancelRoutine,
};

use super::{Handle, change};
use crate::kernel::NoMemory;
use crate::kernel::arc::KArc;
use crate::kernel::irp::Irp;
use crate::kernel::pool::KBox;

/// A work item that is not queued.
pub(crate) struct WorkItem(NonNull<core::ffi::c_void>);

// SAFETY: it belongs to no thread.
unsafe impl Send for WorkItem {}

impl WorkItem {
    pub(crate) fn try_new(device: *mut DEVICE_OBJECT) -> Result<Self, NoMemory> {
        // SAFETY: the device of this driver.
        NonNull::new(unsafe { IoAllocateWorkItem(device) }).map(Self).ok_or(NoMemory)
    }
}

impl Drop for WorkItem {
    fn drop(&mut self) {
        // SAFETY: not queued: queuing gives it away.
        unsafe { IoFreeWorkItem(self.0.as_ptr()) };
    }
}

/// The pending request, and what it takes to end it.
pub(crate) struct Lent {
    irp: NonNull<IRP>,
    handle: KArc<Handle>,
    work: WorkItem,
}

// SAFETY: a request belongs to no thread; the rest is made for that.
unsafe impl Send for Lent {}

impl Lent {
    /// Everything that the end of the request will need. The request is still the caller's.
    pub(crate) fn try_new(
        irp: &Irp,
        handle: &KArc<Handle>,
        device: *mut DEVICE_OBJECT,
    ) -> Result<KBox<Self>, NoMemory> {
        let irp = NonNull::new(irp.as_ptr()).ok_or(NoMemory)?;
        KBox::try_new(Self { irp, handle: KArc::clone(handle), work: WorkItem::try_new(device)? })
    }

    /// Pends the request, under the reader lock. `false`: it was cancelled already, and stays the caller's, to be completed.
    #[must_use]
    pub(crate) fn pend(&self) -> bool {
        let irp = self.irp.as_ptr();
        // SAFETY: held by the caller, and nobody else knows it.
        unsafe { IoMarkIrpPending(irp) };
        // SAFETY: not completed.
        unsafe { IoSetCancelRoutine(irp, Some(cancel)) };
        // SAFETY: the caller holds the reader lock, which whoever completes it needs.
        let cancelled = unsafe { ptr::read_volatile(&raw const (*irp).Cancel) } != 0;
        // SAFETY: as above.
        !(cancelled && unsafe { IoSetCancelRoutine(irp, None) }.is_some())
    }

    /// Takes the request out of its place, to be completed, unless the system is cancelling it. Under the reader lock, so
    /// that a cancel routine which has begun finds it there.
    pub(crate) fn take_from(place: &mut Option<KBox<Self>>) -> Option<(KBox<Self>, Irp)> {
        let irp = place.as_ref()?.irp;
        // SAFETY: pending, so not completed.
        unsafe { IoSetCancelRoutine(irp.as_ptr(), None) }?;
        // SAFETY: the routine was taken back, so the request is the driver's.
        Some((place.take()?, unsafe { Irp::from_raw(irp) }))
    }
}

kernel_abi! {
    /// The system cancels the request.
    fn cancel(_device: *mut DEVICE_OBJECT, irp: *mut IRP) {
        // SAFETY: the request that is being cancelled, by its cancel routine.
        let level = unsafe { (*irp).CancelIrql };
        // SAFETY: held by the caller of a cancel routine.
        unsafe { IoReleaseCancelSpinLock(level) };
        // SAFETY: a request of an open file.
        let file = unsafe { (*IoGetCurrentIrpStackLocation(irp)).FileObject };
        // SAFETY: the file was opened by this driver; its handle lives until its last request is completed.
        let Some(handle) = (unsafe { (*file).FsContext.cast::<Handle>().as_ref() }) else { return };
        let lent = handle.reader.lock().lent.take();
        let Some(lent) = lent else { return };
        let item = lent.work.0;
        // SAFETY: a work item that is queued once; its routine takes the context.
        unsafe { IoQueueWorkItem(item.as_ptr(), take_back, DelayedWorkQueue, lent.into_raw().as_ptr().cast()) };
    }

    /// At PASSIVE_LEVEL: nothing is written to the memory any more, and the request is completed.
    fn take_back(_device: *mut DEVICE_OBJECT, context: PVOID) {
        let Some(lent) = NonNull::new(context.cast::<Lent>()) else { return };
        // SAFETY: given away by `cancel`.
        let Lent { irp, handle, work } = unsafe { KBox::from_raw(lent) }.into_inner();
        change::drop_ring(&handle);
        // The file has the handle until the request is completed. After that the driver may be unloaded at any time, so that
        // is last.
        drop((handle, work));
        // SAFETY: its cancel routine has run, so it is the driver's.
        unsafe { Irp::from_raw(irp) }.complete(STATUS_CANCELLED, 0);
    }
}
