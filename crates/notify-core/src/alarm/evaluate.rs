//! One evaluation: which points it sees, and what state they speak for.

use super::reason::{Evidence, Wording};
use super::{AlarmError, Condition};
use crate::aws::{AlarmState, Comparison, TreatMissingData};
use jiff::Timestamp;

/// The statistic's value of one period of an alarm.
///
/// Periods follow each other without a gap. `CloudWatch` evaluates a period of five minutes every
/// minute, so its periods may begin at any minute, and the points tell at which: if all of them
/// begin at the same place in a period (counted in whole minutes, for high resolution in whole
/// periods), the periods begin there. Otherwise, and without points, they begin at whole multiples
/// of the period since 1970.
///
/// A point belongs to the period that it lies in. Of several in one period the latest counts, of
/// several at one time the largest. The order of points does not matter. A value that is no finite
/// number is no point: `CloudWatch` takes none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When the period begins.
    pub at: Timestamp,
    /// The value.
    pub value: f64,
}

/// A change of an alarm's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The evaluation that found it.
    pub at: Timestamp,
    /// The state before.
    pub from: AlarmState,
    /// The state after.
    pub to: AlarmState,
    /// Why, in `CloudWatch`'s words.
    pub reason: String,
}

/// Evaluates an alarm once: the change of its state, or nothing where the state stays.
///
/// The newest period that is seen is the last one that has ended at `at`; one that ends exactly
/// then has ended. `range` is how many of the newest periods are looked at; without one it is
/// [`Condition::default_range`], and one below N is taken as N. See [`Point`] for how points fall
/// into periods. Fails for what is not simulated (an anomaly band) and for numbers that no alarm
/// has.
///
/// ```
/// use notify_core::alarm::{Point, evaluate, from_json};
/// use notify_core::aws::AlarmState;
///
/// let alarm = &from_json(r#"{"AlarmName": "waf", "Namespace": "AWS/WAFV2",
///     "MetricName": "BlockedRequests", "Statistic": "Sum", "Period": 60,
///     "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 1.0,
///     "ComparisonOperator": "GreaterThanOrEqualToThreshold"}"#)?[0];
/// let points = [Point { at: "2026-09-14T05:38:00Z".parse()?, value: 7.0 }];
/// let at = "2026-09-14T05:39:00Z".parse()?;
/// let change = evaluate(&alarm.condition, AlarmState::Ok, &points, at, None)?;
/// assert_eq!(
///     change.map(|change| change.reason).as_deref(),
///     Some("Threshold Crossed: 1 out of the last 1 datapoints [7.0 (14/09/26 05:38:00)] was \
///         greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM \
///         transition)."),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate(
    condition: &Condition,
    state: AlarmState,
    points: &[Point],
    at: Timestamp,
    range: Option<u32>,
) -> Result<Option<Transition>, AlarmError> {
    let series = Series::new(condition, points, range)?;
    let view = series.view(series.newest(seconds(at)));
    Ok(series.transition(&view, state, at, Wording::default()))
}

impl Condition {
    /// M of "M of N": all N where it is unset.
    pub fn needed(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }

    /// How many of the newest periods an evaluation looks at when nobody says.
    ///
    /// AWS says only that it is more than N. Its documentation's example has 5 for N = 3, and so
    /// has this: N + 2. At periods of 10 seconds 9 were recorded for N = 3: below a minute it is
    /// N + 6. Both are assumptions. A range that is too large lets old points speak for longer and
    /// hides what silence does, so the smallest range with evidence is the safe one.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>
    pub fn default_range(&self) -> u32 {
        let more = if self.period < 60 { 6 } else { 2 };
        self.evaluation_periods.saturating_add(more)
    }

    /// Whether a value breaches the threshold.
    fn is_breached_by(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::GreaterThanOrEqualToThreshold => value >= self.threshold,
            Comparison::GreaterThanThreshold => value > self.threshold,
            Comparison::LessThanThreshold => value < self.threshold,
            Comparison::LessThanOrEqualToThreshold => value <= self.threshold,
            Comparison::Band => false, // refused by `Series::new`
        }
    }
}

