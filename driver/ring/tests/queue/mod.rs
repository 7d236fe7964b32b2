//! A queue that divides and counts plainly, and the ring held against it, step by step. The fuzz target `ring_ops` uses it too.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;

use snapgate_ring::{
    AtomicU64, GRAIN, Grant, Header, PREFIX, Published, Refused, Ring, Shared, Tail, map_words,
};

/// What producers, a consumer and a program do.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Reserves so many bytes.
    Reserve(u32),
    /// Commits one of the open grants.
    Commit(usize),
    /// Drops one of the open grants.
    Discard(usize),
    /// Takes the next record.
    Consume,
    /// Takes all.
    Clear,
    /// Tells the program.
    Publish,
    /// Where the program says it has read to.
    Tail(At),
    /// Takes over what the program wrote.
    Believe,
    /// The program waits, or not.
    Wants(u64),
    /// The program writes into the driver's word.
    Head(u64),
}

/// A position that a program may write.
#[derive(Clone, Debug)]
pub(crate) enum At {
    /// All that was published.
    Head,
    /// Grains behind what is consumed.
    Grains(u64),
    /// Whatever.
    Anything(u64),
}

enum State {
    Open,
    Skip,
    Record(Vec<u8>),
}

struct Entry {
    end: u64,
    state: State,
}

/// The queue.
#[derive(Default)]
struct Queue {
    capacity: u64,
    reserved: u64,
    consumed: u64,
    published: u64,
    entries: VecDeque<Entry>,
}

impl Queue {
    fn reserve(&mut self, bytes: u32) -> Result<(), Refused> {
        let rounded = (u64::from(bytes) + u64::from(PREFIX)).div_ceil(u64::from(GRAIN)) * u64::from(GRAIN);
        if rounded > self.capacity {
            return Err(Refused::Oversize);
        }
        let room = self.consumed + self.capacity - self.reserved;
        let left = self.capacity - self.reserved % self.capacity;
        let pad = if rounded > left { left } else { 0 };
        let fits = pad + rounded <= room;
        let never_fits = pad + rounded > self.capacity;
        if pad > 0 && (fits || never_fits && pad <= room) {
            self.reserved += pad;
            self.entries.push_back(Entry { end: self.reserved, state: State::Skip });
        }
        if !fits {
            return Err(Refused::Full);
        }
        self.reserved += rounded;
        self.entries.push_back(Entry { end: self.reserved, state: State::Open });
        Ok(())
    }

    /// The entry that ends there gets a state.
    fn end(&mut self, end: u64, state: State) {
        self.entries.iter_mut().find(|entry| entry.end == end).unwrap().state = state;
    }

    fn consume(&mut self) -> Option<Vec<u8>> {
        loop {
            if matches!(self.entries.front()?.state, State::Open) {
                return None;
            }
            let entry = self.entries.pop_front()?;
            self.consumed = entry.end;
            if let State::Record(bytes) = entry.state {
                return Some(bytes);
            }
        }
    }

    /// Entries up to the first open one.
    fn committed(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().take_while(|entry| !matches!(entry.state, State::Open))
    }

    fn records(&self) -> u64 {
        self.committed().filter(|entry| matches!(entry.state, State::Record(_))).count() as u64
    }

    fn publish(&mut self) -> bool {
        let head = self.committed().last().map_or(self.consumed, |entry| entry.end);
        core::mem::replace(&mut self.published, head) != head
    }

    fn believe(&mut self, tail: u64) -> Tail {
        if tail == self.consumed {
            return Tail::Same;
        }
        let before = self.consumed;
        let mut records = 0;
        while tail <= self.published && self.entries.front().is_some_and(|entry| entry.end <= tail) {
            let entry = self.entries.pop_front().unwrap();
            self.consumed = entry.end;
            records += u64::from(matches!(entry.state, State::Record(_)));
        }
        if self.consumed == before { Tail::Nonsense } else { Tail::Moved(records) }
    }
}

/// Open grants, each with the bytes it was given.
struct Open<'r, 'a> {
    grants: Vec<(Grant<'r, 'a>, Vec<u8>)>,
    made: u32,
}

impl<'r, 'a> Open<'r, 'a> {
    /// Compares what the ring answers with the queue, and fills the grant.
    fn add(&mut self, queue: &mut Queue, bytes: u32, grant: Result<Grant<'r, 'a>, Refused>) {
        let expected = queue.reserve(bytes);
        assert_eq!(grant.as_ref().map(|_| ()).map_err(|refused| *refused), expected, "{bytes} bytes");
        let Ok(mut grant) = grant else { return };
        assert_eq!(grant.position() + u64::from(grant.rounded()), queue.reserved);
        self.made += 1;
        let content: Vec<u8> =
            (0..bytes).map(|at| at.wrapping_add(self.made).wrapping_mul(0x9e37) as u8).collect();
        // In pieces, back to front, and more than there is room for.
        let half = content.len() / 2;
        assert_eq!(grant.write(half as u32, &content[half..]), content.len() - half);
        assert_eq!(grant.write(0, &content[..half]), half);
        assert_eq!(grant.write(bytes, &[0xff; 100]), 0);
        assert_eq!(grant.write(u32::MAX, &[0xff; 100]), 0);
        let last = bytes.saturating_sub(1);
        assert_eq!(grant.write(last, &[content.last().copied().unwrap_or(0); 9]), usize::from(bytes > 0));
        self.grants.push((grant, content));
    }

