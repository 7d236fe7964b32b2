//! 802.11 frames, with the headers that radios write before them.

use super::Payload;
use super::ethernet::{llc, stations};
use crate::rng::Rng;

pub(super) fn frame(rng: &mut Rng, dlt: u16, carried: &Payload) -> Vec<u8> {
    let mut padded = false;
    let radio = match dlt {
        127 => {
            let (header, pads) = radiotap(rng);
            padded = pads;
            header
        }
        163 => avs(rng),
        119 if rng.one_in(2) => avs(rng),
        119 => [&[0, 0, 0, 0x44, 0, 0, 0, 144][..], &[0; 136]].concat(),
        192 => {
            let more = rng.below(12);
            let length = u16::try_from(8 + more).unwrap();
            let link_type = *rng.pick(&[105_u32, 105, 105, 1]);
            [&[0, 0][..], &length.to_le_bytes(), &link_type.to_le_bytes(), &vec![0; more]].concat()
        }
        _ => Vec::new(),
    };
    // Management, control, data; data with and without QoS.
    let control = *rng
        .pick(&[0x80, 0x40, 0xb0, 0xc0, 0xb4, 0xc4, 0xd4, 0xa4, 0x08, 0x08, 0x88, 0x88, 0xc8, 0x48, 0x0c]);
    let direction = *rng.pick(&[0, 1, 2, 3, 0x40]);
    let mut header = vec![control, direction, 0, 0];
    header.extend(stations(rng));
    header.extend(&stations(rng)[..6]);
    header.extend([0, 0]);
    // libpcap takes all data frames for those of three addresses.
    if control & 0x0c == 8 && control & 0x80 != 0 {
        header.extend([0, 0]);
    }
    if padded {
        header.resize(header.len().next_multiple_of(4), 0);
    }
    if direction & 3 == 3 && rng.one_in(2) {
        header.extend(&stations(rng)[..6]);
    }
    [radio, header, llc(rng, carried)].concat()
}

/// The header, and whether it says that the 802.11 header is padded.
fn radiotap(rng: &mut Rng) -> (Vec<u8>, bool) {
    let with_time = rng.one_in(2);
    let with_flags = !rng.one_in(4);
    let with_more = rng.one_in(5);
    let flags = *rng.pick(&[0, 0x20, 0x10, 0x30]);
    let present = u32::from(with_time) | u32::from(with_flags) << 1 | u32::from(with_more) << 31;
    let mut fields = Vec::new();
    if with_more {
        fields.extend([0; 4]);
    }
    if with_time {
        fields.extend([0; 8]);
    }
    if with_flags {
        fields.push(flags);
    }
    fields.resize(fields.len() + rng.below(6), 0);
    let length = u16::try_from(8 + fields.len()).unwrap();
    let header = [&[0, 0][..], &length.to_le_bytes(), &present.to_le_bytes(), &fields].concat();
    (header, with_flags && !with_more && flags & 0x20 != 0)
}

fn avs(rng: &mut Rng) -> Vec<u8> {
    let length = 64 + u32::from(rng.byte() % 8);
    [&0x8021_1001_u32.to_be_bytes()[..], &length.to_be_bytes(), &vec![0; length as usize - 8]].concat()
}
