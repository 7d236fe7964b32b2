//! Programs whose tests the JIT makes without branches: small, with loads that are in the packet or just not, and values that live on
//! where ways meet.

use bpf_core::opcode as op;
use bpf_core::{RawInsn, text};
use snapgate_tests::cases;
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::rng::Rng;

use super::{bare, compare};

/// Few, so that tests hold and fail, and equal constants follow each other.
const BYTES: [u8; 6] = [0, 1, 2, 5, 0x45, 0xff];
/// Longer than any load of [`part`] reaches, most of the time.
const LONGEST: usize = 30;

fn number(rng: &mut Rng) -> u32 {
    let byte = |rng: &mut Rng| u32::from(*rng.pick(&BYTES));
    match rng.below(4) {
        0 => byte(rng) << 8 | byte(rng),
        1 => byte(rng) << 24 | byte(rng) << 16 | byte(rng) << 8 | byte(rng),
        _ => byte(rng),
    }
}

/// Something that fits in front of a test.
fn part(rng: &mut Rng) -> Vec<RawInsn> {
    let size = *rng.pick(&[op::B, op::B, op::H, op::W]);
    let near = rng.word_below(20);
    match rng.below(14) {
        // A as it is.
        0 | 1 => vec![],
        2 => vec![
            RawInsn::stmt(op::LDX | op::IMM, rng.word_below(9)),
            RawInsn::stmt(op::LD | op::IND | size, near),
        ],
        3 => vec![
            RawInsn::stmt(op::LDX | op::MSH | op::B, near),
            RawInsn::stmt(op::LD | op::IND | size, near / 2),
        ],
        4 => vec![RawInsn::stmt(op::LD | op::IND | size, near)],
        5 => vec![RawInsn::stmt(op::MISC | op::TAX, 0), RawInsn::stmt(op::LD | op::ABS | size, near)],
        6 => vec![RawInsn::stmt(op::ST, 1), RawInsn::stmt(op::LD | op::ABS | size, near)],
        7 => vec![RawInsn::stmt(op::LD | op::MEM, 1)],
        8 => vec![
            RawInsn::stmt(op::LD | op::ABS | size, near),
            RawInsn::stmt(op::ALU | op::AND | op::K, number(rng)),
        ],
        9 => vec![RawInsn::stmt(op::LD | op::LEN, 0), RawInsn::stmt(op::ALU | op::SUB | op::X, 0)],
        10 => vec![RawInsn::stmt(op::LD | op::IMM, number(rng))],
        _ => vec![RawInsn::stmt(op::LD | op::ABS | size, near)],
    }
}

/// Up to seven tests, each of which leads to any of those behind it, or to a verdict.
fn program(rng: &mut Rng) -> Vec<RawInsn> {
    let mut parts: Vec<Vec<RawInsn>> = (0..2 + rng.below(6)).map(|_| part(rng)).collect();
    // Programs with equal tests of one value, and with other ends, are some.
    let verdicts = match rng.below(8) {
        0 => [RawInsn::stmt(op::RET | op::A, 0), RawInsn::stmt(op::RET | op::K, 0)],
        1 => [RawInsn::stmt(op::RET | op::K, 7), RawInsn::stmt(op::RET | op::K, 96)],
        _ => [RawInsn::stmt(op::RET | op::K, 96), RawInsn::stmt(op::RET | op::K, 0)],
    };
    let tests = parts.len();
    for part in &mut parts {
        let test = *rng.pick(&[op::JEQ, op::JEQ, op::JEQ, op::JGT, op::JGE, op::JSET]);
        let operand = if rng.one_in(8) { op::X } else { op::K };
        part.push(RawInsn::jump(op::JMP | test | operand, number(rng), 0, 0));
    }
    let starts: Vec<usize> =
        parts.iter().scan(0, |start, part| Some(std::mem::replace(start, *start + part.len()))).collect();
    let end = parts.iter().map(Vec::len).sum::<usize>();
    for (at, part) in parts.iter_mut().enumerate() {
        let after = starts[at] + part.len();
        // The next test more often than others, so that there are chains.
        let mut way = || {
            let place = match rng.below(4) {
                0 => end + rng.below(2),
                1 => starts.get(at + 1 + rng.below(tests - at)).copied().unwrap_or(end),
                _ => starts.get(at + 1).copied().unwrap_or(end + 1),
            };
            u8::try_from(place - after).unwrap()
        };
        let (jt, jf) = (way(), way());
        let test = part.last_mut().unwrap();
        (test.jt, test.jf) = (jt, jf);
    }
    parts.concat().into_iter().chain(verdicts).collect()
}

