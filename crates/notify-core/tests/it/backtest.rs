//! Alarms against the past: what is asked, and what comes of the answers.

use jiff::{SignedDuration, Timestamp};
use notify_core::alarm::{MetricAlarm, one_from_json};
use notify_core::aws::{AlarmState, Region};
use notify_core::backtest::{
    Backtest, Data, MOST_TRANSITIONS, Missing, Question, Span, Times, Wanted, questions, read, run,
    save, suggest,
};
use notify_core::provider::{Gap, MetricSeries, Window};
use serde_json::{Value, json};

pub(crate) const START: &str = "2026-09-14T05:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A time so many minutes after [`START`].
pub(crate) fn minute(minute: i64) -> Timestamp {
    at(START) + SignedDuration::from_mins(minute)
}

pub(crate) fn alarm(changes: &Value) -> MetricAlarm {
    let mut alarm = json!({"AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum",
        "Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 50.0,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
        "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:t"]});
    for (key, value) in changes.as_object().expect("fields") {
        alarm[key] = value.clone();
    }
    if alarm.get("ExtendedStatistic").is_some() {
        alarm["Statistic"] = Value::Null;
    }
    one_from_json(&alarm.to_string(), None).expect("an alarm")
}

/// A document of values, so many minutes after [`START`].
pub(crate) fn published(values: &[(i64, f64)]) -> String {
    let data = values.iter().map(|(at, value)| {
        json!({"MetricName": "M", "Timestamp": minute(*at).to_string(), "Value": value})
    });
    json!({"Namespace": "N", "MetricData": data.collect::<Vec<_>>()}).to_string()
}

pub(crate) fn of(document: &str, alarm: &MetricAlarm) -> Data {
    read(document.as_bytes(), &Wanted::by([alarm])).expect("a document")
}

pub(crate) fn tested(data: &Data, alarm: &MetricAlarm, to: Timestamp) -> Result<Backtest, Missing> {
    let span = Span { from: at("2026-08-01T00:00:00Z"), to };
    run(data, &Region::us_east_1(), alarm, span, 6)
}

/// Minutes after [`START`] and states, as `3 ALARM`.
pub(crate) fn changes(seen: &Backtest) -> Vec<String> {
    let start = at(START).as_second();
    let change = |change: &notify_core::alarm::Transition| {
        let seconds = change.at.as_second() - start;
        assert_eq!(seconds % 60, 0);
        format!("{} {}", seconds / 60, change.to.as_str())
    };
    seen.transitions.iter().map(change).collect()
}

/// The changes over a picture of minutes, from the left: `X` breaches, `0` does not.
fn picture(m: u32, n: u32, treat: &str, minutes: &str) -> Vec<String> {
    let minutes = minutes.chars().filter(|c| !c.is_whitespace());
    let value = |c: char| match c {
        'X' => Some(100.0),
        '0' => Some(0.0),
        _ => None,
    };
    let values: Vec<Option<f64>> = minutes.map(value).collect();
    let count = i64::try_from(values.len()).expect("a picture");
    let some = (0..).zip(&values).filter_map(|(at, value)| Some((at, (*value)?)));
    let alarm =
        alarm(&json!({"EvaluationPeriods": n, "DatapointsToAlarm": m, "TreatMissingData": treat}));
    let data = of(&published(&some.collect::<Vec<_>>()), &alarm);
    changes(&tested(&data, &alarm, minute(count)).expect("a test"))
}

const TREATMENTS: [&str; 4] = ["missing", "ignore", "breaching", "notBreaching"];

#[test]
fn the_documented_tables_after_five_good_minutes() {
    let three = [
        ("0 - X - X", ["OK", "OK", "OK", "OK"]),
        ("0 - - - -", ["OK", "OK", "OK", "OK"]),
        ("- - - - -", ["INSUFFICIENT_DATA", "OK", "ALARM", "OK"]),
        ("0 X X - X", ["ALARM"; 4]),
        ("- - X - -", ["ALARM", "OK", "ALARM", "OK"]),
    ];
    let two = [
        ("0 - X - X", ["ALARM"; 4]),
        ("0 0 X 0 X", ["ALARM"; 4]),
        ("0 - X - -", ["OK", "OK", "ALARM", "OK"]),
        ("- - - - 0", ["OK", "OK", "ALARM", "OK"]),
        ("- - - X -", ["ALARM", "OK", "ALARM", "OK"]),
    ];
    let tables = three.map(|row| (3, row)).into_iter().chain(two.map(|row| (2, row)));
    for (m, (minutes, states)) in tables {
        for (treat, state) in TREATMENTS.iter().zip(states) {
            let seen = picture(m, 3, treat, &format!("0 0 0 0 0 {minutes}"));
            let last = seen.last().expect("a first state");
            let last = last.split_once(' ').expect("a minute").1;
            assert_eq!(last, state, "{m} of 3, {treat}: {minutes}: {seen:?}");
        }
    }
}

