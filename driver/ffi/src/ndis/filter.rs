//! Filter modules: what a filter driver registers, and what its modules are told.
//!
//! Callbacks and the highest IRQL they are called at: P `PASSIVE_LEVEL`, D `DISPATCH_LEVEL`.

use crate::ndis::{
    NDIS_HANDLE, NDIS_OBJECT_HEADER, NDIS_OID_REQUEST, NDIS_STATUS, NDIS_STATUS_INDICATION, NET_BUFFER_LIST,
    NET_DEVICE_PNP_EVENT, NET_PNP_EVENT_NOTIFICATION,
};
use crate::ntdef::{PVOID, UNICODE_STRING};
use core::ffi::c_void;

kernel_abi! {
    /// P: sets optional services while the driver registers.
    pub type SET_OPTIONS_HANDLER = fn(NDIS_HANDLE, NDIS_HANDLE) -> NDIS_STATUS;
    /// P: a module may set handlers of its own, before every restart.
    pub type FILTER_SET_FILTER_MODULE_OPTIONS = fn(NDIS_HANDLE) -> NDIS_STATUS;
    /// P: a module for an adapter: (filter handle, driver context, parameters).
    pub type FILTER_ATTACH =
        fn(NDIS_HANDLE, NDIS_HANDLE, *mut NDIS_FILTER_ATTACH_PARAMETERS) -> NDIS_STATUS;
    /// P: its end; cannot fail.
    pub type FILTER_DETACH = fn(NDIS_HANDLE);
    /// P: data may flow.
    pub type FILTER_RESTART = fn(NDIS_HANDLE, *mut NDIS_FILTER_RESTART_PARAMETERS) -> NDIS_STATUS;
    /// P: data stops; cannot fail.
    pub type FILTER_PAUSE = fn(NDIS_HANDLE, *mut NDIS_FILTER_PAUSE_PARAMETERS) -> NDIS_STATUS;
    /// D: going down: (module, lists, port, flags).
    pub type FILTER_SEND_NET_BUFFER_LISTS = fn(NDIS_HANDLE, *mut NET_BUFFER_LIST, u32, u32);
    /// D: coming back: (module, lists, flags).
    pub type FILTER_SEND_NET_BUFFER_LISTS_COMPLETE = fn(NDIS_HANDLE, *mut NET_BUFFER_LIST, u32);
    /// D: (module, cancel id).
    pub type FILTER_CANCEL_SEND_NET_BUFFER_LISTS = fn(NDIS_HANDLE, PVOID);
    /// D: going up: (module, lists, port, how many lists, flags).
    pub type FILTER_RECEIVE_NET_BUFFER_LISTS = fn(NDIS_HANDLE, *mut NET_BUFFER_LIST, u32, u32, u32);
    /// D: coming back: (module, lists, flags).
    pub type FILTER_RETURN_NET_BUFFER_LISTS = fn(NDIS_HANDLE, *mut NET_BUFFER_LIST, u32);
    /// D: a request from above.
    pub type FILTER_OID_REQUEST = fn(NDIS_HANDLE, *mut NDIS_OID_REQUEST) -> NDIS_STATUS;
    /// D: its completion.
    pub type FILTER_OID_REQUEST_COMPLETE = fn(NDIS_HANDLE, *mut NDIS_OID_REQUEST, NDIS_STATUS);
    /// D: (module, request id).
    pub type FILTER_CANCEL_OID_REQUEST = fn(NDIS_HANDLE, PVOID);
    /// P: of the device.
    pub type FILTER_DEVICE_PNP_EVENT_NOTIFY = fn(NDIS_HANDLE, *mut NET_DEVICE_PNP_EVENT);
    /// P: of the network.
    pub type FILTER_NET_PNP_EVENT = fn(NDIS_HANDLE, *mut NET_PNP_EVENT_NOTIFICATION) -> NDIS_STATUS;
    /// D: news from below.
    pub type FILTER_STATUS = fn(NDIS_HANDLE, *mut NDIS_STATUS_INDICATION);
}

