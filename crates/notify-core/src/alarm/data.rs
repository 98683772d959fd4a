//! Metric data as `aws cloudwatch put-metric-data` takes it.

use super::evaluate::seconds;
use super::read::{absent, dimensions, text, wrong};
use super::{
    AlarmError, Measured, Metric, MetricAlarm, Point, Sample, Statistic, points, time_from_value,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Published values of metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricData {
    series: BTreeMap<Metric, Vec<Sample>>,
}

impl MetricData {
    /// Reads what `aws cloudwatch put-metric-data --cli-input-json` takes.
    ///
    /// `received` is the time of values without a `Timestamp`: CloudWatch gives them the time at
    /// which they arrive. Without it such a value is an error.
    ///
    /// ```
    /// use notify_core::alarm::{Metric, MetricData};
    ///
    /// let data = MetricData::from_json(r#"{"Namespace": "shop", "MetricData": [
    ///     {"MetricName": "errors", "Dimensions": [{"Name": "service", "Value": "checkout"}],
    ///      "Timestamp": "2026-09-14T05:38:00Z", "Value": 3}]}"#, None)?;
    /// let metric = Metric {
    ///     namespace: "shop".to_owned(),
    ///     name: "errors".to_owned(),
    ///     dimensions: vec![("service".to_owned(), "checkout".to_owned())],
    ///     unit: None,
    /// };
    /// assert_eq!(data.samples(&metric).len(), 1);
    /// # Ok::<(), notify_core::alarm::AlarmError>(())
    /// ```
    pub fn from_json(document: &str, received: Option<Timestamp>) -> Result<Self, AlarmError> {
        let document: Value = serde_json::from_str(document)
            .map_err(|error| AlarmError(format!("not JSON: {error}")))?;
        let fields = document.as_object().ok_or_else(|| wrong("the document", "an object"))?;
        let namespace = text(fields, "Namespace")?.ok_or_else(|| absent("Namespace"))?;
        let data = fields.get("MetricData").ok_or_else(|| absent("MetricData"))?;
        let data = data.as_array().ok_or_else(|| wrong("MetricData", "a list"))?;
        let mut all = Self::default();
        for (index, datum) in data.iter().enumerate() {
            let of_datum = |error| AlarmError(format!("MetricData number {}: {error}", index + 1));
            all.read(&namespace, datum, received).map_err(of_datum)?;
        }
        Ok(all)
    }

    /// The samples of a metric, in the document's order.
    ///
    /// Dimensions are a set: their order does not matter, and one more or less makes another
    /// metric. A metric without a unit has the samples of every unit.
    pub fn samples(&self, metric: &Metric) -> Vec<Sample> {
        let Metric { namespace, name, dimensions, unit } = metric;
        let dimensions = sorted(dimensions.clone());
        let is_it = |other: &Metric| {
            other.namespace == *namespace
                && other.name == *name
                && other.dimensions == dimensions
                && (unit.is_none() || other.unit == *unit)
        };
        let series = self.series.iter().filter(|(other, _)| is_it(other));
        series.flat_map(|(_, samples)| samples.iter().copied()).collect()
    }

    /// The points of an alarm that is evaluated at a time: its statistic of its metric, in periods
    /// that end where that evaluation looks.
    pub fn points(&self, alarm: &MetricAlarm, at: Timestamp) -> Result<Vec<Point>, AlarmError> {
        let MetricAlarm { metric, condition, .. } = alarm;
        let statistic = Statistic::parse(&condition.statistic)?;
        points(&self.samples(metric), statistic, condition.period, condition.boundary(at))
    }

    /// The metrics that there are values of, each unit for itself, with sorted dimensions.
    pub fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.series.keys()
    }

    /// The time of the last value.
    pub fn last(&self) -> Option<Timestamp> {
        self.series.values().flatten().map(|sample| sample.at).max()
    }

    fn read(
        &mut self,
        namespace: &str,
        datum: &Value,
        received: Option<Timestamp>,
    ) -> Result<(), AlarmError> {
        let fields = datum.as_object().ok_or_else(|| wrong("it", "an object"))?;
        let metric = Metric {
            namespace: namespace.to_owned(),
            name: text(fields, "MetricName")?.ok_or_else(|| absent("MetricName"))?,
            dimensions: sorted(dimensions(fields)?),
            // What is published without a unit has the unit None.
            unit: Some(text(fields, "Unit")?.unwrap_or_else(|| "None".to_owned())),
        };
        let at = match present(fields, "Timestamp") {
            Some(at) => time_from_value(at)?,
            None => received.ok_or_else(|| absent("Timestamp"))?,
        };
        let at = match present(fields, "StorageResolution").map(Value::as_u64) {
            None | Some(Some(60)) => minute(at),
            Some(Some(1)) => at,
            Some(_) => return Err(wrong("StorageResolution", "1 or 60")),
        };
        let samples = measured(fields)?.into_iter().map(|measured| Sample { at, measured });
        self.series.entry(metric).or_default().extend(samples);
        Ok(())
    }
}

