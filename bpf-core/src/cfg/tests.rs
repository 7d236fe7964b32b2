//! Small programs whose graphs are known by looking at them.

use super::*;
use crate::text::parse_bpf_asm;
use crate::verify::{Profile, bpf_validate};

fn graph(text: &str) -> Cfg {
    Cfg::of(&bpf_validate(parse_bpf_asm(text).unwrap(), Profile::LIBPCAP).unwrap())
}

fn edges(cfg: &Cfg) -> Vec<(usize, usize)> {
    let edges = |from: BlockId| cfg.successors(from).map(move |to| (from.index(), to.index()));
    cfg.ids().flat_map(edges).collect()
}

#[test]
fn a_diamond_has_four_blocks_and_four_edges() {
    let cfg = graph("ld [0]\n jeq #1, yes, no\n yes: ld #2\n jmp end\n no: ld #3\n end: ret a");
    let ranges: Vec<_> = cfg.blocks().iter().map(Block::range).collect();
    assert_eq!(ranges, [0..2, 2..4, 4..5, 5..6]);
    assert_eq!(edges(&cfg), [(0, 1), (0, 2), (1, 3), (2, 3)]);
    assert_eq!(cfg.predecessors(BlockId(3)), [BlockId(1), BlockId(2)]);
    assert_eq!(cfg.predecessors(BlockId(0)), []);
    assert!(matches!(cfg.blocks()[2].exit(), Exit::Fall(BlockId(3))));
    assert!(matches!(cfg.blocks()[1].exit(), Exit::Jump(BlockId(3))));
    assert_eq!(cfg.blocks()[3].exit(), Exit::Return);
    assert_eq!((cfg.blocks()[1].first(), cfg.blocks()[1].last()), (Pc(2), Pc(3)));
}

#[test]
fn code_behind_a_jump_or_a_return_is_unreachable_but_in_the_graph() {
    let cfg = graph("jmp end\n ld #1\n ret a\n ld #2\n end: ret #0");
    let reachable: Vec<_> = cfg.blocks().iter().map(Block::is_reachable).collect();
    assert_eq!(reachable, [true, false, false, true]);
    assert_eq!(cfg.predecessors(BlockId(3)), [BlockId(0), BlockId(2)]);
}

#[test]
fn both_ways_to_the_same_block_are_one_edge() {
    let cfg = graph("jeq #1, end, end\n end: ret #0");
    assert_eq!(edges(&cfg), [(0, 1)]);
    assert_eq!(cfg.predecessors(BlockId(1)), [BlockId(0)]);
}

#[test]
fn every_instruction_is_in_the_block_that_holds_it() {
    let cfg = graph("ld [0]\n jeq #1, yes, no\n yes: ld #2\n jmp end\n no: ld #3\n end: ret a");
    for id in cfg.ids() {
        for pc in cfg.block(id).unwrap().range() {
            assert_eq!(cfg.block_at(Pc(u32::try_from(pc).unwrap())), Some(id));
        }
    }
    assert_eq!(cfg.block_at(Pc(6)), None);
}

#[test]
fn the_empty_program_has_an_empty_graph() {
    let cfg = Cfg::of(&bpf_validate([], Profile::FREEBSD).unwrap());
    assert_eq!(cfg.entry(), None);
    assert_eq!(cfg.blocks(), []);
    assert_eq!(cfg.block_at(Pc(0)), None);
}

#[test]
fn a_long_chain_of_jumps_takes_no_stack() {
    let mut text: std::string::String = "ld [0]\n jeq #1, l0, l1\n".into();
    for i in 0..50_000 {
        text.push_str(&std::format!("l{i}: jeq #{i}, l{}, l{}\n", i + 1, i + 2));
    }
    text.push_str("l50000: ret #0\n l50001: ret #1\n");
    let cfg = graph(&text);
    assert_eq!(cfg.blocks().len(), 50_003);
    assert!(cfg.blocks().iter().all(Block::is_reachable));
}
