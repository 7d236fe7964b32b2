//! A second machine, written from the table at the crate's head and from nothing else: slow, over [`Insn`], all sums
//! in 64 bits. And the makers of random programs, which the property tests and the fuzz targets share.

#![allow(dead_code, reason = "every test binary uses a part of it")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a wrong index here is a failed test")]

use std::sync::LazyLock;

use bpf_core::{AluOp, Ancillary, Cond, Insn, Operand, RawInsn, Size, State};

/// What the second machine runs over.
pub(crate) struct Scene<'a> {
    /// The captured bytes.
    pub(crate) bytes: &'a [u8],
    /// How many were on the wire.
    pub(crate) wire_len: u32,
    /// What is known beside the bytes.
    pub(crate) known: &'a dyn Fn(Ancillary) -> Option<u32>,
}

/// How a run went: the state before each step, and the verdict; `None` if it was stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Program counter and state before each step.
    pub(crate) steps: Vec<(u32, State)>,
    /// What the program returned.
    pub(crate) verdict: Option<u32>,
}

impl Scene<'_> {
    /// Big-endian bytes at a place that may be anywhere in 64 bits.
    fn load(&self, offset: u64, size: Size) -> Option<u32> {
        let mut value: u64 = 0;
        for index in 0..u64::from(size.bytes()) {
            let byte = *self.bytes.get(usize::try_from(offset + index).ok()?)?;
            value = value * 256 + u64::from(byte);
        }
        Some(u32::try_from(value).expect("at most four bytes"))
    }

    /// Runs words that only jump forward, verified or not: what would jump back leaves the program. A word that is no
    /// instruction ends it with 0.
    pub(crate) fn run(&self, words: &[RawInsn]) -> Trace {
        self.run_words(words, u64::MAX, u64::MAX)
    }

    /// Runs words for at most `fuel` steps; jumps go where 32-bit addition leads.
    pub(crate) fn run_with_fuel(&self, words: &[RawInsn], fuel: u64) -> Trace {
        self.run_words(words, fuel, 1 << 32)
    }

    fn run_words(&self, words: &[RawInsn], fuel: u64, places: u64) -> Trace {
        let mut trace = Trace { steps: Vec::new(), verdict: None };
        if words.is_empty() {
            trace.verdict = Some(u32::MAX);
            return trace;
        }
        let mut state = State::default();
        let mut pc: u64 = 0;
        while (trace.steps.len() as u64) < fuel {
            let Some(word) = usize::try_from(pc).ok().and_then(|pc| words.get(pc)) else {
                trace.verdict = Some(0);
                return trace;
            };
            trace.steps.push((u32::try_from(pc).expect("a program counter in the program"), state));
            match word.meaning().map_or(After::End(0), |insn| self.step(insn, &mut state)) {
                After::End(verdict) => {
                    trace.verdict = Some(verdict);
                    return trace;
                }
                After::Skip(skip) => pc = (pc + 1 + u64::from(skip)) % places,
            }
        }
        // Falling off the end is no step, so it needs no fuel.
        if usize::try_from(pc).ok().and_then(|pc| words.get(pc)).is_none() {
            trace.verdict = Some(0);
        }
        trace
    }

    fn step(&self, insn: Insn, state: &mut State) -> After {
        let loaded = |value: Option<u32>, register: &mut u32| match value {
            Some(value) => {
                *register = value;
                After::Skip(0)
            }
            None => After::End(0),
        };
        let operand_of = |operand, state: &State| match operand {
            Operand::K(k) => k,
            Operand::X => state.x,
        };
        match insn {
            Insn::LoadAbs { size, offset } => loaded(self.load(offset.into(), size), &mut state.a),
            Insn::LoadInd { size, offset } => {
                let place = u64::from(state.x) + u64::from(offset);
                loaded(self.load(place, size), &mut state.a)
            }
            Insn::LoadAncillary { which: Ancillary::AluXorX, .. } => {
                loaded(Some(state.a ^ state.x), &mut state.a)
            }
            Insn::LoadAncillary { which, .. } => loaded((self.known)(which), &mut state.a),
            Insn::LoadImm(k) => loaded(Some(k), &mut state.a),
            Insn::LoadLen => loaded(Some(self.wire_len), &mut state.a),
            Insn::LoadMem(k) => loaded(Some(state.scratch[k as usize % 16]), &mut state.a),
            Insn::LoadXImm(k) => loaded(Some(k), &mut state.x),
            Insn::LoadXLen => loaded(Some(self.wire_len), &mut state.x),
            Insn::LoadXMem(k) => loaded(Some(state.scratch[k as usize % 16]), &mut state.x),
            Insn::LoadXMsh(k) => {
                loaded(self.load(k.into(), Size::Byte).map(|byte| byte % 16 * 4), &mut state.x)
            }
            Insn::Store(k) => loaded(Some(state.a), &mut state.scratch[k as usize % 16]),
            Insn::StoreX(k) => loaded(Some(state.x), &mut state.scratch[k as usize % 16]),
            Insn::Alu { op, operand } => {
                let right = operand_of(operand, state);
                loaded(alu(op, state.a, right), &mut state.a)
            }
            Insn::Neg => loaded(Some((!state.a).wrapping_add(1)), &mut state.a),
            Insn::Jump(k) => After::Skip(k),
            Insn::Branch { cond, operand, jt, jf } => {
                let right = operand_of(operand, state);
                let holds = match cond {
                    Cond::Eq => state.a == right,
                    Cond::Gt => state.a > right,
                    Cond::Ge => state.a >= right,
                    Cond::Set => (0..32).any(|bit| state.a >> bit & right >> bit & 1 == 1),
                };
                After::Skip(u32::from(if holds { jt } else { jf }))
            }
            Insn::RetK(k) => After::End(k),
            Insn::RetA => After::End(state.a),
            Insn::Tax => loaded(Some(state.a), &mut state.x),
            Insn::Txa => loaded(Some(state.x), &mut state.a),
        }
    }
}

