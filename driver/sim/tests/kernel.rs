//! Small wrong drivers, each of which the kernel's half of the machine must catch with the right rule.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::multiple_unsafe_ops_per_block,
    reason = "a test fails by a panic; the drivers here break the contracts of the kernel's functions, which is the point"
)]

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ndis::*;
use snapgate_ffi::ntdef::*;
use snapgate_ffi::wdm::*;
use snapgate_sim::image::Image;
use snapgate_sim::user::{GENERIC_READ, GENERIC_WRITE, Memory, Process, User};
use snapgate_sim::{Guard, Machine, Options, Rule, load, unload};
use std::cell::Cell;
use std::ptr::null_mut;

/// What the driver does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sin {
    None,
    // In its entry.
    WriteBehindBlock,
    WriteBeforeBlock,
    WriteAfterFree,
    FreeTwice,
    Leak,
    WrongTag,
    FreeWithTimer,
    WaitAtDispatch,
    RoutineAddressAtDispatch,
    ReturnRaised,
    LockTwice,
    ReleaseNotHeld,
    ReturnWithLock,
    WaitForEver,
    SleepForEver,
    BugCheck,
    TouchProgram,
    UninitializedEvent,
    // With a request.
    CompleteTwice,
    Forget,
    PendingLie,
    StatusLie,
    CompletePending,
    InformationTooLarge,
    InformationUnwritten,
    CancelRoutineLeft,
    LeftAtCleanup,
}

thread_local! {
    static SIN: Cell<Sin> = const { Cell::new(Sin::None) };
    static ADDRESS: Cell<usize> = const { Cell::new(0) };
    static FILTER: Cell<NDIS_HANDLE> = const { Cell::new(null_mut()) };
    static DEVICE: Cell<NDIS_HANDLE> = const { Cell::new(null_mut()) };
}

const TAG: u32 = 0x7473_6554;

fn words(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn string(words: &[u16]) -> UNICODE_STRING {
    let bytes = u16::try_from(words.len() * 2).unwrap();
    UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: words.as_ptr().cast_mut() }
}

unsafe fn block() -> *mut u8 {
    // SAFETY: the size is not 0 and the pool is one that there is.
    unsafe { ExAllocatePoolWithTag(NonPagedPoolNx, 100, TAG) }.cast()
}

/// What a sinner does in its entry. Answers the status of the entry.
unsafe fn sin_in_entry(sin: Sin) -> NTSTATUS {
    // SAFETY: the machine is there for as long as the entry runs; where a contract is broken, the machine ends the driver before memory is touched.
    unsafe {
        match sin {
            Sin::WriteBehindBlock | Sin::WriteBeforeBlock => {
                let block = block();
                block.offset(if sin == Sin::WriteBehindBlock { 100 } else { -1 }).write_volatile(1);
                ExFreePoolWithTag(block.cast(), TAG);
            }
            Sin::WriteAfterFree => {
                let block = block();
                ExFreePoolWithTag(block.cast(), TAG);
                block.write_volatile(1);
            }
            Sin::FreeTwice => {
                let block = block();
                ExFreePoolWithTag(block.cast(), TAG);
                ExFreePoolWithTag(block.cast(), TAG);
            }
            Sin::Leak => {
                block();
            }
            Sin::WrongTag => ExFreePoolWithTag(block().cast(), TAG + 1),
            Sin::FreeWithTimer => {
                let timer: *mut KTIMER = block().cast();
                KeInitializeTimer(timer);
                KeSetTimerEx(timer, -10_000, 0, null_mut());
                ExFreePoolWithTag(timer.cast(), TAG);
            }
            Sin::WaitAtDispatch | Sin::WaitForEver => {
                let event: *mut KEVENT = block().cast();
                KeInitializeEvent(event, NotificationEvent, 0);
                if sin == Sin::WaitAtDispatch {
                    let mut lock = SPIN_LOCK_FREE;
                    KeAcquireSpinLockRaiseToDpc(&raw mut lock);
                }
                KeWaitForSingleObject(event.cast(), Executive, KernelMode, 0, null_mut());
            }
            Sin::RoutineAddressAtDispatch | Sin::ReturnWithLock | Sin::LockTwice | Sin::ReturnRaised => {
                let lock: *mut KSPIN_LOCK = block().cast();
                lock.write(SPIN_LOCK_FREE);
                let level = KeAcquireSpinLockRaiseToDpc(lock);
                match sin {
                    Sin::RoutineAddressAtDispatch => {
                        MmGetSystemRoutineAddress(null_mut());
                    }
                    Sin::LockTwice => KeAcquireSpinLockAtDpcLevel(lock),
                    Sin::ReturnRaised => KeReleaseSpinLockFromDpcLevel(lock),
                    // Returned with the lock held.
                    _ => assert_eq!(level, PASSIVE_LEVEL),
                }
            }
            Sin::ReleaseNotHeld => {
                let (mut one, mut other) = (SPIN_LOCK_FREE, SPIN_LOCK_FREE);
                KeAcquireSpinLockRaiseToDpc(&raw mut one);
                KeReleaseSpinLock(&raw mut other, PASSIVE_LEVEL);
            }
            Sin::SleepForEver => loop {
                let mut time = -10_000;
                KeDelayExecutionThread(KernelMode, 0, &raw mut time);
            },
            Sin::BugCheck => KeBugCheckEx(0xe2, 1, 2, 3, 4),
            Sin::TouchProgram => drop(std::ptr::with_exposed_provenance::<u8>(ADDRESS.get()).read_volatile()),
            Sin::UninitializedEvent => {
                KeSetEvent(block().cast(), 0, 0);
            }
            _ => {}
        }
    }
    STATUS_UNSUCCESSFUL
}

