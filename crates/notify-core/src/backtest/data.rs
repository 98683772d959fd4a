//! What is known of metrics.

use super::layers::Layer;
use super::questions::{Question, parts, sorted};
use super::raw::Raw;
use crate::alarm::{AlarmError, Metric, MetricAlarm, Part, Point, Statistic};
use crate::aws::Region;
use crate::provider::{Gap, MetricQuery, MetricSeries};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What was answered to one query.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The region.
    pub region: Region,
    /// The query.
    pub query: MetricQuery,
    /// Nothing is known of what was before.
    pub from: Timestamp,
    /// Nor of what was after.
    pub to: Timestamp,
    /// The values, and what is missing of them.
    pub series: MetricSeries,
}

/// What is known of the past of metrics.
#[derive(Debug, Clone, Default)]
pub struct Data {
    /// By region and metric with sorted dimensions.
    answers: BTreeMap<(Region, Metric), Vec<Answer>>,
    /// Published values of metrics with sorted dimensions, of whatever region.
    pub(super) raw: BTreeMap<Metric, Raw>,
    /// The statistic of one alarm, whatever its metric is.
    pub(super) points: Option<Vec<Point>>,
    /// From when to when there is anything, also of metrics that nobody wants.
    span: Option<(i64, i64)>,
}

/// Why an alarm cannot be tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// There is nothing of its metric.
    #[error("there are no values of its metric")]
    NoData,
    /// AWS no longer has any of that time.
    #[error("its {0}")]
    Gone(Gap),
    /// There is something, and it is too little for one evaluation.
    #[error("{0}")]
    TooShort(String),
    /// It cannot be simulated.
    #[error(transparent)]
    NotSimulated(#[from] AlarmError),
}

impl Data {
    /// Adds the answers to a question, in its order.
    pub fn add(&mut self, question: &Question, answers: Vec<MetricSeries>) {
        for (query, series) in question.queries.iter().zip(answers) {
            let (from, to, _) = question.window.kept(query.period);
            let (region, query) = (question.region.clone(), query.clone());
            self.add_answer(Answer { region, query, from, to, series });
        }
    }

    pub(super) fn add_answer(&mut self, answer: Answer) {
        self.spans(answer.from.as_second(), answer.to.as_second());
        let key = (answer.region.clone(), sorted(&answer.query.metric));
        self.answers.entry(key).or_default().push(answer);
    }

    /// All answers, by region and metric.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.answers.values().flatten()
    }

    /// The metrics of which anything is known.
    pub(super) fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.answers.keys().map(|(_, metric)| metric).chain(self.raw.keys())
    }

    fn answers_of(&self, region: &Region, metric: &Metric) -> &[Answer] {
        self.answers.get(&(region.clone(), sorted(metric))).map_or(&[], Vec::as_slice)
    }

    /// From when to when there is anything: of a file that is the first value of whatever metric,
    /// and the end of the last.
    pub fn ends(&self) -> Option<(Timestamp, Timestamp)> {
        let at = |second: i64| Timestamp::from_second(second).ok();
        let (first, last) = self.span?;
        Some((at(first)?, at(last)?))
    }

    /// Takes note of a time from which something is known to another.
    pub(super) fn spans(&mut self, first: i64, last: i64) {
        let (a, b) = self.span.unwrap_or((first, last));
        self.span = Some((first.min(a), last.max(b)));
    }

    /// What is known of an alarm's metric, the longest periods and oldest values first.
    pub(super) fn layers(
        &self,
        region: &Region,
        alarm: &MetricAlarm,
    ) -> Result<Vec<Layer>, Missing> {
        let condition = &alarm.condition;
        let statistic = Statistic::parse(&condition.statistic)?;
        if let Some(points) = &self.points {
            let begin = points.iter().map(|point| point.at.as_second()).min();
            let layer = begin.map(|begin| Layer::of_points(points, condition.period, begin));
            return Ok(layer.into_iter().collect());
        }
        let answers = self.answers_of(region, &alarm.metric);
        let mut layers = of_answers(answers, statistic, condition.period);
        if layers.is_empty() {
            let mut parts: Vec<Part> = Vec::new();
            for raw in self.raw_of(&alarm.metric) {
                parts.extend(raw.parts(statistic)?);
            }
            let begin = self.span.map_or(0, |(first, _)| first);
            layers.extend(Layer::of_raw(parts, condition.period, begin));
        }
        Ok(layers)
    }

    /// Published values that count for a metric: one without a unit takes every unit.
    fn raw_of(&self, metric: &Metric) -> impl Iterator<Item = &Raw> {
        let wanted = sorted(metric);
        let first = Metric { unit: None, ..wanted.clone() };
        let same = move |other: &Metric| {
            (&other.namespace, &other.name, &other.dimensions)
                == (&wanted.namespace, &wanted.name, &wanted.dimensions)
        };
        let unit = metric.unit.clone();
        let all = self.raw.range(first..).take_while(move |(other, _)| same(other));
        all.filter(move |(other, _)| unit.is_none() || other.unit == unit).map(|(_, raw)| raw)
    }

    /// Why there is nothing of an alarm's metric.
    pub(super) fn why_nothing(&self, region: &Region, alarm: &MetricAlarm) -> Missing {
        let answers = self.answers_of(region, &alarm.metric).iter();
        let mut gaps = answers.flat_map(|answer| &answer.series.gaps);
        let gone = gaps.find(|gap| matches!(gap, Gap::NotKept { .. }));
        gone.map_or(Missing::NoData, |gap| Missing::Gone(gap.clone()))
    }

    /// What AWS said of an alarm's values.
    pub(super) fn gaps(&self, region: &Region, alarm: &MetricAlarm) -> Vec<Gap> {
        let answers = self.answers_of(region, &alarm.metric).iter();
        let gaps = answers.flat_map(|answer| &answer.series.gaps);
        // Where values are not kept, others of longer periods stand for them.
        let gaps = gaps.filter(|gap| !matches!(gap, Gap::NotKept { .. }));
        let mut all: Vec<Gap> = Vec::new();
        for gap in gaps {
            if !all.contains(gap) {
                all.push(gap.clone());
            }
        }
        all
    }
}

/// Answers of one metric as layers: those whose periods make up the alarm's.
fn of_answers(answers: &[Answer], statistic: Statistic, period: u32) -> Vec<Layer> {
    let of = |wanted: Statistic, period: u32| {
        answers
            .iter()
            .filter(move |answer| answer.query.statistic == wanted && answer.query.period == period)
    };
    let mut periods: Vec<u32> = answers.iter().map(|answer| answer.query.period).collect();
    periods.sort_unstable_by(|a, b| b.cmp(a));
    periods.dedup();
    let mut layers: Vec<Layer> = Vec::new();
    for grain in periods.into_iter().filter(|grain| *grain > 0 && period.is_multiple_of(*grain)) {
        match parts(statistic)[..] {
            [sum, count] => {
                for sums in of(sum, grain) {
                    let same = |counts: &&Answer| (counts.from, counts.to) == (sums.from, sums.to);
                    let counts = of(count, grain).find(same);
                    layers.extend(counts.and_then(|counts| Layer::of_average(sums, counts)));
                }
            }
            // A percentile is not made of others.
            [Statistic::Percentile(_)] if grain != period => {}
            [one] => layers.extend(of(one, grain).filter_map(Layer::of_answer)),
            _ => {}
        }
    }
    layers.sort_by_key(|layer| (layer.from, std::cmp::Reverse(layer.grain)));
    Layer::cut(&mut layers);
    layers
}
