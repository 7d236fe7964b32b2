//! Filters with mistakes.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::path::Path;

use snapgate_tests::compare::{Question, excluded};
use snapgate_tests::corpus::{self, Subject};
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::frames::LINK_TYPES;
use snapgate_tests::mistype::{mistype, shrink};
use snapgate_tests::oracle::libpcap;

#[test]
fn hosts_are_not_looked_up() {
    let options = libpcap::Options::plain(1);
    for text in ["host localhost", "net loopback", "src 127.0.0.1 or localhost"] {
        assert!(libpcap::compile(text, &options).unwrap_err().contains("unknown"), "{text}");
    }
    assert!(libpcap::compile("port http", &options).is_ok());
}

#[test]
fn explore() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let corpus = corpus::read(&folder).unwrap();
    let mut texts: Vec<(String, u16)> = Vec::new();
    for case in &corpus.cases {
        if let Subject::Filter(filter) = &case.subject {
            texts.push((filter.text.clone(), filter.options.link_type.0));
        }
    }
    for case in &corpus.errors {
        texts.push((case.filter.text.clone(), case.filter.options.link_type.0));
    }
    let mut found: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let (mut both, mut none) = (0, 0);
    snapgate_tests::cases::run("mistyped", 10_000, |rng| {
        let (base, dlt) = if rng.one_in(2) {
            rng.pick(&texts).clone()
        } else {
            let dlt = rng.pick(&LINK_TYPES).1;
            let primitives = *rng.pick(&[1, 2, 4]);
            (expression::expression(rng, &Setting { dlt, primitives, whole: true }), dlt)
        };
        let text = mistype(rng, &base);
        if text.contains('\0') || text.to_lowercase().contains("localhost") || text.to_lowercase().contains("loopback") { return Ok(()) }
        let netmask = rng.one_in(2).then_some(0xffff_ff00);
        let question = Question { text: &text, dlt, netmask };
        let Some(difference) = question.difference(&[]) else {
            if question.ours().is_ok() { both += 1 } else { none += 1 }
            return Ok(());
        };
        if excluded(&text, dlt, &difference).is_some() { return Ok(()) }
        let ours = difference.starts_with("we take");
        let small = shrink(&text, |text| {
            let question = Question { text, ..question };
            question.difference(&[]).is_some_and(|d| d.starts_with("we take") == ours && excluded(text, dlt, &d).is_none())
        });
        let told = Question { text: &small, ..question }.difference(&[]).unwrap();
        let told = told.split("span: Span").next().unwrap().to_owned();
        let entry = found.entry(told).or_default();
        entry.0 += 1;
        if entry.1.len() < 6 && !entry.1.contains(&format!("{dlt}: {small}")) { entry.1.push(format!("{dlt}: {small}")); }
        Ok(())
    });
    println!("{both} {none}");
    let mut all: Vec<_> = found.into_iter().collect();
    all.sort_by_key(|a| std::cmp::Reverse(a.1.0));
    for (told, (count, examples)) in all {
        println!("{count} {told}\n      {examples:?}");
    }
}
