//! Our compiler beside libpcap's: taken or refused, and the same verdicts.

mod mistyped;

use std::collections::BTreeMap;

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use bpf_core::opcode as op;
use bpf_core::{
    LoopingProgram, Profile, Program, RawInsn, SlicePacket, State, bpf_validate, bpf_validate_looping,
};

use crate::cases;
use crate::expression::{self, Setting};
use crate::mutate::Sample;
use crate::oracle::libpcap::{self, Machine};
use crate::rng::Rng;

pub use mistyped::excluded_mistyped;

/// Headers that `protochain` steps over here.
const CHAIN_DEPTH: u32 = 64;
/// Steps of libpcap's programs that loop.
const FUEL: u32 = 100_000;

/// What both compilers are asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The expression.
    pub text: &'a str,
    /// The DLT value.
    pub dlt: u16,
    /// The netmask, in host order.
    pub netmask: Option<u32>,
}

impl Question<'_> {
    /// Our program.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ours(&self) -> Result<Program<Vec<RawInsn>>, String> {
        let mut options = Options::new(LinkType(self.dlt));
        options.netmask = self.netmask;
        options.snap_len = libpcap::SNAPLEN;
        // libpcap follows chains of headers without end; packets here are too short for more than this.
        options.chain_depth = CHAIN_DEPTH;
        // libpcap only notices in its optimizer, which is no judge of what a filter means.
        options.allow_empty = true;
        compile(self.text, &options, &Embedded).map_err(|diagnostic| format!("{diagnostic:?}"))
    }

    /// libpcap's program, not optimized.
    ///
    /// # Errors
    /// What libpcap says.
    pub fn theirs(&self) -> Result<Vec<RawInsn>, String> {
        let netmask = self.netmask.unwrap_or(libpcap::NETMASK_UNKNOWN);
        libpcap::compile(self.text, &libpcap::Options { netmask, ..libpcap::Options::plain(self.dlt) })
    }

    /// What the two do not agree on, if anything.
    #[must_use]
    pub fn difference(&self, packets: &[Sample]) -> Option<String> {
        let (ours, theirs) = match (self.ours(), self.theirs()) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(_), Err(_)) => return None,
            (Ok(_), Err(error)) => return Some(format!("we take it, libpcap says: {error}")),
            (Err(error), Ok(_)) => return Some(format!("libpcap takes it, we say: {error}")),
        };
        let Some(judge) = Judge::new(self.text, &theirs) else {
            return Some("libpcap made a program that no machine runs".into());
        };
        let prepared = ours.prepare();
        let mut excused = None;
        for packet in packets {
            let view = SlicePacket::new(&packet.data, packet.wire_len);
            let (found, fast) = (ours.run(&view), prepared.run(&view));
            if fast != found {
                let bytes = cases::hex(&packet.data);
                return Some(format!(
                    "prepared {fast}, plain {found} on {bytes} of wire length {}",
                    packet.wire_len
                ));
            }
            let expected = judge.run(&packet.data, packet.wire_len);
            if found == expected {
                continue;
            }
            let bytes = cases::hex(&packet.data);
            let told =
                format!("ours {found}, libpcap's {expected} on {bytes} of wire length {}", packet.wire_len);
            if is_excused(self.text, &ours, &theirs, packet) {
                excused = Some(format!("{FOR_NOTHING}: {told}"));
            } else {
                return Some(told);
            }
        }
        excused
    }
}

