//! Facts of filters that libpcap compiled, held against numbers found by hand.

#![cfg(feature = "alloc")]
#![allow(clippy::expect_used, reason = "what is denied in shipped code is how a test fails")]

use std::path::Path;

use bpf_core::cfg::{Block, Cfg};
use bpf_core::{Ancillary, BytesNeeded, Facts, Profile, Program, RawInsn, bpf_validate, text};

fn program(name: &str) -> Program<Vec<RawInsn>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tcpdump");
    let text = std::fs::read_to_string(folder.join(name)).expect("the golden file is there");
    bpf_validate(text::parse(&text).expect("it is read"), Profile::LIBPCAP).expect("it jumps forward only")
}

#[test]
fn arp_needs_the_ethernet_header_and_three_steps() {
    let facts = Facts::of(&program("arp.d"));
    assert_eq!(facts.bytes_needed(), BytesNeeded::Exactly(14));
    assert_eq!(facts.worst_case_steps(), 3);
    assert_eq!(facts.verdicts().constants(), [0, 262_144]);
    assert_eq!(facts.accepted_by().count(), Profile::ALL.len());
}

#[test]
fn a_tcp_port_needs_the_longest_ip_header_and_four_bytes_more() {
    let facts = Facts::of(&program("tcp_port_443.d"));
    // Ethernet 14, IPv4 up to 60, then the two ports.
    assert_eq!(facts.bytes_needed(), BytesNeeded::AtMost(14 + 60 + 4));
    // Two tests of the EtherType, protocol, fragment, header length, two ports, return.
    assert_eq!(facts.worst_case_steps(), 13);
    assert!(facts.verdicts().may_end_early());
}

#[test]
fn a_filter_of_the_length_asks_for_the_wire_length() {
    let facts = Facts::of(&program("arithmetic.d"));
    assert!(facts.reads_wire_len());
    assert_eq!(facts.bytes_needed(), BytesNeeded::AtMost(14 + 60 + 13));
    assert_eq!(
        facts.accepted_by().map(|profile| profile.name()).collect::<Vec<_>>(),
        ["strict", "linux", "netbsd", "libpcap"]
    );
}

#[test]
fn a_tag_in_the_metadata_is_noted() {
    let facts = Facts::of(&program("vlan_in_metadata.d"));
    let asked: Vec<_> = facts.ancillaries().iter().collect();
    assert_eq!(asked, [Ancillary::PktType, Ancillary::VlanTagPresent]);
    assert_eq!(facts.bytes_needed(), BytesNeeded::Exactly(14));
}

#[test]
fn the_empty_filter_accepts_everything_in_one_step() {
    let facts = Facts::of(&program("empty.d"));
    assert_eq!((facts.worst_case_steps(), facts.bytes_needed()), (1, BytesNeeded::Exactly(0)));
    assert!(!facts.verdicts().may_reject());
}

#[test]
fn the_graph_of_a_long_list_is_reachable_throughout() {
    let program = program("hosts.d");
    let cfg = Cfg::of(&program);
    assert!(cfg.blocks().iter().all(Block::is_reachable));
    assert!(Facts::of(&program).worst_case_steps() as usize <= program.insns().len());
}
