//! What is left of the patterns once `source` and `detail-type` of an event are known.

use super::index::{Index, is_indexed};
use super::trie::Trie;
use crate::branch::Branches;
use crate::engine::Engine;
use crate::matcher::{Matcher, Value, Weighed};
use crate::parse::Field as Written;
use std::borrow::Cow;
use std::collections::HashMap;

/// Patterns with more branches than this, for one of their fields or the other, are left to the
/// simple engine.
const MOST_BRANCHES: u64 = 64;

/// The paths by which patterns are told apart before anything else is read.
pub(super) const ENVELOPE: [&[u8]; 2] = [b"source", b"detail-type"];

/// What an event has at a path of the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known<'e> {
    /// It is not known yet: the field is asked like any other.
    Open,
    Absent,
    Text(&'e [u8]),
}

/// The branches that are still possible.
#[derive(Debug, Default)]
pub(super) struct Class {
    pub(super) trie: Trie,
    pub(super) fields: Vec<Field>,
    /// For each path what its values lead to.
    pub(super) paths: Vec<Option<Box<Index>>>,
    pub(super) branches: Vec<Branch>,
    /// The fields of each branch in the order of their paths.
    branch_fields: Vec<u32>,
    /// The same, what is least likely to match first.
    branch_asks: Vec<u32>,
    /// Branches that no value leads to.
    pub(super) always: Vec<u32>,
    /// Patterns that match whatever else the event holds.
    pub(super) certain: Vec<u32>,
}

/// A path and what its values must be.
#[derive(Debug)]
pub(super) struct Field {
    /// The number of the field in the engine.
    number: usize,
    pub(super) path: usize,
    /// The matchers that an index cannot answer for.
    pub(super) operators: Vec<Matcher>,
    pub(super) may_be_absent: bool,
    /// The branches to look at when the field matches.
    pub(super) branches: Vec<u32>,
}

/// Fields that must match together for a pattern to match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) pattern: u32,
    first_field: u32,
    fields: u32,
}

/// Whether a pattern is for the simple engine.
pub(super) fn is_tangled(branches: &Branches) -> bool {
    branches.count() > MOST_BRANCHES
}

