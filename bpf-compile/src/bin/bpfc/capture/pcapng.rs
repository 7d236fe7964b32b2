//! pcapng files.
//!
//! ```text
//! block:    type  length  body  length          section:  header, then blocks in its byte order
//! packets:  EPB 6, SPB 3, PB 2 (obsolete)       interfaces: IDB 1, numbered in each section from 0
//! ```
//!
//! Rules:
//! 1. A section header may appear at any place; it sets the byte order and forgets the interfaces.
//! 2. Every interface has its own link type, snap length and clock. (libpcap refuses a file whose interfaces or byte
//!    orders differ; this reader does not.)
//! 3. Blocks of other types are metadata and passed through. A file without any interface is sound if it has no packets.
//! 4. A captured length above the interface's snap length is damage, as in libpcap; so is a block longer than
//!    [`block_bytes_max`]. A simple packet has the first interface, no time, and is as long as the snap length allows.
//!
//! This is not a use of the crate `pcap-file`: its reader holds blocks in a buffer of 8,000,000 bytes and reports a
//! longer block (libpcap takes 16 MiB) as an early end of the file, gives no offset for an error, does not say how much
//! of a cut block is there, and loses its place when a source answers `WouldBlock` in the middle of a block.

mod interface;

use std::io::Read;

use super::batch::Batch;
use super::byte_order::ByteOrder;
use super::input::Input;
use super::limits::{BLOCK_BYTES_MAX, block_bytes_max};
use super::reader::fill;
use super::{Damage, Interface, Item, Packet, Step, Time};
use interface::Description;

/// The first four bytes of a section header in either byte order.
pub(super) const MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Type and length before the body.
const HEAD_BYTES: usize = 8;
/// The length after the body.
const TRAILER_BYTES: usize = 4;
const BLOCK_BYTES_LEAST: u32 = 12;
const SECTION_HEADER_BYTES_LEAST: u32 = 28;

/// The state of the section that is being read.
pub(super) struct Pcapng {
    order: ByteOrder,
    interfaces: Vec<Description>,
    block_bytes_max: u32,
}

impl Default for Pcapng {
    fn default() -> Self {
        Self { order: ByteOrder::Little, interfaces: Vec::new(), block_bytes_max: BLOCK_BYTES_MAX }
    }
}

/// The fields of a packet block, before its interface is known to exist.
struct PacketFields {
    interface: u32,
    ticks: Option<u64>,
    captured: u32,
    wire_len: u32,
    data_offset: usize,
}

