//! Published values of a metric, as few of them as it takes.

use crate::alarm::{AlarmError, Measured, Part, Statistic};

/// Values of one metric: what they make together at each time, and where percentiles are wanted
/// each of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Raw {
    /// Times in seconds since 1970, in any order; a time may be there twice.
    together: Vec<(i64, Summary)>,
    /// Joined when it grows beyond this.
    full: usize,
    /// Time, value and how often.
    values: Vec<(i64, f64, f64)>,
    /// Whether there were summaries of which no percentile can be told.
    mixed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Summary {
    count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
}

impl Raw {
    /// Takes a value; `each` keeps it for percentiles.
    pub(super) fn push(&mut self, at: i64, measured: Measured, each: bool) {
        let (count, sum) = (measured.count(), measured.sum());
        let (minimum, maximum) = (measured.minimum(), measured.maximum());
        if ![count, sum, minimum, maximum].iter().all(|number| number.is_finite()) {
            return;
        }
        if each {
            #[expect(clippy::float_cmp, reason = "a summary of equal values says so exactly")]
            let differ = minimum != maximum;
            self.mixed |= differ;
            self.values.push((at, minimum, count));
        }
        let summary = Summary { count, sum, minimum, maximum };
        match self.together.last_mut() {
            Some((last, known)) if *last == at => known.join(summary),
            _ => self.together.push((at, summary)),
        }
        if self.together.len() > self.full {
            self.join();
            self.full = (2 * self.together.len()).max(1 << 16);
        }
    }

    /// Takes all of another's.
    pub(super) fn append(&mut self, other: Self) {
        self.together.extend(other.together);
        self.values.extend(other.values);
        self.mixed |= other.mixed;
        self.join();
    }

    /// Puts what lies at the same time together.
    fn join(&mut self) {
        self.together.sort_by_key(|(at, _)| *at);
        self.together.dedup_by(|(at, summary), (kept_at, kept)| {
            let same = at == kept_at;
            if same {
                kept.join(*summary);
            }
            same
        });
    }

    /// What the values add to a statistic, in any order.
    pub(super) fn parts(&self, statistic: Statistic) -> Result<Vec<Part>, AlarmError> {
        if let Statistic::Percentile(_) = statistic {
            if self.mixed {
                return Err(AlarmError(
                    "a percentile cannot be simulated from StatisticValues: they do not hold the \
                     values themselves"
                        .to_owned(),
                ));
            }
            let values = self.values.iter();
            return Ok(values.map(|&(at, value, weight)| Part { at, value, weight }).collect());
        }
        let part = |&(at, Summary { count, sum, minimum, maximum }): &(i64, Summary)| {
            Part::of(statistic, at, Measured::Statistics { count, sum, minimum, maximum })
        };
        Ok(self.together.iter().map(part).collect())
    }
}

impl Summary {
    fn join(&mut self, other: Self) {
        let Self { count, sum, minimum, maximum } = other;
        self.count += count;
        self.sum += sum;
        self.minimum = self.minimum.min(minimum);
        self.maximum = self.maximum.max(maximum);
    }
}
