//! The forms of `tcpdump -dd` and `-ddd`: the words as numbers.

use core::fmt;

use crate::insn::RawInsn;

/// A program in the form of `tcpdump -dd`, each line with its end.
#[derive(Clone, Copy, Debug)]
pub struct CArray<'a>(&'a [RawInsn]);

/// The program as the elements of a C array: `{ 0x28, 0, 0, 0x0000000c },`.
#[must_use]
pub const fn c_array(insns: &[RawInsn]) -> CArray<'_> {
    CArray(insns)
}

impl fmt::Display for CArray<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for RawInsn { code, jt, jf, k } in self.0 {
            writeln!(f, "{{ {code:#x}, {jt}, {jf}, {k:#010x} }},")?;
        }
        Ok(())
    }
}

/// A program in the form of `tcpdump -ddd`, each line with its end.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'a>(&'a [RawInsn]);

/// The program as decimal numbers: a line with the count of instructions, then `code jt jf k` on a line each.
#[must_use]
pub const fn decimal(insns: &[RawInsn]) -> Decimal<'_> {
    Decimal(insns)
}

impl fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.0.len())?;
        for RawInsn { code, jt, jf, k } in self.0 {
            writeln!(f, "{code} {jt} {jf} {k}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;

    const WORDS: [RawInsn; 2] = [RawInsn::stmt(0x28, 12), RawInsn::jump(0x15, 0xffff_ffff, 255, 0)];

    #[test]
    fn c_arrays_hold_the_words() {
        let expected = "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 255, 0, 0xffffffff },\n";
        assert_eq!(c_array(&WORDS).to_string(), expected);
        assert_eq!(c_array(&[]).to_string(), "");
    }

    #[test]
    fn decimal_begins_with_the_count() {
        assert_eq!(decimal(&WORDS).to_string(), "2\n40 0 0 12\n21 255 0 4294967295\n");
        assert_eq!(decimal(&[]).to_string(), "0\n");
    }
}
