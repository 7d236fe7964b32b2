//! Memory descriptor lists: one virtually contiguous buffer each, and the way to its bytes.
//!
//! ```text
//!   StartVa (page base)          MappedSystemVa (only if mapped: flags)
//!      │◀── ByteOffset ──▶│◀───── ByteCount ─────▶│
//!      ├──────────────────┼───────────────────────┤ ... more pages
//! ```
//!
//! The frame numbers of the pages follow the structure: an MDL is never copied.

use crate::ntdef::{KernelMode, PVOID};
use crate::wdm::MmMapLockedPagesSpecifyCache;
use core::ffi::c_void;
use core::ptr;

/// Describes one buffer; the frame numbers of its pages follow in memory.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct MDL {
    pub Next: *mut MDL,
    pub Size: i16,
    pub MdlFlags: i16,
    pub Process: *mut c_void,
    pub MappedSystemVa: PVOID,
    pub StartVa: PVOID,
    pub ByteCount: u32,
    pub ByteOffset: u32,
}

layouts! {
    MDL: size 48, align 8 {
        Next = 0, Size = 8, MdlFlags = 10, Process = 16, MappedSystemVa = 24, StartVa = 32, ByteCount = 40,
        ByteOffset = 44,
    }
}

/// Bytes in a page.
pub const PAGE_SIZE: usize = 4096;

constants! { MDL_FLAGS: i16 {
/// `MappedSystemVa` is valid.
MDL_MAPPED_TO_SYSTEM_VA = 1;
/// The pages are locked.
MDL_PAGES_LOCKED = 2;
/// The buffer is in non-paged pool: `MappedSystemVa` is valid.
MDL_SOURCE_IS_NONPAGED_POOL = 4;
/// The MDL comes from a list of fixed size.
MDL_ALLOCATED_FIXED_SIZE = 8;
/// Part of another MDL.
MDL_PARTIAL = 0x10;
/// Part of another MDL, mapped by itself.
MDL_PARTIAL_HAS_BEEN_MAPPED = 0x20;
/// For paging.
MDL_IO_PAGE_READ = 0x40;
/// The device writes to the buffer.
MDL_WRITE_OPERATION = 0x80;
/// The buffer is in the space of a device.
MDL_IO_SPACE = 0x800;
/// Describes a network header.
MDL_NETWORK_HEADER = 0x1000;
/// A mapping may fail, and then answers null.
MDL_MAPPING_CAN_FAIL = 0x2000;
}}

/// For `MmMapLockedPagesSpecifyCache` and [`MmGetSystemAddressForMdlSafe`]: may fail first.
pub const LowPagePriority: u32 = 0;
/// May fail when resources are very low.
pub const NormalPagePriority: u32 = 0x10;
/// Fails only when nothing is left.
pub const HighPagePriority: u32 = 0x20;
/// In addition: the mapping holds no code.
pub const MdlMappingNoExecute: u32 = 0x4000_0000;

/// For `MmMapLockedPagesSpecifyCache`: the pages are not cached.
pub const MmNonCached: u32 = 0;
/// The pages are cached.
pub const MmCached: u32 = 1;

/// The address of the buffer for the kernel, mapped if it is not yet; null if it cannot be mapped.
///
/// # Safety
///
/// 1. `mdl` points to an MDL that nobody changes meanwhile.
/// 2. Its pages are locked or in non-paged pool.
/// 3. The IRQL is at most `DISPATCH_LEVEL`.
#[inline]
pub unsafe fn MmGetSystemAddressForMdlSafe(mdl: *mut MDL, priority: u32) -> PVOID {
    // SAFETY: readable by (1).
    let flags = unsafe { (*mdl).MdlFlags };
    if flags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL) != 0 {
        // SAFETY: readable by (1).
        unsafe { (*mdl).MappedSystemVa }
    } else {
        // SAFETY: the pages are locked by (2), the level is right by (3); a mapping for the kernel raises nothing.
        unsafe { MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, ptr::null_mut(), 0, priority) }
    }
}

/// How many bytes the buffer has.
///
/// # Safety
///
/// `mdl` points to an MDL that nobody changes meanwhile.
#[inline]
pub unsafe fn MmGetMdlByteCount(mdl: *const MDL) -> u32 {
    // SAFETY: readable, by the contract.
    unsafe { (*mdl).ByteCount }
}

/// How far into its first page the buffer starts.
///
/// # Safety
///
/// `mdl` points to an MDL that nobody changes meanwhile.
#[inline]
pub unsafe fn MmGetMdlByteOffset(mdl: *const MDL) -> u32 {
    // SAFETY: readable, by the contract.
    unsafe { (*mdl).ByteOffset }
}

/// The address of the buffer in the process it comes from; no more than a number elsewhere.
///
/// # Safety
///
/// `mdl` points to an MDL that nobody changes meanwhile.
#[inline]
pub unsafe fn MmGetMdlVirtualAddress(mdl: *const MDL) -> PVOID {
    // SAFETY: readable, by the contract.
    let start = unsafe { (*mdl).StartVa };
    // SAFETY: readable, by the contract.
    let offset = unsafe { (*mdl).ByteOffset };
    start.wrapping_byte_add(offset as usize)
}

/// How many pages a buffer touches.
#[must_use]
#[inline]
pub const fn ADDRESS_AND_SIZE_TO_SPAN_PAGES(address: usize, bytes: usize) -> usize {
    let offset = address & (PAGE_SIZE - 1);
    let whole = bytes / PAGE_SIZE;
    // Each term is below 2^52, or below two pages: no sum wraps.
    whole.wrapping_add(offset.wrapping_add(bytes % PAGE_SIZE).wrapping_add(PAGE_SIZE - 1) / PAGE_SIZE)
}
