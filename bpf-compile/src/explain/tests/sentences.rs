//! What is said of clauses and fields.

use super::*;
use crate::opt::Pass;

fn told(text: &str) -> Vec<String> {
    let lines = words(text, &parse(text).unwrap(), &Options::new(LinkType::EN10MB));
    let line = |line: &Line| {
        let not = if line.negated { "not " } else { "" };
        format!("{}{not}{}", "  ".repeat(line.depth as usize), line.text)
    };
    lines.iter().map(line).collect()
}

/// The only line.
fn sentence(text: &str) -> String {
    let lines = told(text);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.concat()
}

#[test]
fn structure_is_indentation() {
    assert_eq!(told(""), ["every packet"]);
    let lines = told("ip and not (arp or not not udp)");
    assert_eq!(lines[0], "all of these:");
    assert_eq!(lines[1], "  an IPv4 packet, as the link layer says");
    assert_eq!(lines[2], "  none of these:");
    assert_eq!(lines[3], "    an ARP packet, as the link layer says");
    assert_eq!(lines[4], "    UDP over IPv4, or over IPv6 directly or behind one fragment header");
    assert_eq!(told("not arp"), ["not an ARP packet, as the link layer says"]);
}

#[test]
fn hosts_say_where_they_are_looked_for() {
    assert_eq!(
        sentence("host 10.0.0.1"),
        "the source or destination address is 10.0.0.1, in IPv4, ARP or RARP"
    );
    assert_eq!(sentence("ip src 10.0.0.1"), "the source address is 10.0.0.1, in IPv4");
    assert_eq!(
        sentence("dst net 10.1"),
        "the destination address is in the network 10.1, in IPv4, ARP or RARP"
    );
    assert_eq!(sentence("host ::1"), "the source or destination address is ::1, in IPv6");
    assert_eq!(sentence("host 10"), "the source or destination address is 0.0.0.10, in IPv4, ARP or RARP");
    assert_eq!(sentence("ether src 2:0:0:0:0:1"), "the source MAC address is 02:00:00:00:00:01");
    let raw = words("host 10.0.0.1", &parse("host 10.0.0.1").unwrap(), &Options::new(LinkType::RAW));
    assert_eq!(raw[0].text, "the source or destination address is 10.0.0.1, in IPv4");
}

#[test]
fn ports_say_over_what() {
    let places = "in IPv6 directly behind the fixed header, in IPv4 in first fragments";
    assert_eq!(
        sentence("port 80"),
        format!("the source or destination port is 80, over TCP, UDP or SCTP: {places}")
    );
    let lines = told("tcp dst port 80 or 443");
    assert_eq!(
        lines[2],
        format!("  the destination port is 443, over TCP: {places}; inherits `tcp dst port`")
    );
}

#[test]
fn numbers_say_what_is_asked_first() {
    assert_eq!(
        sentence("tcp[13] & 2 != 0"),
        "`tcp[13] & 2` differs from `0`; only in TCP over IPv4 (first fragments)"
    );
    assert!(sentence("1 + ip[0] = 70").ends_with("are not asked for first"));
    assert_eq!(sentence("ip6[6] = 58"), "`ip6[6]` equals `58`; only in IPv6");
}

#[test]
fn what_was_shifted_is_said() {
    let lines =
        told("ip or vlan and ip and vlan and mpls and host 10.0.0.1 and less 60 and ether src 2:0:0:0:0:1");
    let of = |end: &str| lines.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!(of("; looked for behind a VLAN tag"), 2, "{lines:?}");
    assert_eq!(of("in IPv4; looked for behind 2 VLAN tags and an MPLS label"), 1, "{lines:?}");
    assert_eq!(of("bytes on the wire"), 1);
    assert_eq!(of("02:00:00:00:00:01"), 1, "VLAN tags stand behind the addresses");
}

#[test]
fn scoped_shifts_end_with_their_alternative() {
    let text = "vlan and ip or mpls and ip6 or (vlan 5 or vlan 6) and tcp or udp";
    let mut options = Options::new(LinkType::EN10MB);
    options.scoped = true;
    let told = |options: &Options| {
        let lines = words(text, &parse(text).unwrap(), options);
        let of = |clause: &str| {
            let line = lines.iter().find(|line| line.clause.is_some_and(|span| span.text(text) == clause));
            line.unwrap().text.split("; looked for ").nth(1).unwrap_or("not shifted").to_owned()
        };
        ["ip", "ip6", "udp"].map(of)
    };
    assert_eq!(told(&options)[0], "behind a VLAN tag");
    assert_ne!(told(&options)[2], told(&Options::new(LinkType::EN10MB))[2]);
}

