//! Any words at all: nothing panics, decoding and encoding are inverse, and what no verifier has seen runs as bounded as
//! what it has.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "test code")]

mod laws_reference;

use std::cell::Cell;

use bpf_core::{
    Insn, Profile, RawInsn, SlicePacket, State, Storage, UndecodableKind, bpf_validate, bpf_validate_looping,
};
use laws_reference::{Scene, codes, first_early_read};
use proptest::collection::vec;
use proptest::prelude::*;

/// Known codes as a rule, any code now and then; numbers that mean something as a rule.
fn word() -> impl Strategy<Value = RawInsn> {
    let code = prop_oneof![8 => (0..codes().len()).prop_map(|index| codes()[index]), 1 => any::<u16>()];
    let k = prop_oneof![
        4 => 0..20_u32,
        1 => (0..8_u32).prop_map(|n| 0_u32.wrapping_sub(n)),
        1 => any::<u32>(),
    ];
    (code, 0..6_u8, 0..6_u8, k).prop_map(|(code, jt, jf, k)| RawInsn { code, jt, jf, k })
}

/// Memory that breaks its contract: the verifier sees a harmless program, the interpreter these words.
struct Turncoat<'a>(&'a [RawInsn], Cell<bool>);

const HARMLESS: [RawInsn; 1] = [RawInsn::stmt(0x06, 0)];

impl Storage for Turncoat<'_> {
    fn insns(&self) -> &[RawInsn] {
        if self.1.replace(true) { self.0 } else { &HARMLESS }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn decoding_and_encoding_are_inverse(code in any::<u16>(), jt in any::<u8>(), jf in any::<u8>(), k in any::<u32>()) {
        let raw = RawInsn { code, jt, jf, k };
        prop_assert_eq!(RawInsn::from_ne_bytes(raw.to_ne_bytes()), raw);
        match raw.decode() {
            Ok(insn) => prop_assert_eq!(insn.encode(), raw),
            Err(error) => {
                prop_assert_eq!(error.raw, raw);
                prop_assert_eq!(error.kind == UndecodableKind::Opcode, raw.meaning().is_none());
            }
        }
        prop_assert_eq!(raw.canonical().decode().ok(), raw.meaning());
    }

    #[test]
    fn words_that_nobody_verified_run_as_on_the_second_machine(
        words in vec(word(), 0..40),
        packet in vec(any::<u8>(), 0..30),
        wire_len in any::<u32>(),
    ) {
        let program = bpf_validate(Turncoat(&words, Cell::new(false)), Profile::STRICT).expect("harmless");
        let mut steps = Vec::new();
        let mut observer = |pc: u32, _: RawInsn, state: &State| steps.push((pc, *state));
        let verdict = program.run_observed(&SlicePacket::new(&packet, wire_len), &mut observer);
        prop_assert!(steps.len() <= words.len());
        let expected = Scene { bytes: &packet, wire_len, known: &|_| None }.run(&words);
        prop_assert_eq!((steps, Some(verdict)), (expected.steps, expected.verdict));
    }

    #[test]
    fn the_profiles_are_ordered_as_their_table_says(words in vec(word(), 0..12)) {
        let accepts = Profile::ALL.map(|profile| bpf_validate(words.as_slice(), profile).is_ok());
        let [strict, linux, freebsd, netbsd, libpcap] = accepts;
        prop_assert!(!strict || linux);
        prop_assert!(!linux || netbsd);
        prop_assert!(!netbsd || libpcap);
        prop_assert!(!freebsd || libpcap || words.is_empty());
        prop_assert!(!libpcap || bpf_validate_looping(words.as_slice()).is_ok());
        let new_to_freebsd = words.iter().any(|word| matches!(
            word.meaning(),
            Some(Insn::Alu { op: bpf_core::AluOp::Mod | bpf_core::AluOp::Xor, .. })
        ));
        prop_assert!(!strict || freebsd != new_to_freebsd);
    }

    #[test]
    fn whatever_the_verifier_refuses_it_refuses_for_a_place_in_the_program(words in vec(word(), 0..30)) {
        for profile in Profile::ALL {
            if let Err(error) = bpf_validate(words.as_slice(), profile) {
                prop_assert!(error.pc as usize <= words.len());
                prop_assert!((1..=12).contains(&error.kind.rule()));
                prop_assert_eq!(error.profile, profile);
            } else if profile == Profile::NETBSD {
                prop_assert_eq!(first_early_read(&words), None);
            }
        }
    }

    /// The fields that an instruction does not use change neither what is accepted nor what is computed.
    #[test]
    fn a_program_and_its_canonical_form_are_the_same(words in vec(word(), 1..12), packet in vec(any::<u8>(), 0..20)) {
        let canonical: Vec<RawInsn> = words.iter().map(|word| word.canonical()).collect();
        for profile in Profile::ALL {
            let answers = [&words, &canonical].map(|words| bpf_validate(words.as_slice(), profile));
            prop_assert_eq!(answers[0].err(), answers[1].err());
            if let [Ok(given), Ok(canonical)] = answers {
                let packet = SlicePacket::new(&packet, 20);
                prop_assert_eq!(given.run(&packet), canonical.run(&packet));
            }
        }
    }
}

#[test]
fn random_words_are_accepted_often_enough_to_mean_something() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut accepted = [0; 5];
    for _ in 0..4000 {
        let mut words = vec(word(), 0..5).new_tree(&mut runner).expect("words").current();
        words.push(Insn::RetA.encode());
        for (count, profile) in accepted.iter_mut().zip(Profile::ALL) {
            *count += usize::from(bpf_validate(words.as_slice(), profile).is_ok());
        }
    }
    assert!(accepted.iter().all(|count| (200..3800).contains(count)), "{accepted:?} of 4000");
}
