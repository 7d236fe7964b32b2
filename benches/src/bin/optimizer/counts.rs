//! Static sizes and executed instructions of the listed filters.
//!
//! ```text
//! static     sum of our lengths / sum of libpcap's
//! executed   for each filter our instructions over all packets / libpcap's; of these the geometric mean
//! ```
//!
//! Packets are the recorded ones of the link type; where there are none, frames that the tests make up, from a fixed seed.
//! Filters of which libpcap makes a loop (`protochain`) are left out: ours has none, at the price of its length.

use std::collections::BTreeMap;

use bpf_core::{Profile, RawInsn, SlicePacket, State, bpf_validate};
use snapgate_tests::frames;
use snapgate_tests::listed::{self, Listed};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::rng::Rng;

/// How many frames are made of a link type that is not recorded.
const FRAMES: usize = 2_000;
const SEED: u64 = 1;
/// So many instructions more, on the average over all packets, and a filter is named.
const SLOWER_BY: f64 = 2.0;

/// One filter, counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) filter: Listed,
    /// Instructions of the program: ours, libpcap's.
    pub(crate) len: [usize; 2],
    /// Instructions that all packets together execute.
    steps: [u64; 2],
    packets: usize,
}

impl Counted {
    /// How many instructions ours is longer.
    fn excess(&self) -> usize {
        self.len[0].saturating_sub(self.len[1])
    }

    /// Instructions of an average packet.
    #[expect(clippy::cast_precision_loss, reason = "counts of some millions are exact")]
    fn average(&self, which: usize) -> f64 {
        self.steps.get(which).copied().unwrap_or_default() as f64 / self.packets as f64
    }

    pub(crate) fn is_longer(&self) -> bool {
        self.excess() > 0
    }

    pub(crate) fn is_slower(&self) -> bool {
        self.average(0) > self.average(1) + SLOWER_BY
    }
}

/// Of a class, or of all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ratios {
    pub(crate) filters: usize,
    len: [usize; 2],
    logarithms: f64,
}

impl Ratios {
    #[expect(clippy::cast_precision_loss, reason = "lengths are small")]
    pub(crate) fn size(self) -> f64 {
        self.len[0] as f64 / self.len[1] as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "some hundred filters")]
    pub(crate) fn executed(self) -> f64 {
        (self.logarithms / self.filters as f64).exp()
    }
}

/// How many instructions a packet executes.
///
/// # Errors
/// The machine refuses the program.
pub(crate) fn steps(program: &[RawInsn], packets: &[Sample]) -> Result<Vec<u64>, String> {
    // libpcap's own rules; nothing here is as long as its list of 50,000.
    let profile = Profile::LIBPCAP.with_len_max(u32::MAX);
    let machine = bpf_validate(program, profile).map_err(|error| error.to_string())?;
    let mut all = Vec::with_capacity(packets.len());
    for packet in packets {
        let mut count = 0;
        let mut observer = |_: u32, _: RawInsn, _: &State| count += 1;
        machine.run_observed(&SlicePacket::new(&packet.data, packet.wire_len), &mut observer);
        all.push(count);
    }
    Ok(all)
}

/// Counts every filter of the list.
pub(crate) fn count() -> Result<Vec<Counted>, String> {
    let pool = mutate::recorded(Some(1))?;
    let mut packets: BTreeMap<u16, Vec<Sample>> = BTreeMap::new();
    let mut counted = Vec::new();
    for filter in listed::read()? {
        if filter.text.contains("protochain") {
            continue;
        }
        let told = |error: String| format!("{} '{}': {error}", filter.link, filter.text);
        let ours = filter.ours().map_err(|error| told(error.to_string()))?;
        let theirs = filter.theirs(true).map_err(told)?;
        let packets = packets.entry(filter.dlt).or_insert_with(|| {
            mutate::recorded(Some(filter.dlt)).unwrap_or_else(|_| {
                let mut rng = Rng::new(SEED);
                (0..FRAMES).map(|_| frames::frame(&mut rng, filter.dlt, &pool)).collect()
            })
        });
        let sum = |program: &[RawInsn]| steps(program, packets).map(|all| all.iter().sum()).map_err(told);
        let steps = [sum(ours.insns())?, sum(&theirs)?];
        let (len, packets) = ([ours.insns().len(), theirs.len()], packets.len());
        counted.push(Counted { filter, len, steps, packets });
    }
    Ok(counted)
}

/// By class, and `total`.
pub(crate) fn ratios(counted: &[Counted]) -> BTreeMap<String, Ratios> {
    let mut all: BTreeMap<String, Ratios> = BTreeMap::new();
    for one in counted {
        for class in [&one.filter.class, "total"] {
            let ratios = all.entry(class.to_owned()).or_default();
            ratios.filters += 1;
            ratios.len[0] += one.len[0];
            ratios.len[1] += one.len[1];
            ratios.logarithms += (one.average(0) / one.average(1)).ln();
        }
    }
    all
}

/// One line for each filter, for machines: class, lengths, instructions of an average packet, link type, filter.
pub(crate) fn print_each(counted: &[Counted]) {
    for one in counted {
        let ([ours, theirs], filter) = (one.len, &one.filter);
        let (run, they_run) = (one.average(0), one.average(1));
        println!(
            "{}\t{ours}\t{theirs}\t{run:.2}\t{they_run:.2}\t{}\t{}",
            filter.class, filter.link, filter.text
        );
    }
}

/// The tables.
pub(crate) fn print(counted: &[Counted]) {
    println!(
        "{:12} {:>7} {:>7} {:>7} {:>7} {:>9}",
        "class", "filters", "ours", "libpcap", "size", "executed"
    );
    for (class, ratios) in ratios(counted) {
        let Ratios { filters, len: [ours, theirs], .. } = ratios;
        let (size, executed) = (ratios.size(), ratios.executed());
        println!("{class:12} {filters:7} {ours:7} {theirs:7} {size:7.3} {executed:9.3}");
    }
    println!(
        "\nexecuted: geometric mean over the filters of ours / libpcap's, over all packets of the link type"
    );

    let mut longer: Vec<_> = counted.iter().filter(|one| one.is_longer()).collect();
    longer.sort_by_key(|one| std::cmp::Reverse(one.excess()));
    println!("\n{} filters of which our program is longer; the worst:", longer.len());
    for one in longer.iter().take(10) {
        let [ours, theirs] = one.len;
        println!("{ours:5} {theirs:5}  {:16} {}", one.filter.link, one.filter.text);
    }

    let mut slower: Vec<_> = counted.iter().filter(|one| one.is_slower()).collect();
    let by = |one: &Counted| one.average(0) - one.average(1);
    slower.sort_by(|one, other| by(other).total_cmp(&by(one)));
    println!(
        "\n{} filters on which ours executes on the average over {SLOWER_BY} instructions more:",
        slower.len()
    );
    for one in slower {
        println!("{:7.1} {:7.1}  {:16} {}", one.average(0), one.average(1), one.filter.link, one.filter.text);
    }
}
