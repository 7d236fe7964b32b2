//! What becomes of a packet that a handle wants: it is counted, or copied into the ring, once.

use snapgate_abi::record::{HEADER_BYTES, Header};
use snapgate_ring::Grant;

use super::table::{Tap, count_refusal};
use crate::kernel::clock::Stamps;

/// What statistics mode adds to each packet's length, and the least length: the wire's preamble and gap, and padding.
const FRAMING_BYTES: u64 = 12;
const FRAME_BYTES_MIN: u64 = 60;

/// Where the bytes of one record go, one piece behind the other.
pub(super) struct Sink<'r, 'a> {
    grant: Grant<'r, 'a>,
    at: u32,
    end: u32,
}

impl Sink<'_, '_> {
    /// Puts a piece behind those before; what is beyond the end of the record is left out. Answers whether there is room
    /// for more.
    #[inline]
    pub(super) fn put(&mut self, piece: &[u8]) -> bool {
        let written = self.grant.write(self.at, piece);
        self.at = self.at.saturating_add(u32::try_from(written).unwrap_or(u32::MAX));
        self.at < self.end
    }
}

/// Puts the header in front. It has one of two lengths: both are constants, so that this is a few stores.
#[inline]
fn put_header(grant: &mut Grant<'_, '_>, header: &Header) {
    let bytes = header.to_bytes();
    match bytes.first_chunk::<HEADER_BYTES>() {
        Some(short) if usize::from(header.header_len) == HEADER_BYTES => grant.write_first(short),
        _ => grant.write_first(&bytes),
    }
}

/// Counts or copies a packet of `len` bytes, of which the filter wants `verdict`; `copy` puts its bytes.
#[inline]
pub(super) fn deliver(
    tap: &Tap,
    verdict: u32,
    len: u32,
    header_len: u16,
    stamps: &mut Stamps<'_>,
    copy: impl Fn(&mut Sink<'_, '_>),
) {
    let counters = &tap.handle.counters;
    if tap.settings.statistics {
        counters.counted.add(1);
        counters.period_packets.add(1);
        counters.period_bytes.add(u64::from(len).max(FRAME_BYTES_MIN).saturating_add(FRAMING_BYTES));
        return;
    }
    let Some(store) = tap.store() else { return };
    let captured = verdict.min(len).min(tap.settings.snap_len);
    let end = u32::from(header_len).saturating_add(captured);
    let grant = store.ring().reserve(end).or_else(|refused| {
        // A program may have given room back that was not looked at yet.
        let shared = store.shared().ok_or(refused)?;
        crate::handle::change::count_given_back(&tap.handle, shared.believe());
        store.ring().reserve(end)
    });
    let mut grant = match grant {
        Ok(grant) => grant,
        Err(refused) => return count_refusal(&tap.handle, refused),
    };
    let (seconds, fraction) = stamps.get(tap.settings.clock, tap.settings.nanoseconds);
    let header = Header { seconds, fraction, captured, length: len, header_len };
    put_header(&mut grant, &header);
    let mut sink = Sink { grant, at: u32::from(header_len), end };
    copy(&mut sink);
    sink.grant.commit();
    counters.queued.add(1);
    counters.captured_bytes.add(u64::from(captured));
}
