//! `pattern` of `[[events]]`, and the matchers that presets put into theirs.

use super::fields::{Findings, wrong_kind};
use super::finding::Location;
use super::node::{Node, Value};
use crate::pattern::PatternText;
use crate::pattern::{Limit, Pattern, PatternError};

/// Reads a pattern that is written as JSON or as a table.
pub(super) fn read(node: &Node, out: &mut Findings<'_>) -> Option<PatternText> {
    match &node.value {
        Value::Text(text) => {
            let text = text.trim();
            match Pattern::parse(text) {
                Ok(_) => Some(PatternText(text.to_owned())),
                Err(error) => {
                    let (at, found) = place(node, text, &error, out.source);
                    let beside = match error.place().filter(|_| !found) {
                        Some((line, column)) => format!(" (line {line}, column {column} of it)"),
                        None => String::new(),
                    };
                    refuse(&at, &error, &beside, out);
                    None
                }
            }
        }
        Value::Table(_) => {
            if let Some(bad) = node.not_json() {
                let what = match bad.value {
                    Value::Float(number) => number.to_string(),
                    _ => bad.kind().to_owned(),
                };
                out.error(
                    &bad.at,
                    format!("a pattern cannot look for {what}"),
                    "write a string, a number, true or false",
                );
                return None;
            }
            let text = node.to_json().to_string();
            match Pattern::parse(&text) {
                Ok(_) => Some(PatternText(text)),
                Err(error) => {
                    refuse(offender(node).map_or(&node.at, |bad| &bad.at), &error, "", out);
                    None
                }
            }
        }
        _ => {
            wrong_kind(node, "pattern", "JSON in quotes, or a table", out);
            None
        }
    }
}

/// Checks one member of a list of a pattern.
pub(super) fn check_matcher(node: &Node, out: &mut Findings<'_>) {
    if let Err(error) = as_field(node, true) {
        refuse(&node.at, &error, "", out);
    }
}

/// Checks what the service takes, and says which of its limits are exceeded.
pub(super) fn check_limits(
    pattern: &PatternText,
    at: &Location,
    out: &mut Findings<'_>,
) -> Vec<Limit> {
    let Ok(pattern) = Pattern::parse(&pattern.0) else { return Vec::new() };
    let limits = pattern.limits();
    for limit in &limits {
        let help = match limit {
            Limit::OverQuota { .. } => {
                "the quota is 2,048: have it raised (L-664C5505), or shorten the pattern"
            }
            Limit::OverApiLimit { .. } => {
                "EventBridge takes 4,096 at most: use prefixes, or several events"
            }
            Limit::TooManyCombinations { .. } => {
                "EventBridge takes 1,000 at most: use lists in place of `$or`, or several events"
            }
            Limit::TooManyPaths { .. } => "EventBridge takes 256 at most: use several events",
            Limit::ComplexWildcard { .. } => {
                "use fewer `*`, and fewer equal pieces behind them: AWS does not say how many"
            }
        };
        if limit.is_fatal() {
            out.error(at, limit.to_string(), help);
        } else {
            out.warn(at, limit.to_string(), help);
        }
    }
    limits
}

fn refuse(at: &Location, error: &PatternError, beside: &str, out: &mut Findings<'_>) {
    out.error(at, format!("the pattern is not valid: {error}{beside}"), help(error.message()));
}

/// A remedy for the engine's words.
fn help(message: &str) -> &'static str {
    const OBJECT: &str = "write a JSON object, such as '{\"source\": [\"aws.config\"]}'";
    let starts = |starts: &[&str]| starts.iter().any(|start| message.starts_with(start));
    if message.ends_with("must be an object or an array") {
        "a pattern's values stand in lists, such as [\"aws.config\"]"
    } else if starts(&["Empty arrays"]) {
        "put in what it may be, or leave the field out"
    } else if starts(&["Empty objects"]) {
        "name a field, such as {\"source\": [\"aws.config\"]}"
    } else if starts(&["Match value must be"]) {
        "write one list of values, without a list in it"
    } else if starts(&["Unrecognized match type"]) {
        "the operators are prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, \
         cidr and exists"
    } else if starts(&[
        "Filter is",
        "Unexpected",
        "Unrecognized token",
        "Invalid numeric",
        "Illegal",
    ]) {
        OBJECT
    } else {
        "these are AWS's words: docs.aws.amazon.com/eventbridge/latest/userguide/\
         eb-create-pattern-operators.html has the operators' forms"
    }
}

/// The rest of the line at which an error in a pattern's text begins, as the file writes it, and
/// whether it was found.
fn place(node: &Node, text: &str, error: &PatternError, source: &str) -> (Location, bool) {
    let Some((number, column)) = error.place() else { return (node.at.clone(), true) };
    let line = text.lines().nth(number - 1).unwrap_or_default();
    // The place is behind what is wrong; it is shown from its last character on.
    let mut units = 0;
    let is_before = |c: &char| {
        units += c.len_utf16();
        units + 2 <= column
    };
    let offset: usize = line.chars().take_while(is_before).map(char::len_utf8).sum();
    let above: usize = text.split_inclusive('\n').take(number - 1).map(str::len).sum();
    let span_of = |piece: &str| match node.place_of(piece, source) {
        Location::Span(span) if source.get(span.clone()) == Some(piece) => Some(span),
        _ => None,
    };
    // With escapes in it the text is not in the file, but the line may be.
    let line_start = span_of(text).map(|span| span.start + above).or_else(|| {
        let trimmed = line.trim_start();
        let span = span_of(trimmed.trim_end()).filter(|span| !span.is_empty())?;
        span.start.checked_sub(line.len() - trimmed.len())
    });
    match line_start {
        Some(start) => {
            let end = start + line.trim_end().len();
            (Location::Span((start + offset).min(end)..end), true)
        }
        // There is nothing to be seen in an empty text.
        None => (node.at.clone(), text.is_empty()),
    }
}

/// The value of a table that makes it no pattern.
fn offender(table: &Node) -> Option<&Node> {
    let Value::Table(entries) = &table.value else { return Some(table) };
    if entries.is_empty() {
        return Some(table);
    }
    entries.iter().find_map(|(key, value)| match &value.value {
        Value::List(list) if key.name == "$or" => list.iter().find_map(offender),
        Value::List(list) => {
            as_field(value, false).err()?;
            Some(list.iter().find(|member| as_field(member, true).is_err()).unwrap_or(value))
        }
        _ => offender(value),
    })
}

/// Reads a list of matchers, or one of them, as a pattern of one field.
fn as_field(node: &Node, is_member: bool) -> Result<Pattern, PatternError> {
    let value = node.to_json();
    let list = if is_member { serde_json::Value::Array(vec![value]) } else { value };
    Pattern::parse(&serde_json::json!({"x": list}).to_string())
}
