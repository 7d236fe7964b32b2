//! What each instruction does, in small tables; and every row of the table at the crate's head.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

use bpf_core::{
    AluOp, Ancillary, ChainPacket, Cond, Insn, Metadata, Operand, Packet, Profile, RawInsn, Size,
    SlicePacket, State, Vlan, bpf_validate, opcode as op,
};

const WIRE: u32 = 1500;
/// What is known of the packets here, each value another one.
const KNOWN: Metadata = Metadata {
    protocol: Some(0x0800),
    pkt_type: Some(4),
    if_index: Some(0x1234_5678),
    mark: Some(0xdead_beef),
    queue: Some(0xfffe),
    ha_type: Some(772),
    rx_hash: Some(0x8000_0001),
    cpu: Some(63),
    vlan: Some(Vlan::Tagged { tci: 0xe064, tpid: 0x88a8 }),
    random: Some(0x0bad_cafe),
};

/// Runs instructions in LIBPCAP, the laxest profile; `ret a` is put behind them.
fn run(insns: &[Insn], packet: &[u8]) -> u32 {
    run_on(insns, &SlicePacket::with_metadata(packet, WIRE, KNOWN))
}

#[track_caller]
fn run_on(insns: &[Insn], packet: &impl Packet) -> u32 {
    let words: Vec<RawInsn> = insns.iter().chain(&[Insn::RetA]).map(|insn| insn.encode()).collect();
    bpf_validate(words, Profile::LIBPCAP).expect("a program").run(packet)
}

/// A = `a`, X = `x`, then `insns`.
fn with(a: u32, x: u32, insns: &[Insn]) -> Vec<Insn> {
    [&[Insn::LoadXImm(x), Insn::LoadImm(a)], insns].concat()
}

const FIVE: [u8; 5] = [0x81, 0x02, 0x03, 0xf4, 0x05];

#[test]
fn absolute_loads_are_big_endian_unsigned_and_unaligned() {
    let load = |size, offset| run(&with(77, 0, &[Insn::LoadAbs { size, offset }]), &FIVE);
    assert_eq!(load(Size::Byte, 0), 0x81);
    assert_eq!(load(Size::Byte, 4), 0x05);
    assert_eq!(load(Size::Half, 0), 0x8102);
    assert_eq!(load(Size::Half, 3), 0xf405);
    assert_eq!(load(Size::Word, 0), 0x8102_03f4);
    assert_eq!(load(Size::Word, 1), 0x0203_f405);
}

#[test]
fn a_load_past_the_captured_bytes_ends_the_program_with_zero() {
    for size in [Size::Byte, Size::Half, Size::Word] {
        let first_past = 6 - size.bytes();
        for offset in [first_past, 5, 6, 100, 0x7fff_ffff, 0x8000_0000, 0xffff_efff] {
            // The wire length is no help, and what stands behind does not run.
            assert_eq!(
                run(&[Insn::LoadAbs { size, offset }, Insn::LoadImm(9)], &FIVE),
                0,
                "{size:?} {offset}"
            );
            assert_eq!(
                run(&[Insn::LoadInd { size, offset }, Insn::LoadImm(9)], &FIVE),
                0,
                "{size:?} {offset}"
            );
        }
        assert_ne!(run(&[Insn::LoadAbs { size, offset: first_past - 1 }], &FIVE), 0);
        assert_eq!(run(&[Insn::LoadAbs { size, offset: 0 }, Insn::LoadImm(9)], &[]), 0);
    }
}

#[test]
fn indirect_loads_add_x_without_wrapping() {
    let load = |x, size, offset| run(&with(77, x, &[Insn::LoadInd { size, offset }]), &FIVE);
    assert_eq!(load(0, Size::Byte, 1), 0x02);
    assert_eq!(load(1, Size::Byte, 0), 0x02);
    assert_eq!(load(1, Size::Half, 2), 0xf405);
    assert_eq!(load(1, Size::Word, 0), 0x0203_f405);
    assert_eq!(load(2, Size::Word, 0), 0);
    // With wrapping these would be offsets 0 and 1.
    assert_eq!(load(1, Size::Byte, u32::MAX), 0);
    assert_eq!(load(u32::MAX, Size::Byte, 1), 0);
    assert_eq!(load(u32::MAX, Size::Byte, 2), 0);
    assert_eq!(load(0x8000_0000, Size::Word, 0x8000_0000), 0);
    assert_eq!(load(u32::MAX, Size::Word, u32::MAX), 0);
}

