//! The rules, by their ids.

/// A rule that a driver can break: those of NDIS filter drivers, then the simulator's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// Functions that may only be called at PASSIVE_LEVEL, and callbacks that come at it.
    I1,
    /// Functions that may be called up to DISPATCH_LEVEL.
    I2,
    /// The DISPATCH_LEVEL bit of the flags tells the truth.
    I3,
    /// No pageable memory at DISPATCH_LEVEL; user buffers only through locked MDLs.
    I4,
    /// The states of a filter module, and no edge but the table's.
    L1,
    /// Callbacks may come as soon as the driver registers; it deregisters in its unload only.
    L2,
    /// `NdisFSetAttributes` exactly once, inside of attach.
    L3,
    /// Pause cannot fail, completes once, in time, and with everything of its own at home.
    L4,
    /// While not running: originate nothing, complete sends with PAUSED, return receives.
    L5,
    /// Restart: attributes may be missing, and unknown ones are left alone.
    L6,
    /// Detach leaves nothing behind.
    L7,
    /// Requests may be issued once attached.
    L8,
    /// Optional handlers: from inside of set-module-options only, in pairs.
    L9,
    /// A list that was passed on is not touched; chains are sane.
    N1,
    /// Own lists stop at their owner, foreign ones are never freed.
    N2,
    /// Every foreign list is given back exactly once, as it came, and in time.
    N3,
    /// Lists that are only lent (RESOURCES) are neither kept nor returned.
    N4,
    /// Who originates has a handler for the completion.
    N5,
    /// One packet in each received list on Ethernet.
    N6,
    /// Clones are freed as clones, with their flags, while the original is held.
    N7,
    /// Foreign packet data is never written.
    N8,
    /// The offsets and lengths of a packet agree with its MDLs; data ends at its length.
    B1,
    /// Retreat and advance are symmetric.
    B2,
    /// `NdisGetDataBuffer` may answer null.
    B3,
    /// Mapping an MDL may fail.
    B4,
    /// Lists and packets come from pools and go back to them; pools last longer.
    P1,
    /// What the parameters of a pool allow.
    P2,
    /// Contexts are freed in reverse, by their owner.
    P3,
    /// Lists that are used again are as new.
    P4,
    /// One request at a time; forwarded as a clone; completed exactly once.
    O1,
    /// Own requests are not completed upwards; results are copied back.
    O2,
    /// The packet filter of all, not of the last.
    O3,
    /// Cancelled requests are completed as such.
    O4,
    /// Locks are released by who took them, in order, without promotion.
    K1,
    /// Time at DISPATCH_LEVEL is bounded.
    K2,
    /// Requests are completed once, consistently, and none is left at close.
    R1,
    /// Any call that can fail may fail.
    F1,
    /// Memory of the pools: overrun, use after free, double free, leak.
    Pool,
    /// An address that is not there.
    Access,
    /// Nobody can go on.
    Deadlock,
    /// Somebody goes on for ever.
    Livelock,
    /// The driver stopped the system.
    BugCheck,
    /// An argument that the function does not take.
    Argument,
}
