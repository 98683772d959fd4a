//! What an alarm would have said.

use super::data::{Data, Missing};
use super::stages::Stages;
use crate::alarm::{MetricAlarm, Transition};
use crate::aws::{AlarmState, Arn, Region};
use crate::provider::Gap;
use jiff::Timestamp;

/// How many changes are kept with their reasons; all are counted.
pub const MOST_TRANSITIONS: usize = 1_000;

/// The days of a month, in which mails are counted.
const MONTH_DAYS: f64 = 30.0;

/// From when to when alarms are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Evaluations before are left out.
    pub from: Timestamp,
    /// Evaluations after are left out.
    pub to: Timestamp,
}

/// What an alarm would have said.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The first evaluation: later than asked for where older values are not kept.
    pub from: Timestamp,
    /// The last evaluation.
    pub to: Timestamp,
    /// From when on evaluations are how many seconds apart: as fine as the values are.
    pub steps: Vec<(Timestamp, u32)>,
    /// How many values of the metric there are.
    pub values: usize,
    /// What is missing of them.
    pub gaps: Vec<Gap>,
    /// How often the state changes.
    pub changes: usize,
    /// The first [`MOST_TRANSITIONS`] changes.
    pub transitions: Vec<Transition>,
    /// How many mails that makes.
    pub mails: usize,
    /// How many mails it would be if evaluations looked at no period before the newest N. AWS looks
    /// at some, and does not say at how many: [`crate::alarm::Condition::default_range`] is a guess,
    /// and this is the other end of what it can be.
    pub mails_without_older: usize,
    /// How long it was in each state.
    pub times: Times,
    /// The worst state in each of equally long parts of the time.
    pub line: Vec<AlarmState>,
}

/// How long an alarm was in each state, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// OK.
    pub ok: i64,
    /// ALARM.
    pub alarm: i64,
    /// `INSUFFICIENT_DATA`.
    pub insufficient_data: i64,
}

/// Follows an alarm over the past, as if it had been made at the beginning: it begins in
/// `INSUFFICIENT_DATA`, and the first evaluation counts as all others do.
///
/// `parts` is how many parts [`Backtest::line`] has.
///
/// ```
/// use notify_core::alarm::one_from_json;
/// use notify_core::aws::Region;
/// use notify_core::backtest::{Span, Wanted, read, run};
///
/// let alarm = one_from_json(r#"{"AlarmName": "errors", "Namespace": "shop",
///     "MetricName": "errors", "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1,
///     "Threshold": 5.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
///     "TreatMissingData": "notBreaching",
///     "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:alerts"]}"#, None)?;
/// let values = r#"{"Namespace": "shop", "MetricData": [
///     {"MetricName": "errors", "Timestamp": "2026-11-24T10:00:00Z", "Value": 1},
///     {"MetricName": "errors", "Timestamp": "2026-11-24T10:58:00Z", "Value": 3},
///     {"MetricName": "errors", "Timestamp": "2026-11-24T11:01:00Z", "Value": 2}]}"#;
/// let data = read(values.as_bytes(), &Wanted::by([&alarm]))?;
/// let span = Span { from: "2026-11-24T00:00:00Z".parse()?, to: "2026-11-24T11:03:00Z".parse()? };
///
/// let seen = run(&data, &Region::us_east_1(), &alarm, span, 60)?;
/// // No five minutes of the clock have five errors. Those that end at 11:02 have.
/// let alarms: Vec<String> = seen.transitions.iter().map(|t| format!("{} {}", t.at, t.to.as_str())).collect();
/// assert_eq!(alarms[..2], ["2026-11-24T10:01:00Z OK", "2026-11-24T11:02:00Z ALARM"]);
/// assert_eq!(seen.mails, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(
    data: &Data,
    region: &Region,
    alarm: &MetricAlarm,
    span: Span,
    parts: usize,
) -> Result<Backtest, Missing> {
    let stages = Stages::new(data, region, alarm, span)?;
    let (from, to) = stages.ends();
    let mut count = Count::new(from, to, parts);
    let mut transitions = Vec::new();
    let condition = &alarm.condition;
    stages.follow(condition, condition.default_range(), |sliding, change| {
        count.change(alarm, change.at, change.to);
        if transitions.len() < MOST_TRANSITIONS {
            transitions.extend(sliding.in_words(change));
        }
    })?;
    count.end();
    let mut mails_without_older = 0;
    stages.follow(condition, condition.evaluation_periods, |_, change| {
        mails_without_older += mails(alarm, change.to);
    })?;
    let at = |second: i64| Timestamp::from_second(second).unwrap_or_default();
    Ok(Backtest {
        from: at(from),
        to: at(to),
        steps: stages.steps().map(|(from, every)| (at(from), every)).collect(),
        values: stages.values,
        gaps: data.gaps(region, alarm),
        changes: count.changes,
        transitions,
        mails: count.mails,
        mails_without_older,
        times: count.times,
        line: count.line,
    })
}

