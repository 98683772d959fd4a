//! Event patterns: 1,500 cases checked against the engine, and laws that hold for all patterns.

use notify_core::pattern::{Pattern, PatternSet};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    id: u32,
    pattern: String,
    event: String,
    expected: serde_json::Value,
    error: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

fn cases() -> Vec<Case> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/pattern/pattern.ndjson");
    let text = fs::read_to_string(path).expect("the cases");
    text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

/// What is wrong with the answer to a case.
fn disagreement(case: &Case) -> Option<String> {
    let found = match Pattern::parse(&case.pattern) {
        Ok(pattern) => {
            let event = case.event.as_bytes();
            let alone = pattern.matches(event).map_err(|error| error.to_string());
            let set = PatternSet::new([pattern.clone(), pattern.clone()]).matches(event);
            let explained = pattern.explain(event).map(|explanation| explanation.matches);
            match (alone, set, explained) {
                (Ok(true), Ok(set), Ok(true)) if set == [0, 1] => "true".to_owned(),
                (Ok(false), Ok(set), Ok(false)) if set.is_empty() => "false".to_owned(),
                other => format!("{other:?}"),
            }
        }
        Err(error) => {
            // Texts and places of what is no JSON are the reader's, and not promised.
            let place = error.place();
            let is_syntax = ["Unexpected ", "Unrecognized token "]
                .iter()
                .any(|start| case.error.as_deref().is_some_and(|text| text.starts_with(start)));
            let same = is_syntax && place == case.line.zip(case.column)
                || (Some(error.message()) == case.error.as_deref()
                    && place == case.line.zip(case.column));
            if same {
                "\"invalid\"".to_owned()
            } else {
                format!("invalid: {error} at {place:?}, not {:?} at {:?}", case.error, case.column)
            }
        }
    };
    (found != case.expected.to_string()).then_some(found)
}

#[test]
fn cases_of_the_engine() {
    let cases = cases();
    assert_eq!(cases.len(), 1500);
    let mut said = String::new();
    for case in &cases {
        if let Some(found) = disagreement(case) {
            let Case { id, pattern, event, expected, .. } = case;
            writeln!(said, "{id}: {found}, not {expected}\n  {pattern}\n  {event}").expect("text");
        }
    }
    assert!(said.is_empty(), "{} disagreements:\n{said}", said.lines().count() / 3);
}
