//! One batch: every packet of a chain, for everybody who captures.

use bpf_core::SlicePacket;
use snapgate_abi::record::{self, Header};
use snapgate_ffi::ndis::{NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET, NDIS_STATUS, NET_BUFFER, NET_BUFFER_LIST};

use super::metadata::PacketMetadata;
use super::table::{Group, Tap, count_refusal};
use super::view::{Unmapped, View, tag_of};
use crate::handle::filter::FilterProgram;
use crate::handle::settings::Way;
use crate::kernel::clock::Stamps;
use crate::module::Module;

/// What statistics mode adds to each packet's length, and the least length: the wire's preamble and gap, and padding.
const FRAMING_BYTES: u64 = 12;
const FRAME_BYTES_MIN: u64 = 60;

/// The packets of a group that were counted in this batch, the same for all handles of the group.
#[derive(Default)]
struct Tally {
    seen: u64,
    filtered: u64,
    accepted: u64,
    unmapped: u64,
    malformed: u64,
    wire_bytes: u64,
}

/// Looks at every packet of a chain, under one read lock.
///
/// # Safety
///
/// The module has the chain, and nobody changes it meanwhile. `at_dispatch` is true only at DISPATCH_LEVEL.
#[inline(never)] // One call per batch; what is measured by `benches/driver` begins and ends here.
pub(super) unsafe fn look_at(module: &Module, lists: *mut NET_BUFFER_LIST, way: Way, at_dispatch: bool) {
    module.taps.read(at_dispatch, |table| {
        let mut stamps = Stamps::new(&module.driver.clocks);
        for group in table.groups() {
            if group.first().is_some_and(|first| first.settings.sees(way)) {
                // SAFETY: by the contract.
                unsafe { look_for_group(module, lists, way, group, &mut stamps) };
            }
        }
    });
}

/// # Safety
///
/// As [`look_at`].
unsafe fn look_for_group(
    module: &Module,
    lists: *mut NET_BUFFER_LIST,
    way: Way,
    group: Group<'_>,
    stamps: &mut Stamps<'_>,
) {
    let Some(first) = group.first() else { return };
    let mut tally = Tally::default();
    let mut list = lists;
    while !list.is_null() {
        // SAFETY: a list of the chain.
        if first.settings.sees_loopback || !unsafe { is_loopback(module, list) } {
            let tag = if module.identity.is_ethernet() {
                // SAFETY: a list of the chain; NDIS makes lists for the version that was registered at least.
                unsafe { tag_of(list, module.driver.version) }
            } else {
                None
            };
            // SAFETY: as above.
            let mut packet = unsafe { (*list).FirstNetBuffer };
            while !packet.is_null() {
                // SAFETY: a packet of the list.
                unsafe { look_at_packet(module, packet, tag.as_ref(), way, group, &mut tally, stamps) };
                // SAFETY: as above.
                packet = unsafe { (*packet).Next };
            }
        }
        // SAFETY: a list of the chain.
        list = unsafe { (*list).Next };
    }
    for tap in group.taps() {
        let counters = &tap.handle.counters;
        counters.seen.add(tally.seen);
        counters.filtered.add(tally.filtered);
        counters.accepted.add(tally.accepted);
        counters.dropped_unmapped.add(tally.unmapped);
        counters.malformed.add(tally.malformed);
        counters.wire_bytes.add(tally.wire_bytes);
        if tally.accepted > 0 {
            tap.handle.after_batch(tap.store());
        }
    }
}

