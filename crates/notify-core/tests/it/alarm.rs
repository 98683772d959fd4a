//! What an alarm makes of points: pictures of periods, and case files.

use jiff::{SignedDuration, Timestamp};
use notify_core::alarm::{Condition, MetricAlarm, Point, evaluate, time_from_value};
use notify_core::aws::{AlarmState, Comparison, TreatMissingData};
use serde_json::Value;
use std::path::Path;

use AlarmState::{Alarm, InsufficientData, Ok as Good};
use TreatMissingData::{Breaching, Ignore, Missing, NotBreaching};

pub(crate) const STATES: [AlarmState; 3] = [Good, Alarm, InsufficientData];

/// Every evaluation of a picture is at this time.
pub(crate) fn now() -> Timestamp {
    "2026-09-14T05:43:00Z".parse().expect("a time")
}

pub(crate) fn condition(m: u32, n: u32, missing: TreatMissingData) -> Condition {
    Condition {
        statistic: "Sum".to_owned(),
        period: 60,
        evaluation_periods: n,
        datapoints_to_alarm: Some(m),
        comparison: Comparison::GreaterThanThreshold,
        threshold: 50.0,
        treat_missing_data: Some(missing),
    }
}

/// The points of a picture of minutes, the newest on the right: `X` breaches, `0` does not, `-` is
/// missing.
pub(crate) fn picture(minutes: &str) -> Vec<Point> {
    let minutes = minutes.chars().filter(|c| !c.is_whitespace()).rev().zip(1_i64..);
    let value = |c| match c {
        'X' => Some(100.0),
        '0' => Some(0.0),
        _ => None,
    };
    minutes
        .filter_map(|(c, ago)| Some((value(c)?, ago)))
        .map(|(value, ago)| Point { at: now() - SignedDuration::from_mins(ago), value })
        .collect()
}

/// The state, and the reason if it is a new one.
fn after(
    condition: &Condition,
    from: AlarmState,
    points: &[Point],
    range: u32,
) -> (AlarmState, Option<String>) {
    let change = evaluate(condition, from, points, now(), Some(range)).expect("an alarm");
    let Some(change) = change else { return (from, None) };
    assert_eq!((change.at, change.from), (now(), from));
    assert_ne!(change.to, from);
    (change.to, Some(change.reason))
}

/// Checks where a picture leads from every state; `None` is where the state stays.
#[track_caller]
fn leads(
    m: u32,
    n: u32,
    range: u32,
    minutes: &str,
    missing: TreatMissingData,
    to: Option<AlarmState>,
) {
    for from in STATES {
        let (state, reason) = after(&condition(m, n, missing), from, &picture(minutes), range);
        assert_eq!(state, to.unwrap_or(from), "{minutes} {missing:?} {m} of {n} from {from:?}");
        assert_eq!(reason.is_some(), state != from);
    }
}

#[test]
fn the_documented_tables() {
    let three = [
        ("0 - X - X", Some(Good), Some(Good), Good, Good),
        ("0 - - - -", Some(Good), Some(Good), Good, Good),
        ("- - - - -", Some(InsufficientData), None, Alarm, Good),
        ("0 X X - X", Some(Alarm), Some(Alarm), Alarm, Alarm),
        ("- - X - -", Some(Alarm), None, Alarm, Good),
    ];
    let two = [
        ("0 - X - X", Some(Alarm), Some(Alarm), Alarm, Alarm),
        ("0 0 X 0 X", Some(Alarm), Some(Alarm), Alarm, Alarm),
        ("0 - X - -", Some(Good), Some(Good), Alarm, Good),
        ("- - - - 0", Some(Good), Some(Good), Alarm, Good),
        ("- - - X -", Some(Alarm), None, Alarm, Good),
    ];
    for (m, table) in [(3, three), (2, two)] {
        for (minutes, missing, ignore, breaching, not_breaching) in table {
            leads(m, 3, 5, minutes, Missing, missing);
            leads(m, 3, 5, minutes, Ignore, ignore);
            leads(m, 3, 5, minutes, Breaching, Some(breaching));
            leads(m, 3, 5, minutes, NotBreaching, Some(not_breaching));
        }
    }
}

