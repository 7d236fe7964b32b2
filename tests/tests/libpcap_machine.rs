//! Our machine, as it is, prepared and as machine code, against libpcap's `bpf_filter`: the same verdict on every program and packet that both define; each
//! documented difference has a test of its own.

use bpf_core::opcode as op;
use bpf_core::{Metadata, Profile, RawInsn, SlicePacket, bpf_validate, bpf_validate_looping};
use bpf_jit::CompiledFilter;
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::oracle::libpcap::{self, Machine};
use snapgate_tests::random_program::{self, Shape};
use snapgate_tests::{cases, edges};

/// Of so many random programs one is also compiled by the JIT, which takes longer than all else.
const COMPILED_EACH: usize = 20;

/// One program over some packets; how many were compared.
fn compare(program: &[RawInsn], packets: &[Sample], is_compiled: bool) -> Result<usize, String> {
    let ours = bpf_validate(program, Profile::LIBPCAP)
        .map_err(|error| format!("we refuse {}: {error}", cases::one_line(program)))?;
    let theirs =
        Machine::new(program).ok_or_else(|| format!("libpcap refuses {}", cases::one_line(program)))?;
    let prepared = ours.prepare();
    let code =
        is_compiled.then(|| CompiledFilter::new(&ours)).transpose().map_err(|error| error.to_string())?;
    for packet in packets {
        let expected = theirs.run(&packet.data, packet.wire_len);
        let view = SlicePacket::new(&packet.data, packet.wire_len);
        let (found, fast) = (ours.run(&view), prepared.run(&view));
        let coded = code.as_ref().map(|code| code.run(&packet.data, packet.wire_len, &Metadata::default()));
        if found != expected || fast != expected || coded.is_some_and(|coded| coded != expected) {
            return Err(format!(
                "ours {found}, prepared {fast}, machine code {coded:?}, libpcap's {expected}: program {} packet {} wire length {}",
                cases::one_line(program),
                cases::hex(&packet.data),
                packet.wire_len
            ));
        }
    }
    Ok(packets.len())
}

#[test]
fn random_programs_have_libpcaps_verdict_on_recorded_mutated_and_random_packets() {
    let pool = mutate::recorded(None).unwrap();
    let (mut compared, mut accepted) = (0, 0);
    cases::run("random programs against bpf_filter", 400_000, |rng| {
        let units = [3, 12, 40, 150][rng.below(4)];
        let program = random_program::program(rng, &Shape { units, ..Shape::LIBPCAP });
        let packets: Vec<_> = (0..25).map(|_| mutate::draw(rng, &pool)).collect();
        let checked = bpf_validate(&program[..], Profile::LIBPCAP).map_err(|error| error.to_string())?;
        accepted +=
            packets.iter().filter(|p| checked.run(&SlicePacket::new(&p.data, p.wire_len)) != 0).count();
        compared += compare(&program, &packets, rng.one_in(COMPILED_EACH))?;
        Ok(())
    });
    println!("{compared} verdicts compared, {accepted} of them not 0");
    // If nearly all verdicts were 0, equality would say little.
    assert!(accepted * 4 > compared && accepted * 20 < compared * 19, "{accepted} of {compared}");
}

#[test]
fn every_instruction_at_its_edges_has_libpcaps_verdict() {
    let mut compared = 0;
    let whole = Sample::whole((0..64).map(|byte| byte ^ 0x5a).collect());
    for program in edges::without_loads(true) {
        compared += compare(&program, &[whole.cut(0), whole.clone()], true).unwrap();
    }
    for cut in mutate::every_cut(&Sample { wire_len: 1500, ..whole.cut(20) }) {
        for program in edges::loads(u32::try_from(cut.data.len()).unwrap(), true) {
            compared += compare(&program, std::slice::from_ref(&cut), program.len() % 2 == 0).unwrap();
        }
    }
    println!("edges against bpf_filter: {compared} verdicts compared");
}

