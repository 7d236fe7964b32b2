//! Data of packets as drivers get it from NDIS: in one piece, or from packet to packet.

use snapgate_ffi::ndis::{NDIS_STATUS, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS, NET_BUFFER};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, KernelMode, PVOID};
use snapgate_ffi::wdm::{MDL_MAPPED_TO_SYSTEM_VA, MDL_SOURCE_IS_NONPAGED_POOL, MmCached, NormalPagePriority};

use super::layout::{mdl, nb};
use super::{data, faults, raw};
use crate::fault::{self, Fault};
use crate::machine::check;
use crate::nt::mm;
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// The first bytes of a packet where they are, if they are in one piece and can be mapped.
fn in_place(packet: *mut NET_BUFFER, bytes: u32) -> Option<Result<*mut u8, ()>> {
    let (mut at, mut offset) = (nb::CurrentMdl(packet), nb::CurrentMdlOffset(packet));
    while !at.is_null() && mdl::ByteCount(at) <= offset {
        (at, offset) = (mdl::Next(at), 0);
    }
    if at.is_null() || mdl::ByteCount(at) - offset < bytes {
        return None;
    }
    let mapped = mdl::MdlFlags(at) & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL) != 0;
    let start: *mut u8 = if mapped {
        mdl::MappedSystemVa(at).cast()
    } else {
        mm::MmMapLockedPagesSpecifyCache(
            at,
            KernelMode,
            MmCached,
            std::ptr::null_mut(),
            0,
            NormalPagePriority,
        )
        .cast()
    };
    Some(if start.is_null() { Err(()) } else { Ok(start.wrapping_add(offset as usize)) })
}

/// Whether every MDL of a packet is mapped.
fn all_are_mapped(packet: *mut NET_BUFFER) -> bool {
    super::layout::mdls(nb::CurrentMdl(packet))
        .into_iter()
        .all(|at| mdl::MdlFlags(at) & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL) != 0)
}

/// `length` bytes of a packet from an offset in its data; fewer if it ends before.
fn some(packet: *mut NET_BUFFER, offset: u32, length: u32) -> Vec<u8> {
    let frame = data::frame(packet);
    let start = (offset as usize).min(frame.len());
    let end = (offset as usize + length as usize).min(frame.len());
    frame.get(start..end).unwrap_or_default().to_vec()
}

fn no_data() -> PVOID {
    faults::note_no_data();
    std::ptr::null_mut()
}

exports! { "ndis.sys";
    fn NdisGetDataBuffer(
        packet: *mut NET_BUFFER, bytes: u32, storage: PVOID, align_multiple: u32, align_offset: u32,
    ) -> PVOID {
        const NAME: &str = "NdisGetDataBuffer";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        check(bytes > 0 && align_multiple.is_power_of_two() && align_offset < align_multiple, Rule::Argument, || {
            format!("{NAME}: {bytes} bytes, aligned to {align_multiple} + {align_offset}")
        });
        if bytes > nb::DataLength(packet) {
            return no_data();
        }
        match in_place(packet, bytes) {
            Some(Err(())) => return no_data(),
            Some(Ok(start)) if start.addr() % align_multiple as usize == align_offset as usize => return start.cast(),
            _ => {}
        }
        if storage.is_null() || (!all_are_mapped(packet) && fault::fails(Fault::Mapping)) {
            return no_data();
        }
        raw::write(storage.cast(), &some(packet, 0, bytes));
        storage
    }

    fn NdisCopyFromNetBufferToNetBuffer(
        destination: *mut NET_BUFFER, destination_offset: u32, bytes: u32, source: *mut NET_BUFFER, source_offset: u32,
        copied: *mut u32,
    ) -> NDIS_STATUS {
        const NAME: &str = "NdisCopyFromNetBufferToNetBuffer";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        raw::set(copied, 0);
        if (!all_are_mapped(source) || !all_are_mapped(destination)) && fault::fails(Fault::Mapping) {
            return NDIS_STATUS_RESOURCES;
        }
        let bytes = some(source, source_offset, bytes);
        let (mut rest, mut skip) = (bytes.as_slice(), destination_offset as usize);
        for (start, length) in data::pieces(destination) {
            if skip >= length {
                skip -= length;
                continue;
            }
            let (now, later) = rest.split_at((length - skip).min(rest.len()));
            if let Some(start) = start {
                raw::write(start.wrapping_add(skip), now);
            }
            (rest, skip) = (later, 0);
        }
        raw::set(copied, u32::try_from(bytes.len() - rest.len()).unwrap_or(u32::MAX));
        NDIS_STATUS_SUCCESS
    }
}
