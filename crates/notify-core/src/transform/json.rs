//! JSON values as EventBridge hands them on.
//!
//! A number keeps its spelling: AWS's for fractions and large numbers is not recorded, so none is
//! made up.

use super::reader::{Kind, Reader, SyntaxError};
use std::collections::HashMap;

/// The deepest nesting of an event that is read. AWS's own limit is not known; the usual Java
/// parser, which its error texts come from, stops at the same number.
pub(super) const MOST_DEEP: usize = 1_000;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As it was spelled.
    Number(String),
    String(String),
    Array(Vec<Self>),
    /// In the order of the text; of a key that stands twice, the last value at the first place.
    Object(Vec<(String, Self)>),
}

/// Reads a text that is one JSON value.
pub(crate) fn parse(text: &str) -> Result<Json, SyntaxError> {
    let mut reader = Reader::new(text);
    let mut open: Vec<Open> = Vec::new();
    let mut whole = None;
    while let Some(token) = reader.next()? {
        let at = token.range.start;
        if whole.is_some() {
            return Err(SyntaxError { at, problem: "more follows the value" });
        }
        let slice = text.get(token.range).unwrap_or_default();
        let value = match token.kind {
            Kind::OpenObject | Kind::OpenArray if open.len() == MOST_DEEP => {
                return Err(SyntaxError { at, problem: "it nests deeper than 1,000 levels" });
            }
            Kind::OpenObject => {
                open.push(Open::Object(Vec::new(), String::new()));
                continue;
            }
            Kind::OpenArray => {
                open.push(Open::Array(Vec::new()));
                continue;
            }
            Kind::Key => {
                if let Some(Open::Object(_, key)) = open.last_mut() {
                    *key = unescape(slice, at)?;
                }
                continue;
            }
            Kind::Close => match open.pop() {
                Some(Open::Object(fields, _)) => Json::Object(last_of_each_key(fields)),
                Some(Open::Array(list)) => Json::Array(list),
                None => continue,
            },
            Kind::String => Json::String(unescape(slice, at)?),
            Kind::Number => Json::Number(slice.to_owned()),
            Kind::Word if slice == "null" => Json::Null,
            Kind::Word => Json::Bool(slice == "true"),
        };
        match open.last_mut() {
            Some(Open::Object(fields, key)) => fields.push((std::mem::take(key), value)),
            Some(Open::Array(list)) => list.push(value),
            None => whole = Some(value),
        }
    }
    whole.ok_or(SyntaxError { at: text.len(), problem: "it is empty" })
}

/// A container that is being read; an object with the key whose value comes next.
enum Open {
    Object(Vec<(String, Json)>, String),
    Array(Vec<Json>),
}

fn last_of_each_key(fields: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(fields.len());
    let mut kept: Vec<(String, Json)> = Vec::with_capacity(fields.len());
    for (key, value) in fields {
        match places.get(&key).and_then(|at| kept.get_mut(*at)) {
            Some(earlier) => earlier.1 = value,
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
    }
    kept
}

/// The text of a string token.
fn unescape(token: &str, at: usize) -> Result<String, SyntaxError> {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    // The token is well formed; only half of a surrogate pair can be wrong with it.
    serde_json::from_str(token)
        .map_err(|_| SyntaxError { at, problem: "a string holds half of a surrogate pair" })
}

impl Json {
    /// A member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => {
                fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Writes it without blanks.
    pub(super) fn write(&self, out: &mut String) {
        self.write_as(out, write_string);
    }

    /// Writes it as a text template takes it: without any quotes, nothing escaped.
    pub(super) fn write_bare(&self, out: &mut String) {
        self.write_as(out, |text, out| out.push_str(text));
    }

    /// Goes down as many levels as the value has: [`MOST_DEEP`] and a few.
    fn write_as(&self, out: &mut String, string: fn(&str, &mut String)) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(spelling) => out.push_str(spelling),
            Self::String(text) => string(text, out),
            Self::Array(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    value.write_as(out, string);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    string(key, out);
                    out.push(':');
                    value.write_as(out, string);
                }
                out.push('}');
            }
        }
    }

    /// Whether a string or key in it could not stand in quotes as it is.
    pub(super) fn needs_escapes(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => false,
            Self::String(text) => needs_escapes(text),
            Self::Array(list) => list.iter().any(Self::needs_escapes),
            Self::Object(fields) => {
                fields.iter().any(|(key, value)| needs_escapes(key) || value.needs_escapes())
            }
        }
    }
}

/// Whether a text could not stand in quotes as it is.
fn needs_escapes(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
}

/// Writes a text in quotes.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    write_escaped(text, out);
    out.push('"');
}

/// Writes a text as it stands between quotes. AWS's spelling of control characters other than
/// the recorded ones (LF, tab) is not known; any spelling means the same.
pub(super) fn write_escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' => {
                out.push_str("\\u00");
                out.push(if c < '\u{10}' { '0' } else { '1' });
                out.extend(char::from_digit(u32::from(c) % 16, 16));
            }
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compact(text: &str) -> Result<String, &'static str> {
        let mut out = String::new();
        parse(text).map_err(|error| error.problem)?.write(&mut out);
        Ok(out)
    }

    #[test]
    fn a_value_is_written_as_it_was_read() {
        for (text, want) in [
            (" { \"b\" : [ 1.0 , 1e3 , -0 ] , \"a\" : null } ", "{\"b\":[1.0,1e3,-0],\"a\":null}"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("\"\\u00e9\\/\\ud83d\\ude00\"", "\"é/😀\""),
            (
                "\"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\\"",
                "\"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\\"",
            ),
            ("\"\u{7f}\u{2028}\"", "\"\u{7f}\u{2028}\""),
            ("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"),
            ("[true,false,{},[]]", "[true,false,{},[]]"),
        ] {
            assert_eq!(compact(text).as_deref(), Ok(want), "{text}");
        }
        assert_eq!(compact("\"\\ud800\""), Err("a string holds half of a surrogate pair"));
        assert_eq!(compact("1 2"), Err("more follows the value"));
        assert_eq!(compact(" "), Err("it is empty"));
    }

    #[test]
    fn nesting_has_a_limit_and_no_stack_overflows() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(compact(&deep(MOST_DEEP)).as_deref(), Ok(deep(MOST_DEEP).as_str()));
        let too_deep = Err("it nests deeper than 1,000 levels");
        assert_eq!(compact(&deep(MOST_DEEP + 1)), too_deep);
        assert_eq!(compact(&"{\"a\":".repeat(100_000)), too_deep);
    }

    #[test]
    fn what_needs_escapes_is_found_at_any_depth() {
        for (text, want) in [
            ("[1,true,null,\"ab\",{\"k\":\"v\"}]", false),
            ("\"\u{7f}\"", false),
            ("\"\\\"\"", true),
            ("[[\"\\\\\"]]", true),
            ("{\"k\":\"\\n\"}", true),
            ("{\"\\u001f\":1}", true),
        ] {
            assert_eq!(parse(text).map(|json| json.needs_escapes()), Ok(want), "{text}");
        }
        let mut bare = String::new();
        parse("{\"a\":[\"b\",1]}").expect("JSON").write_bare(&mut bare);
        assert_eq!(bare, "{a:[b,1]}");
    }
}
