//! What programs and the driver say to each other: codes, requests, records, and the ring that both can map.
//!
//! ```text
//!   program: Request::encode ──▶ code, bytes ──▶ driver: decode ──▶ Request, or a Refusal with its status
//!            Answer::from_bytes ◀── bytes ◀───────────────────────── Answer::to_bytes
//!            record::Records ◀── bytes ◀──────────────────────────── record::Header::to_bytes
//! ```
//!
//! Rules.
//!
//! - [`decode`] is total: any code, bytes and lengths give a request or a refusal, and nothing else happens.
//! - The driver copies the bytes of a program once, into its own memory, and decodes those: nothing changes under it.
//! - All numbers are little-endian. Lengths are exact where the table says so, never rounded.
//! - Codes and structures of the existing capture drivers for Windows keep their numbers and layouts, so that programs work
//!   unchanged; what is new has codes of its own, and a version.
//! - No request takes addresses of the program: none has the method that passes them (`METHOD_NEITHER`).

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

#[cfg(test)]
extern crate std;

mod answer;
mod bytes;
mod code;
mod decode;
mod encode;
pub mod record;
mod refusal;
mod request;
pub mod shared;
mod table;

pub use answer::{AdapterEntry, BpfStat, Statistics, Version};
pub use code::{Access, ControlCode, Method};
pub use decode::{Caller, decode};
pub use encode::{Encoded, INPUT_BYTES_MAX};
pub use refusal::{Refusal, status};
pub use request::{
    AdapterSelector, Direction, InfoId, Mode, OidData, ProgramBytes, ReadTimeout, Request, SendQueue,
    TimestampMode,
};
pub use table::{IOCTLS, Input, Ioctl, Needs, Operation, Output, Support};

/// The version of this interface: changes that old programs notice raise the first number.
pub const ABI_VERSION: (u16, u16) = (1, 0);
/// The longest program that the driver takes, in instructions.
pub const PROGRAM_LEN_MAX: usize = 4096;
/// The largest ring, in bytes.
pub const BUFFER_SIZE_MAX: u32 = 0x4000_0000;
/// Where the device is, for programs: the name of an adapter may follow, after a backslash.
pub const DEVICE_PATH: &str = r"\\.\Snapgate";
