//! The decoder, the verifier and the interpreter.
//!
//! ```text
//! decode_roundtrip   bytes ─▶ words ─▶ meaning ─▶ words: encoding is the exact inverse of decoding
//! validate_run       bytes ─▶ words ─▶ verifier, every profile ─▶ run on a slice, on a chain, on a second machine
//! ```

use std::cell::Cell;

use bpf_core::{
    Ancillary, ChainPacket, Metadata, MetadataSource, Packet, Profile, Program, RawInsn, SlicePacket, State,
    Storage, UndecodableKind, VerifyError, VerifyErrorKind, Vlan, bpf_validate, bpf_validate_looping,
};

use crate::reference::{Dice, Scene, Trace, cut, first_early_read, tame};

pub(crate) fn words_of(bytes: &[u8]) -> Vec<RawInsn> {
    bytes.as_chunks().0.iter().map(|word| RawInsn::from_ne_bytes(*word)).collect()
}

/// Decoding is total and encoding its exact inverse, for every word.
pub fn decode_roundtrip(bytes: &[u8]) {
    for word in words_of(bytes) {
        assert_eq!(RawInsn::from_ne_bytes(word.to_ne_bytes()), word);
        match word.decode() {
            Ok(insn) => {
                assert_eq!(insn.encode(), word);
                assert_eq!(word.meaning(), Some(insn));
                assert_eq!(word.canonical(), word);
            }
            Err(error) => {
                assert_eq!(error.raw, word);
                assert_eq!(word.meaning().is_some(), error.kind == UndecodableKind::UnusedField);
            }
        }
        let canonical = word.canonical();
        assert_eq!(canonical.meaning(), word.meaning());
        assert_eq!(canonical.decode().ok(), word.meaning());
        assert_eq!(canonical.canonical(), canonical);
    }
}

/// What one input of [`validate_run`] says: a packet, how to cut it, what is known beside it, and words.
pub(crate) struct Case<'a> {
    pub(crate) packet: &'a [u8],
    skipped: u32,
    pub(crate) cuts: Vec<u16>,
    pub(crate) wire_len: u32,
    pub(crate) known: Metadata,
    fuel: u32,
    pub(crate) words: Vec<RawInsn>,
}

impl<'a> Case<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<16>()?;
        let [mode, packet_len, skipped, c0, c1, c2, w0, w1, w2, w3, k0, k1, k2, k3, f0, f1] = *head;
        let (packet, rest) = rest.split_at_checked(usize::from(packet_len))?;
        let words = words_of(rest);
        let words = match mode % 3 {
            // As they come: mostly refused, and run all the same.
            0 => words,
            // Made to keep the rules of all profiles, or of all but FreeBSD's.
            mode => tame(&words.iter().map(die).collect::<Vec<_>>(), mode == 1),
        };
        let seed = u32::from_be_bytes([k0, k1, k2, k3]);
        Some(Self {
            packet,
            skipped: u32::from(skipped) % (u32::from(packet_len) + 1),
            cuts: vec![c0.into(), c1.into(), c2.into()],
            wire_len: u32::from_be_bytes([w0, w1, w2, w3]),
            known: metadata(seed),
            fuel: u32::from(u16::from_be_bytes([f0, f1])) % 5000,
            words,
        })
    }
}

fn die(word: &RawInsn) -> Dice {
    (word.code.to_be_bytes()[1], word.k, word.jt, word.jf)
}

fn metadata(seed: u32) -> Metadata {
    let half = (seed >> 16) as u16;
    let some = |bit: u32| seed >> bit & 1 != 0;
    Metadata {
        protocol: some(0).then_some(half),
        pkt_type: some(1).then_some((seed >> 8) as u8),
        if_index: some(2).then_some(seed),
        mark: some(3).then_some(!seed),
        queue: some(4).then_some(!half),
        ha_type: some(5).then_some(half ^ 1),
        rx_hash: some(6).then_some(seed.rotate_left(8)),
        cpu: some(7).then_some(seed % 64),
        vlan: some(8).then_some(if some(9) {
            Vlan::Tagged { tci: half, tpid: 0x88a8 }
        } else {
            Vlan::Untagged
        }),
        random: some(10).then_some(seed.swap_bytes()),
    }
}

/// Shows the verifier a harmless program and the interpreter another: runs words that nobody verified.
struct Turncoat<'a> {
    words: &'a [RawInsn],
    asked: Cell<bool>,
}

const HARMLESS: [RawInsn; 1] = [RawInsn::stmt(0x06, 0)];

