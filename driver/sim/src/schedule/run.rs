//! A schedule on a machine: every actor a thread, and at the end everything is counted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::event::{ADAPTERS, Actor, AdapterEvent, Event, HANDLES};
use super::program::Program;
use super::{Numbers, traffic};
use crate::fault::Plan;
use crate::image::Image;
use crate::machine::{Guard, Machine, Options, load, set_faults, unload, violate};
use crate::ndis::{
    AdapterConfig, AdapterId, Completion, Manner, Mode, OidQuestion, Order, Power, ReceiveOptions,
    SendOptions, add_adapter, settle,
};
use crate::scenario::Capture;
use crate::sched::{self, Policy};
use crate::verify::{Rule, Violation};

/// How a schedule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// For the scheduler and everything else that is left to chance.
    pub seed: u64,
    /// Which calls fail.
    pub faults: Plan,
}

impl Setting {
    /// What follows from a seed: one schedule in four has calls that fail.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let faults = if seed % 4 == 3 { Plan::Rate(20) } else { Plan::None };
        Self { seed, faults }
    }

    fn options(self) -> Options {
        let mut numbers = Numbers::new(self.seed ^ 0x5eed);
        let version = numbers.pick(&[20, 30, 40, 50, 60, 80, 85, 87]).unwrap_or(87);
        Options {
            seed: self.seed,
            cpus: usize::try_from(1 + numbers.below(4)).unwrap_or(1),
            policy: Policy::Random { per_mille: numbers.pick(&[0, 20, 100, 400]).unwrap_or(100) },
            ndis_version: 0x6_0000 | version,
            guard: Guard::Patterns,
            histories: false,
            new_routines: numbers.chance(700),
            steps_max: 3_000_000,
        }
    }
}

/// What a run was like.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Calls that could have failed.
    pub fallible_calls: u64,
    /// Those that did.
    pub failed_calls: usize,
    /// Packets that programs' filters looked at, of handles that were open at the end.
    pub seen: u64,
    /// A digest of all decisions.
    pub trace: u64,
}

#[derive(Default)]
struct World {
    adapters: RefCell<BTreeMap<u8, AdapterId>>,
}

impl World {
    fn adapter(&self, number: u8) -> Option<AdapterId> {
        self.adapters.borrow().get(&number).copied().filter(|adapter| adapter.is_present())
    }
}

fn config(number: u8, seed: u64) -> AdapterConfig {
    let mut numbers = Numbers::new(seed ^ u64::from(number) << 50);
    let mut config = AdapterConfig::ethernet(number.saturating_add(1));
    let manners = [Manner::Pass, Manner::Split, Manner::Delay, Manner::Lend];
    if numbers.chance(300) {
        config.above = numbers.pick(&manners).into_iter().collect();
    }
    if numbers.chance(300) {
        config.below = numbers.pick(&manners).into_iter().collect();
    }
    config
}

fn completion(number: u8) -> Completion {
    let order = match number & 3 {
        0 => Order::InOrder,
        1 => Order::Reversed,
        2 => Order::Random,
        _ => Order::Regrouped,
    };
    Completion { order, dispatch: number & 4 != 0, spares_filters: false }
}

/// Runs a list of events with a driver.
///
/// # Errors
/// The rule that was broken.
pub fn run(image: &Image, events: &[Event], setting: Setting) -> Result<Summary, Box<Violation>> {
    let machine = Machine::new(setting.options());
    let mut lists: BTreeMap<Actor, Vec<Event>> = BTreeMap::new();
    for event in events {
        lists.entry(event.actor()).or_default().push(*event);
    }
    let seen = Rc::new(std::cell::Cell::new(0));
    let total = Rc::clone(&seen);
    let image = image.clone();
    machine.run_thread("schedule", move || {
        set_faults(setting.faults);
        if load(&image).is_err() {
            return;
        }
        total.set(play(lists, setting));
        set_faults(Plan::None);
        unload();
    })?;
    let (fallible_calls, failed) = machine.faults();
    Ok(Summary { fallible_calls, failed_calls: failed.len(), seen: seen.get(), trace: machine.trace() })
}