impl Class {
    /// Keeps the branches that are possible with what is known of the envelope.
    pub(super) fn new(engine: &Engine, known: [Known<'_>; 2]) -> Self {
        let mut class = Self::default();
        class.paths.resize_with(engine.path_count(), || None);
        let mut local: HashMap<usize, u32> = HashMap::new();
        for pattern in 0..engine.count() {
            let Some(branches) = engine.branches(pattern).filter(|all| !is_tangled(all)) else {
                continue;
            };
            for number in 0..branches.count() {
                class.branch(engine, pattern, &branches.get(number), known, &mut local);
            }
        }
        class.file();
        class
    }

    /// Whether a pattern could match.
    pub(super) fn is_dead(&self) -> bool {
        self.branches.is_empty() && self.certain.is_empty()
    }

    /// How much it keeps: about so many bytes.
    pub(super) fn size(&self) -> usize {
        let of_branches = self.branches.len() * size_of::<Branch>();
        let of_fields = self.fields.len() * size_of::<Field>();
        let of_paths = self.paths.len() * size_of::<Option<Box<Index>>>();
        let of_lists: usize = self.paths.iter().flatten().map(|index| index.size()).sum();
        let of_asks = self.branch_fields.len() * 2 * size_of::<u32>();
        of_branches + of_fields + of_paths + of_lists + of_asks + self.trie.size()
    }

    /// The fields of a branch in the order of their paths.
    pub(super) fn fields_of(&self, branch: Branch) -> &[u32] {
        self.branch_fields.get(branch.range()).unwrap_or_default()
    }

    /// The same, what is least likely to match first.
    #[inline]
    pub(super) fn asks_of(&self, branch: Branch) -> &[u32] {
        self.branch_asks.get(branch.range()).unwrap_or_default()
    }

    fn branch(
        &mut self,
        engine: &Engine,
        pattern: usize,
        branch: &[usize],
        known: [Known<'_>; 2],
        local: &mut HashMap<usize, u32>,
    ) {
        let mut left = Vec::with_capacity(branch.len());
        for field in branch {
            let Some((number, written, path)) = engine.field(pattern, *field) else { return };
            let envelope = ENVELOPE.iter().zip(known).find(|(path, _)| **path == written.path);
            match envelope.and_then(|(_, known)| takes(written, known)) {
                Some(false) => return,
                Some(true) => {}
                None => left.push((number, written, path)),
            }
        }
        let Ok(pattern) = u32::try_from(pattern) else { return };
        if left.is_empty() {
            self.certain.push(pattern);
            return;
        }
        let start = self.branch_fields.len();
        for (number, written, path) in left {
            let field = match local.get(&number) {
                Some(field) => *field,
                None => {
                    let field = small(self.fields.len());
                    local.insert(number, field);
                    self.field(field, number, written, path);
                    field
                }
            };
            self.branch_fields.push(field);
        }
        let fields = small(self.branch_fields.len() - start);
        self.branches.push(Branch { pattern, first_field: small(start), fields });
    }

    fn field(&mut self, field: u32, number: usize, written: &Written, path: usize) {
        self.trie.add(&written.path, path);
        let matchers = || written.matchers.iter().map(|(matcher, _)| matcher);
        let is_operator = |matcher: &Matcher| !is_indexed(matcher) && *matcher != Matcher::Absent;
        self.fields.push(Field {
            number,
            path,
            operators: matchers().filter(|matcher| is_operator(matcher)).cloned().collect(),
            may_be_absent: matchers().any(|matcher| *matcher == Matcher::Absent),
            branches: Vec::new(),
        });
        if let Some(index) = self.paths.get_mut(path) {
            let index = index.get_or_insert_default();
            for matcher in matchers() {
                index.add(matcher, field);
            }
        }
    }

    /// Files each branch under the field that is least likely to match.
    fn file(&mut self) {
        let chances: Vec<f64> = self.fields.iter().map(|field| self.chance(field)).collect();
        let chance = |field: &u32| chances.get(index(*field)).copied().unwrap_or(1.0);
        self.branch_asks = self.branch_fields.clone();
        for (number, branch) in self.branches.iter().enumerate() {
            let Some(asks) = self.branch_asks.get_mut(branch.range()) else { continue };
            asks.sort_by(|one, other| chance(one).total_cmp(&chance(other)));
            let leads = |field: &&u32| {
                self.fields.get(index(**field)).is_some_and(|field| !field.may_be_absent)
            };
            let rarest = asks.iter().find(leads).copied();
            let number = small(number);
            let Some(field) = rarest else {
                self.always.push(number);
                continue;
            };
            if let Some(entry) = self.fields.get_mut(index(field)) {
                let is_first = entry.branches.is_empty();
                entry.branches.push(number);
                if is_first
                    && !entry.operators.is_empty()
                    && let Some(Some(index)) = self.paths.get_mut(entry.path)
                {
                    index.asked.push(field);
                }
            }
        }
    }

    /// A guess how likely a field matches: a list of values the less the more values its path
    /// has in all patterns, an operator rather likely.
    fn chance(&self, field: &Field) -> f64 {
        let Some(Some(index)) = self.paths.get(field.path) else { return 1.0 };
        if !field.operators.is_empty() {
            return 0.6;
        }
        let all = index.values() + index.ranges();
        1.0 / (1.0 + f64::from(small(all)))
    }
}

impl Branch {
    fn range(self) -> std::ops::Range<usize> {
        let first = index(self.first_field);
        first..first + index(self.fields)
    }
}

impl Field {
    /// The matchers of the field.
    pub(super) fn matchers<'e>(&self, engine: &'e Engine) -> &'e [(Matcher, String)] {
        engine.matchers(self.number)
    }
}

/// Whether a field takes what is known at its path.
fn takes(field: &Written, known: Known<'_>) -> Option<bool> {
    let mut matchers = field.matchers.iter().map(|(matcher, _)| matcher);
    match known {
        Known::Open => None,
        Known::Absent => Some(matchers.any(|matcher| *matcher == Matcher::Absent)),
        Known::Text(text) => {
            let value = Value::Text(Cow::Borrowed(text));
            let weighed = Weighed::new(&value);
            Some(matchers.any(|matcher| matcher.accepts(&weighed)))
        }
    }
}

/// Positions fit: a set of patterns with so many fields would not fit into memory.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
