//! Damaged captures: the good packets first, then the place and what was expected.

use crate::files::{
    ETHERNET, MICROSECONDS, NANOSECONDS, Order, Pcap, TCP, Temporary, UDP, block, enhanced, ethernet,
    interface, mixed, section,
};
use crate::run::{Outcome, run, run_with_input};

fn failed(bytes: &[u8], message: &str) -> Outcome {
    let file = Temporary::file(bytes);
    let outcome = run(&["-r", file.path()]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains(message), "{} should contain {message}", outcome.stderr);
    assert!(outcome.stderr.contains(file.path()), "{}", outcome.stderr);
    outcome
}

#[test]
fn a_capture_cut_anywhere_gives_its_whole_packets() {
    let whole = mixed(Order::Little);
    for length in 0..whole.len() {
        let outcome = run_with_input(&["-r", "-", "-w", "-"], &whole[..length]);
        let packets = [ethernet(TCP).len() + 16, ethernet(UDP).len() + 16].repeat(2);
        let ends: Vec<usize> = packets
            .iter()
            .scan(24, |end, size| {
                *end += size;
                Some(*end)
            })
            .collect();
        let good = ends.iter().copied().filter(|end| *end <= length).max().unwrap_or(24);
        let is_whole = length == 24 || ends.contains(&length);
        assert_eq!(outcome.code, i32::from(!is_whole), "{length}: {}", outcome.stderr);
        let expected = if length < 24 { &[][..] } else { &whole[..good] };
        assert_eq!(outcome.stdout, expected, "{length}");
        assert!(is_whole || outcome.stderr.contains("--> <stdin>: byte "), "{}", outcome.stderr);
    }
}

#[test]
fn the_message_has_place_and_expectation() {
    let bytes = mixed(Order::Big);
    let outcome = failed(&bytes[..bytes.len() - 7], "truncated packet data: expected 50 bytes, found 43");
    assert_eq!(outcome.text().lines().count(), 3);
    let place = bytes.len() - 16 - ethernet(UDP).len();
    assert!(outcome.stderr.contains(&format!(": byte {place}\n")), "{}", outcome.stderr);
    failed(&bytes[..24 + 9], "truncated packet header: expected 16 bytes, found 9");
    failed(&bytes[..23], "truncated file header: expected 24 bytes, found 23");
}

#[test]
fn what_is_no_capture() {
    failed(b"", "the file is empty");
    failed(b"GET / HTTP/1.0", "not a capture file");
    failed(&[0x1f, 0x8b, 8, 0, 0, 0], "zcat");
    failed(&Pcap::new(Order::Big, 0xa1b2_34cd, ETHERNET).bytes, "no published record layout");
    failed(
        &Pcap::with_version(Order::Big, MICROSECONDS, ETHERNET, 5).bytes,
        "unsupported version 2.5 of pcap",
    );
    failed(&[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 1, 2, 3, 4], "invalid byte-order magic 0x01020304");
}

#[test]
fn lengths_that_cannot_be_true() {
    let mut pcap = Pcap::new(Order::Little, NANOSECONDS, ETHERNET).packet(0, &ethernet(UDP));
    pcap.record(0, 262_145, 262_145, &[0; 64]);
    let outcome =
        failed(&pcap.bytes, "invalid captured length 262145: expected at most 262144 on link type EN10MB");
    assert_eq!(outcome.text().lines().count(), 1);
}

#[test]
fn damaged_blocks() {
    for order in Order::BOTH {
        let head = [section(order, u64::MAX), interface(order, 1, 60, &[])].concat();
        let good = enhanced(order, 0, 0, &ethernet(UDP));
        let after = |bad: &[u8]| [&head[..], &good, bad].concat();
        let mut unequal = good.clone();
        *unequal.last_mut().unwrap() ^= 1;
        let unequal_message = "damaged block: its length is";
        let too_long = enhanced(order, 0, 0, &[0; 61]);
        let unknown = enhanced(order, 7, 0, &ethernet(UDP));
        let mut lying = good.clone();
        lying[20..24].copy_from_slice(&order.u32(60));
        let cases: [(&[u8], &str); 8] = [
            (&unequal, unequal_message),
            (&too_long, "invalid captured length 61: expected at most 60"),
            (&unknown, "packet on interface 7; the section describes 1"),
            (&lying, "too short for its captured length"),
            (&good[..good.len() - 4], "truncated block: expected"),
            (&good[..7], "truncated block header: expected 8 bytes, found 7"),
            (&block(order, 6, &[0; 8]), "too short for its fixed fields"),
            (&[order.u32(9), order.u32(13)].concat(), "invalid block length 13: expected a multiple of 4"),
        ];
        for (bad, message) in cases {
            let outcome = failed(&after(bad), message);
            assert_eq!(outcome.text().lines().count(), 1, "the good packet is printed");
            let place = head.len() + good.len();
            assert!(outcome.stderr.contains(&format!(": byte {place}")), "{}", outcome.stderr);
        }
    }
}

#[test]
fn the_good_part_is_written_too() {
    let bytes = mixed(Order::Little);
    let (input, output) = (Temporary::file(&bytes[..bytes.len() - 1]), Temporary::name());
    let outcome = run(&["-r", input.path(), "-w", output.path(), "--count"]);
    assert_eq!((outcome.code, outcome.text()), (1, "3\n"));
    assert_eq!(output.content(), bytes[..bytes.len() - 16 - ethernet(UDP).len()]);
}
