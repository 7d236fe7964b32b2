//! The functions that are made of a program: for one packet, for one packet with the steps counted, and for a batch.
//!
//! ```text
//! Single   fn(bytes, len, wire_len, known) -> verdict
//! Counted  fn(bytes, len, wire_len, known) -> steps << 32 | verdict
//! Bitmap   fn(first, end) -> bits       over packets that lie one behind the other in memory
//!
//!          head(packet, bit, bits) ──▶ the program ──▶ accepted: bits | bit ──┐
//!             ▲                              └───────▶ rejected: bits ────────┤
//!             └── packet + stride, bit << 1 ◀──── not the end ────────────────┴──▶ end: return bits
//! ```
//!
//! A batch writes nothing either: what it says of up to 64 packets is one word.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, InstBuilder, MemFlagsData, Signature, SourceLoc, Value, types::I32, types::I64,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;

use super::{Lowering, Parameters};

/// Which function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// For one packet.
    Single,
    /// For one packet, and counts the instructions of the program that are executed.
    Counted,
    /// For a batch of at least 1 and at most 64 packets.
    Bitmap(Layout),
}

/// Where the parts of a packet are in a batch, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// From one packet to the next.
    pub(crate) stride: u16,
    /// The address of the first captured byte.
    pub(crate) bytes: u16,
    /// How many captured bytes there are.
    pub(crate) len: u16,
    /// The length on the wire.
    pub(crate) wire_len: u16,
}

/// The loop of a batch.
pub(super) struct Loop {
    head: Block,
    next: Block,
    layout: Layout,
    packet: Value,
    end: Value,
    bit: Value,
    bits: Value,
}

/// The function's type.
pub(super) fn signature(form: Form, convention: CallConv) -> Signature {
    let mut signature = Signature::new(convention);
    let (parameters, result): (&[_], _) = match form {
        Form::Single => (&[I64, I64, I32, I64], I32),
        Form::Counted => (&[I64, I64, I32, I64], I64),
        Form::Bitmap(_) => (&[I64, I64], I64),
    };
    signature.params.extend(parameters.iter().copied().map(AbiParam::new));
    signature.returns.push(AbiParam::new(result));
    signature
}

/// Begins the function; what the program finds, and the loop if it is in one. `None`: not the parameters of the signature.
pub(super) fn begin(builder: &mut FunctionBuilder<'_>, form: Form) -> Option<(Parameters, Option<Loop>)> {
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    builder.seal_block(entry);
    match (form, builder.block_params(entry)) {
        (Form::Single | Form::Counted, &[bytes, len, wire_len, known]) => {
            Some((Parameters { bytes, len, wire_len, known: Some(known) }, None))
        }
        (Form::Bitmap(layout), &[first, end]) => Some(begin_loop(builder, layout, first, end)),
        _ => None,
    }
}

fn begin_loop(
    builder: &mut FunctionBuilder<'_>,
    layout: Layout,
    first: Value,
    end: Value,
) -> (Parameters, Option<Loop>) {
    let (head, next) = (builder.create_block(), builder.create_block());
    let [packet, bit, bits] = [(); 3].map(|()| builder.append_block_param(head, I64));
    builder.append_block_param(next, I64);
    let one = builder.ins().iconst(I64, 1);
    let none = builder.ins().iconst(I64, 0);
    builder.ins().jump(head, &[first, one, none].map(BlockArg::Value));
    builder.switch_to_block(head);
    let mut field =
        |ty, at: u16| builder.ins().load(ty, MemFlagsData::trusted(), packet, Offset32::new(at.into()));
    let parameters = Parameters {
        bytes: field(I64, layout.bytes),
        len: field(I64, layout.len),
        wire_len: field(I32, layout.wire_len),
        known: None,
    };
    (parameters, Some(Loop { head, next, layout, packet, end, bit, bits }))
}

