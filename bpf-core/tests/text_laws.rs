//! Laws of the text forms, on random words and random texts.

#![cfg(feature = "alloc")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is denied in shipped code is how a test fails"
)]

mod random;

use bpf_core::{RawInsn, text};
use proptest::prelude::*;

/// Any words at all; known codes often, so that fields matter.
fn words() -> impl Strategy<Value = Vec<RawInsn>> {
    let code = prop_oneof![3 => 0_u16..256, 1 => any::<u16>()];
    let k = prop_oneof![any::<u32>(), 0_u32..32, 0xffff_f000_u32..0xffff_f050];
    let word = (code, any::<u8>(), any::<u8>(), k).prop_map(|(code, jt, jf, k)| RawInsn { code, jt, jf, k });
    proptest::collection::vec(word, 0..30)
}

/// Pieces of the forms in any order: gets deeper into the parsers than random letters.
fn nearly_texts() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(000)",
        "(",
        ")",
        "0",
        "1",
        " ",
        "\n",
        "\r\n",
        "\t",
        "ld",
        "ldh",
        "ldb",
        "ldx",
        "ldxb",
        "ldi",
        "st",
        "jeq",
        "jset",
        "jneq",
        "ja",
        "jmp",
        "ret",
        "neg",
        "tax",
        "add",
        "unimp",
        "#",
        "#0x800",
        "#len",
        "#proto",
        "[12]",
        "[x + 4]",
        "[%x+4]",
        "[vlanp]",
        "M[3]",
        "4*([14]&0xf)",
        "x",
        "a",
        "%",
        "jt",
        "jf",
        "2",
        "l1",
        "l1:",
        ":",
        ",",
        "{",
        "}",
        "{ 0x28, 0, 0, 0x0000000c },",
        "3\n",
        "40 0 0 12\n",
        "-",
        "+",
        "0x",
        "08",
        "4294967296",
        "99999999999999999999",
        "/*",
        "*/",
        "//",
        ";",
        "é",
        "\u{2028}",
        "\0",
        "\\",
        "`",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn check_any_text(text: &str) -> Result<(), TestCaseError> {
    let results = [
        text::parse(text),
        text::parse_disassembly(text),
        text::parse_c_array(text),
        text::parse_decimal(text),
        text::parse_bpf_asm(text),
    ];
    for error in results.into_iter().filter_map(Result::err) {
        let message = error.to_string();
        prop_assert_eq!(message.lines().count(), 1, "{}", message);
        prop_assert!(!message.contains(char::is_control), "{}", message);
        let lines = text.matches('\n').count() + 1;
        prop_assert!(error.line >= 1 && error.line as usize <= lines, "{}", message);
        let line = text.split('\n').nth(error.line as usize - 1).unwrap_or_default();
        prop_assert!(error.column >= 1 && error.column as usize <= line.chars().count() + 1, "{}", message);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn numeric_forms_give_every_word_back(insns in words()) {
        let (dd, ddd) = (text::c_array(&insns).to_string(), text::decimal(&insns).to_string());
        prop_assert_eq!(text::parse_c_array(&dd), Ok(insns.clone()));
        prop_assert_eq!(text::parse_decimal(&ddd), Ok(insns.clone()));
        prop_assert_eq!(text::parse(&dd), Ok(insns.clone()));
        prop_assert_eq!(text::parse(&ddd), Ok(insns.clone()));
    }

    #[test]
    fn disassembly_gives_canonical_words_back_and_prints_the_same_again(insns in words()) {
        let printed = text::disassembly(&insns).to_string();
        let parsed = text::parse_disassembly(&printed).expect("what is printed can be read");
        prop_assert_eq!(text::disassembly(&parsed).to_string(), printed.clone());
        for (given, back) in insns.iter().zip(&parsed) {
            if given.meaning().is_some() {
                prop_assert_eq!(given.canonical(), *back);
            } else {
                prop_assert_eq!(given.code, back.code);
            }
        }
        prop_assert_eq!(text::parse(&printed), Ok(parsed));
    }

    #[test]
    fn assembler_text_of_programs_gives_them_back(program in random::programs(300)) {
        let printed = text::bpf_asm(program.insns()).expect("verified programs can be said").to_string();
        let insns = program.into_storage();
        prop_assert_eq!(text::parse_bpf_asm(&printed), Ok(insns.clone()), "{}", printed);
        prop_assert_eq!(text::parse(&printed), Ok(insns.clone()));
    }

    #[test]
    fn assembler_writer_says_all_words_or_says_which_it_cannot(insns in words()) {
        match text::bpf_asm(&insns) {
            Ok(printed) => {
                let canonical: Vec<_> = insns.iter().map(|insn| insn.canonical()).collect();
                prop_assert_eq!(text::parse_bpf_asm(&printed.to_string()), Ok(canonical));
            }
            Err(error) => prop_assert!((error.pc as usize) < insns.len()),
        }
    }

    #[test]
    fn any_text_is_read_or_refused_in_one_line(text in any::<String>()) {
        check_any_text(&text)?;
    }

    #[test]
    fn nearly_right_texts_are_read_or_refused_in_one_line(text in nearly_texts()) {
        check_any_text(&text)?;
    }
}

#[test]
fn hostile_texts_are_refused_in_time() {
    let many = 2_000_000;
    for piece in ["(", "[", "l:", "/*", "/**/", "#\n", "{", "9", "1\n", ",", "-", " ", "\n", "x", "jmp a "] {
        let text = piece.repeat(many / piece.len());
        assert!(text::parse_disassembly(&text).is_err() || text.trim().is_empty());
        for parse in [text::parse, text::parse_c_array, text::parse_decimal, text::parse_bpf_asm] {
            let _ = parse(&text);
        }
    }
}

#[test]
fn programs_of_the_greatest_length_are_read_and_longer_ones_refused() {
    let line = "ret a\n";
    let most = text::LEN_MAX as usize;
    assert_eq!(text::parse_bpf_asm(&line.repeat(most)).map(|insns| insns.len()), Ok(most));
    let error = text::parse_bpf_asm(&line.repeat(most + 1)).expect_err("one too many");
    assert_eq!(error.kind, text::ParseErrorKind::TooLong);
    let error = text::parse_c_array(&"{1,1,1,1},".repeat(most + 1)).expect_err("one too many");
    assert_eq!(error.kind, text::ParseErrorKind::TooLong);
}
