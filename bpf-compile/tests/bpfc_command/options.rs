//! Options, their contradictions, and exit codes.

use crate::files::{Order, Temporary, mixed};
use crate::run::{bpfc, run, succeed};

#[test]
fn exit_codes() {
    let file = Temporary::file(&mixed(Order::Little));
    let path = file.path();
    for (code, arguments) in [
        (0, &["-r", path, "icmp"][..]),
        (0, &["-d"]),
        (0, &["-L"]),
        (1, &["-r", "/nonexistent/capture"]),
        (1, &["-r", path, "-w", "/nonexistent/capture"]),
        (1, &["-d", "-F", "/nonexistent/filter"]),
        (1, &["-r", "/"]),
        (2, &[]),
        (2, &["tcp"]),
        (2, &["-d", "--no-such-option"]),
        (2, &["-d", "-y", "NOTHING"]),
        (2, &["-d", "-F", path, "tcp"]),
        (2, &["-r", path, "-c", "0"]),
        (2, &["-r", path, "-w", path]),
        (2, &["-w", path]),
        (2, &["-r", path, "-w", "-", "--count"]),
        (3, &["-d", "tcp", "dst", "prot", "80"]),
        (3, &["-r", path, "tcp and"]),
        (3, &["-d", "ip broadcast"]),
    ] {
        let outcome = run(arguments);
        assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.stderr);
        assert_eq!(outcome.stderr.is_empty(), code == 0, "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn usage_errors_say_what_to_do() {
    let outcome = run(&[]);
    assert!(outcome.stderr.contains("give -r FILE to filter a capture, or -d to print the program"));
}

#[test]
fn programs() {
    assert_eq!(succeed(&["-d"]).text(), "(000) ret      #262144\n");
    assert_eq!(succeed(&["-dd", "-s", "96"]).text(), "{ 0x6, 0, 0, 0x00000060 },\n");
    assert_eq!(succeed(&["-ddd", "-s", "0", ""]).text(), "1\n6 0 0 262144\n");
    let expected = "4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0\n";
    assert_eq!(succeed(&["-ddd", "ip"]).text(), expected);
    assert_eq!(succeed(&["-d", "-d", "-d", "ip"]).text(), expected);
}

#[test]
fn the_netmask_is_known_only_if_given() {
    let dotted = succeed(&["-d", "--netmask", "255.255.255.0", "ip broadcast"]);
    assert_eq!(dotted.text(), succeed(&["-d", "--netmask", "0xffffff00", "ip broadcast"]).text());
}

#[test]
fn expressions_come_from_words_or_a_file() {
    let words = succeed(&["-d", "udp", "port 53"]);
    let file = Temporary::file(b"# names\nudp # not tcp\n  port 53\n");
    assert_eq!(succeed(&["-d", "-F", file.path()]).text(), words.text());
    assert_eq!(succeed(&["-d", "--", "udp", "port", "53"]).text(), words.text());
    let arithmetic = succeed(&["-d", "--", "len", "-", "-1", ">", "5"]);
    assert_eq!(arithmetic.text(), succeed(&["-d", "len - -1 > 5"]).text());
    let not_text = Temporary::file(b"tcp \xff");
    let outcome = run(&["-d", "-F", not_text.path()]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains(": byte 4"), "{}", outcome.stderr);
}

#[test]
fn a_capture_decides_on_link_type_and_snap_length() {
    let file = Temporary::file(&mixed(Order::Little));
    let program = succeed(&["-ddd", "-r", file.path(), "-s", "96"]);
    assert_eq!(program.text(), "1\n6 0 0 65535\n");
    let outcome = run(&["-r", file.path(), "-y", "RAW", "--count", "udp"]);
    assert_eq!((outcome.code, outcome.text()), (0, "2\n"));
    assert!(outcome.stderr.contains("-y RAW is not used"), "{}", outcome.stderr);
}

#[test]
fn counting_stops_at_the_limit() {
    let file = Temporary::file(&mixed(Order::Little));
    assert_eq!(succeed(&["-r", file.path(), "--count"]).text(), "4\n");
    assert_eq!(succeed(&["-r", file.path(), "--count", "-c", "3"]).text(), "3\n");
    assert_eq!(succeed(&["-r", file.path(), "--count", "-c", "9", "tcp"]).text(), "2\n");
}

#[test]
fn a_mistake_in_the_filter_does_not_destroy_the_output() {
    let (input, output) = (Temporary::file(&mixed(Order::Little)), Temporary::file(b"precious"));
    let outcome = run(&["-r", input.path(), "-w", output.path(), "--count", "prot 80"]);
    assert_eq!((outcome.code, outcome.text()), (3, ""));
    assert_eq!(output.content(), b"precious");
}

#[test]
fn the_input_is_never_overwritten() {
    let input = Temporary::file(&mixed(Order::Little));
    let link = Temporary::name();
    std::fs::hard_link(&input.0, &link.0).unwrap();
    assert_eq!(run(&["-r", input.path(), "-w", link.path()]).code, 2);
    assert_eq!(input.content(), mixed(Order::Little));
}

#[test]
fn errors_without_a_terminal_have_no_colours() {
    let outcome = run(&["-d", "tcp and"]);
    assert!(outcome.stderr.starts_with("error[E0"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains('\x1b'));
    let quiet = bpfc(&["-d", "tcp and"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!quiet.stderr.contains(&0x1b));
}
