//! All engines select the same packets, whatever the file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files::{
    ETHERNET, MICROSECONDS, Order, Pcap, TCP, Temporary, UDP, enhanced, ethernet, interface, mixed, section,
};
use crate::run::{Outcome, run, run_with_input};

const FILTERS: [&str; 6] = [
    "",
    "tcp port 80 or icmp6",
    "not ip",
    "len > 100 and ip[2:2] & 1 = 0",
    "host 192.0.2.2 or net 2001:db8::/32",
    "less 1",
];

/// What was written, counted and told.
type Result = (i32, Vec<u8>, String, String);

fn recorded() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/captures");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "pcap" || end == "pcapng")).collect();
    files.sort();
    files
}

/// The engines of this build.
fn engines() -> &'static [&'static str] {
    if cfg!(feature = "jit") { &["auto", "interp", "jit"] } else { &["auto", "interp"] }
}

fn with_engine(engine: &str, path: &str, arguments: &[&str]) -> Result {
    let output = Temporary::name();
    let options = ["-r", path, "--engine", engine, "--allow-empty", "--count", "-w", output.path()];
    let Outcome { code, stdout, stderr } = run(&[&options, arguments].concat());
    (code, fs::read(&output.0).unwrap_or_default(), String::from_utf8(stdout).unwrap(), stderr)
}

/// The result, which is that of every engine.
fn of_all(path: &str, arguments: &[&str]) -> Result {
    let expected = with_engine("reference", path, arguments);
    for engine in engines() {
        let found = with_engine(engine, path, arguments);
        assert_eq!(found.2, expected.2, "{engine}, {path}, {arguments:?}: {}", found.3);
        assert!(found == expected, "{engine}, {path}, {arguments:?}: {} instead of {}", found.3, expected.3);
    }
    expected
}

#[test]
fn all_engines_write_and_count_the_same_packets_of_every_recorded_capture() {
    let files = recorded();
    assert!(files.len() >= 28, "only {} captures", files.len());
    for file in files {
        let path = file.to_str().unwrap();
        for filter in FILTERS {
            let (code, _, _, stderr) = of_all(path, &["--", filter]);
            assert_eq!(code, 0, "{path} '{filter}': {stderr}");
        }
        let (_, written, _, _) = of_all(path, &["--", ""]);
        let has_section = path.ends_with("pcapng");
        assert!(has_section || written == fs::read(&file).unwrap(), "{path} is written as it is");
    }
}

#[test]
fn all_engines_stop_at_the_limit_wherever_it_lies_in_a_batch() {
    let mut pcap = Pcap::new(Order::Big, MICROSECONDS, ETHERNET);
    for number in 0..200 {
        pcap = pcap.packet(number, &ethernet(if number % 3 == 0 { TCP } else { UDP }));
    }
    let file = Temporary::file(&pcap.bytes);
    let records: Vec<_> = pcap.bytes[24..].chunks(16 + ethernet(UDP).len()).collect();
    let length = |number: usize| 16 + ethernet(if number.is_multiple_of(3) { TCP } else { UDP }).len();
    assert!(!records.is_empty());
    for limit in [1, 2, 63, 64, 65, 128, 133] {
        let (code, written, count, _) = of_all(file.path(), &["-c", &limit.to_string(), "--", "udp"]);
        assert_eq!((code, count), (0, format!("{limit}\n")));
        assert_eq!(written.len(), 24 + limit * length(1));
    }
    let (_, written, count, _) = of_all(file.path(), &["-c", "500", "--", "tcp"]);
    assert_eq!((written.len(), count.as_str()), (24 + 67 * length(0), "67\n"));
}

#[test]
fn packets_that_are_printed_keep_their_numbers() {
    let mut pcap = Pcap::new(Order::Little, MICROSECONDS, ETHERNET);
    for number in 0..150 {
        pcap = pcap.packet(number, &ethernet(if number % 50 == 49 { TCP } else { UDP }));
    }
    let file = Temporary::file(&pcap.bytes);
    for engine in engines() {
        let outcome = run(&["-r", file.path(), "--engine", engine, "-v", "tcp"]);
        let numbers: Vec<_> =
            outcome.text().lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
        assert_eq!(numbers, ["#50", "#100", "#150"], "{}", outcome.text());
    }
}

#[test]
fn link_types_that_change_from_packet_to_packet_have_their_own_programs() {
    let order = Order::Little;
    let mut bytes =
        [section(order, u64::MAX), interface(order, 1, 0, &[]), interface(order, 101, 0, &[])].concat();
    for number in 0..300 {
        let frame = ethernet(if number % 2 == 0 { TCP } else { UDP });
        let (interface, data) = if number % 5 < 3 { (0, &frame[..]) } else { (1, &frame[14..]) };
        bytes.extend(enhanced(order, interface, number, data));
    }
    let file = Temporary::file(&bytes);
    let (code, _, count, _) = of_all(file.path(), &["--", "tcp"]);
    assert_eq!((code, count.as_str()), (0, "150\n"));
    let (_, written, _, _) = of_all(file.path(), &["--", "ip"]);
    assert!(written == bytes, "everything is written");
}

