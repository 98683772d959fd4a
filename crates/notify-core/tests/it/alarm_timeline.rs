//! An alarm over time, and what holds for any alarm and any points.

use crate::alarm::{STATES, ago, condition, now, picture};
use jiff::{SignedDuration, Timestamp};
use notify_core::alarm::{
    Condition, MetricAlarm, Pace, Point, Run, Timeline, Transition, Wording, evaluate,
};
use notify_core::aws::{AlarmState, Comparison, TreatMissingData};
use proptest::prelude::*;

use AlarmState::{Alarm, InsufficientData, Ok as Good};
use TreatMissingData::{Breaching, Ignore, Missing, NotBreaching};

/// Evaluates at every moment, as CloudWatch does.
fn again_and_again(condition: &Condition, points: &[Point], run: Run) -> Vec<Transition> {
    let every = i64::from(run.pace.every);
    let first = (run.from.as_second() + every - 1).div_euclid(every) * every;
    let mut state = run.state;
    let mut changes = Vec::new();
    for now in (first..=run.to.as_second()).step_by(run.pace.every as usize) {
        let seen =
            Timestamp::from_second(now - i64::from(run.pace.lag)).expect("an alarm and a time");
        let at = Timestamp::from_second(now).expect("an alarm and a time");
        if let Some(change) =
            evaluate(condition, state, points, seen, run.range).expect("an alarm and a time")
        {
            state = change.to;
            changes.push(Transition { at, ..change });
        }
    }
    changes
}

#[test]
fn a_timeline_with_every_change() {
    let points = picture("X X - - - - 0 - - - - - -");
    let run = Run {
        state: InsufficientData,
        from: points.last().unwrap().at,
        to: now() + SignedDuration::from_hours(1),
        range: None,
        pace: condition(2, 2, Missing).pace(),
        wording: Wording::default(),
    };
    let of = |missing| -> Vec<String> {
        let condition = condition(2, 2, missing);
        let changes: Vec<Transition> = Timeline::new(&condition, &points, run).unwrap().collect();
        assert_eq!(changes, again_and_again(&condition, &points, run));
        let line = |change: Transition| {
            format!("{} {}>{}", change.at, change.from.as_str(), change.to.as_str())
        };
        changes.into_iter().map(line).collect()
    };
    // Points at 30, 31 and 36; four periods are looked at.
    assert_eq!(
        of(Missing),
        [
            "2026-09-14T05:32:00Z INSUFFICIENT_DATA>ALARM",
            "2026-09-14T05:36:00Z ALARM>INSUFFICIENT_DATA",
            "2026-09-14T05:37:00Z INSUFFICIENT_DATA>OK",
            "2026-09-14T05:41:00Z OK>INSUFFICIENT_DATA",
        ]
    );
    assert_eq!(
        of(Ignore),
        ["2026-09-14T05:32:00Z INSUFFICIENT_DATA>ALARM", "2026-09-14T05:37:00Z ALARM>OK"]
    );
    assert_eq!(
        of(Breaching),
        [
            "2026-09-14T05:30:00Z INSUFFICIENT_DATA>ALARM",
            "2026-09-14T05:37:00Z ALARM>OK",
            "2026-09-14T05:41:00Z OK>ALARM",
        ]
    );
    assert_eq!(
        of(NotBreaching),
        [
            "2026-09-14T05:30:00Z INSUFFICIENT_DATA>OK",
            "2026-09-14T05:32:00Z OK>ALARM",
            "2026-09-14T05:35:00Z ALARM>OK",
        ]
    );
}

#[test]
fn a_timeline_ends_where_it_is_told_to() {
    let condition = condition(1, 1, NotBreaching);
    let points = picture("X");
    let changes = |from: &str, to: &str| {
        let run = Run {
            state: Good,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            range: Some(1),
            pace: Pace { every: 60, lag: 10 },
            wording: Wording::default(),
        };
        let mut timeline = Timeline::new(&condition, &points, run).unwrap();
        let changes: Vec<String> = timeline.by_ref().map(|change| change.at.to_string()).collect();
        assert_eq!(timeline.state(), if changes.len() == 1 { Alarm } else { Good });
        assert_eq!(timeline.next(), None);
        changes
    };
    // The period ends at 05:43:00; with the lag, and on the minute, it is seen at 05:44:00.
    assert_eq!(changes("2026-09-14T05:00:00Z", "2026-09-14T05:43:59.9Z"), [""; 0]);
    assert_eq!(changes("2026-09-14T05:00:00Z", "2026-09-14T05:44:00Z"), ["2026-09-14T05:44:00Z"]);
    let both = ["2026-09-14T05:44:00Z", "2026-09-14T05:45:00Z"];
    assert_eq!(changes("2026-09-14T05:44:00Z", "2026-09-14T05:45:00Z"), both);
    assert_eq!(changes("2026-09-14T05:44:00Z", "9999-01-01T00:00:00Z"), both);
    assert_eq!(changes("2026-09-14T05:44:00.001Z", "2026-09-14T06:00:00Z"), [""; 0]);
    assert_eq!(changes("2026-09-14T06:00:00Z", "2026-09-14T05:00:00Z"), [""; 0]);
    let never = Pace { every: 0, lag: 0 };
    let run = Run {
        state: Good,
        from: now(),
        to: now(),
        range: None,
        pace: never,
        wording: Wording::default(),
    };
    assert!(Timeline::new(&condition, &points, run).is_err());
}

