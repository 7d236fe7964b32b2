//! The corpus (`tests/corpus/*.toml`) on every engine that exists.
//!
//! Each case is a test of its own: `[engine] file::case`. The arguments are those of every Rust test, so that
//! `cargo test -p snapgate-tests --test corpus quirks::` runs the cases of one file.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use snapgate_tests::corpus::{self, ENGINES, ERROR_ENGINES};

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut trials = Vec::new();
    match corpus::read(&folder) {
        Ok(read) => add_trials(&mut trials, read),
        Err(problems) => {
            trials.push(Trial::test("corpus-files", move || Err(problems.into())));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn add_trials(trials: &mut Vec<Trial>, read: corpus::Corpus) {
    for case in read.cases {
        let case = Arc::new(case);
        for engine in ENGINES.iter().filter(|engine| (engine.takes)(&case.subject)) {
            let case = Arc::clone(&case);
            let trial = Trial::test(case.name.clone(), move || Ok(corpus::check_case(*engine, &case)?));
            trials.push(trial.with_kind(engine.name));
        }
    }
    for case in read.errors {
        let case = Arc::new(case);
        for engine in ERROR_ENGINES {
            let case = Arc::clone(&case);
            let trial = Trial::test(case.name.clone(), move || Ok(corpus::check_error(*engine, &case)?));
            trials.push(trial.with_kind(engine.name));
        }
    }
    for case in read.refused {
        let trial = Trial::test(case.name.clone(), move || Ok(corpus::check_refused(&case)?));
        trials.push(trial.with_kind("verifier"));
    }
}
