//! The table of codes in `docs/language.md` is the one of the code: each example is compiled, and gives its code.
//!
//! `BLESS=1 cargo test -p bpf-compile --test codes` writes the table anew.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

use std::fmt::Write as _;
use std::path::Path;

use bpf_compile::diagnostic::{Code, Severity};
use bpf_compile::link::LinkType;
use bpf_compile::lint::lint;
use bpf_compile::names::Embedded;
use bpf_compile::{Diagnostic, Options, Target, compile, syntax};

/// How one meets a code.
enum Example {
    /// By this filter on Ethernet.
    Filter(&'static str),
    /// By this filter with this option of `bpfc`.
    With(&'static str, &'static str),
    /// Not by the text alone, and why.
    Without(&'static str),
}

use Example::{Filter, With, Without};

/// What a code means, and how one meets it. A code without an entry is found by the compiler.
fn entry(code: Code) -> Option<(&'static str, Example)> {
    use Code as C;
    Some(match code {
        C::UnexpectedCharacter => ("a character that begins no word", Filter("tcp # 5")),
        C::NumberTooBig => ("a number of more than 32 bits", Filter("port 4294967296")),
        C::NotOctal => ("a leading zero makes a number octal", Filter("port 089")),
        C::BogusAddress => ("neither a MAC nor an IPv6 address", Filter("ether host 1:2:3:4")),
        C::TextTooLong => ("a filter is at most 16 MiB long", Without("needs a text of that length")),
        C::Unexpected => ("something else must stand here", Filter("tcp dst prot 80")),
        C::UnexpectedEnd => ("the filter ends too early", Filter("tcp and")),
        C::Unbalanced => ("a parenthesis without its partner", Filter("tcp and (udp")),
        C::NothingToInherit => ("an id, and nothing says what it is", Filter("ip[0] = 1 or 2")),
        C::WrongKind => ("a number instead of a condition, or the other way round", Filter("len and tcp")),
        C::DisplayFilter => ("Wireshark's other language", Filter("tcp.port == 80")),
        C::UnknownService => ("no such service", Filter("tcp port htpps")),
        C::UnknownProtocol => ("no such protocol", Filter("ip proto nosuch")),
        C::UnknownHost => {
            ("no such host; `bpfc` asks the system only with `--resolve`", Filter("host nosuch.example"))
        }
        C::UnknownNetwork => ("no such network", Filter("net nosuch")),
        C::UnknownEther => ("no such station", Filter("ether host nosuch")),
        C::UnknownWord => ("not a word that may stand behind this keyword", Filter("wlan type mgn")),
        C::BadQualifiers => {
            ("qualifiers that do not go together, or not with the id", Filter("tcp host 10.0.0.1"))
        }
        C::OutOfRange => ("a number that does not fit its field", Filter("port 65536")),
        C::BadAddress => ("a malformed IPv4 address", Filter("host 10.0.0.256")),
        C::HostBits => ("a network with bits set that its mask does not cover", Filter("net 10.0.0.1/8")),
        C::LinkType => ("the link type has no such thing", Filter("outbound")),
        C::UnknownNetmask => ("the netmask is needed", Filter("ip broadcast")),
        C::LoadSize => ("1, 2 or 4 bytes can be loaded", Filter("ip[0:3] = 5")),
        C::DivisionByZero => ("a division by a zero that is written there", Filter("ip[0] / 0 = 5")),
        C::ShiftTooFar => ("a shift by more than 31 bits", Filter("1 << 32 = 5")),
        C::TooComplex => (
            "arithmetic or lengths of headers beyond the machine's 16 scratch words",
            Without("needs arithmetic nested 17 deep on both sides"),
        ),
        C::ZeroSnapLength => {
            ("a snap length of 0 keeps no packet", Without("an option of the library, not a text"))
        }
        C::BadEncapsulation => ("no packet has one behind the other", Filter("mpls and vlan")),
        C::RejectsAll => ("no packet keeps all its clauses", Filter("tcp and udp")),
        C::AmbiguousShift => (
            "alternatives shift what follows them by different amounts",
            With("(vlan or mpls) and ip", "--scoped"),
        ),
        C::TargetRefuses => ("the target forbids what the filter needs", With("len % 4 = 1", "--target bsd")),
        C::ProgramTooLong => {
            ("longer than the target allows", Without("depends on the target; most allow 4096 instructions"))
        }
        C::Internal => ("an error of the compiler; please report it", Without("must not occur")),
        C::ShiftedClause => {
            ("looked for behind an encapsulation that need not be there", Filter("vlan or ip"))
        }
        C::MisleadingInheritance => {
            ("an id inherits what one does not expect", Filter("src host 10.0.0.1 and 10.0.0.2"))
        }
        C::NotDoesNotReach => ("`not` ends before an id that inherits", Filter("not port 22 and 80")),
        C::NeverOnIpv6 => {
            ("bytes of IPv4 packets are read of IPv6 packets", Filter("ip6 and tcp[13] & 2 != 0"))
        }
        C::OnlyIpv4 => (
            "bytes of IPv4 packets, where IPv6 seems to be meant too",
            Filter("(ip or ip6) and udp[2:2] = 53"),
        ),
        C::AlwaysTrue => ("a comparison that always holds", Filter("ip[0] & 0xf <= 15")),
        C::AlwaysFalse => ("a comparison that never holds", Filter("tcp[tcpflags] & tcp-syn = 1")),
        C::Duplicate => ("the same clause twice in one list", Filter("port 80 or port 80")),
        C::MixedOperators => ("`and` behind `or` joins all before it", Filter("tcp or udp and port 53")),
        _ => return None,
    })
}

/// What a filter gives: its error, or else its warnings. Some warnings tell why a filter accepts nothing, which is an error too.
fn diagnostics(filter: &str, option: &str) -> Vec<Diagnostic> {
    let mut options = Options::new(LinkType::EN10MB);
    match option {
        "" => {}
        "--scoped" => options.scoped = true,
        "--target bsd" => options.target = Target::Bsd,
        _ => panic!("{option} is not known here"),
    }
    let warnings = syntax::parse(filter).map(|ast| lint(filter, &ast, &options)).unwrap_or_default();
    options.allow_empty = !warnings.is_empty();
    match compile(filter, &options, &Embedded) {
        Err(error) => vec![error],
        Ok(_) => warnings,
    }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The cells of a code that a filter gives.
fn told(code: Code, filter: &str, option: &str) -> (String, String) {
    let found = diagnostics(filter, option);
    let [one] = found.as_slice() else { panic!("{filter} gives {found:?}") };
    assert_eq!(one.code, code, "{filter}");
    let with = if option.is_empty() { String::new() } else { format!(" with `{option}`") };
    (format!("`{}`{with}", cell(filter)), cell(&one.message))
}

fn table() -> String {
    let mut text = String::from("| code | meaning | example | message |\n| --- | --- | --- | --- |\n");
    for &code in Code::ALL {
        let (meaning, example) = entry(code).unwrap_or_else(|| panic!("{code} has no example here"));
        let (filter, message) = match example {
            Filter(filter) => told(code, filter, ""),
            With(filter, option) => told(code, filter, option),
            Without(why) => (String::new(), format!("({why})")),
        };
        writeln!(text, "| {code} | {} | {filter} | {message} |", cell(meaning)).expect("a string");
    }
    text
}

#[test]
fn the_documented_codes_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/language.md");
    let document = std::fs::read_to_string(&path).expect("the document");
    let (before, rest) = document.split_once("<!-- codes -->\n").expect("the mark before the table");
    let (found, after) = rest.split_once("<!-- /codes -->").expect("the mark behind the table");
    let expected = table();
    if std::env::var_os("BLESS").is_some() {
        let blessed = format!("{before}<!-- codes -->\n{expected}<!-- /codes -->{after}");
        std::fs::write(&path, blessed).expect("the document");
        return;
    }
    assert_eq!(found, expected, "BLESS=1 writes it anew");
}

#[test]
fn the_first_letter_tells_the_severity() {
    for code in Code::ALL {
        let warning = code.as_str().starts_with('W');
        assert_eq!(code.severity() == Severity::Warning, warning, "{code}");
        assert_eq!(code.as_str().len(), 5);
    }
    assert!(Code::ALL.windows(2).all(|pair| pair[0].as_str() != pair[1].as_str()));
}