/// What a filter driver registers with.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_FILTER_DRIVER_CHARACTERISTICS {
    pub Header: NDIS_OBJECT_HEADER,
    pub MajorNdisVersion: u8,
    pub MinorNdisVersion: u8,
    pub MajorDriverVersion: u8,
    pub MinorDriverVersion: u8,
    pub Flags: u32,
    pub FriendlyName: UNICODE_STRING,
    pub UniqueName: UNICODE_STRING,
    pub ServiceName: UNICODE_STRING,
    pub SetOptionsHandler: Option<SET_OPTIONS_HANDLER>,
    pub SetFilterModuleOptionsHandler: Option<FILTER_SET_FILTER_MODULE_OPTIONS>,
    pub AttachHandler: Option<FILTER_ATTACH>,
    pub DetachHandler: Option<FILTER_DETACH>,
    pub RestartHandler: Option<FILTER_RESTART>,
    pub PauseHandler: Option<FILTER_PAUSE>,
    pub SendNetBufferListsHandler: Option<FILTER_SEND_NET_BUFFER_LISTS>,
    pub SendNetBufferListsCompleteHandler: Option<FILTER_SEND_NET_BUFFER_LISTS_COMPLETE>,
    pub CancelSendNetBufferListsHandler: Option<FILTER_CANCEL_SEND_NET_BUFFER_LISTS>,
    pub ReceiveNetBufferListsHandler: Option<FILTER_RECEIVE_NET_BUFFER_LISTS>,
    pub ReturnNetBufferListsHandler: Option<FILTER_RETURN_NET_BUFFER_LISTS>,
    pub OidRequestHandler: Option<FILTER_OID_REQUEST>,
    pub OidRequestCompleteHandler: Option<FILTER_OID_REQUEST_COMPLETE>,
    pub CancelOidRequestHandler: Option<FILTER_CANCEL_OID_REQUEST>,
    pub DevicePnPEventNotifyHandler: Option<FILTER_DEVICE_PNP_EVENT_NOTIFY>,
    pub NetPnPEventHandler: Option<FILTER_NET_PNP_EVENT>,
    pub StatusHandler: Option<FILTER_STATUS>,
    pub DirectOidRequestHandler: Option<FILTER_OID_REQUEST>,
    pub DirectOidRequestCompleteHandler: Option<FILTER_OID_REQUEST_COMPLETE>,
    pub CancelDirectOidRequestHandler: Option<FILTER_CANCEL_OID_REQUEST>,
    /// Of revision 3; not used here: its signature was not measured.
    pub SynchronousOidRequestHandler: *mut c_void,
    /// Of revision 3; not used here: its signature was not measured.
    pub SynchronousOidRequestCompleteHandler: *mut c_void,
}

/// The handlers of one module's data path; pairs that are null are bypassed.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_FILTER_PARTIAL_CHARACTERISTICS {
    pub Header: NDIS_OBJECT_HEADER,
    pub Flags: u32,
    pub SendNetBufferListsHandler: Option<FILTER_SEND_NET_BUFFER_LISTS>,
    pub SendNetBufferListsCompleteHandler: Option<FILTER_SEND_NET_BUFFER_LISTS_COMPLETE>,
    pub CancelSendNetBufferListsHandler: Option<FILTER_CANCEL_SEND_NET_BUFFER_LISTS>,
    pub ReceiveNetBufferListsHandler: Option<FILTER_RECEIVE_NET_BUFFER_LISTS>,
    pub ReturnNetBufferListsHandler: Option<FILTER_RETURN_NET_BUFFER_LISTS>,
}

