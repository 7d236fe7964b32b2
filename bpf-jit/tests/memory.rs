//! The memory of code: never writable and executable at once, near the program, and given back.
//!
//! One test, because the maps are those of the whole process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

use bpf_core::{Metadata, Profile, Program, RawInsn, bpf_validate, opcode as op};
use bpf_jit::CompiledFilter;

fn program(verdict: u32) -> Program<Vec<RawInsn>> {
    let insns = vec![
        RawInsn::stmt(op::LD | op::H | op::ABS, 12),
        RawInsn::jump(op::JMP | op::JEQ | op::K, 0x0806, 0, 1),
        RawInsn::stmt(op::RET | op::K, verdict),
        RawInsn::stmt(op::RET | op::K, 0),
    ];
    bpf_validate(insns, Profile::STRICT).unwrap()
}

/// Where maps begin that can be executed and are of no file.
fn code() -> Vec<u64> {
    let text = std::fs::read_to_string("/proc/self/maps").unwrap();
    let anonymous = |line: &&str| line.contains("r-xp") && line.split_whitespace().count() == 5;
    let start = |line: &str| u64::from_str_radix(line.split('-').next().unwrap(), 16).unwrap();
    text.lines().filter(anonymous).map(start).collect()
}

/// How many maps there are, their size in bytes, and how many of them can be executed. A map that can be written and executed fails.
fn maps() -> (usize, u64, usize) {
    let text = std::fs::read_to_string("/proc/self/maps").unwrap();
    let (mut size, mut executable) = (0, 0);
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        assert!(!(rights.contains('w') && rights.contains('x')), "{line}");
        executable += usize::from(rights.contains('x'));
        let ends: Vec<_> = range.split('-').map(|end| u64::from_str_radix(end, 16).unwrap()).collect();
        size += ends[1] - ends[0];
    }
    (text.lines().count(), size, executable)
}

#[test]
fn code_is_never_writable_and_all_of_it_is_given_back() {
    let mut arp = vec![0; 60];
    arp[12..14].copy_from_slice(&[8, 6]);
    let run = |filter: &CompiledFilter| filter.run(&arp, 60, &Metadata::default());

    // What the first compilation makes stays.
    drop(CompiledFilter::new(&program(1)).unwrap());
    let (count, size, executable) = maps();
    let filters: Vec<_> = (1..=100).map(|verdict| CompiledFilter::new(&program(verdict)).unwrap()).collect();
    let (_, size_of_100, executable_with_100) = maps();
    assert!(executable_with_100 > executable, "the code is seen in the maps");
    assert!(size_of_100 - size >= 100 * 4096);
    let here = code as fn() -> Vec<u64> as usize as u64;
    assert!(!code().is_empty());
    for start in code() {
        assert!(start.abs_diff(here) < 2 << 30, "code at {start:#x}, this program at {here:#x}");
    }
    for (filter, verdict) in filters.iter().zip(1..) {
        assert_eq!(run(filter), verdict);
    }

    // A clone keeps the code alive.
    let last = filters.last().unwrap().clone();
    drop(filters);
    assert_eq!(run(&last), 100);
    drop(last);

    for verdict in 1..10_000 {
        let filter = CompiledFilter::new(&program(verdict)).unwrap();
        assert_eq!(run(&filter), verdict);
    }
    let (count_after, size_after, executable_after) = maps();
    assert_eq!(executable_after, executable);
    assert!(count_after <= count + 2, "{count} maps before, {count_after} after");
    assert!(size_after <= size + (8 << 20), "{size} bytes before, {size_after} after");
}
