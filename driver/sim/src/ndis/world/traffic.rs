//! Batches that come and go, and when the ends finish with them.

use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_RECEIVE_FLAGS_RESOURCES, NDIS_STATUS,
};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PASSIVE_LEVEL};

use crate::machine::machine;
use crate::ndis::cancel;
use crate::ndis::data_path::{self, Batch};
use crate::ndis::ends::{Completion, Mode, NO_STATUS};
use crate::ndis::layout::{self, nb, nbl};
use crate::ndis::lists::{Birth, Gone, Holder, List, frames, link, lists};
use crate::ndis::memory;
use crate::ndis::packet::{PacketList, Source};
use crate::ndis::stack::{AdapterId, Stack};
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

/// Makes the lists of a batch.
fn build(stack: &Stack, batch: &[PacketList], birth: Birth, source: NDIS_HANDLE) -> Vec<Rc<List>> {
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

impl AdapterId {
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
            cancel::cancel(&stack, None, std::ptr::without_provenance_mut(id));
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
}
