//! What the code looks like, for both processors; sharing; what is refused.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

use std::path::Path;

use bpf_core::{Metadata, Profile, Program, RawInsn, bpf_validate, opcode as op, text};
use cranelift_codegen::isa;

use super::{Form, listing};
use crate::lower::Layout;
use crate::{CompiledFilter, JitErrorKind, LEN_MAX};

const PROCESSORS: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// Name and program, in the assembler of Linux.
pub(super) const SHOWN: [(&str, &str); 5] = [
    // One check for both loads of a way, and for the first loads of all ways.
    (
        "tcp-port-80",
        "ldh [12]\n jne #0x800, drop\n ldb [23]\n jne #6, drop\n ldh [20]\n jset #0x1fff, drop\n ldxb 4*([14]&0xf)\n\
         ldh [x + 14]\n jeq #80, keep\n ldh [x + 16]\n jne #80, drop\n keep: ret #262144\n drop: ret #0",
    ),
    // A load of any place, with its sum in 64 bits.
    ("behind-any-x", "ld [0]\n tax\n ld [x + 2147483647]\n ret a"),
    // The check before a division, and the count of a shift.
    ("by-x", "ldb [0]\n tax\n ld [4]\n div x\n mod #10\n lsh x\n ret a"),
    // Values beside the packet.
    (
        "tag",
        "ldb [4294963248]\n jeq #1, tagged\n ret #0\n tagged: ldh [4294963244]\n and #0xfff\n jeq #100, keep\n ret #0\n keep: ret #96",
    ),
    // Two ways that meet with different values in a scratch word.
    (
        "meeting",
        "ldb [0]\n st M[1]\n ldb [1]\n jgt #5, other\n ld #9\n st M[1]\n other: ld M[1]\n jeq #9, keep\n ret #0\n keep: ret a",
    ),
];

fn program(text: &str) -> Program<Vec<RawInsn>> {
    bpf_validate(text::parse(text).unwrap(), Profile::STRICT).unwrap()
}

#[test]
fn the_code_changes_only_knowingly() {
    let layout = Layout { stride: 32, bytes: 0, len: 8, wire_len: 24 };
    for (name, text) in SHOWN {
        let program = program(text);
        let mut shown = format!("{}\n", text.replace("\\n", "\n"));
        for (number, processor) in PROCESSORS.into_iter().enumerate() {
            let isa = super::isa(isa::lookup_by_name(processor).unwrap()).unwrap();
            let [single, code] = listing(&program, Form::Single, &*isa).unwrap();
            let [batch, _] = listing(&program, Form::Bitmap(layout), &*isa).unwrap();
            for clif in [&single, &batch] {
                assert!(!clif.contains("store") && !clif.contains("call"), "{clif}");
            }
            if number == 0 {
                shown += &format!("\n== one packet\n{single}\n== a batch\n{batch}");
            }
            shown += &format!("\n== {processor}\n{code}");
        }
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("src/machine/golden").join(format!("{name}.txt"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &shown).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(shown, expected, "{name}: if the change is meant, set BLESS=1");
    }
}

#[test]
fn only_code_that_spills_has_a_frame_on_x86_64() {
    // Sixteen words of the packet, all alive at once.
    let store = (0..16).map(|word| format!("ld [{}]\n st M[{word}]\n", 4 * word));
    let sum = (0..16).map(|word| format!("ldx M[{word}]\n mul x\n xor x\n add x\n"));
    let spills = format!("{}{} ret a", store.collect::<String>(), sum.rev().collect::<String>());
    let isa = super::isa(isa::lookup_by_name(PROCESSORS[0]).unwrap()).unwrap();
    let begins =
        |text: &str| super::emit(&program(text), Form::Single, &*isa, |code| Ok(code[..4].to_vec())).unwrap();
    for (name, text) in SHOWN {
        assert_eq!(begins(text), [0x0f, 0x1f, 0x40, 0x00], "{name}");
    }
    assert_eq!(begins(&spills), [0x55, 0x48, 0x89, 0xe5]);
    let packet: Vec<u8> = (0..64).map(|byte| byte * 3 + 1).collect();
    let expected = program(&spills).run(&bpf_core::SlicePacket::new(&packet, 64));
    assert_eq!(
        CompiledFilter::new(&program(&spills)).unwrap().run(&packet, 64, &Metadata::default()),
        expected
    );
}

#[test]
fn threads_share_a_filter() {
    let filter = CompiledFilter::new(&program("ldb [0]\n jeq #7, keep\n ret #0\n keep: ret #1")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let filter = filter.clone();
            scope.spawn(move || {
                for byte in 0..=255 {
                    assert_eq!(filter.run(&[byte], 1, &Metadata::default()), u32::from(byte == 7));
                    let packet = crate::BatchPacket { bytes: &[byte], wire_len: 1, metadata: None };
                    let mut bits = [2];
                    assert_eq!(filter.run_bitmap(&[packet], &mut bits), 1);
                    assert_eq!(bits, [u64::from(byte == 7)]);
                }
            });
        }
    });
    fn is_shared<T: Send + Sync>(_: &T) {}
    is_shared(&filter);
}

#[test]
fn a_program_that_is_too_long_is_refused_with_help() {
    let accept = RawInsn::stmt(op::RET | op::K, 1);
    let profile = Profile::LIBPCAP;
    let longest = bpf_validate(vec![accept; LEN_MAX], profile).unwrap();
    assert!(CompiledFilter::new(&longest).is_ok());
    let error = CompiledFilter::new(&bpf_validate(vec![accept; LEN_MAX + 1], profile).unwrap()).unwrap_err();
    assert_eq!(error.kind(), JitErrorKind::TooLong);
    assert!(error.to_string().contains("131073") && error.help().contains("interpreter"), "{error}");
}

#[test]
fn batches_end_with_the_shorter_side() {
    let filter = CompiledFilter::new(&program("ldb [0]\n jeq #7, keep\n ret #0\n keep: ret #9")).unwrap();
    let bytes: Vec<[u8; 1]> = (0..200_u8).map(|number| [if number % 3 == 0 { 7 } else { 1 }]).collect();
    let packets: Vec<_> =
        bytes.iter().map(|bytes| crate::BatchPacket { bytes, wire_len: 1, metadata: None }).collect();
    for count in [0, 1, 15, 16, 17, 63, 64, 65, 130, 200] {
        let expected: Vec<u32> = (0..count).map(|number| if number % 3 == 0 { 9 } else { 0 }).collect();
        let mut verdicts = vec![5; count + 3];
        assert_eq!(filter.run_batch(&packets[..count], &mut verdicts), count);
        assert_eq!(verdicts[..count], expected);
        assert_eq!(verdicts[count..], [5; 3], "what lies behind is left alone");
        let mut verdicts = vec![5; count];
        assert_eq!(filter.run_batch(&packets, &mut verdicts), count);
        assert_eq!(verdicts, expected);
        let mut bits = vec![u64::MAX; count / 64];
        assert_eq!(filter.run_bitmap(&packets, &mut bits), count / 64 * 64);
        for (at, word) in bits.iter().enumerate() {
            for bit in 0..64 {
                assert_eq!(word >> bit & 1 != 0, expected[at * 64 + bit] != 0);
            }
        }
    }
}
