//! Encapsulations of the extended language.

use bpf_compile::Options;
use bpf_compile::diagnostic::Code;
use bpf_compile::syntax::{Dialect, parse_as, print, same_meaning};

use super::packets::{behind, ethernet, extension, ipv4, ipv6, tcp, udp};
use super::{accepts, error, options};

fn extended() -> Options {
    options(|options| options.dialect = Dialect::Extended)
}

fn inner_packet() -> Vec<u8> {
    ipv4(6, &tcp(1024, 80, 2))
}

fn inner_frame() -> Vec<u8> {
    ethernet(0x0800, &inner_packet())
}

/// Over IPv4 and over IPv6.
fn over_ip(protocol: u8, payload: &[u8]) -> [Vec<u8>; 2] {
    [ethernet(0x0800, &ipv4(protocol, payload)), ethernet(0x86dd, &ipv6(protocol, payload))]
}

fn over_udp(source: u16, destination: u16, payload: &[u8]) -> [Vec<u8>; 2] {
    over_ip(17, &udp(source, destination, payload))
}

/// These accept all the packets, those none.
fn check(packets: &[Vec<u8>], these: &[&str], those: &[&str]) {
    for packet in packets {
        for filter in these {
            assert!(accepts(filter, &extended(), packet), "{filter} does not accept {packet:02x?}");
        }
        for filter in those {
            assert!(!accepts(filter, &extended(), packet), "{filter} accepts {packet:02x?}");
        }
    }
}

#[test]
fn gre_carries_packets_and_frames_behind_any_of_its_fields() {
    for flags in 0..8_u16 {
        let fields = vec![0xee; 4 * flags.count_ones() as usize];
        let bits = (flags & 1) << 15 | (flags & 2) << 12 | (flags & 4) << 10;
        let header = |carried: u16| [&bits.to_be_bytes()[..], &carried.to_be_bytes(), &fields].concat();
        let packet = over_ip(47, &behind(&header(0x0800), &inner_packet()));
        let frame = over_ip(47, &behind(&header(0x6558), &inner_frame()));
        let these =
            ["gre", "gre and ip", "gre and tcp port 80", "gre and ip host 10.0.0.1", "gre and tcp[13] = 2"];
        let those = ["gre and ip6", "gre and udp", "erspan", "gre and tcp port 81", "tcp port 80"];
        check(&packet, &these, &those);
        check(&frame, &these, &those);
        check(&frame, &["gre and ether host 2:0:0:0:0:1"], &[]);
        check(&packet, &[], &["gre and ether host 2:0:0:0:0:1"]);
        let inner6 = ipv6(17, &udp(53, 53, &[0; 4]));
        check(
            &over_ip(47, &behind(&header(0x86dd), &inner6)),
            &["gre and ip6 and udp port 53"],
            &["gre and ip"],
        );
    }
}

#[test]
fn gre_with_routing_or_of_another_version_is_none() {
    for bits in [0x4000_u16, 0x0001, 0x2001] {
        let header = [&bits.to_be_bytes()[..], &[8, 0]].concat();
        check(&over_ip(47, &behind(&header, &inner_packet())), &["not gre"], &["gre"]);
    }
}

#[test]
fn erspan_of_all_types_is_a_mirrored_frame() {
    let session = 0x0123_u16;
    let word = |version: u8| [version << 4, 0, 0x80 | (session >> 8) as u8, session as u8];
    let numbered = |carried: u16| [&[0x10, 0][..], &carried.to_be_bytes(), &[0, 0, 0, 9]].concat();
    let second = [numbered(0x88be), word(1).to_vec(), vec![0; 4], inner_frame()].concat();
    let third = [numbered(0x22eb), word(2).to_vec(), vec![0; 8], inner_frame()].concat();
    let platform =
        [numbered(0x22eb), word(2).to_vec(), vec![0, 0, 0, 0, 0, 0, 0, 1], vec![0; 8], inner_frame()];
    let first = [vec![0, 0, 0x88, 0xbe], inner_frame()].concat();
    let these = ["erspan and tcp port 80", "erspan and ether src 2:0:0:0:0:2", "gre"];
    for payload in [second, third, platform.concat()] {
        let packets = over_ip(47, &payload);
        check(&packets, &these, &["erspan 5", "erspan and udp"]);
        check(&packets, &["erspan 0x123 and tcp port 80"], &[]);
    }
    check(&over_ip(47, &first), &these, &["erspan 0", "erspan and udp"]);
    assert_eq!(error("erspan 1024", &extended()).code, Code::OutOfRange);
}

