//! A stack from nothing to nothing, on the local provider.

use crate::home::{Home, MINIMAL, SECURITY};
use serde_json::{Value, json};

#[test]
fn setup_makes_it_so_and_then_has_nothing_to_do() {
    let home = Home::with(SECURITY);
    home.local(&["plan", "--detailed-exitcode"]).ends(2).says("8 to create.");
    assert!(!home.has(".notify"), "a plan writes nothing");
    home.local(&["status"]).ends(2).says("Nothing exists yet.");
    assert!(!home.has(".notify"), "a status writes nothing");

    let ran = home.local(&["setup", "--yes"]).ends(0).quietly().says("8 of 8 changes done.");
    ran.says("Now 1 address must confirm: ops@example.com");
    let account = home.written(".notify/local.json");

    home.local(&["setup", "--yes"]).ends(0).says("Nothing to change; 8 as the file says.");
    home.local(&["apply", "--auto-approve"]).ends(0).says("Nothing to change");
    assert_eq!(home.written(".notify/local.json"), account, "a run without changes writes nothing");
    home.local(&["plan", "--detailed-exitcode"]).ends(0);
    home.local(&["plan", "--exit-code"]).ends(0);
}

#[test]
fn an_edit_changes_its_field_and_no_other() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    home.edit("threshold = 1", "threshold = 5");
    let ran = home.local(&["plan", "--detailed-exitcode", "--json"]).ends(2);
    let changes = ran.json()["changes"].as_array().cloned().expect("changes");
    assert_eq!(changes.len(), 4);
    for change in &changes {
        assert_eq!(change["action"], "update");
        assert_eq!(change["kind"], "alarm");
        assert_eq!(change["fields"], json!([{"path": "threshold", "old": 1.0, "new": 5.0}]));
    }
    let ran = home.local(&["plan"]).ends(0).says("threshold: 1.0 → 5.0").says("4 to change");
    assert_eq!(ran.out.matches('→').count(), 4, "nothing else is shown");
    home.local(&["setup", "--yes"]).ends(0).says("4 of 4 changes done.");
    home.local(&["plan", "--detailed-exitcode"]).ends(0);
}

#[test]
fn long_text_and_json_are_shown_as_a_diff_of_lines() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    home.edit("    \"restricted-ssh\",\n", "");
    let ran = home.local(&["plan"]).ends(0).says("pattern:\n");
    let changed: Vec<&str> = ran.out.lines().map(str::trim_start).collect();
    let removed: Vec<&&str> = changed.iter().filter(|line| line.starts_with("- ")).collect();
    assert_eq!(removed, [&"-       \"restricted-ssh\","]);
    assert!(!changed.iter().any(|line| line.starts_with("+ ")), "{}", ran.out);
}

#[test]
fn what_the_file_drops_is_deleted_and_a_subscription_is_not() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    home.edit("    { rule = \"SQLi-QueryString\", metric = \"CountedRequests\" },\n", "");
    home.edit("[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"ops@example.com\"\n", "");
    let ran = home.local(&["plan"]).ends(0).says("1 to delete").says("waf-SQLi-QueryString");
    ran.says("Not in the file, left alone").says("ops@example.com");
    home.local(&["setup", "--yes"]).ends(0);
    assert!(home.read(".notify/local.json").contains("ops@example.com"));
}

#[test]
fn many_deletions_are_refused_unless_allowed() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    let account = home.read(".notify/local.json");
    let text = home.read("notify.toml");
    let at = text.find("# One alarm for each rule").expect("the alarms");
    home.write("notify.toml", &text[..at]);
    home.local(&["plan"]).ends(0).says("Refused").says("--allow-deletes");
    let ran = home.local(&["setup", "--yes"]).ends(1).complains("nothing was changed");
    ran.complains("--allow-deletes");
    assert_eq!(home.read(".notify/local.json"), account);
    home.local(&["setup", "--yes", "--allow-deletes"]).ends(0).says("4 of 4 changes done.");
    home.local(&["plan", "--detailed-exitcode"]).ends(0);
}

#[test]
fn status_ends_with_2_until_everything_is_well() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    let ran = home.local(&["status"]).ends(2).says("ops@example.com has not confirmed");
    ran.says("Everything exists; something waits for a person.").says("not confirmed yet");

    let pending = home.read(".notify/local.json");
    assert_eq!(pending.matches("\"pending\"").count(), 1);
    // By a click on the link in the mail: another one would end it.
    home.write(".notify/local.json", pending.replace("\"pending\"", "\"confirmed\""));
    let ran = home.local(&["status"]).ends(0).says("Everything is as the file says.");
    let ran = ran.says("confirmed").never_says("not confirmed").says("one click ends it");
    ran.says("aws sns unsubscribe --subscription-arn arn:aws:sns:ap-northeast-1:123456789012:config-info:");
    assert_eq!(home.local(&["status", "--json"]).ends(0).json()["ok"], true);

    home.write(".notify/local.json", pending.replace("\"AWS Config\"", "\"Somebody else\""));
    home.local(&["status"]).ends(2).says("Not as the file says: 1 to change.");
    home.local(&["setup", "--yes"]).ends(0).says("\"Somebody else\" → \"AWS Config\"");

    home.write(".notify/local.json", pending.replace("\"pending\"", "\"deleted\""));
    home.local(&["status"]).ends(2).says("left");
    home.local(&["setup", "--yes"]).ends(0).says("--resubscribe");
    assert!(home.read(".notify/local.json").contains("\"deleted\""), "nobody is asked twice");
    home.local(&["setup", "--yes", "--resubscribe", "ops@example.com"]).ends(0);
    assert!(home.read(".notify/local.json").contains("\"pending\""));
}

