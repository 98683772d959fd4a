//! A statistic of every window, while the window slides over short parts of time.
//!
//! `CloudWatch` looks at the last day once a minute: neighbouring windows share all but a minute.
//! Each part is added a bounded number of times, however long the windows are.

use super::statistic::{Measured, Statistic};

/// What a short time adds to the windows that it lies in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    /// When it begins, in seconds since 1970.
    pub(crate) at: i64,
    /// The sum for `Average` and `Sum`, the count for `SampleCount`, else a value.
    pub(crate) value: f64,
    /// How many samples there are for `Average`, how often the value occurs for a percentile.
    pub(crate) weight: f64,
}

impl Part {
    /// What a sample adds to a statistic. A percentile takes the smallest value of a summary.
    pub(crate) fn of(statistic: Statistic, at: i64, measured: Measured) -> Self {
        let (value, weight) = match statistic {
            Statistic::SampleCount => (measured.count(), 1.0),
            Statistic::Average => (measured.sum(), measured.count()),
            Statistic::Sum => (measured.sum(), 1.0),
            Statistic::Minimum => (measured.minimum(), 1.0),
            Statistic::Maximum => (measured.maximum(), 1.0),
            Statistic::Percentile(_) => (measured.minimum(), measured.count()),
        };
        Self { at, value, weight }
    }
}

/// The statistic of windows that end one unit after another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Windows {
    /// Where the first one ends, in seconds since 1970.
    pub(crate) first: i64,
    /// Seconds between their ends.
    pub(crate) unit: i64,
    /// How many units a window is long.
    pub(crate) units: usize,
    /// The statistic of each; not a number where it has no data.
    pub(crate) values: Vec<f64>,
}

/// How many windows there are at most: 455 days of them, ten seconds apart.
const MOST: i64 = 455 * 8_640;

impl Windows {
    /// Works out a statistic for the windows of `units` times `unit` seconds that end from `first`
    /// to `last`. The parts, in any order, are no longer than a unit, and lie in one.
    ///
    /// More than 455 days of windows that end every ten seconds are cut at the old end.
    pub(crate) fn new(
        parts: &[Part],
        statistic: Statistic,
        (unit, units): (u32, u32),
        (first, last): (i64, i64),
    ) -> Self {
        let unit = i64::from(unit.max(1));
        let units = usize::try_from(units.max(1)).unwrap_or(usize::MAX);
        let steps = (last - first).div_euclid(unit).clamp(-1, MOST);
        let first = last - (last - first).rem_euclid(unit) - steps * unit;
        let count = usize::try_from(steps + 1).unwrap_or_default();
        let begin = first - unit * i64::try_from(units).unwrap_or(i64::MAX / unit);
        let buckets = if count == 0 { 0 } else { units + count - 1 };
        let bucket = |part: &Part| {
            let index = usize::try_from((part.at - begin).div_euclid(unit)).ok()?;
            let is_number = part.value.is_finite() && part.weight.is_finite();
            (index < buckets && is_number).then_some((index, *part))
        };
        let placed = parts.iter().filter_map(bucket);
        let values = match statistic {
            Statistic::Percentile(rank) => percentiles(placed.collect(), rank, units, count),
            _ => {
                let rolled = Rolling::of(statistic).over(placed, buckets, units);
                let value = |(value, weight): (f64, f64)| match statistic {
                    _ if weight <= 0.0 => f64::NAN,
                    Statistic::Average => value / weight,
                    _ => value,
                };
                rolled.into_iter().map(value).collect()
            }
        };
        Self { first, unit, units, values }
    }
}

/// A statistic that comes of those of two parts.
#[derive(Debug, Clone, Copy)]
struct Rolling {
    nothing: f64,
    join: fn(f64, f64) -> f64,
}

impl Rolling {
    fn of(statistic: Statistic) -> Self {
        match statistic {
            Statistic::Minimum => Self { nothing: f64::INFINITY, join: f64::min },
            Statistic::Maximum => Self { nothing: f64::NEG_INFINITY, join: f64::max },
            _ => Self { nothing: 0.0, join: |a, b| a + b },
        }
    }

