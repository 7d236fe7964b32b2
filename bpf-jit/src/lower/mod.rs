//! From a program to Cranelift's intermediate code.
//!
//! ```text
//!  fn(bytes, len, wire_len, known) -> verdict
//!  entry ──▶ block ──▶ block ──▶ return 262144        one walk in program order: all ways to a block are seen before it;
//!              │         │                            a block with one way in goes on with what is known at its end,
//!              └─────────┴──────▶ return 0 (shared)   a block with several merges what they agree on
//! ```
//!
//! Invariants:
//! - **Loads stay in the packet.** Packet bytes are read in one place ([`loads`]), and only behind a check, on every way there, that
//!   so many bytes are captured: `State::bytes` and `State::behind_x` say which, and merging keeps the lesser.
//! - **One meaning.** A check may ask for more than its load needs only as far as [`crate::plan::Need`] says, or where
//!   ordinary code takes the packets that it refuses ([`straight`]).
//! - Nothing is written to memory but Cranelift's own spills, nothing is called, nothing traps: division is behind its check.
//! - Work and code are linear in the program.
//!
//! | file | what it makes |
//! | --- | --- |
//! | [`state`] | what is known |
//! | [`loads`] | checks of lengths, loads of packet bytes and ancillary values |
//! | [`ops`] | arithmetic and comparisons |
//! | [`exits`] | jumps between blocks, returns |
//! | [`lists`] | search trees of long chains of comparisons |
//! | [`region`], [`straight`], [`when`] | code without branches for the tests at the end of a program |
//! | [`form`] | the function around it: for one packet, or a loop over many |

mod exits;
mod form;
mod lists;
mod loads;
mod ops;
mod region;
mod state;
mod straight;
mod when;

use std::collections::HashMap;

use bpf_core::{Insn, Program, Storage};
use cranelift_codegen::ir::{Block, Function, InstBuilder, UserFuncName, Value, types::I32};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};

use crate::dominance::Dominators;
use crate::plan::{A, Plan, REGISTERS, Target, X, scratch};
use form::Loop;
pub(crate) use form::{Form, Layout};
use loads::Found;
use region::Budget;
use state::{Incoming, State, Sym};
use straight::Straight;

/// The verdict of the empty program, which FreeBSD's rules let through.
const EMPTY_PROGRAM_VERDICT: u32 = u32::MAX;

/// The parameters of the function.
#[derive(Clone, Copy)]
struct Parameters {
    bytes: Value,
    len: Value,
    wire_len: Value,
    /// `None`: nothing is known beside the packet.
    known: Option<Value>,
}

struct Lowering<'a> {
    builder: FunctionBuilder<'a>,
    plan: &'a Plan,
    parameters: Parameters,
    batch: Option<Loop>,
    /// How many instructions were executed, if they are counted ...
    steps: Option<Variable>,
    /// ... and how many of this block are to be added before it is left.
    uncounted: u32,
    /// The code of each block of the program, once something leads to it.
    blocks: Vec<Option<Block>>,
    incoming: Vec<Option<Incoming>>,
    returns: HashMap<u32, Block>,
    /// How many returns there are in the code.
    returns_made: u32,
    variables: [Variable; REGISTERS],
    dominators: Dominators,
    found: HashMap<Found, (u32, Value)>,
    state: State,
    /// Straight code that is being made.
    straight: Option<Straight>,
    budget: Budget,
    /// The block of the program that code is made for, as a node of the tree of dominators.
    node: u32,
}

/// Blocks follow the entry in the tree of dominators.
fn node(block: usize) -> u32 {
    u32::try_from(block).unwrap_or(u32::MAX).saturating_add(1)
}

/// The straight code that begins with a block is a node of its own, behind all blocks.
fn straight_node(plan: &Plan, block: usize) -> u32 {
    node(plan.blocks().len().saturating_add(block))
}

