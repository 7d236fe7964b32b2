//! A request that the driver holds: it is completed or pended, never forgotten.

use core::ptr::NonNull;

use snapgate_ffi::ntdef::{NTSTATUS, PVOID};
use snapgate_ffi::wdm::{
    FILE_OBJECT, IO_NO_INCREMENT, IRP, IoCompleteRequest, IoGetCurrentIrpStackLocation, IoIs32bitProcess, MDL,
};

/// A request. It must end by [`Irp::complete`] or [`Irp::into_raw`].
#[must_use = "a request must be completed"]
pub(crate) struct Irp {
    irp: NonNull<IRP>,
}

/// The parameters of a device control.
#[derive(Clone, Copy)]
pub(crate) struct Control {
    pub(crate) code: u32,
    pub(crate) input_len: usize,
    pub(crate) output_len: usize,
}

// SAFETY: a request belongs to whoever holds it, on any thread.
unsafe impl Send for Irp {}

impl Irp {
    /// # Safety
    ///
    /// The caller holds the request, and gives it away by this.
    pub(crate) unsafe fn from_raw(irp: NonNull<IRP>) -> Self {
        Self { irp }
    }

    /// Keeps the request elsewhere.
    pub(crate) fn into_raw(self) -> NonNull<IRP> {
        self.irp
    }

    /// Where it is.
    pub(crate) fn as_ptr(&self) -> *mut IRP {
        self.irp.as_ptr()
    }

    /// The file that it is for.
    pub(crate) fn file(&self) -> *mut FILE_OBJECT {
        // SAFETY: held.
        let location = unsafe { IoGetCurrentIrpStackLocation(self.as_ptr()) };
        // SAFETY: the location of a request that is held.
        unsafe { (*location).FileObject }
    }

    /// The parameters of a device control. For such requests only; others give numbers without meaning.
    pub(crate) fn control(&self) -> Control {
        // SAFETY: held.
        let location = unsafe { IoGetCurrentIrpStackLocation(self.as_ptr()) };
        // SAFETY: the location of a request that is held; plain numbers, whatever they are.
        let parameters = unsafe { (*location).Parameters.DeviceIoControl };
        Control {
            code: parameters.IoControlCode,
            input_len: parameters.InputBufferLength as usize,
            output_len: parameters.OutputBufferLength as usize,
        }
    }

    /// How many bytes a read has room for.
    pub(crate) fn read_len(&self) -> usize {
        // SAFETY: held.
        let location = unsafe { IoGetCurrentIrpStackLocation(self.as_ptr()) };
        // SAFETY: as in `control`.
        unsafe { (*location).Parameters.Read.Length as usize }
    }

    /// The system's buffer of a buffered request: null if it has no bytes.
    pub(crate) fn system_buffer(&self) -> *mut u8 {
        // SAFETY: held; for buffered requests the union has this member.
        let buffer: PVOID = unsafe { (*self.as_ptr()).AssociatedIrp.SystemBuffer };
        buffer.cast()
    }

    /// The locked pages of a direct request: null if it has no bytes.
    pub(crate) fn mdl(&self) -> *mut MDL {
        // SAFETY: held.
        unsafe { (*self.as_ptr()).MdlAddress }
    }

    /// Whether the program has 32-bit addresses.
    pub(crate) fn is_32bit(&self) -> bool {
        // SAFETY: held.
        unsafe { IoIs32bitProcess(self.as_ptr()) != 0 }
    }

    /// Gives it back, with the number of bytes that were written for the program.
    pub(crate) fn complete(self, status: NTSTATUS, information: usize) -> NTSTATUS {
        let irp = self.irp.as_ptr();
        // SAFETY: held.
        let result = unsafe { &mut (*irp).IoStatus };
        result.Status = status;
        result.Information = information;
        // SAFETY: held until now, the status is filled in, and a pended request has lost its cancel routine before it came
        // back here.
        unsafe { IoCompleteRequest(irp, IO_NO_INCREMENT) };
        status
    }
}
