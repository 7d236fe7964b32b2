//! Kernel threads as coroutines on a few simulated CPUs: who runs is decided here, by a seed.
//!
//! ```text
//!   Machine::run ──▶ choose ──▶ resume a thread ──▶ it suspends in a scheduling point, a wait or a spin
//!                      ▲            │                          │
//!                      └────────────┴──────────────────────────┘
//!   nobody can run: the clock jumps to the next timer or timeout; none: deadlock
//! ```
//!
//! Invariants.
//!
//! - One OS thread has one machine; one of its coroutines runs at a time; a switch happens only inside of the simulator's
//!   functions. So the simulator's own data needs no locks, and is never borrowed across a switch.
//! - A thread at DISPATCH_LEVEL keeps its CPU until it lowers: no other thread and no DPC runs there. A thread below has
//!   no CPU between two runs.
//! - DPCs of a CPU run before any thread below DISPATCH_LEVEL runs on it.
//! - A thread that broke a rule never runs again; its stack is given up without unwinding, because the driver's
//!   frames on it cannot unwind.

mod choose;
mod clock;
mod dpc;
mod rwlock;
mod signal;
mod spin;
mod thread;
mod timer;
mod wait;

pub use clock::now;
pub(crate) use clock::pass;
pub use signal::Signal;
pub use thread::ThreadId;

pub(crate) use choose::run;
pub(crate) use dpc::{any_between as any_dpc_between, dpcs_are_idle, insert_dpc, remove_dpc};
pub(crate) use rwlock::EXPORTS;
pub(crate) use spin::{acquire_spin_lock, holds_spin_lock, is_spin_lock_held, release_spin_lock};
pub(crate) use thread::{Thread, reclaim, suspend_for_ever};
pub(crate) use timer::{any_between as any_timer_between, cancel_timer, set_timer};
pub(crate) use wait::{block_on, block_until, wake};

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use snapgate_ffi::ntdef::{DISPATCH_LEVEL, KIRQL, PASSIVE_LEVEL};

use crate::machine::{machine, violate};
use crate::schedule::Numbers;
use crate::verify::Rule;

/// When a thread that could go on gives way to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Only when it waits.
    Cooperative,
    /// At a scheduling point, with this probability.
    Random {
        /// Of 1000.
        per_mille: u16,
    },
}

/// The scheduler of one machine.
pub(crate) struct Sched {
    pub(super) threads: RefCell<Vec<Rc<Thread>>>,
    pub(super) current: RefCell<Option<Rc<Thread>>>,
    pub(super) next_id: Cell<u32>,
    pub(super) numbers: RefCell<Numbers>,
    pub(super) policy: Cell<Policy>,
    pub(super) cpus: usize,
    pub(super) time: Cell<u64>,
    pub(super) timers: RefCell<Vec<timer::Armed>>,
    pub(super) dpcs: RefCell<Vec<VecDeque<dpc::Queued>>>,
    pub(super) spins: RefCell<spin::Owners>,
    pub(super) rwlocks: RefCell<rwlock::Locks>,
    /// Resumptions so far, and the most there may be.
    pub(super) steps: Cell<u64>,
    pub(super) steps_max: u64,
    /// A digest of every decision, to compare runs.
    pub(super) trace: Cell<u64>,
}

impl Sched {
    pub(crate) fn new(seed: u64, cpus: usize, policy: Policy, steps_max: u64) -> Self {
        Self {
            threads: RefCell::default(),
            current: RefCell::default(),
            next_id: Cell::new(1),
            numbers: RefCell::new(Numbers::new(seed)),
            policy: Cell::new(policy),
            cpus: cpus.max(1),
            time: Cell::new(clock::START),
            timers: RefCell::default(),
            dpcs: RefCell::new((0..cpus.max(1)).map(|_| VecDeque::new()).collect()),
            spins: RefCell::default(),
            rwlocks: RefCell::default(),
            steps: Cell::new(0),
            steps_max,
            trace: Cell::new(0),
        }
    }

    /// A digest of every decision so far: equal runs have equal digests.
    pub(crate) fn trace(&self) -> u64 {
        self.trace.get()
    }

    pub(crate) fn rwlocks_left(&self) -> usize {
        self.rwlocks.borrow().len()
    }
}

/// The thread that runs; `None` outside of all.
pub(crate) fn current() -> Option<Rc<Thread>> {
    machine().sched.current.borrow().clone()
}

/// The thread that runs. The kernel's functions may be called from threads only.
pub(crate) fn this() -> Rc<Thread> {
    match current() {
        Some(thread) => thread,
        None => violate(
            Rule::Argument,
            "a function of the kernel was called outside of any thread of the machine",
        ),
    }
}