#[test]
fn prune_subscriptions_ends_those_that_the_file_does_not_name() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    let confirmed = home.read(".notify/local.json").replace("\"pending\"", "\"confirmed\"");
    home.write(".notify/local.json", confirmed);
    home.edit("endpoint = \"ops@example.com\"", "endpoint = \"new@example.com\"");
    home.local(&["setup", "--yes"]).ends(0).says("new@example.com");
    assert!(home.read(".notify/local.json").contains("ops@example.com"));
    let ran = home.local(&["setup", "--yes", "--prune-subscriptions"]).ends(0);
    ran.says("- delete  subscription  email ops@example.com");
    assert!(!home.read(".notify/local.json").contains("ops@example.com"));
}

#[test]
fn destroy_leaves_nothing() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    let ran = home.local(&["destroy"]).ends(1).complains("nothing was changed");
    assert_ne!(home.account()["regions"], json!({}), "{}", ran.err);
    home.local(&["destroy", "--yes"]).ends(0).says("7 of 7 changes done.");
    assert_eq!(home.account()["regions"], json!({}));
    home.local(&["destroy", "--yes"]).ends(0).says("Nothing to change");
    home.local(&["status"]).ends(2).says("Nothing exists yet.");
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_done() {
    let home = Home::with(SECURITY);
    let ran = home.local(&["setup"]).ends(1).complains("nothing was changed").complains("--yes");
    ran.says("8 to create.");
    assert!(!home.has(".notify"), "nothing is written");
}

#[test]
fn an_account_that_cannot_be_read_is_named_and_kept() {
    for corrupt in ["{\"regions\": 3", "", "[]", "{\"regions\": {\"us-east-1\": {\"topics\": 1}}}"]
    {
        let home = Home::with(SECURITY);
        home.write(".notify/local.json", corrupt);
        for command in ["plan", "setup", "status", "destroy"] {
            let yes: &[&str] =
                if matches!(command, "setup" | "destroy") { &["--yes"] } else { &[] };
            let ran = home.local(&[&[command], yes].concat()).ends(1);
            let ran = ran.complains(".notify/local.json cannot be read").complains("repair it");
            assert_eq!(ran.out, "", "{command}");
        }
        assert_eq!(home.read(".notify/local.json"), corrupt);
    }
}

#[test]
fn a_region_can_be_worked_on_alone() {
    let regions = "regions = [\"ap-northeast-1\", \"eu-west-1\"]";
    let home = Home::with(&SECURITY.replace("regions = [\"ap-northeast-1\"]", regions));
    home.local(&["setup", "--yes", "--region", "eu-west-1"]).ends(0);
    let here = |home: &Home| -> Vec<String> {
        let regions = home.account()["regions"].as_object().cloned().expect("regions");
        regions.keys().cloned().collect()
    };
    assert_eq!(here(&home), ["eu-west-1"]);
    home.local(&["plan", "--region", "us-west-2"]).ends(1).complains("does not name the region");
    home.local(&["setup", "--yes"]).ends(0).says("ap-northeast-1");
    assert_eq!(here(&home), ["ap-northeast-1", "eu-west-1"]);

    home.edit(regions, "regions = [\"ap-northeast-1\"]");
    home.local(&["plan"]).ends(0).says("eu-west-1").says("to delete");
    home.local(&["destroy", "--yes", "--region", "eu-west-1"]).ends(0);
    assert_eq!(here(&home), ["ap-northeast-1"]);
    home.local(&["destroy", "--yes"]).ends(0);
    assert_eq!(home.account()["regions"], json!({}));
}

#[test]
fn without_a_region_the_local_provider_takes_us_east_1() {
    let home = Home::with(MINIMAL);
    home.local(&["setup", "--yes"]).ends(0).says("us-east-1");
    assert_eq!(home.account()["regions"].as_object().map(serde_json::Map::len), Some(1));
    let home = Home::with(MINIMAL);
    home.local(&["setup", "--yes", "--region", "eu-west-1"]).ends(0);
    assert!(home.account()["regions"]["eu-west-1"].is_object());
}

#[test]
fn what_is_made_carries_the_owners_mark() {
    let home = Home::with(MINIMAL);
    home.local(&["setup", "--yes"]).ends(0);
    let tags: Value = home.account()["regions"]["us-east-1"]["topics"]["alerts"]["tags"].clone();
    assert_eq!(tags["notify:stack"], "small");
    assert_eq!(tags["notify:managed-by"], "notify-cli");
}
