//! From a list of events that fails to the shortest part of it that still does (delta debugging, Zeller 1999).
//!
//! The order stays. Removing chunks of half the length, then a quarter, down to single events, until no single one can go.

/// The shortest list found with `fails`; at most `tries` lists are tried.
///
/// `fails` is asked about parts of `items` only, and is expected to hold for all of them.
pub fn shrink<T: Clone>(items: &[T], tries: usize, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut kept = items.to_vec();
    let mut left = tries;
    let mut chunk = kept.len().div_ceil(2);
    while chunk > 0 {
        let mut start = 0;
        let mut removed = false;
        while start < kept.len() {
            if left == 0 {
                return kept;
            }
            left -= 1;
            let end = start.saturating_add(chunk).min(kept.len());
            let rest: Vec<T> = kept.iter().take(start).chain(kept.iter().skip(end)).cloned().collect();
            if fails(&rest) {
                kept = rest;
                removed = true;
            } else {
                start = end;
            }
        }
        if chunk > 1 {
            chunk = chunk.div_ceil(2);
        } else if !removed {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_stays_and_in_order() {
        let items: Vec<u32> = (0..200).collect();
        let fails = |part: &[u32]| {
            let position = |wanted| part.iter().position(|item| *item == wanted);
            matches!((position(17), position(91), position(150)), (Some(a), Some(b), Some(c)) if a < b && b < c)
        };
        assert_eq!(shrink(&items, 10_000, fails), [17, 91, 150]);
    }

    #[test]
    fn a_list_that_fails_empty_shrinks_to_nothing_and_tries_are_bounded() {
        assert_eq!(shrink(&[1, 2, 3], 100, |_| true), [0; 0]);
        let mut asked = 0;
        let kept = shrink(&(0..1000).collect::<Vec<u32>>(), 50, |part| {
            asked += 1;
            part.contains(&999)
        });
        assert!(kept.contains(&999));
        assert!(asked <= 50);
    }
}
