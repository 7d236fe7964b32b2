//! V12: Linux translates a program to its own instructions before it runs it, and what it can translate is bounded.
//!
//! The numbers are measured: programs of one repeated instruction were attached to sockets of Linux 6.18 until one
//! was refused (`tests/tests/kernel_judge.rs` holds the bound against the running kernel). Two bounds matter: a jump
//! must neither span nor stand behind more than 32,767 translated instructions, and the translation must fit in
//! the memory that a socket may have (`net.core.optmem_max`, 131,072 bytes as installed: 16,372 instructions).

use crate::insn::{Ancillary, Cond, Insn, Operand, RawInsn, Size};

/// The longest translation that jumps work in.
pub(super) const SPAN_MAX: u32 = 32_767;
/// The longest translation that a socket takes as Linux is installed.
pub(super) const SOCKET_MAX: u32 = 16_372;

/// What stands before the first instruction; less if no packet byte is loaded.
const PROLOGUE: u32 = 7;

/// The length of the translation; never less than the true one.
pub(super) fn translated_len(insns: &[RawInsn]) -> u32 {
    insns.iter().filter_map(|raw| raw.meaning()).fold(PROLOGUE, |sum, insn| sum.saturating_add(weight(insn)))
}

fn weight(insn: Insn) -> u32 {
    match insn {
        Insn::LoadAbs { size: Size::Byte, .. } => 15,
        Insn::LoadAbs { .. } => 16,
        Insn::LoadInd { .. } => 9,
        Insn::LoadXMsh(_) => 21,
        Insn::LoadAncillary { which, .. } => match which {
            Ancillary::Mark
            | Ancillary::Queue
            | Ancillary::RxHash
            | Ancillary::AluXorX
            | Ancillary::VlanTag => 1,
            Ancillary::Protocol | Ancillary::PktType | Ancillary::VlanTpid => 2,
            Ancillary::VlanTagPresent => 3,
            Ancillary::IfIndex | Ancillary::HaType | Ancillary::Cpu | Ancillary::Random => 4,
        },
        Insn::Alu { op: crate::insn::AluOp::Div | crate::insn::AluOp::Mod, operand: Operand::X } => 5,
        Insn::Branch { cond, operand, jt, jf } => {
            let both_ways = if cond == Cond::Set { jf != 0 } else { jt != 0 && jf != 0 };
            let negative = matches!(operand, Operand::K(k) if k >= 1 << 31);
            1_u32.saturating_add(u32::from(both_ways)).saturating_add(u32::from(negative))
        }
        Insn::RetK(_) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_kernel_program_of_loads_is_too_long_and_one_of_additions_is_not() {
        let loads = [Insn::LoadAbs { size: Size::Word, offset: 0 }.encode(); 4096];
        assert!(translated_len(&loads) > SPAN_MAX);
        let moves = [Insn::Tax.encode(); 4096];
        assert_eq!(translated_len(&moves), 4096 + PROLOGUE);
    }
}
