//! Whose rules a program must keep.

use super::expansion;

/// The longest program of the kernel profiles.
pub const KERNEL_LEN_MAX: u32 = 4_096;
/// The longest program of the BSD profiles.
pub const BSD_LEN_MAX: u32 = 512;
/// The longest program that any profile can be made to take, in user mode.
pub const LEN_MAX: u32 = 1_048_576;

/// A set of rules; see the table in [`crate::verify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    pub(super) name: &'static str,
    pub(super) len_max: u32,
    pub(super) empty_accepts: bool,
    pub(super) mod_and_xor: bool,
    pub(super) negative_offsets: bool,
    pub(super) unknown_ancillaries: bool,
    pub(super) unwritten_scratch: bool,
    pub(super) wide_shifts: bool,
    pub(super) translated_max: u32,
    pub(super) random_source: bool,
}

impl Profile {
    /// What the driver takes, and the default: every other profile accepts it too, but for the length limit of the
    /// BSDs and for `mod` and `xor`, which FreeBSD does not know.
    pub const STRICT: Self = Self {
        name: "strict",
        len_max: KERNEL_LEN_MAX,
        empty_accepts: false,
        mod_and_xor: true,
        negative_offsets: false,
        unknown_ancillaries: false,
        unwritten_scratch: false,
        wide_shifts: false,
        translated_max: expansion::SOCKET_MAX,
        random_source: false,
    };

    /// What `SO_ATTACH_FILTER` takes, but for loads that mean something only inside of Linux.
    pub const LINUX: Self = Self {
        name: "linux",
        negative_offsets: true,
        random_source: true,
        translated_max: expansion::SPAN_MAX,
        ..Self::STRICT
    };

    /// What FreeBSD's `bpf_validate` takes: the empty program accepts everything, `mod` and `xor` are unknown.
    pub const FREEBSD: Self = Self {
        name: "freebsd",
        len_max: BSD_LEN_MAX,
        empty_accepts: true,
        mod_and_xor: false,
        negative_offsets: true,
        unknown_ancillaries: true,
        unwritten_scratch: true,
        wide_shifts: true,
        translated_max: u32::MAX,
        random_source: true,
    };

    /// What NetBSD's kernel takes.
    pub const NETBSD: Self = Self {
        name: "netbsd",
        empty_accepts: false,
        mod_and_xor: true,
        unwritten_scratch: false,
        ..Self::FREEBSD
    };

    /// What libpcap's user-mode machine takes, but for codes on which that machine aborts.
    pub const LIBPCAP: Self =
        Self { name: "libpcap", len_max: LEN_MAX, unwritten_scratch: true, ..Self::NETBSD };

    /// All of them, the strictest first.
    pub const ALL: [Self; 5] = [Self::STRICT, Self::LINUX, Self::FREEBSD, Self::NETBSD, Self::LIBPCAP];

    /// The name in messages and on command lines.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The longest program, in instructions.
    #[must_use]
    pub const fn len_max(&self) -> u32 {
        self.len_max
    }

    /// The same rules for programs of up to `len_max` instructions, at most [`LEN_MAX`]. Beyond the kernels' own
    /// limit this is for running in user mode, so Linux's translation (V12) does not matter there either.
    #[must_use]
    pub const fn with_len_max(self, len_max: u32) -> Self {
        let len_max = if len_max < LEN_MAX { len_max } else { LEN_MAX };
        Self { len_max, ..self }
    }

    /// The bound of V12, if it applies. Worked out, not stored, so that asking for a long program and then for a short
    /// one again gives the rules of a short one.
    pub(super) const fn translated_max(&self) -> Option<u32> {
        if self.translated_max == u32::MAX || self.len_max > KERNEL_LEN_MAX {
            None
        } else {
            Some(self.translated_max)
        }
    }

    /// The same rules, with loads of random numbers allowed: whoever runs the program has a source of them.
    #[must_use]
    pub const fn with_random_source(self) -> Self {
        Self { random_source: true, ..self }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::STRICT
    }
}
