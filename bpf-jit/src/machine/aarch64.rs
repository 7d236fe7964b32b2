//! Code for aarch64, run: by qemu's emulation of a processor, in a C program that Debian's cross compiler makes.
//!
//! ```text
//!   programs ──▶ emit for aarch64 ──▶ a file of code and packets ──▶ qemu-aarch64 ──▶ verdicts, as the interpreter's?
//! ```

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bpf_core::{Counted, Metadata, Profile, RawInsn, SlicePacket, Vlan, bpf_validate};
use cranelift_codegen::isa;
use snapgate_tests::random_program::{self, Shape};
use snapgate_tests::rng::Rng;

use super::Form;
use crate::known::Known;
use crate::lower::Layout;

const SEED: u64 = 0x0a64;
const PROGRAMS: u64 = 3_000;
const PACKETS: u32 = 8;
/// `struct packet` of the C program.
const BATCH: Layout = Layout { stride: 32, bytes: 0, len: 8, wire_len: 24 };

/// What a run in the emulator is given, and the verdicts of the interpreter, above them the steps if they are counted; of batches
/// whether they accept.
#[derive(Default)]
struct Work {
    given: Vec<u8>,
    expected: Vec<u64>,
}

impl Work {
    fn word(&mut self, word: u32) {
        self.given.extend(word.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.given.extend(bytes);
        self.given.resize(self.given.len().next_multiple_of(4), 0);
    }

    fn add(&mut self, insns: &[RawInsn], form: Form, rng: &mut Rng) {
        let program = bpf_validate(insns, Profile::LIBPCAP).unwrap();
        let isa = super::isa(isa::lookup_by_name("aarch64-unknown-linux-gnu").unwrap()).unwrap();
        let code = super::emit(&program, form, &*isa, |code| Ok(code.to_vec())).unwrap();
        self.word(match form {
            Form::Single => 0,
            Form::Counted => 1,
            Form::Bitmap(_) => 2,
        });
        self.word(u32::try_from(code.len()).unwrap());
        self.bytes(&code);
        self.word(PACKETS);
        for _ in 0..PACKETS {
            let mask = if rng.one_in(2) { 0x0f } else { 0xff };
            let bytes: Vec<u8> = (0..rng.below(97)).map(|_| rng.byte() & mask).collect();
            let (wire_len, metadata) = (rng.interesting(), metadata(rng));
            let Counted { verdict, steps } =
                program.run_counted(&SlicePacket::with_metadata(&bytes, wire_len, &metadata));
            self.expected.push(match form {
                Form::Single => verdict.into(),
                Form::Counted => u64::from(steps) << 32 | u64::from(verdict),
                Form::Bitmap(_) => u64::from(verdict != 0),
            });
            self.word(u32::try_from(bytes.len()).unwrap());
            self.word(wire_len);
            for word in Known::of(&metadata).words() {
                self.word(word);
            }
            self.bytes(&bytes);
        }
    }
}

fn metadata(rng: &mut Rng) -> Metadata {
    let word = rng.interesting();
    let mut some = || rng.one_in(2);
    Metadata {
        protocol: some().then_some(0x0800),
        if_index: some().then_some(word),
        mark: some().then_some(!word),
        rx_hash: some().then_some(word.rotate_left(7)),
        vlan: some().then_some(Vlan::Tagged { tci: 100, tpid: 0x8100 }),
        random: some().then_some(word),
        ..Metadata::default()
    }
}

/// The C program, compiled.
fn runner(folder: &Path) -> PathBuf {
    let (source, made) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("src/machine/aarch64.c"), folder.join("runner"));
    let known = format!("-DKNOWN={}", Known::nothing().words().count());
    let packets = format!("-DPACKETS={PACKETS}");
    let status = Command::new("aarch64-linux-gnu-gcc")
        .args(["-O1", "-static", "-Wall", "-Wextra", "-Werror", &known, &packets, "-o"])
        .arg(&made)
        .arg(source)
        .status()
        .expect("aarch64-linux-gnu-gcc, of Debian's package gcc-aarch64-linux-gnu");
    assert!(status.success());
    made
}

fn run(runner: &Path, given: &[u8]) -> Vec<u64> {
    let mut emulator = Command::new("qemu-aarch64")
        .arg(runner)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("qemu-aarch64, of Debian's package qemu-user");
    let mut stdin = emulator.stdin.take().unwrap();
    let given = given.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&given));
    let output = emulator.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn code_for_aarch64_has_the_interpreters_verdicts_and_steps() {
    let mut work = Work::default();
    let mut programs = Vec::new();
    for number in 0..PROGRAMS {
        let mut rng = Rng::of_case(SEED, number);
        let units = [3, 12, 60][rng.below(3)];
        programs.push(random_program::program(&mut rng, &Shape { units, ancillary: true, ..Shape::LIBPCAP }));
    }
    programs.extend(super::tests::SHOWN.map(|(_, text)| bpf_core::text::parse(text).unwrap()));
    for (number, insns) in (0..).zip(&programs) {
        let form = match number % 3 {
            0 => Form::Single,
            // A batch has no values beside its packets.
            1 if !crate::filter::asks(insns) => Form::Bitmap(BATCH),
            _ => Form::Counted,
        };
        work.add(insns, form, &mut Rng::of_case(SEED + 1, number));
    }
    let folder = std::env::temp_dir().join(format!("snapgate-aarch64-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let answers = run(&runner(&folder), &work.given);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(answers.len(), work.expected.len());
    for (number, (answer, expected)) in answers.iter().zip(&work.expected).enumerate() {
        let program = &programs[number / PACKETS as usize];
        assert_eq!(answer, expected, "packet {number}, program {program:?}");
    }
    // They are not all 0.
    let kept = work.expected.iter().filter(|expected| (**expected & u64::from(u32::MAX)) != 0).count();
    assert!(kept > work.expected.len() / 8, "{kept}");
}