#[test]
fn a_long_stream_gives_what_the_file_gives() {
    let frame = [ethernet(TCP), vec![0; 4000]].concat();
    let mut pcap = Pcap::new(Order::Little, MICROSECONDS, ETHERNET);
    for number in 0..8000 {
        let payload = frame.len() - (number % 1000) as usize;
        pcap = pcap.packet(number, &frame[..payload]);
    }
    assert!(pcap.bytes.len() > 24 << 20, "long enough for machine code");
    let file = Temporary::file(&pcap.bytes);
    let filter = "tcp and len & 3 = 1";
    let (code, written, count, _) = of_all(file.path(), &["--", filter]);
    assert_eq!((code, count.as_str()), (0, "2000\n"));
    let outcome = run_with_input(&["-r", "-", "-w", "-", filter], &pcap.bytes);
    assert!((outcome.code, &outcome.stdout) == (0, &written), "{}", outcome.stderr);
}

/// IPv6, so many destination options, TCP.
fn chain(headers: usize) -> Vec<u8> {
    let mut frame = ethernet(TCP)[..12].to_vec();
    frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, if headers > 0 { 60 } else { 6 }, 64]);
    frame.extend([0; 32]);
    for number in 1..=headers {
        frame.extend([if number < headers { 60 } else { 6 }, 0, 0, 0, 0, 0, 0, 0]);
    }
    frame.extend([0; 20]);
    frame
}

#[test]
fn chains_are_walked_in_a_loop_on_request_by_what_can_run_it() {
    let mut pcap = Pcap::new(Order::Little, MICROSECONDS, ETHERNET);
    for headers in 0..40 {
        pcap = pcap.packet(headers, &chain(headers as usize));
    }
    let file = Temporary::file(&pcap.bytes);
    let counted = |arguments: &[&str]| {
        let outcome = run(&[&["-r", file.path(), "--count"], arguments, &["ip6 protochain 6"]].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        String::from_utf8(outcome.stdout).unwrap()
    };
    assert_eq!(counted(&[]), "9\n");
    for engine in ["auto", "interp", "reference"] {
        assert_eq!(counted(&["--protochain-loop", "--engine", engine]), "40\n", "{engine}");
    }
    let refused = run(&["-r", file.path(), "--protochain-loop", "--engine", "jit", "ip6 protochain 6"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("the program has a loop"), "{}", refused.stderr);
    let refused = run(&["-d", "--protochain-loop", "--target", "linux", "ip6 protochain 6"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("E0503"), "{}", refused.stderr);
    // A jump back has the same form as libpcap gives it.
    let printed = run(&["-d", "--protochain-loop", "ip6 protochain 6"]);
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(text.lines().any(|line| line.ends_with("ja       6")), "{text}");
}

#[test]
fn machine_code_that_cannot_be_made_is_told_and_nothing_is_written() {
    if cfg!(feature = "jit") {
        return;
    }
    let (input, output) = (Temporary::file(&mixed(Order::Little)), Temporary::name());
    let outcome = run(&["-r", input.path(), "-w", output.path(), "--engine", "jit", "tcp"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--engine jit is not possible: "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--engine interp"), "{}", outcome.stderr);
    assert!(!output.0.exists());
}

#[test]
fn a_target_that_asks_for_what_files_do_not_hold_is_told() {
    let file = Temporary::file(&mixed(Order::Little));
    let told = |arguments: &[&str]| {
        let outcome = run(&[&["-r", file.path(), "--count"], arguments].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stderr
    };
    let text = told(&["--target", "linux", "not vlan"]);
    assert!(text.starts_with("bpfc: warning: with --target linux the filter asks for"), "{text}");
    let text = told(&["--target", "windows", "--diagnostics", "json", "inbound"]);
    assert!(
        text.starts_with("{\"severity\":\"warning\",\"code\":null,\"message\":\"with --target windows"),
        "{text}"
    );
    assert_eq!(told(&["--target", "windows", "not vlan"]), "");
    assert_eq!(told(&["--target", "linux", "udp"]), "");
    assert_eq!(told(&["not vlan"]), "");
    let explained = run(&["explain", "-r", file.path(), "-n", "1", "--target", "linux", "vlan"]);
    assert!(explained.stderr.contains("which a file does not hold"), "{}", explained.stderr);
}
