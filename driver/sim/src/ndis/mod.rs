//! What ndis.sys exports, and the world around it: adapters with a miniport at the bottom and a protocol at the top.
//!
//! ```text
//!   scenario ─▶ AdapterId::send, receive, pause, ...          world/, packet.rs
//!                  │
//!   protocol ── hop ── hop ── miniport                        ends/, stack.rs, neighbour.rs
//!                  │
//!   module: state, handlers                                   module.rs, state.rs, life.rs; the whole stack: change.rs
//!   every list: who holds it, its way back, its shape         lists.rs, shape.rs, rest.rs, chain.rs
//!   every call: exported functions with their checks          calls.rs, register.rs, pools.rs, oid/, ...
//! ```
//!
//! Invariants.
//!
//! - What NDIS promises to a filter driver is kept to the letter and no further: completions come regrouped, calls of the
//!   data path may still be running when their lists are home and the module is detached.
//! - A rule is checked by the call that breaks it, or by the first one after that can see it.
//! - Nothing of this module is borrowed while a driver runs.

mod calls;
mod cancel;
mod chain;
mod change;
mod clone;
mod context;
mod copy;
mod data;
mod data_path;
mod device;
mod driver;
mod ends;
mod events;
mod faults;
mod guarded;
mod layout;
mod life;
mod lists;
mod memory;
mod module;
mod neighbour;
mod oid;
mod options;
mod own;
mod packet;
mod pools;
mod raw;
mod register;
mod rest;
mod retreat;
mod services;
mod shape;
mod stack;
mod state;
mod status;
mod world;

pub use ends::{Completion, Delivered, Mode, Order};
pub use neighbour::Manner;
pub use oid::{OidOutcome, OidQuestion};
pub use packet::{Packet, PacketList, Source};
pub use stack::{AdapterConfig, AdapterId, RestartAttributes};
pub use state::{Event, State};
pub use world::{Power, ReceiveOptions, SendOptions, add_adapter, drivers, settle};

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use snapgate_ffi::ndis::{NDIS_HANDLE, NdisVersion};

use crate::exports::Export;

/// The state of this half of the machine.
pub(crate) struct Ndis {
    runtime_version: u32,
    handles: Cell<usize>,
    module_numbers: Cell<u32>,
    pub(crate) stacks: RefCell<Vec<Rc<stack::Stack>>>,
    pub(crate) drivers: RefCell<Vec<Rc<driver::Driver>>>,
    /// By handle; those that are detached stay, so that their handles are known.
    pub(crate) modules: RefCell<BTreeMap<usize, Rc<module::Module>>>,
    pub(crate) lists: lists::Lists,
    pub(crate) memory: memory::Memory,
    pub(crate) pools: pools::Pools,
    pub(crate) packets: own::Packets,
    pub(crate) services: services::Services,
    explained: faults::Explained,
    /// Threads of plug and play that have not ended.
    pub(crate) changes: Cell<u32>,
}

impl Ndis {
    pub(crate) fn new(version: u32) -> Self {
        Self {
            runtime_version: version,
            handles: Cell::new(0),
            module_numbers: Cell::new(0),
            stacks: RefCell::default(),
            drivers: RefCell::default(),
            modules: RefCell::default(),
            lists: lists::Lists::default(),
            memory: memory::Memory::default(),
            pools: pools::Pools::default(),
            packets: own::Packets::default(),
            services: services::Services::default(),
            explained: faults::Explained::default(),
            changes: Cell::new(0),
        }
    }

    /// The system's version.
    pub(crate) fn version(&self) -> NdisVersion {
        NdisVersion::from_runtime(self.runtime_version)
    }

    /// A handle that was never given before. No memory is there, and nowhere near.
    pub(crate) fn handle(&self) -> usize {
        let number = self.handles.get() + 1;
        self.handles.set(number);
        HANDLES + number * 16
    }

    fn next_module(&self) -> u32 {
        self.module_numbers.set(self.module_numbers.get() + 1);
        self.module_numbers.get()
    }
}

/// Where handles are numbered from: an address that no program has.
const HANDLES: usize = 0x4e44_0000_0000_0000;

/// A handle as drivers have it.
pub(crate) fn handle_of(number: usize) -> NDIS_HANDLE {
    std::ptr::without_provenance_mut(number)
}

pub(crate) fn tables() -> [&'static [Export]; 15] {
    [
        register::EXPORTS,
        options::EXPORTS,
        calls::EXPORTS,
        cancel::EXPORTS,
        pools::EXPORTS,
        own::EXPORTS,
        clone::EXPORTS,
        context::EXPORTS,
        retreat::EXPORTS,
        copy::EXPORTS,
        oid::EXPORTS,
        status::EXPORTS,
        events::EXPORTS,
        device::EXPORTS,
        services::EXPORTS,
    ]
}

/// A driver was unloaded, or its entry failed: nothing of it may be left here.
pub(crate) fn driver_is_gone() {
    driver::check_gone();
    pools::check_gone();
    services::check_gone();
    device::check_gone();
}
