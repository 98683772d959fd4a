//! An alarm's state while its periods slide: `CloudWatch` looks every minute at periods that end
//! then, so a period of five minutes lies five ways, and one of a day 1,440.

use super::evaluate::{Series, View};
use super::windows::Windows;
use super::{AlarmError, Condition, Transition, Wording};
use crate::aws::AlarmState;
use jiff::Timestamp;

/// From when to when, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slide {
    /// The state before the first evaluation.
    pub(crate) state: AlarmState,
    /// The first end of a period that is evaluated, in seconds since 1970.
    pub(crate) first: i64,
    /// None later is.
    pub(crate) last: i64,
    /// Seconds between two of them: a multiple of the windows' unit.
    pub(crate) every: u32,
    /// Seconds from the end of a period to the evaluation that sees it.
    pub(crate) lag: u32,
    /// How many of the newest periods are looked at; see [`Condition::default_range`].
    pub(crate) range: u32,
}

/// The changes of an alarm's state over sliding windows, oldest first.
#[derive(Debug)]
pub(crate) struct Sliding<'a> {
    /// For each place in a period at which periods may end.
    phases: Vec<(Series<'a>, View)>,
    slide: Slide,
    unit: i64,
}

impl<'a> Sliding<'a> {
    /// Follows an alarm over the windows of its statistic.
    pub(crate) fn new(
        condition: &'a Condition,
        windows: &Windows,
        slide: Slide,
    ) -> Result<Self, AlarmError> {
        let Windows { first, unit, units, values } = windows;
        let mut slots: Vec<Vec<(i64, f64)>> = vec![Vec::new(); *units];
        let period = i64::from(condition.period.max(1));
        for (end, value) in (0..).map(|index: i64| first + index * unit).zip(values) {
            if value.is_nan() {
                continue;
            }
            // A period that ends at `end` begins where the one before it ends.
            if let Some(slots) = slots.get_mut(phase(end, *unit, *units)) {
                slots.push((end.div_euclid(period) - 1, *value));
            }
        }
        let phases = slots.into_iter().enumerate().map(|(index, slots)| {
            let begin = i64::try_from(index).unwrap_or_default() * unit + first.rem_euclid(*unit);
            let series = Series::of_slots(condition, begin, slots, Some(slide.range))?;
            let view = series.view(i64::MIN);
            Ok((series, view))
        });
        Ok(Self { phases: phases.collect::<Result<_, AlarmError>>()?, slide, unit: *unit })
    }

    /// The change that was taken last, with its reason.
    pub(crate) fn in_words(&self, change: Change) -> Option<Transition> {
        let Change { at, from, to, phase } = change;
        let (series, view) = self.phases.get(phase)?;
        let reason = series.reason(view, to, Wording::default());
        Some(Transition { at: Timestamp::from_second(at).ok()?, from, to, reason })
    }

    /// The state after the changes that were taken so far.
    pub(crate) fn state(&self) -> AlarmState {
        self.slide.state
    }

    /// The next change.
    pub(crate) fn change(&mut self) -> Option<Change> {
        let units = self.phases.len();
        while self.slide.first <= self.slide.last {
            let end = self.slide.first;
            self.slide.first = end.saturating_add(i64::from(self.slide.every.max(1)));
            let phase = phase(end, self.unit, units);
            let (series, view) = self.phases.get_mut(phase)?;
            series.slide(view, series.newest(end));
            let from = self.slide.state;
            if let Some(to) = series.verdict(view).filter(|to| *to != from) {
                self.slide.state = to;
                let at = end.saturating_add(i64::from(self.slide.lag));
                return Some(Change { at, from, to, phase });
            }
        }
        None
    }
}

/// A change of state, without words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// In seconds since 1970.
    pub(crate) at: i64,
    pub(crate) from: AlarmState,
    pub(crate) to: AlarmState,
    /// Where the period begins that tells.
    phase: usize,
}

