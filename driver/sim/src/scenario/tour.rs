//! The tour: two adapters, three handles with different filters, mixed traffic in both directions.

use std::cell::RefCell;
use std::rc::Rc;

use snapgate_abi::Statistics;

use super::{Capture, Packet};
use crate::fault::Plan;
use crate::image::Image;
use crate::machine::{Machine, Options, load, set_faults, unload};
use crate::ndis::{AdapterConfig, ReceiveOptions, SendOptions, add_adapter, settle};
use crate::user::{Process, User};
use crate::verify::Violation;

/// Handles of the tour: the first two are on the first adapter, the third is on the second.
pub const HANDLES: usize = 3;
/// Packets in a batch.
const BATCH: usize = 7;
/// Bytes of each ring: everything fits.
const RING_BYTES: u32 = 1 << 22;

/// What a handle got.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The packets, in order.
    pub packets: Vec<Packet>,
    /// The counters after the last read.
    pub statistics: Statistics,
}

/// Goes on the tour: every frame passes both adapters, every second one as sent and the others as received. `filters` are
/// programs as bytes. Answers what each handle got.
///
/// # Errors
/// The rule that the driver broke.
pub fn tour(
    image: &Image,
    options: Options,
    frames: Vec<Vec<u8>>,
    filters: [Vec<u8>; HANDLES],
) -> Result<Vec<Outcome>, Box<Violation>> {
    tour_with_faults(image, options, Plan::None, frames, filters).map(|(outcomes, _)| outcomes)
}

/// The same, while calls fail. Answers also how many did; handles that could not be opened or set up are left out.
///
/// # Errors
/// The rule that the driver broke.
pub fn tour_with_faults(
    image: &Image,
    options: Options,
    plan: Plan,
    frames: Vec<Vec<u8>>,
    filters: [Vec<u8>; HANDLES],
) -> Result<(Vec<Outcome>, usize), Box<Violation>> {
    let machine = Machine::new(options);
    let outcomes = Rc::new(RefCell::new(Vec::new()));
    let results = Rc::clone(&outcomes);
    let image = image.clone();
    machine.run_thread("tour", move || {
        set_faults(plan);
        if load(&image).is_err() {
            return;
        }
        *results.borrow_mut() = travel(&frames, &filters);
        unload();
    })?;
    Ok((outcomes.take(), machine.faults().1.len()))
}

fn travel(frames: &[Vec<u8>], filters: &[Vec<u8>; HANDLES]) -> Vec<Outcome> {
    let configs = [AdapterConfig::ethernet(1), AdapterConfig::ethernet(2)];
    let guids = [configs[0].guid.clone(), configs[0].guid.clone(), configs[1].guid.clone()];
    let adapters = configs.map(add_adapter);
    settle();
    let process = Process::new(User::Administrator);
    let captures: Vec<Capture> = guids
        .iter()
        .zip(filters)
        .filter_map(|(guid, filter)| {
            let capture = Capture::open(&process, guid).ok()?;
            capture.set_buffer(RING_BYTES).ok()?;
            capture.set_filter(filter).ok()?;
            Some(capture)
        })
        .collect();
    settle();
    let mut outcomes = vec![Outcome::default(); captures.len()];
    for (number, batch) in frames.chunks(BATCH).enumerate() {
        let lists: Vec<crate::ndis::PacketList> = batch
            .iter()
            .map(|frame| crate::ndis::Packet::new(frame.clone()).mdls([14, 0, 20]).offset(number % 5).into())
            .collect();
        for adapter in adapters {
            if number % 2 == 0 {
                let resources = number % 3 == 0;
                adapter.receive(
                    &lists,
                    ReceiveOptions { resources, dispatch: true, ..ReceiveOptions::default() },
                );
            } else {
                adapter.send(&lists, SendOptions::default());
            }
        }
        // Readers come now and then, while traffic goes on.
        if number % 10 == 9 {
            for (capture, outcome) in captures.iter().zip(&mut outcomes) {
                outcome.packets.extend(capture.read_all().unwrap_or_default());
            }
        }
    }
    for (capture, outcome) in captures.iter().zip(&mut outcomes) {
        outcome.packets.extend(capture.read_all().unwrap_or_default());
        outcome.statistics = capture.statistics();
    }
    process.exit();
    settle();
    for adapter in adapters {
        adapter.remove(false);
    }
    settle();
    outcomes
}
