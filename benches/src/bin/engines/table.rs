//! Rounds, medians, means.
//!
//! ```text
//! pass 1: for each filter, set, engine: rounds with the baseline ─▶ medians over them ─▶ ns per packet ─┐
//! pass 2: the same again                                                                                ─┼▶ median over the passes,
//! pass 3: the same again                                                                                ─┘   of times and of ratios
//!
//! over the filters: geometric means
//! ```

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::engine::{BASELINE, Engine, Prepared};
use crate::filters::Filter;
use crate::packets::{PacketSet, View};

/// How much is measured.
pub(crate) struct Rounds {
    /// So often everything, one filter after the other: what disturbs the machine for a while disturbs one of them.
    pub(crate) passes: usize,
    rounds: usize,
    /// A turn takes at least so long: a small set is run through as often as it takes.
    turn: Duration,
}

impl Rounds {
    pub(crate) const FULL: Self = Self { passes: 3, rounds: 9, turn: Duration::from_micros(300) };
    pub(crate) const SMOKE: Self = Self { passes: 1, rounds: 1, turn: Duration::ZERO };
}

/// So many packets of another turn, at most, an engine gets before each turn that is timed.
const WARMING_PACKETS: usize = 32_768;

/// Bytes of a packet that hold its headers, and of a cache line.
const HEADERS: usize = 192;
const LINE: usize = 64;

/// Nanoseconds per packet of each engine, `None` where it cannot do the filter.
pub(crate) type Times = Vec<Option<f64>>;

/// By set, filter and pass.
pub(crate) struct Measured(Vec<Vec<Vec<Times>>>);

impl Measured {
    /// The filters of a set, each with its passes.
    fn of_set(&self, set: usize) -> &[Vec<Times>] {
        self.0.get(set).map_or(&[], Vec::as_slice)
    }

    /// For each filter that both engines do: the median over the passes of the ratio in each.
    pub(crate) fn ratios(&self, set: usize, engine: usize, over: usize) -> Vec<Option<f64>> {
        let of_pass = |times: &Times| Some(times.get(engine).copied()?? / times.get(over).copied()??);
        let of_filter = |passes: &Vec<Times>| passes.iter().map(of_pass).collect::<Option<_>>().map(median);
        self.of_set(set).iter().map(of_filter).collect()
    }

    /// For each filter: the median over the passes.
    pub(crate) fn times(&self, set: usize, engine: usize) -> Vec<Option<f64>> {
        let of_pass = |times: &Times| times.get(engine).copied().flatten();
        let of_filter = |passes: &Vec<Times>| passes.iter().map(of_pass).collect::<Option<_>>().map(median);
        self.of_set(set).iter().map(of_filter).collect()
    }
}

/// Where an engine stands in the list.
pub(crate) fn place(engines: &[Engine], name: &str) -> Option<usize> {
    engines.iter().position(|engine| engine.name == name)
}

/// Measures everything; with `lines` every filter is printed as soon as it is done, else only that it is.
///
/// # Errors
/// An engine refuses a filter, or two do not accept the same packets.
pub(crate) fn measure(
    engines: &[Engine],
    filters: &[Filter],
    sets: &[PacketSet],
    rounds: &Rounds,
    lines: bool,
) -> Result<Measured, String> {
    let baseline = place(engines, BASELINE).unwrap_or_default();
    let mut measured = Measured(vec![vec![Vec::new(); filters.len()]; sets.len()]);
    let all_views: Vec<_> = sets.iter().map(PacketSet::views).collect();
    if lines {
        print!("\n{:6}", "");
        for engine in engines {
            print!("{:>16}", engine.name);
        }
        println!();
    }
    for pass in 0..rounds.passes {
        for (number, filter) in filters.iter().enumerate() {
            let mut prepared = Vec::new();
            for engine in engines {
                prepared.push(
                    (engine.prepare)(filter)
                        .map_err(|error| format!("{} on '{}': {error}", engine.name, filter.text))?,
                );
            }
            for ((set, views), of_set) in sets.iter().zip(&all_views).zip(&mut measured.0) {
                // The packets of a set in parts are copies of those of another set.
                if pass == 0 && set.parts == 1 {
                    agree(engines, &prepared, filter, views, set.name)?;
                }
                let times = of_filter(&prepared, baseline, views, set.parts, rounds);
                if lines {
                    print_line(set.name, &times, filter);
                }
                if let Some(passes) = of_set.get_mut(number) {
                    passes.push(times);
                }
            }
            if !lines {
                eprintln!("{} of {}: {}", pass + 1, rounds.passes, filter.shown());
            }
        }
    }
    Ok(measured)
}