/// What runs libpcap's program.
#[derive(Debug)]
pub enum Judge<'p> {
    /// libpcap's machine.
    Libpcap(Machine<'p>),
    /// Ours: libpcap 1.10 leaves in the scratch words what was there before; later ones, and our machine, clear them.
    Cleared(Program<&'p [RawInsn]>),
    /// Only with a bound on its steps.
    Looping(LoopingProgram<&'p [RawInsn]>),
}

impl<'p> Judge<'p> {
    /// What runs the program of this text; `None` if nothing does.
    #[must_use]
    pub fn new(text: &str, program: &'p [RawInsn]) -> Option<Self> {
        if text.contains("protochain") {
            return bpf_validate_looping(program).ok().map(Self::Looping);
        }
        if ["geneve", "pppoes"].iter().any(|word| text.contains(word)) {
            return bpf_validate(program, Profile::LIBPCAP).ok().map(Self::Cleared);
        }
        Machine::new(program).map(Self::Libpcap)
    }

    /// The verdict.
    #[must_use]
    pub fn run(&self, data: &[u8], wire_len: u32) -> u32 {
        match self {
            Self::Libpcap(machine) => machine.run(data, wire_len),
            Self::Cleared(program) => program.run(&SlicePacket::new(data, wire_len)),
            Self::Looping(program) => {
                program.run_with_fuel(&SlicePacket::new(data, wire_len), FUEL).unwrap_or(0)
            }
        }
    }
}

/// A difference that comes of a load only.
pub const FOR_NOTHING: &str = "a load that decides nothing ends libpcap's program";

/// Whether a program ends otherwise than by a return: by a load past the end, or a division by 0.
#[must_use]
pub fn ends_early(program: &[RawInsn], data: &[u8], wire_len: u32) -> bool {
    let mut last = 0;
    let mut observer = |_: u32, insn: RawInsn, _: &State| last = insn.code;
    let packet = SlicePacket::new(data, wire_len);
    if let Ok(machine) = bpf_validate(program, Profile::LIBPCAP) {
        machine.run_observed(&packet, &mut observer);
    } else if let Ok(machine) = bpf_validate_looping(program) {
        let _ = machine.run_observed(&packet, FUEL, &mut observer);
    } else {
        return false;
    }
    last & op::CLASS_MASK != op::RET
}

/// Whether a difference comes of loads that only libpcap 1.10 makes: its program ends early, and does not, or agrees, once
/// the missing bytes are there. (It may end early all the same, when an offset is out of any packet.)
fn is_excused(text: &str, ours: &Program<Vec<RawInsn>>, theirs: &[RawInsn], packet: &Sample) -> bool {
    let wire_len = packet.wire_len;
    let agrees = |data: &[u8]| {
        let theirs = Judge::new(text, theirs).map(|judge| judge.run(data, wire_len));
        theirs == Some(ours.run(&SlicePacket::new(data, wire_len)))
    };
    loads_for_nothing(theirs)
        && ends_early(theirs, &packet.data, wire_len)
        && [0, 1, 0x55, 0xff].into_iter().all(|byte| {
            let padded = [&packet.data[..], &[byte; 4096]].concat();
            ends_early(theirs, &padded, wire_len) || agrees(&padded)
        })
}

/// Whether libpcap 1.10 tests a constant, or loads a word of which the mask leaves nothing: later releases do neither, so
/// that less of the packet need be there.
#[must_use]
pub fn loads_for_nothing(program: &[RawInsn]) -> bool {
    program.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        let constant = first.code == op::LD | op::IMM && first.k <= 1;
        let tested = second.code == op::JMP | op::JEQ | op::K && second.k == 0;
        let loaded = first.code & !0x18 == op::LD | op::ABS || first.code & !0x18 == op::LD | op::IND;
        let masked = second.code == op::ALU | op::AND | op::K && second.k == 0;
        constant && tested || loaded && masked
    })
}

