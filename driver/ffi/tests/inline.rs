//! What the kit's headers define inline, on structures built by hand; the test stands in for the kernel's exports.

#![allow(missing_docs, reason = "the functions of the kernel are documented where they are declared")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ndis::*;
use snapgate_ffi::ntdef::*;
use snapgate_ffi::wdm::*;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::ptr::null_mut;

thread_local! {
    /// What the next mapping answers, and how often one was asked for, with which priority.
    static MAPPING: Cell<(usize, u32, u32)> = const { Cell::new((0, 0, 0)) };
    static COMPLETED: Cell<(usize, i8)> = const { Cell::new((0, 0)) };
    static LOCKS: Cell<[u32; 4]> = const { Cell::new([0; 4]) };
}

fn count_lock(which: usize) {
    LOCKS.with(|locks| {
        let mut counts = locks.get();
        counts[which] += 1;
        locks.set(counts);
    });
}

kernel_abi! {
    export fn MmMapLockedPagesSpecifyCache(
        _mdl: *mut MDL, mode: KPROCESSOR_MODE, cache: u32, address: PVOID, bug_check: u32, priority: u32,
    ) -> PVOID {
        assert_eq!((mode, cache, address, bug_check), (KernelMode, MmCached, null_mut(), 0));
        let (answer, count, _) = MAPPING.get();
        MAPPING.set((answer, count + 1, priority));
        answer as PVOID
    }
    export fn IofCompleteRequest(irp: *mut IRP, boost: i8) { COMPLETED.set((irp.addr(), boost)); }
    export fn KeAcquireSpinLockRaiseToDpc(_lock: *mut KSPIN_LOCK) -> KIRQL { count_lock(0); APC_LEVEL }
    export fn KeReleaseSpinLock(_lock: *mut KSPIN_LOCK, level: KIRQL) { assert_eq!(level, APC_LEVEL); count_lock(1); }
    export fn KeAcquireSpinLockAtDpcLevel(_lock: *mut KSPIN_LOCK) { count_lock(2); }
    export fn KeReleaseSpinLockFromDpcLevel(_lock: *mut KSPIN_LOCK) { count_lock(3); }
}

fn mdl(flags: i16, address: usize, bytes: u32, offset: u32) -> MDL {
    MDL {
        Next: null_mut(),
        Size: 56,
        MdlFlags: flags,
        Process: null_mut(),
        MappedSystemVa: address as PVOID,
        StartVa: 0x7000_0000 as PVOID,
        ByteCount: bytes,
        ByteOffset: offset,
    }
}

#[test]
fn a_buffer_that_is_mapped_or_in_the_pool_is_not_mapped_again() {
    for flags in [MDL_MAPPED_TO_SYSTEM_VA, MDL_SOURCE_IS_NONPAGED_POOL, 5 | MDL_PAGES_LOCKED] {
        let mut mdl = mdl(flags, 0x1234, 60, 0);
        // SAFETY: a whole MDL that is ours.
        let (address, length) = unsafe { NdisQueryMdl(&raw mut mdl, NormalPagePriority) };
        assert_eq!((address.addr(), length), (0x1234, 60));
    }
    assert_eq!(MAPPING.get().1, 0);
}

#[test]
fn a_buffer_that_is_only_locked_is_mapped_which_may_fail() {
    let mut mdl = mdl(MDL_PAGES_LOCKED | MDL_PARTIAL_HAS_BEEN_MAPPED, 0xdead, 60, 0);
    let priority = HighPagePriority | MdlMappingNoExecute;
    MAPPING.set((0x5678, 0, 0));
    // SAFETY: a whole MDL that is ours.
    assert_eq!(unsafe { NdisQueryMdl(&raw mut mdl, priority) }.0.addr(), 0x5678);
    assert_eq!(MAPPING.get(), (0x5678, 1, priority));
    MAPPING.set((0, 0, 0));
    // SAFETY: a whole MDL that is ours.
    assert!(unsafe { MmGetSystemAddressForMdlSafe(&raw mut mdl, LowPagePriority) }.is_null());
}

