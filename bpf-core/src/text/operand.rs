//! Names of instructions and their operands, as `-d` and the assembler share them.
//!
//! ```text
//! name ─┐
//!       ├─▶ assemble ─▶ word without targets
//! operand ─┘
//! ```

use super::disassembly::{alu_name, cond_name, load_name};
use super::error::{Found, ParseError, ParseErrorKind};
use super::lexer::{Cursor, Syntax, Token};
use super::names;
use crate::insn::{AluOp, Cond, Insn, Operand, Size};

/// What the name of an instruction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mnemonic {
    Load(Size),
    LoadImm,
    LoadX,
    LoadXImm,
    LoadXByte,
    Store,
    StoreX,
    Jump,
    /// A condition, and whether the name says its contrary.
    Branch(Cond, bool),
    Alu(AluOp),
    Neg,
    Tax,
    Txa,
    Ret,
}

const MNEMONICS: [(&str, Mnemonic); 33] = [
    ("ld", Mnemonic::Load(Size::Word)),
    ("ldh", Mnemonic::Load(Size::Half)),
    ("ldb", Mnemonic::Load(Size::Byte)),
    ("ldi", Mnemonic::LoadImm),
    ("ldx", Mnemonic::LoadX),
    ("ldxi", Mnemonic::LoadXImm),
    ("ldxb", Mnemonic::LoadXByte),
    ("st", Mnemonic::Store),
    ("stx", Mnemonic::StoreX),
    ("jmp", Mnemonic::Jump),
    ("ja", Mnemonic::Jump),
    ("jeq", Mnemonic::Branch(Cond::Eq, false)),
    ("jneq", Mnemonic::Branch(Cond::Eq, true)),
    ("jne", Mnemonic::Branch(Cond::Eq, true)),
    ("jgt", Mnemonic::Branch(Cond::Gt, false)),
    ("jle", Mnemonic::Branch(Cond::Gt, true)),
    ("jge", Mnemonic::Branch(Cond::Ge, false)),
    ("jlt", Mnemonic::Branch(Cond::Ge, true)),
    ("jset", Mnemonic::Branch(Cond::Set, false)),
    ("add", Mnemonic::Alu(AluOp::Add)),
    ("sub", Mnemonic::Alu(AluOp::Sub)),
    ("mul", Mnemonic::Alu(AluOp::Mul)),
    ("div", Mnemonic::Alu(AluOp::Div)),
    ("mod", Mnemonic::Alu(AluOp::Mod)),
    ("or", Mnemonic::Alu(AluOp::Or)),
    ("and", Mnemonic::Alu(AluOp::And)),
    ("xor", Mnemonic::Alu(AluOp::Xor)),
    ("lsh", Mnemonic::Alu(AluOp::Lsh)),
    ("rsh", Mnemonic::Alu(AluOp::Rsh)),
    ("neg", Mnemonic::Neg),
    ("tax", Mnemonic::Tax),
    ("txa", Mnemonic::Txa),
    ("ret", Mnemonic::Ret),
];

impl Mnemonic {
    /// By name, in letters of any case.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        MNEMONICS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|&(_, mnemonic)| mnemonic)
    }

    /// The name for messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Load(size) => load_name(size),
            Self::LoadImm => "ldi",
            Self::LoadX => "ldx",
            Self::LoadXImm => "ldxi",
            Self::LoadXByte => "ldxb",
            Self::Store => "st",
            Self::StoreX => "stx",
            Self::Jump => "jmp",
            Self::Branch(cond, false) => cond_name(cond),
            Self::Branch(Cond::Eq, true) => "jneq",
            Self::Branch(Cond::Gt, true) => "jle",
            Self::Branch(Cond::Ge, true) => "jlt",
            Self::Branch(Cond::Set, true) => "jset",
            Self::Alu(op) => alu_name(op),
            Self::Neg => "neg",
            Self::Tax => "tax",
            Self::Txa => "txa",
            Self::Ret => "ret",
        }
    }

    /// Whether nothing stands behind the name.
    pub(super) const fn is_alone(self) -> bool {
        matches!(self, Self::Neg | Self::Tax | Self::Txa)
    }
}

/// What stands behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    Nothing,
    Imm(u32),
    X,
    A,
    Len,
    Abs(u32),
    Ind(u32),
    Mem(u32),
    Msh(u32),
    /// A number without anything around it: `ldi 5`.
    Bare(u32),
}

