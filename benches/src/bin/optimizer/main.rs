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
//! `--captures FOLDER` in front of these: the packets of the captures below that folder, and not the recorded ones of the tests.
//! `--size` behind that: programs for size, and not for speed. Neither goes with `--check` and `--bless`: the floors are of other counts.
//!
//! | part | what it does |
//! | --- | --- |
//! | [`counts`] | static size and executed instructions of every filter, ours and libpcap's |
//! | [`packets`] | what they are executed on |
//! | [`lists`] | the most instructions that any packet executes in long lists |
//! | [`floors`] | what must not get worse |
//! | [`tables`] | prints what was counted |
//! | [`times`] | compile times, which are printed and never checked |

use std::path::Path;
use std::process::ExitCode;

use bpf_compile::opt::Goal;

mod counts;
mod floors;
mod lists;
mod packets;
mod tables;
mod times;

use floors::Floors;
use packets::Packets;

fn run(mut arguments: &[String]) -> Result<bool, String> {
    let mut packets = Packets::recorded()?;
    let mut is_of_the_floors = true;
    if let [name, folder, others @ ..] = arguments
        && name == "--captures"
    {
        packets = Packets::below(Path::new(folder))?;
        is_of_the_floors = false;
        arguments = others;
    }
    let mut goal = Goal::Speed;
    if let [name, others @ ..] = arguments
        && name == "--size"
    {
        goal = Goal::Size;
        is_of_the_floors = false;
        arguments = others;
    }
    let (check, bless, each, timed) = match arguments {
        [] => (false, false, false, true),
        [only] if only == "--check" => (true, false, false, false),
        [only] if only == "--bless" => (false, true, false, false),
        [only] if only == "--each" => (false, false, true, false),
        _ => return Err("usage: optimizer [--captures FOLDER] [--size] [--check | --bless | --each]".into()),
    };
    if (check || bless) && !is_of_the_floors {
        return Err("the floors are those of programs for speed on the recorded packets of the tests".into());
    }
    let counted = counts::count(&mut packets, goal)?;
    if each {
        tables::print_each(&counted);
        return Ok(true);
    }
    tables::print(&counted, timed);
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
