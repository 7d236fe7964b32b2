//! The text forms against frozen output.
//!
//! - `golden/all_insns.*`: every code of a byte with fields that matter, in our own words; `BLESS=1` writes them anew.
//! - `golden/tcpdump/*`: what tcpdump 4.99.3 with libpcap 1.10.3 printed for filters; never written by us.

#![cfg(feature = "alloc")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is denied in shipped code is how a test fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use bpf_core::{RawInsn, text};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn assert_golden(name: &str, actual: &str) {
    let path = golden().join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, actual).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&path).expect("the golden file is there; BLESS=1 makes it");
    for (line, (actual, expected)) in (1..).zip(actual.lines().zip(expected.lines())) {
        assert_eq!(actual, expected, "{name}, line {line}");
    }
    assert_eq!(actual.len(), expected.len(), "{name}");
}

/// Every code of one byte and a few beyond, with small, negative, ancillary and unused fields.
fn all_insns() -> Vec<RawInsn> {
    let fields = [(0, 0, 0), (0, 0, 12), (3, 1, 0x800), (255, 0, 0xffff_fffc), (0, 7, 0xffff_f030)];
    let codes = (0..=0xff).chain([0x100, 0x128, 0x1015, 0xfff5, 0xffff]);
    let mut insns: Vec<_> =
        codes.flat_map(|code| fields.map(|(jt, jf, k)| RawInsn { code, jt, jf, k })).collect();
    insns.extend((0..17).map(|n| RawInsn::stmt(0x20, 0xffff_f000 + 4 * n)));
    insns
}

#[test]
fn every_instruction_is_printed_as_frozen() {
    let insns = all_insns();
    assert_golden("all_insns.d", &text::disassembly(&insns).to_string());
    assert_golden("all_insns.dd", &text::c_array(&insns).to_string());
    assert_golden("all_insns.ddd", &text::decimal(&insns).to_string());
}

#[test]
fn every_instruction_has_its_line_of_assembler_as_frozen() {
    let mut known: Vec<_> = all_insns().into_iter().filter(|insn| insn.meaning().is_some()).collect();
    // Somewhere to go to: jumps with k of the size of the fields above have no label.
    known.retain(|insn| insn.code != 0x05 || insn.k < 0x1000);
    known.resize(known.len() + 0x800, RawInsn::stmt(0x06, 0));
    assert_golden("all_insns.asm", &text::bpf_asm(&known).expect("all have names").to_string());
}

#[test]
fn what_tcpdump_prints_is_read_and_printed_the_same_again() {
    let mut programs = 0;
    for entry in fs::read_dir(golden().join("tcpdump")).expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "d") {
            continue;
        }
        programs += 1;
        let [d, dd, ddd] = ["d", "dd", "ddd"].map(|extension| {
            fs::read_to_string(path.with_extension(extension)).expect("all three are there")
        });
        let insns = text::parse(&ddd).expect("-ddd is read");
        // libpcap leaves numbers in fields that an instruction does not use: `tax` with k = 4.
        let canonical: Vec<_> = insns.iter().map(|insn| insn.canonical()).collect();
        assert_eq!(text::parse(&d).as_ref(), Ok(&canonical), "{path:?}");
        assert_eq!(text::parse(&dd).as_ref(), Ok(&insns), "{path:?}");
        assert_eq!(text::disassembly(&insns).to_string(), d, "{path:?}");
        assert_eq!(text::c_array(&insns).to_string(), dd, "{path:?}");
        assert_eq!(text::decimal(&insns).to_string(), ddd, "{path:?}");
        let assembler = text::bpf_asm(&insns).expect("libpcap makes no unknown words").to_string();
        assert_eq!(text::parse(&assembler).as_ref(), Ok(&canonical), "{path:?}");
    }
    assert!(programs >= 10, "{programs}");
}
