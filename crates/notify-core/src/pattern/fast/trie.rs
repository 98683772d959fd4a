//! The paths that the patterns of a class use, for a quick look at each key of an event.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// With more keys than this a table is quicker than a look at each.
const MOST_IN_A_ROW: usize = 8;

/// A tree of path steps; a step is what stands between dots.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

/// A place in the tree.
pub(super) type Step = usize;

/// The root of the tree: the event itself.
pub(super) const ROOT: Step = 0;

#[derive(Debug, Default)]
struct Node {
    path: Option<usize>,
    keys: Vec<(Box<[u8]>, Step)>,
    /// A bit for the length of each key; the last one is for all longer ones.
    lengths: u64,
    /// All keys, when they are many.
    table: HashMap<Box<[u8]>, Step, FixedState>,
    /// Whether a key with a dot can lead somewhere.
    is_deep: bool,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl Trie {
    /// Puts in a path with its number.
    pub(super) fn add(&mut self, path: &[u8], number: usize) {
        let mut above = None;
        let mut at = ROOT;
        for step in path.split(|byte| *byte == b'.') {
            if let Some(node) = above.and_then(|above: Step| self.nodes.get_mut(above)) {
                node.is_deep = true;
            }
            above = Some(at);
            at = self.child(at, step).unwrap_or_else(|| self.grow(at, step));
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.path = Some(number);
        }
    }

    fn grow(&mut self, at: Step, step: &[u8]) -> Step {
        let new = self.nodes.len();
        self.nodes.push(Node::default());
        if let Some(node) = self.nodes.get_mut(at) {
            node.lengths |= length_bit(step);
            node.keys.push((step.into(), new));
            if node.keys.len() > MOST_IN_A_ROW {
                let missing = node.keys.iter().skip(node.table.len());
                node.table.extend(missing.cloned());
            }
        }
        new
    }

    /// The place behind a key of an event; `None` when no pattern looks there.
    #[inline]
    pub(super) fn step(&self, at: Step, key: &[u8]) -> Option<Step> {
        let found = self.child(at, key);
        if found.is_some() || !self.nodes.get(at)?.is_deep || !key.contains(&b'.') {
            return found;
        }
        key.split(|byte| *byte == b'.').try_fold(at, |at, step| self.child(at, step))
    }

    #[inline]
    fn child(&self, at: Step, step: &[u8]) -> Option<Step> {
        let node = self.nodes.get(at)?;
        if node.lengths & length_bit(step) == 0 {
            return None;
        }
        if node.table.is_empty() {
            return node.keys.iter().find(|(key, _)| **key == *step).map(|(_, next)| *next);
        }
        node.table.get(step).copied()
    }

    /// The path that ends here.
    #[inline]
    pub(super) fn path(&self, at: Step) -> Option<usize> {
        self.nodes.get(at)?.path
    }

    /// Whether a path leads on from here.
    #[inline]
    pub(super) fn leads_on(&self, at: Step) -> bool {
        self.nodes.get(at).is_some_and(|node| node.lengths != 0)
    }
}

fn length_bit(step: &[u8]) -> u64 {
    1 << step.len().min(63)
}

#[cfg(test)]
mod tests {
    use super::super::super::paths::Paths;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// It leads where the simple tree leads.
        #[test]
        fn keys_lead_to_paths(
            paths in prop::collection::vec("([a-d]{0,2}|[a-z]{60,70})(\\.[a-d]{0,2}){0,3}", 0..40),
            keys in prop::collection::vec("[a-d]{0,2}(\\.[a-d]{0,2}){0,2}", 0..4),
        ) {
            let (mut simple, mut trie) = (Paths::default(), Trie::default());
            for path in &paths {
                let number = simple.add(path.as_bytes());
                trie.add(path.as_bytes(), number);
            }
            for keys in paths.iter().map(|path| std::slice::from_ref(path)).chain([keys.as_slice()]) {
                let mut at = (Some(Paths::start()), Some(ROOT));
                for key in keys {
                    at.0 = at.0.and_then(|at| simple.step(at, key.as_bytes()));
                    at.1 = at.1.and_then(|at| trie.step(at, key.as_bytes()));
                }
                prop_assert_eq!(at.0.is_some(), at.1.is_some(), "{:?}", keys);
                let wanted = at.0.and_then(|at| simple.path(at));
                prop_assert_eq!(at.1.and_then(|at| trie.path(at)), wanted);
            }
        }
    }
}
