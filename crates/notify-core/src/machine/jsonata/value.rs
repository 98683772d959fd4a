//! Values of expressions.

use super::eval::Scope;
use super::number;
use super::parse::Lambda;
use crate::transform::json::Json;
use regex_lite::Regex;
use std::rc::Rc;
use std::sync::Arc;

/// A value. "No value" is not one of them: an expression without a value is `None`.
#[derive(Debug, Clone)]
pub(in crate::machine) enum Value {
    Null,
    Truth(bool),
    Number(f64),
    Text(Rc<str>),
    List(Rc<Vec<Self>>),
    Object(Rc<Vec<(Rc<str>, Self)>>),
    Regex(Regex),
    Lambda(Arc<Lambda>, Scope),
    Function(&'static str),
}

impl Value {
    pub(in crate::machine) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(in crate::machine) fn object(fields: Vec<(&str, Self)>) -> Self {
        let fields = fields.into_iter().map(|(key, value)| (key.into(), value));
        Self::Object(Rc::new(fields.collect()))
    }

    pub(in crate::machine) fn of_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Truth(*truth),
            // One that is too large becomes infinite, as in JavaScript.
            Json::Number(spelling) => Self::Number(spelling.parse().unwrap_or(f64::NAN)),
            Json::String(text) => Self::text(text),
            Json::Array(list) => Self::List(Rc::new(list.iter().map(Self::of_json).collect())),
            Json::Object(fields) => {
                let fields = fields.iter().map(|(k, v)| (k.as_str().into(), Self::of_json(v)));
                Self::Object(Rc::new(fields.collect()))
            }
        }
    }

    pub(in crate::machine) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The field of an object.
    pub(in crate::machine) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => {
                fields.iter().rev().find(|(key, _)| **key == *name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Compact JSON; functions are empty texts, and numbers beyond all bounds `null`.
    pub(super) fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Truth(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(n) => out.push_str(number::text(*n).as_deref().unwrap_or("null")),
            Self::Text(text) => write_text(text, out),
            Self::List(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    value.write_json(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
            Self::Regex(_) | Self::Lambda(..) | Self::Function(_) => out.push_str("\"\""),
        }
    }

    /// Whether a condition holds.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Null | Self::Regex(_) | Self::Lambda(..) | Self::Function(_) => false,
            Self::Truth(truth) => *truth,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(list) => list.iter().any(Self::is_true),
            Self::Object(fields) => !fields.is_empty(),
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    // A string is always JSON.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Truth(one), Self::Truth(other)) => one == other,
            // As in JavaScript: no rounding.
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Object(one), Self::Object(two)) => {
                one.len() == two.len() && one.iter().all(|(k, v)| other.field(k) == Some(v))
            }
            _ => false,
        }
    }
}