/// Makes the function for a program; returns how many returns it has, which are marked as source locations.
pub(crate) fn lower<S: Storage>(
    program: &Program<S>,
    form: Form,
    config: TargetFrontendConfig,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) -> u32 {
    function.signature = form::signature(form, config.default_call_conv);
    function.name = UserFuncName::default();
    let is_counted = matches!(form, Form::Counted);
    let plan = Plan::of(program, is_counted);
    let mut builder = FunctionBuilder::new(function, context);
    let Some((parameters, batch)) = form::begin(&mut builder, form) else { return 0 };
    let variables = [(); REGISTERS].map(|()| builder.declare_var(I32));
    let steps = is_counted.then(|| builder.declare_var(I32));
    if let Some(steps) = steps {
        let none = builder.ins().iconst(I32, 0);
        builder.def_var(steps, none);
    }
    let count = plan.blocks().len();
    let mut lowering = Lowering {
        builder,
        plan: &plan,
        parameters,
        batch,
        steps,
        uncounted: 0,
        blocks: vec![None; count],
        incoming: (0..count).map(|_| None).collect(),
        returns: HashMap::new(),
        returns_made: 0,
        variables,
        dominators: Dominators::new(count.saturating_mul(2).saturating_add(1)),
        found: HashMap::new(),
        state: State::start(),
        node: 0,
        straight: None,
        budget: Budget::new(form, &plan, program.insns().len()),
    };
    if program.insns().is_empty() {
        lowering.leave(Target::Return(EMPTY_PROGRAM_VERDICT));
    } else {
        lowering.clamp_len();
        lowering.leave(plan.target(0));
    }
    for (number, block) in plan.blocks().iter().enumerate() {
        if lowering.enter(number) && lowering.straighten(number) {
            let falls = plan.insns(block).try_for_each(|(pc, insn)| lowering.insn(pc, insn));
            if let Some(()) = falls {
                lowering.exit(block.exit());
            }
        }
    }
    lowering.finish(config)
}

impl Lowering<'_> {
    /// Goes on at the beginning of a block; `false` if nothing leads there.
    fn enter(&mut self, number: usize) -> bool {
        let incoming = self.incoming.get_mut(number).and_then(Option::take);
        let code = self.blocks.get(number).copied().flatten();
        let (Some(incoming), Some(code)) = (incoming, code) else { return false };
        self.builder.switch_to_block(code);
        self.builder.seal_block(code);
        self.node = node(number);
        self.dominators.insert(self.node, incoming.dominator);
        self.state = *incoming.state;
        for register in incoming.mixed.iter() {
            if let Some(variable) = self.variables.get(register) {
                let value = self.builder.use_var(*variable);
                self.state.set(register, Sym::Plain(value));
                self.state.define(register);
            }
        }
        true
    }

    /// Makes the code of one instruction. `None`: the program ends here for certain.
    fn insn(&mut self, pc: usize, insn: Insn) -> Option<()> {
        self.uncounted = self.uncounted.saturating_add(1);
        match insn {
            Insn::LoadAbs { size, offset } => {
                let value = self.load_bytes(pc, offset, size)?;
                self.state.set(A, value);
            }
            Insn::LoadInd { size, offset } => {
                let value = self.load_behind_x(pc, offset, size)?;
                self.state.set(A, value);
            }
            Insn::LoadAncillary { which, .. } => {
                let value = self.load_ancillary(which)?;
                self.state.set(A, value);
            }
            Insn::LoadXMsh(offset) => {
                let length = self.load_header_length(pc, offset)?;
                self.state.set(X, length);
            }
            Insn::LoadImm(k) => self.state.set(A, Sym::Const(k)),
            Insn::LoadXImm(k) => self.state.set(X, Sym::Const(k)),
            Insn::LoadLen => self.state.set(A, Sym::Plain(self.parameters.wire_len)),
            Insn::LoadXLen => self.state.set(X, Sym::Plain(self.parameters.wire_len)),
            Insn::LoadMem(k) => self.copy(scratch(k), A),
            Insn::LoadXMem(k) => self.copy(scratch(k), X),
            Insn::Store(k) => self.copy(A, scratch(k)),
            Insn::StoreX(k) => self.copy(X, scratch(k)),
            Insn::Tax => self.copy(A, X),
            Insn::Txa => self.copy(X, A),
            Insn::Neg => {
                let negated = self.neg(self.state.get(A));
                self.state.set(A, negated);
            }
            Insn::Alu { op, operand } => {
                let result = self.alu(op, self.state.get(A), operand)?;
                self.state.set(A, result);
            }
            // What leaves a block is its exit.
            Insn::Jump(_) | Insn::Branch { .. } => {}
            Insn::RetK(k) => self.leave(Target::Return(k)),
            Insn::RetA => self.return_a(),
        }
        Some(())
    }

    /// Before code is left, for good or perhaps.
    fn count_steps(&mut self) {
        if self.straight.is_some() {
            self.count_straight();
            return;
        }
        let uncounted = std::mem::take(&mut self.uncounted);
        if let Some(steps) = self.steps
            && uncounted != 0
        {
            let before = self.builder.use_var(steps);
            let after = self.builder.ins().iadd_imm_u(before, i64::from(uncounted));
            self.builder.def_var(steps, after);
        }
    }

    fn copy(&mut self, from: usize, to: usize) {
        self.state.set(to, self.state.get(from));
    }
}
