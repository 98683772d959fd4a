//! What a file does with an example, with given values, and with its own tests.

use notify_core::aws::AlarmState;
use notify_core::preview::{Files, Metric, Outcome, Preview, Stage, check, preview_alarm};
use notify_core::spec::{Format, Spec, parse};

const HEAD: &str = "stack = \"s\"\nregions = [\"us-east-1\"]\n[topic]\nname = \"t\"\n";

fn spec(more: &str) -> Spec {
    let parsed = parse(&format!("{HEAD}{more}"), Format::Toml);
    parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings))
}

fn stage(spec: &Spec) -> Stage {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(Stage::new(spec, Vec::new(), None)).unwrap()
}

/// An alarm of five minutes on a threshold of 10.
fn alarm(more: &str) -> String {
    format!(
        "[[alarms]]\nname = \"a\"\nnamespace = \"n\"\nmetric = \"m\"\nperiod = \"5m\"\n\
         threshold = 10\nnotify_ok = true\n{more}\n"
    )
}

fn preview(more: &str, metric: Metric<'_>) -> Preview {
    preview_alarm(&stage(&spec(&alarm(more))), "a", metric).unwrap().unwrap()
}

/// The reason in the mail.
fn reason(preview: &Preview) -> String {
    let Outcome::Mailed { sent, .. } = &preview.outcome else { panic!("{:?}", preview.outcome) };
    let line = sent.notification.text().lines().find(|l| l.contains("Reason for State Change:"));
    line.unwrap().split_once(":    ").unwrap().1.to_owned()
}

#[test]
fn an_example_crosses_the_threshold() {
    let alarm = Metric::Sample(AlarmState::Alarm);
    let ok = Metric::Sample(AlarmState::Ok);
    for (comparison, breaching, good) in
        [(">=", "10.0", "9.0"), (">", "11.0", "10.0"), ("<=", "10.0", "11.0"), ("<", "9.0", "10.0")]
    {
        let more = format!("comparison = \"{comparison}\"\ndatapoints_to_alarm = 1");
        let said = reason(&preview(&more, alarm));
        assert!(said.contains(&format!("[{breaching} (15/01/26 09:25:00)] was ")), "{said}");
        assert!(said.contains("for OK -> ALARM transition"), "{said}");
        let said = reason(&preview(&more, ok));
        assert!(said.contains(&format!("[{good} (15/01/26 09:25:00)] was not ")), "{said}");
        assert!(said.contains("for ALARM -> OK transition"), "{said}");
    }
    let several = preview("evaluation_periods = 3\ndatapoints_to_alarm = 2", alarm);
    assert!(reason(&several).contains("2 out of the last 3 datapoints [10.0 "));
    assert!(several.sample && several.verdicts.is_empty());
    let silent = preview("", Metric::Sample(AlarmState::InsufficientData));
    assert_eq!(silent.outcome, Outcome::NobodyTold(AlarmState::InsufficientData));
    let ignored = "treat_missing_data = \"ignore\"";
    let silent = preview(ignored, Metric::Sample(AlarmState::InsufficientData));
    assert_eq!(silent.outcome, Outcome::NoChange);
}

#[test]
fn given_values_are_evaluated_once() {
    let given = |text: &str, at: Option<&str>| {
        preview("", Metric::Given { text, at: at.map(|at| at.parse().unwrap()) })
    };
    let points = r#"{"Datapoints": [{"Timestamp": "2026-02-03T04:01:00Z", "Sum": 12}]}"#;
    let found = given(points, None);
    assert!(reason(&found).contains("12.0 (03/02/26 04:01:00)"), "{}", reason(&found));
    assert!(!found.sample);
    let data = r#"{"Namespace": "n", "MetricData": [
        {"MetricName": "m", "Timestamp": "2026-02-03T04:05:20Z", "Value": 15}]}"#;
    // The minute of the value ends at 04:06; five minutes before that the period begins.
    assert!(reason(&given(data, None)).contains("15.0 (03/02/26 04:01:00)"));
    assert!(
        reason(&given(data, Some("2026-02-03T04:08:30Z"))).contains("15.0 (03/02/26 04:03:00)")
    );
    let low = r#"{"Datapoints": [{"Timestamp": "2026-02-03T04:01:00Z", "Sum": 3}]}"#;
    assert!(reason(&given(low, None)).contains("was not greater"), "from ALARM, then");
    let label = r#"{"Label": "MetricData", "Datapoints": [
        {"Timestamp": "2026-02-03T04:01:00Z", "Sum": 12}]}"#;
    assert!(reason(&given(label, None)).contains("12.0"));
}

