//! The JIT: one call for each packet, and in batches.

use bpf_core::{Metadata, Profile, RawInsn, bpf_validate};
use bpf_jit::CompiledFilter;

use crate::engine::Prepared;
use crate::filters::Filter;
use crate::packets::View;

pub(crate) struct Jit(pub(crate) CompiledFilter);

impl Prepared for Jit {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let metadata = Metadata::default();
        let run = |packet: &View<'_>| self.0.run(packet.bytes, packet.wire_len, &metadata);
        packets.iter().map(|packet| u64::from(run(packet) != 0)).sum()
    }
}

/// As a program would that reads packets in batches: it has its packets as the batch call wants them.
pub(crate) struct Batch(pub(crate) CompiledFilter);

impl Prepared for Batch {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let mut accepted = 0;
        let mut bits = [0; BATCH / 64];
        for chunk in packets.chunks(BATCH) {
            let count = self.0.run_bitmap(chunk, &mut bits);
            accepted +=
                bits.iter().take(count.div_ceil(64)).map(|word| u64::from(word.count_ones())).sum::<u64>();
        }
        accepted
    }
}

const BATCH: usize = 512;

/// A program as machine code.
pub(crate) fn compile(program: &[RawInsn]) -> Result<CompiledFilter, String> {
    let program = bpf_validate(program, Profile::LIBPCAP).map_err(|error| error.to_string())?;
    CompiledFilter::new(&program).map_err(|error| error.to_string())
}

pub(crate) fn called(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(Jit(compile(&filter.program)?))))
}

pub(crate) fn batched(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(Batch(compile(&filter.program)?))))
}
