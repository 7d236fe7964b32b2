//! What runs a filter over packets.
//!
//! ```text
//! program ──▶ reference   as it is                        the meaning, slow
//!         ──▶ interp      prepared, nearly free to make   short captures
//!         ──▶ jit         machine code                    long captures
//! with a loop ─▶ looping  as it is, on fuel               `--protochain-loop`
//! ```
//!
//! All of them accept the same packets. Which one is used by itself depends on what there is to do: machine code has to
//! be made first.

use bpf_compile::{Compiled, Looping};
use bpf_core::{Prepared, Program, RawInsn, SlicePacket, Step};

use crate::cli::Engine;

#[cfg(feature = "jit")]
pub(crate) use bpf_jit::BatchPacket;
#[cfg(not(feature = "jit"))]
pub(crate) use view::BatchPacket;

/// A packet of a file, which has nothing beside its bytes.
pub(crate) const fn file_packet(bytes: &[u8], wire_len: u32) -> BatchPacket<'_> {
    BatchPacket {
        bytes,
        wire_len,
        #[cfg(feature = "jit")]
        metadata: None,
    }
}

/// How many packets are looked at in one call.
pub(crate) const BATCH: usize = 64;

/// The least capture for which machine code is made: one on which it saves the time that making it takes.
///
/// Measured on whole runs of the command, processor time, packets of 211 bytes on the average, x86-64: making code costs 0.45 ms,
/// and 5 us for each instruction. `tcp port 80` and lists of 100 and 1,000 hosts save 20 ms in 256 MiB, `portrange` 25 to 30;
/// one of up to four instructions next to nothing, where either choice is as good.
const BYTES_FOR_CODE: u64 = 6 << 20;
/// What is added for each instruction of the program.
const BYTES_FOR_INSTRUCTION: u64 = 56 << 10;

/// A filter in the form in which it runs.
pub(crate) struct Runner {
    form: Form,
    /// What machine code may be made of later.
    later: Option<Program<Vec<RawInsn>>>,
}

enum Form {
    Reference(Program<Vec<RawInsn>>),
    Looping(Looping),
    Prepared(Prepared<Box<[Step]>>),
    #[cfg(feature = "jit")]
    Jit(bpf_jit::BitmapFilter),
}

impl Runner {
    /// Makes the form that was asked for, or the one that suits a capture of this size.
    ///
    /// # Errors
    /// Why there can be no machine code, if that was asked for.
    pub(crate) fn new(filter: Compiled, engine: Engine, capture_bytes: u64) -> Result<Self, String> {
        let (form, later) = match (filter, engine) {
            (Compiled::Looping(_), Engine::Jit) => {
                return Err("the program has a loop (--protochain-loop)".to_owned());
            }
            (Compiled::Looping(program), _) => (Form::Looping(program), None),
            (Compiled::Forward(program), Engine::Reference) => (Form::Reference(program), None),
            (Compiled::Forward(program), Engine::Interp) => (Form::Prepared(program.prepare()), None),
            (Compiled::Forward(program), Engine::Auto) => (Form::Prepared(program.prepare()), Some(program)),
            (Compiled::Forward(program), Engine::Jit) => (machine_code(&program)?, None),
        };
        let mut runner = Self { form, later };
        runner.expect(capture_bytes);
        Ok(runner)
    }

    /// Makes machine code if it was not decided what to use, and a capture of this size is worth it.
    pub(crate) fn expect(&mut self, capture_bytes: u64) {
        let pays = |program: &mut Program<_>| is_worth_code(capture_bytes, program.insns().len());
        if let Some(program) = self.later.take_if(pays) {
            // A processor that is not known, or a system that gives no memory for code: it is slower, and that is all.
            if let Ok(form) = machine_code(&program) {
                self.form = form;
            }
        }
    }