    /// Buckets are cut into blocks as long as a window. A window is the end of one block and the
    /// beginning of the next, and both are known from the walks through these: nothing is ever
    /// subtracted, so nothing is lost in rounding that a plain sum would keep.
    fn over(
        self,
        placed: impl Iterator<Item = (usize, Part)>,
        buckets: usize,
        units: usize,
    ) -> Vec<(f64, f64)> {
        let join = |a: (f64, f64), b: (f64, f64)| ((self.join)(a.0, b.0), a.1 + b.1);
        let nothing = (self.nothing, 0.0);
        let mut all = vec![nothing; buckets];
        for (index, part) in placed {
            if let Some(bucket) = all.get_mut(index) {
                *bucket = join(*bucket, (part.value, part.weight));
            }
        }
        let mut rolled = Vec::with_capacity(buckets.saturating_sub(units) + 1);
        // From each bucket of the block before to its end.
        let mut ends: Vec<(f64, f64)> = Vec::new();
        for block in all.chunks(units) {
            let mut beginning = nothing;
            for (index, bucket) in block.iter().enumerate() {
                beginning = join(beginning, *bucket);
                if !ends.is_empty() {
                    let end = ends.get(index + 1).copied().unwrap_or(nothing);
                    rolled.push(join(end, beginning));
                } else if index + 1 == units {
                    rolled.push(beginning);
                }
            }
            let mut end = nothing;
            ends = block
                .iter()
                .rev()
                .map(|bucket| {
                    end = join(*bucket, end);
                    end
                })
                .collect();
            ends.reverse();
        }
        rolled
    }
}

/// The nearest rank, as [`super::points`] finds it, by a tree over all values that ever occur: what
/// a window gains and loses moves few of its nodes.
fn percentiles(mut placed: Vec<(usize, Part)>, rank: f64, units: usize, count: usize) -> Vec<f64> {
    placed.sort_by_key(|(index, _)| *index);
    let mut ranked: Vec<f64> = placed.iter().map(|(_, part)| part.value).collect();
    ranked.sort_by(f64::total_cmp);
    ranked.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let place = |value: f64| ranked.partition_point(|other| other.total_cmp(&value).is_lt());
    let mut tree = Tree { nodes: vec![0.0; ranked.len() + 1] };
    let (mut entering, mut leaving, mut inside) = (placed.iter(), placed.iter(), 0_usize);
    let mut values = Vec::with_capacity(count);
    for window in 0..count {
        while let Some((_, part)) = next_before(&mut entering, window + units) {
            tree.add(place(part.value), part.weight);
            inside += 1;
        }
        while let Some((_, part)) = next_before(&mut leaving, window) {
            tree.add(place(part.value), -part.weight);
            inside -= 1;
        }
        let value = if inside == 0 { None } else { ranked.get(tree.find(rank)).copied() };
        values.push(value.unwrap_or(f64::NAN));
    }
    values
}

fn next_before<'a>(
    parts: &mut std::slice::Iter<'a, (usize, Part)>,
    bucket: usize,
) -> Option<&'a (usize, Part)> {
    let next = parts.as_slice().first().filter(|(index, _)| *index < bucket)?;
    parts.next();
    Some(next)
}

/// Weights by place, with the sums of all places before at hand.
#[derive(Debug)]
struct Tree {
    /// A node holds the weights of as many places as its number's lowest bit; number 0 is unused.
    nodes: Vec<f64>,
}

impl Tree {
    fn add(&mut self, place: usize, weight: f64) {
        let mut node = place + 1;
        while let Some(sum) = self.nodes.get_mut(node) {
            *sum += weight;
            node += node & node.wrapping_neg();
        }
    }

