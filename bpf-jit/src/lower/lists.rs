//! Long chains of comparisons of one value with constants become a search tree.
//!
//! ```text
//!   jeq #1 ─no─▶ jeq #5 ─no─▶ jeq #6 ─no─▶ ...          value >= 6 ?
//!    │yes         │yes         │yes                     /no       \yes
//!    ▼            ▼            ▼                  1 ? 5 ?          6 ? ...
//! ```
//!
//! A chain is made of blocks that are reached from the one before only, and hold nothing but a comparison, and perhaps the load of the
//! same bytes again. Short chains stay: a processor predicts that each test of a chain fails, but not which way a search goes.

use bpf_core::cfg::Exit;
use bpf_core::{Cond, Insn, Operand};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value};

use super::Lowering;
use super::loads::Found;
use super::state::Sym;
use crate::plan::{A, Target};

/// The shortest chain that is made a tree.
const CHAIN_MIN: usize = 32;
/// So many tests are made one after the other at the end of a search.
const LEAF: usize = 4;

/// Numbers from the first to the last go there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: u32,
    last: u32,
    target: Target,
}

impl Lowering<'_> {
    /// Makes a search tree of the chain that begins with `A == k`, if it is long enough; else does nothing and says so.
    pub(super) fn search(&mut self, k: u32, yes: Target, no: Target) -> bool {
        let a = self.state.get(A);
        let Some((ranges, otherwise)) = self.chain(a, k, yes, no) else { return false };
        let value = self.value(a);
        for target in ranges.iter().map(|range| range.target).chain([otherwise]) {
            self.define(target);
        }
        let otherwise = self.bring(otherwise);
        let ranges: Vec<_> = ranges.iter().map(|range| (*range, self.bring(range.target))).collect();
        let mut waiting = vec![(None, ranges.as_slice())];
        while let Some((code, part)) = waiting.pop() {
            if let Some(code) = code {
                self.builder.switch_to_block(code);
                self.builder.seal_block(code);
            }
            match part.split_at_checked(part.len() / 2) {
                Some((below, [first, ..])) if part.len() > LEAF => {
                    let (left, right) = (self.builder.create_block(), self.builder.create_block());
                    let is_right = self.compare_with(IntCC::UnsignedGreaterThanOrEqual, value, first.0.first);
                    self.builder.ins().brif(is_right, right, &[], left, &[]);
                    waiting.push((Some(right), part.get(below.len()..).unwrap_or_default()));
                    waiting.push((Some(left), below));
                }
                _ => self.search_leaf(value, part, otherwise),
            }
        }
        true
    }

    fn search_leaf(&mut self, value: Value, part: &[(Range, Block)], otherwise: Block) {
        for (range, code) in part {
            let is_in = if range.first == range.last {
                self.compare_with(IntCC::Equal, value, range.first)
            } else {
                let first = self.constant(range.first);
                let above = self.builder.ins().isub(value, first);
                self.compare_with(IntCC::UnsignedLessThanOrEqual, above, range.last.wrapping_sub(range.first))
            };
            let next = self.builder.create_block();
            self.builder.ins().brif(is_in, *code, &[], next, &[]);
            self.builder.switch_to_block(next);
            self.builder.seal_block(next);
        }
        self.builder.ins().jump(otherwise, &[]);
    }

    fn compare_with(&mut self, condition: IntCC, value: Value, k: u32) -> Value {
        let k = self.constant(k);
        self.builder.ins().icmp(condition, value, k)
    }

    /// The constants of a chain in order, and where it ends; `None` if it is short.
    fn chain(&self, a: Sym, k: u32, yes: Target, no: Target) -> Option<(Vec<Range>, Target)> {
        let mut cases = vec![(k, yes)];
        let mut otherwise = no;
        while let Target::Block(number) = otherwise {
            let Some((k, yes, no)) = self.link(a, number) else { break };
            cases.push((k, yes));
            otherwise = no;
        }
        if cases.len() < CHAIN_MIN {
            return None;
        }
        // Of equal constants the first counts: the sort keeps their order.
        cases.sort_by_key(|(k, _)| *k);
        cases.dedup_by_key(|(k, _)| *k);
        let mut ranges: Vec<Range> = Vec::new();
        for (k, target) in cases {
            match ranges.last_mut() {
                Some(range) if range.target == target && range.last.checked_add(1) == Some(k) => {
                    range.last = k
                }
                _ => ranges.push(Range { first: k, last: k, target }),
            }
        }
        Some((ranges, otherwise))
    }

    /// What a block compares A with, and where it goes, if it does nothing else.
    fn link(&self, a: Sym, number: usize) -> Option<(u32, Target, Target)> {
        let block = self.plan.blocks().get(number).filter(|_| self.plan.entries(number) == 1)?;
        let Exit::Branch { cond: Cond::Eq, operand: Operand::K(k), yes, no } = block.exit() else {
            return None;
        };
        let mut insns = self.plan.insns(block).map(|(_, insn)| insn);
        let (first, second) = (insns.next()?, insns.next());
        let changes_nothing = match (first, second, insns.next()) {
            (_, None, _) => true,
            (Insn::LoadAbs { size, offset }, Some(_), None) => {
                let loaded = self.found.get(&Found::Bytes(offset, size));
                let held = match a {
                    Sym::Plain(value) | Sym::Swapped(value, _) => Some(value),
                    Sym::Const(_) => None,
                };
                // What a register holds dominates; it is a value of this load and of no other.
                loaded.is_some_and(|(_, value)| Some(*value) == held)
            }
            _ => false,
        };
        changes_nothing.then(|| (k, self.told_target(yes), self.told_target(no)))
    }
}
