//! `bpfc explain`: what it prints, in all formats, of filters and of packets of the recorded captures.
//!
//! `BLESS=1 cargo test -p bpf-compile --test bpfc_command` writes the golden texts anew, and the examples in
//! `docs/explain.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use bpf_compile::link::LinkType;
use bpf_compile::names::Embedded;
use bpf_compile::{Options, compile};
use bpf_core::RawInsn;

use crate::files::Temporary;
use crate::json::Json;
use crate::run::{Outcome, bpfc, run, succeed};
use crate::texts::golden;

/// The root of the repository, from which the captures have short names.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn explain(arguments: &[&str]) -> Outcome {
    let arguments = [&["explain"], arguments].concat();
    bpfc(&arguments).current_dir(root()).output().unwrap().into()
}

/// Commands and what they print, as in a terminal.
fn session(commands: &[&[&str]]) -> String {
    let mut text = String::new();
    for arguments in commands {
        let outcome = explain(arguments);
        let quoted = arguments.iter().map(|word| {
            let is_plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte));
            if is_plain && !word.is_empty() { (*word).to_owned() } else { format!("'{word}'") }
        });
        let command = quoted.collect::<Vec<_>>().join(" ");
        writeln!(text, "$ bpfc explain {command}\n{}{}", outcome.text(), outcome.stderr).unwrap();
        if outcome.code != 0 {
            writeln!(text, "(exit status {})\n", outcome.code).unwrap();
        }
    }
    text
}

#[test]
fn filters() {
    let commands: &[&[&str]] = &[
        &[""],
        &["tcp port 80 or 443"],
        &["vlan 5 and not (host 192.0.2.1 or arp)"],
        &["tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and greater 100"],
        &["-y", "IEEE802_11_RADIO", "type mgt subtype beacon or ip"],
        &["geneve 3 and ip6 and udp dst port domain"],
        &["-y", "LINUX_SLL2", "inbound and ifindex 3"],
        &["-s", "96", "--netmask", "255.255.255.0", "ip broadcast"],
        &["-r", "tests/captures/raw.pcap", "ip proto \\tcp"],
        &["vlan or ip"],
        &["ether proto 0x88cc and link[0] % 2 = 1"],
        &["--scoped", "vlan and ip or udp"],
        &["--target", "linux", "vlan 5 and outbound"],
        &["tcp and udp"],
    ];
    golden("explain_filters.txt", &session(commands));
}

#[test]
fn packets() {
    let commands: &[&[&str]] = &[
        &["-r", "tests/captures/en10mb-web.pcap", "-n", "1", "tcp dst port 80"],
        &["-r", "tests/captures/en10mb-web.pcap", "-n", "1", "arp or host 10.0.0.1"],
        &[
            "-r",
            "tests/captures/en10mb-web.pcap",
            "-n",
            "1",
            "not arp and (udp or tcp[tcpflags] & tcp-syn = 0)",
        ],
        &["-r", "tests/captures/en10mb-web.pcap", "-n", "1", ""],
        &["-r", "tests/captures/en10mb-snap40.pcap", "-n", "3", "not icmp[20] = 5"],
        &["-r", "tests/captures/en10mb-qinq.pcap", "-n", "3", "vlan and vlan 20 and ip"],
        &["-r", "tests/captures/en10mb-vxlan.pcap", "-n", "1", "vxlan and arp"],
        &["-r", "tests/captures/en10mb-pppoe.pcap", "-n", "8", "pppoes and ip6"],
        &["-r", "tests/captures/ipv6.pcap", "-n", "1", "ip6[6] = 6 or net 2001:db8::/32"],
        &["-r", "tests/captures/raw.pcap", "-n", "1", "arp"],
        &["-r", "tests/captures/en10mb-ping.pcap", "-n", "1", "ip[0] / (ip[0] & 0) = 1 or arp"],
        &["-r", "tests/captures/en10mb-ping.pcap", "-n", "3", "ip[0] / (ip[0] & 0) = 1 or arp"],
        &["-r", "tests/captures/two-links.pcapng", "-n", "1", "ip proto 17"],
        &["-r", "tests/captures/en10mb-vlan.pcap", "-n", "1", "--target", "linux", "vlan and ip"],
        &["-r", "tests/captures/en10mb-web.pcap", "-n", "1", "tcp and udp"],
        &["-r", "tests/captures/en10mb-web.pcap", "-n", "1000000", "tcp"],
    ];
    golden("explain_packets.txt", &session(commands));
}

#[test]
fn formats() {
    let filter = "ip6 and port 53";
    let commands: &[&[&str]] = &[
        &["--format", "dot", filter],
        &["--format", "rust", filter],
        &["--format", "c", filter],
        &["--format", "json", filter],
        &["--format", "json", "-r", "tests/captures/en10mb-web.pcap", "-n", "1", "tcp"],
    ];
    golden("explain_formats.txt", &session(commands));
}

