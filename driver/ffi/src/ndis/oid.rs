//! Requests to adapters: object identifiers.

use crate::ndis::{NDIS_HANDLE, NDIS_OBJECT_HEADER};
use crate::ntdef::PVOID;

/// Of a request that queries or sets.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_OID_QUERY_SET {
    pub Oid: u32,
    pub InformationBuffer: PVOID,
    pub InformationBufferLength: u32,
    /// `BytesWritten` of a query, `BytesRead` of a set.
    pub BytesWritten: u32,
    pub BytesNeeded: u32,
}

/// Of a method.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_OID_METHOD {
    pub Oid: u32,
    pub InformationBuffer: PVOID,
    pub InputBufferLength: u32,
    pub OutputBufferLength: u32,
    pub MethodId: u32,
    pub BytesWritten: u32,
    pub BytesRead: u32,
    pub BytesNeeded: u32,
}

/// By the type of the request.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub union NDIS_OID_DATA {
    pub QUERY_INFORMATION: NDIS_OID_QUERY_SET,
    pub SET_INFORMATION: NDIS_OID_QUERY_SET,
    pub METHOD_INFORMATION: NDIS_OID_METHOD,
}

/// A request.
#[repr(C)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_OID_REQUEST {
    pub Header: NDIS_OBJECT_HEADER,
    pub RequestType: u32,
    pub PortNumber: u32,
    pub Timeout: u32,
    pub RequestId: PVOID,
    pub RequestHandle: NDIS_HANDLE,
    pub DATA: NDIS_OID_DATA,
    pub NdisReserved: [PVOID; 16],
    pub MiniportReserved: [PVOID; 2],
    pub SourceReserved: [PVOID; 2],
    pub SupportedRevision: u8,
    pub Reserved1: u8,
    pub Reserved2: u16,
    pub SwitchId: u32,
    pub VPortId: u32,
    pub Flags: u32,
}

layouts! {
    NDIS_OID_REQUEST: size 248, align 8 {
        Header = 0, RequestType = 4, PortNumber = 8, Timeout = 12, RequestId = 16, RequestHandle = 24, DATA = 32,
        DATA.QUERY_INFORMATION.Oid = 32, DATA.QUERY_INFORMATION.InformationBuffer = 40,
        DATA.QUERY_INFORMATION.InformationBufferLength = 48, DATA.QUERY_INFORMATION.BytesWritten = 52,
        DATA.QUERY_INFORMATION.BytesNeeded = 56, DATA.METHOD_INFORMATION.InputBufferLength = 48,
        DATA.METHOD_INFORMATION.OutputBufferLength = 52, DATA.METHOD_INFORMATION.MethodId = 56,
        DATA.METHOD_INFORMATION.BytesWritten = 60, DATA.METHOD_INFORMATION.BytesRead = 64,
        DATA.METHOD_INFORMATION.BytesNeeded = 68, NdisReserved = 72, MiniportReserved = 200, SourceReserved = 216,
        SupportedRevision = 232, SwitchId = 236, VPortId = 240, Flags = 244,
    }
}
const _: () = assert!(size_of::<NDIS_OID_DATA>() == 40);

constants! { OIDS: u32 {
    /// Kind of request: asks.
    NdisRequestQueryInformation = 0;
    /// Sets.
    NdisRequestSetInformation = 1;
    /// Asks for a counter.
    NdisRequestQueryStatistics = 2;
    /// Both.
    NdisRequestMethod = 12;
    /// Media it can do.
    OID_GEN_MEDIA_SUPPORTED = 0x1_0103;
    /// Media it does.
    OID_GEN_MEDIA_IN_USE = 0x1_0104;
    /// Without the header.
    OID_GEN_MAXIMUM_FRAME_SIZE = 0x1_0106;
    /// A string.
    OID_GEN_VENDOR_DESCRIPTION = 0x1_010d;
    /// What the adapter hands up.
    OID_GEN_CURRENT_PACKET_FILTER = 0x1_010e;
    /// How many bytes are contiguous.
    OID_GEN_CURRENT_LOOKAHEAD = 0x1_010f;
    /// With the header.
    OID_GEN_MAXIMUM_TOTAL_SIZE = 0x1_0111;
    /// See [`crate::ndis::NDIS_LINK_STATE`].
    OID_GEN_LINK_STATE = 0x1_0207;
    /// Not asked by filters; the id of an entry of the restart attributes.
    OID_GEN_MINIPORT_RESTART_ATTRIBUTES = 0x1_021d;
    /// A counter.
    OID_GEN_XMIT_OK = 0x2_0101;
    /// A counter.
    OID_GEN_RCV_OK = 0x2_0102;
    /// All counters.
    OID_GEN_STATISTICS = 0x2_0106;
    /// The address burned in.
    OID_802_3_PERMANENT_ADDRESS = 0x101_0101;
    /// The address used.
    OID_802_3_CURRENT_ADDRESS = 0x101_0102;
    /// Power.
    OID_PNP_SET_POWER = 0xfd01_0101;
    /// What stamps the adapter can make.
    OID_TIMESTAMP_CAPABILITY = 0xa0_0001;
    /// What it makes.
    OID_TIMESTAMP_CURRENT_CONFIG = 0xa0_0002;
    /// Of a packet filter: to this station.
    NDIS_PACKET_TYPE_DIRECTED = 1;
    /// To groups on the list.
    NDIS_PACKET_TYPE_MULTICAST = 2;
    /// To any group.
    NDIS_PACKET_TYPE_ALL_MULTICAST = 4;
    /// To all.
    NDIS_PACKET_TYPE_BROADCAST = 8;
    /// With a source route.
    NDIS_PACKET_TYPE_SOURCE_ROUTING = 0x10;
    /// Everything on the wire.
    NDIS_PACKET_TYPE_PROMISCUOUS = 0x20;
    /// Everything this station sends or gets.
    NDIS_PACKET_TYPE_ALL_LOCAL = 0x80;
    /// Nothing that this station sent.
    NDIS_PACKET_TYPE_NO_LOCAL = 0x1_0000;
    /// The same bit on wireless adapters: raw data.
    NDIS_PACKET_TYPE_802_11_RAW_DATA = 0x1_0000;
    /// Raw management.
    NDIS_PACKET_TYPE_802_11_RAW_MGMT = 0x40_0000;
    /// Media: Ethernet.
    NdisMedium802_3 = 0;
    /// Dial-up.
    NdisMediumWan = 3;
    /// Mobile networks.
    NdisMediumWirelessWan = 9;
    /// Raw wireless.
    NdisMediumNative802_11 = 16;
    /// Loopback.
    NdisMediumLoopback = 17;
    /// IP packets without a header.
    NdisMediumIP = 19;
    /// Physical media: wireless.
    NdisPhysicalMediumNative802_11 = 9;
    /// Bluetooth.
    NdisPhysicalMediumBluetooth = 10;
}}
