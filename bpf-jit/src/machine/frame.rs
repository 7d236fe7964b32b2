//! Takes the frame out of x86-64 code that does not use it.
//!
//! Cranelift gives every x86-64 function a frame, also those that keep everything in registers (on aarch64 it does not): four instructions, a
//! good part of what a short filter executes.
//!
//! ```text
//!   push %rbp; mov %rsp, %rbp    becomes a nop of the same length
//!   ...
//!   mov %rbp, %rsp; pop %rbp; ret    becomes ret, and traps that are never reached
//! ```
//!
//! This is done only if it is certain that nothing else is in the frame, else the code stays as it is:
//! - the function begins with exactly these instructions, and the next one reserves no stack: so nothing is spilled or saved there,
//!   and nobody changes `%rsp` (emitted code calls nothing; `%rbp` is never given to a value);
//! - every return is found: each is marked as it is made, and as many marks come back as were made, each with exactly these
//!   instructions at its end.

use cranelift_codegen::CompiledCode;

const ENTER: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];
const NOP: [u8; 4] = [0x0f, 0x1f, 0x40, 0x00];
/// `sub $n, %rsp`, with a short and with a long constant.
const RESERVE: [[u8; 3]; 2] = [[0x48, 0x83, 0xec], [0x48, 0x81, 0xec]];
const LEAVE: [u8; 5] = [0x48, 0x89, 0xec, 0x5d, 0xc3];
/// `ret`, then `int3`.
const RETURN: [u8; 5] = [0xc3, 0xcc, 0xcc, 0xcc, 0xcc];

/// The same code without its frame, if it has one that is not used. `returns`: how many were marked.
pub(super) fn without(code: &CompiledCode, returns: u32) -> Option<Vec<u8>> {
    let bytes = code.buffer.data();
    let body = bytes.strip_prefix(&ENTER)?;
    if RESERVE.iter().any(|reserve| body.starts_with(reserve)) {
        return None;
    }
    let mut changed = bytes.to_vec();
    changed.get_mut(..ENTER.len())?.copy_from_slice(&NOP);
    let mut found = 0_u32;
    for place in code.buffer.get_srclocs_sorted() {
        if place.loc.is_default() {
            continue;
        }
        let marked = changed.get_mut(place.start as usize..place.end as usize)?;
        let leave = marked.last_chunk_mut::<5>()?;
        if *leave != LEAVE {
            return None;
        }
        *leave = RETURN;
        found = found.checked_add(1)?;
    }
    (found == returns).then_some(changed)
}
