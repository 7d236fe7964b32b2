//! Random programs.

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use bpf_core::{Profile, bpf_validate};
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::oracle::libpcap;
use snapgate_tests::random_program::{self, Shape};
use snapgate_tests::rng::Rng;
use snapgate_tests::{cases, mutate};

use super::{bare, compare, metadata};

const EN10MB: u16 = 1;
const PACKETS: usize = 40;

fn packets(rng: &mut Rng, pool: &[mutate::Sample]) -> Vec<(mutate::Sample, bpf_core::Metadata)> {
    (0..PACKETS).map(|_| (mutate::draw(rng, pool), metadata(rng))).collect()
}

#[test]
fn programs_out_of_a_grammar() {
    let pool = mutate::recorded(None).unwrap();
    let (mut compared, mut accepted) = (0, 0);
    cases::run("grammar on the JIT", 20_000, |rng| {
        let shape =
            Shape { units: [3, 12, 40, 150][rng.below(4)], ancillary: rng.one_in(2), ..Shape::LIBPCAP };
        let program = random_program::program(rng, &shape);
        accepted += compare(&program, &packets(rng, &pool))?;
        compared += PACKETS;
        Ok(())
    });
    println!("{compared} verdicts, {accepted} not 0");
    // If nearly all verdicts were 0, equality would say little.
    assert!(accepted * 5 > compared && accepted * 20 < compared * 19, "{accepted} of {compared}");
}

#[test]
fn damaged_programs_that_still_verify() {
    let pool = mutate::recorded(None).unwrap();
    let mut verified = 0;
    cases::run("damaged programs on the JIT", 8_000, |rng| {
        let program = random_program::damaged(rng, &Shape { units: 12, ancillary: true, ..Shape::LIBPCAP });
        if bpf_validate(&program[..], Profile::LIBPCAP).is_ok() {
            compare(&program, &packets(rng, &pool))?;
            verified += 1;
        }
        Ok(())
    });
    assert!(verified * 4 > cases::count(8_000), "{verified} programs");
}

#[test]
fn expressions_that_both_compilers_compile() {
    let pool = mutate::recorded(Some(EN10MB)).unwrap();
    let (mut programs, mut accepted) = (0_u64, 0_usize);
    cases::run("expressions on the JIT", 800, |rng| {
        let primitives = *rng.pick(&[1, 2, 4, 8]);
        let text =
            expression::expression(rng, &Setting { dlt: EN10MB, primitives, whole: false, extended: false });
        let packets: Vec<_> = (0..PACKETS).map(|_| bare(mutate::draw(rng, &pool))).collect();
        let mut check = |program: &[bpf_core::RawInsn]| {
            programs += 1;
            accepted += compare(program, &packets).map_err(|error| format!("'{text}': {error}"))?;
            Ok::<(), String>(())
        };
        if let Ok(program) = compile(&text, &Options::new(LinkType::EN10MB), &Embedded) {
            check(program.insns())?;
        }
        let optimize = rng.one_in(2);
        let theirs =
            libpcap::compile(&text, &libpcap::Options { optimize, ..libpcap::Options::plain(EN10MB) });
        // Loops are no programs.
        if let Ok(program) = theirs
            && bpf_validate(&program[..], Profile::LIBPCAP).is_ok()
        {
            check(&program)?;
        }
        Ok(())
    });
    assert!(
        programs > cases::count(800) && accepted > PACKETS,
        "{programs} programs, {accepted} verdicts not 0"
    );
}
