//! One filter, one engine, over the recorded packets: what `benches/instructions` counts the instructions of.
//!
//! ```text
//! instructions list                     the filters, one a line
//! instructions ENGINE NUMBER REPEAT     runs filter NUMBER; ENGINE is ours, plain (without preparation), jit, libpcap, or loop
//! ```
//!
//! All engines run the same program: the one that libpcap's compiler makes with its optimizer. Only [`measured`] is
//! counted: the engine and the loop around it, which the engine `loop` tells the price of.

use std::hint::black_box;
use std::process::ExitCode;

use bpf_core::{Metadata, Prepared, Profile, Program, SlicePacket, Step, bpf_validate};
use bpf_jit::CompiledFilter;
use snapgate_tests::mutate::{self, Sample};
use snapgate_tests::oracle::libpcap::{self, Machine, Options};

const EN10MB: u16 = 1;

/// From the shortest program to long ones, from loads at once to loads through X.
const FILTERS: [&str; 20] = [
    "",
    "less 100",
    "arp",
    "ip",
    "ip6",
    "tcp",
    "udp port 53",
    "tcp port 443",
    "host 192.0.2.2",
    "src net 192.0.2.0/24",
    "ip6 host 2001:db8:2::2",
    "ether host 33:33:00:00:00:16",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply",
    "vlan 100 and tcp port 80",
    "portrange 5000-6000 and not host 192.0.2.9",
    "ip[6:2] & 0x1fff != 0 or ip6[6] = 44",
    "host 192.0.2.1 or host 192.0.2.2 or host 192.0.2.3 or host 192.0.2.4 or host 192.0.2.5 or host 192.0.2.6",
    "not (tcp port 22 or tcp port 80 or tcp port 443 or udp port 53 or arp or icmp or icmp6 or igmp)",
];

enum Engine<'a> {
    Ours(Prepared<Box<[Step]>>),
    Plain(Program<&'a [bpf_core::RawInsn]>),
    Jit(CompiledFilter),
    Libpcap(Machine<'a>),
    Loop,
}

/// How many packets are accepted. Named so that a counter can be switched on at its door.
#[inline(never)]
fn measured(engine: &Engine<'_>, packets: &[Sample], repeat: u32) -> u64 {
    let mut accepted = 0;
    for _ in 0..repeat {
        match engine {
            Engine::Ours(program) => {
                for packet in packets {
                    let verdict = program.run(&SlicePacket::new(black_box(&packet.data), packet.wire_len));
                    accepted += u64::from(verdict != 0);
                }
            }
            Engine::Plain(program) => {
                for packet in packets {
                    let verdict = program.run(&SlicePacket::new(black_box(&packet.data), packet.wire_len));
                    accepted += u64::from(verdict != 0);
                }
            }
            Engine::Jit(filter) => {
                let known = Metadata::default();
                for packet in packets {
                    let verdict = filter.run(black_box(&packet.data), packet.wire_len, &known);
                    accepted += u64::from(verdict != 0);
                }
            }
            Engine::Libpcap(machine) => {
                for packet in packets {
                    accepted += u64::from(machine.run(black_box(&packet.data), packet.wire_len) != 0);
                }
            }
            Engine::Loop => {
                for packet in packets {
                    accepted += u64::from(!black_box(&packet.data).is_empty());
                }
            }
        }
    }
    accepted
}

fn run(arguments: &[String]) -> Result<(), String> {
    let [name, number, repeat] = arguments else {
        if arguments == ["list"] {
            for filter in FILTERS {
                println!("{filter}");
            }
            return Ok(());
        }
        return Err("usage: instructions list | instructions ENGINE NUMBER REPEAT".into());
    };
    let number: usize = number.parse().map_err(|error| format!("{number}: {error}"))?;
    let repeat = repeat.parse().map_err(|error| format!("{repeat}: {error}"))?;
    let filter = FILTERS.get(number).ok_or_else(|| format!("there are {} filters", FILTERS.len()))?;
    let program = libpcap::compile(filter, &Options { optimize: true, ..Options::plain(EN10MB) })?;
    let packets = mutate::recorded(Some(EN10MB))?;
    let verified = bpf_validate(&program[..], Profile::LIBPCAP).map_err(|error| error.to_string())?;
    let engine = match name.as_str() {
        "ours" => Engine::Ours(verified.prepare()),
        "jit" => Engine::Jit(CompiledFilter::new(&verified).map_err(|error| error.to_string())?),
        "plain" => Engine::Plain(verified),
        "libpcap" => Engine::Libpcap(Machine::new(&program).ok_or("libpcap refuses its own program")?),
        "loop" => Engine::Loop,
        other => return Err(format!("no engine is named {other}")),
    };
    let accepted = measured(&engine, &packets, repeat);
    println!("{} {} {}", program.len(), packets.len(), accepted / u64::from(repeat));
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("instructions: {error}");
            ExitCode::FAILURE
        }
    }
}