#[test]
fn one_breach_and_silence_alarm_as_soon_as_the_breach_is_m_periods_old() {
    for (m, minutes, to) in [
        (1, "- - - - X", Some(Alarm)),
        (2, "- - - - X", None),
        (2, "- - - X -", Some(Alarm)),
        (3, "- - - X -", None),
        (3, "- - X - -", Some(Alarm)),
        // Older than N, within the range: still an alarm; out of the range: silence.
        (3, "X - - - - - - - -", Some(Alarm)),
        (3, "X - - - - - - - - -", Some(InsufficientData)),
        // Several breaching ones; the oldest counts.
        (3, "X - X X - - - - -", Some(Alarm)),
        (3, "- - - - - - - X X", None),
        (3, "- - - - - - X - X", Some(Alarm)),
        // A good one within the range forbids it, and once it has left it does not.
        (3, "- - 0 - X - X - -", Some(Good)),
        (3, "0 - - - - X - X - -", Some(Alarm)),
    ] {
        leads(m, 3, 9, minutes, Missing, to);
    }
}

#[test]
fn ignore_keeps_the_state_where_only_breaches_are_left() {
    for (m, minutes, to) in [
        (2, "- - X - -", None),
        (1, "- - X - -", Some(Alarm)),
        (2, "- X X - -", Some(Alarm)),
        (3, "- X X - -", None),
        (2, "0 - X - -", Some(Good)),
        (2, "- - 0 - -", Some(Good)),
    ] {
        leads(m, 3, 5, minutes, Ignore, to);
    }
}

#[test]
fn enough_real_points_decide_alone() {
    for treatment in TreatMissingData::ALL {
        // N real points in the range, although the newest are missing.
        leads(2, 3, 6, "X X 0 - - -", treatment, Some(Alarm));
        leads(3, 3, 6, "X X 0 - - -", treatment, Some(Good));
        // The newest N of them, not the older ones.
        leads(2, 3, 6, "X X X 0 0 -", treatment, Some(Good));
        leads(1, 3, 6, "X X X 0 0 -", treatment, Some(Alarm));
        leads(1, 3, 6, "X X 0 0 0 -", treatment, Some(Good));
    }
    // One slot less, and there are too few.
    leads(3, 3, 5, "0 X X - - -", Missing, Some(Alarm));
    leads(3, 3, 6, "0 X X - - -", Missing, Some(Good));
    leads(3, 3, 5, "0 X X - - -", Breaching, Some(Alarm));
    leads(3, 3, 5, "0 X X - - -", NotBreaching, Some(Good));
    leads(2, 3, 5, "0 X X - - -", NotBreaching, Some(Alarm));
}

#[test]
fn a_range_below_n_is_n_and_without_one_it_is_the_default() {
    leads(3, 3, 0, "X X X", Missing, Some(Alarm));
    leads(3, 3, 1, "X X X", Missing, Some(Alarm));
    for (minutes, to) in [("X - - - -", Some(Alarm)), ("X - - - - -", Some(InsufficientData))] {
        let change = evaluate(&condition(3, 3, Missing), Good, &picture(minutes), now(), None);
        assert_eq!(change.unwrap().map(|change| change.to), to, "N + 2 periods");
    }
    let default = |period, n| Condition { period, ..condition(1, n, Missing) }.default_range();
    assert_eq!([default(60, 3), default(59, 3), default(10, 3), default(86_400, 1)], [5, 9, 9, 3]);
    assert_eq!(default(60, u32::MAX), u32::MAX);
}

/// The reason for leaving the other state.
fn reason(condition: &Condition, minutes: &str) -> String {
    let [a, b] = [Good, Alarm].map(|from| after(condition, from, &picture(minutes), 5).1);
    a.or(b).expect("a change from OK or from ALARM")
}

#[track_caller]
fn because(cases: &[(u32, u32, TreatMissingData, &str, &str)]) {
    for (m, n, missing, minutes, text) in cases {
        assert_eq!(reason(&condition(*m, *n, *missing), minutes), *text);
    }
}

