//! The prover proves what is equal, and finds what is not: a prover that is always content would say nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use std::time::Duration;

use bpf_core::RawInsn;
use bpf_core::text::parse_bpf_asm;
use snapgate_tests::smt::{Outcome, Witness, prove};

mod differences;

const LIMIT: Duration = Duration::from_secs(30);

fn asm(text: &str) -> Vec<RawInsn> {
    // Statements by `;`, so that a program is a line.
    parse_bpf_asm(&text.replace(';', "\n")).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn outcome(one: &str, other: &str) -> Outcome {
    prove(&asm(one), &asm(other), LIMIT)
}

fn difference(one: &str, other: &str) -> Witness {
    match outcome(one, other) {
        Outcome::Differ(packet) => {
            let [first, second] = packet.verdicts([&asm(one), &asm(other)]).unwrap();
            assert_ne!(first, second, "{packet}");
            packet
        }
        what => panic!("{what:?}: {one} | {other}"),
    }
}

/// Programs of one meaning, two by two.
const EQUAL: [(&str, &str, &str); 15] = [
    (
        "two tests in one word",
        "ldb [3]; jeq #6, y, n; y: ldh [0]; jset #0x1fff, n, m; m: ret #1; n: ret #0",
        "ldb [3]; ld [0]; and #0x1fff00ff; jeq #6, m, n; m: ret #1; n: ret #0",
    ),
    (
        "a word or its halves",
        "ld [0]; jne #0x01020304, n; ret #1; n: ret #0",
        "ldh [2]; jne #0x0304, n; ldh [0]; jne #0x0102, n; ret #1; n: ret #0",
    ),
    (
        "a shift or a mask",
        "ldb [0]; rsh #4; jne #4, n; ret #1; n: ret #0",
        "ldb [0]; and #0xf0; jne #0x40, n; ret #1; n: ret #0",
    ),
    (
        "above or at least",
        "ldh [0]; jgt #79, y, n; y: ret #1; n: ret #0",
        "ldh [0]; jge #80, y, n; y: ret #1; n: ret #0",
    ),
    ("a product or a shift", "ldb [0]; mul #4; ret a", "ldb [0]; lsh #2; ret a"),
    ("a quotient or a shift", "ld [0]; div #16; ret a", "ld [0]; rsh #4; ret a"),
    ("a remainder or a mask", "ld [0]; mod #32; ret a", "ld [0]; and #31; ret a"),
    ("a scratch word there and back", "ldb [0]; st M[3]; ldb [1]; ld M[3]; ret a", "ldb [1]; ldb [0]; ret a"),
    ("an index that is constant", "ldx #14; ldb [x + 9]; ret a", "ldb [23]; ret a"),
    (
        "an index in two ways",
        "ldxb 4*([14]&0xf); ldh [x + 16]; ret a",
        "ldb [14]; and #15; lsh #2; add #2; tax; ldh [x + 14]; ret a",
    ),
    (
        "an index that is read in two places",
        "ldb [5]; ldb [0]; and #1; tax; ldb [x + 4]; ret a",
        "ldb [5]; ldb [0]; jset #1, y, n; y: ldb [5]; ret a; n: ldb [4]; ret a",
    ),
    (
        "tests in another order, behind a longer load",
        "ldb [9]; ldb [1]; jne #1, n; ldb [2]; jne #2, n; ret #1; n: ret #0",
        "ldb [9]; ldb [2]; jne #2, n; ldb [1]; jne #1, n; ret #1; n: ret #0",
    ),
    ("a sum or a product", "ldh [0]; tax; add x; add x; ret a", "ldh [0]; mul #3; ret a"),
    (
        "a remainder that is computed otherwise",
        "ldb [0]; div #10; mul #10; tax; ldb [0]; sub x; ret a",
        "ldb [0]; mod #10; ret a",
    ),
    (
        "a branch that decides nothing",
        "ldb [3]; jeq #1, y, n; y: ldb [2]; ja e; n: ldb [2]; e: ret a",
        "ldb [3]; ldb [2]; ret a",
    ),
];

#[test]
fn equal_programs_are_proved() {
    for (what, one, other) in EQUAL {
        assert_eq!(outcome(one, other), Outcome::Proved, "{what}");
    }
}

/// A rule of the machine, a program that rests on it, one that is equal by the rule, and one that were equal without it.
const RULES: [(&str, &str, &str, &str); 17] = [
    ("a load past the end rejects", "ldh [2]; ret #1", "ldb [3]; ret #1", "ldb [2]; ret #1"),
    ("... of a word", "ld [2]; ret #1", "ldb [5]; ret #1", "ldh [2]; ret #1"),
    ("... at an index", "ldx #3; ldb [x + 4]; ret #1", "ldb [7]; ret #1", "ret #1"),
    ("... of the length of a header", "ldxb 4*([7]&0xf); ret #1", "ldb [7]; ret #1", "ret #1"),
    (
        "a division by 0 rejects",
        "ldb [0]; tax; ld #8; div x; ret #1",
        "ldb [0]; jeq #0, n, y; y: ret #1; n: ret #0",
        "ldb [0]; ret #1",
    ),
    (
        "a remainder by 0 rejects",
        "ldb [0]; tax; ld #8; mod x; ret #1",
        "ldb [0]; jeq #0, n, y; y: ret #1; n: ret #0",
        "ldb [0]; ret #1",
    ),
    (
        "a shift to the left by 32 or more gives 0",
        "ldb [0]; tax; ld #1; lsh x; ret a",
        "ldb [0]; jgt #31, n, y; y: tax; ld #1; lsh x; ret a; n: ret #0",
        "ldb [0]; and #31; tax; ld #1; lsh x; ret a",
    ),
    (
        "a shift to the right by 32 or more gives 0",
        "ldb [0]; tax; ld [0]; rsh x; ret a",
        "ld [0]; ldb [0]; jgt #31, n, y; y: tax; ld [0]; rsh x; ret a; n: ret #0",
        "ld [0]; ldb [0]; and #31; tax; ld [0]; rsh x; ret a",
    ),
    (
        "a sum wraps",
        "ld [0]; add #1; jeq #0, y, n; y: ret #1; n: ret #0",
        "ld [0]; jeq #0xffffffff, y, n; y: ret #1; n: ret #0",
        "ld [0]; ret #0",
    ),
    (
        "a product wraps",
        "ld [0]; mul #0x80000000; ret a",
        "ld [0]; and #1; lsh #31; ret a",
        "ld [0]; and #3; lsh #30; ret a",
    ),
    (
        "minus is that of two's complement",
        "ldb [0]; neg; ret a",
        "ldb [0]; tax; ld #0; sub x; ret a",
        "ldb [0]; xor #0xffffffff; ret a",
    ),
    (
        "comparisons know no sign",
        "ld [0]; jgt #0x7fffffff, y, n; y: ret #1; n: ret #0",
        "ld [0]; jset #0x80000000, y, n; y: ret #1; n: ret #0",
        "ld [0]; jgt #0x7fffffff, n, y; y: ret #1; n: ret #0",
    ),
    (
        "the length is that on the wire",
        "ldb [9]; ldx #len; txa; ret a",
        "ldb [9]; ld #len; ret a",
        "ldb [9]; ld #10; ret a",
    ),
    (
        "... and may be less than what was captured",
        "ldb [9]; ld #len; jlt #10, y, n; y: ret #1; n: ret #0",
        "ldb [9]; ldx #len; txa; jge #10, n, y; y: ret #1; n: ret #0",
        "ldb [9]; ret #0",
    ),
    ("registers and scratch words begin as 0", "ldb [0]; ld M[5]; add x; ret a", "ret #0", "ldb [0]; ret a"),
    (
        "a scratch word keeps X",
        "ldxb 4*([0]&0xf); stx M[1]; ldx #0; ldx M[1]; txa; ret a",
        "ldb [0]; and #15; lsh #2; ret a",
        "ldxb 4*([0]&0xf); stx M[1]; ldx #0; ldx M[2]; txa; ret a",
    ),
    (
        "what is not known beside the bytes rejects",
        "ld vlan_tci; ret #1",
        "ld vlan_tci; ld vlan_tci; ret #1",
        "ret #1",
    ),
];

#[test]
fn every_rule_of_the_machine_is_one_of_the_prover() {
    for (rule, program, same, other) in RULES {
        assert_eq!(outcome(program, same), Outcome::Proved, "{rule}");
        difference(program, other);
    }
}
