//! Moving the start of a packet's data: back for a header, and forward again.

use std::ffi::c_void;

use snapgate_ffi::ndis::{
    NDIS_STATUS, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS, NET_BUFFER, NET_BUFFER_FREE_MDL_HANDLER,
};
use snapgate_ffi::ntdef::{BOOLEAN, DISPATCH_LEVEL};
use snapgate_ffi::wdm::MDL;

use super::layout::{self, mdl, nb};
use super::lists::List;
use super::{memory, own};
use crate::fault::{self, Fault};
use crate::machine::{check, machine, violate};
use crate::nt::pool;
use crate::sched::{irql_at_most, point};
use crate::verify::Rule;

/// One move that has not been taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shift {
    /// Backwards is positive.
    delta: i64,
    /// The MDL and the memory that it needed.
    mdl: Option<(*mut MDL, *mut u8)>,
}

const HEADER: &str = "memory of a retreat";
const HEADER_MDL: &str = "MDL of a retreat";

/// Whether the data of any packet of a list begins elsewhere than it did.
pub(crate) fn is_shifted(list: &List) -> bool {
    let shifts = machine().ndis.packets.shifts.borrow();
    layout::packets(list.nbl)
        .iter()
        .any(|packet| shifts.get(&packet.addr()).is_some_and(|shifts| !shifts.is_empty()))
}

fn last(packet: *const NET_BUFFER) -> Option<Shift> {
    machine().ndis.packets.shifts.borrow().get(&packet.addr()).and_then(|shifts| shifts.last().copied())
}

fn push(packet: *const NET_BUFFER, shift: Shift) {
    machine().ndis.packets.shifts.borrow_mut().entry(packet.addr()).or_default().push(shift);
}

fn pop(packet: *const NET_BUFFER) {
    if let Some(shifts) = machine().ndis.packets.shifts.borrow_mut().get_mut(&packet.addr()) {
        shifts.pop();
    }
}

/// Moves the start by so many bytes; backwards is positive. There is room for it.
fn shift(packet: *mut NET_BUFFER, delta: i64) {
    let moved = |value: u32, by: i64| u32::try_from(i64::from(value) + by).unwrap_or_default();
    nb::set_DataOffset(packet, moved(nb::DataOffset(packet), -delta));
    nb::set_DataLength(packet, moved(nb::DataLength(packet), delta));
    memory::set_place(packet);
}

/// Puts an MDL of so many bytes in front of a packet's.
fn put_in_front(packet: *mut NET_BUFFER, bytes: u32) -> (*mut MDL, *mut u8) {
    let block = pool::allocate(HEADER, 0, bytes as usize);
    let made = own::mdl_for(block, bytes, HEADER_MDL, false);
    mdl::set_Next(made, nb::MdlChain(packet));
    nb::set_MdlChain(packet, made);
    nb::set_DataOffset(packet, nb::DataOffset(packet).saturating_add(bytes));
    (made, block)
}

fn take_from_front(packet: *mut NET_BUFFER, (made, block): (*mut MDL, *mut u8)) {
    if nb::MdlChain(packet) != made {
        violate(
            Rule::B2,
            "NdisAdvanceNetBufferDataStart: the MDL of the retreat is not the packet's first any more",
        );
    }
    nb::set_MdlChain(packet, mdl::Next(made));
    nb::set_DataOffset(packet, nb::DataOffset(packet).saturating_sub(mdl::ByteCount(made)));
    memory::set_place(packet);
    pool::free(HEADER_MDL, made.cast());
    pool::free(HEADER, block);
}

exports! { "ndis.sys";
    fn NdisRetreatNetBufferDataStart(
        packet: *mut NET_BUFFER, delta: u32, back_fill: u32, allocate_mdl: *mut c_void,
    ) -> NDIS_STATUS {
        const NAME: &str = "NdisRetreatNetBufferDataStart";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        check(allocate_mdl.is_null(), Rule::Argument, || format!("{NAME}: a handler that allocates MDLs is not supported"));
        let move_by = i64::from(delta);
        if last(packet).is_some_and(|last| last.delta == -move_by) {
            pop(packet);
            shift(packet, move_by);
            return NDIS_STATUS_SUCCESS;
        }
        let missing = delta.saturating_sub(nb::DataOffset(packet));
        let mdl = if missing > 0 {
            if fault::fails(Fault::Nbl) {
                return NDIS_STATUS_RESOURCES;
            }
            Some(put_in_front(packet, missing.saturating_add(back_fill)))
        } else {
            None
        };
        shift(packet, move_by);
        push(packet, Shift { delta: move_by, mdl });
        NDIS_STATUS_SUCCESS
    }

    fn NdisAdvanceNetBufferDataStart(
        packet: *mut NET_BUFFER, delta: u32, free_mdl: BOOLEAN, _handler: Option<NET_BUFFER_FREE_MDL_HANDLER>,
    ) {
        const NAME: &str = "NdisAdvanceNetBufferDataStart";
        irql_at_most(DISPATCH_LEVEL, Rule::I2, NAME);
        point(NAME);
        let length = nb::DataLength(packet);
        check(delta <= length, Rule::B2, || format!("{NAME}: {delta} bytes, but the packet has {length}"));
        let move_by = i64::from(delta);
        match last(packet) {
            Some(retreat) if retreat.delta > 0 => {
                check(retreat.delta == move_by, Rule::B2, || {
                    format!("{NAME}: {delta} bytes, but the last retreat was of {}", retreat.delta)
                });
                check(retreat.mdl.is_none() || free_mdl != 0, Rule::B2, || {
                    format!("{NAME}: the retreat made an MDL, which is not freed")
                });
                pop(packet);
                shift(packet, -move_by);
                if let Some(mdl) = retreat.mdl {
                    take_from_front(packet, mdl);
                }
            }
            _ => {
                shift(packet, -move_by);
                push(packet, Shift { delta: -move_by, mdl: None });
            }
        }
    }
}
