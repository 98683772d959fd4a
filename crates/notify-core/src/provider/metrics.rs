//! Past values of metrics: what is asked, what AWS still has of it, and what asking costs.

use super::ProviderError;
use crate::alarm::{Metric, Point, Statistic};
use crate::aws::Region;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

/// How many queries one call takes
/// ([quotas](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html)).
pub const QUERIES_A_CALL: usize = 500;

/// How many values one page of an answer holds.
pub const VALUES_A_PAGE: usize = 100_800;

/// US dollars for a thousand metrics that `GetMetricData` is asked for; none of them is free
/// ([prices](https://aws.amazon.com/cloudwatch/pricing/), us-east-1).
const USD_A_THOUSAND: f64 = 0.01;

/// How long before the end of their time values are no longer asked for: the question must not
/// arrive when they are gone.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// An account whose past metrics can be read.
pub trait MetricReader: Sync {
    /// Reads statistics of metrics: an answer for each query, in the same order.
    ///
    /// What AWS no longer has, or does not hand out, is a [`Gap`] of that answer. An error is a
    /// failure of the whole.
    fn metric_data(
        &self,
        region: &Region,
        queries: &[MetricQuery],
        window: Window,
    ) -> impl Future<Output = Result<Vec<MetricSeries>, ProviderError>> + Send;
}

/// What is asked of a metric: one statistic, for periods of a length.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricQuery {
    /// The metric, with the unit that is insisted on.
    pub metric: Metric,
    /// Of its values in a period.
    pub statistic: Statistic,
    /// Seconds.
    pub period: u32,
}

/// The time that is asked for, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub from: Timestamp,
    /// The moment after the last.
    pub to: Timestamp,
    /// The time of asking: AWS forgets as time goes by.
    pub now: Timestamp,
}

/// The answer to a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricSeries {
    /// The statistic of each period with values, oldest first; none where nothing was published.
    pub points: Vec<Point>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// Why an answer is not the whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// Values of so short periods are kept from this time on.
    NotKept {
        /// The earliest that there still is.
        since: Timestamp,
    },
    /// AWS had more, and did not say it.
    Partial,
    /// AWS failed on this query.
    Internal,
    /// This metric may not be read.
    Forbidden,
    /// What was said besides.
    Said(String),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotKept { since } => {
                let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
                write!(f, "values of such periods are kept since {since}")
            }
            Self::Partial => f.write_str("AWS gave only a part of the values"),
            Self::Internal => f.write_str("AWS failed to read it"),
            Self::Forbidden => f.write_str("AWS does not allow to read it"),
            Self::Said(text) => f.write_str(text),
        }
    }
}

impl Window {
    /// What there is to be asked for values of a period: the window widened to whole periods, and
    /// cut where they are no longer kept. Both ends are equal where nothing is left.
    ///
    /// ```
    /// use notify_core::provider::{Gap, Window};
    ///
    /// let window = Window {
    ///     from: "2026-10-25T00:00:00Z".parse()?,
    ///     to: "2026-11-24T00:00:00Z".parse()?,
    ///     now: "2026-11-24T00:00:00Z".parse()?,
    /// };
    /// let (from, _, gap) = window.kept(60);
    /// assert_eq!(from.to_string(), "2026-11-09T00:05:00Z");
    /// assert_eq!(gap, Some(Gap::NotKept { since: from }));
    /// assert_eq!(window.kept(300), (window.from, window.to, None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kept(self, period: u32) -> (Timestamp, Timestamp, Option<Gap>) {
        let (asked, to) = self.periods(period);
        let oldest = self.now.checked_sub(kept_for(period)).unwrap_or(Timestamp::MIN);
        if asked >= oldest {
            return (asked, to, None);
        }
        let since = up(oldest.checked_add(MARGIN).unwrap_or(oldest), period);
        (since.min(to), to, Some(Gap::NotKept { since }))
    }

    /// The window widened to whole periods, which begin at multiples since 1970.
    pub fn periods(self, period: u32) -> (Timestamp, Timestamp) {
        (down(self.from, period), up(self.to, period))
    }
}

/// How long `CloudWatch` keeps values of a period: those of a minute for 15 days, of five minutes
/// for 63, of an hour for 455, and of less than a minute for three hours. A longer period is made
/// of these, so it can be had as long as the longest of which it is a multiple.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>
pub fn kept_for(period: u32) -> SignedDuration {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    match period {
        0 => SignedDuration::from_hours(3),
        period if period % 3_600 == 0 => days(455),
        period if period % 300 == 0 => days(63),
        period if period % 60 == 0 => days(15),
        _ => SignedDuration::from_hours(3),
    }
}

