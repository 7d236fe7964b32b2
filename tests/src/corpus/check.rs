//! Holds what an engine says against what the corpus says.

use std::fmt::Write as _;

use bpf_core::bpf_validate;

use super::{Case, Engine, ErrorCase, ErrorEngine, RefusedCase};
use crate::cases::hex;

/// A case on an engine.
///
/// # Errors
/// All packets for which the engine says something else, one a line.
pub fn check_case(engine: Engine, case: &Case) -> Result<(), String> {
    match ((engine.differs)(&case.subject), verdicts(engine, case)) {
        (None, held) => held,
        (Some(_), Err(_)) => Ok(()),
        (Some(reason), Ok(())) => Err(format!("no difference, but the corpus names one: {reason}")),
    }
}

fn verdicts(engine: Engine, case: &Case) -> Result<(), String> {
    let run = (engine.prepare)(&case.subject)?;
    let mut wrong = String::new();
    for (sample, expected) in &case.expected {
        let found = match run(sample) {
            Ok(found) if found == *expected => continue,
            Ok(found) => found.to_string(),
            Err(problem) => problem,
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            wrong,
            "{}: {found}; expected {expected} (wire length {}, bytes {})",
            sample.name,
            sample.wire_len,
            hex(&sample.bytes)
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// A filter that has to be refused.
///
/// # Errors
/// It is not, or not as it ought to be.
pub fn check_error(engine: ErrorEngine, case: &ErrorCase) -> Result<(), String> {
    (engine.check)(case)
}

/// A program that the verifier has to refuse.
///
/// # Errors
/// It does not, or by another rule.
pub fn check_refused(case: &RefusedCase) -> Result<(), String> {
    match bpf_validate(case.program.as_slice(), case.profile) {
        Ok(_) => Err(format!("accepted; expected V{}", case.rule)),
        Err(error) if error.kind.rule() == case.rule => Ok(()),
        Err(error) => Err(format!("refused by V{}: {error}; expected V{}", error.kind.rule(), case.rule)),
    }
}