    fn close(&mut self, queue: &mut Queue, which: usize, commits: bool) {
        if self.grants.is_empty() {
            return;
        }
        let (grant, content) = self.grants.swap_remove(which % self.grants.len());
        let end = grant.position() + u64::from(grant.rounded());
        if commits {
            grant.commit();
            queue.end(end, State::Record(content));
        } else {
            drop(grant);
            queue.end(end, State::Skip);
        }
    }
}

/// Memory of so many grains, and some bytes that are no whole grain.
fn memory(grains: usize, odd: usize) -> (Vec<u8>, Vec<AtomicU64>) {
    let data = vec![0; grains * GRAIN as usize + odd];
    // What is in the map before does not matter.
    let map = (0..map_words(data.len())).map(|at| AtomicU64::new(at as u64 * 777)).collect();
    (data, map)
}

/// A ring whose owner consumes.
pub(crate) fn check_own(grains: usize, odd: usize, ops: Vec<Op>) {
    let (mut data, mut map) = memory(grains, odd);
    let mut ring = Ring::of(&mut data, &mut map);
    let mut queue = Queue { capacity: ring.capacity(), ..Queue::default() };
    assert_eq!(ring.capacity(), grains as u64 * u64::from(GRAIN));
    let (producers, mut consumer) = ring.split();
    let mut open = Open { grants: Vec::new(), made: 0 };
    for op in ops {
        match op {
            Op::Reserve(bytes) => open.add(&mut queue, bytes, producers.reserve(bytes)),
            Op::Commit(which) => open.close(&mut queue, which, true),
            Op::Discard(which) => open.close(&mut queue, which, false),
            Op::Consume => {
                let record = consumer.peek().map(|record| (record.bytes().to_vec(), record.end()));
                // Ends of nothing.
                consumer.release(queue.reserved + u64::from(GRAIN));
                consumer.release(u64::MAX);
                let expected = queue.consume();
                assert_eq!(record.is_some(), expected.is_some());
                if let (Some((bytes, end)), Some(expected)) = (record, expected) {
                    assert_eq!(&bytes[..expected.len()], &expected[..]);
                    assert!(bytes.len() < expected.len() + GRAIN as usize);
                    assert_eq!(end, queue.consumed);
                    consumer.release(end);
                }
            }
            _ => {
                let expected = core::iter::from_fn(|| queue.consume()).count();
                assert_eq!(consumer.clear(), expected as u64);
            }
        }
        assert_eq!(producers.used(), queue.reserved - queue.consumed);
        assert_eq!(producers.records(), queue.records());
    }
}

/// A ring that a program shares, which writes what it likes.
pub(crate) fn check_lent(grains: usize, ops: Vec<Op>) {
    let (mut data, mut map) = memory(grains, 0);
    let ring = Ring::of(&mut data, &mut map);
    let mut queue = Queue { capacity: ring.capacity(), ..Queue::default() };
    let words = [const { AtomicU64::new(0) }; 3];
    let [head, tail, needs_wakeup] = &words;
    let published = Published::new();
    let shared = Shared::new(&ring, Header { head, tail, needs_wakeup }, &published);
    let mut open = Open { grants: Vec::new(), made: 0 };
    for op in ops {
        match op {
            Op::Reserve(bytes) => open.add(&mut queue, bytes, ring.reserve(bytes)),
            Op::Commit(which) => open.close(&mut queue, which, true),
            Op::Discard(which) => open.close(&mut queue, which, false),
            Op::Publish => {
                let wants = needs_wakeup.load(Relaxed) != 0;
                let moves = queue.publish();
                assert_eq!(shared.publish(), moves && wants);
                if moves {
                    assert_eq!(head.load(Relaxed), queue.published);
                    assert_eq!(needs_wakeup.load(Relaxed), 0);
                }
            }
            Op::Tail(at) => {
                let position = match at {
                    At::Head => queue.published,
                    At::Grains(grains) => queue.consumed + grains * u64::from(GRAIN),
                    At::Anything(position) => position,
                };
                tail.store(position, Relaxed);
            }
            Op::Believe => assert_eq!(shared.believe(), queue.believe(tail.load(Relaxed))),
            Op::Wants(value) => needs_wakeup.store(value, Relaxed),
            Op::Head(value) => head.store(value, Relaxed),
            Op::Consume | Op::Clear => {}
        }
        assert_eq!(shared.queued(), queue.published - queue.consumed);
        assert_eq!(ring.used(), queue.reserved - queue.consumed);
        assert_eq!(ring.records(), queue.records());
    }
}
