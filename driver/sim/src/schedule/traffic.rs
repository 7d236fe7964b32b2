//! Packets by seeds: of every shape, and such that a captured one tells whether it was changed.

use super::Numbers;
use crate::ndis::{Packet, PacketList};
use crate::scenario;

/// Where a frame carries its seed: behind the Ethernet header.
const SEED_AT: usize = 14;
const FRAME_BYTES_MIN: usize = 24;

/// The byte of a frame at an index behind the seed.
#[expect(clippy::cast_possible_truncation, reason = "one byte of the mix is wanted")]
fn byte(seed: u32, index: usize) -> u8 {
    (seed.wrapping_mul(0x9e37_79b1) >> 16) as u8 ^ (index as u8).wrapping_mul(31)
}

/// A frame whose bytes follow from its seed.
#[must_use]
pub fn frame(seed: u32) -> Vec<u8> {
    let mut numbers = Numbers::new(u64::from(seed));
    let length = match numbers.below(8) {
        0 => FRAME_BYTES_MIN,
        1 => 1514,
        2 => 60,
        _ => FRAME_BYTES_MIN + usize::try_from(numbers.below(300)).unwrap_or_default(),
    };
    let destination = if numbers.chance(100) { 0xff } else { 2 };
    let mut frame = vec![destination; 6];
    frame.extend([2, 0, 0, 0, 0, 9]);
    frame.extend(if numbers.chance(500) { [8, 0] } else { [0x86, 0xdd] });
    frame.extend(seed.to_le_bytes());
    frame.extend((frame.len()..length).map(|index| byte(seed, index)));
    frame
}

/// Whether captured bytes are the start of a frame, with or without a tag.
///
/// # Errors
/// What is wrong with them.
pub fn check(packet: &scenario::Packet) -> Result<(), String> {
    let mut bytes = packet.bytes.clone();
    let mut length = usize::try_from(packet.length).unwrap_or(usize::MAX);
    if bytes.get(12..14) == Some(&[0x81, 0]) {
        bytes.drain(12..bytes.len().min(16));
        length = length.saturating_sub(4);
    }
    let Some(seed) = bytes.get(SEED_AT..SEED_AT + 4) else { return Ok(()) };
    let mut number = [0; 4];
    for (to, from) in number.iter_mut().zip(seed) {
        *to = *from;
    }
    let frame = frame(u32::from_le_bytes(number));
    if length != frame.len() {
        return Err(format!("a frame of {} bytes was captured with a length of {length}", frame.len()));
    }
    match frame.get(..bytes.len()) {
        Some(start) if start == bytes => Ok(()),
        _ => Err(format!("{} bytes were captured that were never sent", bytes.len())),
    }
}

/// A packet of any shape that memory can have.
fn packet(numbers: &mut Numbers) -> Packet {
    let seed = u32::try_from(numbers.next() >> 32).unwrap_or_default();
    let mut packet = Packet::new(frame(seed));
    if numbers.chance(300) {
        packet = packet.offset(usize::try_from(numbers.below(40)).unwrap_or_default());
    }
    if numbers.chance(500) {
        let pieces = 1 + numbers.below(4);
        let sizes: Vec<usize> = (0..pieces)
            .map(|_| usize::try_from(numbers.pick(&[0, 1, 12, 13, 14, 20, 64]).unwrap_or(0)).unwrap_or(0))
            .collect();
        packet = packet.mdls(sizes);
    }
    if numbers.chance(200) {
        packet = packet.slack(usize::try_from(numbers.below(30)).unwrap_or_default());
    }
    if numbers.chance(100) { packet.unmapped() } else { packet }
}

/// A batch; received lists have one packet each.
#[must_use]
pub fn batch(seed: u32, received: bool) -> Vec<PacketList> {
    let mut numbers = Numbers::new(u64::from(seed) | 1 << 40);
    (0..1 + numbers.below(6))
        .map(|_| {
            let count = if received { 1 } else { 1 + numbers.below(3) };
            let packets: Vec<Packet> = (0..count).map(|_| packet(&mut numbers)).collect();
            let mut list = PacketList::new(packets);
            if numbers.chance(200) {
                list = list.vlan(u16::try_from(1 + numbers.below(0xfffe)).unwrap_or(1));
            }
            if received && numbers.chance(100) { list.loopback() } else { list }
        })
        .collect()
}
