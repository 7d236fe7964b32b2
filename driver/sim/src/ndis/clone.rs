//! Clones: lists and packets of their own over the data of another.
//!
//! The original must stay with the cloner until the clone is freed, because it lends its data.

use std::rc::Rc;

use snapgate_ffi::ndis::{NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS, NDIS_HANDLE, NET_BUFFER, NET_BUFFER_LIST};
use snapgate_ffi::ntdef::DISPATCH_LEVEL;
use snapgate_ffi::wdm::MDL;

use super::layout::{self, mdl, nb, nbl};
use super::lists::{Birth, Holder, lists};
use super::pools::{self, Kind, Pool};
use super::{chain, data, handle_of, memory, own};
use crate::fault::{self, Fault};
use crate::machine::{check, violate, violate_with};
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// MDLs of a clone, over the used data only.
fn partial_mdls(packet: *const NET_BUFFER) -> *mut MDL {
    let mut made: Vec<*mut MDL> = Vec::new();
    for (start, length) in data::pieces(packet) {
        // Data that only its owner can see is cloned by adapters, not here.
        let start = start.unwrap_or(std::ptr::null_mut());
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        made.push(own::mdl_for(start, length, "MDL of a clone", false));
    }
    for pair in made.windows(2) {
        if let [one, two] = pair {
            mdl::set_Next(*one, *two);
        }
    }
    made.first().copied().unwrap_or(std::ptr::null_mut())
}

fn clone_packet(packet: *const NET_BUFFER, shares: bool, pool: &Rc<Pool>) -> *mut NET_BUFFER {
    let length = nb::DataLength(packet);
    let made = if shares {
        memory::new_packet(nb::CurrentMdl(packet), nb::CurrentMdlOffset(packet), length)
    } else {
        memory::new_packet(partial_mdls(packet), 0, length)
    };
    nb::set_NdisPoolHandle(made, handle_of(pool.handle));
    pool.live.set(pool.live.get() + 1);
    made
}

exports! { "ndis.sys";
    fn NdisAllocateCloneNetBufferList(
        original: *mut NET_BUFFER_LIST, list_pool: NDIS_HANDLE, packet_pool: NDIS_HANDLE, flags: u32,
    ) -> *mut NET_BUFFER_LIST {
        const NAME: &str = "NdisAllocateCloneNetBufferList";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let original = chain::known(NAME, original);
        if !matches!(original.holder.get(), Holder::Owner | Holder::Module { .. }) {
            violate_with(Rule::N1, original.key(), format!("{NAME}: {original:?} is held by {}", original.held_by()));
        }
        check(flags & !NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS == 0, Rule::N7, || format!("{NAME}: flags {flags:#x}"));
        let lists_kind = Kind::Lists { with_packet: false, data: 0 };
        let list_pool = if list_pool.is_null() { pools::default_pool(lists_kind) } else { pools::pool_of(NAME, list_pool) };
        let packets_kind = Kind::Packets { data: 0 };
        let packet_pool =
            if packet_pool.is_null() { pools::default_pool(packets_kind) } else { pools::pool_of(NAME, packet_pool) };
        if !matches!(list_pool.kind, Kind::Lists { .. }) || !matches!(packet_pool.kind, Kind::Packets { .. }) {
            violate(Rule::P1, format!("{NAME}: pools of {:?} and {:?}", list_pool.kind, packet_pool.kind));
        }
        if fault::fails(Fault::Nbl) {
            return std::ptr::null_mut();
        }
        let shares = flags & NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS != 0;
        let packets: Vec<_> =
            layout::packets(original.nbl).into_iter().map(|packet| clone_packet(packet, shares, &packet_pool)).collect();
        for pair in packets.windows(2) {
            if let [one, two] = pair {
                nb::set_Next(*one, *two);
            }
        }
        original.clones.set(original.clones.get() + 1);
        let birth = Birth::Clone { of: original.number, flags, pool: list_pool.handle };
        let clone = own::new_list(&list_pool, None, birth);
        nbl::set_FirstNetBuffer(clone.nbl, packets.first().copied().unwrap_or(std::ptr::null_mut()));
        clone.nbl
    }

    fn NdisFreeCloneNetBufferList(clone: *mut NET_BUFFER_LIST, flags: u32) {
        const NAME: &str = "NdisFreeCloneNetBufferList";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let clone = chain::known(NAME, clone);
        let Birth::Clone { of, flags: made_with, pool } = clone.birth else {
            let rule = if clone.birth.is_drivers() { Rule::N7 } else { Rule::N2 };
            violate_with(rule, clone.key(), format!("{NAME}: {clone:?} is no clone"));
        };
        if flags != made_with {
            violate_with(
                Rule::N7,
                clone.key(),
                format!("{NAME}: {clone:?} was made with flags {made_with:#x}, freed with {flags:#x}"),
            );
        }
        own::check_free(NAME, &clone);
        if let Some(original) = lists().by_number(of) {
            original.clones.set(original.clones.get().saturating_sub(1));
        }
        let shares = flags & NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS != 0;
        for packet in layout::packets(clone.nbl) {
            if !shares {
                for made in layout::mdls(nb::MdlChain(packet)) {
                    crate::nt::pool::free("MDL of a clone", made.cast());
                }
            }
            let pool = pools::pool_of(NAME, nb::NdisPoolHandle(packet));
            pool.live.set(pool.live.get().saturating_sub(1));
            memory::free_packet(packet);
        }
        own::forget(&clone, pool);
    }
}
