//! Lists and packets that drivers allocate.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use snapgate_ffi::ndis::{NDIS_HANDLE, NET_BUFFER, NET_BUFFER_LIST};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PVOID};
use snapgate_ffi::wdm::{MDL, MDL_SOURCE_IS_NONPAGED_POOL};

use super::chain;
use super::layout::{self, mdl, nb, nbl};
use super::lists::{Birth, Gone, Holder, List, lists};
use super::pools::{Kind, Pool, pool_of};
use super::retreat::Shift;
use super::{handle_of, memory};
use crate::fault::{self, Fault};
use crate::machine::{check, machine, violate, violate_with};
use crate::nt::{mm, pool as nt_pool};
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// A packet that a driver allocated.
pub(crate) struct OwnPacket {
    /// Its pool, if it was allocated by itself.
    pool: Option<Rc<Pool>>,
    /// The MDL and the buffer that came with it.
    data: Option<(*mut MDL, *mut u8)>,
}

/// What is known of packets and MDLs of drivers.
#[derive(Default)]
pub(crate) struct Packets {
    own: RefCell<BTreeMap<usize, OwnPacket>>,
    /// The packet that was allocated with a list, by the list's number.
    with_list: RefCell<BTreeMap<u64, usize>>,
    mdls: RefCell<BTreeMap<usize, ()>>,
    pub(crate) shifts: RefCell<BTreeMap<usize, Vec<Shift>>>,
}

const BUFFER: &str = "buffer of a packet's pool";
const MDL_OF_DRIVER: &str = "MDL of NdisAllocateMdl";

fn packets() -> &'static Packets {
    &machine().ndis.packets
}

/// An MDL over memory of the non-paged pool.
pub(crate) fn mdl_for(address: *mut u8, length: u32, what: &'static str, drivers: bool) -> *mut MDL {
    let made = mm::new_mdl(address.expose_provenance(), length, what, drivers);
    mdl::set_MappedSystemVa(made, address.cast());
    mdl::set_MdlFlags(made, MDL_SOURCE_IS_NONPAGED_POOL);
    made
}

/// A packet; with a buffer of its own, if its pool gives one.
fn new_packet(
    chain: *mut MDL,
    offset: u32,
    length: u32,
    data: u32,
    pool: Option<Rc<Pool>>,
) -> *mut NET_BUFFER {
    let backing = (data > 0).then(|| {
        let buffer = nt_pool::allocate(BUFFER, 0, data as usize);
        (mdl_for(buffer, data, "MDL of a packet's pool", false), buffer)
    });
    let chain = backing.map_or(chain, |(made, _)| made);
    let packet = memory::new_packet(chain, offset, length);
    if let Some(pool) = &pool {
        nb::set_NdisPoolHandle(packet, handle_of(pool.handle));
        pool.live.set(pool.live.get() + 1);
    }
    packets().own.borrow_mut().insert(packet.addr(), OwnPacket { pool, data: backing });
    packet
}

fn free_packet(packet: *mut NET_BUFFER) {
    packets().shifts.borrow_mut().remove(&packet.addr());
    let own = packets().own.borrow_mut().remove(&packet.addr());
    if let Some((made, buffer)) = own.as_ref().and_then(|own| own.data) {
        nt_pool::free("MDL of a packet's pool", made.cast());
        nt_pool::free(BUFFER, buffer);
    }
    if let Some(pool) = own.and_then(|own| own.pool) {
        pool.live.set(pool.live.get().saturating_sub(1));
    }
    memory::free_packet(packet);
}

/// Whether the data of a new packet is within its MDLs.
fn check_data(function: &str, chain: *mut MDL, offset: u32, length: usize) {
    let total: u64 = layout::mdls(chain).into_iter().map(|mdl| u64::from(mdl::ByteCount(mdl))).sum();
    check(u64::from(offset) + length as u64 <= total, Rule::B1, || {
        format!("{function}: DataOffset {offset} + DataLength {length} > {total} bytes of the MDLs")
    });
}

