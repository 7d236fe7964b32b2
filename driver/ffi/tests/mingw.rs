//! The WDM half against mingw-w64's headers: a C program prints `offsetof` and `sizeof` of everything we assert.
//!
//! Needs x86_64-w64-mingw32-gcc, fails without it. Nothing is run: the numbers are read from the assembly, where each is
//! the value of a symbol.

#![cfg(feature = "mingw")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

use snapgate_ffi::{StructLayout, wdm};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

/// Sizes that the headers are known to give otherwise: they do not align a device object, and the kit does.
const SIZES_APART: [(&str, usize); 1] = [("DEVICE_OBJECT", 328)];

fn layouts() -> impl Iterator<Item = &'static StructLayout> {
    wdm::LAYOUTS.into_iter().flatten()
}

fn program() -> String {
    let mut text = String::from("#include <ntddk.h>\n#include <stddef.h>\n");
    for (number, layout) in layouts().enumerate() {
        let name = layout.name;
        let _ = writeln!(text, "const unsigned s{number} = sizeof({name});");
        for (index, (field, _)) in layout.fields.iter().enumerate() {
            let _ = writeln!(text, "const unsigned f{number}_{index} = offsetof({name}, {field});");
        }
    }
    text
}

fn assembly(source: &str) -> String {
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc")
        .args(["-x", "c", "-", "-S", "-O0", "-w", "-o", "-"])
        .args([
            "-I/usr/x86_64-w64-mingw32/include/ddk",
            "-D_WIN32_WINNT=0x0A00",
            "-DNTDDI_VERSION=0x0A000000",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("x86_64-w64-mingw32-gcc must be installed (Debian: gcc-mingw-w64-x86-64)");
    std::io::Write::write_all(&mut compiler.stdin.take().unwrap(), source.as_bytes()).unwrap();
    let output = compiler.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `name:` and the `.long` or `.space` after it.
fn values(assembly: &str) -> HashMap<&str, usize> {
    let mut found = HashMap::new();
    let mut label = "";
    for line in assembly.lines().map(str::trim) {
        if let Some(name) = line.strip_suffix(':') {
            label = name;
        } else if let Some(value) = line.strip_prefix(".long") {
            found.insert(label, value.trim().parse().unwrap());
        } else if line.starts_with(".space") {
            found.insert(label, 0);
        }
    }
    found
}

#[test]
fn every_wdm_layout_equals_the_one_of_the_mingw_headers() {
    let text = assembly(&program());
    let values = values(&text);
    let mut compared = 0;
    for (number, layout) in layouts().enumerate() {
        let apart = SIZES_APART.iter().find(|(name, _)| *name == layout.name);
        let size = apart.map_or(layout.size, |(_, size)| *size);
        assert_eq!(values[format!("s{number}").as_str()], size, "sizeof({})", layout.name);
        for (index, (field, offset)) in layout.fields.iter().enumerate() {
            let theirs = values[format!("f{number}_{index}").as_str()];
            assert_eq!(theirs, *offset, "offsetof({}, {field})", layout.name);
            compared += 1;
        }
    }
    assert!(compared > 130, "only {compared} offsets were compared");
}
