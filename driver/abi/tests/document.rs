//! The table of requests in `docs/abi.md` is the one of the code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::fmt::Write as _;
use std::path::Path;

use snapgate_abi::{ControlCode, IOCTLS};

fn table() -> String {
    let mut text = String::from(
        "| name | code | old number | method | input | output | handle | |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in IOCTLS {
        let code = row.code.map_or(String::new(), |code| format!("`{code:#08x}`"));
        let old = row
            .old
            .map_or(String::new(), |old| if old > 0xffff { format!("`{old:#x}`") } else { old.to_string() });
        let method =
            row.code.or(row.old).map(|code| format!("{:?}", ControlCode(code).method())).unwrap_or_default();
        let (input, output) = (format!("{:?}", row.input), format!("{:?}", row.output));
        writeln!(
            text,
            "| {} | {code} | {old} | {method} | {input} | {output} | {:?} | {:?} |",
            row.name, row.needs, row.support
        )
        .unwrap();
    }
    text
}

#[test]
fn the_documented_table_is_the_one_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/abi.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once("<!-- table -->\n").unwrap();
    let (found, after) = rest.split_once("<!-- end -->").unwrap();
    let expected = table();
    if std::env::var_os("ABI_BLESS").is_some() {
        std::fs::write(&path, format!("{before}<!-- table -->\n{expected}<!-- end -->{after}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "bless with ABI_BLESS=1");
}