#[test]
fn reasons_of_real_points() {
    because(&[
        (
            3,
            3,
            Missing,
            "X X X",
            "Threshold Crossed: 3 out of the last 3 datapoints [100.0 (14/09/26 05:42:00), 100.0 \
             (14/09/26 05:41:00), 100.0 (14/09/26 05:40:00)] were greater than the threshold \
             (50.0) (minimum 3 datapoints for OK -> ALARM transition).",
        ),
        (
            1,
            1,
            Missing,
            "X",
            "Threshold Crossed: 1 out of the last 1 datapoints [100.0 (14/09/26 05:42:00)] was \
             greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            2,
            4,
            Missing,
            "0 X 0 0",
            "Threshold Crossed: 3 out of the last 4 datapoints [0.0 (14/09/26 05:42:00), 0.0 \
             (14/09/26 05:41:00), 0.0 (14/09/26 05:39:00)] were not greater than the threshold \
             (50.0) (minimum 3 datapoints for ALARM -> OK transition).",
        ),
        // More speak for it than are needed: the newest.
        (
            3,
            3,
            Missing,
            "X 0 0",
            "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (14/09/26 05:42:00)] was not \
             greater than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        (
            1,
            3,
            Missing,
            "X X 0",
            "Threshold Crossed: 1 out of the last 3 datapoints [100.0 (14/09/26 05:41:00)] was \
             greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        // Premature.
        (
            3,
            3,
            Missing,
            "X - X - -",
            "Threshold Crossed: 2 out of the last 3 datapoints [100.0 (14/09/26 05:40:00), 100.0 \
             (14/09/26 05:38:00)] were greater than the threshold (50.0) (minimum 3 datapoints \
             for OK -> ALARM transition).",
        ),
    ]);
}

#[test]
fn reasons_with_missing_points() {
    because(&[
        (
            3,
            3,
            Breaching,
            "0 - -",
            "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (14/09/26 05:40:00)] was not \
             greater than the threshold (50.0) and 2 missing datapoints were treated as \
             [Breaching] (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        (
            3,
            3,
            Breaching,
            "X X -",
            "Threshold Crossed: 2 out of the last 3 datapoints [100.0 (14/09/26 05:41:00), 100.0 \
             (14/09/26 05:40:00)] were greater than the threshold (50.0) and 1 missing datapoint \
             was treated as [Breaching] (minimum 3 datapoints for OK -> ALARM transition).",
        ),
        (
            1,
            3,
            NotBreaching,
            "- X -",
            "Threshold Crossed: 1 out of the last 3 datapoints [100.0 (14/09/26 05:41:00)] was \
             greater than the threshold (50.0) and 2 missing datapoints were treated as \
             [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        // Only missing ones speak for it.
        (
            2,
            3,
            Breaching,
            "0 - -",
            "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints \
             were treated as [Breaching].",
        ),
        (
            3,
            3,
            NotBreaching,
            "X X -",
            "Threshold Crossed: 2 datapoints were received for 3 periods and 1 missing datapoint \
             was treated as [NonBreaching].",
        ),
        (
            3,
            3,
            Breaching,
            "- - -",
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing \
             datapoints were treated as [Breaching].",
        ),
        (
            1,
            1,
            NotBreaching,
            "-",
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint \
             was treated as [NonBreaching].",
        ),
        (3, 3, Missing, "- - -", "Insufficient Data: 3 datapoints were unknown."),
        (1, 1, Missing, "-", "Insufficient Data: 1 datapoint was unknown."),
    ]);
}

#[test]
fn an_alarm_without_datapoints_to_alarm_has_m_equal_n_and_a_shorter_reason() {
    let unset = |n, missing| Condition { datapoints_to_alarm: None, ..condition(1, n, missing) };
    for (n, missing, minutes, text) in [
        (
            1,
            Missing,
            "X",
            "Threshold Crossed: 1 datapoint [100.0 (14/09/26 05:42:00)] was greater than the \
             threshold (50.0).",
        ),
        (
            2,
            Missing,
            "X X",
            "Threshold Crossed: 2 datapoints [100.0 (14/09/26 05:42:00), 100.0 (14/09/26 \
             05:41:00)] were greater than the threshold (50.0).",
        ),
        (
            2,
            Missing,
            "X 0",
            "Threshold Crossed: 1 datapoint [0.0 (14/09/26 05:42:00)] was not greater than the \
             threshold (50.0).",
        ),
        (
            3,
            Breaching,
            "- - 0",
            "Threshold Crossed: 1 datapoint [0.0 (14/09/26 05:42:00)] was not greater than the \
             threshold (50.0) and 2 missing datapoints were treated as [Breaching].",
        ),
        (
            1,
            Breaching,
            "-",
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint \
             was treated as [Breaching].",
        ),
    ] {
        assert_eq!(reason(&unset(n, missing), minutes), text);
    }
    let change = evaluate(&unset(2, Missing), InsufficientData, &picture("X 0"), now(), None);
    assert_eq!(change.unwrap().map(|change| change.to), Some(Good), "one of two is not enough");
    let silent = Condition { treat_missing_data: None, ..unset(2, Missing) };
    let change = evaluate(&silent, Good, &[], now(), None).unwrap();
    assert_eq!(change.map(|change| change.to), Some(InsufficientData), "unset means missing");
}

#[test]
fn every_comparison() {
    use Comparison::{
        GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanOrEqualToThreshold,
        LessThanThreshold,
    };
    for (comparison, words, below, equal, above) in [
        (GreaterThanThreshold, "greater than the", Good, Good, Alarm),
        (GreaterThanOrEqualToThreshold, "greater than or equal to the", Good, Alarm, Alarm),
        (LessThanThreshold, "less than the", Alarm, Good, Good),
        (LessThanOrEqualToThreshold, "less than or equal to the", Alarm, Alarm, Good),
    ] {
        let condition = Condition { comparison, ..condition(1, 1, Missing) };
        for (value, to) in [(49.5, below), (50.0, equal), (50.5, above)] {
            let points = [Point { at: now() - SignedDuration::from_mins(1), value }];
            let (state, reason) = after(&condition, InsufficientData, &points, 1);
            assert_eq!(state, to, "{value} {comparison:?}");
            let (not, arrow) =
                if to == Good { (" not", "ALARM -> OK") } else { ("", "OK -> ALARM") };
            assert_eq!(
                reason.unwrap(),
                format!(
                    "Threshold Crossed: 1 out of the last 1 datapoints [{value:?} (14/09/26 \
                     05:42:00)] was{not} {words} threshold (50.0) (minimum 1 datapoint for \
                     {arrow} transition)."
                )
            );
        }
    }
    let band = Condition { comparison: Comparison::Band, ..condition(1, 1, Missing) };
    let error = evaluate(&band, Good, &[], now(), None).unwrap_err().to_string();
    assert_eq!(error, "the comparison with an anomaly band cannot be simulated");
}

#[test]
fn numbers_that_no_alarm_has_are_refused() {
    let good = condition(1, 1, Missing);
    for (bad, says) in [
        (Condition { period: 0, ..good.clone() }, "Period"),
        (Condition { evaluation_periods: 0, ..good.clone() }, "EvaluationPeriods"),
        (Condition { datapoints_to_alarm: Some(0), ..good.clone() }, "DatapointsToAlarm"),
        (Condition { datapoints_to_alarm: Some(2), ..good }, "DatapointsToAlarm"),
    ] {
        let error = evaluate(&bad, Good, &[], now(), None).unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
}

/// A point some seconds before `now`.
pub(crate) fn ago(seconds: i64, value: f64) -> Point {
    Point { at: now() - SignedDuration::from_secs(seconds), value }
}

#[test]
fn where_periods_begin_and_end() {
    let five = |at: &str, points: &[Point]| {
        let condition = Condition { period: 300, ..condition(1, 1, NotBreaching) };
        let at = at.parse().unwrap();
        evaluate(&condition, Good, points, at, Some(1)).unwrap().map(|change| change.reason)
    };
    // At 05:39:00, no multiple of five minutes: all points say so, and periods end at 44 and 49.
    let points = [ago(240, 60.0), ago(540, 70.0)];
    assert_eq!(five("2026-09-14T05:38:59.999Z", &points), None);
    let at_34 = five("2026-09-14T05:39:00Z", &points).unwrap();
    assert!(at_34.contains("[70.0 (14/09/26 05:34:00)]"), "{at_34}");
    assert_eq!(five("2026-09-14T05:43:59Z", &points).unwrap(), at_34);
    let at_39 = five("2026-09-14T05:44:00Z", &points).unwrap();
    assert!(at_39.contains("[60.0 (14/09/26 05:39:00)]"), "{at_39}");
    assert_eq!(five("2026-09-14T05:49:00Z", &points), None, "a range of 1 has left it");
    // Points that do not agree: whole multiples, in which they lie.
    let points = [ago(240, 60.0), ago(480, 70.0)]; // 05:39 and 05:35
    let at_35 = five("2026-09-14T05:40:00Z", &points).unwrap();
    assert!(at_35.contains("[60.0 (14/09/26 05:35:00)]"), "the latest counts: {at_35}");
    assert_eq!(five("2026-09-14T05:39:59Z", &points), None);
    // Before 1970, too, a moment lies after the second that it is a part of.
    let old = [Point { at: "1969-12-31T23:49:00Z".parse().unwrap(), value: 60.0 }];
    assert_eq!(five("1969-12-31T23:53:59.999Z", &old), None);
    let at_49 = five("1969-12-31T23:54:00Z", &old).unwrap();
    assert!(at_49.contains("[60.0 (31/12/69 23:49:00)]"), "{at_49}");
    // Seconds within a minute are cut off.
    let points = [ago(235, 60.0)];
    let at_39 = five("2026-09-14T05:44:00Z", &points).unwrap();
    assert!(at_39.contains("[60.0 (14/09/26 05:39:00)]"), "{at_39}");
}

#[test]
fn points_that_are_no_points_and_points_of_one_period() {
    let one = condition(1, 1, NotBreaching);
    let state = |points: &[Point]| after(&one, InsufficientData, points, 1).0;
    assert_eq!(state(&[ago(60, 100.0), ago(60, 0.0)]), Alarm, "at one time the largest counts");
    assert_eq!(state(&[ago(60, 0.0), ago(60, 100.0)]), Alarm);
    assert_eq!(state(&[ago(60, 100.0), ago(30, 0.0)]), Good, "in one period the latest counts");
    assert_eq!(state(&[ago(30, 0.0), ago(60, 100.0)]), Good);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (state, reason) = after(&one, InsufficientData, &[ago(60, value)], 1);
        assert_eq!(state, Good);
        assert!(reason.unwrap().contains("no datapoints were received"));
    }
    // The future is not seen, nor the far past, nor what has not ended.
    let far = [Timestamp::MIN, Timestamp::MAX].map(|at| Point { at, value: 100.0 });
    assert_eq!(state(&far), Good);
    assert_eq!(state(&[ago(59, 100.0)]), Alarm, "its period began at 05:42");
    assert_eq!(state(&[ago(0, 100.0)]), Good);
    for at in [Timestamp::MIN, Timestamp::MAX] {
        let change = evaluate(&one, Alarm, &[ago(60, 1.0)], at, None).unwrap();
        assert_eq!(change.map(|change| change.to), Some(Good));
    }
}

/// One line of a case file, as `evaluate --cases` reads it, with what is expected.
fn case(line: &str) {
    let case: Value = serde_json::from_str(line).expect("a case");
    let alarm = MetricAlarm::from_value(&case["alarm"]).expect("a case");
    let state: AlarmState = serde_json::from_value(case["state"].clone()).expect("a case");
    let points = case["points"].as_array().expect("a case").iter().map(|pair| Point {
        at: time_from_value(&pair[0]).expect("a case"),
        value: pair[1].as_f64().expect("a case"),
    });
    let points: Vec<Point> = points.collect();
    let at = time_from_value(&case["at"]).expect("a case");
    let range = u32::try_from(case["range"].as_u64().expect("a case")).expect("a case");
    let change = evaluate(&alarm.condition, state, &points, at, Some(range)).expect("a case");
    let (to, reason) = change.map_or((state, None), |change| (change.to, Some(change.reason)));
    let expected = &case["expected"];
    assert_eq!(expected["state"], to.as_str(), "{line}");
    match &expected["reason"] {
        Value::Bool(true) => assert!(reason.is_some_and(|reason| !reason.is_empty()), "{line}"),
        Value::String(text) => assert_eq!(reason.as_ref(), Some(text), "{line}"),
        _ => assert_eq!(reason, None, "{line}"),
    }
}

#[test]
fn case_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/alarm");
    let text = std::fs::read_to_string(folder.join("alarm.ndjson")).unwrap();
    text.lines().for_each(case);
    assert_eq!(text.lines().count(), 120);
}
