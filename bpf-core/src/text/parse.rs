//! Parsers of what tcpdump prints, and the choice between all of them.

use alloc::vec::Vec;

use super::LEN_MAX;
use super::asm::parse_bpf_asm;
use super::disassembly::is_conditional;
use super::error::{Found, ParseError, ParseErrorKind};
use super::lexer::{Cursor, Syntax, Token};
use super::operand::{Argument, Mnemonic, argument, assemble};
use crate::insn::{Insn, RawInsn};

/// The forms of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `tcpdump -d`
    Disassembly,
    /// `tcpdump -dd`
    CArray,
    /// `tcpdump -ddd`
    Decimal,
    /// Linux `bpf_asm`
    BpfAsm,
}

/// Which form a text has, by its first character behind blanks and comments: `(` is `-d`, `{` is `-dd`, a digit is
/// `-ddd`, anything else the assembler's.
#[must_use]
pub fn recognize(text: &str) -> Form {
    // Comments as the assembler has them: of all forms it has the most kinds.
    match Cursor::new(text, Syntax::Assembler).map(|cursor| cursor.token()) {
        Ok(Token::Mark('(')) => Form::Disassembly,
        Ok(Token::Mark('{')) => Form::CArray,
        Ok(Token::Number(_)) => Form::Decimal,
        _ => Form::BpfAsm,
    }
}

/// The instructions of a text in any form; see [`recognize`]. An empty text has no instructions.
///
/// # Errors
/// Where the text leaves the form that it was recognized as.
pub fn parse(text: &str) -> Result<Vec<RawInsn>, ParseError> {
    match recognize(text) {
        Form::Disassembly => parse_disassembly(text),
        Form::CArray => parse_c_array(text),
        Form::Decimal => parse_decimal(text),
        Form::BpfAsm => parse_bpf_asm(text),
    }
}

/// The instructions of the form of `tcpdump -dd`. Numbers may be written as C has them, the last comma may be missing.
///
/// # Errors
/// Where the text leaves the form.
pub fn parse_c_array(text: &str) -> Result<Vec<RawInsn>, ParseError> {
    let mut cursor = Cursor::new(text, Syntax::CArray)?;
    let mut insns = Vec::new();
    while cursor.token() != Token::End {
        room_for_one(&insns, &cursor)?;
        cursor.expect('{', "`{`")?;
        let code = narrow(&mut cursor, "the code")?;
        cursor.expect(',', "`,`")?;
        let jt = narrow(&mut cursor, "jt")?;
        cursor.expect(',', "`,`")?;
        let jf = narrow(&mut cursor, "jf")?;
        cursor.expect(',', "`,`")?;
        let k = cursor.number("k")?;
        cursor.expect('}', "`}`")?;
        if !cursor.eat(',')? && cursor.token() != Token::End {
            return Err(cursor.expected("`,` between instructions"));
        }
        insns.push(RawInsn { code, jt, jf, k });
    }
    Ok(insns)
}

/// The instructions of the form of `tcpdump -ddd`: a count, then `code jt jf k` for each. Commas do for ends of lines,
/// as in the one-line form that Linux' `bpf_asm` prints and `iptables` takes.
///
/// # Errors
/// Where the text leaves the form.
pub fn parse_decimal(text: &str) -> Result<Vec<RawInsn>, ParseError> {
    let mut cursor = Cursor::new(text, Syntax::Decimal)?;
    while cursor.eat('\n')? {}
    let said = cursor.unsigned(u32::MAX, "the count of instructions")?;
    let mut insns = Vec::new();
    loop {
        let ended = cursor.eat('\n')? || cursor.eat(',')?;
        while cursor.eat('\n')? || cursor.eat(',')? {}
        let found = u32::try_from(insns.len()).unwrap_or(u32::MAX);
        if cursor.token() == Token::End {
            let wrong = ParseErrorKind::WrongCount { said, found };
            return if said == found { Ok(insns) } else { Err(cursor.error_at(cursor.place(), wrong)) };
        }
        if !ended {
            return Err(cursor.expected("the end of the line or `,`"));
        }
        if found == said {
            let found = found.saturating_add(1);
            return Err(cursor.error_at(cursor.place(), ParseErrorKind::WrongCount { said, found }));
        }
        room_for_one(&insns, &cursor)?;
        let code = narrow(&mut cursor, "the code")?;
        let jt = narrow(&mut cursor, "jt")?;
        let jf = narrow(&mut cursor, "jf")?;
        let k = cursor.unsigned(u32::MAX, "k")?;
        insns.push(RawInsn { code, jt, jf, k });
    }
}

