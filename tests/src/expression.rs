//! Filter expressions out of a grammar: the primitives of everyday use in every combination, most of them valid, some not
//! (a quarter joins what may not be joined, and some have their words shuffled), and with addresses, ports and numbers that the recorded packets have.
//!
//! Left out, because Debian's libpcap 1.10.3 cannot judge it (each has a test by name in `libpcap_compiler.rs`):
//!
//! | what | why |
//! | --- | --- |
//! | `ip multicast` | 1.10 also accepts 240.0.0.0/4 |
//! | host and network names | libpcap would ask the network |
//! | numbers out of range | 1.10 takes some that later releases refuse |

use crate::rng::Rng;

mod rare;

/// Where the expression will be used; a few primitives only exist on some link types.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The DLT value.
    pub dlt: u16,
    /// How many primitives to join at most.
    pub primitives: usize,
    /// Whether to use the whole language, and not only what is used every day.
    pub whole: bool,
    /// Whether to use the extended language.
    pub extended: bool,
}

/// How one expression is made.
struct Grammar {
    ethernet: bool,
    /// The DLT value, if the whole language is used.
    whole: Option<u16>,
    extended: bool,
    /// Joins also what may not be joined.
    loose: bool,
    /// Primitives left to make.
    left: usize,
}

const DIRECTIONS: [&str; 6] = ["src", "dst", "src or dst", "src and dst", "dst or src", "dst and src"];
const HOSTS4: [&str; 12] = [
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.3",
    "198.51.100.2",
    "203.0.113.1",
    "203.0.113.2",
    "224.0.0.251",
    "255.255.255.255",
    "0.0.0.0",
    "127.0.0.1",
    "10",
    "192.0.2",
];
const HOSTS6: [&str; 8] = [
    "2001:db8:1::2",
    "2001:db8:2::2",
    "2001:db8:3::1",
    "ff02::fb",
    "::1",
    "::",
    "::ffff:192.0.2.1",
    "2001:db8:1::3",
];
const NETS4: [&str; 12] = [
    "192.0.2.0/24",
    "192.0.2",
    "192",
    "10",
    "198.51.100.0/23",
    "198.51.100.0 mask 255.255.255.0",
    "0.0.0.0/0",
    "203.0.113.2/32",
    "192.0/16",
    "128.0.0.0/1",
    "192.0.2.0 mask 255.0.255.0",
    "198.51",
];
const NETS6: [&str; 6] =
    ["2001:db8::/32", "2001:db8:1::/48", "::/0", "ff00::/8", "2001:db8:2::2/128", "2001:db8:2::/47"];