/// A list of a driver, with or without a packet.
pub(crate) fn new_list(pool: &Rc<Pool>, packet: Option<*mut NET_BUFFER>, birth: Birth) -> Rc<List> {
    let made = memory::new_list();
    nbl::set_NdisPoolHandle(made, handle_of(pool.handle));
    nbl::set_FirstNetBuffer(made, packet.unwrap_or(std::ptr::null_mut()));
    pool.live.set(pool.live.get() + 1);
    let list = lists().add(made, birth, Holder::Owner);
    if let Some(packet) = packet {
        packets().with_list.borrow_mut().insert(list.number, packet.addr());
    }
    list
}

/// What every free of a list checks.
pub(crate) fn check_free(function: &str, list: &List) {
    if !list.birth.is_drivers() {
        violate_with(
            Rule::N2,
            list.key(),
            format!("{function}: {list:?} belongs to somebody else ({:?})", list.birth),
        );
    }
    if list.holder.get() != Holder::Owner {
        violate_with(Rule::N1, list.key(), format!("{function}: {list:?} is held by {}", list.held_by()));
    }
    if !list.contexts.borrow().is_empty() {
        violate_with(Rule::P3, list.key(), format!("{function}: {list:?} still has a context"));
    }
    if list.clones.get() > 0 {
        violate_with(Rule::N7, list.key(), format!("{function}: {list:?} has a clone that is not freed"));
    }
}

/// The list is gone.
pub(crate) fn forget(list: &List, pool: usize) {
    let pool = pool_of("free of a list", handle_of(pool));
    pool.live.set(pool.live.get().saturating_sub(1));
    lists().remove(list, Gone::Freed);
    memory::free_list(list.nbl);
}

fn sizes_fit(function: &'static str, size: u16, back_fill: u16) {
    irql_at_most(DISPATCH_LEVEL, Rule::I2, function);
    point(function);
    check(size.is_multiple_of(8) && back_fill.is_multiple_of(8), Rule::P3, || {
        format!("{function}: context sizes {size} and {back_fill} are no multiples of 8")
    });
}

/// A list from a pool, with what the pool gives and what the caller brings.
fn list_from(
    function: &'static str,
    pool: NDIS_HANDLE,
    sizes: (u16, u16),
    chain: *mut MDL,
    offset: u32,
    length: u32,
) -> *mut NET_BUFFER_LIST {
    let pool = pool_of(function, pool);
    let Kind::Lists { with_packet, data } = pool.kind else {
        violate(Rule::P1, format!("{function}: a pool of packets"));
    };
    if fault::fails(Fault::Nbl) {
        return std::ptr::null_mut();
    }
    let packet = with_packet.then(|| new_packet(chain, offset, length, data, None));
    let list = new_list(&pool, packet, Birth::Pool(pool.handle));
    if sizes.0 > 0 {
        super::context::add(&list, sizes.0, sizes.1, None);
    }
    list.nbl
}

