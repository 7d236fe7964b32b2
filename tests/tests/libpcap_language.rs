//! The whole language on every link type, beside libpcap: the same expressions are taken and refused, and the programs have the
//! same verdict on every packet. Packets of link types that are not recorded are made from those that are.

use snapgate_tests::compare;
use snapgate_tests::frames::{self, LINK_TYPES};
use snapgate_tests::mutate;

/// A share of the link types, so that several tests run side by side.
fn differential(share: usize) {
    let pool = mutate::recorded(Some(1)).unwrap_or_default();
    assert!(!pool.is_empty(), "no packets");
    for (name, dlt) in LINK_TYPES.into_iter().skip(share).step_by(4) {
        let counts = compare::differential(name, dlt, 2_500, true, |rng| frames::draw(rng, dlt, &pool));
        assert!(counts.taken > 500 && counts.refused > 50, "{name}: {counts:?}");
        assert!(counts.accepted * 50 > counts.compared, "{name}: {counts:?}");
    }
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_1() {
    differential(0);
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_2() {
    differential(1);
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_3() {
    differential(2);
}

#[test]
fn the_whole_language_means_what_it_means_in_libpcap_4() {
    differential(3);
}
