//! Objects: the driver's, its device's, and one per open handle.

use crate::ntdef::{BOOLEAN, KSPIN_LOCK, LARGE_INTEGER, LIST_ENTRY, NTSTATUS, PVOID, UNICODE_STRING};
use crate::wdm::{DRIVER_DISPATCH, IRP, KDPC, KEVENT};
use core::ffi::c_void;

kernel_abi! {
    /// The entry of a driver.
    pub type DRIVER_INITIALIZE = fn(*mut DRIVER_OBJECT, *mut UNICODE_STRING) -> NTSTATUS;
    /// Its end.
    pub type DRIVER_UNLOAD = fn(*mut DRIVER_OBJECT);
    /// For drivers that let the system queue.
    pub type DRIVER_STARTIO = fn(*mut DEVICE_OBJECT, *mut IRP);
    /// Runs at `PASSIVE_LEVEL` in a thread of the system.
    pub type IO_WORKITEM_ROUTINE = fn(*mut DEVICE_OBJECT, PVOID);
}

/// The loaded driver.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct DRIVER_OBJECT {
    pub Type: i16,
    pub Size: i16,
    pub DeviceObject: *mut DEVICE_OBJECT,
    pub Flags: u32,
    pub DriverStart: PVOID,
    pub DriverSize: u32,
    pub DriverSection: PVOID,
    pub DriverExtension: *mut c_void,
    pub DriverName: UNICODE_STRING,
    pub HardwareDatabase: *mut UNICODE_STRING,
    pub FastIoDispatch: *mut c_void,
    pub DriverInit: Option<DRIVER_INITIALIZE>,
    pub DriverStartIo: Option<DRIVER_STARTIO>,
    pub DriverUnload: Option<DRIVER_UNLOAD>,
    pub MajorFunction: [Option<DRIVER_DISPATCH>; 28],
}

/// A queue of the system in each device; not ours to touch.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct KDEVICE_QUEUE {
    pub Type: i16,
    pub Size: i16,
    pub DeviceListHead: LIST_ENTRY,
    pub Lock: KSPIN_LOCK,
    pub Busy: u64,
}

/// A device. The system allocates it, with more behind it.
#[repr(C, align(16))]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct DEVICE_OBJECT {
    pub Type: i16,
    pub Size: u16,
    pub ReferenceCount: i32,
    pub DriverObject: *mut DRIVER_OBJECT,
    pub NextDevice: *mut DEVICE_OBJECT,
    pub AttachedDevice: *mut DEVICE_OBJECT,
    pub CurrentIrp: *mut IRP,
    pub Timer: *mut c_void,
    pub Flags: u32,
    pub Characteristics: u32,
    pub Vpb: *mut c_void,
    pub DeviceExtension: PVOID,
    pub DeviceType: u32,
    pub StackSize: i8,
    pub Queue: [PVOID; 9],
    pub AlignmentRequirement: u32,
    pub DeviceQueue: KDEVICE_QUEUE,
    pub Dpc: KDPC,
    pub ActiveThreadCount: u32,
    pub SecurityDescriptor: PVOID,
    pub DeviceLock: KEVENT,
    pub SectorSize: u16,
    pub Spare1: u16,
    pub DeviceObjectExtension: *mut c_void,
    pub Reserved: PVOID,
}

/// One open handle, or several that were duplicated: one open.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct FILE_OBJECT {
    pub Type: i16,
    pub Size: i16,
    pub DeviceObject: *mut DEVICE_OBJECT,
    pub Vpb: *mut c_void,
    pub FsContext: PVOID,
    pub FsContext2: PVOID,
    pub SectionObjectPointer: *mut c_void,
    pub PrivateCacheMap: PVOID,
    pub FinalStatus: NTSTATUS,
    pub RelatedFileObject: *mut FILE_OBJECT,
    pub LockOperation: BOOLEAN,
    pub DeletePending: BOOLEAN,
    pub ReadAccess: BOOLEAN,
    pub WriteAccess: BOOLEAN,
    pub DeleteAccess: BOOLEAN,
    pub SharedRead: BOOLEAN,
    pub SharedWrite: BOOLEAN,
    pub SharedDelete: BOOLEAN,
    pub Flags: u32,
    pub FileName: UNICODE_STRING,
    pub CurrentByteOffset: LARGE_INTEGER,
    pub Waiters: u32,
    pub Busy: u32,
    pub LastLock: PVOID,
    pub Lock: KEVENT,
    pub Event: KEVENT,
    pub CompletionContext: *mut c_void,
    pub IrpListLock: KSPIN_LOCK,
    pub IrpList: LIST_ENTRY,
    pub FileObjectExtension: PVOID,
}

