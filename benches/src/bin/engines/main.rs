//! Every engine over the same programs and the same packets, in one run: nanoseconds per packet, and how they compare.
//!
//! ```text
//! engines                        hot and mix packets, one table
//! engines --cold                 also a gibibyte of packets in no order
//! engines --filters              also a line for every filter, as soon as it is done
//! engines --tables               all of this, and the tables of docs/performance.md: every engine on every filter, times on all
//!                                three sets as ratios, and machine instructions, which valgrind counts
//! engines --whole                our compiler and engines over libpcap's, on mixed packets; nothing else
//! engines --only NAME,NAME       only these engines (and the native ones, which are what is compared with)
//! engines --filter TEXT          only this one of the filters (with --whole, also "100 ports" and the like): alone in the process, as
//!                                it would be in a product
//! engines --smoke                one short round: that everything runs and agrees, not how fast
//! ```
//!
//! | part | what it does |
//! | --- | --- |
//! | [`filters`] | the filters, each with its predicate in Rust |
//! | [`packets`] | the packet sets |
//! | [`engine`] | what an engine is, and the list of all of them |
//! | [`table`] | passes, rounds, medians, means |
//! | [`counts`] | machine instructions |
//! | [`markdown`] | the tables of the document |
//! | [`goals`] | what is to be reached |
//! | [`whole`] | compilers and engines together |
//! | [`prepare`] | how long the JIT takes to make programs ready |
//!
//! Every engine runs the program that libpcap's optimizer makes, and all have to accept the same number of packets. Each has rounds of its
//! own beside native-call, and before every turn some packets that are not timed: it begins with what
//! branch predictors learnt of itself, not of others. A figure is the median over the rounds, over that of native-call in the same
//! rounds, and of these the median over three passes over all filters. Only ratios within one run mean anything.

use std::process::ExitCode;

mod chain;
mod counts;
mod ebpf;
mod engine;
mod filters;
mod goals;
mod jit;
mod markdown;
mod native;
mod packets;
mod peers;
mod prepare;
mod table;
mod whole;

use packets::PacketSet;

const USAGE: &str = "usage: engines [--cold] [--filters] [--tables] [--smoke] [--whole] [--only NAME,NAME] \
                     [--filter TEXT]";

/// What is asked for.
#[derive(Debug, Default)]
struct Wanted {
    cold: bool,
    filters: bool,
    tables: bool,
    /// Runs under valgrind: [`counts`].
    counted: bool,
    smoke: bool,
    whole: bool,
    only: Option<Vec<String>>,
    filter: Option<String>,
}

impl Wanted {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wanted = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--cold" => wanted.cold = true,
                "--filters" => wanted.filters = true,
                "--tables" => (wanted.cold, wanted.filters, wanted.tables) = (true, true, true),
                counts::ARGUMENT => wanted.counted = true,
                "--smoke" => wanted.smoke = true,
                "--whole" => wanted.whole = true,
                "--only" => {
                    let names = arguments.next().ok_or(USAGE)?;
                    wanted.only = Some(names.split(',').map(str::to_owned).collect());
                }
                "--filter" => wanted.filter = Some(arguments.next().ok_or(USAGE)?),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(wanted)
    }
}

fn run(wanted: &Wanted) -> Result<(), String> {
    let rounds = if wanted.smoke { table::Rounds::SMOKE } else { table::Rounds::FULL };
    let pool = packets::pool()?;
    if wanted.whole {
        return whole::print(&PacketSet::mix(&pool), &rounds, wanted.filter.as_deref());
    }
    let filters = filters::compile(wanted.filter.as_deref())?;
    let engines = engine::all(wanted.only.as_deref())?;
    if wanted.counted {
        return counts::run(&engines, &filters, &PacketSet::mix(&pool));
    }
    let mut sets = vec![PacketSet::hot(&pool), PacketSet::mix(&pool)];
    if wanted.cold {
        sets.push(PacketSet::cold(&pool));
    }
    for set in &sets {
        println!("{}: {}", set.name, set.describe());
    }
    let measured = table::measure(&engines, &filters, &sets, &rounds, wanted.filters)?;
    table::print(&measured, &engines, &sets);
    goals::print(&measured, &engines, &sets);
    if wanted.tables {
        let counted = counts::count(&engines, &filters, wanted.only.as_deref(), wanted.filter.as_deref())?;
        markdown::print(&measured, &counted, &engines, &filters, &sets);
    }
    prepare::print(&filters)?;
    Ok(())
}

fn main() -> ExitCode {
    match Wanted::read(std::env::args().skip(1)).and_then(|wanted| run(&wanted)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("engines: {error}");
            ExitCode::FAILURE
        }
    }
}