#[test]
fn every_change_of_a_series() {
    for (treat, expected) in [
        ("missing", &["1 OK", "5 ALARM", "9 INSUFFICIENT_DATA", "10 OK"][..]),
        ("ignore", &["1 OK", "5 ALARM", "10 OK"]),
        ("breaching", &["1 OK", "5 ALARM", "10 OK"]),
        ("notBreaching", &["1 OK", "5 ALARM", "8 OK"]),
    ] {
        let seen = picture(2, 2, treat, "0 0 - X X - - - - 0 0 - - -");
        assert_eq!(seen, expected, "{treat}");
    }
}

#[test]
fn periods_slide_by_the_minute() {
    let alarm = alarm(&json!({"Period": 300}));
    // 60 in five minutes, but in none of the clock.
    let data = of(&published(&[(0, 1.0), (58, 30.0), (61, 30.0), (80, 51.0)]), &alarm);
    let seen = tested(&data, &alarm, minute(120)).expect("a test");
    assert_eq!(changes(&seen)[..3], ["1 OK", "62 ALARM", "64 OK"]);
    let starts = seen.transitions.iter().filter(|t| t.to == AlarmState::Alarm).count();
    assert_eq!(seen.mails, starts);
    assert_eq!(seen.steps, [(minute(1), 60)]);
    assert_eq!(seen.values, 4);
    assert_eq!((seen.from, seen.to), (minute(1), minute(120)));
    assert_eq!(
        seen.transitions[1].reason,
        "Threshold Crossed: 1 out of the last 1 datapoints [60.0 (14/09/26 05:57:00)] was greater \
         than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition)."
    );
}

#[test]
fn times_mails_and_the_line_are_counted_from_the_first_evaluation_to_the_last() {
    let changes = json!({"OKActions": ["arn:aws:sns:us-east-1:123456789012:t"]});
    let alarm = alarm(&changes);
    let data = of(&published(&[(0, 1.0), (10, 99.0), (11, 99.0), (50, 99.0)]), &alarm);
    let seen = tested(&data, &alarm, minute(61)).expect("a test");
    assert_eq!(self::changes(&seen), ["1 OK", "11 ALARM", "15 OK", "51 ALARM", "54 OK"]);
    let Times { ok, alarm: in_alarm, insufficient_data } = seen.times;
    assert_eq!((ok + in_alarm + insufficient_data, insufficient_data), (3_600, 0));
    assert_eq!(seen.mails, seen.changes);
    let month = seen.mails_a_month().expect("an hour");
    assert!((month - 5.0 * 24.0 * 30.0).abs() < 1e-9, "{month}");
    let [first, second, third, .., last] = seen.line[..] else { panic!("{:?}", seen.line) };
    assert_eq!((seen.line.len(), first, second), (6, AlarmState::Ok, AlarmState::Alarm));
    assert_eq!((third, last), (AlarmState::Ok, AlarmState::Alarm));
}

#[test]
fn nobody_is_mailed_but_by_topics_that_are_told() {
    let queue = json!({"AlarmActions": ["arn:aws:sqs:us-east-1:123456789012:q", "nonsense"]});
    let two = json!({"AlarmActions": ["arn:aws:sns:us-east-1:123456789012:a", "arn:aws:sns:us-east-1:123456789012:b"]});
    for (changes, mails) in [
        (json!({}), 1),
        (json!({"ActionsEnabled": false}), 0),
        (json!({"AlarmActions": []}), 0),
        (queue, 0),
        (two, 2),
    ] {
        let alarm = alarm(&changes);
        let data = of(&published(&[(0, 1.0), (5, 99.0)]), &alarm);
        let seen = tested(&data, &alarm, minute(6)).expect("a test");
        assert_eq!((seen.mails, seen.changes), (mails, 2), "{changes}");
    }
}

#[test]
fn changes_are_all_counted_and_some_are_kept() {
    let alarm = alarm(&json!({"EvaluationPeriods": 1}));
    let values: Vec<(i64, f64)> =
        (0..3_000).map(|m| (m, if m % 2 == 0 { 0.0 } else { 99.0 })).collect();
    let seen = tested(&of(&published(&values), &alarm), &alarm, minute(3_000)).expect("a test");
    assert_eq!((seen.changes, seen.mails), (3_000, 1_500));
    assert_eq!(seen.transitions.len(), MOST_TRANSITIONS);
}

