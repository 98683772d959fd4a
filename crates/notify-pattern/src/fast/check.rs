//! Which branches of a class an event matches.

use super::class::{Branch, Class, Field, index};
use super::index::Index;
use super::leaves::{Leaf, Leaves};
use super::skim::Odd;
use crate::arrays::{self, Budget, Found};
use crate::engine::{Engine, MOST_QUESTIONS};
use crate::event::{OUTSIDE, Places};
use crate::filed::questions;
use crate::matcher::Weighed;
use crate::seen::Seen;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The most pairs of places that are compared one by one.
const MOST_PAIRS: usize = 256;

/// What is known of an event. An entry that has not the number of the event is an older one's.
#[derive(Debug)]
pub(super) struct Verdicts {
    event: u32,
    /// Fields that match.
    matching: Vec<u32>,
    /// Fields whose operators were asked.
    asked: Vec<u32>,
    /// Patterns that match.
    hits: Vec<u32>,
    /// Fields that match and have branches filed under them.
    leads: Vec<u32>,
    /// Whether the values of two fields that lie in arrays can stand together.
    pairs: HashMap<[u32; 2], bool, FixedState>,
    /// Where the fields that lie in arrays find their values.
    seen: HashMap<u32, Seen, FixedState>,
    questions: usize,
    /// For all branches together: what is too much gets its error from the simple engine.
    budget: Budget,
}

impl Verdicts {
    pub(super) fn for_patterns(patterns: usize) -> Self {
        Self {
            event: 0,
            matching: Vec::new(),
            asked: Vec::new(),
            hits: vec![0; patterns],
            leads: Vec::new(),
            pairs: HashMap::default(),
            seen: HashMap::default(),
            questions: 0,
            budget: Budget::new(),
        }
    }

    fn begin(&mut self, fields: usize) {
        if self.event == u32::MAX {
            for list in [&mut self.matching, &mut self.asked, &mut self.hits] {
                list.fill(0);
            }
            self.event = 0;
        }
        self.event += 1;
        if self.matching.len() < fields {
            self.matching.resize(fields, 0);
            self.asked.resize(fields, 0);
        }
        self.leads.clear();
        self.pairs.clear();
        self.seen.clear();
        self.questions = 0;
        self.budget = Budget::new();
    }
}

/// An event, and the patterns that it is held against.
#[derive(Debug)]
pub(super) struct Look<'a> {
    pub(super) engine: &'a Engine,
    pub(super) class: &'a Class,
    pub(super) leaves: &'a Leaves,
    pub(super) event: &'a [u8],
    pub(super) verdicts: &'a mut Verdicts,
}

