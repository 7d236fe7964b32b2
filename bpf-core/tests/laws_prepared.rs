//! The prepared form of a program decides as the plain one does: on programs made like filters, at all places where steps are
//! put together, on every length of packet and every cut.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod plain;

use bpf_core::{
    ChainPacket, Prepared, Profile, RawInsn, RoomTooSmall, SlicePacket, Step, bpf_validate, opcode as op,
};
use plain::Plain;

/// What operators have to be tried with.
const BOUNDARIES: [u32; 12] =
    [0, 1, 2, 0x7f, 0xff, 0xffff, 0x1_0000, 31, 32, 1 << 31, u32::MAX - 1, u32::MAX];
const SIZES: [u16; 3] = [op::B, op::H, op::W];
const CONDITIONS: [u16; 4] = [op::JEQ, op::JGT, op::JGE, op::JSET];

/// A generator of numbers, the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 16) % u64::from(bound)).unwrap()
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(u32::try_from(choices.len()).unwrap()) as usize]
    }
}

fn stmt(code: u16, k: u32) -> RawInsn {
    RawInsn::stmt(code, k)
}

/// Both forms on a packet in one piece and, cut at every border, in two and in three.
fn check(insns: &[RawInsn], packets: &[&[u8]]) {
    let program = bpf_validate(insns, Profile::LIBPCAP).unwrap();
    let prepared = program.prepare();
    for bytes in packets {
        let len = u32::try_from(bytes.len()).unwrap();
        let packet = SlicePacket::new(bytes, len + 4);
        assert_eq!(prepared.run(&packet), program.run(&packet), "{insns:?} in one piece: {bytes:?}");
        let headless = Plain(packet);
        assert_eq!(prepared.run(&headless), program.run(&headless), "{insns:?} by loads: {bytes:?}");
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            // Bytes before the packet and behind it are in the segments too, and are not seen.
            let (around, behind) = ([&[0xee; 3], head].concat(), [tail, &[0xee; 9]].concat());
            let hidden = ChainPacket::new([&around[..], &behind].into_iter(), 3, len, len + 4);
            assert_eq!(prepared.run(&hidden), program.run(&packet), "{insns:?} hidden at {cut}: {bytes:?}");
            let (middle, end) = tail.split_at(tail.len().min(1));
            let segments = [head, &[][..], middle, end];
            let chain = ChainPacket::new(segments.iter().copied(), 0, len, len + 4);
            assert_eq!(prepared.run(&chain), program.run(&chain), "{insns:?} cut at {cut}: {bytes:?}");
        }
    }
}

/// The first bytes of one packet, of every length up to its own.
fn prefixes(packet: &[u8]) -> Vec<&[u8]> {
    (0..=packet.len()).map(|len| &packet[..len]).collect()
}

/// Pieces of filters, with jumps to anywhere behind them, into the middle of other pieces too.
fn filter_shaped(dice: &mut Dice) -> Vec<RawInsn> {
    let mut insns = Vec::new();
    let values = [0_u32, 1, 2, 3, 4, 8, 0xff, 0x0102, 0x0203, 0x0102_0304];
    for _ in 0..1 + dice.below(8) {
        let size = dice.pick(&SIZES);
        let mut field = vec![match dice.below(8) {
            0..=4 => stmt(op::LD | op::ABS | size, dice.below(20)),
            5 | 6 => stmt(op::LD | op::IND | size, dice.below(14)),
            _ => stmt(op::LD | op::LEN, 0),
        }];
        if dice.below(4) == 0 {
            field.insert(0, stmt(op::LDX | op::MSH | op::B, dice.below(6)));
        }
        if dice.below(3) == 0 {
            field.push(stmt(
                op::ALU | op::AND | op::K,
                dice.pick(&[0, 3, 0xf0, 0xff, 0xfff, 0xff00, u32::MAX]),
            ));
        }
        match dice.below(10) {
            0 => field.push(stmt(op::ALU | op::RSH | op::K, dice.below(32))),
            1 => field.push(stmt(op::ALU | op::LSH | op::K, dice.below(32))),
            2 => field.push(stmt(op::MISC | op::TAX, 0)),
            3 => field.push(stmt(op::ST, dice.below(3))),
            4 => field.push(stmt(op::LD | op::MEM, dice.below(3))),
            5 => field.push(stmt(op::LDX | op::IMM, dice.below(10))),
            _ => {}
        }
        insns.extend(field);
        for _ in 0..dice.below(4) {
            let source = if dice.below(8) == 0 { op::X } else { op::K };
            insns.push(RawInsn::jump(op::JMP | dice.pick(&CONDITIONS) | source, dice.pick(&values), 0, 0));
        }
        if dice.below(6) == 0 {
            insns.push(stmt(op::JMP | op::JA, 0));
        }
        if dice.below(6) == 0 {
            insns.push(if dice.below(2) == 0 {
                stmt(op::RET | op::A, 0)
            } else {
                stmt(op::RET | op::K, dice.below(3))
            });
        }
    }
    insns.extend([stmt(op::RET | op::K, 77), stmt(op::RET | op::K, 0), stmt(op::RET | op::A, 0)]);
    let len = insns.len();
    for (pc, insn) in insns.iter_mut().enumerate() {
        let room = u32::try_from(len - pc - 1).unwrap();
        let skip = |dice: &mut Dice| match dice.below(3) {
            0 => 0,
            1 => dice.below(room.clamp(1, 4)),
            _ => dice.below(room.max(1)),
        };
        if insn.code == op::JMP | op::JA {
            insn.k = skip(dice);
        } else if insn.code & op::CLASS_MASK == op::JMP {
            (insn.jt, insn.jf) = (u8::try_from(skip(dice)).unwrap(), u8::try_from(skip(dice)).unwrap());
        }
    }
    insns
}

