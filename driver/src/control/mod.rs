//! The control device: what programs ask of the driver. All at PASSIVE_LEVEL.

mod answer;
mod bind;
mod execute;
mod open;

use core::ptr::NonNull;

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ntdef::{
    NTSTATUS, STATUS_CANCELLED, STATUS_INVALID_DEVICE_REQUEST, STATUS_INVALID_DEVICE_STATE,
    STATUS_NOT_SUPPORTED, STATUS_SUCCESS, STATUS_UNSUCCESSFUL,
};
use snapgate_ffi::wdm::{DEVICE_OBJECT, IRP};

use crate::driver::DriverRef;
use crate::handle::Handle;
use crate::handle::queue::Kind;
use crate::kernel::arc::KArc;
use crate::kernel::irp::Irp;

kernel_abi! {
    /// A program opens the device.
    pub(crate) fn create(device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: given by the system for this call.
        let Some(irp) = (unsafe { take(irp) }) else { return STATUS_UNSUCCESSFUL };
        // SAFETY: the device of this driver.
        let Some(driver) = (unsafe { DriverRef::of_device(device) }) else {
            return irp.complete(STATUS_UNSUCCESSFUL, 0);
        };
        let status = open::create(driver, &irp).err().unwrap_or(STATUS_SUCCESS);
        irp.complete(status, 0)
    }

    /// The last handle is closed: nothing may be pending after this.
    pub(crate) fn cleanup(_device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: given by the system for this call.
        let Some(irp) = (unsafe { take(irp) }) else { return STATUS_UNSUCCESSFUL };
        if let Some(handle) = handle(&irp) {
            open::cleanup(&handle);
        }
        irp.complete(STATUS_SUCCESS, 0)
    }

    /// The file is gone.
    pub(crate) fn close(_device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: given by the system for this call.
        let Some(irp) = (unsafe { take(irp) }) else { return STATUS_UNSUCCESSFUL };
        open::close(&irp);
        irp.complete(STATUS_SUCCESS, 0)
    }

    /// A program reads packets.
    pub(crate) fn read(_device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: given by the system for this call.
        let Some(irp) = (unsafe { take(irp) }) else { return STATUS_UNSUCCESSFUL };
        match handle(&irp) {
            Some(handle) => wait_or_fill(&handle, irp, Kind::Read),
            None => irp.complete(STATUS_INVALID_DEVICE_STATE, 0),
        }
    }

    /// A program writes a packet: not yet.
    pub(crate) fn write(_device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: given by the system for this call.
        let Some(irp) = (unsafe { take(irp) }) else { return STATUS_UNSUCCESSFUL };
        irp.complete(STATUS_NOT_SUPPORTED, 0)
    }

    /// A program asks for something.
    pub(crate) fn device_control(device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: given by the system for this call.
        let Some(irp) = (unsafe { take(irp) }) else { return STATUS_UNSUCCESSFUL };
        match handle(&irp) {
            Some(handle) => execute::execute(&handle, irp, device),
            None => irp.complete(STATUS_INVALID_DEVICE_REQUEST, 0),
        }
    }
}

/// # Safety
///
/// A request that the system just gave to this driver.
unsafe fn take(irp: *mut IRP) -> Option<Irp> {
    // SAFETY: by the contract.
    NonNull::new(irp).map(|irp| unsafe { Irp::from_raw(irp) })
}

/// The handle of the file that a request is for.
fn handle(irp: &Irp) -> Option<KArc<Handle>> {
    // SAFETY: the file of a request is there until the request is completed.
    let context = unsafe { irp.file().as_ref() }?.FsContext;
    if context.is_null() {
        return None;
    }
    // SAFETY: given away by `open::create`, taken back at close, which comes after all other requests.
    Some(unsafe { KArc::clone_raw(context.cast_const().cast::<Handle>()) })
}

/// Ends a request with what there is, or pends it until there is enough.
fn wait_or_fill(handle: &KArc<Handle>, irp: Irp, kind: Kind) -> NTSTATUS {
    use crate::handle::{queue, wake};
    use core::sync::atomic::Ordering::{Relaxed, SeqCst};
    use snapgate_abi::ReadTimeout;

    queue::mark(&irp, kind);
    let now = handle.driver.clocks.milliseconds();
    let mut reader = handle.reader.lock();
    if reader.is_closed {
        drop(reader);
        return irp.complete(STATUS_CANCELLED, 0);
    }
    if let Some(shared) = reader.store.as_ref().and_then(|store| store.shared()) {
        crate::handle::change::count_given_back(handle, shared.believe());
    }
    let timeout = reader.timeout;
    let counts = reader.settings.statistics;
    let due = !counts && reader.is_due(handle.threshold.load(Relaxed));
    let short = kind == Kind::Read && irp.read_len() < snapgate_abi::record::HEADER_BYTES_MAX;
    if due || reader.is_detached || short || timeout == ReadTimeout::Never {
        let (status, bytes) = reader.fill(handle, &irp);
        // A blocking read that found only what is still being written waits for it.
        if bytes > 0 || status != STATUS_SUCCESS || kind == Kind::Wait || timeout == ReadTimeout::Never {
            drop(reader);
            return irp.complete(status, bytes);
        }
    }
    if kind == Kind::Read && crate::handle::reader::Output::of(&irp).is_none() {
        // Mapped now, so that it need not be when the packets are there.
        drop(reader);
        return irp.complete(snapgate_ffi::ntdef::STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    let deadline = match timeout {
        ReadTimeout::Milliseconds(milliseconds) => Some(now.saturating_add(u64::from(milliseconds))),
        ReadTimeout::Never | ReadTimeout::Infinite => None,
    };
    let cancelled = reader.queue.push(irp, kind, deadline, open::cancel);
    handle.interest.fetch_or(wake::REQUESTS, SeqCst);
    drop(reader);
    if let Some(irp) = cancelled {
        irp.complete(STATUS_CANCELLED, 0);
    }
    // Looks again, for what came meanwhile, and sets the time of the next look.
    handle.deferred.queue();
    snapgate_ffi::ntdef::STATUS_PENDING
}