/// The instructions of the form of `tcpdump -d`; what it does not show comes back as 0. Blanks may be more or fewer.
///
/// # Errors
/// Where the text leaves the form, and where a target cannot be a target.
pub fn parse_disassembly(text: &str) -> Result<Vec<RawInsn>, ParseError> {
    let mut cursor = Cursor::new(text, Syntax::Disassembly)?;
    let mut insns = Vec::new();
    while cursor.token() != Token::End {
        room_for_one(&insns, &cursor)?;
        let expected = u32::try_from(insns.len()).unwrap_or(u32::MAX);
        cursor.expect('(', "`(` and the number of the line")?;
        let place = cursor.place();
        let found = cursor.unsigned(u32::MAX, "the number of the line")?;
        if found != expected {
            return Err(cursor.error_at(place, ParseErrorKind::OutOfOrder { expected, found }));
        }
        cursor.expect(')', "`)`")?;
        insns.push(disassembled(&mut cursor, expected.saturating_add(1))?);
    }
    Ok(insns)
}

/// The instruction behind the number of its line; `next` is the place of the one behind it.
fn disassembled(cursor: &mut Cursor<'_>, next: u32) -> Result<RawInsn, ParseError> {
    let (name, place) = cursor.word("the name of an instruction")?;
    if name == "unimp" {
        let code = narrow(cursor, "the code of the instruction")?;
        let word = RawInsn::stmt(code, 0);
        return if is_conditional(code) { with_targets(cursor, word, next) } else { Ok(word) };
    }
    let unknown = || cursor.error_at(place, ParseErrorKind::UnknownInstruction(Found::new(name)));
    let mnemonic = Mnemonic::from_name(name).ok_or_else(unknown)?;
    if let Mnemonic::Branch(_, true) = mnemonic {
        return Err(unknown());
    }
    if mnemonic == Mnemonic::Jump {
        let target = cursor.number("the place to go to")?;
        return Ok(Insn::Jump(target.wrapping_sub(next)).encode());
    }
    let at_end = matches!(cursor.token(), Token::Mark('(') | Token::End);
    let argument = match mnemonic {
        Mnemonic::Ret if at_end => Argument::A,
        _ if mnemonic.is_alone() => Argument::Nothing,
        _ => argument(cursor)?,
    };
    let wrong = || cursor.error_at(place, ParseErrorKind::WrongOperand { name: mnemonic.name() });
    let insn = assemble(mnemonic, argument).ok_or_else(wrong)?;
    match insn {
        Insn::Branch { .. } => with_targets(cursor, insn.encode(), next),
        _ => Ok(insn.encode()),
    }
}

fn with_targets(cursor: &mut Cursor<'_>, word: RawInsn, next: u32) -> Result<RawInsn, ParseError> {
    let jt = target(cursor, "jt", "`jt` and a place to go to", next)?;
    let jf = target(cursor, "jf", "`jf` and a place to go to", next)?;
    Ok(RawInsn { jt, jf, ..word })
}

fn target(cursor: &mut Cursor<'_>, name: &str, what: &'static str, next: u32) -> Result<u8, ParseError> {
    if cursor.token() != Token::Word(name) {
        return Err(cursor.expected(what));
    }
    cursor.advance()?;
    let place = cursor.place();
    let target = cursor.unsigned(u32::MAX, "a place to go to")?;
    skip(target, next).map_err(|kind| cursor.error_at(place, kind))
}

/// How many instructions a conditional jump in front of `next` skips to get to `target`.
pub(super) fn skip(target: u32, next: u32) -> Result<u8, ParseErrorKind> {
    let skipped = target.checked_sub(next).ok_or(ParseErrorKind::JumpBack)?;
    u8::try_from(skipped).map_err(|_| ParseErrorKind::JumpTooFar { skipped })
}

/// Reads a number of 8 or 16 bits.
fn narrow<T: TryFrom<u32> + Into<u32> + Bounded>(
    cursor: &mut Cursor<'_>,
    what: &'static str,
) -> Result<T, ParseError> {
    let place = cursor.place();
    let max = T::MAX.into();
    let value = cursor.unsigned(max, what)?;
    T::try_from(value).map_err(|_| cursor.error_at(place, ParseErrorKind::NumberTooLarge { max }))
}

trait Bounded {
    const MAX: Self;
}

impl Bounded for u8 {
    const MAX: Self = Self::MAX;
}

impl Bounded for u16 {
    const MAX: Self = Self::MAX;
}

pub(super) fn room_for_one(insns: &[RawInsn], cursor: &Cursor<'_>) -> Result<(), ParseError> {
    if insns.len() < LEN_MAX as usize {
        Ok(())
    } else {
        Err(cursor.error_at(cursor.place(), ParseErrorKind::TooLong))
    }
}
