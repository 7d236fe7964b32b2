//! Bugs that interpreters and verifiers of others had, numbered: each as a test that fails if ours had it too.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "test code")]

use std::cell::Cell;

use bpf_core::{
    AluOp, Ancillary, ChainPacket, Insn, Operand, Packet, Profile, RawInsn, Size, SlicePacket, Storage,
    VerifyErrorKind as Kind, bpf_validate, bpf_validate_looping, opcode as op,
};

fn run(insns: &[Insn], packet: &impl Packet) -> u32 {
    let words: Vec<RawInsn> = insns.iter().chain(&[Insn::RetA]).map(|insn| insn.encode()).collect();
    bpf_validate(words, Profile::LIBPCAP).expect("a program").run(packet)
}

/// CVE-2010-4158, and libpcap until 2025: a scratch word that was never written showed what lay on the stack.
#[test]
fn bug_01_unwritten_scratch_reads_zero() {
    // A run that leaves something behind wherever the next one's state may lie.
    let fill: Vec<Insn> = (0..16).flat_map(|word| [Insn::LoadImm(0xaaaa_aaaa), Insn::Store(word)]).collect();
    let packet = SlicePacket::new(&[], 0);
    for word in 0..16 {
        assert_eq!(run(&fill, &packet), 0xaaaa_aaaa);
        assert_eq!(run(&[Insn::LoadMem(word)], &packet), 0);
        assert_eq!(run(&[Insn::LoadXMem(word), Insn::Txa], &packet), 0);
        let read = [Insn::LoadMem(word).encode(), Insn::RetA.encode()];
        for profile in [Profile::STRICT, Profile::LINUX, Profile::NETBSD] {
            let error = bpf_validate(read, profile).expect_err("read before it is written");
            assert_eq!((error.pc, error.kind), (0, Kind::UnwrittenScratchWord(word)));
        }
    }
}

/// CVE-2014-3144: an ancillary load subtracted from the packet's length before it asked whether it was long enough.
#[test]
fn bug_02_ancillary_loads_of_netlink_attributes_do_not_exist() {
    for k in [0xffff_f00c_u32, 0xffff_f010] {
        let program = [
            Insn::LoadXImm(u32::MAX).encode(),
            Insn::LoadImm(u32::MAX).encode(),
            RawInsn::stmt(op::LD | op::ABS | op::W, k),
            Insn::RetK(1).encode(),
        ];
        for profile in [Profile::STRICT, Profile::LINUX] {
            let error = bpf_validate(program, profile).expect_err("no such value");
            assert_eq!((error.pc, error.kind), (2, Kind::UnknownAncillary(k)));
        }
        let program = bpf_validate(program, Profile::LIBPCAP).expect("accepted there");
        for len in 0..4 {
            assert_eq!(program.run(&SlicePacket::new(&[1, 2, 3, 4][..len], 4)), 0);
        }
    }
}

/// CVE-2014-3145: what was left of the packet was computed with its operands swapped.
#[test]
fn bug_03_packets_of_no_to_eight_bytes_end_loads_exactly_at_their_end() {
    let bytes = [0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98];
    for len in 0..=8_u32 {
        let packet = SlicePacket::new(&bytes[..len as usize], 8);
        for size in [Size::Byte, Size::Half, Size::Word] {
            for offset in 0..10 {
                let inside = offset + size.bytes() <= len;
                assert_eq!(
                    run(&[Insn::LoadAbs { size, offset }], &packet) != 0,
                    inside,
                    "{size:?} {offset} {len}"
                );
                let indirect = [Insn::LoadXImm(offset), Insn::LoadInd { size, offset: 0 }];
                assert_eq!(run(&indirect, &packet) != 0, inside, "{size:?} {offset} {len}");
            }
        }
    }
}

