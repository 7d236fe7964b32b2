//! How well lists are spread over their buckets.

use std::vec;
use std::vec::Vec;

use super::*;
use crate::insn::{RawInsn, opcode as op};
use crate::{Profile, bpf_validate};

/// `ld [0]`, one `jeq` for each value, to 1 or to 0.
fn list(values: &[u32]) -> Vec<RawInsn> {
    let tests = values.len();
    let test = |(at, value): (usize, &u32)| {
        let to = u8::try_from(tests - at - 1).unwrap();
        RawInsn::jump(op::JMP | op::JEQ | op::K, *value, to, u8::from(at + 1 == tests))
    };
    let load = RawInsn::stmt(op::LD | op::W | op::ABS, 0);
    let ends = [1, 0].map(|verdict| RawInsn::stmt(op::RET | op::K, verdict));
    [vec![load], values.iter().enumerate().map(test).collect(), ends.to_vec()].concat()
}

/// How many lists have a table, and how many buckets of all of them are overfull.
fn tables_and_overfull(lists: impl Iterator<Item = Vec<u32>>) -> (usize, usize) {
    let (mut tables, mut overfull) = (0, 0);
    for values in lists {
        let prepared = bpf_validate(list(&values), Profile::STRICT).unwrap().prepare();
        let Some(first) = prepared.steps.iter().position(|step| step.kind == Kind::FindA) else { continue };
        tables += 1;
        let buckets = 1 << values.len().ilog2();
        overfull +=
            prepared.steps.iter().skip(first + 1).take(buckets).filter(|step| !step.is_whole()).count();
    }
    (tables, overfull)
}

#[test]
fn hardly_a_bucket_is_overfull() {
    let mut word = 1_u32;
    let mut random = || {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        word >> 8
    };
    let lists = (0..40).map(|_| (0..100).map(|_| random()).collect::<Vec<_>>());
    let (tables, overfull) = tables_and_overfull(lists);
    assert_eq!(tables, 40);
    // The first way to hash alone leaves one or two in each table.
    assert!(overfull <= 10, "{overfull} buckets");
}

#[test]
fn neighbours_have_buckets_of_their_own() {
    let (tables, overfull) =
        tables_and_overfull((16..200).map(|count| (0..count).map(|at| 2 * at).collect()));
    assert_eq!((tables, overfull), (184, 0));
}
