//! Where shifts end, with `scoped`.

use bpf_compile::Options;
use bpf_compile::diagnostic::Code;

use super::packets::{ethernet, ipv4, label, tag, tcp, udp};
use super::{accepts, error, options};

fn scoped() -> Options {
    options(|options| options.scoped = true)
}

fn plain_tcp() -> Vec<u8> {
    ethernet(0x0800, &ipv4(6, &tcp(1024, 80, 2)))
}

fn tagged_tcp(id: u16) -> Vec<u8> {
    ethernet(0x8100, &tag(id, 0x0800, &ipv4(6, &tcp(1024, 80, 2))))
}

fn labelled_udp() -> Vec<u8> {
    ethernet(0x8847, &label(7, true, &ipv4(17, &udp(53, 53, &[0; 12]))))
}

#[test]
fn each_alternative_begins_where_the_or_begins() {
    for filter in [
        "vlan and tcp or tcp",
        "tcp or (vlan and tcp) or mpls",
        "(vlan and tcp) or (mpls and udp) or tcp port 80",
    ] {
        assert!(accepts(filter, &scoped(), &plain_tcp()), "{filter}");
    }
    let filter = "(vlan 5 and tcp) or (mpls 7 and udp) or tcp port 80";
    for (packet, expected) in
        [(plain_tcp(), true), (tagged_tcp(5), true), (tagged_tcp(6), false), (labelled_udp(), true)]
    {
        assert_eq!(accepts(filter, &scoped(), &packet), expected);
    }
    // Without scopes `tcp port 80` is looked for behind a tag and a label.
    assert!(!accepts(filter, &options(|_| {}), &plain_tcp()));
}

#[test]
fn what_alternatives_agree_on_reaches_what_follows_them() {
    let filter = "(vlan 5 or vlan 6) and tcp port 80";
    assert!(accepts(filter, &scoped(), &tagged_tcp(5)) && accepts(filter, &scoped(), &tagged_tcp(6)));
    assert!(!accepts(filter, &scoped(), &tagged_tcp(7)) && !accepts(filter, &scoped(), &plain_tcp()));
    // The variables of tunnels are the same in all alternatives.
    let inner = ethernet(0x0800, &ipv4(6, &tcp(1024, 80, 2)));
    let vxlan = |vni: u8| {
        let header = [&[8, 0, 0, 0, 0, 0, vni, 0], &inner[..]].concat();
        ethernet(0x0800, &ipv4(17, &udp(9999, 4789, &header)))
    };
    let filter = "(vxlan 1 or vxlan 2) and tcp port 80";
    assert!(accepts(filter, &scoped(), &vxlan(1)) && accepts(filter, &scoped(), &vxlan(2)));
    assert!(!accepts(filter, &scoped(), &vxlan(3)));
}

#[test]
fn nothing_reaches_out_of_a_not() {
    let filter = "not (vlan and tcp) and tcp port 80";
    assert!(accepts(filter, &scoped(), &plain_tcp()));
    assert!(!accepts(filter, &scoped(), &tagged_tcp(5)));
    assert!(!accepts(filter, &options(|_| {}), &plain_tcp()));
}

#[test]
fn parentheses_end_no_shift() {
    for filter in
        ["(vlan) and tcp port 80", "(vlan 5 and ip) and tcp port 80", "vlan and (ip or ip6) and tcp"]
    {
        assert!(accepts(filter, &scoped(), &tagged_tcp(5)), "{filter}");
        assert!(!accepts(filter, &scoped(), &plain_tcp()), "{filter}");
    }
    let two = ethernet(0x88a8, &tag(5, 0x8100, &tag(6, 0x0800, &ipv4(6, &tcp(1, 2, 0)))));
    assert!(accepts("vlan 5 and vlan 6 and tcp", &scoped(), &two));
    assert!(accepts("(vlan 5 and vlan 6 and tcp) or (vlan 5 and arp)", &scoped(), &two));
}

#[test]
fn alternatives_that_disagree_must_not_be_followed_by_what_depends_on_them() {
    for filter in [
        "(vlan or mpls) and ip",
        "ip or vlan and tcp",
        "(vlan and (vlan or ip)) and tcp",
        "(vlan or ip) and ip[0] = 0x45",
    ] {
        let error = error(filter, &scoped());
        assert_eq!(error.code, Code::AmbiguousShift, "{filter}");
        assert_eq!(error.secondary.len(), 1, "{filter}");
    }
    for filter in [
        "(vlan or mpls) and greater 20",
        "((vlan or mpls) and less 2000) or tcp",
        "not (vlan or mpls) and tcp",
    ] {
        assert!(accepts(filter, &scoped(), &plain_tcp()) != filter.contains("greater"), "{filter}");
    }
}

#[test]
fn the_order_of_alternatives_does_not_matter() {
    let packets = [plain_tcp(), tagged_tcp(5), tagged_tcp(6), labelled_udp()];
    let clauses = ["vlan 5 and tcp", "mpls and udp", "tcp port 80", "vlan and ip", "arp"];
    for one in clauses {
        for other in clauses {
            for packet in &packets {
                let filters = [format!("({one}) or ({other})"), format!("({other}) or ({one})")];
                let [forth, back] = filters.map(|filter| accepts(&filter, &scoped(), packet));
                assert_eq!(forth, back, "{one} | {other}");
            }
        }
    }
}
