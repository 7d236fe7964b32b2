//! Each warning by example, with its place between `«` and `»`, and what must stay silent.

use super::*;

fn expect(code: Code, examples: &[&str]) {
    let mut wrong = Vec::new();
    for example in examples {
        let start = example.find('«').expect("a place");
        let end = example.find('»').expect("a place") - '«'.len_utf8();
        let text = example.replace(['«', '»'], "");
        let found = lint_ethernet(&text);
        let places: Vec<_> =
            found.iter().map(|warning| (warning.code, warning.primary.span.range())).collect();
        if places != [(code, start..end)] {
            wrong.push(format!("{example}: {places:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn silent(examples: &[&str]) {
    let loud: Vec<_> =
        examples.iter().map(|text| (text, codes(text))).filter(|(_, codes)| !codes.is_empty()).collect();
    assert!(loud.is_empty(), "{loud:?}");
}

/// The changes that the only warning offers.
fn offers(text: &str) -> Vec<String> {
    let warnings = lint_ethernet(text);
    let [warning] = warnings.as_slice() else { panic!("{text}: {warnings:?}") };
    patched(text, warning)
}

#[test]
fn idioms_are_silent() {
    silent(&[
        "",
        "port 80 or 443",
        "tcp port 80 or 443 or 8080",
        "host 10.0.0.1 and 10.0.0.2",
        "host 10.0.0.1 and not 10.0.0.2",
        "not port 22",
        "not (port 22 or 80)",
        "not port 22 and not port 80",
        "not port (22 or 80)",
        "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10",
        "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
        "ether[0] & 1 = 0 and ip[16] >= 224",
        "icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply",
        "gateway 10.0.0.1 and (port ftp or ftp-data)",
        "src or dst port 80",
        "tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420",
        "vlan 5 and vlan and ip",
        "ip or arp or rarp",
    ]);
}

#[test]
fn and_behind_or() {
    expect(
        Code::MixedOperators,
        &[
            "ip or arp «and» less 60",
            "ip || arp «&&» less 60",
            "less 60 and (ip or arp «and» len > 5)",
            "(ip) or (arp) «and» (less 60)",
            "ip or arp «and» less 60 or ip6",
            "tcp and udp or icmp «and» less 60",
            "port (80 or 443 «and» 22)",
        ],
    );
    silent(&[
        "ip and less 60 or arp",
        "(ip or arp) and less 60",
        "ip or (arp and less 60)",
        "port (80 or 443) and tcp",
        "less 60 and (ip or arp)",
    ]);
    assert_eq!(offers("ip or arp and less 60"), ["ip or (arp and less 60)", "(ip or arp) and less 60"]);
    assert_eq!(
        offers("ip or arp and less 60 or ip6"),
        ["ip or (arp and less 60) or ip6", "((ip or arp) and less 60) or ip6"]
    );
}

#[test]
fn changes_keep_what_ids_inherit() {
    // In parentheses the last id would have nothing to inherit, or something else.
    assert_eq!(
        offers("host 10.0.0.1 or 10.0.0.2 and 10.0.0.3"),
        ["host 10.0.0.1 or (10.0.0.2 and 10.0.0.3)"]
    );
    let none: [&str; 0] = [];
    assert_eq!(offers("src net 10 or dst net 11 and less 60 or dst net 12").len(), 2);
    assert_eq!(offers("src net 10 or dst net 11 and tcp port 5 or 7"), none);
}

#[test]
fn not_does_not_reach() {
    expect(
        Code::NotDoesNotReach,
        &[
            "not host 10.0.0.1 and «10.0.0.2»",
            "! port 22 and «80» and 443",
            "not port 22 or «80»",
            "tcp and not port 22 and («80» or 443)",
            "port 22 and not 23 and «24»",
        ],
    );
    silent(&[
        "not host 10.0.0.1 and not 10.0.0.2",
        "not host 10.0.0.1 and host 10.0.0.2",
        "not tcp and port 80",
    ]);
    assert_eq!(
        offers("not host 10.0.0.1 and 10.0.0.2"),
        ["not host 10.0.0.1 and not 10.0.0.2", "not host 10.0.0.1 and host 10.0.0.2"]
    );
    assert_eq!(offers("!port 22 or 80"), ["!(port 22 or 80)", "!port 22 or port 80"]);
    assert_eq!(
        offers("not port 22 and 80 and 443"),
        ["not port 22 and not 80 and not 443", "not port 22 and port 80 and port 443"]
    );
}

#[test]
fn misleading_inheritance() {
    expect(
        Code::MisleadingInheritance,
        &[
            "src host 10.0.0.1 and «10.0.0.2»",
            "tcp and dst port 80 and «443»",
            "src 10.0.0.1 and «10.0.0.2» and 10.0.0.3",
            "ip proto 6 and «17»",
            "src and dst port 80 and «443»",
            "src net 10 or (dst net 11) or «12»",
        ],
    );
    silent(&[
        "src host 10.0.0.1 or 10.0.0.2",
        "src net 10 and 10.1",
        "src host 10.0.0.1 and dst host 10.0.0.2",
        "src host 10.0.0.1 and dst 10.0.0.2",
        "src net 10 or dst net 11 or 12",
        "port 80 and 443",
        "ip6 proto 44 and 6",
    ]);
    assert_eq!(
        offers("src host 10.0.0.1 and 10.0.0.2"),
        ["src host 10.0.0.1 and dst host 10.0.0.2", "src host 10.0.0.1 or 10.0.0.2"]
    );
    assert_eq!(
        offers("tcp and dst port 80 and 443"),
        ["tcp and dst port 80 and src port 443", "tcp and (dst port 80 or 443)"]
    );
    assert_eq!(
        offers("src net 10 or (dst net 11) or 12"),
        ["src net 10 or (dst net 11) or src net 12", "src net 10 or (dst net 11) or dst net 12"]
    );
}

#[test]
fn shifted_clauses() {
    expect(
        Code::ShiftedClause,
        &[
            "vlan or «ip»",
            "vlan 5 or «ip» or arp",
            "not vlan and «ip»",
            "(vlan and ip) or «arp»",
            "vlan and ip or «arp»",
            "(vlan or less 60) and «ip»",
            "vlan or «ip[0] = 0x45»",
            "mpls or «host 10.0.0.1»",
            "geneve or «ether host 0:1:2:3:4:5»",
            "not (vlan and ip) and «arp»",
        ],
    );
    silent(&[
        "vlan and ip",
        "vlan and (ip or arp)",
        "ip or vlan",
        "ip or (vlan and ip)",
        "not (vlan and ip)",
        "ip and not vlan",
        "vlan or less 60",
        "vlan or ether host 0:1:2:3:4:5",
        "vlan or ether[0] & 1 = 1",
        "vlan or broadcast",
        "not (not vlan or ip)",
        "not not vlan and ip",
        "pppoed or ip",
    ]);
    assert_eq!(offers("vlan or ip"), ["ip or vlan"]);
    assert_eq!(offers("vlan and ip or arp"), ["arp or (vlan and ip)"]);
    assert_eq!(offers("not vlan and ip"), ["ip and not vlan"]);
    assert_eq!(offers("less 60 and (vlan or ip || arp)"), ["less 60 and (ip || arp or vlan)"]);
}

#[test]
fn bytes_that_only_ipv4_has() {
    expect(
        Code::NeverOnIpv6,
        &[
            "ip6 and «tcp[13]» & 2 != 0",
            "«udp[2:2]» = 53 and ip6",
            "ip6 and less 60 and («icmp[0]» = 8 or icmp[1] = 8)",
            "host ::1 and «tcp[0]» = 1",
            "(ip6 or icmp6) and «tcp[0]» = 1",
            "ip6[6] = 6 and «tcp[0]» = 1",
        ],
    );
    expect(
        Code::OnlyIpv4,
        &["(ip or ip6) and «tcp[13]» & 2 != 0", "«tcp[13]» & 2 != 0 and (host 10.0.0.1 or host ::1)"],
    );
    silent(&[
        "ip6 or tcp[13] = 2",
        "(ip6 and ip6[53] & 2 != 0) or tcp[13] & 2 != 0",
        "ip6 and vxlan and tcp[0] = 1",
        "not ip6 and tcp[0] = 1",
        "ip and tcp[0] = 1",
        "ip6 and 1 + tcp[0] = 5",
    ]);
    let ast = parse("tcp[0] = 1").unwrap();
    let found = lint("tcp[0] = 1", &ast, &Options::new(LinkType::IPV6));
    assert_eq!(found.iter().map(|warning| warning.code).collect::<Vec<_>>(), [Code::NeverOnIpv6]);
}

#[test]
fn comparisons_that_are_decided() {
    expect(
        Code::AlwaysTrue,
        &[
            "«1 = 1»",
            "tcp and «len >= 0»",
            "«ip[0] <= 255»",
            "«ip[0] & 0xf < 16»",
            "«ip[2:2] != 65536»",
            "«greater 0»",
            "«byte 3 | 1»",
            "«ip[0] >> 4 <= 15»",
            "«tcp[13] & 2 != 1»",
        ],
    );
    expect(
        Code::AlwaysFalse,
        &[
            "«1 = 2»",
            "«ip[0] & 0xf > 15»",
            "«ip[0] > 255»",
            "«ip[2:2] > 65535»",
            "«tcp[tcpflags] & tcp-syn = 1»",
            "«len < 0»",
            "«byte 3 > 255»",
            "«ip[0] % 4 = 4»",
            "«5 > ip[0] | 8»",
        ],
    );
    silent(&[
        "ip[0] > 254",
        "ip[0] & 0xf > 14",
        "len > 0",
        "ip[0] - 1 > 255",
        "ip[0:4] + 1 = 0",
        "ip[0] << 30 = 0x40000000",
        "greater 1",
        "ip[0] = ip[1]",
        "1 << ip[0] > 5",
        "5 / ip[0] > 6",
        "ip[0] / ip[1] <= 4294967295",
    ]);
}

#[test]
fn duplicates() {
    expect(
        Code::Duplicate,
        &[
            "port 80 or «port 80»",
            "port 80 or «80»",
            "ip or arp or «ip»",
            "(ip and less 60) or («ip and less 60»)",
            "ip[0] = 1 and «ip[0]=1»",
            "host 10.0.0.1 or «host 10.0.0.1» or 10.0.0.2",
        ],
    );
    silent(&[
        "vlan and vlan",
        "vlan 5 and vlan 5",
        "ip and vlan and ip",
        "(ip and less 60) or (less 60 and ip)",
        "tcp port 80 or udp port 80",
        "ip[0] = 1 or ip[0:2] = 1",
    ]);
    assert_eq!(offers("port 80 or 80 or 443"), ["port 80 or 443"]);
    assert_eq!(offers("ip or arp or (ip)"), ["ip or arp"]);
    let none: [&str; 0] = [];
    assert_eq!(offers("src net 10 or dst net 11 or src net 10 or 12"), none, "12 is a source");
}