#[test]
fn an_indirect_load_never_names_an_ancillary_value() {
    for which in Ancillary::ALL {
        let load = Insn::LoadInd { size: Size::Word, offset: 0 };
        assert_eq!(run(&with(77, which.offset(), &[load]), &FIVE), 0, "{which:?}");
    }
}

#[test]
fn constants_lengths_and_moves_go_where_they_should() {
    let cases: [(&[Insn], u32); 8] = [
        (&[Insn::LoadImm(u32::MAX)], u32::MAX),
        (&[Insn::LoadLen], WIRE),
        (&[Insn::LoadXLen, Insn::Txa], WIRE),
        (&[Insn::LoadXImm(5), Insn::Txa], 5),
        (&[Insn::LoadImm(6), Insn::Tax, Insn::LoadImm(0), Insn::Txa], 6),
        (&[Insn::LoadXImm(5)], 0),
        (&[], 0),
        (&[Insn::LoadImm(1), Insn::RetK(42)], 42),
    ];
    for (insns, expected) in cases {
        assert_eq!(run(insns, &FIVE), expected, "{insns:?}");
    }
}

#[test]
fn the_packet_length_is_that_of_the_wire() {
    let packet = SlicePacket::new(&FIVE, 0);
    assert_eq!(run_on(&[Insn::LoadImm(1), Insn::LoadLen], &packet), 0);
    let chain = ChainPacket::new([FIVE.as_slice()].into_iter(), 2, 3, 9000);
    assert_eq!(run_on(&[Insn::LoadLen], &chain), 9000);
    assert_eq!(run_on(&[Insn::LoadXLen, Insn::Txa], &chain), 9000);
}

#[test]
fn the_header_length_load_is_four_times_the_low_nibble() {
    for byte in 0..=255_u8 {
        let packet = [0xff, byte];
        assert_eq!(run(&with(77, 9, &[Insn::LoadXMsh(1), Insn::Txa]), &packet), u32::from(byte & 15) * 4);
        // A stays as it was.
        assert_eq!(run(&with(77, 9, &[Insn::LoadXMsh(1)]), &packet), 77);
    }
    for offset in [5, 6, 0x7fff_ffff, 0xffff_f000, u32::MAX] {
        assert_eq!(run(&with(77, 9, &[Insn::LoadXMsh(offset)]), &FIVE), 0);
    }
}

#[test]
fn scratch_words_start_as_zero_and_keep_what_is_stored() {
    for word in 0..16 {
        assert_eq!(run(&with(7, 8, &[Insn::LoadMem(word)]), &FIVE), 0);
        assert_eq!(run(&with(7, 8, &[Insn::LoadXMem(word), Insn::Txa]), &FIVE), 0);
        let stored = with(7, 8, &[Insn::Store(word), Insn::LoadImm(1), Insn::LoadMem(word)]);
        assert_eq!(run(&stored, &FIVE), 7);
        let stored_x = with(7, 8, &[Insn::StoreX(word), Insn::LoadImm(1), Insn::LoadMem(word)]);
        assert_eq!(run(&stored_x, &FIVE), 8);
        let loaded_x = with(7, 8, &[Insn::Store(word), Insn::LoadXMem(word), Insn::Txa]);
        assert_eq!(run(&loaded_x, &FIVE), 7);
        for other in (0..16).filter(|other| *other != word) {
            assert_eq!(run(&with(7, 8, &[Insn::Store(word), Insn::LoadMem(other)]), &FIVE), 0);
        }
    }
}

