//! Every document is read in the same way: from a file, or once from standard input.

use crate::home::{Home, Ran};
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
