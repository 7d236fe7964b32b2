//! Filters of any size: nothing recurses with the depth of the text, and every length has an answer.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a failure here is a failed test"
)]

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use bpf_core::{Profile, SlicePacket};

fn options() -> Options {
    Options::new(LinkType::EN10MB)
}

/// An IPv4 packet from `source` to 192.0.2.1.
fn packet_from(source: u32) -> Vec<u8> {
    let mut packet = vec![0; 34];
    packet[12] = 0x08;
    packet[14] = 0x45;
    packet[26..30].copy_from_slice(&source.to_be_bytes());
    packet[30..34].copy_from_slice(&[192, 0, 2, 1]);
    packet
}

fn accepts(filter: &str, packet: &[u8]) -> bool {
    let program = compile(filter, &options(), &Embedded).unwrap();
    program.run(&SlicePacket::new(packet, 60)) != 0
}

#[test]
fn a_hundred_thousand_parentheses_and_negations_compile() {
    let depth = 100_000;
    let nested = format!("{}ip{}", "(".repeat(depth), ")".repeat(depth));
    assert!(accepts(&nested, &packet_from(1)));
    let negated = format!("{} ip", "not ".repeat(depth + 1));
    assert!(!accepts(&negated, &packet_from(1)));
}

#[test]
fn arithmetic_nested_to_the_left_the_right_and_inwards_compiles() {
    let depth = 10_000;
    let left = format!("{}ip[0]{} = {}", "(".repeat(depth), "+1)".repeat(depth), 0x45 + depth);
    assert!(accepts(&left, &packet_from(1)));
    let right = format!("ip and {}ip[0]{} = {}", "(1+".repeat(depth), ")".repeat(depth), 0x45 + depth);
    assert!(accepts(&right, &packet_from(1)));
    let inwards = format!("{}0{} = 0", "ip[".repeat(depth), "]".repeat(depth));
    compile(&inwards, &options(), &Embedded).unwrap();
}

#[test]
fn arithmetic_that_needs_more_than_sixteen_words_is_refused_at_its_place() {
    // A complete binary tree of depth n needs n words.
    let tree = |depth: u32| (0..depth).fold(String::from("ip[0]"), |half, _| format!("({half} + {half})"));
    compile(&format!("{} = 1", tree(16)), &options(), &Embedded).unwrap();
    let error = compile(&format!("ip and {} = 1", tree(18)), &options(), &Embedded).unwrap_err();
    assert_eq!(error.code, Code::TooComplex);
    assert!(error.message.starts_with("this arithmetic needs more than the machine's 16"), "{error}");
    assert_eq!(error.primary.span.start, 7);
}

#[test]
fn the_words_that_tunnels_take_are_told_of() {
    let error = |filter: &str| compile(filter, &options(), &Embedded).unwrap_err();
    let tunnels = error(&["geneve"; 5].join(" and "));
    assert_eq!(tunnels.code, Code::TooComplex);
    assert_eq!(tunnels.primary.text, "too many tunnels in each other");
    let tree = (0..14).fold(String::from("ip[0]"), |half, _| format!("({half} + {half})"));
    let both = error(&format!("geneve and {tree} = 1"));
    assert_eq!(both.code, Code::TooComplex);
    assert!(both.message.ends_with("scratch words that are left"), "{}", both.message);
}

#[test]
fn fifty_thousand_hosts_compile_and_each_is_found() {
    let count = 50_000_u32;
    let first = u32::from_be_bytes([10, 0, 0, 0]);
    let hosts: Vec<String> =
        (0..count).map(|n| format!("src host {}", std::net::Ipv4Addr::from_bits(first + n))).collect();
    let filter = format!("ip and ({})", hosts.join(" or "));
    assert!(filter.len() > 1_000_000);
    let program = compile(&filter, &options(), &Embedded).unwrap();
    for (source, expected) in [
        (first, true),
        (first + count / 2, true),
        (first + count - 1, true),
        (first + count, false),
        (first - 1, false),
    ] {
        let packet = packet_from(source);
        assert_eq!(program.run(&SlicePacket::new(&packet, 60)) != 0, expected, "source {source:#x}");
    }
}

#[test]
fn jumps_of_every_length_around_the_limit_reach_their_targets() {
    // Each term is a few instructions; the way from the first guard to the end grows through 255 step by step.
    for terms in 1..140 {
        let list: Vec<String> = (1..=terms).map(|n| format!("ip[{}] = {n}", n % 20)).collect();
        let filter = format!("ip and not (ip6 or {} or ip[9] = 200)", list.join(" or "));
        let program = compile(&filter, &options(), &Embedded).unwrap();
        let mut packet = packet_from(0);
        packet[14..].fill(0xff);
        assert_ne!(program.run(&SlicePacket::new(&packet, 60)), 0, "{terms} terms");
        packet[23] = 200;
        assert_eq!(program.run(&SlicePacket::new(&packet, 60)), 0, "{terms} terms");
        let not_ip = vec![0; 60];
        assert_eq!(program.run(&SlicePacket::new(&not_ip, 60)), 0, "{terms} terms");
    }
}

#[test]
fn a_program_too_long_for_its_target_is_an_error_with_the_count() {
    // No two of them are neighbours, or they would be one range.
    let hosts: Vec<String> = (0..3000).map(|n| format!("host 10.{}.{}.1", n / 250, n % 250)).collect();
    let mut options = options();
    options.profile = Some(Profile::STRICT);
    let error = compile(&hosts.join(" or "), &options, &Embedded).unwrap_err();
    assert_eq!(error.code, Code::ProgramTooLong);
    assert!(error.message.contains("instructions"), "{}", error.message);
}

#[test]
fn a_byte_beyond_any_packet_is_never_there_and_no_ancillary_value() {
    for offset in [0x7fff_ffff, 0x8000_0000, 0xffff_efff, 0xffff_f000, 0xffff_f004, u32::MAX] {
        for comparison in ["= 0", "& 0xff", "| 1", "< 5", "> 5"] {
            for filter in [format!("byte {offset} {comparison}"), format!("not byte {offset} {comparison}")] {
                assert!(!accepts(&filter, &packet_from(1)), "{filter}");
            }
        }
    }
    let program = compile("byte 0xfffff000 = 1", &options(), &Embedded).unwrap();
    assert!(!bpf_core::text::disassembly(program.insns()).to_string().contains("proto"));
}

#[test]
fn comparisons_of_two_loads_that_are_known_in_part_compile() {
    let mut packet = packet_from(1);
    packet[14 + 6..14 + 8].copy_from_slice(&[9, 9]);
    for (filter, expected) in [
        ("ip[6] > 5 and ip[7] > 2 and ip[6] = ip[7]", true),
        ("ip[6] > 5 and ip[7] > 2 and ip[6] > ip[7]", false),
        ("less 100 and ip[6:2] > 3 and len > ip[6:2]", false),
        ("less 100 and ip[6] > 3 and len > ip[6]", true),
        ("len > 50 and len > ip[6] and not len = ip[6]", true),
    ] {
        assert_eq!(accepts(filter, &packet), expected, "{filter}");
    }
}
