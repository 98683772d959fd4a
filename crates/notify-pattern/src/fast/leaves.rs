//! What was read of an event: where its values lie in the text. The memory serves one event after
//! another.

use crate::event::{OUTSIDE, Places};
use crate::matcher::Value;
use std::borrow::Cow;

/// A value at a used path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    kind: Kind,
    start: usize,
    end: usize,
    /// Its place in the arrays around it.
    pub(super) place: usize,
    /// The value before it at the same path.
    before: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Bytes of the event.
    Text,
    /// Bytes of [`Leaves::unescaped`].
    Escaped,
    Number,
    Literal(&'static str),
}

/// The values of an event by path.
#[derive(Debug)]
pub(super) struct Leaves {
    all: Vec<Leaf>,
    paths: Vec<AtPath>,
    /// The paths that have values.
    pub(super) touched: Vec<usize>,
    unescaped: Vec<u8>,
    pub(super) places: Places,
    /// Whether a value stands in an element of an array.
    pub(super) is_nested: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct AtPath {
    last: Option<u32>,
    count: usize,
    is_nested: bool,
}

impl Default for Leaves {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            paths: Vec::new(),
            touched: Vec::new(),
            unescaped: Vec::new(),
            places: Places::none(),
            is_nested: false,
        }
    }
}

impl Leaves {
    /// Makes room for an event of which so many paths are used.
    pub(super) fn clear(&mut self, paths: usize) {
        for path in self.touched.drain(..) {
            if let Some(at) = self.paths.get_mut(path) {
                *at = AtPath::default();
            }
        }
        if self.paths.len() < paths {
            self.paths.resize(paths, AtPath::default());
        }
        self.all.clear();
        self.unescaped.clear();
        self.places.clear();
        self.is_nested = false;
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// How many values stand at a path.
    pub(super) fn count_at(&self, path: usize) -> usize {
        self.paths.get(path).map_or(0, |at| at.count)
    }

    /// Whether a value at the path stands in an element of an array.
    pub(super) fn is_nested_at(&self, path: usize) -> bool {
        self.paths.get(path).is_some_and(|at| at.is_nested)
    }

    /// The values at a path, the last one first.
    pub(super) fn at(&self, path: usize) -> impl Iterator<Item = &Leaf> + Clone {
        let last = self.paths.get(path).and_then(|at| at.last);
        let leaf = |at: u32| self.all.get(usize::try_from(at).ok()?);
        std::iter::successors(last.and_then(leaf), move |one| one.before.and_then(leaf))
    }

    /// What a value is, in the event that it was read from.
    #[inline]
    pub(super) fn value<'e>(&'e self, leaf: &Leaf, event: &'e [u8]) -> Value<'e> {
        let bytes = |text: &'e [u8]| text.get(leaf.start..leaf.end).unwrap_or_default();
        match leaf.kind {
            Kind::Text => Value::Text(Cow::Borrowed(bytes(event))),
            Kind::Escaped => Value::Text(Cow::Borrowed(bytes(&self.unescaped))),
            // What was taken as a number is ASCII.
            Kind::Number => Value::Number(std::str::from_utf8(bytes(event)).unwrap_or_default()),
            Kind::Literal(word) => Value::Literal(word),
        }
    }

    pub(super) fn put_text(&mut self, path: usize, place: usize, start: usize, end: usize) {
        self.put(path, place, Kind::Text, start, end);
    }

    pub(super) fn put_unescaped(&mut self, path: usize, place: usize, text: &[u8]) {
        let start = self.unescaped.len();
        self.unescaped.extend_from_slice(text);
        self.put(path, place, Kind::Escaped, start, self.unescaped.len());
    }

    pub(super) fn put_number(&mut self, path: usize, place: usize, start: usize, end: usize) {
        self.put(path, place, Kind::Number, start, end);
    }

    pub(super) fn put_literal(&mut self, path: usize, place: usize, word: &'static str) {
        self.put(path, place, Kind::Literal(word), 0, 0);
    }

    fn put(&mut self, path: usize, place: usize, kind: Kind, start: usize, end: usize) {
        let (Some(at), Ok(new)) = (self.paths.get_mut(path), u32::try_from(self.all.len())) else {
            return;
        };
        if at.count == 0 {
            self.touched.push(path);
        }
        self.all.push(Leaf { kind, start, end, place, before: at.last });
        at.last = Some(new);
        at.count += 1;
        at.is_nested |= place != OUTSIDE;
        self.is_nested |= place != OUTSIDE;
    }
}
