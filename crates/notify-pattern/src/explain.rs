//! Why a pattern matches an event, or does not.

use super::engine::{Compiled, Reading};
use super::error::EventError;
use super::matcher::Value;
use super::scan::shown;

/// What each field of a pattern asked for, and what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the pattern matches.
    pub matches: bool,
    /// The fields in the order of their paths; with `$or`, of the combination that came nearest.
    pub fields: Vec<FieldExplanation>,
    /// Whether each field found a value, but not in the same elements of the event's arrays.
    pub elements_disagree: bool,
}

/// What one field asked for, and what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldExplanation {
    /// Key names joined with dots.
    pub path: String,
    /// What a value could be, as the pattern writes it.
    pub matchers: Vec<String>,
    /// The different values that the event has there, as JSON; empty when the field is missing.
    pub found: Vec<String>,
    /// Whether the field matches, looked at alone.
    pub matched: bool,
}

pub(super) fn explain(
    pattern: &Compiled,
    reading: &Reading<'_>,
) -> Result<Explanation, EventError> {
    let first = reading.first_match(0)?;
    let number = first.unwrap_or_else(|| nearest(pattern, reading));
    let branch = pattern.branches.get(number);
    let fields: Vec<FieldExplanation> = branch
        .iter()
        .filter_map(|at| {
            let field = pattern.fields.get(*at)?;
            let mut found: Vec<String> = Vec::new();
            let mut known = std::collections::HashSet::new();
            for value in reading.values(0, *at).map(json) {
                if known.insert(value.clone()) {
                    found.push(value);
                }
            }
            Some(FieldExplanation {
                path: shown(&field.path),
                matchers: field.matchers.iter().map(|(_, text)| text.clone()).collect(),
                found,
                matched: first.is_some() || field_matches(reading, *at),
            })
        })
        .collect();
    let matches = first.is_some();
    let elements_disagree = !matches && fields.iter().all(|field| field.matched);
    Ok(Explanation { matches, fields, elements_disagree })
}

/// The first branch with the fewest fields that do not match; of very many, among the first.
fn nearest(pattern: &Compiled, reading: &Reading<'_>) -> u64 {
    let missed = |number: &u64| {
        pattern.branches.get(*number).iter().filter(|at| !field_matches(reading, **at)).count()
    };
    (0..pattern.branches.some()).min_by_key(missed).unwrap_or(0)
}

fn field_matches(reading: &Reading<'_>, field: usize) -> bool {
    reading.field(0, field).is_some_and(super::seen::Seen::matches)
}

fn json(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => serde_json::Value::String(shown(text)).to_string(),
        Value::Number(number) => (*number).to_owned(),
        Value::Literal(word) => (*word).to_owned(),
    }
}
