//! Answers as they are kept in a file, so that a second test costs nothing.

use super::data::{Answer, Data};
use crate::alarm::{Metric, Point, Statistic, time};
use crate::aws::{Dimensions, Region};
use crate::provider::{Gap, MetricQuery, MetricSeries};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::Write;

/// The version of the document.
pub(super) const VERSION: u32 = 1;

/// One answer as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    region: Region,
    pub(super) namespace: String,
    pub(super) metric: String,
    dimensions: Dimensions,
    unit: Option<String>,
    statistic: String,
    period: u32,
    from: String,
    to: String,
    /// Seconds since 1970.
    timestamps: Vec<i64>,
    values: Vec<f64>,
    #[serde(default)]
    gaps: Vec<String>,
}

impl Saved {
    fn of(answer: &Answer) -> Self {
        let Answer { region, query, from, to, series } = answer;
        let MetricQuery { metric, statistic, period } = query;
        let Metric { namespace, name, dimensions, unit } = metric.clone();
        let points = series.points.iter();
        // What is no longer kept is told by `from`.
        let gaps = series.gaps.iter().filter(|gap| !matches!(gap, Gap::NotKept { .. }));
        Self {
            region: region.clone(),
            namespace,
            metric: name,
            dimensions: dimensions.into_iter().collect(),
            unit,
            statistic: statistic.to_string(),
            period: *period,
            from: from.to_string(),
            to: to.to_string(),
            timestamps: points.clone().map(|point| point.at.as_second()).collect(),
            values: points.map(|point| point.value).collect(),
            gaps: gaps.map(ToString::to_string).collect(),
        }
    }

    /// The answer; an error is what is wrong with it.
    pub(super) fn read(self) -> Result<Answer, String> {
        let Self {
            region,
            namespace,
            metric,
            dimensions,
            unit,
            statistic,
            period,
            from,
            to,
            timestamps,
            values,
            gaps,
        } = self;
        if timestamps.len() != values.len() {
            let (times, values) = (timestamps.len(), values.len());
            return Err(format!("{metric} has {times} timestamps and {values} values"));
        }
        if period == 0 {
            return Err(format!("{metric} has a period of 0 seconds"));
        }
        let read_time = |text: &str| time(text).map_err(|error| error.to_string());
        let (from, to) = (read_time(&from)?, read_time(&to)?);
        let statistic = Statistic::parse(&statistic).map_err(|error| error.to_string())?;
        let dimensions = dimensions.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let metric = Metric { namespace, name: metric, dimensions, unit };
        let points = timestamps.into_iter().zip(values);
        let points = points.filter_map(|(second, value)| {
            Some(Point { at: Timestamp::from_second(second).ok()?, value })
        });
        let series = MetricSeries {
            points: points.collect(),
            gaps: gaps.into_iter().map(Gap::Said).collect(),
        };
        Ok(Answer { region, query: MetricQuery { metric, statistic, period }, from, to, series })
    }
}

/// Writes what was answered as a JSON document that [`super::read`] reads.
pub fn save(data: &Data, to: impl Write) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct Document<S: Serialize> {
        version: u32,
        series: S,
    }
    /// One after the other, so that one at a time is copied.
    struct Series<'a>(&'a Data);
    impl Serialize for Series<'_> {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.collect_seq(self.0.answers().map(Saved::of))
        }
    }
    serde_json::to_writer(to, &Document { version: VERSION, series: Series(data) })
        .map_err(std::io::Error::from)
}
