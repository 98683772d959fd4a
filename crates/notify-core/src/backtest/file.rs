//! Values of metrics out of a file.

use super::data::Data;
use super::published::Published;
use super::raw::Raw;
use super::saved::{Saved, VERSION};
use crate::alarm::{AlarmError, Metric, MetricAlarm, Statistic, points_from_json};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;
use std::io::Read;

/// Whose values are kept of a file: all others are passed over.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Namespaces and names, and whether each single value counts.
    metrics: HashMap<String, HashMap<String, bool>>,
    /// The alarm, where there is only one: a document that names no metric is taken for its.
    only: Option<MetricAlarm>,
}

impl Wanted {
    /// What some alarms look at.
    pub fn by<'a>(alarms: impl IntoIterator<Item = &'a MetricAlarm>) -> Self {
        let mut wanted = Self::default();
        let (mut first, mut count) = (None, 0_usize);
        for alarm in alarms {
            let statistic = Statistic::parse(&alarm.condition.statistic);
            let names = wanted.metrics.entry(alarm.metric.name.clone()).or_default();
            let each = names.entry(alarm.metric.namespace.clone()).or_default();
            *each |= matches!(statistic, Ok(Statistic::Percentile(_)));
            count += 1;
            first.get_or_insert(alarm);
        }
        wanted.only = first.filter(|_| count == 1).cloned();
        wanted
    }

    /// Whether a metric is wanted, and each of its values; without a namespace, one of that name.
    pub(super) fn asks(&self, namespace: Option<&str>, name: &str) -> Option<bool> {
        let names = self.metrics.get(name)?;
        match namespace {
            Some(namespace) => names.get(namespace).copied(),
            None => Some(names.values().any(|each| *each)),
        }
    }
}

/// Reads values of metrics: one of these documents, or several one after the other.
///
/// - what [`super::save`] wrote
/// - what `aws cloudwatch put-metric-data --cli-input-json` takes: values as they are published,
///   for whatever region
/// - what `aws cloudwatch get-metric-statistics` or `get-metric-data` prints for one metric, where
///   only one alarm is wanted: it names no metric, and is taken for that alarm's, in its period
///
/// The document is read as it comes, and only what is wanted is kept: of published values what
/// they make together in each minute, unless a percentile is asked for.
pub fn read(from: impl Read, wanted: &Wanted) -> Result<Data, AlarmError> {
    let mut data = Data::default();
    let mut documents = Documents { bytes: std::io::BufReader::with_capacity(1 << 18, from) };
    let mut count = 0_usize;
    while documents.more().map_err(|error| AlarmError(error.to_string()))? {
        let mut from = serde_json::Deserializer::from_reader(&mut documents.bytes);
        let document = Document { wanted, data: &mut data };
        document.deserialize(&mut from).map_err(|error| in_words(&error))?;
        count += 1;
    }
    if count == 0 {
        return Err(AlarmError("it is empty".to_owned()));
    }
    Ok(data)
}

fn in_words(error: &serde_json::Error) -> AlarmError {
    AlarmError(match error.classify() {
        serde_json::error::Category::Data => error.to_string(),
        _ => format!("not JSON: {error}"),
    })
}

/// Documents that follow each other.
struct Documents<R> {
    bytes: R,
}

impl<R: std::io::BufRead> Documents<R> {
    /// Whether there is another one; blanks before it are passed over.
    fn more(&mut self) -> std::io::Result<bool> {
        loop {
            let ahead = self.bytes.fill_buf()?;
            if ahead.is_empty() {
                return Ok(false);
            }
            let mark = b"\xef\xbb\xbf";
            let blanks = if ahead.starts_with(mark) {
                mark.len()
            } else {
                ahead.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
            };
            if blanks == 0 {
                return Ok(true);
            }
            self.bytes.consume(blanks);
        }
    }
}

