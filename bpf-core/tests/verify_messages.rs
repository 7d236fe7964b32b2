//! What the verifier says, word for word; and that every rule of its table has tests.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

use std::path::Path;

use bpf_core::{Insn, Profile, RawInsn, VerifyErrorKind, bpf_validate, bpf_validate_looping, opcode as op};

const ACCEPT: RawInsn = RawInsn::stmt(op::RET | op::K, 1);

/// One program for each kind of error, under STRICT unless said otherwise.
fn messages() -> Vec<(Vec<RawInsn>, Profile, &'static str)> {
    let after_tax = |word: RawInsn| vec![Insn::Tax.encode(), word, ACCEPT];
    let strict = Profile::STRICT;
    vec![
        (vec![], strict, "program: there is none; a program needs at least a return (rule V1)"),
        (
            vec![ACCEPT; 513],
            Profile::NETBSD,
            "program: too long; the profile netbsd takes at most 512 instructions (rule V1)",
        ),
        (
            after_tax(RawInsn::stmt(0xff, 0)),
            strict,
            "instruction 1: the code 0xff is no instruction in the profile strict (rule V2)",
        ),
        (
            after_tax(RawInsn::stmt(op::ALU | op::MOD, 2)),
            Profile::FREEBSD,
            "instruction 1: the code 0x94 is no instruction in the profile freebsd (rule V2)",
        ),
        (
            after_tax(RawInsn::stmt(op::LD | op::IND, 0x8000_0000)),
            strict,
            "instruction 1: the packet offset 0x80000000 would be negative on some machines; at most 0x7fffffff \
             (rule V3)",
        ),
        (
            after_tax(RawInsn::stmt(op::LD | op::ABS, 0xffff_f00c)),
            strict,
            "instruction 1: there is no ancillary value 12 outside of Linux (rule V4)",
        ),
        (
            after_tax(RawInsn::stmt(op::LD | op::ABS, 0xffff_f038)),
            strict,
            "instruction 1: a random number is loaded, but there is no source of them (rule V4)",
        ),
        (
            after_tax(RawInsn::stmt(op::ST, 16)),
            strict,
            "instruction 1: there is no scratch word 16; the last one is M[15] (rule V5)",
        ),
        (
            after_tax(Insn::LoadMem(7).encode()),
            strict,
            "instruction 1: M[7] is read, but on some path nothing was stored in it before (rule V6)",
        ),
        (
            after_tax(RawInsn::stmt(op::ALU | op::DIV, 0)),
            strict,
            "instruction 1: a division by the constant 0 (rule V7)",
        ),
        (
            after_tax(RawInsn::stmt(op::ALU | op::LSH, 32)),
            strict,
            "instruction 1: a shift by 32 bits; at most 31 (rule V8)",
        ),
        (
            after_tax(Insn::Jump(1).encode()),
            strict,
            "instruction 1: a jump to a place outside of the program (rule V9)",
        ),
        (
            after_tax(Insn::Jump(u32::MAX).encode()),
            strict,
            "instruction 1: a jump backwards, which could run for ever (rule V10)",
        ),
        (vec![Insn::Tax.encode()], strict, "instruction 0: the last instruction must be a return (rule V11)"),
        (
            [vec![Insn::LoadXMsh(0).encode(); 4000], vec![ACCEPT]].concat(),
            strict,
            "program: Linux would translate it to more than 16372 instructions of its own (rule V12)",
        ),
    ]
}

#[test]
fn every_kind_of_error_says_where_what_and_which_rule() {
    let mut kinds = Vec::new();
    for (words, profile, message) in messages() {
        let error = bpf_validate(words, profile).expect_err("it breaks a rule");
        assert_eq!(error.to_string(), message);
        assert!(message.ends_with(&format!("(rule V{})", error.kind.rule())));
        kinds.push(core::mem::discriminant(&error.kind));
    }
    kinds.sort_unstable_by_key(|kind| format!("{kind:?}"));
    kinds.dedup();
    // `source` has one variant a line, each with its rule in the comment above it.
    let source = source("src/verify/error.rs");
    let variants = source.lines().filter(|line| line.trim_start().starts_with("/// V")).count();
    assert_eq!(kinds.len(), variants, "a kind of error has no message here");
}

#[test]
fn the_rule_of_an_error_is_the_one_in_its_documentation() {
    let source = source("src/verify/error.rs");
    for (words, profile, _) in messages() {
        let error = bpf_validate(words, profile).expect_err("it breaks a rule");
        let debug = format!("{:?}", error.kind);
        let name = debug.split('(').next().expect("a name");
        let rule = format!("/// V{}:", error.kind.rule());
        let documented = source
            .lines()
            .zip(source.lines().skip(1))
            .any(|(doc, variant)| doc.contains(&rule) && variant.trim().starts_with(name));
        assert!(documented, "{name} is documented under another rule than V{}", error.kind.rule());
    }
}

#[test]
fn a_program_that_loops_is_refused_in_the_same_words() {
    let error = bpf_validate_looping([Insn::Jump(7).encode(), ACCEPT]).expect_err("it jumps out");
    assert_eq!(error.kind, VerifyErrorKind::JumpOut);
    assert_eq!(error.to_string(), "instruction 0: a jump to a place outside of the program (rule V9)");
}

#[test]
fn every_rule_of_the_table_has_a_module_of_tests() {
    let header = source("src/verify/mod.rs");
    let rules: Vec<&str> =
        header.lines().filter_map(|line| line.strip_prefix("//! | V")?.split_whitespace().next()).collect();
    assert_eq!(rules, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]);
    let files = ["rules", "scratch", "translation"];
    let tests = files.map(|file| source(&format!("tests/verify_{file}.rs"))).concat();
    for rule in rules {
        let module = tests.split(&format!("\nmod v{rule} {{")).nth(1);
        let body = module.unwrap_or_else(|| panic!("no tests of V{rule}")).split("\n}").next();
        assert!(body.expect("a module").contains("#[test]"), "no tests in the module of V{rule}");
    }
}

/// The table at the head of the verifier against the profiles' names.
#[test]
fn the_profiles_are_named_as_in_the_table() {
    let names = Profile::ALL.map(|profile| profile.name().to_uppercase());
    let header = source("src/verify/mod.rs");
    let columns: Vec<&str> = header
        .lines()
        .find(|line| line.contains("| rule |"))
        .expect("a table")
        .split('|')
        .map(str::trim)
        .collect();
    assert_eq!(columns[3..8], names.each_ref().map(String::as_str));
    assert_eq!(Profile::default(), Profile::STRICT);
}

fn source(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a source file")
}