impl Look<'_> {
    /// Puts in the patterns that match, in no order.
    pub(super) fn matching(&mut self, matching: &mut Vec<usize>) -> Result<(), Odd> {
        let class = self.class;
        self.verdicts.begin(class.fields.len());
        for pattern in &class.certain {
            self.hit(*pattern, matching);
        }
        for path in &self.leaves.touched {
            let Some(Some(lists)) = class.paths.get(*path) else { continue };
            let mut values = self.leaves.at(*path);
            if let (Some(leaf), None) = (values.next(), values.next()) {
                self.weigh(lists, leaf)?;
                continue;
            }
            for leaf in self.leaves.at(*path) {
                let value = self.leaves.value(leaf, self.event);
                let weighed = Weighed::new(&value);
                lists.fields_of(&weighed, |field| self.verdicts.mark(class, field));
            }
            for field in &lists.asked {
                let is_known =
                    self.verdicts.matching.get(index(*field)) == Some(&self.verdicts.event);
                if let Some(entry) = class.fields.get(index(*field))
                    && !is_known
                    && self.has_match(*field, entry)?
                {
                    self.verdicts.leads.push(*field);
                }
            }
        }
        let leads = std::mem::take(&mut self.verdicts.leads);
        let filed = leads.iter().filter_map(|field| class.fields.get(index(*field)));
        let filed = filed.flat_map(|field| &field.branches).chain(&class.always);
        for branch in filed {
            let Some(branch) = class.branches.get(index(*branch)).copied() else { continue };
            let is_known =
                self.verdicts.hits.get(index(branch.pattern)) == Some(&self.verdicts.event);
            if !is_known && self.branch_matches(branch)? {
                self.hit(branch.pattern, matching);
            }
        }
        self.verdicts.leads = leads;
        Ok(())
    }

    /// Holds the only value of a path against all that is listed and asked there: what it takes a
    /// moment to find out of it serves them all.
    #[inline]
    fn weigh(&mut self, lists: &Index, leaf: &Leaf) -> Result<(), Odd> {
        let class = self.class;
        let value = self.leaves.value(leaf, self.event);
        let weighed = Weighed::new(&value);
        lists.fields_of(&weighed, |field| self.verdicts.mark(class, field));
        let event = self.verdicts.event;
        for number in &lists.asked {
            let is_known = self.verdicts.matching.get(index(*number)) == Some(&event);
            let Some(field) = class.fields.get(index(*number)).filter(|_| !is_known) else {
                continue;
            };
            self.count(field.operators.len())?;
            let matches = field.operators.iter().any(|operator| operator.accepts(&weighed));
            self.verdicts.answer(*number, matches);
            if matches {
                self.verdicts.leads.push(*number);
            }
        }
        Ok(())
    }

    fn hit(&mut self, pattern: u32, matching: &mut Vec<usize>) {
        let event = self.verdicts.event;
        if let Some(hit) = self.verdicts.hits.get_mut(index(pattern))
            && *hit != event
        {
            *hit = event;
            matching.push(index(pattern));
        }
    }

    /// Whether a value of a field matches.
    #[inline]
    fn has_match(&mut self, number: u32, field: &Field) -> Result<bool, Odd> {
        let event = self.verdicts.event;
        if self.verdicts.matching.get(index(number)) == Some(&event) {
            return Ok(true);
        }
        if field.operators.is_empty() || self.verdicts.asked.get(index(number)) == Some(&event) {
            return Ok(false);
        }
        let matches = self.ask(field)?;
        self.verdicts.answer(number, matches);
        Ok(matches)
    }

    fn ask(&mut self, field: &Field) -> Result<bool, Odd> {
        self.count(self.leaves.count_at(field.path).saturating_mul(field.operators.len()))?;
        Ok(self.leaves.at(field.path).any(|leaf| {
            let value = self.leaves.value(leaf, self.event);
            let weighed = Weighed::new(&value);
            field.operators.iter().any(|operator| operator.accepts(&weighed))
        }))
    }

    /// Counts questions before they are asked.
    fn count(&mut self, questions: usize) -> Result<(), Odd> {
        self.verdicts.questions = self.verdicts.questions.saturating_add(questions);
        if self.verdicts.questions > MOST_QUESTIONS { Err(Odd) } else { Ok(()) }
    }

    fn branch_matches(&mut self, branch: Branch) -> Result<bool, Odd> {
        let class = self.class;
        let mut nested = 0;
        let mut pair = [0, 0];
        let mut may_be_absent = false;
        for number in class.asks_of(branch) {
            let Some(field) = class.fields.get(index(*number)) else { return Err(Odd) };
            let is_nested = self.leaves.is_nested && self.leaves.is_nested_at(field.path);
            if field.may_be_absent {
                if self.leaves.count_at(field.path) == 0 {
                    continue;
                }
                if is_nested {
                    // It can be absent in one element and present in another.
                    may_be_absent = true;
                    continue;
                }
            }
            if !self.has_match(*number, field)? {
                return Ok(false);
            }
            if is_nested {
                if let Some(slot) = pair.get_mut(nested) {
                    *slot = *number;
                }
                nested += 1;
            }
        }
        match nested {
            _ if may_be_absent => self.agree(branch, true),
            0 | 1 => Ok(true),
            2 => self.pair_agrees(pair, branch),
            _ => self.agree(branch, false),
        }
    }

    /// Whether values of the two fields of a branch that lie in arrays can stand together: many
    /// patterns ask for the same two.
    fn pair_agrees(&mut self, pair: [u32; 2], branch: Branch) -> Result<bool, Odd> {
        if let Some(agrees) = self.verdicts.pairs.get(&pair) {
            return Ok(*agrees);
        }
        let agrees = self.agree(branch, false)?;
        self.verdicts.pairs.insert(pair, agrees);
        Ok(agrees)
    }

    /// Whether the values of a branch's fields can stand together in the event's arrays.
    fn agree(&mut self, branch: Branch, may_be_absent: bool) -> Result<bool, Odd> {
        let class = self.class;
        let mut nested = Vec::new();
        for number in class.fields_of(branch) {
            let field = class.fields.get(index(*number)).ok_or(Odd)?;
            // Outside of all arrays it goes with every other.
            if self.leaves.is_nested_at(field.path) {
                self.find(*number, field)?;
                nested.push(number);
            }
        }
        let Verdicts { seen, budget, .. } = &mut *self.verdicts;
        let mut found: Vec<Found<'_>> = Vec::with_capacity(nested.len());
        for number in nested {
            let Seen { matching, unless } = seen.get(number).ok_or(Odd)?;
            let goes_with_all = matching.first() == Some(&OUTSIDE) && !may_be_absent;
            if !goes_with_all {
                found.push(Found { matching, unless: unless.as_deref() });
            }
        }
        let places = &self.leaves.places;
        if !may_be_absent {
            match found.as_slice() {
                [] | [_] => return Ok(true),
                [one, other] if one.matching.len() * other.matching.len() <= MOST_PAIRS => {
                    return Ok(one.matching.iter().any(|one| {
                        other.matching.iter().any(|other| is_compatible(places, *one, *other))
                    }));
                }
                _ => {}
            }
        }
        arrays::agree(&found, places, budget).map_err(|_| Odd)
    }

    /// Finds the places of a field's values.
    fn find(&mut self, number: u32, field: &Field) -> Result<(), Odd> {
        if self.verdicts.seen.contains_key(&number) {
            return Ok(());
        }
        let matchers = field.matchers(self.engine);
        let values = self.leaves.count_at(field.path);
        let each: usize = matchers.iter().map(|(matcher, _)| questions(matcher)).sum();
        self.count(values.saturating_mul(each.saturating_add(1)).saturating_add(matchers.len()))?;
        let leaves = self.leaves.at(field.path);
        let values = leaves.map(|leaf| (self.leaves.value(leaf, self.event), leaf.place));
        self.verdicts.seen.insert(number, Seen::new(matchers, &values));
        Ok(())
    }
}

