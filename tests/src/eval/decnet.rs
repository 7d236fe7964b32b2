//! `decnet host`: addresses in DECnet Phase IV packets, little-endian.
//!
//! ```text
//! Ethernet   length(2) [padding(1)] flags(1) ...
//! short      flags & 7 = 2    destination 1 behind the flags, source 3
//! long       flags & 7 = 6    destination 7 behind the flags, source 15
//! ```

use bpf_compile::syntax::ast::{Id, Kind as Asked, Quals};

use super::link::ethertype;
use super::net::Ends;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// A byte of padding before the flags.
const PADDING: u32 = 0x81;

impl View<'_> {
    pub(super) fn decnet(&self, quals: Quals, id: &Id) -> Result<Truth, EvalError> {
        if !matches!(quals.kind, None | Some(Asked::Host)) {
            return Err(EvalError::Refused("DECnet has only hosts"));
        }
        let ends = Ends::from_dir(quals.dir)?;
        let address = decnet_address(id)?.swap_bytes();
        let source = self.decnet_end(u32::from(address), 3, 15)?;
        let destination = self.decnet_end(u32::from(address), 1, 7)?;
        Ok(ends.test(source, destination))
    }

    fn decnet_end(&self, address: u32, short: u32, long: u32) -> Result<Truth, EvalError> {
        const FLAGS: u32 = 2;
        let form = |kind: u32, offset: u32| {
            let plain = Truth::of(self.in_payload(FLAGS, Width::Byte), |flags| flags & 7 == kind);
            let padded = Truth::of(self.in_payload(FLAGS, Width::Half), |both| {
                both >> 8 == PADDING && both & 7 == kind
            });
            let address_at =
                |at| Truth::of(self.in_payload(FLAGS + at, Width::Half), |found| found == address);
            plain.and(address_at(offset)).or(padded.and(address_at(offset + 1)))
        };
        // Behind the flags of a short header: all is read at once.
        let near = |shift: u32, flags: u32, mask: u32| {
            Truth::of(self.in_payload(FLAGS, Width::Word), |word| {
                word >> (shift + 16) & mask == flags && word >> shift & 0xffff == address
            })
        };
        if short == 1 {
            let short = near(8, 2, 7).or(near(0, PADDING << 8 | 2, 0xff07));
            return Ok(self.carries(ethertype::DECNET)?.and(short.or(form(6, long))));
        }
        Ok(self.carries(ethertype::DECNET)?.and(form(2, short).or(form(6, long))))
    }
}

fn decnet_address(id: &Id) -> Result<u16, EvalError> {
    let refused = EvalError::Refused("not an address of DECnet");
    let (area, node) = match id {
        Id::Dotted(dotted) => match dotted.parts.as_slice() {
            [area, node] => (*area, *node),
            _ => return Err(refused),
        },
        _ => return Err(refused),
    };
    if area > 63 || node > 1023 {
        return Err(refused);
    }
    u16::try_from(area << 10 | node).map_err(|_| refused)
}
