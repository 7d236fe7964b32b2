//! One batch: every packet of a chain, for everybody who captures.

use bpf_core::SlicePacket;
use snapgate_ffi::ndis::{NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET, NDIS_STATUS, NET_BUFFER, NET_BUFFER_LIST};

use super::capture::{Sink, deliver};
use super::head;
use super::metadata::{Bytes, Link, PacketMetadata};
use super::table::Group;
use super::view::{Extent, Unmapped, View, flat, tag_of};
use crate::handle::filter::FilterProgram;
use crate::handle::settings::Way;
use crate::kernel::clock::Stamps;
use crate::module::Module;

/// The packets of a group that were counted in this batch, the same for all handles of the group.
#[derive(Default)]
struct Tally {
    filtered: u64,
    accepted: u64,
    unmapped: u64,
    malformed: u64,
    wire_bytes: u64,
}

/// A group's look at a batch.
struct Look<'t, 's, 'c> {
    group: Group<'t>,
    program: Option<&'t FilterProgram>,
    link: Link,
    tally: Tally,
    stamps: &'s mut Stamps<'c>,
}

/// Looks at every packet of a chain, under one read lock.
///
/// # Safety
///
/// The module has the chain, and nobody changes it meanwhile. `at_dispatch` is true only at DISPATCH_LEVEL.
#[inline(never)] // One call per batch; what is measured by `benches/driver` begins and ends here.
pub(super) unsafe fn look_at(module: &Module, lists: *mut NET_BUFFER_LIST, way: Way, at_dispatch: bool) {
    let link = Link::new(&module.identity, way);
    module.taps.read(at_dispatch, |table| {
        let mut stamps = Stamps::new(&module.driver.clocks);
        for group in table.groups() {
            if let Some(first) = group.first()
                && first.settings.sees(way)
            {
                let program = first.program.as_deref();
                let look = Look { group, program, link, tally: Tally::default(), stamps: &mut stamps };
                // SAFETY: by the contract.
                unsafe { look.at_lists(module, lists, first.settings.sees_loopback) };
            }
        }
    });
}

impl Look<'_, '_, '_> {
    /// # Safety
    ///
    /// As [`look_at`].
    unsafe fn at_lists(mut self, module: &Module, lists: *mut NET_BUFFER_LIST, sees_loopback: bool) {
        let mut list = lists;
        while !list.is_null() {
            // SAFETY: a list of the chain.
            if sees_loopback || !unsafe { is_loopback(module, list) } {
                let tag = if self.link.is_ethernet {
                    // SAFETY: a list of the chain; NDIS makes lists for the version that was registered at least.
                    unsafe { tag_of(list, module.driver.version) }
                } else {
                    None
                };
                // SAFETY: as above.
                let mut packet = unsafe { (*list).FirstNetBuffer };
                while !packet.is_null() {
                    // SAFETY: a packet of the list.
                    match if tag.is_none() { unsafe { flat(packet) } } else { None } {
                        Some(bytes) => self.at_flat(bytes),
                        // SAFETY: a packet of the list.
                        None => unsafe { self.at_pieces(packet, tag) },
                    }
                    // SAFETY: as above.
                    packet = unsafe { (*packet).Next };
                }
            }
            // SAFETY: a list of the chain.
            list = unsafe { (*list).Next };
        }
        self.finish();
    }

    /// A packet in one piece, without a tag beside it: nearly every one.
    #[inline]
    fn at_flat(&mut self, bytes: &[u8]) {
        // The length of a packet is 32 bits.
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let verdict = match self.program {
            None => u32::MAX,
            Some(program) => {
                let metadata = PacketMetadata { link: &self.link, bytes: Bytes::Flat(bytes) };
                program.run(&SlicePacket::with_metadata(bytes, len, &metadata))
            }
        };
        self.decide(verdict, len, |sink| {
            sink.put(bytes);
        });
    }

    /// Any other packet: apart, so that the code of the common case stays small.
    ///
    /// # Safety
    ///
    /// As [`look_at`], for one packet.
    #[inline(never)]
    unsafe fn at_pieces(&mut self, packet: *mut NET_BUFFER, tag: Option<[u8; 4]>) {
        // SAFETY: by the contract.
        let extent = unsafe { Extent::of(packet) };
        self.tally.malformed = self.tally.malformed.wrapping_add(u64::from(extent.is_malformed));
        // SAFETY: by the contract.
        if unsafe { self.at_extent(extent, tag.as_ref()) }.is_err() {
            // No filter can say whether it would have been wanted.
            self.tally.accepted = self.tally.accepted.wrapping_add(1);
            self.tally.unmapped = self.tally.unmapped.wrapping_add(1);
        }
    }

    /// # Safety
    ///
    /// As [`look_at`], for one packet.
    #[inline]
    unsafe fn at_extent(&mut self, extent: Extent, tag: Option<&[u8; 4]>) -> Result<(), Unmapped> {
        let mut verdict = None;
        if tag.is_none()
            && let Some(program) = self.program
        {
            // SAFETY: by the contract.
            let bytes = unsafe { extent.head() }?;
            let metadata = PacketMetadata { link: &self.link, bytes: Bytes::Flat(bytes) };
            verdict = head::run(program, bytes, extent.len(), &metadata);
            if verdict == Some(0) {
                self.tally.filtered = self.tally.filtered.wrapping_add(1);
                return Ok(());
            }
        }
        // SAFETY: by the contract.
        let view = unsafe { View::new(extent, tag) }?;
        let verdict = match (verdict, self.program) {
            (Some(verdict), _) => verdict,
            (None, None) => u32::MAX,
            (None, Some(program)) => run_over_all(program, &view, &self.link),
        };
        self.decide(verdict, view.len(), |sink| {
            for segment in view.segments() {
                if !sink.put(segment) {
                    break;
                }
            }
        });
        Ok(())
    }

    /// Counts a packet, and copies it for the handles of the group if it is wanted.
    #[inline]
    fn decide(&mut self, verdict: u32, len: u32, copy: impl Fn(&mut Sink<'_, '_>)) {
        if verdict == 0 {
            self.tally.filtered = self.tally.filtered.wrapping_add(1);
            return;
        }
        self.tally.accepted = self.tally.accepted.wrapping_add(1);
        self.tally.wire_bytes = self.tally.wire_bytes.wrapping_add(u64::from(len));
        for tap in self.group.taps() {
            deliver(tap, verdict, len, self.link.header_len, self.stamps, &copy);
        }
    }

    /// Counts, and tells who waits.
    fn finish(self) {
        let tally = self.tally;
        for tap in self.group.taps() {
            let counters = &tap.handle.counters;
            counters.seen.add(tally.filtered.wrapping_add(tally.accepted));
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
}

/// Runs a filter over all pieces of a packet.
#[inline(never)]
fn run_over_all(program: &FilterProgram, view: &View<'_>, link: &Link) -> u32 {
    let metadata = PacketMetadata { link, bytes: Bytes::Pieces(view.segments()) };
    program.run(&view.packet(&metadata))
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