/// Values at which arithmetic is wrong if it is wrong anywhere.
const EDGES: [u32; 14] =
    [0, 1, 2, 3, 7, 31, 32, 33, 0xffff, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, u32::MAX];

/// Each operation with K and with X, against 64-bit arithmetic. `None`: the program ends with 0.
#[track_caller]
fn alu(op: AluOp, exact: impl Fn(u64, u64) -> Option<u64>) {
    for a in EDGES {
        for b in EDGES {
            let expected = exact(a.into(), b.into()).map(|value| (value % (1 << 32)) as u32);
            // A sentinel behind the operation tells "ended with 0" from "the result is 0".
            let marked = |operand| with(a, b, &[Insn::Alu { op, operand }, Insn::Store(0), Insn::RetK(99)]);
            let plain = |operand| with(a, b, &[Insn::Alu { op, operand }]);
            assert_eq!(run(&plain(Operand::X), &[]), expected.unwrap_or(0), "{a:#x} {op:?} x={b:#x}");
            assert_eq!(run(&marked(Operand::X), &[]), expected.map_or(0, |_| 99), "{a:#x} {op:?} x={b:#x}");
            if b != 0 || !matches!(op, AluOp::Div | AluOp::Mod) {
                let k = Operand::K(b);
                assert_eq!(run(&plain(k), &[]), expected.expect("a value"), "{a:#x} {op:?} {b:#x}");
                assert_eq!(run(&marked(k), &[]), 99);
            }
        }
    }
}

#[test]
fn sums_differences_and_products_wrap() {
    alu(AluOp::Add, |a, b| Some(a + b));
    alu(AluOp::Sub, |a, b| Some((a + (1 << 32)) - b));
    alu(AluOp::Mul, |a, b| Some(a * b));
}

#[test]
fn quotients_and_remainders_are_unsigned_and_by_zero_end_the_program() {
    alu(AluOp::Div, u64::checked_div);
    alu(AluOp::Mod, u64::checked_rem);
}

#[test]
fn bits_are_combined_bit_by_bit() {
    alu(AluOp::Or, |a, b| Some(a | b));
    alu(AluOp::And, |a, b| Some(a & b));
    alu(AluOp::Xor, |a, b| Some(a ^ b));
}

#[test]
fn shifts_by_32_and_more_give_zero() {
    alu(AluOp::Lsh, |a, b| Some(if b > 31 { 0 } else { a << b }));
    alu(AluOp::Rsh, |a, b| Some(if b > 31 { 0 } else { a >> b }));
}

#[test]
fn negation_wraps() {
    for a in EDGES {
        assert_eq!(run(&with(a, 3, &[Insn::Neg]), &[]), 0_u32.wrapping_sub(a));
    }
}

#[test]
fn conditions_compare_unsigned_and_take_the_right_branch() {
    type Holds = fn(u32, u32) -> bool;
    let conditions: [(Cond, Holds); 4] = [
        (Cond::Eq, |a, b| a == b),
        (Cond::Gt, |a, b| a > b),
        (Cond::Ge, |a, b| a >= b),
        (Cond::Set, |a, b| a & b != 0),
    ];
    for (cond, holds) in conditions {
        for a in EDGES {
            for b in EDGES {
                for operand in [Operand::K(b), Operand::X] {
                    // Taken: 3 to the front; not taken: 1.
                    let branch = Insn::Branch { cond, operand, jt: 3, jf: 1 };
                    let returns = [100, 101, 102, 103].map(Insn::RetK);
                    let expected = if holds(a, b) { 103 } else { 101 };
                    let program = with(a, b, &[&[branch][..], &returns].concat());
                    assert_eq!(run(&program, &[]), expected, "{a:#x} {cond:?} {b:#x}");
                }
            }
        }
    }
}

