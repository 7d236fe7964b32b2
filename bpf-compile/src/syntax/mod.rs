//! Text to tree and back.
//!
//! ```text
//! text ─lexer─▶ tokens ─parser─▶ Ast ─print─▶ text
//! ```

pub mod ast;
mod lexer;
mod parser;
mod print;
mod token;
pub mod words;

pub use parser::parse;
