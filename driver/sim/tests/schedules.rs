//! Seeded schedules with the linked driver.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by a panic")]

use snapgate_sim::fault::Plan;
use snapgate_sim::image::Image;
use snapgate_sim::scenario::{HANDLES, insns, tour_with_faults};
use snapgate_sim::schedule::{Setting, event, generate, run, run_seed};
use snapgate_sim::{Options, Rule};

const IMAGE: Image = Image::Linked(snapgate_driver::driver_entry);
/// All tests together run this many: 10,000.
const SEEDS: u64 = 5000;
const EVENTS: usize = 150;

fn run_all(seeds: impl Iterator<Item = u64>) {
    let mut seen = 0;
    for seed in seeds {
        match run_seed(&IMAGE, seed, EVENTS) {
            Ok(summary) => seen += summary.seen,
            Err(violation) => panic!("{violation}\nexample schedules: --replay {seed} --events {EVENTS}"),
        }
    }
    assert!(seen > 1000, "only {seen} packets were seen: nothing was tested");
}

#[test]
fn no_schedule_of_even_seeds_breaks_a_rule() {
    run_all((0..SEEDS).map(|number| number * 2));
}

#[test]
fn no_schedule_of_odd_seeds_breaks_a_rule() {
    run_all((0..SEEDS).map(|number| number * 2 + 1));
}

#[test]
fn a_seed_replays_step_by_step() {
    for seed in [1, 3, 77] {
        let first = run_seed(&IMAGE, seed, EVENTS).unwrap();
        let second = run_seed(&IMAGE, seed, EVENTS).unwrap();
        assert_eq!(
            (first.trace, first.seen, first.fallible_calls),
            (second.trace, second.seen, second.fallible_calls)
        );
        assert_ne!(first.trace, run_seed(&IMAGE, seed + 1, EVENTS).unwrap().trace);
    }
}

/// The k-th call that can fail does, for every k, in some whole schedules.
#[test]
fn every_call_that_can_fail_may_fail() {
    for seed in [4, 8, 12, 16, 20] {
        let events = generate::events(seed, 200);
        let mut fired = 0;
        for number in 1.. {
            let setting = Setting { faults: Plan::Nth(number), ..Setting::of(seed) };
            match run(&IMAGE, &events, setting) {
                Ok(summary) if summary.failed_calls == 0 => break,
                Ok(_) => fired += 1,
                Err(violation) => panic!("{violation}\nseed {seed}, call {number} failed"),
            }
        }
        assert!(fired > 20, "only {fired} calls could fail in the schedule of seed {seed}");
    }
}

/// The same in the tour: whatever fails, no rule is broken, and what the remaining handles count is exact.
#[test]
fn every_call_of_the_tour_may_fail() {
    let frames: Vec<Vec<u8>> = (0..40_u8).map(|number| vec![number; 60]).collect();
    let everything = insns(&[(6, 0, 0, 0xffff)]);
    let mut fired = 0;
    for number in 1.. {
        let filters = std::array::from_fn::<_, HANDLES, _>(|_| everything.clone());
        let result = tour_with_faults(&IMAGE, Options::default(), Plan::Nth(number), frames.clone(), filters);
        let (outcomes, failed) =
            result.unwrap_or_else(|violation| panic!("{violation}\ncall {number} failed"));
        for outcome in &outcomes {
            let counts = outcome.statistics;
            let parts = counts.delivered
                + counts.dropped_unmapped
                + counts.dropped_full
                + counts.lost
                + counts.queued;
            assert_eq!((counts.seen, counts.accepted), (counts.accepted, parts), "call {number} failed");
        }
        if failed == 0 {
            assert_eq!(outcomes.len(), HANDLES);
            break;
        }
        fired += 1;
    }
    assert!(fired > 20, "only {fired} calls of the tour could fail");
}

/// A driver that cannot be: its entry touches memory that is not there.
#[test]
fn a_schedule_that_breaks_a_rule_says_which() {
    snapgate_ffi::kernel_abi! {
        fn wild(object: *mut snapgate_ffi::wdm::DRIVER_OBJECT, _path: *mut snapgate_ffi::ntdef::UNICODE_STRING) -> i32 {
            let beyond = object.wrapping_byte_add(1 << 46).cast::<u8>();
            // SAFETY: none: that is what is tested.
            i32::from(unsafe { beyond.read_volatile() })
        }
    }
    let violation = run_seed(&Image::Linked(wild), 1, 10).unwrap_err();
    assert_eq!(violation.rule, Rule::Access, "{violation}");
}

/// Schedules that once broke a rule, as they were shrunk.
#[test]
fn schedules_that_once_broke_a_rule_do_not_any_more() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schedules");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let seed =
            text.lines().next().and_then(|line| line.strip_prefix("# seed ")).unwrap().parse().unwrap();
        let events = event::parse(&text).unwrap();
        if let Err(violation) = run(&IMAGE, &events, Setting::of(seed)) {
            panic!("{}: {violation}", path.display());
        }
        count += 1;
    }
    assert!(count > 0);
}