#[test]
fn jumps_skip_exactly_as_many_instructions_as_they_say() {
    for skip in 0..5_u8 {
        let returns = [100, 101, 102, 103, 104].map(Insn::RetK);
        let program = |jump| [&[jump][..], &returns].concat();
        assert_eq!(run(&program(Insn::Jump(skip.into())), &[]), 100 + u32::from(skip));
        let eq = Insn::Branch { cond: Cond::Eq, operand: Operand::K(0), jt: skip, jf: 0 };
        assert_eq!(run(&program(eq), &[]), 100 + u32::from(skip));
        let gt = Insn::Branch { cond: Cond::Gt, operand: Operand::K(0), jt: 0, jf: skip };
        assert_eq!(run(&program(gt), &[]), 100 + u32::from(skip));
    }
}

#[test]
fn long_jumps_land_where_they_should() {
    let mut words = vec![Insn::RetK(7).encode(); 70_000];
    words[0] = Insn::Jump(69_998).encode();
    words[69_999] = Insn::RetK(8).encode();
    let program = bpf_validate(words, Profile::LIBPCAP).expect("a program");
    assert_eq!(program.run(&SlicePacket::new(&[], 0)), 8);
}

const VALUES: [(Ancillary, u32); 12] = [
    (Ancillary::Protocol, 0x0800),
    (Ancillary::PktType, 4),
    (Ancillary::IfIndex, 0x1234_5678),
    (Ancillary::Mark, 0xdead_beef),
    (Ancillary::Queue, 0xfffe),
    (Ancillary::HaType, 772),
    (Ancillary::RxHash, 0x8000_0001),
    (Ancillary::Cpu, 63),
    (Ancillary::VlanTag, 0xe064),
    (Ancillary::VlanTagPresent, 1),
    (Ancillary::Random, 0x0bad_cafe),
    (Ancillary::VlanTpid, 0x88a8),
];

#[test]
fn ancillary_loads_read_the_whole_value_in_every_size() {
    for (which, expected) in VALUES {
        for size in [Size::Byte, Size::Half, Size::Word] {
            let load = Insn::LoadAncillary { size, which };
            assert_eq!(run(&with(77, 5, &[load]), &FIVE), expected, "{which:?}");
            let chain = ChainPacket::with_metadata([FIVE.as_slice()].into_iter(), 0, 5, WIRE, &KNOWN);
            assert_eq!(run_on(&with(77, 5, &[load]), &chain), expected, "{which:?}");
        }
    }
}

#[test]
fn an_ancillary_value_that_is_not_known_ends_the_program_with_zero() {
    for (which, _) in VALUES {
        let program = [Insn::LoadAncillary { size: Size::Word, which }, Insn::LoadImm(9)];
        assert_eq!(run_on(&program, &SlicePacket::new(&FIVE, WIRE)), 0, "{which:?}");
        let nothing = SlicePacket::with_metadata(&FIVE, WIRE, Metadata::default());
        assert_eq!(run_on(&program, &nothing), 0, "{which:?}");
    }
}

#[test]
fn a_packet_without_a_tag_says_so() {
    let untagged = Metadata { vlan: Some(Vlan::Untagged), ..Metadata::default() };
    let packet = SlicePacket::with_metadata(&FIVE, WIRE, untagged);
    for which in [Ancillary::VlanTag, Ancillary::VlanTagPresent, Ancillary::VlanTpid] {
        let load = Insn::LoadAncillary { size: Size::Half, which };
        // It is a value, not a missing one: the program goes on.
        assert_eq!(
            run_on(&[Insn::LoadImm(5), load, Insn::Alu { op: AluOp::Add, operand: Operand::K(1) }], &packet),
            1
        );
    }
}

#[test]
fn the_xor_operation_needs_no_metadata() {
    for size in [Size::Byte, Size::Half, Size::Word] {
        let xor = Insn::LoadAncillary { size, which: Ancillary::AluXorX };
        let packet = SlicePacket::new(&[], 0);
        assert_eq!(run_on(&with(0xff00_ff00, 0x0ff0_0ff0, &[xor]), &packet), 0xf0f0_f0f0);
        assert_eq!(run_on(&with(0xff00_ff00, 0x0ff0_0ff0, &[xor, Insn::Txa]), &packet), 0x0ff0_0ff0);
    }
}

