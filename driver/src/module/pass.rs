//! News that a module passes on, and remembers a little of.

use core::sync::atomic::Ordering::Relaxed;

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_LINK_STATE, NDIS_STATUS, NDIS_STATUS_INDICATION, NDIS_STATUS_LINK_STATE,
    NET_DEVICE_PNP_EVENT, NET_PNP_EVENT_NOTIFICATION, NdisFDevicePnPEventNotify, NdisFIndicateStatus,
    NdisFNetPnPEvent, NetEventSetPower,
};

use super::life::module;

/// `MediaConnectStateDisconnected`.
const DISCONNECTED: u32 = 2;
/// `NetDeviceStateD0`: full power.
const FULL_POWER: u32 = 1;

kernel_abi! {
    /// From below, upwards.
    pub(crate) fn status(context: NDIS_HANDLE, indication: *mut NDIS_STATUS_INDICATION) {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        // SAFETY: NDIS' indication for this call.
        let (code, buffer, size) =
            unsafe { ((*indication).StatusCode, (*indication).StatusBuffer, (*indication).StatusBufferSize) };
        let needed = core::mem::offset_of!(NDIS_LINK_STATE, MediaDuplexState);
        if code == NDIS_STATUS_LINK_STATE && !buffer.is_null() && size as usize >= needed {
            // SAFETY: so many bytes are there, by the size.
            let state = unsafe { (*buffer.cast::<NDIS_LINK_STATE>()).MediaConnectState };
            module.link_is_up.store(state != DISCONNECTED, Relaxed);
        }
        // SAFETY: NDIS' indication, passed on as it came.
        unsafe { NdisFIndicateStatus(module.handle, indication) };
    }

    /// From above or below, downwards.
    pub(crate) fn device_pnp(context: NDIS_HANDLE, event: *mut NET_DEVICE_PNP_EVENT) {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        // SAFETY: NDIS' event, passed on as it came.
        unsafe { NdisFDevicePnPEventNotify(module.handle, event) };
    }

    /// From below, upwards.
    pub(crate) fn net_pnp(context: NDIS_HANDLE, event: *mut NET_PNP_EVENT_NOTIFICATION) -> NDIS_STATUS {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        // SAFETY: NDIS' event for this call.
        let (kind, buffer, length) = unsafe {
            ((*event).NetPnPEvent.NetEvent, (*event).NetPnPEvent.Buffer, (*event).NetPnPEvent.BufferLength)
        };
        if kind == NetEventSetPower && !buffer.is_null() && length as usize >= size_of::<u32>() {
            // SAFETY: so many bytes are there, by the length.
            let state = unsafe { buffer.cast::<u32>().read_unaligned() };
            module.low_power.store(state != FULL_POWER, Relaxed);
        }
        // SAFETY: NDIS' event, passed on as it came.
        unsafe { NdisFNetPnPEvent(module.handle, event) }
    }
}
