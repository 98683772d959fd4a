//! Statistics of what was published, for the periods of an alarm.

use super::evaluate::seconds;
use super::{AlarmError, Point};
use jiff::Timestamp;
use std::collections::BTreeMap;

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
    fn count(self) -> f64 {
        match self {
            Self::Value { count, .. } | Self::Statistics { count, .. } => count,
        }
    }

    fn sum(self) -> f64 {
        match self {
            Self::Value { value, count } => value * count,
            Self::Statistics { sum, .. } => sum,
        }
    }

    fn minimum(self) -> f64 {
        match self {
            Self::Value { value, .. } => value,
            Self::Statistics { minimum, .. } => minimum,
        }
    }

    fn maximum(self) -> f64 {
        match self {
            Self::Value { value, .. } => value,
            Self::Statistics { maximum, .. } => maximum,
        }
    }
}
