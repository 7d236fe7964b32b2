//! Object code to be looked at: everything of `bpf-core` that a kernel runs, behind C functions.
//!
//! ```text
//!   bpf-core ──▶ this staticlib ──▶ release object ──▶ `check`: no undefined symbol, no panic, bounded stack
//!                                                  └─▶ `link.c`: linked without any library, and run
//! ```
//!
//! The panic handler calls a symbol that nobody defines. If any panic can be reached, the optimizer has to keep the
//! call, the object refers to the symbol, and nothing links. The functions take arbitrary words: what is proven holds
//! for instructions that no verifier has seen.

#![no_std]

use core::cell::Cell;

use bpf_core::{
    ChainPacket, LoopingProgram, Metadata, Prepared, Profile, Program, RawInsn, SlicePacket, State, Step, Storage,
    Vlan, bpf_validate, bpf_validate_looping, opcode as op,
};

/// A reference that stays undefined, and so makes every reachable panic a link error.
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn bpf_core_panic_reached() -> !;
    }
    // SAFETY: the function has no precondition: it exists in no program that could be linked.
    unsafe { bpf_core_panic_reached() }
}

/// A piece of memory: a packet or a segment of one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    ptr: *const u8,
    len: usize,
}

impl Bytes {
    /// # Safety
    /// (1) `ptr` is not null and valid for reads of `len` bytes in one allocation, all initialized; (2) nobody writes
    /// to them during `'a`; (3) `len` is at most `isize::MAX`.
    unsafe fn as_slice<'a>(self) -> &'a [u8] {
        // SAFETY: `from_raw_parts` asks for (1) non-null, aligned (to 1), valid and initialized memory, (2) no writes
        // during 'a, (3) no more than isize::MAX bytes: these are this function's own preconditions, in this order.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// Instructions.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Words {
    ptr: *const RawInsn,
    len: usize,
}

impl Words {
    /// # Safety
    /// As for [`Bytes::as_slice`], with `len` instructions instead of bytes, at an address divisible by 4.
    unsafe fn as_slice<'a>(self) -> &'a [RawInsn] {
        // SAFETY: `from_raw_parts` asks for (1) non-null, aligned (to 4), valid and initialized memory (any eight
        // bytes are a `RawInsn`), (2) no writes during 'a, (3) no more than isize::MAX bytes: the preconditions here.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// Breaks the contract of [`Storage`] on purpose: shows the verifier a harmless program, the interpreter another one.
/// So the interpreter is proven for all words, not only for those that the verifier accepts.
struct Turncoat<'a> {
    shown: &'a [RawInsn],
    run: &'a [RawInsn],
    seen: Cell<bool>,
}

impl Storage for Turncoat<'_> {
    fn insns(&self) -> &[RawInsn] {
        if self.seen.replace(true) { self.run } else { self.shown }
    }
}

const HARMLESS: [RawInsn; 1] = [RawInsn::stmt(op::RET | op::K, 0)];

fn unverified(run: &[RawInsn]) -> Option<Program<Turncoat<'_>>> {
    bpf_validate(Turncoat { shown: &HARMLESS, run, seen: Cell::new(false) }, Profile::STRICT).ok()
}

fn unverified_looping(run: &[RawInsn]) -> Option<LoopingProgram<Turncoat<'_>>> {
    bpf_validate_looping(Turncoat { shown: &HARMLESS, run, seen: Cell::new(false) }).ok()
}

/// Metadata that the optimizer cannot know: every value may be there or not.
fn metadata(bits: u32) -> Metadata {
    let present = |bit: u32| (bits >> bit) & 1 != 0;
    let half = bits as u16;
    Metadata {
        protocol: present(0).then_some(half),
        pkt_type: present(1).then_some(half as u8),
        if_index: present(2).then_some(bits),
        mark: present(3).then_some(bits),
        queue: present(4).then_some(half),
        ha_type: present(5).then_some(half),
        rx_hash: present(6).then_some(bits),
        cpu: present(7).then_some(bits),
        vlan: present(8).then_some(if present(9) {
            Vlan::Tagged { tci: half, tpid: 0x8100 }
        } else {
            Vlan::Untagged
        }),
        random: present(10).then_some(bits),
    }
}

