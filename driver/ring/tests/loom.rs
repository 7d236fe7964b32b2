//! Orders of threads and of their memory accesses, by the model checker loom; and that it notices each promise that is broken.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p snapgate-ring --release --test loom
//! ```
//!
//! Loom sees the data area as one cell for each grain (`src/memory.rs`): two accesses of it that are not ordered end a model,
//! as does an assertion. It does not try all orders there are: it leaves out what it takes for the same, and of an atomic it
//! remembers the last access only, so that a load hides an earlier one. Therefore every model is searched from each order in
//! which its threads could run one after the other, and has a broken twin that the same search must find.

#![cfg(loom)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::cell::UnsafeCell;
use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use loom::sync::atomic::fence;
use snapgate_ring::{
    AtomicU64, Consumer, GRAIN, Header, Producers, Protocol, Published, Ring, Shared, Sound, Tail, weak,
};

const GRAIN_BYTES: usize = GRAIN as usize;

/// The order in which a model starts its threads.
type Order = &'static [usize];
/// What a thread does.
type Body<T> = Box<dyn FnOnce() -> T>;

const ORDERS_OF_2: &[Order] = &[&[0, 1], &[1, 0]];
const ORDERS_OF_3: &[Order] = &[&[0, 1, 2], &[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]];

/// Searches a model from each of some orders, with at most so many preemptions.
fn explore(
    orders: &'static [Order],
    preemptions: Option<usize>,
    model: impl Fn(Order) + Copy + Send + Sync + 'static,
) {
    for order in orders {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = preemptions;
        builder.check(move || model(order));
    }
}

/// Whether the search finds an order that breaks the model.
fn breaks(
    orders: &'static [Order],
    preemptions: Option<usize>,
    model: impl Fn(Order) + Copy + Send + Sync + 'static,
) -> bool {
    catch_unwind(AssertUnwindSafe(|| explore(orders, preemptions, model))).is_err()
}

/// Starts threads in an order, and waits for all. What they answer, as they stand in the list.
fn run<T: 'static>(order: Order, bodies: Vec<Body<T>>) -> Vec<T> {
    let mut bodies: Vec<_> = bodies.into_iter().map(Some).collect();
    let mut threads: Vec<_> =
        order.iter().map(|body| (*body, loom::thread::spawn(bodies[*body].take().unwrap()))).collect();
    threads.sort_by_key(|(body, _)| *body);
    threads.into_iter().map(|(_, thread)| thread.join().unwrap()).collect()
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

/// Writes a record of its number, so many bytes long, if there is room: then the number is in the list.
fn produce<P: Protocol>(ring: Producers<'static, 'static, P>, number: u8, bytes: u8, made: &mut Vec<u8>) {
    let Ok(mut grant) = ring.reserve(u32::from(bytes)) else { return };
    grant.write(0, &[number, bytes]);
    grant.write(u32::from(bytes) - 1, &[number]);
    grant.commit();
    made.push(number);
}

/// The numbers of the records that are there, each looked at twice: when it is found, and before it is released.
fn consume<P: Protocol>(consumer: &mut Consumer<'_, '_, P>, into: &mut Vec<u8>) {
    while let Some(record) = consumer.peek() {
        let (number, bytes) = (record.bytes()[0], usize::from(record.bytes()[1]));
        assert_eq!(record.bytes()[bytes - 1], number, "a record is whole");
        let again = consumer.peek().unwrap();
        assert_eq!(again.bytes()[0], number, "nobody writes there before it is released");
        let end = again.end();
        consumer.release(end);
        into.push(number);
    }
}

/// Two producers, one of which also drops a grant, and a consumer, in a ring that wraps with a pad.
fn two_producers_and_a_consumer<P: Protocol>(order: Order) {
    let (producers, mut consumer) = ring::<P>(3).split();
    let mut seen = Vec::new();
    // So that the third grain is next: a record of two grains wraps with a pad.
    produce(producers, 1, 70, &mut seen);
    consume(&mut consumer, &mut Vec::new());
    let results = run::<(Vec<u8>, Option<Consumer<'_, '_, P>>)>(
        order,
        vec![
            Box::new(move || {
                let mut made = Vec::new();
                produce(producers, 10, 70, &mut made);
                produce(producers, 11, 8, &mut made);
                (made, None)
            }),
            Box::new(move || {
                let mut made = Vec::new();
                drop(producers.reserve(8));
                produce(producers, 20, 8, &mut made);
                (made, None)
            }),
            Box::new(move || {
                let mut seen = Vec::new();
                consume(&mut consumer, &mut seen);
                (seen, Some(consumer))
            }),
        ],
    );
    let [(first, _), (second, _), (mut seen, Some(mut consumer))] = <[_; 3]>::try_from(results).ok().unwrap()
    else {
        unreachable!("the consumer comes back")
    };
    consume(&mut consumer, &mut seen);
    assert_eq!(producers.used(), 0, "nothing is left behind");
    let of = |from: u8| seen.iter().copied().filter(|number| number / 10 == from).collect::<Vec<_>>();
    assert_eq!((of(1), of(2)), (first, second), "{seen:?}");
}

