//! A packet in pieces: all ways to cut it into up to three segments.
//!
//! ```text
//! |-- first --|-- second --|-- third --|      0 <= a <= b <= n: any of the three may be empty
//!             a            b
//! ```

use bpf_core::{ChainPacket, Metadata, Program, RawInsn};

use super::packets::Sample;

/// Packets are cut at every place up to here, and at their end.
pub const CUT_BYTES_MAX: usize = 128;

/// The verdict over every way of cutting, if it is the same for all, and for the prepared form too.
pub(super) fn run_on_all_cuts(
    program: &Program<Vec<RawInsn>>,
    sample: &Sample,
    known: Metadata,
) -> Result<u32, String> {
    let bytes = &*sample.bytes;
    let total_len = u32::try_from(bytes.len()).map_err(|_| String::from("a packet of 4 GiB"))?;
    let places: Vec<usize> =
        (0..bytes.len().min(CUT_BYTES_MAX)).chain(std::iter::once(bytes.len())).collect();
    let prepared = program.prepare();
    let mut verdict = None;
    for (nth, &second) in places.iter().enumerate() {
        let (head, third) = bytes.split_at(second);
        for &first in places.iter().take(nth + 1) {
            let (first_segment, second_segment) = head.split_at(first);
            let segments = [first_segment, second_segment, third];
            let chain =
                ChainPacket::with_metadata(segments.iter().copied(), 0, total_len, sample.wire_len, known);
            let found = program.run(&chain);
            let fast = prepared.run(&chain);
            if fast != found {
                return Err(format!("{found}, prepared {fast}, when cut at {first} and {second}"));
            }
            let before = *verdict.get_or_insert(found);
            if found != before {
                return Err(format!(
                    "{found} when cut at {first} and {second}, {before} when cut at 0 and 0"
                ));
            }
        }
    }
    verdict.ok_or_else(|| String::from("no way to cut"))
}

#[cfg(test)]
mod tests {
    use bpf_core::{Metadata, Profile, bpf_validate, text};

    use super::{Sample, run_on_all_cuts};

    #[test]
    fn a_word_is_read_across_every_cut() {
        let insns = text::parse("ld [1]\nret a\n").unwrap();
        let program = bpf_validate(insns, Profile::STRICT).unwrap();
        let sample = Sample { name: String::new(), bytes: [9, 1, 2, 3, 4].into(), wire_len: 5 };
        assert_eq!(run_on_all_cuts(&program, &sample, Metadata::default()), Ok(0x0102_0304));
    }
}
