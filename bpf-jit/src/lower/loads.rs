//! Loads: of packet bytes, which are checked here and nowhere else, and of ancillary values.
//!
//! ```text
//!   len < needed ──yes──▶ return 0          one check for all loads that every accepting way from here makes
//!        │ no                               (`plan::Need`); a load that an earlier check covers has none
//!        ▼
//!   load bytes[offset]                      once: a block that is reached only through another uses its loads
//! ```

use bpf_core::{Ancillary, Size};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types::I32, types::I64};

use super::Lowering;
use super::state::{Sym, Wide};
use crate::known::{self, Known};
use crate::plan::{Target, X, load_end};

/// A value that has been computed, and may be used again where its block dominates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Found {
    /// Bytes at an offset.
    Bytes(u32, Size),
    /// Bytes at an X plus an offset.
    BytesBehind(Value, u32, Size),
    /// A value with its bytes reversed.
    Reversed(Value, Wide),
    /// A value of 32 bits in 64.
    Extended(Value),
    /// An ancillary value that is there.
    Ancillary(Ancillary),
}

/// A load that cannot fail: it is behind its check. Packets have no alignment.
const IN_BOUNDS: MemFlagsData = MemFlagsData::new().with_notrap().with_endianness(Endianness::Little);

impl Lowering<'_> {
    pub(super) fn once(&mut self, what: Found, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if let Some(&(node, value)) = self.found.get(&what)
            && self.dominators.dominates(node, self.node)
        {
            return value;
        }
        let value = make(self);
        self.found.insert(what, (self.node, value));
        value
    }

    /// Goes on only if this is not 0; else the verdict is 0.
    pub(super) fn require(&mut self, condition: Value) {
        self.count_steps();
        let next = self.builder.create_block();
        let reject = self.return_block(0);
        self.builder.ins().brif(condition, next, &[], reject, &[]);
        self.builder.switch_to_block(next);
        self.builder.seal_block(next);
    }

    /// Goes on only if the captured bytes reach to this end; else the verdict is 0, or straight code gives up.
    pub(super) fn require_captured(&mut self, end: Value) {
        let len = self.parameters.len;
        let Some(ordinary) = self.ordinary_block() else {
            let enough = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, len, end);
            self.require(enough);
            return;
        };
        // The way on comes second, so that its code follows.
        let next = self.builder.create_block();
        let is_short = self.builder.ins().icmp(IntCC::UnsignedLessThan, len, end);
        self.builder.ins().brif(is_short, ordinary, &[], next, &[]);
        self.builder.switch_to_block(next);
        self.builder.seal_block(next);
    }

    /// The rest of this block is not reached.
    fn never<T>(&mut self) -> Option<T> {
        self.leave(Target::Return(0));
        None
    }

    /// `ld [k]`
    pub(super) fn load_bytes(&mut self, pc: usize, offset: u32, size: Size) -> Option<Sym> {
        let Some(end) = load_end(offset, size) else { return self.never() };
        if self.state.bytes < end {
            let needed = self.plan.need(pc).bytes.max(end);
            let end = self.builder.ins().iconst(I64, i64::from(needed));
            self.require_captured(end);
            self.state.bytes = needed;
        }
        let base = self.parameters.bytes;
        let value = self.once(Found::Bytes(offset, size), |this| this.load(base, offset, size));
        Some(of_bytes(value, size))
    }

    /// `ld [x + k]`: the sum has 64 bits, so that it cannot wrap.
    pub(super) fn load_behind_x(&mut self, pc: usize, offset: u32, size: Size) -> Option<Sym> {
        let x = match self.state.get(X) {
            Sym::Const(x) => {
                let Some(offset) = x.checked_add(offset) else { return self.never() };
                return self.load_bytes(pc, offset, size);
            }
            Sym::Plain(value) => value,
            swapped @ Sym::Swapped(..) => {
                let value = self.value(swapped);
                self.state.set(X, Sym::Plain(value));
                value
            }
        };
        let Some(end) = load_end(offset, size) else { return self.never() };
        let wide = self.once(Found::Extended(x), |this| this.builder.ins().uextend(I64, x));
        let checked = self.state.behind_x.filter(|(of, _)| *of == x).map_or(0, |(_, bytes)| bytes);
        if checked < end {
            let needed = match &self.straight {
                Some(straight) => straight.behind_x,
                None => self.plan.need(pc).behind_x.max(end),
            };
            let end = self.builder.ins().iadd_imm_u(wide, i64::from(needed));
            self.require_captured(end);
            self.state.behind_x = Some((x, needed));
        }
        let base = self.parameters.bytes;
        let value = self.once(Found::BytesBehind(x, offset, size), |this| {
            let from = this.builder.ins().iadd(base, wide);
            this.load(from, offset, size)
        });
        Some(of_bytes(value, size))
    }

    /// `ldxb 4*([k]&0xf)`
    pub(super) fn load_header_length(&mut self, pc: usize, offset: u32) -> Option<Sym> {
        let byte = self.load_bytes(pc, offset, Size::Byte)?;
        let byte = self.value(byte);
        let words = self.builder.ins().band_imm_u(byte, 0xf);
        Some(Sym::Plain(self.builder.ins().ishl_imm_u(words, 2)))
    }

    /// Reads packet bytes, most significant last: the callers have checked that they are there.
    fn load(&mut self, from: Value, offset: u32, size: Size) -> Value {
        let (from, offset) = match i32::try_from(offset) {
            Ok(offset) => (from, Offset32::new(offset)),
            Err(_) => (self.builder.ins().iadd_imm_u(from, i64::from(offset)), Offset32::new(0)),
        };
        match size {
            Size::Byte => self.builder.ins().uload8(I32, IN_BOUNDS, from, offset),
            Size::Half => self.builder.ins().uload16(I32, IN_BOUNDS, from, offset),
            Size::Word => self.builder.ins().load(I32, IN_BOUNDS, from, offset),
        }
    }

    /// A value beside the packet; one that is missing ends the program.
    pub(super) fn load_ancillary(&mut self, which: Ancillary) -> Option<Sym> {
        let Some(index) = known::index(which) else {
            // The only one that is no value but an operation.
            return self.xor_x();
        };
        let Some(known) = self.parameters.known else { return self.never() };
        let value = self.once(Found::Ancillary(which), |this| {
            let there = this.builder.ins().load(I32, MemFlagsData::trusted(), known, Known::THERE_OFFSET);
            let there = this.builder.ins().band_imm_u(there, 1 << index);
            this.require(there);
            this.builder.ins().load(I32, MemFlagsData::trusted(), known, Known::value_offset(index))
        });
        Some(Sym::Plain(value))
    }

    /// What lies beyond the longest packet is not seen, where a sum could reach it.
    pub(super) fn clamp_len(&mut self) {
        if self.plan.reaches_far() {
            let most = self.builder.ins().iconst(I64, i64::from(bpf_core::CAPTURED_LEN_MAX));
            self.parameters.len = self.builder.ins().umin(self.parameters.len, most);
        }
    }
}

fn of_bytes(value: Value, size: Size) -> Sym {
    match Wide::of(size) {
        Some(wide) => Sym::Swapped(value, wide),
        None => Sym::Plain(value),
    }
}
