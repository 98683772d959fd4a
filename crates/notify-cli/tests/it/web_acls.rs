//! `rules = "all"`: the web ACLs that lie beside the file.

use crate::home::{Home, MINIMAL};
use serde_json::json;

const ALL: &str = "\n[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"waf-base-001\"\nrules = \"all\"\n";

fn home() -> Home {
    Home::with(&(MINIMAL.to_owned() + ALL))
}

fn web_acl() -> String {
    let rule = |name: &str, priority: u32, action: serde_json::Value, measured: bool| {
        let mut rule = json!({
            "Name": name,
            "Priority": priority,
            "VisibilityConfig": {"MetricName": name, "CloudWatchMetricsEnabled": measured},
        });
        for (key, value) in action.as_object().expect("an action") {
            rule[key] = value.clone();
        }
        rule
    };
    let rules = [
        rule("sqli", 2, json!({"Action": {"Count": {}}}), true),
        rule("common", 1, json!({"OverrideAction": {"None": {}}}), true),
        rule("ip-set", 3, json!({"Action": {"Block": {}}}), true),
        rule("office", 4, json!({"Action": {"Allow": {}}}), true),
        rule("silent", 5, json!({"Action": {"Block": {}}}), false),
    ];
    json!({"WebACL": {
        "Name": "base",
        "VisibilityConfig": {"MetricName": "waf-base-001"},
        "Rules": rules,
    }})
    .to_string()
}

#[test]
fn a_missing_web_acl_says_which_file_to_put_where() {
    let home = home();
    for arguments in [&["plan"][..], &["setup", "--yes"], &["status"]] {
        let ran = home.local(arguments).ends(1).complains(".notify/web-acls/waf-base-001.json");
        ran.complains("aws wafv2 get-web-acl");
    }
    assert!(!home.has(".notify"));
}

#[test]
fn each_rule_gets_the_metric_of_what_it_does() {
    let home = home();
    home.write(".notify/web-acls/waf-base-001.json", web_acl());
    home.local(&["setup", "--yes"]).ends(0).says("4 of 4 changes done.");
    let account = home.account();
    let alarms = account["regions"]["us-east-1"]["alarms"].as_object().cloned().expect("alarms");
    let metric = |name: &str| {
        let text = alarms.get(name).unwrap_or_else(|| panic!("no alarm {name}")).to_string();
        ["BlockedRequests", "CountedRequests"].into_iter().find(|metric| text.contains(metric))
    };
    assert_eq!(alarms.len(), 3, "neither for what is let through nor for what is not measured");
    assert_eq!(metric("waf-common"), Some("BlockedRequests"));
    assert_eq!(metric("waf-ip-set"), Some("BlockedRequests"));
    assert_eq!(metric("waf-sqli"), Some("CountedRequests"));
    home.local(&["plan", "--detailed-exitcode"]).ends(0);
}

#[test]
fn rules_without_an_alarm_are_named_with_the_reason() {
    let home = home();
    home.write(".notify/web-acls/any-name.json", web_acl());
    let ran = home.local(&["plan", "--json"]).ends(0);
    let notes = ran.json()["notes"].to_string();
    assert!(notes.contains("no alarm for rule office"), "{notes}");
    assert!(notes.contains("no alarm for rule silent"), "{notes}");
    assert!(notes.contains("metrics are switched off"), "{notes}");
}

#[test]
fn the_web_acl_is_found_by_its_name_too() {
    let home = home();
    home.edit("web_acl = \"waf-base-001\"", "web_acl = \"base\"");
    home.write(".notify/web-acls/x.json", web_acl());
    home.local(&["setup", "--yes"]).ends(0);
    let account = home.account().to_string();
    assert!(account.contains("waf-base-001"), "the metric's dimension is the metric name");
    assert!(!account.contains("\"base\""), "{account}");
}

#[test]
fn a_rule_that_is_gone_takes_its_alarm_with_it() {
    let home = home();
    home.write(".notify/web-acls/x.json", web_acl());
    home.local(&["setup", "--yes"]).ends(0);
    home.write(".notify/web-acls/x.json", web_acl().replace("sqli", "xss"));
    let ran = home.local(&["plan"]).ends(0).says("1 to create, 1 to delete");
    ran.says("waf-sqli").says("waf-xss");
}

#[test]
fn a_web_acl_that_cannot_be_read_is_named() {
    for text in ["", "{", "[]", "{\"Name\": \"a\"}"] {
        let home = home();
        home.write(".notify/web-acls/x.json", text);
        let ran = home.local(&["setup", "--yes"]).ends(1);
        ran.complains(".notify/web-acls/x.json cannot be read").complains("get-web-acl");
        assert!(!home.has(".notify/local.json"));
    }
}

#[test]
fn destroy_needs_no_web_acl() {
    let home = home();
    home.write(".notify/web-acls/x.json", web_acl());
    home.local(&["setup", "--yes"]).ends(0);
    std::fs::remove_file(home.path(".notify/web-acls/x.json")).expect("the web ACL was there");
    home.local(&["destroy", "--yes"]).ends(0);
    assert_eq!(home.account()["regions"], json!({}));
}
