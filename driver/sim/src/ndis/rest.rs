//! Lists that rest at an end of the stack, until they are completed or returned.
//!
//! Nobody may touch them there. So their links point to addresses where nothing is, which differ from list to list; the rest
//! of their memory is compared when they go on.

use snapgate_ffi::ndis::NET_BUFFER;

use super::layout::{self, nbl};
use super::lists::{List, lists};
use super::shape::Shape;
use super::{lists, raw};
use crate::machine::{machine, violate_with};
use crate::verify::Rule;

/// Addresses in this range mark links of lists at rest: 4096 for each list.
const BASE: usize = 0x6e62_0000_0000;
const EACH: usize = 4096;
const COUNT: usize = 0x1000_0000 / EACH * 16;

/// What a list looked like when it came to rest.
pub(crate) struct Rest {
    first: *mut NET_BUFFER,
    memory: Vec<u8>,
    packets: Vec<(*mut NET_BUFFER, Vec<u8>)>,
    shape: Shape,
    frames: Vec<Vec<u8>>,
}

fn mark(list: &List) -> usize {
    BASE + usize::try_from(list.number).unwrap_or_default() % COUNT * EACH
}

/// Whether an address is in the range of the marks.
pub(crate) fn is_mark(address: usize) -> bool {
    address.checked_sub(BASE).is_some_and(|offset| offset / EACH < COUNT)
}

/// The list at rest that an address is the mark of.
pub(crate) fn marked(address: usize) -> Option<u64> {
    let resting = lists().those(|list| list.rest.borrow().is_some());
    resting
        .iter()
        .find(|list| is_mark(address) && mark(list) / EACH == address / EACH)
        .map(|list| list.number)
}

/// From now on nobody touches the list.
pub(crate) fn lay(list: &List) {
    let shape = Shape::of(list.nbl);
    let frames = lists::frames(list);
    let packets = layout::packets(list.nbl);
    let first = nbl::FirstNetBuffer(list.nbl);
    let mark = std::ptr::without_provenance_mut::<u8>(mark(list));
    nbl::set_Next(list.nbl, mark.cast());
    nbl::set_FirstNetBuffer(list.nbl, mark.cast());
    let size = machine().ndis.version().net_buffer_list_size();
    *list.rest.borrow_mut() = Some(Rest {
        first,
        memory: raw::bytes(list.nbl.cast(), size),
        packets: packets.into_iter().map(|packet| (packet, bytes_of(packet))).collect(),
        shape,
        frames,
    });
}

fn bytes_of(packet: *mut NET_BUFFER) -> Vec<u8> {
    raw::bytes(packet.cast(), size_of::<NET_BUFFER>())
}

/// The list goes on: it must be as it was.
pub(crate) fn wake(list: &List) {
    let Some(rest) = list.rest.take() else { return };
    let size = machine().ndis.version().net_buffer_list_size();
    let touched = |what: String| -> ! {
        violate_with(
            Rule::N1,
            list.key(),
            format!("{what} while {} was held by {}", name(list), list.held_by()),
        )
    };
    let memory = raw::bytes(list.nbl.cast(), size);
    if let Some(offset) = rest.memory.iter().zip(&memory).position(|(before, now)| before != now) {
        touched(format!("offset {offset} of the list was written"));
    }
    nbl::set_Next(list.nbl, std::ptr::null_mut());
    nbl::set_FirstNetBuffer(list.nbl, rest.first);
    for (packet, before) in &rest.packets {
        let now = bytes_of(*packet);
        if let Some(offset) = before.iter().zip(&now).position(|(before, now)| before != now) {
            touched(format!("offset {offset} of a packet was written"));
        }
    }
    if let Some(difference) = rest.shape.difference(&Shape::of(list.nbl)) {
        touched(difference);
    }
    if lists::frames(list) != rest.frames {
        touched("bytes of its packets were written".to_owned());
    }
}

/// For messages.
pub(crate) fn name(list: &List) -> String {
    format!("NBL {}", list.number)
}
