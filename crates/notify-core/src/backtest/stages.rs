//! An alarm's windows over the time of a test, as finely as its values are known.

use super::data::{Data, Missing};
use super::layers::Layer;
use super::questions::pace;
use super::{Span, gcd, memory};
use crate::alarm::{Change, Condition, MetricAlarm, Part, Slide, Sliding, Statistic, Windows};
use crate::aws::{AlarmState, Region};

/// The windows of a test; the evaluations of one stage are equally far apart.
#[derive(Debug)]
pub(super) struct Stages {
    /// With the evaluations of each; their states and ranges do not count.
    list: Vec<(Windows, Slide)>,
    /// How many values there are.
    pub(super) values: usize,
}

impl Stages {
    pub(super) fn new(
        data: &Data,
        region: &Region,
        alarm: &MetricAlarm,
        span: Span,
    ) -> Result<Self, Missing> {
        let condition = &alarm.condition;
        let statistic = Statistic::parse(&condition.statistic)?;
        let layers = data.layers(region, alarm)?;
        if layers.is_empty() {
            return Err(data.why_nothing(region, alarm));
        }
        let mut list = Vec::new();
        for index in 0..layers.len() {
            list.extend(stage(condition, statistic, layers.get(index..).unwrap_or_default(), span));
        }
        if list.is_empty() {
            return Err(too_short(condition, &layers, span));
        }
        let values = layers.iter().map(|layer| layer.parts.len()).sum();
        Ok(Self { list, values })
    }

    /// When the first and the last evaluation are, in seconds since 1970.
    pub(super) fn ends(&self) -> (i64, i64) {
        let at = |end: i64, slide: &Slide| end.saturating_add(i64::from(slide.lag));
        let first = self.list.first().map_or(0, |(_, slide)| at(slide.first, slide));
        let last = self.list.last().map_or(0, |(_, slide)| at(slide.last, slide));
        (first, last)
    }

    /// From when on evaluations are how many seconds apart.
    pub(super) fn steps(&self) -> impl Iterator<Item = (i64, u32)> {
        self.list.iter().map(|(_, slide)| (slide.first, slide.every))
    }

    /// The values that evaluations see in their newest period, in the order of time.
    pub(super) fn seen(&self) -> impl Iterator<Item = f64> {
        let values = self.list.iter().flat_map(|(windows, slide)| {
            let ends = (slide.first..=slide.last).step_by(slide.every.max(1) as usize);
            ends.filter_map(|end| {
                let index = usize::try_from((end - windows.first).div_euclid(windows.unit)).ok()?;
                windows.values.get(index).copied()
            })
        });
        values.filter(|value| !value.is_nan())
    }

    /// Follows an alarm that is new at the beginning; the condition may be another one than that
    /// which the windows were made for, but for its threshold alone. An evaluation looks at `range`
    /// of the newest periods, at most at [`Condition::default_range`].
    pub(super) fn follow(
        &self,
        condition: &Condition,
        range: u32,
        mut on: impl FnMut(&Sliding<'_>, Change),
    ) -> Result<(), Missing> {
        let mut state = AlarmState::InsufficientData;
        for (windows, slide) in &self.list {
            let mut sliding = Sliding::new(condition, windows, Slide { state, range, ..*slide })?;
            while let Some(change) = sliding.change() {
                on(&sliding, change);
            }
            state = sliding.state();
        }
        Ok(())
    }
}

/// The stage that the first of some layers begins. It goes on until evaluations see nothing of it
/// any more: until then values of the next layer are put together as coarsely.
fn stage(
    condition: &Condition,
    statistic: Statistic,
    layers: &[Layer],
    span: Span,
) -> Option<(Windows, Slide)> {
    let layer = layers.first()?;
    let (from, to) = (span.from.as_second(), span.to.as_second());
    let (pace, memory) = (pace(condition), memory(condition));
    let every = (pace / gcd(pace, layer.grain).max(1)).checked_mul(layer.grain)?;
    let unit = gcd(condition.period, every);
    let after = |known: i64| known.saturating_add(memory);
    let earliest = from.max(match layer.to {
        Some(_) => after(layer.from),
        // Nothing was before: the first value counts as soon as it is there.
        None => layer.from.saturating_add(i64::from(layer.grain)),
    });
    let latest = match layers.get(1) {
        Some(next) => after(next.from).saturating_sub(1),
        None => layer.to.unwrap_or(to),
    };
    let latest = latest.min(to);
    let step = i64::from(every.max(1));
    let first = earliest.saturating_add((layer.phase - earliest).rem_euclid(step));
    if first > latest {
        return None;
    }
    let last = latest - (latest - first).rem_euclid(step);
    let parts: Vec<Part> = match layers {
        [only] => return Some(slid(condition, statistic, &only.parts, unit, (first, last), every)),
        several => several.iter().flat_map(|layer| layer.parts.iter().copied()).collect(),
    };
    Some(slid(condition, statistic, &parts, unit, (first, last), every))
}

fn slid(
    condition: &Condition,
    statistic: Statistic,
    parts: &[Part],
    unit: u32,
    (first, last): (i64, i64),
    every: u32,
) -> (Windows, Slide) {
    let units = condition.period / unit.max(1);
    let begin = first.saturating_sub(memory(condition));
    let windows = Windows::new(parts, statistic, (unit, units), (begin, last));
    let lag = if condition.period < 60 { condition.pace().lag } else { 0 };
    // Cut where there are too many windows to hold.
    let first =
        first.max(windows.first - (windows.first - first).rem_euclid(i64::from(every.max(1))));
    let (state, range) = (AlarmState::InsufficientData, condition.default_range());
    (windows, Slide { state, first, last, every, lag, range })
}

fn too_short(condition: &Condition, layers: &[Layer], span: Span) -> Missing {
    let time = |second: Option<i64>| {
        second.and_then(|second| jiff::Timestamp::from_second(second).ok()).map(|at| at.to_string())
    };
    let from = time(layers.iter().map(|layer| layer.from).min());
    let to = time(layers.iter().filter_map(|layer| layer.to).max());
    let known = match (from, to) {
        (Some(from), Some(to)) => format!("its values are known from {from} to {to}"),
        (Some(from), None) => format!("its values begin at {from}"),
        _ => "nothing is known of its values".to_owned(),
    };
    Missing::TooShort(format!(
        "{known}, which leaves no evaluation between {} and {}: each looks at {} seconds before it",
        span.from,
        span.to,
        memory(condition)
    ))
}
