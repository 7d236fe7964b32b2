//! Our compiler against libpcap's: the same expressions are taken and refused, and the programs have the same verdict on
//! every packet. The meaning of a filter is what libpcap's unoptimized program does. Where Debian's libpcap 1.10.3 means
//! something else than later releases, the expression is left out by name, and a test shows that the difference is there.

use std::collections::BTreeMap;

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use bpf_core::opcode as op;
use bpf_core::{Profile, Program, RawInsn, SlicePacket, State, bpf_validate};
use snapgate_tests::cases;
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::oracle::libpcap::{self, Machine};
use snapgate_tests::rng::Rng;

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

/// What both compilers are asked.
#[derive(Clone, Copy)]
struct Question<'a> {
    text: &'a str,
    dlt: u16,
    netmask: Option<u32>,
}

impl Question<'_> {
    fn ours(&self) -> Result<Program<Vec<RawInsn>>, String> {
        let mut options = Options::new(LinkType(self.dlt));
        options.netmask = self.netmask;
        options.snap_len = libpcap::SNAPLEN;
        compile(self.text, &options, &Embedded).map_err(|diagnostic| format!("{diagnostic:?}"))
    }

    fn theirs(&self) -> Result<Vec<RawInsn>, String> {
        let netmask = self.netmask.unwrap_or(libpcap::NETMASK_UNKNOWN);
        libpcap::compile(self.text, &libpcap::Options { netmask, ..libpcap::Options::plain(self.dlt) })
    }

    /// What the two do not agree on, if anything.
    fn difference(&self, packets: &[Sample]) -> Option<String> {
        let (ours, theirs) = match (self.ours(), self.theirs()) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(_), Err(_)) => return None,
            (Ok(_), Err(error)) => return Some(format!("we take it, libpcap says: {error}")),
            (Err(error), Ok(_)) => return Some(format!("libpcap takes it, we say: {error}")),
        };
        let Some(machine) = Machine::new(&theirs) else {
            return Some("libpcap made a program that its machine does not run".into());
        };
        let mut excused = None;
        for packet in packets {
            let found = ours.run(&SlicePacket::new(&packet.data, packet.wire_len));
            let expected = machine.run(&packet.data, packet.wire_len);
            if found == expected {
                continue;
            }
            let bytes = cases::hex(&packet.data);
            let told =
                format!("ours {found}, libpcap's {expected} on {bytes} of wire length {}", packet.wire_len);
            if is_excused(&ours, &theirs, packet) {
                excused = Some(format!("{FOR_NOTHING}: {told}"));
            } else {
                return Some(told);
            }
        }
        excused
    }
}

const FOR_NOTHING: &str = "a load that decides nothing ends libpcap's program";

/// Whether a program ends otherwise than by a return: by a load past the end, or a division by 0.
fn ends_early(program: &[RawInsn], data: &[u8], wire_len: u32) -> bool {
    let Ok(machine) = bpf_validate(program, Profile::LIBPCAP) else { return false };
    let mut last = 0;
    machine.run_observed(&SlicePacket::new(data, wire_len), &mut |_: u32, insn: RawInsn, _: &State| {
        last = insn.code
    });
    last & op::CLASS_MASK != op::RET
}

/// Whether a difference comes of loads that only libpcap 1.10 makes: its program ends early, and does not, or agrees, once
/// the missing bytes are there. (It may end early all the same, when an offset is out of any packet.)
fn is_excused(ours: &Program<Vec<RawInsn>>, theirs: &[RawInsn], packet: &Sample) -> bool {
    let wire_len = packet.wire_len;
    let agrees = |data: &[u8]| {
        let theirs = Machine::new(theirs).map(|machine| machine.run(data, wire_len));
        theirs == Some(ours.run(&SlicePacket::new(data, wire_len)))
    };
    loads_for_nothing(theirs)
        && ends_early(theirs, &packet.data, wire_len)
        && [0, 1, 0x55, 0xff].into_iter().all(|byte| {
            let padded = [&packet.data[..], &[byte; 4096]].concat();
            ends_early(theirs, &padded, wire_len) || agrees(&padded)
        })
}

