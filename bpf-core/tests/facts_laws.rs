//! What is said of a program holds whenever it runs.

#![cfg(feature = "alloc")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is denied in shipped code is how a test fails"
)]

mod random;

use std::cell::Cell;

use bpf_core::cfg::{Cfg, Exit, Pc};
use bpf_core::{Ancillary, CAPTURED_LEN_MAX, Facts, Metadata, Packet, RawInsn, SlicePacket, State};
use proptest::prelude::*;
use random::Sample;

/// A packet that notes what it is asked for.
struct Recording<'a> {
    packet: SlicePacket<'a, Metadata>,
    /// The furthest end of a load, of those that some packet could answer.
    end: Cell<u64>,
    wire_len_read: Cell<bool>,
    ancillaries: Cell<u64>,
}

impl<'a> Recording<'a> {
    fn new(sample: &'a Sample) -> Self {
        Self {
            packet: SlicePacket::with_metadata(&sample.bytes, sample.wire_len, sample.metadata),
            end: Cell::new(0),
            wire_len_read: Cell::new(false),
            ancillaries: Cell::new(0),
        }
    }

    fn note(&self, offset: u32, size: u64) {
        let end = u64::from(offset) + size;
        if end <= u64::from(CAPTURED_LEN_MAX) {
            self.end.set(self.end.get().max(end));
        }
    }
}

impl Packet for Recording<'_> {
    fn wire_len(&self) -> u32 {
        self.wire_len_read.set(true);
        self.packet.wire_len()
    }

    fn load_u8(&self, offset: u32) -> Option<u8> {
        self.note(offset, 1);
        self.packet.load_u8(offset)
    }

    fn load_u16(&self, offset: u32) -> Option<u16> {
        self.note(offset, 2);
        self.packet.load_u16(offset)
    }

    fn load_u32(&self, offset: u32) -> Option<u32> {
        self.note(offset, 4);
        self.packet.load_u32(offset)
    }

    fn ancillary(&self, which: Ancillary) -> Option<u32> {
        self.ancillaries.set(self.ancillaries.get() | 1 << which as u32);
        self.packet.ancillary(which)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_run_leaves_the_facts(program in random::programs(40), samples in prop::collection::vec(random::samples(), 4)) {
        let facts = Facts::of(&program);
        for sample in &samples {
            let packet = Recording::new(sample);
            let mut steps = 0;
            let verdict = program.run_observed(&packet, &mut |_: u32, _: RawInsn, _: &State| steps += 1);
            prop_assert!(steps <= facts.worst_case_steps(), "{steps} steps, {facts:?}");
            prop_assert!(facts.verdicts().contains(verdict), "{verdict}, {facts:?}");
            prop_assert!(verdict <= facts.verdicts().max());
            prop_assert!(facts.reads_wire_len() || !packet.wire_len_read.get());
            for which in Ancillary::ALL {
                let asked = packet.ancillaries.get() & 1 << which as u32 != 0;
                prop_assert!(!asked || facts.ancillaries().contains(which), "{which:?}");
            }
            if let Some(bound) = facts.bytes_needed().bound() {
                prop_assert!(packet.end.get() <= u64::from(bound), "read up to {}, {facts:?}", packet.end.get());
            }
        }
    }

    #[test]
    fn bytes_that_are_not_needed_do_not_change_the_verdict(program in random::programs(40), sample in random::samples()) {
        let Some(bound) = Facts::of(&program).bytes_needed().bound() else { return Ok(()) };
        let run = |bytes| program.run(&SlicePacket::with_metadata(bytes, sample.wire_len, sample.metadata));
        let needed = sample.bytes.get(..bound as usize).unwrap_or(&sample.bytes);
        prop_assert_eq!(run(needed), run(&sample.bytes));
    }

    #[test]
    fn runs_follow_the_edges_of_the_graph(program in random::programs(40), sample in random::samples()) {
        let cfg = Cfg::of(&program);
        let mut path = Vec::new();
        let packet = SlicePacket::with_metadata(&sample.bytes, sample.wire_len, sample.metadata);
        program.run_observed(&packet, &mut |pc: u32, _: RawInsn, _: &State| path.push(pc));
        prop_assert_eq!(path.first(), Some(&0));
        for &pc in &path {
            let id = cfg.block_at(Pc(pc)).expect("every instruction has a block");
            prop_assert!(cfg.block(id).is_some_and(bpf_core::cfg::Block::is_reachable));
        }
        for step in path.windows(2) {
            let [from, to] = [step[0], step[1]].map(|pc| cfg.block_at(Pc(pc)).expect("as above"));
            let last = cfg.block(from).expect("its own").last();
            if last == Pc(step[0]) {
                prop_assert_eq!(cfg.block(to).expect("its own").first(), Pc(step[1]));
                prop_assert!(cfg.successors(from).any(|next| next == to));
                prop_assert!(cfg.predecessors(to).contains(&from));
            } else {
                prop_assert_eq!((from, step[0] + 1), (to, step[1]));
            }
        }
    }

    #[test]
    fn graphs_cover_the_program_and_link_both_ways(program in random::programs(60)) {
        let cfg = Cfg::of(&program);
        let covered: Vec<usize> = cfg.blocks().iter().flat_map(|block| block.range()).collect();
        prop_assert_eq!(covered, (0..program.insns().len()).collect::<Vec<_>>());
        let mut forward = Vec::new();
        let mut backward = Vec::new();
        for id in cfg.ids() {
            let block = cfg.block(id).expect("its own");
            prop_assert!(!block.range().is_empty());
            prop_assert_eq!(block.exit() == Exit::Return, cfg.successors(id).next().is_none());
            forward.extend(cfg.successors(id).map(|next| (id, next)));
            backward.extend(cfg.predecessors(id).iter().map(|&before| (before, id)));
        }
        prop_assert!(forward.iter().all(|(from, to)| from < to));
        forward.sort_unstable();
        backward.sort_unstable();
        prop_assert_eq!(forward, backward);
    }
}

#[test]
fn random_programs_are_worth_testing() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut bounded, mut at_most, mut long_runs) = (0, 0, 0);
    for _ in 0..2_000 {
        let program = random::programs(40).new_tree(&mut runner).expect("never refused").current();
        let sample = random::samples().new_tree(&mut runner).expect("never refused").current();
        let needed = Facts::of(&program).bytes_needed();
        bounded += u32::from(needed.bound().is_some_and(|bound| bound > 0));
        at_most += u32::from(matches!(needed, bpf_core::BytesNeeded::AtMost(_)));
        let mut steps = 0;
        let packet = SlicePacket::with_metadata(&sample.bytes, sample.wire_len, sample.metadata);
        program.run_observed(&packet, &mut |_: u32, _: RawInsn, _: &State| steps += 1);
        long_runs += u32::from(steps >= 5);
    }
    assert!(bounded > 500 && at_most > 100 && long_runs > 400, "{bounded} {at_most} {long_runs}");
}