#[test]
fn the_accessors_of_an_mdl_read_its_fields() {
    let mdl = mdl(0, 0, 1500, 0x123);
    // SAFETY: a whole MDL that is ours.
    assert_eq!(unsafe { MmGetMdlByteCount(&raw const mdl) }, 1500);
    // SAFETY: a whole MDL that is ours.
    assert_eq!(unsafe { MmGetMdlByteOffset(&raw const mdl) }, 0x123);
    // SAFETY: a whole MDL that is ours.
    assert_eq!(unsafe { MmGetMdlVirtualAddress(&raw const mdl) }.addr(), 0x7000_0123);
}

#[test]
fn pages_of_a_buffer_are_counted_by_its_edges() {
    for (address, bytes, pages) in
        [(0, 0, 0), (0, 1, 1), (4095, 1, 1), (4095, 2, 2), (0, 4096, 1), (1, 4096, 2), (8192, 8193, 3)]
    {
        assert_eq!(ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, bytes), pages, "{bytes} bytes at {address}");
    }
}

#[test]
fn the_accessors_of_a_packet_read_its_fields() {
    let mut second = mdl(MDL_SOURCE_IS_NONPAGED_POOL, 1, 1, 0);
    // SAFETY: all its fields are numbers or pointers.
    let mut buffer: NET_BUFFER = unsafe { std::mem::zeroed() };
    buffer.CurrentMdl = &raw mut second;
    buffer.CurrentMdlOffset = 5;
    buffer.DataLength = 60;
    buffer.DataOffset = 133;
    let buffer = &raw const buffer;
    // SAFETY: a whole packet that is ours.
    assert_eq!(unsafe { NET_BUFFER_CURRENT_MDL(buffer) }, &raw mut second);
    // SAFETY: as above.
    assert_eq!(unsafe { NET_BUFFER_CURRENT_MDL_OFFSET(buffer) }, 5);
    // SAFETY: as above.
    assert_eq!(unsafe { NET_BUFFER_DATA_LENGTH(buffer) }, 60);
    // SAFETY: as above.
    assert_eq!(unsafe { NET_BUFFER_DATA_OFFSET(buffer) }, 133);
    // SAFETY: as above.
    assert!(unsafe { NET_BUFFER_NEXT_NB(buffer) }.is_null());
    // SAFETY: as above.
    assert!(unsafe { NET_BUFFER_FIRST_MDL(buffer) }.is_null());
}

/// A whole list of a version, as NDIS would make it.
fn with_list(version: NdisVersion, test: impl FnOnce(*mut NET_BUFFER_LIST)) {
    let layout = Layout::from_size_align(version.net_buffer_list_size(), 16).unwrap();
    // SAFETY: the size is not 0.
    let memory = unsafe { alloc_zeroed(layout) };
    assert!(!memory.is_null());
    test(memory.cast());
    // SAFETY: allocated above, with this layout.
    unsafe { dealloc(memory, layout) };
}

#[test]
fn words_of_information_end_where_the_version_says() {
    for version in
        [NdisVersion::V6_0, NdisVersion::V6_20, NdisVersion::V6_30, NdisVersion::V6_50, NdisVersion::V6_87]
    {
        with_list(version, |list| {
            for slot in 0..=u8::MAX {
                // SAFETY: a whole list of this version.
                let word = unsafe { NET_BUFFER_LIST_INFO(list, version, slot) };
                assert_eq!(word.is_some(), usize::from(slot) < version.info_slots(), "{version:?} {slot}");
                let Some(word) = word else { continue };
                assert_eq!(word.addr() - list.addr(), 144 + 8 * usize::from(slot));
                assert!(word.addr() + 8 <= list.addr() + version.net_buffer_list_size());
                // SAFETY: inside of the list.
                unsafe { word.write(0x10 as PVOID) };
            }
        });
    }
}

