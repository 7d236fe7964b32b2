//! The data path: calls from hop to hop, on the caller's stack, with the lists themselves.
//!
//! ```text
//!   down:  send ──▶ hop ──▶ hop ──▶ miniport        back up:   complete, to whoever took the list last
//!   up:    receive ◀── hop ◀── hop ◀── miniport     back down: return, likewise
//! ```

use std::rc::Rc;

use snapgate_ffi::ndis::{
    NDIS_HANDLE, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL, NDIS_RECEIVE_FLAGS_RESOURCES,
    NDIS_SEND_FLAGS_DISPATCH_LEVEL, NET_BUFFER_LIST,
};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, PVOID};

use super::chain::{self, Act};
use super::layout::nbl;
use super::lists::{Holder, Hop, List, Taker, Way, frames, link, lists};
use super::module::{Module, module_of};
use super::shape::Shape;
use super::stack::Stack;
use crate::machine::{check, violate, violate_with};
use crate::sched::{self, irql, irql_at_most, point};
use crate::verify::Rule;

/// Longer than this nobody holds a list, in units of 100 ns.
const HELD_MAX: u64 = 30 * 10_000_000;

/// A chain on its way down or up.
pub(crate) struct Batch {
    pub(crate) lists: Vec<Rc<List>>,
    pub(crate) port: u32,
    pub(crate) flags: u32,
}

/// Down, from below a hop; `None` is the protocol.
pub(crate) fn send(stack: &Rc<Stack>, from: Option<&Hop>, batch: Batch) {
    let mut hop = stack.below(from);
    while let Some(at) = hop {
        match &at {
            Hop::Module(module) => {
                if let Some(handler) = module.handlers.get().send {
                    let Batch { lists, port, flags } = batch;
                    deliver(module, &lists, Way::There, "FilterSendNetBufferLists", "given to", |first| {
                        // SAFETY: the handler with the module's context and a chain that is now its.
                        unsafe { handler(module.context.get(), first, port, flags) };
                    });
                    return;
                }
            }
            Hop::Neighbour(neighbour) => {
                neighbour.send(stack, &at, batch);
                return;
            }
        }
        hop = stack.below(Some(&at));
    }
    stack.miniport.send(stack, batch);
}

/// Up, from above a hop; `None` is the miniport.
pub(crate) fn receive(stack: &Rc<Stack>, from: Option<&Hop>, batch: Batch) {
    let lent = batch.flags & NDIS_RECEIVE_FLAGS_RESOURCES != 0;
    let mut hop = stack.above(from);
    while let Some(at) = hop {
        match &at {
            Hop::Module(module) => {
                if let Some(handler) = module.handlers.get().receive {
                    let Batch { lists, port, flags } = batch;
                    let count = u32::try_from(lists.len()).unwrap_or(u32::MAX);
                    let way = if lent { Way::Lent } else { Way::There };
                    deliver(module, &lists, way, "FilterReceiveNetBufferLists", "indicated to", |first| {
                        // SAFETY: as for a send.
                        unsafe { handler(module.context.get(), first, port, count, flags) };
                    });
                    return;
                }
            }
            Hop::Neighbour(neighbour) => {
                neighbour.receive(stack, &at, batch);
                return;
            }
        }
        hop = stack.above(Some(&at));
    }
    stack.protocol.receive(stack, batch);
}

/// Gives a chain to a module, which has to pass it on or give it back.
fn deliver(
    module: &Rc<Module>,
    batch: &[Rc<List>],
    way: Way,
    function: &'static str,
    how: &str,
    call: impl FnOnce(*mut NET_BUFFER_LIST),
) {
    let number = lists().call();
    module.begin_call(number);
    let before: Vec<(Holder, Shape)> =
        batch.iter().map(|list| (list.holder.get(), Shape::of(list.nbl))).collect();
    for (list, (_, shape)) in batch.iter().zip(&before) {
        list.note(|| format!("{list:?} {how} {}", module.name()));
        list.hand_to(Holder::Module { module: module.number, call: Some(number), way });
        if way == Way::There {
            list.route.borrow_mut().push(Taker { hop: Hop::Module(Rc::clone(module)), shape: shape.clone() });
        }
    }
    let first = link(batch);
    module.driver.data_call(function, || call(first));
    if way == Way::Lent {
        take_back(module, function, batch, number, before);
    } else {
        let mine = Holder::Module { module: module.number, call: Some(number), way };
        for list in batch.iter().filter(|list| list.holder.get() == mine) {
            if module.is_strict_call(Some(number)) {
                let message =
                    format!("{function}: {} is {:?}, and keeps {list:?}", module.name(), module.state());
                violate_with(Rule::L5, list.key(), message);
            }
            list.note(|| format!("{list:?} kept by {}", module.name()));
            list.holder.set(Holder::Module { module: module.number, call: None, way });
        }
    }
    module.end_call(number);
}

/// Takes lists back that were lent for a call: all of them, with the same links.
fn take_back(module: &Module, function: &str, batch: &[Rc<List>], call: u64, before: Vec<(Holder, Shape)>) {
    let lent = Holder::Module { module: module.number, call: Some(call), way: Way::Lent };
    for (index, (list, (holder, shape))) in batch.iter().zip(before).enumerate() {
        if list.holder.get() != lent {
            let message =
                format!("{function}: {list:?} was lent (RESOURCES), and is held by {}", list.held_by());
            violate_with(Rule::N4, list.key(), message);
        }
        let next = batch.get(index + 1).map_or(std::ptr::null_mut(), |next| next.nbl);
        if nbl::Next(list.nbl) != next {
            let message = format!("{function}: {list:?} was lent (RESOURCES), and is not linked as it was");
            violate_with(Rule::N4, list.key(), message);
        }
        check_unchanged(function, module, list, &shape, false);
        list.hand_to(holder);
    }
}

