//! How blocks are left: jumps with what they bring, and returns, of which there is one for each constant.

use bpf_core::cfg::{BlockId, Exit};
use bpf_core::{Cond, Operand};
use cranelift_codegen::ir::{Block, InstBuilder};

use cranelift_codegen::isa::TargetFrontendConfig;

use super::Lowering;
use super::ops::Decision;
use super::state::{Incoming, Sym};
use crate::plan::{A, Registers, Target};

impl Lowering<'_> {
    /// The code that returns a constant.
    pub(super) fn return_block(&mut self, verdict: u32) -> Block {
        let verdict = self.told(verdict);
        let builder = &mut self.builder;
        *self.returns.entry(verdict).or_insert_with(|| {
            let block = builder.create_block();
            // Out of the way: packets that are long enough go straight on.
            if verdict == 0 {
                builder.set_cold_block(block);
            }
            block
        })
    }

    pub(super) fn return_a(&mut self) {
        match self.state.get(A) {
            Sym::Const(k) => self.leave(Target::Return(k)),
            sym => {
                self.count_steps();
                let value = self.value(sym);
                self.give(value);
            }
        }
    }

    /// Goes to a place for certain.
    pub(super) fn leave(&mut self, target: Target) {
        if self.straight.is_some() {
            self.leave_straight(target);
            return;
        }
        self.count_steps();
        self.define(target);
        let code = self.bring(target);
        self.builder.ins().jump(code, &[]);
    }

    /// The end of a block.
    pub(super) fn exit(&mut self, exit: Exit) {
        match exit {
            Exit::Fall(next) | Exit::Jump(next) => self.leave(self.plan.target(next.index())),
            Exit::Branch { cond, operand, yes, no } => {
                let [yes, no] = [yes, no].map(|way| self.told_target(way));
                if yes == no {
                    self.leave(yes);
                    return;
                }
                self.count_steps();
                if let (Cond::Eq, Operand::K(k)) = (cond, operand)
                    && self.steps.is_none()
                    && !matches!(self.state.get(A), Sym::Const(_))
                    && self.search(k, yes, no)
                {
                    return;
                }
                match self.decide(cond, operand) {
                    Decision::Known(true) => self.leave(yes),
                    Decision::Known(false) => self.leave(no),
                    Decision::Value(condition) => {
                        if let (Target::Return(yes), Target::Return(no)) = (yes, no) {
                            self.give_either(condition, yes, no);
                            return;
                        }
                        // Both, before either is told what is known here.
                        self.define(yes);
                        self.define(no);
                        let (yes, no) = (self.bring(yes), self.bring(no));
                        self.builder.ins().brif(condition, yes, &[], no, &[]);
                    }
                }
            }
            // A return has left already.
            Exit::Return => {}
        }
    }

    /// Where a jump to a block goes, as far as the function tells verdicts apart.
    pub(super) fn told_target(&self, block: BlockId) -> Target {
        match self.plan.target(block.index()) {
            Target::Return(verdict) => Target::Return(self.told(verdict)),
            block => block,
        }
    }

    /// Sets the variables of the registers that the target reads, if it has several ways in.
    pub(super) fn define(&mut self, target: Target) {
        let Target::Block(number) = target else { return };
        if self.plan.entries(number) < 2 {
            return;
        }
        for register in self.plan.live(number).iter() {
            if self.state.is_defined(register) {
                continue;
            }
            if let Some(&variable) = self.variables.get(register) {
                let value = self.value(self.state.get(register));
                self.builder.def_var(variable, value);
                self.state.define(register);
            }
        }
    }

    /// Tells the target what is known here; returns its code.
    pub(super) fn bring(&mut self, target: Target) -> Block {
        let number = match target {
            Target::Return(verdict) => return self.return_block(verdict),
            Target::Block(number) => number,
        };
        let live = self.plan.live(number);
        match self.incoming.get_mut(number) {
            Some(Some(incoming)) => {
                incoming.merge(&self.state, live);
                incoming.dominator = self.dominators.common(incoming.dominator, self.node);
            }
            Some(place) => {
                *place = Some(Incoming {
                    state: Box::new(self.state.clone()),
                    mixed: Registers::default(),
                    dominator: self.node,
                });
            }
            None => {}
        }
        let builder = &mut self.builder;
        match self.blocks.get_mut(number) {
            Some(code) => *code.get_or_insert_with(|| builder.create_block()),
            // There is no such block.
            None => self.return_block(0),
        }
    }

    /// Makes the returns of constants; how many returns there are in all.
    pub(super) fn finish(mut self, config: TargetFrontendConfig) -> u32 {
        let mut returns: Vec<_> = std::mem::take(&mut self.returns).into_iter().collect();
        returns.sort_unstable_by_key(|(_, block)| *block);
        for (verdict, block) in returns {
            self.builder.switch_to_block(block);
            self.builder.seal_block(block);
            self.give_constant(verdict);
        }
        self.end_loop();
        self.builder.finalize(config);
        self.returns_made
    }
}
