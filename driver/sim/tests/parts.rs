//! Parts of the driver that are state and nothing else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use proptest::prelude::*;
use snapgate_driver::{Closed, Event, Gate, Pass, State};

const EVENTS: [Event; 9] = [
    Event::Attach,
    Event::Attached,
    Event::AttachFailed,
    Event::Restart,
    Event::Restarted,
    Event::RestartFailed,
    Event::Pause,
    Event::Paused,
    Event::Detach,
];

/// The table as the documentation of NDIS has it.
const TABLE: [(State, Event, State); 9] = [
    (State::Detached, Event::Attach, State::Attaching),
    (State::Attaching, Event::Attached, State::Paused),
    (State::Attaching, Event::AttachFailed, State::Detached),
    (State::Paused, Event::Restart, State::Restarting),
    (State::Paused, Event::Detach, State::Detached),
    (State::Restarting, Event::Restarted, State::Running),
    (State::Restarting, Event::RestartFailed, State::Paused),
    (State::Running, Event::Pause, State::Pausing),
    (State::Pausing, Event::Paused, State::Paused),
];

#[test]
fn a_module_moves_by_the_table_and_not_otherwise() {
    for state in State::ALL {
        assert_eq!(State::from_number(state as u8), state);
        for event in EVENTS {
            let expected = TABLE.iter().find(|(from, by, _)| (*from, *by) == (state, event)).map(|row| row.2);
            assert_eq!(state.next(event), expected, "{state:?} {event:?}");
        }
    }
}

#[test]
fn nobody_enters_a_gate_before_it_opens_or_after_it_closes() {
    let gate = Gate::new();
    assert!(gate.enter().is_none());
    gate.open();
    let pass = gate.enter().unwrap();
    assert_eq!(gate.close(), Closed::Busy);
    assert!(gate.enter().is_none());
    assert!(gate.leave(pass), "the last one through a closed gate tells");
    gate.open();
    assert_eq!(gate.close(), Closed::Drained);
}

proptest! {
    /// Steps: 0 opens, 1 closes, 2 enters, others leave. Exactly one side learns that the gate is drained: whoever closes it,
    /// or the last to leave.
    #[test]
    fn a_closed_gate_is_drained_once(steps in prop::collection::vec(0_u8..6, 0..60)) {
        let gate = Gate::new();
        let mut inside: Vec<Pass> = Vec::new();
        let (mut is_open, mut owed) = (false, false);
        for step in steps {
            match step {
                0 if !owed => {
                    gate.open();
                    is_open = true;
                }
                1 if is_open => {
                    let closed = gate.close();
                    is_open = false;
                    owed = closed == Closed::Busy;
                    prop_assert_eq!(owed, !inside.is_empty());
                }
                2 => match gate.enter() {
                    Some(pass) => {
                        prop_assert!(is_open);
                        inside.push(pass);
                    }
                    None => prop_assert!(!is_open),
                },
                _ => {
                    if let Some(pass) = inside.pop() {
                        let told = gate.leave(pass);
                        prop_assert_eq!(told, owed && inside.is_empty());
                        owed &= !told;
                    }
                }
            }
            prop_assert_eq!(gate.inside() as usize, inside.len());
        }
    }
}

#[test]
fn threads_that_leave_at_once_tell_once() {
    for _ in 0..200 {
        let gate = Gate::new();
        gate.open();
        let passes: Vec<Pass> = (0..4).map(|_| gate.enter().unwrap()).collect();
        let told = std::thread::scope(|scope| {
            let leavers: Vec<_> = passes.into_iter().map(|pass| scope.spawn(|| gate.leave(pass))).collect();
            let closed = gate.close();
            let told = leavers.into_iter().map(|leaver| leaver.join().unwrap()).filter(|told| *told).count();
            told + usize::from(closed == Closed::Drained)
        });
        assert_eq!(told, 1);
    }
}
