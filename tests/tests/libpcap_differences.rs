//! Each place where libpcap 1.10.3 is no judge of what a filter means: a filter and a packet that show it, what it does there, and
//! what we do. `compare::excluded` names them; differences of the everyday language are in `libpcap_compiler.rs`.

use bpf_core::SlicePacket;
use snapgate_tests::compare::{Judge, Question, excluded};
use snapgate_tests::mutate::Sample;

/// What a compiler and its program make of a filter and a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Refused,
    Rejects,
    Accepts,
}
use Answer::{Accepts, Refused, Rejects};

const fn verdict(value: u32) -> Answer {
    if value == 0 { Rejects } else { Accepts }
}

/// Bytes from hexadecimal digits with blanks between any of them.
fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
    (0..digits.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

/// What we answer, and what libpcap does.
fn answers(question: Question<'_>, packet: &[u8]) -> (Answer, Answer) {
    let wire_len = u32::try_from(packet.len()).unwrap_or(u32::MAX);
    let ours =
        question.ours().map_or(Refused, |program| verdict(program.run(&SlicePacket::new(packet, wire_len))));
    let theirs = question.theirs().map_or(Refused, |program| {
        Judge::new(question.text, &program).map_or(Refused, |judge| verdict(judge.run(packet, wire_len)))
    });
    (ours, theirs)
}

/// A difference that stands in `excluded` under this name.
fn differs(name: &str, dlt: u16, text: &str, hex: &str, ours: Answer, theirs: Answer) {
    let packet = bytes(hex);
    let question = Question { text, dlt, netmask: None };
    assert_eq!(answers(question, &packet), (ours, theirs), "'{text}' on {hex}");
    let told = question.difference(&[Sample::whole(packet)]).unwrap_or_default();
    assert_eq!(excluded(text, dlt, &told), Some(name), "'{text}': {told}");
}

/// Both answer the same.
fn agree(dlt: u16, text: &str, hex: &str, both: Answer) {
    assert_eq!(
        answers(Question { text, dlt, netmask: None }, &bytes(hex)),
        (both, both),
        "'{text}' on {hex}"
    );
}

const STATIONS: &str = "02000000000b 02000000000a";
const TCP4: &str =
    "45000028 00010000 4006af21 0a000001 c0a80105 9c400050 00000001 00000000 50022000 00000000";

#[test]
fn operands_are_constants_as_a_whole_or_not_at_all() {
    let name = "the first instruction of an operand is taken for a constant";
    let frame = format!("{STATIONS} 0800 {TCP4}");
    for text in ["1 / ether[0] = 0", "1 % ether[0] = 1", "1 >> (32 + len) = 0"] {
        differs(name, 1, text, &frame, Accepts, Refused);
    }
}

#[test]
fn a_prefix_says_that_it_is_a_network() {
    let name = "a prefix after a direction without `net`";
    differs(name, 1, "src 10.0.0.0/8", &format!("{STATIONS} 0800 {TCP4}"), Accepts, Refused);
}

#[test]
fn ppi_captures_hold_802_11_frames() {
    let name = "1.10 does not know that PPI captures hold 802.11 frames";
    let beacon = "0000 0800 69000000 8000 0000 ffffffffffff 02000000000c 02000000000c 0010";
    for text in ["type mgt", "subtype beacon", "dir nods"] {
        differs(name, 192, text, beacon, Accepts, Refused);
    }
    // Addresses are known to both.
    agree(192, "wlan src 02:00:00:00:00:0c", beacon, Accepts);
}

#[test]
fn directions_are_refused_where_packets_do_not_tell_them() {
    let name = "1.10 makes Linux's extension loads for handles that are not live";
    let frame = format!("{STATIONS} 0800 {TCP4}");
    // The loads are past the end of any packet for whoever does not know them.
    for text in ["inbound", "outbound", "ifindex 1"] {
        differs(name, 1, text, &frame, Refused, Rejects);
    }
    agree(113, "outbound", &format!("0004 0001 0006 02000000000a0000 0800 {TCP4}"), Accepts);
}

#[test]
fn behind_lan_emulation_no_atm_header_is_looked_for() {
    let name = "1.10 looks for ATM headers behind encapsulations";
    let lane = format!("01 00 00c8 0001 {STATIONS} 0800 {TCP4}");
    for text in ["lane and vpi 2", "lane and oam", "lane and lane"] {
        let (ours, _) = answers(Question { text, dlt: 123, netmask: None }, &bytes(&lane));
        assert_eq!(ours, Refused, "{text}");
    }
    // It takes bytes of the inner destination address for path and channel, which are 0 and 200.
    differs(name, 123, "lane and vpi 0 and vci 0", &lane, Refused, Accepts);
    agree(123, "vpi 0 and lane", &lane, Accepts);
}

#[test]
fn comparisons_of_atm_and_ss7_fields_may_be_for_inequality() {
    // 1.10 takes `!=` for `=`; `<` and `<=` are right.
    let cell = "06 00 0005 09";
    for (text, ours, theirs) in [("vci != 5", Rejects, Accepts), ("vci != 6", Accepts, Rejects)] {
        assert_eq!(
            answers(Question { text, dlt: 123, netmask: None }, &bytes(cell)),
            (ours, theirs),
            "{text}"
        );
    }
    let message = "8181 0b 83 05004b20 01000000";
    for (text, ours, theirs) in [("sls != 2", Rejects, Accepts), ("opc != 5", Accepts, Rejects)] {
        assert_eq!(
            answers(Question { text, dlt: 140, netmask: None }, &bytes(message)),
            (ours, theirs),
            "{text}"
        );
    }
    agree(123, "vci < 6", cell, Accepts);
    agree(140, "sls <= 1", message, Rejects);
}

#[test]
fn lengths_of_headers_keep_their_scratch_word() {
    let name = "libpcap computes in the scratch word that holds the length of a header";
    let data = "0800 0000 02000000000b 02000000000a 02000000000c 0010 aaaa03 000000 0800";
    let radiotap = format!("0000 0900 02000000 10 {data} {TCP4}");
    differs(name, 127, "wlan[0] = 1 or ip", &radiotap, Accepts, Rejects);
    agree(127, "ip", &radiotap, Accepts);
}

#[test]
fn the_outer_header_is_measured_though_something_is_encapsulated() {
    let name = "libpcap forgets the length of the outer header behind an encapsulation";
    let session = format!("aaaa03 000000 8864 1100 0005 002a 0021 {TCP4}");
    let data = "0800 0000 02000000000b 02000000000a 02000000000c 0010";
    let radiotap = format!("0000 0900 02000000 10 {data} {session}");
    differs(name, 127, "pppoes", &radiotap, Accepts, Rejects);
    // Packets of other link types are rejected here, as they are without `pppoes`; 1.10 does not look at the link type.
    let ethernet = format!("0000 0800 01000000 {STATIONS} 0800 {TCP4}");
    let question = Question { text: "not pppoes", dlt: 192, netmask: None };
    assert_eq!(answers(question, &bytes(&ethernet)).0, Rejects);
    agree(192, "not arp", &ethernet, Rejects);
}

#[test]
fn addresses_of_decnet_are_an_area_and_a_node() {
    let name = "1.10 takes any numbers for an address of DECnet";
    let frame = format!("{STATIONS} 6003 0b00 02 0404 0304 00 01020304");
    for text in ["decnet host 1.2.3", "decnet host 64.1", "decnet src 53"] {
        differs(name, 1, text, &frame, Refused, Rejects);
    }
    agree(1, "decnet src 1.3", &frame, Accepts);
}

#[test]
fn a_short_decnet_header_is_compared_at_once() {
    let name = "1.10 compares the flags and the address of a short DECnet header one after the other";
    // Flags of neither header, and the packet ends.
    differs(name, 1, "not decnet dst 63.1023", &format!("{STATIONS} 6003 1000 05 00"), Rejects, Accepts);
    agree(1, "not decnet dst 63.1023", &format!("{STATIONS} 6003 1000 05 000000"), Accepts);
}

#[test]
fn byte_is_loaded_before_it_is_computed_with() {
    let name = "1.10 computes with the byte before it loads it";
    let frame = format!("{STATIONS} 0800 {TCP4}");
    differs(name, 1, "byte 0 & 2", &frame, Accepts, Rejects);
    differs(name, 1, "byte 12 | 0", &frame, Accepts, Rejects);
    agree(1, "byte 12 = 8", &frame, Accepts);
    agree(1, "byte 12 > 7", &frame, Accepts);
}

#[test]
fn slip_packets_that_were_sent_are_marked_with_1() {
    let name = "1.10 takes all but 0 in a SLIP header for packets that were sent";
    let packet = |direction: &str| format!("{direction} 000000 00000000 00000000 00000000 {TCP4}");
    differs(name, 8, "outbound", &packet("02"), Rejects, Accepts);
    agree(8, "outbound", &packet("01"), Accepts);
    agree(8, "inbound", &packet("00"), Accepts);
}

#[test]
fn headers_at_unknown_places_are_not_read() {
    let name = "libpcap reads behind a network header whose place it does not know";
    let packet = format!("4d4743 01 00000000 {TCP4}");
    // JUNIPER_VP, and a field that 1.10 looks for at 0xffffffff and what is added to it.
    for text in ["isis", "ip[0] = 0x45"] {
        differs(name, 183, text, &packet, Refused, Rejects);
    }
    agree(183, "ip", &packet, Accepts);
}

#[test]
fn a_destination_point_code_is_two_bytes() {
    let name = "1.10 loads the whole routing label for a destination point code";
    differs(name, 140, "dpc 5", "8181 0b 83 0500", Accepts, Rejects);
    differs(name, 140, "hdpc 5", "0080 3f80 0580 83 0500", Accepts, Rejects);
    agree(140, "dpc 5", "8181 0b 83 05004b20", Accepts);
}

#[test]
fn labels_end_where_a_tunnel_begins() {
    let name = "libpcap looks for labels inside of tunnels that are inside of labels";
    // 1.10 looks for the end of a label two bytes before the inner packet, by an offset that no machine adds.
    let inner = format!("{STATIONS} 0800 {TCP4}");
    let geneve = "00006558 00002a00";
    let outer = "4500006a 00010000 40110000 c0000201 c0000202 c00017c1 00560000";
    let frame = format!("{STATIONS} 8847 00064140 {outer} {geneve} {inner}");
    let text = "mpls and geneve and ip";
    assert_eq!(answers(Question { text, dlt: 1, netmask: None }, &bytes(&frame)), (Accepts, Rejects));
    assert_eq!(excluded(text, 1, "ours 1, libpcap's 0"), Some(name));
    agree(1, "mpls 100 and geneve", &frame, Accepts);
}

#[test]
fn a_second_authentication_header_is_stepped_over() {
    let name = "libpcap steps over AH to another place than behind it";
    let ah = |next: &str| format!("{next} 040000 00000100 00000001 000102030405060708090a0b");
    let tcp = "9c400050 00000001 00000000 50022000 00000000";
    let ip = "45000058 00010000 4033ae54 0a000001 0a000002";
    let two = format!("{STATIONS} 0800 {ip} {} {} {tcp}", ah("33"), ah("06"));
    differs(name, 1, "ip protochain 6", &two, Accepts, Rejects);
    agree(1, "ip protochain 6", &format!("{STATIONS} 0800 {ip} {} {tcp}", ah("06")), Accepts);
}

#[test]
fn reserved_bits_beside_the_type_of_an_is_is_pdu_do_not_count() {
    let name = "1.10 compares all bits of the byte that holds the type of an IS-IS PDU";
    let pdu =
        |kind: &str| format!("0180c2000014 02000000000a 0011 fefe03 831b0100 {kind} 01000000 0000000000");
    for text in ["l1", "iih", "isis proto 15"] {
        differs(name, 1, text, &pdu("2f"), Accepts, Rejects);
        agree(1, text, &pdu("0f"), Accepts);
    }
    // With Cisco's framing 1.10 looks one byte too early.
    differs(name, 104, "iih", "0f00 fefe 03 831b0100 0f01000000 0000000000", Accepts, Rejects);
}

#[test]
fn numbers_that_fit_nowhere_are_refused() {
    let name = "numbers out of range";
    let frame = format!("{STATIONS} 0800 {TCP4}");
    for text in ["ip protochain 256", "iso proto 256", "isis proto 32", "ether proto 0x12345"] {
        differs(name, 1, text, &frame, Refused, Rejects);
    }
    for text in ["vpi 256", "vci 65536"] {
        differs(name, 123, text, "06 00 0005 09", Refused, Rejects);
    }
    for (dlt, text) in [(1, "mpls 1048576"), (1, "pppoes 65536"), (1, "geneve 16777216"), (140, "opc 16384")]
    {
        agree(dlt, text, &frame, Refused);
    }
}

#[test]
fn what_is_newer_than_1_10_is_compiled() {
    let frame = format!("{STATIONS} 0800 {TCP4}");
    let tagged = format!("{STATIONS} 20000002 0800 {TCP4}");
    // As on every link type that it does not know to tell directions, 1.10 asks Linux.
    let outbound = Question { text: "outbound", dlt: 281, netmask: None };
    assert_eq!(answers(outbound, &bytes(&tagged)), (Accepts, Rejects));
    let block_ack = "9400 0000 02000000000a 02000000000c 0400 1000";
    for (dlt, text, packet, ours) in [
        (1, "not vxlan", frame.as_str(), Accepts),
        (281, "ip", &tagged, Accepts),
        (105, "subtype ba", block_ack, Accepts),
        (165, "link dst $ff", "55ff 06 ff 01 0004 12", Accepts),
    ] {
        let found = answers(Question { text, dlt, netmask: None }, &bytes(packet));
        assert_eq!(found, (ours, Refused), "{text}");
    }
}

#[test]
fn arcnet_stations_and_protocols_are_those_of_rfc_1201() {
    let tcp = format!("05 09 d4 00 0001 {TCP4}");
    let old = format!("05 09 f0 {TCP4}");
    for (text, packet, ours, theirs) in [
        // 1.10 reads another number than the one that is written.
        ("ether src $05", tcp.as_str(), Accepts, Rejects),
        // The header of RFC 1051 is shorter: behind it 1.10 reads the wrong bytes.
        ("ip", &old, Rejects, Accepts),
    ] {
        assert_eq!(
            answers(Question { text, dlt: 7, netmask: None }, &bytes(packet)),
            (ours, theirs),
            "{text}"
        );
    }
    agree(7, "ip", &tcp, Accepts);
}

#[test]
fn every_exclusion_is_shown_by_a_test() {
    let source = include_str!("../src/compare.rs");
    let shown = [include_str!("libpcap_differences.rs"), include_str!("libpcap_compiler.rs")].concat();
    let excluded = source.split("pub fn excluded").nth(1).and_then(|rest| rest.split("\n}\n").next());
    let reasons: Vec<&str> =
        excluded.unwrap().split("return Some(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(reasons.len() > 15, "{reasons:?}");
    for reason in reasons {
        assert!(shown.contains(reason), "no test shows: {reason}");
    }
}
