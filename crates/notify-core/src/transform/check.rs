//! What AWS refuses of a target's input, in its own words.
//!
//! Where a text is not recorded from AWS it follows the form of one that is; the docs of the item
//! say so.

use super::path::{MOST_CHARACTERS as MOST_PATH_CHARACTERS, Path};
use super::reader::{Kind, Reader, SyntaxError, is_blank};
use super::template::{
    Draft, MOST_PATHS, MOST_TEMPLATE_CHARACTERS, Reserved, Template, is_variable,
};
use super::{Input, Shape};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The most characters of a constant input
/// ([Target](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html)).
const MOST_INPUT_CHARACTERS: usize = 8192;

/// The text of AWS's `ValidationException` for a target that it refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

impl Refusal {
    /// More than one of `Input`, `InputPath` and `InputTransformer`.
    pub(super) fn several(target: &str) -> Self {
        Self(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {target}."
        ))
    }
}

/// Reads a target's input as `PutTargets` does. Lengths and names come first, then paths, then
/// the template; which AWS looks at first where several are wrong is not recorded.
pub(super) fn shape(input: &Input, target: &str) -> Result<Shape, Refusal> {
    let broken = constraints(input);
    if !broken.is_empty() {
        let errors = if broken.len() == 1 { "error" } else { "errors" };
        let count = broken.len();
        return Err(Refusal(format!(
            "{count} validation {errors} detected: {}",
            broken.join("; ")
        )));
    }
    let path = |path: &str| {
        let bad = |_| Refusal(format!("InputPath for target {target} is invalid."));
        Path::parse(path).map_err(bad)
    };
    Ok(match input {
        Input::Event => Shape::Event,
        Input::Constant(text) => constant(text, target)?,
        // Recorded: taken, and `{}` is delivered.
        Input::Path(text) if text.is_empty() => Shape::Path(None),
        Input::Path(text) => Shape::Path(Some(path(text)?)),
        Input::Transformer { paths, template } => {
            let read = paths.iter().map(|(name, text)| Ok((name.clone(), path(text)?)));
            Shape::Template(template_of(template, paths, target)?, read.collect::<Result<_, _>>()?)
        }
    })
}

/// A constant input: one JSON value. An empty one is taken by AWS, and nothing was delivered;
/// blanks alone count as empty, and a second value as an error: neither is recorded.
fn constant(text: &str, target: &str) -> Result<Shape, Refusal> {
    let mut reader = Reader::new(text);
    let mut bad = None;
    let mut values = 0;
    loop {
        match reader.next() {
            Ok(Some(token)) if values > 0 => bad = bad.or(Some(token.range.start)),
            Ok(Some(token)) => {
                let ends = !matches!(token.kind, Kind::OpenObject | Kind::OpenArray);
                values += usize::from(ends && reader.depth() == 0);
            }
            Ok(None) => break,
            Err(error) => {
                bad = bad.or(Some(error.at));
                break;
            }
        }
    }
    match bad {
        None => Ok(Shape::Constant(text.to_owned())),
        Some(at) => Err(Refusal(format!(
            "JSON syntax error in input for target {target}: {}",
            source(text, at)
        ))),
    }
}

fn template_of(
    text: &str,
    paths: &BTreeMap<String, String>,
    target: &str,
) -> Result<Template, Refusal> {
    let draft = Draft::read(text);
    let names = || draft.holes.iter().map(|(_, name)| *name);
    if !draft.is_json && names().any(|name| Reserved::named(name) == Some(Reserved::EventJson)) {
        return Err(Refusal(format!(
            "InputTemplate for target {target} contains placeholder aws.events.event.json valid only for JSON template."
        )));
    }
    // Without any path AWS takes every name, and fills in only those that it knows.
    let unknown = |name: &&str| Reserved::named(name).is_none() && !paths.contains_key(*name);
    if let (false, Some(name)) = (paths.is_empty(), names().find(unknown)) {
        return Err(Refusal(format!(
            "InputTemplate for target {target} contains invalid placeholder {name}."
        )));
    }
    let places = draft.places.as_ref().map_err(|error| {
        let at = source(&draft.filled, error.at);
        Refusal(format!("Invalid InputTemplate for target {target} : {at}."))
    })?;
    let filled_in = |name: &str| !paths.is_empty() || Reserved::named(name).is_some();
    if names().zip(places).any(|(name, place)| place.kind == Kind::Key && filled_in(name)) {
        return Err(Refusal(format!(
            "InputTemplate placeholder present as a JSON object key for target {target}."
        )));
    }
    Ok(Template { is_json: draft.is_json, parts: draft.parts() })
}

/// Where AWS's parser stopped. Both recorded errors are in the first column; for others the
/// place is that of the character that cannot stand where it does.
fn source(text: &str, at: usize) -> String {
    let (line, column) = SyntaxError { at, problem: "" }.line_and_column(text);
    format!("[Source: (String)\"{text}\"; line: {line}, column: {column}]")
}

/// The API's own limits that are broken. The text for a map's keys is recorded; the others have
/// the form that AWS's services share.
fn constraints(input: &Input) -> Vec<String> {
    let mut broken = Vec::new();
    let mut check = |good: bool, value: &str, field: &str, constraint: &str| {
        if !good {
            broken.push(format!(
                "Value '{value}' at 'targets.1.member.{field}' failed to satisfy constraint: {constraint}"
            ));
        }
    };
    let at_most = |most: usize| format!("Member must have length less than or equal to {most}");
    let fits = |text: &str, most: usize| text.chars().count() <= most;
    match input {
        Input::Event => {}
        Input::Constant(text) => {
            let good = fits(text, MOST_INPUT_CHARACTERS);
            check(good, text, "input", &at_most(MOST_INPUT_CHARACTERS));
        }
        Input::Path(path) => {
            let good = fits(path, MOST_PATH_CHARACTERS);
            check(good, path, "inputPath", &at_most(MOST_PATH_CHARACTERS));
        }
        Input::Transformer { paths, template } => {
            let (map, map_field) = (show_map(paths), "inputTransformer.inputPathsMap");
            check(paths.len() <= MOST_PATHS, &map, map_field, &at_most(MOST_PATHS));
            check(
                paths.keys().all(|key| is_variable(key)),
                &map,
                map_field,
                "Map keys must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [A-Za-z0-9\\_\\-]+]",
            );
            check(
                paths.values().all(|path| fits(path, MOST_PATH_CHARACTERS)),
                &map,
                map_field,
                &format!("Map value must satisfy constraint: [{}]", at_most(MOST_PATH_CHARACTERS)),
            );
            let field = "inputTransformer.inputTemplate";
            let least = "Member must have length greater than or equal to 1";
            check(!template.is_empty(), template, field, least);
            let good = fits(template, MOST_TEMPLATE_CHARACTERS);
            check(good, template, field, &at_most(MOST_TEMPLATE_CHARACTERS));
        }
    }
    broken
}

/// A map as AWS shows it: `{name=path, other=path}`.
fn show_map(paths: &BTreeMap<String, String>) -> String {
    let mut shown = String::from("{");
    for (at, (name, path)) in paths.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(shown, "{}{name}={path}", if at == 0 { "" } else { ", " });
    }
    shown.push('}');
    shown
}

/// Whether a text says nothing at all.
pub(super) fn is_empty(text: &str) -> bool {
    text.bytes().all(is_blank)
}
