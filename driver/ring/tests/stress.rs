//! Real threads: what the model checker's small models leave out is length.

#![cfg(not(loom))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::fence;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use snapgate_ring::{AtomicU64, GRAIN, Header, Published, Refused, Ring, Shared, Tail};

const RECORDS: u64 = 150_000;
const GRAINS: usize = 61;
/// Long enough for a machine that is busy with other things.
const NEVER: Duration = Duration::from_secs(60);

fn memory() -> (Vec<u8>, Vec<AtomicU64>) {
    (vec![0; GRAINS * GRAIN as usize], (0..GRAINS).map(|_| AtomicU64::new(0)).collect())
}

/// The same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Who, which, length and a seed; then bytes that follow from the seed, in 8 at a time.
fn content(who: u64, which: u64, seed: u64) -> Vec<u8> {
    let words = seed % 60;
    let mut numbers = Numbers(seed | 1);
    let head = [who, which, words, seed];
    head.into_iter().chain((0..words).map(|_| numbers.next())).flat_map(u64::to_le_bytes).collect()
}

#[test]
fn two_producers_and_a_consumer_lose_nothing() {
    let (mut data, mut map) = memory();
    let mut ring = Ring::of(&mut data, &mut map);
    let (producers, mut consumer) = ring.split();
    let done = AtomicU64::new(0);
    let (made, seen) = thread::scope(|scope| {
        let produce = |who: u64| {
            let done = &done;
            move || {
                let mut numbers = Numbers(who + 77);
                let mut made = 0;
                while made < RECORDS {
                    let content = content(who, made, numbers.next());
                    match producers.reserve(content.len() as u32) {
                        Ok(mut grant) => {
                            let (front, back) = content.split_at(content.len() / 3);
                            grant.write(front.len() as u32, back);
                            grant.write(0, front);
                            // Some are given up when they are all but done.
                            if !numbers.next().is_multiple_of(8) {
                                grant.commit();
                                made += 1;
                            }
                        }
                        Err(Refused::Full) => thread::yield_now(),
                        Err(Refused::Oversize) => panic!("it is not"),
                    }
                }
                done.fetch_add(1, Release);
                made
            }
        };
        let producers = [scope.spawn(produce(0)), scope.spawn(produce(1))];
        let mut seen = [0; 2];
        loop {
            let all_made = done.load(Acquire) == 2;
            while let Some(record) = consumer.peek() {
                let words: Vec<u64> = record
                    .bytes()
                    .chunks_exact(8)
                    .map(|word| u64::from_le_bytes(word.try_into().unwrap()))
                    .collect();
                let (who, which) = (words[0], words[1]);
                assert_eq!(which, seen[who as usize], "in order, none left out");
                let expected = content(who, which, words[3]);
                assert_eq!(record.bytes()[..expected.len()], expected);
                seen[who as usize] += 1;
                let end = record.end();
                consumer.release(end);
            }
            if all_made {
                break;
            }
            thread::yield_now();
        }
        (producers.map(|producer| producer.join().unwrap()), seen)
    });
    assert_eq!(made, seen);
    assert_eq!(producers.used(), 0);
}

