//! What each field of a pattern asked for, and what was there.

use notify_pattern::{Explanation, FieldExplanation, Pattern};

fn explained(pattern: &str, event: &str) -> Explanation {
    Pattern::parse(pattern).unwrap().explain(event.as_bytes()).unwrap()
}

/// Each field in a line: `+` or `-`, its path, what was wanted, what was found.
fn fields(pattern: &str, event: &str) -> Vec<String> {
    let said = explained(pattern, event).fields.into_iter().map(|field| {
        let FieldExplanation { path, matchers, found, matched } = field;
        let sign = if matched { '+' } else { '-' };
        format!("{sign} {path}: {} | {}", matchers.join(" "), found.join(" "))
    });
    said.collect()
}

#[test]
fn each_field_is_judged_alone() {
    let pattern = r#"{"source": ["a", "b"], "detail": {"n": [{"numeric": [">", 2]}],
        "x": [{"exists": false}], "y": [{"exists": false}], "z": [null]}}"#;
    let event = r#"{"source": "c", "detail": {"n": [1, 3, 3], "x": 1, "z": null}}"#;
    assert_eq!(
        fields(pattern, event),
        [
            r#"+ detail.n: {"numeric": [">", 2]} | 1 3"#,
            r#"- detail.x: {"exists": false} | 1"#,
            r#"+ detail.y: {"exists": false} | "#,
            r"+ detail.z: null | null",
            r#"- source: "a" "b" | "c""#,
        ]
    );
    assert!(!explained(pattern, event).matches);
}

#[test]
fn a_field_that_is_missing_has_found_nothing() {
    assert_eq!(fields(r#"{"a": ["x"]}"#, r#"{"b": "x"}"#), [r#"- a: "x" | "#]);
    assert_eq!(fields(r#"{"a": ["x"]}"#, r#"{"a": "x"}"#), [r#"+ a: "x" | "x""#]);
}

#[test]
fn of_several_branches_the_nearest_is_told_of() {
    let pattern = r#"{"$or": [{"a": ["1"], "b": ["1"]}, {"a": ["2"], "b": ["2"]}]}"#;
    assert_eq!(
        fields(pattern, r#"{"a": "2", "b": "3"}"#),
        [r#"+ a: "2" | "2""#, r#"- b: "2" | "3""#]
    );
    let both = fields(pattern, r#"{"a": "1", "b": "1"}"#);
    assert_eq!(both, [r#"+ a: "1" | "1""#, r#"+ b: "1" | "1""#]);
}

#[test]
fn elements_that_disagree_are_told_apart() {
    let pattern = r#"{"l": {"a": [1], "b": [2]}}"#;
    let apart = explained(pattern, r#"{"l": [{"a": 1}, {"b": 2}]}"#);
    assert!(apart.elements_disagree && !apart.matches);
    assert!(apart.fields.iter().all(|field| field.matched));
    let together = explained(pattern, r#"{"l": [{"a": 1, "b": 2}]}"#);
    assert!(!together.elements_disagree && together.matches);
    let neither = explained(pattern, r#"{"l": [{"a": 1}]}"#);
    assert!(!neither.elements_disagree && !neither.matches);
}
