//! Words to assembler text.
//!
//! A label is called by the place of its instruction, `l7` at instruction 7, and stands only where something jumps to.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::insn::{Cond, Insn, Operand, RawInsn};
use crate::text::disassembly::{alu_name, cond_name, load_name};
use crate::text::names;

/// A word that the language of `bpf_asm` cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAssembler {
    /// The instruction, counted from 0.
    pub pc: u32,
    /// Why.
    pub kind: NotAssemblerKind,
}

/// Why a word cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAssemblerKind {
    /// No instruction has this code.
    UnknownCode(u16),
    /// A jump to a place outside of the program, where no label can stand.
    JumpOut,
}

impl fmt::Display for NotAssembler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pc, kind } = self;
        match kind {
            NotAssemblerKind::UnknownCode(code) => {
                write!(f, "instruction {pc}: the code {code:#x} has no name in the assembler")
            }
            NotAssemblerKind::JumpOut => {
                write!(f, "instruction {pc}: a jump to a place outside of the program has no label")
            }
        }
    }
}

impl core::error::Error for NotAssembler {}

/// A program in the language of Linux' `bpf_asm`, each line with its end.
#[derive(Clone, Debug)]
pub struct BpfAsm<'a> {
    insns: &'a [RawInsn],
    /// Whether something jumps here.
    labelled: Vec<bool>,
}

/// The program in the language of Linux' `bpf_asm`; for any program that passed the verifier there is one.
///
/// # Errors
/// The first word that cannot be said.
pub fn bpf_asm(insns: &[RawInsn]) -> Result<BpfAsm<'_>, NotAssembler> {
    let mut labelled = vec![false; insns.len()];
    for (pc, raw) in (0_u32..).zip(insns) {
        let kind = NotAssemblerKind::UnknownCode(raw.code);
        let insn = raw.meaning().ok_or(NotAssembler { pc, kind })?;
        for target in targets(pc, insn).into_iter().flatten() {
            let label = labelled.get_mut(target as usize);
            *label.ok_or(NotAssembler { pc, kind: NotAssemblerKind::JumpOut })? = true;
        }
    }
    Ok(BpfAsm { insns, labelled })
}

/// The places that are written as labels. A jump that falls through is not, unless both ways do.
fn targets(pc: u32, insn: Insn) -> [Option<u32>; 2] {
    let next = pc.wrapping_add(1);
    match insn {
        Insn::Jump(k) => [Some(next.wrapping_add(k)), None],
        Insn::Branch { cond, jt, jf, .. } => {
            let [yes, no] = [jt, jf].map(|skip| Some(next.wrapping_add(u32::from(skip))));
            match Ways::of(cond, jt, jf) {
                Ways::Yes => [yes, None],
                Ways::No(_) => [None, no],
                Ways::Both => [yes, no],
            }
        }
        _ => [None, None],
    }
}

/// Which ways of a conditional jump are written.
enum Ways {
    Yes,
    /// By the name of the contrary condition.
    No(&'static str),
    Both,
}

impl Ways {
    fn of(cond: Cond, jt: u8, jf: u8) -> Self {
        match (cond, jt, jf) {
            (_, _, 0) => Self::Yes,
            (Cond::Eq, 0, _) => Self::No("jneq"),
            (Cond::Gt, 0, _) => Self::No("jle"),
            (Cond::Ge, 0, _) => Self::No("jlt"),
            _ => Self::Both,
        }
    }
}

impl fmt::Display for BpfAsm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((pc, raw), &labelled) in (0_u32..).zip(self.insns).zip(&self.labelled) {
            if labelled {
                writeln!(f, "l{pc}:")?;
            }
            if let Some(insn) = raw.meaning() {
                write!(f, "\t")?;
                instruction(f, pc, insn)?;
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

fn instruction(f: &mut fmt::Formatter<'_>, pc: u32, insn: Insn) -> fmt::Result {
    match insn {
        Insn::LoadAbs { size, offset } => packet_load(f, load_name(size), offset),
        Insn::LoadAncillary { size, which } => packet_load(f, load_name(size), which.offset()),
        Insn::LoadInd { size, offset } => write!(f, "{} [x + {}]", load_name(size), Number(offset)),
        Insn::LoadImm(k) => write!(f, "ld #{}", Number(k)),
        Insn::LoadLen => write!(f, "ld #len"),
        Insn::LoadMem(k) => write!(f, "ld M[{}]", Number(k)),
        Insn::LoadXImm(k) => write!(f, "ldx #{}", Number(k)),
        Insn::LoadXLen => write!(f, "ldx #len"),
        Insn::LoadXMem(k) => write!(f, "ldx M[{}]", Number(k)),
        Insn::LoadXMsh(k) => write!(f, "ldxb 4*([{}]&0xf)", Number(k)),
        Insn::Store(k) => write!(f, "st M[{}]", Number(k)),
        Insn::StoreX(k) => write!(f, "stx M[{}]", Number(k)),
        Insn::Alu { op, operand } => write!(f, "{} {}", alu_name(op), Second(operand)),
        Insn::Neg => write!(f, "neg"),
        Insn::Jump(_) => {
            write!(f, "jmp ")?;
            labels(f, pc, insn)
        }
        Insn::Branch { cond, operand, jt, jf } => {
            let name = match Ways::of(cond, jt, jf) {
                Ways::No(contrary) => contrary,
                Ways::Yes | Ways::Both => cond_name(cond),
            };
            write!(f, "{name} {}, ", Second(operand))?;
            labels(f, pc, insn)
        }
        Insn::RetK(k) => write!(f, "ret #{}", Number(k)),
        Insn::RetA => write!(f, "ret a"),
        Insn::Tax => write!(f, "tax"),
        Insn::Txa => write!(f, "txa"),
    }
}

fn packet_load(f: &mut fmt::Formatter<'_>, name: &str, offset: u32) -> fmt::Result {
    match names::assembler_name(offset) {
        Some(value) => write!(f, "{name} #{value}"),
        None => write!(f, "{name} [{}]", Number(offset)),
    }
}

fn labels(f: &mut fmt::Formatter<'_>, pc: u32, insn: Insn) -> fmt::Result {
    let mut separator = "";
    for target in targets(pc, insn).into_iter().flatten() {
        write!(f, "{separator}l{target}")?;
        separator = ", ";
    }
    Ok(())
}

/// Small numbers in decimal, others in hexadecimal: that is how people think of them.
struct Number(u32);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number) = *self;
        if number < 256 { write!(f, "{number}") } else { write!(f, "{number:#x}") }
    }
}

struct Second(Operand);

impl fmt::Display for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Operand::K(k) => write!(f, "#{}", Number(k)),
            Operand::X => write!(f, "x"),
        }
    }
}
