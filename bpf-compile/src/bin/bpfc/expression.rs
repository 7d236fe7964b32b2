//! Where the filter text comes from: the words of the command line, or a file.

use std::fs;
use std::path::Path;

use crate::error::Failure;

/// The text and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expression {
    /// The filter.
    pub(crate) text: String,
    /// What diagnostics call its place: a file, or `<filter>`.
    pub(crate) origin: String,
}

impl Expression {
    /// The words of the command line, joined by single spaces.
    pub(crate) fn from_words(words: &[String]) -> Self {
        Self { text: words.join(" "), origin: "<filter>".to_owned() }
    }

    /// The text of a file, in which `#` begins a comment, as in tcpdump.
    pub(crate) fn from_file(path: &Path) -> Result<Self, Failure> {
        let origin = path.display().to_string();
        let bytes = fs::read(path).map_err(|source| Failure::File {
            action: "read the expression",
            name: origin.clone(),
            source,
        })?;
        let text = String::from_utf8(blank_comments(bytes)).map_err(|error| Failure::NotText {
            name: origin.clone(),
            valid_bytes: error.utf8_error().valid_up_to(),
        })?;
        Ok(Self { text, origin })
    }
}

/// Comments become spaces, so that places in the text stay where they are in the file.
fn blank_comments(mut bytes: Vec<u8>) -> Vec<u8> {
    for line in bytes.split_mut(|byte| *byte == b'\n') {
        if let Some(start) = line.iter().position(|byte| *byte == b'#') {
            line.iter_mut().skip(start).for_each(|byte| *byte = b' ');
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_blanks() {
        let text = blank_comments("tcp # ünd\n# all\nor udp#".as_bytes().to_vec());
        assert_eq!(String::from_utf8(text).unwrap(), "tcp       \n     \nor udp ");
    }

    #[test]
    fn words_are_joined() {
        let words = ["tcp".to_owned(), "port 80".to_owned()];
        assert_eq!(Expression::from_words(&words).text, "tcp port 80");
        assert_eq!(Expression::from_words(&[]).text, "");
    }
}
