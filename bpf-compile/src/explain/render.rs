//! Texts on one line, and numbers for people.

use alloc::string::{String, ToString as _};

/// The longest quotation beside an instruction or in a node.
pub(super) const MARGIN_CHARS_MAX: usize = 32;
/// The longest quotation of a filter above its program.
pub(super) const HEAD_CHARS_MAX: usize = 200;
/// The longest quotation in a sentence.
pub(super) const SENTENCE_CHARS_MAX: usize = 60;

/// A piece of a filter on one line, the beginning of it if it is long. Characters that would break the line are spaces.
pub(super) fn shortened(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut chars = text.trim().chars();
    for c in chars.by_ref().take(chars_max) {
        out.push(if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c });
    }
    if chars.next().is_some() {
        out.push_str("...");
    }
    out
}

/// The same in backquotes.
pub(super) fn quoted(text: &str) -> String {
    alloc::format!("`{}`", shortened(text, SENTENCE_CHARS_MAX))
}

/// With commas between thousands.
///
/// ```
/// assert_eq!(bpf_compile::explain::grouped(49_990), "49,990");
/// ```
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().wrapping_sub(at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_stay_on_their_line() {
        assert_eq!(shortened(" tcp\nport 80 ", 20), "tcp port 80");
        assert_eq!(shortened("abcdef", 3), "abc...");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
