//! Filters with mistakes in them: words and characters left out, doubled, exchanged, replaced and put in.
//!
//! ```text
//! tcp dst port 80   ─▶   tcp port dst 80     tcp dst port 65536    tcp dst port 80 )    tcp ds
//! ```
//!
//! Most of the results are no filters, some are filters that nobody would write: where two compilers are most likely not to agree.

use crate::rng::Rng;
use crate::vocabulary;

/// Numbers at the limits of the fields that they are compared with, in all bases, and what is nearly a number.
const NUMBERS: [&str; 56] = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "7",
    "8",
    "15",
    "16",
    "17",
    "31",
    "32",
    "33",
    "63",
    "64",
    "127",
    "128",
    "255",
    "256",
    "257",
    "1023",
    "1024",
    "1500",
    "1501",
    "1535",
    "1536",
    "4094",
    "4095",
    "4096",
    "16383",
    "16384",
    "65535",
    "65536",
    "1048575",
    "1048576",
    "16777215",
    "16777216",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "0x",
    "0x0",
    "0xff",
    "0X10",
    "0xffffffff",
    "0x100000000",
    "00",
    "010",
    "08",
    "037777777777",
    "040000000000",
    "012345670123",
    "99999999999999999999",
    "1e3",
];
/// Addresses, networks and what is nearly one.
#[rustfmt::skip]
const ADDRESSES: [&str; 48] = [
    "127.0.0.1", "0.0.0.0", "255.255.255.255", "256.0.0.1", "10.0.0", "10.0", "10.0.0.0.0", "1.2.3.", "01.02.03.04",
    "192.0.2.0/24", "192.0.2.0/0", "192.0.2.0/32", "192.0.2.0/33", "192.0.2.1/24", "10/8", "10.0/16", "192.0.2/24",
    "::", "::1", "fe80::1", "2001:db8::/32", "2001:db8::/0", "::/0", "::/128", "::/129", "2001:db8::1/64", "1::2::3",
    "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "::ffff:192.0.2.1", "::ffff:256.0.0.1", "1:2:3:4:5:6:1.2.3.4", ":::", "12345::",
    "0:1:2:3:4:5", "00-11-22-33-44-55", "0.1.2.3.4.5", "0011.2233.4455", "001122334455", "0:1:2:3:4", "0:1:2:3:4:5:6",
    "0:1:2:3:4:g", "$ff", "$f", "$0", "$100", "1.2", "63.1023",
];
/// Signs, most of them of the language.
#[rustfmt::skip]
const SIGNS: [&str; 44] = [
    "(", ")", "[", "]", "!", "=", "==", "!=", "<", ">", "<=", ">=", "<<", ">>", "+", "-", "*", "/", "%", "&", "|", "^",
    "&&", "||", ":", "::", ".", ",", ";", "\\", "$", "#", "@", "\"", "'", "_", "--", "=>", "=<", "<>", "! =", "()", "[]", "~",
];
/// Names of services, protocols and nothing.
#[rustfmt::skip]
const NAMES: [&str; 24] = [
    "http", "domain", "ssh", "https", "ntp", "www", "22-http", "80-90", "90-80", "1-65535", "0-65536", "80-", "-80",
    "http-alt", "\\tcp", "\\ip", "\\arp", "\\host", "\\", "nosuchname", "em0", "gre", "TCP", "x",
];
/// Phrases that stand together.
#[rustfmt::skip]
const PHRASES: [&str; 20] = [
    "src or dst", "src and dst", "dst && src", "dst || src", "tcp port", "not host", "[0]", "[0:1]", "[0:3]", "[-1]",
    "[2:2]", "mask 255.255.255.0", "and not", "or (", ") and", "/ 0", "% 0", "<< 32", "= 1", "or 2",
];
/// Single characters.
const CHARACTERS: &str = "abcdefghilmnoprstuvwxyzABFX0123456789 .:-_/\\[]()!=<>&|+*%^$#,\t\n\r\u{b}\u{e9}";

/// A text with one mistake or a few.
#[must_use]
pub fn mistype(rng: &mut Rng, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..=*rng.pick(&[0, 0, 0, 1, 2]) {
        text = if rng.one_in(3) { in_characters(rng, &text) } else { in_words(rng, &text) };
    }
    text
}

