//! Random programs that pass the verifier, and packets to run them on: support for the tests of laws.
//!
//! A program is made of ingredients: numbers that are bent until they are an instruction that may stand at its place.
//! So every shrunk list of ingredients is a program again.

#![allow(dead_code, reason = "each test file uses the part that it needs")]

use bpf_core::{
    ANCILLARY_BASE, AluOp, Ancillary, Cond, Insn, Metadata, Operand, Profile, Program, RawInsn, Size, Vlan,
    bpf_validate,
};
use proptest::prelude::*;

type Ingredient = (u8, u8, u8, u8, u32);

const SIZES: [Size; 3] = [Size::Byte, Size::Half, Size::Word];
const OPS: [AluOp; 10] = [
    AluOp::Add,
    AluOp::Sub,
    AluOp::Mul,
    AluOp::Div,
    AluOp::Mod,
    AluOp::Or,
    AluOp::And,
    AluOp::Xor,
    AluOp::Lsh,
    AluOp::Rsh,
];
const CONDS: [Cond; 4] = [Cond::Eq, Cond::Gt, Cond::Ge, Cond::Set];

/// Programs of 1 to `len_max` instructions that jump forward only and that `Profile::LIBPCAP` accepts.
pub(crate) fn programs(len_max: usize) -> impl Strategy<Value = Program<Vec<RawInsn>>> {
    let number = prop_oneof![
        4 => 0_u32..40,
        2 => 0_u32..70_000,
        1 => any::<u32>(),
        1 => (0_u32..8).prop_map(|n| u32::MAX - n),
        1 => (0_u32..31).prop_map(|n| 1 << n),
    ];
    let ingredient = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), number);
    (proptest::collection::vec(ingredient, 0..len_max), any::<bool>(), 0_u32..3).prop_map(
        |(ingredients, ret_a, k)| {
            let len = ingredients.len() + 1;
            let insn = |(pc, ingredient)| instruction(ingredient, len - pc - 2).encode();
            let mut insns: Vec<RawInsn> = ingredients.into_iter().enumerate().map(insn).collect();
            insns.push(if ret_a { Insn::RetA } else { Insn::RetK(k) }.encode());
            bpf_validate(insns, Profile::LIBPCAP).expect("made to be accepted")
        },
    )
}

/// `room`: how many instructions a jump may skip.
fn instruction((kind, detail, jt, jf, k): Ingredient, room: usize) -> Insn {
    let size = SIZES[usize::from(detail) % 3];
    let operand = if jt % 2 == 0 { Operand::K(k) } else { Operand::X };
    // Few words, so that what is stored is loaded again.
    let word = if detail < 230 { k % 2 } else { k % 16 };
    // Most loads must find something, or few programs would get beyond their first instructions.
    let near = if jf < 250 { k % 48 } else { k };
    let skip = |jump: u8| u8::try_from(usize::from(jump) % (room + 1).min(256)).expect("below 256");
    match kind % 32 {
        0..4 => Insn::LoadAbs { size, offset: near.min(ANCILLARY_BASE - 1) },
        4..7 => Insn::LoadInd { size, offset: near },
        7 => Insn::LoadAncillary { size, which: Ancillary::ALL[usize::from(detail) % Ancillary::ALL.len()] },
        8 => Insn::LoadImm(k),
        9 if detail < 64 => Insn::LoadLen,
        9 => Insn::LoadAbs { size: Size::Byte, offset: k % 48 },
        10 => Insn::LoadMem(word),
        11 => Insn::LoadXImm(k),
        12 if detail < 64 => Insn::LoadXLen,
        12 => Insn::LoadXMsh(near),
        13 => Insn::LoadXMem(word),
        14 => Insn::LoadXMsh(near),
        15 => Insn::Store(word),
        16 => Insn::StoreX(word),
        17..22 => Insn::Alu { op: OPS[usize::from(detail) % OPS.len()], operand: not_zero(operand) },
        22 => Insn::Neg,
        23 => Insn::Jump(u32::from(skip(jt))),
        24..28 => Insn::Branch { cond: CONDS[usize::from(detail) % 4], operand, jt: skip(jf), jf: skip(jt) },
        28 => Insn::RetK(k),
        29 => Insn::RetA,
        30 => Insn::Tax,
        _ => Insn::Txa,
    }
}

fn not_zero(operand: Operand) -> Operand {
    match operand {
        Operand::K(k) => Operand::K(k.max(1)),
        Operand::X => Operand::X,
    }
}

/// What a packet is made of.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) bytes: Vec<u8>,
    pub(crate) wire_len: u32,
    pub(crate) metadata: Metadata,
}

pub(crate) fn samples() -> impl Strategy<Value = Sample> {
    let byte = prop_oneof![2 => 0_u8..20, 1 => any::<u8>()];
    let metadata = (any::<u16>(), any::<u32>(), any::<bool>(), any::<bool>()).prop_map(
        |(small, large, tagged, known)| Metadata {
            protocol: known.then_some(small),
            mark: Some(large),
            if_index: known.then_some(large),
            cpu: Some(1),
            vlan: Some(if tagged { Vlan::Tagged { tci: small, tpid: 0x8100 } } else { Vlan::Untagged }),
            random: known.then_some(large),
            ..Metadata::default()
        },
    );
    (proptest::collection::vec(byte, 0..120), 0_u32..200, metadata)
        .prop_map(|(bytes, wire_len, metadata)| Sample { bytes, wire_len, metadata })
}
