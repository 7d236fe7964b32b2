//! Our compiler against libpcap's: the same expressions are taken and refused, and the programs have the same verdict on
//! every packet. The meaning of a filter is what libpcap's unoptimized program does. Where Debian's libpcap 1.10.3 means
//! something else than later releases, the expression is left out by name, and a test shows that the difference is there.

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use bpf_core::{Program, RawInsn, SlicePacket};
use snapgate_tests::compare::{self, FOR_NOTHING, Question, ends_early, excluded, loads_for_nothing};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::oracle::libpcap::{self, Machine};

/// DLT values of the link types, and the recorded link type whose packets are used.
const LINK_TYPES: [(&str, u16); 8] = [
    ("EN10MB", 1),
    ("RAW", 12),
    ("IPV4", 228),
    ("IPV6", 229),
    ("NULL", 0),
    ("LOOP", 108),
    ("LINUX_SLL", 113),
    ("LINUX_SLL2", 276),
];

/// Runs random everyday expressions on one link type, over packets of that type that were recorded.
fn differential(name: &str, dlt: u16, normal: u64) {
    let pool = mutate::recorded(Some(dlt)).unwrap_or_default();
    assert!(!pool.is_empty(), "{name}: no packets");
    let counts = compare::differential(name, dlt, normal, false, |rng| mutate::draw(rng, &pool));
    let compare::Counts { taken, refused, accepted, compared } = counts;
    assert!(taken > refused && refused > 0, "{name}: {taken} taken, {refused} refused");
    assert!(accepted * 10 > compared && accepted * 10 < compared * 9, "{name}: {accepted} of {compared}");
}

#[test]
fn random_expressions_mean_what_libpcap_means_on_ethernet() {
    differential("EN10MB", 1, 40_000);
}

#[test]
fn random_expressions_mean_what_libpcap_means_on_raw_ip() {
    differential("RAW", 12, 15_000);
    differential("IPV4", 228, 10_000);
    differential("IPV6", 229, 10_000);
}

#[test]
fn random_expressions_mean_what_libpcap_means_on_loopback_links() {
    differential("NULL", 0, 12_000);
    differential("LOOP", 108, 12_000);
}

#[test]
fn random_expressions_mean_what_libpcap_means_on_linux_cooked_links() {
    differential("LINUX_SLL", 113, 15_000);
    differential("LINUX_SLL2", 276, 15_000);
}

/// Every single primitive of a small list on every packet recorded, cut at every length.
#[test]
fn everyday_expressions_mean_what_libpcap_means_on_every_beginning_of_every_recorded_packet() {
    let mut compared = 0_usize;
    for (name, dlt) in LINK_TYPES {
        let pool = mutate::recorded(Some(dlt)).unwrap();
        // One of each length of each link type is enough: the headers repeat.
        let mut packets: Vec<Sample> = Vec::new();
        for sample in pool.iter().step_by(7) {
            packets.extend(mutate::every_cut(&sample.cut(120)).step_by(3));
        }
        for text in snapgate_tests::everyday::EXPRESSIONS {
            let question = Question { text, dlt, netmask: None };
            if let Some(difference) = question.difference(&packets)
                && excluded(text, dlt, &difference).is_none()
            {
                panic!("{name} '{text}': {difference}");
            }
            compared += packets.len();
        }
    }
    println!("everyday expressions: {compared} verdicts compared");
}

type Compiled<P> = Result<P, String>;

/// What each compiler makes of an expression on Ethernet.
fn both(text: &str) -> (Compiled<Program<Vec<RawInsn>>>, Compiled<Vec<RawInsn>>) {
    let question = Question { text, dlt: 1, netmask: None };
    (question.ours(), question.theirs())
}

#[test]
fn the_peer_is_the_libpcap_that_the_exclusions_were_written_for() {
    // Another release has other differences: the table `excluded` is to be looked through when this fails.
    let version = libpcap::version();
    assert!(version.starts_with("libpcap version 1.10.3"), "{version}");
}

#[test]
fn a_prefix_after_a_direction_needs_no_net_here_and_does_in_libpcap_1_10() {
    for text in ["src 192.0.2.0/24", "dst 198.51/16", "src 2001:db8::/32"] {
        let (ours, theirs) = both(text);
        assert!(ours.is_ok(), "{text}: {ours:?}");
        assert_eq!(theirs.unwrap_err(), "Mask syntax for networks only", "{text}");
    }
    // Nowhere else.
    for text in ["host 192.0.2.0/24", "port 1/8", "src host 192.0.2.0/24", "ip host 2001:db8::/32"] {
        let (ours, theirs) = both(text);
        assert!(ours.is_err() && theirs.is_err(), "{text}: {ours:?} {theirs:?}");
    }
}

