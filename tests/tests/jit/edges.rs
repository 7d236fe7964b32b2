//! Every instruction at its edges.
//!
//! Operands that the code generator knows are computed by it; those that come out of the packet are not. Both ways are tried.

use bpf_core::RawInsn;
use bpf_core::opcode as op;
use snapgate_tests::edges;
use snapgate_tests::mutate::{self, Sample};

use super::{bare, compare};

const VALUES: [u32; 12] =
    [0, 1, 2, 31, 32, 33, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ffff];

const RETURN_A: RawInsn = RawInsn::stmt(op::RET | op::A, 0);

/// Packets that begin with every pair of [`VALUES`].
fn pairs() -> Vec<(Sample, bpf_core::Metadata)> {
    let pair = |(a, x): (u32, u32)| Sample::whole([a.to_be_bytes(), x.to_be_bytes()].concat());
    let all = VALUES.iter().flat_map(|a| VALUES.iter().map(move |x| (*a, *x)));
    all.map(|both| bare(pair(both))).collect()
}

/// X from the second word of the packet, A from the first.
const FROM_PACKET: [RawInsn; 3] = [
    RawInsn::stmt(op::LD | op::W | op::ABS, 4),
    RawInsn::stmt(op::MISC | op::TAX, 0),
    RawInsn::stmt(op::LD | op::W | op::ABS, 0),
];

#[test]
fn arithmetic_on_values_of_the_packet() {
    let pairs = pairs();
    for operation in [op::ADD, op::SUB, op::MUL, op::DIV, op::OR, op::AND, op::LSH, op::RSH, op::MOD, op::XOR]
    {
        let by_x = RawInsn::stmt(op::ALU | operation | op::X, 0);
        compare(&[&FROM_PACKET[..], &[by_x, RETURN_A]].concat(), &pairs).unwrap();
        for k in VALUES {
            if k == 0 && matches!(operation, op::DIV | op::MOD) {
                continue;
            }
            let by_k = RawInsn::stmt(op::ALU | operation | op::K, k);
            compare(&[&FROM_PACKET[..], &[by_k, RETURN_A]].concat(), &pairs).unwrap();
            // The constant in X, and the constant in A.
            let x = RawInsn::stmt(op::LDX | op::IMM, k);
            compare(&[FROM_PACKET[2], x, by_x, RETURN_A], &pairs).unwrap();
            let a = RawInsn::stmt(op::LD | op::IMM, k);
            compare(&[&FROM_PACKET[..2], &[a, by_x, RETURN_A]].concat(), &pairs).unwrap();
        }
    }
    let neg = RawInsn::stmt(op::ALU | op::NEG, 0);
    assert!(compare(&[&FROM_PACKET[..], &[neg, RETURN_A]].concat(), &pairs).unwrap() > 100);
}

#[test]
fn comparisons_of_every_size_of_load() {
    let pairs = pairs();
    for size in [op::B, op::H, op::W] {
        for mask in [None, Some(0), Some(0xff), Some(0xff00), Some(0xf0f0_f0f0)] {
            for test in [op::JEQ, op::JGT, op::JGE, op::JSET] {
                for k in VALUES.into_iter().chain([0x8000, 0x80, 0xff]) {
                    for source in [op::K, op::X] {
                        let mut program = FROM_PACKET.to_vec();
                        program[2].code = op::LD | op::ABS | size;
                        program.extend(mask.map(|mask| RawInsn::stmt(op::ALU | op::AND | op::K, mask)));
                        // To returns at once, and to something else first.
                        program.push(RawInsn::jump(op::JMP | test | source, k, 1, 0));
                        program.push(RETURN_A);
                        program.push(RawInsn::jump(op::JMP | test | source, k ^ 1, 0, 1));
                        program.push(RawInsn::stmt(op::RET | op::K, 1));
                        program.push(RawInsn::stmt(op::RET | op::K, 2));
                        compare(&program, &pairs).unwrap();
                    }
                }
            }
        }
    }
}

#[test]
fn instructions_on_values_that_are_known() {
    let whole = Sample::whole((0..64).map(|byte| byte ^ 0x5a).collect());
    let packets = [bare(whole.cut(0)), bare(whole)];
    for program in edges::without_loads(true).iter().step_by(3) {
        compare(program, &packets).unwrap();
    }
}

#[test]
fn loads_around_every_end() {
    let whole = Sample { wire_len: 1500, ..Sample::whole((0..64).map(|byte| byte ^ 0x5a).collect()).cut(20) };
    let cuts: Vec<_> = mutate::every_cut(&whole).map(bare).collect();
    for len in [0, 1, 4, 20] {
        for program in edges::loads(len, true) {
            compare(&program, &cuts).unwrap();
        }
    }
}

#[test]
fn indirect_loads_of_any_x_of_the_packet() {
    let mut packets = pairs();
    packets.extend((0..40).map(|x| bare(Sample::whole([[0, 0, 0, x], [0, 0, 0, x]].concat()))));
    for k in VALUES.into_iter().chain([3, 4, 5, 6, 7, 8, 0xffff_eff0, 0xffff_f000]) {
        for size in [op::B, op::H, op::W] {
            let load = RawInsn::stmt(op::LD | op::IND | size, k);
            compare(&[&FROM_PACKET[..], &[load, RETURN_A]].concat(), &packets).unwrap();
            // Behind the same X again, nearer and further; and behind another.
            let again = RawInsn::stmt(op::LD | op::IND | op::B, k / 2);
            let further = RawInsn::stmt(op::LD | op::IND | op::W, k.saturating_add(1));
            let tax = RawInsn::stmt(op::MISC | op::TAX, 0);
            for tail in [vec![again], vec![further], vec![tax, again], vec![again, tax, further]] {
                compare(&[&FROM_PACKET[..], &[load], &tail, &[RETURN_A]].concat(), &packets).unwrap();
            }
        }
    }
}

#[test]
fn the_empty_program_keeps_everything() {
    let empty = bpf_core::bpf_validate(&[][..], bpf_core::Profile::FREEBSD).unwrap();
    let filter = bpf_jit::CompiledFilter::new(&empty).unwrap();
    assert_eq!(filter.run(&[], 0, &bpf_core::Metadata::default()), u32::MAX);
}

/// Both ways set the scratch word to different constants, a later block to one of the two again, before ways meet that differ in it.
#[test]
fn a_word_that_is_written_again_with_what_only_one_way_had() {
    let way = |name: &str, k: u32| {
        format!(
            "{name}: ld #{k}\n st M[1]\n ldb [1]\n jne #1, skip_{name}\n ldx #1\n skip_{name}: ld M[1]\n add x\n st M[3]\n"
        )
    };
    let text = format!(
        "ldb [0]\n jeq #1, other\n {} ja both\n {} both: ld #7\n st M[1]\n ldb [2]\n jne #1, last\n ldx #len\n stx M[1]\n \
         last: ld M[1]\n ret a",
        way("first", 7),
        way("other", 9)
    );
    let program = bpf_core::text::parse(&text).unwrap();
    let packets: Vec<_> = (0..8_u8).map(|n| bare(Sample::whole(vec![n & 1, n >> 1 & 1, n >> 2]))).collect();
    assert_eq!(compare(&program, &packets).unwrap(), 8);
}
