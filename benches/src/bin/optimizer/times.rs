//! Compile times, printed only: of long lists, how they grow, and of one-line filters beside libpcap.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use snapgate_tests::listed;

use crate::lists;

/// The list sizes of which the growth is told.
const GROWTH: [usize; 7] = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000];
const NAMED: [usize; 2] = [5_000, 50_000];
/// Of so many runs the fastest counts, unless one takes long.
const RUNS: usize = 3;
/// Nothing longer is begun than what this says at the growth seen so far.
const PATIENCE: Duration = Duration::from_secs(20);
const SHORT_RUNS: usize = 20;

fn fastest<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    let timed = (0..runs).map(|_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    });
    timed.min().unwrap_or_default()
}

fn list(terms: usize) -> Result<Duration, String> {
    let text = lists::hosts(terms);
    let options = Options::new(LinkType::EN10MB);
    let start = Instant::now();
    compile(&text, &options, &Embedded).map_err(|error| error.to_string())?;
    let first = start.elapsed();
    if first > PATIENCE / 20 {
        return Ok(first);
    }
    Ok(fastest(RUNS, || compile(&text, &options, &Embedded)))
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// The slope of the line through the logarithms: 1 is linear, 2 quadratic.
fn exponent(points: &[(f64, f64)]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of points")]
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), point| {
        (above + (point.0 - x) * (point.1 - y), below + (point.0 - x) * (point.0 - x))
    });
    above / below
}

/// Prints them.
pub(crate) fn print() -> Result<(), String> {
    println!("\ncompile time of `host A or host B or ...`, best of {RUNS}");
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut sizes = Vec::from(GROWTH);
    sizes.extend(NAMED);
    sizes.sort_unstable();
    sizes.dedup();
    for terms in sizes {
        #[expect(clippy::cast_precision_loss, reason = "sizes are small")]
        let size = (terms as f64).ln();
        // Two points make a line; if that leads beyond what one waits for, the rest is not tried.
        if let [.., first, last] = points.as_slice() {
            let expected = last.1 + (last.1 - first.1) / (last.0 - first.0) * (size - last.0);
            if expected > PATIENCE.as_secs_f64().ln() {
                println!("{terms:8} terms: not waited for, {:.0} s are expected", expected.exp());
                continue;
            }
        }
        let took = list(terms)?;
        points.push((size, took.as_secs_f64().ln()));
        println!("{terms:8} terms {took:10.2?}");
    }
    println!("growth over these: n^{:.2}", exponent(&points));

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for filter in listed::read()? {
        ours.push(fastest(SHORT_RUNS, || filter.ours()));
        theirs.push(fastest(SHORT_RUNS, || filter.theirs(true)));
    }
    let count = ours.len();
    println!("median of {count} filters: ours {:.1?}, libpcap {:.1?}", median(ours), median(theirs));
    Ok(())
}
