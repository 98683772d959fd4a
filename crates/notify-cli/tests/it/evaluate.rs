//! `evaluate`: an alarm and datapoints as the AWS CLI prints them.

use crate::home::Home;
use serde_json::{Value, json};

const TOPIC: &str = "arn:aws:sns:ap-northeast-1:123456789012:config-info";

fn alarm(name: &str) -> Value {
    json!({"AlarmName": name, "Namespace": "AWS/WAFV2", "MetricName": "BlockedRequests",
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
        "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching", "ActionsEnabled": true, "AlarmActions": [TOPIC],
        "StateValue": "OK"})
}

/// With `alarm.json` and `metric.json`: 7 requests at 05:38, none at 05:40.
fn home(alarms: &[Value]) -> Home {
    let home = Home::empty();
    home.write("alarm.json", json!({"MetricAlarms": alarms}).to_string());
    let metric = json!({"Label": "BlockedRequests", "Datapoints": [
        {"Timestamp": "2026-09-14T05:40:00+00:00", "Sum": 0.0, "Unit": "None"},
        {"Timestamp": "2026-09-14T05:38:00+00:00", "Sum": 7.0, "Unit": "None"}]});
    home.write("metric.json", metric.to_string());
    home
}

const FILES: [&str; 5] = ["evaluate", "--alarm", "alarm.json", "--metric", "metric.json"];

const TO_ALARM: &str = "Threshold Crossed: 1 out of the last 1 datapoints [7.0 (14/09/26 \
    05:38:00)] was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> \
    ALARM transition).";
const TO_OK: &str = "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (14/09/26 05:40:00)] \
    was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK \
    transition).";

#[test]
fn each_change_with_its_reason_and_who_is_told() {
    let home = home(&[alarm("waf")]);
    let ran = home.run(&FILES).ends(0).quietly();
    assert_eq!(
        ran.out,
        format!(
            "2026-09-14T05:39:00Z  waf  OK -> ALARM\n  {TO_ALARM}\n  runs {TOPIC}\n\
             2026-09-14T05:41:00Z  waf  ALARM -> OK\n  {TO_OK}\n  runs no action\n\
             waf is in OK at 2026-09-14T05:41:00Z\n"
        )
    );
    let mut disabled = alarm("waf");
    disabled["ActionsEnabled"] = json!(false);
    home.write("alarm.json", disabled.to_string());
    let ran = home.run(&FILES).ends(0);
    assert!(ran.out.contains("  runs no action: the alarm's actions are disabled\n"));
}

#[test]
fn nothing_that_happens_is_said_in_words() {
    let home = home(&[alarm("waf")]);
    let until = [&FILES[..], &["--at", "2026-09-14T05:38:59Z"]].concat();
    let ran = home.run(&until).ends(0).quietly();
    assert_eq!(ran.out, "waf stays in OK from 2026-09-14T05:38:00Z to 2026-09-14T05:38:59Z\n");
}

