//! A test through the real path: seen by a queue, whatever happens on the way.

use super::program::Program;
use super::read_back::{assert_empty, list, python, read_back};
use notify_proxy::{Call, Fate, Proxy, Trap};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const REGION: &str = "ap-northeast-1";
const LIMIT: Duration = Duration::from_mins(1);

/// What a test calls that leaves something, in its order.
const CALLS: [&str; 10] = [
    "CreateQueue",
    "Subscribe",
    "PutRule",
    "PutTargets",
    "PutEvents",
    "ReceiveMessage",
    "RemoveTargets",
    "DeleteRule",
    "Unsubscribe",
    "DeleteQueue",
];

const FILE: &str = r#"stack = "shop"
regions = ["ap-northeast-1"]
language = "ja"

[topic]
name = "shop"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[events]]
name = "lost"
pattern = '{"source": ["my.shop"], "detail-type": ["Order"], "account": ["999999999999"], "detail": {"state": ["lost"]}}'
message = """
注文 <$.detail.order> : <$.detail.state>
<$.time> <$.id> <$.account> <$.region> <$.source>
<aws.events.rule-name> <aws.events.event.ingestion-time>
"""

[[alarms]]
name = "errors"
namespace = "AWS/Lambda"
metric = "Errors"
statistic = "Sum"
period = "5m"
comparison = ">="
threshold = 1
notify_ok = true
"#;

fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    std::fs::write(&file, FILE).expect("a file");
    (folder, file)
}

fn proxy(program: &Program) -> Proxy {
    let upstream = program.endpoint.trim_start_matches("http://").parse().expect("an address");
    Proxy::start(upstream).expect("a proxy")
}

fn of(operation: &str, calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.operation == operation).count()
}

/// Rules, topics with subscriptions, alarms and queues of an account.
fn everything(program: &Program) -> Value {
    let mut found = read_back(&program.account, REGION);
    found["queues"] = serde_json::from_str(&python(&program.account, "queues.py", &[REGION]))
        .expect("a list of queues");
    found
}

#[test]
fn a_queue_receives_what_preview_says_and_nothing_is_left() {
    let program = Program::in_fresh_account();
    let (_folder, file) = file();
    program.set_up(&file);
    let before = everything(&program);
    assert_eq!(list(&before, "rules").len(), 1);

    let event = file.with_file_name("event.json");
    let given = json!({"source": "my.shop", "detail-type": "Order", "account": "999999999999",
        "region": "eu-west-1", "detail": {"order": "7", "state": "lost"}});
    std::fs::write(&event, given.to_string()).expect("an event");
    let event = event.to_str().expect("UTF-8").to_owned();
    for words in [
        &["send", "lost", "--json"][..],
        &["send", "lost", "--to-queue", "--event", &event, "--json"],
    ] {
        let sent = program.expect(&file, words, 0);
        let sent: Value = serde_json::from_str(&sent).expect("JSON");
        assert_eq!((&sent["outcome"], &sent["puts"]), (&json!("received"), &json!(1)), "{sent}");
        let message = sent["message"].as_str().expect("a message");
        let rule = sent["rule"].as_str().expect("a rule");
        let source = sent["event"]["source"].as_str().expect("a source");
        let lines: Vec<&str> = message.lines().collect();
        let account = &program.account;
        assert!(lines[1].ends_with(&format!(" {account} {REGION} {source}\"")), "{message}");
        assert!(lines[2].starts_with(&format!("\"{rule} ")), "{message}");
        if words.len() > 3 {
            assert_eq!(lines[0], "\"注文 7 : lost\"");
        }
        assert_eq!(sent["left_behind"], json!([]));
        assert_eq!(everything(&program), before);
    }
    program.assert_settled(&file);
    program.destroy(&file);
    assert_empty(&program.account, REGION);
}

#[test]
fn an_alarm_is_set_off_and_set_back() {
    let program = Program::in_fresh_account();
    let (_folder, file) = file();
    program.set_up(&file);
    let before = everything(&program);
    for _ in 0..2 {
        let sent = program.expect(&file, &["send", "errors", "--to-queue", "--json"], 0);
        let sent: Value = serde_json::from_str(&sent).expect("JSON");
        assert_eq!(sent["outcome"], "received", "{sent}");
        let message: Value =
            serde_json::from_str(sent["message"].as_str().expect("a message")).expect("JSON");
        assert_eq!(message["AlarmName"], "errors");
        let reason = message["NewStateReason"].as_str().expect("a reason");
        assert!(
            reason.contains("送信テスト")
                && reason.ends_with("[notify-cli send: INSUFFICIENT_DATA]"),
            "{reason}"
        );
        let mut now = everything(&program);
        let alarm = &mut now["alarms"][0];
        assert_eq!(alarm["StateValue"], "INSUFFICIENT_DATA");
        assert!(
            alarm["StateReason"].as_str().is_none_or(|text| !text.contains("[notify-cli send"))
        );
        assert_eq!(now["rules"], before["rules"]);
        assert_eq!((&now["topics"], &now["queues"]), (&before["topics"], &before["queues"]));
    }
}

