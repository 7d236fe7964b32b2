//! Requests: those from above are forwarded as clones; the filter asks for a packet filter of its own.

use std::ptr;

use snapgate_ffi::ndis::*;
use snapgate_ffi::ntdef::*;

use super::life::TAG;
use super::{Module, Sin, k, module, sins};

/// In `SourceReserved` of a clone: the request that it is of.
fn original(clone: *mut NDIS_OID_REQUEST) -> *mut NDIS_OID_REQUEST {
    k!((*clone).SourceReserved[0]).cast()
}

/// Ends a request that was forwarded: the results go back to the one from above.
fn finish(module: *mut Module, clone: *mut NDIS_OID_REQUEST) -> *mut NDIS_OID_REQUEST {
    let request = original(clone);
    if !sins(Sin::ForgetsResults) {
        let data = k!((*clone).DATA.QUERY_INFORMATION);
        k!((*request).DATA.QUERY_INFORMATION.BytesWritten = data.BytesWritten);
        k!((*request).DATA.QUERY_INFORMATION.BytesNeeded = data.BytesNeeded);
    }
    if sins(Sin::WritesSourceReserved) {
        k!((*request).SourceReserved[1] = 7 as _);
    }
    k!(NdisFreeCloneOidRequest((*module).handle, clone));
    request
}

snapgate_ffi::kernel_abi! {
    pub(crate) fn oid_request(context: NDIS_HANDLE, request: *mut NDIS_OID_REQUEST) -> NDIS_STATUS {
        let module: *mut Module = context.cast();
        let handle = k!((*module).handle);
        if sins(Sin::ForwardsOriginal) {
            return k!(NdisFOidRequest(handle, request));
        }
        if sins(Sin::NeverCompletesRequest) {
            return NDIS_STATUS_PENDING;
        }
        let mut clone = ptr::null_mut();
        let status = k!(NdisAllocateCloneOidRequest(handle, request, TAG, &raw mut clone));
        if status != NDIS_STATUS_SUCCESS {
            return status;
        }
        k!((*clone).SourceReserved[0] = request.cast());
        let set = k!((*clone).RequestType) == NdisRequestSetInformation;
        let filter_oid = k!((*clone).DATA.SET_INFORMATION.Oid) == OID_GEN_CURRENT_PACKET_FILTER;
        let mut union = 0u32;
        if set && filter_oid && !sins(Sin::ForgetsOwnFilter) {
            let asked = k!((*clone).DATA.SET_INFORMATION.InformationBuffer).cast::<u32>();
            union = k!(asked.read()) | own_filter();
            remember_upper(k!(asked.read()));
            k!((*clone).DATA.SET_INFORMATION.InformationBuffer = (&raw mut union).cast());
        }
        let status = k!(NdisFOidRequest(handle, clone));
        if sins(Sin::SendsTwoRequests) && status == NDIS_STATUS_PENDING {
            ask(handle);
        }
        if status == NDIS_STATUS_PENDING {
            assert_eq!(union, 0, "the buffer must last as long as the request");
            return status;
        }
        let done = finish(module, clone);
        if sins(Sin::CompletesRequestTwice) {
            k!(NdisFOidRequestComplete(handle, done, status));
        }
        status
    }

    pub(crate) fn oid_complete(context: NDIS_HANDLE, clone: *mut NDIS_OID_REQUEST, status: NDIS_STATUS) {
        let module: *mut Module = context.cast();
        let handle = k!((*module).handle);
        if sins(Sin::CompletesCloneUpwards) {
            k!(NdisFOidRequestComplete(handle, clone, status));
        }
        let request = finish(module, clone);
        k!(NdisFOidRequestComplete(handle, request, status));
    }

    pub(crate) fn cancel_oid(context: NDIS_HANDLE, id: PVOID) {
        let module: *mut Module = context.cast();
        if !sins(Sin::SwallowsRequestCancel) {
            k!(NdisFCancelOidRequest((*module).handle, id));
        }
    }
}

thread_local! {
    static FILTERS: std::cell::Cell<(u32, u32)> = const { std::cell::Cell::new((0, 0)) };
}

fn own_filter() -> u32 {
    FILTERS.get().0
}

fn remember_upper(filter: u32) {
    FILTERS.set((FILTERS.get().0, filter));
}

fn new_request(kind: u32, oid: u32, buffer: *mut u32) -> NDIS_OID_REQUEST {
    let revision = NdisVersion::from_runtime(k!(NdisGetVersion())).oid_request();
    let mut request = std::mem::MaybeUninit::<NDIS_OID_REQUEST>::zeroed();
    let request = k!(request.assume_init_mut());
    request.Header = NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_OID_REQUEST, revision);
    if sins(Sin::AsksWithBadHeader) {
        request.Header.Size = 100;
    }
    request.RequestType = kind;
    request.DATA.SET_INFORMATION = NDIS_OID_QUERY_SET {
        Oid: oid,
        InformationBuffer: buffer.cast(),
        InformationBufferLength: 4,
        BytesWritten: 0,
        BytesNeeded: 0,
    };
    k!(ptr::read(request))
}

/// A request of the module's own; answered at once here.
pub(super) fn ask(handle: NDIS_HANDLE) -> (NDIS_STATUS, u32) {
    let mut value = 0;
    let mut request = new_request(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, &raw mut value);
    let status = k!(NdisFOidRequest(handle, &raw mut request));
    (status, value)
}

/// The filter asks for the frame size itself.
pub(crate) fn ask_filter() -> Option<(NDIS_STATUS, u32)> {
    module().map(|module| ask(k!((*module).handle)))
}

/// The filter sets packet filter bits of its own, together with what was asked for from above.
pub(crate) fn set_filter(own: u32) -> Option<NDIS_STATUS> {
    let module = module()?;
    let upper = if sins(Sin::ForgetsUpperFilter) { 0 } else { FILTERS.get().1 };
    FILTERS.set((own, FILTERS.get().1));
    let mut value = own | upper;
    let mut request = new_request(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &raw mut value);
    Some(k!(NdisFOidRequest((*module).handle, &raw mut request)))
}

/// Nothing is set.
pub(crate) fn reset() {
    FILTERS.set((0, 0));
}
