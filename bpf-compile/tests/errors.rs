//! What is wrong with a filter is said with a stable code at the right place: one example or more for each code.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure here is a failed test")]

use bpf_compile::diagnostic::{Code, Severity};
use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use bpf_core::Profile;

/// The filter with the place of the error between `«` and `»`.
const EXAMPLES: &[(Code, &str)] = &[
    (Code::UnexpectedCharacter, "tcp «#» 5"),
    (Code::NumberTooBig, "port «4294967296»"),
    (Code::NotOctal, "port «089»"),
    (Code::BogusAddress, "ether host «1:2:3:4»"),
    (Code::Unexpected, "ip and tcp dst «prot» 80"),
    (Code::UnexpectedEnd, "tcp and«»"),
    (Code::Unbalanced, "tcp and (udp«»"),
    (Code::NothingToInherit, "ip[0] = 1 or «2»"),
    (Code::WrongKind, "«len» and tcp"),
    (Code::DisplayFilter, "«tcp.port» == 80"),
    (Code::UnknownService, "tcp port «htpps»"),
    (Code::UnknownProtocol, "ip proto «nosuch»"),
    (Code::UnknownHost, "host «nosuch.example»"),
    (Code::UnknownNetwork, "net «nosuch»"),
    (Code::UnknownEther, "ether host «nosuch»"),
    (Code::BadQualifiers, "«tcp host 10.0.0.1»"),
    (Code::BadQualifiers, "host «02:00:00:00:00:01»"),
    (Code::BadQualifiers, "port «10.0.0.1»"),
    (Code::BadQualifiers, "«ip6 host 10.0.0.1»"),
    (Code::BadQualifiers, "host «10.0.0.0/8»"),
    (Code::BadQualifiers, "udp port «http»"),
    (Code::BadQualifiers, "«ether»"),
    (Code::OutOfRange, "port «65536»"),
    (Code::OutOfRange, "ip proto «256»"),
    (Code::OutOfRange, "ether proto «0x10000»"),
    (Code::OutOfRange, "vlan «4096»"),
    (Code::OutOfRange, "net «10.0.0.0/33»"),
    (Code::OutOfRange, "net «2001:db8::/129»"),
    (Code::BadAddress, "host «10.0.0.256»"),
    (Code::HostBits, "net «10.0.0.1/8»"),
    (Code::HostBits, "net «2001:db8::1/32»"),
    (Code::HostBits, "net «1.2.3.4 mask 255.0.255.0»"),
    (Code::LinkType, "«outbound»"),
    (Code::LinkType, "«radio[2]» = 5"),
    (Code::UnknownNetmask, "«ip broadcast»"),
    (Code::LoadSize, "ip[0:«3»] = 5"),
    (Code::DivisionByZero, "ip[0] / «0» = 5"),
    (Code::DivisionByZero, "ip[0] % «0» = 5"),
    (Code::ShiftTooFar, "1 << «32» = 5"),
    (Code::RejectsAll, "tcp and «udp»"),
    (Code::RejectsAll, "port 80 and «arp»"),
    (Code::RejectsAll, "src host 10.0.0.1 and «src host 10.0.0.2»"),
    (Code::BadEncapsulation, "mpls and «arp»"),
    (Code::BadEncapsulation, "mpls and «vlan»"),
    (Code::UnknownWord, "llc «frmrr»"),
    (Code::UnknownWord, "wlan type «mgn»"),
    (Code::UnknownWord, "type mgt subtype «beacn»"),
    (Code::UnknownWord, "action «bloc»"),
    (Code::UnknownWord, "reason «matsch»"),
    (Code::LinkType, "«fisu»"),
    (Code::LinkType, "«vpi 3»"),
    (Code::LinkType, "«on em0»"),
    (Code::OutOfRange, "reason «256»"),
    (Code::OutOfRange, "mpls «1048576»"),
    (Code::OutOfRange, "isis proto «32»"),
    (Code::OutOfRange, "geneve «16777216»"),
    (Code::BadAddress, "decnet host «64.1»"),
];

