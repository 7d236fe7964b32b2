//! The capture: recorded Ethernet packets, drawn again and again from a fixed seed until there are enough.
//!
//! Packets that were cut when they were captured are left out: of them libpcap's optimizer, which drops loads, accepts some that
//! the filter does not mean.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::rng::Rng;

const EN10MB: u16 = 1;
const SEED: u64 = 1;
/// Between two packets.
const MICROSECONDS: u64 = 7;

/// Writes a classic capture of at least this length; how many packets it has.
pub(crate) fn make(path: &Path, bytes: usize) -> Result<u64, String> {
    let failed = |error| format!("{}: {error}", path.display());
    let mut pool = mutate::recorded(Some(EN10MB))?;
    pool.retain(|sample| sample.data.len() == sample.wire_len as usize);
    let mut rng = Rng::new(SEED);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    file.write_all(&file_header()).map_err(failed)?;
    let (mut written, mut packets) = (0, 0);
    while written < bytes {
        let Sample { data, wire_len } = rng.pick(&pool);
        let captured = u32::try_from(data.len()).map_err(|error| error.to_string())?;
        let microseconds = packets * MICROSECONDS;
        let seconds = 1_700_000_000 + microseconds / 1_000_000;
        let fields = [seconds as u32, (microseconds % 1_000_000) as u32, captured, *wire_len];
        file.write_all(&fields.map(u32::to_le_bytes).concat()).map_err(failed)?;
        file.write_all(data).map_err(failed)?;
        written += 16 + data.len();
        packets += 1;
    }
    file.flush().map_err(failed)?;
    Ok(packets)
}

/// As tcpdump writes it on a little-endian machine: microseconds, version 2.4, snap length 262,144.
fn file_header() -> Vec<u8> {
    let mut header = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    header.extend(2_u16.to_le_bytes());
    header.extend(4_u16.to_le_bytes());
    for field in [0, 0, 262_144, u32::from(EN10MB)] {
        header.extend(field.to_le_bytes());
    }
    header
}
