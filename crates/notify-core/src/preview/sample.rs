//! An event that a pattern matches, for a preview when nobody has a real one at hand.

use crate::aws::{AccountId, Region};
use crate::pattern::Pattern;
use crate::state::PatternText;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// When samples happen.
pub const SAMPLE_TIME: &str = "2026-01-15T09:30:00Z";

/// Makes an event that a pattern matches: begins with a preset's own sample where there is one,
/// sets what the pattern asks for, and fills in the paths that a message uses.
///
/// `None` where this finds no such event; then its author must give one.
pub fn sample_event(
    pattern: &PatternText,
    paths: &BTreeMap<String, String>,
    begin_with: Option<&str>,
    account: &AccountId,
    region: &Region,
) -> Option<String> {
    let asked = pattern.to_value();
    let mut event = begin_with
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
        .unwrap_or_else(|| envelope(account, region));
    fill_pattern(&mut event, &asked, &mut Vec::new());
    for path in paths.values() {
        fill_path(&mut event, path, account, region);
    }
    let text = event.to_string();
    let matches = Pattern::parse(&pattern.0).ok()?.matches(text.as_bytes());
    matches.is_ok_and(|matches| matches).then_some(text)
}

fn envelope(account: &AccountId, region: &Region) -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "Example",
        "source": "example",
        "account": account.as_str(),
        "time": SAMPLE_TIME,
        "region": region.as_str(),
        "resources": [],
        "detail": {},
    })
}

/// Sets what a pattern asks for, field by field; what fits already stays.
fn fill_pattern<'p>(event: &mut Value, pattern: &'p Value, path: &mut Vec<&'p str>) {
    let Some(fields) = pattern.as_object() else { return };
    for (key, asked) in fields {
        match asked {
            Value::Array(alternatives) if key == "$or" => {
                // The first one will do: the result is tried against the whole pattern.
                if let Some(first) = alternatives.first() {
                    fill_pattern(event, first, path);
                }
            }
            Value::Array(matchers) => {
                path.push(key);
                if !fits(event, path, asked) {
                    set(event, path, matchers.iter().find_map(value_for));
                }
                path.pop();
            }
            _ => {
                path.push(key);
                fill_pattern(event, asked, path);
                path.pop();
            }
        }
    }
}

/// Whether an event's field is what the pattern asks for already.
fn fits(event: &Value, path: &[&str], asked: &Value) -> bool {
    let alone = path.iter().rev().fold(asked.clone(), |inner, key| json!({ *key: inner }));
    let pattern = Pattern::parse(&alone.to_string());
    pattern.is_ok_and(|pattern| {
        pattern.matches(event.to_string().as_bytes()).is_ok_and(|matches| matches)
    })
}

/// Sets a field, or takes it out.
fn set(event: &mut Value, path: &[&str], value: Option<Value>) {
    let Some((last, before)) = path.split_last() else { return };
    let mut at = event;
    for key in before {
        at = object(at).entry(*key).or_insert_with(|| json!({}));
    }
    match value {
        Some(Value::Null) | None => {
            object(at).remove(*last);
        }
        Some(value) => {
            // `resources` and its like are lists; a pattern looks into them.
            let value =
                if at.get(*last).is_some_and(Value::is_array) { json!([value]) } else { value };
            object(at).insert((*last).to_owned(), value);
        }
    }
}

/// The object in a place; what else was there gives way.
fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(fields) => fields,
        _ => unreachable!("it was made an object"),
    }
}

/// A value that a matcher takes; `Some(Null)` for one that asks for absence.
fn value_for(matcher: &Value) -> Option<Value> {
    let Value::Object(operator) = matcher else { return Some(matcher.clone()) };
    let (name, operand) = operator.iter().next()?;
    let text = operand.as_str().or_else(|| operand.get("equals-ignore-case")?.as_str());
    Some(match name.as_str() {
        "exactly" | "equals-ignore-case" => json!(text?),
        "prefix" => json!(format!("{}example", text?)),
        "suffix" => json!(format!("example{}", text?)),
        "wildcard" => json!(unescape(text?)),
        "numeric" => json!(number_for(operand.as_array()?)?),
        "cidr" => json!(text?.split('/').next()?),
        "exists" if operand == &Value::Bool(false) => Value::Null,
        "exists" => json!("example"),
        // Neither is likely to be what the pattern refuses, and the result is tried.
        "anything-but" if operand.is_number() => json!(operand.as_f64()? + 1.0),
        "anything-but" => json!("something-else"),
        _ => return None,
    })
}

/// A text that a wildcard matches.
fn unescape(wildcard: &str) -> String {
    let mut text = String::with_capacity(wildcard.len());
    let mut characters = wildcard.chars();
    while let Some(c) = characters.next() {
        match c {
            '*' => text.push_str("example"),
            '\\' => text.extend(characters.next()),
            c => text.push(c),
        }
    }
    text
}

/// A number that a condition takes, whole where that does.
fn number_for(condition: &[Value]) -> Option<Value> {
    let bound = |at: usize| condition.get(at).and_then(Value::as_f64);
    let low = bound(1)?;
    let number = match (condition.first()?.as_str()?, bound(3)) {
        (_, Some(high)) if low + 1.0 < high => low + 1.0,
        (_, Some(high)) => f64::midpoint(low, high),
        (">", None) => low + 1.0,
        ("<", None) => low - 1.0,
        _ => return condition.get(1).cloned(),
    };
    #[expect(clippy::cast_possible_truncation, reason = "only where it is whole and small")]
    let whole = (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64);
    Some(whole.map_or_else(|| json!(number), |whole| json!(whole)))
}

/// Puts a value where a path of a template looks and finds none.
fn fill_path(event: &mut Value, path: &str, account: &AccountId, region: &Region) {
    let Some(path) = path.strip_prefix("$.") else { return };
    let mut at = event;
    let mut last = "";
    for step in path.split('.') {
        let (name, brackets) = step.split_at(step.find('[').unwrap_or(step.len()));
        last = name;
        if !matches!(at, Value::Object(_) | Value::Null) {
            return;
        }
        at = object(at).entry(name).or_insert(Value::Null);
        for bracket in brackets.split_inclusive(']') {
            let index = bracket.trim_matches(['[', ']']).parse::<usize>().unwrap_or(0);
            if at.is_null() {
                *at = json!([]);
            }
            let Value::Array(list) = at else { return };
            // A sample needs no more than a few elements.
            if index >= 10 {
                return;
            }
            while list.len() <= index {
                list.push(Value::Null);
            }
            at = &mut list[index];
        }
    }
    if at.is_null() {
        *at = example(last, account, region);
    }
}

/// A value as a field of that name might have it.
fn example(name: &str, account: &AccountId, region: &Region) -> Value {
    let lower = name.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    if has("time") || has("date") || name.ends_with("At") {
        json!(SAMPLE_TIME)
    } else if has("account") {
        json!(account.as_str())
    } else if has("region") {
        json!(region.as_str())
    } else if has("ipaddress") || lower.ends_with("ip") {
        json!("192.0.2.1")
    } else if has("severity") {
        json!(5)
    } else {
        json!(format!("({name})"))
    }
}
