//! What libpcap 1.10 does not know, held against what it is like: VXLAN against the frame inside of it, Ethernet with a
//! switch's tag against Ethernet without.

use bpf_compile::names::{Embedded, Fixed, HostAddresses, Resolver};
use bpf_compile::syntax;
use snapgate_tests::cases;
use snapgate_tests::eval::evaluate;
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::rng::Rng;

const EN10MB: u16 = 1;
const DSA_TAG_DSA: u16 = 284;

const FILTERS: &[&str] = &[
    "ip",
    "ip6",
    "arp",
    "tcp",
    "udp port 53",
    "host 10.0.0.1",
    "net 10",
    "ip6 host fe80::1",
    "broadcast",
    "multicast",
    "ether multicast",
    "llc",
    "stp",
    "ipx",
    "atalk",
    "vlan",
    "vlan and ip",
    "mpls and ip",
    "pppoes and ip6",
    "ip[8] < 65",
    "tcp[13] & 2 != 0",
    "ip6[6] = 58",
    "port 80",
    "ether proto 0x42",
    "icmp or icmp6",
    "not tcp",
];

fn verdict(text: &str, dlt: u16, names: &dyn Resolver, data: &[u8]) -> bool {
    let ast = syntax::parse(text).unwrap();
    evaluate(&ast, dlt, None, names, data, u32::try_from(data.len()).unwrap()).unwrap()
}

#[test]
fn vxlan_looks_at_the_frame_inside() {
    let pool = mutate::recorded(Some(EN10MB)).unwrap();
    let mut accepted = 0;
    cases::run("vxlan and the frame inside", 4_000, |rng: &mut Rng| {
        let inner = mutate::draw(rng, &pool).data;
        let text = *rng.pick(FILTERS);
        let v6 = rng.one_in(2);
        // Ethernet, IP without options, UDP, VXLAN with the identifier 5.
        let mut outer = vec![0; 12];
        outer.extend(if v6 { [0x86, 0xdd] } else { [8, 0] });
        let network = outer.len();
        outer.resize(network + if v6 { 40 } else { 20 }, 0);
        outer[network] = if v6 { 0x60 } else { 0x45 };
        outer[network + if v6 { 6 } else { 9 }] = 17;
        outer.extend([0x30, 0x39, 0x12, 0xb5, 0, 0, 0, 0]);
        outer.extend([8, 0, 0, 0, 0, 0, 5, 0]);
        outer.extend(&inner);
        let expected = verdict(text, EN10MB, &Embedded, &inner);
        accepted += u32::from(expected);
        for start in ["vxlan", "vxlan 5"] {
            let text = format!("{start} and ({text})");
            if verdict(&text, EN10MB, &Embedded, &outer) != expected {
                return Err(format!("{text}: not {expected} on {}", cases::hex(&outer)));
            }
        }
        if verdict("vxlan 6", EN10MB, &Embedded, &outer) || !verdict("vxlan 5", EN10MB, &Embedded, &outer) {
            return Err(format!("vxlan 5 is not found on {}", cases::hex(&outer)));
        }
        Ok(())
    });
    assert!(accepted > 100, "{accepted}");
}

#[test]
fn a_switch_tag_moves_the_type() {
    let pool = mutate::recorded(Some(EN10MB)).unwrap();
    cases::run("a switch's tag", 4_000, |rng: &mut Rng| {
        let Sample { data: plain, .. } = mutate::draw(rng, &pool);
        // Short of the type there is nothing to put a tag before.
        if plain.len() < 14 {
            return Ok(());
        }
        let text = *rng.pick(FILTERS);
        let mut tagged = plain.clone();
        tagged.splice(12..12, [0xc0, 1, 2, 3]);
        let expected = verdict(text, EN10MB, &Embedded, &plain);
        if verdict(text, DSA_TAG_DSA, &Embedded, &tagged) == expected {
            return Ok(());
        }
        Err(format!("{text}: not {expected} on {}", cases::hex(&tagged)))
    });
}

#[test]
fn chains_step_over_ah_by_its_length() {
    // Ethernet and IPv6, then AH twice (of 24 and 16 bytes), destination options of 8 bytes, TCP.
    let mut packet = vec![0; 12];
    packet.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 68, 51, 64]);
    packet.resize(14 + 40, 0);
    packet.extend([51, 4]);
    packet.resize(14 + 40 + 24, 0xff);
    packet.extend([60, 2]);
    packet.resize(14 + 40 + 24 + 16, 0xff);
    packet.extend([6, 0, 1, 4, 0, 0, 0, 0]);
    packet.resize(packet.len() + 20, 0);
    assert!(verdict("ip6 protochain 6", EN10MB, &Embedded, &packet));
    assert!(verdict("protochain 60", EN10MB, &Embedded, &packet));
    assert!(verdict("ip6 protochain 51 and not ip6 protochain 17", EN10MB, &Embedded, &packet));
    let cut = &packet[..14 + 40 + 24];
    assert!(!verdict("ip6 protochain 6", EN10MB, &Embedded, cut));
    assert!(!verdict("not ip6 protochain 6", EN10MB, &Embedded, cut));
}

#[test]
fn a_gateway_passes_on_what_is_not_its_own() {
    let addresses = HostAddresses { v4: vec![[10, 0, 0, 1].into()], v6: vec![] };
    let names = Fixed::new().with_host("router", addresses).with_ether("router", [2, 0, 0, 0, 0, 1]);
    let packet = |mac: u8, address: u8| {
        let mut packet = vec![2, 0, 0, 0, 0, mac, 2, 0, 0, 0, 0, 9, 8, 0, 0x45];
        packet.resize(14 + 16, 0);
        packet.extend([10, 0, 0, address]);
        packet
    };
    assert!(verdict("gateway router", EN10MB, &names, &packet(1, 7)));
    assert!(verdict("ip gateway router", EN10MB, &names, &packet(1, 7)));
    assert!(!verdict("gateway router", EN10MB, &names, &packet(1, 1)));
    assert!(!verdict("gateway router", EN10MB, &names, &packet(2, 7)));
}
