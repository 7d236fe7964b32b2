//! Packets: however the bytes lie in memory, a load sees the same, and nothing outside of the packet.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "test code")]

mod plain;

use bpf_core::{Ancillary, CAPTURED_LEN_MAX, ChainPacket, Metadata, MetadataSource, Packet, SlicePacket};
use plain::Plain;
use proptest::collection::vec;
use proptest::prelude::*;

/// How many bytes are asked for at once: all counts that there are, and others, which mean none or eight.
const COUNTS: [u8; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255];

type View = (Option<u8>, Option<u16>, Option<u32>);

/// What a packet shows at `offset`.
fn view(packet: &impl Packet, offset: u32) -> View {
    (packet.load_u8(offset), packet.load_u16(offset), packet.load_u32(offset))
}

/// The same, and so many bytes at once.
fn all(packet: &impl Packet, offset: u32) -> (View, [(u64, u8); 11]) {
    (view(packet, offset), COUNTS.map(|most| packet.load_up_to(offset, most)))
}

/// The same, worked out byte by byte.
fn expected(bytes: &[u8], offset: u32) -> (View, [(u64, u8); 11]) {
    let byte = |index: u64| bytes.get(usize::try_from(u64::from(offset) + index).ok()?).copied();
    let half = || Some(u16::from(byte(0)?) << 8 | u16::from(byte(1)?));
    let word = || {
        let low = u32::from(byte(2)?) << 8 | u32::from(byte(3)?);
        Some(u32::from(half()?) << 16 | low)
    };
    let counted = |most: u8| {
        let bytes = (0..most.min(8)).map_while(|index| byte(index.into()));
        bytes.fold((0_u64, 0), |(number, count), byte| (number << 8 | u64::from(byte), count + 1))
    };
    ((byte(0), half(), word()), COUNTS.map(counted))
}

fn offsets(len: usize) -> impl Iterator<Item = u32> {
    let len = u32::try_from(len).expect("small");
    (0..len + 6)
        .chain([0x7fff_ffff, 0x8000_0000, CAPTURED_LEN_MAX - 1, CAPTURED_LEN_MAX])
        .chain(u32::MAX - 4..=u32::MAX)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_slice_shows_its_bytes_and_no_others(bytes in vec(any::<u8>(), 0..40), wire_len in any::<u32>()) {
        let packet = SlicePacket::new(&bytes, wire_len);
        for offset in offsets(bytes.len()) {
            prop_assert_eq!(all(&packet, offset), expected(&bytes, offset), "offset {}", offset);
            prop_assert_eq!(all(&Plain(packet), offset), expected(&bytes, offset), "by parts at {}", offset);
        }
        prop_assert_eq!(packet.head(), &bytes[..]);
        prop_assert!(Plain(packet).head().is_empty());
        prop_assert_eq!(packet.wire_len(), wire_len);
    }

    #[test]
    fn a_chain_shows_the_same_whatever_its_segments_first_offset_and_length(
        segments in vec(vec(any::<u8>(), 0..12), 0..8),
        first_offset in 0..60_u32,
        total_len in prop_oneof![3 => 0..70_u32, 1 => any::<u32>()],
        wire_len in any::<u32>(),
    ) {
        let chain = ChainPacket::new(segments.iter().map(Vec::as_slice), first_offset, total_len, wire_len);
        let flat = segments.concat();
        let visible = flat.get(first_offset as usize..).unwrap_or_default();
        let visible = visible.get(..total_len as usize).unwrap_or(visible);
        for offset in offsets(flat.len()) {
            prop_assert_eq!(all(&chain, offset), expected(visible, offset), "offset {}", offset);
            prop_assert_eq!(all(&&chain, offset), all(&chain, offset), "through a reference");
        }
        prop_assert!(visible.starts_with(chain.head()));
        prop_assert_eq!(chain.head().is_empty(), visible.is_empty());
        let through_a_reference = &&chain;
        prop_assert_eq!(through_a_reference.head(), chain.head());
        prop_assert_eq!(chain.wire_len(), wire_len);
    }
}

#[test]
fn a_load_may_cross_any_number_of_empty_segments() {
    let segments: [&[u8]; 9] = [&[], &[1], &[], &[], &[2], &[], &[3], &[4], &[]];
    let chain = ChainPacket::new(segments.into_iter(), 0, 4, 4);
    assert_eq!(chain.load_u32(0), Some(0x0102_0304));
    assert_eq!(chain.load_u16(1), Some(0x0203));
    assert_eq!(chain.load_u16(3), None);
}

