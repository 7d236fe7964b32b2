//! Scratch words that are only read into X go there at once, if nothing else needs X on the way.
//!
//! ```text
//!   st  M[15]                      tax
//!   add #2                         add #2
//!   st  M[13]            ──▶       st  M[13]
//!   ldx M[15]
//!   ldb [x + 0]                    ldb [x + 0]
//! ```

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use bpf_core::{Insn, SCRATCH_WORDS};

use crate::graph::{Graph, NodeId};

/// The code of nodes: where it begins and ends, for those that have some.
pub(super) type Ranges = [Option<(usize, usize)>];

/// Says for each instruction whether it stays; words become X where that is possible. `reads_x` tells behind which of them
/// X is read before it is written.
pub(super) fn into_x(graph: &Graph, code: &mut [Insn], ranges: &Ranges, reads_x: &[bool]) -> Vec<bool> {
    let mut stays = vec![true; code.len()];
    let reads =
        |insn: &Insn, word| matches!(insn, Insn::LoadMem(read) | Insn::LoadXMem(read) if *read == word);
    if !code.iter().any(|insn| matches!(insn, Insn::LoadXMem(_))) {
        return stays;
    }
    let leads = Leads::of(graph, ranges);
    for word in 0..SCRATCH_WORDS {
        let mut reading = (0..code.len()).filter(|at| code.get(*at).is_some_and(|insn| reads(insn, word)));
        let (Some(only), None) = (reading.next(), reading.next()) else { continue };
        if code.get(only) != Some(&Insn::LoadXMem(word)) {
            continue;
        }
        let Some(stores) = leads.stores_before(code, ranges, only, word) else { continue };
        if stores.iter().any(|store| reads_x.get(*store) != Some(&false)) {
            continue;
        }
        for store in stores {
            if let Some(slot) = code.get_mut(store) {
                *slot = Insn::Tax;
            }
        }
        if let Some(slot) = stays.get_mut(only) {
            *slot = false;
        }
    }
    stays
}

/// For each node those that lead to it; none for those that the program does not have.
struct Leads {
    nodes: Vec<Vec<NodeId>>,
    entry: NodeId,
}

impl Leads {
    fn of(graph: &Graph, ranges: &Ranges) -> Self {
        let mut nodes = vec![Vec::new(); graph.len()];
        for id in graph.ids().filter(|id| ranges.get(id.index()).is_some_and(Option::is_some)) {
            for (target, _) in graph.node(id).edges() {
                if let Some(leads) = nodes.get_mut(target.index()) {
                    leads.push(id);
                }
            }
        }
        Self { nodes, entry: graph.entry() }
    }

    /// The last stores of a word on all ways to an instruction that reads it, if X is not written in between.
    fn stores_before(&self, code: &[Insn], ranges: &Ranges, at: usize, word: u32) -> Option<BTreeSet<usize>> {
        let mut stores = BTreeSet::new();
        let is_inside =
            |range: &Option<(usize, usize)>| range.is_some_and(|(start, end)| start <= at && at < end);
        let here = ranges.iter().position(is_inside)?;
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut waiting = vec![(here, at)];
        while let Some((node, end)) = waiting.pop() {
            let (start, _) = ranges.get(node).copied().flatten()?;
            let mut is_found = false;
            for at in (start..end).rev() {
                match code.get(at)? {
                    Insn::Store(stored) if *stored == word => {
                        stores.insert(at);
                        is_found = true;
                        break;
                    }
                    insn if writes_x(insn) || matches!(insn, Insn::StoreX(_)) => return None,
                    _ => {}
                }
            }
            if is_found {
                continue;
            }
            if node == self.entry.index() {
                return None;
            }
            for lead in self.nodes.get(node)? {
                if seen.insert(lead.index()) {
                    let (_, end) = ranges.get(lead.index()).copied().flatten()?;
                    waiting.push((lead.index(), end));
                }
            }
        }
        Some(stores)
    }
}

fn writes_x(insn: &Insn) -> bool {
    match insn {
        Insn::LoadXImm(_) | Insn::LoadXLen | Insn::LoadXMem(_) | Insn::LoadXMsh(_) | Insn::Tax => true,
        Insn::LoadAncillary { which, .. } => *which == bpf_core::Ancillary::AluXorX,
        _ => false,
    }
}
