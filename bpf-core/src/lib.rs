//! The classic BPF machine.
//!
//! **The machine.** It has an accumulator A, an index register X, sixteen scratch words `M[0]` to `M[15]` (all of 32
//! bits, all 0 at the start) and a program of instructions; it reads a packet, and can change nothing but its own
//! registers. Numbers are unsigned and wrap; bytes of the packet come in network order. A program ends with a
//! return; what it returns is the verdict: the snap length, how many bytes of the packet to keep, 0 for none.
//!
//! **What it does where others differ.**
//!
//! | situation | answer |
//! | --- | --- |
//! | a load past the end of the captured bytes | the program ends with 0 |
//! | an indirect load at X + k above 32 bits | past the end: the sum does not wrap |
//! | a division or remainder by X = 0 | the program ends with 0 |
//! | a shift by 32 or more | 0 |
//! | a scratch word read before it is written | 0 |
//! | `ld #pktlen` | the length on the wire, not of what was captured |
//! | an absolute load at 0xfffff000 and above | a named [`Ancillary`] value; one that is not known ends with 0 |
//! | a jump backwards | only in a [`LoopingProgram`], and only with a bound on its steps |
//!
//! **Use.** [`bpf_validate`] is the only way to a [`Program`], and only a [`Program`] runs:
//!
//! ```
//! use bpf_core::{Profile, RawInsn, SlicePacket, bpf_validate, opcode as op};
//!
//! // "arp" on Ethernet: keep 262,144 bytes of packets whose EtherType is 0x0806.
//! let arp = [
//!     RawInsn::stmt(op::LD | op::H | op::ABS, 12),
//!     RawInsn::jump(op::JMP | op::JEQ | op::K, 0x0806, 0, 1),
//!     RawInsn::stmt(op::RET | op::K, 262_144),
//!     RawInsn::stmt(op::RET | op::K, 0),
//! ];
//! let program = bpf_validate(&arp, Profile::STRICT)?;
//! let packet = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06, 0, 1];
//! assert_eq!(program.run(&SlicePacket::new(&packet, 60)), 262_144);
//! assert_eq!(program.run(&SlicePacket::new(&packet[..13], 60)), 0);
//! # Ok::<(), bpf_core::VerifyError>(())
//! ```
//!
//! This crate contains no I/O, takes no time stamps, and allocates nothing on the way from instructions to a verdict
//! (feature `alloc` adds owned programs and the text parsers); the same lines run in a kernel.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(feature = "alloc")]
pub mod cfg;
#[cfg(feature = "alloc")]
mod facts;
mod insn;
mod interp;
mod packet;
mod prepared;
mod program;
pub mod text;
pub mod verify;

#[cfg(feature = "alloc")]
pub use facts::{AncillarySet, BytesNeeded, Facts, Interval, Verdicts};
pub use insn::{
    ANCILLARY_BASE, AluOp, Ancillary, Cond, Insn, Operand, RawInsn, SCRATCH_WORDS, Size, Undecodable,
    UndecodableKind, opcode,
};
pub use interp::{Counted, Observer, OutOfFuel, State};
pub use packet::{CAPTURED_LEN_MAX, ChainPacket, Metadata, MetadataSource, Packet, SlicePacket, Vlan};
pub use prepared::{Prepared, RoomTooSmall, Step};
pub use program::{LoopingProgram, Program, Storage};
pub use verify::{Profile, VerifyError, VerifyErrorKind, bpf_validate, bpf_validate_looping};
