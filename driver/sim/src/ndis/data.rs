//! The bytes of packets, as the simulator itself reads them: an adapter's engine needs no mapping.

use snapgate_ffi::ndis::NET_BUFFER;
use snapgate_ffi::wdm::{MDL, MDL_MAPPED_TO_SYSTEM_VA, MDL_SOURCE_IS_NONPAGED_POOL};

use super::layout::{mdl, nb};
use super::{memory, raw};

/// Where the bytes of an MDL are; `None` if only its owner knows.
pub(crate) fn address(of: *mut MDL) -> Option<*mut u8> {
    if let Some(own) = memory::own_address(of) {
        return Some(own);
    }
    let mapped = mdl::MdlFlags(of) & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL) != 0;
    mapped.then(|| mdl::MappedSystemVa(of).cast())
}

/// Goes over the bytes of a packet in pieces: for each where it is, and how many bytes.
pub(crate) fn pieces(packet: *const NET_BUFFER) -> Vec<(Option<*mut u8>, usize)> {
    let mut skip = nb::DataOffset(packet) as usize;
    let mut left = nb::DataLength(packet) as usize;
    let mut at = nb::MdlChain(packet);
    let mut pieces = Vec::new();
    while !at.is_null() && left > 0 {
        let count = mdl::ByteCount(at) as usize;
        if skip >= count {
            skip -= count;
        } else {
            let length = (count - skip).min(left);
            pieces.push((address(at).map(|start| start.wrapping_add(skip)), length));
            left -= length;
            skip = 0;
        }
        at = mdl::Next(at);
    }
    pieces
}

/// The bytes of a packet; what nobody can see is zero.
pub(crate) fn frame(packet: *mut NET_BUFFER) -> Vec<u8> {
    let mut frame = Vec::with_capacity(nb::DataLength(packet) as usize);
    for (start, length) in pieces(packet) {
        match start {
            Some(start) => frame.extend(raw::bytes(start, length)),
            None => frame.resize(frame.len() + length, 0),
        }
    }
    frame
}
