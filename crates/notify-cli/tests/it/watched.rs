//! What is lost is noticed: on the local account, with the example.

use crate::home::Home;
use serde_json::{Value, json};

const WATCHED: &str = include_str!("../../../../examples/watched.toml");
const EVENT: &str = include_str!("../../../../examples/events/restricted-ssh.json");

/// The example, set up and confirmed, with an event that its message loses.
fn home(spec: &str) -> Home {
    let home = Home::with(spec);
    let mut event: Value = serde_json::from_str(EVENT).expect("the example's event");
    event["detail"]["configRuleName"] = json!("say \"no\"");
    home.write("lost.json", event.to_string());
    home.local(&["setup", "--yes"]).ends(0);
    for reader in ["ops@example.com", "ops@example.net"] {
        home.local(&["confirm", reader]).ends(0).quietly();
    }
    home
}

#[test]
fn the_example_is_a_good_file() {
    Home::with(WATCHED).local(&["validate", "--strict"]).ends(0).quietly();
}

#[test]
fn a_loss_waits_in_the_queue_and_the_fallback_is_told() {
    let home = home(WATCHED);
    home.local(&["emit", "lost.json"])
        .ends(2)
        .quietly()
        .says("  ✗ config-noncompliant: lost, INVALID_JSON: ")
        .says("      it waits in the queue watched-dead-letter\n")
        .says("  ~ watched-dead-letter-not-empty: INSUFFICIENT_DATA -> ALARM\n")
        .says("  ✓ mail to ops@example.net\n")
        .says("-ops@example.net.eml");
    let queue = &home.account()["regions"]["ap-northeast-1"]["queues"]["watched-dead-letter"];
    assert_eq!(queue["messages"].as_array().map(Vec::len), Some(1));
    let message = &queue["messages"][0];
    assert!(message["body"].as_str().is_some_and(|body| body.contains("say \"no\"")), "{message}");
    assert_eq!(
        message["attributes"],
        json!({
            "ERROR_CODE": "INVALID_JSON",
            "ERROR_MESSAGE": "Invalid input for target.",
            "RULE_ARN": "arn:aws:events:ap-northeast-1:123456789012:rule/config-noncompliant",
            "TARGET_ARN": "arn:aws:sns:ap-northeast-1:123456789012:alerts",
        })
    );
    // The alarm is in its state already: nobody is told again.
    let document = home.local(&["emit", "lost.json", "--json"]).ends(2).json();
    assert_eq!(document["events"][0]["rules"][0]["targets"][0]["queue"], "watched-dead-letter");
    assert_eq!(document["losses"][0]["changed"], json!([]));
    let status = home.local(&["status", "--json"]).ends(2).json();
    let exists = status["exists"].as_array().expect("a list").iter();
    let queue = exists.filter(|one| one["kind"] == "queue").collect::<Vec<_>>();
    assert_eq!(queue[0]["state"], "about 2 waiting");
    home.write("notify.toml", WATCHED.replace("dead_letter = true", "#"));
    home.local(&["plan"]).ends(0).says("about 2 message(s) in it go with it");
}

#[test]
fn an_event_without_a_queue_is_lost_for_good() {
    let spec = WATCHED.replace("preset =", "dead_letter = false\npreset =");
    let home = home(&spec.replace("dead_letter = true ", "# "));
    let document = home.local(&["emit", "lost.json", "--json"]).ends(2).json();
    assert_eq!(document["events"][0]["rules"][0]["targets"][0]["queue"], Value::Null);
    assert_eq!(document["losses"], json!([]));
}

#[test]
fn the_heartbeat_can_be_sent() {
    let home = home(WATCHED);
    home.local(&["emit", "--schedule", "watched-heartbeat"])
        .ends(0)
        .quietly()
        .says("schedule of watched-heartbeat in ap-northeast-1\n")
        .says("  ✓ watched-heartbeat: mail to ops@example.com\n");
    let document =
        home.local(&["emit", "--schedule", "watched-heartbeat", "--json"]).ends(0).json();
    let event = &document["events"][0];
    assert_eq!((&event["file"], &event["schedule"]), (&Value::Null, &json!("watched-heartbeat")));
    let body = event["rules"][0]["targets"][0]["body"].as_str().expect("a text");
    assert!(body.starts_with("\"A sign of life of the stack watched: "), "{body}");
    for (words, name) in [
        (&["emit", "--schedule", "config-noncompliant"][..], "config-noncompliant"),
        (
            &["emit", "--schedule", "watched-heartbeat", "--region", "eu-west-1"],
            "watched-heartbeat",
        ),
    ] {
        home.local(words).ends(1).complains(&format!(
            "the local account has no rule `{name}` on a schedule; nothing was sent"
        ));
    }
}

#[test]
fn each_mail_of_the_watch_is_previewed_in_the_language_of_the_file() {
    let japanese = WATCHED.replacen("stack =", "language = \"ja\"\nstack =", 1);
    for (spec, texts) in [
        (
            WATCHED,
            [
                "\"A sign of life of the stack watched: this mail came the way that its notifications come. There is nothing to do. If it stops coming, they may not come either.\"",
                "EventBridge could not deliver a notification of the stack watched. What it was to say waits in the SQS queue watched-dead-letter for 14 days; the attribute ERROR_CODE says why. Empty the queue when that is mended: the alarm tells of no further loss before.",
                "SNS could not deliver a notification of the stack watched to one of the readers of the topic alerts. `notify-cli status` shows who has confirmed.",
            ],
        ),
        (
            &japanese,
            [
                "\"スタック watched の定期確認メールです。通知と同じ経路で届いています。対応は不要です。このメールが届かなくなったときは、通知も届いていないおそれがあります。\"",
                "スタック watched の通知を EventBridge が届けられませんでした。内容は SQS キュー watched-dead-letter に14日間残ります。理由は属性 ERROR_CODE にあります。直したあとはキューを空にしてください。空になるまで次の未達は知らされません。",
                "スタック watched の通知を、SNS がトピック alerts の宛先に届けられませんでした。宛先の状態は `notify-cli status` で確認できます。",
            ],
        ),
    ] {
        let home = Home::with(spec);
        let names =
            ["watched-heartbeat", "watched-dead-letter-not-empty", "alerts-delivery-failed"];
        for ((name, kind), text) in names.iter().zip(["schedule", "alarm", "alarm"]).zip(texts) {
            let document = home.local(&["preview", name, "--json"]).ends(0).json();
            let [mail] = document["notifications"].as_array().expect("a list").as_slice() else {
                panic!("{document:#}");
            };
            assert_eq!(mail["kind"], kind, "{name}");
            let body = mail["body"].as_str().expect("a text");
            assert!(body.contains(text), "{name}: {body}");
        }
        let to = |name: &str, reader: &str| {
            let ran = home.local(&["preview", name]).ends(0);
            ran.says(&format!("  To       {reader}\n"));
        };
        to("watched-heartbeat", "ops@example.com");
        to("alerts-delivery-failed", "ops@example.net");
    }
}
