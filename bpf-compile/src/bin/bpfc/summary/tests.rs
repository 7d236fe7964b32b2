//! Lines of known packets, and that no bytes whatever make one fail.

use bpf_compile::link::LinkType;
use proptest::prelude::*;

use super::*;
use crate::capture::Time;

const DISSECTED: [LinkType; 8] = [
    LinkType::EN10MB,
    LinkType::RAW,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::NULL,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::LINUX_SLL2,
];

/// The line of a packet without its time and newline.
fn line_of(link_type: LinkType, data: &[u8], verbose: bool) -> String {
    let packet = Packet {
        raw: data,
        data,
        wire_len: u32::try_from(data.len()).unwrap(),
        time: Time::Unknown,
        interface: 0,
        link_type,
        snap_len: 65535,
    };
    let mut line = String::new();
    Summaries::new(verbose).line(&mut line, &packet, 1);
    assert_eq!(line.matches('\n').count(), 1);
    line.trim_start_matches("--:--:--.------ ").trim_end().to_owned()
}

fn ip4(protocol: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let [high, low] = fragment.to_be_bytes();
    let header = [0x45, 0, total[0], total[1], 0, 9, high, low, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    [&header[..], payload].concat()
}

fn ip6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, length[0], length[1], next_header, 255];
    for last in [1, 2] {
        packet.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend(payload);
    packet
}

fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = ether_type.to_be_bytes();
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, high, low][..], payload].concat()
}

fn raw(data: &[u8]) -> String {
    line_of(LinkType::RAW, data, false)
}

#[test]
fn transports() {
    let ports = [0, 53, 0x30, 0x39];
    let udp = [&ports[..], &[0, 12, 0, 0, 1, 2, 3, 4]].concat();
    assert_eq!(raw(&ip4(17, 0, &udp)), "IP 10.0.0.1.53 > 10.0.0.2.12345: udp 4");
    assert_eq!(raw(&ip6(17, &udp)), "IP6 fe80::1.53 > fe80::2.12345: udp 4");
    let tcp = |flags| [&ports[..], &[0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]].concat();
    assert_eq!(raw(&ip4(6, 0, &tcp(2))), "IP 10.0.0.1.53 > 10.0.0.2.12345: tcp 0, flags [S]");
    assert_eq!(raw(&ip4(6, 0, &tcp(0))), "IP 10.0.0.1.53 > 10.0.0.2.12345: tcp 0, flags [none]");
    assert_eq!(raw(&ip4(6, 0, &tcp(0xff))), "IP 10.0.0.1.53 > 10.0.0.2.12345: tcp 0, flags [FSRP.UEW]");
    assert_eq!(raw(&ip4(6, 0, &ports)), "IP 10.0.0.1.53 > 10.0.0.2.12345: tcp [cut]");
    assert_eq!(raw(&ip4(132, 0, &[&ports[..], &[0; 8]].concat())), "IP 10.0.0.1.53 > 10.0.0.2.12345: sctp 0");
    assert_eq!(raw(&ip4(47, 0, &[0; 4])), "IP 10.0.0.1 > 10.0.0.2: gre 4");
    assert_eq!(raw(&ip4(252, 0, &[0; 4])), "IP 10.0.0.1 > 10.0.0.2: ip-proto-252 4");
}

#[test]
fn control_messages() {
    let echo = [8, 0, 0, 0, 0, 7, 0, 1];
    assert_eq!(raw(&ip4(1, 0, &echo)), "IP 10.0.0.1 > 10.0.0.2: icmp echo request, id 7, seq 1, length 8");
    let unreachable = [3, 3, 0, 0, 0, 0, 0, 0];
    assert_eq!(raw(&ip4(1, 0, &unreachable)), "IP 10.0.0.1 > 10.0.0.2: icmp port unreachable, length 8");
    let mut solicitation = vec![135, 0, 0, 0, 0, 0, 0, 0];
    solicitation.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
    let expected = "IP6 fe80::1 > fe80::2: icmp6 neighbor solicitation, target fe80::9, length 24";
    assert_eq!(raw(&ip6(58, &solicitation)), expected);
    let echo = [129, 0, 0, 0, 0, 7, 0, 1];
    assert_eq!(raw(&ip6(58, &echo)), "IP6 fe80::1 > fe80::2: icmp6 echo reply, id 7, seq 1, length 8");
}

