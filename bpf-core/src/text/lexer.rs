//! Text to tokens, and a cursor over them; one lexer for all forms.
//!
//! ```text
//! word     letter or _, then letters, digits, _
//! number   digit, then letters, digits, _     (its value is asked for later: the base depends on the form)
//! mark     any other character
//! ```
//!
//! | form    | comments                                              | numbers                          |
//! | ------- | ----------------------------------------------------- | -------------------------------- |
//! | `-d`    | none                                                  | decimal (`010` is ten), `0x`     |
//! | `-dd`   | `/* */`, `//`                                         | as in C: `0x`, `0` octal, `0b`   |
//! | `-ddd`  | none; the end of a line is a mark                     | decimal                          |
//! | asm     | `/* */`, `//`, `;` and, first in its line, `#`        | as in C                          |

use core::num::IntErrorKind;

use super::error::{Found, ParseError, ParseErrorKind};

/// Which form is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Disassembly,
    CArray,
    Decimal,
    Assembler,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Mark(char),
    End,
}

/// A place in the text and the token that stands there.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    syntax: Syntax,
    token: Token<'a>,
    /// Where the token begins and ends, in bytes.
    start: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, syntax: Syntax) -> Result<Self, ParseError> {
        let mut cursor = Self { text, syntax, token: Token::End, start: 0, end: 0 };
        cursor.advance()?;
        Ok(cursor)
    }

    pub(super) fn syntax(&self) -> Syntax {
        self.syntax
    }

    pub(super) fn token(&self) -> Token<'a> {
        self.token
    }

    /// Where the token begins, for [`Self::error_at`].
    pub(super) fn place(&self) -> usize {
        self.start
    }

    pub(super) fn advance(&mut self) -> Result<(), ParseError> {
        self.start = self.skip_blanks()?;
        let rest = self.text.get(self.start..).unwrap_or_default();
        let word_len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (token, len) = match rest.chars().next() {
            None => (Token::End, 0),
            Some('0'..='9') => (Token::Number(rest.get(..word_len).unwrap_or_default()), word_len),
            Some(_) if word_len > 0 => (Token::Word(rest.get(..word_len).unwrap_or_default()), word_len),
            Some(mark) => (Token::Mark(mark), mark.len_utf8()),
        };
        self.token = token;
        self.end = self.start.saturating_add(len);
        Ok(())
    }

    /// Whether this mark stood here; if so, it is read.
    pub(super) fn eat(&mut self, mark: char) -> Result<bool, ParseError> {
        let here = self.token == Token::Mark(mark);
        if here {
            self.advance()?;
        }
        Ok(here)
    }

    pub(super) fn expect(&mut self, mark: char, what: &'static str) -> Result<(), ParseError> {
        if self.eat(mark)? { Ok(()) } else { Err(self.expected(what)) }
    }

    /// Reads a word, and where it stands.
    pub(super) fn word(&mut self, what: &'static str) -> Result<(&'a str, usize), ParseError> {
        let Token::Word(word) = self.token else {
            return Err(self.expected(what));
        };
        let place = self.start;
        self.advance()?;
        Ok((word, place))
    }

    /// Reads a number of 32 bits with or without a sign.
    pub(super) fn number(&mut self, what: &'static str) -> Result<u32, ParseError> {
        if !self.eat('-')? {
            self.eat('+')?;
            return self.unsigned(u32::MAX, what);
        }
        let magnitude = self.unsigned(i32::MIN.unsigned_abs(), what)?;
        Ok(magnitude.wrapping_neg())
    }

    /// Reads a number without a sign.
    pub(super) fn unsigned(&mut self, max: u32, what: &'static str) -> Result<u32, ParseError> {
        let Token::Number(digits) = self.token else {
            return Err(self.expected(what));
        };
        match value(digits, self.syntax) {
            Ok(value) if value <= max => {
                self.advance()?;
                Ok(value)
            }
            Ok(_) | Err(NotANumber::TooLarge) => {
                Err(self.error_at(self.start, ParseErrorKind::NumberTooLarge { max }))
            }
            Err(NotANumber::Malformed) => Err(self.expected(what)),
        }
    }

    /// The error that something else should stand here.
    pub(super) fn expected(&self, what: &'static str) -> ParseError {
        let found = Found::new(self.text.get(self.start..self.end).unwrap_or_default());
        self.error_at(self.start, ParseErrorKind::Expected { what, found })
    }

    /// An error at a place of the text.
    pub(super) fn error_at(&self, place: usize, kind: ParseErrorKind) -> ParseError {
        let before = self.text.get(..place).unwrap_or(self.text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        ParseError {
            line: count(before.matches('\n').count()),
            column: count(last_line.chars().count()),
            kind,
        }
    }

    /// Where the next token begins.
    fn skip_blanks(&self) -> Result<usize, ParseError> {
        let mut at = self.end;
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let blank = |c: char| c.is_whitespace() && !(c == '\n' && self.syntax == Syntax::Decimal);
            let trimmed = rest.trim_start_matches(blank);
            at = at.saturating_add(rest.len().saturating_sub(trimmed.len()));
            if self.line_comment(trimmed, at) {
                at = at.saturating_add(trimmed.find('\n').unwrap_or(trimmed.len()));
            } else if self.has_block_comments()
                && let Some(inside) = trimmed.strip_prefix("/*")
            {
                let Some(len) = inside.find("*/") else {
                    return Err(self.error_at(at, ParseErrorKind::OpenComment));
                };
                at = at.saturating_add(len).saturating_add(4);
            } else {
                return Ok(at);
            }
        }
    }

    fn has_block_comments(&self) -> bool {
        matches!(self.syntax, Syntax::CArray | Syntax::Assembler)
    }

    fn line_comment(&self, rest: &str, at: usize) -> bool {
        if self.has_block_comments() && rest.starts_with("//") {
            return true;
        }
        let first_in_line =
            || self.text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
        self.syntax == Syntax::Assembler
            && (rest.starts_with(';') || (rest.starts_with('#') && first_in_line()))
    }
}

