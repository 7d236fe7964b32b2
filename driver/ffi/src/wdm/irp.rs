//! Requests: the IRP, the stack location that is ours, and the macros around them.
//!
//! ```text
//!   IRP ─ Tail.Overlay.CurrentStackLocation ─▶ IO_STACK_LOCATION ─ Parameters, FileObject
//!    ├─ AssociatedIrp.SystemBuffer   METHOD_BUFFERED: input, then output
//!    ├─ MdlAddress                   direct I/O: the user's pages, locked
//!    └─ CancelRoutine                taken out by an exchange, exactly once
//! ```

use crate::ntdef::{BOOLEAN, KIRQL, KPROCESSOR_MODE, LARGE_INTEGER, LIST_ENTRY, NTSTATUS, PVOID};
use crate::wdm::{DEVICE_OBJECT, FILE_OBJECT, IofCompleteRequest, KEVENT, MDL};
use core::ffi::c_void;
use core::sync::atomic::{AtomicPtr, Ordering};

kernel_abi! {
    /// Cancels a request; called with the cancel spin lock held, releases it.
    pub type DRIVER_CANCEL = fn(*mut DEVICE_OBJECT, *mut IRP);
    /// Handles one major function.
    pub type DRIVER_DISPATCH = fn(*mut DEVICE_OBJECT, *mut IRP) -> NTSTATUS;
    /// Runs when a lower driver completes.
    pub type IO_COMPLETION_ROUTINE = fn(*mut DEVICE_OBJECT, *mut IRP, PVOID) -> NTSTATUS;
}

/// How a request ended.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IO_STATUS_BLOCK {
    pub Status: NTSTATUS,
    pub Information: usize,
}

/// The buffer of a buffered request.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub union IRP_ASSOCIATED {
    pub MasterIrp: *mut IRP,
    pub IrpCount: i32,
    pub SystemBuffer: PVOID,
}

/// The first overlay: not a driver's.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IRP_OVERLAY {
    pub UserApcRoutine: PVOID,
    pub UserApcContext: PVOID,
}

/// The part of a request that belongs to the driver which holds it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IRP_TAIL_OVERLAY {
    pub DriverContext: [PVOID; 4],
    pub Thread: *mut c_void,
    pub AuxiliaryBuffer: *mut u8,
    pub ListEntry: LIST_ENTRY,
    pub CurrentStackLocation: *mut IO_STACK_LOCATION,
    pub OriginalFileObject: *mut FILE_OBJECT,
}

/// The tail; the other member is the system's, of 88 bytes.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub union IRP_TAIL {
    pub Overlay: IRP_TAIL_OVERLAY,
    pub Apc: [PVOID; 11],
    pub CompletionKey: PVOID,
}

/// A request.
#[repr(C, align(16))]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IRP {
    pub Type: i16,
    pub Size: u16,
    pub MdlAddress: *mut MDL,
    pub Flags: u32,
    pub AssociatedIrp: IRP_ASSOCIATED,
    pub ThreadListEntry: LIST_ENTRY,
    pub IoStatus: IO_STATUS_BLOCK,
    pub RequestorMode: KPROCESSOR_MODE,
    pub PendingReturned: BOOLEAN,
    pub StackCount: i8,
    pub CurrentLocation: i8,
    pub Cancel: BOOLEAN,
    pub CancelIrql: KIRQL,
    pub ApcEnvironment: i8,
    pub AllocationFlags: u8,
    pub UserIosb: *mut IO_STATUS_BLOCK,
    pub UserEvent: *mut KEVENT,
    pub Overlay: IRP_OVERLAY,
    pub CancelRoutine: Option<DRIVER_CANCEL>,
    pub UserBuffer: PVOID,
    pub Tail: IRP_TAIL,
}

/// Parameters of a device control. On x64 each number has the room of a pointer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IO_DEVICE_CONTROL {
    pub OutputBufferLength: u32,
    pub Reserved1: u32,
    pub InputBufferLength: u32,
    pub Reserved2: u32,
    pub IoControlCode: u32,
    pub Reserved3: u32,
    pub Type3InputBuffer: PVOID,
}

/// Parameters of a read or a write. On x64 each number has the room of a pointer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IO_READ_WRITE {
    pub Length: u32,
    pub Reserved1: u32,
    pub Key: u32,
    pub Reserved2: u32,
    pub ByteOffset: LARGE_INTEGER,
}

/// Parameters of a create.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IO_CREATE {
    pub SecurityContext: *mut c_void,
    pub Options: u32,
    pub Reserved1: u32,
    pub FileAttributes: u16,
    pub ShareAccess: u16,
    pub Reserved2: u32,
    pub EaLength: u32,
    pub Reserved3: u32,
}

/// The parameters, by major function.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub union IO_PARAMETERS {
    pub Create: IO_CREATE,
    pub Read: IO_READ_WRITE,
    pub Write: IO_READ_WRITE,
    pub DeviceIoControl: IO_DEVICE_CONTROL,
    pub Others: [PVOID; 4],
}

/// What one driver of the stack is asked.
#[repr(C)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct IO_STACK_LOCATION {
    pub MajorFunction: u8,
    pub MinorFunction: u8,
    pub Flags: u8,
    pub Control: u8,
    pub Parameters: IO_PARAMETERS,
    pub DeviceObject: *mut DEVICE_OBJECT,
    pub FileObject: *mut FILE_OBJECT,
    pub CompletionRoutine: Option<IO_COMPLETION_ROUTINE>,
    pub Context: PVOID,
}

