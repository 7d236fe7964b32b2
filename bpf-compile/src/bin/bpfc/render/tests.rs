//! The exact look of errors.

use bpf_compile::diagnostic::Code;
use bpf_compile::span::Span;

use super::*;
use crate::capture::{CaptureError, Damage};

const FILTER: &str = "ip and tcp dst prot 80";

fn filter_failure(text: &str, diagnostic: Diagnostic, context: Option<&str>) -> Failure {
    let expression = Expression { text: text.to_owned(), origin: "<filter>".to_owned() };
    let context = context.map(str::to_owned);
    Failure::Filter(Box::new(FilterFailure { expression, diagnostics: vec![diagnostic], context }))
}

fn unexpected(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::Unexpected,
        "expected `port`, `portrange`, `host` or `net` after `dst`",
        span,
        "unknown qualifier",
    )
}

#[test]
fn a_filter_with_all_parts() {
    let diagnostic = unexpected(Span::new(15, 19))
        .with_secondary(Span::new(7, 14), "while reading this primitive")
        .with_patch("a keyword with a similar name exists", Span::new(15, 19), "port");
    let expected = "\
error[E0201]: expected `port`, `portrange`, `host` or `net` after `dst`
 --> <filter>:1:16
  |
1 | ip and tcp dst prot 80
  |        ------- ^^^^ unknown qualifier
  |        |
  |        while reading this primitive
  |
help: a keyword with a similar name exists
  |
1 - ip and tcp dst prot 80
1 + ip and tcp dst port 80
  |";
    assert_eq!(text(&filter_failure(FILTER, diagnostic, None), false), expected);
}

#[test]
fn advice_and_context_stand_below_the_text() {
    let diagnostic = unexpected(Span::new(15, 19)).with_help("see pcap-filter(7)");
    let expected = "\
error[E0201]: expected `port`, `portrange`, `host` or `net` after `dst`
 --> <filter>:1:16
  |
1 | ip and tcp dst prot 80
  |                ^^^^ unknown qualifier
  |
  = note: interface 1 of x.pcapng has link type RAW
  = help: see pcap-filter(7)";
    let failure = filter_failure(FILTER, diagnostic, Some("interface 1 of x.pcapng has link type RAW"));
    assert_eq!(text(&failure, false), expected);
}

#[test]
fn colours_only_on_request() {
    let failure = filter_failure(FILTER, unexpected(Span::new(15, 19)), None);
    assert!(!text(&failure, false).contains('\x1b'));
    assert!(text(&failure, true).contains('\x1b'));
}

#[test]
fn damage_has_file_and_offset() {
    let damage = Damage::Truncated { part: "packet data", expected: 66, found: 44 };
    let failure =
        Failure::Capture { name: "x.pcap".to_owned(), error: CaptureError { offset: 4660, damage } };
    let expected = "\
error: truncated packet data: expected 66 bytes, found 44
--> x.pcap: byte 4660
 = help: the capture was cut off; everything before this place has been used";
    assert_eq!(text(&failure, false), expected);
}

#[test]
fn places_outside_of_the_text_do_not_panic() {
    for filter in ["", "ü", "a\nbü\n\n", "\t\0\u{202e}x"] {
        for start in 0..8 {
            for end in 0..8 {
                let span = Span::new(start, end);
                let diagnostic = unexpected(span).with_secondary(span, "").with_patch("try", span, "ö");
                let text = text(&filter_failure(filter, diagnostic, None), false);
                assert!(text.starts_with("error[E0201]"));
            }
        }
    }
}

#[test]
fn a_change_in_a_very_long_line_is_told_in_words() {
    let filter = format!("{}tpc", "tcp or ".repeat(10_000));
    let end = u32::try_from(filter.len()).unwrap();
    let place = Span::new(end - 3, end);
    let rendered = |replacement: &str, place| {
        let diagnostic = unexpected(place).with_patch("it is misspelled", place, replacement);
        text(&filter_failure(&filter, diagnostic, None), false)
    };
    let changed = rendered("tcp", place);
    assert!(changed.ends_with("help: it is misspelled: `tcp` instead of `tpc`"), "{changed}");
    assert!(changed.len() < 1000, "{} bytes", changed.len());
    assert!(rendered("", place).ends_with("leave out `tpc`"));
    assert!(rendered(" or udp", Span::new(end, end)).ends_with("insert ` or udp`"));
}
