//! The whole product beside the whole peer: our compiler's program on our engines, libpcap's program on `bpf_filter`.
//!
//! Both programs are optimized. On packets that were cut off inside of a header libpcap's optimizer may decide otherwise than its
//! own plain program; so ours is held against the plain one.
//!
//! Every engine, libpcap's too, has its rounds beside a predicate in Rust that looks at the same fields, and never behind another engine.
//! libpcap's run over a list takes so long that others take the shared cache meanwhile: for the next five passes all that take one packet
//! at a time need up to three times as long, the predicate too. (So times are not those over the predicate's, either.) A product has no
//! such run before it.

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_core::{Profile, Program, RawInsn, SlicePacket, bpf_validate};
use bpf_jit::CompiledFilter;
use snapgate_tests::compare;
use snapgate_tests::lists::{Kind, List};
use snapgate_tests::oracle::libpcap::{self, Machine};

use crate::engine::{Steps, StepsBatch};
use crate::filters::{self, EN10MB, FILTERS};
use crate::jit::{Batch, Jit};
use crate::native::{self, Called, Native};
use crate::packets::{PacketSet, View};
use crate::peers::Libpcap;
use crate::table::{self, Ready, Rounds};

/// How many elements the lists have.
const TERMS: usize = 100;
/// Each with a predicate that looks at the same fields.
const LISTS: [(&str, Kind, Native); 3] = [
    ("hosts", Kind::Hosts, native::HOST),
    ("nets", Kind::Nets, native::HOST),
    ("ports", Kind::Ports, native::PORT_RANGE),
];
const COLUMNS: [&str; 4] = ["interpreter", "interpreter-batch", "jit", "jit-batch"];

/// A filter in both forms.
struct Pair {
    name: String,
    is_list: bool,
    native: Native,
    ours: Program<Vec<RawInsn>>,
    theirs: Vec<RawInsn>,
    theirs_plain: Vec<RawInsn>,
}

impl Pair {
    fn new(name: &str, text: &str, native: Native, is_list: bool) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Debug| format!("'{name}': {error:?}");
        let mut options = bpf_compile::Options::new(LinkType(EN10MB));
        options.snap_len = libpcap::SNAPLEN;
        let ours = bpf_compile::compile(text, &options, &Embedded).map_err(|error| failed(&error))?;
        let theirs = |optimize| {
            let options = libpcap::Options { optimize, ..libpcap::Options::plain(EN10MB) };
            libpcap::compile(text, &options).map_err(|error| failed(&error))
        };
        let name = name.chars().take(60).collect();
        Ok(Self { name, is_list, native, ours, theirs: theirs(true)?, theirs_plain: theirs(false)? })
    }

    /// Both accept the same packets.
    fn agrees(&self, views: &[View<'_>]) -> Result<(), String> {
        let plain =
            bpf_validate(&self.theirs_plain[..], Profile::LIBPCAP).map_err(|error| error.to_string())?;
        for view in views {
            let packet = SlicePacket::new(view.bytes, view.wire_len);
            let (ours, theirs) = (self.ours.run(&packet), plain.run(&packet));
            let excused = || compare::ends_early(&self.theirs_plain, view.bytes, view.wire_len);
            if ours != theirs && !excused() {
                return Err(format!("'{}': our verdict {ours}, libpcap's {theirs}", self.name));
            }
        }
        Ok(())
    }

    /// libpcap, and our engines in the order of [`COLUMNS`].
    fn ready(&self) -> Result<Vec<Ready<'_>>, String> {
        let machine = Machine::new(&self.theirs).ok_or("libpcap refuses its own program")?;
        let code = CompiledFilter::new(&self.ours).map_err(|error| error.to_string())?;
        Ok(vec![
            Some(Box::new(Libpcap(machine))),
            Some(Box::new(Steps(self.ours.prepare()))),
            Some(Box::new(StepsBatch(self.ours.prepare()))),
            Some(Box::new(Jit(code.clone()))),
            Some(Box::new(Batch(code))),
        ])
    }
}

/// Measures and prints; if only one is asked for, that filter or list.
///
/// # Errors
/// A filter does not compile, or the two do not mean the same, or there is none of that name.
pub(crate) fn print(set: &PacketSet, rounds: &Rounds, only: Option<&str>) -> Result<(), String> {
    let is_wanted = |name: &str| only.is_none_or(|only| only == name);
    let mut pairs = Vec::new();
    for (text, native) in FILTERS.iter().filter(|(text, _)| is_wanted(text)) {
        pairs.push(Pair::new(text, text, *native, false)?);
    }
    for (kind_name, kind, native) in LISTS {
        let name = format!("{TERMS} {kind_name}");
        if is_wanted(&name) {
            pairs.push(Pair::new(&name, &List::new(kind, TERMS).text(), native, true)?);
        }
    }
    if pairs.is_empty() {
        let lists = LISTS.map(|(kind_name, ..)| format!("\n  {TERMS} {kind_name}")).concat();
        return Err(format!("--whole --filter: {}{lists}", filters::one_of_these()));
    }
    let views = set.views();
    println!(
        "\nthe whole product over libpcap and its machine, {}: instructions, ns per packet, ratios",
        set.name
    );
    print!("{:>8}{:>6}{:>10}", "libpcap", "ours", "libpcap");
    for name in COLUMNS {
        print!("{name:>19}");
    }
    println!("   filter");
    for pair in &pairs {
        pair.agrees(&views)?;
    }
    let mut passes = vec![Vec::new(); pairs.len()];
    for _ in 0..rounds.passes {
        for (pair, passes) in pairs.iter().zip(&mut passes) {
            let beside = Called(pair.native.call);
            let times = table::as_measured(&pair.ready()?, &beside, &views, set.parts, rounds);
            passes
                .push(times.into_iter().collect::<Option<Vec<f64>>>().ok_or("an engine cannot do a filter")?);
        }
    }
    let mut ratios = Vec::new();
    for (pair, passes) in pairs.iter().zip(&passes) {
        let over_passes = |of: &dyn Fn(&[f64]) -> Option<f64>| {
            table::median(passes.iter().filter_map(|times| of(times)).collect())
        };
        let theirs = over_passes(&|times| times.first().copied());
        print!("{:8}{:6}{theirs:10.2}", pair.theirs.len(), pair.ours.insns().len());
        let mut of_pair = Vec::new();
        for engine in 1..=COLUMNS.len() {
            let time = over_passes(&|times| times.get(engine).copied());
            let ratio = over_passes(&|times| Some(times.get(engine)? / times.first()?));
            print!("{time:>12.2}{ratio:>7.2}");
            of_pair.push(ratio);
        }
        println!("   {}", pair.name);
        ratios.push((pair.is_list, of_pair));
    }
    let mean = |number: usize| {
        let all = ratios.iter().filter(|(is_list, _)| !is_list);
        table::geometric_mean(all.filter_map(|(_, ratios)| ratios.get(number).copied()))
    };
    if ratios.iter().any(|(is_list, _)| !is_list) {
        print!("{:24}", "mean, without lists");
        for number in 0..COLUMNS.len() {
            print!("{:12}{:7.2}", "", mean(number));
        }
    }
    println!("   floors 0.80, JIT 0.40; aims 0.50, 0.28; lists of 100: 0.15, 0.05");
    Ok(())
}
