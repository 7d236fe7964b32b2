//! Intervals against a machine that is written anew from the machine's description.

use super::*;
use proptest::prelude::*;

const OPS: [AluOp; 10] = [
    AluOp::Add,
    AluOp::Sub,
    AluOp::Mul,
    AluOp::Div,
    AluOp::Mod,
    AluOp::Or,
    AluOp::And,
    AluOp::Xor,
    AluOp::Lsh,
    AluOp::Rsh,
];
const CONDS: [Cond; 4] = [Cond::Eq, Cond::Gt, Cond::Ge, Cond::Set];

/// Written from the machine's description, not from the interpreter.
fn machine(op: AluOp, a: u32, b: u32) -> Option<u32> {
    let wide = |value: u64| u32::try_from(value & 0xffff_ffff).unwrap();
    let (x, y) = (u64::from(a), u64::from(b));
    Some(match op {
        AluOp::Add => wide(x + y),
        AluOp::Sub => wide(x + (1 << 32) - y),
        AluOp::Mul => wide(x * y),
        AluOp::Div if b == 0 => return None,
        AluOp::Mod if b == 0 => return None,
        AluOp::Div => a / b,
        AluOp::Mod => a % b,
        AluOp::Or => a | b,
        AluOp::And => a & b,
        AluOp::Xor => a ^ b,
        AluOp::Lsh => {
            if b < 32 {
                wide(x << b)
            } else {
                0
            }
        }
        AluOp::Rsh => {
            if b < 32 {
                a >> b
            } else {
                0
            }
        }
    })
}

fn compare(cond: Cond, a: u32, b: u32) -> bool {
    match cond {
        Cond::Eq => a == b,
        Cond::Gt => a > b,
        Cond::Ge => a >= b,
        Cond::Set => a & b != 0,
    }
}

/// Values of all sizes, not only large ones.
fn value() -> impl Strategy<Value = u32> {
    (any::<u32>(), 0_u32..33).prop_map(|(value, shift)| value.checked_shr(shift).unwrap_or(0))
}

/// An interval and a value in it.
fn holding() -> impl Strategy<Value = (Interval, u32)> {
    (value(), value(), value(), any::<bool>()).prop_map(|(a, b, c, single)| {
        let mut sorted = [a, b, c];
        sorted.sort_unstable();
        let [min, inside, max] = sorted;
        if single { (Interval::constant(inside), inside) } else { (Interval { min, max }, inside) }
    })
}

fn check(a: (Interval, u32), b: (Interval, u32)) {
    for op in OPS {
        if let Some(result) = machine(op, a.1, b.1) {
            let bounds = Interval::arithmetic(op, a.0, b.0);
            assert!(
                bounds.is_some_and(|i| i.min <= i.max && i.contains(result)),
                "{op:?} {a:?} {b:?} {bounds:?}"
            );
        }
    }
    let negated = a.0.negated();
    assert!(negated.contains(0_u32.wrapping_sub(a.1)), "neg {a:?} {negated:?}");
    for cond in CONDS {
        let known = Interval::decided(cond, compare(cond, a.1, b.1), a.0, b.0);
        assert!(
            known.is_some_and(|(x, y)| x.contains(a.1) && y.contains(b.1)),
            "{cond:?} {a:?} {b:?} {known:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn results_lie_within_their_bounds(a in holding(), b in holding()) {
        check(a, b);
    }
}

#[test]
fn results_lie_within_their_bounds_for_all_small_intervals_and_those_at_the_borders() {
    let points = [0, 1, 2, 3, 4, 5, 31, 32, 33, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX];
    let mut all = std::vec::Vec::new();
    for (i, &min) in points.iter().enumerate() {
        for &max in &points[i..] {
            let inside = points.iter().filter(|&&p| min <= p && p <= max);
            all.extend(inside.map(|&p| (Interval { min, max }, p)));
        }
    }
    for &a in &all {
        for &b in &all {
            check(a, b);
        }
    }
}

#[test]
fn bounds_are_exact_where_nothing_wraps() {
    let (a, b) = (Interval { min: 10, max: 20 }, Interval { min: 2, max: 4 });
    let is = |op, min, max| assert_eq!(Interval::arithmetic(op, a, b), Some(Interval { min, max }));
    is(AluOp::Add, 12, 24);
    is(AluOp::Sub, 6, 18);
    is(AluOp::Mul, 20, 80);
    is(AluOp::Div, 2, 10);
    is(AluOp::Lsh, 40, 320);
    is(AluOp::Rsh, 0, 5);
    is(AluOp::Mod, 0, 3);
    is(AluOp::And, 0, 4);
    is(AluOp::Or, 10, 31);
}

#[test]
fn what_is_decided_before_cannot_come_out_otherwise() {
    let (low, high) = (Interval::up_to(9), Interval { min: 10, max: 20 });
    assert_eq!(Interval::decided(Cond::Gt, true, low, high), None);
    assert_eq!(Interval::decided(Cond::Ge, true, low, high), None);
    assert_eq!(Interval::decided(Cond::Gt, false, high, low), None);
    assert_eq!(Interval::decided(Cond::Eq, true, low, high), None);
    assert_eq!(Interval::decided(Cond::Eq, false, Interval::constant(3), Interval::constant(3)), None);
    assert_eq!(Interval::decided(Cond::Set, true, Interval::constant(0), high), None);
    let masked = Interval::decided(Cond::Set, false, Interval::ANY, Interval::constant(0xffff_fff0));
    assert_eq!(masked.map(|(a, _)| a), Some(Interval::up_to(15)));
}
