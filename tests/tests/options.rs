//! Laws of the compiler's options, on random filters of the whole language, on many link types, over packets of them, whole and cut.
//!
//! | option | law |
//! | --- | --- |
//! | `optimize` | changes no verdict, whatever the other options are; so does each pass alone, and all without one of them |
//! | `scoped` | changes nothing in filters without encapsulations; `(a) or (b)` is `(b) or (a)` |
//! | `ipv6_extensions` | changes nothing for packets without IPv6 |
//! | `target` | Linux's program has the portable one's verdict where no tag was taken out of the packet |
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use bpf_compile::diagnostic::Code;
use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::opt::{Goal, Pass, Passes};
use bpf_compile::syntax::{Dialect, parse_as};
use bpf_compile::{LoopbackFamilies, Options, Target, compile};
use bpf_core::{Metadata, Program, RawInsn, SlicePacket, Vlan};
use snapgate_tests::expression::{self, Setting};
use snapgate_tests::frames::{self, LINK_TYPES};
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::rng::Rng;
use snapgate_tests::{cases, compare};

/// Link types on which libpcap 1.10 is no judge, and one of which nothing is known.
const OTHERS: [u16; 6] = [7, 129, 147, 165, 281, 284];
/// Words that move what stands behind them.
const ENCAPSULATIONS: &str = "vlan mpls pppoes geneve vxlan gre erspan gtp l2tp lane";
/// Cut at every length up to here.
const CUT_BYTES_MAX: usize = 200;

/// What a law is held against.
#[derive(Clone, Debug)]
struct Scene {
    text: String,
    /// A second filter, for laws about two.
    other: String,
    options: Options,
    packets: Vec<Sample>,
    /// What is known beside the packets.
    known: Metadata,
}

impl Scene {
    fn draw(rng: &mut Rng, pool: &[Sample]) -> Self {
        let dlt = if rng.one_in(10) { *rng.pick(&OTHERS) } else { rng.pick(&LINK_TYPES).1 };
        // Most encapsulations are looked for behind Ethernet.
        let dlt = if rng.one_in(4) { 1 } else { dlt };
        let mut options = options(rng, dlt);
        let extended = options.dialect == Dialect::Extended;
        let mut filter = || {
            let primitives = *rng.pick(&[1, 2, 4, 8]);
            expression::expression(rng, &Setting { dlt, primitives, whole: true, extended })
        };
        let (text, other) = (filter(), filter());
        // Long walks make long programs, and those take long to make.
        if text.len() > 200 {
            options.chain_depth = options.chain_depth.min(3);
        }
        let mut packets: Vec<Sample> = (0..10).map(|_| frames::draw(rng, dlt, pool)).collect();
        if rng.one_in(8) {
            let whole = frames::frame(rng, dlt, pool).cut(CUT_BYTES_MAX);
            packets.extend(mutate::every_cut(&whole));
        }
        Self { text, other, options, packets, known: known(rng) }
    }

    /// The filter with options that `change` changes.
    fn compiled(&self, change: impl FnOnce(&mut Options)) -> Compiled {
        let mut options = self.options;
        change(&mut options);
        compiled(&self.text, &options)
    }

    fn run(&self, program: &Program<Vec<RawInsn>>, packet: &Sample) -> u32 {
        program.run(&SlicePacket::with_metadata(&packet.data, packet.wire_len, self.known))
    }

    /// Holds the programs against each other on all packets, and answers how many verdicts were compared, and how many accept.
    fn agree(&self, [one, other]: &[Program<Vec<RawInsn>>; 2]) -> Law {
        let mut accepted = 0;
        for packet in &self.packets {
            let (first, second) = (self.run(one, packet), self.run(other, packet));
            if first != second {
                let (bytes, wire_len) = (cases::hex(&packet.data), packet.wire_len);
                return Err(format!("{first} and {second} on {bytes} of wire length {wire_len}"));
            }
            accepted += usize::from(first != 0);
        }
        Ok((self.packets.len(), accepted))
    }
}

/// Verdicts, and those of them that accept; or what is wrong.
type Law = Result<(usize, usize), String>;

/// Nothing was compared.
const NOTHING: Law = Ok((0, 0));

