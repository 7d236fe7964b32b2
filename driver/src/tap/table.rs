//! Who captures on a module: one row per handle, those that run the same program next to each other.

use snapgate_ring::Refused;

use crate::handle::Handle;
use crate::handle::filter::FilterProgram;
use crate::handle::settings::Settings;
use crate::handle::store::Store;
use crate::kernel::NoMemory;
use crate::kernel::arc::KArc;
use crate::kernel::vec::KVec;

/// What the data path needs of a handle.
pub(crate) struct Tap {
    pub(crate) handle: KArc<Handle>,
    pub(crate) program: Option<KArc<FilterProgram>>,
    pub(crate) settings: Settings,
    pub(crate) store: Option<KArc<Store>>,
}

impl Tap {
    /// Whether both reach the same verdict on the same packets.
    fn is_like(&self, other: &Self) -> bool {
        let same_program = match (&self.program, &other.program) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is_same(other) || one.has_the_insns_of(other),
            _ => false,
        };
        same_program && self.settings.looks_at_the_same(&other.settings)
    }

    /// The store, if packets are kept.
    pub(crate) fn store(&self) -> Option<&Store> {
        if self.settings.statistics { None } else { self.store.as_deref() }
    }
}

/// Rows, and how many of them form each group: a group's length stands with its first row.
pub(crate) struct TapTable {
    rows: KVec<Row>,
}

struct Row {
    tap: Tap,
    /// Whether the row before is like this one.
    continues: bool,
}

impl TapTable {
    pub(crate) const fn new() -> Self {
        Self { rows: KVec::new() }
    }

    /// A table with room for so many.
    pub(crate) fn try_with_room(room: usize) -> Result<Self, NoMemory> {
        Ok(Self { rows: KVec::try_with_room(room)? })
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Moves all rows into a table with more room, and one more. Answers the old table, to be dropped without the lock.
    pub(crate) fn grow(&mut self, mut room: Self, tap: Tap) -> (Self, Option<Tap>) {
        core::mem::swap(self, &mut room);
        let mut left = None;
        while let Some(row) = room.rows.pop() {
            left = left.or(self.place(row.tap));
        }
        left = left.or(self.place(tap));
        (room, left)
    }

    /// Puts a row next to those that are like it. Without room it comes back.
    fn place(&mut self, tap: Tap) -> Option<Tap> {
        let like = self.rows.iter().rposition(|row| row.tap.is_like(&tap));
        let index = like.map_or(self.rows.len(), |index| index.saturating_add(1));
        let row = Row { tap, continues: like.is_some() };
        self.rows.insert(index, row).err().map(|row| row.tap)
    }

    /// Puts a row in the place of the one of the same handle. Answers the old one, to be dropped without the lock.
    pub(crate) fn replace(&mut self, tap: Tap) -> (Option<Tap>, Option<Tap>) {
        let old = self.remove(&tap.handle);
        // There is room: that of the row that was taken out.
        let left = self.place(tap);
        (old, left)
    }

    /// Takes the row of a handle out.
    pub(crate) fn remove(&mut self, handle: &KArc<Handle>) -> Option<Tap> {
        let index = self.rows.iter().position(|row| row.tap.handle.is_same(handle))?;
        let row = self.rows.remove(index)?;
        // Whatever followed in its group begins the group now.
        if !row.continues
            && let Some(next) = self.rows.get_mut(index)
        {
            next.continues = false;
        }
        Some(row.tap)
    }

    /// The groups, each with its rows.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let mut rest: &[Row] = &self.rows;
        core::iter::from_fn(move || {
            let behind = rest.get(1..)?;
            let more = behind.iter().position(|row| !row.continues).unwrap_or(behind.len());
            let (group, others) = rest.split_at_checked(more.saturating_add(1))?;
            rest = others;
            Some(Group { rows: group })
        })
    }
}

/// Handles whose filters are the same.
#[derive(Clone, Copy)]
pub(crate) struct Group<'a> {
    rows: &'a [Row],
}

impl<'a> Group<'a> {
    /// The first, whose program stands for all.
    pub(crate) fn first(&self) -> Option<&'a Tap> {
        self.rows.first().map(|row| &row.tap)
    }

    pub(crate) fn taps(&self) -> impl Iterator<Item = &'a Tap> + use<'a> {
        self.rows.iter().map(|row| &row.tap)
    }
}

/// Counts what a ring refused.
pub(crate) fn count_refusal(handle: &Handle, refused: Refused) {
    match refused {
        Refused::Full => {
            handle.counters.dropped_full.add(1);
            handle.starve();
        }
        Refused::Oversize => handle.counters.dropped_oversize.add(1),
    }
}
