//! Values of metrics out of files, good and bad.

use crate::backtest::{alarm, at, changes, minute, of, published, tested};
use notify_core::alarm::MetricAlarm;
use notify_core::aws::Region;
use notify_core::backtest::{Backtest, Data, Missing, Span, Wanted, read, run};
use serde_json::{Value, json};

fn seen(document: &str, alarm: &MetricAlarm) -> Backtest {
    let data = of(document, alarm);
    let (_, last) = data.ends().expect("values");
    tested(&data, alarm, last).expect("a test")
}

fn refused(document: &str, alarms: &[MetricAlarm]) -> String {
    read(document.as_bytes(), &Wanted::by(alarms)).map(drop).expect_err(document).to_string()
}

#[test]
fn the_order_of_values_does_not_matter_and_those_of_a_minute_are_together() {
    let alarm = alarm(&json!({}));
    let values = [(0, 1.0), (5, 30.0), (5, 30.0), (9, 1.0)];
    let sorted = seen(&published(&values), &alarm);
    assert_eq!(changes(&sorted), ["1 OK", "6 ALARM", "9 OK"]);
    let mut backwards = values;
    backwards.reverse();
    assert_eq!(seen(&published(&backwards), &alarm), sorted);
}

#[test]
fn values_of_other_metrics_are_passed_over_but_tell_when_the_file_begins() {
    let alarm =
        alarm(&json!({"Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]}));
    let datum = |name: &str, dimensions: &Value, at: i64, value: f64| json!({"MetricName": name, "Dimensions": dimensions, "Timestamp": minute(at).to_string(), "Value": value});
    let own = json!([{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]);
    let document = json!({"MetricData": [
        datum("other", &json!([]), 0, 99.0),
        datum("M", &json!([{"Name": "a", "Value": "1"}]), 1, 99.0),
        datum("M", &own, 10, 99.0),
        datum("other", &json!(null), 20, 99.0),
    ], "Namespace": "N"});
    let seen = seen(&document.to_string(), &alarm);
    assert_eq!(changes(&seen), ["1 OK", "11 ALARM", "14 OK"]);
    assert_eq!((seen.values, seen.to), (1, minute(21)));

    // In another namespace, which is known only at the end.
    let text = document.to_string().replace("\"N\"", "\"Others\"");
    let data = of(&text, &alarm);
    let error = tested(&data, &alarm, minute(21)).expect_err("nothing");
    assert_eq!(error, Missing::NoData);
    assert_eq!(error.to_string(), "there are no values of its metric");
    let early = text.replacen("{\"MetricData\"", "{\"Namespace\":\"Others\",\"MetricData\"", 1);
    assert_eq!(
        tested(&of(&early, &alarm), &alarm, minute(21)).expect_err("nothing"),
        Missing::NoData
    );
}

#[test]
fn each_form_of_a_value_and_every_unit() {
    let data = json!([
        {"MetricName": "M", "Timestamp": minute(0).to_string(), "Values": [1, 4], "Counts": [2, 1], "Unit": "Count"},
        {"MetricName": "M", "Timestamp": minute(0).to_string(), "Value": 10, "Unit": null, "Counts": null},
        {"MetricName": "M", "Timestamp": minute(0).as_second(), "StatisticValues":
            {"SampleCount": 4, "Sum": 20, "Minimum": 0, "Maximum": 9}, "StorageResolution": 1},
    ]);
    let document =
        json!({"Namespace": "N", "MetricData": data, "EntityMetricData": [{}]}).to_string();
    for (statistic, unit, value) in [
        ("Sum", Value::Null, "36.0"),
        ("SampleCount", Value::Null, "8.0"),
        ("Average", Value::Null, "4.5"),
        ("Minimum", Value::Null, "0.0"),
        ("Maximum", Value::Null, "10.0"),
        ("Sum", json!("Count"), "6.0"),
        ("Sum", json!("None"), "30.0"),
    ] {
        let alarm = alarm(&json!({"Statistic": statistic, "Unit": unit, "Threshold": -1.0}));
        let seen = seen(&document, &alarm);
        let reason = &seen.transitions[0].reason;
        assert!(reason.contains(&format!("[{value} (")), "{statistic} {unit}: {reason}");
    }
    let p90 = alarm(&json!({"ExtendedStatistic": "p90"}));
    let error = tested(&of(&document, &p90), &p90, minute(1)).expect_err("summaries");
    assert!(error.to_string().starts_with("a percentile cannot be simulated"), "{error}");
}

#[test]
fn percentiles_of_published_values_slide_too() {
    let alarm = alarm(&json!({"ExtendedStatistic": "p50", "Period": 120, "Threshold": 7.0}));
    let document = published(&[(0, 1.0), (1, 9.0), (1, 8.0), (2, 2.0), (3, 3.0), (3, 1.0)]);
    // Minutes 0 and 1: 1, 8, 9. Minutes 1 and 2: 2, 8, 9. Then 1, 2, 3.
    assert_eq!(changes(&seen(&document, &alarm)), ["1 OK", "2 ALARM", "4 OK"]);
}

#[test]
fn what_the_aws_cli_prints_is_read_for_the_only_alarm() {
    let alarm_ = alarm(&json!({"Period": 300}));
    // Periods that begin two minutes after those of the clock.
    let points = json!({"Label": "M", "Datapoints": [
        {"Timestamp": minute(7).to_string(), "Sum": 99.0, "Unit": "Count"},
        {"Timestamp": minute(2).to_string(), "Sum": 1.0, "Unit": "Count"},
        {"Timestamp": minute(12).to_string(), "Sum": 2.0, "Unit": "Count"}]});
    let expected = ["7 OK", "12 ALARM", "17 OK"];
    let statistics = seen(&points.to_string(), &alarm_);
    assert_eq!(changes(&statistics), expected);
    assert_eq!(statistics.steps[0].1, 300);
    let results = json!({"Messages": [], "MetricDataResults": [{"Id": "m1", "Label": "M", "StatusCode": "Complete",
        "Timestamps": [minute(12).to_string(), minute(7).to_string(), minute(2).to_string()],
        "Values": [2.0, 99.0, 1.0]}]});
    assert_eq!(changes(&seen(&results.to_string(), &alarm_)), expected);
    let p99 = alarm(&json!({"Period": 300, "ExtendedStatistic": "p99"}));
    assert_eq!(changes(&seen(&results.to_string(), &p99)), expected);

    let both = [alarm_.clone(), p99];
    for document in [&points, &results] {
        let error = refused(&document.to_string(), &both);
        assert!(error.starts_with("it does not say of which metric it is"), "{error}");
    }
    let one = &results["MetricDataResults"][0];
    let mut short = results.clone();
    short["MetricDataResults"][0]["Values"] = json!([1.0]);
    let says = refused(&short.to_string(), std::slice::from_ref(&alarm_));
    assert!(says.starts_with("there are 3 Timestamps and 1 Values"), "{says}");
    let two = json!({"MetricDataResults": [one, one]}).to_string();
    assert!(refused(&two, &[alarm_]).starts_with("there are 2 MetricDataResults"));
}

#[test]
fn documents_may_follow_each_other() {
    let alarm = alarm(&json!({}));
    let text =
        format!("\u{feff}{}\n \n{}\n", published(&[(0, 30.0)]), published(&[(0, 30.0), (3, 1.0)]));
    assert_eq!(changes(&seen(&text, &alarm)), ["1 ALARM", "4 OK"]);
}

#[test]
fn what_is_broken_is_named_with_its_place() {
    let alarm = alarm(&json!({}));
    for (document, says) in [
        ("", "it is empty"),
        (" \n ", "it is empty"),
        ("{", "not JSON: EOF while parsing an object at line 1 column 1"),
        ("\u{0}", "not JSON: "),
        (
            "[]",
            "invalid type: sequence, expected an object with values of metrics at line 1 column 1",
        ),
        ("7", "invalid type: integer `7`, expected an object with values"),
        ("{}", "it has neither series nor MetricData, Datapoints or MetricDataResults at line 1"),
        (r#"{"MetricData": []}"#, "Namespace is missing at line 1 column"),
        (r#"{"Namespace": 7, "MetricData": []}"#, "invalid type: integer `7`, expected a string"),
        (
            r#"{"Namespace": "N", "MetricData": {}}"#,
            "invalid type: map, expected a list of MetricData",
        ),
        (r#"{"Namespace": "N", "MetricData": [{"Value": 1}]}"#, "missing field `MetricName`"),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Value": 1}]}"#,
            "MetricData number 1: Timestamp is missing",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "x"}, {"MetricName": "M", "Timestamp": 0}]}"#,
            "MetricData number 2: it needs one of Value, Values and StatisticValues",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": "now", "Value": 1}]}"#,
            "MetricData number 1: \"now\" is no time",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "Value": NaN}]}"#,
            "not JSON: ",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "Value": 1e999}]}"#,
            "not JSON: number out of range",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "Value": "1"}]}"#,
            "invalid type: string \"1\", expected f64",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "Values": [1], "Counts": []}]}"#,
            "MetricData number 1: there are 1 Values and 0 Counts",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "Values": []}]}"#,
            "MetricData number 1: there are 0 Values and 0 Counts",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "Values": [1], "Counts": [0]}]}"#,
            "MetricData number 1: Counts is not a list of numbers above 0",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "StatisticValues": {"SampleCount": 0, "Sum": 0, "Minimum": 0, "Maximum": 0}}]}"#,
            "MetricData number 1: SampleCount is not a number above 0",
        ),
        (
            r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Timestamp": 0, "Value": 1, "StorageResolution": 5}]}"#,
            "MetricData number 1: StorageResolution is not 1 or 60",
        ),
        (r#"{"version": 2, "series": []}"#, "version 2 is not 1, which is read"),
        (r#"{"version": 1, "series": [{}]}"#, "missing field `region`"),
        (r#"{"Datapoints": [{}]}"#, "the datapoint number 1: Timestamp is missing"),
    ] {
        let error = refused(document, std::slice::from_ref(&alarm));
        assert!(error.starts_with(says), "{document}\n  {error}\n  {says}");
    }
    let deep = "[".repeat(100_000);
    let ignored = format!(r#"{{"Namespace": "N", "MetricData": [{{"MetricName": "M", "x": {deep}"#);
    let kept = format!(r#"{{"Datapoints": {deep}"#);
    let alarms = [alarm];
    assert!(refused(&ignored, &alarms).starts_with("not JSON: EOF while parsing"));
    assert!(refused(&kept, &alarms).starts_with("not JSON: recursion limit exceeded"));
}

fn series(changes: &Value) -> String {
    let mut series = json!({"region": "us-east-1", "namespace": "N", "metric": "M", "dimensions": {},
        "unit": null, "statistic": "Sum", "period": 60, "from": minute(0).to_string(), "to": minute(60).to_string(),
        "timestamps": [minute(10).as_second(), minute(11).as_second()], "values": [99.0, 1.0]});
    for (key, value) in changes.as_object().expect("fields") {
        series[key] = value.clone();
    }
    json!({"version": 1, "series": [series]}).to_string()
}

#[test]
fn saved_values_are_checked() {
    let alarm = alarm(&json!({}));
    // Three minutes are looked at, and nothing is known of those before the first.
    assert_eq!(changes(&seen(&series(&json!({})), &alarm)), ["3 OK", "11 ALARM", "12 OK"]);
    for (changes, says) in [
        (json!({"values": [1.0]}), "M has 2 timestamps and 1 values at line 1"),
        (json!({"period": 0}), "M has a period of 0 seconds"),
        (json!({"statistic": "tm99"}), "the statistic tm99 cannot be simulated"),
        (json!({"from": "today"}), "\"today\" is no time"),
        (json!({"region": "Tokyo"}), ""),
        (json!({"more": 1}), "unknown field `more`"),
        (json!({"values": [null, 1.0]}), "invalid type: null, expected f64"),
    ] {
        let error = refused(&series(&changes), std::slice::from_ref(&alarm));
        assert!(error.starts_with(says), "{changes}: {error}");
    }
    // Twice the same time: the largest counts. What lies outside is no harm.
    let odd = json!({"timestamps": [minute(10).as_second(), minute(10).as_second(), i64::MAX, -1, minute(70).as_second()],
        "values": [99.0, 1.0, 99.0, 99.0, 99.0], "gaps": ["odd \u{1b}"]});
    let seen = seen(&series(&odd), &alarm);
    assert_eq!(changes(&seen), ["3 OK", "11 ALARM", "14 OK"]);
    assert_eq!(seen.gaps[0].to_string(), "odd \u{1b}");
    for nothing in [
        json!({"from": minute(60).to_string()}),
        json!({"period": 7}),
        json!({"statistic": "Maximum"}),
    ] {
        let data = of(&series(&nothing), &alarm);
        assert_eq!(
            tested(&data, &alarm, minute(60)).expect_err("nothing"),
            Missing::NoData,
            "{nothing}"
        );
    }
}

#[test]
fn times_at_the_ends_of_the_world_are_no_harm() {
    let alarm = alarm(&json!({"Period": 86_400}));
    let document = r#"{"Namespace": "N", "MetricData": [
        {"MetricName": "M", "Timestamp": "-009999-01-02T01:59:59Z", "Value": 99},
        {"MetricName": "M", "Timestamp": "9999-12-30T22:00:00Z", "Value": 99},
        {"MetricName": "M", "Timestamp": "2026-09-14T05:00:00Z", "Value": 99}]}"#;
    let data = of(document, &alarm);
    let seen = tested(&data, &alarm, minute(60)).expect("a test");
    assert_eq!(changes(&seen)[1], "1 ALARM");
    let all = Span { from: jiff::Timestamp::MIN, to: jiff::Timestamp::MAX };
    let seen = run(&data, &Region::us_east_1(), &alarm, all, 60).expect("a test");
    assert!(
        seen.to > seen.from && seen.from > at("9990-01-01T00:00:00Z"),
        "{} {}",
        seen.from,
        seen.to
    );
    assert!(run(&Data::default(), &Region::us_east_1(), &alarm, all, 0).is_err());
}