/// One producer and a consumer around a ring of one grain: each record takes the bytes of the one before.
fn one_grain<P: Protocol>(order: Order) {
    let (producers, mut consumer) = ring::<P>(1).split();
    let results = run::<(Vec<u8>, Option<Consumer<'_, '_, P>>)>(
        order,
        vec![
            Box::new(move || {
                let mut made = Vec::new();
                (1..=3).for_each(|number| produce(producers, number, 8, &mut made));
                (made, None)
            }),
            Box::new(move || {
                let mut seen = Vec::new();
                consume(&mut consumer, &mut seen);
                consume(&mut consumer, &mut seen);
                (seen, Some(consumer))
            }),
        ],
    );
    let [(made, _), (mut seen, Some(mut consumer))] = <[_; 2]>::try_from(results).ok().unwrap() else {
        unreachable!("the consumer comes back")
    };
    consume(&mut consumer, &mut seen);
    assert_eq!(seen, made);
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

    /// A batch of one record. Whether the program is to be woken.
    fn batch(self) -> bool {
        self.ring.reserve(8).unwrap().commit();
        self.shared().publish()
    }
}

/// Two producers, each with a batch of one record: whoever is last, all is published.
fn two_publishers<P: Protocol>(order: Order) {
    let both = Both::<P>::new(4);
    run(order, vec![Box::new(move || both.batch()), Box::new(move || both.batch())]);
    assert_eq!(both.header.head.load(Relaxed), 2 * u64::from(GRAIN));
}

/// A publisher that is late: the program has given back what it looks for, and the word is written anew. Before that lies a
/// record that is not committed.
fn late_publisher<P: Protocol>(order: Order) {
    let both = Both::<P>::new(2);
    both.ring.reserve(8).unwrap().commit();
    let late = move || {
        both.shared().publish();
        None
    };
    let other = move || {
        both.shared().publish();
        both.header.tail.store(u64::from(GRAIN), Release);
        both.shared().believe();
        let open = both.ring.reserve(8).unwrap();
        both.ring.reserve(8).unwrap().commit();
        Some(open)
    };
    let open = run(order, vec![Box::new(late), Box::new(other)]);
    assert_eq!(both.header.head.load(Relaxed), u64::from(GRAIN), "nothing behind an open grant is published");
    drop(open);
}

/// A producer, and a program that waits as it should (or forgets to look again): it is woken, or has seen the record.
fn wakeup<P: Protocol>(order: Order, looks_again: bool) {
    let both = Both::<P>::new(2);
    let program = move || {
        let seen = both.header.head.load(Acquire);
        both.header.needs_wakeup.store(1, Relaxed);
        fence(SeqCst);
        seen == 0 && (!looks_again || both.header.head.load(Acquire) == seen)
    };
    let results = run(order, vec![Box::new(move || both.batch()), Box::new(program)]);
    let (woken, sleeps) = (results[0], results[1]);
    assert!(!sleeps || woken, "it sleeps, and nobody wakes it");
}

/// Two producers and a program that waits: whoever published the last record wakes it.
fn wakeup_by_two<P: Protocol>(order: Order) {
    let both = Both::<P>::new(2);
    let batch = move || u64::from(both.batch());
    let program = move || {
        both.header.needs_wakeup.store(1, Relaxed);
        fence(SeqCst);
        both.header.head.load(Acquire)
    };
    let results = run(order, vec![Box::new(batch), Box::new(batch), Box::new(program)]);
    let (woken, seen) = (results[0] + results[1], results[2]);
    let whole = 2 * u64::from(GRAIN);
    assert!(woken <= 1, "the flag wakes once");
    assert!(seen == whole || woken == 1, "it saw {seen} and sleeps");
    assert_eq!(both.header.head.load(Relaxed), whole);
}