fn options(rng: &mut Rng, dlt: u16) -> Options {
    let mut options = Options::new(LinkType(dlt));
    options.netmask = rng.one_in(2).then_some(0xffff_ff00);
    options.loopback_families = *rng.pick(&[LoopbackFamilies::Linux, LoopbackFamilies::Savefile]);
    options.target = *rng.pick(&Target::ALL);
    options.scoped = rng.one_in(2);
    options.ipv6_extensions = rng.one_in(2);
    options.dialect = *rng.pick(&[Dialect::PcapFilter, Dialect::Extended]);
    options.chain_depth = 1 + rng.word_below(8);
    options.allow_empty = true;
    options.goal = *rng.pick(&[Goal::Speed, Goal::Size]);
    options.passes = match (rng.word_below(3), *rng.pick(&Pass::ALL)) {
        (0, pass) => Passes::only(pass),
        (1, pass) => Passes::ALL.without(pass),
        _ => Passes::ALL,
    };
    options
}

fn known(rng: &mut Rng) -> Metadata {
    let tagged = Vlan::Tagged { tci: *rng.pick(&[0, 10, 100]), tpid: 0x8100 };
    Metadata {
        vlan: *rng.pick(&[None, Some(Vlan::Untagged), Some(tagged), Some(tagged)]),
        pkt_type: *rng.pick(&[None, Some(0), Some(4)]),
        if_index: *rng.pick(&[None, Some(0), Some(3)]),
        ..Metadata::default()
    }
}

type Compiled = Result<Program<Vec<RawInsn>>, Code>;

fn compiled(text: &str, options: &Options) -> Compiled {
    compile(text, options, &Embedded).map_err(|error| error.code)
}

/// Both programs; nothing if both are refused for the same reason, or one because of its size or its instructions.
fn both(one: Compiled, other: Compiled) -> Result<Option<[Program<Vec<RawInsn>>; 2]>, String> {
    let is_size = |code: Code| matches!(code, Code::ProgramTooLong | Code::TooComplex | Code::TargetRefuses);
    match (one, other) {
        (Ok(one), Ok(other)) => Ok(Some([one, other])),
        (Err(code), _) | (_, Err(code)) if is_size(code) => Ok(None),
        (Err(one), Err(other)) if one == other && one != Code::Internal => Ok(None),
        (one, other) => Err(format!("{:?} and {:?}", one.map(|_| ()), other.map(|_| ()))),
    }
}

/// Holds a law against random scenes.
fn hold(name: &str, normal: u64, law: impl Fn(&Scene) -> Law) {
    let pool = mutate::recorded(Some(1)).unwrap();
    let (mut scenes, mut verdicts, mut accepted) = (0_u64, 0, 0);
    cases::run(name, normal, |rng| {
        let mut scene = Scene::draw(rng, &pool);
        match law(&scene) {
            Ok((compared, accepts)) => {
                scenes += u64::from(compared > 0);
                verdicts += compared;
                accepted += accepts;
                return Ok(());
            }
            Err(_) => {
                let before = scene.clone();
                let fails = |scene: Scene| law(&scene).is_err();
                scene.text = expression::shrink(&before.text, |text| {
                    fails(Scene { text: text.into(), ..before.clone() })
                });
                let before = scene.clone();
                scene.other = expression::shrink(&before.other, |text| {
                    fails(Scene { other: text.into(), ..before.clone() })
                });
            }
        }
        let Scene { text, other, options, known, .. } = &scene;
        let why = law(&scene).unwrap_err();
        Err(format!("'{text}' and '{other}': {why}\n  {options:?}\n  {known:?}"))
    });
    println!("{name}: {verdicts} verdicts of {scenes} filters, {accepted} accept");
    if std::env::var_os("SNAPGATE_CASE").is_none() {
        assert!(scenes * 5 > cases::count(normal), "{name}: {scenes} filters were compared");
        assert!(
            accepted * 8 > verdicts && accepted * 8 < verdicts * 7,
            "{name}: {accepted} of {verdicts} accept"
        );
    }
}

#[test]
fn optimizing_changes_no_verdict() {
    hold("optimized or not", 4_000, |scene| {
        let plain = scene.compiled(|options| options.optimize = false);
        let optimized = scene.compiled(|options| options.optimize = true);
        let (plain_is_taken, code) = (plain.is_ok(), optimized.as_ref().err());
        if let (true, Some(code)) = (plain_is_taken, code) {
            return Err(format!("only optimized it is refused: {code:?}"));
        }
        let Some(programs) = both(plain, optimized)? else { return NOTHING };
        scene.agree(&programs)
    });
}

