//! Many packets at once, as they lie in the window of the input.
//!
//! ```text
//! window   [ record | record | record ··· )[ looked at later )
//!            ▲ data   ▲ data   ▲ data      ▲ end()
//! ```
//!
//! Only packets that are whole and sound get in, all of one link type; what else is next is the matter of
//! [`Reader::next`](super::Reader::next).

use bpf_compile::link::LinkType;

use super::Packet;
use crate::engine::{BATCH, BatchPacket, file_packet};

const NO_PACKET: BatchPacket<'_> = file_packet(&[], 0);

/// Packets that follow each other in a window.
pub(crate) struct Batch<'a> {
    window: &'a [u8],
    packets: [BatchPacket<'a>; BATCH],
    /// Where each record or block ends in the window.
    ends: [usize; BATCH],
    count: usize,
    start: usize,
    end: usize,
    /// Interface number, link type and snap length of the first packet.
    interface: (u32, LinkType, u32),
}

impl<'a> Batch<'a> {
    /// No packet yet.
    pub(crate) fn new(window: &'a [u8]) -> Self {
        let interface = (0, LinkType::NULL, 0);
        let (packets, ends) = ([NO_PACKET; BATCH], [0; BATCH]);
        Self { window, packets, ends, count: 0, start: 0, end: 0, interface }
    }

    /// A packet alone.
    pub(crate) fn of(packet: &Packet<'a>) -> Self {
        let mut batch = Self::new(packet.raw);
        batch.is_of(packet.interface, packet.link_type, packet.snap_len);
        batch.push(packet.data, packet.wire_len, packet.raw.len());
        batch
    }

    /// Begins a new batch where this one ends.
    pub(super) fn restart(&mut self) {
        (self.count, self.start) = (0, self.end);
    }

    /// The bytes that no packet has been made of.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.window.get(self.end..).unwrap_or_default()
    }

    /// Says what the packets that follow are captured on; whether that goes with those that are there.
    #[inline]
    pub(super) fn is_of(&mut self, number: u32, link_type: LinkType, snap_len: u32) -> bool {
        if self.count == 0 {
            self.interface = (number, link_type, snap_len);
        }
        self.interface.1 == link_type
    }

    /// Adds a packet whose record has this length; whether there is room for more.
    #[inline]
    pub(super) fn push(&mut self, bytes: &'a [u8], wire_len: u32, record_bytes: usize) -> bool {
        let (Some(packet), Some(end)) = (self.packets.get_mut(self.count), self.ends.get_mut(self.count))
        else {
            return false;
        };
        *packet = file_packet(bytes, wire_len);
        self.end += record_bytes;
        *end = self.end;
        self.count += 1;
        self.count < BATCH
    }

    /// What a filter looks at.
    pub(crate) fn packets(&self) -> &[BatchPacket<'a>] {
        self.packets.get(..self.count).unwrap_or_default()
    }

    /// Number, link type and snap length of the interface of the first packet; the link type is that of all.
    pub(crate) fn interface(&self) -> (u32, LinkType, u32) {
        self.interface
    }

    /// The records of consecutive packets, as places in the window.
    pub(crate) fn records(&self, first: usize, count: usize) -> std::ops::Range<usize> {
        let end = |packets: usize| match packets.checked_sub(1) {
            Some(last) => self.ends.get(last).copied().unwrap_or(self.end),
            None => self.start,
        };
        end(first)..end(first + count)
    }

    /// Bytes of the window.
    pub(crate) fn bytes(&self, places: std::ops::Range<usize>) -> &'a [u8] {
        self.window.get(places).unwrap_or_default()
    }

    /// Where the batch ends in the window.
    pub(crate) fn end(&self) -> usize {
        self.end
    }
}
