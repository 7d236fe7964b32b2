//! A test of a field decides alike in both forms of a program, whichever of its ways is the next instruction, whatever its constant, and
//! wherever the packet ends.
//!
//! ```text
//!   yes next    test ─▶ Y, N, other      what comes behind is no end and loads nothing: so the way that a test took shows in the
//!   no next     test ─▶ N, Y, other      verdict, and differs from a load that failed
//!   both far    test ─▶ other, Y, N
//! ```

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use bpf_core::{ChainPacket, Profile, RawInsn, SlicePacket, bpf_validate, opcode as op};

const SIZES: [(u16, usize); 3] = [(op::B, 1), (op::H, 2), (op::W, 4)];
const MODES: [u16; 2] = [op::ABS, op::IND];
/// Where fields at X begin to count.
const X: usize = 1;

/// Which block follows the test.
#[derive(Clone, Copy, Debug)]
enum Next {
    Yes,
    No,
    Neither,
}

const NEXT: [Next; 3] = [Next::Yes, Next::No, Next::Neither];

fn stmt(code: u16, k: u32) -> RawInsn {
    RawInsn::stmt(code, k)
}

fn jump(cond: u16, k: u32, jt: u8, jf: u8) -> RawInsn {
    RawInsn::jump(op::JMP | cond | op::K, k, jt, jf)
}

/// A block that returns one number or another, by the wire length.
fn block(number: u32) -> [RawInsn; 4] {
    let end = |k| stmt(op::RET | op::K, k);
    [stmt(op::LD | op::LEN, 0), jump(op::JSET, 1, 0, 1), end(number), end(number + 1)]
}

/// The program of tests that all have to hold: each of them jumps on behind the last if it does not. `holds` says of each jump
/// whether it holds by its first way.
fn program(tests: &[(Vec<RawInsn>, bool)], next: Next) -> Vec<RawInsn> {
    let size: usize = tests.iter().map(|(insns, _)| insns.len()).sum();
    let order = match next {
        Next::Yes => [10, 20, 30],
        Next::No => [20, 10, 30],
        Next::Neither => [30, 10, 20],
    };
    let place = |number: u32| 4 * order.iter().position(|found| *found == number).unwrap();
    let mut insns = vec![stmt(op::LDX | op::IMM, u32::try_from(X).unwrap()), stmt(op::LD | op::LEN, 0)];
    // The third block is reached past the tests.
    insns.push(jump(op::JEQ, 99, u8::try_from(size + place(30)).unwrap(), 0));
    let mut left = size;
    for (number, (test, first_way)) in tests.iter().enumerate() {
        left -= test.len();
        insns.extend(test);
        let is_last = number + 1 == tests.len();
        let (yes, no) = (if is_last { place(10) } else { 0 }, left + place(20));
        let last = insns.last_mut().unwrap();
        let [yes, no] = [yes, no].map(|skip| u8::try_from(skip).unwrap());
        (last.jt, last.jf) = if *first_way { (yes, no) } else { (no, yes) };
    }
    insns.extend(order.map(block).concat());
    insns
}

fn check(insns: &[RawInsn], packets: impl IntoIterator<Item = Vec<u8>>) {
    let program = bpf_validate(insns, Profile::LIBPCAP).unwrap();
    let prepared = program.prepare();
    for bytes in packets {
        let len = u32::try_from(bytes.len()).unwrap();
        for wire_len in [98, 99] {
            let packet = SlicePacket::new(&bytes, wire_len);
            assert_eq!(prepared.run(&packet), program.run(&packet), "{insns:?} on {bytes:?}");
        }
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        let chain = ChainPacket::new([head, tail].into_iter(), 0, len, 98);
        assert_eq!(prepared.run(&chain), program.run(&chain), "{insns:?} in pieces on {bytes:?}");
    }
}

/// Where a field begins in the packet.
fn start(mode: u16, at: usize) -> usize {
    if mode == op::IND { at + X } else { at }
}

fn load(size: u16, mode: u16, at: usize) -> RawInsn {
    stmt(op::LD | mode | size, u32::try_from(at).unwrap())
}

#[test]
fn every_comparison_decides_alike_whichever_way_is_the_next_instruction() {
    let constants = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 0x7fff, 0xffff, 0x00ff_ffff, 0x0100_0000]
        .into_iter()
        .chain([0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xff00_0000, u32::MAX - 1, u32::MAX]);
    let masks = [None, Some(0xff), Some(0x8000_0001), Some(0x7fff_ffff), Some(0xffff_ff00)];
    for k in constants {
        let values =
            [0, 1, k.wrapping_sub(1), k, k.wrapping_add(1), k << 8, k >> 8, 0x7fff_ffff, 1 << 31, u32::MAX];
        for (size, bytes) in SIZES {
            for (mode, at) in MODES.into_iter().flat_map(|mode| [0, 1, 3, 4, 5, 6, 9].map(|at| (mode, at))) {
                let field = start(mode, at)..start(mode, at) + bytes;
                let packets = || {
                    let whole = values.map(|value| {
                        let mut packet = vec![0x55; 16];
                        packet[field.clone()].copy_from_slice(&value.to_be_bytes()[4 - bytes..]);
                        packet
                    });
                    let cut = |end: usize| whole[3][..end].to_vec();
                    let cuts = [cut(field.end - 1), cut(field.end), cut(field.end + 1)];
                    whole.clone().into_iter().chain(cuts)
                };
                for (cond, mask) in [op::JEQ, op::JGT, op::JGE, op::JSET]
                    .into_iter()
                    .flat_map(|cond| masks.map(|mask| (cond, mask)))
                {
                    let mut test = vec![load(size, mode, at)];
                    test.extend(mask.map(|mask| stmt(op::ALU | op::AND | op::K, mask)));
                    test.push(jump(cond, k, 0, 0));
                    for next in NEXT {
                        check(&program(&[(test.clone(), true)], next), packets());
                    }
                }
            }
        }
    }
}

