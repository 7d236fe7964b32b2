//! A program of ours as a program for eBPF machines, for the peers that know only these.
//!
//! ```text
//! r1 at the start: a record  { packet: u64, len: u64, wire_len: u64 }
//! r0 = A   r9 = X   r6 = packet   r7 = len   r8 = wire_len   r1 r2 scratch   M[n] at r10 - 8 (n + 1)
//! ```
//!
//! Every instruction alone, as a user would translate: checks before each load, no analysis.

use bpf_core::{AluOp, Cond, Insn, Operand, RawInsn, Size};

const A: u8 = 0;
const X: u8 = 9;
const PACKET: u8 = 6;
const LEN: u8 = 7;
const WIRE_LEN: u8 = 8;
const FRAME: u8 = 10;

/// The record that the program is given.
pub(crate) fn record(packet: &[u8], wire_len: u32) -> [u8; 24] {
    let mut record = [0; 24];
    let words = [packet.as_ptr().addr() as u64, packet.len() as u64, u64::from(wire_len)];
    for (place, word) in record.as_chunks_mut().0.iter_mut().zip(words) {
        *place = word.to_ne_bytes();
    }
    record
}

/// Where a jump goes.
#[derive(Clone, Copy)]
enum Label {
    Insn(usize),
    Reject,
}

#[derive(Default)]
struct Writer {
    words: Vec<[u8; 8]>,
    jumps: Vec<(usize, Label)>,
    starts: Vec<usize>,
}

impl Writer {
    fn put(&mut self, code: u8, to: u8, from: u8, offset: i16, imm: u32) {
        let [o0, o1] = offset.to_le_bytes();
        let [i0, i1, i2, i3] = imm.to_le_bytes();
        self.words.push([code, from << 4 | to, o0, o1, i0, i1, i2, i3]);
    }

    fn jump(&mut self, code: u8, to: u8, from: u8, imm: u32, label: Label) {
        self.jumps.push((self.words.len(), label));
        self.put(code, to, from, 0, imm);
    }

    /// A 32-bit constant in a scratch register: constants of 64-bit operations are signed.
    fn constant(&mut self, to: u8, k: u32) {
        self.put(0xb4, to, 0, 0, k);
    }

    /// Checks and loads at r1.
    fn load_at_r1(&mut self, to: u8, size: Size) {
        self.put(0xbf, 2, 1, 0, 0);
        self.put(0x07, 2, 0, 0, size.bytes());
        self.jump(0x2d, 2, LEN, 0, Label::Reject);
        self.put(0x0f, 1, PACKET, 0, 0);
        match size {
            Size::Byte => self.put(0x71, to, 1, 0, 0),
            Size::Half => {
                self.put(0x69, to, 1, 0, 0);
                self.put(0xdc, to, 0, 0, 16);
            }
            Size::Word => {
                self.put(0x61, to, 1, 0, 0);
                self.put(0xdc, to, 0, 0, 32);
            }
        }
    }

