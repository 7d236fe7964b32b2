//! Tokens: what matches longest, where it stands, and what is refused.

use alloc::vec::Vec;

use super::*;
use crate::syntax::ast::Kind;
use crate::syntax::words::ProtoName;

fn kinds(text: &str) -> Vec<TokenKind<'_>> {
    let mut lexer = Lexer::new(text, Dialect::PcapFilter);
    let mut kinds = Vec::new();
    loop {
        match lexer.read().unwrap().kind {
            TokenKind::End => return kinds,
            kind => kinds.push(kind),
        }
    }
}

fn first_error(text: &str) -> (Code, &str) {
    let mut lexer = Lexer::new(text, Dialect::PcapFilter);
    loop {
        match lexer.read() {
            Ok(token) => assert_ne!(token.kind, TokenKind::End, "no error in {text}"),
            Err(error) => return (error.code, error.primary.span.text(text)),
        }
    }
}

#[test]
fn hyphens_and_dots_belong_to_names() {
    assert_eq!(kinds("len-14"), [TokenKind::Word("len-14")]);
    assert_eq!(kinds("10-20"), [TokenKind::Word("10-20")]);
    assert_eq!(kinds("1.2.3.4.5"), [TokenKind::Word("1.2.3.4.5")]);
    assert_eq!(kinds("1.2."), [TokenKind::Word("1.2.")]);
    assert_eq!(kinds("a_b"), [TokenKind::Word("a_b")]);
    assert_eq!(kinds("a-"), [TokenKind::Word("a"), TokenKind::Arith(ArithOp::Sub)]);
    assert_eq!(kinds("0x"), [TokenKind::Word("0x")]);
}

#[test]
fn keywords_are_whole_words() {
    assert_eq!(kinds("icmp-echo"), [TokenKind::Number(8)]);
    assert_eq!(kinds("icmp-echos"), [TokenKind::Word("icmp-echos")]);
    assert_eq!(kinds("portrange"), [TokenKind::Kind(Kind::PortRange)]);
    assert_eq!(kinds("tcpudp"), [TokenKind::Word("tcpudp")]);
    assert_eq!(kinds("es-is"), [TokenKind::Proto(ProtoName::Esis)]);
}

#[test]
fn twelve_digits_are_a_mac_address_and_eleven_a_number() {
    assert_eq!(kinds("012345670123"), [TokenKind::Mac([1, 0x23, 0x45, 0x67, 1, 0x23])]);
    assert_eq!(kinds("01234567012"), [TokenKind::Number(0o1234567012)]);
}

#[test]
fn the_longest_address_wins() {
    assert_eq!(kinds("1:2:3:4:5:6"), [TokenKind::Mac([1, 2, 3, 4, 5, 6])]);
    assert_eq!(kinds("1:2:3:4:5:6::"), [TokenKind::Ipv6([0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0, 0, 0])]);
    assert_eq!(kinds("1.2.3.4.5.6"), [TokenKind::Mac([1, 2, 3, 4, 5, 6])]);
    assert_eq!(first_error("1:2:3:4:5:6:"), (Code::BogusAddress, "1:2:3:4:5:6:"));
    assert_eq!(first_error("1::2:"), (Code::BogusAddress, "1::2:"));
}

#[test]
fn a_colon_between_numbers_is_a_colon() {
    let four = TokenKind::Number(4);
    assert_eq!(kinds("0:4"), [TokenKind::Number(0), TokenKind::Colon, four]);
}

#[test]
fn numbers_are_decimal_hexadecimal_or_octal_and_fit_in_32_bits() {
    assert_eq!(kinds("10 0X1f 017 0"), [10, 31, 15, 0].map(TokenKind::Number));
    assert_eq!(kinds("4294967295 0xffffffff 0037777777777").len(), 3);
    for text in ["4294967296", "0x100000000", "0040000000000"] {
        assert_eq!(first_error(text), (Code::NumberTooBig, text));
    }
    assert_eq!(first_error("089"), (Code::NotOctal, "089"));
}

