//! The list of everyday filters is what it says it is.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeSet;

use bpf_core::{Insn, RawInsn};
use snapgate_tests::listed::{self, Listed};

fn said(of: &str, filter: &Listed, problem: &str) -> String {
    format!("{of} on {} '{}': {problem}", filter.link, filter.text)
}

/// Both say so when a filter accepts nothing, libpcap in its optimizer.
#[test]
fn every_filter_compiles_with_both_compilers_and_accepts_some_packet() {
    let mut problems = Vec::new();
    for filter in listed::read().unwrap() {
        if let Err(error) = filter.ours() {
            problems.push(said("ours", &filter, &error.to_string()));
        }
        for optimize in [false, true] {
            if let Err(error) = filter.theirs(optimize) {
                problems.push(said("libpcap", &filter, &error));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn the_list_has_500_different_filters_of_20_link_types() {
    let filters = listed::read().unwrap();
    let different: BTreeSet<_> = filters.iter().map(|filter| (filter.dlt, &filter.text)).collect();
    let links: BTreeSet<_> = filters.iter().map(|filter| filter.dlt).collect();
    assert_eq!(different.len(), filters.len(), "a filter stands twice in the list");
    assert!(filters.len() >= 500 && links.len() >= 20, "{} filters, {} links", filters.len(), links.len());
}

/// Otherwise an engine without metadata ends at once, and counts nothing.
#[test]
fn no_program_of_the_list_asks_for_more_than_bytes_and_lengths() {
    let asks = |program: &[RawInsn]| {
        program.iter().any(|insn| matches!(insn.meaning(), Some(Insn::LoadAncillary { .. })))
    };
    for filter in listed::read().unwrap() {
        assert!(!asks(filter.ours().unwrap().insns()), "{}", said("ours", &filter, "asks"));
        assert!(!asks(&filter.theirs(true).unwrap()), "{}", said("libpcap", &filter, "asks"));
    }
}
