//! Compile times, printed only: of long lists, how they grow, and of one-line filters beside libpcap.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use snapgate_tests::listed;
use snapgate_tests::lists::{Kind, List};
use snapgate_tests::oracle::libpcap;

/// The list sizes of which the growth is told.
const GROWTH: [usize; 6] = [100, 300, 1_000, 5_000, 20_000, 50_000];
/// The growth is that from here on: below, what every compilation costs counts.
const GROWTH_FROM: usize = 1_000;
/// Of so many runs the fastest counts, unless one takes long.
const RUNS: usize = 3;
/// Nothing longer is begun than what this says at the growth seen so far.
const PATIENCE: Duration = Duration::from_secs(20);
const SHORT_RUNS: usize = 20;
/// libpcap's optimizer goes as deep as a list is long.
const STACK_BYTES: usize = 1 << 30;

fn fastest<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    let timed = (0..runs).map(|_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    });
    timed.min().unwrap_or_default()
}

/// A compiler of lists, and how long it took so far: logarithms of terms and seconds.
struct Curve {
    compile: fn(&str) -> Result<(), String>,
    points: Vec<(f64, f64)>,
}

impl Curve {
    const fn new(compile: fn(&str) -> Result<(), String>) -> Self {
        Self { compile, points: Vec::new() }
    }

    /// How long it takes for one more list, if that can be waited for; as text.
    #[expect(clippy::cast_precision_loss, reason = "sizes are small")]
    fn next(&mut self, terms: usize) -> Result<String, String> {
        let size = (terms as f64).ln();
        // Two points make a line; if that leads beyond what one waits for, it is not tried.
        if let [.., first, last] = self.points.as_slice() {
            let expected = (last.1 + (last.1 - first.1) / (last.0 - first.0) * (size - last.0)).exp();
            if expected > PATIENCE.as_secs_f64() {
                return Ok(format!("(about {expected:.0} s)"));
            }
        }
        let text = List::new(Kind::Hosts, terms).text();
        let start = Instant::now();
        (self.compile)(&text)?;
        let mut took = start.elapsed();
        if took < PATIENCE / 20 {
            took = fastest(RUNS, || (self.compile)(&text));
        }
        self.points.push((size, took.as_secs_f64().ln()));
        Ok(format!("{:.1} ms", took.as_secs_f64() * 1_000.0))
    }

    /// The growth from [`GROWTH_FROM`] on, or over the last two points.
    #[expect(clippy::cast_precision_loss, reason = "sizes are small")]
    fn growth(&self) -> f64 {
        let from = (GROWTH_FROM as f64).ln();
        let large = self.points.iter().position(|point| point.0 >= from).unwrap_or(usize::MAX);
        let first = large.min(self.points.len().saturating_sub(2));
        exponent(self.points.get(first..).unwrap_or_default())
    }
}

fn ours(text: &str) -> Result<(), String> {
    compile(text, &Options::new(LinkType::EN10MB), &Embedded).map(drop).map_err(|error| error.to_string())
}

fn theirs(text: &str, optimize: bool) -> Result<(), String> {
    libpcap::compile(text, &libpcap::Options { optimize, ..libpcap::Options::plain(1) }).map(drop)
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

fn curves() -> Result<(), String> {
    println!(
        "\ncompile time of `host A or host B or ...`, best of {RUNS}; in brackets what is not waited for"
    );
    println!("{:>8} {:>16} {:>16} {:>20}", "terms", "ours", "libpcap", "libpcap unoptimized");
    let mut all =
        [Curve::new(ours), Curve::new(|text| theirs(text, true)), Curve::new(|text| theirs(text, false))];
    for terms in GROWTH {
        let [ours, theirs, plain] = &mut all;
        let (ours, theirs, plain) = (ours.next(terms)?, theirs.next(terms)?, plain.next(terms)?);
        println!("{terms:8} {ours:>16} {theirs:>16} {plain:>20}");
    }
    let [ours, theirs, plain] = all.map(|curve| format!("n^{:.2}", curve.growth()));
    println!("{:>8} {ours:>16} {theirs:>16} {plain:>20}", "growth");
    Ok(())
}

/// Prints them.
pub(crate) fn print() -> Result<(), String> {
    let run = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(curves);
    let run = run.map_err(|error| error.to_string())?;
    run.join().map_err(|_| String::from("compiling lists ended in a panic"))??;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for filter in listed::read()? {
        ours.push(fastest(SHORT_RUNS, || filter.ours()));
        theirs.push(fastest(SHORT_RUNS, || filter.theirs(true)));
    }
    let count = ours.len();
    println!("\nmedian of {count} filters: ours {:.1?}, libpcap {:.1?}", median(ours), median(theirs));
    Ok(())
}
