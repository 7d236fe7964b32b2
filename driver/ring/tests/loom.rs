//! Every order of threads and of their memory accesses, by the model checker loom; and that it notices each promise that is
//! broken.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p snapgate-ring --release --test loom
//! ```
//!
//! Loom sees the data area as one cell for each grain (`src/memory.rs`): two accesses of it that are not ordered end a model,
//! as does an assertion. The models of three threads are cut to a number of preemptions; those of two are exhaustive.

#![cfg(loom)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::cell::UnsafeCell;
use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use loom::sync::atomic::fence;
use loom::thread::spawn;
use snapgate_ring::{
    AtomicU64, Consumer, GRAIN, Header, Producers, Protocol, Published, Ring, Shared, Sound, Tail, weak,
};

const GRAIN_BYTES: usize = GRAIN as usize;

/// Tries all orders, or those with at most so many preemptions.
fn explore(preemptions: Option<usize>, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.check(model);
}

/// Whether some order breaks the model.
fn breaks(preemptions: Option<usize>, model: impl Fn() + Sync + Send + 'static) -> bool {
    catch_unwind(AssertUnwindSafe(|| explore(preemptions, model))).is_err()
}

/// Loom's threads want everything for ever; a model is small.
fn forever<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

fn words(count: usize) -> &'static [AtomicU64] {
    forever((0..count).map(|_| AtomicU64::new(0)).collect::<Vec<_>>())
}

fn ring<P: Protocol>(grains: usize) -> &'static mut Ring<'static, P> {
    forever(weak::ring(forever(vec![0_u8; grains * GRAIN_BYTES]), words(grains)))
}

fn split<P: Protocol>(grains: usize) -> (Producers<'static, 'static, P>, Consumer<'static, 'static, P>) {
    ring(grains).split()
}

/// Writes a record of its number, so many bytes long, if there is room.
fn produce<P: Protocol>(ring: Producers<'static, 'static, P>, number: u8, bytes: u32) -> bool {
    let Ok(mut grant) = ring.reserve(bytes) else { return false };
    grant.write(0, &[number, bytes as u8]);
    grant.write(bytes - 1, &[number]);
    grant.commit();
    true
}

/// The numbers of the records that are there, each looked at twice: when it is found, and before it is released.
fn consume<P: Protocol>(consumer: &mut Consumer<'_, '_, P>, into: &mut Vec<u8>) {
    while let Some(record) = consumer.peek() {
        let (number, bytes) = (record.bytes()[0], usize::from(record.bytes()[1]));
        assert_eq!(record.bytes()[bytes - 1], number, "a record is whole");
        assert_eq!(consumer.peek().unwrap().bytes()[0], number, "nobody writes there before it is released");
        let end = consumer.peek().unwrap().end();
        consumer.release(end);
        into.push(number);
    }
}

/// Two producers of two records each, one of them dropped, and a consumer, in a ring that wraps with a pad.
fn two_producers_and_a_consumer<P: Protocol>() {
    let (producers, mut consumer) = split::<P>(3);
    let mut seen = Vec::new();
    // So that the third grain is next: 2 grains wrap with a pad.
    assert!(produce(producers, 1, 70));
    consume(&mut consumer, &mut seen);
    let first = spawn(move || [produce(producers, 10, 70), produce(producers, 11, 8)]);
    let second = spawn(move || {
        drop(producers.reserve(8));
        [produce(producers, 20, 8)]
    });
    consume(&mut consumer, &mut seen);
    let mut made: Vec<(u8, bool)> = [10, 11].into_iter().zip(first.join().unwrap()).collect();
    made.extend([20].into_iter().zip(second.join().unwrap()));
    consume(&mut consumer, &mut seen);
    assert_eq!(producers.used(), 0, "nothing is left behind");
    let of = |from: u8| seen.iter().copied().filter(move |number| number / 10 == from);
    for producer in [1, 2] {
        let expected = made.iter().filter(|(number, made)| *made && number / 10 == producer);
        assert!(of(producer).eq(expected.map(|(number, _)| *number)), "{made:?} became {seen:?}");
    }
}

