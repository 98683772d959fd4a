//! The matchers of one field, filed so that a value finds those that may take it: as many values
//! as an event holds meet as many matchers as a pattern lists.

use super::address::Address;
use super::matcher::{But, Matcher, Value, Weighed};
use std::collections::HashSet;

/// Matchers of one field.
#[derive(Debug)]
pub(super) struct Filed<'p> {
    texts: HashSet<&'p [u8]>,
    addresses: HashSet<Address>,
    /// The bits of numbers that can be compared.
    numbers: HashSet<u64>,
    /// Numbers that only equal their own text, and `true`, `false`, `null`.
    words: HashSet<&'p str>,
    /// Each of these is asked.
    operators: Vec<&'p Matcher>,
}

impl<'p> Filed<'p> {
    pub(super) fn new(matchers: impl IntoIterator<Item = &'p Matcher>) -> Self {
        let mut filed = Self {
            texts: HashSet::new(),
            addresses: HashSet::new(),
            numbers: HashSet::new(),
            words: HashSet::new(),
            operators: Vec::new(),
        };
        for matcher in matchers {
            let is_new = match matcher {
                Matcher::Text(text) => filed.texts.insert(text),
                Matcher::Address(address) => filed.addresses.insert(*address),
                Matcher::Number { value: Some(value), .. } => filed.numbers.insert(value.to_bits()),
                Matcher::Number { text, value: None } => filed.words.insert(text),
                Matcher::Literal(word) => filed.words.insert(word),
                _ => false,
            };
            if !is_new && questions(matcher) > 0 {
                filed.operators.push(matcher);
            }
        }
        filed
    }

    pub(super) fn accepts(&self, value: &Value<'_>) -> bool {
        let weighed = Weighed::new(value);
        let exactly = match value {
            Value::Text(text) => {
                self.texts.contains(text.as_ref())
                    || (!self.addresses.is_empty()
                        && weighed
                            .address()
                            .is_some_and(|address| self.addresses.contains(&address)))
            }
            Value::Number(text) => {
                self.words.contains(text)
                    || (!self.numbers.is_empty()
                        && weighed.number().is_some_and(|n| self.numbers.contains(&n.to_bits())))
            }
            Value::Literal(word) => self.words.contains(word),
        };
        exactly || self.operators.iter().any(|operator| operator.accepts(&weighed))
    }
}

/// How many questions a matcher asks of each value that no exact matcher takes.
pub(super) fn questions(matcher: &Matcher) -> usize {
    match matcher {
        Matcher::Text(_)
        | Matcher::Address(_)
        | Matcher::Number { .. }
        | Matcher::Literal(_)
        | Matcher::Absent => 0,
        Matcher::AnythingBut(But::Prefixes(list) | But::Suffixes(list)) => list.len(),
        Matcher::AnythingBut(But::AnyCases(list)) => list.len(),
        Matcher::AnythingBut(But::Wildcards(list)) => list.len(),
        _ => 1,
    }
}
