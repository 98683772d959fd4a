//! The paths that the patterns of a class use, for a quick look at each key of an event.

use crate::blocks::same;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// So many groups of keys are told apart at once.
const SLOTS: usize = 64;
/// With more keys than this a table is quicker.
const MOST_IN_SLOTS: usize = 128;
/// And so it is with more keys than this in one slot.
const MOST_IN_A_SLOT: usize = 8;
/// With more lengths than this the dots of a key are looked for.
const MOST_LENGTHS: usize = 8;

/// A tree of path steps; a step is what stands between dots.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

/// A place in the tree.
pub(super) type Step = usize;

/// The root of the tree: the event itself.
pub(super) const ROOT: Step = 0;

/// The keys that lead on from a place.
#[derive(Debug)]
pub(super) struct Node {
    path: Option<usize>,
    keys: Vec<Branch>,
    /// For each slot the first key there, counted from one.
    slots: [u16; SLOTS],
    /// All keys, when they are more than slots can hold.
    table: HashMap<Box<[u8]>, Step, FixedState>,
    /// The lengths of keys that lead on: behind them a dot can stand. One more than are looked at
    /// says that there are more.
    dots: Vec<usize>,
}

#[derive(Debug)]
struct Branch {
    key: Box<[u8]>,
    to: Step,
    /// The next key in the same slot, counted from one.
    next: u16,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node::new()] }
    }
}

impl Trie {
    /// Puts in a path with its number.
    pub(super) fn add(&mut self, path: &[u8], number: usize) {
        let mut at = ROOT;
        let mut above: Option<(Step, &[u8])> = None;
        for step in path.split(|byte| *byte == b'.') {
            if let Some((above, step)) = above
                && let Some(node) = self.nodes.get_mut(above)
                && node.dots.len() <= MOST_LENGTHS
                && !node.dots.contains(&step.len())
            {
                node.dots.push(step.len());
            }
            above = Some((at, step));
            at = self.child(at, step).unwrap_or_else(|| self.grow(at, step));
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.path = Some(number);
        }
    }

    fn grow(&mut self, at: Step, step: &[u8]) -> Step {
        let new = self.nodes.len();
        self.nodes.push(Node::new());
        if let Some(node) = self.nodes.get_mut(at) {
            node.add(step, new);
        }
        new
    }

    /// The place behind a key of an event; `None` when no pattern looks there.
    #[inline]
    pub(super) fn step(&self, at: Step, key: &[u8]) -> Option<Step> {
        self.step_from(self.nodes.get(at)?, key)
    }

    /// The keys at a place.
    #[inline]
    pub(super) fn node(&self, at: Step) -> Option<&Node> {
        self.nodes.get(at)
    }

    /// The place behind a key, from the node of the place before it.
    #[expect(clippy::inline_always, reason = "a call takes as long as the work")]
    #[inline(always)]
    pub(super) fn step_from(&self, node: &Node, key: &[u8]) -> Option<Step> {
        let found = node.child(key);
        if found.is_some() || !node.may_begin(key) { found } else { self.steps(node, key) }
    }

    /// The place behind a key that has dots.
    #[cold]
    fn steps(&self, node: &Node, key: &[u8]) -> Option<Step> {
        let mut steps = key.split(|byte| *byte == b'.');
        let first = node.child(steps.next()?)?;
        steps.try_fold(first, |at, step| self.child(at, step))
    }

    fn child(&self, at: Step, step: &[u8]) -> Option<Step> {
        self.nodes.get(at)?.child(step)
    }

    /// The path that ends here.
    #[inline]
    pub(super) fn path(&self, at: Step) -> Option<usize> {
        self.nodes.get(at)?.path
    }

    /// About so many bytes are kept.
    pub(super) fn size(&self) -> usize {
        self.nodes.len() * (size_of::<Node>() + size_of::<Branch>())
    }

    /// Whether a path leads on from here.
    #[inline]
    pub(super) fn leads_on(&self, at: Step) -> bool {
        self.nodes.get(at).is_some_and(|node| !node.keys.is_empty())
    }
}

