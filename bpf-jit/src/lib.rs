//! Classic BPF programs as machine code, in user mode.
//!
//! ```text
//! Program ──plan──▶ facts ──lower──▶ Cranelift's code ──machine──▶ bytes ──memory──▶ CompiledFilter
//! ```
//!
//! Only verified programs are taken ([`bpf_core::Program`]), and the verdicts are those of `bpf-core`'s interpreter on every packet. The
//! emitted code reads the packet, and what is known beside it, and nothing else; it calls nothing and writes nothing.
//!
//! | part | what it is |
//! | --- | --- |
//! | `plan` | facts of a program: what it needs of a packet, which registers live |
//! | `dominance` | which blocks are on every way to a block |
//! | `lower` | the code generator's input |
//! | `machine` | the code generator |
//! | `memory` | executable memory: all unsafe code |
//! | `filter` | [`CompiledFilter`]: a packet at a time, and batches |
//! | `bitmap` | [`BitmapFilter`]: batches only |
//! | `counting` | [`CountingFilter`]: steps, too |
//!
//! Hosts: x86-64 and aarch64; elsewhere [`CompiledFilter::new`] says so.

mod bitmap;
mod counting;
mod dominance;
mod error;
mod filter;
mod known;
mod lower;
mod machine;
mod memory;
mod plan;

pub use bitmap::BitmapFilter;
pub use counting::CountingFilter;
pub use error::{JitError, JitErrorKind};
pub use filter::{BatchPacket, CompiledFilter, LEN_MAX};