/// An honest program that gives two records back, one after the other, and two threads that take that over: each record is
/// given back once, and no tail is ever called nonsense.
fn two_believers<P: Protocol>(order: Order) {
    let both = Both::<P>::new(2);
    both.ring.reserve(8).unwrap().commit();
    both.batch();
    let believe = move || both.shared().believe();
    let program = move || {
        both.header.tail.store(u64::from(GRAIN), Release);
        both.header.tail.store(2 * u64::from(GRAIN), Release);
        Tail::Same
    };
    let mut tails = run(order, vec![Box::new(believe), Box::new(believe), Box::new(program)]);
    tails.push(believe());
    let given_back = tails.into_iter().map(|tail| match tail {
        Tail::Moved(records) => records,
        Tail::Same => 0,
        Tail::Nonsense => panic!("an honest tail"),
    });
    assert_eq!(given_back.sum::<u64>(), 2);
    assert_eq!(both.ring.used(), 0);
}

/// A program that reads a record and gives it back, a thread that takes that over, and one that wants the room: it writes
/// there after the program has read. (The cell stands for the bytes, which the driver does not read.)
fn room_is_read_before_it_is_written<P: Protocol>(order: Order) {
    let both = Both::<P>::new(1);
    let bytes: &'static UnsafeCell<()> = forever(UnsafeCell::new(()));
    both.batch();
    let program = move || {
        let head = both.header.head.load(Acquire);
        bytes.with(|_| ());
        both.header.tail.store(head, Release);
    };
    let believer = move || {
        both.shared().believe();
    };
    let producer = move || {
        if let Ok(grant) = both.ring.reserve(8) {
            bytes.with_mut(|_| ());
            grant.commit();
        }
    };
    run(order, vec![Box::new(program), Box::new(believer), Box::new(producer)]);
}

#[test]
fn records_of_two_producers_arrive_whole_and_in_order() {
    explore(ORDERS_OF_3, Some(3), two_producers_and_a_consumer::<Sound>);
}

#[test]
fn a_ring_of_one_grain_hands_it_back_and_forth() {
    explore(ORDERS_OF_2, None, one_grain::<Sound>);
}

#[test]
fn two_publishers_publish_both_records() {
    explore(ORDERS_OF_2, None, two_publishers::<Sound>);
}

#[test]
fn a_late_publisher_is_not_misled_by_a_later_lap() {
    explore(ORDERS_OF_2, None, late_publisher::<Sound>);
}

#[test]
fn a_program_that_waits_is_woken() {
    explore(ORDERS_OF_2, None, |order| wakeup::<Sound>(order, true));
    explore(ORDERS_OF_3, Some(3), wakeup_by_two::<Sound>);
}

#[test]
fn two_threads_give_each_record_back_once() {
    explore(ORDERS_OF_3, Some(3), two_believers::<Sound>);
}

#[test]
fn a_program_has_read_what_is_written_again() {
    explore(ORDERS_OF_3, None, room_is_read_before_it_is_written::<Sound>);
}

#[test]
fn a_relaxed_commit_is_noticed() {
    assert!(breaks(ORDERS_OF_2, None, one_grain::<weak::CommitRelaxed>));
    assert!(breaks(ORDERS_OF_3, Some(3), two_producers_and_a_consumer::<weak::CommitRelaxed>));
}

#[test]
fn a_relaxed_release_is_noticed() {
    assert!(breaks(ORDERS_OF_2, None, one_grain::<weak::ReleaseRelaxed>));
    assert!(breaks(ORDERS_OF_3, Some(3), two_producers_and_a_consumer::<weak::ReleaseRelaxed>));
    assert!(breaks(ORDERS_OF_3, None, room_is_read_before_it_is_written::<weak::ReleaseRelaxed>));
}

#[test]
fn a_missing_fence_before_the_scan_is_noticed() {
    assert!(breaks(ORDERS_OF_2, None, two_publishers::<weak::ScanUnfenced>));
}

#[test]
fn a_head_that_is_not_checked_is_noticed() {
    assert!(breaks(ORDERS_OF_2, None, two_publishers::<weak::HeadUnchecked>));
}

#[test]
fn laps_that_are_confused_are_noticed() {
    assert!(breaks(ORDERS_OF_2, None, late_publisher::<weak::LapsConfused>));
}

#[test]
fn records_that_are_given_back_twice_are_noticed() {
    assert!(breaks(ORDERS_OF_3, Some(3), two_believers::<weak::GivenBackTwice>));
}

#[test]
fn a_missing_fence_before_the_wakeup_is_noticed() {
    assert!(breaks(ORDERS_OF_2, None, |order| wakeup::<weak::WakeUnfenced>(order, true)));
    assert!(breaks(ORDERS_OF_3, Some(3), wakeup_by_two::<weak::WakeUnfenced>));
}

#[test]
fn a_program_that_does_not_look_again_sleeps_for_ever() {
    assert!(breaks(ORDERS_OF_2, None, |order| wakeup::<Sound>(order, false)));
}
