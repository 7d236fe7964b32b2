//! Seeded schedules: lists of events, run on a machine, shrunk when they fail.
//!
//! ```text
//!   seed, count ─▶ generate::events ─▶ run ─▶ a broken rule ─▶ shrink ─▶ the fewest events, kept as a test
//! ```

pub mod event;
pub mod generate;
mod program;
mod run;
pub mod shrink;
pub mod traffic;

pub use generate::Numbers;
pub use run::{Setting, Summary, run};

use crate::image::Image;
use crate::verify::Violation;
use event::Event;

/// Runs the schedule of a seed.
///
/// # Errors
/// The rule that was broken.
pub fn run_seed(image: &Image, seed: u64, count: usize) -> Result<Summary, Box<Violation>> {
    run(image, &generate::events(seed, count), Setting::of(seed))
}

/// The fewest events found that break the same rule as the schedule of a seed, and how they do.
///
/// `None`: the schedule breaks none.
#[must_use]
pub fn shrink_seed(
    image: &Image,
    seed: u64,
    count: usize,
    tries: usize,
) -> Option<(Vec<Event>, Box<Violation>)> {
    let events = generate::events(seed, count);
    let setting = Setting::of(seed);
    let rule = run(image, &events, setting).err()?.rule;
    let shortest = shrink::shrink(&events, tries, |part| {
        run(image, part, setting).is_err_and(|violation| violation.rule == rule)
    });
    let violation = run(image, &shortest, setting).err()?;
    Some((shortest, violation))
}
