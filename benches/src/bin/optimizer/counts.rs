//! Static sizes and executed instructions of the listed filters.
//!
//! ```text
//! static     sum of our lengths / sum of libpcap's
//! executed   for each filter our instructions over all packets / libpcap's; of these the geometric mean
//! ```
//!
//! Filters of which libpcap makes a loop (`protochain`) are left out: ours has none, at the price of its length.

use std::collections::BTreeMap;

use bpf_compile::opt::Goal;
use bpf_core::{Profile, RawInsn, SlicePacket, State, bpf_validate};
use snapgate_tests::listed::{self, Listed};
use snapgate_tests::mutate::Sample;

use crate::packets::Packets;

/// So many instructions more, on the average over all packets, and a filter is named.
pub(crate) const SLOWER_BY: f64 = 2.0;

/// One filter, counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) filter: Listed,
    /// Instructions of the program: ours, libpcap's.
    pub(crate) len: [usize; 2],
    /// Instructions that all packets together execute.
    steps: [u64; 2],
    packets: usize,
    /// Whether the packets were recorded; else they are made up.
    pub(crate) is_recorded: bool,
    /// The packet on which ours executes most more: ours, libpcap's.
    pub(crate) worst: [u64; 2],
}

impl Counted {
    /// How many instructions ours is longer.
    pub(crate) fn excess(&self) -> usize {
        self.len[0].saturating_sub(self.len[1])
    }

    /// How many instructions ours executes more on the packet on which these are most.
    pub(crate) fn excess_on_a_packet(&self) -> u64 {
        self.worst[0].saturating_sub(self.worst[1])
    }

    /// Instructions of an average packet.
    #[expect(clippy::cast_precision_loss, reason = "counts of some millions are exact")]
    pub(crate) fn average(&self, which: usize) -> f64 {
        self.steps.get(which).copied().unwrap_or_default() as f64 / self.packets as f64
    }

    /// Our executed instructions / libpcap's.
    pub(crate) fn ratio(&self) -> f64 {
        self.average(0) / self.average(1)
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
    pub(crate) len: [usize; 2],
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
pub(crate) fn count(packets: &mut Packets, goal: Goal) -> Result<Vec<Counted>, String> {
    let mut counted = Vec::new();
    for filter in listed::read()? {
        if filter.text.contains("protochain") {
            continue;
        }
        let told = |error: String| format!("{} '{}': {error}", filter.link, filter.text);
        let ours = filter.ours_for(goal).map_err(|error| told(error.to_string()))?;
        let theirs = filter.theirs(true).map_err(told)?;
        let (packets, is_recorded) = packets.of(filter.dlt);
        let each: Vec<_> = steps(ours.insns(), packets)
            .and_then(|ours| Ok(ours.into_iter().zip(steps(&theirs, packets)?).collect()))
            .map_err(told)?;
        counted.push(Counted {
            len: [ours.insns().len(), theirs.len()],
            steps: each.iter().fold([0, 0], |sum, (ours, theirs)| [sum[0] + ours, sum[1] + theirs]),
            packets: packets.len(),
            is_recorded,
            worst: each
                .iter()
                .max_by_key(|(ours, theirs)| (ours.saturating_sub(*theirs), std::cmp::Reverse(*ours)))
                .map_or([0, 0], |(ours, theirs)| [*ours, *theirs]),
            filter,
        });
    }
    Ok(counted)
}

/// By class, and `total`.
pub(crate) fn ratios<'c>(counted: impl IntoIterator<Item = &'c Counted>) -> BTreeMap<String, Ratios> {
    let mut all: BTreeMap<String, Ratios> = BTreeMap::new();
    for one in counted {
        for class in [&one.filter.class, "total"] {
            let ratios = all.entry(class.to_owned()).or_default();
            ratios.filters += 1;
            ratios.len[0] += one.len[0];
            ratios.len[1] += one.len[1];
            ratios.logarithms += one.ratio().ln();
        }
    }
    all
}
