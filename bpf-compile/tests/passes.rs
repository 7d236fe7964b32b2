//! What each pass of the optimizer does to a few filters, as golden text: the graph before, and after each pass that changes it.
//!
//! `BLESS=1 cargo test -p bpf-compile --test passes` writes the file anew.
#![expect(clippy::expect_used, reason = "helpers of tests: a failure here is a failed test")]

use std::fmt::Write as _;
use std::path::Path;

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::opt::{Goal, Pass, Passes};
use bpf_compile::{Options, Target, compile, compile_watched};
use bpf_core::{Profile, RawInsn, SlicePacket};

const FILTERS: &[&str] = &[
    "tcp and ip",
    "tcp port 80",
    "port 53",
    "host 192.0.2.1",
    "tcp[tcpflags] & (tcp-syn | tcp-fin) != 0",
    "(ip[1] & 0xfc) >> 2 = 46 and 80 < len - 14",
    "tcp dst port (22 or 80 or 443 or 3389 or 5900 or 8080 or 8443 or 8444 or 8445)",
    "not (ip proto 1 or ip proto 2 or ip proto 3)",
    "ether host (02:00:00:00:00:01 or 02:00:00:00:00:03)",
    "host (2001:db8::1 or 2001:db8::2)",
    "src net (10.0.0.0/8 or 11.0.0.0/8 or 192.168.0.0/16 or 192.168.7.0/24)",
];

fn passes() -> String {
    let mut text = String::new();
    for filter in FILTERS {
        let _ = writeln!(text, "## {filter}\n");
        let mut before = String::new();
        let mut watch =
            |pass: Pass, graph: &bpf_compile::graph::Graph, values: &bpf_compile::graph::Values| {
                let after = graph.printed(values).to_string();
                if after == before {
                    let _ = writeln!(text, "# {}: nothing", pass.name());
                } else {
                    let _ = write!(text, "# {}\n{after}", pass.name());
                }
                before = after;
            };
        compile_watched(filter, &Options::new(LinkType::EN10MB), &Embedded, &mut watch).expect("a filter");
        text.push('\n');
    }
    text
}

#[test]
fn each_pass_does_what_the_golden_file_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/passes.txt");
    let found = passes();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).expect("the golden file");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let line = golden.lines().zip(found.lines()).position(|(one, other)| one != other);
    assert!(found == golden, "line {line:?} is different");
}

#[test]
fn a_pass_runs_only_if_it_is_asked_for() {
    for pass in Pass::ALL {
        let mut options = Options::new(LinkType::EN10MB);
        options.passes = Passes::only(pass);
        let mut seen = Vec::new();
        compile_watched("port 53", &options, &Embedded, &mut |pass, _, _| seen.push(pass)).expect("a filter");
        assert!(seen.iter().all(|other| *other == pass), "{pass:?}: {seen:?}");
        options.passes = Passes::ALL.without(pass);
        compile_watched("port 53", &options, &Embedded, &mut |other, _, _| assert_ne!(other, pass))
            .expect("a filter");
    }
}

#[test]
fn each_pass_but_order_makes_some_filter_shorter_that_the_others_do_not() {
    let filters = [
        (Pass::Fold, "tcp[13] & (1 | 2) != 0"),
        (Pass::Merge, "tcp port 80 and ip src host 192.0.2.1"),
        (Pass::Thread, "ip and tcp and udp[0] = 1 or ip"),
        (Pass::Dispatch, "ip[8] = 1 or ip[8] = 2 or ip[8] = 3"),
        (Pass::Group, "ether host (02:00:00:00:00:01 or 02:00:00:00:00:03 or 02:00:00:00:00:05)"),
        (Pass::Fuse, "tcp src port 80"),
        (Pass::Share, "port 80"),
    ];
    for (pass, filter) in filters {
        let len = |passes| {
            let mut options = Options::new(LinkType::EN10MB);
            options.passes = passes;
            compile(filter, &options, &Embedded).expect("a filter").insns().len()
        };
        let (with, without) = (len(Passes::ALL), len(Passes::ALL.without(pass)));
        assert!(with < without, "{pass:?}: {with} instructions with it, {without} without it");
    }
}

