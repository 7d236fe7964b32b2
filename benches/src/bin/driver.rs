//! What callgrind counts for `benches/driver`: the driver looks at batches of 32 packets on the simulated machine.
//!
//! `driver list` prints the cases, each with the length of a copy and how many there are; `driver CASE` runs one and prints how
//! many packets were looked at; `driver copy BYTES` only copies as many packets of a length, `driver filter` only runs the
//! filter over them.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench ends by a panic")]

use std::hint::black_box;

use bpf_core::{Prepared, Profile, RawInsn, SlicePacket, Step, bpf_validate};
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
        ["list"] => {
            for case in &CASES {
                let copied = case.frame.min(case.verdict as usize);
                let copies = if case.statistics || case.ring < 8192 { 0 } else { case.handles };
                println!("{copied} {copies} {}", case.name);
            }
        }
        ["copy", bytes] => copy(bytes.parse().unwrap()),
        ["filter"] => filter(),
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

/// `ldh [12]; jeq #0x800; ldb [23]; jeq #6`: what `tcp` begins with, and the verdict.
fn program(verdict: u32) -> [(u16, u8, u8, u32); 6] {
    [
        (0x28, 0, 0, 12),
        (0x15, 0, 3, 0x800),
        (0x30, 0, 0, 23),
        (0x15, 0, 1, 6),
        (6, 0, 0, verdict),
        (6, 0, 0, 0),
    ]
}

/// A packet that the program looks at to its end.
fn frame(bytes: usize) -> Vec<u8> {
    let mut frame = vec![0; bytes];
    frame[12] = 8;
    frame[23] = 6;
    frame
}

fn filter() {
    let insns: Vec<RawInsn> =
        program(0).into_iter().map(|(code, jt, jf, k)| RawInsn { code, jt, jf, k }).collect();
    let program = bpf_validate(insns, Profile::STRICT).unwrap().prepare();
    let frame = frame(PLAIN.frame);
    for _ in 0..BATCH * BATCHES {
        black_box(measured_filter(black_box(&program), black_box(&frame)));
    }
    println!("{}", BATCH * BATCHES);
}

#[inline(never)]
fn measured_filter(program: &Prepared<Box<[Step]>>, frame: &[u8]) -> u32 {
    program.run(&SlicePacket::new(frame, u32::try_from(frame.len()).unwrap()))
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
        let program = insns(&program(case.verdict));
        let captures: Vec<Capture> =
            (0..case.handles).map(|_| Capture::open(&process, &guid).unwrap()).collect();
        for capture in &captures {
            capture.set_buffer(case.ring).unwrap();
            capture.set_filter(&program).unwrap();
            capture.set(&Request::SetMode(Mode { statistics: case.statistics, ..Mode::default() })).unwrap();
        }
        settle();
        let frame = frame(case.frame);
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
