//! The ring against a plain queue: any capacity, any lengths, any order of reserving, committing, dropping, consuming and
//! publishing, and any tails of a program's.

#![cfg(not(loom))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

mod queue;

use proptest::prelude::*;
use snapgate_ring::{GRAIN, PREFIX};

use queue::{At, Op, check_lent, check_own};

fn lengths() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0_u32..200, 2 => 0_u32..1500, 1 => (0_u32..20).prop_map(|n| n * GRAIN - PREFIX.min(n * GRAIN)), 1 => any::<u32>()]
}

fn producing() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => lengths().prop_map(Op::Reserve),
        4 => any::<usize>().prop_map(Op::Commit),
        1 => any::<usize>().prop_map(Op::Discard),
    ]
}

fn owned() -> impl Strategy<Value = Op> {
    prop_oneof![6 => producing(), 3 => Just(Op::Consume), 1 => Just(Op::Clear)]
}

fn positions() -> impl Strategy<Value = At> {
    prop_oneof![
        4 => Just(At::Head),
        2 => (0_u64..24).prop_map(At::Grains),
        1 => any::<u64>().prop_map(At::Anything),
    ]
}

fn lent() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => producing(),
        3 => Just(Op::Publish),
        3 => positions().prop_map(Op::Tail),
        3 => Just(Op::Believe),
        1 => any::<u64>().prop_map(Op::Wants),
        1 => any::<u64>().prop_map(Op::Head),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn an_own_ring_is_a_queue(
        grains in 0_usize..20, odd in 0_usize..64, ops in prop::collection::vec(owned(), 0..200)
    ) {
        check_own(grains, odd, ops);
    }

    #[test]
    fn a_lent_ring_is_a_queue_whatever_the_program_writes(
        grains in 0_usize..20, ops in prop::collection::vec(lent(), 0..200)
    ) {
        check_lent(grains, ops);
    }
}