fn unmarked(example: &str) -> (String, usize, usize) {
    let start = example.find('«').unwrap();
    let end = example.find('»').unwrap() - '«'.len_utf8();
    (example.replace(['«', '»'], ""), start, end)
}

#[test]
fn every_example_has_its_code_at_its_place() {
    let mut wrong = Vec::new();
    for (code, example) in EXAMPLES {
        let (filter, start, end) = unmarked(example);
        let error = compile(&filter, &Options::new(LinkType::EN10MB), &Embedded).expect_err(example);
        let span = error.primary.span.range();
        if (error.code, span.clone()) != (*code, start..end) {
            wrong.push(format!("{code} {example}: is {error} at {span:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Filters that accept nothing: in «» the clause that cannot hold, in ‹› those with which it cannot.
const EXCLUDED: [&str; 15] = [
    "‹tcp› and «udp»",
    "ip and ‹tcp› and «arp»",
    "ip[0] & 0xf0 = 0x40 and ‹tcp› and «arp»",
    "‹tcp port 80› and host 192.0.2.1 and «udp»",
    "‹port 80› and ‹not tcp› and ‹not udp› and «not sctp»",
    "not (‹tcp› or ‹udp›) and ip and ‹port 80› and «not sctp»",
    "‹less 60› and (tcp port 80 and «len > 100»)",
    "‹(tcp and udp) or arp› and «ip6»",
    "(‹tcp› and «udp») or (arp and ip6)",
    "not (‹ip› or not «ip»)",
    "tcp and «not greater 0»",
    "ip and not (‹tcp› or not «tcp») and len > 5",
    "vlan 5 and ‹ip› and tcp and len > 60 and «ip6»",
    "‹tcp[0] < 5› and host 192.0.2.1 and «tcp[0] > 7»",
    "(tcp or udp) and ‹port 53› and («arp or rarp»)",
];

#[test]
fn a_filter_that_accepts_nothing_shows_the_clauses_that_exclude_each_other() {
    for example in EXCLUDED {
        let filter = example.replace(['«', '»', '‹', '›'], "");
        let error = compile(&filter, &Options::new(LinkType::EN10MB), &Embedded).expect_err(example);
        assert_eq!(error.code, Code::RejectsAll, "{example}");
        let mut marks: Vec<(usize, char)> = Vec::new();
        for (label, from, to) in
            error.secondary.iter().map(|label| (label, '‹', '›')).chain([(&error.primary, '«', '»')])
        {
            marks.push((label.span.range().start, from));
            marks.push((label.span.range().end, to));
        }
        let mut shown = filter.clone();
        marks.sort_unstable();
        for (at, mark) in marks.into_iter().rev() {
            shown.insert(at, mark);
        }
        assert_eq!(shown, example);
    }
}

#[test]
fn in_a_long_filter_the_clauses_are_found_too() {
    let hosts: Vec<String> = (0..900).map(|n| format!("host 10.1.{}.{}", n / 250, n % 250)).collect();
    let filter = format!("({}) and ip6 and len > 60 and udp", hosts.join(" or "));
    let error = compile(&filter, &Options::new(LinkType::EN10MB), &Embedded).unwrap_err();
    assert_eq!(error.primary.span.text(&filter), "ip6");
    let first: Vec<&str> = error.secondary.iter().map(|label| label.span.text(&filter)).collect();
    assert_eq!(first.len(), 1);
    assert!(first.iter().all(|text| text.contains("host 10.1.0.0 or")), "{first:?}");
}

#[test]
fn every_patch_stays_within_the_text_and_changes_it() {
    let mut patches = 0;
    for (_, example) in EXAMPLES {
        let (filter, ..) = unmarked(example);
        let error = compile(&filter, &Options::new(LinkType::EN10MB), &Embedded).unwrap_err();
        for patch in error.help.iter().filter_map(|help| help.patch.as_ref()) {
            let mut patched = filter.clone();
            patched.replace_range(patch.span.range(), &patch.replacement);
            assert_ne!(patched, filter, "{example}");
            patches += 1;
        }
    }
    assert!(patches >= 5, "only {patches} examples are mended");
}

#[test]
fn following_the_patch_mends_these_filters() {
    let filters = [
        "ip and tcp dst prot 80",
        "tcp port htpps",
        "net 10.0.0.1/8",
        "net 2001:db8::1/32",
        "tcp.port == 80",
        "len-14 = 5",
    ];
    for filter in filters {
        let error = compile(filter, &Options::new(LinkType::EN10MB), &Embedded).unwrap_err();
        let patch = error.help.iter().find_map(|help| help.patch.as_ref()).expect(filter);
        let mut patched = filter.to_owned();
        patched.replace_range(patch.span.range(), &patch.replacement);
        assert!(
            compile(&patched, &Options::new(LinkType::EN10MB), &Embedded).is_ok(),
            "{filter} became {patched}"
        );
    }
}

#[test]
fn every_code_has_an_example_or_a_test_of_its_own() {
    // Each of these needs something that no short text on Ethernet has; see the tests named.
    let elsewhere = [
        Code::TextTooLong,    // below
        Code::ZeroSnapLength, // below
        Code::TooComplex,     // limits.rs
        Code::ProgramTooLong, // limits.rs
        Code::Internal,       // must not be reached
        Code::AmbiguousShift, // scoped.rs
        Code::TargetRefuses,  // targets.rs
    ];
    for code in Code::ALL.iter().filter(|code| code.severity() == Severity::Error) {
        let has_example = EXAMPLES.iter().any(|(example, _)| example == code);
        assert!(has_example != elsewhere.contains(code), "{code}");
    }
}

#[test]
fn a_snap_length_of_zero_is_refused() {
    let mut options = Options::new(LinkType::EN10MB);
    options.snap_len = 0;
    assert_eq!(compile("tcp", &options, &Embedded).unwrap_err().code, Code::ZeroSnapLength);
}

#[test]
fn a_text_above_the_limit_is_refused_before_it_is_read() {
    let text = " ".repeat(bpf_compile::syntax::limits::TEXT_BYTES_MAX + 1);
    let error = compile(&text, &Options::new(LinkType::EN10MB), &Embedded).unwrap_err();
    assert_eq!(error.code, Code::TextTooLong);
}

#[test]
fn link_types_without_a_protocol_refuse_protocols_and_take_bytes_and_lengths() {
    let options = Options::new(LinkType::from_name("USB_LINUX").unwrap());
    assert_eq!(compile("tcp", &options, &Embedded).unwrap_err().code, Code::LinkType);
    for filter in ["link[3] = 5", "len > 60", "less 60", "greater 60", ""] {
        compile(filter, &options, &Embedded).expect(filter);
    }
    let radiotap = Options::new(LinkType::from_name("IEEE802_11_RADIO").unwrap());
    compile("link[0] = 8 and radio[0] = 0", &radiotap, &Embedded).unwrap();
}

#[test]
fn programs_of_filters_keep_the_strict_rules() {
    for filter in ["", "tcp port 80", "vlan 5 and host 10.0.0.1", "(ip[0] + ip[1]) * (ip[2] + ip[3]) = 5"] {
        let mut options = Options::new(LinkType::EN10MB);
        options.profile = Some(Profile::STRICT);
        compile(filter, &options, &Embedded).expect(filter);
    }
}

#[test]
fn a_place_is_unknown_in_packets_of_the_link_type_and_not_of_what_would_follow() {
    for text in ["geneve", "pppoes 1", "isis"] {
        let error = compile(text, &Options::new(LinkType(200)), &Embedded).unwrap_err();
        assert_eq!(error.code, Code::LinkType, "{text}");
        assert!(error.message.contains("JUNIPER_ST"), "{text}: {}", error.message);
    }
}