/// The adapter that a module is for.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_FILTER_ATTACH_PARAMETERS {
    pub Header: NDIS_OBJECT_HEADER,
    pub IfIndex: u32,
    pub NetLuid: u64,
    pub FilterModuleGuidName: *mut UNICODE_STRING,
    pub BaseMiniportIfIndex: u32,
    pub BaseMiniportInstanceName: *mut UNICODE_STRING,
    pub BaseMiniportName: *mut UNICODE_STRING,
    pub MediaConnectState: u32,
    pub MediaDuplexState: u32,
    pub XmitLinkSpeed: u64,
    pub RcvLinkSpeed: u64,
    pub MiniportMediaType: u32,
    pub MiniportPhysicalMediaType: u32,
    pub MiniportMediaSpecificAttributes: PVOID,
    pub DefaultOffloadConfiguration: *mut c_void,
    pub MacAddressLength: u16,
    pub CurrentMacAddress: [u8; 32],
    pub BaseMiniportNetLuid: u64,
    pub LowerIfIndex: u32,
    pub LowerIfNetLuid: u64,
    pub Flags: u32,
    pub HDSplitCurrentConfig: *mut c_void,
    pub ReceiveFilterCapabilities: *mut c_void,
    pub MiniportPhysicalDeviceObject: *mut c_void,
    pub NicSwitchCapabilities: *mut c_void,
    pub BaseMiniportIfConnectorPresent: u8,
    pub SriovCapabilities: *mut c_void,
    pub NicSwitchArray: *mut c_void,
}

/// What a module tells NDIS inside of its attach.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_FILTER_ATTRIBUTES {
    pub Header: NDIS_OBJECT_HEADER,
    pub Flags: u32,
}

/// Why data stops.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_FILTER_PAUSE_PARAMETERS {
    pub Header: NDIS_OBJECT_HEADER,
    pub Flags: u32,
    pub PauseReason: u32,
}

/// What is known when data starts.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_FILTER_RESTART_PARAMETERS {
    pub Header: NDIS_OBJECT_HEADER,
    pub MiniportMediaType: u32,
    pub MiniportPhysicalMediaType: u32,
    /// May be null.
    pub RestartAttributes: *mut NDIS_RESTART_ATTRIBUTES,
    pub LowerIfIndex: u32,
    pub LowerIfNetLuid: u64,
    pub Flags: u32,
}

/// One attribute; its bytes begin at `Data`.
#[repr(C, align(16))]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_RESTART_ATTRIBUTES {
    pub Next: *mut NDIS_RESTART_ATTRIBUTES,
    pub Oid: u32,
    pub DataLength: u32,
    pub Data: [u8; 1],
}

/// The attribute of `OID_GEN_MINIPORT_RESTART_ATTRIBUTES`.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_RESTART_GENERAL_ATTRIBUTES {
    pub Header: NDIS_OBJECT_HEADER,
    pub MtuSize: u32,
    pub MaxXmitLinkSpeed: u64,
    pub MaxRcvLinkSpeed: u64,
    pub LookaheadSize: u32,
    pub MacOptions: u32,
    pub SupportedPacketFilters: u32,
    pub MaxMulticastListSize: u32,
    pub RecvScaleCapabilities: *mut c_void,
    pub AccessType: u32,
    pub Flags: u32,
    pub ConnectionType: u32,
    pub SupportedStatistics: u32,
    pub DataBackFillSize: u32,
    pub ContextBackFillSize: u32,
    pub SupportedOidList: *mut u32,
    pub SupportedOidListLength: u32,
    pub MaxLookaheadSizeAccessed: u32,
}