/// The instruction of a name and what stands behind it, targets not set; `None` if they do not go together.
pub(super) fn assemble(mnemonic: Mnemonic, argument: Argument) -> Option<Insn> {
    use Argument as Arg;
    let operand = match argument {
        Arg::Imm(k) => Some(Operand::K(k)),
        Arg::X => Some(Operand::X),
        _ => None,
    };
    Some(match (mnemonic, argument) {
        (Mnemonic::Load(size), Arg::Abs(offset)) => Insn::LoadAbs { size, offset },
        (Mnemonic::Load(size), Arg::Ind(offset)) => Insn::LoadInd { size, offset },
        (Mnemonic::Load(Size::Word), Arg::Imm(k)) => Insn::LoadImm(k),
        (Mnemonic::Load(Size::Word), Arg::Mem(k)) => Insn::LoadMem(k),
        (Mnemonic::Load(Size::Word), Arg::Len) => Insn::LoadLen,
        (Mnemonic::LoadImm, Arg::Imm(k) | Arg::Bare(k)) => Insn::LoadImm(k),
        (Mnemonic::LoadX, Arg::Imm(k)) => Insn::LoadXImm(k),
        (Mnemonic::LoadX, Arg::Mem(k)) => Insn::LoadXMem(k),
        (Mnemonic::LoadX, Arg::Len) => Insn::LoadXLen,
        (Mnemonic::LoadX | Mnemonic::LoadXByte, Arg::Msh(k)) => Insn::LoadXMsh(k),
        (Mnemonic::LoadXImm, Arg::Imm(k) | Arg::Bare(k)) => Insn::LoadXImm(k),
        (Mnemonic::Store, Arg::Mem(k)) => Insn::Store(k),
        (Mnemonic::StoreX, Arg::Mem(k)) => Insn::StoreX(k),
        (Mnemonic::Alu(op), _) => Insn::Alu { op, operand: operand? },
        (Mnemonic::Branch(cond, _), _) => Insn::Branch { cond, operand: operand?, jt: 0, jf: 0 },
        (Mnemonic::Neg, Arg::Nothing) => Insn::Neg,
        (Mnemonic::Tax, Arg::Nothing) => Insn::Tax,
        (Mnemonic::Txa, Arg::Nothing) => Insn::Txa,
        (Mnemonic::Ret, Arg::Imm(k)) => Insn::RetK(k),
        (Mnemonic::Ret, Arg::A) => Insn::RetA,
        _ => return None,
    })
}

/// Reads what stands behind a name.
pub(super) fn argument(cursor: &mut Cursor<'_>) -> Result<Argument, ParseError> {
    match cursor.token() {
        Token::Mark('#') => {
            cursor.advance()?;
            immediate(cursor)
        }
        Token::Mark('[') => {
            cursor.advance()?;
            brackets(cursor)
        }
        Token::Mark('%') => {
            cursor.advance()?;
            register(cursor)
        }
        Token::Number(_) | Token::Mark('-' | '+') => number_or_msh(cursor),
        Token::Word(word) if word.eq_ignore_ascii_case("m") => {
            cursor.advance()?;
            cursor.expect('[', "`[` behind `M`")?;
            let k = cursor.number("the number of a scratch word")?;
            cursor.expect(']', "`]`")?;
            Ok(Argument::Mem(k))
        }
        Token::Word("x" | "X" | "a" | "A") => register(cursor),
        // The assembler takes the names of values without their mark too.
        Token::Word(_) if cursor.syntax() == Syntax::Assembler => named(cursor),
        _ => Err(cursor.expected("an operand")),
    }
}

fn register(cursor: &mut Cursor<'_>) -> Result<Argument, ParseError> {
    let argument = match cursor.token() {
        Token::Word("x" | "X") => Argument::X,
        Token::Word("a" | "A") => Argument::A,
        _ => return Err(cursor.expected("`x` or `a`")),
    };
    cursor.advance()?;
    Ok(argument)
}

/// Behind `#`.
fn immediate(cursor: &mut Cursor<'_>) -> Result<Argument, ParseError> {
    match cursor.token() {
        Token::Word(_) => named(cursor),
        _ => cursor.number("a number or a name behind `#`").map(Argument::Imm),
    }
}

fn named(cursor: &mut Cursor<'_>) -> Result<Argument, ParseError> {
    let (word, place) = cursor.word("a name")?;
    if word.eq_ignore_ascii_case("len") || word.eq_ignore_ascii_case("pktlen") {
        return Ok(Argument::Len);
    }
    let offset = match cursor.syntax() {
        Syntax::Assembler => names::assembler_offset(word),
        _ => None,
    };
    let unknown = || cursor.error_at(place, ParseErrorKind::UnknownName(Found::new(word)));
    offset.map(Argument::Abs).ok_or_else(unknown)
}

/// Behind `[`.
fn brackets(cursor: &mut Cursor<'_>) -> Result<Argument, ParseError> {
    let percent = cursor.eat('%')?;
    let argument = match cursor.token() {
        Token::Word("x" | "X") => {
            cursor.advance()?;
            cursor.expect('+', "`+` behind `x`")?;
            Argument::Ind(cursor.number("a number behind `x +`")?)
        }
        Token::Word(word) if cursor.syntax() == Syntax::Disassembly && !percent => {
            let unknown = || cursor.error_at(cursor.place(), ParseErrorKind::UnknownName(Found::new(word)));
            let offset = names::libpcap_offset(word).ok_or_else(unknown)?;
            cursor.advance()?;
            Argument::Abs(offset)
        }
        _ if percent => return Err(cursor.expected("`x` behind `%`")),
        _ => Argument::Abs(cursor.number("an offset or `x`")?),
    };
    cursor.expect(']', "`]`")?;
    Ok(argument)
}

fn number_or_msh(cursor: &mut Cursor<'_>) -> Result<Argument, ParseError> {
    let start = cursor.clone();
    let number = cursor.number("a number")?;
    if !cursor.eat('*')? {
        return Ok(Argument::Bare(number));
    }
    if number != 4 {
        return Err(start.expected("4*([k]&0xf)"));
    }
    cursor.expect('(', "`(`")?;
    cursor.expect('[', "`[`")?;
    let k = cursor.number("an offset")?;
    cursor.expect(']', "`]`")?;
    cursor.expect('&', "`&`")?;
    let mask = cursor.clone();
    if cursor.number("0xf")? != 0xf {
        return Err(mask.expected("0xf, as in 4*([k]&0xf)"));
    }
    cursor.expect(')', "`)`")?;
    Ok(Argument::Msh(k))
}
