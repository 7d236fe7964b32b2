//! Cancelling a request, as `IoCancelIrp` does.

use snapgate_ffi::wdm::{IRP, IoSetCancelRoutine};

use super::{acquire_cancel_lock, request};
use crate::machine::machine;
use crate::sched;

/// Marks a request as cancelled, and calls its cancel routine if it has one: the routine releases the lock.
pub(super) fn cancel(irp: *mut IRP) {
    let before = acquire_cancel_lock();
    if !request::is_pending(irp) {
        super::IoReleaseCancelSpinLock(before);
        return;
    }
    // SAFETY: a request that is not completed, whose memory stays while the lock is held and longer.
    let routine = unsafe {
        (*irp).Cancel = 1;
        IoSetCancelRoutine(irp, None)
    };
    let Some(routine) = routine else {
        super::IoReleaseCancelSpinLock(before);
        return;
    };
    // SAFETY: as above.
    let device = unsafe {
        (*irp).CancelIrql = before;
        (*(*irp).Tail.Overlay.CurrentStackLocation).DeviceObject
    };
    let thread = sched::this();
    thread.frames.borrow_mut().push("Cancel");
    // SAFETY: the routine that the driver set for this request.
    unsafe { routine(device, irp) };
    thread.frames.borrow_mut().pop();
    if thread.irql.get() != before || sched::holds_spin_lock(machine().nt.io.cancel_lock.as_ptr()) {
        crate::machine::violate(
            crate::verify::Rule::K1,
            "a cancel routine must release the cancel spin lock, to the level in CancelIrql",
        );
    }
}
