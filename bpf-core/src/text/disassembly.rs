//! The form of `tcpdump -d`, as libpcap 1.10 prints it.
//!
//! ```text
//! (001) jeq      #0x800           jt 2⇥jf 8
//!  │    │        │                │
//!  │    │        │                targets, counted from the start; conditional jumps only
//!  │    │        operand, 16 columns wide before targets, else as long as it is
//!  │    name, 8 columns wide, with the space behind it even if nothing follows
//!  number, at least 3 digits
//! ```
//!
//! The oddities are kept, because scripts compare this text: offsets, scratch words, sums and verdicts are signed
//! numbers (`ret #-1`), masks and compared values hexadecimal ones; `ret a` is a `ret` with no operand; a word that
//! libpcap does not know is `unimp` and its code, with targets if its class is that of the jumps.

use core::fmt;

use super::names;
use crate::insn::{AluOp, Cond, Insn, Operand, RawInsn, Size, opcode as op};

/// A program in the form of `tcpdump -d`, each line with its end.
#[derive(Clone, Copy, Debug)]
pub struct Disassembly<'a>(&'a [RawInsn]);

/// The program in the form of `tcpdump -d`.
///
/// ```
/// use bpf_core::{RawInsn, text};
///
/// let program = [RawInsn::stmt(0x28, 12), RawInsn::jump(0x15, 0x0806, 0, 1), RawInsn::stmt(6, 0)];
/// let expected = "(000) ldh      [12]\n(001) jeq      #0x806           jt 2\tjf 3\n(002) ret      #0\n";
/// assert_eq!(text::disassembly(&program).to_string(), expected);
/// ```
#[must_use]
pub const fn disassembly(insns: &[RawInsn]) -> Disassembly<'_> {
    Disassembly(insns)
}

impl fmt::Display for Disassembly<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (pc, insn) in (0_u32..).zip(self.0) {
            writeln!(f, "{}", line(pc, *insn))?;
        }
        Ok(())
    }
}

/// One instruction in the form of `tcpdump -d`, without the line's end.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pc: u32,
    insn: RawInsn,
}

/// The instruction at `pc` in the form of `tcpdump -d`; the place matters because targets are printed as places.
#[must_use]
pub const fn line(pc: u32, insn: RawInsn) -> Line {
    Line { pc, insn }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pc, insn: RawInsn { code, k, .. } } = *self;
        // C prints these as `int`.
        let signed = k.cast_signed();
        write!(f, "({pc:03}) ")?;
        match self.insn.meaning() {
            None | Some(Insn::LoadXLen) if is_conditional(code) => {
                write!(f, "{:<8} {code:<#16x}", "unimp")?;
                self.targets(f)
            }
            None | Some(Insn::LoadXLen) => write!(f, "{:<8} {code:#x}", "unimp"),
            Some(Insn::LoadAbs { size, .. } | Insn::LoadAncillary { size, .. }) => {
                match names::libpcap_name(k) {
                    Some(name) => write!(f, "{:<8} [{name}]", load_name(size)),
                    None => write!(f, "{:<8} [{signed}]", load_name(size)),
                }
            }
            Some(Insn::LoadInd { size, .. }) => write!(f, "{:<8} [x + {signed}]", load_name(size)),
            Some(Insn::LoadImm(_)) => write!(f, "{:<8} #{k:#x}", "ld"),
            Some(Insn::LoadLen) => write!(f, "{:<8} #pktlen", "ld"),
            Some(Insn::LoadMem(_)) => write!(f, "{:<8} M[{signed}]", "ld"),
            Some(Insn::LoadXImm(_)) => write!(f, "{:<8} #{k:#x}", "ldx"),
            Some(Insn::LoadXMem(_)) => write!(f, "{:<8} M[{signed}]", "ldx"),
            Some(Insn::LoadXMsh(_)) => write!(f, "{:<8} 4*([{signed}]&0xf)", "ldxb"),
            Some(Insn::Store(_)) => write!(f, "{:<8} M[{signed}]", "st"),
            Some(Insn::StoreX(_)) => write!(f, "{:<8} M[{signed}]", "stx"),
            Some(Insn::Alu { op, operand: Operand::X }) => write!(f, "{:<8} x", alu_name(op)),
            Some(Insn::Alu { op: op @ (AluOp::And | AluOp::Or | AluOp::Xor), .. }) => {
                write!(f, "{:<8} #{k:#x}", alu_name(op))
            }
            Some(Insn::Alu { op, .. }) => write!(f, "{:<8} #{signed}", alu_name(op)),
            Some(Insn::Neg) => write!(f, "{:<8} ", "neg"),
            Some(Insn::Jump(_)) => write!(f, "{:<8} {}", "ja", self.target(k)),
            Some(Insn::Branch { cond, operand, .. }) => {
                match operand {
                    Operand::K(_) => write!(f, "{:<8} #{k:<#15x}", cond_name(cond))?,
                    Operand::X => write!(f, "{:<8} {:<16}", cond_name(cond), "x")?,
                }
                self.targets(f)
            }
            Some(Insn::RetK(_)) => write!(f, "{:<8} #{signed}", "ret"),
            Some(Insn::RetA) => write!(f, "{:<8} ", "ret"),
            Some(Insn::Tax) => write!(f, "{:<8} ", "tax"),
            Some(Insn::Txa) => write!(f, "{:<8} ", "txa"),
        }
    }
}

