//! The control device, the configuration, and events of plug and play.

use crate::ndis::{NDIS_HANDLE, NDIS_OBJECT_HEADER};
use crate::ntdef::{GUID, PVOID, UNICODE_STRING};
use crate::wdm::DRIVER_DISPATCH;

/// How the control device is made.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_DEVICE_OBJECT_ATTRIBUTES {
    pub Header: NDIS_OBJECT_HEADER,
    pub DeviceName: *mut UNICODE_STRING,
    pub SymbolicName: *mut UNICODE_STRING,
    /// 28 of them.
    pub MajorFunctions: *mut Option<DRIVER_DISPATCH>,
    pub ExtensionSize: u32,
    pub DefaultSDDLString: *mut UNICODE_STRING,
    pub DeviceClassGuid: *const GUID,
}

/// Whose configuration is opened.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NDIS_CONFIGURATION_OBJECT {
    pub Header: NDIS_OBJECT_HEADER,
    pub NdisHandle: NDIS_HANDLE,
    pub Flags: u32,
}

/// An event of the device.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_DEVICE_PNP_EVENT {
    pub Header: NDIS_OBJECT_HEADER,
    pub PortNumber: u32,
    pub DevicePnPEvent: u32,
    pub InformationBuffer: PVOID,
    pub InformationBufferLength: u32,
    pub NdisReserved: [u8; 16],
}

/// An event of the network.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_PNP_EVENT {
    pub NetEvent: u32,
    pub Buffer: PVOID,
    pub BufferLength: u32,
    pub NdisReserved: [usize; 4],
    pub TransportReserved: [usize; 4],
    pub TdiReserved: [usize; 4],
    pub TdiClientReserved: [usize; 4],
}

/// Such an event as a filter gets it.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields' names are the kit's")]
pub struct NET_PNP_EVENT_NOTIFICATION {
    pub Header: NDIS_OBJECT_HEADER,
    pub PortNumber: u32,
    pub NetPnPEvent: NET_PNP_EVENT,
    pub Flags: u32,
    pub SwitchId: u32,
    pub VPortId: u32,
}

layouts! {
    NDIS_DEVICE_OBJECT_ATTRIBUTES: size 56, align 8 {
        Header = 0, DeviceName = 8, SymbolicName = 16, MajorFunctions = 24, ExtensionSize = 32,
        DefaultSDDLString = 40, DeviceClassGuid = 48,
    }
    NDIS_CONFIGURATION_OBJECT: size 24, align 8 { Header = 0, NdisHandle = 8, Flags = 16 }
    NET_DEVICE_PNP_EVENT: size 48, align 8 {
        Header = 0, PortNumber = 4, DevicePnPEvent = 8, InformationBuffer = 16, InformationBufferLength = 24,
        NdisReserved = 28,
    }
    NET_PNP_EVENT: size 152, align 8 {
        NetEvent = 0, Buffer = 8, BufferLength = 16, NdisReserved = 24, TransportReserved = 56, TdiReserved = 88,
        TdiClientReserved = 120,
    }
    NET_PNP_EVENT_NOTIFICATION: size 176, align 8 {
        Header = 0, PortNumber = 4, NetPnPEvent = 8, Flags = 160, SwitchId = 164, VPortId = 168,
    }
}

constants! { PNP_EVENTS: u32 {
    /// Of the network: power changes.
    NetEventSetPower = 0;
    /// May it?
    NetEventQueryPower = 1;
    /// The configuration changed.
    NetEventReconfigure = 4;
    /// The bindings changed.
    NetEventBindList = 5;
    /// Data stops.
    NetEventPause = 8;
    /// Data starts.
    NetEventRestart = 9;
    /// A port.
    NetEventPortActivation = 10;
    /// A switch.
    NetEventSwitchActivate = 17;
    /// Of the device: gone.
    NdisDevicePnPEventRemoved = 1;
    /// Gone, by surprise.
    NdisDevicePnPEventSurpriseRemoved = 2;
    /// Battery or mains.
    NdisDevicePnPEventPowerProfileChanged = 5;
    /// Other filters.
    NdisDevicePnPEventFilterListChanged = 6;
    /// Of the control device, and of every IOCTL code.
    FILE_DEVICE_TRANSPORT = 0x21;
}}