fn print_line(set: &str, times: &Times, filter: &Filter) {
    print!("{set:6}");
    for time in times {
        match time {
            Some(time) => print!("{time:>16.2}"),
            None => print!("{:>16}", "-"),
        }
    }
    println!("   {}", filter.shown());
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

/// Nanoseconds per packet of each engine, over those of the baseline in the same rounds: what disturbs the machine disturbs both, and is
/// left out.
pub(crate) fn of_filter(
    prepared: &[Ready<'_>],
    baseline: usize,
    views: &[View<'_>],
    parts: usize,
    rounds: &Rounds,
) -> Times {
    let Some(Some(baseline)) = prepared.get(baseline) else { return vec![None; prepared.len()] };
    let pairs = beside_each(prepared, &**baseline, views, parts, rounds);
    let usual = median(pairs.iter().flatten().map(|(_, baseline)| *baseline).collect());
    pairs.into_iter().map(|pair| pair.map(|(time, baseline)| time / baseline * usual * 1e9)).collect()
}

/// The same as it is measured: where an engine is so slow that it disturbs what runs beside it.
pub(crate) fn as_measured(
    prepared: &[Ready<'_>],
    beside: &dyn Prepared,
    views: &[View<'_>],
    parts: usize,
    rounds: &Rounds,
) -> Times {
    let pairs = beside_each(prepared, beside, views, parts, rounds);
    pairs.into_iter().map(|pair| pair.map(|(time, _)| time * 1e9)).collect()
}

/// Seconds per packet of each engine, and of what runs beside it.
///
/// Each has rounds of its own, and no other engine in between: an engine behind rbpf, which takes thousands of branches for a packet,
/// was two to four times slower on mixed packets than without it.
fn beside_each(
    prepared: &[Ready<'_>],
    beside: &dyn Prepared,
    views: &[View<'_>],
    parts: usize,
    rounds: &Rounds,
) -> Vec<Option<(f64, f64)>> {
    let all = views.chunks(views.len().div_ceil(parts).max(1)).cycle();
    let mut turns = Turns { parts: all, is_in_caches: parts == 1, rounds };
    prepared.iter().map(|ready| ready.as_ref().map(|ready| turns.beside(&**ready, beside))).collect()
}

/// The turns of engines over a set. Of a set in parts every turn has the next one, so that no engine finds in the caches what the
/// turn before it brought there.
struct Turns<'a, I> {
    parts: I,
    /// There is one part, and before a turn caches are given what others may have taken from them.
    is_in_caches: bool,
    rounds: &'a Rounds,
}

impl<'a, 'v: 'a, I: Iterator<Item = &'a [View<'v>]>> Turns<'_, I> {
    fn next(&mut self) -> &'a [View<'v>] {
        self.parts.next().unwrap_or_default()
    }

    /// Medians of an engine and of the baseline, which take turns: seconds per packet.
    fn beside(&mut self, engine: &dyn Prepared, baseline: &dyn Prepared) -> (f64, f64) {
        let both = [engine, baseline];
        let repeats = both.map(|ready| {
            // Some make code when they are first called: that is no turn.
            black_box(ready.accepted(self.next()));
            repeats(ready, self.next(), self.rounds.turn)
        });
        let mut times = [const { Vec::new() }; 2];
        for _ in 0..self.rounds.rounds {
            for ((ready, repeats), times) in both.into_iter().zip(repeats).zip(&mut times) {
                let views = self.next();
                black_box(ready.accepted(views.get(..WARMING_PACKETS).unwrap_or(views)));
                let views = self.next();
                if self.is_in_caches {
                    touch(views);
                }
                #[expect(clippy::cast_precision_loss, reason = "some millions of packets")]
                let packets = views.len() as f64 * f64::from(repeats);
                times.push(turn(ready, views, repeats).as_secs_f64() / packets);
            }
        }
        let [engine, baseline] = times.map(median);
        (engine, baseline)
    }
}

/// Brings the headers of packets into the caches, without a branch that depends on what they are.
fn touch(views: &[View<'_>]) {
    let lines = |view: &View<'_>| {
        (0..HEADERS).step_by(LINE).filter_map(|at| view.bytes.get(at)).fold(0, |seen, byte| seen ^ byte)
    };
    black_box(views.iter().fold(0, |seen, view| seen ^ lines(view)));
}

fn turn(ready: &dyn Prepared, views: &[View<'_>], repeats: u32) -> Duration {
    let start = processor_time();
    for _ in 0..repeats {
        black_box(ready.accepted(black_box(views)));
    }
    processor_time().saturating_sub(start)
}

/// Of this thread: where others run too, the clock on the wall shows the turns of the scheduler, most of all for slow engines.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), nanoseconds)
}

fn repeats(ready: &dyn Prepared, views: &[View<'_>], least: Duration) -> u32 {
    let mut repeats = 1_u32;
    while turn(ready, views, repeats) < least {
        repeats = repeats.saturating_mul(2);
    }
    repeats
}

pub(crate) fn median(mut times: Vec<f64>) -> f64 {
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
    let baseline = place(engines, BASELINE).unwrap_or_default();
    for (number, engine) in engines.iter().enumerate() {
        let done = measured.times(0, number).iter().flatten().count();
        print!("{:18}{done:>8}", engine.name);
        for (set, _) in sets.iter().enumerate() {
            print!("{:>10.2}", geometric_mean(measured.times(set, number).into_iter().flatten()));
        }
        print!("   {:width$}", "", width = "over :".len() + BASELINE.len());
        let mut worst = 0.0_f64;
        for (set, _) in sets.iter().enumerate() {
            let ratios = measured.ratios(set, number, baseline);
            print!("{:>8.2}", geometric_mean(ratios.iter().flatten().copied()));
            worst = ratios.into_iter().flatten().fold(worst, f64::max);
        }
        println!("{worst:>18.2}");
    }
}
