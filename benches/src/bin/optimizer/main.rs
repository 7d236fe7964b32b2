//! Our optimizer beside libpcap's, over the filters of `benches/expressions.txt`: how long programs are, how many instructions
//! packets execute, how long compiling takes.
//!
//! ```text
//! optimizer            prints all of it
//! optimizer --check    prints counts, and fails if one is worse than benches/optimizer_floors.toml says
//! optimizer --bless    prints counts, and writes that file
//! optimizer --each     prints a line for each filter
//! ```
//!
//! | part | what it does |
//! | --- | --- |
//! | [`counts`] | static size and executed instructions of every filter, ours and libpcap's |
//! | [`lists`] | the most instructions that any packet executes in long lists |
//! | [`floors`] | what must not get worse |
//! | [`times`] | compile times, which are printed and never checked |

use std::process::ExitCode;

mod counts;
mod floors;
mod lists;
mod times;

use floors::Floors;

fn run(arguments: &[String]) -> Result<bool, String> {
    let (check, bless, each, timed) = match arguments {
        [] => (false, false, false, true),
        [only] if only == "--check" => (true, false, false, false),
        [only] if only == "--bless" => (false, true, false, false),
        [only] if only == "--each" => (false, false, true, false),
        _ => return Err("usage: optimizer [--check | --bless | --each]".into()),
    };
    let counted = counts::count()?;
    if each {
        counts::print_each(&counted);
        return Ok(true);
    }
    counts::print(&counted);
    let lists = lists::count()?;
    lists::print(&lists);
    let found = Floors::new(&counted, &lists);
    if bless {
        found.write()?;
    }
    let worse = if check { found.worse_than(&Floors::read()?) } else { Vec::new() };
    for problem in &worse {
        println!("WORSE: {problem}");
    }
    if timed {
        times::print()?;
    }
    Ok(worse.is_empty())
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("optimizer: {error}");
            ExitCode::FAILURE
        }
    }
}
