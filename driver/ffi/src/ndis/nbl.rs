//! Lists of packets with common information.
//!
//! ```text
//!   NBL ─Next─▶ NBL ─Next─▶ null          one batch
//!    │           └─ FirstNetBuffer ─▶ NB ─Next─▶ null
//!    ├─ FirstNetBuffer ─▶ NB ─Next─▶ NB ─▶ null
//!    └─ 144: NetBufferListInfo[slots of the registered version]
//! ```
//!
//! The structure ends where its tail begins: how long the tail is depends on the version of NDIS, so a list is only ever
//! behind a pointer, and its words of information are reached by [`NET_BUFFER_LIST_INFO`] alone.

use crate::ndis::{NDIS_HANDLE, NET_BUFFER, NdisVersion};
use crate::ntdef::{NTSTATUS, PVOID};
use core::ffi::c_void;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::offset_of;

/// A list of packets, or rather what all versions of NDIS have of it.
///
/// It can be neither made nor moved nor copied, so that nothing ends at the 144 bytes that are declared:
///
/// ```compile_fail
/// fn copy(list: &snapgate_ffi::ndis::NET_BUFFER_LIST) -> snapgate_ffi::ndis::NET_BUFFER_LIST { *list }
/// ```
///
/// Its fields are read and written through a raw pointer. There is never a `&mut` to one.
#[repr(C, align(16))]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_BUFFER_LIST {
    pub Next: *mut NET_BUFFER_LIST,
    pub FirstNetBuffer: *mut NET_BUFFER,
    pub Context: *mut NET_BUFFER_LIST_CONTEXT,
    pub ParentNetBufferList: *mut NET_BUFFER_LIST,
    pub NdisPoolHandle: NDIS_HANDLE,
    reserved: u64,
    pub NdisReserved: [PVOID; 2],
    pub ProtocolReserved: [PVOID; 4],
    pub MiniportReserved: [PVOID; 2],
    pub Scratch: PVOID,
    pub SourceHandle: NDIS_HANDLE,
    pub NblFlags: u32,
    pub ChildRefCount: i32,
    pub Flags: u32,
    pub Status: NTSTATUS,
    NetBufferListInfo: [PVOID; 0],
    pinned: PhantomData<PhantomPinned>,
}

/// What a driver keeps with a list; its bytes follow.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_BUFFER_LIST_CONTEXT {
    pub Next: *mut NET_BUFFER_LIST_CONTEXT,
    pub Size: u16,
    pub Offset: u16,
    pub Reserved: u32,
    pub ContextData: [u8; 0],
}

layouts! {
    NET_BUFFER_LIST: size 144, align 16 {
        Next = 0, FirstNetBuffer = 8, Context = 16, ParentNetBufferList = 24, NdisPoolHandle = 32,
        NdisReserved = 48, ProtocolReserved = 64, MiniportReserved = 96, Scratch = 112, SourceHandle = 120,
        NblFlags = 128, ChildRefCount = 132, Flags = 136, Status = 140, NetBufferListInfo = 144,
    }
    NET_BUFFER_LIST_CONTEXT: size 16, align 8 { Next = 0, Size = 8, Offset = 10, ContextData = 16 }
}

/// Where the words of information begin, in every version.
pub const NET_BUFFER_LIST_INFO_OFFSET: usize = 144;
const _: () = {
    // The tail is what the sizes say, rounded up to 16 bytes.
    let mut minor = 0;
    while minor <= 87 {
        let version = NdisVersion::new(6, minor);
        let bytes = NET_BUFFER_LIST_INFO_OFFSET + version.info_slots() * 8;
        assert!(version.net_buffer_list_size() == bytes.next_multiple_of(16));
        minor += 1;
    }
};

constants! { INFO_SLOTS: u8 {
    /// See [`crate::ndis::ChecksumInfo`].
    TcpIpChecksumNetBufferListInfo = 0;
    /// The same word, of offloaded connections.
    TcpOffloadBytesTransferred = 0;
    /// Security offload, first version.
    IPsecOffloadV1NetBufferListInfo = 1;
    /// See [`crate::ndis::LargeSendInfo`].
    TcpLargeSendNetBufferListInfo = 2;
    /// Class of the packet scheduler.
    ClassificationHandleNetBufferListInfo = 3;
    /// See [`crate::ndis::Ieee8021Q`].
    Ieee8021QNetBufferListInfo = 4;
    /// By which sends are cancelled.
    NetBufferListCancelId = 5;
    /// Of the medium.
    MediaSpecificInformation = 6;
    /// The EtherType, in network order.
    NetBufferListFrameType = 7;
    /// Receive side scaling: the hash.
    NetBufferListHashValue = 8;
    /// How it was calculated.
    NetBufferListHashInfo = 9;
    /// The filtering platform's.
    WfpNetBufferListInfo = 10;
    /// Security offload, second version.
    IPsecOffloadV2TunnelNetBufferListInfo = 11;
    /// Security offload, second version.
    IPsecOffloadV2HeaderNetBufferListInfo = 12;
    /// Of packets that belong together.
    NetBufferListCorrelationId = 13;
    /// Of queues.
    NetBufferListFilteringInfo = 14;
    /// Of the medium.
    MediaSpecificInformationEx = 15;
    /// The interface where it came in.
    NblOriginalInterfaceIfIndex = 16;
    /// Offloaded connections.
    TcpReceiveBytesTransferred = 17;
    /// UDP receive coalescing.
    UdpRecvSegCoalesceOffloadInfo = 17;
    /// The switch's.
    SwitchForwardingReserved = 18;
    /// The switch's.
    SwitchForwardingDetail = 19;
    /// Of virtual networks.
    VirtualSubnetInfo = 20;
    /// Of intermediate drivers.
    IMReserved = 21;
    /// See [`crate::ndis::CoalescedInfo`].
    TcpRecvSegCoalesceInfo = 22;
    /// UDP segmentation, of sends.
    UdpSegmentationOffloadInfo = 22;
    /// Receive coalescing.
    RscTcpTimestampDelta = 23;
    /// Flow tables.
    GftOffloadInformation = 24;
    /// Flow tables.
    GftFlowEntryId = 25;
    /// Not ours.
    NetBufferListInfoReserved3 = 26;
    /// One more than the last of the newest version.
    MaxNetBufferListInfo = 27;
}}

