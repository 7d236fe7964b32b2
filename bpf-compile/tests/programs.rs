//! What everyday filters compile to, as golden text: a change of code or layout shows in a diff.
//!
//! `BLESS=1 cargo test -p bpf-compile --test programs` writes the file anew.

#![expect(clippy::expect_used, reason = "helpers of tests: a failure here is a failed test")]

use std::fmt::Write as _;
use std::path::Path;

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{LoopbackFamilies, Options, compile};
use bpf_core::text::disassembly;

const FILTERS: &[(LinkType, &str)] = &[
    (LinkType::EN10MB, ""),
    (LinkType::EN10MB, "ip"),
    (LinkType::EN10MB, "not arp"),
    (LinkType::EN10MB, "tcp"),
    (LinkType::EN10MB, "tcp port 80"),
    (LinkType::EN10MB, "port domain"),
    (LinkType::EN10MB, "portrange 1024-2048"),
    (LinkType::EN10MB, "host 192.0.2.1"),
    (LinkType::EN10MB, "src and dst net 192.0.2.0/24"),
    (LinkType::EN10MB, "ip6 dst net 2001:db8::/32"),
    (LinkType::EN10MB, "ether host 02:00:00:00:00:01"),
    (LinkType::EN10MB, "vlan 5 and vlan and ip"),
    (LinkType::EN10MB, "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0"),
    (LinkType::EN10MB, "tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420"),
    (LinkType::EN10MB, "(ip[0] + ip[1]) * (ip[2] - ip[3]) > ip[4] % ip[5]"),
    (LinkType::EN10MB, "less 100 or greater 1000"),
    (LinkType::EN10MB, "stp or ipx"),
    (LinkType::RAW, "ip6 or not arp"),
    (LinkType::IPV4, "udp dst port 53"),
    (LinkType::NULL, "ip6"),
    (LinkType::LOOP, "icmp"),
    (LinkType::LINUX_SLL, "outbound and ip"),
    (LinkType::LINUX_SLL2, "inbound and ifindex 3 and ip6"),
];

fn programs() -> String {
    let mut text = String::new();
    for (link_type, filter) in FILTERS {
        let mut options = Options::new(*link_type);
        options.loopback_families = LoopbackFamilies::Linux;
        let program = compile(filter, &options, &Embedded).expect("an everyday filter");
        let _ = write!(text, "# {link_type} {filter}\n{}\n", disassembly(program.insns()));
    }
    text
}

#[test]
fn everyday_filters_compile_to_the_golden_programs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/programs.txt");
    let found = programs();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).expect("the golden file");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == golden, "{}", first_difference(&golden, &found));
}

fn first_difference(golden: &str, found: &str) -> String {
    let at = golden.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
    let filter = found.lines().take(at + 1).filter(|line| line.starts_with('#')).last().unwrap_or_default();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    format!("line {}, {filter}\n  golden: {}\n  found:  {}", at + 1, line(golden), line(found))
}
