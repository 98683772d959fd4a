//! Every document is read in the same way: from a file, or once from standard input.

use crate::home::{Home, Ran};
use serde_json::{Value, json};
use std::fs::File;

const ALARM: &str = r#"{"AlarmName": "waf", "Namespace": "AWS/WAFV2", "MetricName": "BlockedRequests",
    "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold"}"#;
const POINTS: &str = r#"{"Datapoints": [{"Timestamp": "2026-09-14T05:38:00Z", "Sum": 7.0}]}"#;
const CHANGE: &str =
    r#"{"from": "OK", "to": "ALARM", "reason": "why", "at": "2026-09-14T11:18:44Z"}"#;
const TARGET: &str = r#"{"Id": "t", "Arn": "arn:aws:sns:us-east-1:123456789012:t"}"#;
const PATTERN: &str = r#"{"source": ["s"]}"#;
const EVENT: &str = r#"{"source": "s"}"#;

/// An option and the document that it names.
type Named = (&'static str, &'static str);

/// The commands that read two documents, each with both.
const COMMANDS: [(&str, Named, Named); 4] = [
    ("match", ("--pattern", PATTERN), ("--event", EVENT)),
    ("render", ("--target", TARGET), ("--event", EVENT)),
    ("render", ("--alarm", ALARM), ("--change", CHANGE)),
    ("evaluate", ("--alarm", ALARM), ("--metric", POINTS)),
];

fn piped(home: &Home, arguments: &[&str], file: &str) -> Ran {
    let mut command = home.command(arguments);
    command.stdin(File::open(home.path(file)).expect("the document"));
    Ran::of(command.output().expect("the program starts"))
}

#[test]
fn either_document_may_come_from_standard_input() {
    for (command, (first, one), (second, other)) in COMMANDS {
        let home = Home::empty();
        // Some editors begin a file with a mark.
        home.write("one.json", format!("\u{feff}{one}"));
        home.write("other.json", format!("\u{feff}{other}"));
        let files = home.run(&[command, first, "one.json", second, "other.json"]).ends(0).quietly();
        let ran = piped(&home, &[command, first, "-", second, "other.json"], "one.json").ends(0);
        assert_eq!(ran.out, files.out, "{command} {first}");
        let ran = piped(&home, &[command, first, "one.json", second, "-"], "other.json").ends(0);
        assert_eq!(ran.out, files.out, "{command} {second}");
        home.run(&[command, first, "-", second, "-"])
            .ends(1)
            .complains("standard input can be read once");
        home.run(&[command, first, "none.json", second, "other.json"])
            .ends(1)
            .complains("none.json cannot be read");
    }
}

#[test]
fn an_alarm_that_is_not_followed_is_named_with_what_to_do() {
    let math = json!({"AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [{"Id": "e1", "Expression": "m1 * 2"}]});
    let composite = json!({"AlarmName": "all", "AlarmRule": "ALARM(\"one\") AND ALARM(\"two\")"});
    let one = json!({"AlarmName": "one"});
    let two = json!({"AlarmName": "two"});
    let check = |document: &Value, more: &[&str], says: &[&str]| {
        for (command, (first, _), (second, other)) in COMMANDS {
            if first != "--alarm" {
                continue;
            }
            let home = Home::empty();
            home.write("alarms", document.to_string());
            home.write("other", other);
            let files = [command, first, "alarms", second, "other"];
            let ran = home.run(&[&files[..], more, &["--json"]].concat()).ends(1);
            assert_eq!(ran.out, "", "{command}");
            says.iter().fold(ran, |ran, text| ran.complains(text));
        }
    };
    check(
        &json!({"MetricAlarms": [one, two]}),
        &[],
        &["alarms: there are several alarms: one, two", "--name"],
    );
    check(
        &json!({"MetricAlarms": [one, two]}),
        &["--name", "three"],
        &["alarms: there is no alarm three, but: one, two", "--name"],
    );
    check(&json!({"MetricAlarms": [math]}), &[], &["alarms: alarm math: it computes its metric"]);
    check(
        &json!({"MetricAlarms": [one, math]}),
        &["--name", "math"],
        &["alarms: alarm math: it computes its metric"],
    );
    let combines = "alarms: alarm all: it combines other alarms, which is not simulated: take one";
    for document in [
        json!({"CompositeAlarms": [composite], "MetricAlarms": []}),
        json!({"CompositeAlarms": [composite]}),
        composite.clone(),
    ] {
        check(&document, &[], &[combines]);
        check(&document, &["--name", "all"], &[combines]);
    }
    let both = json!({"CompositeAlarms": [composite], "MetricAlarms": [one]});
    check(&both, &["--name", "all"], &[combines]);
    check(&both, &[], &["alarms: alarm one: ComparisonOperator is missing"]);
    check(&json!({"MetricAlarms": []}), &[], &["alarms: there is no metric alarm"]);
    check(&json!({"CompositeAlarms": 1}), &[], &["alarms: CompositeAlarms is not a list"]);
}
