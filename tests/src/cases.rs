//! How many random cases a test runs, from which seed, and how a failing one is told.
//!
//! | variable | meaning | default |
//! | --- | --- | --- |
//! | `SNAPGATE_CASES` | multiplies the number of cases of every random test; may be a fraction | 1 |
//! | `SNAPGATE_SEED` | the seed | [`SEED`] |
//! | `SNAPGATE_CASE` | runs only the case of this number | all |

use std::fmt::Write as _;
use std::time::Instant;

use bpf_core::RawInsn;

use crate::rng::Rng;

/// The seed when none is given: fixed, so that a red run is red again.
pub const SEED: u64 = 20_261_121;

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let Ok(value) = text.parse() else { panic!("{name}={text} is not a number") };
    Some(value)
}

/// The seed of this run.
#[must_use]
pub fn seed() -> u64 {
    variable("SNAPGATE_SEED").unwrap_or(SEED)
}

/// `normal` cases, times the factor of the environment, and at least one.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of test cases is small, positive and need not be exact"
)]
pub fn count(normal: u64) -> u64 {
    let factor: f64 = variable("SNAPGATE_CASES").unwrap_or(1.0);
    ((normal as f64 * factor) as u64).max(1)
}

/// Runs `case` for each number below [`count`]`(normal)`, each with a generator of its own, and prints how many ran.
/// A case that fails returns what is wrong; its number, which is all one needs to repeat it, is added here.
///
/// # Panics
/// A case failed: after ten different failures, or at the end, all of them are told.
pub fn run<F>(name: &str, normal: u64, mut case: F)
where
    F: FnMut(&mut Rng) -> Result<(), String>,
{
    let (seed, start) = (seed(), Instant::now());
    // Tests that share a seed must not share their cases.
    let own =
        name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let numbers = match variable::<u64>("SNAPGATE_CASE") {
        Some(one) => one..one + 1,
        None => 0..count(normal),
    };
    // By what is wrong, so that one mistake that many cases find is told once.
    let mut failed = std::collections::BTreeMap::new();
    let mut ran = 0_u64;
    for number in numbers {
        ran += 1;
        if let Err(what) = case(&mut Rng::of_case(own, number)) {
            failed.entry(what).or_insert(number);
            if failed.len() >= 10 {
                break;
            }
        }
    }
    println!("{name}: {ran} cases, seed {seed}, {:.1} s", start.elapsed().as_secs_f64());
    let told: Vec<_> = failed
        .iter()
        .map(|(what, number)| format!("SNAPGATE_SEED={seed} SNAPGATE_CASE={number}: {what}"))
        .collect();
    assert!(told.is_empty(), "{name}: {} failures\n{}", told.len(), told.join("\n"));
}

/// A program on one line: `code jt jf k` in decimal, separated by commas.
#[must_use]
pub fn one_line(program: &[RawInsn]) -> String {
    let words: Vec<_> =
        program.iter().map(|insn| format!("{} {} {} {}", insn.code, insn.jt, insn.jf, insn.k)).collect();
    words.join(",")
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
