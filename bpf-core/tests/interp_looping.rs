//! Programs that may jump backwards: fuel is counted exactly, and nothing runs without it.

#![allow(clippy::expect_used, reason = "test code")]

use bpf_core::{
    AluOp, Cond, Insn, LoopingProgram, Operand, OutOfFuel, RawInsn, SlicePacket, State, bpf_validate_looping,
};

fn nothing() -> SlicePacket<'static> {
    SlicePacket::new(&[], 0)
}

fn looping(insns: &[Insn]) -> LoopingProgram<Vec<RawInsn>> {
    bpf_validate_looping(insns.iter().map(|insn| insn.encode()).collect()).expect("a program")
}

/// Counts A from 0 to `rounds` in steps of 1: 1 + 3 * rounds steps and a return.
fn counter(rounds: u32) -> LoopingProgram<Vec<RawInsn>> {
    looping(&[
        Insn::LoadImm(0),
        Insn::Alu { op: AluOp::Add, operand: Operand::K(1) },
        Insn::Branch { cond: Cond::Ge, operand: Operand::K(rounds), jt: 1, jf: 0 },
        Insn::Jump(0_u32.wrapping_sub(3)),
        Insn::RetA,
    ])
}

#[test]
fn a_loop_that_ends_needs_exactly_its_steps() {
    for rounds in [1, 2, 3, 1000] {
        // Each round but the last takes three steps, the last two; one before, one return.
        let steps = 1 + 3 * rounds - 1 + 1;
        let program = counter(rounds);
        assert_eq!(program.run_with_fuel(&nothing(), steps), Ok(rounds));
        assert_eq!(program.run_with_fuel(&nothing(), steps - 1), Err(OutOfFuel));
        assert_eq!(program.run_with_fuel(&nothing(), u32::MAX), Ok(rounds));
    }
}

#[test]
fn without_fuel_nothing_runs() {
    let program = looping(&[Insn::RetK(7)]);
    assert_eq!(program.run_with_fuel(&nothing(), 0), Err(OutOfFuel));
    assert_eq!(program.run_with_fuel(&nothing(), 1), Ok(7));
}

#[test]
fn an_endless_loop_takes_as_many_steps_as_it_is_given() {
    let program = looping(&[Insn::Jump(u32::MAX), Insn::RetK(0)]);
    for fuel in [0, 1, 2, 10_000] {
        let mut steps = 0;
        let mut count = |pc: u32, _: RawInsn, _: &State| {
            assert_eq!(pc, 0);
            steps += 1;
        };
        assert_eq!(program.run_observed(&nothing(), fuel, &mut count), Err(OutOfFuel));
        assert_eq!(steps, fuel);
    }
}

#[test]
fn a_division_by_zero_ends_a_loop_as_it_ends_a_program() {
    let program = looping(&[
        Insn::Alu { op: AluOp::Div, operand: Operand::X },
        Insn::Jump(0_u32.wrapping_sub(2)),
        Insn::RetK(5),
    ]);
    assert_eq!(program.run_with_fuel(&nothing(), 1), Ok(0));
}

#[test]
fn a_program_without_loops_gives_the_verdict_of_a_plain_one() {
    let program = looping(&[Insn::Jump(1), Insn::RetK(1), Insn::RetK(2)]);
    assert_eq!(program.run_with_fuel(&nothing(), 2), Ok(2));
    assert_eq!(program.insns().len(), 3);
}

#[test]
fn running_out_of_fuel_is_said_in_words() {
    assert_eq!(OutOfFuel.to_string(), "the program did not end within the steps it was given");
}
