//! What differs is found: in programs made for it, in what libpcap breaks, in programs with one field changed.

use std::time::Duration;

use bpf_core::{Ancillary, Profile, RawInsn, SlicePacket, bpf_validate};
use snapgate_tests::oracle::libpcap;
use snapgate_tests::rng::Rng;
use snapgate_tests::smt::{Outcome, Prover, prove};
use snapgate_tests::{cases, frames, listed, mutate};

use super::{LIMIT, asm, difference, outcome};

#[test]
fn a_dropped_length_check_is_found_on_a_packet_that_is_cut() {
    let packet = difference("ldh [12]; ldb [23]; ret #1", "ldh [12]; ret #1");
    assert!((14..24).contains(&packet.captured_len), "{packet}");
}

#[test]
fn swapped_jumps_are_found() {
    difference(
        "ldh [12]; jeq #0x800, y, n; y: ret #1; n: ret #0",
        "ldh [12]; jeq #0x800, n, y; y: ret #1; n: ret #0",
    );
}

#[test]
fn a_wrong_mask_is_found() {
    let packet = difference(
        "ld [26]; and #0xffffff00; jne #0xc0000200, n; ret #1; n: ret #0",
        "ld [26]; and #0xfffffe00; jne #0xc0000200, n; ret #1; n: ret #0",
    );
    assert_eq!(packet.bytes.get(&28), Some(&3), "{packet}");
}

#[test]
fn a_wrong_mask_over_two_tests_in_one_word_is_found() {
    let apart = "ldb [3]; ldh [0]; jset #0x1fff, n, m; m: ldb [3]; jeq #6, y, n; y: ret #1; n: ret #0";
    difference(apart, "ldb [3]; ld [0]; and #0x1ffe00ff; jeq #6, y, n; y: ret #1; n: ret #0");
    difference("ldb [3]; ld [0]; and #0x1fff00fe; jeq #6, y, n; y: ret #1; n: ret #0", apart);
    // The other way round: what holds if not both hold.
    let not = "ldb [3]; ldh [0]; jset #0x1fff, n, m; m: ldb [3]; jeq #6, y, n; y: ret #0; n: ret #1";
    difference(not, "ldb [3]; ld [0]; and #0x1fff00ff; jeq #7, y, n; y: ret #0; n: ret #1");
}

#[test]
fn a_missing_test_for_fragments_is_found() {
    let with =
        "ldh [20]; jset #0x1fff, n, y; y: ldxb 4*([14]&0xf); ldh [x + 16]; jne #80, n; ret #1; n: ret #0";
    let without = "ldh [20]; ldxb 4*([14]&0xf); ldh [x + 16]; jne #80, n; ret #1; n: ret #0";
    difference(with, without);
}

#[test]
fn a_wrong_scratch_word_is_found() {
    difference(
        "ldb [0]; st M[1]; ldb [1]; st M[2]; ld M[1]; ret a",
        "ldb [0]; st M[1]; ldb [1]; st M[2]; ld M[2]; ret a",
    );
}

#[test]
fn a_range_that_is_off_by_one_is_found_at_its_end() {
    let packet = difference(
        "ldh [0]; jlt #5000, n; jgt #6000, n; ret #1; n: ret #0",
        "ldh [0]; jlt #5000, n; jge #6000, n; ret #1; n: ret #0",
    );
    assert_eq!((packet.bytes.get(&0), packet.bytes.get(&1)), (Some(&0x17), Some(&0x70)), "{packet}");
}

#[test]
fn an_index_that_wraps_is_past_the_end_and_not_at_the_start() {
    difference("ldx #0xffffffff; ldb [x + 1]; ret #1", "ldb [0]; ret #1");
    assert_eq!(outcome("ldx #0xffffffff; ldb [x + 1]; ret #1", "ret #0"), Outcome::Proved);
    assert_eq!(outcome("ld [0]; tax; ldb [x + 4294967295]; ret #1", "ret #0").clone(), Outcome::Proved);
}

#[test]
fn other_verdicts_lengths_and_metadata_are_told_apart() {
    difference("ldb [0]; ret #1", "ldb [0]; ret #2");
    difference(
        "ld #pktlen; jgt #60, y, n; y: ret #1; n: ret #0",
        "ld #pktlen; jge #60, y, n; y: ret #1; n: ret #0",
    );
    let packet = difference("ld vlan_tci; ret #1", "ret #1");
    assert!(!packet.metadata.contains_key(&Ancillary::VlanTag));
    assert_eq!(outcome("ld vlan_tci; ld #1; ret a", "ld vlan_tci; ret #1"), Outcome::Proved);
}

