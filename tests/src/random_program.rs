//! Random valid programs: structured, so that they go through the verifiers and far into themselves.
//!
//! What machines disagree about is left out unless a [`Shape`] asks for it:
//!
//! | option | off | why others differ |
//! | --- | --- | --- |
//! | (always) | every scratch word is stored before anything else | libpcap 1.10.3 does not clear them; Linux refuses |
//! | `wide_index` | X is masked to 16 bits before an indirect load, whose k is below 2^16 | Linux wraps X + k, and reads link and network headers at negative ones |
//! | `wide_shift` | A shift by X has X masked to 5 bits | Linux shifts by X & 31, or as the CPU does |
//! | `far_offsets` | offsets k are below 2^31 | negative offsets are header-relative or refused |
//! | `mod_xor` | no `mod`, no `xor` | FreeBSD has neither |
//! | `ancillary` | no k of 0xfffff000 and above in absolute loads | what a packet's metadata is depends on where it comes from |
//!
//! Constant shifts of 32 and more and constant divisions by 0 never occur: they have tests of their own.

use bpf_core::RawInsn;
use bpf_core::opcode as op;

use crate::rng::Rng;

/// What a random program may contain.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one row of the table above")]
pub struct Shape {
    /// About how many units (an instruction, or a few that belong together).
    pub units: usize,
    /// Indirect loads at any X + k below 2^32 without a carry from X alone.
    pub wide_index: bool,
    /// Shifts by any X.
    pub wide_shift: bool,
    /// Absolute offsets of 2^31 and above (but below the ancillary ones).
    pub far_offsets: bool,
    /// `mod` and `xor`.
    pub mod_xor: bool,
    /// Ancillary loads.
    pub ancillary: bool,
}

impl Shape {
    /// What our machine and libpcap's define alike.
    pub const LIBPCAP: Self = Self {
        units: 30,
        wide_index: true,
        wide_shift: true,
        far_offsets: true,
        mod_xor: true,
        ancillary: false,
    };
    /// What our machine and Linux's define alike.
    pub const LINUX: Self = Self {
        units: 30,
        wide_index: false,
        wide_shift: false,
        far_offsets: false,
        mod_xor: true,
        ancillary: false,
    };
}

/// A piece that is jumped to only at its start.
enum Unit {
    Straight(Vec<RawInsn>),
    /// Opcode, k, and how many units further the two ways go on.
    Branch(u16, u32, usize, usize),
    Jump(usize),
}

impl Unit {
    fn len(&self) -> usize {
        match self {
            Self::Straight(insns) => insns.len(),
            Self::Branch(..) | Self::Jump(_) => 1,
        }
    }
}

/// A program: valid under every profile whose rules `shape` keeps, but for the shortest length limits.
#[must_use]
pub fn program(rng: &mut Rng, shape: &Shape) -> Vec<RawInsn> {
    let count = 1 + rng.below(shape.units.max(1));
    let mut units: Vec<_> = (0..count).map(|_| unit(rng, shape)).collect();
    units.push(Unit::Straight(vec![end(rng)]));
    let mut out = stores(rng);
    // Where each unit starts, counted in instructions.
    let mut starts = Vec::with_capacity(units.len());
    let mut at = out.len();
    for unit in &units {
        starts.push(at);
        at += unit.len();
    }
    for (number, unit) in units.iter().enumerate() {
        // A jump that does not fit, or is past the end, goes to the furthest unit that does.
        let skip = |further: usize, most: usize| -> usize {
            let next = starts[number] + 1;
            let targets = starts.iter().skip(number + 1).take(further + 1);
            targets.map(|start| start - next).take_while(|skip| *skip <= most).last().unwrap_or(0)
        };
        match unit {
            Unit::Straight(insns) => out.extend(insns),
            Unit::Branch(code, k, yes, no) => {
                let short = |further| u8::try_from(skip(further, 255)).unwrap_or(u8::MAX);
                out.push(RawInsn::jump(*code, *k, short(*yes), short(*no)));
            }
            Unit::Jump(further) => {
                let far = u32::try_from(skip(*further, usize::MAX)).unwrap_or(0);
                out.push(RawInsn::stmt(op::JMP | op::JA, far));
            }
        }
    }
    out
}

/// A program with up to three of its fields changed: some are still valid, and verifiers must agree on which.
#[must_use]
pub fn damaged(rng: &mut Rng, shape: &Shape) -> Vec<RawInsn> {
    let mut out = program(rng, shape);
    for _ in 0..rng.below(4) {
        let at = if rng.one_in(4) { out.len() - 1 } else { rng.below(out.len()) };
        let insn = &mut out[at];
        match rng.below(6) {
            0 => insn.code = u16::from(rng.byte()),
            1 => insn.code ^= 1 << rng.below(16),
            2 => insn.jt = rng.byte(),
            3 => insn.jf = rng.byte(),
            4 => insn.k = bpf_core::ANCILLARY_BASE + rng.word_below(80),
            _ => insn.k = rng.interesting(),
        }
    }
    out
}