#[test]
fn dotted_numbers_may_be_of_any_radix() {
    assert_eq!(kinds("1.2"), [TokenKind::Dotted("1.2")]);
    assert_eq!(kinds("0x1.017.300"), [TokenKind::Dotted("0x1.017.300")]);
}

#[test]
fn only_a_decimal_tail_makes_an_ipv6_address() {
    assert_eq!(kinds("::ffff:1.2.3.4").len(), 1);
    for text in ["::1.2.3.256", "::01.2.3.4", "::0x1.2.3.4"] {
        assert_eq!(first_error(text), (Code::BogusAddress, text));
    }
    assert_eq!(first_error("::1.2.3"), (Code::UnexpectedCharacter, "."));
}

#[test]
fn a_backslash_makes_a_name_up_to_a_space_or_parenthesis() {
    assert_eq!(kinds(r"\tcp"), [TokenKind::Word("tcp")]);
    assert_eq!(kinds(r"(\a]b=c)")[1], TokenKind::Word("a]b=c"));
    assert_eq!(first_error(r"\ a"), (Code::UnexpectedCharacter, r"\"));
    assert_eq!(first_error(r"\"), (Code::UnexpectedCharacter, r"\"));
}

#[test]
fn short_mac_addresses_have_at_most_two_digits() {
    assert_eq!(kinds("$a $1F"), [TokenKind::Mac8(0xa), TokenKind::Mac8(0x1f)]);
    assert_eq!(kinds("$abc"), [TokenKind::Mac8(0xab), TokenKind::Word("c")]);
    assert_eq!(first_error("$"), (Code::UnexpectedCharacter, "$"));
}

#[test]
fn signs_of_two_characters_are_not_two_signs() {
    assert_eq!(kinds("==="), [TokenKind::Rel(RelOp::Eq), TokenKind::Rel(RelOp::Eq)]);
    assert_eq!(
        kinds("!!=&&&"),
        [TokenKind::Not, TokenKind::Rel(RelOp::Ne), TokenKind::And, TokenKind::Arith(ArithOp::And)]
    );
}

#[test]
fn spans_cover_the_token_and_the_backslash() {
    let mut lexer = Lexer::new("  \\tcp 80", Dialect::PcapFilter);
    assert_eq!(lexer.read().unwrap().span, Span::new(2, 6));
    assert_eq!(lexer.read().unwrap().span, Span::new(7, 9));
    assert_eq!(lexer.read().unwrap().span, Span::new(9, 9));
}

#[test]
fn other_characters_are_errors_with_their_whole_width() {
    assert_eq!(first_error("tcp é"), (Code::UnexpectedCharacter, "é"));
    assert_eq!(first_error("tcp\x0budp"), (Code::UnexpectedCharacter, "\x0b"));
    assert_eq!(first_error("\0"), (Code::UnexpectedCharacter, "\0"));
}

#[test]
fn characters_that_one_cannot_see_are_named_and_mended() {
    for (text, message, mended) in [
        ("tcp\u{a0}port", "unexpected character `\\u{a0}`", "tcp port"),
        ("\u{feff}tcp", "unexpected character `\\u{feff}`", "tcp"),
        ("tcp\u{b}port", "unexpected character `\\u{b}`", "tcp port"),
    ] {
        let mut lexer = Lexer::new(text, Dialect::PcapFilter);
        let error = loop {
            if let Err(error) = lexer.read() {
                break error;
            }
        };
        assert_eq!(error.message, message);
        let patch = error.help[0].patch.as_ref().unwrap();
        let mut patched = text.to_owned();
        patched.replace_range(patch.span.range(), &patch.replacement);
        assert_eq!(patched, mended);
    }
    let error = Lexer::new("é", Dialect::PcapFilter).read().unwrap_err();
    assert_eq!(error.message, "unexpected character `é`");
}
