//! Pools that packets and lists of packets come from.

use crate::ndis::NDIS_OBJECT_HEADER;
use crate::ntdef::BOOLEAN;

/// How a pool of lists is made.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_BUFFER_LIST_POOL_PARAMETERS {
    pub Header: NDIS_OBJECT_HEADER,
    pub ProtocolId: u8,
    pub fAllocateNetBuffer: BOOLEAN,
    pub ContextSize: u16,
    pub PoolTag: u32,
    pub DataSize: u32,
    pub Flags: u32,
}

/// How a pool of packets is made.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_BUFFER_POOL_PARAMETERS {
    pub Header: NDIS_OBJECT_HEADER,
    pub PoolTag: u32,
    pub DataSize: u32,
    pub Flags: u32,
}

layouts! {
    NET_BUFFER_LIST_POOL_PARAMETERS: size 20, align 4 {
        Header = 0, ProtocolId = 4, fAllocateNetBuffer = 5, ContextSize = 6, PoolTag = 8, DataSize = 12, Flags = 16,
    }
    NET_BUFFER_POOL_PARAMETERS: size 16, align 4 { Header = 0, PoolTag = 4, DataSize = 8, Flags = 12 }
}

/// For `ProtocolId`.
pub const NDIS_PROTOCOL_ID_DEFAULT: u8 = 0;
/// For `ProtocolId`.
pub const NDIS_PROTOCOL_ID_TCP_IP: u8 = 2;
/// For `NdisAllocateCloneNetBufferList` and its counterpart: the clone shares the MDLs.
pub const NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS: u32 = 2;
/// For `NdisAllocateMemoryWithTagPriority`: may fail first.
pub const LowPoolPriority: u32 = 0;
/// May fail when resources are very low.
pub const NormalPoolPriority: u32 = 16;
/// Fails only when nothing is left.
pub const HighPoolPriority: u32 = 32;