enum After {
    Skip(u32),
    End(u32),
}

fn alu(op: AluOp, a: u32, b: u32) -> Option<u32> {
    let (left, right) = (u128::from(a), u128::from(b));
    let power = |exponent: u32| 1_u128 << exponent.min(64);
    let exact = match op {
        AluOp::Add => left + right,
        AluOp::Sub => left + (1 << 32) - right,
        AluOp::Mul => left * right,
        AluOp::Div | AluOp::Mod if b == 0 => return None,
        AluOp::Div => left / right,
        AluOp::Mod => left - left / right * right,
        AluOp::Or => left | right,
        AluOp::And => left & right,
        AluOp::Xor => (left | right) - (left & right),
        AluOp::Lsh => left * power(b),
        AluOp::Rsh => left / power(b),
    };
    u32::try_from(exact % (1 << 32)).ok()
}

/// Every code that is an instruction.
pub(crate) fn codes() -> &'static [u16] {
    static CODES: LazyLock<Vec<u16>> =
        LazyLock::new(|| (0..=u16::MAX).filter(|&code| RawInsn::stmt(code, 0).meaning().is_some()).collect());
    &CODES
}

/// What is random about an instruction.
pub(crate) type Dice = (u8, u32, u8, u8);

/// A program that keeps the rules of every profile: each die becomes an instruction, jumps are shortened until they
/// land, the scratch words that it reads are stored first, and a return ends it. FreeBSD only takes those without
/// `mod_and_xor`.
pub(crate) fn tame(dice: &[Dice], mod_and_xor: bool) -> Vec<RawInsn> {
    let codes = codes();
    let dice = &dice[..dice.len().min(400)];
    let mut body: Vec<Insn> = dice
        .iter()
        .enumerate()
        .filter_map(|(pc, &(choice, k, jt, jf))| {
            let code = codes[usize::from(choice) % codes.len()];
            let room = u32::try_from(dice.len() - 1 - pc).expect("a short program");
            let insn = tame_one(RawInsn { code, jt, jf, k }.meaning()?, room);
            Some(if mod_and_xor { insn } else { without_mod_and_xor(insn) })
        })
        .collect();
    body.push(Insn::RetA);
    let mut words: Vec<u32> = body
        .iter()
        .filter_map(|insn| match insn {
            Insn::LoadMem(k) | Insn::LoadXMem(k) => Some(*k),
            _ => None,
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(Insn::Store).chain(body).map(Insn::encode).collect()
}

fn tame_one(insn: Insn, room: u32) -> Insn {
    let near = |offset: u32| if offset > 0x7fff_ffff { offset % 64 } else { offset };
    let land = |skip: u8| u8::try_from(u32::from(skip) % (room + 1)).expect("not more than it was");
    match insn {
        Insn::LoadAbs { size, offset } => Insn::LoadAbs { size, offset: near(offset) },
        Insn::LoadInd { size, offset } => Insn::LoadInd { size, offset: near(offset) },
        Insn::LoadXMsh(offset) => Insn::LoadXMsh(near(offset)),
        Insn::LoadAncillary { size, which: Ancillary::Random } => {
            Insn::LoadAncillary { size, which: Ancillary::Mark }
        }
        Insn::LoadMem(k) => Insn::LoadMem(k % 16),
        Insn::LoadXMem(k) => Insn::LoadXMem(k % 16),
        Insn::Store(k) => Insn::Store(k % 16),
        Insn::StoreX(k) => Insn::StoreX(k % 16),
        Insn::Alu { op: op @ (AluOp::Div | AluOp::Mod), operand: Operand::K(k) } => {
            Insn::Alu { op, operand: Operand::K(k.max(1)) }
        }
        Insn::Alu { op: op @ (AluOp::Lsh | AluOp::Rsh), operand: Operand::K(k) } => {
            Insn::Alu { op, operand: Operand::K(k % 32) }
        }
        Insn::Jump(k) => Insn::Jump(k % (room + 1)),
        Insn::Branch { cond, operand, jt, jf } => Insn::Branch { cond, operand, jt: land(jt), jf: land(jf) },
        // A return in the middle ends most runs too early to be interesting.
        Insn::RetK(k) if room > 8 => Insn::LoadImm(k),
        Insn::RetA if room > 8 => Insn::Txa,
        other => other,
    }
}

fn without_mod_and_xor(insn: Insn) -> Insn {
    match insn {
        Insn::Alu { op: AluOp::Mod, operand } => Insn::Alu { op: AluOp::Div, operand },
        Insn::Alu { op: AluOp::Xor, operand } => Insn::Alu { op: AluOp::Or, operand },
        other => other,
    }
}

/// A second answer to "which scratch word may be read too early, and where first": a set of words for every
/// instruction, as the Linux kernel keeps it.
pub(crate) fn first_early_read(insns: &[RawInsn]) -> Option<(u32, u32)> {
    let mut written_at = vec![u16::MAX; insns.len() + 300];
    let mut written: u16 = 0;
    for (pc, word) in insns.iter().enumerate() {
        written &= written_at[pc];
        match word.meaning()? {
            Insn::Store(k) | Insn::StoreX(k) => written |= 1 << k,
            Insn::LoadMem(k) | Insn::LoadXMem(k) if written & (1 << k) == 0 => {
                return Some((u32::try_from(pc).expect("a short program"), k));
            }
            Insn::Jump(k) => {
                written_at[pc + 1 + k as usize] &= written;
                written = u16::MAX;
            }
            Insn::Branch { jt, jf, .. } => {
                written_at[pc + 1 + usize::from(jt)] &= written;
                written_at[pc + 1 + usize::from(jf)] &= written;
                written = u16::MAX;
            }
            _ => {}
        }
    }
    None
}

/// Cuts `bytes` at the given places (taken modulo what is there, so that empty pieces happen).
pub(crate) fn cut<'a>(bytes: &'a [u8], places: &[u16]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|&place| usize::from(place) % (bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for to in places.into_iter().chain([bytes.len()]) {
        pieces.push(&bytes[from..to]);
        from = to;
    }
    pieces
}
