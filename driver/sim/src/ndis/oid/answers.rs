//! What the miniport answers to requests.

use snapgate_ffi::ndis::{
    NDIS_OID_QUERY_SET, NDIS_OID_REQUEST, NDIS_STATUS, NDIS_STATUS_BUFFER_TOO_SHORT,
    NDIS_STATUS_INVALID_DATA, NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_SUCCESS, NdisRequestQueryInformation,
    NdisRequestSetInformation, OID_802_3_CURRENT_ADDRESS, OID_802_3_PERMANENT_ADDRESS,
    OID_GEN_CURRENT_LOOKAHEAD, OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_MAXIMUM_FRAME_SIZE,
    OID_GEN_MAXIMUM_TOTAL_SIZE, OID_GEN_MEDIA_IN_USE, OID_GEN_MEDIA_SUPPORTED, OID_GEN_VENDOR_DESCRIPTION,
};

use crate::ndis::raw;
use crate::ndis::stack::Stack;

/// Answers a request in its memory.
pub(crate) fn answer(stack: &Stack, request: *mut NDIS_OID_REQUEST) -> NDIS_STATUS {
    let at =
        request.wrapping_byte_add(std::mem::offset_of!(NDIS_OID_REQUEST, DATA)).cast::<NDIS_OID_QUERY_SET>();
    let kind: u32 =
        raw::get(request.wrapping_byte_add(std::mem::offset_of!(NDIS_OID_REQUEST, RequestType)).cast());
    let mut data = raw::get(at);
    let status = if kind == NdisRequestQueryInformation {
        query(stack, &mut data)
    } else if kind == NdisRequestSetInformation {
        set(stack, &mut data)
    } else {
        NDIS_STATUS_NOT_SUPPORTED
    };
    raw::set(at, data);
    status
}

fn query(stack: &Stack, data: &mut NDIS_OID_QUERY_SET) -> NDIS_STATUS {
    let config = &stack.config;
    let number = |number: u32| Some(number.to_le_bytes().to_vec());
    let answer = match data.Oid {
        OID_GEN_CURRENT_PACKET_FILTER => number(stack.oids.packet_filter.get()),
        OID_GEN_MEDIA_SUPPORTED | OID_GEN_MEDIA_IN_USE => number(config.media),
        OID_GEN_MAXIMUM_FRAME_SIZE => number(config.mtu),
        OID_GEN_MAXIMUM_TOTAL_SIZE | OID_GEN_CURRENT_LOOKAHEAD => number(config.mtu + 14),
        OID_GEN_VENDOR_DESCRIPTION => Some([config.name.as_bytes(), &[0]].concat()),
        OID_802_3_CURRENT_ADDRESS | OID_802_3_PERMANENT_ADDRESS => Some(config.mac.to_vec()),
        _ => None,
    };
    let Some(answer) = answer else { return NDIS_STATUS_NOT_SUPPORTED };
    let length = u32::try_from(answer.len()).unwrap_or(u32::MAX);
    if data.InformationBufferLength < length {
        data.BytesNeeded = length;
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    }
    raw::write(data.InformationBuffer.cast(), &answer);
    data.BytesWritten = length;
    NDIS_STATUS_SUCCESS
}

fn set(stack: &Stack, data: &mut NDIS_OID_QUERY_SET) -> NDIS_STATUS {
    if data.Oid != OID_GEN_CURRENT_PACKET_FILTER {
        return NDIS_STATUS_NOT_SUPPORTED;
    }
    if data.InformationBufferLength < 4 {
        data.BytesNeeded = 4;
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    }
    let filter: u32 = raw::get(data.InformationBuffer.cast());
    if filter & !stack.config.packet_filters != 0 {
        return NDIS_STATUS_INVALID_DATA;
    }
    stack.oids.packet_filter.set(filter);
    // Of a set: how many bytes were read.
    data.BytesWritten = 4;
    NDIS_STATUS_SUCCESS
}
