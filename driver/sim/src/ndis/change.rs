//! Changes of a whole stack: pause and restart, modules that come and go.
//!
//! ```text
//!   pause     protocol stops, its sends come back ──▶ modules, the highest first ──▶ miniport stops, its lists come back
//!   restart   miniport ──▶ modules, the lowest first ──▶ protocol
//! ```
//!
//! While a stack pauses the miniport still receives until its turn has come, so that lists reach modules which are paused
//! already; both ends finish with what rests there. One change at a time on each adapter.

use std::cell::Cell;
use std::rc::Rc;

use super::driver::{self, Driver};
use super::ends::{Completion, Order};
use super::life;
use super::lists::{Birth, lists};
use super::module::Module;
use super::stack::Stack;
use super::state::State;
use crate::machine::{machine, violate, violate_with};
use crate::sched;
use crate::verify::Rule;

/// So long the ends wait for their lists, in units of 100 ns.
const HOME_MAX: u64 = 10 * 10_000_000;

/// Reasons for a pause.
pub(crate) mod reason {
    pub(crate) const INTERNAL: u32 = 1;
    pub(crate) const LOW_POWER: u32 = 2;
    pub(crate) const ATTACH_FILTER: u32 = 0x10;
    pub(crate) const DETACH_FILTER: u32 = 0x20;
    pub(crate) const FILTER_RESTART_STACK: u32 = 0x40;
    pub(crate) const DEVICE_REMOVE: u32 = 0x80;
}

/// How far the pause of a stack is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The protocol's lists come back; the miniport takes its time with those of filters.
    Protocol,
    /// Modules pause: all lists come back.
    Modules,
    Over,
}

/// A thread that finishes with whatever rests at the ends, until the pause is over.
fn drain(stack: &Rc<Stack>, phase: &Rc<Cell<Phase>>) -> sched::ThreadId {
    let (stack, phase) = (Rc::clone(stack), Rc::clone(phase));
    sched::spawn("the ends of a stack that pauses", move || {
        while phase.get() != Phase::Over {
            finish_all(&stack, phase.get() == Phase::Protocol);
            sched::sleep(10_000);
        }
    })
}

/// Both ends finish with the lists that rest there.
fn finish_all(stack: &Rc<Stack>, spares_filters: bool) {
    let dispatch = sched::random(2) == 0;
    let order = if sched::random(2) == 0 { Order::InOrder } else { Order::Regrouped };
    let how = Completion { order, dispatch, spares_filters };
    stack.miniport.complete(stack, how, usize::MAX);
    stack.protocol.give_back(stack, Completion { dispatch: !dispatch, ..how }, usize::MAX);
}

/// Waits until an end has all its lists back.
fn wait_home(birth: Birth, out: impl Fn() -> usize, what: &'static str) {
    let until = sched::now() + HOME_MAX;
    if sched::block_until(what, Some(until), || out() == 0) {
        return;
    }
    match lists().those(|list| list.birth == birth).first() {
        Some(list) => violate_with(
            Rule::N3,
            list.key(),
            format!("{what}: {list:?} is not back after 10 s; it is held by {}", list.held_by()),
        ),
        None => violate(Rule::N3, format!("{what}: not all are back after 10 s")),
    }
}

/// Whether data can flow in a stack.
pub(crate) fn is_running(stack: &Stack) -> bool {
    stack.miniport.end.running.get()
}

/// Pauses a stack, unless it is paused.
pub(crate) fn pause(stack: &Rc<Stack>, reason: u32) {
    if !is_running(stack) {
        return;
    }
    stack.protocol.end.running.set(false);
    let phase = Rc::new(Cell::new(Phase::Protocol));
    let drain = drain(stack, &phase);
    let protocol = &stack.protocol.end;
    wait_home(Birth::Protocol(stack.id), || protocol.out.get(), "sends of a protocol that pauses");
    phase.set(Phase::Modules);
    for module in stack.modules() {
        if module.state() == State::Running {
            life::pause(&module, reason);
        }
    }
    stack.miniport.end.running.set(false);
    let miniport = &stack.miniport.end;
    wait_home(Birth::Miniport(stack.id), || miniport.out.get(), "receives of a miniport that pauses");
    phase.set(Phase::Over);
    sched::join(drain);
}

/// Restarts a stack, if data is to flow in it.
pub(crate) fn restart(stack: &Rc<Stack>) {
    if is_running(stack) || !stack.present.get() || !stack.wanted.get() || !stack.powered.get() {
        return;
    }
    stack.miniport.end.running.set(true);
    let mut modules = stack.modules();
    modules.reverse();
    for module in modules {
        if module.state() == State::Paused {
            life::restart(&module);
        }
    }
    stack.protocol.end.running.set(true);
}

/// Runs a change in a thread of its own.
fn in_thread(name: &'static str, body: impl FnOnce() + 'static) {
    let changes = &machine().ndis.changes;
    changes.set(changes.get() + 1);
    sched::spawn(name, move || {
        body();
        let changes = &machine().ndis.changes;
        changes.set(changes.get() - 1);
    });
}

fn stacks() -> Vec<Rc<Stack>> {
    machine().ndis.stacks.borrow().clone()
}

/// Attaches a driver that has just registered to all adapters.
pub(crate) fn attach_everywhere(driver: &Rc<Driver>) {
    let driver = Rc::clone(driver);
    in_thread("attach", move || {
        for stack in stacks() {
            stack.serialised(|| attach(&stack, &driver));
        }
    });
}

fn attach(stack: &Rc<Stack>, driver: &Rc<Driver>) {
    let there = stack.modules().iter().any(|module| Rc::ptr_eq(&module.driver, driver));
    if there || driver.leaving.get() || !stack.present.get() {
        return;
    }
    pause(stack, reason::ATTACH_FILTER);
    life::attach(stack, driver);
    restart(stack);
}

/// A new adapter: all drivers attach, and data flows.
pub(crate) fn plug(stack: &Rc<Stack>) {
    stack.serialised(|| {
        for driver in driver::registered() {
            attach(stack, &driver);
        }
        restart(stack);
    });
}

/// An adapter goes: nothing of it is left.
pub(crate) fn unplug(stack: &Rc<Stack>) {
    stack.serialised(|| {
        pause(stack, reason::DEVICE_REMOVE);
        for module in stack.modules() {
            life::detach(stack, &module);
        }
        stack.present.set(false);
    });
}

/// Detaches a driver from all adapters.
pub(crate) fn detach_everywhere(driver: &Rc<Driver>) {
    for stack in stacks() {
        stack.serialised(|| {
            let modules: Vec<_> =
                stack.modules().into_iter().filter(|module| Rc::ptr_eq(&module.driver, driver)).collect();
            if modules.is_empty() {
                return;
            }
            pause(&stack, reason::DETACH_FILTER);
            for module in &modules {
                life::detach(&stack, module);
            }
            restart(&stack);
        });
    }
}

/// A module wants to be restarted: with it its whole stack.
pub(crate) fn restart_filter(module: &Rc<Module>) {
    let module = Rc::clone(module);
    in_thread("restart of a filter module", move || {
        let Some(stack) = module.stack.upgrade() else { return };
        stack.serialised(|| {
            // Somebody may have restarted it meanwhile, or it is gone; a stack that is paused restarts later.
            if module.restart_wanted.get() && module.state() != State::Detached && is_running(&stack) {
                pause(&stack, reason::FILTER_RESTART_STACK);
                restart(&stack);
            }
        });
    });
}
