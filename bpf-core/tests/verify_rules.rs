//! The verifier's rules, one by one: what each profile refuses, where, and by which rule.
//!
//! The tests follow the table at the head of [`bpf_core::verify`]; the module of a test is the rule's number. V6 is in
//! `verify_scratch.rs`, V12 in `verify_translation.rs`.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

use bpf_core::verify::{BSD_LEN_MAX, KERNEL_LEN_MAX, LEN_MAX};
use bpf_core::{
    AluOp, Ancillary, Cond, Insn, Operand, Profile, RawInsn, Size, VerifyErrorKind as Kind, bpf_validate,
    bpf_validate_looping, opcode as op,
};

/// What a profile says: `None` is "accepted".
type Answer = Option<(u32, Kind)>;

fn answer(words: &[RawInsn], profile: Profile) -> Answer {
    bpf_validate(words, profile).err().map(|error| {
        assert_eq!(error.profile, profile);
        (error.pc, error.kind)
    })
}

fn encode(insns: &[Insn]) -> Vec<RawInsn> {
    insns.iter().map(|insn| insn.encode()).collect()
}

/// STRICT, LINUX, FREEBSD, NETBSD and LIBPCAP, in the order of the table.
#[track_caller]
fn each_profile(words: &[RawInsn], expected: [Answer; 5]) {
    for (profile, expected) in Profile::ALL.into_iter().zip(expected) {
        assert_eq!(answer(words, profile), expected, "profile {}", profile.name());
    }
}

#[track_caller]
fn every_profile(words: &[RawInsn], expected: Answer) {
    each_profile(words, [expected; 5]);
}

const ACCEPT: Insn = Insn::RetK(1);

/// `len` instructions that every profile takes but for their number.
fn moves(len: u32) -> Vec<RawInsn> {
    let mut words = vec![Insn::Tax.encode(); len as usize];
    if let Some(last) = words.last_mut() {
        *last = ACCEPT.encode();
    }
    words
}

/// Every code that is no instruction, and every one that is.
fn all_codes() -> (Vec<u16>, Vec<u16>) {
    (0..=u16::MAX).partition(|&code| RawInsn::stmt(code, 1).meaning().is_none())
}

mod v1 {
    use super::*;

    #[test]
    fn no_instructions_are_a_program_only_for_freebsd() {
        let empty = Some((0, Kind::Empty));
        each_profile(&[], [empty, empty, None, empty, empty]);
        assert_eq!(bpf_validate_looping(Vec::new()).err().map(|e| e.kind), Some(Kind::Empty));
    }

    #[test]
    fn one_instruction_is_enough() {
        every_profile(&moves(1), None);
    }

    #[test]
    fn the_longest_program_is_accepted_and_one_more_instruction_refused() {
        let maxima = [KERNEL_LEN_MAX, KERNEL_LEN_MAX, BSD_LEN_MAX, BSD_LEN_MAX, LEN_MAX];
        assert_eq!(maxima, [4096, 4096, 512, 512, 1 << 20]);
        for (profile, max) in Profile::ALL.into_iter().zip(maxima) {
            assert_eq!(profile.len_max(), max);
            assert_eq!(answer(&moves(max), profile), None, "{}", profile.name());
            assert_eq!(
                answer(&moves(max + 1), profile),
                Some((max + 1, Kind::TooLong)),
                "{}",
                profile.name()
            );
        }
    }

    #[test]
    fn a_longer_limit_can_be_asked_for_up_to_the_machines_own() {
        for profile in Profile::ALL.map(|profile| profile.with_len_max(LEN_MAX)) {
            assert_eq!(answer(&moves(LEN_MAX), profile), None, "{}", profile.name());
            assert_eq!(answer(&moves(LEN_MAX + 1), profile), Some((LEN_MAX + 1, Kind::TooLong)));
            assert_eq!(profile.with_len_max(u32::MAX), profile);
        }
        let short = Profile::LIBPCAP.with_len_max(2);
        assert_eq!(answer(&moves(2), short), None);
        assert_eq!(answer(&moves(3), short), Some((3, Kind::TooLong)));
    }

    #[test]
    fn a_program_that_is_too_long_is_refused_before_its_instructions_are_looked_at() {
        let garbage = vec![RawInsn::stmt(0xffff, 0); 4097];
        assert_eq!(answer(&garbage, Profile::STRICT), Some((4097, Kind::TooLong)));
    }
}

mod v2 {
    use super::*;

    #[test]
    fn every_code_that_is_no_instruction_is_refused_by_every_profile() {
        let (unknown, known) = all_codes();
        assert_eq!(known.len(), 49);
        for code in unknown {
            let words = [Insn::Tax.encode(), RawInsn::stmt(code, 1), ACCEPT.encode()];
            every_profile(&words, Some((1, Kind::UnknownCode(code))));
        }
    }