    /// The first place up to which so many per cent of the weight lie.
    fn find(&self, rank: f64) -> usize {
        let mut total = 0.0;
        let mut node = self.nodes.len().saturating_sub(1);
        while node > 0 {
            total += self.nodes.get(node).copied().unwrap_or_default();
            node -= node & node.wrapping_neg();
        }
        let wanted = (total * rank / 100.0).min(total);
        let (mut before, mut seen) = (0, 0.0);
        let mut step = self.nodes.len().next_power_of_two();
        while step > 0 {
            if let Some(sum) = self.nodes.get(before + step)
                && (seen + sum < wanted || seen + sum <= 0.0)
            {
                before += step;
                seen += sum;
            }
            step /= 2;
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::{Sample, points};
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn part(at: i64, value: f64) -> Part {
        Part { at, value, weight: 1.0 }
    }

    fn shown(windows: &Windows) -> Vec<Option<f64>> {
        windows.values.iter().map(|value| Some(*value).filter(|value| !value.is_nan())).collect()
    }

    #[test]
    fn a_window_holds_what_lies_between_its_ends() {
        let parts = [part(0, 1.0), part(60, 2.0), part(240, 4.0), part(-60, 8.0), part(300, 16.0)];
        let windows = Windows::new(&parts, Statistic::Sum, (60, 2), (60, 480));
        assert_eq!((windows.first, windows.unit, windows.units), (60, 60, 2));
        let expected = [
            Some(9.0), // from -60 to 60
            Some(3.0),
            Some(2.0),
            None,
            Some(4.0),
            Some(20.0),
            Some(16.0),
            None,
        ];
        assert_eq!(shown(&windows), expected);
        assert_eq!(shown(&Windows::new(&parts, Statistic::Sum, (60, 2), (60, 59))), []);
        assert_eq!(shown(&Windows::new(&parts, Statistic::Sum, (60, 1), (60, 60))), [Some(1.0)]);
        let cut = Windows::new(&parts, Statistic::Sum, (60, 2), (70, 189));
        assert_eq!((cut.first, cut.values.len()), (70, 2));
    }

    #[test]
    fn what_is_no_number_and_what_is_too_much_is_left_out() {
        let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let mut parts: Vec<Part> = bad.map(|value| part(0, value)).into();
        parts.push(Part { at: 0, value: 1.0, weight: f64::NAN });
        for statistic in ["Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50"] {
            let statistic = Statistic::parse(statistic).unwrap();
            assert_eq!(shown(&Windows::new(&parts, statistic, (60, 1), (60, 60))), [None]);
        }
        let long = Windows::new(&[], Statistic::Sum, (1, 1), (0, 10_000_000));
        assert_eq!(long.values.len(), 3_931_201);
        assert_eq!(long.first, 10_000_000 - 3_931_200);
    }

    #[test]
    fn an_average_weighs_its_parts() {
        let parts = [
            Part { at: 0, value: 9.0, weight: 3.0 },
            Part { at: 60, value: 1.0, weight: 1.0 },
            Part { at: 240, value: 0.0, weight: 2.0 },
        ];
        let windows = Windows::new(&parts, Statistic::Average, (60, 2), (60, 300));
        assert_eq!(shown(&windows), [Some(3.0), Some(2.5), Some(1.0), None, Some(0.0)]);
    }

    #[test]
    fn nothing_is_lost_beside_a_large_value() {
        let parts = [part(0, 1e17), part(60, 1.0), part(120, 2.0)];
        let windows = Windows::new(&parts, Statistic::Sum, (60, 2), (60, 180));
        assert_eq!(shown(&windows)[2], Some(3.0));
    }

    fn measured() -> impl Strategy<Value = Measured> {
        (0_i32..20, 1_i32..4).prop_map(|(value, count)| Measured::Value {
            value: f64::from(value - 5),
            count: f64::from(count),
        })
    }

    proptest! {
        /// Every window is what [`points`] makes of the samples at that boundary.
        #[test]
        fn windows_are_the_points_of_every_boundary(
            samples in prop::collection::vec((0_i64..40, measured()), 0..30),
            units in 1_u32..9,
            statistic in prop::sample::select(vec!["SampleCount", "Average", "Sum", "Minimum", "Maximum", "p0", "p50", "p90", "p100"]),
        ) {
            let statistic = Statistic::parse(statistic).unwrap();
            let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
            let parts: Vec<Part> =
                samples.iter().map(|(minute, m)| Part::of(statistic, minute * 60, *m)).collect();
            let samples: Vec<Sample> =
                samples.iter().map(|(minute, m)| Sample { at: at(*minute), measured: *m }).collect();
            let windows = Windows::new(&parts, statistic, (60, units), (0, 45 * 60));
            prop_assert_eq!(windows.values.len(), 46);
            for (minute, value) in shown(&windows).into_iter().enumerate() {
                let minute = i64::try_from(minute).unwrap();
                let begin = at(minute - i64::from(units));
                let all = points(&samples, statistic, units * 60, at(minute)).unwrap();
                let expected = all.into_iter().find(|point| point.at == begin);
                prop_assert_eq!(value, expected.map(|point| point.value), "minute {}", minute);
            }
        }
    }
}
