//! The evaluator against the compiler: two readings of the language that share the syntax tree and nothing else agree on
//! random filters over recorded packets that are cut and bent.

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile, syntax};
use bpf_core::SlicePacket;
use snapgate_tests::cases;
use snapgate_tests::eval::{EvalError, evaluate};
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::frames::{self, LINK_TYPES};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::rng::Rng;

/// Everyday filters over packets of a link type that was recorded.
fn agree(name: &str, dlt: u16, normal: u64) {
    let pool = mutate::recorded(Some(dlt)).unwrap_or_default();
    assert!(!pool.is_empty(), "{name}: no packets");
    agree_on(name, dlt, normal, false, |rng| mutate::draw(rng, &pool));
}

/// What the two do not agree on; nothing if the evaluator does not know all that the filter asks.
fn difference(text: &str, dlt: u16, netmask: Option<u32>, packets: &[Sample]) -> Result<Counts, String> {
    let mut options = Options::new(LinkType(dlt));
    options.allow_empty = true;
    options.netmask = netmask;
    let compiled = compile(text, &options, &Embedded);
    let mut counts = Counts::default();
    let Ok(ast) = syntax::parse(text) else { return Ok(counts) };
    for packet in packets {
        let evaluated = evaluate(&ast, dlt, netmask, &Embedded, &packet.data, packet.wire_len);
        match (&compiled, evaluated) {
            (Ok(program), Ok(expected)) => {
                let verdict = program.run(&SlicePacket::new(&packet.data, packet.wire_len));
                counts.verdicts += 1;
                counts.accepted += u64::from(expected);
                if (verdict != 0) != expected {
                    let (bytes, wire_len) = (cases::hex(&packet.data), packet.wire_len);
                    return Err(format!(
                        "program {verdict}, evaluator {expected} on {bytes} of wire length {wire_len}"
                    ));
                }
            }
            (_, Err(EvalError::Unsupported(_))) => counts.unsupported += 1,
            (Err(_), Err(EvalError::Refused(_))) => {}
            (Ok(_), Err(error)) => return Err(format!("only the evaluator says: {error}")),
            (Err(error), Ok(_)) => return Err(format!("only the compiler says: {error}")),
        }
    }
    Ok(counts)
}

#[derive(Debug, Default)]
struct Counts {
    verdicts: u64,
    accepted: u64,
    unsupported: u64,
}

fn agree_on(name: &str, dlt: u16, normal: u64, whole: bool, mut draw: impl FnMut(&mut Rng) -> Sample) {
    let mut all = Counts::default();
    cases::run(&format!("evaluator and compiler on {name}"), normal, |rng: &mut Rng| {
        let primitives = *rng.pick(&[1, 2, 4, 8]);
        let text = expression::expression(rng, &Setting { dlt, primitives, whole, extended: false });
        let netmask = rng.one_in(2).then_some(0xffff_ff00);
        let packets: Vec<Sample> = (0..10).map(|_| draw(rng)).collect();
        let told = match difference(&text, dlt, netmask, &packets) {
            Ok(counts) => {
                all.verdicts += counts.verdicts;
                all.accepted += counts.accepted;
                all.unsupported += counts.unsupported;
                return Ok(());
            }
            Err(told) => told,
        };
        let kind = |told: &str| told.split(' ').take(3).map(str::to_owned).collect::<Vec<_>>();
        let fails = |text: &str| {
            difference(text, dlt, netmask, &packets).is_err_and(|other| kind(&other) == kind(&told))
        };
        let small = expression::shrink(&text, fails);
        let why = difference(&small, dlt, netmask, &packets).err().unwrap_or_default();
        Err(format!("{name} '{small}' netmask {netmask:x?}: {why}"))
    });
    let Counts { verdicts, accepted, unsupported } = all;
    println!("{name}: {verdicts} verdicts, {accepted} accepted, {unsupported} beyond the evaluator");
    assert!(verdicts > 10 * unsupported && accepted * 50 > verdicts, "{name}: too little was compared");
}

#[test]
fn evaluator_and_compiler_agree_on_ethernet() {
    agree("EN10MB", 1, 4_000);
}

#[test]
fn evaluator_and_compiler_agree_on_raw_ip() {
    agree("RAW", 12, 1_500);
    agree("IPV4", 228, 1_000);
    agree("IPV6", 229, 1_000);
}

#[test]
fn evaluator_and_compiler_agree_on_loopback() {
    agree("NULL", 0, 1_500);
    agree("LOOP", 108, 1_500);
}

#[test]
fn evaluator_and_compiler_agree_on_linux_cooked_captures() {
    agree("LINUX_SLL", 113, 1_500);
    agree("LINUX_SLL2", 276, 1_500);
}

/// The whole language on a share of the link types, so that two tests run side by side.
fn agree_on_the_whole_language(share: usize) {
    let pool = mutate::recorded(Some(1)).unwrap_or_default();
    assert!(!pool.is_empty(), "no packets");
    for (name, dlt) in LINK_TYPES.into_iter().skip(share).step_by(2) {
        agree_on(name, dlt, 500, true, |rng| frames::draw(rng, dlt, &pool));
    }
}

#[test]
fn evaluator_and_compiler_agree_on_the_whole_language_1() {
    agree_on_the_whole_language(0);
}

#[test]
fn evaluator_and_compiler_agree_on_the_whole_language_2() {
    agree_on_the_whole_language(1);
}
