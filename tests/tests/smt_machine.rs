//! The machine of the prover is bpf-core's: the same verdict, by terms and by running, for any program and packet.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use bpf_core::{Ancillary, CAPTURED_LEN_MAX, Profile, RawInsn, bpf_validate};
use snapgate_tests::rng::Rng;
use snapgate_tests::smt::{Witness, verdict_by_terms};
use snapgate_tests::{cases, edges, random_program};

fn compare(program: &[RawInsn], packet: &Witness) -> Result<u32, String> {
    let profile = Profile::LIBPCAP.with_random_source();
    let expected = bpf_validate(program, profile).map_err(|error| error.to_string())?.run(packet);
    let found = verdict_by_terms(program, packet)?;
    if found == expected {
        return Ok(expected);
    }
    Err(format!("terms {found}, machine {expected}: {} on {packet}", cases::one_line(program)))
}

/// A packet of random bytes and metadata, sometimes of a length that no memory holds.
fn packet(rng: &mut Rng) -> Witness {
    let captured_len = match rng.below(8) {
        0 => CAPTURED_LEN_MAX - rng.word_below(3),
        1 => rng.word_below(CAPTURED_LEN_MAX),
        _ => rng.word_below(80),
    };
    let mut packet = Witness { captured_len, wire_len: rng.interesting(), ..Witness::default() };
    for at in 0..captured_len.min(80) {
        packet.bytes.insert(at, rng.byte());
    }
    for which in Ancillary::ALL {
        if which != Ancillary::AluXorX && rng.one_in(2) {
            packet.metadata.insert(which, rng.interesting());
        }
    }
    packet
}

#[test]
fn every_instruction_at_its_edges_means_in_terms_what_it_means_in_the_machine() {
    let mut rng = Rng::new(7);
    let mut programs = edges::without_loads(true);
    for len in [0, 1, 2, 3, 4, 20] {
        programs.extend(edges::loads(len, true));
    }
    let mut accepted = 0;
    for program in &programs {
        for len in [0, 1, 2, 3, 4, 19, 20] {
            let mut packet = packet(&mut rng);
            packet.captured_len = len;
            packet.bytes.retain(|at, _| *at < len);
            accepted += usize::from(compare(program, &packet).unwrap() != 0);
        }
    }
    assert!(programs.len() > 5_000 && accepted > 5_000, "{} programs, {accepted} accepted", programs.len());
}

#[test]
fn random_programs_mean_in_terms_what_they_mean_in_the_machine() {
    let mut accepted = 0_u64;
    let shape = random_program::Shape { ancillary: true, ..random_program::Shape::LIBPCAP };
    cases::run("terms", 3_000, |rng| {
        let program = random_program::program(rng, &shape);
        for _ in 0..8 {
            accepted += u64::from(compare(&program, &packet(rng))? != 0);
        }
        Ok(())
    });
    assert!(accepted > 1_000, "{accepted} accepted");
}