    #[test]
    fn every_instruction_is_accepted_but_mod_and_xor_by_freebsd() {
        for code in all_codes().1 {
            // k = 1: a packet offset, a scratch word (stored first), a shift, a divisor and a jump that are all right.
            let words =
                [Insn::Store(1).encode(), RawInsn::jump(code, 1, 1, 0), Insn::Tax.encode(), ACCEPT.encode()];
            let unknown = [AluOp::Mod, AluOp::Xor].iter().any(|&op| {
                [Operand::K(1), Operand::X]
                    .iter()
                    .any(|&operand| Insn::Alu { op, operand }.encode().code == code)
            });
            let freebsd = unknown.then_some((1, Kind::UnknownCode(code)));
            each_profile(&words, [None, None, freebsd, None, None]);
        }
    }

    #[test]
    fn fields_that_an_instruction_does_not_use_are_not_looked_at() {
        let words = [RawInsn { code: op::MISC | op::TAX, jt: 9, jf: 200, k: 0xffff_ffff }, ACCEPT.encode()];
        every_profile(&words, None);
        let ret_a = [RawInsn { code: op::RET | op::A, jt: 255, jf: 255, k: 0xffff_ffff }];
        every_profile(&ret_a, None);
    }
}

mod v3 {
    use super::*;

    fn loads(offset: u32) -> [Insn; 7] {
        [
            Insn::LoadAbs { size: Size::Byte, offset },
            Insn::LoadAbs { size: Size::Half, offset },
            Insn::LoadAbs { size: Size::Word, offset },
            Insn::LoadInd { size: Size::Byte, offset },
            Insn::LoadInd { size: Size::Half, offset },
            Insn::LoadInd { size: Size::Word, offset },
            Insn::LoadXMsh(offset),
        ]
    }

    #[test]
    fn offsets_up_to_the_largest_positive_one_are_accepted() {
        for offset in [0, 1, 65_535, 0x7fff_ffff] {
            for load in loads(offset) {
                every_profile(&encode(&[load, ACCEPT]), None);
            }
        }
    }

    #[test]
    fn offsets_that_are_negative_elsewhere_are_refused_by_strict() {
        for offset in [0x8000_0000, 0xffe0_0000, 0xfff0_0000, 0xffff_efff] {
            for load in loads(offset) {
                let strict = Some((0, Kind::NegativeOffset(offset)));
                each_profile(&encode(&[load, ACCEPT]), [strict, None, None, None, None]);
            }
        }
    }

    #[test]
    fn only_absolute_loads_name_ancillary_values() {
        for load in [Insn::LoadInd { size: Size::Word, offset: 0xffff_f02c }, Insn::LoadXMsh(0xffff_f02c)] {
            let strict = Some((1, Kind::NegativeOffset(0xffff_f02c)));
            each_profile(&encode(&[Insn::Tax, load, ACCEPT]), [strict, None, None, None, None]);
        }
    }

    #[test]
    fn a_constant_is_no_offset() {
        every_profile(
            &encode(&[Insn::LoadImm(u32::MAX), Insn::LoadXImm(u32::MAX), Insn::RetK(u32::MAX)]),
            None,
        );
    }
}

mod v4 {
    use super::*;

    #[test]
    fn the_named_values_are_accepted_in_all_sizes() {
        for which in Ancillary::ALL {
            for size in [Size::Byte, Size::Half, Size::Word] {
                let words = encode(&[Insn::LoadAncillary { size, which }, ACCEPT]);
                let strict = (which == Ancillary::Random).then_some((0, Kind::NoRandomSource));
                each_profile(&words, [strict, None, None, None, None]);
            }
        }
    }

    #[test]
    fn values_that_do_not_exist_are_refused_by_strict_and_linux() {
        let mut refused = 0;
        for k in (0xffff_f000..0xffff_f100).chain([0xffff_ffff]) {
            if Ancillary::from_offset(k).is_some() {
                continue;
            }
            refused += 1;
            let unknown = Some((0, Kind::UnknownAncillary(k)));
            for size in [op::B, op::H, op::W] {
                let words = [RawInsn::stmt(op::LD | op::ABS | size, k), ACCEPT.encode()];
                each_profile(&words, [unknown, unknown, None, None, None]);
            }
        }
        assert_eq!(refused, 257 - 13);
    }

    #[test]
    fn random_numbers_need_a_source_in_strict() {
        let words = encode(&[Insn::LoadAncillary { size: Size::Word, which: Ancillary::Random }, ACCEPT]);
        assert_eq!(answer(&words, Profile::STRICT), Some((0, Kind::NoRandomSource)));
        assert_eq!(answer(&words, Profile::STRICT.with_random_source()), None);
    }
}

