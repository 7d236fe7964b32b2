//! The language of `bpf_asm`: each construct and the word it stands for.

#![cfg(feature = "alloc")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is denied in shipped code is how a test fails"
)]

use bpf_core::text::{self, parse_bpf_asm};
use bpf_core::{Profile, RawInsn, bpf_validate};

fn word(line: &str) -> (u16, u32) {
    let insns = parse_bpf_asm(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    assert_eq!(insns.len(), 1, "{line}");
    assert_eq!((insns[0].jt, insns[0].jf), (0, 0), "{line}");
    (insns[0].code, insns[0].k)
}

#[test]
fn every_addressing_mode_of_every_instruction_has_its_word() {
    let lines: &[(&str, u16, u32)] = &[
        ("ld [12]", 0x20, 12),
        ("ldh [12]", 0x28, 12),
        ("ldb [12]", 0x30, 12),
        ("ld [x + 4]", 0x40, 4),
        ("ldh [%x + 4]", 0x48, 4),
        ("ldb [x+4]", 0x50, 4),
        ("ld [x + -4]", 0x40, 0xffff_fffc),
        ("ld [-4096]", 0x20, 0xffff_f000),
        ("ld #5", 0x00, 5),
        ("ldi #5", 0x00, 5),
        ("ldi 5", 0x00, 5),
        ("ld #len", 0x80, 0),
        ("ld len", 0x80, 0),
        ("ld #pktlen", 0x80, 0),
        ("ld M[3]", 0x60, 3),
        ("ld m[3]", 0x60, 3),
        ("ldx #5", 0x01, 5),
        ("ldxi #5", 0x01, 5),
        ("ldxi 5", 0x01, 5),
        ("ldx #len", 0x81, 0),
        ("ldx M[3]", 0x61, 3),
        ("ldxb 4*([14]&0xf)", 0xb1, 14),
        ("ldx 4 * ( [ 14 ] & 15 )", 0xb1, 14),
        ("st M[3]", 0x02, 3),
        ("stx M[3]", 0x03, 3),
        ("add #1", 0x04, 1),
        ("add x", 0x0c, 0),
        ("sub %x", 0x1c, 0),
        ("mul #2", 0x24, 2),
        ("div x", 0x3c, 0),
        ("or #0x10", 0x44, 0x10),
        ("and #0b11", 0x54, 3),
        ("lsh #1", 0x64, 1),
        ("rsh x", 0x7c, 0),
        ("neg", 0x84, 0),
        ("mod #010", 0x94, 8),
        ("xor x", 0xac, 0),
        ("tax", 0x07, 0),
        ("txa", 0x87, 0),
        ("ret #-1", 0x06, u32::MAX),
        ("ret a", 0x16, 0),
        ("RET %A", 0x16, 0),
    ];
    for &(line, code, k) in lines {
        assert_eq!(word(line), (code, k), "{line}");
    }
}

#[test]
fn ancillary_values_have_linux_names() {
    let names = [
        ("proto", 0),
        ("type", 4),
        ("ifidx", 8),
        ("nla", 12),
        ("nlan", 16),
        ("mark", 20),
        ("queue", 24),
        ("hatype", 28),
        ("rxhash", 32),
        ("cpu", 36),
        ("vlan_tci", 44),
        ("vlan_vid", 44),
        ("vlan_avail", 48),
        ("vlan_pr", 48),
        ("poff", 52),
        ("rand", 56),
        ("vlan_tpid", 60),
    ];
    for (name, number) in names {
        assert_eq!(word(&format!("ld #{name}")), (0x20, 0xffff_f000 + number), "{name}");
        assert_eq!(word(&format!("ldb {name}")), (0x30, 0xffff_f000 + number), "{name}");
    }
}

#[test]
fn conditional_jumps_take_one_or_two_labels_and_contraries_exchange_them() {
    let jumps: &[(&str, u16, u8, u8)] = &[
        ("jeq #7, yes, no", 0x15, 0, 1),
        ("jeq #7, no, yes", 0x15, 1, 0),
        ("jeq #7, no", 0x15, 1, 0),
        ("jeq x, no", 0x1d, 1, 0),
        ("jneq #7, no", 0x15, 0, 1),
        ("jne %x, no", 0x1d, 0, 1),
        ("jneq #7, yes, no", 0x15, 1, 0),
        ("jlt #7, no", 0x35, 0, 1),
        ("jle #7, no", 0x25, 0, 1),
        ("jgt #7, no", 0x25, 1, 0),
        ("jge x, no, yes", 0x3d, 1, 0),
        ("jset #7, yes, no", 0x45, 0, 1),
    ];
    for &(line, code, jt, jf) in jumps {
        let insns = parse_bpf_asm(&format!("{line}\nyes: ret #1\nno: ret #0")).expect(line);
        let k = if line.contains('#') { 7 } else { 0 };
        assert_eq!(insns[0], RawInsn { code, jt, jf, k }, "{line}");
    }
}

#[test]
fn unconditional_jumps_go_both_ways() {
    let insns = parse_bpf_asm("again: ld [0]\njmp end\nja again\nend: ret a").expect("right");
    assert_eq!((insns[1].k, insns[2].k), (1, (-3_i32).cast_unsigned()));
}

#[test]
fn the_examples_of_the_kernel_documentation_are_programs() {
    let arp = "ldh [12]\njne #0x806, drop\nret #-1\ndrop: ret #0\n";
    let tcp = "ldh [12]\njne #0x800, drop\nldb [23]\njneq #6, drop\nret #-1\ndrop: ret #0\n";
    let sampled_icmp = "ldh [12]\njne #0x800, drop\nldb [23]\njneq #1, drop\n# get a random uint32 number\n\
                        ld rand\nmod #4\njneq #1, drop\nret #-1\ndrop: ret #0\n";
    let seccomp = "ld [4]                  /* offsetof(struct seccomp_data, arch) */\n\
                   jne #0xc000003e, bad    /* AUDIT_ARCH_X86_64 */\n\
                   ld [0]                  /* offsetof(struct seccomp_data, nr) */\n\
                   jeq #15, good           /* __NR_rt_sigreturn */\n\
                   jeq #231, good          /* __NR_exit_group */\n\
                   bad: ret #0             /* SECCOMP_RET_KILL_THREAD */\n\
                   good: ret #0x7fff0000   /* SECCOMP_RET_ALLOW */\n";
    for (text, len) in [(arp, 4), (tcp, 6), (sampled_icmp, 9), (seccomp, 7)] {
        let insns = parse_bpf_asm(text).unwrap_or_else(|error| panic!("{text}{error}"));
        assert_eq!(insns.len(), len);
        assert!(bpf_validate(&insns, Profile::LINUX).is_ok());
    }
}

#[test]
fn the_writer_chooses_short_forms() {
    let text = "\tldh [12]\n\tjneq #0x800, l4\n\tjset #0x1fff, l4, l3\nl3:\n\tld #vlan_tci\nl4:\n\tret #0\n";
    let insns = parse_bpf_asm(text).expect("right");
    let written = text::bpf_asm(&insns).expect("all have names").to_string();
    assert_eq!(written, "\tldh [12]\n\tjneq #0x800, l4\n\tjset #0x1fff, l4\n\tld #vlan_tci\nl4:\n\tret #0\n");
}

#[test]
fn the_writer_refuses_what_has_no_name() {
    let error = text::bpf_asm(&[RawInsn::stmt(0xff, 0)]).expect_err("no such code");
    assert_eq!((error.pc, error.kind), (0, text::NotAssemblerKind::UnknownCode(0xff)));
    let error =
        text::bpf_asm(&[RawInsn::stmt(6, 0), RawInsn::jump(0x15, 0, 0, 1)]).expect_err("no such place");
    assert_eq!((error.pc, error.kind), (1, text::NotAssemblerKind::JumpOut));
}
