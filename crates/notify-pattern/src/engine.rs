//! Several patterns against one event, which is read once.

use super::arrays::{self, Budget, Found, TooComplex};
use super::branch::Branches;
use super::error::EventError;
use super::event::{Leaves, OUTSIDE};
use super::filed::questions;
use super::matcher::Matcher;
use super::parse::Field;
use super::paths::Paths;
use super::seen::Seen;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

/// How many questions operators may ask of the values of one event: enough for a pattern of the
/// largest size that the API takes and an event of a megabyte.
pub(super) const MOST_QUESTIONS: usize = 200_000_000;

/// A pattern that was read.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) fields: Vec<Field>,
    pub(super) branches: Branches,
}

/// Patterns, the paths that they use, and the different fields that they have.
#[derive(Debug, Default)]
pub(super) struct Engine {
    patterns: Vec<Entry>,
    paths: Paths,
    /// A pattern and its field, and the number of the field's path.
    fields: Vec<(Arc<Compiled>, usize, usize)>,
}

#[derive(Debug)]
struct Entry {
    pattern: Arc<Compiled>,
    /// For each field of the pattern its number in the engine.
    fields: Vec<usize>,
}

impl Engine {
    pub(super) fn new(patterns: impl IntoIterator<Item = Arc<Compiled>>) -> Self {
        let mut engine = Self::default();
        let mut known: HashMap<(usize, Vec<String>), usize> = HashMap::new();
        for pattern in patterns {
            let mut fields = Vec::with_capacity(pattern.fields.len());
            for (at, field) in pattern.fields.iter().enumerate() {
                let path = engine.paths.add(&field.path);
                // What is written alike is alike.
                let texts = field.matchers.iter().map(|(_, text)| text.clone()).collect();
                let new = engine.fields.len();
                let number = *known.entry((path, texts)).or_insert(new);
                if number == new {
                    engine.fields.push((Arc::clone(&pattern), at, path));
                }
                fields.push(number);
            }
            engine.patterns.push(Entry { pattern, fields });
        }
        engine
    }

    pub(super) fn count(&self) -> usize {
        self.patterns.len()
    }

    /// How many different paths the patterns use.
    pub(super) fn path_count(&self) -> usize {
        self.paths.count()
    }

    /// The number of a path that a pattern may use.
    pub(super) fn path(&self, path: &[u8]) -> Option<usize> {
        self.paths.path(self.paths.step(Paths::start(), path)?)
    }

    pub(super) fn pattern(&self, pattern: usize) -> Option<&Arc<Compiled>> {
        self.patterns.get(pattern).map(|entry| &entry.pattern)
    }

    /// The branches of a pattern.
    pub(super) fn branches(&self, pattern: usize) -> Option<&Branches> {
        self.patterns.get(pattern).map(|entry| &entry.pattern.branches)
    }

    /// The number of a pattern's field among all fields, the field, and the number of its path.
    pub(super) fn field(&self, pattern: usize, field: usize) -> Option<(usize, &Field, usize)> {
        let number = *self.patterns.get(pattern)?.fields.get(field)?;
        let (pattern, at, path) = self.fields.get(number)?;
        Some((number, pattern.fields.get(*at)?, *path))
    }

    /// The matchers of a field by its number among all fields.
    pub(super) fn matchers(&self, number: usize) -> &[(Matcher, String)] {
        let field = self.fields.get(number).and_then(|(pattern, at, _)| pattern.fields.get(*at));
        field.map(|field| field.matchers.as_slice()).unwrap_or_default()
    }

    /// The patterns that match an event, in ascending order, each asked on its own.
    pub(super) fn matching(&self, event: &[u8]) -> Result<Vec<usize>, EventError> {
        let reading = self.read(event)?;
        let mut matching = Vec::new();
        for pattern in 0..self.count() {
            if reading.matches(pattern)? {
                matching.push(pattern);
            }
        }
        Ok(matching)
    }

