//! Conditions of a policy's statement.

use super::evaluate::Key;
use super::like::{arn_like, like, shortened};
use super::truth::Truth;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Whether a statement's conditions hold: all operators, and each of their keys.
pub(super) fn holds(conditions: Option<&Value>, keys: &BTreeMap<&str, Key>) -> Truth {
    let Some(conditions) = conditions else { return Truth::Yes };
    let Some(operators) = conditions.as_object() else {
        return Truth::Unclear("a condition that is no object".to_owned());
    };
    Truth::all(operators.iter().map(|(operator, wanted)| {
        let operator_name = || format!("the operator `{}`", shortened(operator));
        let (Some(parsed), Some(wanted)) = (Operator::parse(operator), wanted.as_object()) else {
            return Truth::Unclear(operator_name());
        };
        Truth::all(wanted.iter().map(|(key, values)| parsed.meets(key, values, keys)))
    }))
}

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator {
    kind: Kind,
    negated: bool,
    if_exists: bool,
    set: Option<Set>,
}

/// How a condition's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Equals,
    EqualsIgnoringCase,
    Like,
    Arn,
    Bool,
    Null,
}

/// How a key of several values is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    ForAllValues,
    ForAnyValue,
}

impl Operator {
    /// Reads an operator; `None` for one that is not known here, such as those on numbers, dates
    /// and addresses, which no publisher's request has.
    fn parse(text: &str) -> Option<Self> {
        let (set, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Set::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(Set::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (kind, negated) = match base {
            "StringEquals" => (Kind::Equals, false),
            "StringNotEquals" => (Kind::Equals, true),
            "StringEqualsIgnoreCase" => (Kind::EqualsIgnoringCase, false),
            "StringNotEqualsIgnoreCase" => (Kind::EqualsIgnoringCase, true),
            "StringLike" => (Kind::Like, false),
            "StringNotLike" => (Kind::Like, true),
            "ArnEquals" | "ArnLike" => (Kind::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Kind::Arn, true),
            "Bool" => (Kind::Bool, false),
            "Null" if !if_exists && set.is_none() => (Kind::Null, false),
            _ => return None,
        };
        Some(Self { kind, negated, if_exists, set })
    }

    /// Whether one key of the request meets it.
    fn meets(self, key: &str, wanted: &Value, keys: &BTreeMap<&str, Key>) -> Truth {
        let Some(wanted) = scalars(wanted) else {
            return Truth::Unclear(format!("the value of `{}`", shortened(key)));
        };
        match keys.get(key.to_ascii_lowercase().as_str()) {
            None => Truth::Unclear(format!("the key `{}`", shortened(key))),
            Some(Key::Is(held)) => self.of(Some(held), &wanted),
            Some(Key::Missing) => self.of(None, &wanted),
            Some(Key::Perhaps(held, doubt)) => {
                let (with, without) = (self.of(Some(held), &wanted), self.of(None, &wanted));
                if with == without { with } else { Truth::Unclear((*doubt).to_owned()) }
            }
        }
    }

    /// Whether a key of that value, or a missing one, meets it.
    fn of(self, held: Option<&str>, wanted: &[Cow<'_, str>]) -> Truth {
        if self.kind == Kind::Null {
            let exists = held.is_some();
            return Truth::any(wanted.iter().map(
                |wanted| match wanted.to_ascii_lowercase().as_str() {
                    "true" => Truth::from(!exists),
                    "false" => Truth::from(exists),
                    _ => Truth::Unclear("a `Null` that is neither true nor false".to_owned()),
                },
            ));
        }
        let Some(held) = held else {
            // A key that is missing meets no condition but a negated one, one that asks only if
            // it exists, and one on all of its values: there are none.
            return Truth::from(match self.set {
                _ if self.if_exists => true,
                Some(Set::ForAllValues) => true,
                Some(Set::ForAnyValue) => false,
                None => self.negated,
            });
        };
        let any = Truth::any(wanted.iter().map(|wanted| self.kind.compare(wanted, held)));
        if self.negated { any.not() } else { any }
    }
}

impl Kind {
    fn compare(self, wanted: &str, held: &str) -> Truth {
        if self != Self::Bool && wanted.contains("${") {
            return Truth::Unclear("a policy variable".to_owned());
        }
        // How an alarm whose name is not ASCII is written in a request is not known. What AWS
        // documents is that an ARN condition does not match it.
        if !held.is_ascii() {
            return match self {
                Self::Arn => Truth::No,
                Self::Like if wanted == "*" => Truth::Yes,
                _ => Truth::Unclear("a name that is not ASCII".to_owned()),
            };
        }
        match self {
            Self::Equals => Truth::from(wanted == held),
            Self::EqualsIgnoringCase | Self::Bool => Truth::from(wanted.eq_ignore_ascii_case(held)),
            Self::Like => Truth::from(like(wanted, held)),
            Self::Arn => arn_like(wanted, held),
            // Decided before a value is looked at.
            Self::Null => Truth::No,
        }
    }
}

/// A value, or the values of a list, as texts; `None` where one is no text, number or truth.
pub(super) fn scalars(value: &Value) -> Option<Vec<Cow<'_, str>>> {
    fn one(value: &Value) -> Option<Cow<'_, str>> {
        match value {
            Value::String(text) => Some(Cow::Borrowed(text.as_str())),
            Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
    match value {
        Value::Array(list) => list.iter().map(one).collect(),
        value => one(value).map(|text| vec![text]),
    }
}