/// Queries that one call asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The first moment.
    pub from: Timestamp,
    /// The moment after the last.
    pub to: Timestamp,
    /// Which of the queries.
    pub queries: Vec<usize>,
}

/// The calls that answer queries: one for each [`QUERIES_A_CALL`] that ask for the same time. A
/// query of which nothing is kept is in none.
pub fn batches(queries: &[MetricQuery], window: Window) -> Vec<Batch> {
    let mut times: BTreeMap<(Timestamp, Timestamp), Vec<usize>> = BTreeMap::new();
    for (index, query) in queries.iter().enumerate() {
        let (from, to, _) = window.kept(query.period);
        if from < to {
            times.entry((from, to)).or_default().push(index);
        }
    }
    let chunks = times.into_iter().flat_map(|((from, to), indices)| {
        let chunks: Vec<Vec<usize>> = indices.chunks(QUERIES_A_CALL).map(<[_]>::to_vec).collect();
        chunks.into_iter().map(move |queries| Batch { from, to, queries })
    });
    chunks.collect()
}

/// What it costs to have queries answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadCost {
    /// How many metrics AWS is asked for.
    pub metrics: usize,
    /// US dollars.
    pub usd: f64,
    /// US dollars if every period has a value and AWS counts a metric again for each page of an
    /// answer. Whether it does is unverified: this is the most that it can be.
    pub usd_at_most: f64,
}

/// What it costs to have queries answered, before they are asked.
///
/// ```
/// use notify_core::provider::{Window, read_cost};
///
/// let now = "2026-11-24T00:00:00Z".parse()?;
/// assert_eq!(read_cost(&[], Window { from: now, to: now, now }).usd, 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_cost(queries: &[MetricQuery], window: Window) -> ReadCost {
    let (mut metrics, mut at_most) = (0_usize, 0_usize);
    for Batch { from, to, queries: indices } in batches(queries, window) {
        let seconds = to.as_second().saturating_sub(from.as_second());
        let periods = indices.iter().filter_map(|index| queries.get(*index)).map(|query| {
            usize::try_from(seconds / i64::from(query.period.max(1))).unwrap_or(usize::MAX)
        });
        let values = periods.fold(0, usize::saturating_add);
        metrics += indices.len();
        let pages = values.div_ceil(VALUES_A_PAGE).max(1);
        at_most = at_most.saturating_add(indices.len().saturating_mul(pages));
    }
    ReadCost { metrics, usd: usd(metrics), usd_at_most: usd(at_most) }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn usd(metrics: usize) -> f64 {
    metrics as f64 / 1_000.0 * USD_A_THOUSAND
}

/// The beginning of the period that a moment lies in.
fn down(at: Timestamp, period: u32) -> Timestamp {
    let seconds = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
    let over = seconds.rem_euclid(i64::from(period.max(1)));
    Timestamp::from_second(seconds - over).unwrap_or(Timestamp::MIN)
}

