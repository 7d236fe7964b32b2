//! Files: open, cleanup, close, and the cancellation of what is pending.

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ntdef::{
    NTSTATUS, STATUS_CANCELLED, STATUS_INSUFFICIENT_RESOURCES, STATUS_NDIS_INTERFACE_NOT_FOUND,
    STATUS_UNSUCCESSFUL,
};
use snapgate_ffi::wdm::{DEVICE_OBJECT, IRP, IoGetCurrentIrpStackLocation, IoReleaseCancelSpinLock};

use crate::driver::DriverRef;
use crate::handle::{Handle, binding};
use crate::kernel::NoMemory;
use crate::kernel::arc::KArc;
use crate::kernel::irp::Irp;
use crate::kernel::list::Room;
use crate::kernel::text;
use crate::module::identity::guid;

/// A new handle: bound to the adapter that the path names, or to none.
pub(super) fn create(driver: DriverRef, irp: &Irp) -> Result<(), NTSTATUS> {
    // SAFETY: the file of a request is there until the request is completed.
    let file = unsafe { irp.file().as_mut() }.ok_or(STATUS_UNSUCCESSFUL)?;
    // SAFETY: the name belongs to the file.
    let name = guid(unsafe { text::words(&raw const file.FileName) });
    let memory = |NoMemory| STATUS_INSUFFICIENT_RESOURCES;
    let handle = Handle::try_new(driver).map_err(memory)?;
    let room = Room::try_new().map_err(memory)?;
    let mut config = driver.config.lock();
    if !name.is_empty() {
        let module = config.modules.iter().find(|module| text::is_same(module.identity.name(), name));
        let module = module.cloned().ok_or(STATUS_NDIS_INTERFACE_NOT_FOUND)?;
        binding::bind(&config, &handle, &module)?;
    }
    config.handles.insert(room, KArc::clone(&handle));
    drop(config);
    file.FsContext = handle.into_raw().cast_mut().cast();
    Ok(())
}

/// Whatever is pending ends, and nothing is captured any more.
pub(super) fn cleanup(handle: &KArc<Handle>) {
    let config = handle.driver.config.lock();
    handle.reader.lock().is_closed = true;
    binding::unbind(&config, handle);
    binding::end_lending(&config, handle, STATUS_CANCELLED);
    drop(config);
    handle.deferred.stop();
    loop {
        let next = handle.reader.lock().queue.take(|_, _| true);
        let Some(irp) = next else { return };
        irp.complete(STATUS_CANCELLED, 0);
    }
}

/// The file gives its handle back.
pub(super) fn close(irp: &Irp) {
    // SAFETY: the file of a request is there until the request is completed.
    let Some(file) = (unsafe { irp.file().as_mut() }) else { return };
    let context = core::mem::replace(&mut file.FsContext, core::ptr::null_mut());
    if context.is_null() {
        return;
    }
    // SAFETY: given away by `create`, taken back once.
    let handle = unsafe { KArc::from_raw(context.cast_const().cast::<Handle>()) };
    let mut config = handle.driver.config.lock();
    let listed = config.handles.remove(|other| core::ptr::eq(other, handle.as_ptr()));
    // What the handle still holds goes while nobody changes anything.
    let (program, store) = handle.state.with(&config, |state| (state.program.take(), state.store.take()));
    drop(config);
    drop((listed, program, store));
    // A wake that was queued between cleanup and the last request.
    handle.deferred.stop();
}

kernel_abi! {
    /// The system cancels a pending request.
    pub(super) fn cancel(_device: *mut DEVICE_OBJECT, irp: *mut IRP) {
        // SAFETY: the request that is being cancelled, by its cancel routine.
        let level = unsafe { (*irp).CancelIrql };
        // SAFETY: held by the caller of a cancel routine.
        unsafe { IoReleaseCancelSpinLock(level) };
        // SAFETY: a request of an open file.
        let file = unsafe { (*IoGetCurrentIrpStackLocation(irp)).FileObject };
        // SAFETY: opened by this driver; its handle lives until its last request is completed.
        let Some(handle) = (unsafe { (*file).FsContext.cast::<Handle>().as_ref() }) else { return };
        let taken = handle.reader.lock().queue.take_cancelled(irp);
        if let Some(irp) = taken {
            irp.complete(STATUS_CANCELLED, 0);
        }
    }
}
