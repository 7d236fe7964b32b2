//! Fields of the header that pf of the BSDs writes before logged packets.
//!
//! ```text
//!   0 length │ 1 family │ 2 action │ 3 reason │ 4 interface (16) │ 20 ruleset (16) │ 36 rule │ 40 subrule │ ... │ 60 direction
//! ```

use crate::Diagnostic;
use crate::diagnostic::{Code, nearest};
use crate::graph::{PredicateId, Size};
use crate::link::LinkType;
use crate::span::Span;
use crate::syntax::ast::NameOrNumber;
use crate::syntax::words::PfField;

use super::{Lower, Lowering};

const ACTION_AT: u32 = 2;
const REASON_AT: u32 = 3;
const INTERFACE_AT: u32 = 4;
const RULESET_AT: u32 = 20;
const RULE_AT: u32 = 36;
const SUBRULE_AT: u32 = 40;
pub(super) const DIRECTION_AT: u32 = 60;
/// Names are shorter than this.
const NAME_BYTES: usize = 16;

/// By number: those that all systems number alike.
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

const ACTIONS: [(&str, u32); 13] = [
    ("pass", 0),
    ("accept", 0),
    ("drop", 1),
    ("block", 1),
    ("scrub", 2),
    ("noscrub", 3),
    ("nat", 4),
    ("nonat", 5),
    ("binat", 6),
    ("nobinat", 7),
    ("rdr", 8),
    ("nordr", 9),
    ("synproxy-drop", 10),
];

impl Lowering<'_> {
    pub(super) fn pf_field(&mut self, field: PfField, value: &NameOrNumber) -> Lower<PredicateId> {
        let test = match (field, value) {
            (PfField::Ifname | PfField::Ruleset, NameOrNumber::Name(word)) => {
                if word.text.len() >= NAME_BYTES {
                    return Err(Diagnostic::new(
                        Code::OutOfRange,
                        "the name is longer than the field",
                        word.span,
                        alloc::format!("at most {} characters", NAME_BYTES.saturating_sub(1)),
                    ));
                }
                self.needs_pf()?;
                let at = if field == PfField::Ifname { INTERFACE_AT } else { RULESET_AT };
                // Only the letters that are given: `on em` means em0 and em1.
                return Ok(self.bytes_equal(self.layers.header.plus(at), word.text.as_bytes()));
            }
            (PfField::Reason, NameOrNumber::Name(word)) => {
                let number = REASONS.iter().position(|name| name.eq_ignore_ascii_case(&word.text));
                let number = number.and_then(|number| u32::try_from(number).ok());
                let number = number.ok_or_else(|| unknown("reason", &REASONS, &word.text, word.span))?;
                (Size::Byte, REASON_AT, number)
            }
            (PfField::Action, NameOrNumber::Name(word)) => {
                let names = ACTIONS.map(|(name, _)| name);
                let number = ACTIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word.text));
                let number = number.ok_or_else(|| unknown("action", &names, &word.text, word.span))?.1;
                (Size::Byte, ACTION_AT, number)
            }
            (PfField::Reason, NameOrNumber::Number(number, span)) => {
                self.check_range("pf reason", *number, 0xff, *span)?;
                (Size::Byte, REASON_AT, *number)
            }
            (PfField::Rulenum, NameOrNumber::Number(number, _)) => (Size::Word, RULE_AT, *number),
            (PfField::Subrulenum, NameOrNumber::Number(number, _)) => (Size::Word, SUBRULE_AT, *number),
            _ => return Err(self.internal("a pf field has a value of another kind")),
        };
        self.needs_pf()?;
        let (size, at, number) = test;
        Ok(self.equals(size, self.layers.header.plus(at), number))
    }

    fn needs_pf(&self) -> Lower<()> {
        let link_type = self.layers.link_type;
        if link_type == LinkType::PFLOG {
            return Ok(());
        }
        let message = alloc::format!("packets of link type {link_type} have no pf log header");
        Err(self.error(Code::LinkType, message).with_help("pf writes captures of link type PFLOG"))
    }
}

fn unknown(what: &str, names: &[&'static str], text: &str, span: Span) -> Diagnostic {
    let message = alloc::format!("`{text}` is no {what} of pf");
    let error = Diagnostic::new(Code::UnknownWord, message, span, "not one of its words");
    match nearest(text, names.iter().copied()) {
        Some(similar) => {
            error.with_patch("a similar word exists", span, alloc::string::String::from(similar))
        }
        None => error,
    }
}
