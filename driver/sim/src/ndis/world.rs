//! What scenarios do with adapters. All of it is called from threads of the machine.

use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_LINK_STATE, NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_DEFAULT, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL,
    NDIS_RECEIVE_FLAGS_RESOURCES, NDIS_STATUS, NDIS_STATUS_LINK_STATE, NdisDevicePnPEventRemoved,
    NdisDevicePnPEventSurpriseRemoved, NetEventQueryPower, NetEventSetPower, Revision,
};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PASSIVE_LEVEL};

use super::change::{self, reason};
use super::data_path::{self, Batch};
use super::ends::{Completion, DIRTY, Delivered, Mode, NO_STATUS};
use super::events;
use super::layout::{self, nb, nbl};
use super::lists::{Birth, Gone, Holder, List, frames, link, lists};
use super::oid::{self, OidOutcome, OidQuestion};
use super::packet::{PacketList, Source};
use super::stack::{AdapterConfig, AdapterId, Stack, stack_of};
use super::state::State;
use super::{memory, status};
use crate::machine::machine;
use crate::sched;

/// How a batch is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ReceiveOptions {
    /// The lists are lent for the call only.
    pub resources: bool,
    /// At DISPATCH_LEVEL, as most miniports indicate, with the flag.
    pub dispatch: bool,
    /// Of the miniport.
    pub port: u32,
    /// More bits of the flags.
    pub flags: u32,
}

/// How a batch is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SendOptions {
    /// At DISPATCH_LEVEL, with the flag.
    pub dispatch: bool,
    /// Of the miniport.
    pub port: u32,
    /// More bits of the flags.
    pub flags: u32,
}

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
    super::driver::registered().len()
}

/// Makes the lists of a batch.
fn build(
    stack: &Stack,
    batch: &[PacketList],
    birth: Birth,
    source: snapgate_ffi::ndis::NDIS_HANDLE,
) -> Vec<Rc<List>> {
    let slots = machine().ndis.version().info_slots();
    let holder = if matches!(birth, Birth::Protocol(_)) { Holder::Protocol } else { Holder::Miniport };
    let make = |list: &PacketList| {
        let made = memory::new_list();
        let packets: Vec<_> = list.packets.iter().map(memory::build).collect();
        for pair in packets.windows(2) {
            if let [one, two] = pair {
                nb::set_Next(*one, *two);
            }
        }
        nbl::set_FirstNetBuffer(made, packets.first().copied().unwrap_or(std::ptr::null_mut()));
        let module = stack.modules().first().map(|module| module.handle());
        nbl::set_SourceHandle(
            made,
            match list.source {
                Source::Maker => source,
                Source::Module => module.unwrap_or(source),
            },
        );
        nbl::set_NblFlags(made, list.flags);
        nbl::set_Status(made, NO_STATUS);
        for (slot, word) in list.info.iter().filter(|(slot, _)| usize::from(*slot) < slots) {
            layout::set_info(made, usize::from(*slot), *word);
        }
        let record = lists().add(made, birth, holder);
        *record.frames.borrow_mut() = frames(&record);
        record
    };
    batch.iter().map(make).collect()
}

const _: () = assert!(DIRTY != 0);

impl AdapterId {
    fn stack(self) -> Option<Rc<Stack>> {
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

    /// A batch comes in. Answers whether it did: the miniport indicates nothing while it is paused.
    pub fn receive(self, batch: &[PacketList], options: ReceiveOptions) -> bool {
        let Some(stack) = self.stack() else { return false };
        if !stack.miniport.end.running.get() || batch.is_empty() {
            return false;
        }
        let made = build(&stack, batch, Birth::Miniport(self), stack.miniport.end.handle());
        let out = &stack.miniport.end.out;
        out.set(out.get() + made.len());
        let mut flags = options.flags;
        if options.resources {
            flags |= NDIS_RECEIVE_FLAGS_RESOURCES;
        }
        let level = if options.dispatch { DISPATCH_LEVEL } else { PASSIVE_LEVEL };
        if options.dispatch {
            flags |= NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL;
        }
        for list in made.iter().filter(|_| !options.resources) {
            list.hand_to(Holder::Ndis);
        }
        link(&made);
        let kept = if options.resources { made.clone() } else { Vec::new() };
        let port = options.port;
        sched::at_irql(level, || data_path::receive(&stack, None, Batch { lists: made, port, flags }));
        for list in kept {
            let memory = list.nbl;
            lists().remove(&list, Gone::LentOver);
            memory::destroy(memory);
            out.set(out.get().saturating_sub(1));
        }
        true
    }

    /// A batch goes out. Answers whether it did: the protocol sends nothing while it is paused.
    pub fn send(self, batch: &[PacketList], options: SendOptions) -> bool {
        let Some(stack) = self.stack() else { return false };
        if !stack.protocol.end.running.get() || batch.is_empty() {
            return false;
        }
        let made = build(&stack, batch, Birth::Protocol(self), stack.protocol.end.handle());
        let out = &stack.protocol.end.out;
        out.set(out.get() + made.len());
        for list in &made {
            list.hand_to(Holder::Ndis);
        }
        link(&made);
        let level = if options.dispatch { DISPATCH_LEVEL } else { PASSIVE_LEVEL };
        let flags = options.flags | if options.dispatch { NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL } else { 0 };
        let port = options.port;
        sched::at_irql(level, || data_path::send(&stack, None, Batch { lists: made, port, flags }));
        true
    }

    /// The protocol cancels its sends with this id.
    pub fn cancel_sends(self, id: usize) {
        if let Some(stack) = self.stack() {
            data_path::cancel(&stack, None, std::ptr::without_provenance_mut(id));
        }
    }

    /// When the miniport completes what is sent from now on.
    pub fn set_send_mode(self, mode: Mode) {
        if let Some(stack) = self.stack() {
            stack.miniport.end.mode.set(mode);
        }
    }

    /// When the protocol returns what it receives from now on.
    pub fn set_receive_mode(self, mode: Mode) {
        if let Some(stack) = self.stack() {
            stack.protocol.end.mode.set(mode);
        }
    }

    /// With what the miniport completes what is sent from now on.
    pub fn set_send_status(self, status: NDIS_STATUS) {
        if let Some(stack) = self.stack() {
            stack.miniport.status.set(status);
        }
    }

    /// The miniport completes up to so many lists that rest there; answers how many it did.
    pub fn complete_sends(self, how: Completion, most: usize) -> usize {
        self.stack().map_or(0, |stack| stack.miniport.complete(&stack, how, most))
    }

    /// The protocol returns up to so many lists that rest there; answers how many it did.
    pub fn return_receives(self, how: Completion, most: usize) -> usize {
        self.stack().map_or(0, |stack| stack.protocol.give_back(&stack, how, most))
    }

    /// How many lists rest at the miniport, and at the protocol.
    #[must_use]
    pub fn resting(self) -> (usize, usize) {
        self.stack().map_or((0, 0), |stack| (stack.miniport.end.resting(), stack.protocol.end.resting()))
    }

    /// How many lists of the protocol, and of the miniport, are not back.
    #[must_use]
    pub fn outstanding(self) -> (usize, usize) {
        self.stack().map_or((0, 0), |stack| (stack.protocol.end.out.get(), stack.miniport.end.out.get()))
    }

    /// The link comes or goes: modules are told.
    pub fn set_link(self, connected: bool) {
        let Some(stack) = self.stack() else { return };
        stack.connected.set(connected);
        let speed = if connected { stack.config.link_speed } else { u64::MAX };
        let state = NDIS_LINK_STATE {
            Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, Revision { number: 1, size: 40 }),
            MediaConnectState: if connected { 1 } else { 2 },
            MediaDuplexState: 2,
            XmitLinkSpeed: speed,
            RcvLinkSpeed: speed,
            PauseFunctions: 0,
            AutoNegotiationFlags: 0,
        };
        status::indicate_value(&stack, NDIS_STATUS_LINK_STATE, &state);
    }

