//! Every `NET_BUFFER_LIST` of the machine: where it comes from, who holds it, who has to give it back to whom.
//!
//! ```text
//!   protocol ──▶ module A ──▶ module B ──▶ miniport        route = [A, B]: each took the list, in this order
//!      ◀── pop A ── ◀── pop B ──                           the way back goes from the end of the route
//! ```
//!
//! Invariants: a list has one holder at a time; only its holder passes it on, gives it back, or touches it; who took it
//! finds it in the route with the shape that it had then.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use snapgate_ffi::ndis::NET_BUFFER_LIST;

use super::layout::{self, nbl};
use super::module::Module;
use super::neighbour::Neighbour;
use super::shape::Shape;
use super::stack::AdapterId;
use crate::machine::machine;
use crate::sched;
use crate::verify::ledger;

/// Where a list comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Birth {
    /// A protocol sends it.
    Protocol(AdapterId),
    /// A miniport indicates it.
    Miniport(AdapterId),
    /// A driver allocated it, from this pool.
    Pool(usize),
    /// A driver cloned the list with this number, with these flags.
    Clone { of: u64, flags: u32, pool: usize },
}

impl Birth {
    pub(crate) fn is_drivers(self) -> bool {
        matches!(self, Self::Pool(_) | Self::Clone { .. })
    }
}

/// Who holds a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The driver that allocated it.
    Owner,
    /// A module, which got it in a call that still runs (its number), or that is over.
    Module { module: u32, call: Option<u64>, way: Way },
    /// A filter that is part of the simulator.
    Neighbour,
    /// A protocol.
    Protocol,
    /// A miniport.
    Miniport,
    /// NDIS, between two of them.
    Ndis,
}

/// How a module came by a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It was given to it: to be passed on, or given back.
    There,
    /// It came back to it: to be given back further.
    Back,
    /// It is lent for the time of the call (RESOURCES).
    Lent,
}

/// Somebody in the stack who takes lists.
#[derive(Clone)]
pub(crate) enum Hop {
    /// A module of a driver.
    Module(Rc<Module>),
    /// A filter of the simulator's own.
    Neighbour(Rc<Neighbour>),
}

impl Hop {
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Module(one), Self::Module(two)) => Rc::ptr_eq(one, two),
            (Self::Neighbour(one), Self::Neighbour(two)) => Rc::ptr_eq(one, two),
            _ => false,
        }
    }

    pub(crate) fn is_module(&self, number: u32) -> bool {
        matches!(self, Self::Module(module) if module.number == number)
    }
}

/// One stop of a list's way.
pub(crate) struct Taker {
    pub(crate) hop: Hop,
    /// As it was when it was taken.
    pub(crate) shape: Shape,
}

/// A block of context that a driver allocated with a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContextBlock {
    pub(crate) size: u16,
    /// The module that held the list; `None` for the owner of the list.
    pub(crate) module: Option<u32>,
    /// It came with the list, and goes with it.
    pub(crate) initial: bool,
}

/// One list.
pub(crate) struct List {
    /// In order of their making.
    pub(crate) number: u64,
    pub(crate) nbl: *mut NET_BUFFER_LIST,
    pub(crate) birth: Birth,
    pub(crate) holder: Cell<Holder>,
    /// Since when.
    pub(crate) since: Cell<u64>,
    /// Of a driver's list: the module that sent or indicated it last.
    pub(crate) owner: Cell<Option<u32>>,
    pub(crate) route: RefCell<Vec<Taker>>,
    /// The bytes of its packets as they were when it set out.
    pub(crate) frames: RefCell<Vec<Vec<u8>>>,
    pub(crate) contexts: RefCell<Vec<ContextBlock>>,
    /// Clones that are not freed.
    pub(crate) clones: Cell<u32>,
    /// Of a list at rest: what it looked like, to be put back.
    pub(crate) rest: RefCell<Option<super::rest::Rest>>,
    /// How often it was sent or indicated by a driver.
    pub(crate) trips: Cell<u32>,
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NBL {}", self.number)
    }
}

impl List {
    /// For histories.
    pub(crate) fn key(&self) -> *const () {
        self.nbl.cast_const().cast()
    }

    pub(crate) fn note(&self, event: impl FnOnce() -> String) {
        ledger::note(self.key(), event);
    }

    pub(crate) fn hand_to(&self, holder: Holder) {
        self.holder.set(holder);
        self.since.set(sched::now());
    }

