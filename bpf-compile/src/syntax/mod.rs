//! Text to tree and back.
//!
//! ```text
//! text ─lexer─▶ tokens ─parser─▶ Ast ─print─▶ text
//! ```

pub mod ast;
mod compare;
mod dialect;
mod keywords;
mod lexer;
pub mod limits;
mod parser;
mod print;
mod token;
pub mod words;

#[cfg(test)]
pub(crate) mod generate;

pub use compare::same_meaning;
pub use dialect::Dialect;
pub use parser::{parse, parse_as};
pub use print::print;
pub(crate) use print::print_part;
