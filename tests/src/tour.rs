//! The driver's tour with the traffic of the recorded captures, beside what `bpfc` makes of the same frames.
//!
//! ```text
//!   bpfc -ddd EXPRESSION ──▶ programs ──▶ driver: 2 adapters, 3 handles ──▶ packets ─┐
//!   captures ──▶ frames ─────────────────────┘                                        ├─ the same, and counted
//!          └──▶ bpfc -r FRAMES -w - EXPRESSION ──▶ selection, cut to the snap length ─┘
//! ```

use std::process::Command;

use snapgate_sim::Options;
use snapgate_sim::image::Image;
use snapgate_sim::scenario::{HANDLES, Outcome, insns, tour};

use crate::command::{bpfc, output};
use crate::pcap::{self, Record};

/// The filters, and the snap length that each is compiled with.
pub const FILTERS: [(&str, u32); HANDLES] =
    [("tcp", 262_144), ("udp or arp or icmp", 96), ("ip6 or vlan", 60)];

/// What a handle got, and what it should have got.
#[derive(Debug)]
pub struct Compared {
    /// The expression.
    pub filter: &'static str,
    /// From the driver.
    pub outcome: Outcome,
    /// Bytes and length on the wire, from `bpfc`.
    pub expected: Vec<(Vec<u8>, u32)>,
}

impl Compared {
    /// The first thing that is not as it should be.
    #[must_use]
    pub fn difference(&self, frames: usize) -> Option<String> {
        let filter = self.filter;
        let got: Vec<(&[u8], u32)> =
            self.outcome.packets.iter().map(|packet| (packet.bytes.as_slice(), packet.length)).collect();
        let expected: Vec<(&[u8], u32)> =
            self.expected.iter().map(|(bytes, length)| (bytes.as_slice(), *length)).collect();
        if let Some(at) = got.iter().zip(&expected).position(|(got, expected)| got != expected) {
            return Some(format!("{filter}: packet {at} is not what bpfc selects"));
        }
        if got.len() != expected.len() {
            return Some(format!("{filter}: {} packets, bpfc selects {}", got.len(), expected.len()));
        }
        let statistics = self.outcome.statistics;
        let counts = [
            statistics.seen,
            statistics.accepted,
            statistics.delivered,
            statistics.filtered,
            statistics.captured_bytes,
        ];
        let (all, selected) = (frames as u64, expected.len() as u64);
        let bytes = expected.iter().map(|(bytes, _)| bytes.len() as u64).sum::<u64>();
        (counts != [all, selected, selected, all - selected, bytes])
            .then(|| format!("{filter}: {statistics:?}"))
    }
}

/// Every Ethernet frame of the recorded captures that can be one on a wire here.
///
/// # Panics
/// When the captures cannot be read, or are too few.
#[must_use]
pub fn frames() -> Vec<Record> {
    let mut frames = Vec::new();
    for capture in pcap::recorded().unwrap() {
        for record in &capture.records {
            let whole = record.data.len() == record.wire_len as usize;
            if capture.dlt(record.interface) == 1 && whole && record.data.len() >= 14 {
                frames.push(Record { interface: 0, ..record.clone() });
            }
        }
    }
    assert!(frames.len() > 500, "only {} frames", frames.len());
    frames
}

/// Runs a driver over the frames, and `bpfc`.
///
/// # Panics
/// When the driver breaks a rule, or `bpfc` fails.
#[must_use]
pub fn compare(image: &Image, options: Options, frames: &[Record]) -> Vec<Compared> {
    let programs = FILTERS.map(|(filter, snap_len)| insns(&program(filter, snap_len)));
    let data = frames.iter().map(|record| record.data.clone()).collect();
    let outcomes = tour(image, options, data, programs).unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(outcomes.len(), HANDLES);
    FILTERS
        .into_iter()
        .zip(outcomes)
        .map(|((filter, snap_len), outcome)| Compared {
            filter,
            outcome,
            expected: selection(frames, filter, snap_len),
        })
        .collect()
}

/// What `bpfc -ddd` prints.
fn program(filter: &str, snap_len: u32) -> Vec<(u16, u8, u8, u32)> {
    let mut command = Command::new(bpfc());
    command.args(["-ddd", "-y", "EN10MB", "-s", &snap_len.to_string(), "--", filter]);
    let output = output(&mut command, None);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    let count: usize = lines.next().unwrap().parse().unwrap();
    let insns: Vec<_> = lines
        .map(|line| {
            let mut numbers = line.split_ascii_whitespace().map(|number| number.parse::<u32>().unwrap());
            let mut next = || numbers.next().unwrap();
            let (code, jt, jf, k) = (next(), next(), next(), next());
            (u16::try_from(code).unwrap(), u8::try_from(jt).unwrap(), u8::try_from(jf).unwrap(), k)
        })
        .collect();
    assert_eq!(insns.len(), count);
    insns
}

/// What `bpfc -r` selects, cut to the snap length.
fn selection(frames: &[Record], filter: &str, snap_len: u32) -> Vec<(Vec<u8>, u32)> {
    let mut command = Command::new(bpfc());
    command.args(["-r", "-", "-w", "-", "--", filter]);
    let output = output(&mut command, Some(&pcap::classic_bytes(1, frames)));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cut = |record: Record| {
        let kept = record.data.len().min(snap_len as usize);
        (record.data[..kept].to_vec(), record.wire_len)
    };
    pcap::parse(&output.stdout).unwrap().records.into_iter().map(cut).collect()
}
