//! What scenarios do with adapters. All of it is called from threads of the machine.

mod news;
mod observe;
mod traffic;

pub use traffic::{ReceiveOptions, SendOptions};

use std::rc::Rc;

use snapgate_ffi::ndis::{
    NdisDevicePnPEventRemoved, NdisDevicePnPEventSurpriseRemoved, NetEventQueryPower, NetEventSetPower,
};

use super::change::{self, reason};
use super::driver;
use super::stack::{AdapterConfig, AdapterId, Stack, stack_of};
use super::{events, faults};
use crate::machine::machine;
use crate::sched;

/// Whether an adapter is awake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It works.
    On,
    /// It sleeps.
    Low,
}

/// A new adapter: registered drivers attach to it, and data flows.
pub fn add_adapter(config: AdapterConfig) -> AdapterId {
    faults::install();
    let mut stacks = machine().ndis.stacks.borrow_mut();
    let id = AdapterId(u32::try_from(stacks.len()).unwrap_or(u32::MAX));
    let stack = Stack::new(id, config);
    stacks.push(Rc::clone(&stack));
    drop(stacks);
    change::plug(&stack);
    id
}

/// Waits until nothing is being attached, detached or restarted.
pub fn settle() {
    sched::block_until("plug and play", None, || {
        let ndis = &machine().ndis;
        ndis.changes.get() == 0 && ndis.stacks.borrow().iter().all(|stack| stack.is_quiet())
    });
}

/// How many filter drivers are registered.
#[must_use]
pub fn drivers() -> usize {
    driver::registered().len()
}

impl AdapterId {
    pub(super) fn stack(self) -> Option<Rc<Stack>> {
        stack_of(self)
    }

    /// Whether it is there.
    #[must_use]
    pub fn is_present(self) -> bool {
        self.stack().is_some()
    }

    /// It goes, in order or by surprise; what it sends is completed, and modules are detached.
    pub fn remove(self, surprise: bool) {
        let Some(stack) = self.stack() else { return };
        if surprise {
            stack.miniport.status.set(snapgate_ffi::ndis::NDIS_STATUS_ADAPTER_REMOVED);
            events::device_event(&stack, NdisDevicePnPEventSurpriseRemoved);
        }
        change::unplug(&stack);
        if !surprise {
            events::device_event(&stack, NdisDevicePnPEventRemoved);
        }
    }

    /// Stops data until [`restart`](Self::restart).
    pub fn pause(self) {
        if let Some(stack) = self.stack() {
            stack.wanted.set(false);
            stack.serialised(|| change::pause(&stack, reason::INTERNAL));
        }
    }

    /// Lets data flow again.
    pub fn restart(self) {
        if let Some(stack) = self.stack() {
            stack.wanted.set(true);
            stack.serialised(|| change::restart(&stack));
        }
    }

    /// Lets it sleep, or wakes it.
    pub fn set_power(self, power: Power) {
        let Some(stack) = self.stack() else { return };
        if power == Power::Low {
            events::net_event(&stack, NetEventQueryPower, 4);
        }
        events::net_event(&stack, NetEventSetPower, if power == Power::Low { 4 } else { 1 });
        stack.powered.set(power == Power::On);
        stack.serialised(|| match power {
            Power::Low => change::pause(&stack, reason::LOW_POWER),
            Power::On => change::restart(&stack),
        });
    }
}