/// A rule is not live at once: what comes before is lost, and only that.
#[test]
fn events_that_a_new_rule_does_not_take_are_put_again() {
    let program = Program::in_fresh_account();
    let (_folder, file) = file();
    program.set_up(&file);
    let proxy = proxy(&program);
    let fate = Fate::Answered(
        r#"{"FailedEntryCount":0,"Entries":[{"EventId":"af06c54a-172a-4df2-be93-6187cf412933"}]}"#,
    );
    proxy.set_trap(Trap { operation: "PutEvents".to_owned(), after: 0, times: 2, fate });
    let sent = program.through(&proxy).expect(&file, &["send", "lost", "--json"], 0);
    let sent: Value = serde_json::from_str(&sent).expect("JSON");
    assert_eq!((&sent["outcome"], &sent["puts"]), (&json!("received"), &json!(3)));
    assert!(
        sent["after_seconds"].as_u64().is_some_and(|seconds| (20..40).contains(&seconds)),
        "{sent}"
    );
    assert_eq!(of("PutEvents", &proxy.calls()), 3);
}

/// What a killed run has left is found by its tag, and goes first.
#[test]
fn a_send_killed_between_any_two_calls_leaves_what_the_next_one_removes() {
    let program = Program::in_fresh_account();
    let (_folder, file) = file();
    program.set_up(&file);
    let before = everything(&program);
    for operation in CALLS {
        let proxy = proxy(&program);
        let fate = Fate::Held;
        proxy.set_trap(Trap { operation: operation.to_owned(), after: 0, times: 1, fate });
        let child = program.through(&proxy).start(&file, &["send", "lost"]);
        let reached = proxy.wait_for(LIMIT, |calls| of(operation, calls) > 0);
        let output = child.kill();
        assert!(reached, "{operation}: {output:?}");
        if operation != "CreateQueue" {
            assert_ne!(everything(&program), before, "{operation}");
            // It is called what it is, and it is no drift.
            let plan = program.expect(&file, &["plan"], 0);
            assert!(plan.contains("was cut off and left it behind"), "{operation}: {plan}");
        }
        program.expect(&file, &["send", "lost"], 0);
        assert_eq!(everything(&program), before, "{operation}");
    }
    let proxy = proxy(&program);
    proxy.set_trap(Trap {
        operation: "PutEvents".to_owned(),
        after: 0,
        times: 1,
        fate: Fate::Held,
    });
    let child = program.through(&proxy).start(&file, &["send", "lost"]);
    assert!(proxy.wait_for(LIMIT, |calls| of("PutEvents", calls) > 0));
    drop(child.kill());
    program.set_up(&file);
    assert_eq!(everything(&program), before, "setup removes it, too");
}

#[test]
fn a_lost_answer_leaves_nothing() {
    let program = Program::in_fresh_account();
    let (_folder, file) = file();
    program.set_up(&file);
    let before = everything(&program);
    for operation in CALLS {
        let proxy = proxy(&program);
        let fate = Fate::AnswerLost;
        proxy.set_trap(Trap { operation: operation.to_owned(), after: 0, times: 1, fate });
        let output = program.through(&proxy).run(&file, &["send", "lost"]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{operation}: {output:?}");
        assert_eq!(everything(&program), before, "{operation}");
        // An event is not put again by itself: a second one would be a second mail.
        assert!(of("PutEvents", &proxy.calls()) <= 1, "{operation}");
    }
}

#[test]
fn ctrl_c_removes_what_was_made() {
    let program = Program::in_fresh_account();
    let (_folder, file) = file();
    program.set_up(&file);
    let before = everything(&program);
    let proxy = proxy(&program);
    let fate = Fate::Answered(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#);
    proxy.set_trap(Trap { operation: "PutEvents".to_owned(), after: 0, times: 100, fate });
    let child = program.through(&proxy).start(&file, &["send", "lost", "--json"]);
    let reached = proxy.wait_for(LIMIT, |calls| of("PutEvents", calls) > 0);
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("a signal").success());
    let output = child.finish();
    assert!(reached, "{output:?}");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["outcome"], "interrupted");
    assert_eq!(everything(&program), before);
}

/// The API server confirms at once, so this is what `wait` finds; it takes no token that it has not given.
#[test]
fn who_has_confirmed_is_not_waited_for() {
    let program = Program::in_fresh_account();
    let (_folder, file) = file();
    let output = program.run(&file, &["wait"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no topic shop in ap-northeast-1"), "{said}");
    program.set_up(&file);
    let waited = program.expect(&file, &["wait", "--json"], 0);
    let waited: Value = serde_json::from_str(&waited).expect("JSON");
    assert_eq!(waited["complete"], true);

    let token = "2336412f37fb687f5d51e6e2425dacbbaf";
    let link = format!(
        "https://sns.{REGION}.amazonaws.com/confirmation.html?TopicArn=arn:aws:sns:{REGION}:{}:shop&Token={token}&Endpoint=ops@example.com",
        program.account
    );
    for words in
        [&["confirm", &link][..], &["confirm", &link, "-v"], &["confirm", &link, "--json", "-v"]]
    {
        let output = program.run(&file, words);
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("SNS does not take the link's token; nothing was confirmed"),
            "{said}"
        );
        assert!(said.contains("--resubscribe ops@example.com"), "{said}");
        assert!(!said.contains(token), "{said}");
    }
}
