//! The exact lines, and that any text makes a line that parses.

use bpf_compile::diagnostic::Code;
use bpf_compile::span::Span;

use super::*;

fn expression(text: &str) -> Expression {
    Expression { text: text.to_owned(), origin: "<filter>".to_owned() }
}

#[test]
fn a_filter_with_all_parts() {
    let found = Diagnostic::new(Code::Unexpected, "expected `port`", Span::new(18, 22), "unknown \"word\"")
        .with_secondary(Span::new(10, 17), "in this")
        .with_help("see the manual")
        .with_patch("a similar word", Span::new(18, 22), "port");
    let line =
        diagnostic(&expression("ip and\n\u{fc} tcp dst prot 80"), &found, Severity::Error, Some("a note"));
    assert_eq!(
        line,
        concat!(
            r#"{"severity":"error","code":"E0201","message":"expected `port`","origin":"<filter>","offset":null,"#,
            r#""spans":[{"start":18,"end":22,"line":2,"column":11,"text":"prot","label":"unknown \"word\"","primary":true},"#,
            r#"{"start":10,"end":17,"line":2,"column":3,"text":"tcp dst","label":"in this","primary":false}],"#,
            r#""notes":["a note"],"help":["see the manual"],"#,
            r#""patches":[{"message":"a similar word","start":18,"end":22,"replacement":"port"}]}"#,
        )
    );
}

#[test]
fn failures_without_a_filter() {
    let failure = Failure::NotText { name: "f\\x".to_owned(), valid_bytes: 7 };
    assert_eq!(
        super::failure(&failure),
        concat!(
            r#"{"severity":"error","code":null,"message":"the expression is not UTF-8 text","origin":"f\\x","#,
            r#""offset":7,"spans":[],"notes":[],"help":[],"patches":[]}"#
        )
    );
}

#[test]
fn no_character_breaks_a_line() {
    let all: String = (0..=0x2100).filter_map(char::from_u32).chain(['\u{1f980}', '\u{10ffff}']).collect();
    let json = string(&all);
    assert!(!json.chars().any(|c| c.is_control() || c == '\u{2028}'));
    assert_eq!(string("a\"b\\c\n\u{1}\u{7f}é"), r#""a\"b\\c\n\u0001\u007fé""#);
}

#[test]
fn places_outside_of_the_text_do_not_panic() {
    for text in ["", "ü", "a\nü"] {
        for start in 0..6 {
            for end in 0..6 {
                let found = Diagnostic::new(Code::Unexpected, "", Span::new(start, end), "");
                diagnostic(&expression(text), &found, Severity::Warning, None);
            }
        }
    }
}