kernel_abi! {
    fn entry(object: *mut DRIVER_OBJECT, _path: *mut UNICODE_STRING) -> NTSTATUS {
        let sin = SIN.get();
        if (sin as u8) >= Sin::CompleteTwice as u8 || sin == Sin::None {
            // SAFETY: the machine calls an entry with a driver object that is its own.
            unsafe { register(object) }
        } else {
            // SAFETY: called from the entry, as this function asks.
            unsafe { sin_in_entry(sin) }
        }
    }
    fn attach(_: NDIS_HANDLE, _: NDIS_HANDLE, _: *mut NDIS_FILTER_ATTACH_PARAMETERS) -> NDIS_STATUS { NDIS_STATUS_FAILURE }
    fn detach(_: NDIS_HANDLE) {}
    fn restart(_: NDIS_HANDLE, _: *mut NDIS_FILTER_RESTART_PARAMETERS) -> NDIS_STATUS { NDIS_STATUS_SUCCESS }
    fn pause(_: NDIS_HANDLE, _: *mut NDIS_FILTER_PAUSE_PARAMETERS) -> NDIS_STATUS { NDIS_STATUS_SUCCESS }
    fn leave(_object: *mut DRIVER_OBJECT) {
        // SAFETY: both handles were registered by the entry, and an unload routine runs once.
        unsafe {
            NdisDeregisterDeviceEx(DEVICE.get());
            NdisFDeregisterFilterDriver(FILTER.get());
        }
    }
    fn fine(_device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: the machine gives a request that nobody has completed.
        unsafe { end(irp, STATUS_SUCCESS, 0) }
    }
    fn cancel(_device: *mut DEVICE_OBJECT, irp: *mut IRP) {
        // SAFETY: a cancel routine is called with its request, which is not completed, and with the lock held.
        unsafe {
            IoReleaseCancelSpinLock((*irp).CancelIrql);
            end(irp, STATUS_CANCELLED, 0);
        }
    }
    fn control(_device: *mut DEVICE_OBJECT, irp: *mut IRP) -> NTSTATUS {
        // SAFETY: the machine gives a request that lives until it is completed; what a sinner does with it afterwards, the machine ends.
        unsafe {
            match SIN.get() {
                Sin::CompleteTwice => {
                    end(irp, STATUS_SUCCESS, 0);
                    end(irp, STATUS_SUCCESS, 0)
                }
                Sin::Forget => STATUS_SUCCESS,
                Sin::PendingLie => {
                    end(irp, STATUS_SUCCESS, 0);
                    STATUS_PENDING
                }
                Sin::StatusLie => {
                    end(irp, STATUS_SUCCESS, 0);
                    STATUS_UNSUCCESSFUL
                }
                Sin::CompletePending => end(irp, STATUS_PENDING, 0),
                Sin::InformationTooLarge => end(irp, STATUS_SUCCESS, 65),
                Sin::InformationUnwritten => end(irp, STATUS_SUCCESS, 64),
                Sin::CancelRoutineLeft => {
                    IoSetCancelRoutine(irp, Some(cancel));
                    end(irp, STATUS_SUCCESS, 0)
                }
                Sin::LeftAtCleanup => {
                    IoMarkIrpPending(irp);
                    STATUS_PENDING
                }
                _ => {
                    let buffer: *mut u8 = (*irp).AssociatedIrp.SystemBuffer.cast();
                    buffer.write_bytes(7, 64);
                    end(irp, STATUS_SUCCESS, 64)
                }
            }
        }
    }
}

