//! The pcap-filter language to verified classic BPF programs.
//!
//! ```text
//! text ─syntax─▶ Ast ─lower─▶ predicate graph ─emit─▶ Vec<RawInsn> ─bpf_core::bpf_validate─▶ Program
//!                      │
//!        names (Resolver), link (link-type model, moving offsets)
//! text, Ast ─lint─▶ warnings          all of these ─explain─▶ words, paths, source text
//! ```
//!
//! This crate does no I/O: names go through a [`names::Resolver`], errors are values ([`Diagnostic`]) that others
//! render, and the same text with the same options and resolver gives the same program.
//!
//! **Input safety.** The filter text may be hostile. No input panics; nothing recurses with the depth of the input,
//! neither the parser nor what walks its result nor `Drop`; time and memory are near-linear in the text, whose
//! length has a named limit.
//!
//! **Error reporting.** The first thing wrong, in the order of the text, with its place, what was expected there and
//! a change that would mend it where there is one.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod compile;
mod contradiction;
pub mod diagnostic;
pub mod emit;
pub mod explain;
pub mod graph;
mod intern;
pub mod link;
pub mod lint;
mod looping;
pub mod lower;
pub mod names;
pub mod opt;
pub mod span;
pub mod syntax;
mod target;

pub use compile::{CHAIN_DEPTH, DEFAULT_SNAP_LEN, LoopbackFamilies, Options, compile, compile_watched};
pub use diagnostic::Diagnostic;
pub use looping::{Compiled, Looping, compile_looping};
pub use target::Target;
