//! Rule V12: programs that become too long when Linux translates them.

#![allow(clippy::expect_used, reason = "test code")]

use bpf_core::verify::{KERNEL_LEN_MAX, LEN_MAX};
use bpf_core::{
    AluOp, Ancillary, Cond, Insn, Operand, Profile, RawInsn, Size, VerifyErrorKind as Kind, bpf_validate,
};

fn answer(words: &[RawInsn], profile: Profile) -> Option<(u32, Kind)> {
    bpf_validate(words, profile).err().map(|error| (error.pc, error.kind))
}

fn encode(insns: &[Insn]) -> Vec<RawInsn> {
    insns.iter().map(|insn| insn.encode()).collect()
}

const ACCEPT: Insn = Insn::RetK(1);

mod v12 {
    use super::*;

    fn loads(len: u32) -> Vec<RawInsn> {
        let mut words = vec![Insn::LoadAbs { size: Size::Word, offset: 0 }.encode(); len as usize];
        words.push(ACCEPT.encode());
        words
    }

    /// Prologue 7, return 2, each load 16.
    #[test]
    fn programs_that_grow_too_long_in_translation_are_refused_by_strict_and_linux() {
        let (strict, linux) = ((16_372 - 9) / 16, (32_767 - 9) / 16);
        let too_long = |len: u32| Some((len + 1, Kind::TranslationTooLong));
        let linux_only = |words: &[RawInsn]| [Profile::STRICT, Profile::LINUX].map(|p| answer(words, p));
        assert_eq!(linux_only(&loads(strict)), [None, None]);
        assert_eq!(linux_only(&loads(strict + 1)), [too_long(strict + 1), None]);
        assert_eq!(linux_only(&loads(linux)), [too_long(linux), None]);
        assert_eq!(linux_only(&loads(linux + 1)), [too_long(linux + 1), too_long(linux + 1)]);
        assert_eq!(answer(&loads(4095), Profile::LIBPCAP), None);
    }

    /// How many instructions of Linux each of ours becomes, as measured: pinned through the longest program of each.
    #[test]
    fn every_instruction_grows_as_it_was_measured() {
        let branch = |cond, k, jt, jf| Insn::Branch { cond, operand: Operand::K(k), jt, jf };
        let ancillary = |which| Insn::LoadAncillary { size: Size::Word, which };
        let by_x = |op| Insn::Alu { op, operand: Operand::X };
        let cases = [
            (15, Insn::LoadAbs { size: Size::Byte, offset: 9 }),
            (16, Insn::LoadAbs { size: Size::Half, offset: 9 }),
            (16, Insn::LoadAbs { size: Size::Word, offset: 9 }),
            (9, Insn::LoadInd { size: Size::Byte, offset: 9 }),
            (9, Insn::LoadInd { size: Size::Word, offset: 9 }),
            (21, Insn::LoadXMsh(9)),
            (1, Insn::LoadMem(0)),
            (1, Insn::StoreX(3)),
            (1, Insn::LoadLen),
            (5, by_x(AluOp::Div)),
            (5, by_x(AluOp::Mod)),
            (1, by_x(AluOp::Mul)),
            (1, Insn::Alu { op: AluOp::Div, operand: Operand::K(3) }),
            (1, Insn::Jump(0)),
            (2, Insn::RetK(0)),
            (1, Insn::RetA),
            (1, branch(Cond::Eq, 1, 0, 1)),
            (1, branch(Cond::Eq, 1, 1, 0)),
            (2, branch(Cond::Eq, 1, 1, 1)),
            (1, branch(Cond::Set, 1, 1, 0)),
            (2, branch(Cond::Set, 1, 0, 1)),
            (1, branch(Cond::Gt, 0x7fff_ffff, 1, 0)),
            (2, branch(Cond::Gt, 0x8000_0000, 1, 0)),
            (3, branch(Cond::Ge, u32::MAX, 1, 1)),
            (2, ancillary(Ancillary::Protocol)),
            (2, ancillary(Ancillary::PktType)),
            (4, ancillary(Ancillary::IfIndex)),
            (1, ancillary(Ancillary::Mark)),
            (1, ancillary(Ancillary::Queue)),
            (4, ancillary(Ancillary::HaType)),
            (1, ancillary(Ancillary::RxHash)),
            (4, ancillary(Ancillary::Cpu)),
            (1, ancillary(Ancillary::AluXorX)),
            (1, ancillary(Ancillary::VlanTag)),
            (3, ancillary(Ancillary::VlanTagPresent)),
            (4, ancillary(Ancillary::Random)),
            (2, ancillary(Ancillary::VlanTpid)),
        ];
        let strict = Profile::STRICT.with_random_source();
        for (weight, insn) in cases {
            // Prologue 7, a store 1, 700 header lengths of 21, at the end a move 1 and a return 2.
            let left: u32 = 16_372 - (7 + 1 + 700 * 21 + 1 + 2);
            let program = |count: u32| {
                let mut insns = vec![Insn::Store(0)];
                insns.resize(701, Insn::LoadXMsh(0));
                insns.resize(701 + count as usize, insn);
                insns.extend([Insn::Tax, ACCEPT]);
                encode(&insns)
            };
            let most = left / weight;
            assert_eq!(answer(&program(most), strict), None, "{insn:?}");
            let longer = program(most + 1);
            let refused = Some((u32::try_from(longer.len()).expect("small"), Kind::TranslationTooLong));
            assert_eq!(answer(&longer, strict), refused, "{insn:?}");
        }
    }

    #[test]
    fn programs_longer_than_any_kernel_takes_are_not_asked_for_their_translation() {
        assert_eq!(answer(&loads(100_000), Profile::STRICT.with_len_max(LEN_MAX)), None);
        assert_eq!(answer(&loads(100_000), Profile::LINUX.with_len_max(LEN_MAX)), None);
        // Asking for a kernel's length, or less, is asking for a kernel's program.
        for len_max in [KERNEL_LEN_MAX, 4000] {
            let profile = Profile::STRICT.with_len_max(LEN_MAX).with_len_max(len_max);
            assert_eq!(answer(&loads(3999), profile), Some((4000, Kind::TranslationTooLong)));
        }
    }
}