exports! { "ndis.sys";
    fn NdisAllocateNetBuffer(pool: NDIS_HANDLE, chain: *mut MDL, offset: u32, length: usize) -> *mut NET_BUFFER {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisAllocateNetBuffer");
        point("NdisAllocateNetBuffer");
        let pool = pool_of("NdisAllocateNetBuffer", pool);
        let Kind::Packets { data } = pool.kind else {
            violate(Rule::P1, "NdisAllocateNetBuffer: a pool of lists");
        };
        if data == 0 {
            check_data("NdisAllocateNetBuffer", chain, offset, length);
        }
        if fault::fails(Fault::Nbl) {
            return std::ptr::null_mut();
        }
        new_packet(chain, offset, u32::try_from(length).unwrap_or(u32::MAX), data, Some(pool))
    }

    fn NdisFreeNetBuffer(packet: *mut NET_BUFFER) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFreeNetBuffer");
        point("NdisFreeNetBuffer");
        let alone = packets().own.borrow().get(&packet.addr()).map(|own| own.pool.is_some());
        match alone {
            Some(true) => free_packet(packet),
            Some(false) => violate(Rule::P1, "NdisFreeNetBuffer: the packet came with its list, and goes with it"),
            None => violate(Rule::P1, format!("NdisFreeNetBuffer: {packet:p} is no packet of a driver, or was freed")),
        }
    }

    fn NdisAllocateNetBufferList(pool: NDIS_HANDLE, size: u16, back_fill: u16) -> *mut NET_BUFFER_LIST {
        sizes_fit("NdisAllocateNetBufferList", size, back_fill);
        list_from("NdisAllocateNetBufferList", pool, (size, back_fill), std::ptr::null_mut(), 0, 0)
    }

    fn NdisAllocateNetBufferAndNetBufferList(
        pool: NDIS_HANDLE, size: u16, back_fill: u16, chain: *mut MDL, offset: u32, length: usize,
    ) -> *mut NET_BUFFER_LIST {
        const NAME: &str = "NdisAllocateNetBufferAndNetBufferList";
        sizes_fit(NAME, size, back_fill);
        let kind = pool_of(NAME, pool).kind;
        check(kind == Kind::Lists { with_packet: true, data: 0 }, Rule::P2, || {
            format!("{NAME}: the pool must have fAllocateNetBuffer TRUE and DataSize 0; it is of {kind:?}")
        });
        check_data(NAME, chain, offset, length);
        list_from(NAME, pool, (size, back_fill), chain, offset, u32::try_from(length).unwrap_or(u32::MAX))
    }

    fn NdisFreeNetBufferList(list: *mut NET_BUFFER_LIST) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFreeNetBufferList");
        point("NdisFreeNetBufferList");
        let list = chain::known("NdisFreeNetBufferList", list);
        if list.contexts.borrow().len() == 1 {
            // The one that was allocated with the list goes with it.
            super::context::drop_initial(&list);
        }
        check_free("NdisFreeNetBufferList", &list);
        let Birth::Pool(pool) = list.birth else {
            violate_with(Rule::N7, list.key(), format!("NdisFreeNetBufferList: {list:?} is a clone"));
        };
        let own = packets().with_list.borrow_mut().remove(&list.number);
        let now = layout::packets(list.nbl);
        let expected: Vec<usize> = own.into_iter().collect();
        if now.iter().map(|packet| packet.addr()).collect::<Vec<_>>() != expected {
            violate_with(
                Rule::P4,
                list.key(),
                format!("NdisFreeNetBufferList: {list:?} has {} packets, not those that it came with", now.len()),
            );
        }
        for packet in now {
            free_packet(packet);
        }
        forget(&list, pool);
    }

    fn NdisGetPoolFromNetBufferList(list: *mut NET_BUFFER_LIST) -> NDIS_HANDLE {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisGetPoolFromNetBufferList");
        nbl::NdisPoolHandle(chain::known("NdisGetPoolFromNetBufferList", list).nbl)
    }

    fn NdisAllocateMdl(_handle: NDIS_HANDLE, address: PVOID, length: u32) -> *mut MDL {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisAllocateMdl");
        point("NdisAllocateMdl");
        if machine().nt.mm.is_user_address(address.addr()) {
            violate(Rule::I4, "NdisAllocateMdl: an address of a program");
        }
        if fault::fails(Fault::Mdl) {
            return std::ptr::null_mut();
        }
        let made = mdl_for(address.cast(), length, MDL_OF_DRIVER, true);
        packets().mdls.borrow_mut().insert(made.addr(), ());
        made
    }

    fn NdisFreeMdl(mdl: *mut MDL) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFreeMdl");
        point("NdisFreeMdl");
        if packets().mdls.borrow_mut().remove(&mdl.addr()).is_none() {
            violate(Rule::P1, format!("NdisFreeMdl: {mdl:p} is not of NdisAllocateMdl, or was freed"));
        }
        nt_pool::free(MDL_OF_DRIVER, mdl.cast());
    }
}