/// Differences in which libpcap 1.10.3 is no judge, by name; the tests at the end show each.
#[must_use]
pub fn excluded(text: &str, dlt: u16, difference: &str) -> Option<&'static str> {
    let refusals = ["division by zero", "modulus by zero", "shift by more than 31 bits"];
    if difference.starts_with("we take it") && refusals.iter().any(|text| difference.ends_with(text)) {
        return Some("the first instruction of an operand is taken for a constant");
    }
    if difference.starts_with("we take it") && difference.ends_with("Mask syntax for networks only") {
        return Some("a prefix after a direction without `net`");
    }
    if difference.starts_with(FOR_NOTHING) {
        return Some(FOR_NOTHING);
    }
    if dlt == 192 && difference.starts_with("we take it") && difference.contains("802.11") {
        return Some("1.10 does not know that PPI captures hold 802.11 frames");
    }
    let takes = difference.starts_with("libpcap takes it");
    let compares = difference.starts_with("ours ");
    let says = |what: &str| takes && difference.contains(what);
    let has = |words: &[&str]| {
        let mut found = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '!');
        found.any(|word| words.contains(&word.trim_start_matches('!')))
    };
    if says("do not tell their direction") || says("do not tell their interface") {
        return Some("1.10 makes Linux's extension loads for handles that are not live");
    }
    if says("have no ATM header") && has(&["lane", "geneve", "pppoes"]) {
        return Some("1.10 looks for ATM headers behind encapsulations");
    }
    let tells_lengths = [105, 117, 119, 127, 163, 192].contains(&dlt);
    if compares && (tells_lengths || has(&["geneve"])) && text.contains(['[', '=', '<', '>']) {
        return Some("libpcap computes in the scratch word that holds the length of a header");
    }
    if compares && tells_lengths && has(&["geneve", "pppoes"]) {
        return Some("libpcap forgets the length of the outer header behind an encapsulation");
    }
    if says("this is no address of DECnet") {
        return Some("1.10 takes any numbers for an address of DECnet");
    }
    if compares && has(&["byte"]) && text.contains(['&', '|']) {
        return Some("1.10 computes with the byte before it loads it");
    }
    if compares && has(&["outbound"]) {
        return Some("1.10 takes all but 0 in a SLIP header for packets that were sent");
    }
    if says("where this header lies") {
        return Some("libpcap reads behind a network header whose place it does not know");
    }
    let packet = difference.split(" on ").nth(1).and_then(|told| told.split(' ').next());
    let is_short = packet.is_some_and(|hex| hex.len() < 64);
    if compares && has(&["dpc", "hdpc"]) && is_short {
        return Some("1.10 loads the whole routing label for a destination point code");
    }
    let over_mpls = compares || difference.ends_with("unsupported protocol over mpls");
    if over_mpls && has(&["mpls"]) && has(&["geneve"]) {
        return Some("libpcap looks for labels inside of tunnels that are inside of labels");
    }
    if compares && has(&["decnet"]) && packet.is_some_and(|hex| hex.len() < 80) {
        return Some("1.10 compares the flags and the address of a short DECnet header one after the other");
    }
    if compares && has(&["protochain"]) && difference.contains("33") {
        return Some("libpcap steps over AH to another place than behind it");
    }
    if compares && has(&["l1", "l2", "iih", "lsp", "snp", "csnp", "psnp", "isis", "is-is"]) {
        return Some("1.10 compares all bits of the byte that holds the type of an IS-IS PDU");
    }
    if difference.starts_with("libpcap takes it") && difference.contains("OutOfRange") {
        return Some("numbers out of range");
    }
    None
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Expressions that both take.
    pub taken: usize,
    /// Expressions that we refuse.
    pub refused: usize,
    /// Verdicts that were not 0.
    pub accepted: usize,
    /// Verdicts.
    pub compared: usize,
}

/// Runs random expressions on one link type, over packets that `draw` makes; `whole` says whether they are out of the whole
/// language. Answers what was compared.
///
/// # Panics
/// A difference that no exclusion names: told by the shortest expression and packet that show it.
pub fn differential(
    name: &str,
    dlt: u16,
    normal: u64,
    whole: bool,
    mut draw: impl FnMut(&mut Rng) -> Sample,
) -> Counts {
    let mut left_out = BTreeMap::new();
    let mut counts = Counts::default();
    cases::run(&format!("expressions on {name}"), normal, |rng: &mut Rng| {
        let primitives = *rng.pick(&[1, 2, 4, 8, 20]);
        let text = expression::expression(rng, &Setting { dlt, primitives, whole, extended: false });
        let netmask = rng.one_in(2).then_some(0xffff_ff00);
        let packets: Vec<_> = (0..20).map(|_| draw(rng)).collect();
        let question = Question { text: &text, dlt, netmask };
        if let Ok(program) = question.ours() {
            counts.taken += 1;
            counts.compared += packets.len();
            let verdicts = packets.iter().map(|p| program.run(&SlicePacket::new(&p.data, p.wire_len)));
            counts.accepted += verdicts.filter(|verdict| *verdict != 0).count();
        } else {
            counts.refused += 1;
        }
        let Some(difference) = question.difference(&packets) else { return Ok(()) };
        if let Some(reason) = excluded(&text, dlt, &difference) {
            *left_out.entry(reason).or_insert(0) += 1;
            return Ok(());
        }
        let kind = |what: &str| what.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let same = |question: &Question<'_>| {
            question.difference(&packets).is_some_and(|other| kind(&other) == kind(&difference))
        };
        let bare = Question { netmask: None, ..question };
        let question = if same(&bare) { bare } else { question };
        let small = expression::shrink(&text, |text| same(&Question { text, ..question }));
        let question = Question { text: &small, ..question };
        let why = question.difference(&packets).unwrap_or_default();
        Err(format!("{name} '{small}' netmask {:x?}: {why}", question.netmask))
    });
    println!("{name}: {counts:?}; left out {left_out:?}");
    counts
}
