//! The data path: calls from hop to hop, on the caller's stack, with the lists themselves.
//!
//! ```text
//!   down:  send ──▶ hop ──▶ hop ──▶ miniport        back up:   complete, to whoever took the list last
//!   up:    receive ◀── hop ◀── hop ◀── miniport     back down: return, likewise
//! ```

use std::rc::Rc;

use snapgate_ffi::ndis::{NDIS_RECEIVE_FLAGS_RESOURCES, NET_BUFFER_LIST};

use super::calls::check_unchanged;
use super::chain::Act;
use super::layout::nbl;
use super::lists::{Holder, Hop, List, Taker, Way, link, lists};
use super::module::Module;
use super::shape::Shape;
use super::stack::Stack;
use crate::machine::violate_with;
use crate::verify::Rule;

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
            Some(Hop::Module(module)) => come_back(stack, &module, act, run, flags),
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
fn come_back(stack: &Rc<Stack>, module: &Rc<Module>, act: Act, run: Vec<Rc<List>>, flags: u32) {
    let handlers = module.handlers.get();
    let (function, handler) = match act {
        Act::Complete => ("FilterSendNetBufferListsComplete", handlers.send_complete),
        _ => ("FilterReturnNetBufferLists", handlers.return_lists),
    };
    let Some(handler) = handler else {
        pass_by(stack, module, function, act, run, flags);
        return;
    };
    let number = lists().call();
    for list in &run {
        list.note(|| format!("{list:?} came back to {}", module.name()));
        if list.birth.is_drivers() {
            list.route.borrow_mut().pop();
            list.hand_to(Holder::Owner);
        } else {
            list.hand_to(Holder::Module { module: module.number, call: Some(number), way: Way::Back });
        }
    }
    let first = link(&run);
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

/// The module has no handler for lists that come back. Its own have nowhere to go; others pass it by: a handler that
/// took them on their way has been removed since, and the way goes by the handlers of now.
fn pass_by(stack: &Rc<Stack>, module: &Module, function: &str, act: Act, run: Vec<Rc<List>>, flags: u32) {
    for list in &run {
        if list.birth.is_drivers() {
            let message =
                format!("{} has no {function}, and {list:?}, its own, comes back to it", module.name());
            violate_with(Rule::N5, list.key(), message);
        }
        list.note(|| format!("{list:?} passed {} by on its way back", module.name()));
        list.route.borrow_mut().pop();
    }
    go_back(stack, act, run, flags);
}
