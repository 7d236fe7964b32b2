//! How long it takes to make a program ready, by its length.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bpf_core::opcode as op;
use bpf_core::{Profile, RawInsn, bpf_validate};
use bpf_jit::CompiledFilter;

use crate::filters::Filter;

const RUNS: usize = 15;
const LENGTHS: [usize; 6] = [20, 100, 500, 1_000, 2_000, 4_096];

/// Like a list of addresses: loads, each with a comparison, and an arithmetic test now and then.
fn list(len: usize) -> Vec<RawInsn> {
    let mut program = vec![RawInsn::stmt(op::LDX | op::B | op::MSH, 14)];
    let mut number = 0_u32;
    while program.len() + 8 < len {
        number += 1;
        match number % 8 {
            0 => program.push(RawInsn::stmt(op::LD | op::H | op::IND, 14 + number % 20)),
            1 => {
                program.push(RawInsn::stmt(op::LD | op::W | op::ABS, 26));
                program.push(RawInsn::stmt(op::ALU | op::AND | op::K, 0xffff_ff00));
            }
            2 => program.push(RawInsn::stmt(op::LD | op::H | op::ABS, 20 + number % 30)),
            _ => program.push(RawInsn::stmt(op::LD | op::W | op::ABS, 26 + 4 * (number % 2))),
        }
        // Over the next load, or over a few.
        program.push(RawInsn::jump(
            op::JMP | op::JEQ | op::K,
            number << 8,
            if number.is_multiple_of(4) { 255 } else { 1 },
            0,
        ));
    }
    // Every jump lands: the last are returns of both kinds.
    for (at, insn) in program.iter_mut().enumerate() {
        insn.jt = insn.jt.min(u8::try_from(len - at - 2).unwrap_or(u8::MAX));
    }
    program.push(RawInsn::stmt(op::RET | op::K, 1));
    program.resize(len - 1, RawInsn::stmt(op::RET | op::K, 0));
    program.push(RawInsn::stmt(op::RET | op::K, 262_144));
    program
}

/// The median and the fastest.
fn timed(mut work: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |number: usize| times.get(number).copied().unwrap_or_default();
    (at(RUNS / 2), at(0))
}

fn compile(program: &[RawInsn]) -> Result<(), String> {
    let program = bpf_validate(program, Profile::LIBPCAP).map_err(|error| error.to_string())?;
    black_box(CompiledFilter::new(&program).map_err(|error| error.to_string())?);
    Ok(())
}

/// Prints them: of the filters, then of longer and longer programs.
pub(crate) fn print(filters: &[Filter]) -> Result<(), String> {
    println!("\nmaking ready, verifier and JIT, median and fastest of {RUNS}");
    for len in LENGTHS {
        let program = list(len);
        compile(&program)?;
        let (median, fastest) = timed(|| drop(compile(&program)));
        println!("{len:8} instructions {median:10.1?} {fastest:10.1?}");
    }
    for filter in filters {
        compile(&filter.program)?;
        let (median, fastest) = timed(|| drop(compile(&filter.program)));
        println!(
            "{:8} instructions {median:10.1?} {fastest:10.1?}   {}",
            filter.program.len(),
            filter.shown()
        );
    }
    Ok(())
}
