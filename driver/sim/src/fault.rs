//! Calls that fail on demand: the k-th of all that can, or any with some probability.

use std::cell::{Cell, RefCell};

use crate::machine::machine;
use crate::sched;

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// An allocation of pool memory.
    Pool,
    /// Mapping an MDL.
    Mapping,
    /// Allocating an MDL.
    Mdl,
    /// Making a pool of lists or packets.
    NblPool,
    /// Allocating a list, a packet, a clone or a context.
    Nbl,
    /// Allocating a reader-writer lock.
    RwLock,
    /// Allocating a work item.
    WorkItem,
    /// Making the control device or its link.
    Device,
    /// Registering the filter driver.
    Register,
    /// `NdisFSetAttributes`.
    Attributes,
    /// `NdisFRestartFilter`.
    RestartFilter,
    /// `NdisSetOptionalHandlers`.
    Handlers,
    /// The extension of a driver object.
    Extension,
    /// Cloning a request.
    Oid,
    /// Referencing an object by its handle.
    Object,
    /// The registry.
    Registry,
}

/// Which calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Plan {
    /// None.
    #[default]
    None,
    /// The call with this number, from 1, of all that can fail.
    Nth(u64),
    /// Each, with this probability, of 1000.
    Rate(u16),
    /// Each of one kind, with this probability, of 1000.
    Of(Fault, u16),
}

/// The faults of a machine.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    plan: Cell<Plan>,
    asked: Cell<u64>,
    fired: RefCell<Vec<(u64, Fault)>>,
}

impl Faults {
    pub(crate) fn set(&self, plan: Plan) {
        self.plan.set(plan);
    }

    /// The calls that failed, by number and kind.
    pub(crate) fn fired(&self) -> Vec<(u64, Fault)> {
        self.fired.borrow().clone()
    }

    pub(crate) fn asked(&self) -> u64 {
        self.asked.get()
    }
}

/// Whether this call is to fail.
pub(crate) fn fails(kind: Fault) -> bool {
    let faults = &machine().faults;
    let number = faults.asked.get().saturating_add(1);
    faults.asked.set(number);
    let fails = match faults.plan.get() {
        Plan::None => false,
        Plan::Nth(wanted) => number == wanted,
        Plan::Rate(per_mille) => sched::random(1000) < u64::from(per_mille),
        Plan::Of(wanted, per_mille) => wanted == kind && sched::random(1000) < u64::from(per_mille),
    };
    if fails {
        faults.fired.borrow_mut().push((number, kind));
    }
    fails
}
