//! "Did you mean": the known word that was probably meant.

/// Words longer than this, in characters, are not compared: nobody mistypes a keyword of that length.
const WORD_CHARS_MAX: usize = 32;

/// The candidate that is nearest to `word`: fewest letters left out, added, changed or swapped with their neighbour.
///
/// `None` if none is near enough: one mistake in a word of three or four letters, two in a longer one, three from
/// ten letters on. Of equally near candidates the first is taken; the word itself is no candidate.
///
/// # Examples
/// ```
/// use bpf_compile::diagnostic::nearest;
///
/// let keywords = ["host", "net", "port", "portrange"];
/// assert_eq!(nearest("prot", keywords.into_iter()), Some("port"));
/// assert_eq!(nearest("gateway", keywords.into_iter()), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = Chars::new(word)?;
    let allowed = match typed.len {
        0..=2 => return None,
        3..=4 => 1,
        5..=9 => 2,
        _ => 3,
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let Some(known) = Chars::new(candidate) else { continue };
        if known.len.abs_diff(typed.len) > allowed || candidate == word {
            continue;
        }
        let distance = distance(&typed, &known);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A short word as an array of characters, without allocation.
struct Chars {
    chars: [char; WORD_CHARS_MAX],
    len: usize,
}

impl Chars {
    fn new(word: &str) -> Option<Self> {
        let mut chars = ['\0'; WORD_CHARS_MAX];
        let mut len = 0_usize;
        for c in word.chars() {
            *chars.get_mut(len)? = c.to_ascii_lowercase();
            len = len.saturating_add(1);
        }
        Some(Self { chars, len })
    }

    fn get(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }
}

/// Damerau-Levenshtein distance with adjacent swaps, row by row: only the last two rows are kept.
fn distance(a: &Chars, b: &Chars) -> usize {
    const COLUMNS: usize = WORD_CHARS_MAX + 1;
    let cell = |row: &[usize; COLUMNS], at: usize| row.get(at).copied().unwrap_or(usize::MAX);
    let mut before_last = [0; COLUMNS];
    let mut last = [0; COLUMNS];
    for (at, cell) in last.iter_mut().enumerate() {
        *cell = at;
    }
    for row in 1..=a.len {
        let mut current = [row; COLUMNS];
        for column in 1..=b.len {
            let (left, up) = (cell(&current, column - 1), cell(&last, column));
            let same = a.get(row - 1) == b.get(column - 1);
            let replace = cell(&last, column - 1).saturating_add(usize::from(!same));
            let mut least = left.min(up).saturating_add(1).min(replace);
            if row > 1
                && column > 1
                && a.get(row - 1) == b.get(column - 2)
                && a.get(row - 2) == b.get(column - 1)
            {
                least = least.min(cell(&before_last, column - 2).saturating_add(1));
            }
            if let Some(cell) = current.get_mut(column) {
                *cell = least;
            }
        }
        before_last = last;
        last = current;
    }
    cell(&last, b.len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 6] = ["port", "portrange", "host", "icmp6", "icmp", "multicast"];

    fn near(word: &str) -> Option<&'static str> {
        nearest(word, WORDS.into_iter())
    }

    #[test]
    fn one_slip_of_each_kind_is_found() {
        assert_eq!(near("prot"), Some("port"), "swapped");
        assert_eq!(near("hst"), Some("host"), "left out");
        assert_eq!(near("hosst"), Some("host"), "added");
        assert_eq!(near("hist"), Some("host"), "changed");
        assert_eq!(near("mutlicsat"), Some("multicast"), "two swaps");
        assert_eq!(near("HSOT"), Some("host"), "case does not count");
    }

    #[test]
    fn words_that_are_too_far_or_too_short_are_not_guessed() {
        assert_eq!(near("x"), None);
        assert_eq!(near("xy"), None);
        assert_eq!(near("xyz"), None);
        assert_eq!(near("example.com"), None);
        assert_eq!(near(&"p".repeat(10_000)), None);
    }

    #[test]
    fn the_nearest_wins_and_the_word_itself_does_not_count() {
        assert_eq!(near("icmp"), Some("icmp6"));
        assert_eq!(near("port"), None);
        assert_eq!(near("icpm"), Some("icmp"));
        assert_eq!(near("icpm6"), Some("icmp6"));
    }

    #[test]
    fn distances_are_symmetric_and_zero_only_for_equal_words() {
        for a in WORDS {
            for b in WORDS {
                let (x, y) = (Chars::new(a).unwrap(), Chars::new(b).unwrap());
                assert_eq!(distance(&x, &y), distance(&y, &x));
                assert_eq!(distance(&x, &y) == 0, a == b);
            }
        }
    }
}
