//! Programs as text: no text panics a parser, and what is printed comes back.

use bpf_core::{RawInsn, text};

/// What the four forms are made of.
#[rustfmt::skip]
const PIECES: [&str; 64] = [
    "(000) ", "(001) ", "(", ")", "0", "1", " ", "\n", "\r\n", "\t", "ld ", "ldh ", "ldb ", "ldx ", "ldxb ",
    "ldi ", "st ", "stx ", "jeq ", "jset ", "jneq ", "jle ", "ja ", "jmp ", "ret ", "neg", "tax", "txa",
    "add ", "lsh ", "mod ", "unimp ", "#", "#0x800", "#len", "#pktlen", "#proto", "[12]", "[x + 4]",
    "[%x+4]", "[vlanp]", "M[3]", "4*([14]&0xf)", "x", "a", "%", "jt ", "jf ", "2", "l1", "l1:", ":", ",",
    "{ ", " }", "{ 0x28, 0, 0, 0x0000000c },\n", "40 0 0 12\n", "3\n", "-", "0x", "4294967295", ";", "/*",
    "*/",
];

/// Reads text in all forms; what can be read is written in all forms and read again.
pub fn parse_print(bytes: &[u8]) {
    let input = crate::text_of(bytes, &PIECES, "");
    let readings = [
        text::parse(&input),
        text::parse_disassembly(&input),
        text::parse_c_array(&input),
        text::parse_decimal(&input),
        text::parse_bpf_asm(&input),
    ];
    for reading in readings {
        match reading {
            Ok(words) => check_words(&words),
            Err(error) => {
                let lines = input.matches('\n').count() + 1;
                assert!((1..=lines).contains(&(error.line as usize)), "{error}");
                assert_eq!(error.to_string().lines().count(), 1);
            }
        }
    }
    check_words(&crate::machine::words_of(bytes));
}

fn check_words(words: &[RawInsn]) {
    assert_eq!(text::parse_c_array(&text::c_array(words).to_string()).as_deref(), Ok(words));
    assert_eq!(text::parse_decimal(&text::decimal(words).to_string()).as_deref(), Ok(words));

    let printed = text::disassembly(words).to_string();
    let back = text::parse_disassembly(&printed).expect("what was printed");
    assert_eq!(text::disassembly(&back).to_string(), printed);
    for (word, back) in words.iter().zip(&back) {
        assert!(word.meaning().is_none() || word.canonical() == *back, "{word:?} came back as {back:?}");
    }

    match text::bpf_asm(words) {
        Ok(printed) => {
            let canonical: Vec<RawInsn> = words.iter().map(|word| word.canonical()).collect();
            assert_eq!(text::parse_bpf_asm(&printed.to_string()), Ok(canonical));
        }
        Err(error) => assert!((error.pc as usize) < words.len()),
    }
}
