//! The Windows kernel as a filter driver sees it: NDIS 6 and WDM types, constants and functions under their C names.
//!
//! ```text
//!   driver ──calls by real names──▶ import table ──▶ ntoskrnl.exe, ndis.sys, hal.dll      Windows targets
//!                                              └──▶ whoever defines the same symbols     every other host
//! ```
//!
//! Rules.
//!
//! - Types have the layouts of x64 Windows, on every host: all offsets, sizes and alignments are asserted when this crate
//!   is compiled (`layouts!`) and compared by tests with tables of other origin. 32-bit hosts do not compile.
//! - Everything is declared once. [`kernel_abi!`] gives the calling convention: the plain one on Windows targets,
//!   `extern "efiapi"` elsewhere, which is the same convention by another name.
//! - Names are C's, of types, fields and functions alike. What the kit's headers define as macros or inline functions is
//!   written here, under the C name where it has one.
//! - A [`ndis::NET_BUFFER_LIST`] is never embedded, copied or made by value: its size depends on the version of NDIS.
//! - Nothing here decides anything: states, locks and lifetimes are the driver's.
//!
//! No `DbgPrint` (variadic), nothing that reports failure by a structured exception unless its documentation says so.

#![no_std]
#![cfg(target_pointer_width = "64")]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#![expect(
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    reason = "the names are C's, so that they can be looked up"
)]

#[cfg(test)]
extern crate std;

#[macro_use]
mod abi;
pub mod ndis;
pub mod ntdef;
pub mod wdm;

pub use abi::StructLayout;