/// The end of the last period that has begun before a moment.
fn up(at: Timestamp, period: u32) -> Timestamp {
    let begin = down(at, period);
    if begin == at {
        return at;
    }
    let end = begin.as_second().saturating_add(i64::from(period.max(1)));
    Timestamp::from_second(end).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-24T10:20:30.5Z";

    fn window(from: &str, to: &str) -> Window {
        let time = |text: &str| text.parse().unwrap();
        Window { from: time(from), to: time(to), now: time(NOW) }
    }

    fn queries(count: usize, period: u32) -> Vec<MetricQuery> {
        let query = |number: usize| MetricQuery {
            metric: Metric {
                namespace: "N".to_owned(),
                name: number.to_string(),
                dimensions: Vec::new(),
                unit: None,
            },
            statistic: Statistic::Sum,
            period,
        };
        (0..count).map(query).collect()
    }

    #[test]
    fn each_period_is_kept_for_its_time() {
        for (period, hours) in [
            (0, 3),
            (1, 3),
            (10, 3),
            (30, 3),
            (59, 3),
            (60, 15 * 24),
            (120, 15 * 24),
            (240, 15 * 24),
            (300, 63 * 24),
            (600, 63 * 24),
            (3_540, 15 * 24),
            (3_900, 63 * 24),
            (3_600, 455 * 24),
            (7_200, 455 * 24),
            (86_400, 455 * 24),
        ] {
            assert_eq!(kept_for(period).as_hours(), hours, "{period}");
        }
    }

    #[test]
    fn a_window_is_widened_to_whole_periods_and_cut_where_nothing_is_kept() {
        let window_ = window("2026-11-23T01:02:03Z", "2026-11-24T10:20:30Z");
        for (period, from, to) in [
            (60, "2026-11-23T01:02:00Z", "2026-11-24T10:21:00Z"),
            (300, "2026-11-23T01:00:00Z", "2026-11-24T10:25:00Z"),
            (3_600, "2026-11-23T01:00:00Z", "2026-11-24T11:00:00Z"),
            (86_400, "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"),
        ] {
            let (got_from, got_to, gap) = window_.kept(period);
            assert_eq!((got_from.to_string(), got_to.to_string()), (from.into(), to.into()));
            assert_eq!(gap, None, "{period}");
        }
        let long = window("2025-01-01T00:00:00Z", "2026-11-24T10:20:00Z");
        for (period, since) in [
            (10, "2026-11-24T07:25:40Z"),
            (60, "2026-11-09T10:26:00Z"),
            (300, "2026-09-22T10:30:00Z"),
            (3_600, "2025-08-26T11:00:00Z"),
        ] {
            let (from, _, gap) = long.kept(period);
            assert_eq!(from.to_string(), since);
            assert_eq!(gap, Some(Gap::NotKept { since: from }));
        }
        // Just kept: the whole second of the oldest value is asked for.
        let edge = window("2026-11-09T10:20:31Z", "2026-11-24T10:20:00Z");
        assert_eq!(
            edge.kept(60).2,
            Some(Gap::NotKept { since: "2026-11-09T10:26:00Z".parse().unwrap() })
        );
        let edge = window("2026-11-09T10:21:00Z", "2026-11-24T10:20:00Z");
        assert_eq!(edge.kept(60), (edge.from, edge.to, None));
    }

    #[test]
    fn of_a_window_that_is_gone_nothing_is_left() {
        let old = window("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
        let (from, to, gap) = old.kept(60);
        assert_eq!((from, to), (old.to, old.to));
        assert_eq!(gap, Some(Gap::NotKept { since: "2026-11-09T10:26:00Z".parse().unwrap() }));
        assert_eq!(batches(&queries(3, 60), old), []);
        assert_eq!(read_cost(&queries(3, 60), old).metrics, 0);
        let ends = Window { from: Timestamp::MIN, to: Timestamp::MAX, now: Timestamp::MIN };
        assert!(ends.kept(u32::MAX).0 <= ends.kept(u32::MAX).1);
        assert!(ends.kept(0).2.is_none());
        assert!(!batches(&queries(1, 1), ends).is_empty());
    }

    #[test]
    fn five_hundred_queries_of_the_same_time_go_into_a_call() {
        let day = window("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
        let sizes = |queries: &[MetricQuery]| -> Vec<usize> {
            batches(queries, day).iter().map(|batch| batch.queries.len()).collect()
        };
        assert!(sizes(&queries(0, 60)).is_empty());
        assert_eq!(sizes(&queries(500, 60)), [500]);
        assert_eq!(sizes(&queries(501, 60)), [500, 1]);
        assert_eq!(sizes(&queries(1_201, 60)), [500, 500, 201]);
        // Both periods divide the day, so they ask for the same time; the third does not.
        let mixed = [queries(2, 60), queries(1, 7 * 3_600), queries(2, 300)].concat();
        let batches = batches(&mixed, day);
        let indices: Vec<&[usize]> = batches.iter().map(|batch| &batch.queries[..]).collect();
        assert_eq!(indices, [&[2][..], &[0, 1, 3, 4]]);
        assert!(batches[0].from < batches[1].from);
    }

    #[test]
    fn the_cost_is_that_of_the_metrics_and_at_most_that_of_all_pages() {
        let day = window("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
        let cost = |count, period| {
            let ReadCost { metrics, usd, usd_at_most } = read_cost(&queries(count, period), day);
            (metrics, format!("{usd:.6}"), format!("{usd_at_most:.6}"))
        };
        let of = |metrics, usd: &str, most: &str| (metrics, usd.to_owned(), most.to_owned());
        assert_eq!(cost(1, 60), of(1, "0.000010", "0.000010"));
        assert_eq!(cost(500, 3_600), of(500, "0.005000", "0.005000"));
        assert_eq!(cost(70, 60), of(70, "0.000700", "0.000700")); // 100,800 values
        assert_eq!(cost(71, 60), of(71, "0.000710", "0.001420"));
        assert_eq!(cost(1_000, 60), of(1_000, "0.010000", "0.080000"));
    }

    #[test]
    fn gaps_are_told_in_words() {
        let since = "2026-11-09T10:21:00Z".parse().unwrap();
        for (gap, says) in [
            (Gap::NotKept { since }, "values of such periods are kept since 2026-11-09T10:21:00Z"),
            (Gap::Partial, "AWS gave only a part of the values"),
            (Gap::Internal, "AWS failed to read it"),
            (Gap::Forbidden, "AWS does not allow to read it"),
            (Gap::Said("no".to_owned()), "no"),
        ] {
            assert_eq!(gap.to_string(), says);
        }
    }
}
