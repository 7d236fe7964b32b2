//! The programs of the corpus with the machine code that the JIT makes of them, one a line, as JSON: what
//! `bpf-jit/symbolic/check.py` reads.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use bpf_core::{RawInsn, bpf_validate};
use bpf_jit::CompiledFilter;
use snapgate_tests::cases::hex;
use snapgate_tests::corpus::{self, Case, Subject};

fn program(case: &Case) -> Result<Vec<RawInsn>, String> {
    match &case.subject {
        Subject::Machine(insns, profile) => {
            bpf_validate(&insns[..], *profile).map_err(|error| error.to_string())?;
            Ok(insns.clone())
        }
        Subject::Filter(filter) => bpf_compile::compile(&filter.text, &filter.options, &*filter.names)
            .map(bpf_core::Program::into_storage)
            .map_err(|error| error.to_string()),
    }
}

fn line(case: &Case, insns: &[RawInsn]) -> Result<String, String> {
    let program = bpf_validate(insns, bpf_core::Profile::LIBPCAP).map_err(|error| error.to_string())?;
    let filter = CompiledFilter::new(&program).map_err(|error| error.to_string())?;
    let mut text = String::new();
    for insn in insns {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}[{},{},{},{}]", insn.code, insn.jt, insn.jf, insn.k);
    }
    Ok(format!("{{\"name\":{:?},\"insns\":[{text}],\"code\":\"{}\"}}", case.name, hex(filter.code())))
}

fn run() -> Result<(), String> {
    let corpus = corpus::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))?;
    let mut seen = BTreeSet::new();
    for case in &corpus.cases {
        let insns = program(case)?;
        let words: Vec<_> = insns.iter().map(|insn| insn.to_ne_bytes()).collect();
        // FreeBSD's empty program has no rules elsewhere.
        if !insns.is_empty() && seen.insert(words) {
            println!("{}", line(case, &insns)?);
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("machine_code: {error}");
            ExitCode::FAILURE
        }
    }
}
