//! Schedules from seeds: the same seed and count give the same events, on every machine and for ever.

use super::event::{ADAPTERS, AdapterEvent, Event, HANDLES, HandleEvent};

/// A stream of numbers from a seed (splitmix64, of Steele, Lea and Flood, 2014): small, fast, and all of it is the seed.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0. What the division leaves over does not matter here.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Whether an event of this probability happens.
    pub const fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of a few.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let index = self.below(u64::try_from(choices.len()).ok()?.max(1));
        choices.get(usize::try_from(index).ok()?).copied()
    }
}

/// The events of a seed. Every schedule begins with adapters and open handles, so that most of it means something.
#[must_use]
pub fn events(seed: u64, count: usize) -> Vec<Event> {
    let mut numbers = Numbers::new(seed);
    let mut events = begin(&mut numbers);
    while events.len() < count {
        events.push(event(&mut numbers));
    }
    events
}

/// The beginning of the schedule of a seed.
#[must_use]
pub fn beginning(seed: u64) -> Vec<Event> {
    begin(&mut Numbers::new(seed))
}

/// The event that follows from a word.
#[must_use]
pub fn event_of(word: u64) -> Event {
    event(&mut Numbers::new(word))
}

fn begin(numbers: &mut Numbers) -> Vec<Event> {
    let mut events: Vec<Event> =
        (0..ADAPTERS).map(|adapter| Event::Adapter(adapter, AdapterEvent::Plug)).collect();
    // Some handles only: the others open later, or never.
    let opened = 1 + numbers.below(u64::from(HANDLES));
    for handle in 0..HANDLES {
        if u64::from(handle) < opened {
            let adapter = u8::try_from(numbers.below(u64::from(ADAPTERS) + 1)).unwrap_or_default();
            events.push(Event::Handle(handle, HandleEvent::Open(adapter)));
            events.push(Event::Handle(handle, HandleEvent::Buffer(ring_size(numbers))));
        }
    }
    events
}

fn event(numbers: &mut Numbers) -> Event {
    if numbers.chance(500) {
        let adapter = u8::try_from(numbers.below(u64::from(ADAPTERS))).unwrap_or_default();
        Event::Adapter(adapter, adapter_event(numbers))
    } else {
        let handle = u8::try_from(numbers.below(u64::from(HANDLES))).unwrap_or_default();
        Event::Handle(handle, handle_event(numbers))
    }
}

fn adapter_event(numbers: &mut Numbers) -> AdapterEvent {
    match numbers.below(100) {
        0..42 => AdapterEvent::Receive(word(numbers)),
        42..70 => AdapterEvent::Send(word(numbers)),
        70..76 => AdapterEvent::Complete(byte(numbers)),
        76..82 => AdapterEvent::Return(byte(numbers)),
        82..85 => AdapterEvent::Pause,
        85..88 => AdapterEvent::Restart,
        88..90 => AdapterEvent::Unplug,
        90..91 => AdapterEvent::Surprise,
        91..94 => AdapterEvent::Plug,
        94..95 => AdapterEvent::Power,
        95..96 => AdapterEvent::Link(byte(numbers)),
        96..97 => AdapterEvent::Oid,
        _ => AdapterEvent::Silence(u16::try_from(numbers.below(200)).unwrap_or_default()),
    }
}

fn handle_event(numbers: &mut Numbers) -> HandleEvent {
    match numbers.below(100) {
        0..12 => HandleEvent::Open(u8::try_from(numbers.below(u64::from(ADAPTERS) + 1)).unwrap_or_default()),
        12..17 => HandleEvent::Close,
        17..18 => HandleEvent::Exit,
        18..21 => HandleEvent::Bind(u8::try_from(numbers.below(u64::from(ADAPTERS))).unwrap_or_default()),
        21..29 => HandleEvent::Filter(byte(numbers)),
        29..37 => HandleEvent::Buffer(ring_size(numbers)),
        37..41 => {
            HandleEvent::Mode(numbers.pick(&[0, 0, 1, 0x400, 0x401, 2, 0x10, 0x100]).unwrap_or_default())
        }
        41..44 => {
            HandleEvent::MinToCopy(numbers.pick(&[0, 0, 1, 100, 2000, 16_000, u32::MAX]).unwrap_or_default())
        }
        44..46 => {
            HandleEvent::SnapLength(numbers.pick(&[0, 1, 14, 60, 96, 1514, u32::MAX]).unwrap_or_default())
        }
        46..48 => HandleEvent::Direction(word(numbers) % 5),
        48..52 => HandleEvent::Timeout(numbers.pick(&[0, 0, 1, 10, 500, u32::MAX]).unwrap_or_default()),
        52..53 => HandleEvent::Clock(numbers.pick(&[0, 2, 4, 1]).unwrap_or_default()),
        53..54 => HandleEvent::Loopback(word(numbers) % 4),
        54..56 => HandleEvent::Notify,
        56..74 => HandleEvent::Read(numbers.pick(&[0, 4, 19, 20, 64, 200, 1600, 65_536]).unwrap_or_default()),
        74..77 => HandleEvent::Cancel,
        77..83 => HandleEvent::Await,
        83..86 => HandleEvent::MapRing(numbers.pick(&[0, 4096, 8192, 65_536, 4097]).unwrap_or_default()),
        86..90 => HandleEvent::Consume,
        90..92 => HandleEvent::Scribble(word(numbers)),
        92..95 => HandleEvent::Statistics,
        95..98 => HandleEvent::Garbage(word(numbers)),
        _ => HandleEvent::Sleep(u16::try_from(numbers.below(300)).unwrap_or_default()),
    }
}

fn ring_size(numbers: &mut Numbers) -> u32 {
    numbers
        .pick(&[0, 1, 64, 128, 2048, 4096, 16_384, 65_536, 65_536, 0x4000_0000, 0x4000_0001])
        .unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half is thrown away")]
const fn word(numbers: &mut Numbers) -> u32 {
    numbers.next() as u32
}

#[expect(clippy::cast_possible_truncation, reason = "all but the lowest byte is thrown away")]
const fn byte(numbers: &mut Numbers) -> u8 {
    numbers.next() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_events_always() {
        assert_eq!(events(7, 100), events(7, 100));
        assert_ne!(events(7, 100), events(8, 100));
        assert_eq!(events(7, 100).len(), 100);
        let mut numbers = Numbers::new(0);
        // The first numbers of the seed 0, as its authors give them.
        assert_eq!([numbers.next(), numbers.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn every_kind_of_event_occurs() {
        let words: std::collections::BTreeSet<String> = (0..400)
            .flat_map(|seed| events(seed, 200))
            .filter_map(|event| event.to_string().split(' ').nth(2).map(str::to_owned))
            .collect();
        // Of the programs 23, of the adapters 13.
        assert_eq!(words.len(), 36, "{words:?}");
    }
}