fn measured(fields: &Map<String, Value>) -> Result<Vec<Measured>, AlarmError> {
    match (present(fields, "Value"), present(fields, "Values"), present(fields, "StatisticValues"))
    {
        (Some(value), None, None) => {
            Ok(vec![Measured::Value { value: number(value, "Value")?, count: 1.0 }])
        }
        (None, Some(values), None) => {
            let values = numbers(values, "Values")?;
            let counts = match present(fields, "Counts") {
                Some(counts) => numbers(counts, "Counts")?,
                None => vec![1.0; values.len()],
            };
            if values.is_empty() || values.len() != counts.len() {
                return Err(AlarmError(format!(
                    "there are {} Values and {} Counts",
                    values.len(),
                    counts.len()
                )));
            }
            if counts.iter().any(|count| *count <= 0.0) {
                return Err(wrong("Counts", "a list of numbers above 0"));
            }
            let values = values.into_iter().zip(counts);
            Ok(values.map(|(value, count)| Measured::Value { value, count }).collect())
        }
        (None, None, Some(statistics)) => {
            let part = |key: &str| {
                let value = statistics.get(key).ok_or_else(|| absent(key))?;
                number(value, key)
            };
            let count = part("SampleCount")?;
            if count <= 0.0 {
                return Err(wrong("SampleCount", "a number above 0"));
            }
            let (sum, minimum, maximum) = (part("Sum")?, part("Minimum")?, part("Maximum")?);
            Ok(vec![Measured::Statistics { count, sum, minimum, maximum }])
        }
        _ => Err(AlarmError("it needs one of Value, Values and StatisticValues".to_owned())),
    }
}

/// The beginning of a minute: all that is kept of the time of a value in standard resolution.
pub(crate) fn minute(at: Timestamp) -> Timestamp {
    let at = seconds(at);
    Timestamp::from_second(at - at.rem_euclid(60)).unwrap_or(Timestamp::MIN)
}

fn present<'a>(fields: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    fields.get(key).filter(|value| !value.is_null())
}

fn number(value: &Value, key: &str) -> Result<f64, AlarmError> {
    value.as_f64().ok_or_else(|| wrong(key, "a number"))
}

fn numbers(value: &Value, key: &str) -> Result<Vec<f64>, AlarmError> {
    let list = value.as_array().ok_or_else(|| wrong(key, "a list of numbers"))?;
    list.iter().map(|value| number(value, key)).collect()
}