fn ask(alarms: &[&MetricAlarm], days: i64) -> (Window, Vec<Question>) {
    let now = at("2026-11-24T00:00:00Z");
    let window = Window { from: now - SignedDuration::from_hours(24 * days), to: now, now };
    let alarms: Vec<_> = alarms.iter().map(|alarm| (Region::us_east_1(), *alarm)).collect();
    (window, questions(&alarms, window))
}

/// Each question's statistic, period, and hours before now from and to which it asks.
fn asked(questions: &[Question]) -> Vec<String> {
    let hours = |at: Timestamp, now: Timestamp| (now.as_second() - at.as_second()) / 3_600;
    let of = |question: &Question| {
        let Window { from, to, now } = question.window;
        let (from, to) = (hours(from, now), hours(to, now));
        let queries = question.queries.iter();
        let queries: Vec<String> =
            queries.map(|query| format!("{} {}", query.statistic, query.period)).collect();
        format!("{from}-{to}: {}", queries.join(", "))
    };
    questions.iter().map(of).collect()
}

#[test]
fn values_are_asked_for_as_fine_as_they_are_kept() {
    let day = json!({"Period": 86_400});
    for (changes, days, expected) in [
        (json!({}), 10, &["240-0: Sum 60"][..]),
        // A minute's values cannot be had of older ones.
        (json!({}), 30, &["720-0: Sum 60"]),
        (json!({"Period": 300}), 30, &["720-359: Sum 300", "359-0: Sum 60"]),
        (json!({"Period": 300}), 100, &["2400-359: Sum 300", "359-0: Sum 60"]),
        (day.clone(), 10, &["312-0: Sum 60"]),
        (day.clone(), 30, &["792-359: Sum 300", "359-0: Sum 60"]),
        (day, 100, &["2472-1511: Sum 3600", "1511-359: Sum 300", "359-0: Sum 60"]),
        // More than a day is looked at once an hour.
        (json!({"Period": 86_400, "EvaluationPeriods": 2}), 30, &["816-0: Sum 3600"]),
        (json!({"Period": 5_400, "EvaluationPeriods": 17}), 30, &["748-0: Sum 300"]),
        (json!({"Period": 10}), 1, &["24-0: Sum 10"]),
        (json!({"Statistic": "Average"}), 1, &["24-0: Sum 60, SampleCount 60"]),
        (json!({"ExtendedStatistic": "p99", "Period": 300}), 30, &["720-0: p99 300"]),
        (json!({"ExtendedStatistic": "tm90"}), 30, &[]),
    ] {
        let alarm = alarm(&changes);
        assert_eq!(asked(&ask(&[&alarm], days).1), expected, "{changes} {days}");
    }
}

