//! What `driver/ring/cost` counts: each measured function is one step of a packet's way through a ring. Prints how often each
//! was called.

use std::hint::black_box;
use std::sync::atomic::Ordering::{Acquire, Release};

use snapgate_ring::{AtomicU64, Consumer, GRAIN, Header, Published, Ring, Shared, Tail};

/// A ring of 1 MiB: short laps, so that pads are in the counts.
const GRAINS: usize = 16_384;
const BATCHES: u32 = 1_000;
/// Records of a batch.
const BATCH: u32 = 32;
/// Bytes of a record: five grains, which laps are no multiple of.
const BYTES: u32 = 300;

#[inline(never)]
fn measured_reserve_and_commit(ring: &Ring<'_>, bytes: u32) -> bool {
    ring.reserve(bytes).map(|grant| grant.commit()).is_ok()
}

#[inline(never)]
fn measured_refusal(ring: &Ring<'_>, bytes: u32) -> bool {
    ring.reserve(bytes).is_err()
}

#[inline(never)]
fn measured_reserve_write_and_commit(ring: &Ring<'_>, header: &[u8], content: &[u8], bytes: u32) -> bool {
    let Ok(mut grant) = ring.reserve(bytes) else { return false };
    grant.write(0, header);
    grant.write(18, content);
    grant.commit();
    true
}

#[inline(never)]
fn measured_peek_and_release(consumer: &mut Consumer<'_, '_>) -> usize {
    let Some(record) = consumer.peek() else { return 0 };
    let (bytes, end) = (record.bytes().len(), record.end());
    consumer.release(end);
    bytes
}

#[inline(never)]
fn measured_publish_batch(shared: &Shared<'_, '_>) -> bool {
    shared.publish()
}

#[inline(never)]
fn measured_believe_batch(shared: &Shared<'_, '_>) -> Tail {
    shared.believe()
}

/// The negative control: a step that can panic.
#[inline(never)]
#[expect(clippy::indexing_slicing, reason = "the panic is what is to be found")]
fn seeded_panic(words: &[AtomicU64], at: usize) -> u64 {
    words[at].load(Acquire)
}

fn main() {
    let mut data = vec![0; GRAINS * GRAIN as usize];
    let mut map: Vec<_> = (0..GRAINS).map(|_| AtomicU64::new(0)).collect();
    let ring = Ring::of(&mut data, &mut map);
    let words = [const { AtomicU64::new(0) }; 3];
    let [head, tail, needs_wakeup] = &words;
    let published = Published::new();
    let shared = Shared::new(&ring, Header { head, tail, needs_wakeup }, &published);
    let content = [7_u8; BYTES as usize];
    let (header, content) = content.split_at(18);
    for batch in 0..2 * BATCHES {
        for _ in 0..BATCH {
            if batch < BATCHES {
                black_box(measured_reserve_and_commit(&ring, black_box(BYTES)));
            } else {
                black_box(measured_reserve_write_and_commit(&ring, header, content, black_box(BYTES)));
            }
        }
        black_box(measured_publish_batch(&shared));
        tail.store(head.load(Acquire), Release);
        black_box(measured_believe_batch(&shared));
    }

    let mut ring = Ring::of(&mut data, &mut map);
    let (producers, mut consumer) = ring.split();
    for _ in 0..BATCHES * BATCH {
        if let Ok(grant) = producers.reserve(BYTES) {
            grant.commit();
        }
        black_box(measured_peek_and_release(&mut consumer));
    }
    let ring = Ring::of(&mut data, &mut map);
    while let Ok(grant) = ring.reserve(BYTES) {
        grant.commit();
    }
    for _ in 0..BATCHES * BATCH {
        black_box(measured_refusal(&ring, black_box(BYTES)));
    }

    black_box(seeded_panic(&words, black_box(2)));

    let records = BATCHES * BATCH;
    println!("measured_reserve_and_commit {records}");
    println!("measured_reserve_write_and_commit {records}");
    println!("measured_refusal {records}");
    println!("measured_peek_and_release {records}");
    // Of each record of a batch: so many were published and given back.
    println!("measured_publish_batch {}", 2 * records);
    println!("measured_believe_batch {}", 2 * records);
}
