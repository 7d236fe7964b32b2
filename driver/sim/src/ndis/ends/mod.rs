//! The ends of the stack: the miniport, which completes what is sent, and the protocol, which returns what is received.
//!
//! What arrives is either finished inside of the call, or rests here until it is finished later, in any order. Both keep
//! count of their own lists that are out: they stop only when all are back.

mod miniport;
mod protocol;

pub(crate) use miniport::Miniport;
pub(crate) use protocol::Protocol;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use snapgate_ffi::ndis::{
    Ieee8021Q, Ieee8021QNetBufferListInfo, NDIS_HANDLE, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_STATUS,
    TcpLargeSendNetBufferListInfo,
};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PASSIVE_LEVEL};

use super::layout::{self, nbl};
use super::lists::{Gone, List, frames, lists};
use super::{handle_of, memory, rest};
use crate::machine::violate_with;
use crate::sched;
use crate::verify::Rule;

/// In `Status` of lists that are sent, until somebody completes them.
pub(crate) const NO_STATUS: NDIS_STATUS = 0x5a5a_5a5a;
/// Where the miniport leaves something behind in lists of a driver that it completes.
pub(crate) const DIRTY_SLOT: usize = TcpLargeSendNetBufferListInfo as usize;
/// What it leaves.
pub(crate) const DIRTY: usize = 0x6472_7479;

/// When an end of the stack finishes with lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// Inside of the call that brings them.
    #[default]
    Inline,
    /// When it is told to.
    Later,
    /// Each list one or the other, by chance.
    Random,
}

/// In which order an end finishes with lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// As they came, in one chain.
    #[default]
    InOrder,
    /// The other way round, in one chain.
    Reversed,
    /// By chance, in one chain.
    Random,
    /// By chance, in chains of any length.
    Regrouped,
}

/// How lists are finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Completion {
    /// In which order.
    pub order: Order,
    /// At DISPATCH_LEVEL.
    pub dispatch: bool,
    /// Lists that filters have originated stay.
    pub spares_filters: bool,
}

/// A packet that has arrived at the protocol or the miniport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The tag that is not among them.
    pub vlan: Option<u16>,
    /// `NblFlags` of its list.
    pub flags: u32,
}

fn delivered(list: &List) -> impl Iterator<Item = Delivered> {
    let vlan = Ieee8021Q(layout::info(list.nbl, usize::from(Ieee8021QNetBufferListInfo))).tci();
    let flags = nbl::NblFlags(list.nbl);
    frames(list).into_iter().map(move |bytes| Delivered { bytes, vlan, flags })
}

/// What both ends have.
pub(crate) struct End {
    pub(crate) handle: usize,
    pub(crate) running: Cell<bool>,
    pub(crate) mode: Cell<Mode>,
    /// Lists of others that rest here.
    resting: RefCell<Vec<Rc<List>>>,
    /// Own lists that are out.
    pub(crate) out: Cell<usize>,
    arrived: RefCell<Vec<Delivered>>,
    events: RefCell<Vec<u32>>,
}

impl End {
    fn new(handle: usize) -> Self {
        Self {
            handle,
            running: Cell::new(false),
            mode: Cell::default(),
            resting: RefCell::default(),
            out: Cell::new(0),
            arrived: RefCell::default(),
            events: RefCell::default(),
        }
    }

    pub(crate) fn handle(&self) -> NDIS_HANDLE {
        handle_of(self.handle)
    }

    /// Splits what arrives: what is finished at once, and what rests here.
    fn sort(&self, batch: Vec<Rc<List>>) -> Vec<Rc<List>> {
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for list in batch {
            let keeps = self.running.get()
                && match self.mode.get() {
                    Mode::Inline => false,
                    Mode::Later => true,
                    Mode::Random => sched::random(2) == 0,
                };
            if keeps { later.push(list) } else { now.push(list) }
        }
        for list in &later {
            rest::lay(list);
        }
        self.resting.borrow_mut().extend(later);
        now
    }

    /// Takes up to so many lists that rest here, of those that are meant, grouped by an order.
    fn groups(&self, how: Completion, most: usize) -> Vec<Vec<Rc<List>>> {
        let order = how.order;
        let mut all: Vec<Rc<List>> = Vec::new();
        self.resting.borrow_mut().retain(|list| {
            let stays = all.len() >= most || (how.spares_filters && list.birth.is_drivers());
            if !stays {
                all.push(Rc::clone(list));
            }
            stays
        });
        for list in &all {
            rest::wake(list);
        }
        match order {
            Order::InOrder => {}
            Order::Reversed => all.reverse(),
            Order::Random | Order::Regrouped => shuffle(&mut all),
        }
        if order != Order::Regrouped {
            return if all.is_empty() { Vec::new() } else { vec![all] };
        }
        let mut groups: Vec<Vec<Rc<List>>> = Vec::new();
        for list in all {
            match groups.last_mut().filter(|_| sched::random(2) == 0) {
                Some(group) => group.push(list),
                None => groups.push(vec![list]),
            }
        }
        groups
    }

    /// How many lists rest here.
    pub(crate) fn resting(&self) -> usize {
        self.resting.borrow().len()
    }

    pub(crate) fn take_arrived(&self) -> Vec<Delivered> {
        self.arrived.take()
    }

    pub(crate) fn note_event(&self, event: u32) {
        self.events.borrow_mut().push(event);
    }

    pub(crate) fn events(&self) -> Vec<u32> {
        self.events.borrow().clone()
    }

    fn came_home(&self, run: &[Rc<List>]) {
        for list in run {
            check_home(list);
            self.out.set(self.out.get().saturating_sub(1));
            let memory = list.nbl;
            lists().remove(list, Gone::Home);
            memory::destroy(memory);
        }
    }
}

fn shuffle(all: &mut [Rc<List>]) {
    for index in (1..all.len()).rev() {
        let other = usize::try_from(sched::random(index as u64 + 1)).unwrap_or_default();
        all.swap(index, other);
    }
}

/// A list that comes home is as it was when it set out.
fn check_home(list: &List) {
    if frames(list) != *list.frames.borrow() {
        violate_with(Rule::N8, list.key(), format!("{list:?} came home with other bytes"));
    }
}

fn level(dispatch: bool) -> (u8, u32) {
    if dispatch { (DISPATCH_LEVEL, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL) } else { (PASSIVE_LEVEL, 0) }
}