/// Points in the periods of an alarm, ready to be evaluated at any time.
#[derive(Debug, Clone)]
pub(super) struct Series<'a> {
    condition: &'a Condition,
    range: i64,
    /// Where the period with number 0 begins, in seconds since 1970.
    phase: i64,
    /// Numbers of periods with their values, oldest first.
    points: Vec<(i64, f64)>,
    /// How many of the points before each breach.
    breaching: Vec<usize>,
}

/// What one evaluation sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// The newest period that has ended.
    pub(super) newest: i64,
    /// The points within the range.
    pub(super) points: std::ops::Range<usize>,
}

impl<'a> Series<'a> {
    /// Puts points into an alarm's periods.
    pub(super) fn new(
        condition: &'a Condition,
        points: &[Point],
        range: Option<u32>,
    ) -> Result<Self, AlarmError> {
        condition.check()?; // the period divides
        let mut points: Vec<Point> =
            points.iter().copied().filter(|point| point.value.is_finite()).collect();
        points.sort_by(|a, b| a.at.cmp(&b.at).then(a.value.total_cmp(&b.value)));
        let period = i64::from(condition.period);
        let phase = phase(&points, period);
        let mut slots: Vec<(i64, f64)> = Vec::with_capacity(points.len());
        for Point { at, value } in points {
            let slot = (seconds(at) - phase).div_euclid(period);
            match slots.last_mut() {
                Some(last) if last.0 == slot => last.1 = value,
                _ => slots.push((slot, value)),
            }
        }
        Self::of_slots(condition, phase, slots, range)
    }

    /// The same of values whose periods are known: numbers of periods, oldest first, each once.
    pub(super) fn of_slots(
        condition: &'a Condition,
        phase: i64,
        slots: Vec<(i64, f64)>,
        range: Option<u32>,
    ) -> Result<Self, AlarmError> {
        condition.check()?;
        if condition.comparison == Comparison::Band {
            return Err(AlarmError(
                "the comparison with an anomaly band cannot be simulated".to_owned(),
            ));
        }
        let range = range.unwrap_or_else(|| condition.default_range());
        let range = i64::from(range.max(condition.evaluation_periods));
        let mut breaching = Vec::with_capacity(slots.len() + 1);
        let mut count = 0;
        breaching.push(count);
        for (_, value) in &slots {
            count += usize::from(condition.is_breached_by(*value));
            breaching.push(count);
        }
        Ok(Self { condition, range, phase, points: slots, breaching })
    }

    /// The number of the newest period that has ended at a time.
    pub(super) fn newest(&self, at: i64) -> i64 {
        (at - self.phase).div_euclid(self.period()) - 1
    }

    /// When a period ends. Far in the future it is the end of time.
    pub(super) fn end(&self, slot: i64) -> i64 {
        slot.saturating_add(1).saturating_mul(self.period()).saturating_add(self.phase)
    }

