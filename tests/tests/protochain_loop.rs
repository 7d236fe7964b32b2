//! The loop form of `protochain` beside libpcap's, which is a loop too, on random chains of headers, whole and cut; and what the running
//! Linux kernel says of it.
//!
//! libpcap steps over AH to another place than behind it (`libpcap_differences.rs`): chains with AH are not in these packets, but in those of
//! `bpf-compile/tests/beyond/loops.rs`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Compiled, Looping, Options, compile_looping};
use snapgate_tests::cases;
use snapgate_tests::compare::{Judge, Question};
use snapgate_tests::oracle::kernel::Kernel;
use snapgate_tests::oracle::libpcap;
use snapgate_tests::rng::Rng;

const FILTERS: [&str; 8] = [
    "ip6 protochain 6",
    "ip6 protochain 17",
    "protochain 58",
    "not ip6 protochain 58",
    "ip6 protochain 60 and ip6 protochain 44",
    "ip6 protochain 6 or ip protochain 17 or len < 100",
    "ip6 protochain 43 and (ip6 protochain 6 or ip6 protochain 17)",
    "not (protochain 0 or protochain 6) and ip6",
];

fn looping(text: &str, dlt: u16) -> Looping {
    let mut options = Options::new(LinkType(dlt));
    options.snap_len = libpcap::SNAPLEN;
    match compile_looping(text, &options, &Embedded).unwrap() {
        Compiled::Looping(program) => program,
        Compiled::Forward(_) => panic!("{text}: no loop"),
    }
}

/// Up to 200 headers behind IPv6, of random lengths and sometimes with a wrong end.
fn packet(rng: &mut Rng, dlt: u16) -> Vec<u8> {
    let mut bytes = if dlt == 1 { vec![2; 12] } else { Vec::new() };
    if dlt == 1 {
        bytes.extend(if rng.one_in(20) { [8, 0] } else { [0x86, 0xdd] });
    }
    let kind = |rng: &mut Rng| *rng.pick(&[0_u8, 43, 44, 60]);
    let mut next = kind(rng);
    bytes.extend([0x60, 0, 0, 0, 0, 0, next, 64]);
    bytes.extend((0..32).map(|_| rng.byte()));
    let headers = *rng.pick(&[1, 3, 12, 200]);
    for number in 0..headers {
        let last = number + 1 == headers;
        next = if last { *rng.pick(&[6, 17, 58, 59, 132]) } else { kind(rng) };
        let units = if rng.one_in(3) { rng.byte() % 4 } else { 0 };
        bytes.extend([next, units]);
        bytes.extend((0..6 + 8 * usize::from(units)).map(|_| rng.byte()));
    }
    bytes.extend((0..rng.below(40)).map(|_| rng.byte()));
    if rng.one_in(3) {
        bytes.truncate(rng.below(bytes.len() + 1));
    }
    bytes
}

#[test]
fn the_loop_has_the_verdicts_of_libpcaps() {
    let filters: Vec<_> = [1_u16, 12]
        .into_iter()
        .flat_map(|dlt| FILTERS.map(|text| (text, dlt)))
        .map(|(text, dlt)| {
            let theirs = Question { text, dlt, netmask: None }.theirs().unwrap();
            (text, dlt, looping(text, dlt), theirs)
        })
        .collect();
    let (mut compared, mut accepted) = (0, 0);
    cases::run("chains of headers in loops", 4000, |rng| {
        for (text, dlt, ours, theirs) in &filters {
            let packet = packet(rng, *dlt);
            let wire_len = u32::try_from(packet.len()).unwrap();
            let judge = Judge::new(text, theirs).ok_or("libpcap's program does not run")?;
            let (found, expected) = (ours.run(&packet, wire_len), judge.run(&packet, wire_len));
            if found != expected {
                let hex = cases::hex(&packet);
                return Err(format!("{text} on {hex}: ours {found}, libpcap's {expected}"));
            }
            compared += 1;
            accepted += u32::from(found != 0);
        }
        Ok(())
    });
    println!("{compared} verdicts compared, {accepted} of them not 0");
    assert!(accepted * 5 > compared && accepted * 5 < compared * 4, "{accepted} of {compared}");
}

#[test]
fn the_loop_is_no_longer_than_libpcaps() {
    for dlt in [1, 12] {
        for text in FILTERS {
            let (ours, theirs) =
                (looping(text, dlt), Question { text, dlt, netmask: None }.theirs().unwrap());
            let lens = (ours.insns().len(), theirs.len());
            assert!(lens.0 <= lens.1, "{text}: {lens:?}");
        }
    }
}

#[test]
fn linux_does_not_take_the_loop() {
    let error = Kernel::new().unwrap().attach(looping("ip6 protochain 6", 1).insns()).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(22), "{error}");
}
