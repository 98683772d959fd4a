//! From a value to the fields that take it, without asking each of them.

use crate::address::{Address, Cidr};
use crate::blocks::same;
use crate::matcher::{Matcher, Value, Weighed};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::hash::Hash;

/// The values are the spec's own, and an event only looks them up: nobody can make them collide.
type Table<K> = HashMap<K, Vec<u32>, FixedState>;

/// So many texts are compared one by one.
const MOST_IN_A_ROW: usize = 4;

/// About so many bytes an entry of a table takes.
const ENTRY: usize = 64;

/// The fields of one path by what they list.
#[derive(Debug, Default)]
pub(super) struct Index {
    texts: Table<Box<[u8]>>,
    /// The same while they are few.
    few_texts: Vec<(Box<[u8]>, Vec<u32>)>,
    /// Numbers that can be compared, by their bits.
    numbers: Table<u64>,
    /// Numbers that only equal their own text, and `true`, `false`, `null`.
    words: Table<Box<str>>,
    addresses: Table<Address>,
    /// For each length of a range the ranges of this length.
    ranges: Vec<(Cidr, Table<Address>)>,
    /// Fields whose operators are asked of each event that has the path.
    pub(super) asked: Vec<u32>,
}

/// Whether the index finds all values that a matcher takes.
pub(super) fn is_indexed(matcher: &Matcher) -> bool {
    matches!(
        matcher,
        Matcher::Text(_)
            | Matcher::Address(_)
            | Matcher::Number { .. }
            | Matcher::Literal(_)
            | Matcher::Cidr(_)
    )
}

impl Index {
    /// Puts in what a field lists.
    pub(super) fn add(&mut self, matcher: &Matcher, field: u32) {
        match matcher {
            Matcher::Text(text) => self.add_text(text, field),
            Matcher::Number { value: Some(value), .. } => {
                put(&mut self.numbers, value.to_bits(), field);
            }
            Matcher::Number { text, value: None } => {
                put(&mut self.words, text.as_str().into(), field);
            }
            Matcher::Literal(word) => put(&mut self.words, (*word).into(), field),
            Matcher::Address(address) => put(&mut self.addresses, *address, field),
            Matcher::Cidr(cidr) => {
                let known = self.ranges.iter_mut().find(|(other, _)| other.is_as_long(cidr));
                match known {
                    Some((_, table)) => put(table, cidr.first(), field),
                    None => {
                        let mut table = Table::default();
                        put(&mut table, cidr.first(), field);
                        self.ranges.push((cidr.clone(), table));
                    }
                }
            }
            _ => {}
        }
    }

    fn add_text(&mut self, text: &[u8], field: u32) {
        if !self.texts.is_empty() {
            put(&mut self.texts, text.into(), field);
        } else if let Some((_, fields)) = self.few_texts.iter_mut().find(|(few, _)| **few == *text)
        {
            if fields.last() != Some(&field) {
                fields.push(field);
            }
        } else {
            self.few_texts.push((text.into(), vec![field]));
            if self.few_texts.len() > MOST_IN_A_ROW {
                self.texts.extend(self.few_texts.drain(..));
            }
        }
    }

    /// How many different values are listed.
    pub(super) fn values(&self) -> usize {
        let texts = self.texts.len() + self.few_texts.len();
        texts + self.numbers.len() + self.words.len() + self.addresses.len()
    }

    /// About so many bytes are kept.
    pub(super) fn size(&self) -> usize {
        let texts = self.texts.keys().chain(self.few_texts.iter().map(|(text, _)| text));
        let of_texts: usize = texts.map(|text| text.len()).sum();
        size_of::<Self>() + of_texts + (self.values() + self.ranges()) * ENTRY
    }

    /// How many different ranges of addresses there are.
    pub(super) fn ranges(&self) -> usize {
        self.ranges.iter().map(|(_, table)| table.len()).sum()
    }

    /// Names each field that lists the value or a range with it; one can be named twice.
    #[inline]
    pub(super) fn fields_of(&self, weighed: &Weighed<'_, '_>, mut name: impl FnMut(u32)) {
        match weighed.value() {
            Value::Text(text) => {
                for (few, fields) in &self.few_texts {
                    if same(few, text) {
                        for field in fields {
                            name(*field);
                        }
                    }
                }
                name_all(&self.texts, text.as_ref(), &mut name);
                self.name_addresses(weighed, text, &mut name);
            }
            Value::Number(text) => {
                name_all(&self.words, *text, &mut name);
                if !self.numbers.is_empty()
                    && let Some(number) = weighed.number()
                {
                    name_all(&self.numbers, &number.to_bits(), &mut name);
                }
            }
            Value::Literal(word) => name_all(&self.words, *word, &mut name),
        }
    }

    fn name_addresses(&self, weighed: &Weighed<'_, '_>, text: &[u8], name: &mut impl FnMut(u32)) {
        if self.addresses.is_empty() && self.ranges.is_empty() {
            return;
        }
        let may_be_one = text.first().is_some_and(|b| b.is_ascii_hexdigit() || *b == b':');
        if let Some(address) = may_be_one.then(|| weighed.address()).flatten() {
            name_all(&self.addresses, &address, name);
            for (range, table) in &self.ranges {
                if let Some(first) = range.first_beside(address) {
                    name_all(table, &first, name);
                }
            }
        }
    }
}

fn put<K: Hash + Eq>(table: &mut Table<K>, key: K, field: u32) {
    let fields = table.entry(key).or_default();
    if fields.last() != Some(&field) {
        fields.push(field);
    }
}

fn name_all<K: Hash + Eq + std::borrow::Borrow<Q>, Q: Hash + Eq + ?Sized>(
    table: &Table<K>,
    key: &Q,
    name: &mut impl FnMut(u32),
) {
    if !table.is_empty() {
        for field in table.get(key).into_iter().flatten() {
            name(*field);
        }
    }
}
