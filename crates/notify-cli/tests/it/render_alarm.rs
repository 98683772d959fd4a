//! `render --alarm`: what is printed of an alarm's notification.

use crate::home::Home;
use serde_json::{Value, json};

const ALARM: &str = r#"{"AlarmName": "遮断", "Namespace": "AWS/WAFV2", "MetricName": "BlockedRequests",
    "Statistic": "Sum", "Period": 86400, "EvaluationPeriods": 1, "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold"}"#;
const CHANGE: &str =
    r#"{"from": "OK", "to": "ALARM", "reason": "why", "at": "2026-09-14T11:18:44.401Z"}"#;

fn home() -> Home {
    let home = Home::empty();
    home.write("alarm.json", ALARM);
    home.write("change.json", CHANGE);
    home
}

const RENDER: [&str; 5] = ["render", "--alarm", "alarm.json", "--change", "change.json"];

fn render(home: &Home, more: &[&str]) -> crate::home::Ran {
    home.run(&[&RENDER, more].concat())
}

#[test]
fn the_notification_is_shown_in_parts() {
    let ran = render(&home(), &[]).ends(0).quietly();
    let begins = "Subject: ALARM: \"_\" in US East (N. Virginia)\nSMS: ALARM: \"_\" in US East (N. Virginia)\n\nMessage (JSON)\n{\"AlarmName\":\"遮断\",";
    assert!(ran.out.starts_with(begins), "{}", ran.out);
    let ran = ran
        .says("\"EvaluateLowSampleCountPercentile\":\"\"}}\n\nMail\nYou are receiving this email because")
        .says("\n- Alarm Arn:                  arn:aws:cloudwatch:us-east-1:123456789012:alarm:遮断\n")
        .says(" 1.0 for at least 1 of the last 1 period(s) of 86400 seconds. \n");
    assert!(ran.out.ends_with("- INSUFFICIENT_DATA: \n"), "{}", ran.out);
}

#[test]
fn an_alarm_without_an_arn_lives_in_the_region_that_is_named() {
    render(&home(), &["--region", "ap-northeast-1"])
        .ends(0)
        .quietly()
        .says("Subject: ALARM: \"_\" in Asia Pacific (Tokyo)\n")
        .says("alarm:遮断\n");
}

#[test]
fn the_threshold_line_has_an_older_form() {
    render(&home(), &["--older-threshold-line"])
        .ends(0)
        .says(" is GreaterThanOrEqualToThreshold 1.0 for 86400 seconds. \n")
        .never_says("period(s)");
}

#[test]
fn one_json_document() {
    let document = render(&home(), &["--json"]).ends(0).quietly().json();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["version", "subject", "message", "email", "sms"]);
    assert_eq!(document["subject"], "ALARM: \"_\" in US East (N. Virginia)");
    assert_eq!(document["sms"], "ALARM: \"_\" in US East (N. Virginia)");
    let message = document["message"].as_str().unwrap();
    let message: Value = serde_json::from_str(message).unwrap();
    assert_eq!(message["StateChangeTime"], "2026-09-14T11:18:44.401+0000");
    assert!(document["email"].as_str().unwrap().starts_with("You are receiving"));
}

#[test]
fn one_of_several_alarms_is_chosen_by_its_name() {
    let home = home();
    let second = ALARM.replace("遮断", "second");
    home.write("alarm.json", format!(r#"{{"MetricAlarms": [{ALARM}, {second}]}}"#));
    render(&home, &[])
        .ends(1)
        .complains("error: alarm.json: there are several alarms: 遮断, second")
        .complains("with --name one of several is chosen");
    render(&home, &["--name", "third"]).ends(1).complains("no alarm third, but: 遮断, second");
    render(&home, &["--name", "second"]).ends(0).says("ALARM: \"second\" in");
}

#[test]
fn what_cannot_be_read_is_named() {
    let home = home();
    for (text, says) in [
        ("", "change.json: EOF"),
        ("[]", "change.json: "),
        (r#"{"from": "OK", "to": "ALARM", "reason": "x"}"#, "missing field `at`"),
        (r#"{"from": "OK", "to": "x", "reason": "x", "at": 0}"#, "unknown variant `x`"),
        (
            r#"{"from": "OK", "to": "ALARM", "reason": "x", "at": "noon"}"#,
            "\"noon\" is no time: write it as",
        ),
    ] {
        home.write("change.json", text);
        let ran = render(&home, &[]).ends(1).complains(says);
        ran.complains(r#"write it as {"from": "OK", "to": "ALARM", "reason": "why", "at":"#);
    }
    home.write("alarm.json", "[");
    render(&home, &[]).ends(1).complains("alarm.json: not JSON").complains("describe-alarms");
    home.run(&["render", "--alarm", "none", "--change", "change.json"])
        .ends(1)
        .complains("none cannot be read");
    home.run(&["render", "--alarm", "alarm.json"]).ends(1).complains("--change <FILE>");
    home.run(&["render", "--cases", "none", "--older-threshold-line"]).ends(1);
}

#[test]
fn nothing_that_a_terminal_obeys_gets_through() {
    let home = home();
    let mut alarm: Value = serde_json::from_str(ALARM).unwrap();
    alarm["AlarmName"] = "a\u{1b}[31m\u{7f}\u{202e}".into();
    alarm["AlarmDescription"] = "b\u{1b}[0m\r\nc".into();
    home.write("alarm.json", alarm.to_string());
    let case = json!({"alarm": alarm, "change": serde_json::from_str::<Value>(CHANGE).unwrap()});
    home.write("cases", case.to_string());
    render(&home, &[]).ends(0).says("\\u{1b}[31m").says("b\\u{1b}[0m\\u{d}\nc\n");
    let document = render(&home, &["--json"]).ends(0).json();
    assert!(document["email"].as_str().unwrap().contains("\"a\u{1b}[31m\u{7f}\u{202e}\""));
    let ran = home.run(&["render", "--cases", "cases"]).ends(0);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["email"], document["email"]);
}

#[test]
fn each_case_has_an_answer() {
    let home = home();
    let deep =
        format!("{{\"alarm\": {}{}, \"change\": 1}}", "[".repeat(100_000), "]".repeat(100_000));
    let alarm = ALARM.replace('\n', " ");
    let with = |change: &str| format!("{{\"alarm\": {alarm}, \"change\": {change}}}");
    let lines = [
        (with(CHANGE), None),
        (format!("{{\"alarm\": {alarm}}}"), Some("change is missing")),
        (with("{}"), Some("missing field `from`")),
        (r#"{"alarm": {}, "change": {}}"#.to_owned(), Some("AlarmName is missing")),
        (r#"{"alarm": 1, "change": {}}"#.to_owned(), Some("an alarm is not an object")),
        (deep, Some("recursion limit")),
        ("{\"alarm\":".to_owned(), Some("not JSON")),
    ];
    let text: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    home.write("cases", text.join("\n"));
    let ran = home.run(&["render", "--cases", "cases"]).ends(0).quietly();
    assert_eq!(ran.out.lines().count(), lines.len());
    for (answer, (_, expected)) in ran.out.lines().zip(&lines) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let keys: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        match expected {
            None => assert_eq!(keys, ["subject", "message", "email"]),
            Some(text) => {
                assert_eq!(keys, ["error"]);
                assert!(answer["error"].as_str().unwrap().contains(text), "{answer}");
            }
        }
    }
}