#[test]
fn fragments() {
    let udp = [0, 53, 0x30, 0x39, 0, 100, 0, 0];
    assert_eq!(raw(&ip4(17, 0x2000, &udp)), "IP 10.0.0.1.53 > 10.0.0.2.12345: udp 0, fragment at 0+");
    assert_eq!(raw(&ip4(17, 0x00b9, &udp)), "IP 10.0.0.1 > 10.0.0.2: udp 8, fragment at 1480");
    let verbose = line_of(LinkType::RAW, &ip4(17, 0x20b9, &udp), true);
    assert!(verbose.ends_with("10.0.0.1 > 10.0.0.2: udp 8, fragment at 1480+ of 0x9"), "{verbose}");
    let fragment = [&[17, 0, 0x05, 0xc8, 0, 0, 0, 5][..], &udp].concat();
    assert_eq!(raw(&ip6(44, &fragment)), "IP6 fe80::1 > fe80::2: udp 8, fragment at 1480");
}

#[test]
fn extension_headers_are_passed() {
    let udp = [0, 53, 0x30, 0x39, 0, 8, 0, 0];
    let options = [&[17, 0, 1, 4, 0, 0, 0, 0][..], &udp].concat();
    assert_eq!(raw(&ip6(0, &options)), "IP6 fe80::1.53 > fe80::2.12345: udp 0");
}

#[test]
fn link_headers() {
    let udp = ip4(17, 0, &[0, 53, 0x30, 0x39, 0, 8, 0, 0]);
    let line = "IP 10.0.0.1.53 > 10.0.0.2.12345: udp 0";
    assert_eq!(line_of(LinkType::EN10MB, &ethernet(0x0800, &udp), false), line);
    let tagged = ethernet(0x8100, &[&[0x20, 5, 8, 0][..], &udp].concat());
    assert_eq!(line_of(LinkType::EN10MB, &tagged, false), format!("vlan 5, {line}"));
    for (link_type, family) in [
        (LinkType::NULL, [2, 0, 0, 0]),
        (LinkType::NULL, [0, 0, 0, 2]),
        (LinkType::NULL, [30, 0, 0, 0]),
        (LinkType::LOOP, [0, 0, 0, 24]),
    ] {
        assert_eq!(line_of(link_type, &[&family[..], &udp].concat(), false), line);
    }
    let sll2 = [&[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0][..], &udp].concat();
    assert_eq!(line_of(LinkType::LINUX_SLL2, &sll2, false), format!("Out {line}"));
    assert_eq!(line_of(LinkType::NULL, &[9, 0, 0, 0, 1], false), "address family 9, length 5");
    assert_eq!(line_of(LinkType::PPP, &[1, 2], false), "PPP, length 2");
    assert_eq!(line_of(LinkType(999), &[], false), "999, length 0");
}

#[test]
fn other_protocols_are_named() {
    let macs = "02:00:00:00:00:01 > 02:00:00:00:00:02";
    let line = |frame: &[u8]| line_of(LinkType::EN10MB, frame, false);
    assert_eq!(line(&ethernet(0x88cc, &[0; 4])), format!("{macs}, LLDP, length 18"));
    assert_eq!(line(&ethernet(0x1234, &[0; 4])), format!("{macs}, ethertype 0x1234, length 18"));
    assert_eq!(line(&ethernet(0x8100, &[0, 5, 0x88, 0xcc])), format!("{macs}, vlan 5, LLDP, length 18"));
    assert_eq!(
        line(&ethernet(38, &[0x42, 0x42])),
        format!("{macs}, 802.3, LLC dsap 0x42 ssap 0x42, length 38")
    );
    assert_eq!(line(&[1, 2, 3]), "EN10MB, length 3");
    let arp = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2];
    assert_eq!(line(&ethernet(0x0806, &arp)), "ARP who-has 10.0.0.2 tell 10.0.0.1, length 28");
    let mut reply = arp;
    reply[7] = 2;
    assert_eq!(line(&ethernet(0x0806, &reply)), "ARP 10.0.0.1 is-at 02:00:00:00:00:01, length 28");
}

proptest! {
    #[test]
    fn any_bytes_make_one_line(data in proptest::collection::vec(any::<u8>(), 0..120), kind in 0..8_usize) {
        for verbose in [false, true] {
            line_of(DISSECTED[kind], &data, verbose);
        }
    }

    #[test]
    fn any_damage_to_a_packet_makes_one_line(
        protocol in prop_oneof![Just(1_u8), Just(6), Just(17), Just(44), Just(0), Just(51), Just(58), any::<u8>()],
        tail in proptest::collection::vec(any::<u8>(), 0..80),
        at in 0..60_usize,
        value in any::<u8>(),
        cut in 0..140_usize,
    ) {
        let packets = [ip4(protocol, 0, &tail), ip6(protocol, &tail)];
        for (packet, ether_type) in packets.into_iter().zip([0x0800, 0x86dd]) {
            let mut frame = ethernet(ether_type, &packet);
            if let Some(byte) = frame.get_mut(at) {
                *byte = value;
            }
            frame.truncate(cut);
            for verbose in [false, true] {
                line_of(LinkType::EN10MB, &frame, verbose);
                line_of(LinkType::RAW, frame.get(14..).unwrap_or_default(), verbose);
            }
        }
    }
}