#[test]
fn a_number_out_of_range_is_an_error_here_and_not_always_in_libpcap_1_10() {
    for text in ["proto 4000", "ip proto 256", "ip6 proto 300"] {
        let (ours, theirs) = both(text);
        assert!(ours.is_err() && theirs.is_ok(), "{text}: {ours:?} {theirs:?}");
    }
    for text in ["port 65536", "vlan 4096", "portrange 1-65536", "ip[0] = 4294967296"] {
        let (ours, theirs) = both(text);
        assert!(ours.is_err() && theirs.is_err(), "{text}: {ours:?} {theirs:?}");
    }
}

#[test]
fn a_constant_that_only_begins_an_operand_is_no_reason_to_refuse_it_here() {
    // libpcap looks at the first instruction of the operand, which for ip6[40] loads the constant 40.
    let packet: Vec<u8> = (0..100).collect();
    for (text, expected) in
        [("1 << ether[2] = 4", true), ("ether[50] / ether[2] = 25", true), ("8 % ether[0] = 0", false)]
    {
        let ours = both(text).0.unwrap();
        assert_eq!(ours.run(&SlicePacket::new(&packet, 100)) != 0, expected, "{text}");
    }
    for text in ["1 << ether[40] = 0", "1 / ether[0] = 0", "1 % ether[0] = 0", "1 >> (32 + len) = 0"] {
        let (ours, theirs) = both(text);
        assert!(ours.is_ok() && theirs.is_err(), "{text}: {ours:?} {theirs:?}");
    }
    // What is a constant is refused by both.
    for text in ["ether[0] / 0 = 1", "ether[0] % 0 = 1", "ether[0] << 32 = 1", "ether[0] >> 33 = 1"] {
        let (ours, theirs) = both(text);
        assert!(ours.is_err() && theirs.is_err(), "{text}: {ours:?} {theirs:?}");
    }
}

#[test]
fn ip_multicast_ends_at_239_here_and_goes_on_to_255_in_libpcap_1_10() {
    let (ours, theirs) = both("ip multicast");
    let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
    let machine = Machine::new(&theirs).unwrap();
    for first in 0..=255 {
        let mut packet = vec![0; 34];
        packet[12] = 8;
        packet[14] = 0x45;
        packet[30] = first;
        let (ours, theirs) = (ours.run(&SlicePacket::new(&packet, 34)) != 0, machine.run(&packet, 34) != 0);
        assert_eq!(ours, (224..240).contains(&first), "{first}");
        assert_eq!(theirs, first >= 224, "{first}");
    }
}

#[test]
fn numbers_for_ipv6_in_loopback_headers_are_those_of_any_system_and_byte_order_on_request() {
    // libpcap tests this host's number alone, or for a file those of the BSDs in the order of the file.
    let packet = |family: [u8; 4]| [&family[..], &[0x60, 0, 0, 0, 0, 0, 58, 64], &[0; 32]].concat();
    let mut options = Options::new(LinkType(0));
    options.loopback_families = bpf_compile::LoopbackFamilies::Savefile;
    let ours = compile("ip6", &options, &Embedded).unwrap();
    for swapped in [false, true] {
        let source = libpcap::Source::File { swapped };
        let theirs =
            libpcap::compile("ip6", &libpcap::Options { source, ..libpcap::Options::plain(0) }).unwrap();
        let machine = Machine::new(&theirs).unwrap();
        for number in [24_u32, 28, 30] {
            for (bytes, other_order) in [(number.to_le_bytes(), false), (number.to_be_bytes(), true)] {
                let packet = packet(bytes);
                assert_ne!(ours.run(&SlicePacket::new(&packet, 44)), 0, "{number}");
                assert_eq!(machine.run(&packet, 44) != 0, swapped == other_order, "{number}");
            }
        }
    }
    let dead = Question { text: "ip6", dlt: 0, netmask: None };
    assert_eq!(
        dead.difference(&[Sample::whole(packet([10, 0, 0, 0])), Sample::whole(packet([30, 0, 0, 0]))]),
        None
    );
}

#[test]
fn what_decides_nothing_is_not_loaded_here_and_is_in_libpcap_1_10() {
    // Without a byte of the packet there: only the constant, or the empty mask, is left to decide.
    for (text, dlt, packet) in [("ip or not rarp", 12, vec![]), ("net ::/0", 12, vec![0x60; 20])] {
        let question = Question { text, dlt, netmask: None };
        assert_ne!(question.ours().unwrap().run(&SlicePacket::new(&packet, 100)), 0, "{text}");
        assert_eq!(Machine::new(&question.theirs().unwrap()).unwrap().run(&packet, 100), 0, "{text}");
        let difference = question.difference(&[Sample { data: packet, wire_len: 100 }]);
        assert_eq!(excluded(text, 1, &difference.unwrap()), Some(FOR_NOTHING), "{text}");
    }
    // A program with neither is held to every load.
    let ip = libpcap::compile("ip", &libpcap::Options::plain(1)).unwrap();
    assert!(!loads_for_nothing(&ip) && ends_early(&ip, &[0; 13], 100) && !ends_early(&ip, &[0; 14], 100));
}