#[test]
fn what_fails_often_and_costs_little_is_tested_first() {
    let first = |filter: &str, passes| {
        let mut options = Options::new(LinkType::EN10MB);
        options.passes = passes;
        compile(filter, &options, &Embedded).expect("a filter").insns()[0]
    };
    let byte_at = |at| RawInsn { code: 0x30, jt: 0, jf: 0, k: at };
    let half_at = |at| RawInsn { code: 0x28, jt: 0, jf: 0, k: at };
    for (filter, at) in [("icmp", 23), ("vlan and icmp", 27), ("len > 100 and ip proto 89", 23)] {
        assert_eq!(first(filter, Passes::ALL), byte_at(at), "{filter}");
    }
    assert_eq!(first("icmp", Passes::ALL.without(Pass::Order)), half_at(12));
    // What the packet is not rejected by stays where it is.
    for filter in ["not icmp", "icmp or arp", "ip and not icmp"] {
        assert_eq!(first(filter, Passes::ALL), half_at(12), "{filter}");
    }
}

#[test]
fn ipv6_addresses_of_one_network_are_one_list_of_each_direction() {
    let len = |passes| {
        let hosts: Vec<String> = (1..=50).map(|n| format!("2001:db8::{:x}", 7 * n)).collect();
        let mut options = Options::new(LinkType::EN10MB);
        options.passes = passes;
        compile(&format!("host ({})", hosts.join(" or ")), &options, &Embedded)
            .expect("a filter")
            .insns()
            .len()
    };
    // Of each address the last word is left, in either direction.
    assert!((100..250).contains(&len(Passes::ALL)), "{}", len(Passes::ALL));
    assert!(len(Passes::ALL.without(Pass::Group)) > 600);
}

#[test]
fn of_an_ipv6_address_the_words_are_tested_first_that_tell_addresses_apart() {
    for (filter, place) in [
        ("src host 2001:db8::8d3:1319:370:7348", 34),
        ("dst host 2001:db8:2::1", 42),
        ("host 2001:db8::8d3:1319:370:7348", 34),
    ] {
        let program = compile(filter, &Options::new(LinkType::EN10MB), &Embedded).expect("a filter");
        let word = program.insns().iter().find(|insn| insn.code == 0x20).expect("a word is loaded");
        assert_eq!(word.k, place, "{filter}");
    }
}

#[test]
fn what_is_cut_within_an_address_is_rejected_in_any_order_of_its_words() {
    let filter = "host 2001:db8:1::1 or 2001:db8:1::2 or 2001:db8:2::2";
    let [ours, plain] = [true, false].map(|optimize| {
        let mut options = Options::new(LinkType::EN10MB);
        options.optimize = optimize;
        compile(filter, &options, &Embedded).expect("a filter")
    });
    let address = |net: u8, host: u8| [0x20, 1, 0x0d, 0xb8, 0, net, 0, 0, 0, 0, 0, 0, 0, 0, 0, host];
    let addresses = [address(1, 1), address(1, 2), address(2, 2), address(2, 3), address(0, 2)];
    for (src, dst) in addresses.iter().flat_map(|src| addresses.iter().map(move |dst| (src, dst))) {
        let mut packet = vec![0; 12];
        packet.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, 59, 64]);
        packet.extend(src.iter().chain(dst));
        for len in 0..=packet.len() {
            let cut = SlicePacket::new(&packet[..len], 54);
            assert_eq!(ours.run(&cut), plain.run(&cut), "{len} bytes of {src:x?} to {dst:x?}");
        }
    }
}

#[test]
fn a_goal_chooses_between_short_and_fast_and_what_fits_is_made() {
    let ports: Vec<String> = (0..200).map(|n| format!("{}", 7 * n + 1)).collect();
    let filter = format!("tcp dst port ({})", ports.join(" or "));
    let len = |goal, profile| {
        let mut options = Options::new(LinkType::EN10MB);
        options.goal = goal;
        options.profile = profile;
        options.target = Target::Portable;
        compile(&filter, &options, &Embedded).map(|program| program.insns().len())
    };
    let fast = len(Goal::Speed, None).expect("a filter");
    let short = len(Goal::Size, None).expect("a filter");
    assert!(short < fast, "{short} {fast}");
    let between = u32::try_from((short + fast) / 2).expect("a length");
    let limited = Profile::LIBPCAP.with_len_max(between);
    assert_eq!(len(Goal::Speed, Some(limited)), Ok(short));
}
