//! Small programs whose facts are known by looking at them.

use std::vec::Vec;

use super::*;
use crate::text::parse_bpf_asm;

fn facts(text: &str) -> Facts {
    Facts::of(&bpf_validate(parse_bpf_asm(text).unwrap(), Profile::LIBPCAP).unwrap())
}

fn bytes(text: &str) -> BytesNeeded {
    facts(text).bytes_needed()
}

#[test]
fn steps_are_those_of_the_longest_path() {
    assert_eq!(facts("ret #1").worst_case_steps(), 1);
    assert_eq!(facts("ld [0]\n jeq #1, end\n ld [4]\n ld [8]\n end: ret #1").worst_case_steps(), 5);
    assert_eq!(facts("ld [0]\n jmp end\n ld [4]\n ld [8]\n end: ret #1").worst_case_steps(), 3);
}

#[test]
fn dead_code_counts_for_nothing() {
    let facts = facts("jmp end\n ld [100]\n ld #len\n ld #mark\n ret #7\n end: ret #1");
    assert_eq!(facts.worst_case_steps(), 2);
    assert_eq!(facts.bytes_needed(), BytesNeeded::Exactly(0));
    assert_eq!(facts.verdicts().constants(), [1]);
    assert!(!facts.verdicts().may_end_early());
    assert!(!facts.reads_wire_len());
    assert!(facts.ancillaries().is_empty());
}

#[test]
fn a_comparison_that_is_decided_makes_the_other_way_dead() {
    let facts = facts("ldb [0]\n jgt #255, never\n ret #1\n never: ld [100]\n ret #2");
    assert_eq!(facts.bytes_needed(), BytesNeeded::Exactly(1));
    assert_eq!(facts.verdicts().constants(), [1]);
}

#[test]
fn absolute_loads_are_exact() {
    assert_eq!(bytes("ldh [12]\n ld [26]\n ret a"), BytesNeeded::Exactly(30));
    assert_eq!(bytes("ldxb 4*([14]&0xf)\n ret #1"), BytesNeeded::Exactly(15));
    assert_eq!(bytes("ret #1"), BytesNeeded::Exactly(0));
}

#[test]
fn a_load_behind_an_ip_header_is_bounded_by_its_longest() {
    assert_eq!(bytes("ldxb 4*([14]&0xf)\n ldh [x + 16]\n ret a"), BytesNeeded::AtMost(78));
}

#[test]
fn a_load_at_a_computed_but_fixed_place_is_exact() {
    assert_eq!(bytes("ldx #20\n ldb [x + 1]\n ret a"), BytesNeeded::Exactly(22));
    assert_eq!(bytes("ld #4\n mul #5\n st M[3]\n ldx M[3]\n ldb [x + 1]\n ret a"), BytesNeeded::Exactly(22));
}

#[test]
fn sums_of_lengths_are_bounded_until_they_could_wrap() {
    // The IPv6 extension header walk: (length byte + 1) * 8, added to what was before.
    let step = "ldb [x + 41]\n add #1\n mul #8\n add x\n tax\n";
    let one = std::format!("ldx #0\n {step} ldb [x + 40]\n ret a");
    assert_eq!(bytes(&one), BytesNeeded::AtMost(2048 + 41));
    let two = std::format!("ldx #0\n {step} {step} ldb [x + 40]\n ret a");
    assert_eq!(bytes(&two), BytesNeeded::AtMost(4096 + 41));
    assert_eq!(bytes("ld [0]\n add #1\n tax\n ldb [x + 0]\n ret a"), BytesNeeded::Unbounded);
}

#[test]
fn masks_and_comparisons_bound_words() {
    assert_eq!(bytes("ld [0]\n and #0x3f\n tax\n ldb [x + 4]\n ret a"), BytesNeeded::AtMost(68));
    assert_eq!(bytes("ld [0]\n jgt #9, end\n tax\n ldb [x + 4]\n end: ret a"), BytesNeeded::AtMost(14));
    assert_eq!(bytes("ld [0]\n tax\n ldb [x + 4]\n ret a"), BytesNeeded::Unbounded);
    assert_eq!(bytes("ld #len\n tax\n ldb [x + 4]\n ret a"), BytesNeeded::Unbounded);
}

#[test]
fn a_load_that_fails_on_every_packet_needs_no_bytes_and_ends_the_path() {
    let facts = facts("ldx #0xffffffff\n ldb [x + 4]\n ld [100]\n ret #1");
    assert_eq!(facts.bytes_needed(), BytesNeeded::Exactly(0));
    assert_eq!(facts.worst_case_steps(), 2);
    assert!(!facts.verdicts().may_accept());
    assert!(facts.verdicts().may_reject());
}

