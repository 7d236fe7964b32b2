//! The evaluator against the compiler: two readings of the language that share the syntax tree and nothing else agree on
//! random filters over recorded packets that are cut and bent.

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile, syntax};
use bpf_core::SlicePacket;
use snapgate_tests::cases;
use snapgate_tests::eval::{EvalError, evaluate};
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::mutate;
use snapgate_tests::rng::Rng;

fn agree(name: &str, dlt: u16, normal: u64) {
    let pool = mutate::recorded(Some(dlt)).unwrap_or_default();
    assert!(!pool.is_empty(), "{name}: no packets");
    let (mut verdicts, mut accepted, mut unsupported) = (0_u64, 0_u64, 0_u64);
    cases::run(&format!("evaluator and compiler on {name}"), normal, |rng: &mut Rng| {
        let primitives = *rng.pick(&[1, 2, 4, 8]);
        let text = expression::expression(rng, &Setting { dlt, primitives, whole: false });
        let netmask = rng.one_in(2).then_some(0xffff_ff00);
        let mut options = Options::new(LinkType(dlt));
        options.allow_empty = true;
        options.netmask = netmask;
        let compiled = compile(&text, &options, &Embedded);
        let Ok(ast) = syntax::parse(&text) else { return Ok(()) };
        for _ in 0..10 {
            let packet = mutate::draw(rng, &pool);
            let evaluated = evaluate(&ast, dlt, netmask, &Embedded, &packet.data, packet.wire_len);
            match (&compiled, evaluated) {
                (Ok(program), Ok(expected)) => {
                    let verdict = program.run(&SlicePacket::new(&packet.data, packet.wire_len));
                    verdicts += 1;
                    accepted += u64::from(expected);
                    if (verdict != 0) != expected {
                        let bytes = cases::hex(&packet.data);
                        return Err(format!(
                            "{name} '{text}': program {verdict}, evaluator {expected} on {bytes}"
                        ));
                    }
                }
                (_, Err(EvalError::Unsupported(_))) => unsupported += 1,
                (Err(_), Err(EvalError::Refused(_))) => {}
                (Ok(_), Err(error)) => {
                    return Err(format!("{name} '{text}': only the evaluator says: {error}"));
                }
                (Err(error), Ok(_)) => {
                    return Err(format!("{name} '{text}': only the compiler says: {error}"));
                }
            }
        }
        Ok(())
    });
    println!("{name}: {verdicts} verdicts, {accepted} accepted, {unsupported} beyond the evaluator");
    assert!(verdicts > 10 * unsupported && accepted * 10 > verdicts, "{name}: too little was compared");
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
