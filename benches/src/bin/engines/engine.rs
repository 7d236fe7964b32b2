//! What an engine is, and the list of all of them.
//!
//! A new engine is one item of [`ENGINES`] and a type with [`Prepared`]: `accepted` is the loop that is timed, written once for each
//! engine, so that a call of the engine is compiled into it as a user's program would have it.

use bpf_core::{Profile, Program, RawInsn, SlicePacket, Step, bpf_validate};

use crate::filters::Filter;
use crate::packets::View;
use crate::{chain, jit, native, peers};

/// A filter, ready to run.
pub(crate) trait Prepared {
    /// How many of the packets it accepts. This is what is timed.
    fn accepted(&self, packets: &[View<'_>]) -> u64;
}

/// Makes a filter ready. `None`: the engine cannot do this one, and is compared over the others.
type Prepare = for<'a> fn(&'a Filter) -> Result<Option<Box<dyn Prepared + 'a>>, String>;

/// One row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) prepare: Prepare,
}

/// What all are compared with: a predicate behind an indirect call, the limit of an engine that is called for each packet.
pub(crate) const BASELINE: &str = "native-call";

/// The interpreter that everybody has.
pub(crate) const PEER: &str = "libpcap";

/// All engines, in the order of the table.
const ENGINES: &[Engine] = &[
    Engine { name: "native-inlined", prepare: native::inlined },
    Engine { name: BASELINE, prepare: native::called },
    Engine { name: PEER, prepare: peers::libpcap },
    Engine { name: "netbsd-jit", prepare: peers::netbsd },
    Engine { name: "rbpf", prepare: peers::rbpf },
    Engine { name: "rbpf-jit", prepare: peers::rbpf_jit },
    Engine { name: "interpreter", prepare: interpreter },
    Engine { name: "prepared", prepare: prepared },
    Engine { name: "prepared-batch", prepare: prepared_batch },
    Engine { name: "chain-1", prepare: chain::one },
    Engine { name: "chain-2", prepare: chain::two },
    Engine { name: "chain-2-ports", prepare: chain::two_before_ports },
    Engine { name: "jit", prepare: jit::called },
    Engine { name: "jit-batch", prepare: jit::batched },
];

/// Those whose names are given, and the native ones.
pub(crate) fn all(only: Option<&[String]>) -> Result<Vec<Engine>, String> {
    let Some(only) = only else { return Ok(ENGINES.to_vec()) };
    if let Some(unknown) = only.iter().find(|name| ENGINES.iter().all(|engine| engine.name != **name)) {
        let names: Vec<_> = ENGINES.iter().map(|engine| engine.name).collect();
        return Err(format!("no engine is named {unknown}; there are {}", names.join(", ")));
    }
    let wanted =
        |engine: &&Engine| engine.name.starts_with("native") || only.iter().any(|name| name == engine.name);
    Ok(ENGINES.iter().filter(wanted).copied().collect())
}

/// The interpreter over verified instructions as they are.
struct Interpreter<'a>(Program<&'a [RawInsn]>);

impl Prepared for Interpreter<'_> {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let run = |packet: &View<'_>| self.0.run(&SlicePacket::new(packet.bytes, packet.wire_len));
        packets.iter().map(|packet| u64::from(run(packet) != 0)).sum()
    }
}

fn interpreter(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    let program = bpf_validate(&filter.program[..], Profile::LIBPCAP).map_err(|error| error.to_string())?;
    Ok(Some(Box::new(Interpreter(program))))
}

/// The interpreter over prepared steps.
pub(crate) struct Steps(pub(crate) bpf_core::Prepared<Box<[Step]>>);

impl Prepared for Steps {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let run = |packet: &View<'_>| self.0.run(&SlicePacket::new(packet.bytes, packet.wire_len));
        packets.iter().map(|packet| u64::from(run(packet) != 0)).sum()
    }
}

/// The same, many packets with one call.
pub(crate) struct StepsBatch(pub(crate) bpf_core::Prepared<Box<[Step]>>);

impl Prepared for StepsBatch {
    fn accepted(&self, packets: &[View<'_>]) -> u64 {
        let mut accepted = 0;
        let views = packets.iter().map(|packet| SlicePacket::new(packet.bytes, packet.wire_len));
        self.0.run_each(views, |verdict| accepted += u64::from(verdict != 0));
        accepted
    }
}

/// A program in its prepared form.
pub(crate) fn steps(program: &[RawInsn]) -> Result<bpf_core::Prepared<Box<[Step]>>, String> {
    let program = bpf_validate(program, Profile::LIBPCAP).map_err(|error| error.to_string())?;
    Ok(program.prepare())
}

fn prepared(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(Steps(steps(&filter.program)?))))
}

fn prepared_batch(filter: &Filter) -> Result<Option<Box<dyn Prepared + '_>>, String> {
    Ok(Some(Box::new(StepsBatch(steps(&filter.program)?))))
}