/// The words, the signs and the blanks between them.
fn pieces(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '\\' | '$') => 0,
        c if c.is_whitespace() => 1,
        '(' | ')' | '[' | ']' => 2,
        _ => 3,
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().skip(1) {
        let before = text.get(..at).and_then(|text| text.chars().next_back()).map(kind);
        if before != Some(kind(c)) || before == Some(2) {
            pieces.push(&text[start..at]);
            start = at;
        }
    }
    pieces.push(&text[start..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// A word that may stand anywhere.
fn word(rng: &mut Rng) -> String {
    let pool: &[&str] = match rng.below(12) {
        0..=4 => &vocabulary::KEYWORDS,
        5 => &vocabulary::WORDS_BEHIND.iter().flat_map(|(_, words)| words.split(' ')).collect::<Vec<_>>(),
        6 => &NUMBERS,
        7 => &ADDRESSES,
        8 | 9 => &SIGNS,
        10 => &NAMES,
        _ => &PHRASES,
    };
    (*rng.pick(pool)).to_owned()
}

fn in_words(rng: &mut Rng, text: &str) -> String {
    let mut pieces: Vec<String> = pieces(text).into_iter().map(str::to_owned).collect();
    let places: Vec<usize> = (0..pieces.len()).filter(|at| !pieces[*at].trim().is_empty()).collect();
    let Some(&at) = places.get(rng.below(places.len())) else { return word(rng) };
    let other = *rng.pick(&places);
    match rng.below(10) {
        0 => pieces[at].clear(),
        1 => {
            let piece = pieces[at].clone();
            pieces.insert(at, format!("{piece} "));
        }
        2 => pieces.swap(at, other),
        // One behind the other.
        3 => {
            let next = places.iter().find(|place| **place > at);
            pieces.swap(at, next.copied().unwrap_or(at));
        }
        4 => pieces[at] = like(rng, &pieces[at]),
        5 | 6 => pieces[at] = word(rng),
        7 => pieces.insert(at, format!("{} ", word(rng))),
        8 => {
            let (from, to) = (at.min(other), at.max(other));
            pieces.drain(from..=to);
        }
        _ => match rng.below(3) {
            // The filter ends, or begins, here.
            0 => pieces.truncate(at),
            1 => {
                pieces.drain(..at);
            }
            // No blank between two words.
            _ => {
                if pieces.get(at + 1).is_some_and(|piece| piece.trim().is_empty()) {
                    pieces.remove(at + 1);
                }
            }
        },
    }
    pieces.concat()
}

/// Another word of the kind of this one: a number for a number, an address for an address.
fn like(rng: &mut Rng, piece: &str) -> String {
    let first = piece.bytes().next().unwrap_or(b' ');
    let pool: &[&str] = if piece.contains([':', '.', '/']) {
        &ADDRESSES
    } else if first.is_ascii_digit() {
        &NUMBERS
    } else if first.is_ascii_alphabetic() {
        &vocabulary::KEYWORDS
    } else {
        &SIGNS
    };
    (*rng.pick(pool)).to_owned()
}

fn in_characters(rng: &mut Rng, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let all: Vec<char> = CHARACTERS.chars().collect();
    let at = rng.below(chars.len());
    if chars.is_empty() {
        return rng.pick(&all).to_string();
    }
    match rng.below(6) {
        0 => {
            chars.remove(at);
        }
        1 => chars.insert(at, chars[at]),
        2 => chars[at] = *rng.pick(&all),
        3 => chars.insert(at, *rng.pick(&all)),
        4 if at > 0 => chars.swap(at - 1, at),
        _ => chars.truncate(at),
    }
    chars.into_iter().collect()
}

/// The shortest text that taking characters out, many at a time and then few, finds for which `fails` still holds.
pub fn shrink(text: &str, mut fails: impl FnMut(&str) -> bool) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    loop {
        let before = chars.len();
        let mut size = chars.len();
        while size > 0 {
            let mut at = 0;
            while at + size <= chars.len() {
                let without: String = chars[..at].iter().chain(&chars[at + size..]).collect();
                if fails(&without) {
                    chars = without.chars().collect();
                } else {
                    at += 1;
                }
            }
            size = if size > 8 { size / 2 } else { size - 1 };
        }
        if chars.len() == before {
            return chars.into_iter().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_text() {
        for text in ["", "tcp  port 80", "(ip[2:2]&0xf)!= 7 ", "\\ip\n$ff é", "! ((", "host\t::1/64"] {
            assert_eq!(pieces(text).concat(), text);
        }
        assert_eq!(pieces("((ip[0]>=1)"), ["(", "(", "ip", "[", "0", "]", ">=", "1", ")"]);
    }

    #[test]
    fn mistakes_are_many_and_the_same_again() {
        let texts = |seed| -> std::collections::BTreeSet<String> {
            let mut rng = Rng::new(seed);
            (0..500).map(|_| mistype(&mut rng, "not tcp dst port 80 or ip[0] & 0xf > 5")).collect()
        };
        assert_eq!(texts(1), texts(1));
        assert!(texts(1).len() > 400);
    }

    #[test]
    fn what_is_needed_is_left_over() {
        assert_eq!(shrink("host a and (b or c)", |text| text.contains("(b") && text.contains('c')), "(bc");
    }
}
