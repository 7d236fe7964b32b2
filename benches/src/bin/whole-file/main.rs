//! `bpfc` beside `tcpdump` on a large capture; run by `benches/whole-file`.
//!
//! ```text
//! recorded packets ──drawn from a fixed seed──▶ capture ─┬─▶ cat > /dev/null          what reading costs
//!                                                        ├─▶ tcpdump -r -w EXPR ─┐
//!                                                        ├─▶ bpfc -r -w EXPR    ─┴─▶ the same bytes?
//!                                                        └─▶ bpfc -r --count EXPR ─▶ the same number?
//! ```
//!
//! The commands take turns, round by round, so that what else the machine does meets all of them; the median of the rounds counts.
//! A process is started for each, which is part of the time. Files are in the page cache.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod capture;
mod commands;

use commands::{Run, median};

const USAGE: &str = "usage: whole-file BPFC [--smoke | --mib N]";
const MIB_DEFAULT: usize = 512;
const MIB_SMOKE: usize = 4;
const ROUNDS: usize = 7;
const HOSTS: usize = 100;

/// What the command line says.
struct Setup {
    bpfc: PathBuf,
    mib: usize,
    rounds: usize,
}

impl Setup {
    fn of(arguments: &[String]) -> Option<Self> {
        let (bpfc, options) = arguments.split_first()?;
        let (mib, rounds) = match options {
            [] => (MIB_DEFAULT, ROUNDS),
            [only] if only == "--smoke" => (MIB_SMOKE, 1),
            [option, mib] if option == "--mib" => (mib.parse().ok()?, ROUNDS),
            _ => return None,
        };
        Some(Self { bpfc: bpfc.into(), mib, rounds })
    }
}

/// Name and expression: few, many, half, none, all of the packets.
fn filters() -> Vec<(&'static str, String)> {
    // A host of the recorded captures among others that lie far apart.
    let others =
        (1..HOSTS).map(|number| format!("host 10.{}.{}.{}", number * 7 % 251, number * 31 % 241, number));
    let hosts: Vec<_> = others.chain(["host 192.0.2.2".to_owned()]).collect();
    vec![
        ("tcp port 80", "tcp port 80".to_owned()),
        ("100 hosts", hosts.join(" or ")),
        ("ip6", "ip6".to_owned()),
        ("nothing matches", "udp port 9 and greater 60000".to_owned()),
        ("everything matches", String::new()),
    ]
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("whole-file-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

/// Runs everything in turns for one filter, and prints a line.
fn compare(setup: &Setup, folder: &Path, capture: &Path, name: &str, filter: &str) -> Result<(), String> {
    let (theirs, ours) = (folder.join("tcpdump.pcap"), folder.join("bpfc.pcap"));
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..setup.rounds {
        let run = Run { bpfc: &setup.bpfc, capture, filter };
        let read = run.plain_read()?;
        let tcpdump = run.tcpdump(&theirs)?;
        let written = run.write(&ours)?;
        let (counted, count) = run.count()?;
        let packets = commands::same_packets(&theirs, &ours)?;
        if count != packets {
            return Err(format!("{name}: bpfc counts {count} packets, tcpdump writes {packets}"));
        }
        for (times, time) in times.iter_mut().zip([read, tcpdump, written, counted]) {
            times.push(time);
        }
    }
    let [read, tcpdump, written, counted] = times.map(median);
    let output = std::fs::metadata(&ours).map_or(0, |metadata| metadata.len() >> 20);
    println!(
        "{:8.0} {:8.0} {:8.0} {:8.0} {:8.2} {:8.2} {:8.2} {output:8}  {name}",
        read * 1e3,
        tcpdump * 1e3,
        written * 1e3,
        counted * 1e3,
        tcpdump / written,
        tcpdump / counted,
        counted / read,
    );
    Ok(())
}

fn run(arguments: &[String]) -> Result<(), String> {
    let setup = Setup::of(arguments).ok_or(USAGE)?;
    let folder = Folder::new()?;
    let capture = folder.0.join("capture.pcap");
    let packets = capture::make(&capture, setup.mib << 20)?;
    println!("{} MiB, {packets} packets, {} rounds; milliseconds, medians\n", setup.mib, setup.rounds);
    println!(
        "{:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "cat", "tcpdump", "bpfc -w", "--count", "times", "times", "of cat", "MiB out"
    );
    for (name, filter) in filters() {
        compare(&setup, &folder.0, &capture, name, &filter)?;
    }
    println!("\ntimes: how much faster than tcpdump, -w and --count; of cat: --count against the plain read");
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whole-file: {error}");
            ExitCode::FAILURE
        }
    }
}
