//! How long the headers are whose length the packet says: what stands before an 802.11 header, that header itself, and
//! the header of a pf log.
//!
//! ```text
//! radiotap   version(1) pad(1) length(2, little-endian) present(4, little-endian) fields
//! PPI        version(1) flags(1) length(2, little-endian) link type(4, little-endian)
//! AVS        magic(4) length(4)
//! Prism      144 bytes, or AVS where its magic number stands there
//! 802.11     24 bytes, and 2 more on data frames with quality of service
//! ```
//!
//! A filter that uses a length computes it before any test, so a packet too short for that is rejected at once.

use super::link::{Kind, Radio};
use super::packet::{Captured, Width};

/// The lengths that a packet says, `None` where it is too short to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lengths {
    /// Of what stands before the link header.
    pub(super) prefix: Option<u32>,
    /// Of everything before the payload.
    pub(super) payload: Option<u32>,
}

impl Lengths {
    pub(super) fn of(kind: Kind, packet: &Captured<'_>) -> Self {
        match kind {
            Kind::Dot11(radio) => {
                let prefix = prefix(radio, packet);
                let payload = prefix.and_then(|prefix| past_header(radio, prefix, packet));
                Self { prefix, payload }
            }
            // Words of 4 bytes, which the first byte counts without the padding at its end.
            Kind::Pflog => Self { prefix: Some(0), payload: packet.read(0, Width::Byte).map(round_up) },
            _ => Self { prefix: Some(0), payload: Some(0) },
        }
    }
}

/// Whether the packet can be of the link type at all: of those that PPI can carry only 802.11 is known, which is 105
/// there. Every filter tests that, whatever it asks.
pub(super) fn is_known(kind: Kind, packet: &Captured<'_>) -> bool {
    kind != Kind::Dot11(Radio::Ppi) || packet.read(4, Width::Word) == Some(105_u32.swap_bytes())
}

fn round_up(length: u32) -> u32 {
    length.wrapping_add(3) & !3
}

fn prefix(radio: Radio, packet: &Captured<'_>) -> Option<u32> {
    let little_endian = || {
        let high = packet.read(3, Width::Byte)?;
        Some(high << 8 | packet.read(2, Width::Byte)?)
    };
    match radio {
        Radio::Bare => Some(0),
        Radio::Radiotap | Radio::Ppi => little_endian(),
        Radio::Avs => packet.read(4, Width::Word),
        Radio::Prism => match packet.read(0, Width::Word)? & 0xffff_f000 {
            0x8021_1000 => packet.read(4, Width::Word),
            _ => Some(144),
        },
    }
}

/// The end of the 802.11 header.
fn past_header(radio: Radio, prefix: u32, packet: &Captured<'_>) -> Option<u32> {
    const DATA: u32 = 0x08;
    const CONTROL: u32 = 0x04;
    const QUALITY: u32 = 0x80;
    let control = packet.read(prefix.into(), Width::Byte)?;
    let plain = prefix.wrapping_add(24);
    if control & DATA == 0 || control & CONTROL != 0 {
        return Some(plain);
    }
    let end = if control & QUALITY != 0 { plain.wrapping_add(2) } else { plain };
    if radio == Radio::Radiotap && is_padded(packet)? { Some(round_up(end)) } else { Some(end) }
}

/// Whether the radio's header says that the payload is padded to a multiple of 4 bytes.
fn is_padded(packet: &Captured<'_>) -> Option<bool> {
    const HAS_FLAGS: u32 = 0x0200_0000;
    const HAS_MORE_WORDS: u32 = 0x0000_0080;
    const HAS_TIME: u32 = 0x0100_0000;
    const PADDED: u32 = 0x20;
    let present = packet.read(4, Width::Word)?;
    // With more words of presence bits the flags lie elsewhere, and are not looked for.
    if present & HAS_FLAGS == 0 || present & HAS_MORE_WORDS != 0 {
        return Some(false);
    }
    let flags = packet.read(if present & HAS_TIME != 0 { 16 } else { 8 }, Width::Byte)?;
    Some(flags & PADDED != 0)
}
