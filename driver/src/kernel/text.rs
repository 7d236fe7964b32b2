//! Strings of UTF-16.

use snapgate_ffi::ntdef::UNICODE_STRING;

/// The words of an ASCII string, as many as it has characters.
pub(crate) const fn utf16<const N: usize>(text: &str) -> [u16; N] {
    assert!(text.len() == N && text.is_ascii());
    let mut words = [0; N];
    let mut index = 0;
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        #[expect(
            clippy::indexing_slicing,
            reason = "as many words as bytes; checked when the driver is compiled"
        )]
        {
            words[index] = *first as u16;
        }
        #[expect(clippy::arithmetic_side_effects, reason = "at most N")]
        {
            index += 1;
        }
        rest = behind;
    }
    words
}

/// The words of a counted string; none if it is null.
///
/// # Safety
///
/// `string` is null, or points to a string that stays as it is for as long as `'a`.
pub(crate) unsafe fn words<'a>(string: *const UNICODE_STRING) -> &'a [u16] {
    // SAFETY: null, or readable by the contract.
    let Some(string) = (unsafe { string.as_ref() }) else { return &[] };
    if string.Buffer.is_null() {
        return &[];
    }
    // SAFETY: so many bytes are there, by the contract of such strings.
    unsafe { core::slice::from_raw_parts(string.Buffer, usize::from(string.Length >> 1)) }
}

/// One word in lower case, if it is an ASCII letter.
pub(crate) fn lower(word: u16) -> u16 {
    if (0x41..=0x5a).contains(&word) { word | 0x20 } else { word }
}

/// Whether two strings are the same but for the case of ASCII letters: enough for GUIDs and device names.
pub(crate) fn is_same(one: &[u16], other: &[u16]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| lower(*one) == lower(*other))
}