impl Verdicts {
    /// Keeps whether a field's operators match.
    #[inline]
    fn answer(&mut self, field: u32, matches: bool) {
        let answers = if matches { &mut self.matching } else { &mut self.asked };
        if let Some(slot) = answers.get_mut(index(field)) {
            *slot = self.event;
        }
    }

    #[inline]
    fn mark(&mut self, class: &Class, field: u32) {
        if let Some(slot) = self.matching.get_mut(index(field))
            && *slot != self.event
        {
            *slot = self.event;
            self.lead(class, field);
        }
    }

    fn lead(&mut self, class: &Class, field: u32) {
        let is_lead =
            class.fields.get(index(field)).is_some_and(|field| !field.branches.is_empty());
        if is_lead {
            self.leads.push(field);
        }
    }
}

/// Whether two places lie in different elements of no array.
fn is_compatible(places: &Places, one: usize, other: usize) -> bool {
    let up = |from| {
        std::iter::successors(places.up(from).map(|up| (from, up)), |(_, (_, parent))| {
            places.up(*parent).map(|up| (*parent, up))
        })
    };
    // Each step is an element, its array, and the place of the array.
    up(one).all(|(element, (array, _))| {
        up(other).all(|(another, (other_array, _))| array != other_array || element == another)
    })
}

#[cfg(test)]
mod tests {
    use crate::{Pattern, PatternSet, Validation};

    #[test]
    fn numbers_of_events_begin_anew() {
        let patterns =
            [r#"{"a": ["x"], "b": ["y"]}"#, r#"{"a": [{"prefix": "x"}]}"#, r#"{"b": ["z"]}"#];
        let patterns = patterns.map(|text| Pattern::parse(text).expect("a pattern"));
        let mut matcher = PatternSet::new(patterns).matcher(Validation::Needed);
        // The first event has the number that the third after it has again.
        assert_eq!(matcher.matches(br#"{"a":"x","b":"y"}"#), Ok(&[0, 1][..]));
        matcher.verdicts.event = u32::MAX - 2;
        let mut check = |event: &[u8], want: &[usize]| {
            assert_eq!(matcher.matches(event).expect("an event"), want);
            matcher.verdicts.event
        };
        assert_eq!(check(br#"{"a":"q","b":"z"}"#, &[2]), u32::MAX - 1);
        assert_eq!(check(br#"{"a":"xx"}"#, &[1]), u32::MAX);
        assert_eq!(check(br#"{"a":"q","b":"q"}"#, &[]), 1);
        assert_eq!(check(br#"{"a":"x"}"#, &[1]), 2);
        assert_eq!(check(br#"{"a":"x","b":"y"}"#, &[0, 1]), 3);
    }
}
