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
fn minute(at: Timestamp) -> Timestamp {
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
