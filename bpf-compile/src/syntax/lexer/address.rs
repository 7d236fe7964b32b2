//! MAC and IPv6 addresses, recognized without looking at what stands behind them.
//!
//! ```text
//! MAC    0:1:2:3:4:5   0-1-2-3-4-5   0.1.2.3.4.5   0001.0203.0405   000102030405   (one or two digits a part)
//! IPv6   eight groups, or fewer with one `::` for at least one group; the last two may be an IPv4 address
//! bogus  parts of one or two digits, each with colons behind it: `1:2:`
//! ```

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n, take_while1};
use nom::combinator::recognize;
use nom::multi::{fold_many_m_n, fold_many1};
use nom::{IResult, Parser as _};

use super::number::quad;

/// A MAC address in any of the five spellings.
pub(super) fn mac(input: &str) -> IResult<&str, &str> {
    alt((six_parts(":"), six_parts("-"), six_parts("."), cisco, plain)).parse(input)
}

/// The bytes of what [`mac`] recognized.
pub(super) fn mac_bytes(text: &str) -> [u8; 6] {
    let parts = text.split([':', '-', '.']);
    let mut bytes = [0; 6];
    if parts.clone().count() < 6 {
        let mut digits = text.chars().filter_map(|c| c.to_digit(16));
        for byte in &mut bytes {
            let (high, low) = (digits.next().unwrap_or(0), digits.next().unwrap_or(0));
            *byte = u8::try_from(high << 4 | low).unwrap_or(0);
        }
    } else {
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = u8::from_str_radix(part, 16).unwrap_or(0);
        }
    }
    bytes
}

/// How many bytes of the input are the longest IPv6 address at its start; 0 for none.
pub(super) fn ipv6_len(input: &str) -> usize {
    let mut groups = Groups { count: 0, gap: false };
    let mut rest = input;
    let mut best = 0;
    let taken = |rest: &str| input.len().saturating_sub(rest.len());
    if let Some(after) = rest.strip_prefix("::") {
        groups.gap = true;
        rest = after;
        best = 2;
    }
    loop {
        if groups.fits(2)
            && let Ok((after, _)) = quad(rest)
        {
            best = best.max(taken(after));
        }
        let Ok((after, _)) = group(rest) else { return best };
        groups.count = groups.count.saturating_add(1);
        if groups.fits(0) {
            best = best.max(taken(after));
        }
        if groups.count >= 8 {
            return best;
        }
        rest = if let Some(after) = after.strip_prefix("::").filter(|_| !groups.gap) {
            groups.gap = true;
            if !groups.fits(0) {
                return best;
            }
            best = best.max(taken(after));
            after
        } else if let Some(after) = after.strip_prefix(':') {
            after
        } else {
            return best;
        };
    }
}

/// Text that looks like a MAC address and is none; an error wherever it is the longest match.
pub(super) fn bogus(input: &str) -> IResult<&str, &str> {
    let part = || (part, take_while1(|c| c == ':'));
    recognize((part(), fold_many1(part(), || (), |(), _| ()))).parse(input)
}

/// What an IPv6 address has so far.
struct Groups {
    count: u8,
    gap: bool,
}

impl Groups {
    /// Whether the address is complete after that many more groups.
    fn fits(&self, more: u8) -> bool {
        let count = self.count.saturating_add(more);
        if self.gap { count <= 7 } else { count == 8 }
    }
}

fn group(input: &str) -> IResult<&str, &str> {
    take_while_m_n(1, 4, |c: char| c.is_ascii_hexdigit()).parse(input)
}

fn part(input: &str) -> IResult<&str, &str> {
    take_while_m_n(1, 2, |c: char| c.is_ascii_hexdigit()).parse(input)
}

fn four_digits(input: &str) -> IResult<&str, &str> {
    take_while_m_n(4, 4, |c: char| c.is_ascii_hexdigit()).parse(input)
}

fn six_parts(separator: &'static str) -> impl Fn(&str) -> IResult<&str, &str> {
    move |input| {
        let more = fold_many_m_n(5, 5, (tag(separator), part), || (), |(), _| ());
        recognize((part, more)).parse(input)
    }
}

fn cisco(input: &str) -> IResult<&str, &str> {
    recognize((four_digits, tag("."), four_digits, tag("."), four_digits)).parse(input)
}

fn plain(input: &str) -> IResult<&str, &str> {
    take_while_m_n(12, 12, |c: char| c.is_ascii_hexdigit()).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_mac_address_are_the_same_bytes() {
        let expected = [0, 1, 2, 0xa, 0xb, 0xcc];
        for text in [
            "0:1:2:a:b:cc",
            "00:1:2:a:b:cc",
            "00-1-02-0A-b-cc",
            "0.1.2.a.b.cc",
            "0001.020a.0bcc",
            "0001020a0bCC",
        ] {
            let (rest, found) = mac(text).unwrap();
            assert_eq!((rest, mac_bytes(found)), ("", expected), "{text}");
        }
    }

    #[test]
    fn the_longest_ipv6_address_is_found() {
        let cases = [
            ("::", 2),
            ("::1", 3),
            ("1::", 3),
            ("1:2:3:4:5:6:7:8", 15),
            ("1:2:3:4:5:6:7::", 15),
            ("::1:2:3:4:5:6:7", 15),
            ("::1:2:3:4:5:6:7:8", 15),
            ("1:2:3:4:5:6:1.2.3.4", 19),
            ("1:2:3:4:5:1.2.3.4", 0),
            ("::ffff:1.2.3.4", 14),
            ("::1.2.3", 3),
            ("::12345", 6),
            ("1::2::3", 4),
            ("1:2:3", 0),
            (":1", 0),
            ("", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(ipv6_len(text), expected, "{text}");
        }
    }

    #[test]
    fn a_bogus_address_has_two_parts_with_colons_behind() {
        assert_eq!(bogus("1:2:3"), Ok(("3", "1:2:")));
        assert!(bogus("1:2").is_err());
        assert!(bogus("123:4:").is_err());
    }
}
