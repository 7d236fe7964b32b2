//! Adapters: what they are, and who is stacked on them.
//!
//! ```text
//!   protocol
//!   hops: filters of the simulator and modules of the driver, the highest first
//!   miniport
//! ```

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_PACKET_TYPE_BROADCAST, NDIS_PACKET_TYPE_DIRECTED, NDIS_PACKET_TYPE_MULTICAST,
    NDIS_PACKET_TYPE_PROMISCUOUS, NdisMedium802_3,
};

use super::ends::{Miniport, Protocol};
use super::lists::Hop;
use super::module::Module;
use super::neighbour::{Manner, Neighbour};
use crate::machine::machine;
use crate::sched;

/// An adapter of this machine. Its methods are called from the machine's threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AdapterId(pub(crate) u32);

/// What modules are told when they restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RestartAttributes {
    /// No attributes at all.
    Missing,
    /// The general ones.
    #[default]
    General,
    /// One that nobody knows, and the general ones behind it.
    Unknown,
}

/// What an adapter is like.
#[derive(Clone, Debug)]
pub struct AdapterConfig {
    /// What people read.
    pub name: String,
    /// The name of its miniport, as `{...}`.
    pub guid: String,
    /// `IfIndex`.
    pub if_index: u32,
    /// `NetLuid`, of the adapter; modules have others.
    pub net_luid: u64,
    /// `NdisMedium...`.
    pub media: u32,
    /// `NdisPhysicalMedium...`.
    pub physical_media: u32,
    /// Without the header.
    pub mtu: u32,
    /// Its address.
    pub mac: [u8; 6],
    /// Bits in a second.
    pub link_speed: u64,
    /// What its packet filter may be.
    pub packet_filters: u32,
    /// What modules are told when they restart.
    pub restart_attributes: RestartAttributes,
    /// Filters above the driver's modules, the highest first.
    pub above: Vec<Manner>,
    /// Filters below them, the highest first.
    pub below: Vec<Manner>,
}

impl AdapterConfig {
    /// An Ethernet adapter with values that follow from its number.
    #[must_use]
    pub fn ethernet(number: u8) -> Self {
        Self {
            name: format!("Simulated adapter {number}"),
            guid: format!("{{5A000000-0000-4000-8000-0000000000{number:02X}}}"),
            if_index: 10 + u32::from(number),
            net_luid: 0x0006_0000_0000_0000 | u64::from(number) << 24,
            media: NdisMedium802_3,
            physical_media: 14,
            mtu: 1500,
            mac: [2, 0, 0, 0, 0, number],
            link_speed: 1_000_000_000,
            packet_filters: NDIS_PACKET_TYPE_DIRECTED
                | NDIS_PACKET_TYPE_MULTICAST
                | NDIS_PACKET_TYPE_BROADCAST
                | NDIS_PACKET_TYPE_PROMISCUOUS,
            restart_attributes: RestartAttributes::default(),
            above: Vec::new(),
            below: Vec::new(),
        }
    }
}

/// One adapter and its stack.
pub(crate) struct Stack {
    pub(crate) id: AdapterId,
    pub(crate) config: AdapterConfig,
    /// The highest first.
    pub(crate) hops: RefCell<Vec<Hop>>,
    pub(crate) miniport: Miniport,
    pub(crate) protocol: Protocol,
    /// Somebody pauses, restarts, attaches or detaches.
    busy: Cell<bool>,
    /// It was not removed.
    pub(crate) present: Cell<bool>,
    /// The scenario wants data to flow: it has not paused the adapter.
    pub(crate) wanted: Cell<bool>,
    /// The adapter is awake.
    pub(crate) powered: Cell<bool>,
    /// Connected, as the driver is told.
    pub(crate) connected: Cell<bool>,
    pub(crate) oids: super::oid::StackOids,
}

impl Stack {
    pub(crate) fn new(id: AdapterId, config: AdapterConfig) -> Rc<Self> {
        let neighbours = |manners: &[Manner]| {
            manners.iter().map(|manner| Hop::Neighbour(Rc::new(Neighbour::new(*manner)))).collect::<Vec<_>>()
        };
        let mut hops = neighbours(&config.above);
        hops.extend(neighbours(&config.below));
        let ndis = &machine().ndis;
        Rc::new(Self {
            id,
            hops: RefCell::new(hops),
            miniport: Miniport::new(ndis.handle()),
            protocol: Protocol::new(ndis.handle()),
            busy: Cell::new(false),
            present: Cell::new(true),
            wanted: Cell::new(true),
            powered: Cell::new(true),
            connected: Cell::new(true),
            oids: super::oid::StackOids::default(),
            config,
        })
    }

    /// One after the other: what pauses, restarts, attaches or detaches.
    pub(crate) fn serialised<R>(&self, body: impl FnOnce() -> R) -> R {
        sched::block_until("plug and play of an adapter", None, || !self.busy.get());
        self.busy.set(true);
        let result = body();
        self.busy.set(false);
        result
    }

    /// Whether nobody does such a thing.
    pub(crate) fn is_quiet(&self) -> bool {
        !self.busy.get()
    }

    /// The modules of drivers, the highest first.
    pub(crate) fn modules(&self) -> Vec<Rc<Module>> {
        let hops = self.hops.borrow();
        let modules = hops.iter().filter_map(|hop| match hop {
            Hop::Module(module) => Some(Rc::clone(module)),
            Hop::Neighbour(_) => None,
        });
        modules.collect()
    }

    /// The hop below another; below `None` is the first.
    pub(crate) fn below(&self, of: Option<&Hop>) -> Option<Hop> {
        let hops = self.hops.borrow();
        let index =
            of.map_or(Some(0), |of| hops.iter().position(|hop| hop.is_same(of)).map(|index| index + 1))?;
        hops.get(index).cloned()
    }

    /// The hop above another; above `None` is the last.
    pub(crate) fn above(&self, of: Option<&Hop>) -> Option<Hop> {
        let hops = self.hops.borrow();
        let index = of.map_or(Some(hops.len()), |of| hops.iter().position(|hop| hop.is_same(of)))?;
        hops.get(index.checked_sub(1)?).cloned()
    }

    /// Puts a module in its place: below the filters that are configured above, over the rest.
    pub(crate) fn insert(&self, module: &Rc<Module>) {
        let index = self.config.above.len();
        self.hops.borrow_mut().insert(index, Hop::Module(Rc::clone(module)));
    }

    pub(crate) fn remove(&self, module: &Rc<Module>) {
        self.hops.borrow_mut().retain(|hop| !hop.is_module(module.number));
    }
}

/// The stack of an adapter that is there.
pub(crate) fn stack_of(id: AdapterId) -> Option<Rc<Stack>> {
    machine().ndis.stacks.borrow().iter().find(|stack| stack.id == id && stack.present.get()).cloned()
}