const MACS: [&str; 6] = [
    "ff:ff:ff:ff:ff:ff",
    "33:33:00:00:00:16",
    "01:00:5e:00:00:fb",
    "01-80-c2-00-00-00",
    "0000.5e00.5301",
    "01.00.5e.00.00.16",
];
const PORTS: [&str; 16] = [
    "80", "443", "53", "22", "5353", "67", "68", "4000", "81", "1900", "0", "65535", "http", "domain", "ssh",
    "https",
];
const RANGES: [&str; 7] = ["1-1024", "53-80", "443-443", "5000-6000", "80-53", "0-65535", "22-http"];
const PORT_PROTOCOLS: [&str; 6] = ["", "tcp", "udp", "sctp", "ip", "ip6"];
/// Single words that are whole primitives, those that every link type has first.
const WORDS: [&str; 23] = [
    "ip",
    "ip6",
    "arp",
    "rarp",
    "tcp",
    "udp",
    "sctp",
    "icmp",
    "icmp6",
    "igmp",
    "ah",
    "esp",
    "pim",
    "vrrp",
    "carp",
    "igrp",
    "ip6 multicast",
    "ether broadcast",
    "broadcast",
    "multicast",
    "ether multicast",
    "ip broadcast",
    "link multicast",
];
const WORDS_EVERYWHERE: usize = 17;
const IP_PROTOCOLS: [&str; 18] = [
    "0", "1", "2", "6", "17", "41", "44", "47", "50", "58", "89", "132", "255", "\\tcp", "\\udp", "\\icmp",
    "\\igmp", "\\sctp",
];
const LINK_PROTOCOLS: [&str; 12] = [
    "0x800", "0x86dd", "0x806", "\\ip", "\\arp", "\\ip6", "\\rarp", "0x8100", "0x88cc", "66", "1500", "0x600",
];
/// What bytes can be taken of, and how far into it is worth looking.
const INDEXED: [(&str, usize); 17] = [
    ("ether", 20),
    ("link", 20),
    ("ip", 44),
    ("ip6", 60),
    ("arp", 28),
    ("rarp", 28),
    ("tcp", 24),
    ("udp", 12),
    ("sctp", 16),
    ("icmp", 12),
    ("icmp6", 12),
    ("igmp", 12),
    ("pim", 8),
    ("vrrp", 12),
    ("carp", 8),
    ("igrp", 8),
    ("ip", 20),
];
const NAMED: [&str; 26] = [
    "icmptype",
    "icmpcode",
    "icmp-echo",
    "icmp-echoreply",
    "icmp-unreach",
    "icmp-timxceed",
    "icmp-redirect",
    "icmp-tstamp",
    "icmp6type",
    "icmp6code",
    "icmp6-echo",
    "icmp6-echoreply",
    "icmp6-neighborsolicit",
    "icmp6-neighboradvert",
    "icmp6-routersolicit",
    "icmp6-destinationunreach",
    "icmp6-packettoobig",
    "tcpflags",
    "tcp-syn",
    "tcp-fin",
    "tcp-rst",
    "tcp-push",
    "tcp-ack",
    "tcp-urg",
    "tcp-ece",
    "tcp-cwr",
];
const COMPARES: [&str; 7] = ["=", "==", "!=", "<", ">", "<=", ">="];
const OPERATORS: [&str; 10] = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"];
const NUMBERS: [&str; 22] = [
    "0",
    "1",
    "2",
    "4",
    "5",
    "6",
    "8",
    "14",
    "15",
    "16",
    "20",
    "31",
    "0xf",
    "0xff",
    "0xf0",
    "017",
    "255",
    "256",
    "1500",
    "0xffff",
    "0x7fffffff",
    "0xffffffff",
];

/// One expression.
#[must_use]
pub fn expression(rng: &mut Rng, setting: &Setting) -> String {
    if rng.one_in(60) {
        return String::new();
    }
    let left = 1 + rng.below(setting.primitives.max(1));
    let whole = setting.whole.then_some(setting.dlt);
    let mut grammar =
        Grammar { ethernet: setting.dlt == 1, whole, extended: setting.extended, loose: rng.one_in(4), left };
    let text = term(rng, &mut grammar, 4);
    if rng.one_in(16) { damaged(rng, &text) } else { text }
}

fn term(rng: &mut Rng, grammar: &mut Grammar, depth: usize) -> String {
    let mut text = unary(rng, grammar, depth);
    while grammar.left > 0 && !rng.one_in(6) {
        let joint = *rng.pick(&[" and ", " or ", " and ", " or ", " && ", " || ", " and not ", " or not "]);
        text.push_str(joint);
        if grammar.loose && rng.one_in(6) {
            grammar.left -= 1;
            text.push_str(&inherited(rng));
        } else {
            text.push_str(&unary(rng, grammar, depth));
        }
    }
    text
}

fn unary(rng: &mut Rng, grammar: &mut Grammar, depth: usize) -> String {
    match rng.below(10) {
        0 => format!("not {}", primitive(rng, grammar)),
        1 => format!("! {}", primitive(rng, grammar)),
        2 | 3 if depth > 0 && grammar.left > 1 => {
            let inner = term(rng, grammar, depth - 1);
            let not = *rng.pick(&["", "", "not ", "!"]);
            format!("{not}({inner})")
        }
        _ => primitive(rng, grammar),
    }
}