#[test]
fn lines_say_what_they_come_from() {
    let found = preview("description = \"d\"", Metric::Sample(AlarmState::Alarm));
    let Outcome::Mailed { lines, .. } = found.outcome else { panic!("no mail") };
    let from = |label: &str| {
        lines.iter().find(|line| line.text.starts_with(label)).and_then(|line| line.from.as_deref())
    };
    assert_eq!(from("- Description:"), Some("description"));
    assert_eq!(from("- Period:"), Some("period"));
    assert_eq!(from("You are receiving"), None);
}

const EVENT: &str =
    "[[events]]\nname = \"e\"\npattern = '{\"source\": [\"s\"]}'\nmessage = \"say <$.detail.x>\"\n";

/// What is not as the file's only test wants it.
fn problems(test: &str, event: Option<&str>, snapshot: Option<&str>) -> Vec<String> {
    let spec = spec(&format!("{EVENT}{}[[tests]]\nname = \"x\"\n{test}\n", alarm("")));
    let checked = check(&stage(&spec), &spec.tests[0], Files { event, snapshot });
    let said =
        |p: &notify_core::preview::Problem| format!("{}: {} | {}", p.what, p.expected, p.found);
    checked.problems.iter().map(said).collect()
}

#[test]
fn a_test_of_an_event_names_what_differs() {
    let event = Some(r#"{"source": "s", "detail": {"x": "hi"}}"#);
    let check = |test: &str, snapshot: Option<&str>, want: &[&str]| {
        assert_eq!(problems(&format!("event = \"f\"\n{test}"), event, snapshot), want, "{test}");
    };
    check("expect = [\"e\"]\nbody_contains = [\"hi\"]\nbody_equals = '\"say hi\"'", None, &[]);
    check("expect = []", None, &["other notifications are mailed: none | e"]);
    check(
        "expect = [\"e\"]\nbody_contains = [\"ho\"]",
        None,
        &["a mail of e lacks a text: ho | \"say hi\""],
    );
    check(
        "expect = [\"e\"]\nbody_equals = \"no\"",
        None,
        &["a mail of e says something else: no | \"say hi\""],
    );
    let mails = "== e\n\"say hi\"\n";
    check("expect = [\"e\"]\nsnapshot = \"f\"", Some(mails), &[]);
    check(
        "expect = [\"e\"]\nsnapshot = \"f\"",
        Some("== e\nother\n"),
        &["the mails differ from the snapshot: == e\nother\n | == e\n\"say hi\"\n"],
    );
    let none =
        |test: &str| problems(&format!("event = \"f\"\n{test}"), Some(r#"{"source": "o"}"#), None);
    assert_eq!(none("expect = []"), [""; 0]);
    assert_eq!(
        none("expect = []\nbody_contains = [\"x\"]"),
        ["there is no mail that could say anything: a mail | none"]
    );
    assert_eq!(none("expect = []\nbody_equals = \"x\"").len(), 1);
    let lost = problems(
        "event = \"f\"\nexpect = []",
        Some(r#"{"source": "s", "detail": {"x": "\""}}"#),
        None,
    );
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].starts_with("the mail of e is lost: a mail | INVALID_JSON: "), "{lost:?}");
    let broken = problems("event = \"f\"\nexpect = []", Some("["), None);
    assert!(broken[0].starts_with("the event cannot be read: "), "{broken:?}");
}

#[test]
fn a_test_of_a_series_names_what_differs() {
    let check = |test: &str, want: &[&str]| {
        assert_eq!(problems(&format!("alarm = \"a\"\n{test}"), None, None), want, "{test}");
    };
    let states = |first: &str, second: &str| {
        format!(
            "series = \"0 11 0\"\nstates = {{ \"0s\" = \"INSUFFICIENT_DATA\", \"5m\" = \"{first}\", \"10m\" = \"{second}\", \"15m\" = \"OK\" }}"
        )
    };
    check(&states("OK", "ALARM"), &[]);
    check(&states("ALARM", "ALARM"), &["the state 5m after the beginning is another: ALARM | OK"]);
    check(
        "series = \"11x11 0\"\nstates = { \"1h\" = \"OK\" }",
        &["the state 1h after the beginning is another: OK | ALARM"],
    );
    check("series = \"0 11\"\nexpect = [\"a\"]", &[]);
    check("series = \"11\"\nexpect = []", &["other notifications are mailed: none | a"]);
    check("series = \"_\"\nexpect = [\"a\"]", &["other notifications are mailed: a | none"]);
}
