//! Memory of lists and packets that the simulator makes: structures, MDLs, and the bytes behind them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use snapgate_ffi::ndis::{NET_BUFFER, NET_BUFFER_LIST};
use snapgate_ffi::wdm::{MDL, MDL_SOURCE_IS_NONPAGED_POOL, PAGE_SIZE};

use super::guarded::Guarded;
use super::layout::{self, mdl, nb, nbl};
use super::packet::Packet;
use super::raw;
use crate::machine::{Guard, machine};
use crate::nt::mm::{self, Pages};
use crate::nt::pool;

const LIST: &str = "NET_BUFFER_LIST";
const PACKET: &str = "NET_BUFFER";
const PACKET_MDL: &str = "MDL of a packet";
const DATA: &str = "packet data";
/// Bytes of a packet's MDLs that are not its data.
pub(crate) const FILLER: u8 = 0xee;

/// A list without packets, all else zero.
pub(crate) fn new_list() -> *mut NET_BUFFER_LIST {
    let size = machine().ndis.version().net_buffer_list_size();
    let memory = pool::allocate(LIST, 0, size);
    raw::fill(memory, 0, size);
    memory.cast()
}

pub(crate) fn free_list(list: *mut NET_BUFFER_LIST) {
    pool::free(LIST, list.cast());
}

/// A packet over a chain of MDLs; the place of its data is worked out.
pub(crate) fn new_packet(chain: *mut MDL, offset: u32, length: u32) -> *mut NET_BUFFER {
    let memory = pool::allocate(PACKET, 0, size_of::<NET_BUFFER>());
    raw::fill(memory, 0, size_of::<NET_BUFFER>());
    let packet: *mut NET_BUFFER = memory.cast();
    nb::set_MdlChain(packet, chain);
    nb::set_DataOffset(packet, offset);
    nb::set_DataLength(packet, length);
    set_place(packet);
    packet
}

/// Sets the place of the data from its offset.
pub(crate) fn set_place(packet: *mut NET_BUFFER) {
    let place = layout::place(nb::MdlChain(packet), nb::DataOffset(packet));
    let (current, offset) = place.unwrap_or((std::ptr::null_mut(), 0));
    nb::set_CurrentMdl(packet, current);
    nb::set_CurrentMdlOffset(packet, offset);
}

pub(crate) fn free_packet(packet: *mut NET_BUFFER) {
    pool::free(PACKET, packet.cast());
}

/// What is behind an MDL of the simulator's.
enum Backing {
    /// A block of memory.
    Block(*mut u8),
    /// Pages that are locked, and mapped by who needs them: where the simulator itself has them.
    Pages(Rc<Pages>, usize),
}

/// The MDLs that the simulator made, by address.
#[derive(Default)]
pub(crate) struct Memory {
    mdls: RefCell<BTreeMap<usize, Backing>>,
    pub(crate) guarded: Guarded,
}

/// The bytes of an MDL of the simulator's, mapped or not.
pub(crate) fn own_address(of: *const MDL) -> Option<*mut u8> {
    match machine().ndis.memory.mdls.borrow().get(&of.addr())? {
        Backing::Block(block) => Some(*block),
        Backing::Pages(pages, offset) => Some(pages.own().wrapping_add(*offset)),
    }
}

/// An MDL of `count` bytes, of which `data` are the first; what follows cannot be read if pages guard memory.
fn new_mdl(data: &[u8], count: usize, mapped: bool) -> *mut MDL {
    let length = u32::try_from(count).unwrap_or(u32::MAX);
    let memory = &machine().ndis.memory;
    if !mapped {
        let pages = Pages::new(count.max(1) + 64);
        let offset = 64;
        raw::fill(pages.own(), FILLER, PAGE_SIZE);
        raw::fill(pages.own().wrapping_add(offset), FILLER, count);
        raw::write(pages.own().wrapping_add(offset), data);
        let made = mm::lock(&pages, offset, length);
        memory.mdls.borrow_mut().insert(made.addr(), Backing::Pages(pages, offset));
        return made;
    }
    let guards = machine().options.guard == Guard::Pages;
    let block = if guards { memory.guarded.new_block(data) } else { unguarded(data, count) };
    let made = mm::new_mdl(block.addr(), length, PACKET_MDL, false);
    mdl::set_MappedSystemVa(made, block.cast());
    mdl::set_MdlFlags(made, MDL_SOURCE_IS_NONPAGED_POOL);
    memory.mdls.borrow_mut().insert(made.addr(), Backing::Block(block));
    made
}

fn unguarded(data: &[u8], count: usize) -> *mut u8 {
    let block = pool::allocate(DATA, 0, count.max(1));
    raw::fill(block, FILLER, count.max(1));
    raw::write(block, data);
    block
}

fn free_mdl(mdl: *mut MDL) {
    let backing = machine().ndis.memory.mdls.borrow_mut().remove(&mdl.addr());
    match backing {
        Some(Backing::Block(block)) => {
            pool::free(PACKET_MDL, mdl.cast());
            if machine().options.guard == Guard::Pages {
                machine().ndis.memory.guarded.free(block);
            } else {
                pool::free(DATA, block);
            }
        }
        Some(Backing::Pages(..)) => mm::unlock(mdl),
        None => {}
    }
}

/// The MDLs and the structure of a packet.
pub(crate) fn build(packet: &Packet) -> *mut NET_BUFFER {
    let whole: Vec<u8> =
        std::iter::repeat_n(FILLER, packet.offset).chain(packet.bytes.iter().copied()).collect();
    let mut rest = whole.as_slice();
    let mut chain: Vec<*mut MDL> = Vec::new();
    for count in packet.counts() {
        let (data, behind) = rest.split_at(count.min(rest.len()));
        chain.push(new_mdl(data, count, packet.mapped));
        rest = behind;
    }
    for pair in chain.windows(2) {
        if let [one, two] = pair {
            mdl::set_Next(*one, *two);
        }
    }
    let first = chain.first().copied().unwrap_or(std::ptr::null_mut());
    let number = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
    new_packet(first, number(packet.offset), number(packet.bytes.len()))
}

/// Frees a list of the simulator's with everything that was made for it.
pub(crate) fn destroy(list: *mut NET_BUFFER_LIST) {
    for packet in layout::packets(list) {
        for mdl in layout::mdls(nb::MdlChain(packet)) {
            free_mdl(mdl);
        }
        free_packet(packet);
    }
    nbl::set_FirstNetBuffer(list, std::ptr::null_mut());
    free_list(list);
}
