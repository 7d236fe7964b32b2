//! What the driver answers.

use crate::bytes::{Reader, Writer};

/// Declares an answer of little-endian numbers, each way.
macro_rules! numbers {
    ($(#[$meta:meta])* $name:ident: $type:ident { $($(#[$doc:meta])* $field:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
        pub struct $name { $($(#[$doc])* pub $field: $type,)* }

        impl $name {
            /// Its length in bytes.
            pub const BYTES: usize = size_of::<Self>();

            /// Writes as many of its numbers as there is room for; answers how many bytes.
            pub fn write(&self, to: &mut [u8]) -> usize {
                let mut writer = Writer::new(to);
                for number in [$(self.$field),*] {
                    writer.put(&number.to_le_bytes());
                }
                writer.written()
            }

            /// From what a driver wrote: numbers that an older one does not know are 0.
            #[must_use]
            pub fn from_bytes(bytes: &[u8]) -> Self {
                let mut reader = Reader(bytes);
                Self { $($field: reader.$type().unwrap_or_default(),)* }
            }
        }
    };
}

numbers! {
    /// The four classic counters: `bpf_stat`, 16 bytes. They wrap.
    BpfStat: u32 {
        /// Packets that passed the filter.
        received,
        /// Packets that were lost: no room, no memory.
        dropped,
        /// Packets that the adapter lost: not known.
        interface_dropped,
        /// Packets that were queued.
        captured,
    }
}

numbers! {
    /// All counters of a handle, since it was opened or its filter was set.
    ///
    /// When no packet is under way: `seen = filtered + accepted`, and `accepted = delivered + dropped_full + dropped_oversize +
    /// dropped_unmapped + lost + queued + counted`.
    Statistics: u64 {
        /// Packets that the filter looked at.
        seen,
        /// Packets that it rejected.
        filtered,
        /// Packets that it accepted.
        accepted,
        /// Packets that were read.
        delivered,
        /// Packets for which the ring had no room.
        dropped_full,
        /// Packets longer than the ring.
        dropped_oversize,
        /// Packets whose memory could not be mapped: no filter saw them, and they count as accepted.
        dropped_unmapped,
        /// Packets that were queued when the ring was replaced.
        lost,
        /// Packets that are queued.
        queued,
        /// Packets that were counted, in statistics mode.
        counted,
        /// Bytes that were captured.
        captured_bytes,
        /// Bytes of accepted packets as they were on the wire.
        wire_bytes,
        /// Packets whose lengths contradicted their memory.
        malformed,
        /// How often a program's index of a mapped ring made no sense.
        nonsense,
    }
}

/// The versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Version {
    /// Of this interface: see [`crate::ABI_VERSION`].
    pub abi: (u16, u16),
    /// Of the driver: major, minor, patch in bytes from the third.
    pub driver: u32,
    /// What the driver can do, by bits: none is defined yet.
    pub features: u64,
}

impl Version {
    /// Its length in bytes.
    pub const BYTES: usize = 16;

    /// Writes it; answers how many bytes.
    pub fn write(&self, to: &mut [u8]) -> usize {
        let mut writer = Writer::new(to);
        writer.put(&self.abi.0.to_le_bytes());
        writer.put(&self.abi.1.to_le_bytes());
        writer.put(&self.driver.to_le_bytes());
        writer.put(&self.features.to_le_bytes());
        writer.written()
    }

    /// From what a driver wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        Some(Self { abi: (reader.u16()?, reader.u16()?), driver: reader.u32()?, features: reader.u64()? })
    }
}

/// One adapter of a list, 152 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdapterEntry {
    /// Its GUID in braces, in words of UTF-16, filled up with zeroes.
    pub name: [u16; 64],
    /// The index of its interface.
    pub index: u32,
    /// Its medium: 0 is Ethernet.
    pub media: u32,
    /// Its locally unique identifier.
    pub luid: u64,
    /// 0 down, 1 running.
    pub state: u32,
    /// Its MTU in bytes; 0 if it is not known.
    pub mtu: u32,
}

impl AdapterEntry {
    /// Its length in bytes.
    pub const BYTES: usize = 152;

    /// Writes it; answers how many bytes.
    pub fn write(&self, to: &mut [u8]) -> usize {
        let mut writer = Writer::new(to);
        for word in self.name {
            writer.put(&word.to_le_bytes());
        }
        writer.put(&self.index.to_le_bytes());
        writer.put(&self.media.to_le_bytes());
        writer.put(&self.luid.to_le_bytes());
        writer.put(&self.state.to_le_bytes());
        writer.put(&self.mtu.to_le_bytes());
        writer.written()
    }

    /// From what a driver wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut name = [0; 64];
        for word in &mut name {
            *word = reader.u16()?;
        }
        Some(Self {
            name,
            index: reader.u32()?,
            media: reader.u32()?,
            luid: reader.u64()?,
            state: reader.u32()?,
            mtu: reader.u32()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_they_were_written() {
        let stat = BpfStat { received: 1, dropped: 2, interface_dropped: 3, captured: u32::MAX };
        let mut bytes = [0; 16];
        assert_eq!(stat.write(&mut bytes), BpfStat::BYTES);
        assert_eq!(bytes[..8], [1, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(BpfStat::from_bytes(&bytes), stat);
        let statistics = Statistics { seen: u64::MAX, nonsense: 3, ..Statistics::default() };
        let mut bytes = [0; 200];
        assert_eq!(statistics.write(&mut bytes), Statistics::BYTES);
        assert_eq!(Statistics::from_bytes(&bytes), statistics);
        assert_eq!(statistics.write(&mut bytes[..20]), 16, "whole numbers only");
        let version = Version { abi: (1, 2), driver: 0x10203, features: 5 };
        assert_eq!(version.write(&mut bytes), Version::BYTES);
        assert_eq!(Version::from_bytes(&bytes), Some(version));
        assert_eq!(Version::from_bytes(&bytes[..15]), None);
        let entry = AdapterEntry { name: [0x41; 64], index: 7, media: 0, luid: 9, state: 1, mtu: 1500 };
        assert_eq!(entry.write(&mut bytes), AdapterEntry::BYTES);
        assert_eq!(AdapterEntry::from_bytes(&bytes), Some(entry));
        assert_eq!(AdapterEntry::from_bytes(&bytes[..151]), None);
    }
}
