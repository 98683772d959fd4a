//! Datapoints as `aws cloudwatch get-metric-statistics` prints them.

use super::{AlarmError, MetricAlarm, Point, Statistic, time_from_value};
use serde_json::Value;

/// Reads what `aws cloudwatch get-metric-statistics` prints: the values of an alarm's statistic, in
/// the document's order, which is none.
///
/// Datapoints in another unit than the alarm insists on are left out, as `CloudWatch` does. One
/// that lacks the alarm's statistic is an error. Whether the datapoints are those of the alarm's
/// metric and period cannot be seen.
///
/// ```
/// use notify_core::alarm::{from_json, points_from_json};
///
/// let alarm = &from_json(r#"{"AlarmName": "waf", "Namespace": "AWS/WAFV2",
///     "MetricName": "BlockedRequests", "Statistic": "Sum", "Period": 300,
///     "EvaluationPeriods": 1, "Threshold": 1.0,
///     "ComparisonOperator": "GreaterThanOrEqualToThreshold"}"#)?[0];
/// let points = points_from_json(r#"{"Label": "BlockedRequests", "Datapoints": [
///     {"Timestamp": "2026-09-14T05:35:00+00:00", "Sum": 7.0, "Unit": "None"}]}"#, alarm)?;
/// assert_eq!(points[0].value, 7.0);
/// # Ok::<(), notify_core::alarm::AlarmError>(())
/// ```
pub fn points_from_json(text: &str, alarm: &MetricAlarm) -> Result<Vec<Point>, AlarmError> {
    let statistic = &alarm.condition.statistic;
    let key = Key {
        statistic,
        extended: matches!(Statistic::parse(statistic)?, Statistic::Percentile(_)),
    };
    let document: Value =
        serde_json::from_str(text).map_err(|error| AlarmError(format!("not JSON: {error}")))?;
    let list = document.get("Datapoints").and_then(Value::as_array).ok_or_else(|| {
        AlarmError(
            "there is no list of Datapoints, as aws cloudwatch get-metric-statistics prints it"
                .to_owned(),
        )
    })?;
    let mut points = Vec::with_capacity(list.len());
    for (index, datapoint) in list.iter().enumerate() {
        let unit = datapoint.get("Unit").and_then(Value::as_str);
        if let (Some(wanted), Some(unit)) = (&alarm.metric.unit, unit)
            && wanted != unit
        {
            continue;
        }
        points.push(key.point(datapoint).map_err(|error| {
            let when = datapoint.get("Timestamp").and_then(Value::as_str);
            let when =
                when.map_or_else(|| format!("number {}", index + 1), |at| format!("of {at}"));
            AlarmError(format!("the datapoint {when}: {error}"))
        })?);
    }
    Ok(points)
}

/// Where in a datapoint the value is.
struct Key<'a> {
    statistic: &'a str,
    extended: bool,
}

impl Key<'_> {
    fn point(&self, datapoint: &Value) -> Result<Point, AlarmError> {
        let at = datapoint.get("Timestamp").ok_or_else(|| super::read::absent("Timestamp"))?;
        let at = time_from_value(at)?;
        let statistics =
            if self.extended { datapoint.get("ExtendedStatistics") } else { Some(datapoint) };
        match statistics.and_then(|statistics| statistics.get(self.statistic)) {
            None => Err(AlarmError(format!("it has no {}, the alarm's statistic", self.statistic))),
            Some(value) => {
                let value =
                    value.as_f64().ok_or_else(|| super::read::wrong(self.statistic, "a number"))?;
                Ok(Point { at, value })
            }
        }
    }
}
