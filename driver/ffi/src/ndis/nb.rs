//! One packet: data over a chain of memory descriptor lists.
//!
//! ```text
//!   MdlChain ─▶ [ MDL 0 ] ─▶ [ MDL 1 ] ─▶ [ MDL 2 ] ─▶ null
//!               │◀─ DataOffset ─▶│◀── DataLength ──▶│
//!                                ▲ CurrentMdl = MDL 1, CurrentMdlOffset bytes into it
//! ```
//!
//! The data ends by its length, not at the end of an MDL.

use crate::ndis::NDIS_HANDLE;
use crate::ntdef::PVOID;
use crate::wdm::{MDL, MmGetMdlByteCount, MmGetSystemAddressForMdlSafe};
use core::ffi::c_void;

/// One packet.
#[repr(C, align(16))]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_BUFFER {
    pub Next: *mut NET_BUFFER,
    pub CurrentMdl: *mut MDL,
    pub CurrentMdlOffset: u32,
    pub Reserved1: u32,
    pub DataLength: u32,
    pub stDataLengthHigh: u32,
    pub MdlChain: *mut MDL,
    pub DataOffset: u32,
    pub Reserved2: u32,
    pub ChecksumBias: u16,
    pub Reserved: u16,
    pub NdisPoolHandle: NDIS_HANDLE,
    pub NdisReserved: [PVOID; 2],
    pub ProtocolReserved: [PVOID; 6],
    pub MiniportReserved: [PVOID; 4],
    pub DataPhysicalAddress: i64,
    pub SharedMemoryInfo: *mut c_void,
}

layouts! {
    NET_BUFFER: size 176, align 16 {
        Next = 0, CurrentMdl = 8, CurrentMdlOffset = 16, DataLength = 24, MdlChain = 32, DataOffset = 40,
        ChecksumBias = 48, Reserved = 50, NdisPoolHandle = 56, NdisReserved = 64, ProtocolReserved = 80,
        MiniportReserved = 128, DataPhysicalAddress = 160, SharedMemoryInfo = 168,
    }
}

macro_rules! accessors {
    ($($(#[$meta:meta])* $name:ident: $field:ident -> $type:ty;)*) => {
        $($(#[$meta])*
        ///
        /// # Safety
        ///
        /// The caller holds the packet.
        #[inline]
        pub const unsafe fn $name(buffer: *const NET_BUFFER) -> $type {
            // SAFETY: readable by its holder.
            unsafe { (*buffer).$field }
        })*
    };
}

accessors! {
    /// The next packet of the list.
    NET_BUFFER_NEXT_NB: Next -> *mut NET_BUFFER;
    /// The first MDL, which may be before the data.
    NET_BUFFER_FIRST_MDL: MdlChain -> *mut MDL;
    /// The MDL where the data begins.
    NET_BUFFER_CURRENT_MDL: CurrentMdl -> *mut MDL;
    /// How far into it.
    NET_BUFFER_CURRENT_MDL_OFFSET: CurrentMdlOffset -> u32;
    /// How long the data is.
    NET_BUFFER_DATA_LENGTH: DataLength -> u32;
    /// Where it begins, from the start of the chain.
    NET_BUFFER_DATA_OFFSET: DataOffset -> u32;
}

/// Address and length of an MDL's buffer, mapped if it is not yet: `NdisQueryMdl`. The address is null if it cannot be.
///
/// # Safety
///
/// 1. `mdl` points to an MDL that nobody changes meanwhile.
/// 2. Its pages are locked or in non-paged pool.
/// 3. The IRQL is at most `DISPATCH_LEVEL`.
#[inline]
pub unsafe fn NdisQueryMdl(mdl: *mut MDL, priority: u32) -> (PVOID, u32) {
    // SAFETY: readable by (1).
    let length = unsafe { MmGetMdlByteCount(mdl) };
    // SAFETY: the same contract.
    let address = unsafe { MmGetSystemAddressForMdlSafe(mdl, priority) };
    (address, length)
}