/// Verifies under profile number `profile` of [`Profile::ALL`]. 0: accepted; otherwise the rule in the upper half
/// and the instruction in the lower; all ones if there is no such profile.
///
/// # Safety
/// As for `Words::as_slice`, for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_validate(words: Words, profile: u32) -> u64 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    let Some(profile) = Profile::ALL.get(profile as usize) else { return u64::MAX };
    match bpf_validate(words, *profile) {
        Ok(_) => 0,
        Err(error) => (u64::from(error.kind.rule()) << 32) | u64::from(error.pc),
    }
}

/// Verifies as a program that may loop; the answer is that of [`bpf_core_validate`].
///
/// # Safety
/// As for `Words::as_slice`, for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_validate_looping(words: Words) -> u64 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    match bpf_validate_looping(words) {
        Ok(_) => 0,
        Err(error) => (u64::from(error.kind.rule()) << 32) | u64::from(error.pc),
    }
}

/// Runs any words over a packet in one piece.
///
/// # Safety
/// As for `Words::as_slice` and `Bytes::as_slice`, for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_run_slice(words: Words, packet: Bytes, wire_len: u32, known: u32) -> u32 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let bytes = unsafe { packet.as_slice() };
    #[cfg(feature = "seeded-panic")]
    let wire_len = wire_len.wrapping_add(words[bytes.len()].k);
    let packet = SlicePacket::with_metadata(bytes, wire_len, metadata(known));
    unverified(words).map_or(0, |program| program.run(&packet))
}

/// Runs any words over a packet in one piece, and counts the steps.
///
/// # Safety
/// As for `Words::as_slice` and `Bytes::as_slice`, for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_steps(words: Words, packet: Bytes, wire_len: u32) -> u64 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let packet = SlicePacket::new(unsafe { packet.as_slice() }, wire_len);
    let mut steps: u64 = 0;
    let mut count = |_pc: u32, _insn: RawInsn, _state: &State| steps = steps.wrapping_add(1);
    let verdict = unverified(words).map_or(0, |program| program.run_observed(&packet, &mut count));
    // The verdict is used, so that the run cannot be reduced to its step count.
    (steps << 32) | u64::from(verdict)
}

/// Runs any words over a packet in `count` segments.
///
/// # Safety
/// As for `Words::as_slice`; `segments` points to `count` initialized [`Bytes`], and each of them fulfils
/// `Bytes::as_slice`; all for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_run_chain(
    words: Words,
    segments: *const Bytes,
    count: usize,
    first_offset: u32,
    total_len: u32,
    wire_len: u32,
) -> u32 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the caller's promise on `segments` and `count`; nobody writes to them during the call.
    let segments = unsafe { core::slice::from_raw_parts(segments, count) };
    // SAFETY: the caller promises it of each segment, and the slices do not outlive the call.
    let slices = segments.iter().map(|segment| unsafe { segment.as_slice() });
    let packet = ChainPacket::new(slices, first_offset, total_len, wire_len);
    unverified(words).map_or(0, |program| program.run(&packet))
}

/// Memory for a prepared program.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Room {
    ptr: *mut Step,
    len: usize,
}

impl Room {
    /// Prepares any words; `None` if the room is too small.
    ///
    /// # Safety
    /// (1) `ptr` is not null, divisible by 8, and valid for reads and writes of `len` steps in one allocation, all of them
    /// zero or put there by this function; (2) nobody else uses them during `'a`; (3) they are at most `isize::MAX` bytes.
    unsafe fn prepare<'a>(self, words: &[RawInsn]) -> Option<Prepared<&'a mut [Step]>> {
        // SAFETY: `from_raw_parts_mut` asks for (1) non-null, aligned, valid and initialized memory (zero is a step: its kind
        // is the first), (2) no other use during 'a, (3) no more than isize::MAX bytes: the preconditions here.
        let room = unsafe { core::slice::from_raw_parts_mut(self.ptr, self.len) };
        Prepared::new(&unverified(words)?, room).ok()
    }
}

