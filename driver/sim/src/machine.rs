//! One simulated machine: all state of the kernel, reached through the OS thread that it belongs to.

use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::ptr;

use snapgate_ffi::ntdef::NTSTATUS;

use crate::fault::{Faults, Plan};
use crate::image::Image;
use crate::ndis::Ndis;
use crate::nt::Nt;
use crate::nt::pool::Pools;
use crate::sched::{self, Policy, Sched};
use crate::verify::ledger::Ledger;
use crate::verify::{Rule, Violation};

/// How memory of the pools is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Guard {
    /// Bytes before, behind and of freed blocks have patterns, which are compared: cheap, found late.
    #[default]
    Patterns,
    /// Blocks end at pages that are not there, and are not there themselves after they are freed: found at the access.
    Pages,
}

/// What a machine is like.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where all chance comes from.
    pub seed: u64,
    /// How many CPUs.
    pub cpus: usize,
    /// When threads give way.
    pub policy: Policy,
    /// What `NdisGetVersion` answers.
    pub ndis_version: u32,
    /// How memory is watched.
    pub guard: Guard,
    /// Whether histories are kept.
    pub histories: bool,
    /// Routines that `MmGetSystemRoutineAddress` knows.
    pub new_routines: bool,
    /// The most steps of a run.
    pub steps_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            cpus: 4,
            policy: Policy::Cooperative,
            ndis_version: 0x6_0057,
            guard: Guard::default(),
            histories: true,
            new_routines: true,
            steps_max: 2_000_000,
        }
    }
}

/// A machine. It belongs to the OS thread that made it, which can have one at a time.
pub struct Machine {
    pub(crate) options: Options,
    pub(crate) sched: Sched,
    pub(crate) pools: Pools,
    pub(crate) faults: Faults,
    pub(crate) ledger: Ledger,
    pub(crate) nt: Nt,
    pub(crate) ndis: Ndis,
    failed: RefCell<Option<Violation>>,
}

thread_local! {
    static MACHINE: Cell<*const Machine> = const { Cell::new(ptr::null()) };
}

/// The machine of this OS thread.
///
/// # Panics
/// When there is none: a function of the kernel was called without a machine.
#[expect(clippy::expect_used, reason = "without a machine nothing can go on, and nothing can be answered")]
pub(crate) fn machine() -> &'static Machine {
    let machine = MACHINE.get();
    // SAFETY: set by `Machine::new` to a box that lives until `drop` resets the pointer; who gets the reference is code that
    // runs inside of the machine, which ends before.
    unsafe { machine.as_ref() }.expect("no machine on this OS thread")
}

/// Whether there is a machine on this OS thread.
pub(crate) fn exists() -> bool {
    !MACHINE.get().is_null()
}

impl Machine {
    /// A machine that runs nothing yet.
    ///
    /// # Panics
    /// When this OS thread has one already.
    #[must_use]
    pub fn new(options: Options) -> Box<Self> {
        assert!(!exists(), "this OS thread has a machine already");
        let machine = Box::new(Self {
            sched: Sched::new(options.seed, options.cpus, options.policy, options.steps_max),
            pools: Pools::default(),
            faults: Faults::default(),
            ledger: Ledger::default(),
            nt: Nt::default(),
            ndis: Ndis::new(options.ndis_version),
            failed: RefCell::default(),
            options,
        });
        MACHINE.set(&raw const *machine);
        crate::nt::fault_handler::install();
        machine
    }

    /// As [`load`].
    ///
    /// # Errors
    /// What the entry answered.
    pub fn load(&self, image: &Image) -> Result<(), NTSTATUS> {
        load(image)
    }

    /// As [`unload`].
    pub fn unload(&self) {
        unload();
    }

    /// Runs until every thread has ended.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn run(&self) -> Result<(), Box<Violation>> {
        if !self.has_failed() {
            sched::run(self);
        }
        match self.failed.take() {
            None => Ok(()),
            Some(violation) => {
                // The machine stays broken.
                self.broken();
                Err(Box::new(violation))
            }
        }
    }

    /// Runs one thread, and everything that it starts, to the end.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn run_thread(&self, name: &str, body: impl FnOnce() + 'static) -> Result<(), Box<Violation>> {
        sched::spawn(name, body);
        self.run()
    }

    /// How many calls could have failed, and which did.
    #[must_use]
    pub fn faults(&self) -> (u64, Vec<(u64, crate::fault::Fault)>) {
        (self.faults.asked(), self.faults.fired())
    }

    /// A digest of every decision of the scheduler so far: equal runs have equal digests.
    #[must_use]
    pub fn trace(&self) -> u64 {
        self.sched.trace()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.borrow().is_some()
    }

    /// Notes a broken rule, found outside of any thread.
    pub(crate) fn fail(&self, rule: Rule, message: String) {
        self.record(rule, message, Vec::new());
    }

    fn broken(&self) {
        self.record(
            Rule::Argument,
            "the machine broke a rule before, and does not run any more".to_owned(),
            Vec::new(),
        );
    }

    fn record(&self, rule: Rule, message: String, history: Vec<String>) {
        let frames = sched::current().map(|thread| thread.frames.borrow().clone()).unwrap_or_default();
        let mut failed = self.failed.borrow_mut();
        if failed.is_none() {
            *failed = Some(Violation {
                rule,
                message,
                thread: sched::describe_current(),
                frames,
                history,
                seed: self.options.seed,
                backtrace: Backtrace::force_capture(),
            });
        }
    }
}

/// Loads a driver: makes its object and calls its entry. From a thread of the machine.
///
/// # Errors
/// What the entry answered.
pub fn load(image: &Image) -> Result<(), NTSTATUS> {
    crate::nt::driver::load(image)
}

/// Unloads it, and looks at what it left. From a thread of the machine.
pub fn unload() {
    crate::nt::driver::unload();
}

/// Which calls fail from now on.
pub fn set_faults(plan: Plan) {
    machine().faults.set(plan);
}

impl Drop for Machine {
    fn drop(&mut self) {
        let mut threads = std::mem::take(&mut *self.sched.threads.borrow_mut());
        sched::reclaim(&mut threads);
        self.pools.release();
        MACHINE.set(ptr::null());
    }
}

/// A rule is broken: the thread that broke it never goes on.
pub fn violate(rule: Rule, message: impl Into<String>) -> ! {
    violate_with(rule, ptr::null(), message)
}

/// A rule is broken with this object (a list, a request): its history is told.
///
/// # Panics
/// Outside of the threads of a machine.
#[expect(clippy::panic, reason = "outside of a thread there is nobody to stop")]
pub(crate) fn violate_with(rule: Rule, object: *const (), message: impl Into<String>) -> ! {
    let machine = machine();
    let message = message.into();
    if sched::current().is_none() {
        panic!("rule {rule:?} broken outside of any thread: {message}");
    }
    machine.record(rule, message, machine.ledger.history(object));
    sched::suspend_for_ever()
}

/// A rule is broken unless this holds.
pub(crate) fn check(ok: bool, rule: Rule, message: impl FnOnce() -> String) {
    if !ok {
        violate(rule, message());
    }
}