#[test]
fn the_verifiers_agree_but_for_unknown_codes_and_backward_jumps() {
    let (mut taken, mut refused, mut stricter) = (0, 0, 0);
    cases::run("damaged programs against bpf_validate", 1_000_000, |rng| {
        let program = random_program::damaged(rng, &Shape { units: 8, ..Shape::LIBPCAP });
        let theirs = libpcap::validate(&program);
        let ours = bpf_validate(&program[..], Profile::LIBPCAP).is_ok();
        let looping = bpf_validate_looping(&program[..]).is_ok();
        let known = program.iter().all(|insn| insn.meaning().is_some());
        match (ours, theirs) {
            (true, true) => taken += 1,
            (false, false) => refused += 1,
            // libpcap's verifier looks at parts of the code only; its machine then aborts the process.
            (false, true) if !known || looping => stricter += 1,
            _ => return Err(format!("ours {ours}, libpcap's {theirs}: {}", cases::one_line(&program))),
        }
        Ok(())
    });
    println!("both take {taken}, both refuse {refused}, only libpcap takes {stricter}");
    assert!(taken > 0 && refused > 0 && stricter > 0);
}

#[test]
fn a_code_on_which_libpcaps_machine_aborts_is_refused_here() {
    let return_x = [RawInsn::stmt(op::RET | op::X, 0)];
    assert!(libpcap::validate(&return_x));
    for profile in Profile::ALL {
        assert!(bpf_validate(&return_x[..], profile).is_err(), "{}", profile.name());
    }
}

#[test]
fn a_backward_jump_is_valid_in_libpcap_and_needs_fuel_here() {
    let endless = [RawInsn::stmt(op::JMP | op::JA, u32::MAX), RawInsn::stmt(op::RET | op::K, 1)];
    assert!(libpcap::validate(&endless));
    assert!(bpf_validate(&endless[..], Profile::LIBPCAP).is_err());
    let looping = bpf_validate_looping(&endless[..]).unwrap();
    assert!(looping.run_with_fuel(&SlicePacket::new(&[], 0), 1000).is_err());
}

#[test]
fn a_scratch_word_never_written_is_zero_here_and_whatever_was_there_in_libpcap() {
    // libpcap 1.10.3 takes the program, and returns what its stack holds: there is nothing to compare with.
    for index in 0..16 {
        let program = [RawInsn::stmt(op::LD | op::MEM, index), RawInsn::stmt(op::RET | op::A, 0)];
        assert!(libpcap::validate(&program));
        let ours = bpf_validate(&program[..], Profile::LIBPCAP).unwrap();
        assert_eq!(ours.run(&SlicePacket::new(&[1, 2, 3], 3)), 0);
        assert!(bpf_validate(&program[..], Profile::STRICT).is_err());
    }
}

#[test]
fn a_constant_shift_of_32_or_more_is_zero_here_and_undefined_in_libpcap() {
    // libpcap's verifier lets it pass, and C does not say what the shift gives: there is nothing to compare with.
    for (shift, by) in [(op::LSH, 32), (op::RSH, 32), (op::LSH, 33), (op::RSH, u32::MAX)] {
        let program = [
            RawInsn::stmt(op::LD | op::IMM, u32::MAX),
            RawInsn::stmt(op::ALU | shift | op::K, by),
            RawInsn::stmt(op::RET | op::A, 0),
        ];
        assert!(libpcap::validate(&program));
        assert_eq!(bpf_validate(&program[..], Profile::LIBPCAP).unwrap().run(&SlicePacket::new(&[], 0)), 0);
        assert!(bpf_validate(&program[..], Profile::STRICT).is_err());
    }
}

#[test]
fn an_ancillary_load_is_an_operation_here_and_an_offset_past_the_end_in_libpcap() {
    let xor_x = [
        RawInsn::stmt(op::LD | op::IMM, 0b1100),
        RawInsn::stmt(op::LDX | op::IMM, 0b1010),
        RawInsn::stmt(op::LD | op::ABS | op::W, bpf_core::ANCILLARY_BASE + 40),
        RawInsn::stmt(op::RET | op::A, 0),
    ];
    assert_eq!(bpf_validate(&xor_x[..], Profile::LIBPCAP).unwrap().run(&SlicePacket::new(&[], 0)), 0b0110);
    assert_eq!(Machine::new(&xor_x).unwrap().run(&[], 0), 0);
}