#[test]
fn extension_headers_are_stepped_over_where_that_is_asked_for() {
    let mut options = Options::new(LinkType::EN10MB);
    options.ipv6_extensions = true;
    let told = |text: &str| words(text, &parse(text).unwrap(), &options)[0].text.clone();
    assert_eq!(told("udp"), "UDP over IPv4, or over IPv6 behind its extension headers");
    assert!(told("port 80").contains("in IPv6 behind the extension headers, in IPv4"));
    assert!(told("tcp[13] = 2").ends_with("or IPv6 (behind extension headers)"));
    assert_eq!(told("ip6 proto 6"), "the protocol is 6 (TCP), over IPv6 behind its extension headers");
}

fn purposes(text: &str, link_type: LinkType) -> Vec<String> {
    let mut options = Options::new(link_type);
    // As it is written.
    options.passes = options.passes.without(Pass::Order).without(Pass::Dispatch);
    let explanation = Explanation::new(text, &options, &resolver()).unwrap();
    let all = (0..explanation.program().insns().len()).map(|pc| explanation.purpose(pc));
    all.filter(|purpose| !purpose.is_empty() && !purpose.contains("match")).collect()
}

#[test]
fn fields_have_their_names() {
    assert_eq!(
        purposes("ip src net 10.0.0.0/8", LinkType::EN10MB),
        ["EtherType is 0x0800 (ip)", "IPv4 source under the mask 255.0.0.0 is 10.0.0.0"]
    );
    assert_eq!(purposes("vlan 5", LinkType::EN10MB).last().unwrap(), "VLAN id is 5");
    assert_eq!(purposes("mpls 9", LinkType::EN10MB), ["EtherType is 0x8847 (MPLS)", "MPLS label is 9"]);
    assert_eq!(purposes("icmp[0] = 8", LinkType::IPV4).last().unwrap(), "ICMP type is 8");
    assert_eq!(purposes("ip6", LinkType::RAW), ["IP version is 6"]);
    assert_eq!(purposes("arp[6:2] = 1 and arp[14:4] = 1", LinkType::EN10MB)[1], "ARP operation is 1");
    assert_eq!(
        purposes("ether dst 2:0:0:0:0:1", LinkType::EN10MB)[0],
        "bytes 2 to 5 of the destination MAC address is 0x1"
    );
    let radiotap = purposes("ip", LinkType::IEEE802_11_RADIO);
    assert!(radiotap[0].starts_with("M[15] keeps "), "{radiotap:?}");
}

#[test]
fn who_decided() {
    let packet = [
        &[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 40, 0, 7, 0, 0, 64, 6, 0, 0][..],
        &[10, 0, 0, 1, 10, 0, 0, 2, 1, 187, 199, 56],
    ]
    .concat();
    let decided = |text: &str| {
        let explanation = Explanation::new(text, &Options::new(LinkType::EN10MB), &resolver()).unwrap();
        let story = explanation.packet(&SlicePacket::new(&packet, 60));
        let decision = story.decision.unwrap();
        let parts: Vec<String> =
            decision.parts.iter().map(|(span, reason)| format!("{}: {reason}", span.text(text))).collect();
        (story.verdict != 0, format!("{}: {}", decision.place.text(text), decision.reason), parts)
    };
    assert_eq!(
        decided("arp or tcp port 80 or not udp"),
        (true, "udp: does not hold: IPv4 protocol is 6 (TCP)".into(), vec![])
    );
    assert_eq!(
        decided("ip and (udp or host 10.0.0.9)"),
        (
            false,
            "udp or host 10.0.0.9: none of this holds".into(),
            vec![
                "udp: does not hold: IPv4 protocol is 6 (TCP)".into(),
                "host 10.0.0.9: does not hold: IPv4 source is 10.0.0.1, IPv4 destination is 10.0.0.2".into(),
            ]
        )
    );
    assert_eq!(
        decided("tcp[13] = 2"),
        (false, "tcp[13] = 2: what this needs is not there, which rejects the packet".into(), vec![])
    );
}