/// Linux 2014: division by multiplication with a reciprocal was wrong by one for some operands.
#[test]
fn bug_04_division_and_remainder_are_exact() {
    let mut state: u64 = 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Operands of all magnitudes.
        (state >> 32) as u32 >> (state % 32)
    };
    let packet = SlicePacket::new(&[], 0);
    let edges = [1, 2, 3, 7, 641, 6_700_417, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, u32::MAX];
    let pairs = edges.iter().flat_map(|&a| edges.map(|b| (a, b))).collect::<Vec<_>>();
    let random = (0..20_000).map(|_| (next(), next().max(1)));
    for (a, b) in pairs.into_iter().chain(random) {
        for operand in [Operand::K(b), Operand::X] {
            let one = |op| run(&[Insn::LoadXImm(b), Insn::LoadImm(a), Insn::Alu { op, operand }], &packet);
            let (quotient, remainder) = (u64::from(one(AluOp::Div)), u64::from(one(AluOp::Mod)));
            assert!(remainder < u64::from(b), "{a} / {b}");
            assert_eq!(quotient * u64::from(b) + remainder, u64::from(a), "{a} / {b}");
        }
    }
}

/// A Windows driver, 2024: a load that crossed into the next piece of a chain read one byte past its end.
#[test]
fn bug_05_loads_across_every_cut_of_a_chain_stay_inside() {
    // Every byte that must not be seen is 0xee, on both sides of every piece.
    let visible = [1_u8, 2, 3, 4, 5, 6, 7];
    for first in 0..=visible.len() {
        for second in first..=visible.len() {
            let pieces = [&visible[..first], &visible[first..second], &visible[second..]];
            let padded = pieces.map(|piece| [&[0xee; 4], piece, &[0xee; 4]].concat());
            let segments = padded.iter().map(|piece| &piece[4..piece.len() - 4]);
            let chain = ChainPacket::new(segments, 0, 7, 7);
            let flat = SlicePacket::new(&visible, 7);
            for size in [Size::Byte, Size::Half, Size::Word] {
                for offset in 0..12 {
                    let load = [Insn::LoadAbs { size, offset }];
                    assert_eq!(run(&load, &chain), run(&load, &flat), "{pieces:?} {size:?} {offset}");
                }
            }
        }
    }
}

/// Windows and FreeBSD drivers: a program was freed or replaced while a packet ran through it. Here it is a value that
/// the running program borrows; what can be tested is that the verified words and the running ones are the same.
#[test]
fn bug_06_bug_08_the_words_that_run_are_the_words_that_were_verified() {
    let mut words = vec![Insn::RetK(1).encode()];
    let program = bpf_validate(words.clone(), Profile::STRICT).expect("a program");
    words[0] = Insn::Store(99).encode();
    assert_eq!(program.insns(), [Insn::RetK(1).encode()]);
    assert_eq!(program.run(&SlicePacket::new(&[], 0)), 1);
    assert!(bpf_validate(words, Profile::STRICT).is_err());
}

const HARMLESS: [RawInsn; 1] = [RawInsn::stmt(op::RET | op::K, 0)];

/// Memory that breaks its contract: other words after it was verified.
struct Turncoat(Vec<RawInsn>, Cell<bool>);

impl Storage for Turncoat {
    fn insns(&self) -> &[RawInsn] {
        if self.1.replace(true) { &self.0 } else { &HARMLESS }
    }
}

