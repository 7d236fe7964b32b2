//! The corpus beside libpcap 1.10.3: its unoptimized programs give the verdicts that the corpus expects, or the case says in
//! `libpcap_1_10` what is different there, and it is.

use std::fmt::Write as _;
use std::path::Path;

use snapgate_tests::compare::{Judge, Question};
use snapgate_tests::corpus::{self, Case, Corpus, Filter, Subject};

fn read() -> Result<Corpus, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    corpus::read(&folder)
}

fn question(filter: &Filter) -> Question<'_> {
    Question { text: &filter.text, dlt: filter.options.link_type.0, netmask: filter.options.netmask }
}

/// What libpcap says otherwise of a case.
fn difference(filter: &Filter, case: &Case) -> Option<String> {
    let program = match question(filter).theirs() {
        Ok(program) => program,
        Err(refusal) => return Some(format!("refused: {refusal}")),
    };
    let Some(judge) = Judge::new(&filter.text, &program) else {
        return Some("a program that nothing runs".into());
    };
    let mut told = String::new();
    for (sample, expected) in &case.expected {
        let found = judge.run(&sample.bytes, sample.wire_len);
        if found != *expected {
            // Writing to a string cannot fail.
            let _ = write!(told, " {} {found}", sample.name);
        }
    }
    (!told.is_empty()).then_some(told)
}

#[test]
fn cases_hold_in_libpcap_or_say_why_not() {
    let corpus = read().unwrap();
    let mut held = 0;
    let mut wrong = String::new();
    for case in &corpus.cases {
        let Subject::Filter(filter) = &case.subject else { continue };
        // libpcap would look names up in the network.
        if filter.has_names || filter.is_beyond_libpcap() {
            continue;
        }
        held += 1;
        let problem = match (&filter.libpcap_1_10, difference(filter, case)) {
            (None, None) | (Some(_), Some(_)) => continue,
            (None, Some(told)) => told,
            (Some(reason), None) => format!("no difference, but one is named: {reason}"),
        };
        let _ = writeln!(wrong, "{} '{}': {problem}", case.name, filter.text);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(held > 600, "{held} cases were held against libpcap");
}

#[test]
fn filters_that_are_refused_are_refused_by_libpcap_or_say_why_not() {
    let corpus = read().unwrap();
    let mut wrong = String::new();
    for case in &corpus.errors {
        let filter = &case.filter;
        if filter.has_names || filter.is_beyond_libpcap() {
            continue;
        }
        let problem = match (&filter.libpcap_1_10, question(filter).theirs()) {
            (None, Err(_)) | (Some(_), Ok(_)) => continue,
            (None, Ok(_)) => String::from("compiled"),
            (Some(reason), Err(error)) => {
                format!("refused ({error}), but a reason why not is named: {reason}")
            }
        };
        let _ = writeln!(wrong, "{} '{}': {problem}", case.name, filter.text);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