/// Where in a period one begins that ends at a time, in units.
fn phase(end: i64, unit: i64, units: usize) -> usize {
    let units = i64::try_from(units).unwrap_or(i64::MAX);
    usize::try_from(end.div_euclid(unit).rem_euclid(units.max(1))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::windows::Part;
    use crate::alarm::{Measured, Sample, Statistic, evaluate, points};
    use crate::aws::{Comparison, TreatMissingData};
    use proptest::prelude::*;

    fn condition(period: u32, m: u32, n: u32, treat: TreatMissingData) -> Condition {
        Condition {
            statistic: "Sum".to_owned(),
            period,
            evaluation_periods: n,
            datapoints_to_alarm: Some(m),
            comparison: Comparison::GreaterThanOrEqualToThreshold,
            threshold: 5.0,
            treat_missing_data: Some(treat),
        }
    }

    fn slide(first: i64, last: i64, every: u32) -> Slide {
        Slide { state: AlarmState::InsufficientData, first, last, every, lag: 0, range: 3 }
    }

    impl Iterator for Sliding<'_> {
        type Item = Transition;

        fn next(&mut self) -> Option<Transition> {
            let change = self.change()?;
            self.in_words(change)
        }
    }

    fn part(at: i64, value: f64) -> Part {
        Part { at, value, weight: 1.0 }
    }

    #[test]
    fn a_day_with_something_in_it_is_seen_from_its_minute_on() {
        let condition = condition(86_400, 1, 1, TreatMissingData::NotBreaching);
        let day = 86_400;
        let parts = [part(10 * day + 600, 5.0)];
        let windows = Windows::new(&parts, Statistic::Sum, (60, 1_440), (5 * day, 20 * day));
        let mut sliding = Sliding::new(&condition, &windows, slide(8 * day, 20 * day, 60)).unwrap();
        let changes: Vec<(i64, AlarmState)> =
            sliding.by_ref().map(|change| (change.at.as_second(), change.to)).collect();
        // Three days are looked at.
        assert_eq!(
            changes,
            [
                (8 * day, AlarmState::Ok),
                (10 * day + 660, AlarmState::Alarm),
                (13 * day + 660, AlarmState::Ok),
            ]
        );
        assert_eq!(sliding.state(), AlarmState::Ok);
        assert!(sliding.next().is_none());
        let mut coarse =
            Sliding::new(&condition, &windows, slide(8 * day, 20 * day, 3_600)).unwrap();
        let at = coarse.nth(1).unwrap();
        assert_eq!(at.at.as_second(), 10 * day + 3_600);
        assert_eq!(
            at.reason,
            "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (10/01/70 01:00:00)] was \
             greater than or equal to the threshold (5.0) (minimum 1 datapoint for OK -> ALARM \
             transition)."
        );
    }

    #[test]
    fn the_lag_is_between_the_periods_end_and_the_change() {
        let condition = condition(60, 1, 1, TreatMissingData::NotBreaching);
        let windows = Windows::new(&[part(60, 9.0)], Statistic::Sum, (60, 1), (60, 300));
        let slide = Slide { lag: 10, state: AlarmState::Ok, ..slide(60, 300, 60) };
        let change = Sliding::new(&condition, &windows, slide).unwrap().next().unwrap();
        assert_eq!(change.at.as_second(), 130);
        let early = Slide { last: 119, ..slide };
        assert!(Sliding::new(&condition, &windows, early).unwrap().next().is_none());
        let in_time = Slide { last: 120, ..slide };
        assert!(Sliding::new(&condition, &windows, in_time).unwrap().next().is_some());
    }

    #[test]
    fn a_band_cannot_be_followed() {
        let mut band = condition(60, 1, 1, TreatMissingData::Missing);
        band.comparison = Comparison::Band;
        let windows = Windows::new(&[], Statistic::Sum, (60, 1), (60, 300));
        assert!(Sliding::new(&band, &windows, slide(60, 300, 60)).is_err());
    }

    proptest! {
        /// Every evaluation is that of [`evaluate`] with the points of that boundary.
        #[test]
        fn sliding_is_evaluating_at_every_boundary(
            samples in prop::collection::vec((0_i64..60, 0_i32..4), 0..40),
            units in 1_u32..7,
            (m, n) in (1_u32..4).prop_flat_map(|n| (1..=n, Just(n))),
            treat in prop::sample::select(TreatMissingData::ALL.to_vec()),
            every in 1_u32..4,
            more in 0_u32..4,
        ) {
            let condition = condition(units * 60, m, n, treat);
            let range = i64::from((n + more) * units * 60);
            let second = |minute: i64| minute * 60;
            let at = |second: i64| Timestamp::from_second(second).unwrap();
            let parts: Vec<Part> =
                samples.iter().map(|(minute, v)| part(second(*minute), f64::from(*v))).collect();
            let samples: Vec<Sample> = parts
                .iter()
                .map(|p| Sample { at: at(p.at), measured: Measured::Value { value: p.value, count: 1.0 } })
                .collect();
            let (first, last) = (second(0), second(75));
            let windows = Windows::new(&parts, Statistic::Sum, (60, units), (first - range, last));
            let slide = Slide { range: n + more, ..slide(first, last, every * 60) };
            let got: Vec<Transition> = Sliding::new(&condition, &windows, slide).unwrap().collect();

            let (mut state, mut expected) = (slide.state, Vec::new());
            for end in (first..=last).step_by(every as usize * 60) {
                let points = points(&samples, Statistic::Sum, condition.period, at(end)).unwrap();
                // A point that is out of sight tells where periods begin.
                let anchor = [crate::alarm::Point { at: at(end - 1_000 * i64::from(condition.period)), value: 0.0 }];
                let points = [&points[..], &anchor].concat();
                if let Some(change) = evaluate(&condition, state, &points, at(end), Some(n + more)).unwrap() {
                    state = change.to;
                    expected.push(change);
                }
            }
            prop_assert_eq!(got, expected);
        }
    }
}
