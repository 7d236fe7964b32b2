//! Straight code: all tests of a region ([`super::region`]) are made, none is branched on, and one value says at the end whether the
//! packet is accepted.
//!
//! ```text
//!   ldh [12]                             short ──yes──▶ the same with branches: the ordinary code of the region
//!   jeq #0x800, ip4, next                  │ no
//!   next: jeq #0x86dd, ip6, drop         is_ip4  = half[12] == 0x800
//!   ip4: ldb [23]                        is_ip6  = half[12] == 0x86dd
//!        ja both              ──▶        protocol = is_ip4 ? byte[23] : byte[20]
//!   ip6: ldb [20]                        accepted = (is_ip4 | is_ip6) & (protocol == 6)
//!   both: jeq #6, keep, drop
//! ```
//!
//! On packets whose branches cannot be learnt a mispredicted branch takes as long as a dozen tests.
//!
//! Invariants:
//! - **Nothing fails.** A packet that is too short for any load of the region, although perhaps not for those the program would make on
//!   it, goes to the ordinary code, which begins at the root. Nothing was changed until then, steps neither.
//! - [`When`] says of each block, and each way between blocks, whether the program comes by.
//! - Where ways meet, a register that is read later becomes a choice between what the ways bring.
//! - What a check has found of the length of the packet holds in all code behind it, whatever the way of the program.

use bpf_core::cfg::Exit;
use bpf_core::{Cond, Operand};
use cranelift_codegen::ir::{Block, InstBuilder, Value, types::I64};

use super::Lowering;
use super::ops::Decision;
use super::state::{State, Sym};
use super::when::{Unless, When};
use crate::plan::{A, Target};

/// A way between two blocks.
struct Way {
    to: usize,
    when: When,
    state: Box<State>,
}

/// The straight code that is being made.
pub(super) struct Straight {
    /// The ordinary code, once something leads to it.
    ordinary: Option<Block>,
    /// Up to here bytes behind an X are asked for.
    pub(super) behind_x: u32,
    /// When the block is reached that code is made of.
    when: When,
    /// Ways that were made to blocks that were not.
    ways: Vec<Way>,
    /// When the packet is accepted, as far as is known.
    accepted: Option<When>,
    /// The steps, as far as they are counted.
    steps: Option<Value>,
}

