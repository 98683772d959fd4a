//! What belongs to others is not overwritten.

use crate::home::{Home, MINIMAL, Ran};
use serde_json::json;

/// One alarm, for a file of the stack `small`.
const ALARM: &str = "\n[[alarms]]\nname = \"errors\"\nnamespace = \"AWS/Lambda\"\nmetric = \"Errors\"\nthreshold = 1\n";

/// A folder with two files in it that share an account.
fn two_stacks(one: &str, other: &str) -> Home {
    let home = Home::with(one);
    home.write("other.toml", other);
    home.local(&["setup", "--yes", "--config", "other.toml"]).ends(0);
    home
}

#[test]
fn another_stacks_topic_is_in_the_way() {
    let home = two_stacks(MINIMAL, &MINIMAL.replace("small", "theirs"));
    let account = home.read(".notify/local.json");
    let ran = home.local(&["setup", "--yes"]).ends(1).complains("nothing was changed");
    ran.says("In the way").says("topic alerts in us-east-1: it belongs to the stack `theirs`");
    home.local(&["plan"]).ends(1).says("In the way");
    let ran = home.local(&["plan", "--json"]).ends(1);
    let document = ran.json();
    assert_eq!(document["blocked"][0]["kind"], "topic");
    assert_eq!(document["blocked"][0]["name"], "alerts");
    assert!(document["blocked"][0]["help"].is_string());
    assert_eq!(home.read(".notify/local.json"), account);
}

#[test]
fn what_nobody_owns_is_adopted_only_if_asked() {
    let home = two_stacks(MINIMAL, MINIMAL);
    let mut account = home.account();
    let topic = &mut account["regions"]["us-east-1"]["topics"]["alerts"];
    topic["tags"] = json!({"team": "payments"});
    topic["display_name"] = json!("Payments");
    home.write(".notify/local.json", account.to_string());

    let ran = home.local(&["setup", "--yes"]).ends(1).says("--adopt topic/alerts");
    ran.complains("nothing was changed");
    home.local(&["setup", "--yes", "--adopt", "topic/alerts"]).ends(0).says("adopt");
    let topic = home.account()["regions"]["us-east-1"]["topics"]["alerts"].clone();
    assert_eq!(topic["tags"]["team"], "payments");
    assert_eq!(topic["tags"]["notify:adopted"], "true");
    assert_eq!(topic["tags"]["notify:stack"], "small");
    assert_eq!(topic["display_name"], "Payments", "an unnamed attribute stays");

    home.local(&["destroy", "--yes"]).ends(0);
    let topic = home.account()["regions"]["us-east-1"]["topics"]["alerts"].clone();
    assert_eq!(topic["tags"], json!({"team": "payments"}), "what was adopted is kept");
}

#[test]
fn two_stacks_live_side_by_side() {
    let other = MINIMAL.replace("small", "theirs").replace("alerts", "theirs") + ALARM;
    let home = two_stacks(&(MINIMAL.to_owned() + &ALARM.replace("errors", "mine")), &other);
    home.local(&["setup", "--yes"]).ends(0);
    home.local(&["destroy", "--yes"]).ends(0);
    let place = home.account()["regions"]["us-east-1"].clone();
    let keys = |kind: &str| place[kind].as_object().map(|o| o.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys("topics"), Some(vec!["theirs".to_owned()]));
    assert_eq!(keys("alarms"), Some(vec!["errors".to_owned()]));
    home.local(&["plan", "--config", "other.toml", "--detailed-exitcode"]).ends(0);
}

#[test]
fn an_account_without_credentials_is_an_error() {
    let home = Home::with(MINIMAL);
    for command in ["plan", "setup", "status", "destroy"] {
        let mut run = home.command(&[command, "--region", "us-east-1"]);
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            run.env_remove(name);
        }
        let ran = Ran::of(run.output().expect("the program starts")).ends(1);
        assert_eq!(ran.complains("sts:GetCallerIdentity").out, "", "{command}");
    }
    assert!(!home.has(".notify"), "AWS is the account, not a file");
}
