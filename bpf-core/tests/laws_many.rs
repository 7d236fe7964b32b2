//! Many packets with one call: the verdicts are those of single runs, in order, however many there are and whatever is looked at
//! ahead.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use bpf_core::{
    ChainPacket, Packet, Prepared, Profile, Program, RawInsn, SlicePacket, Step, bpf_validate, text,
};

/// Programs that begin with each kind of step that is looked at ahead, and with others.
const PROGRAMS: [&str; 9] = [
    "ldh [12]\n jneq #0x806, drop\n ldb [1]\n jneq #1, drop\n ret #96\n drop: ret #0",
    "ldh [12]\n jgt #0x805, big, drop\n big: ldb [0]\n jeq #0, drop, keep\n keep: ret #64\n drop: ret #0",
    "ldh [12]\n jneq #0x806, drop\n ret #60\n drop: ret #0",
    "ldb [3]\n add #1\n ret a",
    "ldh [3]\n add #1\n ret a",
    "ld [3]\n add #1\n ret a",
    "ldxb 4*([2]&0xf)\n ldb [x + 1]\n ret a",
    "ld len\n ret a",
    "ld [0xf0000000]\n ret #7",
];

/// Around the row of packets that are looked at together.
const COUNTS: [usize; 9] = [0, 1, 2, 63, 64, 65, 128, 129, 200];

fn programs() -> impl Iterator<Item = Program<Vec<RawInsn>>> {
    PROGRAMS.iter().map(|source| bpf_validate(text::parse(source).unwrap(), Profile::LIBPCAP).unwrap())
}

/// Packets of all lengths, most of which are of one kind or another that the programs tell apart.
fn frames() -> Vec<Vec<u8>> {
    let frame = |n: usize| {
        let byte = |at: usize| match at {
            12 => 8,
            13 => u8::try_from(n % 3 * 3).unwrap(),
            _ => u8::try_from((n * 31 + at * 7) % 5).unwrap(),
        };
        (0..n % 61).map(byte).collect()
    };
    (0..200).map(frame).collect()
}

fn verdicts<P: Packet>(
    prepared: &Prepared<Box<[Step]>>,
    packets: impl Iterator<Item = P> + Clone,
) -> Vec<u32> {
    let mut verdicts = Vec::new();
    prepared.run_each(packets, |verdict| verdicts.push(verdict));
    verdicts
}

#[test]
fn every_packet_gets_its_verdict_in_order() {
    let frames = frames();
    for program in programs() {
        let prepared = program.prepare();
        for count in COUNTS {
            let views =
                || frames.iter().take(count).zip(0..).map(|(bytes, n)| SlicePacket::new(bytes, n * 3));
            let expected: Vec<u32> = views().map(|packet| program.run(&packet)).collect();
            assert_eq!(verdicts(&prepared, views()), expected, "{count} packets, {:?}", program.insns());
        }
    }
}

#[test]
fn packets_in_pieces_get_the_same_verdicts() {
    let frames = frames();
    for cut in [0, 1, 13, 40, 60] {
        let pieces: Vec<[&[u8]; 2]> = frames
            .iter()
            .map(|bytes| {
                let (head, tail) = bytes.split_at(cut.min(bytes.len()));
                [head, tail]
            })
            .collect();
        for program in programs() {
            let chains =
                pieces.iter().map(|pieces| ChainPacket::new(pieces.iter().copied(), 0, u32::MAX, 1_500));
            let expected: Vec<u32> =
                frames.iter().map(|bytes| program.run(&SlicePacket::new(bytes, 1_500))).collect();
            assert_eq!(verdicts(&program.prepare(), chains), expected, "{:?}", program.insns());
        }
    }
}

#[test]
fn the_programs_accept_some_packets_and_reject_others() {
    let frames = frames();
    for program in programs().take(3) {
        let kept = frames.iter().filter(|bytes| program.run(&SlicePacket::new(bytes, 60)) != 0).count();
        assert!((10..190).contains(&kept), "{kept} of 200 by {:?}", program.insns());
    }
}

/// Clones give nothing.
struct Once<I>(Option<I>);

impl<I: Iterator> Iterator for Once<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.as_mut()?.next()
    }
}

impl<I> Clone for Once<I> {
    fn clone(&self) -> Self {
        Self(None)
    }
}

#[test]
fn what_is_seen_ahead_decides_nothing() {
    let frames = frames();
    for program in programs() {
        let views = || frames.iter().map(|bytes| SlicePacket::new(bytes, 60));
        let expected: Vec<u32> = views().map(|packet| program.run(&packet)).collect();
        assert_eq!(verdicts(&program.prepare(), Once(Some(views()))), expected, "{:?}", program.insns());
    }
}