/// A program that sleeps whenever it has read everything: it is woken for every record, and gives every one back.
#[test]
fn a_program_that_sleeps_misses_nothing() {
    let (mut data, mut map) = memory();
    let ring = Ring::of(&mut data, &mut map);
    let words = [const { AtomicU64::new(0) }; 3];
    let [head, tail, needs_wakeup] = &words;
    let header = Header { head, tail, needs_wakeup };
    let published = Published::new();
    let given_back = AtomicU64::new(0);
    let is_over = AtomicBool::new(false);
    let (wake, sleep) = channel();
    let count = |result: Tail| match result {
        Tail::Moved(records) => {
            given_back.fetch_add(records, Relaxed);
        }
        Tail::Same => {}
        Tail::Nonsense => panic!("an honest tail"),
    };
    thread::scope(|scope| {
        let produce = |seed: u64, wake: std::sync::mpsc::Sender<()>| {
            let (ring, published, count) = (&ring, &published, &count);
            move || {
                let shared = Shared::new(ring, header, published);
                let mut numbers = Numbers(seed);
                let mut made = 0;
                while made < RECORDS {
                    // A batch.
                    for _ in 0..numbers.next() % 5 {
                        if let Ok(grant) = ring.reserve((numbers.next() % 400) as u32) {
                            grant.commit();
                            made += 1;
                        } else {
                            count(shared.believe());
                        }
                    }
                    if shared.publish() {
                        wake.send(()).unwrap();
                    }
                    if ring.used() > ring.capacity() / 2 {
                        thread::yield_now();
                    }
                }
                made
            }
        };
        let producers = [scope.spawn(produce(5, wake.clone())), scope.spawn(produce(6, wake.clone()))];
        let is_over = &is_over;
        let program = scope.spawn(move || {
            let mut position = 0;
            loop {
                let now = head.load(Acquire);
                if now > position {
                    position = now;
                    tail.store(position, Release);
                    continue;
                }
                if is_over.load(Acquire) && head.load(Acquire) <= position {
                    return position;
                }
                needs_wakeup.store(1, Relaxed);
                fence(SeqCst);
                if head.load(Acquire) <= position {
                    sleep.recv_timeout(NEVER).expect("it is woken");
                }
            }
        });
        let made: u64 = producers.map(|producer| producer.join().unwrap()).into_iter().sum();
        is_over.store(true, Release);
        wake.send(()).unwrap();
        let position = program.join().unwrap();
        assert_eq!(position, head.load(Acquire));
        let shared = Shared::new(&ring, header, &published);
        count(shared.believe());
        assert_eq!(given_back.load(Relaxed), made);
        assert_eq!((ring.used(), shared.queued()), (0, 0));
    });
}

/// A program that writes all three words as fast as it can, while two producers go on: they end, and nothing is out of bounds.
#[test]
fn a_program_that_writes_nonsense_stops_nobody() {
    let (mut data, mut map) = memory();
    let ring = Ring::of(&mut data, &mut map);
    let words = [const { AtomicU64::new(0) }; 3];
    let [head, tail, needs_wakeup] = &words;
    let header = Header { head, tail, needs_wakeup };
    let published = Published::new();
    let is_over = AtomicBool::new(false);
    let made = thread::scope(|scope| {
        let produce = |seed: u64| {
            let (ring, published) = (&ring, &published);
            move || {
                let shared = Shared::new(ring, header, published);
                let mut numbers = Numbers(seed);
                let (mut made, mut given_back) = (0, 0);
                for _ in 0..RECORDS {
                    if let Ok(grant) = ring.reserve((numbers.next() % 400) as u32) {
                        grant.commit();
                        made += 1;
                    } else if let Tail::Moved(records) = shared.believe() {
                        given_back += records;
                    }
                    shared.publish();
                }
                (made, given_back)
            }
        };
        let producers = [scope.spawn(produce(8)), scope.spawn(produce(9))];
        scope.spawn(|| {
            let mut numbers = Numbers(10);
            while !is_over.load(Relaxed) {
                let near = head.load(Relaxed).wrapping_sub(numbers.next() % 40 * u64::from(GRAIN));
                tail.store(if numbers.next().is_multiple_of(4) { numbers.next() } else { near }, Relaxed);
                if numbers.next().is_multiple_of(16) {
                    head.store(numbers.next(), Relaxed);
                }
                needs_wakeup.store(numbers.next() % 3, Relaxed);
            }
        });
        let made = producers.map(|producer| producer.join().unwrap());
        is_over.store(true, Relaxed);
        made
    });
    let shared = Shared::new(&ring, header, &published);
    let (made, given_back) = (made[0].0 + made[1].0, made[0].1 + made[1].1);
    assert_eq!(made, given_back + ring.records(), "each record is given back once, or still there");
    assert_eq!(shared.queued(), ring.used());
    assert!(ring.used() <= ring.capacity());
}