impl Line {
    fn target(&self, skip: u32) -> i32 {
        self.pc.wrapping_add(1).wrapping_add(skip).cast_signed()
    }

    fn targets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (jt, jf) = (self.target(u32::from(self.insn.jt)), self.target(u32::from(self.insn.jf)));
        write!(f, " jt {jt}\tjf {jf}")
    }
}

/// Whether libpcap prints targets: by class and operation, even where no instruction has the code.
pub(super) const fn is_conditional(code: u16) -> bool {
    code & op::CLASS_MASK == op::JMP && code & 0xf0 != op::JA
}

/// The name of a load of A from the packet.
pub(super) const fn load_name(size: Size) -> &'static str {
    match size {
        Size::Byte => "ldb",
        Size::Half => "ldh",
        Size::Word => "ld",
    }
}

/// The name of an operation on A.
pub(super) const fn alu_name(op: AluOp) -> &'static str {
    match op {
        AluOp::Add => "add",
        AluOp::Sub => "sub",
        AluOp::Mul => "mul",
        AluOp::Div => "div",
        AluOp::Mod => "mod",
        AluOp::Or => "or",
        AluOp::And => "and",
        AluOp::Xor => "xor",
        AluOp::Lsh => "lsh",
        AluOp::Rsh => "rsh",
    }
}

/// The name of a conditional jump.
pub(super) const fn cond_name(cond: Cond) -> &'static str {
    match cond {
        Cond::Eq => "jeq",
        Cond::Gt => "jgt",
        Cond::Ge => "jge",
        Cond::Set => "jset",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;

    fn text(pc: u32, code: u16, jt: u8, jf: u8, k: u32) -> std::string::String {
        line(pc, RawInsn { code, jt, jf, k }).to_string()
    }

    #[test]
    fn numbers_are_signed_where_libpcap_prints_ints() {
        assert_eq!(text(0, 0x06, 0, 0, u32::MAX), "(000) ret      #-1");
        assert_eq!(text(0, 0x20, 0, 0, 0x8000_0000), "(000) ld       [-2147483648]");
        assert_eq!(text(0, 0x40, 0, 0, 0xffff_fffc), "(000) ld       [x + -4]");
        assert_eq!(text(0, 0xb1, 0, 0, 0xffff_ffff), "(000) ldxb     4*([-1]&0xf)");
        assert_eq!(text(9, 0x05, 0, 0, 0xffff_fff8), "(009) ja       2");
        assert_eq!(text(0, 0x54, 0, 0, 0xffff_ffff), "(000) and      #0xffffffff");
    }

    #[test]
    fn ancillary_loads_are_named_and_unknown_ones_are_negative_offsets() {
        assert_eq!(text(3, 0x30, 0, 0, 0xffff_f030), "(003) ldb      [vlanp]");
        assert_eq!(text(3, 0x28, 0, 0, 0xffff_f00c), "(003) ldh      [nla]");
        assert_eq!(text(3, 0x28, 0, 0, 0xffff_f001), "(003) ldh      [-4095]");
        assert_eq!(text(3, 0x28, 0, 0, 0xffff_f040), "(003) ldh      [-4032]");
    }

    #[test]
    fn words_without_operand_keep_the_space_behind_the_name() {
        assert_eq!(text(0, 0x16, 0, 0, 0), "(000) ret      ");
        assert_eq!(text(0, 0x07, 0, 0, 0), "(000) tax      ");
        assert_eq!(text(0, 0x84, 0, 0, 0), "(000) neg      ");
    }

    #[test]
    fn unknown_words_show_their_code_and_jumps_their_targets() {
        assert_eq!(text(0, 0xffff, 0, 0, 0), "(000) unimp    0xffff");
        assert_eq!(text(0, 0x81, 0, 0, 0), "(000) unimp    0x81");
        assert_eq!(text(1, 0x55, 2, 3, 0), "(001) unimp    0x55             jt 4\tjf 5");
        assert_eq!(text(1, 0x0d, 2, 3, 0), "(001) unimp    0xd");
    }

    #[test]
    fn numbers_of_lines_grow_beyond_three_digits() {
        assert_eq!(text(1000, 0x1d, 255, 0, 7), "(1000) jeq      x                jt 1256\tjf 1001");
    }
}