    pub(super) fn read<'e>(&'e self, event: &'e [u8]) -> Result<Reading<'e>, EventError> {
        let leaves = Leaves::read(event, &self.paths)?;
        let asked = |(pattern, field, path): &(Arc<Compiled>, usize, usize)| {
            let matchers = pattern.fields.get(*field).map(|field| field.matchers.as_slice());
            let matchers = matchers.unwrap_or_default().iter();
            let each: usize = matchers.map(|(matcher, _)| questions(matcher)).sum();
            each.saturating_mul(leaves.at(*path).len())
        };
        if self.fields.iter().map(asked).fold(0, usize::saturating_add) > MOST_QUESTIONS {
            return Err(EventError::too_complex());
        }
        let seen = self.fields.iter().map(|_| OnceCell::new()).collect();
        Ok(Reading { engine: self, leaves, seen })
    }
}

/// An event as the patterns of an engine see it.
#[derive(Debug)]
pub(super) struct Reading<'e> {
    engine: &'e Engine,
    leaves: Leaves<'e>,
    seen: Vec<OnceCell<Seen>>,
}

impl Reading<'_> {
    /// Whether a pattern matches.
    pub(super) fn matches(&self, pattern: usize) -> Result<bool, EventError> {
        Ok(self.first_match(pattern)?.is_some())
    }

    /// The first branch of a pattern that matches.
    pub(super) fn first_match(&self, pattern: usize) -> Result<Option<u64>, EventError> {
        let Some(entry) = self.engine.patterns.get(pattern) else { return Ok(None) };
        let branches = &entry.pattern.branches;
        let mut budget = Budget::new();
        for number in 0..branches.count() {
            let matches = budget
                .spend(branches.cost())
                .and_then(|()| self.branch_matches(entry, &branches.get(number), &mut budget));
            match matches {
                Ok(true) => return Ok(Some(number)),
                Ok(false) => {}
                Err(TooComplex) => return Err(EventError::too_complex()),
            }
        }
        Ok(None)
    }

    fn branch_matches(
        &self,
        entry: &Entry,
        branch: &[usize],
        budget: &mut Budget,
    ) -> Result<bool, TooComplex> {
        let mut found = Vec::new();
        let mut may_be_absent = false;
        for field in branch {
            budget.spend(1)?;
            let Some(seen) = self.seen(entry, *field) else { return Ok(false) };
            match &seen.unless {
                None if seen.matching.is_empty() => return Ok(false),
                None => {}
                // Without a value it is absent whatever the others choose.
                Some(all) if all.is_empty() => continue,
                Some(_) => may_be_absent = true,
            }
            found.push(seen);
        }
        if !may_be_absent {
            // A value outside of all arrays goes with every other.
            found.retain(|seen| seen.matching.first() != Some(&OUTSIDE));
            if found.len() < 2 {
                return Ok(true);
            }
        }
        let found: Vec<Found<'_>> = found
            .into_iter()
            .map(|Seen { matching, unless }| Found { matching, unless: unless.as_deref() })
            .collect();
        arrays::agree(&found, &self.leaves.places, budget)
    }

    /// What a field of a pattern found.
    fn seen(&self, entry: &Entry, field: usize) -> Option<&Seen> {
        let number = *entry.fields.get(field)?;
        Some(self.seen.get(number)?.get_or_init(|| self.look(number)))
    }

    /// What a field of a pattern found.
    pub(super) fn field(&self, pattern: usize, field: usize) -> Option<&Seen> {
        self.seen(self.engine.patterns.get(pattern)?, field)
    }

    /// The values at the path of a field of a pattern.
    pub(super) fn values(
        &self,
        pattern: usize,
        field: usize,
    ) -> impl Iterator<Item = &super::matcher::Value<'_>> {
        let number = self.engine.patterns.get(pattern).and_then(|entry| entry.fields.get(field));
        let path = number.and_then(|number| self.engine.fields.get(*number)).map(|field| field.2);
        path.map(|path| self.leaves.at(path)).unwrap_or_default().iter().map(|(value, _)| value)
    }

    fn look(&self, number: usize) -> Seen {
        let Some((pattern, field, path)) = self.engine.fields.get(number) else {
            return Seen::default();
        };
        let matchers =
            pattern.fields.get(*field).map(|field| field.matchers.as_slice()).unwrap_or_default();
        let leaves = self.leaves.at(*path).iter().map(|(value, place)| (value, *place));
        Seen::new(matchers, &leaves)
    }
}
