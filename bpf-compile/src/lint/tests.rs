//! What warns, what must not, and laws for all filters.

use crate::link::LinkType;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::Options;
use crate::names::Embedded;
use crate::syntax::{generate, parse, same_meaning};

mod warnings;

fn lint_ethernet(text: &str) -> Vec<Diagnostic> {
    lint(text, &parse(text).expect(text), &Options::new(LinkType::EN10MB))
}

fn codes(text: &str) -> Vec<&'static str> {
    lint_ethernet(text).iter().map(|warning| warning.code.as_str()).collect()
}

fn patched(text: &str, warning: &Diagnostic) -> Vec<String> {
    let patches = warning.help.iter().filter_map(|help| help.patch.as_ref());
    patches
        .map(|patch| {
            let mut changed = text.to_string();
            changed.replace_range(patch.span.range(), &patch.replacement);
            changed
        })
        .collect()
}

/// Everything that holds of the warnings of any filter.
fn check_laws(text: &str) {
    let Ok(ast) = parse(text) else { return };
    for link_type in [LinkType::EN10MB, LinkType::IPV6] {
        let warnings = lint(text, &ast, &Options::new(link_type));
        for warning in &warnings {
            assert_eq!(warning.severity(), crate::diagnostic::Severity::Warning);
            let labels = warning.secondary.iter().chain([&warning.primary]);
            for label in labels {
                assert!(text.get(label.span.range()).is_some(), "{text:?}: {warning:?}");
            }
            assert!(!warning.primary.span.text(text).is_empty(), "{text:?}: {warning:?}");
            for changed in patched(text, warning) {
                assert_ne!(changed, text, "{warning:?}");
                parse(&changed).unwrap_or_else(|error| panic!("{text:?} became {changed:?}: {error}"));
            }
            for help in warning.help.iter().filter(|help| help.text.starts_with("to keep the meaning")) {
                let patch = help.patch.as_ref().expect("a way to keep the meaning is a change");
                let mut changed = text.to_string();
                changed.replace_range(patch.span.range(), &patch.replacement);
                assert!(same_meaning(&ast, &parse(&changed).unwrap()), "{text:?} became {changed:?}");
            }
        }
        let sorted = warnings.windows(2).all(|pair| pair[0].primary.span <= pair[1].primary.span);
        assert!(sorted, "{text:?}");
        for code in Code::ALL {
            assert!(warnings.iter().filter(|warning| warning.code == *code).count() <= PER_CODE_MAX);
        }
    }
}

