//! Versions of NDIS, and what depends on them.
//!
//! | NDIS | slots of a list's information | its size |
//! | --- | --- | --- |
//! | 6.0 | 11 | 240 |
//! | 6.1 | 13 | 256 |
//! | 6.20 (Windows 7) | 18 | 288 |
//! | 6.30, 6.40 | 24 | 336 |
//! | 6.50 to 6.70 | 26 | 352 |
//! | 6.80 to 6.87 | 27 | 368 |

/// A version of NDIS: that of the system, or the one that a filter registers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NdisVersion {
    major: u8,
    minor: u8,
}

/// The revision of a structure, and its size then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// For `Header.Revision`.
    pub number: u8,
    /// For `Header.Size`.
    pub size: u16,
}

const fn revision(number: u8, size: u16) -> Revision {
    Revision { number, size }
}

impl NdisVersion {
    /// Windows Vista.
    pub const V6_0: Self = Self::new(6, 0);
    /// Windows Vista SP1.
    pub const V6_1: Self = Self::new(6, 1);
    /// Windows 7: the oldest that this driver registers with.
    pub const V6_20: Self = Self::new(6, 20);
    /// Windows 8.
    pub const V6_30: Self = Self::new(6, 30);
    /// Windows 8.1.
    pub const V6_40: Self = Self::new(6, 40);
    /// Windows 10.
    pub const V6_50: Self = Self::new(6, 50);
    /// Windows 10 1709.
    pub const V6_80: Self = Self::new(6, 80);
    /// The newest that was measured.
    pub const V6_87: Self = Self::new(6, 87);

    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// What `NdisGetVersion` answered.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "both numbers are masked, or saturate")]
    pub const fn from_runtime(version: u32) -> Self {
        let major = version >> 16;
        let minor = version & 0xffff;
        Self {
            major: if major > 0xff { 0xff } else { major as u8 },
            minor: if minor > 0xff { 0xff } else { minor as u8 },
        }
    }

    /// For `MajorNdisVersion`.
    #[must_use]
    pub const fn major(self) -> u8 {
        self.major
    }

    /// For `MinorNdisVersion`.
    #[must_use]
    pub const fn minor(self) -> u8 {
        self.minor
    }

    /// The version to register with on a system of this version: itself, at most 6.87; `None` below 6.20.
    #[must_use]
    pub const fn to_register(self) -> Option<Self> {
        if !self.at_least(Self::V6_20) {
            None
        } else if self.at_least(Self::V6_87) {
            Some(Self::V6_87)
        } else {
            Some(self)
        }
    }

    /// Whether this is `other` or newer.
    #[must_use]
    pub const fn at_least(self, other: Self) -> bool {
        self.major > other.major || self.major == other.major && self.minor >= other.minor
    }

    /// How many words of information a `NET_BUFFER_LIST` has.
    #[must_use]
    pub const fn info_slots(self) -> usize {
        if self.at_least(Self::V6_80) {
            27
        } else if self.at_least(Self::V6_50) {
            26
        } else if self.at_least(Self::V6_30) {
            24
        } else if self.at_least(Self::V6_20) {
            18
        } else if self.at_least(Self::V6_1) {
            13
        } else {
            11
        }
    }

    /// How many bytes a `NET_BUFFER_LIST` has: of use only to who stands in for NDIS.
    #[must_use]
    pub const fn net_buffer_list_size(self) -> usize {
        match self.info_slots() {
            27 => 368,
            26 => 352,
            24 => 336,
            18 => 288,
            13 => 256,
            _ => 240,
        }
    }

    /// Of `NDIS_FILTER_DRIVER_CHARACTERISTICS`.
    #[must_use]
    pub const fn filter_driver_characteristics(self) -> Revision {
        if self.at_least(Self::V6_80) {
            revision(3, 0xf0)
        } else if self.at_least(Self::V6_1) {
            revision(2, 0xe0)
        } else {
            revision(1, 0xc8)
        }
    }

    /// Of `NDIS_OID_REQUEST`. Revision 1 ends behind `SupportedRevision`: 0xec bytes, without the padding.
    #[must_use]
    pub const fn oid_request(self) -> Revision {
        if self.at_least(Self::V6_50) { revision(2, 0xf8) } else { revision(1, 0xec) }
    }

    /// Of the `NDIS_FILTER_ATTACH_PARAMETERS` that NDIS gives: at least this much may be read.
    #[must_use]
    pub const fn filter_attach_parameters(self) -> Revision {
        if self.at_least(Self::V6_30) {
            revision(4, 0xe0)
        } else if self.at_least(Self::V6_20) {
            revision(3, 0xc8)
        } else if self.at_least(Self::V6_1) {
            revision(2, 0xb0)
        } else {
            revision(1, 0xa4)
        }
    }
}