#[test]
fn help_and_manual() {
    golden("bpfc_explain_help.txt", succeed(&["explain", "--help"]).text());
    golden("bpfc-explain.1", succeed(&["explain", "--man"]).text());
}

#[test]
fn the_examples_in_the_document_are_what_is_printed() {
    let path = root().join("docs/explain.md");
    let mut document = fs::read_to_string(&path).unwrap();
    let examples: [(&str, &[&str]); 3] = [
        ("filter", &["vlan 5 and icmp"]),
        (
            "packet",
            &["-r", "tests/captures/en10mb-web.pcap", "-n", "1", "ip proto \\udp or ip[8] < 5 and not arp"],
        ),
        ("dot", &["--format", "dot", "icmp or arp"]),
    ];
    for (name, command) in examples {
        let (start, end) = (format!("<!-- explain {name} -->\n"), format!("<!-- /explain {name} -->"));
        let (before, rest) = document.split_once(&start).unwrap();
        let (found, after) = rest.split_once(&end).unwrap();
        let expected = format!("```text\n{}\n```\n", session(&[command]).trim_end());
        if env::var_os("BLESS").is_some() {
            document = format!("{before}{start}{expected}{end}{after}");
        } else {
            assert_eq!(found, expected, "BLESS=1 writes it anew");
        }
    }
    if env::var_os("BLESS").is_some() {
        fs::write(&path, document).unwrap();
    }
}

/// The names of fields in JSON text.
fn fields_of(text: &str) -> BTreeSet<&str> {
    let ends = text.match_indices("\":").map(|(at, _)| &text[..at]);
    ends.filter_map(|before| before.rsplit('"').next()).collect()
}

#[test]
fn the_document_names_every_field_of_json_and_no_other() {
    let document = fs::read_to_string(root().join("docs/explain.md")).unwrap();
    let (_, table) = document.split_once("| object | fields |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let cells = table.lines().filter_map(|line| line.split('|').nth(2));
    let named: BTreeSet<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let capture = "tests/captures/en10mb-web.pcap";
    let told = explain(&["-r", capture, "-n", "1", "--format", "json", "port 443 or 8080"]);
    assert_eq!(fields_of(told.text()), named.iter().copied().filter(|name| *name != "-n").collect());
}

#[test]
fn exit_codes_tell_whether_the_packet_matches() {
    let capture = "tests/captures/en10mb-web.pcap";
    for (code, arguments) in [
        (0, &["tcp"][..]),
        (0, &["-r", capture, "-n", "1", "tcp"]),
        (1, &["-r", capture, "-n", "1", "udp"]),
        (1, &["-r", "/nonexistent/capture", "udp"]),
        (2, &["-n", "1", "udp"]),
        (2, &["-r", capture, "-n", "0", "udp"]),
        (2, &["-r", capture, "-n", "1", "--format", "dot", "udp"]),
        (2, &["-F", capture, "udp"]),
        (3, &["-r", capture, "-n", "1", "tcp and"]),
        (3, &["-r", capture, "-n", "1", "--deny-warnings", "tcp or udp and ip"]),
        (4, &["-r", capture, "-n", "78", "tcp"]),
        (4, &["-r", "/nonexistent/capture", "-n", "1", "tcp"]),
        (4, &["-r", "README.md", "-n", "1", "tcp"]),
    ] {
        let outcome = explain(arguments);
        assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.stderr);
        assert_eq!(outcome.stderr.is_empty(), code <= 1 && !arguments.contains(&"/nonexistent/capture"));
    }
    let beyond = explain(&["-r", capture, "-n", "78", "tcp"]);
    assert!(
        beyond.stderr.contains("packet 78 does not exist: the capture has 77 packets"),
        "{}",
        beyond.stderr
    );
}

#[test]
fn filters_that_are_too_long_are_told_in_words() {
    let filter: Vec<String> = (0..400).map(|number| format!("port {}", 7 * number + 1)).collect();
    let outcome = explain(&["--target", "bsd", &filter.join(" or ")]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.text().contains("... and 390 more"), "{}", outcome.text());
    assert!(outcome.stderr.contains("E0501"), "{}", outcome.stderr);
}

#[test]
fn the_verdict_is_the_one_of_filtering() {
    for (capture, filter) in [
        ("en10mb-protocols.pcap", "port 53 or icmp6 or (arp and less 60)"),
        ("en10mb-snap60.pcap", "tcp[tcpflags] & tcp-push != 0 or len > 500"),
        ("two-links.pcapng", "udp or icmp"),
        ("linux-sll2.pcap", "inbound and ip"),
    ] {
        let path = format!("tests/captures/{capture}");
        let all: usize = count(&path, "");
        let matching = (1..=all).filter(|number| {
            let outcome = explain(&["-r", &path, "-n", &number.to_string(), filter]);
            assert!(outcome.code <= 1, "{capture} {number}: {}", outcome.stderr);
            outcome.code == 0
        });
        assert_eq!(matching.count(), count(&path, filter), "{capture}");
    }
}