constants! { NBL_FLAGS: u32 {
    /// Of `NblFlags`: memory of a send must not be written.
    NDIS_NBL_FLAGS_SEND_READ_ONLY = 1;
    /// Memory of a receive must not be written.
    NDIS_NBL_FLAGS_RECV_READ_ONLY = 2;
    /// Header and data are apart.
    NDIS_NBL_FLAGS_HD_SPLIT = 0x100;
    /// All are IPv4.
    NDIS_NBL_FLAGS_IS_IPV4 = 0x200;
    /// All are IPv6.
    NDIS_NBL_FLAGS_IS_IPV6 = 0x400;
    /// All are TCP.
    NDIS_NBL_FLAGS_IS_TCP = 0x800;
    /// All are UDP.
    NDIS_NBL_FLAGS_IS_UDP = 0x1000;
    /// Came back from below.
    NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET = 0x8000;
    /// The adapter shall stamp it.
    NDIS_NBL_FLAGS_CAPTURE_TIMESTAMP_ON_TRANSMIT = 0x1_0000;
    /// A protocol's bits.
    NDIS_NBL_FLAGS_PROTOCOL_RESERVED = 0xfff0_0003;
    /// A miniport's bits.
    NDIS_NBL_FLAGS_MINIPORT_RESERVED = 0xf000;
    /// Anybody's bits while it holds the list.
    NDIS_NBL_FLAGS_SCRATCH = 0xf_0000;
    /// NDIS' bits.
    NDIS_NBL_FLAGS_NDIS_RESERVED = 0xffc;
}}

/// The address of a word of information; `None` if lists of this version have no such word.
///
/// # Safety
///
/// 1. `list` points to a whole list as NDIS (or who stands in for it) made it.
/// 2. `version` is the one that the caller registered with, which is at most the one of who made the list.
#[inline]
pub const unsafe fn NET_BUFFER_LIST_INFO(
    list: *mut NET_BUFFER_LIST,
    version: NdisVersion,
    slot: u8,
) -> Option<*mut PVOID> {
    if slot as usize >= version.info_slots() {
        return None;
    }
    // SAFETY: a whole list has its words behind the declared part, by (1).
    let words = unsafe { list.byte_add(NET_BUFFER_LIST_INFO_OFFSET) }.cast::<PVOID>();
    // SAFETY: the list has at least the words of this version by (2), and the slot is one of them.
    Some(unsafe { words.add(slot as usize) })
}

/// The bytes of a driver's context.
///
/// # Safety
///
/// `list` points to a list in whose context block the caller has allocated.
#[inline]
pub const unsafe fn NET_BUFFER_LIST_CONTEXT_DATA_START(list: *const NET_BUFFER_LIST) -> *mut c_void {
    // SAFETY: readable, by the contract.
    let context = unsafe { (*list).Context };
    // SAFETY: there is a block, by the contract.
    let offset = unsafe { (*context).Offset };
    context
        .wrapping_byte_add(offset as usize)
        .wrapping_byte_add(offset_of!(NET_BUFFER_LIST_CONTEXT, ContextData))
        .cast()
}

/// Whether all of the bits are set: `NdisTestNblFlags`.
///
/// # Safety
///
/// The caller holds the list.
#[inline]
pub const unsafe fn NdisTestNblFlags(list: *const NET_BUFFER_LIST, flags: u32) -> bool {
    // SAFETY: readable by its holder.
    unsafe { (*list).NblFlags & flags == flags }
}

/// Sets bits.
///
/// # Safety
///
/// The caller holds the list, and the bits are its own.
#[inline]
pub const unsafe fn NdisSetNblFlag(list: *mut NET_BUFFER_LIST, flags: u32) {
    // SAFETY: the field of a list that the caller holds.
    unsafe { (*list).NblFlags |= flags };
}

/// Clears bits.
///
/// # Safety
///
/// The caller holds the list, and the bits are its own.
#[inline]
pub const unsafe fn NdisClearNblFlag(list: *mut NET_BUFFER_LIST, flags: u32) {
    // SAFETY: the field of a list that the caller holds.
    unsafe { (*list).NblFlags &= !flags };
}
