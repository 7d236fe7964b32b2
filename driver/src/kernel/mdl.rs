//! The bytes behind a memory descriptor list.

use core::ptr::NonNull;

use snapgate_ffi::wdm::{
    MDL, MDL_MAPPED_TO_SYSTEM_VA, MDL_SOURCE_IS_NONPAGED_POOL, MdlMappingNoExecute,
    MmGetSystemAddressForMdlSafe, NormalPagePriority,
};

/// Address and length of the buffer of an MDL, mapped if it is not yet. `None` if it cannot be mapped: any call may find no
/// room for that.
///
/// # Safety
///
/// 1. `mdl` points to an MDL that nobody changes meanwhile, of locked pages or pool memory.
/// 2. The IRQL is at most DISPATCH_LEVEL.
#[inline]
pub(crate) unsafe fn map(mdl: *mut MDL) -> Option<(NonNull<u8>, usize)> {
    // SAFETY: readable by (1).
    let bytes = unsafe { (*mdl).ByteCount };
    // SAFETY: the same contract.
    let address = unsafe { MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority | MdlMappingNoExecute) };
    Some((NonNull::new(address.cast())?, bytes as usize))
}

/// The same, but maps nothing: `None` if it is not mapped.
///
/// # Safety
///
/// `mdl` points to an MDL that nobody changes meanwhile.
#[inline]
pub(crate) unsafe fn mapped(mdl: *mut MDL) -> Option<(NonNull<u8>, u32)> {
    // SAFETY: by the contract.
    if unsafe { (*mdl).MdlFlags } & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL) == 0 {
        return None;
    }
    // SAFETY: by the contract.
    let (address, bytes) = unsafe { ((*mdl).MappedSystemVa, (*mdl).ByteCount) };
    Some((NonNull::new(address.cast())?, bytes))
}
