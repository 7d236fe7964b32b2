//! The packets that the programs are executed on, by link type.
//!
//! They are recorded ones of the link type; where there are none, frames that the tests make up, from a fixed seed.

use std::collections::BTreeMap;
use std::path::Path;

use snapgate_tests::mutate::Sample;
use snapgate_tests::pcap::{self, Capture};
use snapgate_tests::rng::Rng;
use snapgate_tests::{frames, mutate};

/// How many frames are made of a link type that is not recorded.
const FRAMES: usize = 2_000;
const SEED: u64 = 1;
const ETHERNET: u16 = 1;

#[derive(Debug)]
pub(crate) struct Packets {
    recorded: BTreeMap<u16, Vec<Sample>>,
    made: BTreeMap<u16, Vec<Sample>>,
    /// What made frames carry.
    pool: Vec<Sample>,
}

impl Packets {
    /// The recorded captures of the tests.
    pub(crate) fn recorded() -> Result<Self, String> {
        Self::new(&pcap::recorded()?)
    }

    /// The captures below a folder. Files that the reader of the tests does not know are left out, and their number is told.
    pub(crate) fn below(folder: &Path) -> Result<Self, String> {
        let mut captures = Vec::new();
        let mut unknown = 0;
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let told = |error| format!("{}: {error}", folder.display());
            for entry in std::fs::read_dir(&folder).map_err(told)? {
                let path = entry.map_err(told)?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                match pcap::read(&path) {
                    Ok(capture) => captures.push(capture),
                    Err(_) => unknown += 1,
                }
            }
        }
        eprintln!("{}: {} captures, {unknown} files left out", folder.display(), captures.len());
        Self::new(&captures)
    }

    fn new(captures: &[Capture]) -> Result<Self, String> {
        let mut recorded: BTreeMap<u16, Vec<Sample>> = BTreeMap::new();
        for capture in captures {
            for record in &capture.records {
                let sample = Sample { data: record.data.clone(), wire_len: record.wire_len };
                recorded.entry(capture.dlt(record.interface)).or_default().push(sample);
            }
        }
        Ok(Self { recorded, made: BTreeMap::new(), pool: mutate::recorded(Some(ETHERNET))? })
    }

    /// The packets of a link type, and whether they were recorded.
    pub(crate) fn of(&mut self, dlt: u16) -> (&[Sample], bool) {
        let Self { recorded, made, pool } = self;
        if let Some(packets) = recorded.get(&dlt) {
            return (packets, true);
        }
        let packets = made.entry(dlt).or_insert_with(|| {
            let mut rng = Rng::new(SEED);
            (0..FRAMES).map(|_| frames::frame(&mut rng, dlt, pool)).collect()
        });
        (packets, false)
    }
}
