//! Threads: a coroutine each, with a level, a CPU, and the locks it holds.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use snapgate_ffi::ntdef::{DISPATCH_LEVEL, KIRQL, PASSIVE_LEVEL};

use crate::machine::machine;

/// Bytes of a thread's stack; the driver may use a kernel's, which is a tenth of it.
const STACK_BYTES: usize = 256 * 1024;

/// A thread's number, in order of their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThreadId(pub(super) u32);

/// What a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ready,
    /// Ready to look whether its condition holds.
    Looks,
    /// For a wake of this key, or until this time.
    Blocked {
        key: usize,
        until: Option<u64>,
        what: &'static str,
    },
    Done,
    /// It broke a rule.
    Dead,
}

/// A lock that a thread holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Spin(usize),
    Read { lock: usize, state: usize },
    Write { lock: usize, state: usize },
}

impl Held {
    pub(super) fn needs_dispatch(self) -> bool {
        true
    }
}

type Body = Coroutine<(), (), ()>;

/// A kernel thread.
pub(crate) struct Thread {
    pub(crate) id: ThreadId,
    pub(crate) name: String,
    pub(crate) irql: Cell<KIRQL>,
    pub(crate) cpu: Cell<usize>,
    pub(super) state: Cell<State>,
    pub(crate) frames: RefCell<Vec<&'static str>>,
    pub(crate) held: RefCell<Vec<Held>>,
    /// The process it runs for, and whether that has 32-bit addresses.
    pub(crate) process: Cell<(u32, bool)>,
    /// How many critical regions it is in.
    pub(crate) critical: Cell<u32>,
    body: RefCell<Option<Body>>,
    yielder: Cell<*const Yielder<(), ()>>,
}

impl Thread {
    pub(crate) fn describe(&self) -> String {
        format!("thread {} `{}` at IRQL {} on CPU {}", self.id.0, self.name, self.irql.get(), self.cpu.get())
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.state.get(), State::Done | State::Dead)
    }

    /// Whether it keeps its CPU while it does not run.
    pub(super) fn is_pinned(&self) -> bool {
        self.irql.get() >= DISPATCH_LEVEL && !self.is_done()
    }

    /// Whether it waits for whatever changes a condition, or was just woken to look again.
    pub(super) fn polls(&self) -> bool {
        match self.state.get() {
            State::Blocked { key, .. } => key == super::wait::ANYTHING,
            State::Looks => true,
            _ => false,
        }
    }

    pub(super) fn waits_for(&self) -> Option<&'static str> {
        match self.state.get() {
            State::Blocked { what, .. } => Some(what),
            _ => None,
        }
    }
}

thread_local! {
    /// Stacks of threads that ended, for the next ones: making one costs two system calls.
    static STACKS: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

fn stack() -> DefaultStack {
    let pooled = STACKS.with_borrow_mut(Vec::pop);
    pooled.unwrap_or_else(|| DefaultStack::new(STACK_BYTES).unwrap_or_default())
}

pub(super) fn spawn(name: String, body: impl FnOnce() + 'static) -> ThreadId {
    spawn_at(name, PASSIVE_LEVEL, 0, body)
}

/// A thread that starts at a level, on a CPU.
pub(super) fn spawn_at(name: String, level: KIRQL, cpu: usize, body: impl FnOnce() + 'static) -> ThreadId {
    let sched = &machine().sched;
    let id = ThreadId(sched.next_id.get());
    sched.next_id.set(id.0.wrapping_add(1));
    let coroutine = Coroutine::with_stack(stack(), move |yielder: &Yielder<(), ()>, ()| {
        if let Some(thread) = super::current() {
            thread.yielder.set(yielder);
        }
        body();
    });
    sched.threads.borrow_mut().push(Rc::new(Thread {
        id,
        name,
        irql: Cell::new(level),
        cpu: Cell::new(cpu),
        state: Cell::new(State::Ready),
        frames: RefCell::default(),
        held: RefCell::default(),
        process: Cell::new((crate::nt::ps::SYSTEM, false)),
        critical: Cell::new(0),
        body: RefCell::new(Some(coroutine)),
        yielder: Cell::new(std::ptr::null()),
    }));
    id
}

/// Lets a thread run until it suspends or ends.
pub(super) fn resume(thread: &Rc<Thread>) {
    let sched = &machine().sched;
    let before = sched.current.replace(Some(Rc::clone(thread)));
    // Out of its cell while it runs: what it calls may look at the thread.
    let Some(mut body) = thread.body.take() else { return };
    let result = body.resume(());
    *sched.current.borrow_mut() = before;
    match result {
        CoroutineResult::Yield(()) => *thread.body.borrow_mut() = Some(body),
        CoroutineResult::Return(()) => {
            thread.state.set(State::Done);
            STACKS.with_borrow_mut(|stacks| stacks.push(body.into_stack()));
        }
    }
}

fn suspend() {
    let Some(thread) = super::current() else { return };
    // SAFETY: the thread runs, so its coroutine has set the pointer, to a value that lives as long as the coroutine.
    let yielder = unsafe { thread.yielder.get().as_ref() };
    drop(thread);
    if let Some(yielder) = yielder {
        yielder.suspend(());
    }
}

/// Suspends the thread that runs; it may go on at once.
pub(super) fn suspend_ready() {
    suspend();
}

/// Suspends the thread that runs until it is woken.
pub(super) fn suspend_blocked(key: usize, until: Option<u64>, what: &'static str) {
    super::this().state.set(State::Blocked { key, until, what });
    suspend();
}

/// Suspends the thread that runs for ever.
pub(crate) fn suspend_for_ever() -> ! {
    loop {
        if let Some(thread) = super::current() {
            thread.state.set(State::Dead);
        }
        suspend();
    }
}

/// Gives up all stacks that are still in use, without unwinding.
pub(crate) fn reclaim(threads: &mut Vec<Rc<Thread>>) {
    for thread in threads.drain(..) {
        if let Some(mut body) = thread.body.take() {
            if body.started() && !body.done() {
                // SAFETY: values on this stack are not dropped, only leaked: frames of the driver cannot unwind, and what
                // the simulator holds there are counted references, whose values then live until the process ends.
                unsafe { body.force_reset() };
            }
            if body.done() {
                STACKS.with_borrow_mut(|stacks| stacks.push(body.into_stack()));
            }
        }
    }
}
