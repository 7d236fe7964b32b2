//! Filters that nobody types.

use std::cell::Cell;
use std::time::Duration;

use bpf_compile::Options;
use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::syntax::Dialect;
use snapgate_tests::cases;
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::smt::{Outcome, Prover};

use super::pairs::Pairs;

const LIMIT: Duration = Duration::from_secs(5);
const LINKS: [u16; 8] = [1, 1, 1, 113, 276, 127, 12, 0];

/// A packet on which some program of a filter differs from its plain one; what is not known is counted.
fn difference(text: &str, dlt: u16, unknown: &Cell<u32>, prover: &mut Prover) -> Option<String> {
    let mut pairs = Pairs::default();
    // It may not compile.
    let mut options = Options::new(LinkType(dlt));
    options.dialect = Dialect::Extended;
    pairs.add("generated", text, &options, &Embedded).ok()?;
    pairs.different.iter().find_map(|pair| match prover.prove(&pair.plain, &pair.optimized, LIMIT) {
        Outcome::Proved => None,
        Outcome::Differ(packet) => {
            let verdicts = packet.verdicts([&pair.plain, &pair.optimized]).unwrap();
            Some(format!("{}: {verdicts:?} (plain, optimized) for {packet}", pair.name))
        }
        Outcome::Unknown(_) => {
            unknown.set(unknown.get() + 1);
            None
        }
    })
}

#[test]
fn generated_filters_mean_the_same_optimized() {
    let mut prover = Prover::default();
    let (unknown, mut all) = (Cell::new(0), 0);
    cases::run("generated", 400, |rng| {
        let dlt = *rng.pick(&LINKS);
        let primitives = *rng.pick(&[1, 2, 4, 8, 16]);
        let setting = Setting { dlt, primitives, whole: rng.one_in(2), extended: rng.one_in(4) };
        let text = expression::expression(rng, &setting);
        all += 1;
        let Some(first) = difference(&text, dlt, &unknown, &mut prover) else { return Ok(()) };
        let small = expression::shrink(&text, |text| difference(text, dlt, &unknown, &mut prover).is_some());
        let shown = difference(&small, dlt, &unknown, &mut prover).unwrap_or(first);
        Err(format!("link type {dlt}: '{small}': {shown}"))
    });
    println!("{all} filters, of which {} not proved in {LIMIT:?}", unknown.get());
    assert!(unknown.get() <= all / 20 + 1, "{} of {all} are not proved", unknown.get());
}
