//! A parsed file in which every key and value knows where it stands, the same for TOML and JSON.

use super::finding::{Finding, Level, Location};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: Location,
    pub(super) value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// JSON's alone; some patterns look for it.
    Null,
    List(Vec<Node>),
    Table(Vec<(Key, Node)>),
    /// What the format has and the spec never wants; with its name.
    Other(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) at: Location,
    pub(super) name: String,
}

impl Node {
    /// What kind of value it is, for "expected …, found …".
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a string",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Bool(_) => "true or false",
            Value::Null => "null",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(what) => what,
        }
    }

    /// The first value in it that has no form in JSON, such as a date.
    pub(super) fn not_json(&self) -> Option<&Self> {
        match &self.value {
            Value::Other(_) => Some(self),
            Value::Float(number) if !number.is_finite() => Some(self),
            Value::List(list) => list.iter().find_map(Self::not_json),
            Value::Table(table) => table.iter().find_map(|(_, value)| value.not_json()),
            _ => None,
        }
    }

    /// The value as JSON, for patterns written as tables.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) => text.clone().into(),
            Value::Integer(number) => (*number).into(),
            Value::Float(number) => (*number).into(),
            Value::Bool(truth) => (*truth).into(),
            Value::List(list) => list.iter().map(Self::to_json).collect(),
            Value::Table(table) => {
                table.iter().map(|(key, value)| (key.name.clone(), value.to_json())).collect()
            }
            Value::Null | Value::Other(_) => serde_json::Value::Null,
        }
    }

    /// The place of `near` inside this string as the file writes it; its own place where the file
    /// writes it in another way.
    pub(super) fn place_of(&self, near: &str, source: &str) -> Location {
        let Location::Span(span) = &self.at else { return self.at.clone() };
        let written = source.get(span.clone()).unwrap_or_default();
        match written.find(near) {
            Some(at) if !near.is_empty() => {
                Location::Span(span.start + at..span.start + at + near.len())
            }
            _ => self.at.clone(),
        }
    }
}

/// Reads TOML; syntax errors are findings: of each line the first, for the others follow from it.
pub(super) fn from_toml(text: &str, findings: &mut Vec<Finding>) -> Option<Node> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Some(table_node(table.span(), table.get_ref(), findings));
    }
    let mut last_line = None;
    for error in errors {
        let location = Location::Span(error.span().unwrap_or(0..0));
        let line = location.line_and_column(text).map(|(line, _)| line);
        if line == last_line {
            continue;
        }
        last_line = line;
        let (message, help) = toml_error(error.message(), error.span(), text);
        findings.push(Finding { level: Level::Error, location, message, help: help.to_owned() });
    }
    None
}

/// A syntax error in words for its author, with a remedy.
fn toml_error(
    message: &str,
    span: Option<std::ops::Range<usize>>,
    text: &str,
) -> (String, &'static str) {
    if message == "duplicate key" {
        let key = span.and_then(|span| text.get(span)).unwrap_or_default();
        return (format!("`{key}` stands here twice"), "leave one out");
    }
    let help = if text.trim_start().starts_with('{') {
        "this looks like JSON: the name of a JSON file ends in .json"
    } else if message.contains("escape") {
        "write `\\\\` for a backslash, or put the text into 'single quotes'"
    } else if message.contains("visible characters") {
        "leave the character out, or write it as an escape such as `\\u0007`"
    } else if message.contains("must be quoted") {
        "write text in quotes: stack = \"security\""
    } else if message.contains("string") {
        "a string ends on its line with the quote that it begins with; \"\"\" holds several lines"
    } else if message.contains("array") {
        "look for a comma or a `]` that is missing here or further up"
    } else if message.contains("key-value pairs") {
        "put a comma between the two"
    } else if message.contains("key") {
        "write `name = \"value\"`, and each on a line of its own"
    } else {
        "this is not TOML: strings stand in quotes, tables in [brackets]"
    };
    (message.to_owned(), help)
}

