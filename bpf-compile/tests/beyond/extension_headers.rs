//! Transport protocols behind the extension headers of IPv6.

use bpf_compile::{LoopbackFamilies, Options};

use super::packets::{behind, ethernet, extension, fragment, ipv4, ipv4_with_options, ipv6, tcp, udp};
use super::{accepts, options};

const TCP: &[&str] = &[
    "tcp",
    "tcp port 80",
    "port 80",
    "dst port 80",
    "tcp dst portrange 70-90",
    "tcp[13] & 2 != 0",
    "tcp[2:2] = 80",
];

fn extended() -> Options {
    options(|options| options.ipv6_extensions = true)
}

/// Every chain of at most this many headers that can be stepped over, around a segment.
fn chains(depth: usize) -> Vec<(u8, Vec<u8>)> {
    let mut all = vec![(6, tcp(1024, 80, 2))];
    let mut last = all.clone();
    for _ in 0..depth {
        let mut next = Vec::new();
        for (kind, payload) in &last {
            for outer in [0, 43, 51, 60, 135, 139, 140] {
                next.push((outer, extension(outer, *kind, outer % 3, payload)));
            }
            next.push((44, fragment(*kind, 0, payload)));
        }
        all.extend(next.iter().cloned());
        last = next;
    }
    all
}

#[test]
fn transports_are_found_behind_every_chain_of_headers() {
    let all = chains(3);
    assert_eq!(all.len(), 1 + 8 + 64 + 512);
    for (kind, payload) in all {
        let packet = ethernet(0x86dd, &ipv6(kind, &payload));
        for filter in TCP {
            assert!(accepts(filter, &extended(), &packet), "{filter} behind {kind}");
        }
        for filter in ["udp", "udp port 80", "tcp port 81", "tcp[13] & 1 != 0", "icmp6", "sctp"] {
            assert!(!accepts(filter, &extended(), &packet), "{filter} behind {kind}");
        }
    }
}

#[test]
fn without_the_option_they_are_not() {
    let packet = ethernet(0x86dd, &ipv6(0, &extension(0, 6, 0, &tcp(1024, 80, 2))));
    for filter in TCP {
        assert!(!accepts(filter, &options(|_| {}), &packet), "{filter}");
    }
}

#[test]
fn a_later_fragment_has_a_protocol_and_no_ports() {
    for (next, payload) in [(6, tcp(1024, 80, 2)), (17, udp(1024, 80, &[0; 12]))] {
        let word = if next == 6 { "tcp" } else { "udp" };
        let later = ethernet(0x86dd, &ipv6(60, &extension(60, 44, 0, &fragment(next, 9, &payload))));
        assert!(accepts(word, &extended(), &later));
        assert!(accepts(&format!("ip6 proto {next}"), &extended(), &later));
        for filter in [format!("{word} port 80"), "port 80".into(), format!("{word}[2:2] = 80")] {
            assert!(!accepts(&filter, &extended(), &later), "{filter}");
        }
    }
    // What follows the header of a later fragment is the middle of something, though it is called a header.
    let inner = extension(60, 6, 0, &tcp(1024, 80, 2));
    let later = ethernet(0x86dd, &ipv6(44, &fragment(60, 9, &inner)));
    assert!(!accepts("tcp", &extended(), &later) && !accepts("port 80", &extended(), &later));
}

#[test]
fn the_walk_is_as_long_as_asked_for() {
    let mut payload = (6, tcp(1024, 80, 2));
    for count in 0..12 {
        let packet = ethernet(0x86dd, &ipv6(payload.0, &payload.1));
        for depth in [1, 3, 8] {
            let options = options(|options| {
                options.ipv6_extensions = true;
                options.chain_depth = depth;
            });
            for filter in TCP {
                assert_eq!(
                    accepts(filter, &options, &packet),
                    count <= depth,
                    "{filter}: {count} of {depth}"
                );
            }
        }
        payload = (60, extension(60, payload.0, 0, &payload.1));
    }
}

#[test]
fn bytes_of_transport_headers_are_those_of_either_version() {
    let segment = tcp(1024, 80, 2);
    for packet in [
        ethernet(0x0800, &ipv4(6, &segment)),
        ethernet(0x0800, &ipv4_with_options(3, 6, &segment)),
        ethernet(0x86dd, &ipv6(6, &segment)),
        ethernet(0x86dd, &ipv6(0, &extension(0, 6, 1, &segment))),
    ] {
        for filter in [
            "tcp[tcpflags] = tcp-syn",
            "tcp[0:2] = 1024 and tcp[2:2] = 80",
            "tcp[0:2] + tcp[2:2] = 1104",
            "tcp[tcp[13] + 1] = 80",
        ] {
            assert!(accepts(filter, &extended(), &packet), "{filter}");
        }
        // As in libpcap what stands right of an operator is read of any packet.
        assert!(!accepts("1 + tcp[0:2] = 7", &extended(), &packet));
    }
    let echo = ethernet(0x86dd, &ipv6(0, &extension(0, 58, 0, &[128, 0, 0, 0, 0, 1, 0, 1])));
    assert!(
        accepts("icmp6[icmp6type] = icmp6-echo", &extended(), &echo) && accepts("icmp6", &extended(), &echo)
    );
    assert!(!accepts("icmp6[0] = 128", &options(|_| {}), &echo));
}