/// A number below `bound` from the machine's seed.
pub(crate) fn random(below: u64) -> u64 {
    machine().sched.numbers.borrow_mut().below(below.max(1))
}

/// Starts a thread at PASSIVE_LEVEL.
pub fn spawn(name: impl Into<String>, body: impl FnOnce() + 'static) -> ThreadId {
    thread::spawn(name.into(), body)
}

/// Waits until a thread has ended.
pub fn join(thread: ThreadId) {
    block_until("a thread", None, || {
        machine().sched.threads.borrow().iter().all(|other| other.id != thread || other.is_done())
    });
}

/// A place where another thread may get its turn.
pub(crate) fn point(_what: &'static str) {
    let sched = &machine().sched;
    let switch = match sched.policy.get() {
        Policy::Cooperative => false,
        Policy::Random { per_mille } => sched.numbers.borrow_mut().chance(u64::from(per_mille)),
    };
    if switch && current().is_some() {
        thread::suspend_ready();
    }
}

/// Gives others their turn.
pub fn give_way() {
    if current().is_some() {
        thread::suspend_ready();
    }
}

/// Sleeps for a time of the machine.
pub fn sleep(units_100ns: u64) {
    let until = machine().sched.time.get().saturating_add(units_100ns);
    block_until("a time", Some(until), || machine().sched.time.get() >= until);
}

/// The level of the thread that runs.
pub(crate) fn irql() -> KIRQL {
    current().map_or(PASSIVE_LEVEL, |thread| thread.irql.get())
}

/// The CPU of the thread that runs.
pub(crate) fn cpu() -> usize {
    current().map_or(0, |thread| thread.cpu.get())
}

/// The level is at most this one.
pub(crate) fn irql_at_most(max: KIRQL, rule: Rule, function: &'static str) {
    let level = irql();
    if level > max {
        violate(rule, format!("{function} called at IRQL {level}, allowed up to {max}"));
    }
}

/// The level is exactly this one.
pub(crate) fn irql_exactly(wanted: KIRQL, rule: Rule, function: &'static str) {
    let level = irql();
    if level != wanted {
        violate(rule, format!("{function} called at IRQL {level}, allowed at {wanted} only"));
    }
}

/// Raises the level of this thread, and answers the one before.
pub(crate) fn raise_irql(level: KIRQL) -> KIRQL {
    let thread = this();
    let before = thread.irql.get();
    if level < before {
        violate(Rule::I1, format!("IRQL raised from {before} to {level}, which is lower"));
    }
    thread.irql.set(level);
    before
}

/// Lowers the level of this thread.
pub(crate) fn lower_irql(level: KIRQL) {
    let thread = this();
    let before = thread.irql.get();
    if level > before {
        violate(Rule::I1, format!("IRQL lowered from {before} to {level}, which is higher"));
    }
    if level < DISPATCH_LEVEL && thread.held.borrow().iter().any(|held| held.needs_dispatch()) {
        violate(Rule::K1, format!("IRQL lowered to {level} while a lock is held"));
    }
    thread.irql.set(level);
    if before >= DISPATCH_LEVEL && level < DISPATCH_LEVEL {
        point("lower");
    }
}

/// Runs something at a higher level.
pub(crate) fn at_irql<R>(level: KIRQL, body: impl FnOnce() -> R) -> R {
    let before = raise_irql(level.max(irql()));
    let result = body();
    lower_irql(before);
    result
}

/// Calls into the driver: level and locks must be the same after as before.
pub(crate) fn call_driver<R>(function: &'static str, body: impl FnOnce() -> R) -> R {
    point(function);
    let thread = this();
    let level = thread.irql.get();
    let held = thread.held.borrow().len();
    thread.frames.borrow_mut().push(function);
    let result = body();
    if thread.irql.get() != level {
        violate(
            Rule::I1,
            format!("{function} was called at IRQL {level} and returned at {}", thread.irql.get()),
        );
    }
    let left = thread.held.borrow().len();
    if left != held {
        violate(Rule::K1, format!("{function} was called with {held} locks held and returned with {left}"));
    }
    thread.frames.borrow_mut().pop();
    point(function);
    result
}

/// The thread that runs, for messages.
pub(crate) fn describe_current() -> String {
    current().map_or_else(|| "outside".to_owned(), |thread| thread.describe())
}

/// The process of the thread that runs.
pub(crate) fn process() -> u32 {
    current().map_or(crate::nt::ps::SYSTEM, |thread| thread.process.get().0)
}

/// Runs something for a process.
pub(crate) fn for_process<R>(process: (u32, bool), body: impl FnOnce() -> R) -> R {
    let thread = this();
    let before = thread.process.replace(process);
    let result = body();
    thread.process.set(before);
    result
}
