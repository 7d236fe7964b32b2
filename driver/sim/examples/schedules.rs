//! Runs seeded schedules, and stops at the first that breaks a rule: with the linked driver, or with one mapped from its file.
//!
//! ```text
//! schedules [--sys FILE] [--seeds N] [--first SEED] [--events N]    N seeds, 0 first, 150 events each
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
    let mut image = Image::Linked(snapgate_driver::driver_entry);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let text = arguments.next().unwrap_or_default();
        if name == "--sys" {
            match Image::from_file(text.as_ref()) {
                Ok(mapped) => image = mapped,
                Err(error) => {
                    eprintln!("{text}: {error}");
                    return ExitCode::from(2);
                }
            }
            continue;
        }
        let value = text.parse::<u64>().ok();
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
    let (mut seen, mut failed, mut fallible) = (0, 0, 0);
    for seed in first..first.saturating_add(seeds) {
        match run_seed(&image, seed, events) {
            Ok(summary) => {
                seen += summary.seen;
                failed += summary.failed_calls;
                fallible += summary.fallible_calls;
            }
            Err(violation) => {
                println!("{violation}\n--replay {seed} --events {events}");
                if let Some((shortest, violation)) = shrink_seed(&image, seed, events, TRIES) {
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