#[test]
fn options_say_from_which_state_until_when_and_how_far_back() {
    let home = home(&[alarm("waf")]);
    let with =
        |more: &[&str]| home.run(&[&FILES[..], &["--json"], more].concat()).ends(0).quietly();
    let changes = |more: &[&str]| -> Vec<(String, String)> {
        let document: Value = serde_json::from_str(&with(more).out).expect("JSON");
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let list = document["transitions"].as_array().expect("a list").clone();
        list.iter()
            .map(|change| (text(&change["at"])[11..16].to_owned(), text(&change["to"])))
            .collect()
    };
    let change = |at: &str, to: &str| (at.to_owned(), to.to_owned());
    assert_eq!(changes(&["--at", "2026-09-14T05:40:59Z"]), [change("05:39", "ALARM")]);
    assert_eq!(changes(&["--state", "ALARM"]), [change("05:41", "OK")]);
    assert_eq!(
        changes(&["--range", "1"]),
        [change("05:39", "ALARM"), change("05:40", "OK")],
        "the breach leaves the range before the next point is there"
    );
    let unknown = ["--state", "INSUFFICIENT_DATA", "--at", "1789364340"];
    assert_eq!(changes(&unknown), [change("05:39", "ALARM")]);

    home.write("metric.json", r#"{"Label": "BlockedRequests", "Datapoints": []}"#);
    assert_eq!(
        changes(&["--at", "2026-09-14T05:39:30Z", "--state", "ALARM"]),
        [change("05:39", "OK")],
        "silence"
    );
    home.run(&FILES).ends(1).complains("metric.json has no datapoints").complains("--at TIME");
}

#[test]
fn one_document() {
    let home = home(&[alarm("waf")]);
    let ran = home.run(&[&FILES[..], &["--json"]].concat()).ends(0).quietly();
    let document: Value = serde_json::from_str(&ran.out).expect("one document");
    let expected = json!({
        "version": 1,
        "alarm": "waf",
        "from": "2026-09-14T05:39:00Z",
        "to": "2026-09-14T05:41:00Z",
        "transitions": [
            {"at": "2026-09-14T05:39:00Z", "from": "OK", "to": "ALARM", "reason": TO_ALARM,
             "actions": [TOPIC]},
            {"at": "2026-09-14T05:41:00Z", "from": "ALARM", "to": "OK", "reason": TO_OK,
             "actions": []},
        ],
    });
    assert_eq!(document, expected);
}

#[test]
fn one_of_several_alarms_is_chosen_by_name() {
    let computed = json!({"AlarmName": "math", "Metrics": []});
    let home = home(&[alarm("one"), alarm("two\u{202e}\u{9b}"), computed]);
    home.run(&FILES).ends(1).complains("there are several alarms: one, two").complains("--name");
    let named = |name: &str| home.run(&[&FILES[..], &["--name", name]].concat());
    named("one").ends(0).says("one is in OK");
    named("two\u{202e}\u{9b}").ends(0).says("two\\u{202e}\\u{9b} is in OK");
    home.run(&[&FILES[..], &["--json", "--name", "two\u{202e}\u{9b}"]].concat())
        .ends(0)
        .says("two\\u202e\\u009b");
    named("three").ends(1).complains("there is no alarm three, but: one, two");
    named("math").ends(1).complains("is not simulated");
}

#[test]
fn what_is_wrong_is_said_with_the_file() {
    let home = home(&[alarm("waf")]);
    for (metric, says) in [
        ("{", "metric.json: not JSON"),
        ("{}", "metric.json: there is no list of Datapoints"),
        (
            r#"{"Datapoints": [{"Timestamp": "2026-09-14T05:40:00Z", "Average": 1}]}"#,
            "metric.json: the datapoint of 2026-09-14T05:40:00Z: it has no Sum",
        ),
    ] {
        home.write("metric.json", metric);
        home.run(&FILES).ends(1).complains(says).complains("get-metric-statistics --period 60");
    }
    home.write("alarm.json", "[");
    home.run(&FILES).ends(1).complains("alarm.json: not JSON").complains("describe-alarms");
    home.run(&["evaluate", "--alarm", "none.json", "--metric", "metric.json"])
        .ends(1)
        .complains("none.json cannot be read");
    for (arguments, says) in [
        (&["evaluate"][..], "--alarm <FILE>"),
        (&["evaluate", "--alarm", "alarm.json"], "--metric <FILE>"),
        (&["evaluate", "--cases", "x", "--name", "a"], "cannot be used with"),
        (&["evaluate", "--at", "noon"], "is no time: write it as"),
        (&["evaluate", "--state", "ok"], "write OK, ALARM or INSUFFICIENT_DATA"),
        (&["evaluate", "--range", "0"], "0 is not in"),
    ] {
        home.run(arguments).ends(1).complains(says);
    }
}

#[test]
fn each_line_of_a_file_of_cases_has_its_answer() {
    let home = Home::empty();
    let case = |state: &str, points: Value| {
        json!({"alarm": alarm("waf"), "state": state, "points": points,
            "at": "2026-09-14T05:39:00Z", "range": 3})
    };
    let hit = json!([["2026-09-14T05:38:00Z", 7]]);
    let mut unknown = case("OK", hit.clone());
    unknown["alarm"]["Statistic"] = json!("IQM");
    let mut without_range = case("OK", hit.clone());
    without_range["range"] = Value::Null;
    let lines = [
        case("OK", hit.clone()).to_string(),
        case("ALARM", hit.clone()).to_string(),
        "garbage \u{9b}".to_owned(),
        unknown.to_string(),
        without_range.to_string(),
        case("Ok", hit.clone()).to_string(),
        case("OK", json!([["2026-09-14T05:38:00Z"]])).to_string(),
        case("OK", json!([["2026-09-14T05:38:00Z", "7"]])).to_string(),
        case("OK", json!({})).to_string(),
        "{}".to_owned(),
        "[".repeat(100_000),
    ];
    home.write("cases.ndjson", lines.join("\n"));
    let ran = home.run(&["evaluate", "--cases", "cases.ndjson"]).ends(0).quietly();
    let alarms = format!(r#"{{"state":"ALARM","reason":"{TO_ALARM}"}}"#);
    let answers: Vec<&str> = ran.out.lines().collect();
    assert_eq!(answers.len(), lines.len());
    assert_eq!(answers[0], alarms);
    assert_eq!(answers[1], r#"{"state":"ALARM","reason":null}"#);
    assert_eq!(answers[4], alarms);
    for (line, says) in [
        (2, "expected value"),
        (3, "the statistic IQM cannot be simulated"),
        (5, "unknown variant `Ok`"),
        (6, "a point is not [TIME, VALUE]"),
        (7, "a point's value is not a number"),
        (8, "points is not a list"),
        (9, "alarm is missing"),
        (10, "recursion limit exceeded"),
    ] {
        let answer: Value = serde_json::from_str(answers[line]).expect("an object");
        let error = answer["error"].as_str().expect("an error");
        assert!(error.contains(says), "{error}");
    }
}