impl Storage for Turncoat<'_> {
    fn insns(&self) -> &[RawInsn] {
        if self.asked.replace(true) { self.words } else { &HARMLESS }
    }
}

fn traced<S: Storage>(program: &Program<S>, packet: &impl Packet) -> Trace {
    let mut steps = Vec::new();
    let mut observer = |pc: u32, _insn: RawInsn, state: &State| steps.push((pc, *state));
    let verdict = program.run_observed(packet, &mut observer);
    assert_eq!(verdict, program.run(packet), "an observer changes nothing");
    assert_eq!(verdict, program.prepare().run(packet), "the prepared form decides alike");
    Trace { steps, verdict: Some(verdict) }
}

/// The verifier never panics and its profiles are ordered; whatever it accepts, and any other words too, gives the same
/// verdict and the same steps on a slice, on a chain and on the second machine, in at most as many steps as words.
pub fn validate_run(bytes: &[u8]) {
    let Some(case) = Case::read(bytes) else { return };
    let answers = Profile::ALL.map(|profile| bpf_validate(case.words.as_slice(), profile));
    check_answers(&case.words, &answers.each_ref().map(|answer| answer.as_ref().err().copied()));

    let skipped = case.skipped as usize;
    let visible = &case.packet[skipped..];
    let slice = SlicePacket::with_metadata(visible, case.wire_len, case.known);
    let pieces = cut(case.packet, &case.cuts);
    let chain = ChainPacket::with_metadata(
        pieces.iter().copied(),
        case.skipped,
        u32::try_from(visible.len()).expect("at most 255 bytes"),
        case.wire_len,
        case.known,
    );
    let known = |which: Ancillary| case.known.value(which);
    let scene = Scene { bytes: visible, wire_len: case.wire_len, known: &known };

    let expected = scene.run(&case.words);
    assert!(expected.steps.len() <= case.words.len());
    // All that accepted it hold the same instructions; one of them is run.
    if let Some(program) = answers.iter().flatten().next() {
        assert_eq!(traced(program, &slice), expected);
        assert_eq!(traced(program, &chain), expected);
    }
    let unverified = Turncoat { words: &case.words, asked: Cell::new(false) };
    let program = bpf_validate(unverified, Profile::STRICT).expect("a harmless program");
    assert_eq!(traced(&program, &slice), expected);
    assert_eq!(traced(&program, &chain), expected);

    if let Ok(program) = bpf_validate_looping(case.words.as_slice()) {
        let expected = scene.run_with_fuel(&case.words, case.fuel.into());
        assert_eq!(program.run_with_fuel(&slice, case.fuel).ok(), expected.verdict);
        assert_eq!(program.run_with_fuel(&chain, case.fuel).ok(), expected.verdict);
    } else {
        assert!(answers[4].is_err(), "what keeps LIBPCAP's rules may also be run as a loop");
    }
}

/// What must hold between the profiles' answers, and between them and a second look at the words.
fn check_answers(words: &[RawInsn], errors: &[Option<VerifyError>; 5]) {
    let [strict, linux, freebsd, netbsd, libpcap] = errors;
    if strict.is_none() {
        assert!(linux.is_none(), "STRICT is a part of LINUX: {linux:?}");
        assert!(libpcap.is_none(), "STRICT is a part of LIBPCAP: {libpcap:?}");
    }
    if linux.is_none() && words.len() <= 512 {
        assert!(netbsd.is_none(), "short programs for LINUX are programs for NETBSD: {netbsd:?}");
    }
    if netbsd.is_none() || (freebsd.is_none() && !words.is_empty()) {
        assert!(libpcap.is_none(), "the kernels take only what libpcap takes: {libpcap:?}");
    }
    for error in errors.iter().flatten() {
        assert!(error.pc as usize <= words.len());
        assert!(!error.to_string().is_empty());
    }
    // The data flow is looked at last but one, so its answer is comparable whenever it was asked.
    match netbsd.map(|error| (error.pc, error.kind)) {
        None => assert_eq!(first_early_read(words), None),
        Some((pc, VerifyErrorKind::UnwrittenScratchWord(k))) => {
            assert_eq!(first_early_read(words), Some((pc, k)));
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tame_programs_reach_every_profile() {
        let mut input = vec![0; 16 + 64];
        input[0] = 2;
        input[1] = 64;
        for choice in 0..=255_u8 {
            input.extend_from_slice(&[choice, choice, 1, 2, choice, choice, 0, 0]);
        }
        let case = Case::read(&input).unwrap();
        for profile in Profile::ALL {
            assert!(bpf_validate(case.words.as_slice(), profile).is_ok(), "{profile:?}");
        }
        validate_run(&input);
    }
}
