//! The fields of lists, packets and memory descriptor lists, and walks over them.

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NET_BUFFER, NET_BUFFER_LIST, NET_BUFFER_LIST_CONTEXT, NET_BUFFER_LIST_INFO_OFFSET,
};
use snapgate_ffi::ntdef::{NTSTATUS, PVOID};
use snapgate_ffi::wdm::MDL;

use super::raw::{self, fields};
use crate::machine::violate;
use crate::verify::Rule;

fields! { nbl: NET_BUFFER_LIST {
    Next set_Next: *mut NET_BUFFER_LIST,
    FirstNetBuffer set_FirstNetBuffer: *mut NET_BUFFER,
    Context set_Context: *mut NET_BUFFER_LIST_CONTEXT,
    ParentNetBufferList set_ParentNetBufferList: *mut NET_BUFFER_LIST,
    NdisPoolHandle set_NdisPoolHandle: NDIS_HANDLE,
    Scratch set_Scratch: PVOID,
    SourceHandle set_SourceHandle: NDIS_HANDLE,
    NblFlags set_NblFlags: u32,
    ChildRefCount set_ChildRefCount: i32,
    Flags set_Flags: u32,
    Status set_Status: NTSTATUS,
} }

fields! { nb: NET_BUFFER {
    Next set_Next: *mut NET_BUFFER,
    CurrentMdl set_CurrentMdl: *mut MDL,
    CurrentMdlOffset set_CurrentMdlOffset: u32,
    DataLength set_DataLength: u32,
    MdlChain set_MdlChain: *mut MDL,
    DataOffset set_DataOffset: u32,
    NdisPoolHandle set_NdisPoolHandle: NDIS_HANDLE,
} }

fields! { mdl: MDL {
    Next set_Next: *mut MDL,
    Size set_Size: i16,
    MdlFlags set_MdlFlags: i16,
    MappedSystemVa set_MappedSystemVa: PVOID,
    StartVa set_StartVa: PVOID,
    ByteCount set_ByteCount: u32,
    ByteOffset set_ByteOffset: u32,
} }

fields! { context: NET_BUFFER_LIST_CONTEXT {
    Next set_Next: *mut NET_BUFFER_LIST_CONTEXT,
    Size set_Size: u16,
    Offset set_Offset: u16,
} }

/// The word of information in a slot. The caller keeps to the slots of the system's version.
pub(crate) fn info(list: *const NET_BUFFER_LIST, slot: usize) -> usize {
    raw::get(list.wrapping_byte_add(NET_BUFFER_LIST_INFO_OFFSET).cast::<usize>().wrapping_add(slot))
}

/// Sets a word of information.
pub(crate) fn set_info(list: *mut NET_BUFFER_LIST, slot: usize, word: usize) {
    raw::set(list.wrapping_byte_add(NET_BUFFER_LIST_INFO_OFFSET).cast::<usize>().wrapping_add(slot), word);
}

/// More links than this in a chain mean that it has no end.
pub(crate) const CHAIN_MAX: usize = 65_536;

/// The packets of a list; a list of them that has no end is a violation.
pub(crate) fn packets(list: *const NET_BUFFER_LIST) -> Vec<*mut NET_BUFFER> {
    let mut packets = Vec::new();
    let mut packet = nbl::FirstNetBuffer(list);
    while !packet.is_null() {
        packets.push(packet);
        if packets.len() > CHAIN_MAX {
            violate(Rule::N1, "the packets of a list have no end");
        }
        packet = nb::Next(packet);
    }
    packets
}

/// The memory descriptor lists from one on.
pub(crate) fn mdls(first: *mut MDL) -> Vec<*mut MDL> {
    let mut mdls = Vec::new();
    let mut next = first;
    while !next.is_null() {
        mdls.push(next);
        if mdls.len() > CHAIN_MAX {
            violate(Rule::B1, "the MDLs of a packet have no end");
        }
        next = mdl::Next(next);
    }
    mdls
}

/// The MDL, and the offset in it, that is `offset` bytes behind the start of a chain: the place where data begins. At the end
/// of one MDL it is the start of the next, if there is one with bytes.
pub(crate) fn place(first: *mut MDL, offset: u32) -> Option<(*mut MDL, u32)> {
    let mut left = offset;
    let mut at = first;
    while !at.is_null() {
        let count = mdl::ByteCount(at);
        if left < count || (left == count && mdl::Next(at).is_null()) {
            return Some((at, left));
        }
        left = left.saturating_sub(count);
        at = mdl::Next(at);
    }
    None
}

/// What is wrong with a packet's offsets, if anything.
pub(crate) fn inconsistency(packet: *const NET_BUFFER) -> Option<String> {
    let (first, offset, length) = (nb::MdlChain(packet), nb::DataOffset(packet), nb::DataLength(packet));
    let (current, current_offset) = (nb::CurrentMdl(packet), nb::CurrentMdlOffset(packet));
    if first.is_null() {
        let empty = offset == 0 && length == 0 && current.is_null() && current_offset == 0;
        return (!empty).then(|| format!("no MDLs, but DataOffset {offset} and DataLength {length}"));
    }
    let total: u64 = mdls(first).into_iter().map(|mdl| u64::from(mdl::ByteCount(mdl))).sum();
    if u64::from(offset) + u64::from(length) > total {
        return Some(format!("DataOffset {offset} + DataLength {length} > {total} bytes of its MDLs"));
    }
    // An offset at the end of one MDL is the same place as the start of the next, behind any that are empty.
    let mut at = first;
    let mut before: u64 = 0;
    while !at.is_null() {
        let count = mdl::ByteCount(at);
        if at == current {
            let agrees = before + u64::from(current_offset) == u64::from(offset) && current_offset <= count;
            return (!agrees).then(|| {
                format!("CurrentMdlOffset {current_offset} in an MDL that begins at {before}, but DataOffset is {offset}")
            });
        }
        before += u64::from(count);
        at = mdl::Next(at);
    }
    Some("CurrentMdl is not in its chain of MDLs".to_owned())
}
