//! Warnings, and errors and warnings for programs.

use crate::files::{Order, Temporary, mixed};
use crate::json::Json;
use crate::run::{run, succeed};

const TRAP: &str = "ip or arp and less 60";

/// The objects on the standard error.
fn objects(arguments: &[&str], code: i32) -> Vec<Json> {
    let outcome = run(&[&["--diagnostics", "json"], arguments].concat());
    assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.stderr);
    outcome.stderr.lines().map(Json::parse).collect()
}

#[test]
fn warnings_are_silent_where_nobody_reads_them() {
    succeed(&["-d", TRAP]);
    let file = Temporary::file(&mixed(Order::Little));
    succeed(&["-r", file.path(), "--count", TRAP]);
}

#[test]
fn warnings_are_shown_on_request() {
    let outcome = run(&["-d", "-v", TRAP]);
    assert_eq!(outcome.code, 0);
    assert_eq!(outcome.stdout, succeed(&["-d", TRAP]).stdout);
    assert_eq!(
        outcome.stderr,
        "\
warning[W0109]: `and` does not bind tighter than `or`: this `and` joins all that stands before it
 --> <filter>:1:11
  |
1 | ip or arp and less 60
  | --------- ^^^ holds for the whole `or` before it
  | |
  | one side of the `and`
  |
help: if `and` is meant to bind tighter, say so
  |
1 - ip or arp and less 60
1 + ip or (arp and less 60)
  |
help: to keep the meaning, say it with parentheses
  |
1 - ip or arp and less 60
1 + (ip or arp) and less 60
  |
"
    );
    let file = Temporary::file(&mixed(Order::Little));
    let outcome = run(&["-r", file.path(), "--count", "-v", TRAP]);
    assert_eq!(
        (outcome.code, outcome.stderr.matches("warning[W0109]").count()),
        (0, 1),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("has link type EN10MB"), "{}", outcome.stderr);
}

#[test]
fn denied_warnings_are_errors() {
    let outcome = run(&["-d", "--deny-warnings", "ip or arp and less 60 and 1 = 1"]);
    assert_eq!((outcome.code, outcome.text()), (3, ""));
    assert!(outcome.stderr.starts_with("error[W0109]: "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("\nerror[W0106]: "), "{}", outcome.stderr);
    succeed(&["-d", "--deny-warnings", "port 80 or 443"]);

    let (input, output) = (Temporary::file(&mixed(Order::Little)), Temporary::file(b"precious"));
    let outcome = run(&["-r", input.path(), "-w", output.path(), "--deny-warnings", TRAP]);
    assert_eq!((outcome.code, output.content()), (3, b"precious".to_vec()));
    let [denied] = &objects(&["-d", "--deny-warnings", TRAP], 3)[..] else { panic!("one object") };
    assert_eq!((denied.field("severity").text(), denied.field("code").text()), ("error", "W0109"));
}

#[test]
fn patches_of_programs_mend_the_filter() {
    let filter = "ip and tcp dst prot 80";
    let [error] = &objects(&["-d", filter], 3)[..] else { panic!("one object") };
    assert_eq!(error.field("code").text(), "E0201");
    assert_eq!(error.field("origin").text(), "<filter>");
    let span = &error.field("spans").items()[0];
    assert_eq!((span.field("start").number(), span.field("end").number()), (15, 19));
    assert_eq!((span.field("line").number(), span.field("column").number()), (1, 16));
    assert_eq!((span.field("text").text(), span.field("primary")), ("prot", &Json::Bool(true)));
    let patch = &error.field("patches").items()[0];
    let mut mended = filter.to_owned();
    let range = patch.field("start").number()..patch.field("end").number();
    mended.replace_range(range, patch.field("replacement").text());
    assert_eq!(mended, "ip and tcp dst port 80");
}

#[test]
fn every_message_is_an_object() {
    let file = Temporary::file(&mixed(Order::Little));
    let cut = Temporary::file(&mixed(Order::Little)[..60]);
    let warnings = objects(&["-d", "ip or arp and less 60 or 1 = 1"], 0);
    let codes: Vec<_> = warnings.iter().map(|warning| warning.field("code").text()).collect();
    assert_eq!(codes, ["W0109", "W0106"]);
    for (arguments, code, severity) in [
        (&["-r", "/nonexistent/\"\n"][..], 1, "error"),
        (&["-r", cut.path(), "--count"], 1, "error"),
        (&["-r", file.path(), "-y", "RAW", "--count"], 0, "warning"),
        (&["-d", "tcp \u{1} \"\\\n\u{e9}"], 3, "error"),
    ] {
        let [object] = &objects(arguments, code)[..] else { panic!("one object: {arguments:?}") };
        assert_eq!(object.field("severity").text(), severity);
        assert!(!object.field("message").text().is_empty());
    }
}