/// Prepares any words: 1 if there was room.
///
/// # Safety
/// As for `Words::as_slice` and `Room::prepare`, for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_prepare(words: Words, room: Room) -> u32 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the same preconditions, and the steps are not used after the call.
    u32::from(unsafe { room.prepare(words) }.is_some())
}

/// Prepares any words and runs them over a packet in one piece; all ones if the room is too small.
///
/// # Safety
/// As for `Words::as_slice`, `Room::prepare` and `Bytes::as_slice`, for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_prepared_slice(words: Words, room: Room, packet: Bytes, wire_len: u32) -> u64 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let packet = SlicePacket::with_metadata(unsafe { packet.as_slice() }, wire_len, metadata(wire_len));
    // SAFETY: the same preconditions, and the steps are not used after the call.
    unsafe { room.prepare(words) }.map_or(u64::MAX, |prepared| prepared.run(&packet).into())
}

/// The same over a packet in `count` segments.
///
/// # Safety
/// As for `Words::as_slice` and `Room::prepare`; `segments` as in [`bpf_core_run_chain`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_prepared_chain(
    words: Words,
    room: Room,
    segments: *const Bytes,
    count: usize,
    total_len: u32,
) -> u64 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the caller's promise on `segments` and `count`; nobody writes to them during the call.
    let segments = unsafe { core::slice::from_raw_parts(segments, count) };
    // SAFETY: the caller promises it of each segment, and the slices do not outlive the call.
    let slices = segments.iter().map(|segment| unsafe { segment.as_slice() });
    let packet = ChainPacket::new(slices, 0, total_len, total_len);
    // SAFETY: the same preconditions, and the steps are not used after the call.
    unsafe { room.prepare(words) }.map_or(u64::MAX, |prepared| prepared.run(&packet).into())
}

/// Prepares any words and runs them over `count` packets; the sum of the verdicts, all ones if the room is too small.
///
/// # Safety
/// As for `Words::as_slice` and `Room::prepare`; `packets` as `segments` in [`bpf_core_run_chain`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_prepared_each(
    words: Words,
    room: Room,
    packets: *const Bytes,
    count: usize,
    wire_len: u32,
) -> u64 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the caller's promise on `packets` and `count`; nobody writes to them during the call.
    let packets = unsafe { core::slice::from_raw_parts(packets, count) };
    // SAFETY: the caller promises it of each packet, and the slices do not outlive the call.
    let views = packets.iter().map(|packet| SlicePacket::new(unsafe { packet.as_slice() }, wire_len));
    // SAFETY: the same preconditions, and the steps are not used after the call.
    let Some(prepared) = (unsafe { room.prepare(words) }) else { return u64::MAX };
    let mut sum = 0_u64;
    prepared.run_each(views, |verdict| sum = sum.wrapping_add(verdict.into()));
    sum
}

/// Runs any words over a packet in one piece for at most `fuel` steps; all ones if that is not enough.
///
/// # Safety
/// As for `Words::as_slice` and `Bytes::as_slice`, for as long as the call takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpf_core_run_with_fuel(
    words: Words,
    packet: Bytes,
    wire_len: u32,
    fuel: u32,
) -> u64 {
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let words = unsafe { words.as_slice() };
    // SAFETY: the same preconditions, and the slice does not outlive the call.
    let packet = SlicePacket::new(unsafe { packet.as_slice() }, wire_len);
    match unverified_looping(words).map(|program| program.run_with_fuel(&packet, fuel)) {
        Some(Ok(verdict)) => u64::from(verdict),
        Some(Err(_)) | None => u64::MAX,
    }
}

/// Decodes a word and encodes its meaning again; all ones if it is no instruction.
#[unsafe(no_mangle)]
pub extern "C" fn bpf_core_decode(word: RawInsn) -> u64 {
    word.decode().map_or(u64::MAX, |insn| u64::from_ne_bytes(insn.encode().to_ne_bytes()))
}