    fn insn(&mut self, pc: usize, insn: Insn) -> Option<()> {
        let scratch = |k: u32| i16::try_from(k).map(|k| -8 * (k + 1)).ok();
        match insn {
            Insn::LoadAbs { size, offset } => {
                self.constant(1, offset);
                self.load_at_r1(A, size);
            }
            Insn::LoadInd { size, offset } => {
                self.constant(1, offset);
                self.put(0x0f, 1, X, 0, 0);
                self.load_at_r1(A, size);
            }
            Insn::LoadXMsh(offset) => {
                self.constant(1, offset);
                self.load_at_r1(X, Size::Byte);
                self.put(0x54, X, 0, 0, 15);
                self.put(0x64, X, 0, 0, 2);
            }
            Insn::LoadImm(k) => self.constant(A, k),
            Insn::LoadXImm(k) => self.constant(X, k),
            Insn::LoadLen => self.put(0xbc, A, WIRE_LEN, 0, 0),
            Insn::LoadXLen => self.put(0xbc, X, WIRE_LEN, 0, 0),
            Insn::LoadMem(k) => self.put(0x61, A, FRAME, scratch(k)?, 0),
            Insn::LoadXMem(k) => self.put(0x61, X, FRAME, scratch(k)?, 0),
            Insn::Store(k) => self.put(0x63, FRAME, A, scratch(k)?, 0),
            Insn::StoreX(k) => self.put(0x63, FRAME, X, scratch(k)?, 0),
            Insn::Tax => self.put(0xbc, X, A, 0, 0),
            Insn::Txa => self.put(0xbc, A, X, 0, 0),
            Insn::Neg => self.put(0x84, A, 0, 0, 0),
            Insn::Alu { op, operand } => self.alu(op, operand)?,
            Insn::Jump(k) => self.jump(0x05, 0, 0, 0, Label::Insn(pc + 1 + k as usize)),
            Insn::Branch { cond, operand, jt, jf } => {
                let code = match cond {
                    Cond::Eq => 0x1d,
                    Cond::Gt => 0x2d,
                    Cond::Ge => 0x3d,
                    Cond::Set => 0x4d,
                };
                let from = match operand {
                    Operand::X => X,
                    Operand::K(k) => {
                        self.constant(1, k);
                        1
                    }
                };
                self.jump(code, A, from, 0, Label::Insn(pc + 1 + usize::from(jt)));
                if jf != 0 {
                    self.jump(0x05, 0, 0, 0, Label::Insn(pc + 1 + usize::from(jf)));
                }
            }
            Insn::RetK(k) => {
                self.constant(A, k);
                self.put(0x95, 0, 0, 0, 0);
            }
            Insn::RetA => self.put(0x95, 0, 0, 0, 0),
            Insn::LoadAncillary { .. } => return None,
        }
        Some(())
    }

    fn alu(&mut self, op: AluOp, operand: Operand) -> Option<()> {
        let code = match op {
            AluOp::Add => 0x04,
            AluOp::Sub => 0x14,
            AluOp::Mul => 0x24,
            AluOp::Div => 0x34,
            AluOp::Or => 0x44,
            AluOp::And => 0x54,
            AluOp::Lsh => 0x64,
            AluOp::Rsh => 0x74,
            AluOp::Mod => 0x94,
            AluOp::Xor => 0xa4,
        };
        match (op, operand) {
            (_, Operand::K(k)) => self.put(code, A, 0, 0, k),
            // Their shift counts modulo 32, and no filter here has one.
            (AluOp::Lsh | AluOp::Rsh, Operand::X) => return None,
            (_, Operand::X) => {
                if matches!(op, AluOp::Div | AluOp::Mod) {
                    self.jump(0x15, X, 0, 0, Label::Reject);
                }
                self.put(code | 0x08, A, X, 0, 0);
            }
        }
        Some(())
    }
}

/// The program, or `None` if it has what this translation leaves out or jumps too far.
pub(crate) fn translate(program: &[RawInsn]) -> Option<Vec<u8>> {
    let mut writer = Writer::default();
    for (register, offset) in [(PACKET, 0), (LEN, 8), (WIRE_LEN, 16)] {
        writer.put(0x79, register, 1, offset, 0);
    }
    writer.constant(A, 0);
    writer.constant(X, 0);
    for word in 1..=16 {
        writer.put(0x63, FRAME, X, -8 * word, 0);
    }
    for (pc, raw) in program.iter().enumerate() {
        writer.starts.push(writer.words.len());
        writer.insn(pc, raw.meaning()?)?;
    }
    let reject = writer.words.len();
    writer.constant(A, 0);
    writer.put(0x95, 0, 0, 0, 0);
    for (at, label) in writer.jumps {
        let target = match label {
            Label::Insn(pc) => *writer.starts.get(pc)?,
            Label::Reject => reject,
        };
        let distance = i16::try_from(target.checked_sub(at + 1)?).ok()?.to_le_bytes();
        writer.words.get_mut(at)?.get_mut(2..4)?.copy_from_slice(&distance);
    }
    Some(writer.words.concat())
}
