//! What runs a filter over packets.
//!
//! ```text
//! program ──▶ reference   as it is                        the meaning, slow
//!         ──▶ interp      prepared, nearly free to make   short captures
//!         ──▶ jit         machine code                    long captures
//! ```
//!
//! All of them accept the same packets. Which one is used by itself depends on what there is to do: machine code has to
//! be made first.

use bpf_core::{Prepared, Program, RawInsn, SlicePacket, Step};

use crate::cli::Engine;

#[cfg(feature = "jit")]
pub(crate) use bpf_jit::BatchPacket;
#[cfg(not(feature = "jit"))]
pub(crate) use view::BatchPacket;

/// How many packets are looked at in one call.
pub(crate) const BATCH: usize = 64;

/// How many bytes of a capture take as long on the prepared interpreter, beyond what they take in machine code, as
/// it takes to start the code generator.
const BYTES_FOR_CODE: u64 = 16 << 20;
/// The same for each instruction that is compiled, when about as many more are executed.
const BYTES_FOR_INSTRUCTION: u64 = 32 << 10;

/// A filter in the form in which it runs.
pub(crate) struct Runner {
    program: Program<Vec<RawInsn>>,
    form: Form,
    /// Machine code may be made later.
    may_change: bool,
}

enum Form {
    Reference,
    Prepared(Prepared<Box<[Step]>>),
    #[cfg(feature = "jit")]
    Jit(bpf_jit::CompiledFilter),
}

impl Runner {
    /// Makes the form that was asked for, or the one that suits a capture of this size.
    ///
    /// # Errors
    /// Why there can be no machine code, if that was asked for.
    pub(crate) fn new(
        program: Program<Vec<RawInsn>>,
        engine: Engine,
        capture_bytes: u64,
    ) -> Result<Self, String> {
        let form = match engine {
            Engine::Reference => Form::Reference,
            Engine::Interp | Engine::Auto => Form::Prepared(program.prepare()),
            Engine::Jit => machine_code(&program)?,
        };
        let mut runner = Self { program, form, may_change: engine == Engine::Auto };
        runner.expect(capture_bytes);
        Ok(runner)
    }

    /// Makes machine code if it was not decided what to use, and a capture of this size is worth it.
    pub(crate) fn expect(&mut self, capture_bytes: u64) {
        if self.may_change && is_worth_code(capture_bytes, self.program.insns().len()) {
            self.may_change = false;
            // A processor that is not known, or a system that gives no memory for code: it is slower, and that is all.
            if let Ok(form) = machine_code(&self.program) {
                self.form = form;
            }
        }
    }

    /// Which packets are accepted, of at most [`BATCH`]: bit n is packet n.
    pub(crate) fn accepts_each(&self, packets: &[BatchPacket<'_>]) -> u64 {
        let bits = |accepts: &dyn Fn(&SlicePacket<'_>) -> u32| {
            let packets = packets.iter().map(|packet| SlicePacket::new(packet.bytes, packet.wire_len));
            packets.enumerate().fold(0, |bits, (bit, packet)| bits | u64::from(accepts(&packet) != 0) << bit)
        };
        match &self.form {
            Form::Reference => bits(&|packet| self.program.run(packet)),
            Form::Prepared(prepared) => bits(&|packet| prepared.run(packet)),
            #[cfg(feature = "jit")]
            Form::Jit(code) => {
                let mut accepted = [0];
                code.run_bitmap(packets, &mut accepted);
                let [accepted] = accepted;
                accepted
            }
        }
    }
}

/// Whether machine code for a program of this length is made in less time than it saves.
fn is_worth_code(capture_bytes: u64, instructions: usize) -> bool {
    capture_bytes >= BYTES_FOR_CODE + BYTES_FOR_INSTRUCTION * instructions as u64
}

#[cfg(feature = "jit")]
fn machine_code(program: &Program<Vec<RawInsn>>) -> Result<Form, String> {
    bpf_jit::CompiledFilter::new(program).map(Form::Jit).map_err(|error| error.to_string())
}

#[cfg(not(feature = "jit"))]
fn machine_code(_: &Program<Vec<RawInsn>>) -> Result<Form, String> {
    Err("this bpfc was built without it (feature `jit`)".to_owned())
}

/// What the code generator's crate has otherwise.
#[cfg(not(feature = "jit"))]
mod view {
    /// A packet of a batch.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct BatchPacket<'a> {
        /// The captured bytes.
        pub(crate) bytes: &'a [u8],
        /// The length on the wire.
        pub(crate) wire_len: u32,
        /// What is known beside the bytes: nothing is in files.
        pub(crate) metadata: Option<&'a bpf_core::Metadata>,
    }
}
