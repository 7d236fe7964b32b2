//! The states of a filter module, and the one table of legal edges.
//!
//! ```text
//!   Detached ─Attach▶ Attaching ─Attached▶ Paused ─Restart▶ Restarting ─Restarted▶ Running
//!      ▲                  │                ▲ │ ▲                │                    │
//!      ├──AttachFailed────┘                │ │ └─RestartFailed──┘                    │
//!      └───────────────Detach──────────────┼─┘                                       │
//!                                          └────────Paused── Pausing ◀────Pause──────┘
//! ```

/// A state of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// There is no module, or none any more.
    Detached,
    /// In `FilterAttach`.
    Attaching,
    /// No data.
    Paused,
    /// On the way to data.
    Restarting,
    /// Data.
    Running,
    /// On the way to no data.
    Pausing,
}

/// What moves a module from state to state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// NDIS attaches.
    Attach,
    /// The driver took the module.
    Attached,
    /// The driver did not.
    AttachFailed,
    /// NDIS restarts.
    Restart,
    /// The driver restarted.
    Restarted,
    /// The driver did not.
    RestartFailed,
    /// NDIS pauses.
    Pause,
    /// The driver paused.
    Paused,
    /// NDIS detaches.
    Detach,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Detached, Self::Attaching, Self::Paused, Self::Restarting, Self::Running, Self::Pausing];

    /// The state after an event; `None` if there is no such edge.
    #[must_use]
    pub fn next(self, event: Event) -> Option<Self> {
        Some(match (self, event) {
            (Self::Detached, Event::Attach) => Self::Attaching,
            (Self::Attaching, Event::Attached) => Self::Paused,
            (Self::Attaching, Event::AttachFailed) => Self::Detached,
            (Self::Paused, Event::Restart) => Self::Restarting,
            (Self::Restarting, Event::Restarted) => Self::Running,
            (Self::Restarting, Event::RestartFailed) => Self::Paused,
            (Self::Running, Event::Pause) => Self::Pausing,
            (Self::Pausing, Event::Paused) => Self::Paused,
            (Self::Paused, Event::Detach) => Self::Detached,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_nine_edges_and_each_state_can_be_reached_and_left() {
        let events = [
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
        let mut edges = Vec::new();
        for state in State::ALL {
            edges.extend(events.iter().filter_map(|event| Some((state, state.next(*event)?))));
        }
        assert_eq!(edges.len(), 9);
        for state in State::ALL {
            assert!(edges.iter().any(|(from, _)| *from == state), "{state:?}");
            assert!(edges.iter().any(|(_, to)| *to == state), "{state:?}");
        }
    }
}