/// One producer and a consumer around a ring of one grain: each record takes the bytes of the one before.
fn one_grain<P: Protocol>() {
    let (producers, mut consumer) = split::<P>(1);
    let producer =
        spawn(move || (1..=3).filter(|number| produce(producers, *number, 8)).collect::<Vec<u8>>());
    let mut seen = Vec::new();
    consume(&mut consumer, &mut seen);
    consume(&mut consumer, &mut seen);
    let made = producer.join().unwrap();
    consume(&mut consumer, &mut seen);
    assert_eq!(seen, made);
}

#[test]
fn records_of_two_producers_arrive_whole_and_in_order() {
    explore(Some(3), two_producers_and_a_consumer::<Sound>);
}

#[test]
fn a_ring_of_one_grain_hands_it_back_and_forth() {
    explore(None, one_grain::<Sound>);
}

#[test]
fn a_relaxed_commit_is_noticed() {
    assert!(breaks(None, one_grain::<weak::CommitRelaxed>));
    assert!(breaks(Some(2), two_producers_and_a_consumer::<weak::CommitRelaxed>));
}

#[test]
fn a_relaxed_release_is_noticed() {
    assert!(breaks(None, one_grain::<weak::ReleaseRelaxed>));
    assert!(breaks(Some(2), two_producers_and_a_consumer::<weak::ReleaseRelaxed>));
}

/// A shared ring, for the driver and for the program.
struct Both<P: Protocol> {
    ring: &'static Ring<'static, P>,
    header: Header<'static>,
    published: &'static Published,
}

impl<P: Protocol> Clone for Both<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P: Protocol> Copy for Both<P> {}

impl<P: Protocol> Both<P> {
    fn new(grains: usize) -> Self {
        let [head, tail, needs_wakeup] = words(3) else { unreachable!("three words") };
        let header = Header { head, tail, needs_wakeup };
        Self { ring: ring(grains), header, published: forever(Published::new()) }
    }

    fn shared(self) -> Shared<'static, 'static, P> {
        Shared::new(self.ring, self.header, self.published)
    }

    fn produce(self) {
        self.ring.reserve(8).unwrap().commit();
    }
}

/// Two producers, each with a batch of one record: whoever is last, all is published.
fn two_publishers<P: Protocol>() {
    let both = Both::<P>::new(4);
    let other = spawn(move || {
        both.produce();
        both.shared().publish();
    });
    both.produce();
    both.shared().publish();
    other.join().unwrap();
    assert_eq!(both.header.head.load(Relaxed), 2 * u64::from(GRAIN));
}

/// A publisher that is late: the program has given back what it looks for, and the word is written anew. Before that lies a
/// record that is not committed.
fn late_publisher<P: Protocol>() {
    let both = Both::<P>::new(2);
    both.produce();
    let late = spawn(move || both.shared().publish());
    both.shared().publish();
    both.header.tail.store(u64::from(GRAIN), Release);
    both.shared().believe();
    let open = both.ring.reserve(8).unwrap();
    both.produce();
    late.join().unwrap();
    assert_eq!(both.header.head.load(Relaxed), u64::from(GRAIN), "nothing behind an open grant is published");
    drop(open);
}

/// A producer, and a program that waits as it should (or forgets to look again): it is woken, or has seen the record.
fn wakeup<P: Protocol>(looks_again: bool) {
    let both = Both::<P>::new(2);
    let producer = spawn(move || {
        both.produce();
        both.shared().publish()
    });
    let seen = both.header.head.load(Acquire);
    both.header.needs_wakeup.store(1, Relaxed);
    fence(SeqCst);
    let waits = !looks_again || both.header.head.load(Acquire) == seen;
    let woken = producer.join().unwrap();
    assert!(!waits || woken || seen > 0, "it sleeps, and nobody wakes it");
}