#[test]
fn a_difference_that_only_a_giant_packet_shows_is_found() {
    let packet = difference("ldb [0x10000000]; ret #1", "ldb [0x10000001]; ret #1");
    assert_eq!(packet.captured_len, 0x1000_0001);
    assert_eq!(packet.data(), None);
}

#[test]
fn what_cannot_be_run_is_not_known() {
    let fine = asm("ret #1");
    let endless = vec![RawInsn::stmt(0x05, u32::MAX), RawInsn::stmt(0x06, 1)];
    assert!(matches!(prove(&fine, &endless, LIMIT), Outcome::Unknown(_)));
    let hard = "ld [0]; tax; ld [4]; mul x; tax; ld [8]; mul x; ret a";
    let other = "ld [8]; tax; ld [4]; mul x; tax; ld [0]; mul x; ret a";
    assert!(matches!(prove(&asm(hard), &asm(other), Duration::from_millis(300)), Outcome::Unknown(_)));
}

/// Where libpcap's optimizer changes what a filter means.
const BROKEN_BY_LIBPCAP: [(&str, &str); 5] = [
    ("a load is dropped: a packet that is cut", "ip[0] & 0 = 0"),
    ("a load is moved: a packet that is cut", "port 80 or 443"),
    ("a load is dropped: a way that is not taken", "tcp[0] = 1 or ip"),
    ("a store is dropped", "len >= 2147483648 & 2147483648 or len < 0 | 2147483648"),
    (
        "dominators are stale",
        "host 10.0.0.1 and not ((host 10.0.0.2 or host 10.0.0.3) and icmp) and not (host 10.0.0.3 or host 10.0.0.1)",
    ),
];

#[test]
fn what_libpcaps_optimizer_breaks_is_found() {
    let mut prover = Prover::default();
    for (what, text) in BROKEN_BY_LIBPCAP {
        let plain = libpcap::Options::plain(1);
        let program = |optimize| libpcap::compile(text, &libpcap::Options { optimize, ..plain }).unwrap();
        let found = prover.prove(&program(false), &program(true), LIMIT);
        assert!(matches!(found, Outcome::Differ(_)), "{what}: {text}: {found:?}");
    }
}

/// One field of one instruction changed.
fn changed(rng: &mut Rng, program: &[RawInsn]) -> Vec<RawInsn> {
    let mut other = program.to_vec();
    let at = rng.below(other.len());
    let insn = &mut other[at];
    match rng.below(5) {
        0 => std::mem::swap(&mut insn.jt, &mut insn.jf),
        1 => insn.k = insn.k.wrapping_add(1),
        2 => insn.k = insn.k.wrapping_sub(1),
        3 => insn.k ^= 1 << rng.below(32),
        _ => {
            let end = u8::try_from(program.len() - at).unwrap_or(u8::MAX);
            insn.jt = rng.byte() % end;
        }
    }
    other
}

/// Of programs with one field changed, none on which packets show a difference is proved equal.
#[test]
fn no_changed_program_is_proved_equal_where_packets_show_that_it_is_not() {
    let filters = listed::read().unwrap();
    let pool = mutate::recorded(Some(1)).unwrap();
    let mut prover = Prover::default();
    let (mut shown, mut proved, mut found) = (0, 0, 0);
    cases::run("changed programs", 150, |rng| {
        let filter = rng.pick(&filters);
        let program = filter.ours().unwrap().into_storage();
        let other = changed(rng, &program);
        let Ok(machine) = bpf_validate(&other[..], Profile::LIBPCAP) else { return Ok(()) };
        let original = bpf_validate(&program[..], Profile::LIBPCAP).unwrap();
        let differs = (0..500).any(|_| {
            let packet = frames::draw(rng, filter.dlt, &pool);
            let view = SlicePacket::new(&packet.data, packet.wire_len);
            machine.run(&view) != original.run(&view)
        });
        let outcome = prover.prove(&program, &other, LIMIT);
        shown += u32::from(differs);
        proved += u32::from(outcome == Outcome::Proved);
        found += u32::from(matches!(outcome, Outcome::Differ(_)));
        match outcome {
            Outcome::Proved if differs => Err(format!("{}: {}", filter.text, cases::one_line(&other))),
            _ => Ok(()),
        }
    });
    println!("{shown} differ on drawn packets; {found} found by the prover, {proved} proved equal");
    assert!(shown > 30 && found >= shown && proved > 5, "{shown} shown, {found} found, {proved} proved");
}
