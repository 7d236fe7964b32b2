//! The optimizer changes no verdict, of any filter of the corpus and of `benches/expressions.txt`, on any packet.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]
use snapgate_tests::smt::{Outcome, Prover};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
mod pairs;
use pairs::*;
const LIMIT: Duration = Duration::from_secs(60);

fn prove(pairs: &[Pair]) -> Vec<(usize, Duration, Outcome)> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut prover = Prover::default();
                while let Some(pair) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let at = (std::ptr::from_ref(pair) as usize - pairs.as_ptr() as usize)
                        / std::mem::size_of::<Pair>();
                    let start = Instant::now();
                    let outcome = prover.prove(&pair.plain, &pair.optimized, LIMIT);
                    done.lock().unwrap().push((at, start.elapsed(), outcome));
                }
            });
        }
    });
    done.into_inner().unwrap()
}

#[test]
fn scratch() {
    let mut all = Pairs::default();
    let start = Instant::now();
    if std::env::var_os("LISTED").is_some() {
        all.add_listed().unwrap();
    }
    if std::env::var_os("CORPUS").is_some() {
        all.add_corpus().unwrap();
    }
    if std::env::var_os("LISTS").is_some() {
        all.add_lists().unwrap();
    }
    println!(
        "compiled {} identical {} different {} in {:?}",
        all.compiled,
        all.identical,
        all.different.len(),
        start.elapsed()
    );
    let mut done = prove(&all.different);
    done.sort_by_key(|one| std::cmp::Reverse(one.1));
    let sum: Duration = done.iter().map(|one| one.1).sum();
    println!("took {:?}, sum {sum:?}", start.elapsed());
    for (at, took, outcome) in done.iter().take(40) {
        let pair = &all.different[*at];
        println!("{took:?} {} {}: {outcome:?} {}", pair.plain.len(), pair.optimized.len(), pair.name);
    }
    for (at, _, outcome) in &done {
        if *outcome != Outcome::Proved {
            println!("{outcome:?} {}", all.different[*at].name)
        }
    }
}
