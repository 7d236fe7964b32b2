//! Text to tokens, one at a time.
//!
//! Rules, in this order:
//! - The longest match wins: `len-14` is one name, `1.2.3.4.5` is a name, `012345670123` a MAC address.
//! - Of equal length, the first wins: MAC, number, dotted numbers, IPv6, bogus address, keyword, name.
//! - A name begins with a letter or digit, goes on with `-`, `_` and `.` too, and ends with none of `-` and `_`.
//! - `\` makes a name of everything up to a space, tab, line feed, `!`, `(` or `)`.
//! - Space, tab, carriage return and line feed separate; everything else that begins no token is an error.
//!
//! Invariant: every call moves forward or reports the end, so a text of n bytes gives at most n tokens. Each byte is
//! looked at a bounded number of times.

mod address;
mod number;

use alloc::format;
use alloc::string::String;
use core::net::Ipv6Addr;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::combinator::value;
use nom::sequence::preceded;
use nom::{IResult, Parser as _};

use super::Dialect;
use super::ast::{ArithOp, RelOp};
use super::keywords::keyword;
use super::token::{Token, TokenKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;

/// Reads tokens off a text that is at most [`TEXT_BYTES_MAX`](super::limits::TEXT_BYTES_MAX) long.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    at: u32,
    dialect: Dialect,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of the text.
    pub(super) const fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { rest: text, at: 0, dialect }
    }

    /// A lexer in the middle of the text; at its end if `at` is no place in it.
    pub(super) fn starting_at(text: &'a str, at: u32, dialect: Dialect) -> Self {
        Self { rest: text.get(at as usize..).unwrap_or_default(), at, dialect }
    }

    /// The next token; [`TokenKind::End`] again and again at the end.
    pub(super) fn read(&mut self) -> Result<Token<'a>, Diagnostic> {
        let space = self.rest.len() - self.rest.trim_start_matches([' ', '\r', '\n', '\t']).len();
        self.take(space);
        let Some(first) = self.rest.chars().next() else {
            return Ok(Token { kind: TokenKind::End, span: Span::new(self.at, self.at) });
        };
        match first {
            '\\' => self.escaped(),
            '$' => self.short_mac(),
            ':' => self.colon(),
            'a'..='z' | 'A'..='Z' | '0'..='9' => self.word(),
            _ => self.sign(),
        }
    }

    /// Moves over that many bytes of `rest`, which end at a character's border.
    fn take(&mut self, len: usize) -> (&'a str, Span) {
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        let start = self.at;
        self.rest = rest;
        self.at = start.saturating_add(u32::try_from(taken.len()).unwrap_or(u32::MAX));
        (taken, Span::new(start, self.at))
    }

    /// A token whose text needs no further look.
    fn token(&mut self, len: usize, kind: TokenKind<'a>) -> Token<'a> {
        let (_, span) = self.take(len);
        Token { kind, span }
    }

    fn escaped(&mut self) -> Result<Token<'a>, Diagnostic> {
        match escape(self.rest) {
            Ok((_, name)) => Ok(self.token(name.len().saturating_add(1), TokenKind::Word(name))),
            Err(_) => Err(self.unexpected('\\')),
        }
    }

    fn short_mac(&mut self) -> Result<Token<'a>, Diagnostic> {
        let digits = self.rest.bytes().skip(1).take(2).take_while(u8::is_ascii_hexdigit).count();
        let text = self.rest.get(1..digits.saturating_add(1)).unwrap_or_default();
        match u8::from_str_radix(text, 16) {
            Ok(byte) => Ok(self.token(digits.saturating_add(1), TokenKind::Mac8(byte))),
            Err(_) => Err(self.unexpected('$')),
        }
    }

    fn colon(&mut self) -> Result<Token<'a>, Diagnostic> {
        match address::ipv6_len(self.rest) {
            0 => Ok(self.token(1, TokenKind::Colon)),
            len => self.ipv6(len),
        }
    }

    /// Whatever begins with a letter or digit. `word` is at least one byte long, and no rule but those of addresses
    /// matches more than it.
    fn word(&mut self) -> Result<Token<'a>, Diagnostic> {
        let word = word_len(self.rest);
        let mac = recognized(address::mac(self.rest));
        let ipv6 = address::ipv6_len(self.rest);
        let bogus = recognized(address::bogus(self.rest));
        let longest = word.max(mac).max(ipv6).max(bogus);
        if mac == longest {
            let (text, span) = self.take(mac);
            return Ok(Token { kind: TokenKind::Mac(address::mac_bytes(text)), span });
        }
        if recognized(number::number(self.rest)) == longest {
            let (text, span) = self.take(longest);
            return Ok(Token { kind: TokenKind::Number(number::value(text, span)?), span });
        }
        if recognized(number::dotted(self.rest)) == longest {
            let (text, span) = self.take(longest);
            return Ok(Token { kind: TokenKind::Dotted(text), span });
        }
        if ipv6 == longest {
            return self.ipv6(ipv6);
        }
        let (text, span) = self.take(longest);
        if bogus == longest {
            // The rule ends behind a colon; what the user sees as the address goes on.
            let rest = self.rest.bytes().take_while(|byte| byte.is_ascii_hexdigit() || *byte == b':').count();
            let end = span.end.saturating_add(u32::try_from(rest).unwrap_or(u32::MAX));
            let span = Span::new(span.start, end);
            let message = "this is neither a MAC nor an IPv6 address";
            return Err(Diagnostic::new(Code::BogusAddress, message, span, "malformed address").with_help(
                "a MAC address has six parts, `00:11:22:33:44:55`; an IPv6 address eight, or `::` in it",
            ));
        }
        Ok(Token { kind: keyword(text, self.dialect).unwrap_or(TokenKind::Word(text)), span })
    }

    fn ipv6(&mut self, len: usize) -> Result<Token<'a>, Diagnostic> {
        let (text, span) = self.take(len);
        match text.parse::<Ipv6Addr>() {
            Ok(address) => Ok(Token { kind: TokenKind::Ipv6(address.octets()), span }),
            // Only the IPv4 tail can be wrong here: its numbers may be too big, hexadecimal or octal.
            Err(_) => Err(Diagnostic::new(
                Code::BogusAddress,
                "the IPv4 part of this IPv6 address is malformed",
                span,
                "malformed address",
            )
            .with_help("each of the four numbers is decimal, at most 255 and without leading zeros")),
        }
    }

    fn sign(&mut self) -> Result<Token<'a>, Diagnostic> {
        match sign(self.rest) {
            Ok((rest, kind)) => Ok(self.token(self.rest.len() - rest.len(), kind)),
            Err(_) => {
                let first = self.rest.chars().next().unwrap_or_default();
                Err(self.unexpected(first))
            }
        }
    }

    /// Advice to leave a pair of quotes out.
    fn quoted(&self, error: Diagnostic, quote: char, span: Span) -> Diagnostic {
        let inside = self.rest.get(1..).and_then(|rest| rest.split_once(quote)).map(|(inside, _)| inside);
        let advice = "names are written without quotes";
        let Some(inside) = inside else { return error.with_patch(advice, span, String::new()) };
        let len = u32::try_from(inside.len()).unwrap_or(u32::MAX);
        let end = span.end.saturating_add(len).saturating_add(1);
        error.with_patch(advice, Span::new(span.start, end), inside)
    }

    fn unexpected(&self, found: char) -> Diagnostic {
        let len = u32::try_from(found.len_utf8()).unwrap_or(1);
        let span = Span::new(self.at, self.at.saturating_add(len));
        let message = if is_visible(found) {
            format!("unexpected character `{found}`")
        } else {
            format!("unexpected character `{}`", found.escape_default())
        };
        let error =
            Diagnostic::new(Code::UnexpectedCharacter, message, span, "begins no word of the language");
        match found {
            ',' => error.with_patch("alternatives are joined by `or`", span, " or "),
            '"' | '\'' => self.quoted(error, found, span),
            '\\' => error.with_help("a backslash stands directly before the keyword that is meant as a name"),
            '\u{feff}' => error.with_patch("a byte order mark is no part of a filter", span, ""),
            space if space.is_whitespace() => {
                error.with_patch("only spaces, tabs and line ends separate words", span, " ")
            }
            '{' => error.with_patch("groups are made with parentheses", span, "("),
            '}' => error.with_patch("groups are made with parentheses", span, ")"),
            _ => error,
        }
    }
}