/// # Safety
///
/// As [`look_at`], for one packet.
#[inline]
unsafe fn look_at_packet(
    module: &Module,
    packet: *mut NET_BUFFER,
    tag: Option<&[u8; 4]>,
    way: Way,
    group: Group<'_>,
    tally: &mut Tally,
    stamps: &mut Stamps<'_>,
) {
    let Some(first) = group.first() else { return };
    tally.seen = tally.seen.wrapping_add(1);
    // SAFETY: by the contract.
    let view = match unsafe { View::new(packet, tag) } {
        Ok(view) => view,
        Err(Unmapped) => {
            // No filter can say whether it would have been wanted.
            tally.accepted = tally.accepted.wrapping_add(1);
            tally.unmapped = tally.unmapped.wrapping_add(1);
            return;
        }
    };
    tally.malformed = tally.malformed.wrapping_add(u64::from(view.is_malformed));
    let identity = &module.identity;
    let verdict = match &first.program {
        None => u32::MAX,
        Some(program) => {
            let segments = view.segments();
            let metadata = PacketMetadata {
                way,
                if_index: identity.if_index,
                is_ethernet: identity.is_ethernet(),
                segments,
            };
            match view.flat() {
                Some(bytes) => program.run(&SlicePacket::with_metadata(bytes, view.len(), &metadata)),
                None => run_in_pieces(program, &view, &metadata),
            }
        }
    };
    if verdict == 0 {
        tally.filtered = tally.filtered.wrapping_add(1);
        return;
    }
    tally.accepted = tally.accepted.wrapping_add(1);
    tally.wire_bytes = tally.wire_bytes.wrapping_add(u64::from(view.len()));
    let header_len = record::header_len(identity.link_header());
    for tap in group.taps() {
        deliver(tap, &view, verdict, header_len, stamps);
    }
}

/// A packet in pieces: apart, so that the frame of the common case stays small.
#[inline(never)]
fn run_in_pieces(program: &FilterProgram, view: &View<'_>, metadata: &PacketMetadata<'_>) -> u32 {
    program.run(&view.packet(metadata))
}

/// Counts or copies a packet that a handle wants.
fn deliver(tap: &Tap, view: &View<'_>, verdict: u32, header_len: u16, stamps: &mut Stamps<'_>) {
    let counters = &tap.handle.counters;
    if tap.settings.statistics {
        counters.counted.add(1);
        counters.period_packets.add(1);
        counters.period_bytes.add(u64::from(view.len()).max(FRAME_BYTES_MIN).saturating_add(FRAMING_BYTES));
        return;
    }
    let Some(store) = tap.store() else { return };
    let captured = verdict.min(view.len()).min(tap.settings.snap_len);
    let bytes = u32::from(header_len).saturating_add(captured);
    let grant = store.ring().reserve(bytes).or_else(|refused| {
        // A program may have given room back that was not looked at yet.
        let shared = store.shared().ok_or(refused)?;
        crate::handle::change::count_given_back(&tap.handle, shared.believe());
        store.ring().reserve(bytes)
    });
    let mut grant = match grant {
        Ok(grant) => grant,
        Err(refused) => return count_refusal(&tap.handle, refused),
    };
    let (seconds, fraction) = stamps.get(tap.settings.clock).split(tap.settings.nanoseconds);
    let header = Header { seconds, fraction, captured, length: view.len(), header_len };
    grant.write(0, header.to_bytes().get(..usize::from(header_len)).unwrap_or_default());
    let mut at = u32::from(header_len);
    match view.flat() {
        Some(data) => {
            grant.write(at, data);
        }
        None => {
            for segment in view.segments() {
                let written = grant.write(at, segment);
                at = at.saturating_add(u32::try_from(written).unwrap_or(u32::MAX));
                if at >= bytes {
                    break;
                }
            }
        }
    }
    grant.commit();
    counters.queued.add(1);
    counters.captured_bytes.add(u64::from(captured));
}

/// Whether a list is this system's own, come back: marked so by NDIS, or made by this filter.
///
/// # Safety
///
/// A list that the caller has.
unsafe fn is_loopback(module: &Module, list: *mut NET_BUFFER_LIST) -> bool {
    // SAFETY: by the contract.
    let (flags, source) = unsafe { ((*list).NblFlags, (*list).SourceHandle) };
    flags & NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET != 0 || source == module.handle
}

/// Sets how a chain of sends ended.
///
/// # Safety
///
/// A chain that the caller holds.
pub(super) unsafe fn set_status(lists: *mut NET_BUFFER_LIST, status: NDIS_STATUS) {
    let mut list = lists;
    while !list.is_null() {
        // SAFETY: a list of the chain.
        unsafe { (*list).Status = status };
        // SAFETY: as above.
        list = unsafe { (*list).Next };
    }
}
