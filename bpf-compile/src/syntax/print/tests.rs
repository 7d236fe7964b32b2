//! Printed filters parse to the same tree.

use proptest::prelude::*;

use super::super::{generate, parse, same_meaning};
use super::*;

fn printed(text: &str) -> String {
    print(&parse(text).unwrap())
}

#[test]
fn qualifiers_are_written_out() {
    assert_eq!(printed("tcp dst port 21 or 20"), "tcp dst port 21 or tcp dst port 20");
    assert_eq!(printed("host a and (b or c)"), "host a and (host b or host c)");
    assert_eq!(printed("wlan dst||src a"), "ether src or dst a");
}

#[test]
fn only_needed_parentheses_are_kept() {
    assert_eq!(printed("((tcp))and(((udp)))"), "tcp and udp");
    assert_eq!(printed("tcp and udp or ip"), "(tcp and udp) or ip");
    assert_eq!(printed("(len + 1) * 2 > (3)"), "(len + 1) * 2 > 3");
    assert_eq!(printed("len + 1 - 2 > 3"), "len + 1 - 2 > 3");
    assert_eq!(printed("len % 4 + 1 > 3"), "len % (4 + 1) > 3");
    assert_eq!(printed("(len % 4) + 1 > 3"), "(len % 4) + 1 > 3");
}

#[test]
fn names_that_mean_something_else_are_escaped() {
    assert_eq!(printed(r"ip proto \tcp"), r"ip proto \tcp");
    assert_eq!(printed(r"host \www"), "host www");
    assert_eq!(printed(r"host \80"), r"host \80");
    assert_eq!(printed(r"host \1:2:3:4:5:6"), r"host \1:2:3:4:5:6");
    assert_eq!(printed("llc rnr"), r"llc \rnr");
}

#[test]
fn addresses_have_one_spelling() {
    assert_eq!(printed("ether host 012345670123"), "ether host 01:23:45:67:01:23");
    assert_eq!(printed("ip6 net 2001:0db8::/32"), "ip6 net 2001:db8::/32");
    assert_eq!(printed("host 010.1"), "host 010.1");
    assert_eq!(printed("host $a"), "host $0a");
}

#[test]
fn the_empty_filter_is_printed_empty() {
    assert_eq!(printed(" \t\r\n"), "");
}

#[test]
fn deep_trees_are_printed_without_recursion() {
    let text = format!("{}tcp", "not ".repeat(50_000));
    assert_eq!(printed(&text), text);
    let sum = format!("{}1 > 0", "-(1 + ".repeat(50_000)) + "";
    assert!(parse(&sum).is_err());
    let sum = format!("{}1{} > 0", "-(1 + ".repeat(50_000), ")".repeat(50_000));
    let ast = parse(&sum).unwrap();
    assert!(same_meaning(&parse(&print(&ast)).unwrap(), &ast));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// What is printed parses to the same tree, and is printed the same again.
    #[test]
    fn printing_and_parsing_give_the_tree_back(seed: u64, depth in 0_u32..6) {
        let text = generate::filter(seed, depth);
        let tree = match parse(&text) {
            Ok(tree) => tree,
            Err(error) => return Err(TestCaseError::fail(format!("{text}\n{error}"))),
        };
        let printed = print(&tree);
        let again = parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed}\n{error}")))?;
        prop_assert!(same_meaning(&tree, &again), "{text}\n{printed}");
        prop_assert_eq!(print(&again), printed);
    }
}
