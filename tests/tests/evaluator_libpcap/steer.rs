//! Packets that go deep into a program: while it runs, the bytes that it has just loaded are changed to what it
//! compares them with.

use bpf_core::RawInsn;
use snapgate_tests::rng::Rng;

/// Classes and operations, as far as compilers of filters use them.
mod op {
    pub(super) const LD: u16 = 0x00;
    pub(super) const LDX: u16 = 0x01;
    pub(super) const ST: u16 = 0x02;
    pub(super) const STX: u16 = 0x03;
    pub(super) const ALU: u16 = 0x04;
    pub(super) const JMP: u16 = 0x05;
    pub(super) const RET: u16 = 0x06;
}

/// What the accumulator was loaded from, and which bits of that are left.
#[derive(Clone, Copy)]
struct Source {
    at: usize,
    bytes: usize,
    mask: u32,
}

/// Bends the bytes so that some of the comparisons of a program hold.
pub(crate) fn steer(rng: &mut Rng, program: &[RawInsn], data: &mut [u8]) {
    run(Some(rng), program, data);
}

/// Whether a program with loops accepts the packet. `None` where it steps over an AH header, which 1.10 does wrong, and
/// where it does not end.
pub(crate) fn accepts(program: &[RawInsn], data: &[u8]) -> Option<bool> {
    run(None, program, &mut data.to_vec())
}

/// Runs, and bends if there is a generator. A read past the bytes rejects.
fn run(mut rng: Option<&mut Rng>, program: &[RawInsn], data: &mut [u8]) -> Option<bool> {
    let (mut a, mut x, mut scratch) = (0_u32, 0_u32, [0_u32; 16]);
    let mut source: Option<Source> = None;
    let mut at = 0;
    // Programs without loops end; those with loops are cut off.
    for _ in 0..4 * program.len() {
        let insn = program.get(at)?;
        at += 1;
        let k = insn.k;
        let cell = scratch.get(k as usize).copied().unwrap_or_default();
        match insn.code & 7 {
            op::LD | op::LDX => {
                let bytes = [4, 2, 1, 0][usize::from(insn.code >> 3 & 3)];
                let address = match insn.code & 0xe0 {
                    0x20 | 0xa0 => Some(k as usize),
                    0x40 => (x as usize).checked_add(k as usize),
                    _ => None,
                };
                let value = match (address, insn.code & 0xe0) {
                    (Some(address), mode) => {
                        let Some(found) = data.get(address..address.saturating_add(bytes)) else {
                            return Some(false);
                        };
                        let found = found.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
                        if mode == 0xa0 { (found & 0xf) * 4 } else { found }
                    }
                    (None, 0x60) => cell,
                    (None, 0x80) => u32::try_from(data.len()).unwrap_or_default(),
                    (None, _) => k,
                };
                if insn.code & 7 == op::LDX {
                    x = value;
                } else {
                    a = value;
                    source = address.map(|at| Source { at, bytes, mask: u32::MAX });
                }
            }
            op::ST => scratch[k as usize & 15] = a,
            op::STX => scratch[k as usize & 15] = x,
            op::ALU => {
                let operand = if insn.code & 8 != 0 { x } else { k };
                let op = insn.code & 0xf0;
                if rng.is_none() && op == 0x20 && k == 4 {
                    return None;
                }
                a = match op {
                    0x00 => a.wrapping_add(operand),
                    0x10 => a.wrapping_sub(operand),
                    0x20 => a.wrapping_mul(operand),
                    0x40 => a | operand,
                    0x50 => a & operand,
                    0x60 => a.checked_shl(operand).unwrap_or(0),
                    0x70 => a.checked_shr(operand).unwrap_or(0),
                    _ => return None,
                };
                source = source
                    .filter(|_| op == 0x50 && insn.code & 8 == 0)
                    .map(|source| Source { mask: operand, ..source });
            }
            op::JMP => {
                let operand = if insn.code & 8 != 0 { x } else { k };
                if let (Some(source), Some(rng)) = (source, rng.as_deref_mut())
                    && insn.code != op::JMP
                    && !rng.one_in(4)
                {
                    let wanted = match insn.code & 0xf0 {
                        0x10 => operand,
                        0x20 | 0x30 => operand.wrapping_add(rng.below(3) as u32).wrapping_sub(1),
                        _ if rng.one_in(2) => a | operand,
                        _ => a & !operand,
                    };
                    a = wanted & source.mask;
                    for (place, byte) in data.iter_mut().skip(source.at).take(source.bytes).enumerate() {
                        let shift = 8 * (source.bytes - 1 - place);
                        let mask = (source.mask >> shift) as u8;
                        *byte = *byte & !mask | (wanted >> shift) as u8 & mask;
                    }
                }
                let holds = match insn.code & 0xf0 {
                    0x00 => {
                        at = at.wrapping_add(k as usize);
                        continue;
                    }
                    0x10 => a == operand,
                    0x20 => a > operand,
                    0x30 => a >= operand,
                    _ => a & operand != 0,
                };
                at += usize::from(if holds { insn.jt } else { insn.jf });
            }
            op::RET => return Some(k != 0),
            _ if insn.code & 0x80 != 0 => a = x,
            _ => x = a,
        }
    }
    None
}
