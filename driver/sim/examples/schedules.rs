//! Runs seeded schedules with the linked driver, and stops at the first that breaks a rule.
//!
//! ```text
//! schedules [--seeds N] [--first SEED] [--events N]    N seeds, 0 first, 150 events each
//! schedules --replay SEED --events N                  one schedule, shrunk if it breaks a rule
//! ```

use std::process::ExitCode;

use snapgate_sim::image::Image;
use snapgate_sim::schedule::{event, run_seed, shrink_seed};

const TRIES: usize = 2000;

fn main() -> ExitCode {
    let mut seeds = 100_000;
    let mut first = 0;
    let mut events = 150;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse::<u64>().ok());
        match (name.as_str(), value) {
            ("--seeds", Some(value)) => seeds = value,
            ("--first", Some(value)) => first = value,
            ("--events", Some(value)) => events = value,
            ("--replay", Some(value)) => (first, seeds) = (value, 1),
            _ => {
                eprintln!(
                    "usage: schedules [--seeds N] [--first SEED] [--events N] | --replay SEED [--events N]"
                );
                return ExitCode::from(2);
            }
        }
    }
    let events = usize::try_from(events).unwrap_or(usize::MAX);
    let image = Image::Linked(snapgate_driver::driver_entry);
    let (mut seen, mut failed, mut fallible) = (0, 0, 0);
    for seed in first..first.saturating_add(seeds) {
        match run_seed(image, seed, events) {
            Ok(summary) => {
                seen += summary.seen;
                failed += summary.failed_calls;
                fallible += summary.fallible_calls;
            }
            Err(violation) => {
                println!("{violation}\n--replay {seed} --events {events}");
                if let Some((shortest, violation)) = shrink_seed(image, seed, events, TRIES) {
                    println!(
                        "\nshrunk to {} events:\n{}\n{violation}",
                        shortest.len(),
                        event::write(&shortest)
                    );
                }
                return ExitCode::FAILURE;
            }
        }
    }
    println!(
        "{seeds} schedules of {events} events from seed {first}: no rule broken; {seen} packets seen at the end, {failed} of {fallible} fallible calls failed"
    );
    ExitCode::SUCCESS
}