impl Node {
    fn new() -> Self {
        Self {
            path: None,
            keys: Vec::new(),
            slots: [0; SLOTS],
            table: HashMap::default(),
            dots: Vec::new(),
        }
    }

    fn add(&mut self, key: &[u8], to: Step) {
        let mut next = 0;
        let is_crowded = self.table.is_empty() && self.count_beside(key) >= MOST_IN_A_SLOT;
        // More than slots can count are in the table: there it only matters that a slot is not empty.
        let count = u16::try_from(self.keys.len() + 1).unwrap_or(u16::MAX);
        if let Some(first) = self.slots.get_mut(slot(key)) {
            next = std::mem::replace(first, count);
        }
        self.keys.push(Branch { key: key.into(), to, next });
        if self.keys.len() > MOST_IN_SLOTS || is_crowded || !self.table.is_empty() {
            let missing = self.keys.iter().skip(self.table.len());
            self.table.extend(missing.map(|branch| (branch.key.clone(), branch.to)));
        }
    }

    #[expect(clippy::inline_always, reason = "a call takes as long as the work")]
    #[inline(always)]
    fn child(&self, key: &[u8]) -> Option<Step> {
        match self.slots.get(slot(key)) {
            None | Some(0) => None,
            Some(first) => self.child_of_slot(*first, key),
        }
    }

    fn child_of_slot(&self, mut next: u16, key: &[u8]) -> Option<Step> {
        if !self.table.is_empty() {
            return self.table.get(key).copied();
        }
        while let Some(branch) = self.keys.get(usize::from(next).wrapping_sub(1)) {
            if same(&branch.key, key) {
                return Some(branch.to);
            }
            next = branch.next;
        }
        None
    }

    /// How many keys are in the slot of a key.
    fn count_beside(&self, key: &[u8]) -> usize {
        let first = self.slots.get(slot(key)).copied();
        let at = |next: u16| self.keys.get(usize::from(next).wrapping_sub(1));
        std::iter::successors(first.and_then(at), |branch| at(branch.next)).count()
    }

    /// Whether a key may be several steps, of which the first leads somewhere.
    #[inline]
    fn may_begin(&self, key: &[u8]) -> bool {
        if self.dots.len() > MOST_LENGTHS {
            return key.contains(&b'.');
        }
        self.dots.iter().any(|dot| key.get(*dot) == Some(&b'.'))
    }
}

/// The slot of a key: its length, and its first and last byte, tell most keys apart.
#[inline]
fn slot(key: &[u8]) -> usize {
    match key {
        [first, .., last] => (key.len() ^ usize::from(*first) ^ usize::from(*last) << 2) % SLOTS,
        _ => key.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::Paths;
    use proptest::prelude::*;

    #[test]
    fn more_keys_than_slots_can_count_are_found() {
        let mut trie = Trie::default();
        let keys = (0..70_000).map(|number| format!("k{number:05}k")).chain(["other".to_owned()]);
        for (number, key) in keys.enumerate() {
            trie.add(key.as_bytes(), number);
            let step = trie.step(ROOT, key.as_bytes());
            assert_eq!(step.and_then(|step| trie.path(step)), Some(number), "{key}");
        }
        assert_eq!(trie.step(ROOT, b"k70000k"), None);
    }

    #[test]
    fn crowded_slots_give_way_to_a_table() {
        let tabled = |keys: usize, spread: bool| {
            let mut node = Node::new();
            for at in 0..keys {
                // Keys of one length and with the same ends are in one slot.
                let last =
                    if spread { char::from(b'0' + u8::try_from(at % 64).unwrap()) } else { 'k' };
                node.add(format!("k{at:03}{last}").as_bytes(), at + 1);
            }
            node.table.len()
        };
        assert_eq!((tabled(MOST_IN_A_SLOT, false), tabled(MOST_IN_A_SLOT + 1, false)), (0, 9));
        assert_eq!(tabled(MOST_IN_A_SLOT + 3, false), 11);
        assert_eq!((tabled(MOST_IN_SLOTS, true), tabled(MOST_IN_SLOTS + 1, true)), (0, 129));
    }

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
            for keys in paths.iter().map(std::slice::from_ref).chain([keys.as_slice()]) {
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