impl Pcapng {
    /// The next block.
    pub(super) fn next<'a, R: Read>(&mut self, input: &'a mut Input<R>) -> Result<Step<'a>, Damage> {
        let found = fill(input, HEAD_BYTES)?;
        if found < HEAD_BYTES {
            return if found == 0 {
                Ok(Step::End)
            } else {
                Err(truncated("block header", HEAD_BYTES, found))
            };
        }
        let least = self.begin(input)?;
        let head = input.window();
        let block_type = self.order.u32(head, 0).unwrap_or_default();
        let length = self.order.u32(head, 4).unwrap_or_default();
        if length < least || !length.is_multiple_of(4) || length > self.block_bytes_max {
            return Err(Damage::BlockLength { length, least, limit: self.block_bytes_max });
        }
        let block_bytes = length as usize;
        let found = fill(input, block_bytes)?;
        if found < block_bytes {
            return Err(truncated("block", block_bytes, found));
        }
        let tail = self.order.u32(input.window(), block_bytes - TRAILER_BYTES).unwrap_or_default();
        if tail != length {
            return Err(Damage::BlockTrailer { head: length, tail });
        }
        let raw = input.take(block_bytes);
        // Offsets of fields count from the start of the block; the trailer is no part of any field.
        let block = raw.get(..block_bytes - TRAILER_BYTES).unwrap_or_default();
        self.item(block_type, block, raw).map(Step::Item)
    }

    /// Puts the enhanced packet blocks into the batch that the window has all of, up to another block or one with which
    /// something is wrong.
    pub(super) fn batch(&self, batch: &mut Batch<'_>) {
        while let Some((packet, block_bytes)) = self.buffered(batch.rest()) {
            let fits = batch.is_of(packet.interface, packet.link_type, packet.snap_len);
            if !fits || !batch.push(packet.data, packet.wire_len, block_bytes) {
                break;
            }
        }
    }

    /// The packet of a block that has been in a batch.
    pub(super) fn packet_of<'a>(&self, raw: &'a [u8]) -> Option<Packet<'a>> {
        self.buffered(raw).map(|(packet, _)| packet)
    }

    /// The packet that the window begins with, and the length of its block.
    #[inline]
    fn buffered<'a>(&self, window: &'a [u8]) -> Option<(Packet<'a>, usize)> {
        let order = self.order;
        let (block_type, length) = (order.u32(window, 0)?, order.u32(window, 4)?);
        let sound = block_type == ENHANCED_PACKET && length >= BLOCK_BYTES_LEAST && length.is_multiple_of(4);
        let raw = window.get(..length as usize)?;
        let (block, trailer) = raw.split_at_checked(raw.len().checked_sub(TRAILER_BYTES)?)?;
        if !sound || length > self.block_bytes_max || order.u32(trailer, 0)? != length {
            return None;
        }
        let packet = self.packet(block_type, self.enhanced(block)?, block, raw).ok()?;
        Some((packet, raw.len()))
    }

    /// Learns the byte order where a section begins, and gives the least length of the block.
    fn begin<R: Read>(&mut self, input: &mut Input<R>) -> Result<u32, Damage> {
        if !input.window().starts_with(&MAGIC) {
            return Ok(BLOCK_BYTES_LEAST);
        }
        let found = fill(input, HEAD_BYTES + 4)?;
        match input.window().get(HEAD_BYTES..HEAD_BYTES + 4) {
            Some([0x4d, 0x3c, 0x2b, 0x1a]) => self.order = ByteOrder::Little,
            Some([0x1a, 0x2b, 0x3c, 0x4d]) => self.order = ByteOrder::Big,
            Some(magic) => {
                return Err(Damage::ByteOrderMagic(ByteOrder::Big.u32(magic, 0).unwrap_or_default()));
            }
            None => return Err(truncated("section header", SECTION_HEADER_BYTES_LEAST as usize, found)),
        }
        Ok(SECTION_HEADER_BYTES_LEAST)
    }

    #[inline]
    fn item<'a>(&mut self, block_type: u32, block: &'a [u8], raw: &'a [u8]) -> Result<Item<'a>, Damage> {
        let fields = match block_type {
            ENHANCED_PACKET => self.enhanced(block),
            SIMPLE_PACKET => self.simple(block),
            PACKET => self.obsolete(block),
            _ => return self.other(block_type, block, raw),
        };
        let fields = fields.ok_or(Damage::BlockTooShort { block_type, part: "fixed fields" })?;
        self.packet(block_type, fields, block, raw).map(Item::Packet)
    }

    /// A packet whose fields are known to be there.
    #[inline]
    fn packet<'a>(
        &self,
        block_type: u32,
        fields: PacketFields,
        block: &'a [u8],
        raw: &'a [u8],
    ) -> Result<Packet<'a>, Damage> {
        let known = self.interfaces.len();
        let interface = self
            .interfaces
            .get(fields.interface as usize)
            .ok_or(Damage::UnknownInterface { number: fields.interface, known })?;
        if fields.captured > interface.snap_len {
            let (limit, link_type) = (interface.snap_len, interface.link_type);
            return Err(Damage::PacketTooLong { length: fields.captured, limit, link_type });
        }
        let data = block
            .get(fields.data_offset..)
            .and_then(|rest| rest.get(..fields.captured as usize))
            .ok_or(Damage::BlockTooShort { block_type, part: "captured length" })?;
        let clock = interface.clock;
        Ok(Packet {
            raw,
            data,
            wire_len: fields.wire_len,
            time: fields.ticks.map_or(Time::Unknown, |ticks| Time::Ticks { ticks, clock }),
            interface: fields.interface,
            link_type: interface.link_type,
            snap_len: interface.snap_len,
        })
    }

    /// A block that is not a packet.
    fn other<'a>(&mut self, block_type: u32, block: &'a [u8], raw: &'a [u8]) -> Result<Item<'a>, Damage> {
        match block_type {
            SECTION_HEADER => {
                let major = self.order.u16(block, 12).unwrap_or_default();
                let minor = self.order.u16(block, 14).unwrap_or_default();
                if major != 1 || (minor != 0 && minor != 2) {
                    return Err(Damage::Version { format: "pcapng", major, minor, expected: "1.0 or 1.2" });
                }
                self.interfaces.clear();
                Ok(Item::Section(raw))
            }
            INTERFACE_DESCRIPTION => {
                let number = u32::try_from(self.interfaces.len()).unwrap_or(u32::MAX);
                let description = Description::parse(self.order, block, number)?;
                let Description { link_type, snap_len, .. } = description;
                self.block_bytes_max = self.block_bytes_max.max(block_bytes_max(link_type));
                self.interfaces.push(description);
                Ok(Item::Interface(Interface { raw, number, link_type, snap_len }))
            }
            _ => Ok(Item::Metadata(raw)),
        }
    }

    #[inline]
    fn enhanced(&self, block: &[u8]) -> Option<PacketFields> {
        let order = self.order;
        Some(PacketFields {
            interface: order.u32(block, 8)?,
            ticks: Some(u64::from(order.u32(block, 12)?) << 32 | u64::from(order.u32(block, 16)?)),
            captured: order.u32(block, 20)?,
            wire_len: order.u32(block, 24)?,
            data_offset: 28,
        })
    }

    fn simple(&self, block: &[u8]) -> Option<PacketFields> {
        let wire_len = self.order.u32(block, 8)?;
        let snap_len = self.interfaces.first().map_or(0, |interface| interface.snap_len);
        let captured = wire_len.min(snap_len);
        Some(PacketFields { interface: 0, ticks: None, captured, wire_len, data_offset: 12 })
    }

    fn obsolete(&self, block: &[u8]) -> Option<PacketFields> {
        let order = self.order;
        Some(PacketFields {
            interface: order.u16(block, 8)?.into(),
            ticks: Some(u64::from(order.u32(block, 12)?) << 32 | u64::from(order.u32(block, 16)?)),
            captured: order.u32(block, 20)?,
            wire_len: order.u32(block, 24)?,
            data_offset: 28,
        })
    }
}

#[cold]
fn truncated(part: &'static str, expected: usize, found: usize) -> Damage {
    Damage::Truncated { part, expected: expected as u64, found: found as u64 }
}