#[test]
fn a_load_behind_the_packet_looks_at_no_segment() {
    let looked = std::cell::Cell::new(0);
    let segments: [&[u8]; 3] = [&[1], &[2], &[3]];
    let counted = segments.into_iter().inspect(|_| looked.set(looked.get() + 1));
    let chain = ChainPacket::new(counted, 0, 3, 3);
    looked.set(0);
    assert_eq!(chain.load_up_to(3, 8), (0, 0));
    assert_eq!(chain.load_u32(u32::MAX), None);
    assert_eq!(looked.get(), 0);
    assert_eq!(chain.load_up_to(2, 8), (3, 1));
    assert_eq!(looked.get(), 2);
}

#[test]
fn chains_without_bytes_are_empty_packets() {
    let none: [&[u8]; 0] = [];
    let empty: [&[u8]; 3] = [&[], &[], &[]];
    assert_eq!(view(&ChainPacket::new(none.into_iter(), 0, 10, 0), 0), (None, None, None));
    assert_eq!(view(&ChainPacket::new(empty.into_iter(), 0, 10, 0), 0), (None, None, None));
    assert_eq!(view(&ChainPacket::new(empty.into_iter(), 3, 10, 0), 0), (None, None, None));
}

#[test]
fn a_first_offset_at_a_border_begins_with_the_next_segment() {
    let segments: [&[u8]; 3] = [&[1, 2], &[], &[3, 4, 5]];
    for (first_offset, first) in
        [(0, Some(1)), (1, Some(2)), (2, Some(3)), (3, Some(4)), (4, Some(5)), (5, None)]
    {
        let chain = ChainPacket::new(segments.into_iter(), first_offset, 100, 100);
        assert_eq!(chain.load_u8(0), first, "first offset {first_offset}");
    }
}

#[test]
fn bytes_behind_the_total_length_are_not_seen_even_in_the_same_segment() {
    let chain = ChainPacket::new([[1_u8, 2, 3, 4, 5].as_slice()].into_iter(), 1, 3, 5);
    assert_eq!(view(&chain, 0), (Some(2), Some(0x0203), None));
    assert_eq!(view(&chain, 2), (Some(4), None, None));
    assert_eq!(view(&chain, 3), (None, None, None));
}

/// A packet of almost 4 GiB, made of one block many times over: offsets that name ancillary values never name bytes.
#[test]
fn no_byte_is_seen_at_an_offset_that_could_mean_something_else() {
    let block = vec![0x55; 1 << 24];
    let chain = ChainPacket::new(std::iter::repeat_n(block.as_slice(), 256), 0, u32::MAX, u32::MAX);
    assert_eq!(view(&chain, CAPTURED_LEN_MAX - 4), (Some(0x55), Some(0x5555), Some(0x5555_5555)));
    assert_eq!(view(&chain, CAPTURED_LEN_MAX - 3), (Some(0x55), Some(0x5555), None));
    assert_eq!(view(&chain, CAPTURED_LEN_MAX - 1), (Some(0x55), None, None));
    assert_eq!(view(&chain, CAPTURED_LEN_MAX), (None, None, None));
    assert_eq!(view(&chain, Ancillary::VlanTag.offset()), (None, None, None));
}

/// Metadata that answers everything with the number asked for.
struct Echo;

impl MetadataSource for Echo {
    fn value(&self, which: Ancillary) -> Option<u32> {
        Some(which.offset())
    }
}

#[test]
fn metadata_is_asked_whatever_the_packet_lies_in() {
    let bytes = [1_u8, 2];
    let slice = SlicePacket::with_metadata(&bytes, 2, Echo);
    let chain = ChainPacket::with_metadata([bytes.as_slice()].into_iter(), 0, 2, 2, &Echo);
    for which in Ancillary::ALL {
        assert_eq!(slice.ancillary(which), Some(which.offset()));
        assert_eq!(chain.ancillary(which), Some(which.offset()));
        assert_eq!(SlicePacket::new(&bytes, 2).ancillary(which), None);
        assert_eq!(Metadata::default().value(which), None);
    }
}