impl Lowering<'_> {
    /// A constant verdict, as far as the function tells verdicts apart.
    pub(super) fn told(&self, verdict: u32) -> u32 {
        if self.batch.is_some() { u32::from(verdict != 0) } else { verdict }
    }

    /// Ends the program with a constant.
    pub(super) fn give_constant(&mut self, verdict: u32) {
        match &self.batch {
            None => {
                let verdict = self.builder.ins().iconst(I32, i64::from(verdict));
                self.make_return(verdict);
            }
            Some(batch) => {
                let (next, bit, mut bits) = (batch.next, batch.bit, batch.bits);
                if verdict != 0 {
                    bits = self.builder.ins().bor(bits, bit);
                }
                self.builder.ins().jump(next, &[BlockArg::Value(bits)]);
            }
        }
    }

    /// Ends the program with a value.
    pub(super) fn give(&mut self, verdict: Value) {
        if self.batch.is_none() {
            self.make_return(verdict);
            return;
        }
        let accepts = self.builder.ins().icmp_imm_u(IntCC::NotEqual, verdict, 0);
        self.give_bit(accepts);
    }

    /// Ends the program with one of two constants, which [`Self::told`] tells apart.
    pub(super) fn give_either(&mut self, condition: Value, yes: u32, no: u32) {
        if self.batch.is_none() {
            let verdict = self.either(condition, yes, no);
            self.make_return(verdict);
        } else if yes != 0 {
            self.give_bit(condition);
        } else {
            let not = self.builder.ins().icmp_imm_u(IntCC::Equal, condition, 0);
            self.give_bit(not);
        }
    }

    /// One of two constants. By arithmetic: a conditional move would load its constant from memory behind the code.
    fn either(&mut self, condition: Value, yes: u32, no: u32) -> Value {
        let holds = self.is_not_zero(condition);
        let one = self.builder.ins().uextend(I32, holds);
        let difference = yes ^ no;
        let changed = if difference.is_power_of_two() {
            self.builder.ins().ishl_imm_u(one, i64::from(difference.trailing_zeros()))
        } else {
            let all = self.builder.ins().ineg(one);
            self.builder.ins().band_imm_u(all, i64::from(difference))
        };
        if no == 0 { changed } else { self.builder.ins().bxor_imm_u(changed, i64::from(no)) }
    }

    fn give_bit(&mut self, accepts: Value) {
        let Some(batch) = &self.batch else { return };
        let (next, bit, bits) = (batch.next, batch.bit, batch.bits);
        let none = self.builder.ins().iconst(I64, 0);
        let set = self.builder.ins().select(accepts, bit, none);
        let bits = self.builder.ins().bor(bits, set);
        self.builder.ins().jump(next, &[BlockArg::Value(bits)]);
    }

    /// Ends the loop, if there is one.
    pub(super) fn end_loop(&mut self) {
        let Some(batch) = self.batch.take() else { return };
        let Loop { head, next, layout, packet, end, bit, .. } = batch;
        self.builder.switch_to_block(next);
        self.builder.seal_block(next);
        let Some(&bits) = self.builder.block_params(next).first() else { return };
        let packet = self.builder.ins().iadd_imm_u(packet, i64::from(layout.stride));
        let bit = self.builder.ins().ishl_imm_u(bit, 1);
        let is_end = self.builder.ins().icmp(IntCC::Equal, packet, end);
        let done = self.builder.create_block();
        self.builder.ins().brif(is_end, done, &[], head, &[packet, bit, bits].map(BlockArg::Value));
        self.builder.seal_block(head);
        self.builder.switch_to_block(done);
        self.builder.seal_block(done);
        self.make_return(bits);
    }

    /// Returns, and marks the place: the mark is the number of the return.
    fn make_return(&mut self, mut value: Value) {
        if let Some(steps) = self.steps {
            let [steps, verdict] =
                [self.builder.use_var(steps), value].map(|value| self.builder.ins().uextend(I64, value));
            let steps = self.builder.ins().ishl_imm_u(steps, 32);
            value = self.builder.ins().bor(steps, verdict);
        }
        self.builder.set_srcloc(SourceLoc::new(self.returns_made));
        self.builder.ins().return_(&[value]);
        self.builder.set_srcloc(SourceLoc::default());
        self.returns_made = self.returns_made.saturating_add(1);
    }
}