#[test]
fn a_number_that_is_no_field_decides_alike_whichever_way_is_the_next_instruction() {
    let constants = [0, 1, 2, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, u32::MAX - 1, u32::MAX];
    for k in constants {
        let values = [0, 1, k.wrapping_sub(1), k, k.wrapping_add(1), 0x7fff_ffff, 1 << 31, u32::MAX];
        for cond in [op::JEQ, op::JGT, op::JGE, op::JSET] {
            let add = stmt(op::ALU | op::ADD | op::K, 1);
            let test = vec![load(op::W, op::ABS, 0), add, jump(cond, k, 0, 0)];
            for next in NEXT {
                let packets = values.map(|value| value.wrapping_sub(1).to_be_bytes().to_vec());
                check(&program(&[(test.clone(), true)], next), packets);
            }
        }
    }
}

/// What a field is asked for.
#[derive(Clone, Copy)]
enum Asked {
    Zero,
    /// Two bits that are not set.
    NoBits,
    /// All bits of the last byte that it has.
    Ones,
}

fn asked(size: u16, mode: u16, at: usize, what: Asked) -> (Vec<RawInsn>, bool) {
    let (test, first_way) = match what {
        Asked::Zero => (jump(op::JEQ, 0, 0, 0), true),
        Asked::NoBits => (jump(op::JSET, 0x81, 0, 0), false),
        Asked::Ones => (jump(op::JEQ, 0xff, 0, 0), true),
    };
    (vec![load(size, mode, at), test], first_way)
}

/// Zeros, and one byte that is not at some places, of every length.
fn nearly_zeros(len: usize) -> impl Iterator<Item = Vec<u8>> {
    let packets = (0..=len).map(move |at| {
        let mut packet = vec![0; len];
        packet.iter_mut().skip(at).take(1).for_each(|byte| *byte = 0xff);
        packet
    });
    packets.flat_map(move |packet| (0..=len).map(move |end| packet[..end].to_vec()))
}

#[test]
fn two_tests_near_each_other_decide_alike_at_every_length_whatever_way_they_fail() {
    for (one, other) in SIZES.into_iter().flat_map(|one| SIZES.map(|other| (one, other))) {
        for (first, second) in (0..10).flat_map(|first| (0..10).map(move |second| (first, second))) {
            for mode in MODES {
                for (what, then) in [
                    (Asked::Zero, Asked::Zero),
                    (Asked::NoBits, Asked::Zero),
                    (Asked::Zero, Asked::Ones),
                    (Asked::Ones, Asked::Zero),
                ] {
                    let tests = [asked(one.0, mode, first, what), asked(other.0, mode, second, then)];
                    for next in NEXT {
                        check(&program(&tests, next), nearly_zeros(14));
                    }
                }
            }
        }
    }
}

#[test]
fn three_tests_near_each_other_decide_alike_at_every_length_whatever_way_they_fail() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (places, mode) in
        [[3, 4, 6], [0, 2, 4], [1, 5, 6], [2, 2, 8]].into_iter().flat_map(|p| MODES.map(|m| (p, m)))
    {
        for order in orders {
            for sizes in [[op::B, op::H, op::B], [op::H, op::H, op::W], [op::B, op::B, op::B]] {
                let what = [Asked::Zero, Asked::NoBits, Asked::Ones];
                let test = |number: usize| asked(sizes[number], mode, places[order[number]], what[number]);
                for next in NEXT {
                    check(&program(&[test(0), test(1), test(2)], next), nearly_zeros(14));
                }
            }
        }
    }
}

/// The same bits of the same window, and the second test loads more bytes around them.
#[test]
fn a_second_test_of_the_same_bits_still_rejects_packets_that_lack_its_bytes() {
    let insns = [
        RawInsn::stmt(op::LD | op::H | op::ABS, 0),
        RawInsn::jump(op::JMP | op::JEQ | op::K, 0x10, 4, 0),
        RawInsn::stmt(op::LD | op::W | op::ABS, 0),
        RawInsn::stmt(op::ALU | op::AND | op::K, 0xffff_0000),
        RawInsn::jump(op::JMP | op::JEQ | op::K, 0x11_0000, 0, 1),
        RawInsn::stmt(op::RET | op::K, 1),
        RawInsn::stmt(op::RET | op::K, 2),
    ];
    let program = bpf_validate(&insns[..], Profile::LIBPCAP).unwrap();
    for value in [0x0f, 0x10, 0x11, 0x12] {
        for len in 0..=8 {
            let bytes = [0, value, 0, 0, 0, 0, 0, 0];
            let packet = SlicePacket::new(&bytes[..len], 8);
            assert_eq!(program.prepare().run(&packet), program.run(&packet), "{value:#x}, {len} bytes");
        }
    }
}
