//! A reader of capture files for the tests, independent of the one that `bpfc` uses: pcap in both byte orders and both
//! resolutions, and as much of pcapng as the recorded files have.

use std::path::{Path, PathBuf};

/// One packet of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which interface of the file; 0 in a classic file.
    pub interface: usize,
    /// Seconds of the time stamp.
    pub seconds: u64,
    /// How long the packet was on the wire.
    pub wire_len: u32,
    /// The captured bytes.
    pub data: Vec<u8>,
}

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// Where it was.
    pub path: PathBuf,
    /// The link type of each interface, as the number that files hold.
    pub links: Vec<u16>,
    /// The headers were written by a machine of big-endian byte order.
    pub big_endian: bool,
    /// The packets in file order.
    pub records: Vec<Record>,
}

impl Capture {
    /// The DLT value of an interface: files call RAW 101, programs 12.
    #[must_use]
    pub fn dlt(&self, interface: usize) -> u16 {
        match self.links.get(interface) {
            Some(101) => 12,
            Some(other) => *other,
            None => u16::MAX,
        }
    }

    /// The name of the file without its folder.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Where the recorded captures are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// Every recorded capture, in the order of the names.
///
/// # Errors
/// A file cannot be read, or is not what it should be.
pub fn recorded() -> Result<Vec<Capture>, String> {
    let entries = std::fs::read_dir(folder()).map_err(|error| format!("{}: {error}", folder().display()))?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "pcap" || end == "pcapng"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// One file.
///
/// # Errors
/// It cannot be read, or is not a capture.
pub fn read(path: &Path) -> Result<Capture, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let capture =
        parse(&bytes).ok_or_else(|| format!("{}: not a capture that this reader knows", path.display()))?;
    Ok(Capture { path: path.to_owned(), ..capture })
}

/// The bytes of a file, or what a program wrote to its standard output.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Capture> {
    let magic = u32::from_le_bytes(bytes.first_chunk().copied()?);
    match magic {
        0xa1b2_c3d4 | 0xa1b2_3c4d => classic(bytes, false),
        0xd4c3_b2a1 | 0x4d3c_b2a1 => classic(bytes, true),
        0x0a0d_0d0a => blocks(bytes),
        _ => None,
    }
}

fn word(bytes: &[u8], at: usize, big_endian: bool) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk().copied()?;
    Some(if big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
}

fn size(bytes: &[u8], at: usize, big_endian: bool) -> Option<usize> {
    usize::try_from(word(bytes, at, big_endian)?).ok()
}

fn classic(bytes: &[u8], big_endian: bool) -> Option<Capture> {
    let link = u16::try_from(word(bytes, 20, big_endian)? & 0xffff).ok()?;
    let mut capture = Capture { links: vec![link], big_endian, ..Capture::default() };
    let mut at = 24;
    while at < bytes.len() {
        let kept = size(bytes, at + 8, big_endian)?;
        capture.records.push(Record {
            interface: 0,
            seconds: word(bytes, at, big_endian)?.into(),
            wire_len: word(bytes, at + 12, big_endian)?,
            data: bytes.get(at + 16..at + 16 + kept)?.to_vec(),
        });
        at += 16 + kept;
    }
    Some(capture)
}

/// pcapng: little-endian, one section, times in microseconds, which is what the recorded file and its filtered copies are.
fn blocks(bytes: &[u8]) -> Option<Capture> {
    let mut capture = Capture::default();
    let mut at = 0;
    while at < bytes.len() {
        let (kind, length) = (word(bytes, at, false)?, size(bytes, at + 4, false)?);
        let body = bytes.get(at + 8..at + length.checked_sub(4)?)?;
        match kind {
            0x0a0d_0d0a if word(body, 0, false)? != 0x1a2b_3c4d => return None,
            1 => capture.links.push(u16::from_le_bytes(body.first_chunk().copied()?)),
            6 => {
                let stamp = u64::from(word(body, 4, false)?) << 32 | u64::from(word(body, 8, false)?);
                let kept = size(body, 12, false)?;
                capture.records.push(Record {
                    interface: size(body, 0, false)?,
                    seconds: stamp / 1_000_000,
                    wire_len: word(body, 16, false)?,
                    data: body.get(20..20 + kept)?.to_vec(),
                });
            }
            _ => {}
        }
        at += length;
    }
    Some(capture)
}

/// The bytes of a classic little-endian file with these packets.
#[must_use]
pub fn classic_bytes<'a>(link: u16, records: impl IntoIterator<Item = &'a Record>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 262_144, u32::from(link)] {
        bytes.extend(u32::to_le_bytes(word));
    }
    for record in records {
        let seconds = u32::try_from(record.seconds).unwrap_or(u32::MAX);
        let kept = u32::try_from(record.data.len()).unwrap_or(u32::MAX);
        for word in [seconds, 0, kept, record.wire_len] {
            bytes.extend(u32::to_le_bytes(word));
        }
        bytes.extend(&record.data);
    }
    bytes
}
