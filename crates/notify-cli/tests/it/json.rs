//! `--json`: one document on standard output, in a shape that programs can rely on.

use crate::home::{Home, MINIMAL, SECURITY};
use serde_json::{Map, Value};

/// The fields of an object, in their order.
fn fields(value: &Value) -> Vec<&str> {
    value.as_object().map(Map::keys).expect("an object").map(String::as_str).collect()
}

/// Checks what every plan says, with more fields behind it.
fn check_plan(document: &Value, more: &[&str]) {
    let expected = [
        "version",
        "stack",
        "account",
        "changes",
        "unchanged",
        "blocked",
        "refusal",
        "held",
        "notes",
        "cost",
    ];
    assert_eq!(fields(document), [&expected, more].concat());
    for change in document["changes"].as_array().expect("changes") {
        assert_eq!(fields(change), ["action", "kind", "place", "name", "reason", "fields"]);
        let actions = ["create", "adopt", "update", "release", "delete"];
        assert!(actions.contains(&change["action"].as_str().expect("an action")), "{change}");
        let kinds = ["topic", "subscription", "rule", "target", "alarm"];
        assert!(kinds.contains(&change["kind"].as_str().expect("a kind")), "{change}");
        assert!(change["place"].is_string() && change["name"].is_string(), "{change}");
        assert!(change["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{change}");
        for field in change["fields"].as_array().expect("fields") {
            let known = fields(field);
            assert!(field["path"].is_string(), "{field}");
            assert!(known.iter().all(|f| ["path", "old", "new"].contains(f)), "{field}");
            assert_ne!(field["old"], field["new"], "{field}");
        }
    }
    let cost = &document["cost"];
    assert!(cost["as_of"].is_string() && cost["monthly_usd"].is_number(), "{cost}");
    for line in cost["lines"].as_array().expect("lines of the cost") {
        assert_eq!(fields(line), ["what", "count", "monthly_usd", "note"]);
    }
}

#[test]
fn plan() {
    let home = Home::with(SECURITY);
    let document = home.local(&["plan", "--json"]).ends(0).quietly().json();
    check_plan(&document, &[]);
    assert_eq!(document["stack"], "security");
    assert_eq!(document["account"], "123456789012");
    assert_eq!(document["changes"].as_array().map(Vec::len), Some(8));
    assert!(
        document["changes"].as_array().expect("changes").iter().all(|c| c["action"] == "create")
    );
}

#[test]
fn setup_and_destroy() {
    let home = Home::with(SECURITY);
    for (arguments, count) in [
        (["setup", "--yes", "--json"], 8),
        (["setup", "--yes", "--json"], 0),
        (["destroy", "--yes", "--json"], 7),
    ] {
        let document = home.local(&arguments).ends(0).quietly().json();
        let more = ["outcomes", "complete", "read_back", "non_compliant"];
        let more = more.get(..if arguments[0] == "setup" { 4 } else { 3 });
        check_plan(&document, more.expect("four"));
        assert_eq!(document["complete"], true);
        let proven = serde_json::json!({"proven": true, "differs": [], "error": null});
        let expected = if count == 0 { Value::Null } else { proven };
        assert_eq!(document["read_back"], expected, "looked for where something was changed");
        let outcomes = document["outcomes"].as_array().expect("outcomes");
        assert_eq!(outcomes.len(), count, "{arguments:?}");
        for outcome in outcomes {
            let known = ["action", "kind", "place", "name", "outcome", "message", "class"];
            assert_eq!(fields(outcome), known);
            let expected = if outcome["kind"] == "subscription" && outcome["action"] == "create" {
                "awaits_confirmation"
            } else {
                "done"
            };
            assert_eq!(outcome["outcome"], expected, "{outcome}");
        }
    }
}

#[test]
fn setup_without_an_answer_prints_no_outcome() {
    let home = Home::with(SECURITY);
    let ran = home.local(&["setup", "--json"]).ends(1).complains("nothing was changed");
    assert_eq!(ran.out, "");
}

#[test]
fn status() {
    let home = Home::with(SECURITY);
    let document = home.local(&["status", "--json"]).ends(2).quietly().json();
    let names = fields(&document);
    assert_eq!(names.get(..2), Some(&["version", "links"][..]));
    let mut plan = document.clone();
    plan.as_object_mut().expect("an object").shift_remove("links");
    check_plan(&plan, &["ok", "exists", "mutes"]);
    assert_eq!(document["ok"], false);
    let link = &document["links"][0];
    let known = ["notification", "endpoint", "link", "state", "cause", "command"];
    assert_eq!(fields(link).get(..6), Some(&known[..]));
    home.local(&["setup", "--yes"]).ends(0);
    let document = home.local(&["status", "--json"]).ends(2).json();
    let exists = document["exists"].as_array().expect("what exists");
    assert_eq!(exists.len(), 8);
    for one in exists {
        assert_eq!(fields(one), ["kind", "place", "name", "state"]);
    }
    let alarm = exists.iter().find(|one| one["kind"] == "alarm").expect("an alarm");
    assert_eq!(alarm["state"], "INSUFFICIENT_DATA");
}

#[test]
fn validate() {
    let home = Home::with(SECURITY);
    let document = home.run(&["validate", "--json"]).ends(0).quietly().json();
    assert_eq!(fields(&document), ["version", "findings"]);
    assert_eq!(document["findings"], Value::Array(Vec::new()));

    home.write("notify.toml", MINIMAL.replace("name", "nmae"));
    let document = home.run(&["validate", "--json"]).ends(1).quietly().json();
    let findings = document["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 2);
    for finding in findings {
        let known = ["level", "file", "line", "column", "pointer", "message", "help"];
        assert_eq!(fields(finding), known);
        assert_eq!(finding["file"], "notify.toml");
        assert_eq!(finding["level"], "error");
    }
    assert_eq!(findings[1]["line"], 4);
    assert_eq!(findings[1]["column"], 1);
    assert_eq!(findings[1]["pointer"], Value::Null);
    assert_eq!(findings[1]["help"], "did you mean `name`?");
}

#[test]
fn validate_of_a_json_file_points() {
    let home = Home::empty();
    home.write("n.json", r#"{"stack": "s", "topic": {"nmae": "t"}}"#);
    let document = home.run(&["validate", "--json", "--config", "n.json"]).ends(1).json();
    assert_eq!(document["findings"][1]["pointer"], "/topic/nmae");
    assert_eq!(document["findings"][1]["line"], Value::Null);
}

#[test]
fn warnings_alone_end_well() {
    let home =
        Home::with(&MINIMAL.replace("\n\n[topic]", "\nregions = [\"mars-north-1\"]\n\n[topic]"));
    let document = home.run(&["validate", "--json"]).ends(0).json();
    assert_eq!(document["findings"][0]["level"], "warning");
    home.run(&["validate", "--json", "--strict"]).ends(1).json();
}

#[test]
fn errors_go_to_standard_error() {
    let home = Home::empty();
    for command in ["plan", "setup", "status", "destroy", "validate"] {
        let ran = home.local(&[command, "--json"]).ends(1).complains("there is no notify.toml");
        assert_eq!(ran.out, "", "{command}");
    }
}
