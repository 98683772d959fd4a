//! Statistics of what was published, for the periods of an alarm.

use super::evaluate::seconds;
use super::{AlarmError, Point};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// A statistic that can be worked out from published values.
///
/// ```
/// use notify_core::alarm::Statistic;
///
/// assert_eq!(Statistic::parse("p99.9")?, Statistic::Percentile(99.9));
/// assert!(Statistic::parse("tm99").is_err());
/// # Ok::<(), notify_core::alarm::AlarmError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// How many values there are.
    SampleCount,
    /// Their sum divided by their count.
    Average,
    /// Their sum.
    Sum,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// The value that so many per cent of all values do not exceed.
    ///
    /// The nearest rank: always a value that was published. AWS does not document how it finds or
    /// interpolates percentiles, so between values that lie far apart it may say something else.
    Percentile(f64),
}

impl Statistic {
    /// The statistic of AWS's word: one of the five, or `p` with a number from 0 to 100.
    pub fn parse(text: &str) -> Result<Self, AlarmError> {
        let percentile = || {
            let number = text.strip_prefix('p')?;
            let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let number: f64 = number.parse().ok().filter(|_| plain)?;
            (0.0..=100.0).contains(&number).then_some(Self::Percentile(number))
        };
        Ok(match text {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => percentile().ok_or_else(|| {
                AlarmError(format!(
                    "the statistic {text} cannot be simulated: only SampleCount, Average, Sum, \
                     Minimum, Maximum and percentiles such as p99 can"
                ))
            })?,
        })
    }
}

impl fmt::Display for Statistic {
    /// AWS's word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SampleCount => f.write_str("SampleCount"),
            Self::Average => f.write_str("Average"),
            Self::Sum => f.write_str("Sum"),
            Self::Minimum => f.write_str("Minimum"),
            Self::Maximum => f.write_str("Maximum"),
            Self::Percentile(rank) => write!(f, "p{rank}"),
        }
    }
}

/// What was published at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Its timestamp.
    pub at: Timestamp,
    /// What it says.
    pub measured: Measured,
}

/// What a sample says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// A value, so many times.
    Value {
        /// The value.
        value: f64,
        /// How many times.
        count: f64,
    },
    /// A summary of values.
    Statistics {
        /// How many there were.
        count: f64,
        /// Their sum.
        sum: f64,
        /// The smallest.
        minimum: f64,
        /// The largest.
        maximum: f64,
    },
}

/// Works out a statistic for each period in which there are samples, oldest first.
///
/// One of the periods begins at `boundary`; the others follow it, and lie before it, without a gap.
/// An alarm that is evaluated every minute looks at periods that end at the minute, so its boundary
/// is the last minute before the evaluation. Fails for a percentile of summaries whose values
/// differ: they do not hold what it takes.
///
/// ```
/// use notify_core::alarm::{Measured, Sample, Statistic, points};
///
/// let at = "2026-09-14T05:38:20Z".parse()?;
/// let sample = |value| Sample { at, measured: Measured::Value { value, count: 1.0 } };
/// let samples = [sample(1.0), sample(4.0)];
/// let sums = points(&samples, Statistic::Sum, 60, "2026-09-14T05:38:00Z".parse()?)?;
/// assert_eq!((sums[0].at.to_string().as_str(), sums[0].value), ("2026-09-14T05:38:00Z", 5.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn points(
    samples: &[Sample],
    statistic: Statistic,
    period: u32,
    boundary: Timestamp,
) -> Result<Vec<Point>, AlarmError> {
    if period == 0 {
        return Err(super::read::wrong("Period", "a number of seconds above 0"));
    }
    let (period, boundary) = (i64::from(period), seconds(boundary));
    let mut periods: BTreeMap<i64, Vec<Measured>> = BTreeMap::new();
    for sample in samples {
        let number = (seconds(sample.at) - boundary).div_euclid(period);
        periods.entry(number).or_default().push(sample.measured);
    }
    let mut points = Vec::with_capacity(periods.len());
    for (number, measured) in periods {
        // Only a period that begins before the beginning of time has no time.
        if let Ok(at) = Timestamp::from_second(boundary + number * period) {
            points.push(Point { at, value: value(statistic, &measured)? });
        }
    }
    Ok(points)
}

fn value(statistic: Statistic, measured: &[Measured]) -> Result<f64, AlarmError> {
    let all = measured.iter().copied();
    Ok(match statistic {
        Statistic::SampleCount => all.map(Measured::count).sum(),
        Statistic::Sum => all.map(Measured::sum).sum(),
        Statistic::Average => {
            all.clone().map(Measured::sum).sum::<f64>() / all.map(Measured::count).sum::<f64>()
        }
        Statistic::Minimum => all.map(Measured::minimum).fold(f64::INFINITY, f64::min),
        Statistic::Maximum => all.map(Measured::maximum).fold(f64::NEG_INFINITY, f64::max),
        Statistic::Percentile(rank) => percentile(rank, measured)?,
    })
}

fn percentile(rank: f64, measured: &[Measured]) -> Result<f64, AlarmError> {
    let mut values = Vec::with_capacity(measured.len());
    for measured in measured {
        #[expect(clippy::float_cmp, reason = "a summary of equal values says so exactly")]
        if measured.minimum() != measured.maximum() {
            return Err(AlarmError(
                "a percentile cannot be simulated from StatisticValues: they do not hold the \
                 values themselves"
                    .to_owned(),
            ));
        }
        values.push((measured.minimum(), measured.count()));
    }
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, count)| count).sum();
    let rank = total * rank / 100.0;
    let mut seen = 0.0;
    for (value, count) in &values {
        seen += count;
        if seen >= rank {
            return Ok(*value);
        }
    }
    Ok(values.last().map_or(f64::NAN, |last| last.0)) // rounding left the rank above the total
}

