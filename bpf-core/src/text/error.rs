//! What can be wrong with a text.
//!
//! ```text
//! line 3, column 5: there is no instruction `jeqq`; the instructions are ld ldh ldb ...
//!                   └─────── kind ───────────┘      └──── help ────┘
//! ```

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::LEN_MAX;

/// How many characters of the text an error keeps.
pub const FOUND_LEN_MAX: usize = 32;

/// A text that is no program: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: u32,
    /// The character in the line, counted from 1.
    pub column: u32,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// What is wrong at a place of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Something else must stand here: `ld [12`, `{ 0x28, 0 }`.
    Expected {
        /// What would be right.
        what: &'static str,
        /// What stands here.
        found: Found,
    },
    /// No instruction has this name: `jeqq #5`.
    UnknownInstruction(Found),
    /// No ancillary value has this name: `ld #colour`.
    UnknownName(Found),
    /// The instruction exists, but does not take this kind of operand: `ldh #5`.
    WrongOperand {
        /// The instruction's name.
        name: &'static str,
    },
    /// A number that does not fit its field.
    NumberTooLarge {
        /// The largest that does.
        max: u32,
    },
    /// The numbers of the lines of a `-d` text are not 0, 1, 2, ...
    OutOfOrder {
        /// The number that would be right.
        expected: u32,
        /// The number that stands here.
        found: u32,
    },
    /// A `-ddd` text that does not hold as many instructions as it says.
    WrongCount {
        /// What the first line says.
        said: u32,
        /// How many there are; if there are more, they were not counted further.
        found: u32,
    },
    /// More than [`LEN_MAX`] instructions.
    TooLong,
    /// A jump to a label that stands nowhere.
    UnknownLabel(Found),
    /// A label that stands at two places.
    LabelTwice {
        /// The label.
        label: Found,
        /// The line of the first place.
        first_line: u32,
    },
    /// A conditional jump over more than 255 instructions.
    JumpTooFar {
        /// How many would be skipped.
        skipped: u32,
    },
    /// A conditional jump to itself or backwards.
    JumpBack,
    /// A comment that does not end.
    OpenComment,
}

impl ParseErrorKind {
    /// What to do about it, in a few words.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Expected { .. } => "each form is described in the documentation of bpf_core::text",
            Self::UnknownInstruction(_) => {
                "the instructions are ld ldh ldb ldi ldx ldxi ldxb st stx jmp ja jeq jneq jne jlt jle jgt jge jset \
                 add sub mul div mod neg and or xor lsh rsh tax txa ret"
            }
            Self::UnknownName(_) => {
                "the names are len proto type poff ifidx nla nlan mark queue hatype rxhash cpu vlan_tci vlan_avail \
                 vlan_tpid rand (with -d: pktlen vlanp random xor_x)"
            }
            Self::WrongOperand { name } => operands(name.as_bytes()),
            Self::NumberTooLarge { .. } => "k has 32 bits, the code 16, jt and jf 8",
            Self::OutOfOrder { .. } => "the whole output of -d is needed, in its order",
            Self::WrongCount { .. } => "the first number counts the instructions that follow",
            Self::TooLong => "no machine takes a program of that length",
            Self::UnknownLabel(_) => "write the label and a colon before the instruction to go to",
            Self::LabelTwice { .. } => "a label names one place; rename one of the two",
            Self::JumpTooFar { .. } => "jump to a nearer `jmp`, which goes any distance",
            Self::JumpBack => "conditional jumps go forward; only `jmp` goes back",
            Self::OpenComment => "a comment begins with /* and ends with */",
        }
    }
}

const fn operands(name: &[u8]) -> &'static str {
    match name {
        b"ld" => "ld takes #k, [k], [x + k], M[k], #len or the #name of an ancillary value",
        b"ldh" | b"ldb" => "ldh and ldb take [k], [x + k] or the #name of an ancillary value",
        b"ldx" => "ldx takes #k, M[k], #len or 4*([k]&0xf)",
        b"ldi" | b"ldxi" => "ldi and ldxi take #k",
        b"ldxb" => "ldxb takes 4*([k]&0xf)",
        b"st" | b"stx" => "st and stx take M[k]",
        b"ret" => "ret takes #k or a",
        _ => "arithmetic and conditional jumps take #k or x",
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected { what, found } => write!(f, "expected {what}, found {found}"),
            Self::UnknownInstruction(found) => write!(f, "there is no instruction {found}"),
            Self::UnknownName(found) => write!(f, "there is no ancillary value {found}"),
            Self::WrongOperand { name } => write!(f, "`{name}` does not take such an operand"),
            Self::NumberTooLarge { max } => write!(f, "the number is too large; at most {max}"),
            Self::OutOfOrder { expected, found } => {
                write!(f, "the number of this line should be {expected}, but is {found}")
            }
            Self::WrongCount { said, found } if said < found => {
                write!(f, "{said} instructions were announced, but there are more")
            }
            Self::WrongCount { said, found } => {
                write!(f, "{said} instructions were announced, but there are {found}")
            }
            Self::TooLong => write!(f, "there are more than {LEN_MAX} instructions"),
            Self::UnknownLabel(label) => write!(f, "there is no label {label}"),
            Self::LabelTwice { label, first_line } => {
                write!(f, "the label {label} stands on line {first_line} already")
            }
            Self::JumpTooFar { skipped } => {
                write!(f, "a conditional jump over {skipped} instructions; at most 255")
            }
            Self::JumpBack => write!(f, "a conditional jump that does not go forward"),
            Self::OpenComment => write!(f, "a comment that does not end"),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, kind } = self;
        write!(f, "line {line}, column {column}: {kind}; {}", kind.help())
    }
}

impl core::error::Error for ParseError {}

/// A piece of the text that was read, cut after [`FOUND_LEN_MAX`] characters; empty at the end of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found(Box<str>);

impl Found {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().take(FOUND_LEN_MAX).collect::<String>().into_boxed_str())
    }

    /// The piece of text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            "" => f.write_str("the end of the text"),
            "\n" => f.write_str("the end of the line"),
            // Escaped, so that a hostile text can neither break the line nor speak to the terminal.
            text => write!(f, "`{}`", text.escape_debug()),
        }
    }
}
