//! `bpfc` and `tcpdump` on the same files with the same expressions: the same packets come out. Both are run as a user runs
//! them; tcpdump without its optimizer (`-O`), which drops loads and so accepts cut packets that the filter does not mean.

#![expect(clippy::expect_used, clippy::panic, reason = "in the helpers of a test, a failure is the test's")]

use std::path::Path;
use std::process::{Command, Output};

use snapgate_tests::command::{bpfc, output};
use snapgate_tests::everyday::EXPRESSIONS;
use snapgate_tests::pcap::{self, Capture, Record};

/// Where tcpdump's libpcap 1.10 ends on a load that later releases do not make: of the words of the address that the mask
/// leaves nothing of. Of cut packets these bytes are not there.
const EXCUSED: [(&str, &str); 1] = [("linux-sll-snap45.pcap", "dst net 2001:db8::/32")];

/// What a program selects: None if it does not compile the expression there.
type Selected = Option<Vec<Record>>;

/// The records that a program wrote; the message if it failed.
fn records(what: &str, output: &Output) -> Result<Vec<Record>, String> {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let capture = pcap::parse(&output.stdout).unwrap_or_else(|| panic!("{what}: wrote no capture"));
    Ok(capture.records)
}

fn tcpdump(bytes: &[u8], expression: &str) -> Selected {
    let mut command = Command::new("tcpdump");
    command.args(["-O", "-r", "-", "-w", "-", expression]);
    match records("tcpdump", &output(&mut command, Some(bytes))) {
        Ok(records) => Some(records),
        Err(message) => {
            // The files are sound and the empty expression is among those asked: what fails is the expression.
            assert!(!expression.is_empty(), "tcpdump: {message}");
            None
        }
    }
}

fn ours(path: &Path, expression: &str) -> Selected {
    let mut command = Command::new(bpfc());
    command.arg("-r").arg(path).args(["-w", "-", "--allow-empty", "--", expression]);
    match records("bpfc", &output(&mut command, None)) {
        Ok(records) => Some(records),
        Err(message) => {
            assert!(message.contains("error[E"), "bpfc '{expression}' on {}: {message}", path.display());
            None
        }
    }
}

/// tcpdump's selection, interface by interface where it refuses the file as a whole.
fn expected(capture: &Capture, bytes: &[u8], expression: &str) -> Selected {
    if capture.links.len() < 2 {
        return tcpdump(bytes, expression);
    }
    let mut selected = Vec::new();
    for (interface, link) in capture.links.iter().enumerate() {
        let own = capture.records.iter().filter(|record| record.interface == interface);
        let records = tcpdump(&pcap::classic_bytes(*link, own), expression)?;
        selected.extend(records.into_iter().map(|record| Record { interface, ..record }));
    }
    Some(selected)
}

/// In an order of its own, for files whose interfaces were asked one after the other.
fn sorted(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by(|a, b| {
        let key = |record: &Record| (record.interface, record.seconds, record.data.clone(), record.wire_len);
        key(a).cmp(&key(b))
    });
    records
}

fn compare(captures: &[Capture]) -> Vec<String> {
    let mut differences = Vec::new();
    for capture in captures {
        let bytes = std::fs::read(&capture.path).expect("it was read before");
        let (mut selected, mut refused) = (0, 0);
        for expression in EXPRESSIONS {
            let expected = expected(capture, &bytes, expression);
            let mut found = ours(&capture.path, expression);
            if capture.links.len() > 1 {
                found = found.map(sorted);
            }
            let expected = if capture.links.len() > 1 { expected.map(sorted) } else { expected };
            selected += expected.as_ref().map_or(0, Vec::len);
            refused += usize::from(expected.is_none());
            let excused = EXCUSED.contains(&(capture.name().as_str(), *expression));
            if (found != expected) != excused {
                let count =
                    |records: &Selected| records.as_ref().map_or("an error".into(), |r| r.len().to_string());
                differences.push(format!(
                    "{} '{expression}': bpfc selects {}, tcpdump {}",
                    capture.path.display(),
                    count(&found),
                    count(&expected)
                ));
            }
        }
        println!(
            "{}: {} expressions, {refused} of them refused, {selected} packets selected of {}",
            capture.name(),
            EXPRESSIONS.len(),
            capture.records.len()
        );
    }
    differences
}

#[test]
fn every_everyday_expression_selects_the_packets_that_tcpdump_selects_from_every_capture() {
    let captures = pcap::recorded().unwrap();
    assert!(captures.len() >= 28, "only {} captures", captures.len());
    let packets: usize = captures.iter().map(|capture| capture.records.len()).sum();
    bpfc();
    let halves = captures.split_at(captures.len() / 2);
    let differences = std::thread::scope(|scope| {
        let first = scope.spawn(|| compare(halves.0));
        let mut all = compare(halves.1);
        all.extend(first.join().expect("the other half ends"));
        all
    });
    println!("{} captures, {packets} packets, {} expressions each", captures.len(), EXPRESSIONS.len());
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn what_is_selected_from_standard_input_is_what_is_selected_from_the_file() {
    let path = pcap::folder().join("en10mb-web.pcap");
    let mut command = Command::new(bpfc());
    command.args(["-r", "-", "-w", "-", "--", "tcp port 443"]);
    let through = output(&mut command, Some(&std::fs::read(&path).unwrap()));
    let piped = records("bpfc", &through).unwrap();
    assert!(!piped.is_empty());
    assert_eq!(Some(piped), ours(&path, "tcp port 443"));
}
