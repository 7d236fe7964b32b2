//! Numbers: decimal, `0x` hexadecimal, and octal after a leading zero.

use alloc::format;
use alloc::string::String;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::digit1;
use nom::combinator::{opt, recognize};
use nom::{IResult, Parser as _};

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;

/// The longest number at the start: `0x` without a digit behind it is the number 0 and a word.
pub(super) fn number(input: &str) -> IResult<&str, &str> {
    let hex = recognize((alt((tag("0x"), tag("0X"))), take_while1(|c: char| c.is_ascii_hexdigit())));
    alt((hex, digit1)).parse(input)
}

/// Two to four numbers with dots between them.
pub(super) fn dotted(input: &str) -> IResult<&str, &str> {
    let more = || (tag("."), number);
    recognize((number, more(), opt((more(), opt(more()))))).parse(input)
}

/// Four numbers with dots between them: the tail of some IPv6 addresses.
pub(super) fn quad(input: &str) -> IResult<&str, &str> {
    recognize((number, tag("."), number, tag("."), number, tag("."), number)).parse(input)
}

/// The value of what [`number`] recognized.
pub(super) fn value(text: &str, span: Span) -> Result<u32, Diagnostic> {
    let (digits, radix) = split_radix(text);
    if digits.is_empty() {
        return Ok(0);
    }
    if radix == 8 && digits.contains(['8', '9']) {
        return Err(not_octal(text, span));
    }
    u32::from_str_radix(digits, radix).map_err(|_| too_big(text, span))
}

fn split_radix(text: &str) -> (&str, u32) {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return (hex, 16);
    }
    match text.strip_prefix('0') {
        Some(octal) => (octal, 8),
        None => (text, 10),
    }
}

fn not_octal(text: &str, span: Span) -> Diagnostic {
    let message = "a number that begins with 0 is octal and has no digit 8 or 9";
    let decimal = text.trim_start_matches('0');
    Diagnostic::new(Code::NotOctal, message, span, "not an octal number").with_patch(
        "for a decimal number, leave the leading zero out",
        span,
        if decimal.is_empty() { String::from("0") } else { String::from(decimal) },
    )
}

fn too_big(text: &str, span: Span) -> Diagnostic {
    // A thousand digits would bury the sentence.
    let message = if text.len() <= 24 {
        format!("the number `{text}` does not fit in 32 bits")
    } else {
        format!("a number of {} digits does not fit in 32 bits", text.len())
    };
    Diagnostic::new(Code::NumberTooBig, message, span, "the greatest number is 4294967295")
}