/// Clauses that the lints are about, joined in any way.
fn clauses() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(alloc::vec![
        "vlan",
        "vlan 5",
        "mpls",
        "geneve",
        "ip",
        "ip6",
        "tcp",
        "host 10.0.0.1",
        "src host 10.0.0.1",
        "10.0.0.2",
        "dst port 80",
        "port 443",
        "80",
        "tcp[13] & 2 = 1",
        "ip[0] > 255",
        "udp[2:2] = 5",
        "ether host 0:1:2:3:4:5",
        "len >= 0",
        "less 60",
        "icmp6",
        "ip6[6] = 6",
        "1 = 1",
        "ip proto 6",
        "host ::1",
    ]);
    leaf.prop_map(String::from).prop_recursive(6, 24, 3, |inner| {
        prop_oneof![
            (
                inner.clone(),
                prop::sample::select(alloc::vec![" and ", " or ", " && ", "\nor\t"]),
                inner.clone()
            )
                .prop_map(|(one, operator, other)| format!("{one}{operator}{other}")),
            inner.clone().prop_map(|one| format!("({one})")),
            inner.clone().prop_map(|one| format!("( ({one} ))")),
            inner.clone().prop_map(|one| format!("not {one}")),
            inner.prop_map(|one| format!("!{one}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn laws_hold_for_filters_of_the_grammar(seed: u64, depth in 0_u32..5) {
        check_laws(&generate::filter(seed, depth));
    }

    #[test]
    fn laws_hold_for_what_lints_are_about(text in clauses()) {
        check_laws(&text);
    }

    #[test]
    fn laws_hold_for_noise(seed: u64) {
        check_laws(&generate::noise(seed));
    }

    /// What is said to read IPv4 only never meets what is said to be IPv6 only.
    #[test]
    fn families_are_what_programs_do(
        ipv6 in prop::sample::select(alloc::vec!["ip6", "icmp6", "ip6[0] >= 0", "ip6 multicast", "ip6 proto 6", "net ::/0"]),
        load in prop::sample::select(alloc::vec!["tcp[0]", "udp[1]", "ip[9]", "icmp[0]", "tcp[ip6[0]]", "-tcp[0]"]),
        number in 0_u32..8,
        swapped: bool,
        mut packet in prop::collection::vec(0_u8..8, 80),
        family: bool,
        protocol in prop::sample::select(alloc::vec![1_u8, 6, 17, 58]),
    ) {
        let header: [(usize, u8); 5] = if family {
            [(12, 0x86), (13, 0xdd), (14, 0x60), (20, protocol), (38, 0xff)]
        } else {
            [(12, 0x08), (13, 0), (14, 0x45), (23, protocol), (20, 0)]
        };
        for (at, byte) in header {
            packet[at] = byte;
        }
        let relation = format!("{load} >= {number}");
        let text = if swapped { format!("{relation} and {ipv6}") } else { format!("{ipv6} and {relation}") };
        prop_assert!(codes(&text).contains(&"W0104"), "{text}");
        let program = crate::compile(&text, &options(), &Embedded).unwrap();
        prop_assert_eq!(program.run(&bpf_core::SlicePacket::new(&packet, 80)), 0, "{}", text);
    }

    /// What a lint calls decided, the compiled program decides the same way.
    #[test]
    fn constant_comparisons_are_what_programs_do(text in arithmetic(), packet in prop::collection::vec(any::<u8>(), 64)) {
        let program = crate::compile(&text, &options(), &Embedded);
        let Ok(program) = program else { return Ok(()) };
        let accepts = program.run(&bpf_core::SlicePacket::new(&packet, 64)) != 0;
        for warning in lint_ethernet(&text) {
            match warning.code {
                Code::AlwaysTrue => prop_assert!(accepts, "{text}"),
                Code::AlwaysFalse => prop_assert!(!accepts, "{text}"),
                _ => {}
            }
        }
    }
}

/// Comparisons of link-layer bytes, which every packet of the test has.
fn arithmetic() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(alloc::vec![
            "ether[0]",
            "ether[1]",
            "ether[2:2]",
            "ether[4:4]",
            "len",
            "0",
            "1",
            "2"
        ])
        .prop_map(String::from),
        (0_u32..40).prop_map(|number| number.to_string()),
        prop::sample::select(alloc::vec!["255", "256", "65535", "65536", "0x80000000", "4294967295"])
            .prop_map(String::from),
    ];
    let operators = prop::sample::select(alloc::vec!["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);
    let number = leaf.prop_recursive(3, 8, 2, move |inner| {
        prop_oneof![
            (inner.clone(), operators.clone(), inner.clone())
                .prop_map(|(one, operator, other)| format!("({one} {operator} {other})")),
            inner.prop_map(|one| format!("-({one})")),
        ]
    });
    let relations = prop::sample::select(alloc::vec!["=", "!=", "<", "<=", ">", ">="]);
    (number.clone(), relations, number).prop_map(|(one, relation, other)| format!("{one} {relation} {other}"))
}

#[test]
fn long_filters_are_read_fast_and_told_shortly() {
    let many = alloc::vec!["host 10.0.0.1"; 50_000].join(" or ");
    assert_eq!(lint_ethernet(&many).len(), PER_CODE_MAX);
    let alternating = "ip or arp and ".repeat(20_000) + "ip";
    let found = lint_ethernet(&alternating);
    assert!(found.iter().any(|warning| warning.code == Code::MixedOperators));
    assert!(found.iter().all(|warning| warning.message.len() < 200));
    let shifted = "vlan or ip or ".repeat(20_000) + "ip";
    assert!(lint_ethernet(&shifted).len() >= PER_CODE_MAX);
    let deep = format!("{}ip{}", "not (".repeat(50_000), ")".repeat(50_000));
    assert!(lint_ethernet(&deep).is_empty());
    let nested = format!("{}udp{}", "arp and (ip or (".repeat(20_000), "))".repeat(20_000));
    assert!(lint_ethernet(&nested).is_empty());
    let sources = format!("src host 10.0.0.0{}", " and 10.0.0.1".repeat(50_000));
    assert_eq!(lint_ethernet(&sources).len(), 1 + PER_CODE_MAX);
}

/// Filters that accept nothing are compiled too.
fn options() -> Options {
    let mut options = Options::new(LinkType::EN10MB);
    options.allow_empty = true;
    options
}
