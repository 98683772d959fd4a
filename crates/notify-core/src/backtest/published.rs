//! Published values, as `aws cloudwatch put-metric-data` takes them, read one by one.

use super::file::Wanted;
use super::raw::Raw;
use crate::alarm::{Measured, Metric, minute, time_from_value};
use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;

/// Reads a list of values; metrics have no namespace yet.
pub(super) struct Published<'a> {
    pub(super) namespace: Option<&'a str>,
    pub(super) wanted: &'a Wanted,
    pub(super) list: &'a mut HashMap<Metric, Raw>,
    /// The first and the last time, also of what nobody wants.
    pub(super) ends: &'a mut Option<(i64, i64)>,
}

impl<'de> DeserializeSeed<'de> for Published<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Published<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of MetricData")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        let mut number = 0_usize;
        while let Some(datum) = from.next_element::<Datum>()? {
            number += 1;
            if let Some(at) = datum.timestamp.as_ref().and_then(|at| time_from_value(at).ok()) {
                let at = minute(at).as_second();
                let (first, last) = self.ends.unwrap_or((at, at));
                *self.ends = Some((first.min(at), last.max(at)));
            }
            let Some(each) = self.wanted.asks(self.namespace, &datum.metric_name) else { continue };
            let read = datum.read();
            let (metric, at, measured) = read.map_err(|problem| {
                A::Error::custom(format!("MetricData number {number}: {problem}"))
            })?;
            let raw = self.list.entry(metric).or_default();
            for measured in measured {
                raw.push(at, measured, each);
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    metric_name: String,
    dimensions: Option<Vec<Dimension>>,
    timestamp: Option<Value>,
    value: Option<f64>,
    values: Option<Vec<f64>>,
    counts: Option<Vec<f64>>,
    statistic_values: Option<StatisticValues>,
    unit: Option<String>,
    storage_resolution: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StatisticValues {
    sample_count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
}

impl Datum {
    /// The metric without its namespace, the time in seconds since 1970, and what was measured.
    fn read(self) -> Result<(Metric, i64, Vec<Measured>), String> {
        let Self { metric_name, dimensions, timestamp, unit, storage_resolution, .. } = self;
        let timestamp = timestamp.ok_or("Timestamp is missing")?;
        let at = time_from_value(&timestamp).map_err(|error| error.to_string())?;
        let at = match storage_resolution {
            None | Some(60) => minute(at),
            Some(1) => at,
            Some(_) => return Err("StorageResolution is not 1 or 60".to_owned()),
        };
        let dimensions = dimensions.into_iter().flatten();
        let mut dimensions: Vec<(String, String)> =
            dimensions.map(|Dimension { name, value }| (name, value)).collect();
        dimensions.sort();
        dimensions.dedup();
        let metric = Metric {
            namespace: String::new(),
            name: metric_name,
            dimensions,
            // What is published without a unit has the unit None.
            unit: Some(unit.unwrap_or_else(|| "None".to_owned())),
        };
        let measured = measured(self.value, self.values, self.counts, self.statistic_values)?;
        Ok((metric, at.as_second(), measured))
    }
}

fn measured(
    value: Option<f64>,
    values: Option<Vec<f64>>,
    counts: Option<Vec<f64>>,
    statistics: Option<StatisticValues>,
) -> Result<Vec<Measured>, String> {
    match (value, values, statistics) {
        (Some(value), None, None) => Ok(vec![Measured::Value { value, count: 1.0 }]),
        (None, Some(values), None) => {
            let counts = counts.unwrap_or_else(|| vec![1.0; values.len()]);
            if values.is_empty() || values.len() != counts.len() {
                let (values, counts) = (values.len(), counts.len());
                return Err(format!("there are {values} Values and {counts} Counts"));
            }
            if counts.iter().any(|count| *count <= 0.0) {
                return Err("Counts is not a list of numbers above 0".to_owned());
            }
            let pairs = values.into_iter().zip(counts);
            Ok(pairs.map(|(value, count)| Measured::Value { value, count }).collect())
        }
        (None, None, Some(statistics)) => {
            let StatisticValues { sample_count: count, sum, minimum, maximum } = statistics;
            if count <= 0.0 {
                return Err("SampleCount is not a number above 0".to_owned());
            }
            Ok(vec![Measured::Statistics { count, sum, minimum, maximum }])
        }
        _ => Err("it needs one of Value, Values and StatisticValues".to_owned()),
    }
}
