//! Which blocks are on every way to a block, kept up as blocks are entered in program order.
//!
//! ```text
//!        0            every block has its immediate dominator, its depth in the tree of these, and one
//!      / | \          ancestor further up ("jump"), chosen so that any ancestor is found in logarithmic
//!     1  4  5         time: if the last two jumps on the way up are equally long, the new one is as long
//!     |     |         as both together, else it goes one level up
//!     2     7
//! ```

/// A node of the tree: a block, by its number.
pub(crate) type Node = u32;

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    parent: Node,
    jump: Node,
    depth: u32,
}

/// The tree.
#[derive(Debug)]
pub(crate) struct Dominators {
    places: Vec<Place>,
}

impl Dominators {
    /// For so many blocks; number 0 is the root.
    pub(crate) fn new(blocks: usize) -> Self {
        Self { places: vec![Place::default(); blocks] }
    }

    fn place(&self, node: Node) -> Place {
        self.places.get(node as usize).copied().unwrap_or_default()
    }

    /// Hangs a block below its immediate dominator, which was entered before.
    pub(crate) fn insert(&mut self, node: Node, parent: Node) {
        let first = self.place(parent);
        let second = self.place(first.jump);
        let third = self.place(second.jump);
        let equal = first.depth.wrapping_sub(second.depth) == second.depth.wrapping_sub(third.depth);
        let jump = if equal { second.jump } else { parent };
        if let Some(place) = self.places.get_mut(node as usize) {
            *place = Place { parent, jump, depth: first.depth.saturating_add(1) };
        }
    }

    /// The ancestor at this depth, or the block itself if it is not deeper.
    fn ancestor(&self, mut node: Node, depth: u32) -> Node {
        loop {
            let place = self.place(node);
            if place.depth <= depth {
                return node;
            }
            node = if self.place(place.jump).depth >= depth { place.jump } else { place.parent };
        }
    }

    /// Whether every way to `node` leads through `above`; a block dominates itself.
    pub(crate) fn dominates(&self, above: Node, node: Node) -> bool {
        self.ancestor(node, self.place(above).depth) == above
    }

    /// The nearest block that dominates both.
    pub(crate) fn common(&self, one: Node, other: Node) -> Node {
        let depth = self.place(one).depth.min(self.place(other).depth);
        let (mut one, mut other) = (self.ancestor(one, depth), self.ancestor(other, depth));
        while one != other {
            let (left, right) = (self.place(one), self.place(other));
            // Equally deep blocks have equally long jumps.
            (one, other) =
                if left.jump == right.jump { (left.parent, right.parent) } else { (left.jump, right.jump) };
        }
        one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parent for each block from a few bits of a hash, so that chains and bushes occur.
    fn parents(seed: u32) -> Vec<Node> {
        let mut word = seed;
        (1..300_u32)
            .map(|node| {
                word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let back = if word >> 30 == 0 { word >> 8 } else { (word >> 8) % 3 };
                node - 1 - back % node
            })
            .collect()
    }

    #[test]
    fn dominance_and_common_dominators_are_those_of_a_walk_up_the_tree() {
        for seed in 0..20 {
            let parents = parents(seed);
            let mut tree = Dominators::new(300);
            for (node, parent) in (1..).zip(&parents) {
                tree.insert(node, *parent);
            }
            let line = |mut node: Node| {
                let mut line = vec![node];
                while node != 0 {
                    node = parents[node as usize - 1];
                    line.push(node);
                }
                line
            };
            for one in (0..300).step_by(7) {
                let above = line(one);
                for other in 0..300 {
                    assert_eq!(tree.dominates(other, one), above.contains(&other));
                    let common = line(other).into_iter().find(|node| above.contains(node));
                    assert_eq!(Some(tree.common(one, other)), common);
                }
            }
        }
    }
}
