//! What is known of values, learnt in an order and taken back in the opposite one.
//!
//! ```text
//!   of a: ──▶ 5..9 ──▶ 0..9        what was learnt last hides what was known before, and shows it again when it is taken back
//!   of b: ──▶ 80
//! ```

use alloc::vec;
use alloc::vec::Vec;

use crate::graph::ValueId;

pub(super) struct Layers<T> {
    learnt: Vec<Layer<T>>,
    /// For each value the last of `learnt` that is about it.
    last: Vec<Option<u32>>,
}

struct Layer<T> {
    what: T,
    value: ValueId,
    /// What was known of the value before: its place in the stack.
    before: Option<u32>,
}

impl<T> Layers<T> {
    /// Nothing is known of so many values.
    pub(super) fn new(values: usize) -> Self {
        Self { learnt: Vec::new(), last: vec![None; values] }
    }

    /// What is known of a value.
    pub(super) fn get(&self, value: ValueId) -> Option<&T> {
        let at = (*self.last.get(value.index())?)?;
        self.learnt.get(at as usize).map(|layer| &layer.what)
    }

    /// Puts this above what was known of the value.
    pub(super) fn push(&mut self, value: ValueId, what: T) {
        let Some(slot) = self.last.get_mut(value.index()) else { return };
        let at = u32::try_from(self.learnt.len()).ok();
        self.learnt.push(Layer { what, value, before: *slot });
        *slot = at;
    }

    /// Takes back what was learnt last.
    pub(super) fn pop(&mut self) {
        let Some(layer) = self.learnt.pop() else { return };
        if let Some(slot) = self.last.get_mut(layer.value.index()) {
            *slot = layer.before;
        }
    }
}