#[test]
fn scopes_mean_nothing_without_encapsulations() {
    hold("scoped or not", 4_000, |scene| {
        let mut words = scene.text.split(|c: char| !c.is_ascii_alphanumeric());
        if words.any(|word| ENCAPSULATIONS.split(' ').any(|one| one == word)) {
            return NOTHING;
        }
        let scoped = scene.compiled(|options| options.scoped = true);
        let loose = scene.compiled(|options| options.scoped = false);
        let Some(programs) = both(scoped, loose)? else { return NOTHING };
        scene.agree(&programs)
    });
}

#[test]
fn scoped_alternatives_mean_the_same_in_either_order() {
    hold("alternatives in either order", 4_000, |scene| {
        let Scene { text, other, .. } = scene;
        let mut options = scene.options;
        (options.scoped, options.target) = (true, Target::Portable);
        let alone = |text: &str| !text.trim().is_empty() && parse_as(text, options.dialect).is_ok();
        if !alone(text) || !alone(other) {
            return NOTHING;
        }
        let one = compiled(&format!("({text}) or ({other})"), &options);
        let two = compiled(&format!("({other}) or ({text})"), &options);
        // Which of two mistakes is told depends on the order.
        if let (Err(one), Err(two)) = (&one, &two)
            && *one != Code::Internal
            && *two != Code::Internal
        {
            return NOTHING;
        }
        let Some(programs) = both(one, two)? else { return NOTHING };
        let mut long = scene.clone();
        for packet in &mut long.packets {
            packet.data.extend([0; 256]);
            *packet = Sample::whole(std::mem::take(&mut packet.data));
        }
        // A packet that is too short for one side is rejected, if that side is looked at.
        let reaches = |program: &Program<Vec<RawInsn>>, packet: &Sample| {
            !compare::ends_early(program.insns(), &packet.data, packet.wire_len)
        };
        long.packets.retain(|packet| programs.iter().all(|program| reaches(program, packet)));
        long.agree(&programs)
    });
}

/// The packet with all bytes changed that could make something in it IPv6, whatever it is looked at as.
fn without_ipv6(packet: &Sample) -> Sample {
    let other = |byte: u8| match byte {
        // The version in the first byte of IPv6.
        0x60..=0x6f => byte | 0x10,
        // EtherType 0x86dd, PPP 0x0057, NLPID 0x8e, ARCNET 0xc4, address families of the systems.
        0xdd | 0x57 | 0x8e | 0xc4 | 10 | 24 | 26 | 28 | 30 => byte ^ 0x40,
        _ => byte,
    };
    let data = packet.data.iter().map(|byte| other(*byte)).collect();
    Sample { data, wire_len: packet.wire_len }
}

#[test]
fn extension_headers_mean_nothing_without_ipv6() {
    hold("extension headers or not", 4_000, |scene| {
        let mut scene = scene.clone();
        scene.packets = scene.packets.iter().map(without_ipv6).collect();
        let ip6 = compiled("ip6", &scene.options);
        // On some link types each packet is one of IPv6, or may be.
        let Ok(ip6) = ip6 else { return NOTHING };
        if scene.packets.iter().any(|packet| scene.run(&ip6, packet) != 0) {
            return NOTHING;
        }
        let with = scene.compiled(|options| options.ipv6_extensions = true);
        let without = scene.compiled(|options| options.ipv6_extensions = false);
        let Some(programs) = both(with, without)? else { return NOTHING };
        scene.agree(&programs)
    });
}

#[test]
fn linux_programs_mean_the_same_where_no_tag_was_taken_out() {
    hold("portable or Linux", 4_000, |scene| {
        let mut scene = scene.clone();
        scene.known.vlan = Some(Vlan::Untagged);
        // Without scopes the first `vlan` moves what stands behind it only where it is looked at, as in libpcap: always here.
        if !scene.options.scoped && scene.text.contains("vlan") {
            scene.text =
                format!("vlan {} ({})", if scene.other.len() % 2 == 0 { "and" } else { "or" }, scene.text);
        }
        let portable = scene.compiled(|options| options.target = Target::Portable);
        // Linux tells directions and interfaces where packets do not.
        if portable.as_ref().err() == Some(&Code::LinkType) {
            return NOTHING;
        }
        let linux = scene.compiled(|options| options.target = Target::Linux);
        let Some(programs) = both(portable, linux)? else { return NOTHING };
        scene.agree(&programs)
    });
}
