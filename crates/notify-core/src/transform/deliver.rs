//! Filling a template in, and what becomes of the result.
//!
//! The mechanism is: put the values in, then read the result as JSON values; if it is none, the
//! event is lost. A template that begins with `{` has its values quoted and escaped. In any other
//! template they go in raw: a quote, a backslash or a line break in a field can end the mail.

use super::check::is_empty;
use super::event::Event;
use super::json::{Json, write_escaped};
use super::path::{Found, Path};
use super::reader::count_values;
use super::template::{Hole, Part, Reserved, Template};
use super::{Context, Loss, Outcome, Shape, Why};
use std::collections::BTreeMap;

/// What stands for a placeholder.
#[derive(Debug)]
pub(super) enum Filling<'e> {
    /// A field of the event.
    Field(Found<'e>),
    /// A field that the event does not have.
    Missing,
    /// What EventBridge says itself.
    Text(&'e str),
    /// What EventBridge says itself, as an object.
    Object(&'e Json),
    /// A name that nobody has defined: it stays.
    Undefined,
}

pub(super) fn deliver(shape: &Shape, event: &Event, context: &Context<'_>) -> Outcome {
    match shape {
        Shape::Event => Outcome::Delivered(event.to_json()),
        Shape::Constant(text) if is_empty(text) => Outcome::lost(Why::Nothing, text.clone()),
        Shape::Constant(text) => Outcome::Delivered(text.clone()),
        Shape::Path(path) => {
            let mut text = String::new();
            match path.as_ref().and_then(|path| event.find(path)) {
                // Recorded: `null` and nothing are the same here.
                None | Some(Found::One(Json::Null)) => text.push_str("{}"),
                Some(found) => write(&found, &mut text, Json::write),
            }
            Outcome::Delivered(text)
        }
        Shape::Template(template, paths) => {
            fill(template, |name| filling(name, paths, event, context))
        }
    }
}

fn filling<'e>(
    name: &str,
    paths: &BTreeMap<String, Path>,
    event: &'e Event,
    context: &'e Context<'_>,
) -> Filling<'e> {
    match Reserved::named(name) {
        Some(Reserved::RuleName) => Filling::Text(context.rule_name()),
        Some(Reserved::RuleArn) => Filling::Text(context.rule_arn),
        Some(Reserved::IngestionTime) => Filling::Text(context.ingestion_time),
        Some(Reserved::Event) => Filling::Object(event.without_detail()),
        Some(Reserved::EventJson) => Filling::Object(event.whole()),
        None => match paths.get(name) {
            None => Filling::Undefined,
            Some(path) => event.find(path).map_or(Filling::Missing, Filling::Field),
        },
    }
}

/// Fills a template in with the value of each name.
pub(super) fn fill<'e>(template: &Template, value: impl Fn(&str) -> Filling<'e>) -> Outcome {
    let mut text = String::new();
    let mut unknown = None;
    for part in &template.parts {
        match part {
            Part::Text(verbatim) => text.push_str(verbatim),
            Part::Hole(hole) => {
                let value = value(&hole.name);
                unknown = unknown.or_else(|| undecided(template.is_json, hole, &value));
                put(template.is_json, hole, &value, &mut text);
            }
        }
    }
    if is_empty(&text) {
        return Outcome::lost(Why::Nothing, text);
    }
    match (unknown, count_values(&text)) {
        (Some(what), _) => Outcome::lost(Why::Undecided(what), text),
        (None, Err(error)) => {
            let (line, column) = error.line_and_column(&text);
            Outcome::lost(Why::NotJson { problem: error.problem, line, column }, text)
        }
        (None, Ok(_)) => Outcome::Delivered(text),
    }
}

/// What AWS does is not known here, so the event counts as lost. This is the one list of such
/// things.
fn undecided(is_json: bool, hole: &Hole, value: &Filling<'_>) -> Option<&'static str> {
    match value {
        Filling::Field(Found::One(Json::Null)) if hole.quoted => Some("null between quotes"),
        Filling::Text(_) | Filling::Object(_) if is_json && hole.quoted => {
            Some("a reserved variable between quotes of a JSON template")
        }
        Filling::Undefined if is_json && hole.quoted => {
            Some("an undefined placeholder between quotes of a JSON template")
        }
        Filling::Object(_) if !is_json => Some("the event in a text template"),
        Filling::Field(found) if !is_json => {
            let escapes = match found {
                Found::One(value @ Json::String(_)) => hole.nested && value.needs_escapes(),
                Found::One(value) => value.needs_escapes(),
                Found::Many(values) => values.iter().any(|value| value.needs_escapes()),
            };
            escapes.then_some(
                "a quote, backslash or control character in an object or array of a text template",
            )
        }
        _ => None,
    }
}

fn put(is_json: bool, hole: &Hole, value: &Filling<'_>, out: &mut String) {
    match value {
        Filling::Missing if is_json && !hole.quoted => out.push_str("\"\""),
        Filling::Missing => {}
        Filling::Undefined => {
            out.push('<');
            out.push_str(&hole.name);
            out.push('>');
        }
        Filling::Text(text) if is_json => {
            let quote = if hole.quoted { "" } else { "\"" };
            out.push_str(quote);
            write_escaped(text, out);
            out.push_str(quote);
        }
        Filling::Text(text) => out.push_str(text),
        Filling::Field(Found::One(Json::String(text))) if is_json && hole.quoted => {
            write_escaped(text, out);
        }
        Filling::Object(value) if is_json => value.write(out),
        Filling::Object(value) => value.write_bare(out),
        Filling::Field(found) if is_json => write(found, out, Json::write),
        Filling::Field(found) => write(found, out, Json::write_bare),
    }
}

fn write(found: &Found<'_>, out: &mut String, value: fn(&Json, &mut String)) {
    match found {
        Found::One(one) => value(one, out),
        Found::Many(many) => {
            out.push('[');
            for (at, one) in many.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                value(one, out);
            }
            out.push(']');
        }
    }
}

impl Outcome {
    fn lost(why: Why, attempted: String) -> Self {
        Self::Lost(Loss { why, attempted })
    }
}