/// A bare id: it takes its qualifiers from what stands before, where something does.
fn inherited(rng: &mut Rng) -> String {
    let pool: &[&str] = match rng.below(4) {
        0 => &HOSTS4,
        1 => &HOSTS6,
        _ => &PORTS,
    };
    let id = *rng.pick(pool);
    if rng.one_in(4) { format!("({id} or {})", rng.pick(pool)) } else { id.to_owned() }
}

fn joined(parts: &[&str]) -> String {
    let present: Vec<_> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    present.join(" ")
}

/// A direction, mostly none.
fn direction(rng: &mut Rng) -> &'static str {
    let direction = *rng.pick(&DIRECTIONS);
    if rng.one_in(2) { "" } else { direction }
}

/// A primitive that may be followed by ids with the same qualifiers.
fn with_more(rng: &mut Rng, qualifiers: &[&str], ids: &[&str]) -> String {
    let one = joined(&[qualifiers, &[*rng.pick(ids)]].concat());
    match rng.below(8) {
        0 => format!("{one} or {}", rng.pick(ids)),
        1 => joined(&[qualifiers, &["(", *rng.pick(ids), "or", *rng.pick(ids), ")"]].concat()),
        2 => format!("{one} and not {}", rng.pick(ids)),
        _ => one,
    }
}

fn primitive(rng: &mut Rng, grammar: &mut Grammar) -> String {
    grammar.left = grammar.left.saturating_sub(1);
    if grammar.extended && rng.one_in(4) {
        return rare::tunnel(rng);
    }
    if let Some(dlt) = grammar.whole
        && rng.one_in(2)
    {
        return rare::primitive(rng, dlt, grammar.loose);
    }
    let toward = direction(rng);
    let loose = grammar.loose;
    match rng.below(20) {
        0..=2 => {
            let only_everywhere = if loose || grammar.ethernet { WORDS.len() } else { WORDS_EVERYWHERE };
            WORDS[rng.below(only_everywhere)].to_owned()
        }
        3 | 4 => {
            let kind = *rng.pick(if toward.is_empty() && !loose { &["host"][..] } else { &["host", ""] });
            if rng.one_in(3) {
                let protocol = *rng.pick(if loose { &["", "ip6", "ip", "tcp"][..] } else { &["", "ip6"] });
                with_more(rng, &[protocol, toward, kind], &HOSTS6)
            } else {
                let sure = &["", "", "ip", "arp", "rarp"][..];
                let protocol = *rng.pick(if loose { &["", "ip", "ip6", "icmp", "udp"][..] } else { sure });
                with_more(rng, &[protocol, toward, kind], &HOSTS4)
            }
        }
        5 | 6 if rng.one_in(3) => {
            let protocol = *rng.pick(if loose { &["", "ip6", "ip"][..] } else { &["", "ip6"] });
            with_more(rng, &[protocol, toward, "net"], &NETS6)
        }
        5 | 6 => {
            let protocol =
                *rng.pick(if loose { &["", "ip", "ip6", "tcp"][..] } else { &["", "ip", "arp", "rarp"] });
            with_more(rng, &[protocol, toward, "net"], &NETS4)
        }
        7..=9 => {
            let protocol = *rng.pick(&PORT_PROTOCOLS);
            with_more(rng, &[protocol, toward, "port"], &PORTS)
        }
        10 => {
            let protocol = *rng.pick(&PORT_PROTOCOLS);
            with_more(rng, &[protocol, toward, "portrange"], &RANGES)
        }
        11 if grammar.ethernet || loose => {
            let kind = *rng.pick(if loose { &["host", ""][..] } else { &["host"] });
            let protocol = *rng.pick(&["ether", "link"]);
            with_more(rng, &[protocol, toward, kind], &MACS)
        }
        11 | 12 => {
            let protocol = *rng.pick(&["ip", "ip6", "", "ip", "ip6"]);
            with_more(rng, &[protocol, "proto"], &IP_PROTOCOLS)
        }
        13 => {
            let protocol = *rng.pick(&["ether", "link"]);
            with_more(rng, &[protocol, "proto"], &LINK_PROTOCOLS)
        }
        14 if grammar.ethernet || loose => joined(&["vlan", *rng.pick(&["", "", "100", "10", "0", "4095"])]),
        15 => format!(
            "{} {}",
            rng.pick(&["less", "greater"]),
            rng.pick(&["40", "60", "64", "100", "1000", "0x40"])
        ),
        _ => {
            let left = arithmetic(rng, 3);
            let depth = 1 + rng.below(2);
            let right = arithmetic(rng, depth);
            let compare = *rng.pick(&COMPARES);
            let gap = *rng.pick(&[" ", " ", ""]);
            format!("{left}{gap}{compare}{gap}{right}")
        }
    }
}