/// Reads one document into the data.
struct Document<'a> {
    wanted: &'a Wanted,
    data: &'a mut Data,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with values of metrics")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        let Self { wanted, data } = self;
        let mut namespace: Option<String> = None;
        let mut published: Option<HashMap<Metric, Raw>> = None;
        let mut ends: Option<(i64, i64)> = None;
        let mut points: Option<Value> = None;
        let mut known = false;
        while let Some(key) = from.next_key::<String>()? {
            match key.as_str() {
                "version" => {
                    let version: u32 = from.next_value()?;
                    if version != VERSION {
                        let problem = format!("version {version} is not {VERSION}, which is read");
                        return Err(A::Error::custom(problem));
                    }
                }
                "series" => {
                    known = true;
                    from.next_value_seed(Series { wanted, data: &mut *data })?;
                }
                "Namespace" => namespace = Some(from.next_value()?),
                "MetricData" => {
                    let list = published.get_or_insert_default();
                    let namespace = namespace.as_deref();
                    let ends = &mut ends;
                    from.next_value_seed(Published { namespace, wanted, list, ends })?;
                }
                "Datapoints" => points = Some(json!({"Datapoints": from.next_value::<Value>()?})),
                "MetricDataResults" => {
                    points = Some(points_of(&from.next_value::<Vec<_>>()?, alarm(wanted)?)?);
                }
                _ => {
                    from.next_value::<IgnoredAny>()?;
                }
            }
        }
        if let Some(points) = &points {
            data.add_points(points, alarm(wanted)?).map_err(A::Error::custom)?;
        }
        if let Some((first, last)) = ends {
            data.spans(first, last.saturating_add(60));
        }
        match (published, namespace) {
            (Some(list), Some(namespace)) => {
                for (metric, raw) in list {
                    // Names alone were asked for where the namespace came later.
                    if wanted.asks(Some(&namespace), &metric.name).is_some() {
                        let metric = Metric { namespace: namespace.clone(), ..metric };
                        data.raw.entry(metric).or_default().append(raw);
                    }
                }
            }
            (Some(_), None) => return Err(A::Error::custom("Namespace is missing")),
            (None, _) if points.is_none() && !known => {
                return Err(A::Error::custom(
                    "it has neither series nor MetricData, Datapoints or MetricDataResults",
                ));
            }
            (None, _) => {}
        }
        Ok(())
    }
}

/// The alarm that a document without names is for.
fn alarm<E: Error>(wanted: &Wanted) -> Result<&MetricAlarm, E> {
    wanted.only.as_ref().ok_or_else(|| {
        E::custom("it does not say of which metric it is, so it can be read for one alarm only")
    })
}

impl Data {
    /// Takes what `aws cloudwatch get-metric-statistics` prints as an alarm's.
    fn add_points(&mut self, points: &Value, alarm: &MetricAlarm) -> Result<(), AlarmError> {
        let read = points_from_json(&points.to_string(), alarm)?;
        let period = i64::from(alarm.condition.period);
        for at in read.iter().map(|point| point.at.as_second()) {
            self.spans(at, at.saturating_add(period));
        }
        self.points.get_or_insert_default().extend(read);
        Ok(())
    }
}

/// What `aws cloudwatch get-metric-data` prints, as `get-metric-statistics` would.
fn points_of<E: Error>(results: &[ResultOfOne], alarm: &MetricAlarm) -> Result<Value, E> {
    let [ResultOfOne { timestamps, values }] = results else {
        return Err(E::custom(format!(
            "there are {} MetricDataResults, and their metrics are not named: one is read, for one \
             alarm",
            results.len()
        )));
    };
    if timestamps.len() != values.len() {
        let (times, values) = (timestamps.len(), values.len());
        return Err(E::custom(format!("there are {times} Timestamps and {values} Values")));
    }
    let key = &alarm.condition.statistic;
    let is_percentile = matches!(Statistic::parse(key), Ok(Statistic::Percentile(_)));
    let point = |(at, value): (&Value, &Value)| {
        if is_percentile {
            json!({"Timestamp": at, "ExtendedStatistics": {key: value}})
        } else {
            json!({"Timestamp": at, key: value})
        }
    };
    let list: Vec<Value> = timestamps.iter().zip(values).map(point).collect();
    Ok(json!({"Datapoints": list}))
}

/// A metric's values of `aws cloudwatch get-metric-data`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultOfOne {
    timestamps: Vec<Value>,
    values: Vec<Value>,
}

/// Reads a list of answers.
struct Series<'a> {
    wanted: &'a Wanted,
    data: &'a mut Data,
}

impl<'de> DeserializeSeed<'de> for Series<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Series<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        while let Some(saved) = from.next_element::<Saved>()? {
            let is_wanted = self.wanted.asks(Some(&saved.namespace), &saved.metric).is_some();
            let answer = saved.read().map_err(A::Error::custom)?;
            self.data.spans(answer.from.as_second(), answer.to.as_second());
            if is_wanted {
                self.data.add_answer(answer);
            }
        }
        Ok(())
    }
}
