//! Which branches of a class an event matches.

use super::super::arrays::{self, Budget, Found};
use super::super::engine::Engine;
use super::super::event::{OUTSIDE, Places};
use super::super::matcher::Weighed;
use super::class::{Branch, Class, Field, index};
use super::leaves::Leaves;
use super::skim::Odd;

/// How many questions are asked of one event here before it is left to the simple engine, which
/// has its own limit.
const MOST_QUESTIONS: usize = 10_000_000;
/// The same for one field of which the places are asked.
const MOST_ANSWERS: usize = 4096;
/// The most pairs of places that are compared one by one.
const MOST_PAIRS: usize = 256;

/// What is known of an event. An entry that has not the number of the event is an older one's.
#[derive(Debug, Default)]
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
    questions: usize,
}

impl Verdicts {
    pub(super) fn for_patterns(patterns: usize) -> Self {
        Self { hits: vec![0; patterns], ..Self::default() }
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
        self.questions = 0;
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
            for leaf in self.leaves.at(*path) {
                let value = self.leaves.value(leaf, self.event);
                lists.fields_of(&value, |field| self.verdicts.mark(class, field));
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
        let answer = if matches { &mut self.verdicts.matching } else { &mut self.verdicts.asked };
        if let Some(slot) = answer.get_mut(index(number)) {
            *slot = event;
        }
        Ok(matches)
    }

    fn ask(&mut self, field: &Field) -> Result<bool, Odd> {
        let asked = self.leaves.count_at(field.path).saturating_mul(field.operators.len());
        self.verdicts.questions = self.verdicts.questions.saturating_add(asked);
        if self.verdicts.questions > MOST_QUESTIONS {
            return Err(Odd);
        }
        let matchers = field.matchers(self.engine);
        Ok(self.leaves.at(field.path).any(|leaf| {
            let value = self.leaves.value(leaf, self.event);
            let weighed = Weighed::new(&value);
            let mut operators = field.operators.iter().filter_map(|at| matchers.get(*at));
            operators.any(|(matcher, _)| matcher.accepts(&weighed))
        }))
    }

    fn branch_matches(&mut self, branch: Branch) -> Result<bool, Odd> {
        let class = self.class;
        let mut nested = 0;
        let mut may_be_absent = false;
        for number in class.fields_of(branch) {
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
            nested += usize::from(is_nested);
        }
        if nested < 2 && !may_be_absent { Ok(true) } else { self.agree(branch, may_be_absent) }
    }

    /// Whether the values of a branch's fields can stand together in the event's arrays.
    fn agree(&mut self, branch: Branch, may_be_absent: bool) -> Result<bool, Odd> {
        let class = self.class;
        let mut fields = Vec::new();
        for number in class.fields_of(branch) {
            let field = class.fields.get(index(*number)).ok_or(Odd)?;
            if !self.leaves.is_nested_at(field.path) {
                // Outside of all arrays it goes with every other.
                continue;
            }
            let matching = self.places(field, true)?;
            let goes_with_all = matching.first() == Some(&OUTSIDE) && !may_be_absent;
            if !goes_with_all {
                let unless =
                    if field.may_be_absent { Some(self.places(field, false)?) } else { None };
                fields.push((matching, unless));
            }
        }
        if !may_be_absent {
            match fields.as_slice() {
                [] | [_] => return Ok(true),
                [(one, _), (other, _)] if one.len() * other.len() <= MOST_PAIRS => {
                    return Ok(one.iter().any(|one| {
                        other.iter().any(|other| is_compatible(&self.leaves.places, *one, *other))
                    }));
                }
                _ => {}
            }
        }
        let found: Vec<Found<'_>> = fields
            .iter()
            .map(|(matching, unless)| Found { matching, unless: unless.as_deref() })
            .collect();
        // What is too much here gets its error from the simple engine.
        arrays::agree(&found, &self.leaves.places, &mut Budget::new()).map_err(|_| Odd)
    }

    /// The places of a field's values, or of those that match: in order, each once.
    fn places(&self, field: &Field, matching: bool) -> Result<Vec<usize>, Odd> {
        let matchers = field.matchers(self.engine);
        if self.leaves.count_at(field.path).saturating_mul(matchers.len()) > MOST_ANSWERS {
            return Err(Odd);
        }
        let mut places: Vec<usize> = self
            .leaves
            .at(field.path)
            .filter(|leaf| {
                let value = self.leaves.value(leaf, self.event);
                let weighed = Weighed::new(&value);
                !matching || matchers.iter().any(|(matcher, _)| matcher.accepts(&weighed))
            })
            .map(|leaf| leaf.place)
            .collect();
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }
}

impl Verdicts {
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
