//! The JIT beside the interpreter.
//!
//! ```text
//! bytes ─▶ words ─▶ verifier ─┬─▶ interpreter ─┐
//!                             └─▶ machine code ┴─▶ one verdict, for the packet and some beginnings of it
//! ```

use bpf_core::{Metadata, Profile, SlicePacket, bpf_validate};
use bpf_jit::{BatchPacket, CompiledFilter};

use crate::machine::Case;

/// Whatever any profile accepts has the same verdict as machine code as in the interpreter.
pub fn interp_vs_jit(bytes: &[u8]) {
    let Some(case) = Case::read(bytes) else { return };
    let accepted = |profile| bpf_validate(case.words.as_slice(), profile).ok();
    let Some(program) = Profile::ALL.into_iter().find_map(accepted) else { return };
    let filter = CompiledFilter::new(&program).expect("a program that was verified compiles");
    let cuts = case.cuts.iter().map(|cut| usize::from(*cut) % (case.packet.len() + 1));
    for len in cuts.chain([case.packet.len()]) {
        let packet = &case.packet[..len];
        for known in [case.known, Metadata::default()] {
            let expected = program.run(&SlicePacket::with_metadata(packet, case.wire_len, known));
            assert_eq!(filter.run(packet, case.wire_len, &known), expected);
            // A batch compiles the program once more: for some inputs only.
            if !case.wire_len.is_multiple_of(4) {
                continue;
            }
            let batch = [BatchPacket { bytes: packet, wire_len: case.wire_len, metadata: Some(&known) }; 3];
            let mut verdicts = [!expected; 3];
            assert_eq!(filter.run_batch(&batch, &mut verdicts), 3);
            assert_eq!(verdicts, [expected; 3]);
        }
    }
}