fn packets(rng: &mut Rng) -> Vec<(Sample, bpf_core::Metadata)> {
    let mut all = Vec::new();
    for _ in 0..12 {
        let whole = Sample::whole((0..LONGEST).map(|_| *rng.pick(&BYTES)).collect());
        all.extend((0..3).map(|_| whole.cut(rng.below(LONGEST + 1))));
        all.push(whole);
    }
    all.into_iter().map(bare).collect()
}

#[test]
fn tests_in_any_order_of_any_values() {
    let (mut compared, mut accepted) = (0, 0);
    cases::run("tests without branches", 10_000, |rng| {
        let packets = packets(rng);
        compared += packets.len();
        accepted += compare(&program(rng), &packets)?;
        Ok(())
    });
    println!("{compared} verdicts, {accepted} not 0");
    assert!(accepted * 5 > compared && accepted * 20 < compared * 19, "{accepted} of {compared}");
}

/// The program on packets with all these bytes at these places, cut at every length.
fn check(lines: &str, places: &[usize], bytes: &[u8]) {
    let program = text::parse(lines).unwrap();
    let mut wholes = vec![vec![0_u8; 40]];
    for place in places {
        wholes = wholes
            .iter()
            .flat_map(|whole| {
                bytes.iter().map(|byte| [&whole[..*place], &[*byte], &whole[place + 1..]].concat())
            })
            .collect();
    }
    let packets: Vec<_> = wholes
        .into_iter()
        .flat_map(|whole| mutate::every_cut(&Sample::whole(whole)).map(bare).collect::<Vec<_>>())
        .collect();
    assert!(compare(&program, &packets).unwrap() > 0, "{lines}");
}

#[test]
fn a_load_that_only_one_way_makes_fails_only_there() {
    // The second port is not looked at if the first is the one.
    let ports = "ldh [0]\n jeq #5, ip4\n jne #0x101, drop\n ldx #9\n ja both\n ip4: ldxb 4*([2]&0xf)\n both: ldb [x + 4]\n \
                 jeq #5, keep\n ldh [x + 20]\n jne #5, drop\n keep: ret #96\n drop: ret #0";
    check(ports, &[0, 1, 2, 4, 13, 21], &[0, 1, 5]);
    let fixed = "ldb [0]\n jeq #5, far\n ldb [1]\n jeq #5, keep\n ret #0\n far: ldb [30]\n jeq #5, keep\n ret #0\n keep: ret #96";
    check(fixed, &[0, 1, 30], &[0, 5]);
}

#[test]
fn a_register_that_lives_where_ways_meet() {
    for end in ["jeq #5, keep", "jgt #4, keep", "jset #4, keep", "add x\n jeq #6, keep"] {
        let lines = format!(
            "ldx #1\n ldb [0]\n jeq #5, other\n st M[2]\n ldb [1]\n jeq #1, drop\n ja both\n other: ldb [2]\n st M[2]\n \
             ldx #0\n both: ld M[2]\n {end}\n drop: ret #0\n keep: ret #96"
        );
        check(&lines, &[0, 1, 2], &[0, 1, 5, 6]);
    }
}

#[test]
fn the_same_constant_twice() {
    // The second comparison can only hold if the first did, which leads elsewhere.
    let twice = "ldb [0]\n jeq #5, drop\n jeq #1, drop\n jeq #5, keep\n ldb [1]\n jeq #5, keep\n drop: ret #0\n keep: ret #96";
    check(twice, &[0, 1], &[0, 1, 5]);
    // And of another value.
    let other = "ldb [0]\n jeq #5, drop\n ldb [1]\n jeq #1, keep\n drop: ret #0\n keep: ret #96";
    check(other, &[0, 1], &[0, 1, 5]);
}

#[test]
fn an_end_that_is_reached_whatever_comes_before() {
    let either = "ldb [0]\n jeq #5, keep\n ldb [1]\n jeq #5, keep\n jgt #5, keep\n ldb [2]\n jset #4, drop\n keep: ret #96\n drop: ret #0";
    check(either, &[0, 1, 2], &[0, 4, 5, 6]);
    let known = "ld #5\n jeq #5, next\n ret #0\n next: ldb [0]\n jeq #1, drop\n ldb [1]\n jeq #1, drop\n ret #96\n drop: ret #0";
    check(known, &[0, 1], &[0, 1]);
}
