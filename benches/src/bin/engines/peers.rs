//! Engines of others.

use bpf_core::Insn;
use bpfjit_sys::{BpfJit, Opcode};
use rbpf::EbpfVmMbuff;
use snapgate_tests::oracle::libpcap::Machine;

use crate::ebpf;
use crate::engine::Prepared;
use crate::filters::Filter;
use crate::packets::View;

/// A filter made ready, if the engine can do it.
type Ready<'a> = Result<Option<Box<dyn Prepared + 'a>>, String>;

/// libpcap's `bpf_filter`.
pub(crate) struct Libpcap<'a>(pub(crate) Machine<'a>);

impl Prepared for Libpcap<'_> {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        packets.iter().map(|packet| u64::from(self.0.run(packet.bytes, packet.wire_len) != 0)).sum()
    }
}

pub(crate) fn libpcap(filter: &Filter) -> Ready<'_> {
    let machine = Machine::new(&filter.program).ok_or("libpcap refuses its own program")?;
    Ok(Some(Box::new(Libpcap(machine))))
}

/// The JIT of NetBSD's kernel. Its binding takes the captured length for that on the wire.
struct NetBsd(BpfJit);

impl Prepared for NetBsd {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        packets.iter().map(|packet| u64::from(self.0.matches(packet.bytes))).sum()
    }
}

pub(crate) fn netbsd(filter: &Filter) -> Ready<'_> {
    let asks_length = |raw: &bpf_core::RawInsn| matches!(raw.meaning(), Some(Insn::LoadLen | Insn::LoadXLen));
    if filter.program.iter().any(asks_length) {
        return Ok(None);
    }
    let opcodes: Vec<_> = filter.program.iter().map(|raw| Opcode(raw.code, raw.jt, raw.jf, raw.k)).collect();
    let jit = BpfJit::raw(&opcodes).map_err(|error| error.to_string())?;
    Ok(Some(Box::new(NetBsd(jit))))
}

/// rbpf's interpreter.
struct Rbpf<'a>(EbpfVmMbuff<'a>);

impl Prepared for Rbpf<'_> {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let run = |packet: &View<'_>| {
            self.0.execute_program(packet.bytes, &ebpf::record(packet.bytes, packet.wire_len))
        };
        packets.iter().map(|packet| u64::from(run(packet).is_ok_and(|verdict| verdict != 0))).sum()
    }
}

/// rbpf's JIT.
struct RbpfJit<'a>(EbpfVmMbuff<'a>);

impl Prepared for RbpfJit<'_> {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let run = |packet: &View<'_>| {
            let mut record = ebpf::record(packet.bytes, packet.wire_len);
            // SAFETY: the emitted code checks no address, and trusts the program: `ebpf::translate` made one that reads the record,
            // which is alive and large enough, and the packet, behind a check of the length that the record says, which is that of
            // the packet; it writes to its own stack only.
            unsafe { self.0.execute_program_jit(&mut [], &mut record) }
        };
        packets.iter().map(|packet| u64::from(run(packet).is_ok_and(|verdict| verdict != 0))).sum()
    }
}

fn rbpf_machine(filter: &Filter) -> Result<Option<EbpfVmMbuff<'_>>, String> {
    match &filter.ebpf {
        Some(program) => EbpfVmMbuff::new(Some(program)).map(Some).map_err(|error| error.to_string()),
        None => Ok(None),
    }
}

pub(crate) fn rbpf(filter: &Filter) -> Ready<'_> {
    Ok(rbpf_machine(filter)?.map(|machine| Box::new(Rbpf(machine)) as Box<dyn Prepared>))
}

pub(crate) fn rbpf_jit(filter: &Filter) -> Ready<'_> {
    let Some(mut machine) = rbpf_machine(filter)? else { return Ok(None) };
    machine.jit_compile().map_err(|error| error.to_string())?;
    Ok(Some(Box::new(RbpfJit(machine))))
}