fn table_node(
    span: std::ops::Range<usize>,
    table: &DeTable<'_>,
    findings: &mut Vec<Finding>,
) -> Node {
    let mut entries: Vec<(Key, Node)> = table
        .iter()
        .map(|(key, value)| {
            let at = Location::Span(key.span());
            (Key { at, name: key.get_ref().to_string() }, value_node(value, findings))
        })
        .collect();
    entries.sort_by_key(|(key, _)| match &key.at {
        Location::Span(span) => span.start,
        Location::Pointer(_) => 0,
    });
    Node { at: Location::Span(span), value: Value::Table(entries) }
}

fn value_node(value: &Spanned<DeValue<'_>>, findings: &mut Vec<Finding>) -> Node {
    let at = Location::Span(value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Integer(number) => {
            match i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => Value::Other("a number that is too large"),
            }
        }
        DeValue::Float(number) => {
            Value::Float(number.as_str().replace('_', "").parse().unwrap_or(f64::NAN))
        }
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(list) => {
            Value::List(list.iter().map(|value| value_node(value, findings)).collect())
        }
        DeValue::Table(table) => return table_node(value.span(), table, findings),
    };
    Node { at, value }
}

/// Reads JSON; the first syntax error is a finding. A key that stands twice is an error, too.
pub(super) fn from_json(text: &str, findings: &mut Vec<Finding>) -> Option<Node> {
    match serde_json::from_str::<Json>(text) {
        Ok(Json(mut node)) => {
            point(&mut node, String::new());
            Some(node)
        }
        Err(error) => {
            let line = text.split_inclusive('\n').take(error.line().saturating_sub(1));
            let start = line.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            let start = start.min(text.len());
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            findings.push(Finding {
                level: Level::Error,
                location: Location::Span(start..(start + 1).min(text.len())),
                message,
                help: json_help(&error).to_owned(),
            });
            None
        }
    }
}

/// What to do about a syntax error.
fn json_help(error: &serde_json::Error) -> &'static str {
    let message = error.to_string();
    if error.is_eof() {
        "the file ends too early: look for a quote or a bracket that is not closed"
    } else if error.is_data() {
        "leave one of the two out"
    } else if message.starts_with("trailing comma") {
        "leave the comma before it out"
    } else if message.starts_with("trailing characters") {
        "the file ends with its last bracket: leave out what follows"
    } else if message.starts_with("key must be a string") {
        "a key stands in double quotes, and JSON has no comments"
    } else if message.starts_with("expected `,`") {
        "put a comma before it"
    } else {
        "this is not JSON"
    }
}

fn point(node: &mut Node, pointer: String) {
    match &mut node.value {
        Value::List(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                point(value, format!("{pointer}/{at}"));
            }
        }
        Value::Table(table) => {
            for (key, value) in table {
                let name = key.name.replace('~', "~0").replace('/', "~1");
                let here = format!("{pointer}/{name}");
                key.at = Location::Pointer(here.clone());
                point(value, here);
            }
        }
        _ => {}
    }
    node.at = Location::Pointer(pointer);
}

struct Json(Node);

impl<'de> serde::Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(JsonVisitor).map(Self)
    }
}

struct JsonVisitor;

fn nowhere(value: Value) -> Node {
    Node { at: Location::Pointer(String::new()), value }
}

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Node, E> {
        Ok(nowhere(Value::Bool(truth)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(nowhere(Value::Integer(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(nowhere(
            i64::try_from(number)
                .map_or(Value::Other("a number that is too large"), Value::Integer),
        ))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(nowhere(Value::Float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(nowhere(Value::Text(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(nowhere(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(node)) = from.next_element()? {
            list.push(node);
        }
        Ok(nowhere(Value::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut table: Vec<(Key, Node)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        while let Some((name, Json(node))) = from.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("the key `{name}` stands twice")));
            }
            table.push((Key { at: Location::Pointer(String::new()), name }, node));
        }
        Ok(nowhere(Value::Table(table)))
    }
}
