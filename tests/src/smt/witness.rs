//! A packet on which two programs differ: of any captured length, its bytes as far as they matter.

use std::collections::BTreeMap;
use std::fmt;

use bpf_core::{Ancillary, Packet, Profile, RawInsn, bpf_validate};

/// Shown as plain bytes up to this length.
const SHOWN_LEN_MAX: u32 = 4096;

/// The packet. Bytes that are not named are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// How many bytes were captured.
    pub captured_len: u32,
    /// The bytes that are not 0.
    pub bytes: BTreeMap<u32, u8>,
    /// How many were on the wire.
    pub wire_len: u32,
    /// What is known beside the bytes.
    pub metadata: BTreeMap<Ancillary, u32>,
}

impl Witness {
    /// The captured bytes, if that are not too many to be written down.
    #[must_use]
    pub fn data(&self) -> Option<Vec<u8>> {
        let len = usize::try_from(self.captured_len).ok().filter(|_| self.captured_len <= SHOWN_LEN_MAX)?;
        let mut data = vec![0; len];
        for (at, byte) in &self.bytes {
            if let Some(slot) = data.get_mut(*at as usize) {
                *slot = *byte;
            }
        }
        Some(data)
    }

    /// The verdicts of two programs.
    ///
    /// # Errors
    /// The machine refuses one.
    pub fn verdicts(&self, programs: [&[RawInsn]; 2]) -> Result<[u32; 2], String> {
        let run = |program: &[RawInsn]| {
            let profile = Profile::LIBPCAP.with_len_max(u32::MAX).with_random_source();
            bpf_validate(program, profile)
                .map(|machine| machine.run(self))
                .map_err(|error| format!("the machine refuses the program: {error}"))
        };
        Ok([run(programs[0])?, run(programs[1])?])
    }

    /// A plainer packet on which they differ still: bytes become 0, what is not needed is left out.
    #[must_use]
    pub fn plainer(self, programs: [&[RawInsn]; 2]) -> Self {
        let differs = |packet: &Self| packet.verdicts(programs).is_ok_and(|[one, other]| one != other);
        let mut best = self;
        let mut try_one = |change: &dyn Fn(&mut Self)| {
            let mut other = best.clone();
            change(&mut other);
            if other != best && differs(&other) {
                best = other;
                return true;
            }
            false
        };
        for len in 0..=256 {
            if try_one(&|packet| packet.captured_len = packet.captured_len.min(len)) {
                break;
            }
        }
        for at in 0..256 {
            try_one(&|packet| packet.bytes.retain(|place, _| *place != at));
        }
        try_one(&|packet| packet.bytes.retain(|at, _| *at < 256));
        for which in Ancillary::ALL {
            try_one(&|packet| packet.metadata.retain(|other, _| *other != which));
        }
        try_one(&|packet| packet.wire_len = packet.captured_len);
        let len = best.captured_len;
        best.bytes.retain(|at, byte| *at < len && *byte != 0);
        best
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.data() {
            Some(data) => write!(f, "{}", crate::cases::hex(&data))?,
            None => write!(f, "{} captured bytes, all 0 but {:x?}", self.captured_len, self.bytes)?,
        }
        write!(f, " of wire length {}", self.wire_len)?;
        if !self.metadata.is_empty() {
            write!(f, ", {:?}", self.metadata)?;
        }
        Ok(())
    }
}

impl Packet for Witness {
    fn wire_len(&self) -> u32 {
        self.wire_len
    }

    fn load_u8(&self, offset: u32) -> Option<u8> {
        (offset < self.captured_len).then(|| self.bytes.get(&offset).copied().unwrap_or_default())
    }

    fn load_u16(&self, offset: u32) -> Option<u16> {
        let second = self.load_u8(offset.checked_add(1)?)?;
        Some(u16::from_be_bytes([self.load_u8(offset)?, second]))
    }

    fn load_u32(&self, offset: u32) -> Option<u32> {
        let second = self.load_u16(offset.checked_add(2)?)?;
        Some(u32::from(self.load_u16(offset)?) << 16 | u32::from(second))
    }

    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        self.metadata.get(&which).copied()
    }
}
