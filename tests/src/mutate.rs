//! Packets that nobody sends: recorded ones cut, bent and put together, so that both sides of every test are seen.

use crate::rng::Rng;

/// What a machine is given: captured bytes, and the length on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The captured bytes.
    pub data: Vec<u8>,
    /// The length that the packet had on the wire; at least that of `data`.
    pub wire_len: u32,
}

impl Sample {
    /// A packet captured whole.
    #[must_use]
    pub fn whole(data: Vec<u8>) -> Self {
        let wire_len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        Self { data, wire_len }
    }

    /// The first `len` bytes, of a packet as long as before.
    #[must_use]
    pub fn cut(&self, len: usize) -> Self {
        Self { data: self.data.iter().take(len).copied().collect(), wire_len: self.wire_len }
    }
}

/// Every packet that is a beginning of this one, the empty one first.
pub fn every_cut(sample: &Sample) -> impl Iterator<Item = Sample> + '_ {
    (0..=sample.data.len()).map(|len| sample.cut(len))
}

/// Bytes whose change turns a packet into one of another kind.
const TELLING: [u8; 24] = [
    0x00, 0x01, 0x02, 0x06, 0x11, 0x29, 0x2b, 0x2c, 0x32, 0x33, 0x3a, 0x3c, 0x45, 0x46, 0x4f, 0x60, 0x67,
    0x70, 0x80, 0x81, 0x84, 0x88, 0xdd, 0xff,
];

/// One of the usual changes of `sample`, or a splice of it with `other`.
#[must_use]
pub fn mutate(rng: &mut Rng, sample: &Sample, other: &Sample) -> Sample {
    let mut data = sample.data.clone();
    match rng.below(8) {
        // As recorded.
        0 => return sample.clone(),
        // Cut anywhere, or within the headers, where it matters.
        1 => return sample.cut(rng.below(data.len() + 1)),
        2 => return sample.cut(rng.below(data.len().min(80) + 1)),
        // The head of one with the tail of the other.
        3 => {
            let at = rng.below(data.len().min(other.data.len()).min(80) + 1);
            data.truncate(at);
            data.extend(other.data.iter().skip(at));
        }
        // A byte taken out or put in: everything behind it stands elsewhere.
        4 if !data.is_empty() => {
            let at = rng.below(data.len().min(60));
            if rng.one_in(2) {
                data.remove(at);
            } else {
                data.insert(at, *rng.pick(&TELLING));
            }
        }
        // A few bytes changed, mostly within the headers.
        _ => {
            for _ in 0..=rng.below(3) {
                let reach = if rng.one_in(4) { data.len() } else { data.len().min(64) };
                let at = rng.below(reach);
                let value = if rng.one_in(2) { *rng.pick(&TELLING) } else { rng.byte() };
                if let Some(byte) = data.get_mut(at) {
                    *byte = if rng.one_in(3) { *byte ^ 1 << rng.below(8) } else { value };
                }
            }
        }
    }
    let mut bent = Sample::whole(data);
    if rng.one_in(4) {
        bent = bent.cut(rng.below(bent.data.len() + 1));
    }
    bent
}

/// A packet of random bytes, often short.
#[must_use]
pub fn noise(rng: &mut Rng) -> Sample {
    let len = if rng.one_in(4) { rng.below(300) } else { rng.below(40) };
    let data = (0..len).map(|_| rng.byte()).collect();
    let mut sample = Sample::whole(data);
    if rng.one_in(3) {
        sample.wire_len = sample.wire_len.saturating_add(rng.interesting());
    }
    sample
}

/// The packets of the recorded captures with this DLT value; of all of them if None.
///
/// # Errors
/// A capture cannot be read, or none has that link type: a test over no packets would show nothing.
pub fn recorded(dlt: Option<u16>) -> Result<Vec<Sample>, String> {
    let mut pool = Vec::new();
    for capture in crate::pcap::recorded()? {
        for record in &capture.records {
            if dlt.is_none_or(|dlt| dlt == capture.dlt(record.interface)) {
                pool.push(Sample { data: record.data.clone(), wire_len: record.wire_len });
            }
        }
    }
    if pool.is_empty() { Err(format!("no recorded packet of link type {dlt:?}")) } else { Ok(pool) }
}

/// A packet to try: a recorded one, mostly mutated, or noise.
#[must_use]
pub fn draw(rng: &mut Rng, pool: &[Sample]) -> Sample {
    if rng.one_in(8) {
        return noise(rng);
    }
    let (sample, other) = (rng.pick(pool).clone(), rng.pick(pool));
    mutate(rng, &sample, other)
}
