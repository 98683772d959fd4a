//! `status`: the path to a person, from red over green to delivering.

use crate::home::{Home, SECURITY};
use serde_json::{Value, json};

const EVENT: &str = include_str!("../../../../examples/events/restricted-ssh.json");

/// The verdict of the rule, and of the first alarm.
fn verdicts(document: &Value) -> Vec<String> {
    let links = document["links"].as_array().expect("links");
    let verdicts = links.iter().filter(|link| link["link"] == "verdict");
    let said = |link: &Value| format!("{} {}", link["state"], link["found"]).replace('"', "");
    let mut said: Vec<String> = verdicts.map(said).collect();
    said.dedup();
    said
}

#[test]
fn a_path_turns_from_red_to_green_and_then_delivers() {
    let home = Home::with(SECURITY);
    home.write("event.json", EVENT);
    let see = |code| verdicts(&home.local(&["status", "--json"]).ends(code).quietly().json());
    assert_eq!(see(2), ["broken broken here"]);
    home.local(&["setup", "--yes"]).ends(0);
    assert_eq!(see(2), ["pending waiting for a person"]);
    let ran = home.local(&["status"]).ends(2);
    ran.says("notify-cli confirm ops@example.com --provider local\n");
    home.local(&["confirm", "ops@example.com"]).ends(0);
    let unknown = "unknown armed, as far as can be known";
    assert_eq!(see(0), [unknown]);
    home.local(&["emit", "event.json"]).ends(0);
    assert_eq!(see(0), ["ok delivering", unknown]);
    let ran = home.local(&["status"]).ends(0).says("  ✓ config-noncompliant: delivering\n");
    ran.says("5 notifications: 1 delivering; 4 armed, as far as can be known.\n");
}

#[test]
fn many_alarms_in_order_take_one_line() {
    let rules: Vec<String> = (0..300).map(|number| format!("\"r{number}\"")).collect();
    let text = format!(
        "stack = \"s\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"t\"\n[[subscriptions]]\n\
         protocol = \"email\"\nendpoint = \"ops@example.com\"\n[[alarms]]\nname = \"waf\"\n\
         preset = \"waf-blocked\"\nweb_acl = \"base\"\nrules = [{}]\n",
        rules.join(", ")
    );
    let home = Home::with(&text);
    let rule = |number: usize| {
        json!({"Name": format!("r{number}"), "Priority": number, "Action": {"Block": {}},
            "VisibilityConfig": {"CloudWatchMetricsEnabled": true, "MetricName": format!("r{number}")}})
    };
    let acl = json!({"WebACL": {"Name": "base", "Rules": (0..300).map(rule).collect::<Vec<_>>(),
        "VisibilityConfig": {"MetricName": "base"}}});
    home.write(".notify/web-acls/base.json", acl.to_string());
    home.local(&["setup", "--yes"]).ends(0);
    let pending = home.local(&["status"]).ends(2).says("  … 300 alarms: waiting for a person\n");
    assert!(pending.out.lines().count() < 40, "{}", pending.out);
    home.local(&["confirm", "ops@example.com"]).ends(0);
    let ran = home.local(&["status"]).ends(0);
    assert_eq!(
        ran.out,
        "Stack s, account 123456789012 (local)\n\neu-west-1\n  · 300 alarms: armed, quiet\n\n\
         300 notifications: 300 armed, quiet.\nEverything is as the file says.\n"
    );
}

#[test]
fn watching_ends_when_all_is_well() {
    let home = Home::with(SECURITY);
    home.local(&["setup", "--yes"]).ends(0);
    let mut watching = home.command(&["status", "--watch", "5", "--provider", "local"]);
    let watching = watching.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(2));
    // The account is not held while nobody looks.
    home.local(&["confirm", "ops@example.com"]).ends(0).quietly();
    let ended = watching.wait_with_output().expect("it ends by itself");
    assert_eq!(ended.status.code(), Some(0));
    let out = String::from_utf8(ended.stdout).expect("UTF-8");
    assert_eq!(out.matches("Stack security").count(), 2, "{out}");
    let (first, last) =
        out.split_once("Everything exists; something waits for a person.\n").expect("both");
    assert!(first.contains("not confirmed yet") && !last.contains("not confirmed yet"), "{out}");
    home.local(&["status", "--watch", "--json"]).ends(0).json();
    home.local(&["status", "--watch", "4"]).ends(1).complains("4 is not in 5..=86400");
}

#[test]
fn a_key_that_shuts_a_publisher_out_stops_a_setup() {
    let home = Home::with(&SECURITY.replace("[topic]\n", "[topic]\nkms_key = \"alias/notify\"\n"));
    let ran = home.local(&["plan"]).ends(0);
    ran.says("whether the key lets mail through is not known");
    let statement = json!({"Sid": "use", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*"});
    let account = |statement: &Value| {
        json!({"counter": 0, "regions": {"ap-northeast-1": {"topics": {}, "rules": {}, "alarms": {},
            "keys": {"1234": {"aliases": ["alias/notify"], "enabled": true,
                "policy": {"Version": "2012-10-17", "Statement": [statement]}}}}}})
        .to_string()
    };
    home.write(".notify/local.json", account(&statement));
    let ran = home.local(&["setup", "--yes"]).ends(1).complains("nothing was changed");
    ran.says("not let cloudwatch.amazonaws.com use it").says("aws kms put-key-policy");
    let mut both = statement;
    both["Principal"]["Service"] = json!(["events.amazonaws.com", "cloudwatch.amazonaws.com"]);
    home.write(".notify/local.json", account(&both));
    home.local(&["setup", "--yes"]).ends(0).never_says("whether the key");
    let ran = home.local(&["status"]).ends(2);
    ran.says("✓ key          lets events.amazonaws.com in\n");
}