/// All scratch words, A and X get values.
fn stores(rng: &mut Rng) -> Vec<RawInsn> {
    let mut out = Vec::with_capacity(24);
    for index in 0..16 {
        if index == 0 || rng.one_in(3) {
            out.push(RawInsn::stmt(op::LD | op::IMM, rng.interesting()));
        }
        out.push(RawInsn::stmt(op::ST, index));
    }
    out.push(RawInsn::stmt(op::LDX | op::IMM, rng.word_below(40)));
    out
}

fn end(rng: &mut Rng) -> RawInsn {
    match rng.below(4) {
        0 => RawInsn::stmt(op::RET | op::K, rng.interesting()),
        1 => RawInsn::stmt(op::RET | op::K, 262_144),
        _ => RawInsn::stmt(op::RET | op::A, 0),
    }
}

fn size(rng: &mut Rng) -> u16 {
    *rng.pick(&[op::W, op::H, op::B])
}

/// Mostly within a small packet, so that the program goes on.
fn offset(rng: &mut Rng, shape: &Shape) -> u32 {
    match rng.below(40) {
        0 => rng.interesting() & 0x7fff_ffff,
        1 => 0x7fff_fffc + rng.word_below(4),
        2 if shape.far_offsets => rng.interesting().min(0xffff_efff),
        3 if shape.far_offsets => 0xffff_eff0 + rng.word_below(16),
        _ => rng.word_below(44),
    }
}

fn unit(rng: &mut Rng, shape: &Shape) -> Unit {
    use Unit::Straight;
    let one = |code, k| Straight(vec![RawInsn::stmt(code, k)]);
    match rng.below(24) {
        0..=3 => one(op::LD | op::ABS | size(rng), offset(rng, shape)),
        4..=5 => indirect(rng, shape),
        6 => one(op::LDX | op::MSH | op::B, offset(rng, shape)),
        7 if shape.ancillary => one(op::LD | op::ABS | size(rng), 0xffff_f000 + 4 * rng.word_below(14)),
        7 => one(op::LD | op::LEN, 0),
        8 => one(op::LDX | op::LEN, 0),
        9 => one(op::LD | op::IMM, rng.interesting()),
        10 => one(op::LDX | op::IMM, rng.interesting()),
        11 => one(*rng.pick(&[op::LD | op::MEM, op::LDX | op::MEM]), rng.word_below(16)),
        12 => one(*rng.pick(&[op::ST, op::STX]), rng.word_below(16)),
        13 => one(*rng.pick(&[op::MISC | op::TAX, op::MISC | op::TXA]), 0),
        14..=17 => arithmetic(rng, shape),
        18 if rng.one_in(4) => Straight(vec![end(rng)]),
        18 => Unit::Jump(rng.below(6)),
        _ => {
            let test = *rng.pick(&[op::JEQ, op::JGT, op::JGE, op::JSET]);
            let source = if rng.one_in(3) { op::X } else { op::K };
            let k = if source == op::X { 0 } else { rng.interesting() };
            Unit::Branch(op::JMP | test | source, k, rng.below(8), rng.below(8))
        }
    }
}

fn indirect(rng: &mut Rng, shape: &Shape) -> Unit {
    let load = RawInsn::stmt(op::LD | op::IND | size(rng), rng.word_below(44));
    if shape.wide_index {
        let k = if rng.one_in(6) { rng.interesting() } else { load.k };
        return Unit::Straight(vec![RawInsn { k, ..load }]);
    }
    // Through A, which the load replaces anyway.
    let mask = if rng.one_in(4) { 0xffff } else { 0x1f };
    Unit::Straight(vec![
        RawInsn::stmt(op::MISC | op::TXA, 0),
        RawInsn::stmt(op::ALU | op::AND | op::K, mask),
        RawInsn::stmt(op::MISC | op::TAX, 0),
        load,
    ])
}

fn arithmetic(rng: &mut Rng, shape: &Shape) -> Unit {
    let mut operations = vec![op::ADD, op::SUB, op::MUL, op::DIV, op::OR, op::AND, op::LSH, op::RSH, op::NEG];
    if shape.mod_xor {
        operations.extend([op::MOD, op::XOR]);
    }
    let operation = *rng.pick(&operations);
    let shifts = matches!(operation, op::LSH | op::RSH);
    if operation == op::NEG {
        return Unit::Straight(vec![RawInsn::stmt(op::ALU | op::NEG, 0)]);
    }
    if rng.one_in(2) {
        let k = match operation {
            op::LSH | op::RSH => rng.word_below(32),
            op::DIV | op::MOD => rng.interesting().max(1),
            _ => rng.interesting(),
        };
        return Unit::Straight(vec![RawInsn::stmt(op::ALU | operation | op::K, k)]);
    }
    let by_x = RawInsn::stmt(op::ALU | operation | op::X, 0);
    if shifts && !shape.wide_shift {
        // X &= 31 through A, which is kept in a scratch word meanwhile.
        let kept = rng.word_below(16);
        return Unit::Straight(vec![
            RawInsn::stmt(op::ST, kept),
            RawInsn::stmt(op::MISC | op::TXA, 0),
            RawInsn::stmt(op::ALU | op::AND | op::K, 31),
            RawInsn::stmt(op::MISC | op::TAX, 0),
            RawInsn::stmt(op::LD | op::MEM, kept),
            by_x,
        ]);
    }
    Unit::Straight(vec![by_x])
}
