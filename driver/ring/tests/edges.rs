//! The borders of the ring: no room, one grain, the whole ring, one byte more; and what a program finds in a lent one.

#![cfg(not(loom))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use std::sync::atomic::Ordering::{Acquire, Release};

use snapgate_abi::record;
use snapgate_abi::shared::SharedRecords;
use snapgate_ring::{
    AtomicU64, GIVEN_BACK_MAX, GRAIN, Header, PREFIX, Published, Refused, Ring, Shared, Tail, map_words,
};

const GRAIN_BYTES: usize = GRAIN as usize;

fn words(count: usize) -> Vec<AtomicU64> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

/// The longest record in so many grains.
const fn whole(grains: u32) -> u32 {
    grains * GRAIN - PREFIX
}

#[test]
fn a_ring_of_nothing_takes_nothing() {
    let mut ring = Ring::of(&mut [], &mut []);
    let (producers, mut consumer) = ring.split();
    assert_eq!(producers.capacity(), 0);
    for bytes in [0, 1, 64, u32::MAX] {
        assert_eq!(producers.reserve(bytes).unwrap_err(), Refused::Oversize);
    }
    assert!(consumer.peek().is_none());
    assert_eq!((consumer.clear(), producers.used(), producers.records()), (0, 0, 0));
}

#[test]
fn less_than_a_grain_or_no_map_is_nothing() {
    let (mut data, mut map) = (vec![0; 63], words(4));
    assert_eq!(Ring::of(&mut data, &mut map).capacity(), 0);
    let mut data = vec![0; 640];
    assert_eq!(Ring::of(&mut data, &mut []).capacity(), 0);
    assert_eq!(Ring::of(&mut data, &mut map).capacity(), 4 * u64::from(GRAIN));
}

#[test]
fn one_grain_holds_one_record_after_the_other() {
    let (mut data, mut map) = (vec![0; GRAIN_BYTES], words(1));
    let mut ring = Ring::of(&mut data, &mut map);
    let (producers, mut consumer) = ring.split();
    assert_eq!(producers.reserve(whole(1) + 1).unwrap_err(), Refused::Oversize);
    for lap in 0..1000_u64 {
        let mut grant = producers.reserve(whole(1)).unwrap();
        assert_eq!(grant.position(), lap * u64::from(GRAIN));
        assert_eq!(grant.write(0, &[lap as u8; 100]), whole(1) as usize);
        assert_eq!(producers.reserve(0).unwrap_err(), Refused::Full);
        assert!(consumer.peek().is_none(), "not committed");
        grant.commit();
        let record = consumer.peek().unwrap();
        assert_eq!(record.bytes(), [lap as u8; whole(1) as usize]);
        let end = record.end();
        consumer.release(end);
    }
    assert_eq!(producers.used(), 0);
}

/// A record of exactly the capacity fits from any place, behind a pad of its own; it is never refused for good.
#[test]
fn a_record_as_long_as_the_ring_fits_from_every_place() {
    const GRAINS: u32 = 7;
    for before in 0..=GRAINS {
        let (mut data, mut map) = (vec![0; GRAINS as usize * GRAIN_BYTES], words(GRAINS as usize));
        let mut ring = Ring::of(&mut data, &mut map);
        let (producers, mut consumer) = ring.split();
        if before > 0 {
            producers.reserve(whole(before)).unwrap().commit();
            assert_eq!(consumer.clear(), 1);
        }
        let grant = producers.reserve(whole(GRAINS)).or_else(|refused| {
            assert_eq!(refused, Refused::Full);
            // The pad is there for the consumer, and for nobody else.
            assert_eq!(producers.used(), u64::from((GRAINS - before) * GRAIN));
            assert!(consumer.peek().is_none());
            assert_eq!(producers.used(), 0);
            producers.reserve(whole(GRAINS))
        });
        let mut grant = grant.unwrap();
        assert_eq!(grant.write(0, &vec![7; whole(GRAINS) as usize]), whole(GRAINS) as usize);
        grant.commit();
        assert_eq!(consumer.peek().unwrap().bytes(), vec![7; whole(GRAINS) as usize]);
        assert_eq!(producers.reserve(whole(GRAINS) + 1).unwrap_err(), Refused::Oversize);
    }
}