#[test]
fn what_is_right_of_an_operator_lies_behind_an_ipv4_header_if_no_guard_found_it() {
    let (plain, extended) = (options(|_| {}), extended());
    let both = |filter: &str, packet: &[u8], expected: bool| {
        assert_eq!(accepts(filter, &plain, packet), expected, "{filter}");
        assert_eq!(accepts(filter, &extended, packet), expected, "{filter} with extension headers");
    };
    let empty = ethernet(0x0800, &ipv4(6, &tcp(1024, 80, 2)));
    let full = ethernet(0x0800, &ipv4_with_options(2, 6, &[&tcp(1024, 80, 2)[..], b"GET /"].concat()));
    // Bytes behind the TCP header, as everybody asks for them.
    let has_data = "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)";
    both(has_data, &empty, false);
    both(has_data, &full, true);
    for packet in [&empty, &full, &ethernet(0x0800, &ipv4(17, &tcp(1024, 80, 2)))] {
        both("1 + tcp[0:2] = 1025", packet, true);
        both("5 - -tcp[2:2] = 85", packet, true);
        both("ip[7 + tcp[13]] = 6 and ip[5 + -(-2 * tcp[13])] = 6", packet, packet[23] == 6);
    }
    // Of a header that the other side found it is right for either version, and of none otherwise.
    let second = ethernet(0x86dd, &ipv6(60, &extension(60, 6, 2, &tcp(1024, 80, 2))));
    for filter in
        ["tcp[0:2] = 944 + tcp[2:2]", "tcp[2:2] + (9 + tcp[0:2]) = 1113", "944 + tcp[2:2] = tcp[0:2]"]
    {
        assert!(accepts(filter, &extended, &second) && accepts(filter, &extended, &empty), "{filter}");
    }
    let echo = ethernet(0x86dd, &ipv6(58, &[128, 0, 0, 0, 0, 1, 0, 1]));
    both("1 + icmp6[0] = 129", &echo, true);
    both("1 + icmp6[0] = 1 + link[54]", &full, true);
}

#[test]
fn several_in_one_filter_do_not_mix_up() {
    let first = ethernet(0x86dd, &ipv6(0, &extension(0, 6, 0, &tcp(1024, 80, 2))));
    let second = ethernet(0x86dd, &ipv6(60, &extension(60, 17, 2, &udp(53, 53, &[0; 8]))));
    let third = ethernet(0x0800, &ipv4(17, &udp(53, 5353, &[0; 8])));
    for (filter, expected) in [
        ("tcp port 80 or udp port 53", [true, true, true]),
        ("not tcp and not udp dst port 53", [false, false, true]),
        ("(tcp[13] = 2 or udp[2:2] = 53) and ip6", [true, true, false]),
        ("udp[0:2] = 53 and not (tcp port 80 or dst port 5353)", [false, true, false]),
        ("ip6 protochain 17 or tcp[2:2] = 80", [true, true, false]),
    ] {
        let found = [&first, &second, &third].map(|packet| accepts(filter, &extended(), packet));
        assert_eq!(found, expected, "{filter}");
    }
}

#[test]
fn headers_that_are_cut_off_match_nothing_and_harm_nothing() {
    let whole = ethernet(0x86dd, &ipv6(0, &extension(0, 51, 2, &extension(51, 6, 3, &tcp(1024, 80, 2)))));
    for len in 0..whole.len() {
        let cut = &whole[..len];
        let last = if len < 14 + 40 + 24 + 20 + 4 { "port 80" } else { "tcp port 81" };
        assert!(!accepts(last, &extended(), cut), "{len} bytes");
    }
    // A length that leads beyond every packet, and one that wraps.
    let far = ethernet(0x86dd, &ipv6(0, &behind(&[6, 255], &[0; 30])));
    assert!(!accepts("tcp port 80", &extended(), &far));
}

#[test]
fn every_link_layer_with_ipv6_has_them() {
    let inner = ipv6(43, &extension(43, 6, 0, &tcp(1024, 80, 2)));
    let packets = [
        (12, inner.clone()),
        (0, behind(&[30, 0, 0, 0], &inner)),
        (9, behind(&[0xff, 3, 0, 0x57], &inner)),
        (113, behind(&[0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd], &inner)),
        // Radiotap of 8 bytes, data, LLC.
        (
            127,
            [&[0, 0, 8, 0, 0, 0, 0, 0, 8, 0][..], &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd], &inner]
                .concat(),
        ),
    ];
    for (dlt, packet) in packets {
        let mut options = extended();
        options.link_type = bpf_compile::link::LinkType(dlt);
        options.loopback_families = LoopbackFamilies::Savefile;
        for filter in TCP {
            assert!(accepts(filter, &options, &packet), "{filter} on {dlt}");
        }
    }
}
