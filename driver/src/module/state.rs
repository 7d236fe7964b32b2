//! The states of a filter module, and the one table of its transitions.
//!
//! ```text
//!   Detached ──attach──▶ Attaching ──attached──▶ Paused ──restart──▶ Restarting ──running──▶ Running
//!      ▲                    │ failed               │ ▲                   │ failed               │
//!      ├────────────────────┘                      │ ├───────────────────┘                    pause
//!      └────────────────── detach ─────────────────┘ └───────── paused ──────── Pausing ◀───────┘
//! ```

/// Where a filter module is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// It is not there.
    Detached = 0,
    /// It is being made.
    Attaching = 1,
    /// It is there, and nothing moves.
    Paused = 2,
    /// It is about to run.
    Restarting = 3,
    /// Packets move.
    Running = 4,
    /// It lets the last of its own packets come home.
    Pausing = 5,
}

/// What moves it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// NDIS attaches it.
    Attach,
    /// That worked.
    Attached,
    /// That did not.
    AttachFailed,
    /// NDIS restarts it.
    Restart,
    /// That worked.
    Restarted,
    /// That did not.
    RestartFailed,
    /// NDIS pauses it.
    Pause,
    /// Nothing of its own is out any more.
    Paused,
    /// NDIS detaches it.
    Detach,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Detached, Self::Attaching, Self::Paused, Self::Restarting, Self::Running, Self::Pausing];

    /// The state after an event; `None` if the event cannot come in this state.
    #[must_use]
    pub const fn next(self, event: Event) -> Option<Self> {
        Some(match (self, event) {
            (Self::Detached, Event::Attach) => Self::Attaching,
            (Self::Attaching, Event::Attached) => Self::Paused,
            (Self::Attaching, Event::AttachFailed) | (Self::Paused, Event::Detach) => Self::Detached,
            (Self::Paused, Event::Restart) => Self::Restarting,
            (Self::Restarting, Event::Restarted) => Self::Running,
            (Self::Restarting, Event::RestartFailed) | (Self::Pausing, Event::Paused) => Self::Paused,
            (Self::Running, Event::Pause) => Self::Pausing,
            _ => return None,
        })
    }

    /// By its number.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Attaching,
            2 => Self::Paused,
            3 => Self::Restarting,
            4 => Self::Running,
            5 => Self::Pausing,
            _ => Self::Detached,
        }
    }
}