impl Lowering<'_> {
    /// Makes straight code of the region that begins here, if there is one. Returns whether ordinary code is needed, too.
    pub(super) fn straighten(&mut self, root: usize) -> bool {
        let is_batch = self.batch.is_some();
        let told = |verdict: u32| if is_batch { u32::from(verdict != 0) } else { verdict };
        let Some(region) = self.budget.take(self.plan, root, told) else { return true };
        let (state, node) = (self.state.clone(), self.node);
        // What is computed here does not dominate the ordinary code.
        self.node = super::straight_node(self.plan, root);
        self.dominators.insert(self.node, node);
        self.straight = Some(Straight {
            ordinary: None,
            behind_x: region.behind_x,
            when: When::default(),
            ways: vec![Way { to: root, when: When::default(), state: Box::new(state.clone()) }],
            accepted: None,
            steps: None,
        });
        if self.state.bytes < region.bytes {
            let end = self.builder.ins().iconst(I64, i64::from(region.bytes));
            self.require_captured(end);
            self.state.bytes = region.bytes;
        }
        let plan = self.plan;
        for &number in &region.blocks {
            if let Some(block) = plan.blocks().get(number).filter(|_| self.enter_straight(number)) {
                let falls = plan.insns(block).try_for_each(|(pc, insn)| self.insn(pc, insn));
                if let Some(()) = falls {
                    self.exit_straight(block.exit());
                }
            }
        }
        let ordinary = self.end_straight(region.verdict);
        self.state = state;
        self.node = node;
        if let Some(ordinary) = ordinary {
            self.builder.switch_to_block(ordinary);
            self.builder.seal_block(ordinary);
        }
        ordinary.is_some()
    }

    /// The code for packets that are too short.
    pub(super) fn ordinary_block(&mut self) -> Option<Block> {
        let builder = &mut self.builder;
        let straight = self.straight.as_mut()?;
        Some(*straight.ordinary.get_or_insert_with(|| {
            let block = builder.create_block();
            builder.set_cold_block(block);
            block
        }))
    }

    fn end_straight(&mut self, verdict: u32) -> Option<Block> {
        let straight = self.straight.take()?;
        if let (Some(steps), Some(more)) = (self.steps, straight.steps) {
            let before = self.builder.use_var(steps);
            let after = self.builder.ins().iadd(before, more);
            self.builder.def_var(steps, after);
        }
        match straight.accepted {
            None => self.give_constant(0),
            Some(when) => match self.whether(when) {
                None => self.give_constant(verdict),
                Some(condition) => self.give_either(condition, verdict, 0),
            },
        }
        straight.ordinary
    }

    /// Goes on at the beginning of a block; `false` if nothing leads there.
    fn enter_straight(&mut self, number: usize) -> bool {
        let Some(straight) = &mut self.straight else { return false };
        let (mine, others) = std::mem::take(&mut straight.ways).into_iter().partition(|way| way.to == number);
        straight.ways = others;
        let mut mine: std::vec::IntoIter<Way> = Vec::into_iter(mine);
        let Some(first) = mine.next() else { return false };
        let (bytes, behind_x) = (self.state.bytes, self.state.behind_x);
        self.state = *first.state;
        (self.state.bytes, self.state.behind_x) = (bytes, behind_x);
        let mut when = first.when;
        for way in mine {
            let (before, also) = (self.whether(when), self.whether(way.when));
            for register in self.plan.live(number).iter() {
                let (held, other) = (self.state.get(register), way.state.get(register));
                if held != other {
                    let chosen = self.choose([(before, held), (also, other)]);
                    self.state.set(register, chosen);
                }
            }
            when = self.any(before, also);
        }
        if let Some(straight) = &mut self.straight {
            straight.when = when;
        }
        true
    }

    /// The program goes from the block to a place for certain.
    pub(super) fn leave_straight(&mut self, target: Target) {
        self.count_straight();
        if let Some(when) = self.straight.as_ref().map(|straight| straight.when.clone()) {
            self.go(target, when);
        }
    }

    fn go(&mut self, to: Target, when: When) {
        match to {
            Target::Return(0) => {}
            Target::Return(_) => {
                let before = self.straight.as_mut().and_then(|straight| straight.accepted.take());
                let accepted = match before {
                    None => when,
                    Some(before) => {
                        let (before, also) = (self.whether(before), self.whether(when));
                        self.any(before, also)
                    }
                };
                if let Some(straight) = &mut self.straight {
                    straight.accepted = Some(accepted);
                }
            }
            Target::Block(to) => {
                let state = Box::new(self.state.clone());
                if let Some(straight) = &mut self.straight {
                    straight.ways.push(Way { to, when, state });
                }
            }
        }
    }

    /// Counts the steps of this block, if it is reached.
    pub(super) fn count_straight(&mut self) {
        let uncounted = std::mem::take(&mut self.uncounted);
        let Some(straight) = self.straight.as_ref().filter(|_| self.steps.is_some() && uncounted != 0) else {
            return;
        };
        let (when, before) = (straight.when.clone(), straight.steps);
        let (count, none) = (self.constant(uncounted), self.constant(0));
        let more = match self.whether(when) {
            None => count,
            Some(condition) => self.builder.ins().select(condition, count, none),
        };
        let after = before.map_or(more, |before| self.builder.ins().iadd(before, more));
        if let Some(straight) = &mut self.straight {
            straight.steps = Some(after);
        }
    }

    /// The end of a block.
    fn exit_straight(&mut self, exit: Exit) {
        let (cond, operand, yes, no) = match exit {
            Exit::Fall(next) | Exit::Jump(next) => return self.leave_straight(self.told_target(next)),
            Exit::Branch { cond, operand, yes, no } => (cond, operand, yes, no),
            // A return has left already.
            Exit::Return => return,
        };
        let [yes, no] = [yes, no].map(|way| self.told_target(way));
        if yes == no {
            return self.leave_straight(yes);
        }
        self.count_straight();
        let Some(when) = self.straight.as_ref().map(|straight| straight.when.clone()) else { return };
        let decision = self.decide(cond, operand);
        let condition = match decision {
            Decision::Known(holds) => return self.go(if holds { yes } else { no }, when),
            Decision::Value(value) => self.is_not_zero(value),
        };
        let equality = match (cond, operand, self.state.get(A)) {
            (Cond::Eq, Operand::K(k), Sym::Plain(value) | Sym::Swapped(value, _)) => Some((value, k)),
            _ => None,
        };
        self.go_either(condition, equality, when, yes, no);
    }

    /// Two ways; `equality`: what the condition compares, and with what, if it does.
    fn go_either(
        &mut self,
        condition: Value,
        equality: Option<(Value, u32)>,
        when: When,
        yes: Target,
        no: Target,
    ) {
        // What is equal to this constant is equal to no other: that it is need not be asked then.
        let is_excluded = |unless: &Unless| {
            equality
                .is_some_and(|(subject, k)| unless.subject == Some(subject) && !unless.constants.contains(&k))
        };
        let (is, unless) = match when.unless.clone().filter(is_excluded) {
            Some(unless) => (when.is, Some(unless)),
            None => (self.whether(when), None),
        };
        let holds = match is {
            None => condition,
            Some(is) => self.builder.ins().band(is, condition),
        };
        let is_accepted = matches!(yes, Target::Return(verdict) if verdict != 0);
        let unless = if is_accepted && self.steps.is_none() {
            unless
        } else {
            let (mut constants, mut any) = (Vec::new(), condition);
            if let Some(unless) = unless {
                any = self.builder.ins().bor(unless.holds, condition);
                constants = unless.constants;
            }
            constants.extend(equality.map(|(_, k)| k));
            Some(Unless { holds: any, subject: equality.map(|(subject, _)| subject), constants })
        };
        self.go(yes, When { is: Some(holds), unless: None });
        self.go(no, When { is, unless });
    }
}
