//! Machine code that counts says what the plain interpreter says, at every length of packet; and so does code for batches alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use bpf_core::{Counted, Metadata, Profile, Program, RawInsn, SlicePacket, Vlan, bpf_validate, text};
use bpf_jit::{BatchPacket, BitmapFilter, CountingFilter};

fn program(source: &str) -> Program<Vec<RawInsn>> {
    bpf_validate(text::parse(source).unwrap(), Profile::LIBPCAP).unwrap()
}

/// All loads that every way needs, two ways that meet with other counts, jumps to jumps, divisions, values beside the packet.
fn programs() -> Vec<Program<Vec<RawInsn>>> {
    let list: String = (0..40).map(|k| format!("jeq #{}, keep\n", 3 * k)).collect();
    let sources = [
        "ldh [12]\n jne #0x800, drop\n ldb [23]\n jne #6, drop\n ldh [20]\n jset #0x1fff, drop\n ldxb 4*([14]&0xf)\n\
         ldh [x + 14]\n jeq #80, keep\n ldh [x + 16]\n jne #80, drop\n keep: ret #262144\n drop: ret #0",
        "ldb [0]\n tax\n ld [4]\n div x\n mod #10\n lsh x\n ret a",
        "ldb [0]\n st M[1]\n ldb [1]\n jgt #5, other\n ld #9\n st M[1]\n other: ld M[1]\n jeq #9, keep\n ret #0\n keep: ret a",
        "ldb [2]\n jgt #7, one\n ja two\n one: ja three\n two: ja three\n three: ret #5",
        "ldb [4294963248]\n jeq #1, tagged\n ret #0\n tagged: ldh [4294963244]\n and #0xfff\n ret a",
        "ld [4294967295]\n ret #1",
        "ld #4\n jeq #4, same\n ret #1\n same: ret #1",
    ];
    let mut programs: Vec<_> = sources.into_iter().map(program).collect();
    programs.push(program(&format!("ldb [3]\n{list}ret #0\nkeep: ret #7")));
    programs
}

fn packets() -> Vec<Vec<u8>> {
    let mut web: Vec<u8> = (0..60).collect();
    web[12..14].copy_from_slice(&[8, 0]);
    web[14] = 0x45;
    web[20..24].copy_from_slice(&[0, 0, 64, 6]);
    web[34..38].copy_from_slice(&[1, 2, 0, 80]);
    let zeros = vec![0; 40];
    let high: Vec<u8> = (0..40).map(|byte| 255 - 3 * byte).collect();
    [web, zeros, high]
        .iter()
        .flat_map(|packet| (0..=packet.len()).map(|len| packet[..len].to_vec()))
        .collect()
}

#[test]
fn steps_are_those_of_the_plain_interpreter() {
    let tagged = Metadata { vlan: Some(Vlan::Tagged { tci: 100, tpid: 0x8100 }), ..Metadata::default() };
    for program in programs() {
        let filter = CountingFilter::new(&program).unwrap();
        for packet in packets() {
            for known in [Metadata::default(), tagged] {
                let expected = program.run_counted(&SlicePacket::with_metadata(&packet, 77, known));
                assert!(expected.steps != 0);
                assert_eq!(filter.run(&packet, 77, &known), expected, "{:?} {packet:?}", program.insns());
            }
        }
    }
}

#[test]
fn the_empty_program_takes_no_step() {
    let program = bpf_validate([], Profile::FREEBSD).unwrap();
    let found = CountingFilter::new(&program).unwrap().run(&[1], 1, &Metadata::default());
    assert_eq!(found, Counted { verdict: u32::MAX, steps: 0 });
}

#[test]
fn code_for_batches_alone_accepts_what_the_plain_interpreter_accepts() {
    let packets = packets();
    let batch: Vec<_> =
        packets.iter().map(|bytes| BatchPacket { bytes, wire_len: 77, metadata: None }).collect();
    for program in programs() {
        let mut bits = vec![u64::MAX; packets.len().div_ceil(64) + 1];
        assert_eq!(BitmapFilter::new(&program).unwrap().run(&batch, &mut bits), packets.len());
        for (at, packet) in packets.iter().enumerate() {
            let expected = program.run(&SlicePacket::new(packet, 77)) != 0;
            assert_eq!(bits[at / 64] >> (at % 64) & 1 != 0, expected, "{:?} {packet:?}", program.insns());
        }
    }
}
