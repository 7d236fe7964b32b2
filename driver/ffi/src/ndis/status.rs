//! Status codes of NDIS, indications, and flags of the data path.

use crate::ndis::{NDIS_HANDLE, NDIS_OBJECT_HEADER};
use crate::ntdef::{GUID, NTSTATUS, PVOID};

/// What NDIS calls answer; the codes without a name here are those of [`crate::ntdef`].
pub type NDIS_STATUS = NTSTATUS;

/// News from below.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_STATUS_INDICATION {
    pub Header: NDIS_OBJECT_HEADER,
    pub SourceHandle: NDIS_HANDLE,
    pub PortNumber: u32,
    pub StatusCode: NDIS_STATUS,
    pub Flags: u32,
    pub DestinationHandle: NDIS_HANDLE,
    pub RequestId: PVOID,
    pub StatusBuffer: PVOID,
    pub StatusBufferSize: u32,
    pub Guid: GUID,
    pub NdisReserved: [PVOID; 4],
}

/// Of `OID_GEN_LINK_STATE` and of the indication.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_LINK_STATE {
    pub Header: NDIS_OBJECT_HEADER,
    pub MediaConnectState: u32,
    pub MediaDuplexState: u32,
    pub XmitLinkSpeed: u64,
    pub RcvLinkSpeed: u64,
    pub PauseFunctions: u32,
    pub AutoNegotiationFlags: u32,
}

layouts! {
    NDIS_STATUS_INDICATION: size 112, align 8 {
        Header = 0, SourceHandle = 8, PortNumber = 16, StatusCode = 20, Flags = 24, DestinationHandle = 32,
        RequestId = 40, StatusBuffer = 48, StatusBufferSize = 56, Guid = 60, NdisReserved = 80,
    }
    NDIS_LINK_STATE: size 40, align 8 {
        Header = 0, MediaConnectState = 4, MediaDuplexState = 8, XmitLinkSpeed = 16, RcvLinkSpeed = 24,
        PauseFunctions = 32, AutoNegotiationFlags = 36,
    }
}

const fn code(value: u32) -> NDIS_STATUS {
    value.cast_signed()
}

constants! { STATUS_CODES: NDIS_STATUS {
    /// Done.
    NDIS_STATUS_SUCCESS = code(0);
    /// Completed later.
    NDIS_STATUS_PENDING = code(0x103);
    /// Nobody knows it.
    NDIS_STATUS_NOT_RECOGNIZED = code(0x1_0001);
    /// Not copied.
    NDIS_STATUS_NOT_COPIED = code(0x1_0002);
    /// Not taken.
    NDIS_STATUS_NOT_ACCEPTED = code(0x1_0003);
    /// Completed by an indication.
    NDIS_STATUS_INDICATION_REQUIRED = code(0x4023_0001);
    /// More is there.
    NDIS_STATUS_BUFFER_OVERFLOW = code(0x8000_0005);
    /// No reason known.
    NDIS_STATUS_FAILURE = code(0xc000_0001);
    /// An argument makes no sense.
    NDIS_STATUS_INVALID_PARAMETER = code(0xc000_000d);
    /// No memory.
    NDIS_STATUS_RESOURCES = code(0xc000_009a);
    /// Not supported.
    NDIS_STATUS_NOT_SUPPORTED = code(0xc000_00bb);
    /// Not in this state.
    NDIS_STATUS_INVALID_STATE = code(0xc000_0184);
    /// Going away.
    NDIS_STATUS_CLOSING = code(0xc001_0002);
    /// Not this version.
    NDIS_STATUS_BAD_VERSION = code(0xc001_0004);
    /// The characteristics make no sense.
    NDIS_STATUS_BAD_CHARACTERISTICS = code(0xc001_0005);
    /// The request was cancelled.
    NDIS_STATUS_REQUEST_ABORTED = code(0xc001_000c);
    /// The adapter resets.
    NDIS_STATUS_RESET_IN_PROGRESS = code(0xc001_000d);
    /// The packet makes no sense.
    NDIS_STATUS_INVALID_PACKET = code(0xc001_000f);
    /// Not now.
    NDIS_STATUS_ADAPTER_NOT_READY = code(0xc001_0011);
    /// Too long or too short.
    NDIS_STATUS_INVALID_LENGTH = code(0xc001_0014);
    /// The data makes no sense.
    NDIS_STATUS_INVALID_DATA = code(0xc001_0015);
    /// `BytesNeeded` says how many.
    NDIS_STATUS_BUFFER_TOO_SHORT = code(0xc001_0016);
    /// Not such an identifier.
    NDIS_STATUS_INVALID_OID = code(0xc001_0017);
    /// Gone.
    NDIS_STATUS_ADAPTER_REMOVED = code(0xc001_0018);
    /// Not this medium.
    NDIS_STATUS_UNSUPPORTED_MEDIA = code(0xc001_0019);
    /// The send was cancelled.
    NDIS_STATUS_SEND_ABORTED = code(0xc023_000c);
    /// No cable.
    NDIS_STATUS_MEDIA_DISCONNECTED = code(0xc023_001f);
    /// The module is paused.
    NDIS_STATUS_PAUSED = code(0xc023_002a);
    /// The adapter sleeps.
    NDIS_STATUS_LOW_POWER_STATE = code(0xc023_002f);
    /// Indication: a cable.
    NDIS_STATUS_MEDIA_CONNECT = code(0x4001_000b);
    /// Indication: none any more.
    NDIS_STATUS_MEDIA_DISCONNECT = code(0x4001_000c);
    /// Indication: see [`NDIS_LINK_STATE`].
    NDIS_STATUS_LINK_STATE = code(0x4001_0017);
    /// Indication: another network.
    NDIS_STATUS_NETWORK_CHANGE = code(0x4001_0018);
    /// Indication: of a port.
    NDIS_STATUS_PORT_STATE = code(0x4001_0022);
    /// Indication: operational status.
    NDIS_STATUS_OPER_STATUS = code(0x4001_0023);
    /// Indication: the packet filter changed.
    NDIS_STATUS_PACKET_FILTER = code(0x4001_0024);
    /// Indication: offloads changed.
    NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG = code(0x4002_0006);
}}

