//! The functions by which drivers pass lists on and give them back.

use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_RECEIVE_FLAGS_RESOURCES,
    NDIS_SEND_FLAGS_DISPATCH_LEVEL, NET_BUFFER_LIST,
};
use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::chain::{self, Act};
use super::data_path::{Batch, go_back, receive, send};
use super::layout::nbl;
use super::lists::{Holder, Hop, List, Taker, Way, frames};
use super::module::{Module, module_of};
use super::shape::Shape;
use crate::machine::{check, violate_with};
use crate::sched::{self, irql, irql_at_most, point};
use crate::verify::Rule;

/// Longer than this nobody holds a list, in units of 100 ns.
const HELD_MAX: u64 = 30 * 10_000_000;

/// A list is as it was when the module took it, in all that is not its to change.
/// A module that passes it on may leave a context with it, and a header before its packets, until it comes back.
pub(super) fn check_unchanged(function: &str, module: &Module, list: &List, taken: &Shape, passes: bool) {
    let shifted = super::retreat::is_shifted(list);
    if !passes {
        check(!shifted, Rule::B2, || {
            format!("{function}: {list:?} is given back while the start of its data is moved")
        });
        let left = list.contexts.borrow().iter().find(|block| block.module == Some(module.number)).copied();
        if let Some(block) = left {
            let message = format!(
                "{function}: {} leaves a context of {} bytes with {list:?}",
                module.name(),
                block.size
            );
            violate_with(Rule::P3, list.key(), message);
        }
    }
    let mut now = Shape::of(list.nbl);
    if passes {
        now.allow_context_of(taken);
    }
    if now.source != taken.source {
        let message =
            format!("{function}: {} wrote SourceHandle of {list:?}, which is not its own", module.name());
        violate_with(Rule::N2, list.key(), message);
    }
    if passes && shifted {
        return;
    }
    if let Some(difference) = taken.difference(&now) {
        violate_with(Rule::N3, list.key(), format!("{function}: {list:?} was changed: {difference}"));
    }
    if frames(list) != *list.frames.borrow() {
        violate_with(
            Rule::N8,
            list.key(),
            format!("{function}: bytes of the packets of {list:?} were written"),
        );
    }
}

/// A driver hands a chain over: checked, and on its way.
fn hand_over(act: Act, module: &Rc<Module>, first: *mut NET_BUFFER_LIST, lends: bool) -> Vec<Rc<List>> {
    let function = act.function();
    let batch = chain::parse(function, first);
    chain::check(act, module, &batch, lends);
    for list in &batch {
        if sched::now().saturating_sub(list.since.get()) > HELD_MAX && !list.birth.is_drivers() {
            violate_with(
                Rule::N3,
                list.key(),
                format!("{function}: {} held {list:?} for more than 30 s", module.name()),
            );
        }
        if list.birth.is_drivers() {
            set_out(module, list);
        } else if let Holder::Module { way: Way::There | Way::Back, .. } = list.holder.get() {
            let taken = list.route.borrow().last().map(|taker| taker.shape.clone());
            if let Some(taken) = taken {
                check_unchanged(function, module, list, &taken, !act.gives_back());
            }
            if act.gives_back() {
                list.route.borrow_mut().pop();
            }
        }
        list.note(|| format!("{list:?} {function} by {}", module.name()));
        if !lends {
            list.hand_to(Holder::Ndis);
        }
    }
    batch
}

/// A list of the driver's own begins its way.
fn set_out(module: &Rc<Module>, list: &List) {
    list.owner.set(Some(module.number));
    list.trips.set(list.trips.get() + 1);
    *list.frames.borrow_mut() = frames(list);
    let shape = Shape::of(list.nbl);
    list.route.borrow_mut().push(Taker { hop: Hop::Module(Rc::clone(module)), shape });
}

/// The bit for DISPATCH_LEVEL is the same in all flags of the data path.
fn flags_are_true(function: &'static str, flags: u32) {
    irql_at_most(DISPATCH_LEVEL, Rule::I2, function);
    check(flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL == 0 || irql() == DISPATCH_LEVEL, Rule::I3, || {
        format!("{function}: the flags say DISPATCH_LEVEL, but the IRQL is {}", irql())
    });
    point(function);
}

const _: () = assert!(NDIS_SEND_FLAGS_DISPATCH_LEVEL == NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL);

exports! { "ndis.sys";
    fn NdisFSendNetBufferLists(handle: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, port: u32, flags: u32) {
        flags_are_true("NdisFSendNetBufferLists", flags);
        let module = module_of(handle, "NdisFSendNetBufferLists");
        let batch = hand_over(Act::Send, &module, first, false);
        for list in &batch {
            nbl::set_Status(list.nbl, super::ends::NO_STATUS);
        }
        let stack = module.stack();
        send(&stack, Some(&Hop::Module(module)), Batch { lists: batch, port, flags });
        point("NdisFSendNetBufferLists");
    }

    fn NdisFSendNetBufferListsComplete(handle: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, flags: u32) {
        flags_are_true("NdisFSendNetBufferListsComplete", flags);
        let module = module_of(handle, "NdisFSendNetBufferListsComplete");
        let batch = hand_over(Act::Complete, &module, first, false);
        go_back(&module.stack(), Act::Complete, batch, flags);
        point("NdisFSendNetBufferListsComplete");
    }

    fn NdisFIndicateReceiveNetBufferLists(
        handle: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, port: u32, count: u32, flags: u32,
    ) {
        flags_are_true("NdisFIndicateReceiveNetBufferLists", flags);
        let module = module_of(handle, "NdisFIndicateReceiveNetBufferLists");
        let lends = flags & NDIS_RECEIVE_FLAGS_RESOURCES != 0;
        let before: Vec<(Rc<List>, Holder)> = match lends {
            true => chain::parse("NdisFIndicateReceiveNetBufferLists", first)
                .into_iter()
                .map(|list| { let holder = list.holder.get(); (list, holder) })
                .collect(),
            false => Vec::new(),
        };
        let batch = hand_over(Act::Indicate, &module, first, lends);
        check(batch.len() == count as usize, Rule::N1, || {
            format!("NdisFIndicateReceiveNetBufferLists: {count} lists are announced, the chain has {}", batch.len())
        });
        let stack = module.stack();
        for list in &batch {
            list.hand_to(Holder::Ndis);
        }
        receive(&stack, Some(&Hop::Module(Rc::clone(&module))), Batch { lists: batch, port, flags });
        for (list, holder) in before {
            // What was lent upwards is the module's again; lists of its own never left it.
            list.hand_to(holder);
            if list.birth.is_drivers() {
                list.route.borrow_mut().pop();
            }
        }
        point("NdisFIndicateReceiveNetBufferLists");
    }

    fn NdisFReturnNetBufferLists(handle: NDIS_HANDLE, first: *mut NET_BUFFER_LIST, flags: u32) {
        flags_are_true("NdisFReturnNetBufferLists", flags);
        let module = module_of(handle, "NdisFReturnNetBufferLists");
        let batch = hand_over(Act::Return, &module, first, false);
        go_back(&module.stack(), Act::Return, batch, flags);
        point("NdisFReturnNetBufferLists");
    }
}
