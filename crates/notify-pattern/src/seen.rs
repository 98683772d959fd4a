//! Where a field finds its values in an event.

use super::filed::Filed;
use super::matcher::{Matcher, Value, Weighed};
use std::borrow::Borrow;

/// Filing the matchers of a field takes as long as asking each of them so often.
const FEW: usize = 4;

/// What a field found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The places of the values that match, in order, each once.
    pub(super) matching: Vec<usize>,
    /// The places of all values, in order, each once, when the field may be absent.
    pub(super) unless: Option<Vec<usize>>,
}

impl Seen {
    /// Holds the matchers of a field against the values at its path, each with its place.
    pub(super) fn new<'v>(
        matchers: &[(Matcher, String)],
        values: &(impl Iterator<Item = (impl Borrow<Value<'v>>, usize)> + Clone),
    ) -> Self {
        let matchers = || matchers.iter().map(|(matcher, _)| matcher);
        let filed = values.clone().nth(FEW).is_some().then(|| Filed::new(matchers()));
        let accepts = |value: &Value<'_>| match &filed {
            Some(filed) => filed.accepts(value),
            None => {
                let weighed = Weighed::new(value);
                matchers().any(|matcher| matcher.accepts(&weighed))
            }
        };
        let may_be_absent = matchers().any(|matcher| *matcher == Matcher::Absent);
        let all = || values.clone().map(|(_, place)| place);
        let matching = values.clone().filter(|(value, _)| accepts(value.borrow()));
        Self {
            matching: in_order(matching.map(|(_, place)| place)),
            unless: may_be_absent.then(|| in_order(all())),
        }
    }

    /// Whether the field alone would match.
    pub(super) fn matches(&self) -> bool {
        !self.matching.is_empty() || self.is_absent()
    }

    fn is_absent(&self) -> bool {
        self.unless.as_ref().is_some_and(Vec::is_empty)
    }
}

fn in_order(places: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}