mod v5 {
    use super::*;

    #[test]
    fn the_sixteen_scratch_words_are_accepted_and_no_others() {
        let uses: [fn(u32) -> Insn; 4] = [Insn::Store, Insn::StoreX, Insn::LoadMem, Insn::LoadXMem];
        for make in uses {
            for k in 0..16 {
                every_profile(&encode(&[Insn::Store(k), make(k), ACCEPT]), None);
            }
            for k in [16, 17, 31, 32, 48, 0x8000_0000, u32::MAX] {
                let words = encode(&[Insn::Tax, make(k), ACCEPT]);
                every_profile(&words, Some((1, Kind::NoSuchScratchWord(k))));
            }
        }
    }
}

mod v7 {
    use super::*;

    #[test]
    fn a_constant_divisor_of_zero_is_refused() {
        let div = |op, k| encode(&[Insn::Alu { op, operand: Operand::K(k) }, ACCEPT]);
        every_profile(&div(AluOp::Div, 0), Some((0, Kind::DivisionByZero)));
        let unknown = Some((0, Kind::UnknownCode(op::ALU | op::MOD)));
        let by_zero = Some((0, Kind::DivisionByZero));
        each_profile(&div(AluOp::Mod, 0), [by_zero, by_zero, unknown, by_zero, by_zero]);
        for k in [1, 2, u32::MAX] {
            every_profile(&div(AluOp::Div, k), None);
            each_profile(&div(AluOp::Mod, k), [None, None, unknown, None, None]);
        }
    }

    #[test]
    fn a_division_by_x_is_accepted_whatever_its_k() {
        every_profile(&[RawInsn::stmt(op::ALU | op::DIV | op::X, 0), ACCEPT.encode()], None);
    }
}

mod v8 {
    use super::*;

    #[test]
    fn constant_shifts_of_32_and_more_are_refused_by_strict_and_linux() {
        for op in [AluOp::Lsh, AluOp::Rsh] {
            let shift = |k| encode(&[Insn::Tax, Insn::Alu { op, operand: Operand::K(k) }, ACCEPT]);
            for k in [0, 1, 31] {
                every_profile(&shift(k), None);
            }
            for k in [32, 33, 64, u32::MAX] {
                let far = Some((1, Kind::ShiftTooFar(k)));
                each_profile(&shift(k), [far, far, None, None, None]);
            }
        }
    }

    #[test]
    fn a_shift_by_x_is_accepted_whatever_its_k() {
        every_profile(&[RawInsn::stmt(op::ALU | op::LSH | op::X, 99), ACCEPT.encode()], None);
    }
}

mod v9 {
    use super::*;

    fn branch(jt: u8, jf: u8) -> Insn {
        Insn::Branch { cond: Cond::Set, operand: Operand::X, jt, jf }
    }

    #[test]
    fn a_jump_to_the_last_instruction_is_accepted_and_one_to_exactly_the_end_refused() {
        let out = Some((1, Kind::JumpOut));
        let program = |jump| encode(&[Insn::Tax, jump, Insn::Txa, ACCEPT]);
        every_profile(&program(Insn::Jump(1)), None);
        every_profile(&program(Insn::Jump(2)), out);
        every_profile(&program(branch(1, 0)), None);
        every_profile(&program(branch(0, 1)), None);
        every_profile(&program(branch(2, 0)), out);
        every_profile(&program(branch(0, 2)), out);
        every_profile(&program(branch(255, 255)), out);
    }

    #[test]
    fn every_condition_is_looked_at() {
        for cond in [Cond::Eq, Cond::Gt, Cond::Ge, Cond::Set] {
            for operand in [Operand::K(0), Operand::X] {
                for (jt, jf) in [(1, 0), (0, 1)] {
                    let words = encode(&[Insn::Branch { cond, operand, jt, jf }, ACCEPT]);
                    every_profile(&words, Some((0, Kind::JumpOut)));
                }
            }
        }
    }

    #[test]
    fn jumps_far_beyond_the_end_do_not_wrap_into_the_program() {
        for k in [0x7fff_ffff, 0x8000_0000, 0xffff_fffc] {
            every_profile(&encode(&[Insn::Tax, Insn::Jump(k), Insn::Txa, ACCEPT]), Some((1, Kind::JumpOut)));
            let looping = bpf_validate_looping(encode(&[Insn::Tax, Insn::Jump(k), Insn::Txa, ACCEPT]));
            assert_eq!(looping.err().map(|error| (error.pc, error.kind)), Some((1, Kind::JumpOut)));
        }
    }