layouts! {
    IO_STATUS_BLOCK: size 16, align 8 { Status = 0, Information = 8 }
    IRP: size 208, align 16 {
        Type = 0, Size = 2, MdlAddress = 8, Flags = 16, AssociatedIrp.SystemBuffer = 24, ThreadListEntry = 32,
        IoStatus = 48, IoStatus.Status = 48, IoStatus.Information = 56, RequestorMode = 64, PendingReturned = 65,
        StackCount = 66, CurrentLocation = 67, Cancel = 68, CancelIrql = 69, ApcEnvironment = 70,
        AllocationFlags = 71, UserIosb = 72, UserEvent = 80, Overlay = 88, CancelRoutine = 104, UserBuffer = 112,
        Tail.Overlay.DriverContext = 120, Tail.Overlay.Thread = 152, Tail.Overlay.AuxiliaryBuffer = 160,
        Tail.Overlay.ListEntry = 168, Tail.Overlay.CurrentStackLocation = 184, Tail.Overlay.OriginalFileObject = 192,
    }
    IO_STACK_LOCATION: size 72, align 8 {
        MajorFunction = 0, MinorFunction = 1, Flags = 2, Control = 3, Parameters = 8,
        Parameters.Create.SecurityContext = 8, Parameters.Create.Options = 16,
        Parameters.Create.FileAttributes = 24, Parameters.Create.ShareAccess = 26, Parameters.Create.EaLength = 32,
        Parameters.Read.Length = 8, Parameters.Read.Key = 16, Parameters.Read.ByteOffset = 24,
        Parameters.Write.Length = 8, Parameters.Write.ByteOffset = 24,
        Parameters.DeviceIoControl.OutputBufferLength = 8, Parameters.DeviceIoControl.InputBufferLength = 16,
        Parameters.DeviceIoControl.IoControlCode = 24, Parameters.DeviceIoControl.Type3InputBuffer = 32,
        DeviceObject = 40, FileObject = 48, CompletionRoutine = 56, Context = 64,
    }
}

/// Opens.
pub const IRP_MJ_CREATE: u8 = 0;
/// The last reference to a file object is gone.
pub const IRP_MJ_CLOSE: u8 = 2;
/// Reads.
pub const IRP_MJ_READ: u8 = 3;
/// Writes.
pub const IRP_MJ_WRITE: u8 = 4;
/// A device control.
pub const IRP_MJ_DEVICE_CONTROL: u8 = 0xe;
/// The last handle of a file object is closed.
pub const IRP_MJ_CLEANUP: u8 = 0x12;
/// The highest major function.
pub const IRP_MJ_MAXIMUM_FUNCTION: u8 = 0x1b;

/// In `Control`: will be completed later.
pub const SL_PENDING_RETURNED: u8 = 1;
/// For [`IofCompleteRequest`]: the waiting thread is not favoured.
pub const IO_NO_INCREMENT: i8 = 0;
/// A network request was completed.
pub const IO_NETWORK_INCREMENT: i8 = 2;

/// The stack location of the driver that holds the request.
///
/// # Safety
///
/// The caller holds the request: it was given to it, and it has neither completed it nor passed it on.
#[inline]
pub unsafe fn IoGetCurrentIrpStackLocation(irp: *const IRP) -> *mut IO_STACK_LOCATION {
    // SAFETY: no access, only the address of a field of the request, which is valid while its holder has it.
    let overlay = unsafe { &raw const (*irp).Tail }.cast::<IRP_TAIL_OVERLAY>();
    // SAFETY: in a driver's hands the tail has this member, which begins where the union does.
    unsafe { (*overlay).CurrentStackLocation }
}

/// Says that the request will be completed later; the dispatch function must then answer `STATUS_PENDING`.
///
/// # Safety
///
/// 1. The caller holds the request, and no other thread can complete it before this returns.
/// 2. It has a current stack location.
#[inline]
pub unsafe fn IoMarkIrpPending(irp: *mut IRP) {
    // SAFETY: held by (1).
    let location = unsafe { IoGetCurrentIrpStackLocation(irp) };
    // SAFETY: valid by (2), and ours alone by (1).
    let control = unsafe { &mut (*location).Control };
    *control |= SL_PENDING_RETURNED;
}

/// Exchanges the cancel routine; who gets the old one out owns the cancellation.
///
/// # Safety
///
/// The request has not been completed, and the routine stays callable while it is set.
#[inline]
pub unsafe fn IoSetCancelRoutine(irp: *mut IRP, routine: Option<DRIVER_CANCEL>) -> Option<DRIVER_CANCEL> {
    // SAFETY: no access, only the address of a field inside of the request.
    let field = unsafe { &raw mut (*irp).CancelRoutine };
    // SAFETY: (1) aligned and valid as the field of a request; (2) every other access to it is atomic, as the kernel's.
    let field = unsafe { AtomicPtr::from_ptr(field.cast::<*mut c_void>()) };
    let new = routine.map_or(core::ptr::null_mut(), |routine| routine as *mut c_void);
    let old = field.swap(new, Ordering::SeqCst);
    // SAFETY: an optional function pointer has the layout of a nullable pointer, and the field holds nothing else.
    unsafe { core::mem::transmute::<*mut c_void, Option<DRIVER_CANCEL>>(old) }
}

/// Gives the request back.
///
/// # Safety
///
/// 1. The caller holds the request, no cancel routine is set, and `IoStatus` is filled in.
/// 2. It does not touch the request again.
/// 3. The IRQL is at most `DISPATCH_LEVEL`.
#[inline]
pub unsafe fn IoCompleteRequest(irp: *mut IRP, boost: i8) {
    // SAFETY: the same contract.
    unsafe { IofCompleteRequest(irp, boost) };
}