/// Whether one sees the character when it is printed; a space that is no space, or a mark without width, is not seen.
fn is_visible(c: char) -> bool {
    c.escape_debug().len() == 1 || matches!(c, '"' | '\'' | '\\')
}

/// How long the name at the start is; its first byte is a letter or digit.
fn word_len(input: &str) -> usize {
    let all: IResult<&str, &str> =
        take_while(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).parse(input);
    all.map_or(0, |(_, all)| all.trim_end_matches(['-', '_']).len())
}

/// The name behind a backslash.
fn escape(input: &str) -> IResult<&str, &str> {
    let part = |c| !matches!(c, ' ' | '!' | '(' | ')' | '\n' | '\t' | '\0');
    preceded(tag("\\"), take_while1(part)).parse(input)
}

/// Signs, the longer ones first.
fn sign<'a>(input: &'a str) -> IResult<&'a str, TokenKind<'a>> {
    use TokenKind as T;
    let sign = |text: &'static str, kind: T<'a>| value(kind, tag(text));
    let long = alt((
        sign("&&", T::And),
        sign("||", T::Or),
        sign(">=", T::Rel(RelOp::Ge)),
        sign("<=", T::Rel(RelOp::Le)),
        sign("!=", T::Rel(RelOp::Ne)),
        sign("==", T::Rel(RelOp::Eq)),
        sign("<<", T::Arith(ArithOp::Shl)),
        sign(">>", T::Arith(ArithOp::Shr)),
    ));
    let brackets = alt((
        sign("(", T::Open),
        sign(")", T::Close),
        sign("[", T::BracketOpen),
        sign("]", T::BracketClose),
        sign("!", T::Not),
    ));
    let arith = alt((
        sign("+", T::Arith(ArithOp::Add)),
        sign("-", T::Arith(ArithOp::Sub)),
        sign("*", T::Arith(ArithOp::Mul)),
        sign("/", T::Arith(ArithOp::Div)),
        sign("%", T::Arith(ArithOp::Mod)),
        sign("&", T::Arith(ArithOp::And)),
        sign("|", T::Arith(ArithOp::Or)),
        sign("^", T::Arith(ArithOp::Xor)),
    ));
    let compare =
        alt((sign(">", T::Rel(RelOp::Gt)), sign("<", T::Rel(RelOp::Lt)), sign("=", T::Rel(RelOp::Eq))));
    alt((long, brackets, arith, compare)).parse(input)
}

/// How much a recognizer took; 0 if it does not match.
fn recognized(result: IResult<&str, &str>) -> usize {
    result.map_or(0, |(_, found)| found.len())
}

#[cfg(test)]
mod tests;
