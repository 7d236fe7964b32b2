//! The numbers of the instruction word, as the BSD packet filter defines them.
//!
//! ```text
//!  code  15 ......... 8 7 6 5 4 3 2 1 0
//!        must be zero   ─mode─ size class     loads (class LD, LDX)
//!                       ──op─── src class     arithmetic and jumps (class ALU, JMP)
//!                             rval  class     return (class RET)
//!                       ──op───     class     MISC
//! ```

/// Mask of the instruction class.
pub const CLASS_MASK: u16 = 0x07;
/// Class: load A.
pub const LD: u16 = 0x00;
/// Class: load X.
pub const LDX: u16 = 0x01;
/// Class: store A.
pub const ST: u16 = 0x02;
/// Class: store X.
pub const STX: u16 = 0x03;
/// Class: arithmetic on A.
pub const ALU: u16 = 0x04;
/// Class: jumps.
pub const JMP: u16 = 0x05;
/// Class: return.
pub const RET: u16 = 0x06;
/// Class: register moves.
pub const MISC: u16 = 0x07;

/// Size: 32 bits.
pub const W: u16 = 0x00;
/// Size: 16 bits.
pub const H: u16 = 0x08;
/// Size: 8 bits.
pub const B: u16 = 0x10;

/// Mode: the constant k.
pub const IMM: u16 = 0x00;
/// Mode: packet bytes at k.
pub const ABS: u16 = 0x20;
/// Mode: packet bytes at X + k.
pub const IND: u16 = 0x40;
/// Mode: scratch word k.
pub const MEM: u16 = 0x60;
/// Mode: the packet's wire length.
pub const LEN: u16 = 0x80;
/// Mode: four times the low nibble of packet byte k, the length of an IPv4 header.
pub const MSH: u16 = 0xa0;

/// Operation: A + operand.
pub const ADD: u16 = 0x00;
/// Operation: A - operand.
pub const SUB: u16 = 0x10;
/// Operation: A * operand.
pub const MUL: u16 = 0x20;
/// Operation: A / operand.
pub const DIV: u16 = 0x30;
/// Operation: A | operand.
pub const OR: u16 = 0x40;
/// Operation: A & operand.
pub const AND: u16 = 0x50;
/// Operation: A << operand.
pub const LSH: u16 = 0x60;
/// Operation: A >> operand.
pub const RSH: u16 = 0x70;
/// Operation: 0 - A.
pub const NEG: u16 = 0x80;
/// Operation: A % operand.
pub const MOD: u16 = 0x90;
/// Operation: A ^ operand.
pub const XOR: u16 = 0xa0;

/// Jump: always, by k.
pub const JA: u16 = 0x00;
/// Jump: if A == operand.
pub const JEQ: u16 = 0x10;
/// Jump: if A > operand.
pub const JGT: u16 = 0x20;
/// Jump: if A >= operand.
pub const JGE: u16 = 0x30;
/// Jump: if A & operand is not zero.
pub const JSET: u16 = 0x40;

/// Operand: the constant k.
pub const K: u16 = 0x00;
/// Operand: X.
pub const X: u16 = 0x08;
/// Return value: A.
pub const A: u16 = 0x10;

/// Register move: X = A.
pub const TAX: u16 = 0x00;
/// Register move: A = X.
pub const TXA: u16 = 0x80;