    #[test]
    fn the_longest_conditional_jump_is_accepted() {
        let mut words = moves(258);
        words[0] = branch(255, 255).encode();
        every_profile(&words, None);
        words[0] = branch(0, 255).encode();
        every_profile(&words[1..], None);
        let mut short = moves(256);
        short[0] = branch(255, 0).encode();
        every_profile(&short, Some((0, Kind::JumpOut)));
    }
}

mod v10 {
    use super::*;

    #[test]
    fn jumps_to_the_jump_itself_and_before_it_are_refused() {
        // k = 0xffffffff is "-1": the jump itself.
        for (k, pc) in [(0xffff_ffff, 2), (0xffff_fffe, 2), (0xffff_fffd, 2)] {
            let words = encode(&[Insn::Tax, Insn::Txa, Insn::Jump(k), ACCEPT]);
            every_profile(&words, Some((pc, Kind::JumpBack)));
            assert!(bpf_validate_looping(words).is_ok());
        }
        every_profile(&encode(&[Insn::Jump(u32::MAX), ACCEPT]), Some((0, Kind::JumpBack)));
    }

    #[test]
    fn a_jump_to_the_next_instruction_is_no_jump_back() {
        every_profile(&encode(&[Insn::Jump(0), ACCEPT]), None);
    }

    #[test]
    fn looping_programs_keep_all_other_rules_of_libpcap() {
        let cases = [
            (encode(&[Insn::Jump(u32::MAX)]), (0, Kind::NoReturn)),
            (encode(&[Insn::Store(16), ACCEPT]), (0, Kind::NoSuchScratchWord(16))),
            (vec![RawInsn::stmt(0xff, 0), ACCEPT.encode()], (0, Kind::UnknownCode(0xff))),
            (
                encode(&[Insn::Alu { op: AluOp::Div, operand: Operand::K(0) }, ACCEPT]),
                (0, Kind::DivisionByZero),
            ),
            (moves(LEN_MAX + 1), (LEN_MAX + 1, Kind::TooLong)),
        ];
        for (words, expected) in cases {
            let error = bpf_validate_looping(words).expect_err("it breaks a rule");
            assert_eq!((error.pc, error.kind), expected);
            assert_eq!(error.profile, Profile::LIBPCAP);
        }
    }
}

mod v11 {
    use super::*;

    #[test]
    fn the_last_instruction_must_be_a_return() {
        for code in all_codes().1 {
            // A jump as the last instruction always leaves the program: V9 comes first.
            if code & op::CLASS_MASK == op::JMP {
                every_profile(&[RawInsn::stmt(code, 0)], Some((0, Kind::JumpOut)));
                continue;
            }
            let words = [Insn::Store(1).encode(), RawInsn::stmt(code, 1)];
            let is_return = code & op::CLASS_MASK == op::RET;
            let expected = (!is_return).then_some((1, Kind::NoReturn));
            let rule = answer(&words, Profile::LIBPCAP);
            assert_eq!(rule, expected, "code {code:#x}");
        }
    }

    #[test]
    fn the_bsds_ret_x_is_no_return_here() {
        let words = [RawInsn::stmt(op::RET | op::X, 0)];
        every_profile(&words, Some((0, Kind::UnknownCode(op::RET | op::X))));
    }

    #[test]
    fn instructions_that_are_never_reached_are_accepted() {
        every_profile(&encode(&[ACCEPT, Insn::Tax, Insn::Jump(1), Insn::Txa, Insn::RetA]), None);
    }

    #[test]
    fn instructions_that_are_never_reached_must_keep_the_rules() {
        every_profile(&encode(&[ACCEPT, Insn::Store(16), ACCEPT]), Some((1, Kind::NoSuchScratchWord(16))));
    }
}

mod order {
    use super::*;

    #[test]
    fn the_first_instruction_that_breaks_a_rule_of_its_own_is_named() {
        let words = encode(&[Insn::LoadMem(0), Insn::Store(16), Insn::Jump(99), Insn::Tax]);
        every_profile(&words, Some((1, Kind::NoSuchScratchWord(16))));
    }

    #[test]
    fn the_missing_return_comes_before_the_data_flow() {
        every_profile(&encode(&[Insn::LoadMem(0), Insn::Tax]), Some((1, Kind::NoReturn)));
    }

    #[test]
    fn the_data_flow_comes_before_the_translation() {
        let mut words = vec![Insn::LoadXMsh(0).encode(); 4000];
        words[3000] = Insn::LoadMem(5).encode();
        words.push(ACCEPT.encode());
        let early = Some((3000, Kind::UnwrittenScratchWord(5)));
        assert_eq!(answer(&words, Profile::STRICT), early);
        assert_eq!(answer(&words, Profile::LINUX), early);
    }
}