impl Backtest {
    /// How many mails that makes in thirty days; `None` for a single evaluation.
    pub fn mails_a_month(&self) -> Option<f64> {
        a_month(self.mails, self.times)
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(super) fn a_month(mails: usize, times: Times) -> Option<f64> {
    let Times { ok, alarm, insufficient_data } = times;
    let seconds = ok + alarm + insufficient_data;
    (seconds > 0).then(|| mails as f64 * MONTH_DAYS * 86_400.0 / seconds as f64)
}

/// Counts while an alarm is followed.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) changes: usize,
    pub(super) mails: usize,
    pub(super) times: Times,
    line: Vec<AlarmState>,
    state: AlarmState,
    since: i64,
    from: i64,
    to: i64,
}

impl Count {
    pub(super) fn new(from: i64, to: i64, parts: usize) -> Self {
        let state = AlarmState::InsufficientData;
        let line = vec![state; parts];
        Self { changes: 0, mails: 0, times: Times::default(), line, state, since: from, from, to }
    }

    pub(super) fn change(&mut self, alarm: &MetricAlarm, at: i64, to: AlarmState) {
        self.pass(at);
        self.state = to;
        self.changes += 1;
        self.mails += mails(alarm, to);
    }

    /// The last state lasts to the end.
    pub(super) fn end(&mut self) {
        self.pass(self.to);
        // The end belongs to the last part, also where all of it is one moment.
        let state = self.state;
        if let Some(last) = self.line.last_mut() {
            *last = worst(*last, state);
        }
    }

    fn pass(&mut self, at: i64) {
        let seconds = at - self.since;
        match self.state {
            AlarmState::Ok => self.times.ok += seconds,
            AlarmState::Alarm => self.times.alarm += seconds,
            AlarmState::InsufficientData => self.times.insufficient_data += seconds,
        }
        if seconds > 0 {
            let (first, last) = (self.part(self.since), self.part(at - 1));
            let state = self.state;
            let parts = self.line.iter_mut().take(last.saturating_add(1)).skip(first);
            parts.for_each(|part| *part = worst(*part, state));
        }
        self.since = at;
    }

    /// The part of the line that a second lies in.
    fn part(&self, at: i64) -> usize {
        let parts = i128::try_from(self.line.len()).unwrap_or_default();
        let length = i128::from((self.to - self.from).max(1));
        let part = i128::from(at - self.from) * parts / length;
        usize::try_from(part).unwrap_or_default()
    }
}

/// ALARM hides OK, and OK hides `INSUFFICIENT_DATA`.
fn worst(a: AlarmState, b: AlarmState) -> AlarmState {
    let rank = |state: AlarmState| match state {
        AlarmState::Alarm => 2,
        AlarmState::Ok => 1,
        AlarmState::InsufficientData => 0,
    };
    if rank(a) >= rank(b) { a } else { b }
}

/// How many mails an alarm causes that enters a state: one for each topic that it tells.
pub fn mails(alarm: &MetricAlarm, entered: AlarmState) -> usize {
    let is_topic = |arn: &&String| arn.parse::<Arn>().is_ok_and(|arn| arn.service == "sns");
    alarm.actions(entered).iter().filter(is_topic).count()
}
