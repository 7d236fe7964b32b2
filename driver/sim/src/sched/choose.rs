//! Who runs next.

use std::rc::Rc;

use snapgate_ffi::ntdef::DISPATCH_LEVEL;

use super::thread::{State, resume};
use super::{Thread, dpc, timer, wait};
use crate::machine::{Machine, machine};
use crate::verify::Rule;

/// Somebody who can run.
enum Candidate {
    /// A thread, which keeps its CPU or gets this one.
    Thread(Rc<Thread>, usize),
    /// The DPCs of a CPU.
    Dpcs(usize),
}

/// Runs until every thread has ended, or a rule is broken.
pub(crate) fn run(target: &Machine) {
    let sched = &target.sched;
    loop {
        if target.has_failed() {
            return;
        }
        sched.steps.set(sched.steps.get().saturating_add(1));
        if sched.steps.get() > sched.steps_max {
            target.fail(Rule::Livelock, format!("more than {} steps", sched.steps_max));
            return;
        }
        timer::expire();
        let candidates = candidates();
        if candidates.is_empty() {
            if nobody_is_left() {
                return;
            }
            if !advance() {
                target.fail(Rule::Deadlock, deadlock());
                return;
            }
            continue;
        }
        let index = super::random(candidates.len() as u64);
        let Some(chosen) = candidates.into_iter().nth(usize::try_from(index).unwrap_or_default()) else {
            return;
        };
        match chosen {
            Candidate::Thread(thread, cpu) => {
                mix(sched, u64::from(thread.id.0) << 8 | cpu as u64);
                thread.cpu.set(cpu);
                let polled = thread.polls();
                thread.state.set(State::Ready);
                resume(&thread);
                // Who only looked and waits again has changed nothing: otherwise two who wait would wake each other.
                if !(polled && thread.polls()) {
                    wait::something_happened();
                }
            }
            Candidate::Dpcs(cpu) => {
                mix(sched, 0xff00 | cpu as u64);
                dpc::start(cpu);
                wait::something_happened();
            }
        }
        sched.threads.borrow_mut().retain(|thread| thread.state.get() != State::Done);
    }
}

fn mix(sched: &super::Sched, decision: u64) {
    let mixed = (sched.trace.get() ^ decision).wrapping_mul(0x0100_0000_01b3);
    sched.trace.set(mixed.rotate_left(7));
}

fn candidates() -> Vec<Candidate> {
    let sched = &machine().sched;
    let threads = sched.threads.borrow();
    let taken = |cpu: usize| threads.iter().any(|thread| thread.is_pinned() && thread.cpu.get() == cpu);
    let pending = |cpu: usize| sched.dpcs.borrow().get(cpu).is_some_and(|queue| !queue.is_empty());
    let free: Vec<usize> = (0..sched.cpus).filter(|cpu| !taken(*cpu)).collect();
    let mut candidates: Vec<Candidate> = Vec::new();
    for thread in threads.iter() {
        if !is_ready(thread) {
            continue;
        }
        if thread.irql.get() >= DISPATCH_LEVEL {
            candidates.push(Candidate::Thread(Rc::clone(thread), thread.cpu.get()));
        } else {
            let quiet: Vec<usize> = free.iter().copied().filter(|cpu| !pending(*cpu)).collect();
            let count = quiet.len() as u64;
            if count > 0 {
                let index = usize::try_from(super::random(count)).unwrap_or_default();
                if let Some(cpu) = quiet.get(index) {
                    candidates.push(Candidate::Thread(Rc::clone(thread), *cpu));
                }
            }
        }
    }
    candidates.extend(free.into_iter().filter(|cpu| pending(*cpu)).map(Candidate::Dpcs));
    candidates
}

fn is_ready(thread: &Thread) -> bool {
    match thread.state.get() {
        State::Ready | State::Looks => true,
        State::Blocked { until: Some(until), .. } => machine().sched.time.get() >= until,
        _ => false,
    }
}

fn nobody_is_left() -> bool {
    machine().sched.threads.borrow().iter().all(|thread| thread.is_done())
}

/// Sets the clock to the next time at which something happens; whether there is one.
fn advance() -> bool {
    let sched = &machine().sched;
    let threads = sched.threads.borrow();
    let waits = threads.iter().filter_map(|thread| match thread.state.get() {
        State::Blocked { until, .. } => until,
        _ => None,
    });
    let next = waits.chain(timer::next_due()).min();
    if let Some(next) = next {
        sched.time.set(sched.time.get().max(next));
    }
    next.is_some()
}

fn deadlock() -> String {
    let threads = machine().sched.threads.borrow();
    let mut text = "nobody can go on:".to_owned();
    for thread in threads.iter().filter(|thread| !thread.is_done()) {
        text.push_str(&format!(
            "\n    {} waits for {} in {:?}",
            thread.describe(),
            thread.waits_for().unwrap_or("nothing"),
            thread.frames.borrow()
        ));
    }
    text
}