#[test]
fn gtp_carries_packets_behind_its_extension_headers() {
    let header = |flags: u8, rest: &[u8]| {
        let mut header = vec![0x30 | flags, 0xff, 0, 0, 0, 0, 0, 77];
        if flags & 7 != 0 {
            header.extend([0, 1, 0]);
        }
        header.extend(rest);
        header
    };
    let session = [1, 0x10, 9]; // a PDU session container of one word, without its name for what follows
    let one = [&[0x85][..], &session, &[0]].concat();
    let two = [&[0x85][..], &session, &[0xc0, 2, 0, 0, 0, 0, 0, 0, 0]].concat();
    let these = ["gtp", "gtp 77", "gtp and tcp port 80", "gtp 77 and ip and tcp[13] = 2"];
    let those = ["gtp 78", "gtp and ip6", "gtp and udp", "gtp port 2153"];
    for (flags, rest) in [(0, &[][..]), (2, &[0x85]), (1, &[0]), (3, &[7]), (4, &[0]), (4, &one), (6, &two)] {
        check(&over_udp(9999, 2152, &behind(&header(flags, rest), &inner_packet())), &these, &those);
    }
    let inner6 = ipv6(17, &udp(53, 53, &[0; 4]));
    let packets = over_udp(2152, 2152, &behind(&header(4, &one), &inner6));
    check(&packets, &["gtp and ip6 and udp port 53", "gtp port 2152"], &["gtp and tcp"]);
    check(
        &over_udp(1, 2153, &behind(&header(0, &[]), &inner_packet())),
        &["gtp 77 port 2153 and tcp"],
        &["gtp"],
    );
    // An echo request, GTP', a chain of headers without an end.
    for payload in [&[0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0][..], &header(0, &[])] {
        let mut payload = payload.to_vec();
        if payload[1] == 0xff {
            payload[0] = 0x20;
        }
        check(&over_udp(1, 2152, &payload), &[], &["gtp"]);
    }
    let endless = [header(4, &[0x85]), [1, 0, 0, 0x85].repeat(10)].concat();
    check(&over_udp(1, 2152, &endless), &[], &["gtp"]);
}

#[test]
fn l2tp_carries_ppp_with_and_without_framing() {
    for flags in 0..8_u16 {
        let (length, numbers, offset) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
        let bits = 2 | u16::from(length) << 14 | u16::from(numbers) << 11 | u16::from(offset) << 9;
        let mut header = bits.to_be_bytes().to_vec();
        header.extend(vec![0; 2 * usize::from(length)]);
        header.extend([0, 5, 0, 6]);
        header.extend(vec![0; 4 * usize::from(numbers)]);
        if offset {
            header.extend([0, 3, 1, 2, 3]);
        }
        for framing in [&[0xff, 3, 0, 0x21][..], &[0, 0x21]] {
            let payload = [&header[..], framing, &inner_packet()].concat();
            let these = ["l2tp", "l2tp and ip and tcp port 80", "l2tp and tcp[13] = 2"];
            for (source, destination) in [(1701, 1701), (40000, 1701), (1701, 40000)] {
                let packets = over_udp(source, destination, &payload);
                check(&packets, &these, &["l2tp and ip6", "l2tp and udp", "l2tp port 1702"]);
            }
        }
    }
    // Control messages, and version 3.
    for bits in [0xc802_u16, 0x0003] {
        let payload = [&bits.to_be_bytes()[..], &[0; 20]].concat();
        check(&over_udp(1701, 1701, &payload), &[], &["l2tp"]);
    }
}