layouts! {
    NDIS_FILTER_DRIVER_CHARACTERISTICS: size 240, align 8 {
        Header = 0, MajorNdisVersion = 4, MinorNdisVersion = 5, MajorDriverVersion = 6, MinorDriverVersion = 7,
        Flags = 8, FriendlyName = 16, UniqueName = 32, ServiceName = 48, SetOptionsHandler = 64,
        SetFilterModuleOptionsHandler = 72, AttachHandler = 80, DetachHandler = 88, RestartHandler = 96,
        PauseHandler = 104, SendNetBufferListsHandler = 112, SendNetBufferListsCompleteHandler = 120,
        CancelSendNetBufferListsHandler = 128, ReceiveNetBufferListsHandler = 136,
        ReturnNetBufferListsHandler = 144, OidRequestHandler = 152, OidRequestCompleteHandler = 160,
        CancelOidRequestHandler = 168, DevicePnPEventNotifyHandler = 176, NetPnPEventHandler = 184,
        StatusHandler = 192, DirectOidRequestHandler = 200, DirectOidRequestCompleteHandler = 208,
        CancelDirectOidRequestHandler = 216, SynchronousOidRequestHandler = 224,
        SynchronousOidRequestCompleteHandler = 232,
    }
    NDIS_FILTER_PARTIAL_CHARACTERISTICS: size 48, align 8 {
        Header = 0, Flags = 4, SendNetBufferListsHandler = 8, SendNetBufferListsCompleteHandler = 16,
        CancelSendNetBufferListsHandler = 24, ReceiveNetBufferListsHandler = 32, ReturnNetBufferListsHandler = 40,
    }
    NDIS_FILTER_ATTACH_PARAMETERS: size 224, align 8 {
        Header = 0, IfIndex = 4, NetLuid = 8, FilterModuleGuidName = 16, BaseMiniportIfIndex = 24,
        BaseMiniportInstanceName = 32, BaseMiniportName = 40, MediaConnectState = 48, MediaDuplexState = 52,
        XmitLinkSpeed = 56, RcvLinkSpeed = 64, MiniportMediaType = 72, MiniportPhysicalMediaType = 76,
        MiniportMediaSpecificAttributes = 80, DefaultOffloadConfiguration = 88, MacAddressLength = 96,
        CurrentMacAddress = 98, BaseMiniportNetLuid = 136, LowerIfIndex = 144, LowerIfNetLuid = 152, Flags = 160,
        HDSplitCurrentConfig = 168, ReceiveFilterCapabilities = 176, MiniportPhysicalDeviceObject = 184,
        NicSwitchCapabilities = 192, BaseMiniportIfConnectorPresent = 200, SriovCapabilities = 208,
        NicSwitchArray = 216,
    }
    NDIS_FILTER_ATTRIBUTES: size 8, align 4 { Header = 0, Flags = 4 }
    NDIS_FILTER_PAUSE_PARAMETERS: size 12, align 4 { Header = 0, Flags = 4, PauseReason = 8 }
    NDIS_FILTER_RESTART_PARAMETERS: size 48, align 8 {
        Header = 0, MiniportMediaType = 4, MiniportPhysicalMediaType = 8, RestartAttributes = 16, LowerIfIndex = 24,
        LowerIfNetLuid = 32, Flags = 40,
    }
    NDIS_RESTART_ATTRIBUTES: size 32, align 16 { Next = 0, Oid = 8, DataLength = 12, Data = 16 }
    NDIS_RESTART_GENERAL_ATTRIBUTES: size 88, align 8 {
        Header = 0, MtuSize = 4, MaxXmitLinkSpeed = 8, MaxRcvLinkSpeed = 16, LookaheadSize = 24, MacOptions = 28,
        SupportedPacketFilters = 32, MaxMulticastListSize = 36, RecvScaleCapabilities = 40, AccessType = 48,
        Flags = 52, ConnectionType = 56, SupportedStatistics = 60, DataBackFillSize = 64, ContextBackFillSize = 68,
        SupportedOidList = 72, SupportedOidListLength = 80, MaxLookaheadSizeAccessed = 84,
    }
}

constants! { FILTER_CONSTANTS: u32 {
    /// In the attributes: the adapter needs this filter.
    NDIS_FILTER_DRIVER_MANDATORY = 1;
    /// May see another address.
    NDIS_FILTER_DRIVER_SUPPORTS_CURRENT_MAC_ADDRESS_CHANGE = 2;
    /// May see another size.
    NDIS_FILTER_DRIVER_SUPPORTS_L2_MTU_SIZE_CHANGE = 4;
    /// Why data stops: NDIS' own reasons.
    NDIS_PAUSE_NDIS_INTERNAL = 1;
    /// Power.
    NDIS_PAUSE_LOW_POWER = 2;
    /// A protocol binds.
    NDIS_PAUSE_BIND_PROTOCOL = 4;
    /// A protocol goes.
    NDIS_PAUSE_UNBIND_PROTOCOL = 8;
    /// A filter comes.
    NDIS_PAUSE_ATTACH_FILTER = 0x10;
    /// A filter goes.
    NDIS_PAUSE_DETACH_FILTER = 0x20;
    /// A filter asked for it.
    NDIS_PAUSE_FILTER_RESTART_STACK = 0x40;
    /// The adapter goes.
    NDIS_PAUSE_MINIPORT_DEVICE_REMOVE = 0x80;
}}