fn arithmetic(rng: &mut Rng, depth: usize) -> String {
    match rng.below(if depth == 0 { 5 } else { 9 }) {
        0 => (*rng.pick(&NUMBERS)).to_owned(),
        1 => (*rng.pick(&["len", "length", "len"])).to_owned(),
        2 if rng.one_in(2) => (*rng.pick(&NAMED)).to_owned(),
        2..=4 => {
            let (protocol, reach) = *rng.pick(&INDEXED);
            let inside = if depth > 0 && rng.one_in(4) {
                arithmetic(rng, depth - 1)
            } else if rng.one_in(4) {
                (*rng.pick(&NAMED)).to_owned()
            } else {
                rng.below(reach).to_string()
            };
            let size = *rng.pick(&["", "", ":1", ":2", ":4", ":2"]);
            format!("{protocol}[{inside}{size}]")
        }
        5 => format!("({})", arithmetic(rng, depth - 1)),
        6 if rng.one_in(3) => format!("-{}", arithmetic(rng, depth - 1)),
        _ => {
            let (left, operator, right) =
                (arithmetic(rng, depth - 1), *rng.pick(&OPERATORS), arithmetic(rng, depth - 1));
            // Without spaces a `-` belongs to the word before it.
            let gap = if operator == "-" || rng.one_in(2) { " " } else { "" };
            format!("{left}{gap}{operator}{gap}{right}")
        }
    }
}

/// The same with a word lost, doubled, moved or replaced: mostly errors, and both compilers must say so.
fn damaged(rng: &mut Rng, text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    let at = rng.below(words.len());
    match rng.below(5) {
        0 => {
            words.remove(at);
        }
        1 => words.insert(at, words[at]),
        2 => {
            let to = rng.below(words.len());
            words.swap(at, to);
        }
        3 => {
            words[at] = *rng.pick(&[
                "host", "port", "and", "or", "not", "(", ")", "src", "tcp", "net", "proto", "=", "1", "vlan",
                "mask", "/24", "]",
            ])
        }
        _ => {
            let cut: String = text.chars().take(rng.below(text.len() + 1)).collect();
            return cut;
        }
    }
    words.join(" ")
}

/// The shortest text that a removal of words, a few at a time, finds for which `fails` still holds.
pub fn shrink(text: &str, mut fails: impl FnMut(&str) -> bool) -> String {
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('!', " ! ").replace("! =", "!=");
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    if !fails(&words.join(" ")) {
        // The spaces matter.
        return text.to_owned();
    }
    loop {
        let before = words.len();
        for size in (1..=words.len().min(12)).rev() {
            let mut at = 0;
            while at + size <= words.len() {
                let without: Vec<_> =
                    words.iter().take(at).chain(words.iter().skip(at + size)).copied().collect();
                if fails(&without.join(" ")) {
                    words = without;
                } else {
                    at += 1;
                }
            }
        }
        // A pair of parentheses goes only together.
        for first in 0..words.len() {
            for second in first + 1..words.len() {
                if words.get(first) == Some(&"(") && words.get(second) == Some(&")") {
                    let others = (0..words.len()).filter(|at| *at != first && *at != second);
                    let without: Vec<_> = others.map(|at| words[at]).collect();
                    if fails(&without.join(" ")) {
                        words = without;
                    }
                }
            }
        }
        if words.len() == before {
            return words.join(" ");
        }
    }
}
