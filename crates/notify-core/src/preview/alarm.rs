//! The mail that an alarm causes.

use super::sample::SAMPLE_TIME;
use super::stage::Stage;
use super::{Line, Outcome, Preview, Subject};
use crate::alarm::{
    AlarmError, MetricAlarm, MetricData, Point, Transition, evaluate, minute, points_from_json,
};
use crate::aws::{AlarmState, Comparison};
use jiff::{SignedDuration, Timestamp};

/// What happens to an alarm's metric.
#[derive(Debug, Clone, Copy)]
pub enum Metric<'a> {
    /// Whatever brings the alarm into a state.
    Sample(AlarmState),
    /// What `aws cloudwatch get-metric-statistics` prints or `put-metric-data --cli-input-json`
    /// takes, evaluated at a time; without one when the last point's period has ended.
    Given {
        /// The document.
        text: &'a str,
        /// When.
        at: Option<Timestamp>,
    },
}

/// Previews the mail of an alarm; `None` if the spec has no alarm of that name.
pub fn preview_alarm(
    stage: &Stage,
    name: &str,
    metric: Metric<'_>,
) -> Option<Result<Preview, AlarmError>> {
    let alarm = match stage.alarm(name)? {
        Ok(alarm) => alarm,
        Err(error) => return Some(Err(error)),
    };
    Some(shown(stage, &alarm, metric))
}

fn shown(stage: &Stage, alarm: &MetricAlarm, metric: Metric<'_>) -> Result<Preview, AlarmError> {
    let region = stage.alarm_region(&alarm.name).cloned();
    let (change, sample) = match metric {
        Metric::Sample(to) => (sample_change(alarm, to)?, true),
        Metric::Given { text, at } => (given_change(alarm, text, at)?, false),
    };
    let preview = |outcome| Preview {
        name: alarm.name.clone(),
        subject: Subject::Alarm,
        region: region.clone(),
        sample,
        outcome,
        verdicts: Vec::new(),
    };
    let Some(change) = change else {
        return Ok(preview(Outcome::NoChange));
    };
    let to = change.to;
    let changed = stage.change(&alarm.name, change)?;
    let sent = changed.into_iter().flat_map(|changed| changed.sent).next();
    Ok(preview(match sent {
        Some(Err(reason)) => {
            Outcome::Lost { code: "NOT_SENT".to_owned(), reason, attempted: String::new() }
        }
        Some(Ok(sent)) => {
            let lines = sent.notification.text().lines().map(origin).collect();
            Outcome::Mailed { sent: Box::new(sent), lines }
        }
        None => Outcome::NobodyTold(to),
    }))
}

/// The change that the metric's values of an example bring about.
fn sample_change(alarm: &MetricAlarm, to: AlarmState) -> Result<Option<Transition>, AlarmError> {
    let condition = &alarm.condition;
    let threshold = condition.threshold;
    let value = match (condition.comparison, to == AlarmState::Alarm) {
        (Comparison::GreaterThanThreshold, true)
        | (Comparison::LessThanOrEqualToThreshold, false) => threshold + 1.0,
        (Comparison::LessThanThreshold, true)
        | (Comparison::GreaterThanOrEqualToThreshold, false) => threshold - 1.0,
        _ => threshold,
    };
    let at: Timestamp = SAMPLE_TIME.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let period = i64::from(condition.period);
    let silent = to == AlarmState::InsufficientData;
    let count = if silent { 0 } else { i64::from(condition.evaluation_periods) };
    let points: Vec<Point> = (1..=count)
        .filter_map(|ago| {
            let at = at.checked_sub(SignedDuration::from_secs(ago * period)).ok()?;
            Some(Point { at, value })
        })
        .collect();
    let from = if to == AlarmState::Ok { AlarmState::Alarm } else { AlarmState::Ok };
    let change = evaluate(condition, from, &points, at, None)?;
    Ok(change.filter(|change| change.to == to))
}

/// The change that given values bring about, from OK, or else from ALARM.
fn given_change(
    alarm: &MetricAlarm,
    text: &str,
    at: Option<Timestamp>,
) -> Result<Option<Transition>, AlarmError> {
    let (points, at) = if is_metric_data(text) {
        let data = MetricData::from_json(text, at)?;
        let last = data.samples(&alarm.metric).iter().map(|sample| sample.at).max();
        let at = at.or_else(|| last.and_then(minute_end)).unwrap_or_default();
        (data.points(alarm, at)?, at)
    } else {
        let points = points_from_json(text, alarm)?;
        let period = SignedDuration::from_secs(i64::from(alarm.condition.period));
        let last = points.iter().map(|point| point.at).max();
        let at = at.or_else(|| last?.checked_add(period).ok()).unwrap_or_default();
        (points, at)
    };
    for from in [AlarmState::Ok, AlarmState::Alarm] {
        if let Some(change) = evaluate(&alarm.condition, from, &points, at, None)? {
            return Ok(Some(change));
        }
    }
    Ok(None)
}

/// Whether a document is what `put-metric-data` takes, and not what `get-metric-statistics` prints.
fn is_metric_data(text: &str) -> bool {
    let document: Option<serde_json::Value> = serde_json::from_str(text).ok();
    document.is_some_and(|document| document.get("MetricData").is_some())
}

/// When the minute of a value has ended.
fn minute_end(at: Timestamp) -> Option<Timestamp> {
    minute(at).checked_add(SignedDuration::from_mins(1)).ok()
}

/// What of the file a line of CloudWatch's text comes from.
fn origin(text: &str) -> Line {
    const KEYS: [(&str, &str); 13] = [
        ("- Name:", "name, or alarm_name"),
        ("- Description:", "description"),
        ("- AWS Account:", "the account"),
        ("- Reason for State Change:", "the metric's values, threshold, comparison"),
        (
            "- The alarm is in",
            "comparison, threshold, datapoints_to_alarm, evaluation_periods, period",
        ),
        ("- MetricNamespace:", "namespace"),
        ("- MetricName:", "metric"),
        ("- Dimensions:", "dimensions"),
        ("- Period:", "period"),
        ("- Statistic:", "statistic"),
        ("- TreatMissingData:", "treat_missing_data"),
        ("- OK:", "notify_ok"),
        ("- ALARM:", "the topic"),
    ];
    let from = KEYS.iter().find(|(label, _)| text.starts_with(label)).map(|(_, key)| *key);
    Line { text: text.to_owned(), from: from.map(str::to_owned) }
}
