//! pcapng: sections, interfaces, kinds of packets, metadata.

use crate::files::{Order, TCP, Temporary, UDP, block, enhanced, ethernet, interface, ipv4, section};
use crate::run::{run, succeed};

const NOT_STATED: u64 = u64::MAX;
const ETHERNET: u16 = 1;
const RAW: u16 = 101;
const NOON_MICROSECONDS: u64 = 45_296_000_000;

/// `if_tsresol` of nanoseconds, `if_tsoffset` of ten seconds.
fn clock_options(order: Order) -> Vec<u8> {
    let offset = match order {
        Order::Little => 10_u64.to_le_bytes(),
        Order::Big => 10_u64.to_be_bytes(),
    };
    let parts =
        [&order.u16(9)[..], &order.u16(1), &[9, 0, 0, 0], &order.u16(14), &order.u16(8), &offset, &[0; 4]];
    parts.concat()
}

/// Two sections of different byte order, interfaces of different link types, all kinds of packets, and metadata.
/// Every item comes with whether the filter `udp` keeps it.
fn rich(section_length: u64) -> Vec<(bool, Vec<u8>)> {
    let simple = |order: Order, frame: &[u8]| {
        let body = [&order.u32(u32::try_from(frame.len()).unwrap())[..], frame].concat();
        block(order, 3, &body)
    };
    let obsolete = |order: Order, frame: &[u8]| {
        let length = u32::try_from(frame.len()).unwrap();
        let fields = [0, (NOON_MICROSECONDS >> 32) as u32, NOON_MICROSECONDS as u32, length, length];
        let mut body: Vec<u8> = fields.iter().flat_map(|field| order.u32(*field)).collect();
        body.extend(frame);
        block(order, 2, &body)
    };
    let mut items = Vec::new();
    for order in Order::BOTH {
        items.extend([
            (true, section(order, section_length)),
            (true, block(order, 0x0bad, b"custom before the interfaces")),
            (true, interface(order, ETHERNET, 0, &[])),
            (true, interface(order, RAW, 65535, &clock_options(order))),
            (true, enhanced(order, 0, NOON_MICROSECONDS, &ethernet(UDP))),
            (false, enhanced(order, 0, NOON_MICROSECONDS, &ethernet(TCP))),
            (true, enhanced(order, 1, 45_286_000_000_007, &ipv4(UDP))),
            (false, enhanced(order, 1, 45_286_000_000_007, &ipv4(TCP))),
            (true, block(order, 4, b"names")),
            (true, simple(order, &ethernet(UDP))),
            (false, simple(order, &ethernet(TCP))),
            (true, obsolete(order, &ethernet(UDP))),
            (false, obsolete(order, &ethernet(TCP))),
            (true, block(order, 5, &[0; 12])),
        ]);
    }
    items
}

fn joined(items: &[(bool, Vec<u8>)], all: bool) -> Vec<u8> {
    items.iter().filter(|(kept, _)| all || *kept).flat_map(|(_, bytes)| bytes.clone()).collect()
}

#[test]
fn only_packets_that_do_not_match_are_left_out() {
    let items = rich(NOT_STATED);
    let (input, output) = (Temporary::file(&joined(&items, true)), Temporary::name());
    succeed(&["-r", input.path(), "-w", output.path()]);
    assert_eq!(output.content(), joined(&items, true));
    succeed(&["-r", input.path(), "-w", output.path(), "udp"]);
    assert_eq!(output.content(), joined(&items, false));
    assert_eq!(succeed(&["-r", input.path(), "--count", "udp"]).text(), "8\n");
}

#[test]
fn a_stated_section_length_becomes_not_stated() {
    let (input, output) = (Temporary::file(&joined(&rich(4096), true)), Temporary::name());
    succeed(&["-r", input.path(), "-w", output.path(), "udp"]);
    assert_eq!(output.content(), joined(&rich(NOT_STATED), false));
}

#[test]
fn every_interface_has_its_link_type_and_clock() {
    let input = Temporary::file(&joined(&rich(NOT_STATED), true));
    let section = "\
12:34:56.000000 IP 10.0.0.1.443 > 10.0.0.2.51000: udp 8
12:34:56.000000007 IP 10.0.0.1.443 > 10.0.0.2.51000: udp 8
--:--:--.------ IP 10.0.0.1.443 > 10.0.0.2.51000: udp 8
12:34:56.000000 IP 10.0.0.1.443 > 10.0.0.2.51000: udp 8
";
    assert_eq!(succeed(&["-r", input.path(), "udp"]).text(), section.repeat(2));
    let verbose = succeed(&["-r", input.path(), "-v", "udp"]);
    assert!(verbose.text().contains(" #3 on 1 IP (ttl 64"), "{}", verbose.text());
}

#[test]
fn a_filter_without_meaning_on_one_link_type_is_an_error_at_its_first_packet() {
    let order = Order::Little;
    let head =
        [section(order, NOT_STATED), interface(order, RAW, 0, &[]), interface(order, ETHERNET, 0, &[])]
            .concat();
    let good = enhanced(order, 1, 0, &ethernet(UDP));
    let input = Temporary::file(&[&head[..], &good].concat());
    assert_eq!(succeed(&["-r", input.path(), "--count", "ether host 2:0:0:0:0:1"]).text(), "1\n");

    let input = Temporary::file(&[&head[..], &good, &enhanced(order, 0, 0, &ipv4(UDP))].concat());
    let outcome = run(&["-r", input.path(), "ether host 2:0:0:0:0:1"]);
    assert_eq!(outcome.code, 3);
    assert_eq!(outcome.text().lines().count(), 1, "the packet before it is printed");
    assert!(outcome.stderr.contains("interface 0 of "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("has link type RAW"), "{}", outcome.stderr);
}

#[test]
fn the_program_is_for_the_first_interface() {
    let input = Temporary::file(&joined(&rich(NOT_STATED)[3..], true));
    assert_eq!(run(&["-d", "-r", input.path(), "ip"]).code, 1, "a section must begin the file");
    let order = Order::Big;
    let input = Temporary::file(&[section(order, NOT_STATED), interface(order, RAW, 96, &[])].concat());
    let program = succeed(&["-d", "-r", input.path(), "ip"]);
    assert_eq!(program.text(), succeed(&["-d", "-y", "RAW", "-s", "96", "ip"]).text());
    let input = Temporary::file(&section(order, NOT_STATED));
    assert_eq!(run(&["-d", "-r", input.path(), "ip"]).code, 1);
    assert_eq!(succeed(&["-r", input.path(), "--count"]).text(), "0\n");
}
