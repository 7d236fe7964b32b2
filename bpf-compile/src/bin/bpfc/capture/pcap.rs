//! Classic pcap files.
//!
//! ```text
//! file header, 24 bytes: magic  major minor  zone  sigfigs  snap length  link type
//! record:                seconds  fraction  captured length  wire length  [index protocol type]  data
//! ```
//!
//! The magic number tells the byte order, the unit of the fraction, and the length of a record header:
//!
//! | magic | fraction | record header |
//! | --- | --- | --- |
//! | a1b2c3d4 | microseconds | 16 |
//! | a1b23c4d | nanoseconds | 16 |
//! | a12b3c4d (Navtel) | nanoseconds | 16; libpcap does not read it |
//! | a1b2cd34 (Kuznetzov) | microseconds | 24: interface index, protocol, packet type follow |
//! | a1b234cd (Mesquita) | unknown | unknown: reserved, never published; refused by name |
//!
//! Rules taken from libpcap, so that the same packets are seen:
//! 1. Versions 2.0 to 2.4, and 543.0 of DG/UX. Before 2.3 and in 543.0 the two lengths are in the other order; in 2.3
//!    they are where the first is larger than the second.
//! 2. A captured length above the most that the link type can have is damage. One between the snap length and that is
//!    cut to the snap length for the filter (and kept whole when written).
//! 3. A snap length of 0 or above 2^31 - 1 means the largest of the link type. Kuznetzov's format adds 14 on Ethernet.
//! 4. The high 6 bits of the link type describe the FCS and are ignored. Bits 16 to 25 are reserved: other than zero is
//!    damage, as in libpcap 1.11 (1.10 ignored nothing there and found an unknown link type).
//!
//! This is not a use of the crate `pcap-file`, because that knows neither the modified formats nor the old versions,
//! and does not give the bytes of a record header as they are.

use std::io::Read;

use bpf_compile::link::LinkType;

use super::batch::Batch;
use super::byte_order::ByteOrder;
use super::input::Input;
use super::limits::{effective_snap_len, packet_bytes_max};
use super::reader::fill;
use super::{Damage, Interface, Item, Packet, Step, Time};

const FILE_HEADER_BYTES: usize = 24;
const RECORD_HEADER_BYTES: usize = 16;
const KUZNETZOV_RECORD_HEADER_BYTES: usize = 24;
/// What a cooked capture of Kuznetzov's format may add to the snap length.
const FAKED_ETHERNET_HEADER_BYTES: u32 = 14;

/// What the file header says.
pub(super) struct Pcap {
    order: ByteOrder,
    nanoseconds: bool,
    record_header_bytes: usize,
    lengths: Lengths,
    link_type: LinkType,
    snap_len: u32,
    packet_bytes_max: u32,
}

/// The order of the two lengths in a record.
#[derive(Clone, Copy)]
enum Lengths {
    CapturedFirst,
    WireFirst,
    /// The captured length is the smaller one.
    Either,
}

impl Pcap {
    /// Reads the file header, whose magic number is in the window.
    pub(super) fn open<R: Read>(magic: [u8; 4], input: &mut Input<R>) -> Result<(Self, Step<'_>), Damage> {
        let (order, nanoseconds, record_header_bytes) = variant(magic)?;
        let found = fill(input, FILE_HEADER_BYTES)?;
        if found < FILE_HEADER_BYTES {
            return Err(truncated("file header", FILE_HEADER_BYTES, found));
        }
        let (link_type, snap_len, lengths) = {
            let header = input.window();
            let field = |offset| order.u32(header, offset).unwrap_or_default();
            let half = |offset| order.u16(header, offset).unwrap_or_default();
            let lengths = length_order(half(4), half(6))?;
            let link_type = link_type(field(20))?;
            (link_type, effective_snap_len(link_type, field(16)), lengths)
        };
        let faked = record_header_bytes == KUZNETZOV_RECORD_HEADER_BYTES && link_type == LinkType::EN10MB;
        let snap_len = snap_len.saturating_add(if faked { FAKED_ETHERNET_HEADER_BYTES } else { 0 });
        let packet_bytes_max = packet_bytes_max(link_type);
        let pcap =
            Self { order, nanoseconds, record_header_bytes, lengths, link_type, snap_len, packet_bytes_max };
        let raw = input.take(FILE_HEADER_BYTES);
        Ok((pcap, Step::Item(Item::Interface(Interface { raw, number: 0, link_type, snap_len }))))
    }