    /// The miniport indicates a status; modules may pass it on.
    pub fn indicate_status(self, code: NDIS_STATUS, buffer: &[u8]) {
        if let Some(stack) = self.stack() {
            status::indicate(&stack, code, buffer);
        }
    }

    /// An event of the network goes up; answers what the protocol or a module said.
    pub fn net_event(self, event: u32, parameter: u32) -> Option<NDIS_STATUS> {
        self.stack().map(|stack| events::net_event(&stack, event, parameter))
    }

    /// An event of the device goes down.
    pub fn device_event(self, event: u32) {
        if let Some(stack) = self.stack() {
            events::device_event(&stack, event);
        }
    }

    /// The protocol asks, and waits for the answer.
    pub fn ask(self, question: &OidQuestion) -> Option<OidOutcome> {
        self.stack().map(|stack| oid::ask(&stack, question))
    }

    /// Whether the miniport answers requests later, from a thread of its own.
    pub fn set_oids_pend(self, pend: bool) {
        if let Some(stack) = self.stack() {
            stack.oids.pend.set(pend);
        }
    }

    /// The protocol cancels the request that it waits for.
    pub fn cancel_ask(self) {
        if let Some(stack) = self.stack() {
            oid::cancel_current(&stack);
        }
    }

    /// What the protocol has received since the last call.
    #[must_use]
    pub fn take_delivered(self) -> Vec<Delivered> {
        self.stack().map_or_else(Vec::new, |stack| stack.protocol.end.take_arrived())
    }

    /// What the miniport has been given to send since the last call.
    #[must_use]
    pub fn take_transmitted(self) -> Vec<Delivered> {
        self.stack().map_or_else(Vec::new, |stack| stack.miniport.end.take_arrived())
    }

    /// How the protocol's sends have ended since the last call, one entry per list.
    #[must_use]
    pub fn take_completed(self) -> Vec<NDIS_STATUS> {
        self.stack().map_or_else(Vec::new, |stack| stack.protocol.take_completed())
    }

    /// The status indications that have reached the protocol since the last call.
    #[must_use]
    pub fn take_statuses(self) -> Vec<NDIS_STATUS> {
        self.stack().map_or_else(Vec::new, |stack| stack.protocol.take_statuses())
    }

    /// Events of the network that have reached the protocol, and of the device that have reached the miniport.
    #[must_use]
    pub fn events(self) -> (Vec<u32>, Vec<u32>) {
        self.stack()
            .map_or_else(Default::default, |stack| (stack.protocol.end.events(), stack.miniport.end.events()))
    }

    /// The packet filter of the miniport.
    #[must_use]
    pub fn packet_filter(self) -> u32 {
        self.stack().map_or(0, |stack| stack.oids.packet_filter.get())
    }

    /// The states of the driver's modules in its stack, the highest first.
    #[must_use]
    pub fn module_states(self) -> Vec<State> {
        self.stack()
            .map_or_else(Vec::new, |stack| stack.modules().iter().map(|module| module.state()).collect())
    }

    /// Whether the first module's data path handlers are installed: for sends, and for receives.
    #[must_use]
    pub fn handlers(self) -> (bool, bool) {
        let modules = self.stack().map_or_else(Vec::new, |stack| stack.modules());
        modules.first().map_or((false, false), |module| {
            let handlers = module.handlers.get();
            (handlers.send.is_some(), handlers.receive.is_some())
        })
    }
}
