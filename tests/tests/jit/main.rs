//! The JIT's verdicts and steps, and those of the prepared form, are the plain interpreter's.
//!
//! | part | programs |
//! | --- | --- |
//! | [`random`] | random ones: damaged, out of a grammar, compiled from expressions |
//! | [`edges`] | every operator at its edges, with operands that come from the packet; every length around every load |
//! | [`straight`] | few tests, made without branches |
//! | [`long`] | 4,096 instructions of every shape |
//!
//! The corpus runs on the JIT beside the other engines (`tests/tests/corpus.rs`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

mod edges;
mod long;
mod random;
mod straight;

use bpf_core::{
    ChainPacket, Counted, Metadata, Prepared, Profile, RawInsn, SlicePacket, Step, Vlan, bpf_validate,
};
use bpf_jit::{BatchPacket, BitmapFilter, CompiledFilter, CountingFilter};
use snapgate_tests::cases;
use snapgate_tests::mutate::Sample;
use snapgate_tests::rng::Rng;

/// Runs a program on all engines, packet by packet, in pieces, and as a batch; returns how many verdicts were not 0.
fn compare(program: &[RawInsn], packets: &[(Sample, Metadata)]) -> Result<usize, String> {
    let profile = Profile::LIBPCAP;
    let program = bpf_validate(program, profile).map_err(|error| error.to_string())?;
    let filter =
        CompiledFilter::new(&program).map_err(|error| format!("{error}: {}", shown(program.insns())))?;
    let counting = CountingFilter::new(&program).map_err(|error| error.to_string())?;
    let run = |(sample, known): &(Sample, Metadata)| {
        program.run_counted(&SlicePacket::with_metadata(&sample.data, sample.wire_len, known))
    };
    let counted: Vec<Counted> = packets.iter().map(run).collect();
    let expected: Vec<u32> = counted.iter().map(|counted| counted.verdict).collect();
    for ((sample, known), expected) in packets.iter().zip(&counted) {
        let found = filter.run(&sample.data, sample.wire_len, known);
        let found_counted = counting.run(&sample.data, sample.wire_len, known);
        if found != expected.verdict || found_counted != *expected {
            return Err(format!(
                "JIT {found}, counting {found_counted:?}, interpreter {expected:?}: program {} packet {} wire length {} {known:?}",
                shown(program.insns()),
                cases::hex(&sample.data),
                sample.wire_len
            ));
        }
    }
    compare_prepared(&program.prepare(), packets, &counted)
        .map_err(|error| format!("{error}: program {}", shown(program.insns())))?;
    let batch: Vec<_> = packets
        .iter()
        .map(|(sample, known)| BatchPacket {
            bytes: &sample.data,
            wire_len: sample.wire_len,
            metadata: Some(known),
        })
        .collect();
    let mut verdicts = vec![1; batch.len()];
    let mut bits = vec![u64::MAX; batch.len().div_ceil(64)];
    assert_eq!(filter.run_batch(&batch, &mut verdicts), batch.len());
    assert_eq!(filter.run_bitmap(&batch, &mut bits), batch.len());
    assert_eq!(verdicts, expected);
    let mut bits_alone = vec![u64::MAX; bits.len()];
    let alone = BitmapFilter::new(&program).map_err(|error| error.to_string())?;
    assert_eq!(alone.run(&batch, &mut bits_alone), batch.len());
    assert_eq!(bits_alone, bits);
    let bit = |at: usize| bits[at / 64] >> (at % 64) & 1 != 0;
    assert!((0..bits.len() * 64).all(|at| bit(at) == expected.get(at).is_some_and(|verdict| *verdict != 0)));
    Ok(expected.iter().filter(|verdict| **verdict != 0).count())
}

/// Each packet in one piece, and in three: by a place that is another for each packet, so that long runs come by all of them.
fn compare_prepared(
    prepared: &Prepared<Box<[Step]>>,
    packets: &[(Sample, Metadata)],
    expected: &[Counted],
) -> Result<(), String> {
    for (number, ((sample, known), expected)) in packets.iter().zip(expected).enumerate() {
        let (bytes, wire_len) = (&sample.data[..], sample.wire_len);
        let cut = (number + bytes.len()) % (bytes.len().min(80) + 1);
        let (head, tail) = bytes.split_at(cut);
        let (middle, end) = tail.split_at(tail.len().min(1 + number % 3));
        let pieces = [head, middle, end];
        let len = u32::try_from(bytes.len()).unwrap();
        let chain = ChainPacket::with_metadata(pieces.into_iter(), 0, len, wire_len, known);
        let slice = SlicePacket::with_metadata(bytes, wire_len, known);
        let found = [prepared.run(&slice), prepared.run(&chain)];
        if found != [expected.verdict; 2] {
            let hex = cases::hex(bytes);
            return Err(format!(
                "prepared and cut at {cut} {found:?}, interpreter {expected:?}: packet {hex} wire length {wire_len} {known:?}"
            ));
        }
    }
    Ok(())
}

fn shown(program: &[RawInsn]) -> String {
    if program.len() > 300 { format!("of {} instructions", program.len()) } else { cases::one_line(program) }
}

/// Nothing is known of the packet.
fn bare(sample: Sample) -> (Sample, Metadata) {
    (sample, Metadata::default())
}

/// Any of the values may be known.
fn metadata(rng: &mut Rng) -> Metadata {
    let word = rng.interesting();
    let half = u16::try_from(word & 0xffff).unwrap();
    let mut some = || rng.one_in(2);
    Metadata {
        protocol: some().then_some(half),
        pkt_type: some().then_some(3),
        if_index: some().then_some(word),
        mark: some().then_some(!word),
        queue: some().then_some(!half),
        ha_type: some().then_some(1),
        rx_hash: some().then_some(word.rotate_left(7)),
        cpu: some().then_some(5),
        vlan: some().then_some(if half % 2 == 0 {
            Vlan::Untagged
        } else {
            Vlan::Tagged { tci: half, tpid: 0x8100 }
        }),
        random: some().then_some(word.swap_bytes()),
    }
}
