//! What is not proved: the list of it, and what is done in place of a proof.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use snapgate_tests::smt::{Prover, Witness};

use super::pairs::Pair;

/// So many ways through the programs are looked for a packet.
const WAYS: usize = 100;
/// Most are found at once.
const LIMIT_OF_A_WAY: Duration = Duration::from_secs(1);
/// Cut at every length up to here.
const CUT_MAX: u32 = 120;

const HEAD: &str = "# Filters whose optimized programs are too hard to be proved, and why. Written by\n\
    # `BLESS=1 cargo test -p snapgate-tests --test optimizer_proof corpus`; they are run on packets along the branches instead.\n\n";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/optimizer_proof/unproven.txt")
}

/// Whether the list is written anew.
pub(crate) fn is_blessed() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// The list: names, and reasons.
pub(crate) fn read() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).map(|(name, why)| (name.into(), why.into())).collect()
}

/// Holds what was found against the list, or writes it anew.
pub(crate) fn compare(known: &BTreeMap<String, String>, found: &[(&Pair, String)]) {
    if is_blessed() {
        let lines: String = found
            .iter()
            .map(|(pair, why)| format!("{}\ttoo many ways, and z3: {why}\n", pair.name))
            .collect();
        std::fs::write(path(), format!("{HEAD}{lines}")).unwrap();
        return;
    }
    let found: BTreeMap<_, _> = found.iter().map(|(pair, why)| (&pair.name, why)).collect();
    let new: Vec<_> = found.iter().filter(|(name, _)| !known.contains_key(**name)).collect();
    let old: Vec<_> = known.keys().filter(|name| !found.contains_key(name)).collect();
    assert!(
        new.is_empty() && old.is_empty(),
        "BLESS=1 writes unproven.txt anew: not proved {new:?}, but not in it; proved {old:?} (or there no more), but in it"
    );
}

/// Runs both programs on packets along their branches, and on these packets cut.
pub(crate) fn run(prover: &mut Prover, pair: &Pair) {
    let programs = [&pair.plain[..], &pair.optimized[..]];
    let packets = prover.packets(programs, WAYS, LIMIT_OF_A_WAY);
    let (mut accepted, mut ran) = (0, 0);
    let mut compare = |packet: &Witness| {
        let [plain, optimized] = packet.verdicts(programs).unwrap();
        assert_eq!(plain, optimized, "{}: plain and optimized, for {packet}", pair.name);
        ran += 1;
        accepted += u32::from(plain != 0);
    };
    for packet in &packets {
        for captured_len in (0..packet.captured_len.min(CUT_MAX)).chain([packet.captured_len]) {
            compare(&Witness { captured_len, ..packet.clone() });
        }
    }
    println!("{}: {} ways, {ran} packets, {accepted} accepted", pair.name, packets.len());
    assert!(packets.len() > WAYS / 4 && accepted > 0 && accepted < ran, "{}: too few packets", pair.name);
}
