//! Digests: out of the server's metrics, through its topic.

use super::account::{OnServer, endpoint};
use super::metrics::{blocked, publish};
use super::program::Program;
use super::read_back::python;
use jiff::{SignedDuration, Timestamp};
use notify_tests::Account;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_blocked_yesterday_is_mailed_through_the_topic() {
    let account = OnServer::fresh().await;
    let midnight = Timestamp::now().as_second().div_euclid(86_400) * 86_400;
    let midnight = Timestamp::from_second(midnight).expect("a time");
    let hours_before = |hours: i64| midnight - SignedDuration::from_hours(hours);
    let data = [
        blocked("common", hours_before(1), 30.0),
        blocked("common", hours_before(24), 5.0),
        blocked("common", hours_before(25), 20.0),
        blocked("common", hours_before(49), 500.0), // two days before
        blocked("ALL", hours_before(1), 42.0),
        blocked("quiet", hours_before(30), 4.0),
    ];
    publish(&account, &data).await;

    let program = Program { account: account.id.clone(), endpoint: endpoint() };
    let queue = python(&account.id, "readers.py", &["make", "readers"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    let text = format!(
        r#"stack = "digest"
regions = ["ap-northeast-1"]
language = "ja"

[topic]
name = "waf"

[[subscriptions]]
protocol = "sqs"
endpoint = "{queue}"

[[alarms]]
name = "waf"
preset = "waf-blocked"
web_acl = "waf-base-001"
rules = ["common", "quiet"]
"#
    );
    std::fs::write(&file, text).expect("a file");
    let missing = program.run(&file, &["digest", "--publish", "--yes"]);
    assert_eq!(missing.status.code(), Some(1));
    let said = String::from_utf8_lossy(&missing.stderr);
    assert!(said.contains("there is no topic waf in ap-northeast-1; nothing was sent"), "{said}");

    program.set_up(&file);
    let shown = program.expect(&file, &["digest", "--publish", "--yes", "--json"], 0);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let region = &shown["regions"][0];
    let count = |of: &Value| of["days"][0]["blocked"].clone();
    assert_eq!(count(region), json!({"count": 42, "change": 18, "percent": 75}));
    let rules = region["web_acls"][0]["rules"].as_array().expect("rules");
    let names: Vec<Value> = rules.iter().map(|rule| rule["rule"].clone()).collect();
    assert_eq!(names, [json!("common"), json!("quiet"), Value::Null]);
    assert_eq!(count(&rules[0]), json!({"count": 35, "change": 15, "percent": 75}));
    assert_eq!(count(&rules[1]), json!({"count": 0, "change": -4, "percent": -100}));
    assert_eq!(count(&rules[2]), json!({"count": 7, "change": 7, "percent": null}));
    assert_eq!(region["gaps"], json!([]));

    let received = python(&account.id, "readers.py", &["read", "readers"]);
    let received: Vec<Value> = serde_json::from_str(&received).expect("a list");
    let mail = &region["mail"];
    // The server also sends what the alarms say of the same values.
    let digest = received.iter().find(|message| message["MessageId"] == mail["message_id"]);
    let digest = digest.unwrap_or_else(|| panic!("{received:?}"));
    assert_eq!((&digest["Subject"], &digest["Message"]), (&mail["subject"], &mail["body"]));
    assert_eq!(mail["confirmed"], 1);
    let day = hours_before(24).strftime("%Y-%m-%d").to_string();
    assert_eq!(mail["subject"], format!("WAF digest {day}: 42 blocked, 0 counted"));
    let body = mail["body"].as_str().expect("a text");
    assert!(body.contains("\ncommon: 遮断 35 件 (+15、+75%)、カウント 0 件\n"), "{body}");
}
