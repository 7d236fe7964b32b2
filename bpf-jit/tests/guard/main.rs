//! Code reads no byte beyond a packet: packets end where a page ends that cannot be read, and begin where one does.
//!
//! A read outside of the packet ends the process.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod fence;

use bpf_core::{Metadata, Profile, RawInsn, SlicePacket, bpf_validate, opcode as op};
use bpf_jit::{BatchPacket, CompiledFilter};
use fence::Fenced;

/// Runs a program on every packet of up to `most` bytes, at both fences.
fn check(fenced: &Fenced, program: &[RawInsn], most: usize) {
    let program = bpf_validate(program, Profile::LIBPCAP).unwrap();
    let filter = CompiledFilter::new(&program).unwrap();
    for len in 0..=most {
        for packet in [fenced.last(len), fenced.first(len)] {
            let expected = program.run(&SlicePacket::new(packet, 1500));
            assert_eq!(filter.run(packet, 1500, &Metadata::default()), expected, "length {len}");
            let batch = [BatchPacket { bytes: packet, wire_len: 1500, metadata: None }; 20];
            let mut verdicts = [0; 20];
            filter.run_batch(&batch, &mut verdicts);
            assert_eq!(verdicts, [expected; 20]);
        }
    }
}

const RETURN_A: RawInsn = RawInsn::stmt(op::RET | op::A, 0);

#[test]
fn absolute_loads_of_all_sizes_at_all_offsets() {
    let fenced = Fenced::new();
    for size in [op::B, op::H, op::W] {
        for offset in 0..12 {
            let load = RawInsn::stmt(op::LD | op::ABS | size, offset);
            check(&fenced, &[load, RETURN_A], 20);
            // A compare may be made of the load itself.
            let test = RawInsn::jump(op::JMP | op::JEQ | op::K, 7, 0, 1);
            check(&fenced, &[load, test, RETURN_A, RawInsn::stmt(op::RET | op::K, 5)], 20);
        }
    }
}

#[test]
fn loads_behind_x_and_chains_of_loads() {
    let fenced = Fenced::new();
    for size in [op::B, op::H, op::W] {
        for k in (0..8).chain([4_000, 0x7fff_ffff, 0x8000_0000, 0xffff_effe, 0xffff_ffff]) {
            let msh = RawInsn::stmt(op::LDX | op::MSH | op::B, 1);
            let word = RawInsn::stmt(op::LD | op::ABS | op::W, 0);
            let tax = RawInsn::stmt(op::MISC | op::TAX, 0);
            let load = RawInsn::stmt(op::LD | op::IND | size, k);
            check(&fenced, &[msh, load, RETURN_A], 80);
            check(&fenced, &[word, tax, load, RETURN_A], 80);
            check(&fenced, &[msh, load, tax, load, tax, load, RETURN_A], 80);
        }
    }
}

#[test]
fn one_check_for_several_loads() {
    let fenced = Fenced::new();
    // Each way needs another length; the loads of both are put under one check where they can be.
    let program = [
        RawInsn::stmt(op::LD | op::ABS | op::H, 2),
        RawInsn::jump(op::JMP | op::JSET | op::K, 1, 0, 3),
        RawInsn::stmt(op::LD | op::ABS | op::W, 17),
        RawInsn::stmt(op::LD | op::ABS | op::B, 9),
        RawInsn::stmt(op::RET | op::K, 1),
        RawInsn::stmt(op::LDX | op::MSH | op::B, 4),
        RawInsn::stmt(op::LD | op::IND | op::B, 3),
        RawInsn::jump(op::JMP | op::JGT | op::K, 100, 0, 1),
        RawInsn::stmt(op::LD | op::IND | op::W, 9),
        RETURN_A,
    ];
    check(&fenced, &program, 100);
}
