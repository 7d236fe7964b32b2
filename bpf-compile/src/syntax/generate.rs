//! Random filters, for tests.
//!
//! [`filter`] makes texts that follow the grammar, of every kind of primitive, number and id; [`noise`] makes texts
//! that mostly do not. The same seed gives the same text.

use alloc::format;
use alloc::string::String;

use super::keywords::KEYWORDS;

/// A filter that parses; `depth` bounds the nesting.
pub(crate) fn filter(seed: u64, depth: u32) -> String {
    let mut random = Random(seed);
    random.expr(depth)
}

/// Words and signs of the language in any order.
pub(crate) fn noise(seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::new();
    for _ in 0..=random.below(12) {
        let word = match random.below(4) {
            0 => KEYWORDS[random.below(KEYWORDS.len())].0,
            1 => random.of(&[
                "(", ")", "[", "]", ":", "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "\\", "$",
            ]),
            2 => random
                .of(&["=", "==", "!=", "<", ">", "<=", ">=", "!", "not", "and", "or", "&&", "||", "\u{e9}"]),
            _ => random
                .of(&["a", "x.org", "80", "017", "089", "0x1f", "1.2", "::1", "1:2:", "1-2", "$a", "\\tcp"]),
        };
        text.push_str(word);
        text.push_str(random.of(&[" ", " ", " ", "", "\t", "\n"]));
    }
    text
}

/// A small generator (xorshift): good enough to choose words, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) % end as u64).unwrap()
    }

    fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }

    fn junction(&mut self) -> &'static str {
        // With spaces: a name with a backslash goes on to the next one.
        self.of(&[" and ", " or ", " && ", " || "])
    }

    fn number(&mut self) -> String {
        let number = self.of(&["80", "443", "0x10", "017", "5", "0", "tcp-syn", "4294967295"]);
        if self.below(5) == 0 { format!("({number})") } else { String::from(number) }
    }

    fn expr(&mut self, depth: u32) -> String {
        let mut text = self.term(depth);
        while self.below(5) < 2 {
            text.push_str(self.junction());
            text.push_str(&self.term(depth));
        }
        text
    }

    fn term(&mut self, depth: u32) -> String {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 | 1 => format!("{} {}", self.head(), self.id(depth)),
            2 => format!("{} {}{}{}", self.head(), self.id(depth), self.junction(), self.id(depth)),
            3 => format!("{}{}{}", self.arith(depth.min(3)), self.relation(), self.arith(depth.min(3))),
            4 => String::from(self.of(SIMPLE)),
            5 => {
                let word = self.of(&["vlan ", "mpls ", "pppoes ", "geneve ", "vxlan "]);
                format!("{word}{}", self.number())
            }
            6 => format!("not {}", self.term(depth - 1)),
            7 => format!("({})", self.expr(depth - 1)),
            _ => {
                let (head, id) = (self.head(), self.id(0));
                let group = if self.below(2) == 0 {
                    self.ids(depth - 1)
                } else {
                    format!("({})", self.expr(depth - 1))
                };
                format!("{head} {id}{}{group}", self.junction())
            }
        }
    }

    fn head(&mut self) -> String {
        let proto = self.of(&["", "", "tcp ", "ip ", "ip6 ", "ether ", "wlan ", "isis "]);
        let dir =
            self.of(&["src", "dst", "src or dst", "dst and src", "dst||src", "addr1", "address4", "ra"]);
        let kind = self.of(&["host", "net", "port", "portrange"]);
        match self.below(4) {
            0 => format!("{proto}{dir}"),
            1 => format!("{proto}{dir} {kind}"),
            2 => format!("{proto}{}", self.of(&["proto", "protochain", "gateway"])),
            _ => format!("{proto}{kind}"),
        }
    }

    fn id(&mut self, depth: u32) -> String {
        match self.below(if depth == 0 { 7 } else { 9 }) {
            0 => self.number(),
            7 => format!("not {}", self.id(depth - 1)),
            8 => self.ids(depth - 1),
            _ => String::from(self.of(IDS)),
        }
    }

    fn ids(&mut self, depth: u32) -> String {
        let mut text = format!("({}", self.of(IDS));
        while self.below(2) == 0 {
            text.push_str(self.junction());
            text.push_str(&self.id(depth));
        }
        text.push(')');
        text
    }

    fn relation(&mut self) -> &'static str {
        self.of(&[" = ", "==", "!=", "<", " > ", "<=", ">="])
    }

    fn arith(&mut self, depth: u32) -> String {
        match self.below(if depth == 0 { 3 } else { 8 }) {
            0 => self.number(),
            1 => String::from("len"),
            2 => String::from(self.of(&["ip[0]", "tcp[tcpflags]", "udp[2:2]", "radio[4:3]", "ether[0:4]"])),
            3 => format!("-{}", self.arith(depth - 1)),
            4 => format!("({})", self.arith(depth - 1)),
            5 => format!("ip6[{}:2]", self.arith(depth - 1)),
            _ => {
                let sign = self.of(&[" + ", " - ", "*", "/", " % ", "&", " | ", "^", "<<", ">>"]);
                format!("{}{sign}{}", self.arith(depth - 1), self.arith(depth - 1))
            }
        }
    }
}

const IDS: &[&str] = &[
    "a",
    "www.example.org",
    "\\tcp",
    "\\80",
    "10-20",
    "10.0.0.1",
    "1.2.3",
    "010.1/16",
    "1.2.3.4 mask 255.255.0.255",
    "::1",
    "fe80::/10",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6",
    "00-1-02-0A-b-cc",
    "012345670123",
    "$ab",
];

const SIMPLE: &[&str] = &[
    "tcp",
    "es-is",
    "stp",
    "broadcast",
    "ip multicast",
    "ether broadcast",
    "inbound",
    "outbound",
    "ifindex 3",
    "less 5",
    "greater 0x10",
    "byte 0 & 5",
    "byte 1 = 2",
    "byte 3 | 4",
    "vlan",
    "pppoed",
    "ifname em0",
    "on \\ip",
    "rset a",
    "rulenum 5",
    "srnr 3",
    "reason match",
    "reason 4",
    "action pass",
    "type mgt",
    "type mgt subtype beacon",
    "wlan type 0 subtype 16",
    "subtype rts",
    "dir tods",
    "direction 3",
    "llc",
    "llc rnr",
    "llc ui",
    "lane",
    "lsu",
    "vpi 3",
    "vpi = 4",
    "vci (1 or 2)",
    "opc >= 3",
    "hsls (1||2 or 3)",
    "sio (1)",
];