fn count(path: &str, filter: &str) -> usize {
    let output = bpfc(&["--count", "-r", path, filter]).current_dir(root()).output().unwrap();
    Outcome::from(output).text().trim().parse().unwrap()
}

#[test]
fn explain_is_a_command_only_in_front() {
    assert!(succeed(&["-d", "port", "80"]).text().starts_with("(000)"));
    let host = run(&["-d", "host", "explain"]);
    assert!(host.stderr.contains("the host `explain` is not known"), "{}", host.stderr);
    let host = run(&["explain", "host", "explain"]);
    assert!(host.stderr.contains("the host `explain` is not known"), "{}", host.stderr);
}

const EMBEDDED: &str = "vlan and (tcp port 80 or \\80) and ip[0] & 1 = 0";

fn program(filter: &str) -> Vec<RawInsn> {
    compile(filter, &Options::new(LinkType::EN10MB), &Embedded).unwrap().insns().to_vec()
}

#[test]
fn json_holds_the_program() {
    let json = Json::parse(explain(&["--format", "json", EMBEDDED]).text().trim_end());
    let insns = json.field("instructions").items().iter().map(|insn| {
        let number = |name| insn.field(name).number();
        RawInsn {
            code: number("code").try_into().unwrap(),
            jt: number("jt").try_into().unwrap(),
            jf: number("jf").try_into().unwrap(),
            k: number("k").try_into().unwrap(),
        }
    });
    assert_eq!(insns.collect::<Vec<_>>(), program(EMBEDDED));
    assert_eq!(json.field("facts").field("instructions").number(), program(EMBEDDED).len());
    assert_eq!(json.field("packet"), &Json::Null);
}

/// Compiles a source file that prints the program as `-ddd` does; `None` if there is no such compiler.
fn compiled(compiler: &str, arguments: &[&str], extension: &str, source: &str) -> Option<String> {
    let (input, output) = (Temporary::name(), Temporary::name());
    let input = Temporary(input.0.with_extension(extension));
    fs::write(&input.0, source).unwrap();
    let status =
        Command::new(compiler).args(arguments).args(["-o", output.path(), input.path()]).status().ok()?;
    assert!(status.success(), "{compiler} refuses\n{source}");
    let printed = Command::new(output.path()).output().unwrap();
    Some(String::from_utf8(printed.stdout).unwrap())
}

#[test]
fn c_compilers_take_the_array() {
    let array = explain(&["--format", "c", EMBEDDED]);
    let source = format!(
        "#include <stdio.h>\n\
        struct bpf_insn {{ unsigned short code; unsigned char jt, jf; unsigned int k; }};\n\
        {}\n\
        int main(void) {{\n\
            printf(\"%u\\n\", filter_len);\n\
            for (unsigned i = 0; i < filter_len; i++)\n\
                printf(\"%u %u %u %u\\n\", filter[i].code, filter[i].jt, filter[i].jf, filter[i].k);\n\
            return 0;\n\
        }}\n",
        array.text()
    );
    if let Some(printed) = compiled("cc", &["-std=c99", "-Wall", "-Wextra", "-Werror"], "c", &source) {
        assert_eq!(printed, succeed(&["-ddd", EMBEDDED]).text());
    }
}

#[test]
fn rust_takes_the_array() {
    let array = explain(&["--format", "rust", EMBEDDED]);
    let source = format!(
        "mod bpf_core {{ pub struct RawInsn {{ pub code: u16, pub jt: u8, pub jf: u8, pub k: u32 }} }}\n\
        {}\n\
        fn main() {{\n\
            println!(\"{{}}\", FILTER.len());\n\
            for insn in &FILTER {{ println!(\"{{}} {{}} {{}} {{}}\", insn.code, insn.jt, insn.jf, insn.k); }}\n\
        }}\n",
        array.text()
    );
    if let Some(printed) = compiled("rustc", &["--edition", "2024"], "rs", &source) {
        assert_eq!(printed, succeed(&["-ddd", EMBEDDED]).text());
    }
}

#[test]
fn graphviz_draws_the_decisions() {
    for filter in [EMBEDDED, "", "geneve and host 10.0.0.1"] {
        let graph = Temporary::file(&explain(&["--format", "dot", filter]).stdout);
        let Ok(drawn) = Command::new("dot").args(["-Tsvg", graph.path()]).output() else { return };
        assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
        assert!(String::from_utf8_lossy(&drawn.stdout).contains("match: keep 262,144 bytes"));
    }
}