#[test]
fn flags_of_a_list_are_set_cleared_and_tested_together() {
    with_list(NdisVersion::V6_20, |list| {
        // SAFETY: a whole list that is ours.
        unsafe { NdisSetNblFlag(list, NDIS_NBL_FLAGS_IS_IPV4 | NDIS_NBL_FLAGS_IS_UDP) };
        // SAFETY: as above.
        assert!(unsafe { NdisTestNblFlags(list, NDIS_NBL_FLAGS_IS_IPV4) });
        // SAFETY: as above.
        assert!(!unsafe { NdisTestNblFlags(list, NDIS_NBL_FLAGS_IS_IPV4 | NDIS_NBL_FLAGS_IS_TCP) });
        // SAFETY: as above.
        unsafe { NdisClearNblFlag(list, NDIS_NBL_FLAGS_IS_UDP) };
        // SAFETY: as above.
        assert_eq!(unsafe { (*list).NblFlags }, NDIS_NBL_FLAGS_IS_IPV4);
    });
}

#[test]
fn the_data_of_a_context_begins_at_its_offset() {
    // SAFETY: all its fields are numbers or pointers.
    let mut context: NET_BUFFER_LIST_CONTEXT = unsafe { std::mem::zeroed() };
    context.Offset = 32;
    let context = &raw mut context;
    with_list(NdisVersion::V6_20, |list| {
        // SAFETY: a whole list that is ours.
        unsafe { (*list).Context = context };
        // SAFETY: it has a context.
        let data = unsafe { NET_BUFFER_LIST_CONTEXT_DATA_START(list) };
        assert_eq!(data.addr() - context.addr(), 16 + 32);
    });
}

kernel_abi! {
    fn cancel(_device: *mut DEVICE_OBJECT, _irp: *mut IRP) {}
}

#[test]
fn a_request_is_marked_cancelled_once_and_completed() {
    // SAFETY: all fields are numbers, pointers, or functions that may be absent.
    let mut location: IO_STACK_LOCATION = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    let mut irp: IRP = unsafe { std::mem::zeroed() };
    let location = &raw mut location;
    irp.Tail.Overlay.CurrentStackLocation = location;
    let irp = &raw mut irp;
    // SAFETY: a request that is ours.
    assert_eq!(unsafe { IoGetCurrentIrpStackLocation(irp) }, location);
    // SAFETY: as above.
    unsafe { IoMarkIrpPending(irp) };
    // SAFETY: as above.
    assert_eq!(unsafe { (*location).Control }, SL_PENDING_RETURNED);

    // SAFETY: as above, and the routine is a function.
    assert!(unsafe { IoSetCancelRoutine(irp, Some(cancel)) }.is_none());
    // SAFETY: as above.
    let taken = unsafe { IoSetCancelRoutine(irp, None) };
    assert!(taken.is_some_and(|routine| routine as usize == cancel as *const () as usize));
    // SAFETY: as above.
    assert!(unsafe { IoSetCancelRoutine(irp, None) }.is_none(), "only one takes it out");

    // SAFETY: as above.
    unsafe { IoCompleteRequest(irp, IO_NETWORK_INCREMENT) };
    assert_eq!(COMPLETED.get(), (irp.addr(), 2));
}

#[test]
fn each_form_of_the_spin_lock_calls_its_export() {
    let mut lock = SPIN_LOCK_FREE;
    let lock = &raw mut lock;
    // SAFETY: the lock is ours.
    let level = unsafe { acquire_spin_lock(lock) };
    // SAFETY: taken above.
    unsafe { release_spin_lock(lock, level) };
    // SAFETY: the lock is ours.
    unsafe { acquire_spin_lock_at_dpc_level(lock) };
    // SAFETY: taken above.
    unsafe { release_spin_lock_from_dpc_level(lock) };
    assert_eq!(LOCKS.get(), [1; 4]);
}
