//! Programs as source text of other programs.

use core::fmt;

use super::Explanation;

/// The program as an array of [`bpf_core::RawInsn`]; see [`Explanation::rust`].
pub struct RustSource<'a>(pub(super) &'a Explanation<'a>);

/// The program as an array of `struct bpf_insn`; see [`Explanation::c`].
pub struct CSource<'a>(pub(super) &'a Explanation<'a>);

impl fmt::Display for RustSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let explanation = self.0;
        head(explanation, f)?;
        writeln!(f, "pub const FILTER: [bpf_core::RawInsn; {}] = [", explanation.program.insns().len())?;
        for (pc, insn) in explanation.program.insns().iter().enumerate() {
            let bpf_core::RawInsn { code, jt, jf, k } = *insn;
            write!(f, "    bpf_core::RawInsn {{ code: {code:#04x}, jt: {jt}, jf: {jf}, k: {k:#010x} }},")?;
            comment(explanation, pc, f)?;
        }
        writeln!(f, "];")
    }
}

impl fmt::Display for CSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let explanation = self.0;
        head(explanation, f)?;
        writeln!(f, "static const struct bpf_insn filter[] = {{")?;
        for (pc, insn) in explanation.program.insns().iter().enumerate() {
            let bpf_core::RawInsn { code, jt, jf, k } = *insn;
            write!(f, "    {{ {code:#04x}, {jt:>3}, {jf:>3}, {k:#010x} }},")?;
            comment(explanation, pc, f)?;
        }
        writeln!(f, "}};")?;
        writeln!(f, "static const unsigned int filter_len = sizeof filter / sizeof filter[0];")
    }
}

fn head(explanation: &Explanation<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let options = explanation.options();
    let filter = super::render::shortened(explanation.text, super::render::HEAD_CHARS_MAX);
    writeln!(f, "// {}", commentable(&filter))?;
    writeln!(f, "// link type {}, snap length {}", options.link_type, options.snap_len)
}

/// Beside an instruction: the words that it came from, and what it is for.
fn comment(explanation: &Explanation<'_>, pc: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let words = explanation.origin(pc).map(|span| explanation.source_words(span)).unwrap_or_default();
    let purpose = explanation.purpose(pc);
    match (words.as_str(), purpose.as_str()) {
        ("", "") => writeln!(f),
        (words, "") => writeln!(f, " // {}", commentable(words)),
        ("", purpose) => writeln!(f, " // {}", commentable(purpose)),
        (words, purpose) => writeln!(f, " // {}: {}", commentable(words), commentable(purpose)),
    }
}

/// In C a comment that ends with a backslash goes on in the next line, and so would swallow an instruction.
fn commentable(text: &str) -> &str {
    text.trim_end_matches(['\\', ' ', '\t'])
}
