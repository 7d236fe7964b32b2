//! Laws of explanations over random filters and packets, and the sentences themselves.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use bpf_core::{RawInsn, SlicePacket};
use proptest::prelude::*;

use super::*;
use crate::Target;
use crate::link::LinkType;
use crate::names::{Fixed, HostAddresses};
use crate::syntax::{Dialect, generate, parse};

mod sentences;

/// Link types with all kinds of headers: Ethernet, none, variable lengths before the filter.
const LINK_TYPES: [LinkType; 7] = [
    LinkType::EN10MB,
    LinkType::RAW,
    LinkType::NULL,
    LinkType::LINUX_SLL,
    LinkType::PPP,
    LinkType::IEEE802_11_RADIO,
    LinkType::PPI,
];

/// The names that random filters use.
fn resolver() -> Fixed {
    let addresses = HostAddresses { v4: vec![[10, 0, 0, 1].into()], v6: vec![1_u128.into()] };
    Fixed::new()
        .with_host("a", addresses.clone())
        .with_host("www.example.org", addresses)
        .with_network("a", 10)
        .with_ether("a", [2, 0, 0, 0, 0, 1])
}

/// Clauses that compile on most link types; random filters often do not.
const CLAUSES: [&str; 22] = [
    "ip",
    "ip6",
    "arp",
    "tcp",
    "udp",
    "icmp",
    "host 10.0.0.1",
    "src net 10.0.0.0/8",
    "ip6 host ::1",
    "port 80",
    "tcp dst port 443",
    "portrange 20-100",
    "ip[8] < 64",
    "tcp[tcpflags] & tcp-syn != 0",
    "ip[0] / (ip[6] & 1) > 3",
    "len > 40",
    "less 60",
    "ip proto 6",
    "link[3] & 1 = 1",
    "pppoes",
    "vlan",
    "icmp6",
];

/// A filter of these clauses.
fn filter() -> impl Strategy<Value = String> {
    let clause = prop::sample::select(CLAUSES.as_slice()).prop_map(str::to_owned);
    clause.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) and ({other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) or ({other})")),
            prop::collection::vec(inner.clone(), 3..12)
                .prop_map(|items| format!("({})", items.join(") or ("))),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

/// All ways to compile.
fn options() -> impl Strategy<Value = Options> {
    let target = prop::sample::select(Target::ALL.as_slice());
    (0..LINK_TYPES.len(), target, any::<[bool; 4]>()).prop_map(|(at, target, switches)| {
        let mut options = Options::new(LINK_TYPES[at]);
        options.netmask = Some(0xffff_ff00);
        options.allow_empty = true;
        options.target = target;
        [options.optimize, options.scoped, options.ipv6_extensions] = [switches[0], switches[1], switches[2]];
        options.dialect = if switches[3] { Dialect::Extended } else { Dialect::PcapFilter };
        options
    })
}

/// Bytes that look like a packet of IP often enough, cut anywhere.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let ether_type = prop::sample::select([0x0800_u16, 0x0800, 0x86dd, 0x0806, 0x8100, 0x8864].as_slice());
    let protocol = prop::sample::select([6_u8, 17, 1, 58, 44].as_slice());
    let port = prop::sample::select([80_u16, 443, 53, 22].as_slice());
    let tail = prop::collection::vec(any::<u8>(), 40);
    (ether_type, protocol, port, tail, 0_usize..80).prop_map(|(ether_type, protocol, port, tail, len)| {
        let mut bytes = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        bytes.extend(ether_type.to_be_bytes());
        bytes.extend([0x45, 0, 0, 40, 0, 7, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        bytes.extend(port.to_be_bytes());
        bytes.extend(tail);
        bytes.truncate(len);
        bytes
    })
}

proptest! {
    #[test]
    fn every_filter_has_words(seed: u64, depth in 0_u32..5) {
        let text = generate::filter(seed, depth);
        let ast = parse(&text).unwrap();
        for link_type in LINK_TYPES {
            let lines = words(&text, &ast, &Options::new(link_type));
            prop_assert!(!lines.is_empty());
            for line in lines {
                prop_assert!(!line.text.is_empty() && !line.text.contains('\n'), "{text}: {line:?}");
                prop_assert!(line.clause.is_none_or(|span| !span.text(&text).is_empty()), "{text}: {line:?}");
            }
        }
    }

    #[test]
    fn a_story_ends_as_the_program_does(text in filter(), bytes in packet(), options in options()) {
        told_truly(&text, &options, &bytes)?;
    }

    #[test]
    fn so_it_does_for_filters_of_the_whole_language(
        seed: u64,
        depth in 0_u32..4,
        bytes in packet(),
        options in options(),
    ) {
        told_truly(&generate::filter(seed, depth), &options, &bytes)?;
    }

    #[test]
    fn source_text_holds_the_program(text in filter()) {
        let resolver = resolver();
        if let Ok(explanation) = Explanation::new(&text, &Options::new(LinkType::EN10MB), &resolver) {
            let insns = explanation.program().insns();
            prop_assert_eq!(&read_c(&explanation.c().to_string()), insns);
            prop_assert_eq!(&read_rust(&explanation.rust().to_string()), insns);
        }
    }

    #[test]
    fn graphs_are_whole(text in filter()) {
        let resolver = resolver();
        if let Ok(explanation) = Explanation::new(&text, &Options::new(LinkType::EN10MB), &resolver) {
            let dot = explanation.dot().to_string();
            let lines: Vec<&str> = dot.lines().map(str::trim).collect();
            let name = |line: &str| line.split([' ', ';']).next().unwrap_or_default().to_owned();
            let is_node = |line: &&&str| line.starts_with('n') && line.contains(" [label=") && !line.contains("->");
            let nodes: Vec<String> = lines.iter().filter(is_node).map(|line| name(line)).collect();
            for line in lines.iter().filter(|line| line.contains(" -> ")) {
                let (from, to) = line.split_once(" -> ").unwrap();
                prop_assert!(nodes.contains(&name(from)) && nodes.contains(&name(to)), "{dot}");
            }
        }
    }
}

/// The verdict is the program's, what is quoted stands in the text, and who decided is known.
fn told_truly(text: &str, options: &Options, bytes: &[u8]) -> Result<(), TestCaseError> {
    let resolver = resolver();
    let link_type = options.link_type;
    let Ok(explanation) = Explanation::new(text, options, &resolver) else { return Ok(()) };
    let packet = SlicePacket::new(bytes, 100);
    let story = explanation.packet(&packet);
    prop_assert_eq!(story.verdict, explanation.program().run(&packet), "{}", text);
    let clauses: Vec<Span> = explanation.clauses.iter().map(|id| explanation.ast.expr(*id).span).collect();
    for pc in 0..explanation.program().insns().len() {
        prop_assert!(explanation.origin(pc).is_none_or(|span| clauses.contains(&span)), "{}", text);
    }
    for step in &story.steps {
        prop_assert!(step.clause.is_none_or(|span| clauses.contains(&span)), "{}", text);
    }
    match &story.ending {
        Ending::Returned { .. } => {
            let has_prologue = matches!(link_type, LinkType::PPI | LinkType::IEEE802_11_RADIO);
            prop_assert!(has_prologue || story.decision.is_some(), "{}: {:?}", text, story);
        }
        Ending::PastEnd { offset, bytes: count, .. } => {
            prop_assert_eq!(story.verdict, 0);
            prop_assert!(
                offset.saturating_add(u64::from(*count)) > bytes.len() as u64,
                "{}: {:?}",
                text,
                story
            );
        }
        Ending::NotKnown { .. } | Ending::DivisionByZero { .. } => prop_assert_eq!(story.verdict, 0),
    }
    Ok(())
}

#[test]
fn random_filters_compile_often_enough_to_mean_something() {
    let resolver = resolver();
    let compiles = |seed| {
        let text = generate::filter(seed, 2);
        Explanation::new(&text, &Options::new(LinkType::EN10MB), &resolver).is_ok()
    };
    let count = (0..2000).filter(|&seed| compiles(seed)).count();
    assert!(count > 50, "{count} of 2000");
}

fn number(text: &str) -> u32 {
    let text = text.trim();
    text.strip_prefix("0x").map_or_else(|| text.parse(), |digits| u32::from_str_radix(digits, 16)).unwrap()
}

fn insn(numbers: &[u32]) -> RawInsn {
    let &[code, jt, jf, k] = numbers else { panic!("{numbers:?}") };
    RawInsn { code: code.try_into().unwrap(), jt: jt.try_into().unwrap(), jf: jf.try_into().unwrap(), k }
}

/// What a compiler would read: nothing of the comments.
fn braced(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let code = line.split("//").next()?;
        code.split_once('{')?.1.split_once('}').map(|(inner, _)| inner)
    })
}

