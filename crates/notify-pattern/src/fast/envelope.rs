//! `source` and `detail-type` of an event, and the class that they lead to.

use super::class::{Class, ENVELOPE, Known};
use super::leaves::Leaves;
use super::skim::Odd;
use crate::blocks::same;
use crate::engine::Engine;
use crate::event::OUTSIDE;
use foldhash::fast::FixedState;
use memchr::memmem::Finder;
use std::collections::HashMap;

/// So many classes are kept. Events of any further class are held against all patterns.
const MOST_CLASSES: usize = 64;
/// So many bytes they may keep, about, but for the class of all patterns.
const MOST_KEPT: usize = 32 << 20;
/// The longest values of an event that get a class of their own, together.
const MOST_BYTES: usize = 1024;

/// So many keys can stand before `source` and `detail-type` in an event.
const MOST_DEFERRED: usize = 16;

/// What was read of an event before its class is known.
#[derive(Debug, Default)]
pub(super) struct Head<'e> {
    values: [Option<&'e [u8]>; 2],
    /// Keys whose values were passed over, and where these begin.
    deferred: [(&'e [u8], usize); MOST_DEFERRED],
    count: usize,
}

impl<'e> Head<'e> {
    pub(super) fn put(&mut self, which: usize, value: &'e [u8]) -> Result<(), Odd> {
        match self.values.get_mut(which) {
            Some(slot @ None) => {
                *slot = Some(value);
                Ok(())
            }
            _ => Err(Odd),
        }
    }

    pub(super) fn defer(&mut self, key: &'e [u8], start: usize) -> Result<(), Odd> {
        *self.deferred.get_mut(self.count).ok_or(Odd)? = (key, start);
        self.count += 1;
        Ok(())
    }

    pub(super) fn deferred(&self) -> impl Iterator<Item = &(&'e [u8], usize)> {
        self.deferred.iter().take(self.count)
    }
}

/// The classes that events had so far.
#[derive(Debug)]
pub(super) struct Classes {
    list: Vec<Entry>,
    by_head: HashMap<Box<[u8]>, usize, FixedState>,
    /// How many bytes these keep, about.
    kept: usize,
    /// The class of those that have none: all patterns.
    all: Option<usize>,
    /// The paths of the envelope that the patterns use: their numbers in the engine.
    paths: [Option<usize>; 2],
    quoted: [Finder<'static>; 2],
    escape: Finder<'static>,
    key: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    class: Class,
    /// Where nothing can match: the paths of the envelope on whose values that rests.
    because_of: [bool; 2],
}

impl Classes {
    pub(super) fn new(engine: &Engine) -> Self {
        let quoted = |path: &[u8]| Finder::new(&[b"\"", path, b"\""].concat()).into_owned();
        Self {
            list: Vec::new(),
            by_head: HashMap::default(),
            kept: 0,
            all: None,
            paths: ENVELOPE.map(|path| engine.path(path)),
            quoted: ENVELOPE.map(quoted),
            escape: Finder::new(b"\\u"),
            key: Vec::new(),
        }
    }

    pub(super) fn get(&self, class: usize) -> Option<&Class> {
        self.list.get(class).map(|entry| &entry.class)
    }

    /// Which of the used paths a key is.
    #[inline]
    pub(super) fn which(&self, key: &[u8]) -> Option<usize> {
        let used = ENVELOPE.iter().zip(&self.paths).position(|(path, _)| same(path, key))?;
        self.paths.get(used)?.is_some().then_some(used)
    }

    /// Whether all used values of the envelope are known.
    pub(super) fn is_complete(&self, head: &Head<'_>) -> bool {
        head.values.iter().zip(&self.paths).all(|(value, path)| value.is_some() || path.is_none())
    }

    /// The class of an event; what the event does not have is absent.
    pub(super) fn find(&mut self, head: &Head<'_>, engine: &Engine) -> usize {
        self.key.clear();
        for value in &head.values {
            // No text of JSON holds these two bytes as they are.
            self.key.push(u8::from(value.is_some()));
            self.key.extend_from_slice(value.unwrap_or_default());
        }
        if let Some(class) = self.by_head.get(self.key.as_slice()) {
            return *class;
        }
        let are_many = self.by_head.len() >= MOST_CLASSES || self.kept >= MOST_KEPT;
        if are_many || self.key.len() > MOST_BYTES {
            return *self.all.get_or_insert_with(|| {
                let class = Class::new(engine, [Known::Open; 2]);
                self.list.push(Entry { class, because_of: [true; 2] });
                self.list.len() - 1
            });
        }
        let known = head.values.map(|value| value.map_or(Known::Absent, Known::Text));
        let entry = Entry::new(engine, known);
        self.kept = self.kept.saturating_add(entry.class.size());
        self.list.push(entry);
        let class = self.list.len() - 1;
        self.by_head.insert(self.key.as_slice().into(), class);
        class
    }

    /// Puts in the values of the envelope as values like any other, where the class leaves them open.
    pub(super) fn put_open(&self, class: usize, head: &Head<'_>, leaves: &mut Leaves) {
        if self.all != Some(class) {
            return;
        }
        for (value, path) in head.values.iter().zip(&self.paths) {
            if let (Some(value), Some(path)) = (value, path) {
                leaves.put_unescaped(*path, OUTSIDE, value);
            }
        }
    }

    /// Whether the rest of an event has certainly no further value for what decided the class.
    pub(super) fn is_last_of(&self, class: usize, rest: Option<&[u8]>) -> bool {
        let (Some(entry), Some(rest)) = (self.list.get(class), rest) else { return false };
        let mut deciding = self.quoted.iter().zip(entry.because_of).filter(|(_, decides)| *decides);
        deciding.all(|(quoted, _)| quoted.find(rest).is_none()) && self.escape.find(rest).is_none()
    }
}

impl Entry {
    fn new(engine: &Engine, known: [Known<'_>; 2]) -> Self {
        let class = Class::new(engine, known);
        let [source, detail_type] = known;
        let is_dead = |known| class.is_dead() && Class::new(engine, known).is_dead();
        // One of them alone is looked for in less time.
        let because_of = if is_dead([source, Known::Open]) {
            [true, false]
        } else if is_dead([Known::Open, detail_type]) {
            [false, true]
        } else {
            [true, true]
        };
        Self { class, because_of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pattern, PatternSet, Validation};

    /// Events with one source after another against patterns that all of these lead to.
    fn classes(patterns: &[String], sources: usize) -> Classes {
        let patterns = patterns.iter().map(|text| Pattern::parse(text).expect("a pattern"));
        let mut matcher = PatternSet::new(patterns).matcher(Validation::Needed);
        for at in 0..sources {
            let event = format!(r#"{{"source": "s{at}", "detail": {{"a": 1}}}}"#);
            assert_eq!(matcher.matches(event.as_bytes()), Ok(&[][..]));
        }
        matcher.classes
    }

    #[test]
    fn classes_are_kept_up_to_a_number() {
        let pattern = [r#"{"source": [{"prefix": "s"}], "detail": {"a": [2]}}"#.to_owned()];
        let found = classes(&pattern, MOST_CLASSES);
        assert_eq!((found.by_head.len(), found.all), (MOST_CLASSES, None));
        let found = classes(&pattern, MOST_CLASSES + 3);
        assert_eq!((found.by_head.len(), found.all), (MOST_CLASSES, Some(MOST_CLASSES)));
        assert_eq!(found.list.len(), MOST_CLASSES + 1);
    }

    #[test]
    fn classes_are_kept_up_to_a_size() {
        let text = "x".repeat(MOST_KEPT / 3);
        let lists = format!(r#"{{"source": [{{"prefix": "s"}}], "detail": {{"a": ["{text}"]}}}}"#);
        let steps = "b.".repeat(MOST_KEPT / 3 / 250);
        let path = format!(r#"{{"source": [{{"prefix": "s"}}], "detail": {{"{steps}": [2]}}}}"#);
        let branches =
            (0..64).map(|at| format!(r#"{{"k{at}": [1]}}"#)).collect::<Vec<_>>().join(",");
        let fields = (0..8_000).map(|at| format!(r#""f{at}": [2]"#)).collect::<Vec<_>>().join(",");
        let many = format!(r#"{{"source": [{{"prefix": "s"}}], {fields}, "$or": [{branches}]}}"#);
        for pattern in [lists, path, many] {
            let found = classes(&[pattern], 10);
            assert!((2..10).contains(&found.by_head.len()), "{}", found.by_head.len());
            assert_eq!(found.all, Some(found.by_head.len()));
        }
    }
}
