//! Programs of the greatest length that kernels take, of every shape.

use bpf_core::RawInsn;
use bpf_core::opcode as op;
use snapgate_tests::mutate::Sample;
use snapgate_tests::rng::Rng;

use super::{bare, compare, metadata};

const LEN: usize = 4_096;
const RETURN_A: RawInsn = RawInsn::stmt(op::RET | op::A, 0);

fn packets() -> Vec<(Sample, bpf_core::Metadata)> {
    let mut rng = Rng::new(7);
    let mut packets: Vec<_> = (0..60)
        .map(|_| {
            let len = rng.below(300);
            let bytes = (0..len).map(|_| if rng.one_in(3) { 0 } else { rng.byte() }).collect();
            (Sample::whole(bytes), metadata(&mut rng))
        })
        .collect();
    packets.push(bare(Sample::whole(vec![1; 9_000])));
    packets
}

/// A program of [`LEN`] instructions: `unit` repeated, then returns.
fn repeated(mut unit: impl FnMut(u32) -> Vec<RawInsn>) -> Vec<RawInsn> {
    let mut program = Vec::new();
    for number in 0.. {
        let next = unit(number);
        if program.len() + next.len() + 300 > LEN {
            break;
        }
        program.extend(next);
    }
    program.resize(LEN - 1, RawInsn::stmt(op::RET | op::K, 3));
    program.push(RETURN_A);
    program
}

fn check(program: &[RawInsn]) {
    assert_eq!(program.len(), LEN);
    compare(program, &packets()).unwrap();
}

fn load(offset: u32) -> RawInsn {
    RawInsn::stmt(op::LD | op::ABS | op::B, offset)
}

#[test]
fn all_loads_near_and_far() {
    check(&repeated(|n| vec![load(n % 64)]));
    check(&repeated(|n| {
        vec![RawInsn::stmt(op::LD | op::ABS | op::W, n), RawInsn::stmt(op::ALU | op::ADD | op::X, 0)]
    }));
    check(&repeated(|n| {
        vec![
            RawInsn::stmt(op::LDX | op::MSH | op::B, n % 70),
            RawInsn::stmt(op::LD | op::IND | op::H, n % 50),
        ]
    }));
    // Each through the one before.
    check(&repeated(|_| {
        vec![RawInsn::stmt(op::LD | op::IND | op::B, 1), RawInsn::stmt(op::MISC | op::TAX, 0)]
    }));
}

#[test]
fn all_divisions() {
    for operation in [op::DIV, op::MOD] {
        check(&repeated(|n| vec![load(n % 8), RawInsn::stmt(op::ALU | operation | op::X, 0)]));
        check(&repeated(|n| {
            vec![
                load(n % 8),
                RawInsn::stmt(op::MISC | op::TAX, 0),
                RawInsn::stmt(op::LD | op::LEN, 0),
                RawInsn::stmt(op::ALU | operation | op::X, 0),
                RawInsn::stmt(op::ALU | operation | op::K, n + 1),
            ]
        }));
    }
}

#[test]
fn all_jumps_short_long_and_crossing() {
    let jump = |test: u16, k: u32, jt: u8, jf: u8| RawInsn::jump(op::JMP | test, k, jt, jf);
    // A chain on one value; all to one end, or each further than the one before.
    check(&repeated(|n| {
        if n == 0 { vec![load(0)] } else { vec![jump(op::JEQ, n % 256, 1, 0), jump(op::JEQ, 999, 0, 0)] }
    }));
    check(&repeated(|n| vec![load(n % 40), jump(op::JGT, n % 256, 255, 0)]));
    check(&repeated(|n| {
        vec![load(n % 40), jump(op::JSET, 1 << (n % 8), u8::try_from(n * 7 % 251).unwrap(), 3)]
    }));
    check(&repeated(|n| {
        vec![load(n % 40), jump(op::JGE, n % 256, 0, 253), RawInsn::stmt(op::MISC | op::TAX, 0)]
    }));
    check(&repeated(|n| vec![jump(op::JEQ | op::X, 0, u8::try_from(n % 3).unwrap(), 200)]));
    check(&repeated(|n| {
        vec![load(n % 20), jump(op::JEQ, n % 256, 1, 0), RawInsn::stmt(op::JMP | op::JA, n % 90)]
    }));
    // One jump over all.
    let mut far = repeated(|n| vec![load(n % 20)]);
    far[0] = RawInsn::stmt(op::JMP | op::JA, u32::try_from(LEN - 2).unwrap());
    check(&far);
}

