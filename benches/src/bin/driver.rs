//! What callgrind counts for `benches/driver`: the driver looks at batches of 32 packets on the simulated machine.
//!
//! `driver list` prints the cases, `driver CASE` runs one and prints how many packets were looked at, `driver copy BYTES`
//! copies as many packets of a length.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench ends by a panic")]

use std::hint::black_box;

use snapgate_abi::{Mode, Request};
use snapgate_sim::image::Image;
use snapgate_sim::ndis::{AdapterConfig, Packet, PacketList, ReceiveOptions, add_adapter, settle};
use snapgate_sim::scenario::{Capture, insns};
use snapgate_sim::user::{Process, User};
use snapgate_sim::{Machine, Options, load, unload};

const BATCH: usize = 32;
const BATCHES: usize = 20;

/// One case.
struct Case {
    name: &'static str,
    verdict: u32,
    handles: usize,
    mdls: usize,
    frame: usize,
    ring: u32,
    statistics: bool,
}

const PLAIN: Case = Case {
    name: "",
    verdict: 0xffff_ffff,
    handles: 1,
    mdls: 1,
    frame: 1514,
    ring: 8 << 20,
    statistics: false,
};

const CASES: [Case; 11] = [
    Case { name: "rejected", verdict: 0, ..PLAIN },
    Case { name: "rejected, 8 MDLs", verdict: 0, mdls: 8, ..PLAIN },
    Case { name: "accepted, snap 96", verdict: 96, ..PLAIN },
    Case { name: "accepted, snap 96, 2 MDLs", verdict: 96, mdls: 2, ..PLAIN },
    Case { name: "accepted, snap 96, 8 MDLs", verdict: 96, mdls: 8, ..PLAIN },
    Case { name: "accepted, whole (1514)", ..PLAIN },
    Case { name: "accepted, snap 96, 2 handles", verdict: 96, handles: 2, ..PLAIN },
    Case { name: "accepted, snap 96, 4 handles", verdict: 96, handles: 4, ..PLAIN },
    Case { name: "rejected, 4 handles", verdict: 0, handles: 4, ..PLAIN },
    Case { name: "counted (statistics mode)", statistics: true, ..PLAIN },
    Case { name: "ring full", verdict: 96, ring: 4096, ..PLAIN },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["list"] => CASES.iter().for_each(|case| println!("{}", case.name)),
        ["copy", bytes] => copy(bytes.parse().unwrap()),
        [case] => run(&CASES[case.parse::<usize>().unwrap()]),
        _ => panic!("usage: driver list | driver copy BYTES | driver CASE"),
    }
}

fn copy(bytes: usize) {
    let from = vec![7_u8; bytes];
    let mut to = vec![0; bytes * BATCH];
    for _ in 0..BATCHES {
        measured_copy(&from, &mut to);
    }
    println!("{}", BATCH * BATCHES);
}

#[inline(never)]
fn measured_copy(from: &[u8], to: &mut [u8]) {
    for room in to.chunks_exact_mut(from.len()) {
        black_box(room).copy_from_slice(black_box(from));
    }
}

fn run(case: &'static Case) {
    let machine = Machine::new(Options { histories: false, ..Options::default() });
    let result = machine.run_thread("bench", || {
        load(&Image::Linked(snapgate_driver::driver_entry)).unwrap();
        let config = AdapterConfig::ethernet(1);
        let guid = config.guid.clone();
        let adapter = add_adapter(config);
        settle();
        let process = Process::new(User::Administrator);
        // ldh [12]; jeq #0x800; ldb [23]; jeq #6: what `tcp` begins with, and the verdict.
        let program = insns(&[
            (0x28, 0, 0, 12),
            (0x15, 0, 3, 0x800),
            (0x30, 0, 0, 23),
            (0x15, 0, 1, 6),
            (6, 0, 0, case.verdict),
            (6, 0, 0, 0),
        ]);
        let captures: Vec<Capture> =
            (0..case.handles).map(|_| Capture::open(&process, &guid).unwrap()).collect();
        for capture in &captures {
            capture.set_buffer(case.ring).unwrap();
            capture.set_filter(&program).unwrap();
            capture.set(&Request::SetMode(Mode { statistics: case.statistics, ..Mode::default() })).unwrap();
        }
        settle();
        let mut frame = vec![0; case.frame];
        frame[12] = 8;
        frame[23] = 6;
        let sizes = vec![case.frame.div_ceil(case.mdls); case.mdls];
        let list = PacketList::from(Packet::new(frame).mdls(sizes));
        let batch = vec![list; BATCH];
        for _ in 0..BATCHES {
            adapter.receive(&batch, ReceiveOptions { dispatch: true, ..ReceiveOptions::default() });
        }
        let statistics = captures[0].statistics();
        assert_eq!(statistics.seen, (BATCH * BATCHES) as u64);
        process.exit();
        settle();
        adapter.remove(false);
        settle();
        unload();
    });
    if let Err(violation) = result {
        panic!("{violation}");
    }
    println!("{}", BATCH * BATCHES);
}
