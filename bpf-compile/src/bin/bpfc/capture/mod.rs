//! Capture files as a stream of items that can be written again byte for byte.
//!
//! ```text
//! bytes ──Input──▶ pcap or pcapng ──▶ Item: Section, Interface, Metadata, Packet ──▶ filter ──▶ the same bytes
//! ```
//!
//! Rules:
//! 1. Every byte of a sound file belongs to exactly one item, in order: writing all items gives the file again.
//! 2. An item borrows from the window of the input; nothing is copied or allocated per packet, and memory is bounded
//!    by the largest packet or block, never by the file.
//! 3. Damage ends the stream with an error that has a byte offset; the items before it were all given.
//! 4. What is damage is libpcap's judgement, so that both read the same files; each format says where it differs.

mod batch;
mod byte_order;
mod error;
mod input;
pub(crate) mod limits;
mod pcap;
mod pcapng;
mod reader;
mod time;

pub(crate) use batch::Batch;
pub(crate) use error::{CaptureError, Damage};
pub(crate) use reader::Reader;
pub(crate) use time::{Time, Timestamp};

use bpf_compile::link::LinkType;

/// What stands next in a capture. `raw` is always the whole item as it is in the file.
#[derive(Debug)]
pub(crate) enum Item<'a> {
    /// The section header of pcapng.
    Section(&'a [u8]),
    /// The description of an interface; the file header of classic pcap, which has one interface.
    Interface(Interface<'a>),
    /// Anything else that is not a packet.
    Metadata(&'a [u8]),
    /// A packet.
    Packet(Packet<'a>),
}

/// An interface on which packets were captured.
#[derive(Debug)]
pub(crate) struct Interface<'a> {
    /// The bytes in the file.
    pub(crate) raw: &'a [u8],
    /// Its number in the section.
    pub(crate) number: u32,
    /// The header that its packets begin with.
    pub(crate) link_type: LinkType,
    /// The most bytes that it captures of a packet.
    pub(crate) snap_len: u32,
}

/// A captured packet.
#[derive(Debug)]
pub(crate) struct Packet<'a> {
    /// The record or block in the file.
    pub(crate) raw: &'a [u8],
    /// The captured bytes.
    pub(crate) data: &'a [u8],
    /// The length on the wire.
    pub(crate) wire_len: u32,
    /// When it was captured.
    pub(crate) time: Time,
    /// The number of its interface in the section.
    pub(crate) interface: u32,
    /// The header that it begins with.
    pub(crate) link_type: LinkType,
    /// The snap length of its interface.
    pub(crate) snap_len: u32,
}

/// The answer to "what is next".
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// An item.
    Item(Item<'a>),
    /// The source has no data at the moment.
    Wait,
    /// The capture is over.
    End,
}
