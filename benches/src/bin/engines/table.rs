//! Rounds, medians, means.
//!
//! ```text
//! for each set, filter, round: every engine once ─▶ median over rounds ─▶ ns per packet
//!                                                    └▶ over filters: geometric mean, and of the ratios to the baseline
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::engine::{BASELINE, Engine, Prepared};
use crate::filters::Filter;
use crate::packets::{PacketSet, View};

/// How much is measured.
pub(crate) struct Rounds {
    rounds: usize,
    /// A turn takes at least so long: a small set is run through as often as it takes.
    turn: Duration,
}

impl Rounds {
    pub(crate) const FULL: Self = Self { rounds: 15, turn: Duration::from_micros(300) };
    pub(crate) const SMOKE: Self = Self { rounds: 1, turn: Duration::ZERO };
}

/// Nanoseconds per packet by set, filter, engine; `None` where an engine cannot do a filter.
pub(crate) type Measured = Vec<Vec<Vec<Option<f64>>>>;

/// Measures everything.
///
/// # Errors
/// An engine refuses a filter, or two do not accept the same packets.
pub(crate) fn measure(
    engines: &[Engine],
    filters: &[Filter],
    sets: &[PacketSet],
    rounds: &Rounds,
) -> Result<Measured, String> {
    let mut measured = Vec::new();
    for set in sets {
        let views = set.views();
        let mut of_set = Vec::new();
        for filter in filters {
            let mut prepared = Vec::new();
            for engine in engines {
                prepared.push(
                    (engine.prepare)(filter)
                        .map_err(|error| format!("{} on '{}': {error}", engine.name, filter.text))?,
                );
            }
            agree(engines, &prepared, filter, &views, set.name)?;
            of_set.push(of_filter(&prepared, &views, rounds));
        }
        measured.push(of_set);
    }
    Ok(measured)
}

/// An engine with its filter, if it can do it.
pub(crate) type Ready<'a> = Option<Box<dyn Prepared + 'a>>;

fn agree(
    engines: &[Engine],
    prepared: &[Ready<'_>],
    filter: &Filter,
    views: &[View<'_>],
    set: &str,
) -> Result<(), String> {
    let counts: Vec<_> = engines
        .iter()
        .zip(prepared)
        .filter_map(|(engine, ready)| Some((engine.name, ready.as_ref()?.accepted(views))))
        .collect();
    if counts.windows(2).all(|pair| matches!(pair, [(_, one), (_, other)] if one == other)) {
        return Ok(());
    }
    Err(format!("'{}' on {set}: engines accept different numbers of packets: {counts:?}", filter.text))
}

/// Nanoseconds per packet of each engine.
pub(crate) fn of_filter(prepared: &[Ready<'_>], views: &[View<'_>], rounds: &Rounds) -> Vec<Option<f64>> {
    let mut all: Vec<Option<(u32, Vec<f64>)>> = prepared
        .iter()
        .map(|ready| ready.as_ref().map(|ready| (repeats(&**ready, views, rounds.turn), Vec::new())))
        .collect();
    for _ in 0..rounds.rounds {
        for (ready, times) in prepared.iter().zip(&mut all) {
            if let (Some(ready), Some((repeats, times))) = (ready, times) {
                times.push(turn(&**ready, views, *repeats).as_secs_f64() / f64::from(*repeats));
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some millions of packets")]
    let packets = views.len() as f64;
    all.into_iter().map(|times| times.map(|(_, times)| median(times) * 1e9 / packets)).collect()
}

fn turn(ready: &dyn Prepared, views: &[View<'_>], repeats: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..repeats {
        black_box(ready.accepted(black_box(views)));
    }
    start.elapsed()
}

fn repeats(ready: &dyn Prepared, views: &[View<'_>], least: Duration) -> u32 {
    let mut repeats = 1_u32;
    while turn(ready, views, repeats) < least {
        repeats = repeats.saturating_mul(2);
    }
    repeats
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub(crate) fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value.ln()));
    (sum / count).exp()
}

/// The table: for each engine the mean over its filters, and of its ratios to the baseline on the same filters.
pub(crate) fn print(measured: &Measured, engines: &[Engine], sets: &[PacketSet]) {
    print!("\n{:18}{:>8}", "engine", "filters");
    for set in sets {
        print!("{:>10}", set.name);
    }
    print!("   over {BASELINE}:");
    for set in sets {
        print!("{:>8}", set.name);
    }
    println!("{:>18}", "worst filter");
    let baseline = engines.iter().position(|engine| engine.name == BASELINE).unwrap_or_default();
    for (number, engine) in engines.iter().enumerate() {
        let of_set = |set: &Vec<Vec<Option<f64>>>| -> Vec<(f64, f64)> {
            let pair =
                |all: &Vec<Option<f64>>| Some((all.get(number).copied()??, all.get(baseline).copied()??));
            set.iter().filter_map(pair).collect()
        };
        let pairs: Vec<_> = measured.iter().map(of_set).collect();
        print!("{:18}{:>8}", engine.name, pairs.first().map_or(0, Vec::len));
        for set in &pairs {
            print!("{:>10.2}", geometric_mean(set.iter().map(|pair| pair.0)));
        }
        print!("   {:width$}", "", width = "over :".len() + BASELINE.len());
        for set in &pairs {
            print!("{:>8.2}", geometric_mean(set.iter().map(|(own, base)| own / base)));
        }
        let worst = pairs.iter().flatten().map(|(own, base)| own / base).fold(0.0, f64::max);
        println!("{worst:>18.2}");
    }
}

/// A line for every filter and set.
pub(crate) fn print_filters(measured: &Measured, engines: &[Engine], filters: &[Filter], sets: &[PacketSet]) {
    for (set, of_set) in sets.iter().zip(measured) {
        print!("\n{:6}", set.name);
        for engine in engines {
            print!("{:>16}", engine.name);
        }
        println!();
        for (filter, times) in filters.iter().zip(of_set) {
            print!("{:6}", filter.program.len());
            for time in times {
                match time {
                    Some(time) => print!("{time:>16.2}"),
                    None => print!("{:>16}", "-"),
                }
            }
            println!("   {}", filter.shown());
        }
    }
}
