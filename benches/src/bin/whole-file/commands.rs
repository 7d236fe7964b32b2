//! The commands, and what comes out of them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One filter on one capture.
pub(crate) struct Run<'a> {
    pub(crate) bpfc: &'a Path,
    pub(crate) capture: &'a Path,
    pub(crate) filter: &'a str,
}

/// Seconds.
type Time = f64;

impl Run<'_> {
    /// What any program that reads the file has to spend.
    pub(crate) fn plain_read(&self) -> Result<Time, String> {
        timed(Command::new("cat").arg(self.capture)).map(|(time, _)| time)
    }

    /// `-Z root`: as root it would else give up the right to write here; for others it means nothing.
    pub(crate) fn tcpdump(&self, output: &Path) -> Result<Time, String> {
        remove(output)?;
        let mut command = Command::new("tcpdump");
        command.args(["-Z", "root", "-r"]).arg(self.capture).arg("-w").arg(output).arg(self.filter);
        timed(&mut command).map(|(time, _)| time)
    }

    pub(crate) fn write(&self, output: &Path) -> Result<Time, String> {
        remove(output)?;
        let mut command = Command::new(self.bpfc);
        command.arg("-r").arg(self.capture).arg("-w").arg(output).args(["--", self.filter]);
        timed(&mut command).map(|(time, _)| time)
    }

    /// The number of packets, too.
    pub(crate) fn count(&self) -> Result<(Time, u64), String> {
        let mut command = Command::new(self.bpfc);
        command.arg("-r").arg(self.capture).args(["--count", "--", self.filter]).stdout(Stdio::piped());
        let (time, text) = timed(&mut command)?;
        let count = text.trim().parse().map_err(|_| format!("bpfc --count prints {text:?}"))?;
        Ok((time, count))
    }
}

/// How long a command takes from start to end, and its text. Output that nobody asked for is thrown away.
fn timed(command: &mut Command) -> Result<(Time, String), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let is_asked = name.ends_with("bpfc") && command.get_args().any(|argument| argument == "--count");
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    if !is_asked {
        command.stdout(Stdio::null());
    }
    let start = Instant::now();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    let time = start.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok((time, String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Writing to a new file and over an old one are different work.
fn remove(path: &Path) -> Result<(), String> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

/// How many packets two captures have that are equal byte for byte.
pub(crate) fn same_packets(first: &Path, second: &Path) -> Result<u64, String> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let (first_bytes, second_bytes) = (read(first)?, read(second)?);
    if first_bytes != second_bytes {
        return Err(format!("{} and {} differ", first.display(), second.display()));
    }
    let mut rest = first_bytes.get(24..).unwrap_or_default();
    let mut packets = 0;
    while let Some(length) =
        rest.get(8..).and_then(<[u8]>::first_chunk).map(|field| u32::from_le_bytes(*field))
    {
        rest = rest.get(16 + length as usize..).unwrap_or_default();
        packets += 1;
    }
    Ok(packets)
}

/// The middle one; of an even number the upper middle one.
pub(crate) fn median(mut times: Vec<Time>) -> Time {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
