//! Small programs that put every instruction at its edges, one instruction under test in each.

use bpf_core::RawInsn;
use bpf_core::opcode as op;

/// Values at which arithmetic and compares turn.
pub const VALUES: [u32; 15] = [
    0,
    1,
    2,
    3,
    31,
    32,
    33,
    0xff,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xffff_fffe,
    0xffff_ffff,
];

const LOAD_A: u16 = op::LD | op::IMM;
const LOAD_X: u16 = op::LDX | op::IMM;
const RETURN_A: RawInsn = RawInsn::stmt(op::RET | op::A, 0);

fn return_k(k: u32) -> RawInsn {
    RawInsn::stmt(op::RET | op::K, k)
}

/// Every operation on A, with a constant and with X, on every pair of [`VALUES`]. Constant divisors of 0, which every
/// verifier refuses, are left out, and shifts by more than 31 unless `wide_shift`.
#[must_use]
pub fn arithmetic(wide_shift: bool) -> Vec<Vec<RawInsn>> {
    let operations =
        [op::ADD, op::SUB, op::MUL, op::DIV, op::OR, op::AND, op::LSH, op::RSH, op::MOD, op::XOR];
    let mut programs = Vec::new();
    for a in VALUES {
        programs.push(vec![RawInsn::stmt(LOAD_A, a), RawInsn::stmt(op::ALU | op::NEG, 0), RETURN_A]);
        programs.push(vec![RawInsn::stmt(LOAD_X, a), RawInsn::stmt(op::MISC | op::TXA, 0), RETURN_A]);
        for operand in VALUES {
            for operation in operations {
                let shift = matches!(operation, op::LSH | op::RSH);
                let division = matches!(operation, op::DIV | op::MOD);
                let load = [RawInsn::stmt(LOAD_A, a), RawInsn::stmt(LOAD_X, operand)];
                let refused = division && operand == 0 || shift && operand > 31;
                if !refused {
                    let by_k = RawInsn::stmt(op::ALU | operation | op::K, operand);
                    programs.push([&load[..], &[by_k, RETURN_A]].concat());
                }
                if !shift || operand < 32 || wide_shift {
                    let by_x = RawInsn::stmt(op::ALU | operation | op::X, 0);
                    programs.push([&load[..], &[by_x, RETURN_A]].concat());
                }
            }
        }
    }
    programs
}

/// Every conditional jump, with a constant and with X, on every pair of [`VALUES`], both ways told apart; and `ja`.
#[must_use]
pub fn jumps() -> Vec<Vec<RawInsn>> {
    let mut programs = vec![vec![RawInsn::stmt(op::JMP | op::JA, 1), return_k(1), return_k(2)]];
    for a in VALUES {
        for operand in VALUES {
            for test in [op::JEQ, op::JGT, op::JGE, op::JSET] {
                for source in [op::K, op::X] {
                    for (jt, jf) in [(0, 1), (1, 0), (1, 2), (0, 0)] {
                        programs.push(vec![
                            RawInsn::stmt(LOAD_A, a),
                            RawInsn::stmt(LOAD_X, operand),
                            RawInsn::jump(op::JMP | test | source, operand, jt, jf),
                            return_k(1),
                            return_k(2),
                            return_k(3),
                        ]);
                    }
                }
            }
        }
    }
    programs
}

/// Every load of packet bytes around the end of a packet of `len` bytes, the loaded value returned. With `carry`, X + k
/// of indirect loads may be above 32 bits.
#[must_use]
pub fn loads(len: u32, carry: bool) -> Vec<Vec<RawInsn>> {
    let mut offsets: Vec<u32> = (0..6).chain(len.saturating_sub(5)..len.saturating_add(3)).collect();
    offsets.extend([0x7fff_fffe, 0x7fff_ffff]);
    let mut programs = vec![
        vec![RawInsn::stmt(op::LD | op::LEN, 0), RETURN_A],
        vec![RawInsn::stmt(op::LDX | op::LEN, 0), RawInsn::stmt(op::MISC | op::TXA, 0), RETURN_A],
    ];
    for offset in offsets {
        for size in [op::W, op::H, op::B] {
            programs.push(vec![RawInsn::stmt(op::LD | op::ABS | size, offset), RETURN_A]);
            let mut xs = vec![0, 1, offset.min(100)];
            if carry {
                xs.extend([0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0_u32.wrapping_sub(offset)]);
            }
            for x in xs {
                let k = offset.saturating_sub(x.min(100));
                let load = RawInsn::stmt(op::LD | op::IND | size, k);
                programs.push(vec![RawInsn::stmt(LOAD_X, x), load, RETURN_A]);
            }
        }
        programs.push(vec![
            RawInsn::stmt(op::LDX | op::MSH | op::B, offset),
            RawInsn::stmt(op::MISC | op::TXA, 0),
            RawInsn::stmt(op::ALU | op::ADD | op::K, 1),
            RETURN_A,
        ]);
    }
    programs
}

/// Every scratch word stored and loaded by each pair of registers.
#[must_use]
pub fn scratch() -> Vec<Vec<RawInsn>> {
    let mut programs = Vec::new();
    for index in 0..16 {
        for (store, load) in [
            (op::ST, op::LD | op::MEM),
            (op::ST, op::LDX | op::MEM),
            (op::STX, op::LD | op::MEM),
            (op::STX, op::LDX | op::MEM),
        ] {
            let mut program = vec![RawInsn::stmt(LOAD_A, 1000 + index), RawInsn::stmt(LOAD_X, 2000 + index)];
            program.push(RawInsn::stmt(store, index));
            program.extend([RawInsn::stmt(LOAD_A, 7), RawInsn::stmt(LOAD_X, 8), RawInsn::stmt(load, index)]);
            if load == op::LDX | op::MEM {
                program.push(RawInsn::stmt(op::MISC | op::TXA, 0));
            }
            program.push(RETURN_A);
            programs.push(program);
        }
    }
    programs
}

/// All of the above but the loads.
#[must_use]
pub fn without_loads(wide_shift: bool) -> Vec<Vec<RawInsn>> {
    let mut programs = arithmetic(wide_shift);
    programs.extend(jumps());
    programs.extend(scratch());
    programs
}
