//! What a program is made for: whose rules it must keep, and what it may ask beside the packet's bytes.

use bpf_core::Profile;
use bpf_core::verify::LEN_MAX;

/// The systems that programs are made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Target {
    /// Any: only what all of them take. Of any length, for programs in user mode.
    #[default]
    Portable,
    /// The Linux kernel: VLAN tags, directions and interfaces may be beside the packet.
    Linux,
    /// The kernels of FreeBSD and NetBSD.
    Bsd,
    /// The capture driver for Windows: directions and interfaces are beside the packet; VLAN tags are in it.
    Windows,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Linux, Self::Bsd, Self::Windows];

    /// The name on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Linux => "linux",
            Self::Bsd => "bsd",
            Self::Windows => "windows",
        }
    }

    /// The rules that programs for it must keep: all of these.
    #[must_use]
    pub const fn profiles(self) -> &'static [Profile] {
        const PORTABLE: Profile = Profile::STRICT.with_len_max(LEN_MAX);
        match self {
            Self::Portable => &[PORTABLE],
            Self::Linux => &[Profile::LINUX],
            Self::Bsd => &[Profile::FREEBSD, Profile::NETBSD],
            Self::Windows => &[Profile::STRICT],
        }
    }

    /// Whether direction and interface can be asked for with ancillary loads.
    #[must_use]
    pub const fn has_metadata(self) -> bool {
        matches!(self, Self::Linux | Self::Windows)
    }

    /// Whether a VLAN tag may have been taken out of the packet.
    #[must_use]
    pub const fn has_loose_tags(self) -> bool {
        matches!(self, Self::Linux)
    }
}
