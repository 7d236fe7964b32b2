//! Two loads whose tests share the last ones, as optimizers leave IPv4 and IPv6: whatever that becomes in the prepared form, it
//! decides alike.
//!
//! ```text
//!   load ── test ──┬── shared test ── shared test ... ──▶ P or Q
//!   load ── test ──┘       each test may also go to P or Q at once
//! ```

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use bpf_core::{ChainPacket, Profile, RawInsn, SlicePacket, bpf_validate, opcode as op};
use proptest::prelude::*;
use proptest::sample::select;

/// Where fields at X begin to count.
const X: u32 = 2;
/// Where the shared tests begin.
const SHARED: usize = 7;

/// Where a test goes.
#[derive(Clone, Copy, Debug)]
enum To {
    /// From a load to the first shared test, from one of these to the next; behind the last one it is P.
    Shared,
    P,
    Q,
}

/// A comparison, and where its two ways lead.
#[derive(Clone, Copy, Debug)]
struct Test {
    cond: u16,
    k: u32,
    yes: To,
    no: To,
}

impl Test {
    /// The instruction at a place, with so many shared tests.
    fn insn(self, pc: usize, shared: usize) -> RawInsn {
        let block = SHARED + shared;
        let [jt, jf] = [self.yes, self.no].map(|to| match to {
            To::Shared => (pc + 1).max(SHARED) - pc - 1,
            To::P => block - pc - 1,
            To::Q => block + 4 - pc - 1,
        });
        let [jt, jf] = [jt, jf].map(|skip| u8::try_from(skip).unwrap());
        RawInsn::jump(op::JMP | self.cond | op::K, self.k, jt, jf)
    }
}

/// Numbers that lie near each other, and some at the ends of their sizes.
fn constant() -> impl Strategy<Value = u32> {
    let ends = select(vec![0, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, u32::MAX]);
    prop_oneof![2 => 3..9_u32, 1 => ends]
}

fn test() -> impl Strategy<Value = Test> {
    let to = || select(vec![To::Shared, To::P, To::Q]);
    (select(vec![op::JEQ, op::JGT, op::JGE, op::JSET]), constant(), to(), to())
        .prop_map(|(cond, k, yes, no)| Test { cond, k, yes, no })
}

/// The shared tests: one, several, or several that ask for one of a few numbers.
fn shared() -> impl Strategy<Value = Vec<Test>> {
    let number = constant().prop_map(|k| Test { cond: op::JEQ, k, yes: To::Q, no: To::Shared });
    prop_oneof![
        test().prop_map(|test| vec![test]),
        prop::collection::vec(test(), 1..4),
        prop::collection::vec(number, 1..6),
    ]
}

fn load() -> impl Strategy<Value = RawInsn> {
    let sizes = select(vec![op::B, op::H, op::W]);
    (sizes, select(vec![op::ABS, op::IND]), 0..12_u32)
        .prop_map(|(size, mode, at)| RawInsn::stmt(op::LD | mode | size, at))
}

/// What stands behind the tests, in four instructions: what a failed load returns is neither of its verdicts.
#[derive(Clone, Copy, Debug)]
enum Block {
    /// One number or another, by the wire length.
    ByLength,
    Constant,
    /// So tests may not lose A.
    A,
}

impl Block {
    fn insns(self, number: u32) -> [RawInsn; 4] {
        let end = |k| RawInsn::stmt(op::RET | op::K, k);
        let odd = RawInsn::jump(op::JMP | op::JSET | op::K, 1, 0, 1);
        match self {
            Self::ByLength => [RawInsn::stmt(op::LD | op::LEN, 0), odd, end(number), end(number + 1)],
            Self::Constant => [end(number); 4],
            Self::A => [RawInsn::stmt(op::RET | op::A, 0); 4],
        }
    }
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![4 => Just(Block::ByLength), 4 => Just(Block::Constant), 1 => Just(Block::A)]
}

fn bytes_of(load: RawInsn, value: u32, packet: &mut [u8]) {
    let bytes = match load.code & (op::B | op::H) {
        op::B => 1,
        op::H => 2,
        _ => 4,
    };
    let at = (load.k + if load.code & op::IND == op::IND { X } else { 0 }) as usize;
    packet[at..at + bytes].copy_from_slice(&value.to_be_bytes()[4 - bytes..]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60_000))]

    #[test]
    fn a_test_that_two_loads_share_decides_alike(
        loads in [load(), load()],
        tests in [test(), test()],
        shared in shared(),
        blocks in [block(), block()],
        mask in prop::option::weighted(0.2, select(vec![0xff_u32, 6, 0xffff_fff0])),
        values in prop::collection::vec([constant(), constant()], 4),
        len in 0..20_usize,
    ) {
        let mut insns = vec![
            RawInsn::stmt(op::LDX | op::IMM, X),
            RawInsn::stmt(op::LD | op::LEN, 0),
            RawInsn::jump(op::JMP | op::JEQ | op::K, 99, 0, 2),
            loads[0],
            tests[0].insn(4, shared.len()),
            loads[1],
            tests[1].insn(6, shared.len()),
        ];
        let places = SHARED..;
        insns.extend(places.zip(&shared).map(|(pc, test)| test.insn(pc, shared.len())));
        insns.extend([blocks[0].insns(10), blocks[1].insns(20)].concat());
        if let Some(mask) = mask {
            // Before the second test: jumps over it lead one instruction farther then.
            insns.insert(6, RawInsn::stmt(op::ALU | op::AND | op::K, mask));
            insns[4].jt += 1;
            insns[4].jf += 1;
        }
        let program = bpf_validate(&insns[..], Profile::LIBPCAP).unwrap();
        let prepared = program.prepare();
        for [first, second] in values {
            let mut bytes = [0x55; 20];
            bytes_of(loads[0], first, &mut bytes);
            bytes_of(loads[1], second, &mut bytes);
            for bytes in [&bytes[..], &bytes[..len]] {
                for wire_len in [98, 99] {
                    let packet = SlicePacket::new(bytes, wire_len);
                    prop_assert_eq!(prepared.run(&packet), program.run(&packet), "{:?} on {:?}", insns, bytes);
                }
                let (head, tail) = bytes.split_at(bytes.len() / 2);
                let chain = ChainPacket::new([head, tail].into_iter(), 0, 20, 99);
                prop_assert_eq!(prepared.run(&chain), program.run(&chain), "{:?} in pieces on {:?}", insns, bytes);
            }
        }
    }
}
