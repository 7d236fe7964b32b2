//! Laws of what the command writes for programs: whatever the filter is, each line is a value of JSON, says the same when it is asked
//! again, and names places in the filter.

use proptest::prelude::*;

use crate::json::Json;
use crate::run::{Outcome, run};

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/captures/en10mb-web.pcap");

/// Exit codes.
const MATCHES: i32 = 0;
const MATCHES_NOT: i32 = 1;

/// What filters are made of, and what must be written otherwise in JSON or has more bytes than characters.
#[rustfmt::skip]
const PIECES: [&str; 56] = [
    "ip", "ip6", "arp", "tcp", "udp", "icmp", "host", "net", "port", "portrange", "src", "dst", "and", "or", "not", "(", ")",
    "vlan", "mpls", "geneve", "gre", "len", "less", "greater", "multicast", "proto", "protochain", "[", "]", ":", "=", "!=",
    "&", "|", "+", "-", "0", "1", "2", "6", "80", "443", "65536", "80-90", "10.0.0.0/8", "192.168.1.5", "2001:db8::1",
    "0:1:2:3:4:5", "tcp[13]", "tcp-syn", "\\ip", "\"", "ü", "🦀", "\u{7f}\u{2028}", "nosuch\tname",
];

fn filter() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..12);
    let valid =
        vec!["ip", "tcp port 80", "net 10.0.0.0/8", "ip[2:2] > 100", "vlan 5", "udp src or dst port 53"];
    let clauses = proptest::collection::vec(proptest::sample::select(valid), 1..6);
    prop_oneof![
        words.prop_map(|words| words.join(" ")),
        (clauses, any::<bool>()).prop_map(|(clauses, all)| clauses.join(if all {
            "\nand "
        } else {
            " or not "
        })),
        "[^\0]{0,40}",
    ]
}

/// Every object with a start and an end says a place in the text, or that it has none; answers how many say one.
fn places(json: &Json, text: &str) -> usize {
    match json {
        Json::Array(items) => items.iter().map(|item| places(item, text)).sum(),
        Json::Object(fields) => {
            let below: usize = fields.iter().map(|(_, value)| places(value, text)).sum();
            if !fields.iter().any(|(name, _)| name == "start") {
                return below;
            }
            match (json.field("start"), json.field("end")) {
                (Json::Null, Json::Null) => below,
                (start, end) => {
                    let (start, end) = (start.number(), end.number());
                    assert!(text.get(start..end).is_some(), "{start}..{end} is no place in {text:?}");
                    below + 1
                }
            }
        }
        _ => 0,
    }
}

/// Each line as a value, after a check of the places that it names.
fn lines(written: &str, text: &str) -> Vec<Json> {
    let lines: Vec<Json> = written.lines().map(Json::parse).collect();
    for line in &lines {
        places(line, text);
    }
    lines
}

/// The errors and warnings.
fn check_diagnostics(outcome: &Outcome, text: &str) {
    let found = lines(&outcome.stderr, text);
    let is_error = |line: &Json| line.field("severity").text() == "error";
    assert_eq!(
        matches!(outcome.code, MATCHES | MATCHES_NOT),
        !found.iter().any(is_error),
        "{}",
        outcome.stderr
    );
    for line in found {
        for span in line.field("spans").items() {
            let place = span.field("start").number()..span.field("end").number();
            assert_eq!(span.field("text").text(), &text[place]);
        }
    }
}

fn twice(arguments: &[&str]) -> Outcome {
    let (one, other) = (run(arguments), run(arguments));
    assert_eq!(
        (one.code, &one.stdout, &one.stderr),
        (other.code, &other.stdout, &other.stderr),
        "{arguments:?}"
    );
    one
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn diagnostics_are_json_about_places_in_the_filter(text in filter()) {
        let outcome = twice(&["--diagnostics", "json", "-d", "--", &text]);
        check_diagnostics(&outcome, &text);
        prop_assert_eq!(outcome.code == 0, !outcome.stdout.is_empty());
    }

    #[test]
    fn explanations_are_json_about_places_in_the_filter(text in filter(), with_packet: bool) {
        let packet: &[&str] = if with_packet { &["-r", CAPTURE, "-n", "1"] } else { &[] };
        let arguments = [&["explain", "--format", "json", "--diagnostics", "json"], packet, &["--", &text]].concat();
        let outcome = twice(&arguments);
        check_diagnostics(&outcome, &text);
        let told = lines(outcome.text(), &text);
        // A filter that does not match the packet is explained, too.
        let is_explained = matches!(outcome.code, MATCHES | MATCHES_NOT);
        prop_assert_eq!(told.len(), usize::from(is_explained));
        for told in told {
            prop_assert_eq!(told.field("filter").text(), &text);
            prop_assert_eq!(told.field("packet") != &Json::Null, with_packet);
        }
    }
}

#[test]
fn places_are_found_where_there_are_any() {
    let told = Json::parse(run(&["explain", "--format", "json", "ip or arp"]).text().trim_end());
    assert!(places(&told, "ip or arp") >= 4);
}