/// Whether libpcap 1.10 tests a constant, or loads a word of which the mask leaves nothing: later releases do neither, so
/// that less of the packet need be there.
fn loads_for_nothing(program: &[RawInsn]) -> bool {
    program.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        let constant = first.code == op::LD | op::IMM && first.k <= 1;
        let tested = second.code == op::JMP | op::JEQ | op::K && second.k == 0;
        let loaded = first.code & !0x18 == op::LD | op::ABS || first.code & !0x18 == op::LD | op::IND;
        let masked = second.code == op::ALU | op::AND | op::K && second.k == 0;
        constant && tested || loaded && masked
    })
}

/// Differences in which libpcap 1.10.3 is no judge, by name; the tests at the end show each.
fn excluded(difference: &str) -> Option<&'static str> {
    let refusals = ["division by zero", "modulus by zero", "shift by more than 31 bits"];
    if difference.starts_with("we take it") && refusals.iter().any(|text| difference.ends_with(text)) {
        return Some("the first instruction of an operand is taken for a constant");
    }
    if difference.starts_with("we take it") && difference.ends_with("Mask syntax for networks only") {
        return Some("a prefix after a direction without `net`");
    }
    if difference.starts_with(FOR_NOTHING) {
        return Some(FOR_NOTHING);
    }
    if difference.starts_with("libpcap takes it") && difference.contains("OutOfRange") {
        return Some("numbers out of range");
    }
    None
}

/// Runs random expressions on one link type.
fn differential(name: &str, dlt: u16, normal: u64) {
    let pool = mutate::recorded(Some(dlt)).unwrap_or_default();
    assert!(!pool.is_empty(), "{name}: no packets");
    let mut left_out = BTreeMap::new();
    let (mut taken, mut refused, mut accepted, mut compared) = (0, 0, 0, 0);
    cases::run(&format!("expressions on {name}"), normal, |rng: &mut Rng| {
        let primitives = *rng.pick(&[1, 2, 4, 8, 20]);
        let text = expression::expression(rng, &Setting { dlt, primitives });
        let netmask = rng.one_in(2).then_some(0xffff_ff00);
        let packets: Vec<_> = (0..20).map(|_| mutate::draw(rng, &pool)).collect();
        let question = Question { text: &text, dlt, netmask };
        if let Ok(program) = question.ours() {
            taken += 1;
            compared += packets.len();
            let verdicts = packets.iter().map(|p| program.run(&SlicePacket::new(&p.data, p.wire_len)));
            accepted += verdicts.filter(|verdict| *verdict != 0).count();
        } else {
            refused += 1;
        }
        let Some(difference) = question.difference(&packets) else { return Ok(()) };
        if let Some(reason) = excluded(&difference) {
            *left_out.entry(reason).or_insert(0) += 1;
            return Ok(());
        }
        let kind = |what: &str| what.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let same = |question: &Question<'_>| {
            question.difference(&packets).is_some_and(|other| kind(&other) == kind(&difference))
        };
        let bare = Question { netmask: None, ..question };
        let question = if same(&bare) { bare } else { question };
        let small = expression::shrink(&text, |text| same(&Question { text, ..question }));
        let question = Question { text: &small, ..question };
        let why = question.difference(&packets).unwrap_or_default();
        Err(format!("{name} '{small}' netmask {:x?}: {why}", question.netmask))
    });
    println!(
        "{name}: {taken} taken, {refused} refused; {compared} verdicts, {accepted} not 0; left out {left_out:?}"
    );
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
                && excluded(&difference).is_none()
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
        assert_eq!(excluded(&difference.unwrap()), Some(FOR_NOTHING), "{text}");
    }
    // A program with neither is held to every load.
    let ip = libpcap::compile("ip", &libpcap::Options::plain(1)).unwrap();
    assert!(!loads_for_nothing(&ip) && ends_early(&ip, &[0; 13], 100) && !ends_early(&ip, &[0; 14], 100));
}