#[test]
fn all_scratch_words_alive_everywhere() {
    let mut count = 0;
    check(&repeated(|n| {
        count += 1;
        let word = n % 16;
        vec![
            load(n % 30),
            RawInsn::stmt(op::ST, word),
            RawInsn::jump(op::JMP | op::JGT, n % 256, 2, 0),
            RawInsn::stmt(op::LD | op::MEM, (word + 5) % 16),
            RawInsn::stmt(op::ALU | op::ADD | op::K, n),
            RawInsn::stmt(op::LDX | op::MEM, (word + 9) % 16),
            RawInsn::stmt(op::ALU | op::XOR | op::X, 0),
        ]
    }));
    assert!(count > 500);
    // Different constants on both ways, merged again and again.
    check(&repeated(|n| {
        vec![
            load(n % 30),
            RawInsn::jump(op::JMP | op::JSET, 1 << (n % 8), 0, 2),
            RawInsn::stmt(op::LD | op::IMM, n),
            RawInsn::stmt(op::ST, n % 16),
            RawInsn::stmt(op::LD | op::MEM, (n + 1) % 16),
            RawInsn::stmt(op::ALU | op::ADD | op::X, 0),
            RawInsn::stmt(op::MISC | op::TAX, 0),
        ]
    }));
}

#[test]
fn all_ancillary_loads_and_all_shifts() {
    check(&repeated(|n| {
        vec![RawInsn::stmt(op::LD | op::ABS | op::W, bpf_core::ANCILLARY_BASE + 4 * (n % 16))]
    }));
    check(&repeated(|n| {
        vec![
            RawInsn::stmt(op::LDX | op::MSH | op::B, n % 50),
            RawInsn::stmt(op::ALU | op::LSH | op::X, 0),
            RawInsn::stmt(op::ALU | op::ADD | op::K, n),
            RawInsn::stmt(op::ALU | op::RSH | op::K, n % 34),
            RawInsn::stmt(op::ALU | op::NEG, 0),
        ]
    }));
}

#[test]
fn chains_of_comparisons_with_any_constants_and_targets() {
    let mut rng = Rng::new(11);
    let mut accepted = 0;
    for len in [30, 31, 32, 33, 40, 100, 250] {
        for size in [op::B, op::H, op::W] {
            for reload in [false, true] {
                let mut program = vec![RawInsn::stmt(op::LD | op::ABS | size, 0)];
                let mut values = Vec::new();
                for number in 0..len {
                    if reload && number > 0 {
                        program.push(RawInsn::stmt(op::LD | op::ABS | size, 0));
                    }
                    // Runs, twice the same, and the ends of the range.
                    let k = match rng.below(8) {
                        0 => *values.last().unwrap_or(&0),
                        1 => u32::MAX - number,
                        2 => rng.word(),
                        _ => 100 + number,
                    };
                    values.push(k);
                    program.push(RawInsn::jump(op::JMP | op::JEQ | op::K, k, 0, 0));
                }
                let last = program.len();
                // Four ends; the chains are short enough for every jump.
                program.extend((1..=4).map(|k| RawInsn::stmt(op::RET | op::K, k)));
                for (at, insn) in program.iter_mut().enumerate().take(last) {
                    if insn.code == op::JMP | op::JEQ | op::K {
                        insn.jt = u8::try_from(last - at - 1 + rng.below(3)).unwrap_or(0);
                        insn.jf = if at + 1 == last { 3 } else { 0 };
                    }
                }
                let near = values.iter().flat_map(|k| [k.wrapping_sub(1), *k, k.wrapping_add(1)]);
                let packets: Vec<_> = near
                    .chain([0, 1, u32::MAX])
                    .map(|k| match size {
                        op::B => k.to_be_bytes()[3..].to_vec(),
                        op::H => k.to_be_bytes()[2..].to_vec(),
                        _ => k.to_be_bytes().to_vec(),
                    })
                    .chain([vec![]])
                    .map(|bytes| bare(Sample::whole(bytes)))
                    .collect();
                accepted += compare(&program, &packets).unwrap();
            }
        }
    }
    assert!(accepted > 1_000);
}
