//! Filters for lists of ports and hosts, as compilers make them, decide alike in both forms of a program: tests before the lists, and more
//! than one way to them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use bpf_core::{ChainPacket, Profile, RawInsn, SlicePacket, bpf_validate, text};
use proptest::prelude::*;

/// Values of a list: ports, and the low halves of addresses.
const VALUES: [u16; 12] = [22, 53, 80, 443, 445, 5353, 8080, 30_000, 30_001, 40_404, 50_505, 65_535];

/// A test for each value; all others go to the rest.
fn tests(values: impl Iterator<Item = u32>, rest: &str) -> String {
    let mut tests: Vec<_> = values.map(|value| format!("jeq #{value}, keep\n")).collect();
    let last = tests.pop().unwrap().replace("\n", &format!(", {rest}\n"));
    tests.concat() + &last
}

/// `port a or port b ...` for TCP and UDP, as compilers make it: two ways to one test of the protocol, and on to lists at X.
fn ports() -> Vec<RawInsn> {
    let tests = |rest| tests(VALUES.iter().copied().map(u32::from), rest);
    let text = format!(
        "ldh [12]\n jeq #0x800, four\n jeq #0x86dd, six, drop\n\
         six: ldx #40\n ldb [20]\n ja protocol\n\
         four: ldxb 4*([14]&0xf)\n ld [20]\n and #0x1fff00ff\n\
         protocol: jeq #6, source\n jeq #17, source, drop\n\
         source: ldh [x + 14]\n{}destination: ldh [x + 16]\n{}keep: ret #96\n drop: ret #0",
        tests("destination"),
        tests("drop"),
    );
    text::parse(&text).unwrap()
}

/// `host a or host b ...`: two ways to one list.
fn hosts() -> Vec<RawInsn> {
    let tests = |rest| tests(VALUES.iter().map(|&value| address(value)), rest);
    let text = format!(
        "ldh [12]\n jeq #0x800, four\n jeq #0x86dd, six, drop\n\
         six: ldx #8\n ld [28]\n ja source\n\
         four: ld [26]\n\
         source: {}destination: ld [x + 30]\n{}keep: ret #96\n drop: ret #0",
        tests("destination"),
        tests("drop"),
    );
    text::parse(&text).unwrap()
}

fn address(value: u16) -> u32 {
    0x0a00_0000 | u32::from(value)
}

/// In the list, or not.
fn value() -> impl Strategy<Value = u16> {
    prop_oneof![(0..VALUES.len()).prop_map(|at| VALUES[at]), any::<u16>()]
}

/// The packet whole, cut and in two pieces.
fn check(insns: Vec<RawInsn>, packet: &[u8], length: usize, cut: usize) {
    let program = bpf_validate(insns, Profile::LIBPCAP).unwrap();
    let prepared = program.prepare();
    for packet in [packet, &packet[..length]] {
        let flat = SlicePacket::new(packet, 1_000);
        assert_eq!(prepared.run(&flat), program.run(&flat));
        let (head, tail) = packet.split_at(cut.min(packet.len()));
        let chain =
            ChainPacket::new([head, tail].into_iter(), 0, u32::try_from(packet.len()).unwrap(), 1_000);
        assert_eq!(prepared.run(&chain), program.run(&chain), "in pieces");
    }
}

const PACKET: usize = 90;

// Few packets of any bytes come to the lists, so those bytes that decide are chosen.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn tests_and_the_length_of_a_header_before_lists_mean_what_they_mean(
        protocol in prop_oneof![4 => Just(0x0800_u16), 4 => Just(0x86dd), 1 => any::<u16>()],
        first in prop_oneof![3 => Just(0x45_u8), 1 => any::<u8>()],
        next in prop_oneof![3 => Just(6_u8), 3 => Just(17), 1 => any::<u8>()],
        fragment in prop_oneof![8 => Just(0_u16), 1 => any::<u16>()],
        ports in [value(), value()],
        (length, cut) in (0..PACKET, 0..PACKET),
    ) {
        let mut packet = [0x5a; PACKET];
        packet[12..14].copy_from_slice(&protocol.to_be_bytes());
        (packet[14], packet[20], packet[23]) = (first, next, next);
        if protocol == 0x0800 {
            packet[20..22].copy_from_slice(&fragment.to_be_bytes());
        }
        let header = if protocol == 0x0800 { usize::from(first & 15) * 4 } else { 40 };
        for (at, port) in [14 + header, 16 + header].into_iter().zip(ports) {
            packet[at..at + 2].copy_from_slice(&port.to_be_bytes());
        }
        check(self::ports(), &packet, length, cut);
    }

    #[test]
    fn two_ways_to_one_list_mean_what_its_tests_mean(
        protocol in prop_oneof![4 => Just(0x0800_u16), 4 => Just(0x86dd), 1 => any::<u16>()],
        hosts in [value(), value()],
        (length, cut) in (0..PACKET, 0..PACKET),
    ) {
        let mut packet = [0x5a; PACKET];
        packet[12..14].copy_from_slice(&protocol.to_be_bytes());
        let places = if protocol == 0x0800 { [26, 30] } else { [28, 38] };
        for (at, host) in places.into_iter().zip(hosts) {
            packet[at..at + 4].copy_from_slice(&address(host).to_be_bytes());
        }
        check(self::hosts(), &packet, length, cut);
    }
}

#[test]
fn programs_of_these_laws_have_lists() {
    for (insns, loads, tests) in [(ports(), 2, 1), (hosts(), 3, 0)] {
        let prepared = format!("{:?}", bpf_validate(insns, Profile::LIBPCAP).unwrap().prepare());
        let counts = ["quick: LoadOfList", "quick: OneOf"].map(|step| prepared.matches(step).count());
        assert_eq!(counts, [loads, tests], "{prepared}");
    }
}