#[test]
fn how_often_alarms_are_evaluated() {
    let pace = |period, n| {
        let Pace { every, lag } = Condition { period, ..condition(1, n, Missing) }.pace();
        (every, lag)
    };
    assert_eq!(pace(10, 3), (10, 10));
    assert_eq!(pace(30, 1), (10, 10));
    assert_eq!(pace(60, 1), (60, 0));
    assert_eq!(pace(300, 288), (60, 0), "exactly one day");
    assert_eq!(pace(86_400, 1), (60, 0), "exactly one day");
    assert_eq!(pace(86_400, 2), (3_600, 0));
    assert_eq!(pace(3_600, 25), (3_600, 0));
    let boundary = |period, n, at: &str| {
        let condition = Condition { period, ..condition(1, n, Missing) };
        condition.boundary(at.parse().unwrap()).to_string()
    };
    assert_eq!(boundary(300, 1, "2026-09-14T05:43:59.9Z"), "2026-09-14T05:43:00Z");
    assert_eq!(boundary(30, 1, "2026-09-14T05:43:59.9Z"), "2026-09-14T05:43:30Z");
    assert_eq!(boundary(86_400, 2, "2026-09-14T05:43:59.9Z"), "2026-09-14T05:00:00Z");
}

#[test]
fn a_run_over_all_points() {
    let document = serde_json::json!({"AlarmName": "a", "Namespace": "T", "MetricName": "M",
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 50,
        "ComparisonOperator": "GreaterThanThreshold"});
    let mut alarm = MetricAlarm::from_value(&document).unwrap();
    assert_eq!(Run::over(&alarm, &[]), Ok(None));
    let run = Run::over(&alarm, &picture("X - 0 -")).unwrap().unwrap();
    assert_eq!(run.state, InsufficientData);
    let times = |run: Run| (run.from.to_string(), run.to.to_string());
    let expected = ("2026-09-14T05:40:00Z".to_owned(), "2026-09-14T05:42:00Z".to_owned());
    assert_eq!(times(run), expected);
    alarm.state = Some(Alarm);
    let run = Run::once(&alarm, "2026-09-14T05:43:21Z".parse().unwrap());
    assert_eq!(run.state, Alarm);
    let expected = ("2026-09-14T05:43:00Z".to_owned(), "2026-09-14T05:43:21Z".to_owned());
    assert_eq!(times(run), expected);
    alarm.condition.period = 10;
    let run = Run::over(&alarm, &[ago(60, 1.0), ago(20, 1.0)]).unwrap().unwrap();
    let expected = ("2026-09-14T05:42:20Z".to_owned(), "2026-09-14T05:43:00Z".to_owned());
    assert_eq!(times(run), expected, "with the lag");
}

#[test]
fn a_month_of_minutes_is_quick_whatever_n_is() {
    let minutes = 43_200;
    let start = now();
    let value = |minute: i64| if minute % 2 == 0 { 100.0 } else { 0.0 };
    let points: Vec<Point> = (0..minutes)
        .map(|minute| Point { at: start + SignedDuration::from_mins(minute), value: value(minute) })
        .collect();
    // With an odd N every other minute turns it over: the worst that can be.
    for (m, n) in [(1, 1), (5_040, 10_079), (10_080, 10_080)] {
        let condition = condition(m, n, Missing);
        let run = Run {
            state: InsufficientData,
            from: start,
            to: start + SignedDuration::from_mins(minutes + 100_000),
            range: None,
            pace: Pace { every: 60, lag: 0 },
            wording: Wording::default(),
        };
        let count = Timeline::new(&condition, &points, run).unwrap().count();
        assert_eq!(count > 30_000, n != 10_080, "{count} changes");
    }
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    let at = prop_oneof![
        8 => (0..40_i64).prop_map(|slot| slot * 60),
        1 => 0..2_400_i64,
        1 => -100_000..100_000_i64,
    ];
    let value = prop_oneof![4 => Just(0.0), 4 => Just(100.0), 1 => any::<f64>()];
    let point = (at, value)
        .prop_map(|(at, value)| Point { at: now() + SignedDuration::from_secs(at), value });
    prop::collection::vec(point, 0..30)
}