    /// Where the first and the last point's periods end.
    pub(super) fn ends(&self) -> Option<(i64, i64)> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        Some((self.end(first.0), self.end(last.0)))
    }

    pub(super) fn view(&self, newest: i64) -> View {
        let until = |slot: i64| self.points.partition_point(|point| point.0 <= slot);
        View { newest, points: until(newest.saturating_sub(self.range))..until(newest) }
    }

    /// Moves a view on to a period that is no older.
    pub(super) fn slide(&self, view: &mut View, newest: i64) {
        let beyond = |index: usize, slot: i64| self.points.get(index).is_none_or(|p| p.0 > slot);
        while !beyond(view.points.end, newest) {
            view.points.end += 1;
        }
        while !beyond(view.points.start, newest.saturating_sub(self.range)) {
            view.points.start += 1;
        }
        view.newest = newest;
    }

    /// The next newest period for which an evaluation may find something else: one with a point,
    /// one with which a point leaves the range, or one with which the oldest is M periods old.
    pub(super) fn next_change(&self, view: &View) -> Option<i64> {
        let enters = self.points.get(view.points.end).map(|point| point.0);
        let oldest = self.points.get(view.points.clone()).and_then(<[_]>::first);
        let leaves = oldest.map(|point| point.0.saturating_add(self.range));
        let ages = oldest.map(|point| point.0 + i64::from(self.condition.needed()) - 1);
        [enters, leaves, ages].into_iter().flatten().filter(|slot| *slot > view.newest).min()
    }

    pub(super) fn transition(
        &self,
        view: &View,
        from: AlarmState,
        at: Timestamp,
        wording: Wording,
    ) -> Option<Transition> {
        let to = self.verdict(view).filter(|to| *to != from)?;
        let reason = self.reason(view, to, wording);
        Some(Transition { at, from, to, reason })
    }

    /// The state that the points in view speak for; nothing where the state is retained.
    pub(super) fn verdict(&self, view: &View) -> Option<AlarmState> {
        use AlarmState::{Alarm, InsufficientData, Ok};
        let Condition { evaluation_periods, .. } = *self.condition;
        let (wanted, needed) = (evaluation_periods as usize, self.condition.needed() as usize);
        let evaluated = self.evaluated(view);
        let breaching = self.breaching(evaluated.clone());
        let good = evaluated.len() - breaching;
        let missing = wanted - evaluated.len();
        let alarm_if = |breaches: bool| Some(if breaches { Alarm } else { Ok });
        if missing == 0 {
            return alarm_if(breaching >= needed);
        }
        match self.treatment() {
            TreatMissingData::Breaching => alarm_if(breaching + missing >= needed),
            TreatMissingData::NotBreaching => alarm_if(breaching >= needed),
            _ if breaching >= needed => Some(Alarm),
            _ if good > 0 => Some(Ok),
            TreatMissingData::Ignore => None,
            TreatMissingData::Missing if evaluated.is_empty() => Some(InsufficientData),
            TreatMissingData::Missing => {
                // The premature alarm: only breaching points are left, and silence after them.
                // What AWS does before the oldest is M periods old is not known: retained.
                let oldest = self.points.get(evaluated.start)?.0;
                let age = view.newest - oldest + 1;
                (age >= i64::from(self.condition.needed())).then_some(Alarm)
            }
        }
    }

    pub(super) fn reason(&self, view: &View, to: AlarmState, wording: Wording) -> String {
        let evaluated = self.evaluated(view);
        let received = evaluated.len();
        let breaching = self.breaching(evaluated.clone());
        let breaches = to == AlarmState::Alarm;
        let points = self.points.get(evaluated).unwrap_or_default().iter().rev();
        let speaking = points.filter(|point| self.condition.is_breached_by(point.1) == breaches);
        let begin = |slot: i64| self.end(slot.saturating_sub(1));
        let newest = speaking.take(wording.listed_at_most());
        Evidence {
            condition: self.condition,
            to,
            received,
            speaking: if breaches { breaching } else { received - breaching },
            newest: newest.map(|(slot, value)| (begin(*slot), *value)).collect(),
            treatment: self.treatment(),
        }
        .reason(wording)
    }

    /// The newest N points within the range, or all if there are fewer.
    fn evaluated(&self, view: &View) -> std::ops::Range<usize> {
        let newest = view.points.end.saturating_sub(self.condition.evaluation_periods as usize);
        view.points.start.max(newest)..view.points.end
    }

    fn breaching(&self, points: std::ops::Range<usize>) -> usize {
        let before = |index: usize| self.breaching.get(index).copied().unwrap_or_default();
        before(points.end) - before(points.start)
    }

    fn treatment(&self) -> TreatMissingData {
        self.condition.treat_missing_data.unwrap_or(TreatMissingData::Missing)
    }

    fn period(&self) -> i64 {
        i64::from(self.condition.period)
    }
}

/// Where in a period all points begin, if they agree.
fn phase(points: &[Point], period: i64) -> i64 {
    let grain = gcd(period, 60);
    let mut phases = points.iter().map(|point| {
        let at = seconds(point.at);
        (at - at.rem_euclid(grain)).rem_euclid(period)
    });
    let first = phases.next().unwrap_or_default();
    if phases.all(|other| other == first) { first } else { 0 }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Whole seconds since 1970, rounded down.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.as_second() - i64::from(at.subsec_nanosecond() < 0)
}