    /// Which packets are accepted, of at most [`BATCH`]: bit n is packet n.
    pub(crate) fn accepts_each(&self, packets: &[BatchPacket<'_>]) -> u64 {
        let views = || packets.iter().map(|packet| SlicePacket::new(packet.bytes, packet.wire_len));
        match &self.form {
            Form::Reference(program) => (0..)
                .zip(views())
                .fold(0, |bits, (bit, packet)| bits | u64::from(program.run(&packet) != 0) << bit),
            Form::Looping(program) => {
                let accepts = |packet: &BatchPacket<'_>| program.run(packet.bytes, packet.wire_len) != 0;
                (0..).zip(packets).fold(0, |bits, (bit, packet)| bits | u64::from(accepts(packet)) << bit)
            }
            Form::Prepared(prepared) => {
                let (mut bits, mut bit) = (0, 1_u64);
                prepared.run_each(views(), |verdict| {
                    bits |= if verdict == 0 { 0 } else { bit };
                    bit = bit.rotate_left(1);
                });
                bits
            }
            #[cfg(feature = "jit")]
            Form::Jit(code) => {
                let mut accepted = [0];
                code.run(packets, &mut accepted);
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
    bpf_jit::BitmapFilter::new(program).map(Form::Jit).map_err(|error| error.to_string())
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
    }
}

#[cfg(test)]
mod tests {
    use bpf_core::{Profile, bpf_validate, text};

    use super::*;

    fn arp() -> Compiled {
        let source = "ldh [12]\n jneq #0x806, drop\n ret #262144\n drop: ret #0";
        Compiled::Forward(bpf_validate(text::parse(source).unwrap(), Profile::STRICT).unwrap())
    }

    fn packet(ether_type: u8) -> Vec<u8> {
        let mut bytes = vec![0; 60];
        bytes[12..14].copy_from_slice(&[8, ether_type]);
        bytes
    }

    fn accepted(runner: &Runner, packets: &[Vec<u8>]) -> u64 {
        runner.accepts_each(&packets.iter().map(|bytes| file_packet(bytes, 60)).collect::<Vec<_>>())
    }

    #[test]
    fn every_engine_gives_a_bit_for_a_packet() {
        let packets: Vec<_> = (0..64).map(|n| packet(if n % 7 == 0 { 6 } else { 0 })).collect();
        let expected = (0..64).filter(|n| n % 7 == 0).fold(0, |bits, n| bits | 1_u64 << n);
        for engine in [Engine::Auto, Engine::Interp, Engine::Reference, Engine::Jit] {
            for bytes in [0, u64::MAX] {
                let Ok(runner) = Runner::new(arp(), engine, bytes) else {
                    assert!(engine == Engine::Jit && cfg!(not(feature = "jit")), "{engine:?}");
                    continue;
                };
                for count in [64, 63, 1, 0] {
                    let of_these = expected & 1_u64.checked_shl(count).map_or(u64::MAX, |end| end - 1);
                    assert_eq!(accepted(&runner, &packets[..count as usize]), of_these, "{engine:?}");
                }
            }
        }
    }

    #[cfg(feature = "jit")]
    #[test]
    fn machine_code_is_made_when_it_pays() {
        let is_code = |runner: &Runner| matches!(runner.form, Form::Jit(_));
        let mut runner = Runner::new(arp(), Engine::Auto, 0).unwrap();
        assert!(!is_code(&runner));
        runner.expect(BYTES_FOR_CODE);
        assert!(!is_code(&runner), "the program has a length, too");
        runner.expect(2 * BYTES_FOR_CODE);
        assert!(is_code(&runner));
        assert!(is_code(&Runner::new(arp(), Engine::Auto, 2 * BYTES_FOR_CODE).unwrap()));
        assert!(!is_code(&Runner::new(arp(), Engine::Interp, u64::MAX >> 1).unwrap()));
        assert!(is_code(&Runner::new(arp(), Engine::Jit, 0).unwrap()));
    }
}
