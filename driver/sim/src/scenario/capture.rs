//! A program that captures: requests by the driver's interface, records by their layout.

use snapgate_abi::record::Records;
use snapgate_abi::{
    AdapterSelector, BpfStat, Encoded, INPUT_BYTES_MAX, ProgramBytes, Request, Statistics, TimestampMode,
};
use snapgate_ffi::ntdef::{NTSTATUS, STATUS_SUCCESS};

use crate::user::{File, GENERIC_READ, GENERIC_WRITE, Pending, Process};

/// A packet that was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Seconds since 1970, and the fraction.
    pub time: (i32, u32),
    /// Bytes on the wire.
    pub length: u32,
    /// Where the bytes began in the record.
    pub header_len: u16,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// An open handle of the driver.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The file.
    pub file: File,
}

/// The bytes of a program, for [`Capture::set_filter`].
#[must_use]
pub fn insns(insns: &[(u16, u8, u8, u32)]) -> Vec<u8> {
    let bytes = |(code, jt, jf, k): &(u16, u8, u8, u32)| {
        let mut bytes = [0; 8];
        let parts = code.to_le_bytes().into_iter().chain([*jt, *jf]).chain(k.to_le_bytes());
        for (to, from) in bytes.iter_mut().zip(parts) {
            *to = from;
        }
        bytes
    };
    insns.iter().flat_map(bytes).collect()
}

impl Capture {
    /// Opens an adapter by the GUID of its name.
    ///
    /// # Errors
    /// What the system or the driver says.
    pub fn open(process: &Process, guid: &str) -> Result<Self, NTSTATUS> {
        let file =
            process.open(&format!(r"{}\{guid}", snapgate_abi::DEVICE_PATH), GENERIC_READ | GENERIC_WRITE)?;
        Ok(Self { file })
    }

    /// Opens the driver, and no adapter.
    ///
    /// # Errors
    /// What the system or the driver says.
    pub fn open_root(process: &Process) -> Result<Self, NTSTATUS> {
        Ok(Self { file: process.open(snapgate_abi::DEVICE_PATH, GENERIC_READ | GENERIC_WRITE)? })
    }

    /// Sends a request, with room for so many bytes of answer.
    #[must_use]
    pub fn send(&self, request: &Request<'_>, output: usize) -> Pending {
        let mut room = [0; INPUT_BYTES_MAX];
        let Encoded { code, input } = request.encode(&mut room);
        self.file.control(code, input, output)
    }

    /// The same, and waits: status and answer.
    #[must_use]
    pub fn ask(&self, request: &Request<'_>, output: usize) -> (NTSTATUS, Vec<u8>) {
        let pending = self.send(request, output);
        pending.wait(None);
        (pending.status(), pending.output())
    }

    /// Sends a request that has no answer.
    ///
    /// # Errors
    /// Its status, if it is not success.
    pub fn set(&self, request: &Request<'_>) -> Result<(), NTSTATUS> {
        match self.ask(request, 0).0 {
            STATUS_SUCCESS => Ok(()),
            status => Err(status),
        }
    }

    /// Sets the size of the ring.
    ///
    /// # Errors
    /// The status.
    pub fn set_buffer(&self, bytes: u32) -> Result<(), NTSTATUS> {
        self.set(&Request::SetBufferSize(bytes))
    }

    /// Sets the filter, by its bytes.
    ///
    /// # Errors
    /// The status.
    pub fn set_filter(&self, program: &[u8]) -> Result<(), NTSTATUS> {
        match ProgramBytes::new(program) {
            Some(program) => self.set(&Request::SetFilter(program)),
            None => Err(snapgate_ffi::ntdef::STATUS_INVALID_PARAMETER),
        }
    }

    /// Binds a root handle.
    ///
    /// # Errors
    /// The status.
    pub fn bind(&self, guid: &str) -> Result<(), NTSTATUS> {
        let words: Vec<u8> = guid.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.set(&Request::Bind(AdapterSelector::Name(&words)))
    }

    /// Sets where time stamps come from.
    ///
    /// # Errors
    /// The status.
    pub fn set_clock(&self, mode: TimestampMode) -> Result<(), NTSTATUS> {
        self.set(&Request::SetTimestampMode(mode))
    }

    /// Reads what there is, into a buffer of so many bytes.
    ///
    /// # Errors
    /// The status.
    pub fn read(&self, bytes: u32) -> Result<Vec<Packet>, NTSTATUS> {
        let pending = self.file.read(bytes);
        pending.wait(None);
        match pending.status() {
            STATUS_SUCCESS => Ok(packets(&pending.output())),
            status => Err(status),
        }
    }

    /// Reads until nothing is left.
    ///
    /// # Errors
    /// The status.
    pub fn read_all(&self) -> Result<Vec<Packet>, NTSTATUS> {
        let mut all = Vec::new();
        loop {
            let more = self.read(1 << 18)?;
            if more.is_empty() {
                return Ok(all);
            }
            all.extend(more);
        }
    }

    /// All counters.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics::from_bytes(&self.ask(&Request::QueryStatistics, 256).1)
    }

    /// The classic four.
    #[must_use]
    pub fn bpf_stat(&self) -> BpfStat {
        BpfStat::from_bytes(&self.ask(&Request::GetStatistics, 16).1)
    }
}

/// The packets of a read.
///
/// # Panics
/// When the bytes are not whole records: no driver may answer that.
#[must_use]
pub fn packets(bytes: &[u8]) -> Vec<Packet> {
    let mut records = Records::new(bytes);
    let packets = records
        .by_ref()
        .map(|record| Packet {
            time: (record.header.seconds, record.header.fraction),
            length: record.header.length,
            header_len: record.header.header_len,
            bytes: record.data.to_vec(),
        })
        .collect();
    assert!(records.rest().is_empty(), "{} bytes of {} are no record", records.rest().len(), bytes.len());
    packets
}
