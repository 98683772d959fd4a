//! What one value of an event must be.

use super::address::{Address, Cidr};
use super::number::comparable;
use super::text::{AnyCase, Wildcard};
use std::borrow::Cow;
use std::cell::OnceCell;

/// One member of a pattern's list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Matcher {
    /// A string, character by character.
    Text(Vec<u8>),
    /// A string that is an address: any way to write it.
    Address(Address),
    /// A number: by value, or by its text alone when it cannot be compared.
    Number {
        text: String,
        value: Option<f64>,
    },
    /// `true`, `false` or `null`.
    Literal(&'static str),
    Prefix(Vec<u8>),
    PrefixAnyCase(AnyCase),
    Suffix(Vec<u8>),
    SuffixAnyCase(AnyCase),
    AnyCase(AnyCase),
    Wildcard(Wildcard),
    Numeric(Range),
    Cidr(Cidr),
    /// Any value.
    Exists,
    /// No value: it is decided where the values are gathered.
    Absent,
    AnythingBut(But),
}

/// What a value must not be; a value of another type passes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum But {
    /// In order.
    Texts(Vec<Vec<u8>>),
    /// In order.
    Numbers(Vec<f64>),
    Prefixes(Vec<Vec<u8>>),
    Suffixes(Vec<Vec<u8>>),
    AnyCases(Vec<AnyCase>),
    Wildcards(Vec<Wildcard>),
}

/// Numbers between bounds; whether a bound itself belongs to them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) low: Option<(f64, bool)>,
    pub(super) high: Option<(f64, bool)>,
}

/// A value of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'e> {
    Text(Cow<'e, [u8]>),
    Number(&'e str),
    Literal(&'static str),
}

/// A value, and what it takes a moment to find out of it.
#[derive(Debug)]
pub(super) struct Weighed<'v, 'e> {
    value: &'v Value<'e>,
    number: OnceCell<Option<f64>>,
    address: OnceCell<Option<Address>>,
}

impl<'v, 'e> Weighed<'v, 'e> {
    pub(super) fn new(value: &'v Value<'e>) -> Self {
        Self { value, number: OnceCell::new(), address: OnceCell::new() }
    }

    pub(super) fn value(&self) -> &'v Value<'e> {
        self.value
    }

    /// The number that it is, if it can be compared.
    pub(super) fn number(&self) -> Option<f64> {
        *self.number.get_or_init(|| match self.value {
            Value::Number(text) => comparable(text),
            Value::Text(_) | Value::Literal(_) => None,
        })
    }

    /// The address that it is.
    pub(super) fn address(&self) -> Option<Address> {
        *self.address.get_or_init(|| match self.value {
            Value::Text(text) => Address::parse(text),
            Value::Number(_) | Value::Literal(_) => None,
        })
    }
}

impl Matcher {
    pub(super) fn accepts(&self, weighed: &Weighed<'_, '_>) -> bool {
        let value = weighed.value;
        match self {
            Self::Exists => true,
            Self::Absent => false,
            Self::AnythingBut(but) => but.accepts(weighed),
            Self::Literal(wanted) => matches!(value, Value::Literal(word) if word == wanted),
            Self::Number { text, value: wanted } => match value {
                Value::Number(number) => match wanted {
                    Some(wanted) => weighed.number().is_some_and(|n| same(n, *wanted)),
                    None => number == text,
                },
                _ => false,
            },
            Self::Numeric(range) => weighed.number().is_some_and(|n| range.contains(n)),
            Self::Address(wanted) => weighed.address() == Some(*wanted),
            Self::Cidr(cidr) => weighed.address().is_some_and(|found| cidr.contains(found)),
            Self::Text(_)
            | Self::Prefix(_)
            | Self::PrefixAnyCase(_)
            | Self::Suffix(_)
            | Self::SuffixAnyCase(_)
            | Self::AnyCase(_)
            | Self::Wildcard(_) => match value {
                Value::Text(text) => self.accepts_text(text),
                _ => false,
            },
        }
    }

    fn accepts_text(&self, text: &[u8]) -> bool {
        match self {
            Self::Text(wanted) => text == wanted.as_slice(),
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::PrefixAnyCase(prefix) => prefix.begins(text),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::SuffixAnyCase(suffix) => suffix.ends(text),
            Self::AnyCase(wanted) => wanted.is(text),
            Self::Wildcard(wildcard) => wildcard.matches(text),
            _ => false,
        }
    }
}

impl But {
    fn accepts(&self, weighed: &Weighed<'_, '_>) -> bool {
        match (self, weighed.value) {
            (Self::Numbers(numbers), Value::Number(_)) => weighed.number().is_none_or(|number| {
                numbers.binary_search_by(|other| other.total_cmp(&number)).is_err()
            }),
            (Self::Numbers(_), _) | (_, Value::Number(_) | Value::Literal(_)) => true,
            (Self::Texts(texts), Value::Text(text)) => {
                texts.binary_search_by(|other| other.as_slice().cmp(text)).is_err()
            }
            (Self::Prefixes(list), Value::Text(text)) => !list.iter().any(|p| text.starts_with(p)),
            (Self::Suffixes(list), Value::Text(text)) => !list.iter().any(|s| text.ends_with(s)),
            (Self::AnyCases(list), Value::Text(text)) => !list.iter().any(|case| case.is(text)),
            (Self::Wildcards(list), Value::Text(text)) => !list.iter().any(|w| w.matches(text)),
        }
    }
}

impl Range {
    fn contains(&self, number: f64) -> bool {
        let above = self.low.is_none_or(|(low, with)| number > low || (with && same(number, low)));
        let below =
            self.high.is_none_or(|(high, with)| number < high || (with && same(number, high)));
        above && below
    }
}

/// Whether two numbers that can be compared are one.
fn same(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq()
}