/// Of `NDIS_FILTER_PARTIAL_CHARACTERISTICS`, every version.
pub const FILTER_PARTIAL_CHARACTERISTICS: Revision = revision(1, 0x30);
/// Of `NDIS_FILTER_ATTRIBUTES`, every version.
pub const FILTER_ATTRIBUTES: Revision = revision(1, 8);
/// Of `NDIS_STATUS_INDICATION`, every version.
pub const STATUS_INDICATION: Revision = revision(1, 0x70);
/// Of `NET_BUFFER_LIST_POOL_PARAMETERS` as it is passed here: without the flags of revision 2.
pub const NET_BUFFER_LIST_POOL: Revision = revision(1, 0x10);
/// Of `NET_BUFFER_POOL_PARAMETERS` as it is passed here.
pub const NET_BUFFER_POOL: Revision = revision(1, 0xc);
/// Of `NDIS_FILTER_PAUSE_PARAMETERS`.
pub const FILTER_PAUSE_PARAMETERS: Revision = revision(1, 0xc);
/// Of `NDIS_FILTER_RESTART_PARAMETERS`: the whole structure.
pub const FILTER_RESTART_PARAMETERS: Revision = revision(1, 0x30);
/// Of `NDIS_DEVICE_OBJECT_ATTRIBUTES`.
pub const DEVICE_OBJECT_ATTRIBUTES: Revision = revision(1, 0x38);
/// Of `NDIS_CONFIGURATION_OBJECT`: the whole structure.
pub const CONFIGURATION_OBJECT: Revision = revision(1, 0x18);

constants! { OBJECT_TYPES: u8 {
    /// Pools.
    NDIS_OBJECT_TYPE_DEFAULT = 0x80;
    /// See [`crate::ndis::NDIS_DEVICE_OBJECT_ATTRIBUTES`].
    NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES = 0x85;
    /// See [`crate::ndis::NDIS_FILTER_DRIVER_CHARACTERISTICS`].
    NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS = 0x8b;
    /// See [`crate::ndis::NDIS_FILTER_PARTIAL_CHARACTERISTICS`].
    NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS = 0x8c;
    /// See [`crate::ndis::NDIS_FILTER_ATTRIBUTES`].
    NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES = 0x8d;
    /// See [`crate::ndis::NDIS_OID_REQUEST`].
    NDIS_OBJECT_TYPE_OID_REQUEST = 0x96;
    /// See [`crate::ndis::NDIS_STATUS_INDICATION`].
    NDIS_OBJECT_TYPE_STATUS_INDICATION = 0x98;
    /// See [`crate::ndis::NDIS_FILTER_ATTACH_PARAMETERS`].
    NDIS_OBJECT_TYPE_FILTER_ATTACH_PARAMETERS = 0x99;
    /// See [`crate::ndis::NDIS_FILTER_PAUSE_PARAMETERS`].
    NDIS_OBJECT_TYPE_FILTER_PAUSE_PARAMETERS = 0x9a;
    /// See [`crate::ndis::NDIS_FILTER_RESTART_PARAMETERS`].
    NDIS_OBJECT_TYPE_FILTER_RESTART_PARAMETERS = 0x9b;
    /// See [`crate::ndis::NDIS_CONFIGURATION_OBJECT`].
    NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT = 0xa9;
}}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_the_measured_slots_and_sizes() {
        for ((major, minor), slots, list, characteristics, attach, oid) in [
            ((6, 0), 11, 240, (1, 200), (1, 0xa4), (1, 0xec)),
            ((6, 1), 13, 256, (2, 224), (2, 176), (1, 0xec)),
            ((6, 20), 18, 288, (2, 224), (3, 200), (1, 0xec)),
            ((6, 30), 24, 336, (2, 224), (4, 224), (1, 0xec)),
            ((6, 40), 24, 336, (2, 224), (4, 224), (1, 0xec)),
            ((6, 50), 26, 352, (2, 224), (4, 224), (2, 248)),
            ((6, 70), 26, 352, (2, 224), (4, 224), (2, 248)),
            ((6, 80), 27, 368, (3, 240), (4, 224), (2, 248)),
            ((6, 87), 27, 368, (3, 240), (4, 224), (2, 248)),
        ] {
            let version = NdisVersion::new(major, minor);
            assert_eq!(version.info_slots(), slots, "{version:?}");
            assert_eq!(version.net_buffer_list_size(), list, "{version:?}");
            let pair = |revision: Revision| (revision.number, revision.size);
            assert_eq!(pair(version.filter_driver_characteristics()), characteristics, "{version:?}");
            assert_eq!(pair(version.filter_attach_parameters()), attach, "{version:?}");
            assert_eq!(pair(version.oid_request()), oid, "{version:?}");
        }
    }

    #[test]
    fn a_filter_registers_with_the_systems_version_up_to_the_newest_measured() {
        assert_eq!(NdisVersion::from_runtime(0x6_0014), NdisVersion::V6_20);
        assert_eq!(NdisVersion::from_runtime(0x6_0050), NdisVersion::V6_80);
        assert_eq!(NdisVersion::from_runtime(0x6_0001).to_register(), None);
        assert_eq!(NdisVersion::V6_40.to_register(), Some(NdisVersion::V6_40));
        assert_eq!(NdisVersion::from_runtime(0x6_0060).to_register(), Some(NdisVersion::V6_87));
        assert_eq!(NdisVersion::from_runtime(0x7_0000).to_register(), Some(NdisVersion::V6_87));
        assert_eq!(NdisVersion::from_runtime(u32::MAX).to_register(), Some(NdisVersion::V6_87));
    }
}