    /// Who holds it, in words.
    pub(crate) fn held_by(&self) -> String {
        match self.holder.get() {
            Holder::Owner => "its owner".to_owned(),
            Holder::Module { module, way, .. } => {
                let how = match way {
                    Way::There | Way::Back => "",
                    Way::Lent => ", lent",
                };
                format!("filter module {module}{how}")
            }
            Holder::Neighbour => "another filter".to_owned(),
            Holder::Protocol => "the protocol".to_owned(),
            Holder::Miniport => "the miniport".to_owned(),
            Holder::Ndis => "NDIS, on its way".to_owned(),
        }
    }

    /// Whether this module has it in its hands: its own, or one that it was given.
    pub(crate) fn is_held_by(&self, module: u32) -> bool {
        match self.holder.get() {
            Holder::Owner => true,
            Holder::Module { module: holder, .. } => holder == module,
            _ => false,
        }
    }
}

/// All lists.
#[derive(Default)]
pub(crate) struct Lists {
    live: RefCell<BTreeMap<usize, Rc<List>>>,
    /// What became of lists that are gone, by address, until the address is used again.
    gone: RefCell<BTreeMap<usize, (u64, Gone)>>,
    numbers: Cell<u64>,
    calls: Cell<u64>,
}

/// Why a list is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// The driver freed it.
    Freed,
    /// It came back to who made it, and is freed there.
    Home,
    /// It was lent, and the call is over.
    LentOver,
}

impl Lists {
    /// A new list, for memory that is filled in.
    pub(crate) fn add(&self, memory: *mut NET_BUFFER_LIST, birth: Birth, holder: Holder) -> Rc<List> {
        let number = self.numbers.get() + 1;
        self.numbers.set(number);
        let list = Rc::new(List {
            number,
            nbl: memory,
            birth,
            holder: Cell::new(holder),
            since: Cell::new(sched::now()),
            owner: Cell::new(None),
            route: RefCell::default(),
            frames: RefCell::default(),
            contexts: RefCell::default(),
            clones: Cell::new(0),
            rest: RefCell::default(),
            trips: Cell::new(0),
        });
        self.gone.borrow_mut().remove(&memory.addr());
        self.live.borrow_mut().insert(memory.addr(), Rc::clone(&list));
        ledger::forget(list.key());
        list.note(|| format!("NBL {number} made: {birth:?}"));
        list
    }

    pub(crate) fn find(&self, memory: *const NET_BUFFER_LIST) -> Option<Rc<List>> {
        self.live.borrow().get(&memory.addr()).cloned()
    }

    /// What became of the list that was at an address.
    pub(crate) fn find_gone(&self, memory: *const NET_BUFFER_LIST) -> Option<(u64, Gone)> {
        self.gone.borrow().get(&memory.addr()).copied()
    }

    pub(crate) fn by_number(&self, number: u64) -> Option<Rc<List>> {
        self.live.borrow().values().find(|list| list.number == number).cloned()
    }

    pub(crate) fn remove(&self, list: &List, why: Gone) {
        list.note(|| format!("NBL {} gone: {why:?}", list.number));
        self.live.borrow_mut().remove(&list.nbl.addr());
        self.gone.borrow_mut().insert(list.nbl.addr(), (list.number, why));
    }

    /// The lists for which something holds, in order of their making.
    pub(crate) fn those(&self, holds: impl Fn(&List) -> bool) -> Vec<Rc<List>> {
        let mut lists: Vec<_> = self.live.borrow().values().filter(|list| holds(list)).cloned().collect();
        lists.sort_by_key(|list| list.number);
        lists
    }

    /// A number for a call into a driver.
    pub(crate) fn call(&self) -> u64 {
        self.calls.set(self.calls.get() + 1);
        self.calls.get()
    }
}

/// All lists of this machine.
pub(crate) fn lists() -> &'static Lists {
    &machine().ndis.lists
}

/// Links lists to a chain in this order.
pub(crate) fn link(chain: &[Rc<List>]) -> *mut NET_BUFFER_LIST {
    let mut next = std::ptr::null_mut();
    for list in chain.iter().rev() {
        nbl::set_Next(list.nbl, next);
        next = list.nbl;
    }
    next
}

/// The frames of a list: the bytes of its packets.
pub(crate) fn frames(list: &List) -> Vec<Vec<u8>> {
    layout::packets(list.nbl).into_iter().map(super::data::frame).collect()
}
