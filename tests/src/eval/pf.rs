//! Fields of the header that pf writes before logged packets.
//!
//! ```text
//! length(1) family(1) action(1) reason(1) interface(16) ruleset(16) rule(4) subrule(4) .. direction at 60
//! ```

use bpf_compile::syntax::ast::NameOrNumber;
use bpf_compile::syntax::words::PfField;

use super::link::Kind;
use super::packet::Width;
use super::truth::Truth;
use super::{EvalError, View};

/// Reasons by their number: those that all systems have.
const REASONS: [&str; 15] = [
    "match",
    "bad-offset",
    "fragment",
    "short",
    "normalize",
    "memory",
    "bad-timestamp",
    "congestion",
    "ip-option",
    "proto-cksum",
    "state-mismatch",
    "state-insert",
    "state-limit",
    "src-limit",
    "synproxy",
];
/// Actions by their number; `block` is also called `drop`, and `pass` also `accept`.
const ACTIONS: [&str; 11] = [
    "pass",
    "block",
    "scrub",
    "noscrub",
    "nat",
    "nonat",
    "binat",
    "nobinat",
    "rdr",
    "nordr",
    "synproxy-drop",
];
/// The longest name that leaves room for its end.
const NAME_MAX: usize = 15;

impl View<'_> {
    pub(super) fn pf(&self, field: PfField, value: &NameOrNumber) -> Result<Truth, EvalError> {
        if self.frame.kind != Kind::Pflog {
            return Err(EvalError::Refused("not a pf log"));
        }
        let is = |at, width, value| self.is(self.frame.header.further(at), width, value);
        let unfit = EvalError::Refused("not a value of this field of a pf log");
        match (field, value) {
            (PfField::Ifname, NameOrNumber::Name(word)) => self.pf_name(4, &word.text),
            (PfField::Ruleset, NameOrNumber::Name(word)) => self.pf_name(20, &word.text),
            (PfField::Rulenum, NameOrNumber::Number(number, _)) => Ok(is(36, Width::Word, *number)),
            (PfField::Subrulenum, NameOrNumber::Number(number, _)) => Ok(is(40, Width::Word, *number)),
            (PfField::Action, NameOrNumber::Name(word)) => {
                let text = word.text.to_ascii_lowercase();
                let name = match text.as_str() {
                    "drop" => "block",
                    "accept" => "pass",
                    other => other,
                };
                Ok(is(2, Width::Byte, number_of(&ACTIONS, name).ok_or(unfit)?))
            }
            (PfField::Reason, NameOrNumber::Name(word)) => {
                Ok(is(3, Width::Byte, number_of(&REASONS, &word.text).ok_or(unfit)?))
            }
            (PfField::Action, NameOrNumber::Number(number, _)) if *number <= 0xff => {
                Ok(is(2, Width::Byte, *number))
            }
            (PfField::Reason, NameOrNumber::Number(number, _)) if *number <= 0xff => {
                Ok(is(3, Width::Byte, *number))
            }
            _ => Err(unfit),
        }
    }

    /// Whether the name at an offset starts with `name`; from its end, four bytes at a time as far as they go.
    fn pf_name(&self, at: u32, name: &str) -> Result<Truth, EvalError> {
        if name.len() > NAME_MAX {
            return Err(EvalError::Refused("a name that does not fit"));
        }
        let mut left = name.as_bytes();
        let mut truth = Truth::Fixed(true);
        while !left.is_empty() {
            let width = match left.len() {
                4.. => Width::Word,
                2 | 3 => Width::Half,
                _ => Width::Byte,
            };
            let (rest, last) = left.split_at(left.len() - width.bytes());
            let value = last.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
            let offset = at + u32::try_from(rest.len()).unwrap_or(u32::MAX);
            truth = truth.and(self.is(self.frame.header.further(offset), width, value));
            left = rest;
        }
        Ok(truth)
    }
}

fn number_of(names: &[&str], name: &str) -> Option<u32> {
    u32::try_from(names.iter().position(|known| known.eq_ignore_ascii_case(name))?).ok()
}
