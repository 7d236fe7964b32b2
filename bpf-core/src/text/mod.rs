//! Programs as text: four forms, each with a writer and a parser.
//!
//! | form                | writer          | parser                | one line of it                                     |
//! | ------------------- | --------------- | --------------------- | -------------------------------------------------- |
//! | `tcpdump -d`        | [`disassembly`] | [`parse_disassembly`] | `(001) jeq      #0x800           jt 2⇥jf 8`         |
//! | `tcpdump -dd`       | [`c_array`]     | [`parse_c_array`]     | `{ 0x15, 0, 6, 0x00000800 },`                      |
//! | `tcpdump -ddd`      | [`decimal`]     | [`parse_decimal`]     | `21 0 6 2048`                                      |
//! | Linux `bpf_asm`     | [`bpf_asm`]     | [`parse_bpf_asm`]     | `jneq #0x800, l8`                                  |
//!
//! [`parse`] takes any of them, and tells them apart by their first character.
//!
//! **What round-trips.**
//! - `-dd` and `-ddd` are the words themselves: every word comes back as it was.
//! - `-d` shows what an instruction does. Fields that an instruction does not use are not shown, so what comes back is
//!   [`RawInsn::canonical`](crate::RawInsn::canonical): the same words, wherever those decode. (What libpcap compiles
//!   has such fields: its `tax` may carry a k.) Of a word that libpcap
//!   does not know (`unimp`) only the code is shown, and the targets if the code is of the class of the jumps: k comes
//!   back as 0. One instruction of ours is among these, `ldx #pktlen` (`unimp 0x81`), and it uses no other field.
//! - `bpf_asm` has the names of decodable instructions only, and the labels of targets within the program; the writer
//!   refuses anything else. What it writes comes back as it was, up to the fields that are not used.
//!
//! Invariants: the first three writers allocate nothing. The parsers take any text without a panic and without
//! recursion, in time linear in the text (the table of labels: n log n), and give at most [`LEN_MAX`] instructions.
//! Numbers are of 32 bits; negative ones stand for their two's complement. What a parser gives is words, not a
//! program: [`bpf_validate`](crate::bpf_validate) decides about that.

#![cfg_attr(
    not(feature = "alloc"),
    allow(rustdoc::broken_intra_doc_links, reason = "the parsers that are spoken of need an allocator")
)]

mod disassembly;
mod names;
mod numeric;

#[cfg(feature = "alloc")]
mod asm;
#[cfg(feature = "alloc")]
mod error;
#[cfg(feature = "alloc")]
mod lexer;
#[cfg(feature = "alloc")]
mod operand;
#[cfg(feature = "alloc")]
mod parse;

pub use disassembly::{Disassembly, Line, disassembly, line};
pub use numeric::{CArray, Decimal, c_array, decimal};

#[cfg(feature = "alloc")]
pub use asm::{BpfAsm, NotAssembler, NotAssemblerKind, bpf_asm, parse_bpf_asm};
#[cfg(feature = "alloc")]
pub use error::{FOUND_LEN_MAX, Found, ParseError, ParseErrorKind};
#[cfg(feature = "alloc")]
pub use parse::{Form, parse, parse_c_array, parse_decimal, parse_disassembly, recognize};

/// The most instructions that a parser gives.
pub const LEN_MAX: u32 = crate::verify::LEN_MAX;
