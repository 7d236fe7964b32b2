//! Engines of others.

use snapgate_tests::oracle::libpcap::Machine;

use crate::engine::Prepared;
use crate::filters::Filter;
use crate::packets::View;

/// libpcap's `bpf_filter`.
struct Libpcap<'a>(Machine<'a>);

impl Prepared for Libpcap<'_> {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        packets.iter().map(|packet| u64::from(self.0.run(packet.bytes, packet.wire_len) != 0)).sum()
    }
}

pub(crate) fn libpcap(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    let machine = Machine::new(&filter.program).ok_or("libpcap refuses its own program")?;
    Ok(Some(Box::new(Libpcap(machine))))
}