#[test]
fn an_ancillary_number_without_a_name_ends_the_program_with_zero() {
    for k in [0xffff_f00c, 0xffff_f010, 0xffff_f034, 0xffff_f001, 0xffff_f0ff, u32::MAX] {
        let program = [RawInsn::stmt(op::LD | op::B | op::ABS, k), Insn::RetK(9).encode()];
        let program = bpf_validate(program, Profile::LIBPCAP).expect("a program");
        assert_eq!(program.run(&SlicePacket::with_metadata(&FIVE, WIRE, KNOWN)), 0, "{k:#x}");
    }
}

#[test]
fn the_empty_program_of_freebsd_keeps_everything() {
    let program = bpf_validate(Vec::new(), Profile::FREEBSD).expect("accepted there");
    assert_eq!(program.run(&SlicePacket::new(&[], 0)), u32::MAX);
    assert_eq!(program.run(&SlicePacket::new(&FIVE, 5)), u32::MAX);
    let mut steps = 0;
    let mut count = |_: u32, _: RawInsn, _: &State| steps += 1;
    assert_eq!(program.run_observed(&SlicePacket::new(&[], 0), &mut count), u32::MAX);
    assert_eq!(steps, 0);
}

#[test]
fn fields_that_an_instruction_does_not_use_change_nothing() {
    let noise = |code| RawInsn { code, jt: 3, jf: 200, k: 0x8000_0001 };
    let program = [
        Insn::LoadImm(21).encode(),
        noise(op::MISC | op::TAX),
        noise(op::ALU | op::ADD | op::X),
        noise(op::RET | op::A),
    ];
    let program = bpf_validate(program, Profile::STRICT).expect("a program");
    assert_eq!(program.run(&SlicePacket::new(&[], 0)), 42);
}

#[test]
fn an_observer_sees_each_step_in_the_state_before_it() {
    let insns = [
        Insn::LoadImm(3),
        Insn::Tax,
        Insn::Alu { op: AluOp::Mul, operand: Operand::X },
        Insn::Store(2),
        Insn::Branch { cond: Cond::Gt, operand: Operand::K(8), jt: 1, jf: 0 },
        Insn::RetK(0),
        Insn::StoreX(15),
        Insn::Txa,
        Insn::RetA,
    ];
    let program = bpf_validate(insns.map(Insn::encode), Profile::STRICT).expect("a program");
    let mut seen = Vec::new();
    let mut observer = |pc: u32, insn: RawInsn, state: &State| seen.push((pc, insn, *state));
    assert_eq!(program.run_observed(&SlicePacket::new(&[], 0), &mut observer), 3);

    let state = |a, x, m2, m15| {
        let mut scratch = [0; 16];
        (scratch[2], scratch[15]) = (m2, m15);
        State { a, x, scratch }
    };
    let expected = [
        (0, state(0, 0, 0, 0)),
        (1, state(3, 0, 0, 0)),
        (2, state(3, 3, 0, 0)),
        (3, state(9, 3, 0, 0)),
        (4, state(9, 3, 9, 0)),
        (6, state(9, 3, 9, 0)),
        (7, state(9, 3, 9, 3)),
        (8, state(3, 3, 9, 3)),
    ];
    let expected: Vec<_> = expected.map(|(pc, state)| (pc, insns[pc as usize].encode(), state)).into();
    assert_eq!(seen, expected);
}

#[test]
fn an_observer_sees_the_step_that_ends_the_program_early() {
    let insns = [Insn::LoadImm(1), Insn::LoadAbs { size: Size::Word, offset: 2 }, Insn::RetK(5)];
    let program = bpf_validate(insns.map(Insn::encode), Profile::STRICT).expect("a program");
    let mut pcs = Vec::new();
    let mut observer = |pc: u32, _: RawInsn, _: &State| pcs.push(pc);
    assert_eq!(program.run_observed(&SlicePacket::new(&FIVE, 5), &mut observer), 0);
    assert_eq!(pcs, [0, 1]);
}