#[test]
fn a_division_may_end_early_only_if_the_divisor_may_be_zero() {
    assert!(facts("ldx #len\n div x\n ret a").verdicts().may_end_early());
    assert!(!facts("ldx #7\n div x\n ret a").verdicts().may_end_early());
    let always = facts("div x\n ret #1");
    assert!(always.verdicts().may_end_early() && !always.verdicts().may_accept());
}

#[test]
fn computed_verdicts_have_bounds() {
    let byte = facts("ldb [0]\n ret a");
    assert_eq!(byte.verdicts().computed(), Some(Interval::up_to(255)));
    assert_eq!(byte.verdicts().max(), 255);
    let constant = facts("ld #3\n add #4\n ret a");
    assert_eq!(constant.verdicts().constants(), [7]);
    assert_eq!(constant.verdicts().computed(), None);
    assert!(!constant.verdicts().may_reject());
}

#[test]
fn states_of_all_ways_to_an_instruction_are_merged() {
    let text = "ldb [0]\n jeq #1, small\n ldx #100\n jmp load\n small: ldx #10\n load: ldb [x + 0]\n ret #1";
    assert_eq!(bytes(text), BytesNeeded::AtMost(101));
}

#[test]
fn scratch_words_keep_what_was_stored_in_them() {
    assert_eq!(
        bytes("ld #100\n ldx #20\n stx M[3]\n ldx M[3]\n ldb [x + 1]\n ret a"),
        BytesNeeded::Exactly(22)
    );
    assert_eq!(bytes("ldx M[3]\n ldb [x + 1]\n ret a"), BytesNeeded::Exactly(2));
    let merged = "ldb [0]\n jeq #1, small\n st M[0]\n jmp load\n small: ld #9\n st M[0]\n load: ldx M[0]\n \
                  ldb [x + 0]\n ret #1";
    assert_eq!(bytes(merged), BytesNeeded::AtMost(256));
    let other_way = "ldb [0]\n jeq #1, large\n ld #9\n st M[0]\n jmp load\n large: ld #50\n st M[0]\n \
                     load: ldx M[0]\n ldb [x + 0]\n ret #1";
    assert_eq!(bytes(other_way), BytesNeeded::AtMost(51));
}

#[test]
fn ancillary_values_and_the_wire_length_are_noted() {
    let facts = facts("ld #vlan_tci\n tax\n ld #mark\n ld [0xfffff028]\n ldx #len\n ret a");
    let expected = [Ancillary::Mark, Ancillary::AluXorX, Ancillary::VlanTag];
    assert_eq!(facts.ancillaries().iter().collect::<Vec<_>>(), expected);
    assert!(facts.ancillaries().contains(Ancillary::Mark));
    assert!(facts.reads_wire_len());
    assert!(facts.verdicts().may_end_early());
}

#[test]
fn profiles_that_accept_the_program_are_listed() {
    let names = |text: &str| facts(text).accepted_by().map(|profile| profile.name()).collect::<Vec<_>>();
    assert_eq!(names("ld [0]\n ret a"), ["strict", "linux", "freebsd", "netbsd", "libpcap"]);
    assert_eq!(names("ld M[0]\n ret a"), ["freebsd", "libpcap"]);
    assert_eq!(names("ld [0]\n mod #3\n ret a"), ["strict", "linux", "netbsd", "libpcap"]);
}

#[test]
fn the_empty_program_keeps_everything_in_no_step() {
    let facts = Facts::of(&bpf_validate([], Profile::FREEBSD).unwrap());
    assert_eq!(facts.worst_case_steps(), 0);
    assert_eq!(facts.verdicts().constants(), [u32::MAX]);
    assert!(!facts.verdicts().may_reject());
    assert_eq!(facts.accepted_by().map(|profile| profile.name()).collect::<Vec<_>>(), ["freebsd"]);
}

#[test]
fn a_program_of_the_greatest_length_takes_no_stack() {
    let load = crate::RawInsn::stmt(0x20, 0);
    let mut insns = std::vec![load; crate::verify::LEN_MAX as usize];
    *insns.last_mut().unwrap() = crate::RawInsn::stmt(6, 1);
    for (pc, insn) in insns.iter_mut().enumerate().step_by(2).take(500_000) {
        *insn = crate::RawInsn::jump(0x15, u32::try_from(pc).unwrap(), 255, 0);
    }
    let facts = Facts::of(&bpf_validate(insns, Profile::LIBPCAP).unwrap());
    assert!(facts.worst_case_steps() > 1_000_000);
}
