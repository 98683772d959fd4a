//! Event patterns: 1,500 cases checked against the engine, and laws that hold for all patterns.

use notify_pattern::{Pattern, PatternSet};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
pub(crate) struct Case {
    id: u32,
    pub(crate) pattern: String,
    pub(crate) event: String,
    pub(crate) expected: serde_json::Value,
    error: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

pub(crate) fn cases() -> Vec<Case> {
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
    let expected = case.expected.to_string();
    (found != expected).then_some(found)
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

/// Checks one pattern against events that match and events that do not.
#[track_caller]
fn check(pattern: &str, good: &[&str], bad: &[&str]) {
    let parsed = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    for (events, wanted) in [(good, true), (bad, false)] {
        for event in events {
            let found = parsed.matches(event.as_bytes());
            assert_eq!(found, Ok(wanted), "{pattern} on {event}");
        }
    }
}

/// Checks `{"x": LIST}` against values of `x`.
#[track_caller]
fn check_values(list: &str, good: &[&str], bad: &[&str]) {
    let events = |values: &[&str]| -> Vec<String> {
        values.iter().map(|value| format!(r#"{{"x": {value}}}"#)).collect()
    };
    let (good, bad) = (events(good), events(bad));
    let good: Vec<&str> = good.iter().map(String::as_str).collect();
    let bad: Vec<&str> = bad.iter().map(String::as_str).collect();
    check(&format!(r#"{{"x": {list}}}"#), &good, &bad);
}

#[test]
fn values() {
    check_values(
        r#"["a"]"#,
        &[r#""a""#, r#""\u0061""#, r#"["b", "a"]"#],
        &[r#""A""#, r#""aa""#, "null", r#"["b"]"#, "{}", "[]"],
    );
    check_values(r#"["é"]"#, &[r#""é""#, r#""\u00e9""#], &[r#""e\u0301""#]);
    check_values(r#"["\ud800"]"#, &[r#""\ud800""#], &[r#""\ud801""#, r#""?""#, r#""\ufffd""#]);
    check_values("[null]", &["null", "[1, null]"], &[r#""""#, r#""null""#, "[]", "false"]);
    check_values("[true]", &["true"], &["false", r#""true""#, "1"]);
    check_values("[false]", &["false"], &["true", "null", "0"]);
    check_values(r#"[""]"#, &[r#""""#], &["null", r#"" ""#]);
    check_values(r#"["a", 1, null]"#, &[r#""a""#, "1.0", "null"], &[r#""1""#, "2", "true"]);
    check(r#"{"x": ["a"]}"#, &[], &["{}", r#"{"y": "a"}"#, r#"{"X": "a"}"#]);
}

#[test]
fn numbers() {
    check_values("[300]", &["300", "300.0", "3.0e2", "30000E-2"], &["301", r#""300""#, "-300"]);
    check_values("[0]", &["0", "-0.0", "0e5"], &["1e-300"]);
    check_values(
        "[9007199254740993]",
        &["9007199254740993"],
        &["9007199254740992", "9007199254740993.0"],
    );
    check_values("[1e400]", &["1e400"], &["1E400", "1e401", "1"]);
    check_values(r#"[{"numeric": ["=", 5]}]"#, &["5", "5.0", "0.5e1"], &["4", "6", r#""5""#]);
    check_values(r#"[{"numeric": ["<", 5]}]"#, &["4.999", "-1e300"], &["5", "5.1", "null"]);
    check_values(r#"[{"numeric": ["<=", 5]}]"#, &["5", "-5"], &["5.0000001"]);
    check_values(r#"[{"numeric": [">", 5]}]"#, &["5.1", "1e300"], &["5", "4"]);
    check_values(r#"[{"numeric": [">=", 5]}]"#, &["5", "6"], &["4.9"]);
    check_values(
        r#"[{"numeric": [">", 0, "<=", 5]}]"#,
        &["0.1", "5", "[9, 5]"],
        &["0", "5.1", "-0", "9007199254740993"],
    );
    check_values(r#"[{"numeric": [">=", 0, "<", 5]}]"#, &["0", "-0.0", "4.9"], &["5", "-1"]);
    check_values(r#"[{"numeric": [">", 5000000000.12345]}]"#, &["6e9"], &["5000000000"]);
}

#[test]
fn operators_on_text() {
    check_values(r#"[{"exactly": "10.0.0.1"}]"#, &[r#""10.0.0.1""#], &[r#""10.0.0.01""#, "1"]);
    check_values(
        r#"[{"prefix": "ab"}]"#,
        &[r#""ab""#, r#""abc""#],
        &[r#""a""#, r#""Ab""#, "1", "null"],
    );
    check_values(r#"[{"prefix": ""}]"#, &[r#""""#, r#""x""#], &["1", "null", "true"]);
    check_values(
        r#"[{"prefix": {"equals-ignore-case": "aB"}}]"#,
        &[r#""Ab""#, r#""abC""#],
        &[r#""cab""#],
    );
    check_values(r#"[{"suffix": "ab"}]"#, &[r#""ab""#, r#""cab""#], &[r#""abc""#, r#""aB""#, "1"]);
    check_values(r#"[{"suffix": ""}]"#, &[r#""""#, r#""x""#], &["1", "null"]);
    check_values(
        r#"[{"suffix": {"equals-ignore-case": "aB"}}]"#,
        &[r#""xAb""#],
        &[r#""abx""#, "1"],
    );
    check_values(
        r#"[{"equals-ignore-case": "aB"}]"#,
        &[r#""Ab""#],
        &[r#""abc""#, r#""a""#, "null"],
    );
    check_values(r#"[{"equals-ignore-case": "ß"}]"#, &[r#""SS""#, r#""ß""#], &[r#""ss""#]);
    check_values(
        r#"[{"wildcard": "a*b"}]"#,
        &[r#""ab""#, r#""a/b""#],
        &[r#""a""#, r#""abc""#, "1"],
    );
    check_values(r#"[{"wildcard": "a\\*b"}]"#, &[r#""a*b""#], &[r#""axb""#]);
}

#[test]
fn addresses() {
    check_values(r#"["::1"]"#, &[r#""0:0:0:0:0:0:0:1""#, r#""::1""#], &[r#""::2""#, "1"]);
    check_values(
        r#"["10.0.0.1"]"#,
        &[r#""10.0.0.1""#, r#""010.0.0.01""#, r#""::ffff:a00:1""#],
        &[r#""10.0.0.2""#],
    );
    check_values(r#"["10.0.0.256"]"#, &[r#""10.0.0.256""#], &[r#""10.0.0.0256""#]);
    check_values(r#"[{"cidr": "10.1.2.3/8"}]"#, &[r#""10.255.0.0""#], &[r#""11.0.0.0""#, r#""x""#]);
    check_values(r#"[{"cidr": "2001:db8::/32"}]"#, &[r#""2001:db8::5""#], &[r#""2001:db9::""#]);
    check_values(r#"[{"anything-but": "::1"}]"#, &[r#""0:0:0:0:0:0:0:1""#], &[r#""::1""#]);
}

#[test]
fn anything_but() {
    check_values(
        r#"[{"anything-but": "a"}]"#,
        &[r#""b""#, "null", "true", "1", r#"["a", "b"]"#],
        &[r#""a""#, "[]", "{}"],
    );
    check_values(r#"[{"anything-but": ["a", "b"]}]"#, &[r#""c""#], &[r#""a""#, r#"["b", "a"]"#]);
    check_values(
        r#"[{"anything-but": 5}]"#,
        &["6", r#""5""#, "null", "9007199254740993"],
        &["5", "5.0"],
    );
    check_values(r#"[{"anything-but": [5, 6]}]"#, &["7"], &["5", "6e0"]);
    check_values(
        r#"[{"anything-but": {"prefix": "a"}}]"#,
        &[r#""ba""#, "1"],
        &[r#""ab""#, r#""a""#],
    );
    check_values(
        r#"[{"anything-but": {"prefix": ["a", "b"]}}]"#,
        &[r#""c""#],
        &[r#""ab""#, r#""bc""#],
    );
    check_values(r#"[{"anything-but": {"suffix": "a"}}]"#, &[r#""ab""#, "null"], &[r#""ba""#]);
    check_values(
        r#"[{"anything-but": {"suffix": ["a", "b"]}}]"#,
        &[r#""abc""#],
        &[r#""ba""#, r#""ab""#],
    );
    check_values(
        r#"[{"anything-but": {"equals-ignore-case": "a"}}]"#,
        &[r#""ab""#, "1"],
        &[r#""A""#, r#""a""#],
    );
    check_values(
        r#"[{"anything-but": {"equals-ignore-case": ["a", "b"]}}]"#,
        &[r#""c""#],
        &[r#""A""#, r#""B""#],
    );
    check_values(
        r#"[{"anything-but": {"wildcard": "a*"}}]"#,
        &[r#""ba""#, "true"],
        &[r#""a""#, r#""ab""#],
    );
    check_values(
        r#"[{"anything-but": {"wildcard": ["a*", "*b"]}}]"#,
        &[r#""c""#],
        &[r#""ax""#, r#""xb""#],
    );
    check(r#"{"x": [{"anything-but": "a"}]}"#, &[], &["{}"]);
}

#[test]
fn exists() {
    check_values(
        r#"[{"exists": true}]"#,
        &["null", r#""""#, "0", "[[1]]"],
        &["[]", "{}", "[{}]", r#"{"y": 1}"#, "[[]]"],
    );
    check_values(
        r#"[{"exists": false}]"#,
        &["[]", "{}", "[{}]", r#"{"y": 1}"#],
        &["null", "1", "[1]"],
    );
    check_values(r#"["a", {"exists": false}]"#, &[r#""a""#, "[]"], &[r#""b""#, "null"]);
    check(r#"{"x": [{"exists": false}]}"#, &["{}", r#"{"y": 1}"#], &[r#"{"x": 1}"#]);
    check(
        r#"{"x": [{"exists": false}, "a"], "y": [1]}"#,
        &[r#"{"y": 1}"#, r#"{"x": "a", "y": 1}"#],
        &["{}", r#"{"x": "b", "y": 1}"#],
    );
}

#[test]
fn paths_and_keys() {
    let paths = [r#"{"a": {"b": [1]}}"#, r#"{"a.b": [1]}"#];
    let events = [
        r#"{"a": {"b": 1}}"#,
        r#"{"a.b": 1}"#,
        r#"{"a": [{"b": [[1]]}]}"#,
        r#"{"\u0061": {"b": 1}} text"#,
    ];
    for path in paths {
        check(
            path,
            &events,
            &[r#"{"a": 1, "b": 1}"#, r#"{"a": {"b": {"c": 1}}}"#, r#"{"b": {"a": 1}}"#],
        );
    }
    check(r#"{"a": [1], "a.b": [2]}"#, &[r#"{"a": [1, {"b": 2}]}"#], &[r#"{"a": 1}"#]);
    check(r#"{"a": [1], "a": [2]}"#, &[r#"{"a": 2}"#, r#"{"a": 1, "a": 2}"#], &[r#"{"a": 1}"#]);
    check(r#"{"a": {"b": [1]}, "a.b": [2]}"#, &[r#"{"a.b": 2}"#], &[r#"{"a.b": 1}"#]);
    check(r#"{"a": ["é"]} and text"#, &[r#"{"a": "é"}"#], &[]);
}

#[test]
fn elements_of_arrays() {
    let rows = r#"{"rows": {"a": [1], "b": [2]}}"#;
    check(
        rows,
        &[
            r#"{"rows": [{"a": 1, "b": 2}]}"#,
            r#"{"rows": [{"a": 0, "b": 2}, {"a": [0, 1], "b": [[2]]}]}"#,
            r#"{"rows": {"a": 1, "b": [{}, 2]}}"#,
            r#"{"rows": [[{"a": 1, "b": 2}]]}"#,
            r#"{"rows": [{"a": 1}], "rows": [{}, {"b": 2}]}"#,
            r#"{"rows": [{"a": 1}], "rows.b": 2}"#,
        ],
        &[
            r#"{"rows": [{"a": 1}, {"b": 2}]}"#,
            r#"{"rows": [[{"a": 1}, {"b": 2}]]}"#,
            r#"{"rows": [[{"a": 1}], [{"b": 2}]]}"#,
            r#"{"rows": [{"a": 1, "b": 3}, {"a": 3, "b": 2}]}"#,
        ],
    );
    // Elements of different arrays are independent, also within one element of an outer one.
    check(
        r#"{"o": {"p": {"a": [1], "b": [2]}, "q": {"c": [3]}, "r": [4]}}"#,
        &[
            r#"{"o": [{"p": [{}, {"a": 1, "b": 2}], "q": [{"c": 3}], "r": 4}]}"#,
            r#"{"o": [{"p": [{"a": 1}]}, {"p": [{"a": 1, "b": 2}], "q": [{}, {}, {"c": 3}], "r": [4]}]}"#,
        ],
        &[
            r#"{"o": [{"p": [{"a": 1}, {"b": 2}], "q": {"c": 3}, "r": 4}]}"#,
            r#"{"o": [{"p": {"a": 1, "b": 2}, "r": 4}, {"q": {"c": 3}}]}"#,
            r#"{"o": [{"p": {"a": 1, "b": 2}, "q": {"c": 3}}, {"r": 4}]}"#,
        ],
    );
    // A value that is itself an element goes with all; one in a list in a list does not.
    check(
        r#"{"a": [1], "a.b": [2]}"#,
        &[r#"{"a": [1, {"b": 2}]}"#, r#"{"a": [[1, {"b": 2}]]}"#],
        &[r#"{"a": [[1], {"b": 2}]}"#, r#"{"a": [[1], [{"b": 2}]]}"#],
    );
    // Between paths of one array others are sorted.
    check(
        r#"{"a": [1], "a!": [3], "a!.x": [4], "a.b": [2]}"#,
        &[r#"{"a": [[1, {"b": 2}]], "a!": [[3, {"x": 4}]]}"#],
        &[
            r#"{"a": [[1], [{"b": 2}]], "a!": [[3, {"x": 4}]]}"#,
            r#"{"a": [[1, {"b": 2}]], "a!": [[3], [{"x": 4}]]}"#,
        ],
    );
}

#[test]
fn absence_sees_what_was_chosen_before() {
    let sorted_before = r#"{"a": {"b": [{"exists": false}], "c": [2]}}"#;
    let sorted_after = r#"{"a": {"c": [2], "d": [{"exists": false}]}}"#;
    check(
        sorted_after,
        &[r#"{"a": [{"d": 1}, {"c": 2}]}"#, r#"{"a": {"c": 2}}"#],
        &[
            r#"{"a": [{"d": 1, "c": 2}]}"#,
            r#"{"a": [{"d": 1}, {"c": 3}]}"#,
            r#"{"a": [{"c": 2}], "a.d": 1}"#,
        ],
    );
    check(sorted_before, &[r#"{"a": [{"c": 2}]}"#], &[r#"{"a": [{"b": 1}, {"c": 2}]}"#]);
    // A choice that leaves more behind it can be the better one.
    check(
        r#"{"a": [1], "a.d": [{"exists": false}]}"#,
        &[r#"{"a": [1, [1], {"d": 5}]}"#],
        &[r#"{"a": [1, {"d": 5}]}"#],
    );
    check(
        r#"{"a": {"c": [2], "d": [7, {"exists": false}], "e": [3]}}"#,
        &[r#"{"a": [{"c": 2, "e": 3}, {"d": 1}]}"#, r#"{"a": [{"c": 2, "d": 7, "e": 3}]}"#],
        &[r#"{"a": [{"c": 2, "d": 1, "e": 3}]}"#, r#"{"a": [{"c": 2, "d": 7}, {"e": 3}]}"#],
    );
}

#[test]
fn either() {
    let either = r#"{"$or": [{"a": [1]}, {"b": {"$or": [{"c": [2]}, {"d": [3]}]}}], "e": [4]}"#;
    check(
        either,
        &[r#"{"a": 1, "e": 4}"#, r#"{"b": {"c": 2}, "e": 4}"#, r#"{"b": {"d": 3}, "e": 4}"#],
        &[r#"{"a": 1}"#, r#"{"e": 4}"#, r#"{"b": {"c": 3}, "e": 4}"#, r#"{"c": 2, "e": 4}"#],
    );
    check(
        r#"{"a": [0], "$or": [{"a": [1]}, {"b": [2]}]}"#,
        &[r#"{"a": 1}"#, r#"{"a": 0, "b": 2}"#],
        &[r#"{"a": 0}"#],
    );
    let rows = r#"{"rows": {"id": [7], "$or": [{"s": [1]}, {"f": [2]}]}}"#;
    check(rows, &[r#"{"rows": [{"id": 7, "f": 2}]}"#], &[r#"{"rows": [{"id": 7}, {"f": 2}]}"#]);
    // What is refused as an `$or` is a field of that name.
    check(r#"{"$or": ["x"]}"#, &[r#"{"$or": "x"}"#], &["{}"]);
    check(r#"{"$or": {"a": [1]}}"#, &[r#"{"$or": {"a": 1}}"#], &[r#"{"a": 1}"#]);
    check(
        r#"{"$or": [{"prefix": "x"}, {"suffix": "y"}]}"#,
        &[r#"{"$or": "xz"}"#, r#"{"$or": "zy"}"#],
        &[r#"{"$or": "z"}"#],
    );
}