/// A Windows driver added checks at run time of scratch numbers and of jumps, as "the worst case".
#[test]
fn bug_07_words_that_nobody_verified_run_without_harm() {
    let run = |words: Vec<RawInsn>| {
        let program = bpf_validate(Turncoat(words, Cell::new(false)), Profile::STRICT).expect("harmless");
        program.run(&SlicePacket::new(&[1, 2, 3], 3))
    };
    // Scratch words far outside, jumps far outside and back, codes that do not exist, no return at the end.
    assert_eq!(run(vec![RawInsn::stmt(op::ST, u32::MAX), Insn::RetK(5).encode()]), 5);
    assert_eq!(run(vec![RawInsn::stmt(op::LD | op::MEM, 1 << 30), Insn::RetK(5).encode()]), 5);
    for k in [1, 2, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        assert_eq!(run(vec![Insn::Jump(k).encode(), Insn::RetK(5).encode()]), 0, "{k:#x}");
    }
    let branch = RawInsn::jump(op::JMP | op::JEQ, 0, 255, 255);
    assert_eq!(run(vec![branch, Insn::RetK(5).encode()]), 0);
    assert_eq!(run(vec![Insn::Tax.encode()]), 0);
    for code in 0..=u16::MAX {
        run(vec![RawInsn { code, jt: 255, jf: 1, k: u32::MAX }, RawInsn::stmt(code, 0)]);
    }
}

/// libpcap: `ja` is added with its sign, so that verified programs run for ever.
#[test]
fn bug_09_backward_jumps_are_no_programs() {
    for back in 1..=3_u32 {
        let words =
            [Insn::Tax, Insn::Txa, Insn::Jump(0_u32.wrapping_sub(back)), Insn::RetA].map(Insn::encode);
        for profile in Profile::ALL {
            let error = bpf_validate(words, profile).expect_err("it jumps back");
            assert_eq!((error.pc, error.kind), (2, Kind::JumpBack));
        }
        let looping = bpf_validate_looping(words).expect("a loop");
        assert!(looping.run_with_fuel(&SlicePacket::new(&[], 0), 100_000).is_err());
    }
}

/// libpcap before 2025, and Debian's still: as the first, by way of a word stored on one of two paths.
#[test]
fn bug_10_scratch_stored_on_the_other_path_reads_zero() {
    let branch = RawInsn::jump(op::JMP | op::JEQ, 1, 0, 1);
    let program = [branch, Insn::StoreX(3).encode(), Insn::LoadMem(3).encode(), Insn::RetA.encode()];
    let program = bpf_validate(program, Profile::LIBPCAP).expect("accepted there");
    assert_eq!(program.run(&SlicePacket::new(&[], 0)), 0);
}

/// libpcap 2018: shifts by 32 and more were undefined, and differed between machines.
#[test]
fn bug_11_shifts_by_32_and_more_are_zero_or_refused() {
    for operation in [AluOp::Lsh, AluOp::Rsh] {
        for amount in [32, 33, 63, 64, 95, 0x8000_0000, u32::MAX] {
            let shift = |operand| Insn::Alu { op: operation, operand };
            let by_x = [Insn::LoadXImm(amount), Insn::LoadImm(u32::MAX), shift(Operand::X)];
            assert_eq!(run(&by_x, &SlicePacket::new(&[], 0)), 0, "{operation:?} {amount}");
            let by_k = [shift(Operand::K(amount)), Insn::RetA].map(Insn::encode);
            for profile in [Profile::STRICT, Profile::LINUX] {
                let error = bpf_validate(by_k, profile).expect_err("too far");
                assert_eq!(error.kind, Kind::ShiftTooFar(amount));
            }
            let lax = [Insn::LoadImm(u32::MAX), shift(Operand::K(amount))];
            assert_eq!(run(&lax, &SlicePacket::new(&[], 0)), 0);
        }
    }
}

/// A Linux rule that others forgot: the metadata is never asked for an operation.
#[test]
fn metadata_is_never_asked_for_the_xor_operation() {
    struct Strict;
    impl bpf_core::MetadataSource for Strict {
        fn value(&self, which: Ancillary) -> Option<u32> {
            assert_ne!(which, Ancillary::AluXorX);
            Some(1)
        }
    }
    let packet = SlicePacket::with_metadata(&[], 0, Strict);
    for which in Ancillary::ALL {
        run(&[Insn::LoadAncillary { size: Size::Word, which }], &packet);
    }
}