constants! { DATA_PATH_FLAGS: u32 {
    /// Send: the IRQL is `DISPATCH_LEVEL`; true only if it is.
    NDIS_SEND_FLAGS_DISPATCH_LEVEL = 1;
    /// Send: look for this station's own address.
    NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK = 2;
    /// Send: all lists are for one queue.
    NDIS_SEND_FLAGS_SINGLE_QUEUE = 4;
    /// Send: switch.
    NDIS_SEND_FLAGS_SWITCH_DESTINATION_GROUP = 0x10;
    /// Send: switch.
    NDIS_SEND_FLAGS_SWITCH_SINGLE_SOURCE = 0x20;
    /// Send complete: the IRQL is `DISPATCH_LEVEL`.
    NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL = 1;
    /// Send complete: of one queue.
    NDIS_SEND_COMPLETE_FLAGS_SINGLE_QUEUE = 2;
    /// Send complete: switch.
    NDIS_SEND_COMPLETE_FLAGS_SWITCH_SINGLE_SOURCE = 4;
    /// Receive: the IRQL is `DISPATCH_LEVEL`.
    NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL = 1;
    /// Receive: lent for the call only.
    NDIS_RECEIVE_FLAGS_RESOURCES = 2;
    /// Receive: one EtherType.
    NDIS_RECEIVE_FLAGS_SINGLE_ETHER_TYPE = 0x100;
    /// Receive: one VLAN.
    NDIS_RECEIVE_FLAGS_SINGLE_VLAN = 0x200;
    /// Receive: no group that was not asked for.
    NDIS_RECEIVE_FLAGS_PERFECT_FILTERED = 0x400;
    /// Receive: one queue.
    NDIS_RECEIVE_FLAGS_SINGLE_QUEUE = 0x800;
    /// Receive: shared memory.
    NDIS_RECEIVE_FLAGS_SHARED_MEMORY_INFO_VALID = 0x1000;
    /// Receive: more to come.
    NDIS_RECEIVE_FLAGS_MORE_NBLS = 0x2000;
    /// Receive: switch.
    NDIS_RECEIVE_FLAGS_SWITCH_DESTINATION_GROUP = 0x4000;
    /// Receive: switch.
    NDIS_RECEIVE_FLAGS_SWITCH_SINGLE_SOURCE = 0x8000;
    /// Return: the IRQL is `DISPATCH_LEVEL`.
    NDIS_RETURN_FLAGS_DISPATCH_LEVEL = 1;
    /// Return: one queue.
    NDIS_RETURN_FLAGS_SINGLE_QUEUE = 2;
    /// Return: switch.
    NDIS_RETURN_FLAGS_SWITCH_SINGLE_SOURCE = 4;
}}
