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
use bpf_core::Profile;

const FILTERS: &[&str] = &[
    "tcp and ip",
    "tcp port 80",
    "port 53",
    "host 192.0.2.1",
    "tcp[tcpflags] & (tcp-syn | tcp-fin) != 0",
    "(ip[1] & 0xfc) >> 2 = 46 and 80 < len - 14",
    "tcp dst port (22 or 80 or 443 or 3389 or 5900 or 8080 or 8443 or 8444 or 8445)",
    "not (ip proto 1 or ip proto 2 or ip proto 3)",
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
fn each_pass_makes_some_filter_shorter_that_the_others_do_not() {
    let filters = [
        (Pass::Fold, "tcp[13] & (1 | 2) != 0"),
        (Pass::Merge, "tcp port 80 and ip src host 192.0.2.1"),
        (Pass::Thread, "ip and tcp and udp[0] = 1 or ip"),
        (Pass::Dispatch, "ip[8] = 1 or ip[8] = 2 or ip[8] = 3"),
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
