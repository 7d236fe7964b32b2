//! Rule V6: no scratch word is read that, on some path, was not written before. As Linux sees paths.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod laws_reference;

use bpf_core::verify::LEN_MAX;
use bpf_core::{Cond, Insn, Operand, Profile, RawInsn, VerifyErrorKind as Kind, bpf_validate};
use laws_reference::first_early_read;
use proptest::prelude::*;

const ACCEPT: Insn = Insn::RetK(1);

fn branch(jt: u8, jf: u8) -> Insn {
    Insn::Branch { cond: Cond::Eq, operand: Operand::K(7), jt, jf }
}

/// Where the profiles that look (STRICT, LINUX, NETBSD) see the first early read; the others must accept.
#[track_caller]
fn early_read(insns: &[Insn]) -> Option<(u32, u32)> {
    let words: Vec<RawInsn> = insns.iter().map(|insn| insn.encode()).collect();
    early_read_of(&words, [Profile::STRICT, Profile::LINUX, Profile::NETBSD])
}

#[track_caller]
fn early_read_of(words: &[RawInsn], looking: [Profile; 3]) -> Option<(u32, u32)> {
    let answers = looking.map(|profile| {
        bpf_validate(words, profile).err().map(|error| match error.kind {
            Kind::UnwrittenScratchWord(word) => (error.pc, word),
            other => panic!("another rule was broken first: {other:?}"),
        })
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert!(bpf_validate(words, Profile::LIBPCAP).is_ok());
    if words.len() <= 512 {
        assert!(bpf_validate(words, Profile::FREEBSD).is_ok());
    }
    assert_eq!(answers[0], first_early_read(words), "the second answer differs");
    answers[0]
}

mod v6 {
    use super::*;

    #[test]
    fn a_read_of_each_word_needs_a_write_of_that_word() {
        for word in 0..16 {
            for (store, load) in [
                (Insn::Store(word), Insn::LoadMem(word)),
                (Insn::StoreX(word), Insn::LoadXMem(word)),
                (Insn::Store(word), Insn::LoadXMem(word)),
            ] {
                assert_eq!(early_read(&[store, load, ACCEPT]), None);
                assert_eq!(early_read(&[load, store, ACCEPT]), Some((0, word)));
                let other = Insn::Store((word + 1) % 16);
                assert_eq!(early_read(&[other, load, ACCEPT]), Some((1, word)));
            }
        }
    }

    #[test]
    fn all_words_at_once_are_kept_apart() {
        let stores = (0..16).map(Insn::Store);
        let loads = (0..16).rev().map(Insn::LoadMem);
        let program: Vec<Insn> = stores.chain(loads).chain([ACCEPT]).collect();
        assert_eq!(early_read(&program), None);
        for missing in 0..16 {
            let mut program = program.clone();
            program[missing] = Insn::Tax;
            let word = u32::try_from(missing).expect("small");
            assert_eq!(early_read(&program), Some((31 - word, word)));
        }
    }

    #[test]
    fn the_first_early_read_is_named_whatever_its_word() {
        let program = [Insn::LoadMem(9), Insn::LoadMem(2), Insn::LoadMem(9), ACCEPT];
        assert_eq!(early_read(&program), Some((0, 9)));
        let program = [Insn::Store(9), Insn::LoadMem(9), Insn::LoadXMem(12), Insn::LoadMem(2), ACCEPT];
        assert_eq!(early_read(&program), Some((2, 12)));
    }

    #[test]
    fn a_write_on_both_sides_of_a_diamond_is_a_write_and_one_on_one_side_is_not() {
        let diamond =
            |left, right| early_read(&[branch(0, 2), left, Insn::Jump(1), right, Insn::LoadMem(3), ACCEPT]);
        assert_eq!(diamond(Insn::Store(3), Insn::StoreX(3)), None);
        assert_eq!(diamond(Insn::Store(3), Insn::Store(4)), Some((4, 3)));
        assert_eq!(diamond(Insn::Tax, Insn::Store(3)), Some((4, 3)));
    }

    #[test]
    fn a_branch_around_a_write_leaves_the_word_unwritten() {
        for (jt, jf) in [(1, 0), (0, 1), (1, 1)] {
            assert_eq!(early_read(&[branch(jt, jf), Insn::Store(0), Insn::LoadMem(0), ACCEPT]), Some((2, 0)));
        }
        assert_eq!(early_read(&[branch(0, 0), Insn::Store(0), Insn::LoadMem(0), ACCEPT]), None);
        assert_eq!(early_read(&[Insn::Jump(1), Insn::Store(0), Insn::LoadMem(0), ACCEPT]), Some((2, 0)));
    }

    #[test]
    fn a_word_written_before_a_branch_stays_written_on_both_sides() {
        let program = [Insn::Store(1), branch(0, 1), Insn::LoadMem(1), Insn::LoadXMem(1), ACCEPT];
        assert_eq!(early_read(&program), None);
    }

    /// As in Linux: what stands behind a return counts as reached from it, although nothing gets there.
    #[test]
    fn a_return_does_not_end_a_path() {
        assert_eq!(early_read(&[ACCEPT, Insn::LoadMem(0), ACCEPT]), Some((1, 0)));
        assert_eq!(early_read(&[Insn::Store(0), ACCEPT, Insn::LoadMem(0), ACCEPT]), None);
        // The taken branch wrote the word; the return on the other side did not, and stands before the read.
        let program = [branch(1, 0), Insn::RetK(0), Insn::LoadMem(5), ACCEPT];
        assert_eq!(early_read(&program), Some((2, 5)));
        let program = [branch(0, 2), Insn::Store(5), Insn::Jump(1), Insn::RetA, Insn::LoadMem(5), ACCEPT];
        assert_eq!(early_read(&program), Some((4, 5)));
    }

    /// As in Linux: behind a jump that nothing jumps over, every word counts as written.
    #[test]
    fn what_nothing_reaches_may_read_what_it_likes() {
        assert_eq!(early_read(&[Insn::Jump(1), Insn::LoadMem(0), ACCEPT]), None);
        assert_eq!(early_read(&[branch(1, 1), Insn::LoadMem(0), ACCEPT]), None);
    }

    #[test]
    fn a_word_may_be_read_as_the_very_last_step_before_the_return() {
        assert_eq!(early_read(&[Insn::LoadMem(15), Insn::RetA]), Some((0, 15)));
    }

    #[test]
    fn the_instruction_is_looked_at_before_its_own_effect() {
        // An instruction that is the target of two jumps, one of them with the word written.
        let program = [branch(0, 1), Insn::Store(2), branch(0, 0), Insn::LoadMem(2), ACCEPT];
        assert_eq!(early_read(&program), Some((3, 2)));
    }

    #[test]
    fn words_at_the_borders_of_the_bookkeeping_are_seen() {
        // The state is kept in words of 64 bits: reads at 63, 64, 65, 127, 128 and the last instruction of a kernel.
        for pc in [1, 62, 63, 64, 65, 127, 128, 4094] {
            let mut program = vec![Insn::Tax; 4096];
            program[0] = Insn::Store(0);
            program[pc] = Insn::LoadMem(0);
            program[4095] = ACCEPT;
            let words: Vec<RawInsn> = program.iter().map(|insn| insn.encode()).collect();
            let looking = [Profile::STRICT, Profile::LINUX, Profile::NETBSD.with_len_max(4096)];
            assert_eq!(early_read_of(&words, looking), None);
            let mut late = words.clone();
            late[0] = Insn::Jump(u32::try_from(pc - 1).expect("small")).encode();
            let expected = Some((u32::try_from(pc).expect("small"), 0));
            assert_eq!(early_read_of(&late, looking), expected, "pc {pc}");
        }
    }

    #[test]
    fn long_programs_are_followed_to_their_end() {
        for len in [4097_usize, 65_536, LEN_MAX as usize] {
            let mut words = vec![Insn::Tax.encode(); len];
            words[len - 1] = ACCEPT.encode();
            words[0] = Insn::Store(11).encode();
            words[len - 2] = Insn::LoadMem(11).encode();
            let looking = [Profile::STRICT, Profile::LINUX, Profile::NETBSD].map(|p| p.with_len_max(LEN_MAX));
            assert_eq!(early_read_of(&words, looking), None);
            // A jump around the write, as late as it can be: its target must be remembered too.
            let mut late = vec![Insn::Tax.encode(); len];
            let end = [branch(0, 1), Insn::Store(11), Insn::LoadMem(11), ACCEPT].map(Insn::encode);
            late[len - 4..].copy_from_slice(&end);
            assert_eq!(early_read_of(&late, looking), Some((u32::try_from(len - 2).expect("small"), 11)));
            // The read is reached by a jump over the write as well.
            words[0] = branch(0, 1).encode();
            words[1] = Insn::Store(11).encode();
            let expected = Some((u32::try_from(len - 2).expect("small"), 11));
            assert_eq!(early_read_of(&words, looking), expected);
        }
    }
}

/// Instructions that the data flow is about, jumps kept inside, in programs of up to 90.
fn flows() -> impl Strategy<Value = Vec<RawInsn>> {
    let one = prop_oneof![
        3 => (0..16_u32).prop_map(Insn::Store),
        1 => (0..16_u32).prop_map(Insn::StoreX),
        2 => (0..4_u32).prop_map(Insn::Store),
        2 => (0..4_u32).prop_map(Insn::LoadMem),
        1 => (0..16_u32).prop_map(Insn::LoadXMem),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(jt, jf)| branch(jt % 9, jf % 9)),
        1 => (0..6_u32).prop_map(Insn::Jump),
        1 => Just(Insn::RetA),
        1 => Just(Insn::Tax),
    ];
    (proptest::collection::vec(one, 0..90), any::<bool>()).prop_map(|(mut insns, prelude)| {
        if prelude {
            insns.splice(0..0, (0..4).map(Insn::Store));
        }
        let len = insns.len();
        insns.push(ACCEPT);
        let room = |pc: usize| len - pc - 1;
        let words = insns.into_iter().enumerate().map(|(pc, insn)| match insn {
            Insn::Jump(k) => Insn::Jump(u32::try_from((k as usize).min(room(pc))).expect("small")),
            Insn::Branch { cond, operand, jt, jf } => {
                let land = |skip: u8| u8::try_from(usize::from(skip).min(room(pc))).expect("small");
                Insn::Branch { cond, operand, jt: land(jt), jf: land(jf) }
            }
            other => other,
        });
        words.map(Insn::encode).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_data_flow_is_that_of_a_set_of_words_for_every_instruction(words in flows()) {
        early_read_of(&words, [Profile::STRICT, Profile::LINUX, Profile::NETBSD]);
    }
}

#[test]
fn the_random_programs_are_accepted_and_refused_often_enough_to_mean_something() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let early = (0..500)
        .filter(|_| first_early_read(&flows().new_tree(&mut runner).expect("a program").current()).is_some())
        .count();
    assert!((50..450).contains(&early), "{early} of 500 programs read too early");
}