/// Two producers and a program that waits: whoever published the last record wakes it.
fn wakeup_by_two<P: Protocol>() {
    let both = Both::<P>::new(2);
    let batch = move || {
        both.produce();
        both.shared().publish()
    };
    let (first, second) = (spawn(batch), spawn(batch));
    both.header.needs_wakeup.store(1, Relaxed);
    fence(SeqCst);
    let seen = both.header.head.load(Acquire);
    let woken = u32::from(first.join().unwrap()) + u32::from(second.join().unwrap());
    assert!(woken <= 1, "the flag wakes once");
    assert!(seen == 2 * u64::from(GRAIN) || woken == 1, "it saw {seen} and sleeps");
    assert_eq!(both.header.head.load(Relaxed), 2 * u64::from(GRAIN));
}

/// A producer, an honest program, and a second thread of the driver's that takes over its tail: each record is given back once,
/// and no tail is ever called nonsense.
fn two_believers<P: Protocol>() {
    let both = Both::<P>::new(2);
    both.produce();
    both.produce();
    both.shared().publish();
    let program = spawn(move || {
        both.header.tail.store(u64::from(GRAIN), Release);
        both.header.tail.store(2 * u64::from(GRAIN), Release);
    });
    let other = spawn(move || both.shared().believe());
    let tails = [both.shared().believe(), other.join().unwrap()];
    program.join().unwrap();
    let tails = tails.into_iter().chain([both.shared().believe()]);
    let given_back = tails.map(|tail| match tail {
        Tail::Moved(records) => records,
        Tail::Same => 0,
        Tail::Nonsense => panic!("an honest tail"),
    });
    assert_eq!(given_back.sum::<u64>(), 2);
    assert_eq!(both.ring.used(), 0);
}

/// A program that reads a record and gives it back, a thread that takes that over, and one that wants the room: it writes
/// there after the program has read. (The cell stands for the bytes, which the driver does not read.)
fn room_is_read_before_it_is_written<P: Protocol>() {
    let both = Both::<P>::new(1);
    let bytes: &'static UnsafeCell<()> = forever(UnsafeCell::new(()));
    both.produce();
    both.shared().publish();
    let program = spawn(move || {
        let head = both.header.head.load(Acquire);
        bytes.with(|_| ());
        both.header.tail.store(head, Release);
    });
    let believer = spawn(move || both.shared().believe());
    if let Ok(grant) = both.ring.reserve(8) {
        bytes.with_mut(|_| ());
        grant.commit();
    }
    program.join().unwrap();
    believer.join().unwrap();
}

#[test]
fn two_publishers_publish_both_records() {
    explore(None, two_publishers::<Sound>);
}

#[test]
fn a_late_publisher_is_not_misled_by_a_later_lap() {
    explore(None, late_publisher::<Sound>);
}

#[test]
fn a_program_that_waits_is_woken() {
    explore(None, || wakeup::<Sound>(true));
    explore(Some(4), wakeup_by_two::<Sound>);
}

#[test]
fn two_threads_give_each_record_back_once() {
    explore(None, two_believers::<Sound>);
}

#[test]
fn a_program_has_read_what_is_written_again() {
    explore(None, room_is_read_before_it_is_written::<Sound>);
}

#[test]
fn a_missing_fence_before_the_scan_is_noticed() {
    assert!(breaks(None, two_publishers::<weak::ScanUnfenced>));
}

#[test]
fn a_head_that_is_not_checked_is_noticed() {
    assert!(breaks(None, two_publishers::<weak::HeadUnchecked>));
}

#[test]
fn laps_that_are_confused_are_noticed() {
    assert!(breaks(None, late_publisher::<weak::LapsConfused>));
}

#[test]
fn a_missing_fence_before_the_wakeup_is_noticed() {
    assert!(breaks(None, || wakeup::<weak::WakeUnfenced>(true)));
}

#[test]
fn a_program_that_does_not_look_again_sleeps_for_ever() {
    assert!(breaks(None, || wakeup::<Sound>(false)));
}

#[test]
fn a_relaxed_release_of_a_shared_ring_is_noticed() {
    assert!(breaks(None, room_is_read_before_it_is_written::<weak::ReleaseRelaxed>));
}