/// Npcap #1891: the accounting of free space drifted, until everything was dropped.
#[test]
fn free_space_does_not_drift() {
    let (mut data, mut map) = (vec![0; 100 * GRAIN_BYTES], words(100));
    let mut ring = Ring::of(&mut data, &mut map);
    let (producers, mut consumer) = ring.split();
    let (mut made, mut full, mut seen) = (0, 0, 0);
    for round in 0..200_000_u32 {
        match producers.reserve(round.wrapping_mul(2_654_435_761) % 1600) {
            Ok(grant) if round % 7 == 0 => drop(grant),
            Ok(grant) => {
                made += 1;
                grant.commit();
            }
            Err(Refused::Full) => {
                full += 1;
                seen += consumer.clear();
                assert_eq!(producers.used(), 0);
            }
            Err(Refused::Oversize) => panic!("it is not"),
        }
    }
    assert_eq!(made, seen + consumer.clear());
    assert!(full > 0 && full < 200_000 / 3);
}

/// CVE-2017-7308, CVE-2020-14386: sums of lengths and offsets that wrapped.
#[test]
fn lengths_near_the_largest_are_refused_and_offsets_are_cut() {
    let (mut data, mut map) = (vec![0; 4 * GRAIN_BYTES], words(4));
    let ring = Ring::of(&mut data, &mut map);
    for bytes in u32::MAX - 200..=u32::MAX {
        assert_eq!(ring.reserve(bytes).unwrap_err(), Refused::Oversize);
    }
    let mut grant = ring.reserve(10).unwrap();
    for offset in (10..200).chain(u32::MAX - 200..=u32::MAX) {
        assert_eq!(grant.write(offset, &[0xff; 300]), 0);
    }
    assert_eq!(grant.write(9, &[1; 300]), 1);
    drop(grant);
    assert_eq!(data[PREFIX as usize + 9], 1);
    assert!(data[PREFIX as usize + 10..].iter().all(|byte| *byte == 0), "nothing beyond the record");
}

/// What the interface promises to programs is what the driver writes: records, pads and dropped grants.
#[test]
fn a_program_finds_every_record_and_no_pad() {
    let mut data = vec![0; 20 * GRAIN_BYTES];
    let mut map = words(20);
    let shared_words = words(3);
    let [head, tail, needs_wakeup] = &shared_words[..] else { unreachable!("three words") };
    let published = Published::new();
    let mut expected = Vec::new();
    let (from, to) = {
        let ring = Ring::of(&mut data, &mut map);
        let shared = Shared::new(&ring, Header { head, tail, needs_wakeup }, &published);
        for round in 0..500_u32 {
            let captured = round * 37 % 300;
            let Ok(mut grant) = ring.reserve(18 + captured) else {
                shared.publish();
                // Half of what is there, as far as records end there.
                let (from, to) = (tail.load(Acquire), head.load(Acquire));
                tail.store(from + (to - from) / 128 * 64, Release);
                match shared.believe() {
                    Tail::Moved(records) => drop(expected.drain(..records as usize)),
                    tail => panic!("{tail:?}"),
                }
                tail.store(to - shared.queued(), Release);
                continue;
            };
            let header = record::Header {
                seconds: round as i32,
                fraction: 0,
                captured,
                length: captured,
                header_len: 18,
            };
            grant.write(0, &header.to_bytes()[..18]);
            grant.write(18, &vec![round as u8; captured as usize]);
            if round % 5 == 0 {
                continue;
            }
            grant.commit();
            expected.push((round, captured));
        }
        shared.publish();
        (tail.load(Acquire), head.load(Acquire))
    };
    let mut records = SharedRecords::new(&data, from, to);
    for (round, captured) in expected {
        let record = records.next().unwrap();
        assert_eq!(record.header.seconds, round as i32);
        assert_eq!(record.data, vec![round as u8; captured as usize]);
    }
    assert!(records.next().is_none());
    assert_eq!(records.position(), to);
}

/// However much a program gives back at once, the driver looks at a bounded part of it at a time, and at each record once.
#[test]
fn a_large_tail_is_taken_over_in_parts() {
    let grains = GIVEN_BACK_MAX as usize * 2 + 5;
    let (mut data, mut map) = (vec![0; grains * GRAIN_BYTES], words(map_words(grains * GRAIN_BYTES)));
    let ring = Ring::of(&mut data, &mut map);
    let [head, tail, needs_wakeup] = [const { AtomicU64::new(0) }; 3];
    let published = Published::new();
    let header = Header { head: &head, tail: &tail, needs_wakeup: &needs_wakeup };
    let shared = Shared::new(&ring, header, &published);
    for _ in 0..grains {
        ring.reserve(0).unwrap().commit();
    }
    shared.publish();
    tail.store(head.load(Acquire), Release);
    let part = u64::from(GIVEN_BACK_MAX);
    assert_eq!(shared.believe(), Tail::Moved(part));
    assert_eq!(shared.believe(), Tail::Moved(part));
    assert_eq!(shared.believe(), Tail::Moved(5));
    assert_eq!((shared.believe(), ring.used()), (Tail::Same, 0));
}