impl Measured {
    pub(crate) fn count(self) -> f64 {
        match self {
            Self::Value { count, .. } | Self::Statistics { count, .. } => count,
        }
    }

    pub(crate) fn sum(self) -> f64 {
        match self {
            Self::Value { value, count } => value * count,
            Self::Statistics { sum, .. } => sum,
        }
    }

    pub(crate) fn minimum(self) -> f64 {
        match self {
            Self::Value { value, .. } => value,
            Self::Statistics { minimum, .. } => minimum,
        }
    }

    pub(crate) fn maximum(self) -> f64 {
        match self {
            Self::Value { value, .. } => value,
            Self::Statistics { maximum, .. } => maximum,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn sample(second: i64, measured: Measured) -> Sample {
        Sample { at: START + SignedDuration::from_secs(second), measured }
    }

    fn value(second: i64, value: f64) -> Sample {
        sample(second, Measured::Value { value, count: 1.0 })
    }

    /// Seconds and values of points of a minute.
    fn of(samples: &[Sample], statistic: &str) -> Vec<(i64, f64)> {
        let statistic = Statistic::parse(statistic).unwrap();
        let points = points(samples, statistic, 60, START).unwrap();
        points.into_iter().map(|point| (point.at.as_second(), point.value)).collect()
    }

    #[test]
    fn words() {
        use Statistic::{Average, Maximum, Minimum, Percentile, SampleCount, Sum};
        for (text, statistic) in [
            ("SampleCount", SampleCount),
            ("Average", Average),
            ("Sum", Sum),
            ("Minimum", Minimum),
            ("Maximum", Maximum),
            ("p0", Percentile(0.0)),
            ("p50", Percentile(50.0)),
            ("p99.99", Percentile(99.99)),
            ("p100", Percentile(100.0)),
        ] {
            assert_eq!(Statistic::parse(text), Ok(statistic));
            assert_eq!(statistic.to_string(), text);
        }
        for text in [
            "", "sum", "p", "p100.1", "p-1", "p+1", "p1e1", "pinf", "tm90", "IQM", "PR(1:2)", "P90",
        ] {
            let error = Statistic::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the statistic {text} cannot be simulated")));
        }
    }

    #[test]
    fn each_statistic_of_values_with_counts_and_of_summaries() {
        let samples = [
            value(0, 4.0),
            sample(59, Measured::Value { value: 1.0, count: 3.0 }),
            sample(61, Measured::Statistics { count: 4.0, sum: 10.0, minimum: 1.0, maximum: 5.0 }),
            value(119, 20.0),
            value(-1, 7.0),
        ];
        for (statistic, before, first, second) in [
            ("SampleCount", 1.0, 4.0, 5.0),
            ("Sum", 7.0, 7.0, 30.0),
            ("Average", 7.0, 1.75, 6.0),
            ("Minimum", 7.0, 1.0, 1.0),
            ("Maximum", 7.0, 4.0, 20.0),
        ] {
            let expected = [(-60, before), (0, first), (60, second)];
            assert_eq!(of(&samples, statistic), expected, "{statistic}");
        }
        assert_eq!(of(&[], "Sum"), []);
    }

    #[test]
    fn percentiles_are_published_values() {
        let samples: Vec<Sample> =
            (1..=10).rev().map(|number| value(5, f64::from(number))).collect();
        for (rank, expected) in [
            ("p0", 1.0),
            ("p10", 1.0),
            ("p10.1", 2.0),
            ("p50", 5.0),
            ("p90", 9.0),
            ("p91", 10.0),
            ("p100", 10.0),
        ] {
            assert_eq!(of(&samples, rank), [(0, expected)], "{rank}");
        }
        let counted = [sample(0, Measured::Value { value: 1.0, count: 9.0 }), value(0, 50.0)];
        assert_eq!(of(&counted, "p90"), [(0, 1.0)]);
        assert_eq!(of(&counted, "p91"), [(0, 50.0)]);
        let equal = Measured::Statistics { count: 3.0, sum: 6.0, minimum: 2.0, maximum: 2.0 };
        assert_eq!(of(&[sample(0, equal)], "p99"), [(0, 2.0)]);
        let mixed = Measured::Statistics { count: 3.0, sum: 6.0, minimum: 1.0, maximum: 2.0 };
        let error = points(&[sample(0, mixed)], Statistic::Percentile(99.0), 60, START);
        assert!(error.unwrap_err().to_string().starts_with("a percentile cannot be simulated"));
    }

    #[test]
    fn periods_follow_a_boundary() {
        let boundary = START + SignedDuration::from_secs(100);
        let samples = [value(99, 1.0), value(100, 2.0), value(399, 4.0), value(400, 8.0)];
        let points = points(&samples, Statistic::Sum, 300, boundary).unwrap();
        let points: Vec<(i64, f64)> =
            points.into_iter().map(|point| (point.at.as_second(), point.value)).collect();
        assert_eq!(points, [(-200, 1.0), (100, 6.0), (400, 8.0)]);
        assert!(super::points(&samples, Statistic::Sum, 0, boundary).is_err());
        let ends = [Timestamp::MIN, Timestamp::MAX];
        let ends = ends.map(|at| Sample { at, ..value(0, 1.0) });
        assert_eq!(super::points(&ends, Statistic::Sum, u32::MAX, boundary).unwrap().len(), 1);
    }
}
