//! A list of shared values whose nodes are allocated before they are needed: inserting and removing cannot fail.

use super::NoMemory;
use super::arc::KArc;
use super::pool::KBox;

/// Room for one value in a list.
pub(crate) struct Node<T> {
    item: Option<KArc<T>>,
    next: Option<KBox<Node<T>>>,
}

/// Room that is reserved.
pub(crate) struct Room<T>(KBox<Node<T>>);

impl<T> Room<T> {
    /// Reserves room.
    pub(crate) fn try_new() -> Result<Self, NoMemory> {
        Ok(Self(KBox::try_new(Node { item: None, next: None })?))
    }
}

/// The list.
pub(crate) struct List<T> {
    head: Option<KBox<Node<T>>>,
}

impl<T> List<T> {
    pub(crate) const fn new() -> Self {
        Self { head: None }
    }

    /// Puts a value at the front.
    pub(crate) fn insert(&mut self, mut room: Room<T>, item: KArc<T>) {
        room.0.item = Some(item);
        room.0.next = self.head.take();
        self.head = Some(room.0);
    }

    /// Takes the first value out for which this holds, and its room with it.
    pub(crate) fn remove(&mut self, mut is_it: impl FnMut(&T) -> bool) -> Option<KArc<T>> {
        let mut link = &mut self.head;
        while link.as_ref().is_some_and(|node| !node.item.as_ref().is_some_and(|item| is_it(item))) {
            link = &mut link.as_mut()?.next;
        }
        let node = link.take()?.into_inner();
        *link = node.next;
        node.item
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &KArc<T>> {
        let mut node = self.head.as_ref();
        core::iter::from_fn(move || {
            let this = node?;
            node = this.next.as_ref();
            this.item.as_ref()
        })
    }
}

impl<T> Drop for List<T> {
    fn drop(&mut self) {
        // One node after the other: a list that drops itself node by node would recurse.
        while let Some(node) = self.head.take() {
            self.head = node.into_inner().next;
        }
    }
}