/// A list is as it was when the module took it, in all that is not its to change.
/// A module that passes it on may leave a context with it, and a header before its packets, until it comes back.
fn check_unchanged(function: &str, module: &Module, list: &List, taken: &Shape, passes: bool) {
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

/// Runs of a chain by who gets them next on the way back, in order.
fn by_taker(batch: Vec<Rc<List>>) -> Vec<(Option<Hop>, Vec<Rc<List>>)> {
    let mut runs: Vec<(Option<Hop>, Vec<Rc<List>>)> = Vec::new();
    for list in batch {
        let target = list.route.borrow().last().map(|taker| taker.hop.clone());
        let run = runs.iter_mut().find(|(other, _)| match (other, &target) {
            (None, None) => true,
            (Some(one), Some(two)) => one.is_same(two),
            _ => false,
        });
        match run {
            Some((_, run)) => run.push(list),
            None => runs.push((target, vec![list])),
        }
    }
    runs
}

/// Back, to whoever took the lists last, or to their makers.
pub(crate) fn go_back(stack: &Rc<Stack>, act: Act, batch: Vec<Rc<List>>, flags: u32) {
    for (target, run) in by_taker(batch) {
        match target {
            Some(Hop::Module(module)) => come_back(&module, act, &run, flags),
            Some(at @ Hop::Neighbour(_)) => {
                for list in &run {
                    list.route.borrow_mut().pop();
                }
                let Hop::Neighbour(neighbour) = &at else { return };
                neighbour.back(stack, act, run, flags);
            }
            None if act == Act::Complete => stack.protocol.completed(&run),
            None => stack.miniport.returned(&run),
        }
    }
}

/// A chain comes back to a module: lists of its own, and of others, mixed.
fn come_back(module: &Rc<Module>, act: Act, run: &[Rc<List>], flags: u32) {
    let handlers = module.handlers.get();
    let (function, handler) = match act {
        Act::Complete => ("FilterSendNetBufferListsComplete", handlers.send_complete),
        _ => ("FilterReturnNetBufferLists", handlers.return_lists),
    };
    let Some(handler) = handler else {
        violate(Rule::N5, format!("{} has no {function}, and lists come back to it", module.name()));
    };
    let number = lists().call();
    for list in run {
        list.note(|| format!("{list:?} came back to {}", module.name()));
        if list.birth.is_drivers() {
            list.route.borrow_mut().pop();
            list.hand_to(Holder::Owner);
        } else {
            list.hand_to(Holder::Module { module: module.number, call: Some(number), way: Way::Back });
        }
    }
    let first = link(run);
    module.driver.data_call(function, || {
        // SAFETY: the handler with the module's context and a chain that it sent or passed on.
        unsafe { handler(module.context.get(), first, flags) };
    });
    let mine = Holder::Module { module: module.number, call: Some(number), way: Way::Back };
    for list in run.iter().filter(|list| list.holder.get() == mine) {
        list.note(|| format!("{list:?} kept by {}", module.name()));
        list.holder.set(Holder::Module { module: module.number, call: None, way: Way::Back });
    }
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

/// Lets lists of the module be cancelled further down.
pub(crate) fn cancel(stack: &Rc<Stack>, from: Option<&Hop>, id: PVOID) {
    let mut hop = stack.below(from);
    while let Some(at) = hop {
        if let Hop::Module(module) = &at
            && let Some(handler) = module.handlers.get().cancel_send
        {
            module.cancelled.borrow_mut().clear();
            module.driver.data_call("FilterCancelSendNetBufferLists", || {
                // SAFETY: the handler with the module's context.
                unsafe { handler(module.context.get(), id) };
            });
            check_cancelled(module, id.addr());
            return;
        }
        hop = stack.below(Some(&at));
    }
    stack.miniport.cancel(stack, id.addr());
}

/// After a cancellation the module keeps no list with that id, and has passed the cancellation on.
fn check_cancelled(module: &Module, id: usize) {
    let slot = usize::from(snapgate_ffi::ndis::NetBufferListCancelId);
    let kept = lists().those(|list| {
        let kept = matches!(list.holder.get(), Holder::Module { module: holder, call: None, way: Way::There } if holder == module.number);
        // An original waits for its clone, which is further down.
        kept && list.clones.get() == 0 && super::layout::info(list.nbl, slot) == id
    });
    if let Some(list) = kept.first() {
        let message =
            format!("FilterCancelSendNetBufferLists: {} still keeps {list:?} with this id", module.name());
        violate_with(Rule::O4, list.key(), message);
    }
    check(module.cancelled.borrow().contains(&id), Rule::O4, || {
        format!("FilterCancelSendNetBufferLists: {} did not pass the cancellation on", module.name())
    });
}

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

    fn NdisFCancelSendNetBufferLists(handle: NDIS_HANDLE, id: PVOID) {
        irql_at_most(DISPATCH_LEVEL, Rule::I2, "NdisFCancelSendNetBufferLists");
        point("NdisFCancelSendNetBufferLists");
        let module = module_of(handle, "NdisFCancelSendNetBufferLists");
        module.note_cancel(id);
        cancel(&module.stack(), Some(&Hop::Module(module)), id);
    }
}
