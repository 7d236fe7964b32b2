//! Loads of what is known about a packet beside its bytes.

/// Offsets from here on name ancillary values instead of packet bytes (Linux: `SKF_AD_OFF`).
pub const ANCILLARY_BASE: u32 = 0xffff_f000;

/// What an ancillary load reads; the numbers are Linux's (`SKF_AD_*`), offsets from [`ANCILLARY_BASE`].
///
/// All sizes of load (`ld`, `ldh`, `ldb`) read the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Ancillary {
    /// The EtherType of the link layer, host order.
    Protocol = 0,
    /// Whom the packet is for: 0 this host, 1 broadcast, 2 multicast, 3 another host, 4 outgoing.
    PktType = 4,
    /// The interface's index.
    IfIndex = 8,
    /// The firewall mark.
    Mark = 20,
    /// The receive queue.
    Queue = 24,
    /// The interface's hardware type (`ARPHRD_*`).
    HaType = 28,
    /// The receive hash.
    RxHash = 32,
    /// The processor.
    Cpu = 36,
    /// Not a value but an operation: A = A ^ X.
    AluXorX = 40,
    /// The 802.1Q tag control information that was taken out of the packet.
    VlanTag = 44,
    /// 1 if a tag was taken out of the packet, else 0.
    VlanTagPresent = 48,
    /// A random number; refused by the verifier unless the caller has a source.
    Random = 56,
    /// The EtherType of the tag that was taken out.
    VlanTpid = 60,
}

impl Ancillary {
    /// All of them, by number.
    pub const ALL: [Self; 13] = [
        Self::Protocol,
        Self::PktType,
        Self::IfIndex,
        Self::Mark,
        Self::Queue,
        Self::HaType,
        Self::RxHash,
        Self::Cpu,
        Self::AluXorX,
        Self::VlanTag,
        Self::VlanTagPresent,
        Self::Random,
        Self::VlanTpid,
    ];

    /// What an absolute load at `k` reads, if that is not packet bytes.
    #[must_use]
    pub const fn from_offset(k: u32) -> Option<Self> {
        Some(match k.wrapping_sub(ANCILLARY_BASE) {
            0 => Self::Protocol,
            4 => Self::PktType,
            8 => Self::IfIndex,
            20 => Self::Mark,
            24 => Self::Queue,
            28 => Self::HaType,
            32 => Self::RxHash,
            36 => Self::Cpu,
            40 => Self::AluXorX,
            44 => Self::VlanTag,
            48 => Self::VlanTagPresent,
            56 => Self::Random,
            60 => Self::VlanTpid,
            _ => return None,
        })
    }

    /// The k of an absolute load that reads it.
    #[must_use]
    pub const fn offset(self) -> u32 {
        ANCILLARY_BASE.wrapping_add(self as u32)
    }
}
