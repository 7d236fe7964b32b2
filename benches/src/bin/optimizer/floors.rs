//! What must not get worse: `benches/optimizer_floors.toml`. Counts and ratios of counts, which are the same on every machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::counts::{self, Counted};
use crate::lists::List;

/// The file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Floors {
    /// Filters of which ours is longer.
    longer: usize,
    /// Filters on which ours executes on the average over two instructions more.
    slower: usize,
    /// Our length / libpcap's, by class.
    size: BTreeMap<String, f64>,
    /// Our executed instructions / libpcap's, by class.
    executed: BTreeMap<String, f64>,
    /// The instructions of a list.
    list_instructions: BTreeMap<String, usize>,
    /// The most of them that a packet executes.
    list_executed: BTreeMap<String, u64>,
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("optimizer_floors.toml")
}

/// To four places, so that the file is readable; upwards, so that what wrote it passes.
fn rounded(ratio: f64) -> f64 {
    (ratio * 10_000.0).ceil() / 10_000.0
}

impl Floors {
    pub(crate) fn new(counted: &[Counted], lists: &[List]) -> Self {
        let ratios = counts::ratios(counted);
        let by_class = |of: fn(counts::Ratios) -> f64| {
            ratios.iter().map(|(class, ratios)| (class.clone(), rounded(of(*ratios)))).collect()
        };
        Self {
            longer: counted.iter().filter(|one| one.is_longer()).count(),
            slower: counted.iter().filter(|one| one.is_slower()).count(),
            size: by_class(counts::Ratios::size),
            executed: by_class(counts::Ratios::executed),
            list_instructions: lists.iter().map(|list| (list.name.clone(), list.ours.len)).collect(),
            list_executed: lists.iter().map(|list| (list.name.clone(), list.ours.executed_max)).collect(),
        }
    }

    pub(crate) fn read() -> Result<Self, String> {
        let text =
            std::fs::read_to_string(path()).map_err(|error| format!("{}: {error}", path().display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path().display()))
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        let body = toml::to_string(self).map_err(|error| error.to_string())?;
        let head = "# Written by `cargo run --release -p snapgate-benches --bin optimizer -- --bless`: no number may grow.\n\n";
        std::fs::write(path(), format!("{head}{body}")).map_err(|error| error.to_string())
    }

    /// In what this is worse than what the file says.
    pub(crate) fn worse_than(&self, floors: &Self) -> Vec<String> {
        let mut worse = Vec::new();
        let one = |map: &str, found: usize, floor: usize| {
            compare(map, &only(found), &only(floor), |found, floor| found > floor)
        };
        worse.extend(one("longer", self.longer, floors.longer));
        worse.extend(one("slower", self.slower, floors.slower));
        worse.extend(compare("size", &self.size, &floors.size, |found, floor| found > floor));
        worse.extend(compare("executed", &self.executed, &floors.executed, |found, floor| found > floor));
        let (found, floor) = (&self.list_instructions, &floors.list_instructions);
        worse.extend(compare("list_instructions", found, floor, |found, floor| found > floor));
        let (found, floor) = (&self.list_executed, &floors.list_executed);
        worse.extend(compare("list_executed", found, floor, |found, floor| found > floor));
        worse
    }
}

fn only(count: usize) -> BTreeMap<String, usize> {
    BTreeMap::from([(String::from("filters"), count)])
}

fn compare<T: std::fmt::Display>(
    what: &str,
    found: &BTreeMap<String, T>,
    floors: &BTreeMap<String, T>,
    is_worse: fn(&T, &T) -> bool,
) -> Vec<String> {
    let mut worse = Vec::new();
    for (name, found) in found {
        match floors.get(name) {
            Some(floor) if is_worse(found, floor) => {
                worse.push(format!("{what}: {name}: {found}, was {floor}"))
            }
            Some(_) => {}
            None => worse.push(format!("{what}: {name}: {found}, no floor is known: --bless")),
        }
    }
    for name in floors.keys().filter(|name| !found.contains_key(*name)) {
        worse.push(format!("{what}: {name} is not counted any more: --bless"));
    }
    worse
}
