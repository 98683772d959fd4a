//! The paths that patterns use, so that all else in an event is passed over.

use std::collections::HashMap;

/// A tree of path steps.
///
/// `{"a": {"b": …}}`, `{"a.b": …}` and an event's key `a.b` are one path, so a step is what stands
/// between dots, wherever the dots are.
#[derive(Debug)]
pub(super) struct Paths {
    nodes: Vec<Node>,
    count: usize,
}

#[derive(Debug, Default)]
struct Node {
    next: HashMap<Box<[u8]>, usize>,
    path: Option<usize>,
}

/// A place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step(usize);

impl Default for Paths {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], count: 0 }
    }
}

impl Paths {
    /// How many paths there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The number of a path, which is added when it is new.
    pub(super) fn add(&mut self, path: &[u8]) -> usize {
        let mut at = 0;
        for step in path.split(|byte| *byte == b'.') {
            let new = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { break };
            at = *node.next.entry(step.into()).or_insert(new);
            if at == new {
                self.nodes.push(Node::default());
            }
        }
        let new = self.count;
        let Some(node) = self.nodes.get_mut(at) else { return new };
        let number = *node.path.get_or_insert(new);
        self.count = self.count.max(number + 1);
        number
    }

    pub(super) fn start() -> Step {
        Step(0)
    }

    /// The place behind a key of an event; `None` when no pattern looks there.
    pub(super) fn step(&self, from: Step, key: &[u8]) -> Option<Step> {
        let mut at = from.0;
        for step in key.split(|byte| *byte == b'.') {
            at = *self.nodes.get(at)?.next.get(step)?;
        }
        Some(Step(at))
    }

    /// The path that ends here.
    pub(super) fn path(&self, step: Step) -> Option<usize> {
        self.nodes.get(step.0)?.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_dots_are_steps() {
        let mut paths = Paths::default();
        let numbers = ["a.b", "a", "a.b", "", "a.", ".a"].map(|path| paths.add(path.as_bytes()));
        assert_eq!(numbers, [0, 1, 0, 2, 3, 4]);
        assert_eq!(paths.count(), 5);
        let walk = |keys: &[&str]| {
            let end =
                keys.iter().try_fold(Paths::start(), |at, key| paths.step(at, key.as_bytes()));
            end.and_then(|end| paths.path(end))
        };
        assert_eq!(walk(&["a", "b"]), Some(0));
        assert_eq!(walk(&["a.b"]), Some(0));
        assert_eq!(walk(&["a"]), Some(1));
        assert_eq!(walk(&[""]), Some(2));
        assert_eq!(walk(&["a", ""]), Some(3));
        assert_eq!(walk(&["a."]), Some(3));
        assert_eq!(walk(&["", "a"]), Some(4));
        assert_eq!(walk(&["b"]), None);
        assert_eq!(walk(&["a", "b", "c"]), None);
    }
}