    /// The next record.
    pub(super) fn next<'a, R: Read>(&self, input: &'a mut Input<R>) -> Result<Step<'a>, Damage> {
        let found = fill(input, self.record_header_bytes)?;
        if found < self.record_header_bytes {
            return if found == 0 {
                Ok(Step::End)
            } else {
                Err(truncated("packet header", self.record_header_bytes, found))
            };
        }
        let (seconds, fraction, captured, wire_len) = self.header(input.window());
        if captured > self.packet_bytes_max {
            return Err(self.too_long(captured));
        }
        let record_bytes = self.record_header_bytes + captured as usize;
        let found = fill(input, record_bytes)?;
        if found < record_bytes {
            let found = found - self.record_header_bytes;
            return Err(truncated("packet data", captured as usize, found));
        }
        let raw = input.take(record_bytes);
        Ok(Step::Item(Item::Packet(self.packet(raw, seconds, fraction, wire_len))))
    }

    /// Puts the packets into the batch that the window has all of, up to one with which something is wrong.
    pub(super) fn batch(&self, batch: &mut Batch<'_>) {
        if !batch.is_of(0, self.link_type, self.snap_len) {
            return;
        }
        let mut rest = batch.rest();
        while let Some((header, behind)) = rest.split_at_checked(self.record_header_bytes) {
            let (_, _, captured, wire_len) = self.header(header);
            let Some((data, next)) = behind.split_at_checked(captured as usize) else { break };
            if captured > self.packet_bytes_max {
                break;
            }
            rest = next;
            if !batch.push(self.cut(data), wire_len, header.len() + data.len()) {
                break;
            }
        }
    }

    /// The packet of a record that has been in a batch.
    pub(super) fn packet_of<'a>(&self, raw: &'a [u8]) -> Packet<'a> {
        let (seconds, fraction, _, wire_len) = self.header(raw);
        self.packet(raw, seconds, fraction, wire_len)
    }

    #[inline]
    fn packet<'a>(&self, raw: &'a [u8], seconds: u32, fraction: u32, wire_len: u32) -> Packet<'a> {
        let data = raw.get(self.record_header_bytes..).unwrap_or_default();
        Packet {
            raw,
            data: self.cut(data),
            wire_len,
            time: Time::Fields { seconds, fraction, nanoseconds: self.nanoseconds },
            interface: 0,
            link_type: self.link_type,
            snap_len: self.snap_len,
        }
    }

    /// What a filter sees of the captured bytes.
    #[inline]
    fn cut<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        data.get(..self.snap_len as usize).unwrap_or(data)
    }

    /// Seconds, fraction, captured length and wire length of a record header.
    #[inline]
    fn header(&self, record: &[u8]) -> (u32, u32, u32, u32) {
        let fields = record.first_chunk::<RECORD_HEADER_BYTES>().unwrap_or(&[0; RECORD_HEADER_BYTES]);
        let field = |offset| self.order.u32(fields, offset).unwrap_or_default();
        let (first, second) = (field(8), field(12));
        let (captured, wire_len) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::WireFirst => (second, first),
            Lengths::Either => (first.min(second), first.max(second)),
        };
        (field(0), field(4), captured, wire_len)
    }

    #[cold]
    fn too_long(&self, length: u32) -> Damage {
        Damage::PacketTooLong { length, limit: self.packet_bytes_max, link_type: self.link_type }
    }
}

/// Byte order, nanoseconds, length of a record header.
fn variant(magic: [u8; 4]) -> Result<(ByteOrder, bool, usize), Damage> {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        match order.u32(&magic, 0).unwrap_or_default() {
            0xa1b2_c3d4 => return Ok((order, false, RECORD_HEADER_BYTES)),
            0xa1b2_3c4d | 0xa12b_3c4d => return Ok((order, true, RECORD_HEADER_BYTES)),
            0xa1b2_cd34 => return Ok((order, false, KUZNETZOV_RECORD_HEADER_BYTES)),
            variant @ 0xa1b2_34cd => return Err(Damage::UnpublishedVariant(variant)),
            _ => {}
        }
    }
    Err(Damage::UnknownMagic(u32::from_be_bytes(magic)))
}

fn length_order(major: u16, minor: u16) -> Result<Lengths, Damage> {
    match (major, minor) {
        (2, 0..=2) | (543, 0) => Ok(Lengths::WireFirst),
        (2, 3) => Ok(Lengths::Either),
        (2, 4) => Ok(Lengths::CapturedFirst),
        _ => Err(Damage::Version { format: "pcap", major, minor, expected: "2.0 to 2.4" }),
    }
}

fn link_type(field: u32) -> Result<LinkType, Damage> {
    if field & 0x03ff_0000 != 0 {
        return Err(Damage::ReservedBits(field));
    }
    Ok(LinkType::from_linktype_field((field & 0xffff) as u16))
}

#[cold]
fn truncated(part: &'static str, expected: usize, found: usize) -> Damage {
    Damage::Truncated { part, expected: expected as u64, found: found as u64 }
}
