//! Both ways to map code, as the kernel sees them. (`tests/memory.rs` looks at compiled filters, which are mapped by one of them.)

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::ops::Deref;

use super::{anywhere, near};

/// What may be done with the page at this address, as `/proc/self/maps` says it; `None`: nothing is mapped there.
fn rights(page: usize) -> Option<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (start, end) = words.next()?.split_once('-')?;
        let [start, end] = [start, end].map(|number| usize::from_str_radix(number, 16).unwrap());
        (start..end).contains(&page).then(|| words.next().unwrap().to_owned())
    })
}

/// Maps bytes of some lengths, looks at them, and unmaps them.
fn holds_code<P: Deref<Target = [u8]>>(new: impl Fn(&[u8]) -> std::io::Result<P>) {
    for len in [0, 1, 4095, 4096, 4097, 70_000] {
        let code: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let pages = new(&code).unwrap();
        assert_eq!(pages.get(..len), Some(&code[..]), "{len} bytes");
        assert!(pages.len() <= len.next_multiple_of(4096).max(4096));
        let (first, last) = (pages.as_ptr().addr(), pages.as_ptr().addr() + pages.len() - 1);
        for page in [first, last] {
            assert_eq!(rights(page).as_deref(), Some("r-xp"), "{len} bytes");
        }
    }
}

#[test]
fn pages_near_the_program_are_executed_and_not_written() {
    holds_code(near::Pages::new);
}

#[test]
fn pages_where_the_system_likes_them_are_executed_and_not_written() {
    holds_code(anywhere::Pages::new);
}
