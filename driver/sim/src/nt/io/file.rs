//! Files: opened by path and rights, cleaned up with the last handle, closed with the last request.

use snapgate_ffi::ntdef::{NT_SUCCESS, NTSTATUS, STATUS_ACCESS_DENIED, STATUS_OBJECT_NAME_NOT_FOUND};
use snapgate_ffi::wdm::{DEVICE_OBJECT, FILE_OBJECT, IRP_MJ_CLEANUP, IRP_MJ_CLOSE, IRP_MJ_CREATE};

use super::device;
use super::request::{self, Transfer};
use crate::machine::{machine, violate};
use crate::nt::security::{self, User};
use crate::nt::{driver, pool};
use crate::sched;
use crate::verify::Rule;

/// Seconds that a request may still take after its file was cleaned up.
const CLEANUP_SECONDS: u64 = 10;

/// Opens a device by a program's path like `\\.\Name\rest`.
pub(crate) fn open(path: &str, access: u32, user: User) -> Result<*mut FILE_OBJECT, NTSTATUS> {
    let (device, rest) = device::find(path).ok_or(STATUS_OBJECT_NAME_NOT_FOUND)?;
    let granted = match security::rights(&device.sddl, user) {
        Ok(granted) => granted,
        Err(security::Malformed) => {
            violate(Rule::Argument, format!("`{}` is no security descriptor", device.sddl))
        }
    };
    if granted == 0 || access & !granted != 0 {
        return Err(STATUS_ACCESS_DENIED);
    }
    let file: *mut FILE_OBJECT = pool::allocate("FILE_OBJECT", 0, size_of::<FILE_OBJECT>()).cast();
    let object: *mut DEVICE_OBJECT = std::ptr::with_exposed_provenance_mut(device.object);
    // SAFETY: a new block, for which all zeroes is valid; the device is not deleted.
    unsafe {
        file.write_bytes(0, 1);
        (*file).Type = 5;
        (*file).DeviceObject = object;
        (*file).FileName = driver::string(&rest);
        (*object).ReferenceCount += 1;
    }
    let io = &machine().nt.io;
    io.files.set(io.files.get().saturating_add(1));
    let create = request::send(file, IRP_MJ_CREATE, Transfer::Nothing);
    create.done.wait(None);
    let status = create.outcome.borrow().status;
    if NT_SUCCESS(status) {
        return Ok(file);
    }
    forget(file);
    Err(status)
}

/// The last handle is closed.
pub(crate) fn close(file: *mut FILE_OBJECT) {
    let cleanup = request::send(file, IRP_MJ_CLEANUP, Transfer::Nothing);
    cleanup.done.wait(None);
    for request in request::of_file(file.addr()) {
        if !request.done.wait(Some(CLEANUP_SECONDS * 10_000_000)) {
            violate(
                Rule::R1,
                format!("{} is still pending after the cleanup of its file", request.describe()),
            );
        }
    }
    let close = request::send(file, IRP_MJ_CLOSE, Transfer::Nothing);
    close.done.wait(None);
    forget(file);
}

fn forget(file: *mut FILE_OBJECT) {
    // SAFETY: a file that nobody uses any more, and its device, which stays until the last file is gone.
    unsafe {
        (*(*file).DeviceObject).ReferenceCount -= 1;
        pool::free("text", (*file).FileName.Buffer.cast());
    }
    let io = &machine().nt.io;
    io.files.set(io.files.get().saturating_sub(1));
    pool::free("FILE_OBJECT", file.cast());
    sched::point("close");
}