unsafe fn end(irp: *mut IRP, status: NTSTATUS, information: usize) -> NTSTATUS {
    // SAFETY: callers have a request that is there and is theirs to complete.
    unsafe {
        (*irp).IoStatus = IO_STATUS_BLOCK { Status: status, Information: information };
        IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
    status
}

unsafe fn register(object: *mut DRIVER_OBJECT) -> NTSTATUS {
    let version = NdisVersion::V6_87;
    let text = words("{00000000-0000-4000-8000-000000000001}");
    // SAFETY: all fields are numbers, pointers and optional functions, for which zeros are values.
    let mut characteristics: NDIS_FILTER_DRIVER_CHARACTERISTICS = unsafe { std::mem::zeroed() };
    characteristics.Header = NDIS_OBJECT_HEADER::new(
        NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
        version.filter_driver_characteristics(),
    );
    characteristics.MajorNdisVersion = version.major();
    characteristics.MinorNdisVersion = version.minor();
    characteristics.FriendlyName = string(&text);
    characteristics.UniqueName = string(&text);
    characteristics.ServiceName = string(&text);
    characteristics.AttachHandler = Some(attach);
    characteristics.DetachHandler = Some(detach);
    characteristics.RestartHandler = Some(restart);
    characteristics.PauseHandler = Some(pause);
    let mut filter = null_mut();
    // SAFETY: the object is the machine's, and the characteristics and the handle live across the calls.
    unsafe {
        (*object).DriverUnload = Some(leave);
        let status = NdisFRegisterFilterDriver(object, null_mut(), &raw mut characteristics, &raw mut filter);
        assert_eq!(status, NDIS_STATUS_SUCCESS);
    }
    FILTER.set(filter);
    let mut table: [Option<DRIVER_DISPATCH>; 28] = [None; 28];
    for major in [IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE] {
        table[usize::from(major)] = Some(fine);
    }
    table[usize::from(IRP_MJ_DEVICE_CONTROL)] = Some(control);
    let (name, link, sddl) =
        (words(r"\Device\Sinner"), words(r"\DosDevices\Sinner"), words("D:P(A;;GA;;;BA)"));
    let (mut name, mut link, mut sddl) = (string(&name), string(&link), string(&sddl));
    let mut attributes = NDIS_DEVICE_OBJECT_ATTRIBUTES {
        Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, DEVICE_OBJECT_ATTRIBUTES),
        DeviceName: &raw mut name,
        SymbolicName: &raw mut link,
        MajorFunctions: table.as_mut_ptr(),
        ExtensionSize: 0,
        DefaultSDDLString: &raw mut sddl,
        DeviceClassGuid: std::ptr::null(),
    };
    let (mut device, mut handle) = (null_mut(), null_mut());
    // SAFETY: the filter was registered, and everything that the attributes point to lives across the call.
    let status =
        unsafe { NdisRegisterDeviceEx(filter, &raw mut attributes, &raw mut device, &raw mut handle) };
    DEVICE.set(handle);
    status
}

/// The rule that a sinner breaks.
fn rule_of(sin: Sin, guard: Guard) -> Option<Rule> {
    SIN.set(sin);
    let machine = Machine::new(Options { guard, steps_max: 10_000, ..Options::default() });
    let result = machine.run_thread("sinner", || {
        let memory = Memory::new(100);
        ADDRESS.set(memory.address());
        if load(&Image::Linked(entry)).is_err() {
            return;
        }
        let process = Process::new(User::Administrator);
        let file = process.open(r"\\.\Sinner", GENERIC_READ | GENERIC_WRITE).unwrap();
        let request = file.control(0x21_2000, &[1; 8], 64);
        if request.is_done() {
            assert_eq!(request.output(), [7; 64]);
        }
        process.exit();
        unload();
    });
    result.err().map(|violation| violation.rule)
}

#[test]
fn every_sinner_is_caught_with_the_rule_that_it_breaks() {
    let sinners = [
        (Sin::WriteBehindBlock, Rule::Pool),
        (Sin::WriteBeforeBlock, Rule::Pool),
        (Sin::WriteAfterFree, Rule::Pool),
        (Sin::FreeTwice, Rule::Pool),
        (Sin::Leak, Rule::Pool),
        (Sin::WrongTag, Rule::Pool),
        (Sin::FreeWithTimer, Rule::Pool),
        (Sin::WaitAtDispatch, Rule::I2),
        (Sin::RoutineAddressAtDispatch, Rule::I1),
        (Sin::ReturnRaised, Rule::I1),
        (Sin::LockTwice, Rule::K1),
        (Sin::ReleaseNotHeld, Rule::K1),
        (Sin::ReturnWithLock, Rule::I1),
        (Sin::WaitForEver, Rule::Deadlock),
        (Sin::SleepForEver, Rule::Livelock),
        (Sin::BugCheck, Rule::BugCheck),
        (Sin::TouchProgram, Rule::I4),
        (Sin::UninitializedEvent, Rule::Argument),
        (Sin::CompleteTwice, Rule::R1),
        (Sin::Forget, Rule::R1),
        (Sin::PendingLie, Rule::R1),
        (Sin::StatusLie, Rule::R1),
        (Sin::CompletePending, Rule::R1),
        (Sin::InformationTooLarge, Rule::R1),
        (Sin::InformationUnwritten, Rule::R1),
        (Sin::CancelRoutineLeft, Rule::R1),
        (Sin::LeftAtCleanup, Rule::R1),
    ];
    for (sin, rule) in sinners {
        assert_eq!(rule_of(sin, Guard::Patterns), Some(rule), "{sin:?}");
    }
}

#[test]
fn who_does_nothing_wrong_is_not_caught() {
    assert_eq!(rule_of(Sin::None, Guard::Patterns), None);
    assert_eq!(rule_of(Sin::None, Guard::Pages), None);
}

#[test]
fn guarding_pages_find_the_access_itself() {
    for sin in [Sin::WriteAfterFree, Sin::WriteBehindBlock, Sin::FreeTwice] {
        assert_eq!(rule_of(sin, Guard::Pages), Some(Rule::Pool), "{sin:?}");
    }
}