#[test]
fn what_several_alarms_need_is_asked_for_once() {
    let one =
        alarm(&json!({"Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]}));
    let two = alarm(
        &json!({"Dimensions": [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}], "Threshold": 1}),
    );
    let other =
        alarm(&json!({"Dimensions": [{"Name": "b", "Value": "2"}], "Statistic": "Average"}));
    let (_, questions) = ask(&[&one, &two, &other], 1);
    assert_eq!(asked(&questions), ["24-0: Sum 60, Sum 60, SampleCount 60"]);
}

/// Answers questions with values by minutes before now.
fn answered(questions: &[Question], value: impl Fn(i64) -> Option<f64>) -> Data {
    let mut data = Data::default();
    for question in questions {
        let answers = question.queries.iter().map(|query| {
            let (from, to, gap) = question.window.kept(query.period);
            let period = i64::from(query.period);
            let begins = (from.as_second()..to.as_second()).step_by(query.period as usize);
            let points = begins.filter_map(|begin| {
                let minutes = (begin..begin + period).step_by(60);
                let now = question.window.now.as_second();
                let values: Vec<f64> = minutes.filter_map(|at| value((now - at) / 60)).collect();
                let sum = values.iter().sum();
                let at = Timestamp::from_second(begin).expect("a time");
                (!values.is_empty()).then_some(notify_core::alarm::Point { at, value: sum })
            });
            MetricSeries { points: points.collect(), gaps: gap.into_iter().collect() }
        });
        data.add(question, answers.collect());
    }
    data
}

const DAY: i64 = 1_440;

#[test]
fn older_values_are_followed_in_their_grain_and_newer_ones_by_the_minute() {
    let alarm = alarm(&json!({"Period": 300}));
    let (window, questions) = ask(&[&alarm], 30);
    // Both times 60 in five minutes that are not of the clock.
    let some = |ago: i64| match ago {
        ago if ago == 20 * DAY + 1 || ago == 20 * DAY - 1 => Some(30.0),
        ago if ago == 3 * DAY + 1 || ago == 3 * DAY - 1 => Some(30.0),
        ago if ago == 25 * DAY => Some(99.0),
        ago if ago % 5 == 2 => Some(1.0),
        _ => None,
    };
    let data = answered(&questions, some);
    let span = Span { from: window.from, to: window.to };
    let seen = run(&data, &Region::us_east_1(), &alarm, span, 60).expect("a test");
    let alarms: Vec<i64> = seen
        .transitions
        .iter()
        .filter(|change| change.to == AlarmState::Alarm)
        .map(|change| (window.to.as_second() - change.at.as_second()) / 60)
        .collect();
    assert_eq!(alarms[0], 25 * DAY - 5, "{alarms:?}");
    // Unseen 20 days ago, where only five minutes of the clock are known.
    assert_eq!(alarms[1], 3 * DAY - 2, "{alarms:?}");
    let [(first, 300), (second, 60)] = seen.steps[..] else { panic!("{:?}", seen.steps) };
    assert_eq!(first, window.from);
    // Three periods after values of a minute begin.
    let border = questions[1].window.from;
    assert_eq!(second, border + SignedDuration::from_mins(15));
    assert_eq!(seen.from, window.from);
    assert_eq!(seen.to, window.to);
    assert_eq!(seen.gaps, []);
}

#[test]
fn where_no_values_are_kept_the_test_begins_later() {
    let alarm = alarm(&json!({}));
    let (window, questions) = ask(&[&alarm], 30);
    let data = answered(&questions, |_| Some(1.0));
    let span = Span { from: window.from, to: window.to };
    let seen = run(&data, &Region::us_east_1(), &alarm, span, 60).expect("a test");
    let kept = SignedDuration::from_hours(15 * 24) - SignedDuration::from_mins(5 + 3);
    assert_eq!(seen.from, window.now - kept);
    assert_eq!(seen.transitions[0].at, seen.from);

    let old = Span { from: window.from, to: window.now - kept - SignedDuration::from_mins(1) };
    let error = run(&data, &Region::us_east_1(), &alarm, old, 60).expect_err("too short");
    assert!(
        error.to_string().starts_with("its values are known from 2026-11-09T00:05:00Z to "),
        "{error}"
    );
}

#[test]
fn an_answer_without_values_is_silence() {
    let alarm = alarm(&json!({"TreatMissingData": "breaching"}));
    let (window, questions) = ask(&[&alarm], 1);
    let data = answered(&questions, |_| None);
    let span = Span { from: window.from, to: window.to };
    let seen = run(&data, &Region::us_east_1(), &alarm, span, 60).expect("a test");
    assert_eq!((seen.values, seen.changes, seen.mails), (0, 1, 1));
    assert_eq!(seen.from, window.from);
    let elsewhere = run(&data, &Region::parse("eu-west-1").expect("a region"), &alarm, span, 60);
    assert_eq!(elsewhere.expect_err("another region"), Missing::NoData);
}

#[test]
fn an_average_is_that_of_the_samples_and_not_of_the_minutes() {
    let average = json!({"Statistic": "Average", "Period": 120, "Threshold": 4.9});
    let alarm = alarm(&average);
    let mut data = Data::default();
    let (window, questions) = ask(&[&alarm], 1);
    let point = |ago: i64, value: f64| notify_core::alarm::Point {
        at: window.now - SignedDuration::from_mins(ago),
        value,
    };
    // 1 sample of 1, 9 samples of 6 together: 5.5; the mean of the minutes is 3.5.
    let sums = vec![point(20, 1.0), point(19, 54.0), point(9, 99.0)];
    let counts = vec![point(20, 1.0), point(19, 9.0)];
    let answers = [sums, counts].map(|points| MetricSeries { points, gaps: vec![Gap::Partial] });
    data.add(&questions[0], answers.to_vec());
    let span = Span { from: window.from, to: window.to };
    let seen = run(&data, &Region::us_east_1(), &alarm, span, 60).expect("a test");
    assert!(seen.transitions[1].reason.contains("[5.5 ("), "{:?}", seen.transitions);
    assert_eq!(seen.values, 2, "a sum without a count is none");
    assert_eq!(seen.gaps, [Gap::Partial]);
}

#[test]
fn what_is_saved_is_read_again_with_the_same_result() {
    let alarms = [
        alarm(&json!({"Period": 86_400})),
        alarm(
            &json!({"Statistic": "Average", "Period": 300, "Unit": "Count", "Dimensions": [{"Name": "n\u{7}", "Value": "値"}]}),
        ),
    ];
    let (window, questions) = ask(&[&alarms[0], &alarms[1]], 30);
    let data = answered(&questions, |ago| {
        (ago % 7 < 3).then_some(f64::from(i32::try_from(ago % 11).expect("small")) + 0.5)
    });
    let mut file = Vec::new();
    save(&data, &mut file).expect("memory takes it");
    let again = read(&file[..], &Wanted::by(&alarms)).expect("what was saved");
    let span = Span { from: window.from, to: window.to };
    for alarm in &alarms {
        let seen = |data: &Data| run(data, &Region::us_east_1(), alarm, span, 60).expect("a test");
        assert_eq!(seen(&data), seen(&again));
        assert!(seen(&again).changes > 0);
    }
    assert_eq!(data.ends(), again.ends());
    let mut twice = Vec::new();
    save(&again, &mut twice).expect("memory takes it");
    assert_eq!(String::from_utf8(file).expect("JSON"), String::from_utf8(twice).expect("JSON"));
}

#[test]
fn thresholds_are_each_tried_and_the_one_that_tells_the_most_is_suggested() {
    let alarm =
        alarm(&json!({"Threshold": 0.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}));
    // Quiet at 1, ten peaks of 10 to 100.
    let values: Vec<(i64, f64)> = (0..30 * DAY)
        .map(|m| {
            (
                m,
                if m % (3 * DAY) == DAY {
                    f64::from(u32::try_from(m / (3 * DAY) + 1).expect("small")) * 10.0
                } else {
                    1.0
                },
            )
        })
        .collect();
    let data = of(&published(&values), &alarm);
    let span = Span { from: minute(0), to: minute(30 * DAY) };
    let found = suggest(&data, &Region::us_east_1(), &alarm, span, 4.0).expect("a test");
    let shown: Vec<(f64, usize)> =
        found.candidates.iter().map(|c| (c.threshold, c.mails)).collect();
    // All quantiles are 1; between it and the worst are three, and one is beyond.
    assert_eq!(
        shown,
        [(0.0, 1), (1.0, 1), (25.8, 8), (50.5, 5), (75.2, 3), (100.0, 1), (110.0, 0)]
    );
    assert_eq!(found.suggested, Some(4));
    assert!(found.candidates[0].current);
    assert_eq!(found.candidates.iter().filter(|c| c.current).count(), 1);
    let most = |at_most| {
        suggest(&data, &Region::us_east_1(), &alarm, span, at_most).expect("a test").suggested
    };
    assert_eq!(most(8.1), Some(2));
    assert_eq!(most(1.1), Some(5), "those that are always in ALARM are none");
    assert_eq!(most(0.0), Some(6));
    for candidate in &found.candidates {
        let changed = json!({"Threshold": candidate.threshold, "ComparisonOperator": "GreaterThanOrEqualToThreshold"});
        let alone = self::alarm(&changed);
        let seen = run(&data, &Region::us_east_1(), &alone, span, 1).expect("a test");
        assert_eq!(
            (seen.mails, seen.changes, seen.times),
            (candidate.mails, candidate.changes, candidate.times)
        );
        assert_eq!(seen.mails_a_month(), candidate.mails_a_month);
    }
}

#[test]
fn low_thresholds_are_tried_downwards() {
    let alarm = alarm(&json!({"Threshold": 5.0, "ComparisonOperator": "LessThanThreshold"}));
    let values: Vec<(i64, f64)> =
        (0..1_000).map(|m| (m, if m == 500 { 0.0 } else { 8.0 })).collect();
    let data = of(&published(&values), &alarm);
    let span = Span { from: minute(0), to: minute(1_000) };
    let found = suggest(&data, &Region::us_east_1(), &alarm, span, 100.0).expect("a test");
    let shown: Vec<(f64, usize)> =
        found.candidates.iter().map(|c| (c.threshold, c.mails)).collect();
    assert_eq!(shown, [(8.0, 1), (6.0, 1), (5.0, 1), (4.0, 1), (2.0, 1), (0.0, 0), (-1.0, 0)]);
    assert_eq!(found.suggested, Some(0));
}
