//! The prepared interpreter over packets in pieces, as a driver has them.

use bpf_core::{ChainPacket, Step};

use crate::engine::{Prepared, steps};
use crate::filters::Filter;
use crate::packets::View;

/// Where the second piece begins.
const BEHIND_HEADERS: usize = 64;
/// Behind the headers of Ethernet and IPv4 without options: tests of ports are of the second piece, and their windows of both.
const BEFORE_PORTS: usize = 34;

/// In one piece.
struct One(bpf_core::Prepared<Box<[Step]>>);

impl Prepared for One {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let run = |packet: &View<'_>| {
            let pieces = [packet.bytes];
            self.0.run(&ChainPacket::new(pieces.iter().copied(), 0, len(packet), packet.wire_len))
        };
        packets.iter().map(|packet| u64::from(run(packet) != 0)).sum()
    }
}

/// The pieces of a packet, each found when it is asked for, as in a chain of memory descriptors.
#[derive(Clone)]
struct Pieces<'a> {
    bytes: &'a [u8],
    cut: usize,
    given: u8,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        self.given += 1;
        match self.given {
            1 => Some(self.bytes.get(..self.cut).unwrap_or(self.bytes)),
            2 => self.bytes.get(self.cut..),
            _ => None,
        }
    }
}

/// In two.
struct Two {
    steps: bpf_core::Prepared<Box<[Step]>>,
    cut: usize,
}

impl Prepared for Two {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let run = |packet: &View<'_>| {
            let pieces = Pieces { bytes: packet.bytes, cut: self.cut, given: 0 };
            self.steps.run(&ChainPacket::new(pieces, 0, len(packet), packet.wire_len))
        };
        packets.iter().map(|packet| u64::from(run(packet) != 0)).sum()
    }
}

fn len(packet: &View<'_>) -> u32 {
    u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX)
}

pub(crate) fn one(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(One(steps(&filter.program)?))))
}

pub(crate) fn two(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(Two { steps: steps(&filter.program)?, cut: BEHIND_HEADERS })))
}

pub(crate) fn two_before_ports(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(Two { steps: steps(&filter.program)?, cut: BEFORE_PORTS })))
}
