//! The data path: packets pass by, and are looked at.
//!
//! Every callback hands on exactly what it was given: the same chain, port, count and flags. A module that does not run
//! gives sends back as paused, and returns receives that were not only lent.

mod batch;
mod capture;
mod head;
mod metadata;
mod segments;
pub(crate) mod table;
mod view;

use snapgate_ffi::kernel_abi;
use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_RECEIVE_FLAGS_RESOURCES,
    NDIS_RETURN_FLAGS_DISPATCH_LEVEL, NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL,
    NDIS_SEND_FLAGS_DISPATCH_LEVEL, NDIS_STATUS_PAUSED, NET_BUFFER_LIST, NdisFCancelSendNetBufferLists,
    NdisFIndicateReceiveNetBufferLists, NdisFReturnNetBufferLists, NdisFSendNetBufferLists,
    NdisFSendNetBufferListsComplete,
};
use snapgate_ffi::ntdef::PVOID;

use crate::handle::settings::Way;
use crate::module::life::module;

kernel_abi! {
    /// Packets on their way down.
    pub(crate) fn send(context: NDIS_HANDLE, lists: *mut NET_BUFFER_LIST, port: u32, flags: u32) {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        let at_dispatch = flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL != 0;
        if !module.is_running() {
            // SAFETY: a chain that the module holds.
            unsafe { batch::set_status(lists, NDIS_STATUS_PAUSED) };
            let flags = if at_dispatch { NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL } else { 0 };
            // SAFETY: given back as it came.
            unsafe { NdisFSendNetBufferListsComplete(module.handle, lists, flags) };
            return;
        }
        // SAFETY: a chain that the module holds until the next line.
        unsafe { batch::look_at(module, lists, Way::Out, at_dispatch) };
        // SAFETY: passed on as it came.
        unsafe { NdisFSendNetBufferLists(module.handle, lists, port, flags) };
    }

    /// Packets that were sent, on their way back up.
    pub(crate) fn send_complete(context: NDIS_HANDLE, lists: *mut NET_BUFFER_LIST, flags: u32) {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        // SAFETY: passed on as it came: none of them is this module's own.
        unsafe { NdisFSendNetBufferListsComplete(module.handle, lists, flags) };
    }

    /// A cancellation on its way down: nothing is queued here.
    pub(crate) fn cancel_send(context: NDIS_HANDLE, id: PVOID) {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        // SAFETY: passed on as it came.
        unsafe { NdisFCancelSendNetBufferLists(module.handle, id) };
    }

    /// Packets on their way up.
    pub(crate) fn receive(context: NDIS_HANDLE, lists: *mut NET_BUFFER_LIST, port: u32, count: u32, flags: u32) {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        let at_dispatch = flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL != 0;
        if !module.is_running() {
            if flags & NDIS_RECEIVE_FLAGS_RESOURCES == 0 {
                let flags = if at_dispatch { NDIS_RETURN_FLAGS_DISPATCH_LEVEL } else { 0 };
                // SAFETY: given back as it came.
                unsafe { NdisFReturnNetBufferLists(module.handle, lists, flags) };
            }
            return;
        }
        // SAFETY: a chain that the module has until the next line.
        unsafe { batch::look_at(module, lists, Way::In, at_dispatch) };
        // SAFETY: passed on as it came; if it is only lent, it is lent on.
        unsafe { NdisFIndicateReceiveNetBufferLists(module.handle, lists, port, count, flags) };
    }

    /// Packets that were received, on their way back down.
    pub(crate) fn return_lists(context: NDIS_HANDLE, lists: *mut NET_BUFFER_LIST, flags: u32) {
        // SAFETY: the context of an attached module.
        let module = unsafe { module(context) };
        // SAFETY: passed on as it came: none of them is this module's own.
        unsafe { NdisFReturnNetBufferLists(module.handle, lists, flags) };
    }
}
