//! An alarm's state over time.

use super::evaluate::{Series, seconds};
use super::{AlarmError, Condition, MetricAlarm, Point, Transition, Wording};
use crate::aws::AlarmState;
use jiff::Timestamp;

/// How often an alarm is evaluated, and how fresh its data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Seconds between two evaluations. They lie at whole multiples since 1970.
    pub every: u32,
    /// An evaluation sees the periods that had ended this many seconds ago.
    pub lag: u32,
}

impl Condition {
    /// The pace of an alarm with this condition.
    ///
    /// Every minute; every 10 seconds for periods below a minute; and once an hour, with data up
    /// to the top of the hour, for windows longer than a day (a window of exactly a day is
    /// evaluated every minute).
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>
    ///
    /// At periods of 10 seconds a lag of 10 seconds was recorded. For longer periods there is none:
    /// a real alarm of 300 seconds saw a period 7 seconds after its end. AWS documents neither.
    pub fn pace(&self) -> Pace {
        let window = u64::from(self.period) * u64::from(self.evaluation_periods);
        match self.period {
            ..60 => Pace { every: 10, lag: 10 },
            _ if window > 86_400 => Pace { every: 3_600, lag: 0 },
            _ => Pace { every: 60, lag: 0 },
        }
    }

    /// Where the newest period ends that an evaluation at a time may see.
    ///
    /// That is the last minute, for windows of more than a day the last hour, and for high
    /// resolution the last whole multiple of the period: the boundary for [`super::points`].
    pub fn boundary(&self, at: Timestamp) -> Timestamp {
        let every = if self.period < 60 { self.period } else { self.pace().every };
        let now = seconds(at);
        Timestamp::from_second(now - now.rem_euclid(i64::from(every.max(1))))
            .unwrap_or(Timestamp::MIN)
    }
}

/// What is to be known of an alarm beside its condition to follow it over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The state at the beginning: [`AlarmState::InsufficientData`] for a new alarm.
    pub state: AlarmState,
    /// Evaluations before are left out.
    pub from: Timestamp,
    /// Evaluations after are left out.
    pub to: Timestamp,
    /// How many of the newest periods are looked at; see [`Condition::default_range`].
    pub range: Option<u32>,
    /// How often.
    pub pace: Pace,
    /// How reasons are worded.
    pub wording: Wording,
}

impl Run {
    /// A run over all points: from the first evaluation that sees one to the first that sees all.
    ///
    /// It ends too early to show what silence does; set [`Run::to`] for that. The state is the one
    /// that the alarm is in, where that is known, and that of a new alarm otherwise. `None` without
    /// points.
    pub fn over(alarm: &MetricAlarm, points: &[Point]) -> Result<Option<Self>, AlarmError> {
        let pace = alarm.condition.pace();
        let series = Series::new(&alarm.condition, points, None)?;
        let sees = |end: i64| Timestamp::from_second(first_evaluation(end, pace)).ok();
        let run = series.ends().and_then(|(first, last)| {
            let (from, to) = (sees(first)?, sees(last)?);
            let state = alarm.state.unwrap_or(AlarmState::InsufficientData);
            Some(Self { state, from, to, range: None, pace, wording: Wording::default() })
        });
        Ok(run)
    }

    /// A single evaluation: the last one until a time.
    pub fn once(alarm: &MetricAlarm, at: Timestamp) -> Self {
        let pace = alarm.condition.pace();
        let now = seconds(at);
        let now = now - now.rem_euclid(i64::from(pace.every));
        let from = Timestamp::from_second(now).unwrap_or(Timestamp::MIN);
        let state = alarm.state.unwrap_or(AlarmState::InsufficientData);
        Self { state, from, to: at, range: None, pace, wording: Wording::default() }
    }
}

/// The changes of an alarm's state over time, oldest first.
///
/// It gives what evaluating the alarm again and again would give, but looks only at evaluations
/// that may find something new: work and memory grow with the points, not with time or N.
///
/// ```
/// use notify_core::alarm::{Point, Run, Timeline, from_json};
/// use notify_core::aws::AlarmState;
///
/// let alarm = &from_json(r#"{"AlarmName": "waf", "Namespace": "AWS/WAFV2",
///     "MetricName": "BlockedRequests", "Statistic": "Sum", "Period": 60,
///     "EvaluationPeriods": 1, "Threshold": 1.0, "TreatMissingData": "notBreaching",
///     "ComparisonOperator": "GreaterThanOrEqualToThreshold"}"#)?[0];
/// let points = [Point { at: "2026-09-14T05:38:00Z".parse()?, value: 7.0 }];
/// let mut run = Run::over(alarm, &points)?.ok_or("no points")?;
/// run.to = "2026-09-14T06:00:00Z".parse()?;
///
/// let states: Vec<(String, AlarmState)> = Timeline::new(&alarm.condition, &points, run)?
///     .map(|change| (change.at.to_string(), change.to))
///     .collect();
/// assert_eq!(states, [
///     ("2026-09-14T05:39:00Z".to_owned(), AlarmState::Alarm),
///     ("2026-09-14T05:42:00Z".to_owned(), AlarmState::Ok), // three periods are looked at
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Timeline<'a> {
    series: Series<'a>,
    pace: Pace,
    wording: Wording,
    state: AlarmState,
    /// The next evaluation that may change something, in seconds since 1970.
    next: Option<i64>,
    last: i64,
}

impl<'a> Timeline<'a> {
    /// Follows an alarm over its points.
    pub fn new(condition: &'a Condition, points: &[Point], run: Run) -> Result<Self, AlarmError> {
        let Run { state, from, to, range, pace, wording } = run;
        if pace.every == 0 {
            return Err(AlarmError("evaluations are 0 seconds apart".to_owned()));
        }
        let series = Series::new(condition, points, range)?;
        let from = seconds(from) + i64::from(from.subsec_nanosecond() != 0);
        Ok(Self {
            series,
            pace,
            wording,
            state,
            next: Some(up(from, pace.every)),
            last: seconds(to),
        })
    }

    /// The state after the changes that were taken so far.
    pub fn state(&self) -> AlarmState {
        self.state
    }
}

impl Iterator for Timeline<'_> {
    type Item = Transition;

    fn next(&mut self) -> Option<Transition> {
        while let Some(now) = self.next.filter(|now| *now <= self.last) {
            let newest = self.series.newest(now - i64::from(self.pace.lag));
            let view = self.series.view(newest);
            let next = self.series.next_change(&view).map(|slot| self.series.end(slot));
            self.next = next.map(|end| first_evaluation(end, self.pace));
            let at = Timestamp::from_second(now).ok()?;
            if let Some(transition) = self.series.transition(&view, self.state, at, self.wording) {
                self.state = transition.to;
                return Some(transition);
            }
        }
        self.next = None;
        None
    }
}

/// The first evaluation that sees a period which ends then.
fn first_evaluation(end: i64, pace: Pace) -> i64 {
    up(end.saturating_add(i64::from(pace.lag)), pace.every)
}

/// Rounds up to a multiple.
fn up(seconds: i64, every: u32) -> i64 {
    let every = i64::from(every);
    let over = seconds.rem_euclid(every);
    if over == 0 { seconds } else { seconds.saturating_add(every - over) }
}
