//! Machine instructions, counted by valgrind.
//!
//! ```text
//! engines --tables ──▶ valgrind engines --counted ──▶ begins to count wherever `counted_turn` is entered,
//!        ▲                                             and writes a file wherever it is left
//!        └────────── "totals: N" of each file ◀───────┘ one for every filter and engine, in this order
//! ```
//!
//! Counts are the same in every run of the same binary. The loop over the packets is counted too, for every engine alike.

use std::fs;
use std::hint::black_box;
use std::process::Command;

use crate::engine::{Engine, Prepared};
use crate::filters::Filter;
use crate::packets::{PacketSet, View};

/// What the counted program is called with.
pub(crate) const ARGUMENT: &str = "--counted";

/// Machine instructions per packet by filter and engine; `None` where an engine cannot do a filter.
pub(crate) type Counted = Vec<Vec<Option<f64>>>;

/// Named so that a counter can be switched on at its door. It returns here: a tail call would leave by another one.
#[inline(never)]
fn counted_turn(ready: &dyn Prepared, views: &[View<'_>]) -> u64 {
    black_box(ready.accepted(black_box(views)))
}

/// What runs under valgrind: every engine once on every filter. Prints how many packets there are, and a line for each turn.
pub(crate) fn run(engines: &[Engine], filters: &[Filter], set: &PacketSet) -> Result<(), String> {
    let views = set.views();
    println!("{}", views.len());
    // The counter has everything in it that was before the first turn: so that one does nothing.
    if let (Some(filter), Some(engine)) = (filters.first(), engines.first())
        && let Some(ready) = (engine.prepare)(filter)?
    {
        counted_turn(&*ready, &[]);
    }
    for filter in filters {
        for engine in engines {
            match (engine.prepare)(filter)? {
                Some(ready) => println!("{}", counted_turn(&*ready, &views)),
                None => println!("-"),
            }
        }
    }
    Ok(())
}

/// Runs this program under valgrind.
///
/// # Errors
/// Valgrind is not installed, or did not count.
pub(crate) fn count(
    engines: &[Engine],
    filters: &[Filter],
    only: Option<&[String]>,
    filter: Option<&str>,
) -> Result<Counted, String> {
    let failed = |error: std::io::Error| format!("valgrind, which counts instructions: {error}");
    let folder = std::env::temp_dir().join(format!("snapgate-engines-{}", std::process::id()));
    fs::create_dir(&folder).map_err(failed)?;
    let mut valgrind = Command::new("valgrind");
    // Peers put one program's code where that of another was, and some of them into a file in memory.
    valgrind.arg("--smc-check=all");
    // In full: of two patterns with wildcards valgrind keeps one.
    let turn = "engines::counts::counted_turn";
    valgrind.arg("--tool=callgrind").arg(format!("--zero-before={turn}")).arg(format!("--dump-after={turn}"));
    valgrind.arg(format!("--callgrind-out-file={}", folder.join("out").display()));
    valgrind.arg(std::env::current_exe().map_err(failed)?).arg(ARGUMENT);
    if let Some(only) = only {
        valgrind.args(["--only", &only.join(",")]);
    }
    if let Some(filter) = filter {
        valgrind.args(["--filter", filter]);
    }
    let said = valgrind.output().map_err(failed)?;
    if !said.status.success() {
        return Err(format!("valgrind: {}", String::from_utf8_lossy(&said.stderr)));
    }
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let mut lines = said.lines();
    let packets: f64 = lines.next().and_then(|line| line.parse().ok()).ok_or("no packets were counted")?;
    let mut counted = vec![vec![None; engines.len()]; filters.len()];
    let mut file = 1;
    for (place, line) in counted.iter_mut().flatten().zip(lines) {
        if line != "-" {
            file += 1;
            let text = fs::read_to_string(folder.join(format!("out.{file}"))).map_err(failed)?;
            let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.parse::<f64>().ok());
            *place = Some(total.ok_or("valgrind wrote no totals")? / packets);
        }
    }
    fs::remove_dir_all(&folder).map_err(failed)?;
    Ok(counted)
}