#[test]
fn wireguard_is_told_by_type_and_length_and_shifts_nothing() {
    for (kind, len) in [(1, 148), (2, 92), (3, 64), (4, 32), (4, 48), (4, 1456)] {
        let mut payload = vec![0; len];
        payload[0] = kind;
        let these = ["wireguard", "wireguard and udp port 51820", "wireguard and len > 40"];
        check(&over_udp(51820, 40000, &payload), &these, &["wireguard port 51821", "wireguard and tcp"]);
        check(&over_udp(40000, 51820, &payload), &these, &["not wireguard"]);
        check(&over_udp(7, 9, &payload), &["wireguard port 9"], &["wireguard"]);
        let mut reserved = payload.clone();
        reserved[2] = 1;
        check(&over_udp(51820, 51820, &reserved), &[], &["wireguard"]);
        payload.push(0);
        check(&over_udp(51820, 51820, &payload), &[], &["wireguard"]);
    }
}

#[test]
fn tunnels_on_other_ports() {
    let vxlan = [&[8, 0, 0, 0, 0, 0, 5, 0], &inner_frame()[..]].concat();
    let geneve = [&[0, 0, 0x65, 0x58, 0, 0, 5, 0], &inner_frame()[..]].concat();
    for (word, payload) in [("vxlan", vxlan), ("geneve", geneve)] {
        let packets = over_udp(1, 8472, &payload);
        let these = [format!("{word} port 8472 and tcp port 80"), format!("{word} 5 port 8472")];
        let those = [word.to_owned(), format!("{word} 6 port 8472"), format!("{word} port 4789")];
        check(&packets, &these.each_ref().map(String::as_str), &those.each_ref().map(String::as_str));
    }
    assert_eq!(error("vxlan port 65536", &extended()).code, Code::OutOfRange);
    assert_eq!(error("gre port 5", &extended()).code, Code::Unexpected);
}

#[test]
fn tunnels_in_tunnels() {
    let gre = behind(&[0, 0, 8, 0], &inner_packet());
    let vxlan = [&[8, 0, 0, 0, 0, 0, 5, 0][..], &ethernet(0x0800, &ipv4(47, &gre))].concat();
    check(
        &over_udp(1, 4789, &vxlan),
        &["vxlan 5 and gre and tcp port 80"],
        &["gre", "vxlan and tcp", "gre and vxlan"],
    );
}

#[test]
fn with_extension_headers_tunnels_are_found_behind_them() {
    let gre = behind(&[0, 0, 8, 0], &inner_packet());
    let packet = ethernet(0x86dd, &ipv6(60, &extension(60, 47, 0, &gre)));
    let mut options = extended();
    assert!(!accepts("gre and tcp port 80", &options, &packet));
    options.ipv6_extensions = true;
    assert!(accepts("gre and tcp port 80", &options, &packet));
}

#[test]
fn headers_that_are_cut_off_match_nothing() {
    let gre = over_ip(47, &[&[0xb0, 0, 8, 0][..], &[0; 12], &inner_packet()].concat());
    for packet in gre {
        let end = packet.len() - 12;
        assert!(accepts("gre and tcp port 80", &extended(), &packet));
        for len in 0..packet.len() {
            // The ports are in the first four bytes of the segment.
            let expected = len >= end - 4;
            assert_eq!(
                accepts("gre and tcp port 80", &extended(), &packet[..len]),
                expected,
                "{len} of {end}"
            );
        }
    }
}

#[test]
fn in_plain_filters_these_words_are_names() {
    for word in ["gre", "erspan", "gtp", "l2tp", "wireguard"] {
        let alone = error(word, &options(|_| {}));
        assert_eq!(alone.code, Code::NothingToInherit, "{word}");
        assert!(alone.help.iter().any(|help| help.text.contains("--extensions")), "{alone:?}");
        assert_eq!(error(&format!("host {word}"), &options(|_| {})).code, Code::UnknownHost, "{word}");
        let error = error(&format!("host {word}"), &extended());
        assert_eq!(error.code, Code::Unexpected, "{word}");
    }
    assert_eq!(error("vxlan port 5", &options(|_| {})).code, Code::Unexpected);
}

#[test]
fn printed_filters_are_read_back() {
    for text in [
        "gre and tcp",
        "erspan 5",
        "gtp 7 port 9 or not l2tp",
        "vxlan 5 port 8472",
        "wireguard port 1",
        r"host \gre",
    ] {
        let ast = parse_as(text, Dialect::Extended).unwrap();
        assert_eq!(print(&ast), text);
        assert!(same_meaning(&parse_as(&print(&ast), Dialect::Extended).unwrap(), &ast));
    }
}
