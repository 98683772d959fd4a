//! Values of an alarm's metric, in the grain in which they are known.

use super::data::Answer;
use super::gcd;
use crate::alarm::{Part, Point};
use std::collections::HashMap;

/// Values that begin at the same place of equal lengths of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    /// How long, in seconds.
    pub(super) grain: u32,
    /// Where one of them begins, in seconds since 1970.
    pub(super) phase: i64,
    /// Where they begin.
    pub(super) from: i64,
    /// Where they end; what is later is not known. `None`: nothing is before and after them.
    pub(super) to: Option<i64>,
    /// The values, in any order.
    pub(super) parts: Vec<Part>,
}

impl Layer {
    /// One for each value of an answer.
    pub(super) fn of_answer(answer: &Answer) -> Option<Self> {
        let (from, to) = (answer.from.as_second(), answer.to.as_second());
        let layer = Self::of_points(&answer.series.points, answer.query.period, from);
        (from < to).then_some(Self { to: Some(to), ..layer })
    }

    /// Averages are made of sums and counts; a time with only one of them has none.
    pub(super) fn of_average(sums: &Answer, counts: &Answer) -> Option<Self> {
        let counts = counts.series.points.iter();
        let counts: HashMap<i64, f64> =
            counts.map(|point| (point.at.as_second(), point.value)).collect();
        let mut layer = Self::of_answer(sums)?;
        layer.parts.retain_mut(|part| {
            part.weight = counts.get(&part.at).copied().unwrap_or(0.0);
            part.weight > 0.0
        });
        Some(layer)
    }

    /// Of points in any order; of several that lie in one period the latest counts, of several at
    /// one time the largest.
    pub(super) fn of_points(points: &[Point], grain: u32, from: i64) -> Self {
        let length = i64::from(grain.max(1));
        let mut points: Vec<(i64, f64)> = points
            .iter()
            .filter(|point| point.value.is_finite())
            .map(|point| (point.at.as_second(), point.value))
            .collect();
        points.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut phases = points.iter().map(|(at, _)| at.rem_euclid(length));
        let first = phases.next().unwrap_or_default();
        let phase = if phases.all(|phase| phase == first) { first } else { 0 };
        let mut parts: Vec<Part> = Vec::with_capacity(points.len());
        for (at, value) in points {
            let at = at - (at - phase).rem_euclid(length);
            let part = Part { at, value, weight: 1.0 };
            match parts.last_mut() {
                Some(last) if last.at == at => *last = part,
                _ => parts.push(part),
            }
        }
        Self { grain, phase, from, to: None, parts }
    }

    /// Of published values, which have the time of their minute, or of their second.
    pub(super) fn of_raw(parts: Vec<Part>, period: u32, from: i64) -> Option<Self> {
        let grain = gcd(period, 60).max(1);
        (!parts.is_empty()).then_some(Self { grain, phase: 0, from, to: None, parts })
    }

    /// Lets each layer end where the next begins.
    pub(super) fn cut(layers: &mut Vec<Self>) {
        let begins: Vec<i64> = layers.iter().skip(1).map(|layer| layer.from).collect();
        for (layer, next) in layers.iter_mut().zip(begins) {
            layer.to = layer.to.map(|to| to.min(next));
            let grain = i64::from(layer.grain);
            layer.parts.retain(|part| part.at.saturating_add(grain) <= next);
        }
        layers.retain(|layer| layer.to.is_none_or(|to| to > layer.from));
    }
}
