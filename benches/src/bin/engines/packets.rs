//! The packet sets.
//!
//! | set | packets | what it shows |
//! | --- | --- | --- |
//! | hot | 64, again and again | everything in the first cache, every branch learnt |
//! | mix | 32,768 of 10 MiB | caches hold it, branches cannot be learnt |
//! | cold | a gibibyte, visited in no order | memory |
//!
//! Packets are those of the recorded Ethernet captures, as they are or bent a little, drawn from a fixed seed.

use std::ops::Range;

use bpf_jit::BatchPacket;
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::rng::Rng;

const EN10MB: u16 = 1;
const SEED: u64 = 1;
const HOT_PACKETS: usize = 64;
const MIX_PACKETS: usize = 32_768;
const MIX_BYTES: usize = 10 << 20;
const COLD_BYTES: usize = 1 << 30;
/// A part is 60 MiB in no order, and comes again when all others were visited. A prime: with any number of engines each visits all.
const COLD_PARTS: usize = 17;
/// Packets do not begin where caches lines do.
const GAP: usize = 16;

/// A packet as engines get it: what the batch call of the JIT takes, so that nobody copies.
pub(crate) type View<'a> = BatchPacket<'a>;

/// Packets in one piece of memory, and in what order they are visited.
pub(crate) struct PacketSet {
    pub(crate) name: &'static str,
    /// A turn of an engine is one of so many parts: else a gibibyte takes too long.
    pub(crate) parts: usize,
    memory: Vec<u8>,
    visits: Vec<(Range<usize>, u32)>,
}

/// The recorded packets.
pub(crate) fn pool() -> Result<Vec<Sample>, String> {
    mutate::recorded(Some(EN10MB))
}

/// Every third one bent.
fn draw(rng: &mut Rng, pool: &[Sample]) -> Sample {
    let sample = rng.pick(pool).clone();
    if rng.one_in(3) { mutate::mutate(rng, &sample, rng.clone().pick(pool)) } else { sample }
}

impl PacketSet {
    /// Sixty-four packets.
    pub(crate) fn hot(pool: &[Sample]) -> Self {
        let mut rng = Rng::new(SEED);
        let samples: Vec<_> = (0..HOT_PACKETS).map(|_| draw(&mut rng, pool)).collect();
        Self::of("hot", &samples)
    }

    fn mixed(pool: &[Sample]) -> Vec<Sample> {
        let mut rng = Rng::new(SEED + 1);
        let mut samples: Vec<_> = (0..MIX_PACKETS).map(|_| draw(&mut rng, pool)).collect();
        // What recorded packets lack to the size that was asked for, each gets a part of behind its headers.
        let missing = MIX_BYTES.saturating_sub(samples.iter().map(|sample| sample.data.len()).sum());
        for sample in &mut samples {
            let len = sample.data.len() + rng.below(1 + 2 * missing / MIX_PACKETS);
            sample.data.resize(len.max(sample.data.len()), 0);
            sample.wire_len = sample.wire_len.max(u32::try_from(len).unwrap_or(u32::MAX));
        }
        samples
    }

    /// Thirty-two thousand packets.
    pub(crate) fn mix(pool: &[Sample]) -> Self {
        Self::of("mix", &Self::mixed(pool))
    }

    /// The same, copied until memory is full of them, and shuffled.
    pub(crate) fn cold(pool: &[Sample]) -> Self {
        let samples = Self::mixed(pool);
        let memory = Vec::with_capacity(COLD_BYTES + MIX_BYTES);
        let mut set = Self { name: "cold", parts: COLD_PARTS, memory, visits: Vec::new() };
        while set.memory.len() < COLD_BYTES {
            set.add(&samples);
        }
        let mut rng = Rng::new(SEED + 2);
        for last in (1..set.visits.len()).rev() {
            set.visits.swap(last, rng.below(last + 1));
        }
        set
    }

    fn of(name: &'static str, samples: &[Sample]) -> Self {
        let mut set = Self { name, parts: 1, memory: Vec::new(), visits: Vec::new() };
        set.add(samples);
        set
    }

    fn add(&mut self, samples: &[Sample]) {
        for sample in samples {
            let start = self.memory.len();
            self.memory.extend(&sample.data);
            self.visits.push((start..self.memory.len(), sample.wire_len));
            self.memory.resize((self.memory.len() + 2).next_multiple_of(GAP), 0);
        }
    }

    /// How much there is of it.
    pub(crate) fn describe(&self) -> String {
        format!("{} packets, {} KiB", self.visits.len(), self.memory.len() >> 10)
    }

    /// The packets in the order of visits.
    pub(crate) fn views(&self) -> Vec<View<'_>> {
        let view = |(range, wire_len): &(Range<usize>, u32)| View {
            bytes: self.memory.get(range.clone()).unwrap_or_default(),
            wire_len: *wire_len,
            metadata: None,
        };
        self.visits.iter().map(view).collect()
    }
}
