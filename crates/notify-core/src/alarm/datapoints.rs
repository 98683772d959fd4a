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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::from_json;

    fn alarm(more: &str) -> MetricAlarm {
        let text = format!(
            r#"{{"AlarmName": "a", "Namespace": "N", "MetricName": "M", "Period": 60,
                "EvaluationPeriods": 1, "Threshold": 1,
                "ComparisonOperator": "GreaterThanThreshold", {more}}}"#
        );
        from_json(&text).unwrap().remove(0)
    }

    fn read(more: &str, document: &str) -> Result<Vec<(String, f64)>, String> {
        let points = points_from_json(document, &alarm(more)).map_err(|e| e.to_string())?;
        Ok(points.into_iter().map(|point| (point.at.to_string(), point.value)).collect())
    }

    #[test]
    fn the_alarms_statistic_is_read_in_any_order() {
        let document = r#"{"Label": "M", "Datapoints": [
            {"Timestamp": "2026-09-14T05:39:00+00:00", "Sum": 2, "SampleCount": 9, "Unit": "None"},
            {"Timestamp": "2026-09-14T14:38:00+09:00", "Sum": 1.5, "SampleCount": 8.0}]}"#;
        let at = ["2026-09-14T05:39:00Z", "2026-09-14T05:38:00Z"].map(str::to_owned);
        let [first, second] = at;
        let sums = vec![(first.clone(), 2.0), (second.clone(), 1.5)];
        assert_eq!(read(r#""Statistic": "Sum""#, document), Ok(sums));
        let counts = vec![(first, 9.0), (second, 8.0)];
        assert_eq!(read(r#""Statistic": "SampleCount""#, document), Ok(counts));
        assert_eq!(
            read(r#""Statistic": "Average""#, document).unwrap_err(),
            "the datapoint of 2026-09-14T05:39:00+00:00: it has no Average, the alarm's statistic"
        );
        assert_eq!(read(r#""Statistic": "Sum""#, r#"{"Datapoints": []}"#), Ok(Vec::new()));
    }

    #[test]
    fn percentiles_have_a_place_of_their_own() {
        let document = r#"{"Datapoints": [{"Timestamp": 0, "ExtendedStatistics": {"p99": 3}}]}"#;
        let p99 = r#""ExtendedStatistic": "p99""#;
        assert_eq!(read(p99, document), Ok(vec![("1970-01-01T00:00:00Z".to_owned(), 3.0)]));
        let elsewhere = r#"{"Datapoints": [{"Timestamp": 0, "p99": 3}]}"#;
        assert_eq!(
            read(p99, elsewhere).unwrap_err(),
            "the datapoint number 1: it has no p99, the alarm's statistic"
        );
        let trimmed = read(r#""ExtendedStatistic": "tm90""#, document).unwrap_err();
        assert!(trimmed.starts_with("the statistic tm90 cannot be simulated"), "{trimmed}");
    }

    #[test]
    fn another_unit_is_another_metric() {
        let document = r#"{"Datapoints": [{"Timestamp": 0, "Sum": 1, "Unit": "Bytes"},
            {"Timestamp": 60, "Sum": 2, "Unit": "Count"}, {"Timestamp": 120, "Sum": 3}]}"#;
        let values = |more| {
            let points = read(more, document).unwrap();
            points.into_iter().map(|point| point.1).collect::<Vec<_>>()
        };
        assert_eq!(values(r#""Statistic": "Sum""#), [1.0, 2.0, 3.0]);
        assert_eq!(values(r#""Statistic": "Sum", "Unit": "Count""#), [2.0, 3.0]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (document, says) in [
            ("{", "not JSON: "),
            ("[]", "there is no list of Datapoints, "),
            (r#"{"Datapoints": {}}"#, "there is no list of Datapoints, "),
            (r#"{"Datapoints": [7]}"#, "the datapoint number 1: Timestamp is missing"),
            (
                r#"{"Datapoints": [{"Timestamp": "2026-09-14T05:39:00", "Sum": 1}]}"#,
                "the datapoint of 2026-09-14T05:39:00: \"2026-09-14T05:39:00\" is no time",
            ),
            (
                r#"{"Datapoints": [{"Timestamp": 0, "Sum": 1}, {"Timestamp": 0, "Sum": "1"}]}"#,
                "the datapoint number 2: Sum is not a number",
            ),
        ] {
            let error = read(r#""Statistic": "Sum""#, document).unwrap_err();
            assert!(error.starts_with(says), "{error}");
        }
        let deep = "[".repeat(100_000);
        assert!(read(r#""Statistic": "Sum""#, &deep).is_err());
    }
}
