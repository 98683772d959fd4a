//! What notices a lost notification, out of a file by the program, as boto3 reads it back.

use super::program::{Program, root};
use super::read_back::{assert_empty, list, read_back};
use notify_proxy::{Call, Proxy};
use serde_json::{Value, json};
use std::path::PathBuf;

const REGION: &str = "ap-northeast-1";

fn example() -> String {
    std::fs::read_to_string(root().join("examples/watched.toml")).expect("the example")
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    std::fs::write(&file, text).expect("a file");
    (folder, file)
}

/// A text without the lines that begin with any of these.
fn without(text: &str, keys: &[&str]) -> String {
    let kept = text.lines().filter(|line| !keys.iter().any(|key| line.starts_with(key)));
    let kept: Vec<&str> = kept.collect();
    assert_ne!(kept.len(), text.lines().count(), "{keys:?}");
    kept.join("\n") + "\n"
}

fn named<'a>(found: &'a Value, kind: &str, key: &str, name: &str) -> &'a Value {
    let list = list(found, kind);
    let one = list.iter().find(|one| one[key] == name);
    one.unwrap_or_else(|| panic!("no {name} in {list:#?}"))
}

fn names(found: &Value, kind: &str, key: &str) -> Vec<String> {
    let names = list(found, kind).iter().map(|one| one[key].as_str().expect("a name").to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// All of it is stored, a second run has nothing to do, and the removal leaves nothing.
#[test]
fn all_of_it_is_stored_and_removed() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = file(&example());
    program.set_up(&spec);
    let found = read_back(&program.account, REGION);
    let arn = |service: &str, name: &str| {
        format!("arn:aws:{service}:{REGION}:{}:{name}", program.account)
    };

    let queue = named(&found, "queues", "name", "watched-dead-letter");
    assert_eq!(queue["attributes"]["MessageRetentionPeriod"], "1209600");
    assert_ne!(queue["attributes"]["SqsManagedSseEnabled"], "true");
    assert_eq!(queue["tags"]["notify:stack"], "watched");
    assert_eq!(
        queue["policy"]["Statement"],
        json!([{
            "Sid": "NotifyAllowEventBridge",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn("sqs", "watched-dead-letter"),
            "Condition": {"ArnLike": {"aws:SourceArn": arn("events", "rule/*")}},
        }])
    );

    let to = |rule: &str| named(&found, "rules", "Name", rule)["targets"][0].clone();
    let letter = json!({"Arn": arn("sqs", "watched-dead-letter")});
    assert_eq!(to("config-noncompliant")["DeadLetterConfig"], letter);
    assert_eq!(to("instance-stopped").get("DeadLetterConfig"), None);
    let beat = named(&found, "rules", "Name", "watched-heartbeat");
    assert_eq!(beat["ScheduleExpression"], "cron(0 0 1 * ? *)");
    assert_eq!(beat["State"], "ENABLED");
    let target = to("watched-heartbeat");
    assert_eq!(
        (&target["Arn"], &target["DeadLetterConfig"]),
        (&json!(arn("sns", "alerts")), &letter)
    );
    let input = target["Input"].as_str().expect("a fixed text");
    assert!(input.starts_with("\"A sign of life of the stack watched: "), "{input}");

    for (alarm, namespace, metric, dimensions, statistic) in [
        (
            "watched-dead-letter-not-empty",
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            json!({"QueueName": "watched-dead-letter"}),
            "Maximum",
        ),
        (
            "alerts-delivery-failed",
            "AWS/SNS",
            "NumberOfNotificationsFailed",
            json!({"TopicName": "alerts"}),
            "Sum",
        ),
    ] {
        let there = named(&found, "alarms", "AlarmName", alarm);
        for (key, value) in [
            ("Namespace", json!(namespace)),
            ("MetricName", json!(metric)),
            ("Dimensions", dimensions),
            ("Statistic", json!(statistic)),
            ("Threshold", json!(1.0)),
            ("ComparisonOperator", json!("GreaterThanOrEqualToThreshold")),
            ("TreatMissingData", json!("notBreaching")),
            ("AlarmActions", json!([arn("sns", "alerts-lost")])),
            ("OKActions", json!([])),
        ] {
            assert_eq!(there[key], value, "{alarm}: {key}");
        }
    }
    let fallback = named(&found, "topics", "name", "alerts-lost");
    assert_eq!(fallback["subscriptions"][0]["Endpoint"], "ops@example.net");
    let sids = fallback["policy"]["Statement"].as_array().expect("statements").iter();
    let sids: Vec<&str> = sids.filter_map(|statement| statement["Sid"].as_str()).collect();
    assert!(sids.contains(&"NotifyAllowCloudWatch"), "{sids:?}");
    assert!(!sids.contains(&"NotifyAllowEventBridge"), "{sids:?}");

    program.set_up(&spec);
    assert_eq!(read_back(&program.account, REGION), found, "a second run changes something");
    program.assert_settled(&spec);
    program.destroy(&spec);
    assert_empty(&program.account, REGION);
}

/// Each line that is taken out of the file takes out what it made, and nothing else.
#[test]
fn each_switch_takes_out_what_it_made() {
    let program = Program::in_fresh_account();
    let (_folder, spec) = file(&example());
    program.set_up(&spec);
    let all = read_back(&program.account, REGION);
    let expected = |kind: &str, key: &str, gone: &[&str]| {
        let mut names = names(&all, kind, key);
        names.retain(|name| !gone.contains(&name.as_str()));
        names
    };
    let mut off: Vec<&str> = Vec::new();
    let mut gone: Vec<&str> = Vec::new();
    for (key, made) in [
        ("heartbeat =", &["watched-heartbeat"][..]),
        ("failure_alarm =", &["alerts-delivery-failed"]),
        ("dead_letter = true", &["watched-dead-letter", "watched-dead-letter-not-empty"]),
    ] {
        off.push(key);
        gone.extend(made);
        std::fs::write(&spec, without(&example(), &off)).expect("a file");
        program.set_up(&spec);
        program.assert_settled(&spec);
        let found = read_back(&program.account, REGION);
        for (kind, key) in
            [("topics", "name"), ("queues", "name"), ("rules", "Name"), ("alarms", "AlarmName")]
        {
            assert_eq!(names(&found, kind, key), expected(kind, key, &gone), "{off:?}: {kind}");
        }
    }
    let found = read_back(&program.account, REGION);
    for rule in list(&found, "rules") {
        assert_eq!(rule["targets"][0].get("DeadLetterConfig"), None, "{rule}");
    }
    program.destroy(&spec);
    assert_empty(&program.account, REGION);
}

/// What the watch adds to the reads of an unchanged stack: five for the topic of the fallback,
/// three for the queue, three for the heartbeat's rule.
#[test]
fn an_unchanged_watch_costs_few_reads_and_no_write() {
    let (_folder, spec) = file(&example());
    let program = Program::in_fresh_account();
    let upstream = program.endpoint.trim_start_matches("http://").parse().expect("an address");
    let proxy = Proxy::start(upstream).expect("a proxy");
    let program = program.through(&proxy);
    program.set_up(&spec);
    proxy.take_calls();
    program.set_up(&spec);
    let calls = proxy.take_calls();
    let operations: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    assert!(calls.iter().all(Call::is_read), "{operations:?}");
    let most = 6 + 3 * 2 + 1 + 5 + 3 + 3;
    assert!(calls.len() <= most, "{} calls, at most {most}: {operations:?}", calls.len());
}
