//! Numbers for keys: which of the things that are there already is equal to a new one.
//!
//! ```text
//!   key ──hash──▶ slot: number ──▶ the thing, kept by the caller: equal?
//!                  next slot ... up to `PROBES_MAX`, then the tree
//! ```
//!
//! Filters may be hostile, and hashes are the same everywhere: keys that crowd one place of the table are kept in a tree, so that
//! no text takes more than logarithmic time a key.
//!
//! Invariant: no slot is ever emptied. So where a free slot is met within the reach of a key, the key is nowhere.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

/// Slots that are looked at for a key.
const PROBES_MAX: usize = 16;
/// Slots of the first table.
const SLOTS_MIN: usize = 64;

/// The numbers of keys.
#[derive(Clone, Debug)]
pub(crate) struct Index<K> {
    /// The number and one; 0 is free. As many as a power of two.
    slots: Vec<u32>,
    used: usize,
    crowded: BTreeMap<K, u32>,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self { slots: Vec::new(), used: 0, crowded: BTreeMap::new() }
    }
}

impl<K: Copy + Ord + Hash> Index<K> {
    /// With room for so many keys.
    pub(crate) fn with_room(keys: usize) -> Self {
        let slots = keys.saturating_mul(2).checked_next_power_of_two().unwrap_or(SLOTS_MIN);
        Self { slots: vec![0; slots.max(SLOTS_MIN)], ..Self::default() }
    }

    /// The number of a key: the one that it has, or `new`, which is its own from now on. `key_of` tells the keys of all numbers
    /// that were given.
    pub(crate) fn number(&mut self, key: K, new: u32, key_of: impl Fn(u32) -> K) -> u32 {
        if self.used.saturating_mul(2) >= self.slots.len() {
            self.grow(&key_of);
        }
        for at in reach(key, self.slots.len()) {
            let Some(slot) = self.slots.get_mut(at) else { break };
            match slot.checked_sub(1) {
                None => {
                    *slot = new.saturating_add(1);
                    self.used = self.used.saturating_add(1);
                    return new;
                }
                Some(number) if key_of(number) == key => return number,
                Some(_) => {}
            }
        }
        *self.crowded.entry(key).or_insert(new)
    }

    /// The number of a key, if it has one.
    pub(crate) fn find(&self, key: K, key_of: impl Fn(u32) -> K) -> Option<u32> {
        for at in reach(key, self.slots.len()) {
            let number = self.slots.get(at)?.checked_sub(1)?;
            if key_of(number) == key {
                return Some(number);
            }
        }
        self.crowded.get(&key).copied()
    }

    fn grow(&mut self, key_of: &impl Fn(u32) -> K) {
        let slots = self.slots.len().saturating_mul(2).max(SLOTS_MIN);
        let old = core::mem::replace(&mut self.slots, vec![0; slots]);
        self.used = 0;
        let crowded = core::mem::take(&mut self.crowded);
        let numbers = old.into_iter().filter_map(|slot| slot.checked_sub(1));
        for number in numbers.chain(crowded.into_values()) {
            self.place(key_of(number), number);
        }
    }

    /// A key that is not there yet.
    fn place(&mut self, key: K, number: u32) {
        for at in reach(key, self.slots.len()) {
            if let Some(slot @ 0) = self.slots.get_mut(at) {
                *slot = number.saturating_add(1);
                self.used = self.used.saturating_add(1);
                return;
            }
        }
        self.crowded.insert(key, number);
    }
}

/// The slots in which a key may be.
fn reach<K: Hash>(key: K, slots: usize) -> impl Iterator<Item = usize> {
    let mut mix = Mix(0);
    key.hash(&mut mix);
    let mask = slots.wrapping_sub(1);
    #[expect(clippy::cast_possible_truncation, reason = "any bits of it will do")]
    let first = mix.finish() as usize;
    (0..PROBES_MAX.min(slots)).map(move |probe| first.wrapping_add(probe) & mask)
}

/// Words that are multiplied into one another.
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio.
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        // The upper bits depend on all that was written.
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers keys in their order and looks each of them up.
    fn check<K: Copy + Ord + Hash + core::fmt::Debug>(keys: &[K]) -> Index<K> {
        let mut index = Index::default();
        let mut known: Vec<K> = Vec::new();
        let mut numbers = BTreeMap::new();
        for key in keys {
            let new = u32::try_from(known.len()).unwrap();
            let expected = *numbers.entry(*key).or_insert(new);
            known.push(*key);
            assert_eq!(index.number(*key, new, |number| known[number as usize]), expected, "{key:?}");
        }
        for key in keys {
            let found = index.find(*key, |number| known[number as usize]);
            assert_eq!(found, numbers.get(key).copied(), "{key:?}");
        }
        index
    }

    #[test]
    fn equal_keys_have_the_number_of_the_first() {
        let keys: Vec<(u32, u8)> = (0..5_000_u32).map(|n| (n * n % 1_709, 3)).collect();
        check(&keys);
        assert_eq!(Index::default().find((1, 3), |_| (1, 3)), None);
    }

    #[test]
    fn keys_that_crowd_one_place_are_found_all_the_same() {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        struct Crowd(u32);
        impl Hash for Crowd {
            fn hash<H: Hasher>(&self, state: &mut H) {
                state.write_u32(self.0 % 2);
            }
        }
        let keys: Vec<Crowd> = (0..2_000).map(|n| Crowd(n * 7 % 1_500)).collect();
        let index = check(&keys);
        assert!(index.crowded.len() > 1_000, "{}", index.crowded.len());
    }
}
