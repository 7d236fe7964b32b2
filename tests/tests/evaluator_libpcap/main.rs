//! The evaluator against libpcap's compiler and machine, on every link type that has tests of its own, over packets that
//! are bent to go deep into the program.
//!
//! Where libpcap 1.10 means something else than later releases the filter is left out. `SNAPGATE_CAPTURES` names a
//! folder with more captures.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a failure here is the failure of a test"
)]

mod filters;
mod inner;
mod steer;

use std::collections::BTreeMap;
use std::path::Path;

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::syntax;
use snapgate_tests::cases;
use snapgate_tests::eval::{EvalError, evaluate};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::oracle::libpcap;
use snapgate_tests::pcap;
use snapgate_tests::rng::Rng;

/// Packets by link type: the recorded ones, and those of the folder that the environment names.
fn packets() -> BTreeMap<u16, Vec<Sample>> {
    let mut captures = pcap::recorded().unwrap();
    let mut folders: Vec<_> = std::env::var_os("SNAPGATE_CAPTURES").into_iter().map(Into::into).collect();
    while let Some(folder) = folders.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path: &Path = &entry.path();
            if path.is_dir() {
                folders.push(path.to_owned());
            } else {
                // Damaged files are among them.
                captures.extend(std::fs::read(path).ok().and_then(|bytes| pcap::parse(&bytes)));
            }
        }
    }
    let mut pool: BTreeMap<u16, Vec<Sample>> = BTreeMap::new();
    for capture in &captures {
        for record in &capture.records {
            let sample = Sample { data: record.data.clone(), wire_len: record.wire_len };
            let dlt = LinkType::from_linktype_field(capture.dlt(record.interface)).0;
            pool.entry(dlt).or_default().push(sample);
        }
    }
    pool
}

/// Compares on one link type, and tells how many verdicts there were and how many of them accept.
fn compare(rng: &mut Rng, dlt: u16, text: &str, pool: &[Sample], rounds: u32) -> Result<(u32, u32), String> {
    let name = LinkType(dlt);
    let Ok(ast) = syntax::parse(text) else { return Err(format!("{name} '{text}' cannot be parsed")) };
    let compiled = libpcap::compile(text, &libpcap::Options::plain(dlt));
    let (mut verdicts, mut accepted) = (0, 0);
    for round in 0..rounds {
        let mut sample =
            if pool.is_empty() || round % 4 == 0 { mutate::noise(rng) } else { mutate::draw(rng, pool) };
        if sample.data.len() < 120 && rng.one_in(2) {
            let more = rng.below(120);
            sample.data.extend((0..more).map(|_| if rng.one_in(2) { 0 } else { rng.byte() }));
        }
        if let Ok(program) = &compiled {
            steer::steer(rng, program, &mut sample.data);
        }
        if rng.one_in(8) {
            sample = sample.cut(rng.below(sample.data.len() + 1));
        }
        let evaluated = evaluate(&ast, dlt, None, &Embedded, &sample.data, sample.wire_len);
        let program = match (&compiled, &evaluated) {
            (_, Err(EvalError::Unsupported(what))) => {
                return Err(format!("{name} '{text}': not supported: {what}"));
            }
            (Err(_), Err(EvalError::Refused(_))) => return Ok((0, 0)),
            (Err(error), Ok(_)) => return Err(format!("{name} '{text}': only libpcap refuses: {error}")),
            (Ok(_), Err(error)) => {
                return Err(format!("{name} '{text}': only the evaluator refuses: {error}"));
            }
            (Ok(program), Ok(_)) => program,
        };
        let verdict = match libpcap::Machine::new(program) {
            Some(machine) => machine.run(&sample.data, sample.wire_len) != 0,
            // A loop: a chain of protocols.
            None => match steer::accepts(program, &sample.data) {
                Some(verdict) => verdict,
                None => continue,
            },
        };
        let expected = evaluated == Ok(true);
        if verdict != expected {
            let bytes = cases::hex(&sample.data);
            return Err(format!("{name} '{text}': libpcap {verdict}, evaluator {expected} on {bytes}"));
        }
        verdicts += 1;
        accepted += u32::from(expected);
    }
    Ok((verdicts, accepted))
}

/// In what 1.10 means something else, by name; `libpcap_differences.rs` shows each.
fn difference(text: &str, told: &str) -> Option<&'static str> {
    let refuses = |why: &str| told.contains("only the evaluator refuses") && told.ends_with(why);
    let compares = told.contains("libpcap true") || told.contains("libpcap false");
    if refuses("where this header lies is not known") {
        return Some("libpcap reads behind a network header whose place it does not know");
    }
    if refuses("not SunATM") && text.starts_with("lane and ") {
        return Some("1.10 looks for ATM headers behind encapsulations");
    }
    if told.contains("unsupported protocol over mpls") && text.contains("geneve") {
        return Some("libpcap looks for labels inside of tunnels that are inside of labels");
    }
    if compares && text.contains("decnet") {
        return Some("1.10 compares the flags and the address of a short DECnet header one after the other");
    }
    if compares && text.contains("dpc") {
        return Some("1.10 loads the whole routing label for a destination point code");
    }
    None
}

#[test]
fn evaluator_and_libpcap_agree_on_every_link_type() {
    let pool = packets();
    let rounds = cases::count(60) as u32;
    let mut rng = Rng::of_case(cases::seed(), 0);
    let (mut verdicts, mut accepted, mut failed) = (0_u64, 0_u64, Vec::new());
    let (mut never, mut left_out) = (Vec::new(), BTreeMap::new());
    for dlt in filters::LINK_TYPES {
        for text in filters::of(dlt) {
            let packets = pool.get(&dlt).map_or(&[][..], Vec::as_slice);
            match compare(&mut rng, dlt, &text, packets, rounds) {
                Ok((some, of_them)) => {
                    verdicts += u64::from(some);
                    accepted += u64::from(of_them);
                    if some > 0 && of_them == 0 {
                        never.push(format!("{} '{text}'", LinkType(dlt)));
                    }
                }
                Err(what) => match difference(&text, &what) {
                    Some(reason) => *left_out.entry(reason).or_insert(0) += 1,
                    None => failed.push(what),
                },
            }
        }
    }
    println!("{verdicts} verdicts, {accepted} accepted, {} filters never accepted: {never:?}", never.len());
    println!("left out {left_out:?}");
    assert!(failed.is_empty(), "{} failures\n{}", failed.len(), failed.join("\n"));
    assert!(accepted * 10 > verdicts, "too little was accepted");
}