fn conditions() -> impl Strategy<Value = Condition> {
    let comparison = prop::sample::select(vec![
        Comparison::GreaterThanOrEqualToThreshold,
        Comparison::GreaterThanThreshold,
        Comparison::LessThanThreshold,
        Comparison::LessThanOrEqualToThreshold,
    ]);
    let treatment = prop::option::of(prop::sample::select(TreatMissingData::ALL.to_vec()));
    let period = prop::sample::select(vec![10, 30, 60, 120, 300, 7, 90]);
    (period, 1..6_u32, prop::option::of(1..6_u32), comparison, treatment).prop_map(
        |(period, n, m, comparison, treat_missing_data)| Condition {
            period,
            datapoints_to_alarm: m.map(|m| m.min(n)),
            comparison,
            treat_missing_data,
            ..condition(1, n, Missing)
        },
    )
}

proptest! {
    #[test]
    fn a_timeline_is_what_single_evaluations_find(
        condition in conditions(),
        points in points(),
        state in prop::sample::select(STATES.to_vec()),
        range in prop::option::of(0..12_u32),
        every in prop::sample::select(vec![10_u32, 60, 3_600]),
        lag in 0..70_u32,
        from in -300..300_i64,
        length in 0..6_000_i64,
    ) {
        let from = now() + SignedDuration::from_secs(from);
        let to = from + SignedDuration::from_secs(length);
        let pace = Pace { every, lag };
        let run = Run { state, from, to, range, pace, wording: Wording::default() };
        let timeline = Timeline::new(&condition, &points, run).unwrap();
        prop_assert_eq!(timeline.collect::<Vec<_>>(), again_and_again(&condition, &points, run));
    }

    #[test]
    fn the_order_of_points_does_not_matter(
        condition in conditions(),
        points in points(),
        shuffled in points().prop_shuffle(),
        seconds in 0..2_400_i64,
    ) {
        let at = now() + SignedDuration::from_secs(seconds);
        let mut all = [points.clone(), shuffled.clone()].concat();
        let one = evaluate(&condition, Good, &all, at, Some(7)).unwrap();
        all.reverse();
        prop_assert_eq!(&one, &evaluate(&condition, Good, &all, at, Some(7)).unwrap());
        // What was found once is not found again.
        if let Some(change) = one {
            prop_assert_eq!(evaluate(&condition, change.to, &all, at, Some(7)).unwrap(), None);
        }
    }

    #[test]
    fn nothing_panics(
        period in any::<u32>(),
        n in any::<u32>(),
        m in prop::option::of(any::<u32>()),
        threshold in any::<f64>(),
        range in prop::option::of(any::<u32>()),
        pace in (any::<u32>(), any::<u32>()),
        points in prop::collection::vec((any::<i64>(), any::<f64>()), 0..8),
        times in (any::<i64>(), any::<i64>()),
        treatment in prop::sample::select(TreatMissingData::ALL.to_vec()),
    ) {
        let (least, most) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        let time = |any: i64| Timestamp::from_second(least + any.rem_euclid(most - least)).unwrap();
        let condition = Condition {
            period, datapoints_to_alarm: m, threshold, ..condition(1, n, treatment)
        };
        let points: Vec<Point> =
            points.into_iter().map(|(at, value)| Point { at: time(at), value }).collect();
        let _ = evaluate(&condition, Good, &points, time(times.0), range);
        let pace = Pace { every: pace.0, lag: pace.1 };
        let (from, to) = (time(times.0), time(times.1));
        let run = Run { state: Good, from, to, range, pace, wording: Wording::PUBLISHED };
        if let Ok(timeline) = Timeline::new(&condition, &points, run) {
            prop_assert!(timeline.take(1_000).count() <= 3 * points.len() + 1);
        }
        let _ = condition.boundary(from);
    }
}

#[test]
fn many_evaluations_are_one_look_when_nothing_happens() {
    let condition = condition(1, 1, Missing);
    let run = Run {
        state: Alarm,
        from: Timestamp::MIN,
        to: Timestamp::MAX,
        range: None,
        pace: Pace { every: 1, lag: 0 },
        wording: Wording::default(),
    };
    assert_eq!(Timeline::new(&condition, &[], run).unwrap().count(), 1);
}
