//! Pipes, signals, and readers that go away.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::files::{ETHERNET, MICROSECONDS, Order, Pcap, TCP, Temporary, ethernet, mixed};
use crate::run::{Outcome, bpfc, run, run_with_input};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn standard_input_to_standard_output() {
    let bytes = mixed(Order::Big);
    let outcome = run_with_input(&["-r", "-", "-w", "-"], &bytes);
    assert_eq!((outcome.code, outcome.stdout), (0, bytes.clone()));
    let outcome = run_with_input(&["-r", "-", "--count", "udp"], &bytes);
    assert_eq!((outcome.code, outcome.text()), (0, "2\n"));
}

#[test]
fn a_long_stream_is_not_held_in_memory_or_reordered() {
    let mut pcap = Pcap::new(Order::Little, MICROSECONDS, ETHERNET);
    let frame = [ethernet(TCP), vec![0; 1400]].concat();
    let length = u32::try_from(frame.len()).unwrap();
    for fraction in 0..5000 {
        pcap.record(fraction, length, length, &frame);
    }
    pcap.record(0, 200_000, 200_000, &vec![1; 200_000]);
    let outcome = run_with_input(&["-r", "-", "-w", "-", "tcp or len = 200000"], &pcap.bytes);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stdout == pcap.bytes, "the output differs from the input");
}

#[test]
fn packets_are_shown_while_the_input_waits() {
    let mut child = bpfc(&["-r", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = mixed(Order::Little);
    stdin.write_all(&bytes[..bytes.len() - 5]).unwrap();
    let mut first = [0; 15];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"12:34:56.000000");
    stdin.write_all(&bytes[bytes.len() - 5..]).unwrap();
    drop(stdin);
    let rest: Outcome = child.wait_with_output().unwrap().into();
    assert_eq!((rest.code, rest.text().lines().count()), (0, 4));
}

#[test]
fn an_interrupt_ends_the_run_in_order() {
    let output = Temporary::name();
    let mut child = bpfc(&["-r", "-", "-w", output.path()]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = mixed(Order::Little);
    stdin.write_all(&bytes).unwrap();
    let start = Instant::now();
    while output.0.metadata().map_or(0, |metadata| metadata.len()) < bytes.len() as u64 {
        assert!(start.elapsed() < PATIENCE, "the packets were not written");
        thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(sent.success());
    let outcome: Outcome = child.wait_with_output().unwrap().into();
    assert_eq!(outcome.code, 130);
    assert_eq!(
        outcome.stderr,
        format!("bpfc: interrupted: 4 packets read, 4 written to {}\n", output.path())
    );
    assert_eq!(output.content(), bytes);
    drop(stdin);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut pcap = Pcap::new(Order::Little, MICROSECONDS, ETHERNET);
    for fraction in 0..20_000 {
        pcap = pcap.packet(fraction, &ethernet(TCP));
    }
    let file = Temporary::file(&pcap.bytes);
    for arguments in [&["-r", file.path()][..], &["-r", file.path(), "-w", "-"], &["--man"]] {
        let mut child = bpfc(arguments).spawn().unwrap();
        drop(child.stdout.take());
        let outcome: Outcome = child.wait_with_output().unwrap().into();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let file = Temporary::file(&mixed(Order::Little));
    let outcome = run(&["-r", file.path(), "-w", "/dev/full"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.starts_with("error: cannot write: No space left"), "{}", outcome.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn messages_that_cannot_be_written_change_no_exit_code() {
    let file = Temporary::file(&mixed(Order::Little));
    let warned = ["-r", file.path(), "-y", "RAW", "--count"];
    for (arguments, code) in [(&["-d", "tpc"][..], 3), (&["-r", "/nonexistent"], 1), (&warned, 0)] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let outcome: Outcome = bpfc(arguments).stderr(full).output().unwrap().into();
        assert_eq!(outcome.code, code, "{arguments:?}");
    }
}
