//! `plan --out FILE`, then `setup FILE`.

use crate::home::{Home, MINIMAL, SECURITY};
use serde_json::{Value, json};

#[test]
fn a_saved_plan_is_what_is_run() {
    let home = Home::with(SECURITY);
    home.local(&["plan", "--out", "plan.json"]).ends(0).says("8 to create.");
    assert!(!home.has(".notify"));
    // The file may have changed since: the plan decides.
    home.edit("threshold = 1", "threshold = 9");
    home.local(&["setup", "plan.json", "--yes"]).ends(0).says("8 of 8 changes done.");
    let ran = home.local(&["plan", "--json"]).ends(0);
    assert_eq!(ran.json()["changes"][0]["fields"][0]["old"], 1.0);
}

#[test]
fn a_saved_plan_asks_like_any_other() {
    let home = Home::with(SECURITY);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    home.local(&["setup", "plan.json"]).ends(1).complains("nothing was changed");
    assert!(!home.has(".notify"));
}

#[test]
fn a_saved_plan_is_refused_when_the_world_has_moved() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    home.edit("threshold = 1", "threshold = 5");
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    home.edit("threshold = 5", "threshold = 3");
    home.local(&["setup", "--yes"]).ends(0);
    let account = home.read(".notify/local.json");
    let ran = home.local(&["setup", "plan.json", "--yes"]).ends(1);
    let ran = ran.complains("the world has moved").complains("nothing was changed");
    ran.complains("waf-SQLi-QueryString").complains("threshold").complains("plan again");
    assert_eq!(home.read(".notify/local.json"), account);
}

#[test]
fn a_plan_that_was_run_is_not_run_again() {
    let home = Home::with(MINIMAL);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    home.local(&["setup", "plan.json", "--yes"]).ends(0);
    let ran = home.local(&["setup", "plan.json", "--yes"]).ends(1);
    ran.complains("topic alerts in us-east-1: it exists now");
}

#[test]
fn an_empty_plan_does_nothing() {
    let home = Home::with(MINIMAL);
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    home.local(&["setup", "plan.json"]).ends(0).says("Nothing to change");
}

#[test]
fn a_plan_lies_beside_no_file_but_its_account_does() {
    let home = Home::empty();
    home.write("stacks/one.toml", MINIMAL);
    home.local(&["plan", "--config", "stacks/one.toml", "--out", "plan.json"]).ends(0);
    home.local(&["setup", "plan.json", "--yes", "--config", "stacks/one.toml"]).ends(0);
    assert!(home.has("stacks/.notify/local.json") && !home.has(".notify"));
}

#[test]
fn a_plan_for_another_account_is_refused() {
    let home = Home::with(MINIMAL);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    let mut plan: Value = serde_json::from_str(&home.read("plan.json")).expect("JSON");
    assert_eq!(plan["identity"]["account"], "123456789012");
    plan["identity"]["account"] = json!("210987654321");
    home.write("plan.json", plan.to_string());
    let ran = home.local(&["setup", "plan.json", "--yes"]).ends(1);
    ran.complains("the plan is for account 210987654321").complains("123456789012");
    assert!(!home.has(".notify"));
}

#[test]
fn what_is_no_plan_of_this_version_is_refused() {
    let home = Home::with(MINIMAL);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    let good = home.read("plan.json");
    let mut newer: Value = serde_json::from_str(&good).expect("JSON");
    newer["version"] = json!(2);
    for (text, says) in [
        (newer.to_string(), "plan.json was saved by another version of notify-cli"),
        (good[..good.len() / 2].to_owned(), "plan.json is not a saved plan"),
        ("garbage".to_owned(), "plan.json is not a saved plan"),
        (String::new(), "plan.json is not a saved plan"),
        ("{}".to_owned(), "plan.json is not a saved plan"),
        ("{\"version\": 1}".to_owned(), "plan.json is not a saved plan"),
        ("[".repeat(100_000), "plan.json is not a saved plan"),
        (MINIMAL.to_owned(), "a spec file is named with --config"),
    ] {
        home.write("plan.json", &text);
        let ran = home.local(&["setup", "plan.json", "--yes"]).ends(1).complains(says);
        assert_eq!(ran.out, "", "{text:.40}");
    }
    home.local(&["setup", "gone.json", "--yes"]).ends(1).complains("gone.json is not a saved plan");
    home.local(&["setup", "notify.toml", "--yes"]).ends(1).complains("--config");
    assert!(!home.has(".notify"));
}

#[test]
fn a_plan_is_saved_whole_or_not_at_all() {
    let home = Home::with(MINIMAL);
    let ran = home.local(&["plan", "--out", "no/such/plan.json"]).ends(1);
    ran.complains("no/such/plan.json cannot be written");
    home.local(&["plan", "--out", "notify.toml"]).ends(1).complains("was not overwritten");
    assert_eq!(home.read("notify.toml"), MINIMAL);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    let saved: Value = serde_json::from_str(&home.read("plan.json")).expect("JSON");
    assert_eq!(saved["version"], 1);
    let here = std::fs::read_dir(home.path(".")).expect("the folder").count();
    assert_eq!(here, 3, ".git, notify.toml, plan.json and no half of one");
}

#[test]
fn a_saved_plan_takes_no_permissions() {
    let home = Home::with(MINIMAL);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    for extra in
        [["--region", "us-east-1"], ["--adopt", "rule/x"], ["--resubscribe", "a@b.example"]]
    {
        let ran = home.local(&["setup", "plan.json", "--yes", extra[0], extra[1]]).ends(1);
        ran.complains("a saved plan is run as it is");
    }
    assert!(!home.has(".notify"));
}

#[test]
fn a_plan_that_does_not_do_what_it_says_is_refused() {
    let home = Home::with(MINIMAL);
    home.local(&["plan", "--out", "plan.json"]).ends(0);
    let mut plan: Value = serde_json::from_str(&home.read("plan.json")).expect("JSON");
    let steps = plan.pointer_mut("/stages/0/changes/0/steps").expect("steps");
    let topic = "us-east-1/topic/theirs";
    *steps = serde_json::json!([{"delete_topic": {"topic": topic}}]);
    home.write("plan.json", plan.to_string());
    home.local(&["setup", "plan.json", "--yes"]).ends(1).complains("is not what it says");
    assert!(!home.has(".notify"));
}
