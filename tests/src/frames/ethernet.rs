//! Ethernet frames with what the recorded ones lack.

use super::tunnel::over_ip;
use super::{Payload, payload};
use crate::mutate::Sample;
use crate::rng::Rng;

const STATIONS: [[u8; 6]; 4] =
    [[0xff; 6], [0x33, 0x33, 0, 0, 0, 0x16], [0x01, 0x00, 0x5e, 0, 0, 0xfb], [0, 0, 0x5e, 0, 0x53, 1]];

pub(super) fn stations(rng: &mut Rng) -> Vec<u8> {
    [*rng.pick(&STATIONS), *rng.pick(&STATIONS)].concat()
}

pub(super) fn frame(rng: &mut Rng, pool: &[Sample]) -> Vec<u8> {
    let carried = payload(rng, pool);
    let (ethertype, rest) = match rng.below(14) {
        0..=3 => (carried.ethertype, carried.bytes),
        4 => (0x8847, [labels(rng), carried.bytes].concat()),
        5 => (0x8864, pppoe(rng, &carried)),
        6 => (0x8863, vec![0x11, 9, 0, 0, 0, 4]),
        7 => {
            let tpid = *rng.pick(&[0x8100_u16, 0x88a8, 0x9100]);
            let tci = [0, *rng.pick(&[0_u8, 10, 100])];
            let inner = carried.ethertype.to_be_bytes();
            (tpid, [&tci[..], &inner, &carried.bytes].concat())
        }
        8 | 9 => {
            let Payload { ethertype, bytes } = over_ip(rng, pool);
            (ethertype, bytes)
        }
        10 => (0x6003, decnet(rng)),
        11 => (*rng.pick(&[0x6001, 0x6002, 0x6004, 0x6007, 0x809b, 0x80f3, 0x8137, 0x8035]), carried.bytes),
        _ => {
            let llc = llc(rng, &carried);
            (u16::try_from(llc.len().min(1500)).unwrap(), llc)
        }
    };
    [&stations(rng)[..], &ethertype.to_be_bytes(), &rest].concat()
}

/// One to three labels; the last one is marked.
pub(super) fn labels(rng: &mut Rng) -> Vec<u8> {
    let count = 1 + rng.below(3);
    (0..count)
        .flat_map(|number| {
            let label: u32 = *rng.pick(&[16, 100, 1024, 0xf_ffff]);
            let last = u32::from(number + 1 == count && !rng.one_in(8));
            (label << 12 | last << 8 | 64).to_be_bytes()
        })
        .collect()
}

fn pppoe(rng: &mut Rng, carried: &Payload) -> Vec<u8> {
    let number: u16 = if carried.ethertype == 0x86dd { 0x57 } else { 0x21 };
    let session = [0, *rng.pick(&[1, 5, 7])];
    [&[0x11, 0][..], &session, &[0, 60], &number.to_be_bytes(), &carried.bytes].concat()
}

fn decnet(rng: &mut Rng) -> Vec<u8> {
    let mut body = vec![20, 0];
    if rng.one_in(2) {
        body.push(0x81);
    }
    body.push(*rng.pick(&[2, 6, 0x26, 0x0a]));
    let address = [2, 4];
    for _ in 0..12 {
        body.extend(if rng.one_in(2) { address } else { [0, 0] });
    }
    body
}

/// IS-IS, ES-IS or CLNP.
pub(super) fn iso(rng: &mut Rng) -> Vec<u8> {
    let nlpid = *rng.pick(&[0x83, 0x83, 0x83, 0x82, 0x81, 0x80]);
    let kind = *rng.pick(&[15, 16, 17, 18, 20, 24, 25, 26, 27, 3]);
    [&[nlpid, 27, 1, 0, kind, 1][..], &[0; 12]].concat()
}

/// An 802.2 header and what follows it.
pub(super) fn llc(rng: &mut Rng, carried: &Payload) -> Vec<u8> {
    match rng.below(7) {
        0 => [&[0xfe, 0xfe, 3][..], &iso(rng)].concat(),
        1 => vec![*rng.pick(&[0x42, 0xe0, 0xf0, 0x06]); 40],
        2 => [&[0x42, 0x42, 3][..], &[0; 30]].concat(),
        3 => {
            let control =
                *rng.pick(&[0, 1, 2, 3, 5, 9, 0x0f, 0x43, 0x63, 0x6f, 0x87, 0xaf, 0xe3, 0xbf, 0x13]);
            [&[0xaa, 0xaa, control][..], &[0; 30]].concat()
        }
        4 => vec![0xff; 30],
        5 => {
            let (organization, number) =
                *rng.pick(&[([8, 0, 7], 0x809b_u16), ([0, 0, 0], 0x80f3), ([0, 0, 0], 0x8137)]);
            [&[0xaa, 0xaa, 3][..], &organization, &number.to_be_bytes(), &carried.bytes].concat()
        }
        _ => [&[0xaa, 0xaa, 3, 0, 0, 0][..], &carried.ethertype.to_be_bytes(), &carried.bytes].concat(),
    }
}
