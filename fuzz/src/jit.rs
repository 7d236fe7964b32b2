//! The engines beside the plain interpreter: the prepared form and the JIT.
//!
//! ```text
//! interp_vs_jit   bytes ─▶ words, as they come or out of a grammar ─▶ verifier ─┐
//! filter_vs_jit   text, options ─▶ compiler ───────────────────────────────────┤
//!                                        plain interpreter ◀───────────────────┼─▶ prepared form, on a slice and in pieces
//!                         one verdict and count of steps, for the packet and some beginnings of it └─▶ machine code, alone and in batches
//! ```

use bpf_compile::compile;
use bpf_compile::names::Embedded;
use bpf_core::{ChainPacket, Metadata, Profile, Program, SlicePacket, Storage, bpf_validate};
use bpf_jit::{BatchPacket, CompiledFilter, CountingFilter};

use crate::input::Input;
use crate::machine::Case;

/// Whatever any profile accepts has the same verdict, after the same steps, on all engines.
pub fn interp_vs_jit(bytes: &[u8]) {
    let Some(case) = Case::read(bytes) else { return };
    let accepted = |profile| bpf_validate(case.words.as_slice(), profile).ok();
    let Some(program) = Profile::ALL.into_iter().find_map(accepted) else { return };
    let cuts = case.cuts.iter().map(|cut| usize::from(*cut));
    compare(&program, case.packet, case.wire_len, case.known, cuts);
}

/// Whatever compiles has the same verdict, after the same steps, on all engines.
pub fn filter_vs_jit(bytes: &[u8]) {
    let Some(input) = Input::read(bytes) else { return };
    let Ok(program) = compile(&input.text, &input.options, &Embedded) else { return };
    let cuts = [input.packet.len() / 2, input.wire_len as usize];
    compare(&program, input.packet, input.wire_len, input.known, cuts.into_iter());
}

fn compare<S: Storage>(
    program: &Program<S>,
    packet: &[u8],
    wire_len: u32,
    known: Metadata,
    cuts: impl Iterator<Item = usize>,
) {
    let prepared = program.prepare();
    let filter = CompiledFilter::new(program).expect("a program that was verified compiles");
    let counting = wire_len.is_multiple_of(2).then(|| CountingFilter::new(program).expect("as the other one"));
    let lens = cuts.map(|cut| cut % (packet.len() + 1)).chain([packet.len()]);
    for len in lens {
        let packet = &packet[..len];
        for known in [known, Metadata::default()] {
            let slice = SlicePacket::with_metadata(packet, wire_len, known);
            let counted = program.run_counted(&slice);
            let expected = counted.verdict;
            assert!(counted.steps as usize <= program.insns().len(), "jumps go forward");
            assert_eq!(prepared.run(&slice), expected);
            let (head, tail) = packet.split_at(wire_len as usize % (len + 1));
            let pieces = [head, &[], tail];
            let chain = ChainPacket::with_metadata(pieces.into_iter(), 0, len as u32, wire_len, known);
            assert_eq!(prepared.run(&chain), expected);
            assert_eq!(filter.run(packet, wire_len, &known), expected);
            // Each compiles the program once more: for some inputs only.
            if let Some(counting) = &counting {
                assert_eq!(counting.run(packet, wire_len, &known), counted);
            }
            if !wire_len.is_multiple_of(4) {
                continue;
            }
            let batch = [BatchPacket { bytes: packet, wire_len, metadata: Some(&known) }; 3];
            let mut verdicts = [!expected; 3];
            assert_eq!(filter.run_batch(&batch, &mut verdicts), 3);
            assert_eq!(verdicts, [expected; 3]);
        }
    }
}