#[test]
fn programs_made_like_filters_decide_alike_on_every_cut() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let mut verdicts = std::collections::BTreeMap::new();
    for _ in 0..6000 {
        let insns = filter_shaped(&mut dice);
        let packets: Vec<Vec<u8>> = (0..4)
            .map(|_| {
                (0..dice.below(28))
                    .map(|_| u8::try_from(dice.pick(&[0_u32, 1, 2, 3, 4, 255])).unwrap())
                    .collect()
            })
            .collect();
        check(&insns, &packets.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let program = bpf_validate(insns, Profile::LIBPCAP).unwrap();
        for packet in &packets {
            *verdicts.entry(program.run(&SlicePacket::new(packet, 9))).or_insert(0) += 1;
        }
    }
    assert!(verdicts[&0] > 1000 && verdicts[&77] > 1000 && verdicts.len() > 50, "{verdicts:?}");
}

#[test]
fn every_comparison_of_every_field_with_boundary_constants_decides_alike() {
    let packets: [[u8; 16]; 3] = [[0; 16], [0xff; 16], core::array::from_fn(|i| [0, 1, 0x80, 0x7f][i % 4])];
    for size in SIZES {
        for condition in CONDITIONS {
            for k in BOUNDARIES {
                for mask in [None, Some(0), Some(0x7f), Some(0x8000), Some(u32::MAX)] {
                    for at in [0, 1, 5, 8, 14] {
                        for indexed in [None, Some(0), Some(2)] {
                            let mode = if indexed.is_some() { op::IND } else { op::ABS };
                            let mut insns = vec![
                                stmt(op::LDX | op::IMM, indexed.unwrap_or(7)),
                                stmt(op::LD | mode | size, at),
                            ];
                            insns.extend(mask.map(|mask| stmt(op::ALU | op::AND | op::K, mask)));
                            insns.push(RawInsn::jump(op::JMP | condition | op::K, k, 0, 1));
                            insns.extend([stmt(op::RET | op::K, 1), stmt(op::RET | op::K, 2)]);
                            let packets: Vec<&[u8]> = packets
                                .iter()
                                .flat_map(|packet| [packet.as_slice(), &packet[..at as usize + 1]])
                                .collect();
                            check(&insns, &packets);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_operation_with_boundary_constants_decides_alike() {
    let operations =
        [op::ADD, op::SUB, op::MUL, op::DIV, op::MOD, op::OR, op::AND, op::XOR, op::LSH, op::RSH];
    for operation in operations {
        for a in BOUNDARIES {
            for k in BOUNDARIES {
                let x = [
                    stmt(op::LDX | op::IMM, k),
                    stmt(op::LD | op::IMM, a),
                    stmt(op::ALU | operation | op::X, 0),
                    stmt(op::RET | op::A, 0),
                ];
                check(&x, &[&[]]);
                // The same, and nobody needs what comes out.
                check(&[x[0], x[1], x[2], stmt(op::RET | op::K, 5)], &[&[]]);
                if k == 0 && (operation == op::DIV || operation == op::MOD) {
                    continue;
                }
                let k = stmt(op::ALU | operation | op::K, k);
                check(&[stmt(op::LD | op::IMM, a), k, stmt(op::RET | op::A, 0)], &[&[]]);
                // After a load, which takes masks and shifts with it.
                let load = stmt(op::LD | op::ABS | op::W, 0);
                check(&[load, k, stmt(op::RET | op::A, 0)], &[&a.to_be_bytes(), &[1, 2, 3]]);
                check(&[load, k, k, stmt(op::RET | op::A, 0)], &[&a.to_be_bytes()]);
            }
        }
    }
}

#[test]
fn every_place_of_a_field_at_every_length_decides_alike() {
    let packet: Vec<u8> = (1..=24).collect();
    for size in SIZES {
        for at in (0..20).chain([0x7ff, 0x1004, 0x1_0005, 0x7fff_ffff, 0xffff_effc, 0xffff_efff, u32::MAX]) {
            for x in [0, 1, 4, 0xffff_eff0, 0xffff_f000, u32::MAX - 2, u32::MAX] {
                for mode in [op::ABS, op::IND] {
                    let load = stmt(op::LD | mode | size, at);
                    let set = stmt(op::LDX | op::IMM, x);
                    // Tested, kept, thrown away, and tested twice.
                    let jump = |k| RawInsn::jump(op::JMP | op::JGT | op::K, k, 0, 1);
                    let [one, two] = [stmt(op::RET | op::K, 1), stmt(op::RET | op::K, 2)];
                    check(&[set, load, jump(9), one, two], &prefixes(&packet[..20]));
                    check(&[set, load, stmt(op::RET | op::A, 0)], &prefixes(&packet[..20]));
                    check(&[set, load, load, one], &prefixes(&packet[..20]));
                    check(&[set, load, jump(9), jump(11), one, two, one], &prefixes(&packet[..20]));
                }
            }
        }
    }
}

#[test]
fn two_fields_that_fit_one_window_decide_alike_at_every_length() {
    for (first, second) in [(op::B, op::H), (op::H, op::B), (op::W, op::W), (op::B, op::W), (op::H, op::H)] {
        for one in 0..12 {
            for other in 0..12 {
                for mode in [op::ABS, op::IND] {
                    let insns = [
                        stmt(op::LDX | op::IMM, 1),
                        stmt(op::LD | mode | first, one),
                        RawInsn::jump(op::JMP | op::JSET | op::K, 0x80, 3, 0),
                        stmt(op::LD | mode | second, other),
                        RawInsn::jump(op::JMP | op::JEQ | op::K, 0, 0, 1),
                        stmt(op::RET | op::K, 1),
                        stmt(op::RET | op::K, 0),
                    ];
                    let bits: [u8; 16] = core::array::from_fn(|i| u8::from(i == 5));
                    check(&insns, &prefixes(&[0; 16]));
                    check(&insns, &prefixes(&bits));
                    check(&insns, &[&[0x80; 16]]);
                }
            }
        }
    }
}

/// A program of the kernel's greatest length, whose end is a return of 1 and one of 0.
fn long(body: impl Fn(u32) -> Vec<RawInsn>) -> Vec<RawInsn> {
    let mut insns: Vec<RawInsn> = (0..).flat_map(body).take(4094).collect();
    insns.extend([stmt(op::RET | op::K, 1), stmt(op::RET | op::K, 0)]);
    let len = insns.len();
    for (pc, insn) in insns.iter_mut().enumerate() {
        let room = u8::try_from((len - pc - 1).min(256).saturating_sub(1)).unwrap();
        (insn.jt, insn.jf) = (insn.jt.min(room), insn.jf.min(room));
    }
    insns
}

#[test]
fn programs_of_4096_instructions_of_every_shape_decide_alike() {
    let jump = |condition: u16, k, jt, jf| RawInsn::jump(op::JMP | condition | op::K, k, jt, jf);
    let load = |at| stmt(op::LD | op::ABS | op::W, at);
    let shapes: [Vec<RawInsn>; 12] = [
        long(|_| vec![load(8)]),
        long(|n| vec![jump(op::JEQ, n, 255, 0)]),
        long(|n| vec![load(8), jump(op::JEQ, n, 254, 0)]),
        long(|n| vec![load(n % 9), jump(op::JEQ, n, 254, 0)]),
        long(|n| vec![jump(op::JGT, n, 0, 200), jump(op::JSET, n, 100, 0)]),
        long(|n| {
            vec![
                stmt(op::LDX | op::MSH | op::B, n % 4),
                stmt(op::LD | op::IND | op::H, n % 3),
                jump(op::JEQ, n, 9, 0),
            ]
        }),
        long(|_| vec![stmt(op::JMP | op::JA, 0)]),
        long(|n| {
            vec![
                stmt(op::ST, n % 16),
                stmt(op::LD | op::MEM, (n + 1) % 16),
                stmt(op::ALU | op::ADD | op::K, n),
            ]
        }),
        long(|n| {
            vec![
                stmt(op::ALU | op::MUL | op::K, n),
                stmt(op::MISC | op::TAX, 0),
                stmt(op::ALU | op::XOR | op::X, 0),
            ]
        }),
        long(|n| vec![stmt(op::LD | op::LEN, 0), jump(op::JGE, n, 7, 0)]),
        long(|n| vec![load(4), stmt(op::ALU | op::AND | op::K, n), jump(op::JEQ, n, 3, 0)]),
        long(|n| vec![jump(op::JEQ, n, 1, 0), stmt(op::RET | op::A, 0)]),
    ];
    let packet: Vec<u8> = (0..16).map(|i| [0, 0, 7, 1][i % 4]).collect();
    for insns in shapes {
        assert_eq!(insns.len(), 4096);
        check(&insns, &[&packet, &packet[..7], &[]]);
    }
}

#[test]
fn programs_that_no_kernel_takes_decide_alike_however_long_they_are() {
    let end = |k| stmt(op::RET | op::K, k);
    for len in [65_533, 65_534, 65_535, 65_536, 65_537, 131_072, 1_048_574] {
        let count = len as usize;
        // All steps are of use; all jumped over; a load and its tests at the end of what is jumped over, in the midst of steps.
        let mut stores = vec![stmt(op::ST, 0); count];
        stores.push(end(1));
        let mut jumped = vec![end(1); count];
        jumped[0] = stmt(op::JMP | op::JA, len - 1);
        jumped.push(end(2));
        let mut mixed = vec![stmt(op::ST, 0); count];
        mixed[1] = stmt(op::JMP | op::JA, len - 10);
        mixed[count - 8] = stmt(op::LD | op::ABS | op::H, 12);
        mixed[count - 7] = RawInsn::jump(op::JMP | op::JEQ | op::K, 0x0800, 0, 6);
        mixed.extend([end(3), end(4)]);
        let mut frame = [0; 60];
        frame[12] = 8;
        for insns in [stores, jumped, mixed] {
            let program = bpf_validate(insns, Profile::LIBPCAP).unwrap();
            let prepared = program.prepare();
            for bytes in [&frame[..], &[0; 60], &[]] {
                let packet = SlicePacket::new(bytes, 60);
                assert_eq!(prepared.run(&packet), program.run(&packet), "{count} instructions");
            }
        }
    }
}

#[test]
fn many_tests_of_one_load_decide_alike_wherever_they_begin() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    for _ in 0..6_000 {
        let mode = dice.pick(&[op::ABS, op::IND]);
        let load = |dice: &mut Dice| stmt(op::LD | mode | dice.pick(&SIZES), dice.below(6));
        let mut insns = vec![stmt(op::LDX | op::IMM, dice.below(3)), load(&mut dice)];
        for _ in 0..2 + dice.below(20) {
            match dice.below(14) {
                0 => insns.push(stmt(op::ALU | op::AND | op::K, dice.pick(&[0xff, 0x0f0f, 0x8001]))),
                1 => insns.push(stmt(op::LDX | op::IMM, dice.below(3))),
                2 => insns.push(load(&mut dice)),
                3 => insns.push(stmt(op::RET | op::A, 0)),
                _ => {}
            }
            let value = dice.pick(&[0, 1, 2, 0x0102, 0xff, 0x0102_0304]);
            insns.push(RawInsn::jump(op::JMP | dice.pick(&CONDITIONS) | op::K, value, 0, 0));
        }
        insns.extend([stmt(op::RET | op::K, 1), stmt(op::RET | op::K, 2), stmt(op::RET | op::A, 0)]);
        let len = insns.len();
        for (pc, insn) in insns.iter_mut().enumerate() {
            let room = u32::try_from(len - pc - 1).unwrap();
            let mut skip = || if dice.below(2) == 0 { 0 } else { dice.below(room.clamp(1, 9)) };
            if insn.code & 7 == op::JMP {
                (insn.jt, insn.jf) = (u8::try_from(skip()).unwrap(), u8::try_from(skip()).unwrap());
            }
        }
        let packets: [[u8; 10]; 3] = [[0; 10], core::array::from_fn(|i| i as u8 % 5), [0xff; 10]];
        for packet in &packets {
            check(&insns, &prefixes(packet));
        }
    }
}

#[test]
fn a_program_of_one_test_decides_alike_at_every_length() {
    let packet: [u8; 20] = core::array::from_fn(|i| i as u8);
    for (size, at) in SIZES.into_iter().flat_map(|size| (0..18).map(move |at| (size, at))) {
        for value in [0, at, at << 8 | (at + 1), (at << 24) + 0x0001_0203 + at * 0x0001_0101] {
            for (jt, jf) in [(0, 1), (1, 0), (0, 0)] {
                let test = RawInsn::jump(op::JMP | op::JEQ | op::K, value, jt, jf);
                let ends = [stmt(op::RET | op::K, 7), stmt(op::RET | op::K, 8)];
                check(&[stmt(op::LD | op::ABS | size, at), test, ends[0], ends[1]], &prefixes(&packet));
            }
        }
    }
}

#[test]
fn the_empty_program_of_freebsd_keeps_everything() {
    let program = bpf_validate([], Profile::FREEBSD).unwrap();
    let packet = SlicePacket::new(&[], 0);
    assert_eq!(program.prepare().run(&packet), u32::MAX);
}

#[test]
fn memory_for_fewer_steps_is_refused_and_used_memory_is_not() {
    let program =
        bpf_validate([stmt(op::LD | op::LEN, 0), stmt(op::RET | op::A, 0)], Profile::STRICT).unwrap();
    let mut room = [Step::EMPTY; 3];
    assert_eq!(program.steps_needed(), 2);
    assert_eq!(Prepared::new(&program, &mut room[..1]).err(), Some(RoomTooSmall));
    for wire_len in [3, 4] {
        let prepared = Prepared::new(&program, &mut room[..]).unwrap();
        assert_eq!(prepared.run(&SlicePacket::new(&[], wire_len)), wire_len);
    }
}

/// Shows the verifier a harmless program, and everybody after it another.
struct Turncoat {
    insns: Vec<RawInsn>,
    asked: std::cell::Cell<bool>,
}

impl bpf_core::Storage for Turncoat {
    fn insns(&self) -> &[RawInsn] {
        const HARMLESS: &[RawInsn] = &[RawInsn::stmt(op::RET | op::K, 0)];
        if self.asked.replace(true) { &self.insns } else { HARMLESS }
    }
}

#[test]
fn words_that_nobody_verified_end_as_in_the_plain_form() {
    let mut dice = Dice(0xfeed_beef_1234_5677);
    let far =
        [0x7fff_ffff, 0x8000_0000, 0x87ff_fff0, 0x87ff_ffff, 0x07ff_ffff, 0x0800_0000, 0xf7ff_ffff, u32::MAX];
    for _ in 0..20_000 {
        let mut insns = filter_shaped(&mut dice);
        for _ in 0..3 {
            let at = dice.below(u32::try_from(insns.len()).unwrap()) as usize;
            insns[at] = match dice.below(4) {
                0 => stmt(op::JMP | op::JA, dice.pick(&far)),
                1 => stmt(
                    op::ALU | dice.pick(&[op::DIV, op::MOD, op::LSH, op::RSH]) | op::K,
                    dice.pick(&[0, 32, 77]),
                ),
                2 => stmt(u16::try_from(dice.below(0x200)).unwrap(), dice.pick(&far)),
                _ => RawInsn { jt: 255, jf: 255, ..insns[at] },
            };
        }
        let program = bpf_validate(Turncoat { insns, asked: false.into() }, Profile::STRICT).unwrap();
        let packet = SlicePacket::new(&[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 255, 0, 8], 20);
        let insns = program.insns();
        assert_eq!(program.prepare().run(&packet), program.run(&packet), "{insns:?}");
    }
}
