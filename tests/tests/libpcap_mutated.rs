//! Filters with mistakes in them beside libpcap: our compiler and libpcap's take the same ones and refuse the same ones, and where
//! both take one, their programs have the same verdicts.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::path::Path;

use snapgate_tests::cases;
use snapgate_tests::compare::{self, Question};
use snapgate_tests::corpus::{self, Subject};
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::frames::{self, LINK_TYPES};
use snapgate_tests::mistype::{mistype, shrink};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::oracle::libpcap;
use snapgate_tests::rng::Rng;

/// The filters of the corpus, those that are refused too, with their link types.
fn corpus_texts() -> Result<Vec<(String, u16)>, String> {
    let corpus = corpus::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))?;
    let cases = corpus.cases.iter().filter_map(|case| match &case.subject {
        Subject::Filter(filter) => Some(filter),
        Subject::Machine(..) => None,
    });
    let all = cases.chain(corpus.errors.iter().map(|case| &case.filter));
    // An error of length is no text to change by a word.
    Ok(all
        .filter(|filter| filter.text.len() < 1000)
        .map(|filter| (filter.text.clone(), filter.options.link_type.0))
        .collect())
}

/// A filter with mistakes, and the link type that it is compiled for.
fn mistyped(rng: &mut Rng, texts: &[(String, u16)]) -> (String, u16) {
    let (_, dlt) = *rng.pick(&LINK_TYPES);
    let (text, dlt) = match rng.below(4) {
        0 | 1 => {
            let (text, own) = rng.pick(texts);
            let is_judged = LINK_TYPES.iter().any(|(_, dlt)| dlt == own);
            (text.clone(), if is_judged && !rng.one_in(8) { *own } else { dlt })
        }
        _ => {
            let primitives = *rng.pick(&[1, 1, 2, 4]);
            (expression::expression(rng, &Setting { dlt, primitives, whole: true, extended: false }), dlt)
        }
    };
    (mistype(rng, &text), dlt)
}

#[test]
fn filters_with_mistakes_are_taken_and_refused_alike() {
    let texts = corpus_texts().unwrap();
    let pool = mutate::recorded(Some(1)).unwrap();
    let mut left_out = BTreeMap::new();
    let (mut taken, mut refused) = (0_u64, 0_u64);
    cases::run("filters with mistakes", 100_000, |rng| {
        let (text, dlt) = mistyped(rng, &texts);
        let netmask = rng.one_in(2).then_some(0xffff_ff00);
        let packets: Vec<Sample> = (0..6).map(|_| frames::draw(rng, dlt, &pool)).collect();
        let question = Question { text: &text, dlt, netmask };
        let Some(difference) = question.difference(&packets) else {
            *if question.ours().is_ok() { &mut taken } else { &mut refused } += 1;
            return Ok(());
        };
        if let Some(reason) = compare::excluded_mistyped(&text, dlt, &difference) {
            *left_out.entry(reason).or_insert(0) += 1;
            return Ok(());
        }
        // What is left of the text shows the same kind of difference, and no excuse for it.
        let kind = |what: &str| what.split(' ').next().map(str::to_owned);
        let same = |text: &str| {
            let found = Question { text, ..question }.difference(&packets);
            found.is_some_and(|found| {
                kind(&found) == kind(&difference) && compare::excluded_mistyped(text, dlt, &found).is_none()
            })
        };
        let small = shrink(&text, same);
        let why = Question { text: &small, ..question }.difference(&packets).unwrap_or_default();
        Err(format!("DLT {dlt} {small:?} netmask {netmask:x?}: {why}"))
    });
    println!("{taken} taken, {refused} refused; left out {left_out:?}");
    assert!(taken * 8 > refused && refused > taken, "{taken} taken, {refused} refused");
}

/// Each reason to leave a filter out, shown by a filter on Ethernet or another link type and a packet of zeros behind these bytes.
const LEFT_OUT: [(&str, u16, &str, &str); 10] = [
    ("words that 1.10 does not know", 1, "not vxlan", ""),
    ("words that 1.10 does not know", 105, "subtype ba", ""),
    ("libpcap ignores what stands behind the numbers of a range", 1, "portrange 80-90-7", ""),
    ("libpcap ignores what stands behind the numbers of a range", 1, "portrange 80-90x", ""),
    ("1.10 reads the numbers of a range as decimal ones", 1, "portrange 0x2-3", ""),
    (
        "1.10 reads the numbers of a range as decimal ones",
        12,
        "portrange 010-010",
        "450000140000000000060000000000000000000000080008",
    ),
    ("1.10 takes networks for addresses of DECnet", 1, "decnet net 2.0/16", ""),
    ("1.10 takes != for = in fields of ATM and SS7", 123, "vci != 5", "06000005"),
    (
        "1.10 takes all addresses above 224 for multicast",
        12,
        "ip multicast",
        "45000000000000000000000000000000f1",
    ),
    ("libpcap's resolver reads addresses that are written as names", 1, "host \\::1", ""),
];

#[test]
fn every_reason_to_leave_a_filter_out_is_shown() {
    for (reason, dlt, text, head) in LEFT_OUT {
        let bytes = |at: usize| head.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let mut data: Vec<u8> = (0..head.len()).step_by(2).filter_map(bytes).collect();
        data.resize(100, 0);
        let question = Question { text, dlt, netmask: None };
        let difference = question.difference(&[Sample::whole(data)]).unwrap_or_default();
        assert_eq!(compare::excluded_mistyped(text, dlt, &difference), Some(reason), "{text}: {difference}");
        assert_eq!(compare::excluded(text, dlt, &difference), None, "{text}: {difference}");
    }
    let source = include_str!("../src/compare/mistyped.rs");
    let all: Vec<&str> =
        source.split("return Some(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(all.len() >= 6, "{all:?}");
    for reason in all {
        assert!(LEFT_OUT.iter().any(|(shown, ..)| *shown == reason), "nothing shows: {reason}");
    }
}

#[test]
fn hosts_are_not_looked_up() {
    let options = libpcap::Options::plain(1);
    for text in ["host localhost", "net loopback", "src 127.0.0.1 or localhost"] {
        assert!(libpcap::compile(text, &options).unwrap_err().contains("unknown"), "{text}");
    }
    assert!(libpcap::compile("port http and host ::1", &options).is_ok());
}
