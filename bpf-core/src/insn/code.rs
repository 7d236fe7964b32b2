//! The codes of whole instructions, put together from the parts in [`super::opcode`].

use super::opcode::{
    A, ABS, ALU, B, H, IMM, IND, JA as JUMP_ALWAYS, JEQ, JGE, JGT, JMP, JSET, K, LD, LDX, LEN, MEM, MISC,
    MSH, NEG as NEGATE, RET, ST as STORE, STX as STORE_X, TAX as MOVE_TO_X, TXA as MOVE_TO_A, W, X,
};

pub(crate) const LD_W_ABS: u16 = LD | W | ABS;
pub(crate) const LD_H_ABS: u16 = LD | H | ABS;
pub(crate) const LD_B_ABS: u16 = LD | B | ABS;
pub(crate) const LD_W_IND: u16 = LD | W | IND;
pub(crate) const LD_H_IND: u16 = LD | H | IND;
pub(crate) const LD_B_IND: u16 = LD | B | IND;
pub(crate) const LD_IMM: u16 = LD | W | IMM;
pub(crate) const LD_LEN: u16 = LD | W | LEN;
pub(crate) const LD_MEM: u16 = LD | W | MEM;
pub(crate) const LDX_IMM: u16 = LDX | W | IMM;
pub(crate) const LDX_LEN: u16 = LDX | W | LEN;
pub(crate) const LDX_MEM: u16 = LDX | W | MEM;
pub(crate) const LDX_MSH: u16 = LDX | B | MSH;
pub(crate) const ST: u16 = STORE;
pub(crate) const STX: u16 = STORE_X;
pub(crate) const NEG: u16 = ALU | NEGATE;
pub(crate) const JA: u16 = JMP | JUMP_ALWAYS;
pub(crate) const JEQ_K: u16 = JMP | JEQ | K;
pub(crate) const JGT_K: u16 = JMP | JGT | K;
pub(crate) const JGE_K: u16 = JMP | JGE | K;
pub(crate) const JSET_K: u16 = JMP | JSET | K;
pub(crate) const JEQ_X: u16 = JMP | JEQ | X;
pub(crate) const JGT_X: u16 = JMP | JGT | X;
pub(crate) const JGE_X: u16 = JMP | JGE | X;
pub(crate) const JSET_X: u16 = JMP | JSET | X;
pub(crate) const RET_K: u16 = RET | K;
pub(crate) const RET_A: u16 = RET | A;
pub(crate) const TAX: u16 = MISC | MOVE_TO_X;
pub(crate) const TXA: u16 = MISC | MOVE_TO_A;
