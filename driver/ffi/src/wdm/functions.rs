//! What ntoskrnl.exe and hal.dll export and a capture filter needs. Each line says the highest IRQL.
//!
//! Only names that the kernel exports on x64 from Windows 7 on: `KeAcquireSpinLock`, `KeQuerySystemTime` and others are
//! macros there. Newer ones (`ExAllocatePool2`, `KeQuerySystemTimePrecise`) are looked up by `MmGetSystemRoutineAddress`;
//! their types are here.

use crate::ntdef::{
    ACCESS_MASK, BOOLEAN, HANDLE, KIRQL, KPROCESSOR_MODE, KSPIN_LOCK, LARGE_INTEGER, NTSTATUS, PVOID,
    UNICODE_STRING,
};
use crate::wdm::{
    DEVICE_OBJECT, DRIVER_OBJECT, IO_WORKITEM_ROUTINE, IRP, KDEFERRED_ROUTINE, KDPC, KEVENT, KTIMER, MDL,
    OBJECT_ATTRIBUTES,
};
use core::ffi::c_void;

kernel_abi! {
    /// `ExAllocatePool2`, Windows 10 2004 and later: (flags, bytes, tag).
    pub type EX_ALLOCATE_POOL2 = fn(u64, usize, u32) -> PVOID;
    /// `KeQuerySystemTimePrecise`, Windows 8 and later.
    pub type KE_QUERY_SYSTEM_TIME_PRECISE = fn(*mut LARGE_INTEGER);

    imports from "ntoskrnl.exe" {
        /// Memory of a pool; null if there is none. DISPATCH.
        pub fn ExAllocatePoolWithTag(PoolType: u32, NumberOfBytes: usize, Tag: u32) -> PVOID;
        /// Gives memory back. DISPATCH.
        pub fn ExFreePoolWithTag(P: PVOID, Tag: u32);
        /// The address of a routine of the kernel, or null. PASSIVE.
        pub fn MmGetSystemRoutineAddress(SystemRoutineName: *mut UNICODE_STRING) -> PVOID;

        /// Maps locked pages. To the kernel: null if it cannot, DISPATCH. To a program: raises an exception if it cannot, APC.
        pub fn MmMapLockedPagesSpecifyCache(
            MemoryDescriptorList: *mut MDL, AccessMode: KPROCESSOR_MODE, CacheType: u32, RequestedAddress: PVOID,
            BugCheckOnFailure: u32, Priority: u32,
        ) -> PVOID;
        /// Takes a mapping back. DISPATCH for the kernel's, APC for a program's, in its process.
        pub fn MmUnmapLockedPages(BaseAddress: PVOID, MemoryDescriptorList: *mut MDL);
        /// Pages of no address, zeroed, as an MDL; null, or fewer bytes than asked. APC.
        pub fn MmAllocatePagesForMdlEx(
            LowAddress: LARGE_INTEGER, HighAddress: LARGE_INTEGER, SkipBytes: LARGE_INTEGER, TotalBytes: usize,
            CacheType: u32, Flags: u32,
        ) -> *mut MDL;
        /// Gives those pages back; the MDL is freed by `ExFreePoolWithTag` with tag 0. APC.
        pub fn MmFreePagesFromMdl(MemoryDescriptorList: *mut MDL);
        /// Fills in the pages of a buffer in non-paged pool. DISPATCH.
        pub fn MmBuildMdlForNonPagedPool(MemoryDescriptorList: *mut MDL);
        /// An MDL for a buffer, or null. DISPATCH.
        pub fn IoAllocateMdl(
            VirtualAddress: PVOID, Length: u32, SecondaryBuffer: BOOLEAN, ChargeQuota: BOOLEAN, Irp: *mut IRP,
        ) -> *mut MDL;
        /// Gives an MDL back. DISPATCH.
        pub fn IoFreeMdl(Mdl: *mut MDL);

        /// Completes a request. DISPATCH.
        pub fn IofCompleteRequest(Irp: *mut IRP, PriorityBoost: i8);
        /// Takes the lock of all cancellations. DISPATCH.
        pub fn IoAcquireCancelSpinLock(Irql: *mut KIRQL);
        /// Gives it back: to `CancelIrql` of the request in a cancel routine. DISPATCH.
        pub fn IoReleaseCancelSpinLock(Irql: KIRQL);
        /// Whether the request is from a 32-bit program. DISPATCH.
        pub fn IoIs32bitProcess(Irp: *mut IRP) -> BOOLEAN;
        /// The process that sent the request. DISPATCH.
        pub fn IoGetRequestorProcessId(Irp: *mut IRP) -> u32;
        /// The current process. DISPATCH.
        pub fn IoGetCurrentProcess() -> *mut c_void;
        /// The number of the current process, as a handle. DISPATCH.
        pub fn PsGetCurrentProcessId() -> HANDLE;
        /// A second name for a device. PASSIVE.
        pub fn IoCreateSymbolicLink(SymbolicLinkName: *mut UNICODE_STRING, DeviceName: *mut UNICODE_STRING) -> NTSTATUS;
        /// Takes it away. PASSIVE.
        pub fn IoDeleteSymbolicLink(SymbolicLinkName: *mut UNICODE_STRING) -> NTSTATUS;
        /// Memory that lives as long as the driver object, found again by its client address; zeroed. PASSIVE.
        pub fn IoAllocateDriverObjectExtension(
            DriverObject: *mut DRIVER_OBJECT, ClientIdentificationAddress: PVOID, DriverObjectExtensionSize: u32,
            DriverObjectExtension: *mut PVOID,
        ) -> NTSTATUS;
        /// That memory, or null. DISPATCH.
        pub fn IoGetDriverObjectExtension(
            DriverObject: *mut DRIVER_OBJECT, ClientIdentificationAddress: PVOID,
        ) -> PVOID;
        /// A work item of a device, or null. DISPATCH.
        pub fn IoAllocateWorkItem(DeviceObject: *mut DEVICE_OBJECT) -> *mut c_void;
        /// Queues it: once, until its routine has started. DISPATCH.
        pub fn IoQueueWorkItem(
            IoWorkItem: *mut c_void, WorkerRoutine: IO_WORKITEM_ROUTINE, QueueType: i32, Context: PVOID,
        );
        /// Gives it back when it is not queued. DISPATCH.
        pub fn IoFreeWorkItem(IoWorkItem: *mut c_void);
        /// A named event. PASSIVE.
        pub fn IoCreateNotificationEvent(EventName: *mut UNICODE_STRING, EventHandle: *mut HANDLE) -> *mut KEVENT;

        /// The object behind a handle, with a reference. PASSIVE.
        pub fn ObReferenceObjectByHandle(
            Handle: HANDLE, DesiredAccess: ACCESS_MASK, ObjectType: *mut c_void, AccessMode: KPROCESSOR_MODE,
            Object: *mut PVOID, HandleInformation: *mut c_void,
        ) -> NTSTATUS;
        /// Gives a reference back: `ObDereferenceObject`. DISPATCH.
        pub fn ObfDereferenceObject(Object: PVOID) -> isize;
        /// The type of events, for `ObReferenceObjectByHandle`.
        pub static ExEventObjectType: *mut *mut c_void;

        /// Makes an event. DISPATCH.
        pub fn KeInitializeEvent(Event: *mut KEVENT, Type: i32, State: BOOLEAN);
        /// Signals it; answers the state from before. DISPATCH unless `Wait`.
        pub fn KeSetEvent(Event: *mut KEVENT, Increment: i32, Wait: BOOLEAN) -> i32;
        /// Resets it. DISPATCH.
        pub fn KeClearEvent(Event: *mut KEVENT);
        /// From here on the thread cannot be suspended: for locks that are held while waiting. APC.
        pub fn KeEnterCriticalRegion();
        /// The end of it. APC.
        pub fn KeLeaveCriticalRegion();
        /// Waits. APC, or DISPATCH with a time of 0.
        pub fn KeWaitForSingleObject(
            Object: PVOID, WaitReason: i32, WaitMode: KPROCESSOR_MODE, Alertable: BOOLEAN, Timeout: *mut LARGE_INTEGER,
        ) -> NTSTATUS;
        /// Waits for a time. APC.
        pub fn KeDelayExecutionThread(
            WaitMode: KPROCESSOR_MODE, Alertable: BOOLEAN, Interval: *mut LARGE_INTEGER,
        ) -> NTSTATUS;

        /// Makes a timer. DISPATCH.
        pub fn KeInitializeTimer(Timer: *mut KTIMER);
        /// Sets it; answers whether it was set. DISPATCH.
        pub fn KeSetTimerEx(Timer: *mut KTIMER, DueTime: LARGE_INTEGER, Period: i32, Dpc: *mut KDPC) -> BOOLEAN;
        /// Unsets it; answers whether it was set. DISPATCH.
        pub fn KeCancelTimer(Timer: *mut KTIMER) -> BOOLEAN;
        /// Makes a deferred procedure call. Any.
        pub fn KeInitializeDpc(Dpc: *mut KDPC, DeferredRoutine: KDEFERRED_ROUTINE, DeferredContext: PVOID);
        /// Queues it, unless it is queued; answers whether it was not. Any.
        pub fn KeInsertQueueDpc(Dpc: *mut KDPC, SystemArgument1: PVOID, SystemArgument2: PVOID) -> BOOLEAN;
        /// Takes it out of the queue; answers whether it was there. Any.
        pub fn KeRemoveQueueDpc(Dpc: *mut KDPC) -> BOOLEAN;
        /// Waits until every deferred procedure call that is queued has run. PASSIVE.
        pub fn KeFlushQueuedDpcs();

        /// Raises and takes a spin lock. DISPATCH.
        pub fn KeAcquireSpinLockRaiseToDpc(SpinLock: *mut KSPIN_LOCK) -> KIRQL;
        /// Gives it back and lowers. DISPATCH.
        pub fn KeReleaseSpinLock(SpinLock: *mut KSPIN_LOCK, NewIrql: KIRQL);
        /// Takes a spin lock. Exactly DISPATCH.
        pub fn KeAcquireSpinLockAtDpcLevel(SpinLock: *mut KSPIN_LOCK);
        /// Gives it back. Exactly DISPATCH.
        pub fn KeReleaseSpinLockFromDpcLevel(SpinLock: *mut KSPIN_LOCK);

        /// The number of the current CPU over all groups. Any; the thread may move below DISPATCH.
        pub fn KeGetCurrentProcessorNumberEx(ProcNumber: *mut c_void) -> u32;
        /// Units of 100 ns between two ticks. Any.
        pub fn KeQueryTimeIncrement() -> u32;
        /// Stops the system. Any.
        pub fn KeBugCheckEx(
            BugCheckCode: u32, Parameter1: usize, Parameter2: usize, Parameter3: usize, Parameter4: usize,
        ) -> !;

        /// Opens a registry key. PASSIVE.
        pub fn ZwOpenKey(
            KeyHandle: *mut HANDLE, DesiredAccess: ACCESS_MASK, ObjectAttributes: *mut OBJECT_ATTRIBUTES,
        ) -> NTSTATUS;
        /// Reads a registry value. PASSIVE.
        pub fn ZwQueryValueKey(
            KeyHandle: HANDLE, ValueName: *mut UNICODE_STRING, KeyValueInformationClass: u32,
            KeyValueInformation: PVOID, Length: u32, ResultLength: *mut u32,
        ) -> NTSTATUS;
        /// Closes a handle. PASSIVE.
        pub fn ZwClose(Handle: HANDLE) -> NTSTATUS;
    }

    imports from "hal.dll" {
        /// A counter that never goes backwards, and its ticks in a second. Any.
        pub fn KeQueryPerformanceCounter(PerformanceFrequency: *mut LARGE_INTEGER) -> LARGE_INTEGER;
        /// Burns time: at most 50 microseconds. Any.
        pub fn KeStallExecutionProcessor(MicroSeconds: u32);
    }
}