fn sorted(mut dimensions: Vec<(String, String)>) -> Vec<(String, String)> {
    dimensions.sort();
    dimensions.dedup();
    dimensions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::from_json;

    fn metric(dimensions: &[(&str, &str)], unit: Option<&str>) -> Metric {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Metric {
            namespace: "N".to_owned(),
            name: "M".to_owned(),
            dimensions: dimensions.iter().map(owned).collect(),
            unit: unit.map(str::to_owned),
        }
    }

    fn read(data: &str) -> Result<MetricData, String> {
        let document = format!(r#"{{"Namespace": "N", "MetricData": [{data}]}}"#);
        MetricData::from_json(&document, None).map_err(|error| error.to_string())
    }

    fn values(data: &MetricData, metric: &Metric) -> Vec<(i64, f64, f64)> {
        let sample = |sample: Sample| match sample.measured {
            Measured::Value { value, count } => (sample.at.as_second(), value, count),
            Measured::Statistics { count, sum, .. } => (sample.at.as_second(), sum, count),
        };
        data.samples(metric).into_iter().map(sample).collect()
    }

    #[test]
    fn dimensions_are_a_set_and_every_unit_counts() {
        let data = read(
            r#"{"MetricName": "M", "Timestamp": 0, "Value": 1, "Unit": "Count",
                "Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]},
               {"MetricName": "M", "Timestamp": 60, "Value": 2,
                "Dimensions": [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]},
               {"MetricName": "M", "Timestamp": 120, "Value": 3,
                "Dimensions": [{"Name": "a", "Value": "1"}]},
               {"MetricName": "other", "Timestamp": 240, "Value": 4, "Dimensions": null}"#,
        )
        .unwrap();
        let both = [("b", "2"), ("a", "1")];
        assert_eq!(values(&data, &metric(&both, None)), [(0, 1.0, 1.0), (60, 2.0, 1.0)]);
        assert_eq!(values(&data, &metric(&both, Some("Count"))), [(0, 1.0, 1.0)]);
        assert_eq!(values(&data, &metric(&both, Some("None"))), [(60, 2.0, 1.0)]);
        assert_eq!(values(&data, &metric(&both, Some("Bytes"))), []);
        assert_eq!(values(&data, &metric(&[("a", "1")], None)), [(120, 3.0, 1.0)]);
        assert_eq!(values(&data, &metric(&[("a", "2")], None)), []);
        assert_eq!(values(&data, &metric(&[], None)), []);
        let elsewhere = Metric { namespace: "X".to_owned(), ..metric(&both, None) };
        assert_eq!(values(&data, &elsewhere), []);
        assert_eq!(data.metrics().count(), 4);
        assert_eq!(data.last().map(Timestamp::as_second), Some(240));
        assert_eq!(read("").unwrap().last(), None);
    }

    #[test]
    fn every_way_to_publish() {
        let data = read(
            r#"{"MetricName": "M", "Timestamp": 0, "Values": [1, 2.5], "Counts": [3, 4]},
               {"MetricName": "M", "Timestamp": 0, "Values": [7]},
               {"MetricName": "M", "Timestamp": "1970-01-01T00:00:30Z", "Value": 8,
                "StorageResolution": 1},
               {"MetricName": "M", "Timestamp": "1970-01-01T00:01:30Z", "Value": 9,
                "StorageResolution": 60},
               {"MetricName": "M", "Timestamp": -1, "StatisticValues":
                {"SampleCount": 2, "Sum": 10, "Minimum": 4, "Maximum": 6}}"#,
        )
        .unwrap();
        let all = metric(&[], None);
        assert_eq!(
            values(&data, &all),
            [
                (0, 1.0, 3.0),
                (0, 2.5, 4.0),
                (0, 7.0, 1.0),
                (30, 8.0, 1.0),
                (60, 9.0, 1.0),
                (-60, 10.0, 2.0),
            ]
        );
        let summary = Measured::Statistics { count: 2.0, sum: 10.0, minimum: 4.0, maximum: 6.0 };
        assert_eq!(data.samples(&all)[5].measured, summary);
    }

    #[test]
    fn what_has_no_time_was_received_now() {
        let document = r#"{"Namespace": "N", "MetricData": [{"MetricName": "M", "Value": 1}]}"#;
        let now = Timestamp::from_second(125).unwrap();
        let data = MetricData::from_json(document, Some(now)).unwrap();
        assert_eq!(data.last().map(Timestamp::as_second), Some(120));
        let error = MetricData::from_json(document, None).unwrap_err().to_string();
        assert_eq!(error, "MetricData number 1: Timestamp is missing");
    }

    #[test]
    fn points_of_an_alarm_end_where_it_looks() {
        let alarm = &from_json(
            r#"{"AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum",
                "Period": 300, "EvaluationPeriods": 1, "Threshold": 1,
                "ComparisonOperator": "GreaterThanThreshold"}"#,
        )
        .unwrap()[0];
        let data = read(
            r#"{"MetricName": "M", "Timestamp": 60, "Value": 1},
               {"MetricName": "M", "Timestamp": 300, "Value": 2},
               {"MetricName": "M", "Timestamp": 360, "Value": 4}"#,
        )
        .unwrap();
        let points = data.points(alarm, Timestamp::from_second(367).unwrap()).unwrap();
        let points: Vec<(i64, f64)> =
            points.into_iter().map(|point| (point.at.as_second(), point.value)).collect();
        assert_eq!(points, [(60, 3.0), (360, 4.0)]);
        let mut trimmed = alarm.clone();
        trimmed.condition.statistic = "tm90".to_owned();
        assert!(data.points(&trimmed, Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (data, says) in [
            ("7", "MetricData number 1: it is not an object"),
            ("{}", "MetricData number 1: MetricName is missing"),
            (
                r#"{"MetricName": "M", "Timestamp": 0}"#,
                "MetricData number 1: it needs one of Value, Values and StatisticValues",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "Value": 1, "Values": [1]}"#,
                "MetricData number 1: it needs one of Value, Values and StatisticValues",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "Value": "1"}"#,
                "MetricData number 1: Value is not a number",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "Values": [1, 2], "Counts": [1]}"#,
                "MetricData number 1: there are 2 Values and 1 Counts",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "Values": []}"#,
                "MetricData number 1: there are 0 Values and 0 Counts",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "Values": [1, 2], "Counts": [3, 0]}"#,
                "MetricData number 1: Counts is not a list of numbers above 0",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "Values": 1}"#,
                "MetricData number 1: Values is not a list of numbers",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "Value": 1, "StorageResolution": 30}"#,
                "MetricData number 1: StorageResolution is not 1 or 60",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "StatisticValues": {"SampleCount": 0}}"#,
                "MetricData number 1: SampleCount is not a number above 0",
            ),
            (
                r#"{"MetricName": "M", "Timestamp": 0, "StatisticValues": {"SampleCount": 1}}"#,
                "MetricData number 1: Sum is missing",
            ),
        ] {
            assert_eq!(read(data).unwrap_err(), says);
        }
        for (document, says) in [
            ("", "not JSON: "),
            ("[]", "the document is not an object"),
            ("{}", "Namespace is missing"),
            (r#"{"Namespace": "N"}"#, "MetricData is missing"),
            (r#"{"Namespace": "N", "MetricData": 1}"#, "MetricData is not a list"),
        ] {
            let error = MetricData::from_json(document, None).unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}");
        }
    }
}