fn play(lists: BTreeMap<Actor, Vec<Event>>, setting: Setting) -> u64 {
    let world = Rc::new(World::default());
    let guids: Vec<String> = (0..ADAPTERS).map(|number| config(number, setting.seed).guid).collect();
    let programs: Vec<Rc<RefCell<Program>>> =
        (0..HANDLES).map(|number| Rc::new(RefCell::new(Program::new(guids.clone(), number)))).collect();
    // The first adapters come before anybody looks for them.
    let threads: Vec<_> = lists
        .into_iter()
        .map(|(actor, events)| {
            let world = Rc::clone(&world);
            let program = match actor {
                Actor::Program(number) => programs.get(usize::from(number)).cloned(),
                _ => None,
            };
            sched::spawn(format!("{actor:?}"), move || {
                for event in events {
                    match (event, &program) {
                        (Event::Handle(_, event), Some(program)) => program.borrow_mut().act(event),
                        (Event::Adapter(number, event), _) => act(&world, number, event, setting.seed),
                        _ => {}
                    }
                    sched::give_way();
                }
            })
        })
        .collect();
    for thread in threads {
        sched::join(thread);
    }
    set_faults(Plan::None);
    finish_lists(&world);
    settle();
    let captures: Vec<Capture> =
        programs.iter().filter_map(|program| program.borrow().capture.borrow().clone()).collect();
    let seen = captures.iter().map(count).sum();
    for program in &programs {
        program.borrow_mut().end();
    }
    settle();
    let adapters = world.adapters.take();
    for adapter in adapters.into_values().filter(|adapter| adapter.is_present()) {
        adapter.remove(false);
    }
    settle();
    seen
}

/// Nothing is under way: whatever rests at the ends goes home.
fn finish_lists(world: &World) {
    let adapters: Vec<AdapterId> = world.adapters.borrow().values().copied().collect();
    for adapter in adapters.into_iter().filter(|adapter| adapter.is_present()) {
        loop {
            let done = adapter.complete_sends(Completion::default(), usize::MAX)
                + adapter.return_receives(Completion::default(), usize::MAX);
            sched::sleep(50_000);
            if done == 0 && adapter.resting() == (0, 0) {
                break;
            }
        }
    }
}

/// The law of counting, which holds exactly when nothing is under way. Answers how many packets the handle has seen.
fn count(capture: &Capture) -> u64 {
    let counts = capture.statistics();
    let dropped = counts.dropped_full + counts.dropped_oversize + counts.dropped_unmapped;
    let ends = counts.delivered + dropped + counts.lost + counts.queued + counts.counted;
    if counts.seen != counts.filtered + counts.accepted || counts.accepted != ends {
        violate(Rule::N3, format!("packets are not all accounted for: {counts:?}"));
    }
    counts.seen
}

fn act(world: &World, number: u8, event: AdapterEvent, seed: u64) {
    if event == AdapterEvent::Plug {
        if world.adapter(number).is_none() {
            let adapter = add_adapter(config(number, seed));
            adapter.set_send_mode(Mode::Random);
            adapter.set_receive_mode(Mode::Random);
            world.adapters.borrow_mut().insert(number, adapter);
        }
        return;
    }
    let Some(adapter) = world.adapter(number) else { return };
    match event {
        AdapterEvent::Plug => {}
        AdapterEvent::Unplug => adapter.remove(false),
        AdapterEvent::Surprise => adapter.remove(true),
        AdapterEvent::Pause => adapter.pause(),
        AdapterEvent::Restart => adapter.restart(),
        AdapterEvent::Power => {
            adapter.set_power(Power::Low);
            sched::sleep(1_000_000);
            if let Some(adapter) = world.adapter(number) {
                adapter.set_power(Power::On);
            }
        }
        AdapterEvent::Link(up) => adapter.set_link(up & 1 == 0),
        AdapterEvent::Oid => {
            let question = OidQuestion {
                kind: 0,
                oid: snapgate_ffi::ndis::OID_GEN_CURRENT_PACKET_FILTER,
                buffer: vec![0; 4],
            };
            drop(adapter.ask(&question));
        }
        AdapterEvent::Receive(seed) => {
            let options = ReceiveOptions {
                resources: seed & 1 != 0,
                dispatch: seed & 2 != 0,
                ..ReceiveOptions::default()
            };
            adapter.receive(&traffic::batch(seed, true), options);
        }
        AdapterEvent::Send(seed) => {
            let options = SendOptions { dispatch: seed & 2 != 0, ..SendOptions::default() };
            adapter.send(&traffic::batch(seed, false), options);
        }
        AdapterEvent::Complete(number) => {
            adapter.complete_sends(completion(number), usize::from(number) + 1);
        }
        AdapterEvent::Return(number) => {
            adapter.return_receives(completion(number), usize::from(number) + 1);
        }
        AdapterEvent::Silence(milliseconds) => sched::sleep(u64::from(milliseconds) * 10_000),
    }
}