/// How an object is named when it is opened.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct OBJECT_ATTRIBUTES {
    pub Length: u32,
    pub RootDirectory: PVOID,
    pub ObjectName: *mut UNICODE_STRING,
    pub Attributes: u32,
    pub SecurityDescriptor: PVOID,
    pub SecurityQualityOfService: PVOID,
}

/// A registry value: this, and its bytes behind.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct KEY_VALUE_PARTIAL_INFORMATION {
    pub TitleIndex: u32,
    pub Type: u32,
    pub DataLength: u32,
    pub Data: [u8; 1],
}

layouts! {
    DRIVER_OBJECT: size 336, align 8 {
        Type = 0, Size = 2, DeviceObject = 8, Flags = 16, DriverStart = 24, DriverSize = 32, DriverSection = 40,
        DriverExtension = 48, DriverName = 56, HardwareDatabase = 72, FastIoDispatch = 80, DriverInit = 88,
        DriverStartIo = 96, DriverUnload = 104, MajorFunction = 112,
    }
    KDEVICE_QUEUE: size 40, align 8 { Type = 0, Size = 2, DeviceListHead = 8, Lock = 24, Busy = 32 }
    DEVICE_OBJECT: size 336, align 16 {
        Type = 0, Size = 2, ReferenceCount = 4, DriverObject = 8, NextDevice = 16, AttachedDevice = 24,
        CurrentIrp = 32, Timer = 40, Flags = 48, Characteristics = 52, Vpb = 56, DeviceExtension = 64,
        DeviceType = 72, StackSize = 76, Queue = 80, AlignmentRequirement = 152, DeviceQueue = 160, Dpc = 200,
        ActiveThreadCount = 264, SecurityDescriptor = 272, DeviceLock = 280, SectorSize = 304, Spare1 = 306,
        DeviceObjectExtension = 312, Reserved = 320,
    }
    FILE_OBJECT: size 216, align 8 {
        Type = 0, Size = 2, DeviceObject = 8, Vpb = 16, FsContext = 24, FsContext2 = 32, SectionObjectPointer = 40,
        PrivateCacheMap = 48, FinalStatus = 56, RelatedFileObject = 64, LockOperation = 72, DeletePending = 73,
        ReadAccess = 74, WriteAccess = 75, DeleteAccess = 76, SharedRead = 77, SharedWrite = 78, SharedDelete = 79,
        Flags = 80, FileName = 88, CurrentByteOffset = 104, Waiters = 112, Busy = 116, LastLock = 120, Lock = 128,
        Event = 152, CompletionContext = 176, IrpListLock = 184, IrpList = 192, FileObjectExtension = 208,
    }
    OBJECT_ATTRIBUTES: size 48, align 8 {
        Length = 0, RootDirectory = 8, ObjectName = 16, Attributes = 24, SecurityDescriptor = 32,
        SecurityQualityOfService = 40,
    }
    KEY_VALUE_PARTIAL_INFORMATION: size 16, align 4 { TitleIndex = 0, Type = 4, DataLength = 8, Data = 12 }
}

/// In `DEVICE_OBJECT.Flags`: reads and writes go through a system buffer.
pub const DO_BUFFERED_IO: u32 = 4;
/// In `DEVICE_OBJECT.Flags`: reads and writes get the user's pages as an MDL.
pub const DO_DIRECT_IO: u32 = 0x10;
/// In `DEVICE_OBJECT.Flags`: not open to anybody yet.
pub const DO_DEVICE_INITIALIZING: u32 = 0x80;
/// In `Characteristics`: names below the device are checked by its descriptor too.
pub const FILE_DEVICE_SECURE_OPEN: u32 = 0x100;
/// The name is compared without case.
pub const OBJ_CASE_INSENSITIVE: u32 = 0x40;
/// The handle is for the kernel only.
pub const OBJ_KERNEL_HANDLE: u32 = 0x200;
/// A registry value of 32 bits.
pub const REG_DWORD: u32 = 4;
/// For `ZwQueryValueKey`.
pub const KeyValuePartialInformation: u32 = 2;
/// Of a registry key.
pub const KEY_READ: u32 = 0x2_0019;
/// Of an event.
pub const EVENT_MODIFY_STATE: u32 = 2;