enum NotANumber {
    Malformed,
    TooLarge,
}

fn value(digits: &str, syntax: Syntax) -> Result<u32, NotANumber> {
    let prefixed = |lower, upper| digits.strip_prefix(lower).or_else(|| digits.strip_prefix(upper));
    let hexadecimal = if syntax == Syntax::Decimal { None } else { prefixed("0x", "0X") };
    let like_c = matches!(syntax, Syntax::CArray | Syntax::Assembler);
    let (digits, radix) = if let Some(rest) = hexadecimal {
        (rest, 16)
    } else if let Some(rest) = prefixed("0b", "0B").filter(|_| like_c) {
        (rest, 2)
    } else if like_c && digits.len() > 1 && digits.starts_with('0') {
        (digits, 8)
    } else {
        (digits, 10)
    };
    u32::from_str_radix(digits, radix).map_err(|error| match error.kind() {
        IntErrorKind::PosOverflow => NotANumber::TooLarge,
        _ => NotANumber::Malformed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, syntax: Syntax) -> Option<u32> {
        let mut cursor = Cursor::new(text, syntax).unwrap();
        let value = cursor.number("a number").ok()?;
        (cursor.token() == Token::End).then_some(value)
    }

    #[test]
    fn the_base_of_a_number_depends_on_the_form() {
        assert_eq!(number("010", Syntax::Assembler), Some(8));
        assert_eq!(number("010", Syntax::Disassembly), Some(10));
        assert_eq!(number("0x1F", Syntax::Disassembly), Some(31));
        assert_eq!(number("0x1f", Syntax::Decimal), None);
        assert_eq!(number("0b101", Syntax::Assembler), Some(5));
        assert_eq!(number("0b101", Syntax::Disassembly), None);
        assert_eq!(number("08", Syntax::CArray), None);
        assert_eq!(number("0", Syntax::CArray), Some(0));
    }

    #[test]
    fn numbers_have_thirty_two_bits_with_or_without_a_sign() {
        for syntax in [Syntax::Assembler, Syntax::Disassembly] {
            assert_eq!(number("4294967295", syntax), Some(u32::MAX));
            assert_eq!(number("4294967296", syntax), None);
            assert_eq!(number("-1", syntax), Some(u32::MAX));
            assert_eq!(number("-2147483648", syntax), Some(0x8000_0000));
            assert_eq!(number("-2147483649", syntax), None);
            assert_eq!(number("+7", syntax), Some(7));
            assert_eq!(number("0x", syntax), None);
            assert_eq!(number("12ab", syntax), None);
            assert_eq!(number("1_0", syntax), None);
        }
    }

    #[test]
    fn comments_are_skipped_where_the_form_has_them() {
        let text = "# first\n/* a * / b */ 7 // c\n; d";
        assert_eq!(number(text, Syntax::Assembler), Some(7));
        assert_eq!(number("/**/7", Syntax::CArray), Some(7));
        assert_eq!(number("/**/7", Syntax::Disassembly), None);
        assert_eq!(Cursor::new(" /* /", Syntax::CArray).unwrap_err().kind, ParseErrorKind::OpenComment);
    }

    #[test]
    fn places_are_lines_and_characters() {
        let mut cursor = Cursor::new("aa\n  é b", Syntax::Assembler).unwrap();
        cursor.advance().unwrap();
        cursor.advance().unwrap();
        let error = cursor.expected("nothing");
        assert_eq!((error.line, error.column), (2, 5));
    }
}
