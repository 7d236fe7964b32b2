//! The optimizer changes no verdict: of any filter of the corpus and of `benches/expressions.txt`, and of generated ones, on any
//! packet of any length. z3 proves it, or shows a packet on which it is not so, which is run.
//!
//! What is too hard for the solver stands in `unproven.txt`, with the reason; it is run on packets that go along the branches of
//! both programs. A filter that ought to stand there and does not is a failure, as is one that stands there and need not.
//!
//! ```text
//! cargo test -p snapgate-tests --test optimizer_proof                       everything; generated filters: some hundreds
//! SNAPGATE_CASES=100 SNAPGATE_SEED=2 cargo test --release -p snapgate-tests --test optimizer_proof generated
//! BLESS=1 cargo test -p snapgate-tests --test optimizer_proof corpus        writes unproven.txt anew
//! ```

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod generated;
mod longer;
mod pairs;
mod unproven;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bpf_core::SlicePacket;
use snapgate_tests::cases;
use snapgate_tests::lists::{Kind, List};
use snapgate_tests::smt::{Outcome, Prover};

use pairs::{Pair, Pairs};

/// What takes so long on a machine that does nothing else is listed ...
const LIMIT_OF_BLESSING: Duration = Duration::from_secs(10);
/// ... what is not listed is proved on any machine ...
const LIMIT: Duration = Duration::from_secs(90);
/// ... and what is listed is proved on none.
const LIMIT_OF_UNPROVEN: Duration = Duration::from_secs(1);

/// What became of each pair, in their order.
fn prove(pairs: &[Pair], limit: impl Fn(&Pair) -> Duration + Sync) -> Vec<Outcome> {
    // The last ones first: of these some take long.
    let waiting = Mutex::new(pairs.iter().enumerate().collect::<Vec<_>>());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let mut prover = Prover::default();
                loop {
                    let Some((at, pair)) = waiting.lock().unwrap().pop() else { break };
                    let outcome = prover.prove(&pair.plain, &pair.optimized, limit(pair));
                    done.lock().unwrap().push((at, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

#[test]
fn every_filter_of_the_corpus_and_of_the_list_means_the_same_optimized() {
    let start = Instant::now();
    let mut all = Pairs::default();
    all.add_listed().unwrap();
    all.add_lists().unwrap();
    all.add_corpus().unwrap();
    let known = unproven::read();
    let outcomes = prove(&all.different, |pair| match known.contains_key(&pair.name) {
        _ if unproven::is_blessed() => LIMIT_OF_BLESSING,
        true => LIMIT_OF_UNPROVEN,
        false => LIMIT,
    });

    let (mut problems, mut found, mut proved) = (Vec::new(), Vec::new(), 0);
    for (pair, outcome) in all.different.iter().zip(outcomes) {
        match outcome {
            Outcome::Proved => proved += 1,
            Outcome::Unknown(why) => found.push((pair, why)),
            Outcome::Differ(packet) => {
                let verdicts = packet.verdicts([&pair.plain, &pair.optimized]).unwrap();
                problems.push(format!("{}: {verdicts:?} (plain, optimized) for {packet}", pair.name));
            }
        }
    }
    println!(
        "{} programs: {} as without the optimizer, {} different pairs, {proved} proved, {} unproven; {:.1} s",
        all.compiled,
        all.identical,
        all.different.len(),
        found.len(),
        start.elapsed().as_secs_f64()
    );
    assert!(problems.is_empty(), "{} programs are wrong\n{}", problems.len(), problems.join("\n"));
    assert!(proved > 500, "{proved} proved");
    unproven::compare(&known, &found);

    let mut prover = Prover::default();
    for (pair, _) in found {
        unproven::run(&mut prover, pair);
    }
}

/// 1,000 elements are too many for a proof: what the search tree does with each of them, and between them, is run.
#[test]
fn lists_of_1000_mean_the_same_optimized_on_packets_around_each_element() {
    for kind in Kind::ALL {
        let list = List::new(kind, 1_000);
        let mut pairs = Pairs::default();
        pairs.add_list(kind, &list).unwrap();
        // Each seventh: some packets around every element, of every kind.
        let packets: Vec<_> = list.packets().into_iter().step_by(7).collect();
        for pair in pairs.different {
            let [plain, optimized] = [&pair.plain, &pair.optimized].map(|program| pairs::runnable(program));
            let mut accepted = 0;
            for packet in &packets {
                let view = SlicePacket::new(&packet.data, packet.wire_len);
                let verdict = plain.run(&view);
                let name = || format!("{}: {}", pair.name, cases::hex(&packet.data));
                assert_eq!(verdict, optimized.run(&view), "{}", name());
                accepted += usize::from(verdict != 0);
            }
            assert!(
                accepted > 300 && accepted < packets.len(),
                "{}: {accepted} of {} accepted",
                pair.name,
                packets.len()
            );
        }
    }
}
