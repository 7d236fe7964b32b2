//! What is said of texts that are wrong: place and message, one line each.

#![cfg(feature = "alloc")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is denied in shipped code is how a test fails"
)]

use bpf_core::text::{self, ParseError};

type Parser = fn(&str) -> Result<Vec<bpf_core::RawInsn>, ParseError>;

fn assert_message(parse: Parser, text: &str, expected: &str) {
    let error = parse(text).expect_err(text);
    let message = error.to_string();
    assert!(message.starts_with(expected), "{text:?}\nsays    {message}\nand not {expected}");
    assert!(message.ends_with(error.kind.help()));
}

#[test]
fn assembler_errors_tell_place_and_cause() {
    let cases = [
        (
            "ret #0\n  jeqq #5, l1",
            "line 2, column 3: there is no instruction `jeqq`; the instructions are ld",
        ),
        ("ld #colour", "line 1, column 5: there is no ancillary value `colour`"),
        ("ldh #5", "line 1, column 1: `ldh` does not take such an operand; ldh and ldb take [k]"),
        ("ret x", "line 1, column 1: `ret` does not take such an operand; ret takes #k or a"),
        ("ret", "line 1, column 4: expected an operand, found the end of the text"),
        ("ld [12", "line 1, column 7: expected `]`, found the end of the text"),
        ("ld [x 4]", "line 1, column 7: expected `+` behind `x`, found `4`"),
        ("ld [%y]", "line 1, column 6: expected `x` behind `%`, found `y`"),
        ("ldxb 3*([14]&0xf)", "line 1, column 6: expected 4*([k]&0xf), found `3`"),
        ("ldxb 4*([14]&0xff)", "line 1, column 14: expected 0xf, as in 4*([k]&0xf), found `0xff`"),
        ("ret #4294967296", "line 1, column 6: the number is too large; at most 4294967295"),
        ("ret #-2147483649", "line 1, column 7: the number is too large; at most 2147483648"),
        ("ret #09", "line 1, column 6: expected a number or a name behind `#`, found `09`"),
        ("jmp out\nret a", "line 1, column 5: there is no label `out`"),
        ("l1: ret a\nl1: ret a", "line 2, column 1: the label `l1` stands on line 1 already"),
        ("l1: ret a\njeq #1, l1", "line 2, column 9: a conditional jump that does not go forward"),
        ("ret a\nend:", "line 2, column 5: expected an instruction behind the label"),
        ("jeq #1", "line 1, column 7: expected `,` and a label"),
        ("jeq #1, 5", "line 1, column 9: expected a label, found `5`"),
        ("ret a /* never", "line 1, column 7: a comment that does not end"),
        ("[12]", "line 1, column 1: expected an instruction or a label, found `[`"),
        ("ld\u{1b}[2J", "line 1, column 3: expected an operand, found `\\u{1b}`"),
    ];
    for (text, expected) in cases {
        assert_message(text::parse_bpf_asm, text, expected);
    }
}

#[test]
fn a_conditional_jump_reaches_over_255_instructions_and_no_further() {
    let text = |skipped: usize| format!("jeq #1, end\n{}end: ret a", "tax\n".repeat(skipped));
    assert_eq!(text::parse_bpf_asm(&text(255)).expect("in reach")[0].jt, 255);
    let expected = "line 1, column 9: a conditional jump over 256 instructions; at most 255";
    assert_message(text::parse_bpf_asm, &text(256), expected);
}

#[test]
fn disassembly_errors_tell_place_and_cause() {
    let cases = [
        (
            "(000) ldh      [12]\n(002) ret      #0",
            "line 2, column 2: the number of this line should be 1, but is 2",
        ),
        ("(000) ldq      [12]", "line 1, column 7: there is no instruction `ldq`"),
        ("(000) jneq     #1 jt 2 jf 3", "line 1, column 7: there is no instruction `jneq`"),
        ("(000) ldh      [vlan]", "line 1, column 17: there is no ancillary value `vlan`"),
        ("(000) jeq      #0x1", "line 1, column 20: expected `jt` and a place to go to"),
        ("(000) jeq      #0x1 jt 0 jf 1", "line 1, column 24: a conditional jump that does not go forward"),
        ("(000) jeq      #0x1 jt 1 jf 300", "line 1, column 29: a conditional jump over 299 instructions"),
        ("(000) unimp    0x10000", "line 1, column 16: the number is too large; at most 65535"),
        ("000 ret", "line 1, column 1: expected `(` and the number of the line, found `000`"),
    ];
    for (text, expected) in cases {
        assert_message(text::parse_disassembly, text, expected);
    }
}

#[test]
fn numeric_errors_tell_place_and_cause() {
    let c_array = [
        ("{ 0x28, 0, 0 },", "line 1, column 14: expected `,`, found `}`"),
        ("{ 0x28, 256, 0, 1 },", "line 1, column 9: the number is too large; at most 255"),
        ("{ 0x10000, 0, 0, 1 },", "line 1, column 3: the number is too large; at most 65535"),
        ("{ 6, 0, 0, 1 }\n{ 6, 0, 0, 1 }", "line 2, column 1: expected `,` between instructions"),
        ("{ BPF_LD, 0, 0, 1 }", "line 1, column 3: expected the code, found `BPF_LD`"),
    ];
    for (text, expected) in c_array {
        assert_message(text::parse_c_array, text, expected);
    }
    let decimal = [
        ("", "line 1, column 1: expected the count of instructions, found the end of the text"),
        ("2\n6 0 0 1\n", "line 3, column 1: 2 instructions were announced, but there are 1"),
        ("1\n6 0 0 1\n6 0 0 1\n", "line 3, column 1: 1 instructions were announced, but there are more"),
        ("1\n6 0 0\n", "line 2, column 6: expected k, found the end of the line"),
        ("1\n6 0 0 1 2\n", "line 2, column 9: expected the end of the line or `,`, found `2`"),
        ("1\n0x6 0 0 1\n", "line 2, column 1: expected the code, found `0x6`"),
        ("1\n6 0 0 4294967296\n", "line 2, column 7: the number is too large; at most 4294967295"),
    ];
    for (text, expected) in decimal {
        assert_message(text::parse_decimal, text, expected);
    }
}

#[test]
fn forms_are_recognized_by_their_first_character() {
    use text::Form;
    let cases = [
        (" (000) ret #0", Form::Disassembly),
        ("/* arp */ { 6, 0, 0, 0 }", Form::CArray),
        ("1\n6 0 0 0", Form::Decimal),
        ("; arp\n ret #0", Form::BpfAsm),
        ("l0: ret #0", Form::BpfAsm),
        ("", Form::BpfAsm),
    ];
    for (text, form) in cases {
        assert_eq!(text::recognize(text), form, "{text}");
    }
}

#[test]
fn forms_are_taken_as_other_tools_print_them() {
    let two = text::parse_bpf_asm("ldh [12]\nret #0").expect("right");
    // bpf_asm, without and with -c; Windows' ends of lines.
    assert_eq!(text::parse("2,40 0 0 12,6 0 0 0,\n").as_ref(), Ok(&two));
    assert_eq!(
        text::parse("{ 0x28,  0,  0, 0x0000000c },\n{ 0x06,  0,  0, 0000000000 },\n").as_ref(),
        Ok(&two)
    );
    assert_eq!(text::parse("(000) ldh      [12]\r\n(001) ret      #0\r\n").as_ref(), Ok(&two));
    assert_eq!(text::parse("2\r\n40 0 0 12\r\n6 0 0 0\r\n").as_ref(), Ok(&two));
}