fn read_c(source: &str) -> Vec<RawInsn> {
    braced(source).map(|line| insn(&line.split(',').map(number).collect::<Vec<_>>())).collect()
}

fn read_rust(source: &str) -> Vec<RawInsn> {
    let value = |field: &str| number(field.split_once(':').unwrap().1);
    braced(source).map(|line| insn(&line.split(',').map(value).collect::<Vec<_>>())).collect()
}

#[test]
fn long_lists_are_told_in_part() {
    let terms: Vec<String> =
        (0..50_000).map(|at| format!("ip host 10.0.{}.{}", at / 256, at % 256)).collect();
    let text = terms.join(" or ");
    // Here it is about the time of explanations.
    let mut options = Options::new(LinkType::EN10MB);
    options.optimize = false;
    let explanation = Explanation::new(&text, &options, &resolver()).unwrap();
    let lines = explanation.words();
    assert_eq!(lines.len(), 12);
    assert_eq!(lines.last().unwrap().text, "... and 49,990 more");
    let packet = [&[0; 12][..], &[8, 0], &[0x45; 40]].concat();
    let story = explanation.packet(&SlicePacket::new(&packet, 54));
    assert_eq!((story.verdict, story.steps.len()), (0, 40));
    assert_eq!(story.left_out, 150_000 - 40);
    let decision = story.decision.unwrap();
    assert_eq!((decision.parts.len(), decision.more), (10, 49_990));
}

#[test]
fn depth_costs_no_stack() {
    for text in [
        format!("{}tcp", "not ".repeat(100_000)),
        format!("{}tcp{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("{}tcp{}", "(ip and (udp or ".repeat(20_000), "))".repeat(20_000)),
        format!("ip[{}0{}] = 0", "ip[".repeat(2_000), "]".repeat(2_000)),
        format!("len + {}0 = 50060", "1 + ".repeat(50_000)),
    ] {
        let explanation = Explanation::new(&text, &Options::new(LinkType::EN10MB), &resolver()).unwrap();
        assert!(explanation.words().len() < 100);
        let story = explanation.packet(&SlicePacket::new(&[0x45; 60], 60));
        assert_eq!(story.verdict, explanation.program().run(&SlicePacket::new(&[0x45; 60], 60)));
        assert!(!explanation.dot().to_string().is_empty());
    }
}
