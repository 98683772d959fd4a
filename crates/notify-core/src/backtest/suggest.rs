//! Other thresholds, and how much they would have mailed.

use super::Span;
use super::data::{Data, Missing};
use super::report::{Count, Times, a_month};
use super::stages::Stages;
use crate::alarm::{Condition, MetricAlarm};
use crate::aws::{Comparison, Region};

/// Which values thresholds are taken from: so much of what evaluations see lies on the good side.
const QUANTILES: [f64; 5] = [0.5, 0.75, 0.9, 0.95, 0.99];
/// How far from the last but one of these to the worst value there are more.
const BEYOND: [f64; 4] = [0.25, 0.5, 0.75, 1.0];

/// What a threshold would have done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The threshold.
    pub threshold: f64,
    /// Whether the alarm has it.
    pub current: bool,
    /// How often the state would have changed.
    pub changes: usize,
    /// How many mails that makes.
    pub mails: usize,
    /// In thirty days; `None` for a single evaluation.
    pub mails_a_month: Option<f64>,
    /// How long it would have been in each state.
    pub times: Times,
}

/// Thresholds, the most sensitive first, and the one that is suggested.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// All that were tried.
    pub candidates: Vec<Candidate>,
    /// The place of the one that is suggested; see [`suggest`].
    pub suggested: Option<usize>,
}

/// Tries thresholds, each as [`super::run`] does.
///
/// They are quantiles of the values that evaluations saw and some between these and the worst, to
/// three digits, one that no value reaches, and the alarm's own. The suggested one mails the most
/// among those that mail at most `at_most` times in thirty days and are in ALARM for at most half
/// of the time; of equals it is the most sensitive. None is, where none does; without values there
/// are no candidates but the alarm's own threshold.
pub fn suggest(
    data: &Data,
    region: &Region,
    alarm: &MetricAlarm,
    span: Span,
    at_most: f64,
) -> Result<Suggestion, Missing> {
    let stages = Stages::new(data, region, alarm, span)?;
    let is_high = matches!(
        alarm.condition.comparison,
        Comparison::GreaterThanOrEqualToThreshold | Comparison::GreaterThanThreshold
    );
    let current = alarm.condition.threshold;
    let mut thresholds = thresholds(stages.seen().collect(), is_high);
    thresholds.push(current);
    thresholds.sort_by(|a, b| if is_high { a.total_cmp(b) } else { b.total_cmp(a) });
    thresholds.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let mut candidates = Vec::with_capacity(thresholds.len());
    for threshold in thresholds {
        let condition = Condition { threshold, ..alarm.condition.clone() };
        let (from, to) = stages.ends();
        let mut count = Count::new(from, to, 0);
        stages.follow(&condition, condition.default_range(), |_, change| {
            count.change(alarm, change.at, change.to);
        })?;
        count.end();
        let Count { changes, mails, times, .. } = count;
        let current = threshold.total_cmp(&current).is_eq();
        let mails_a_month = a_month(mails, times);
        candidates.push(Candidate { threshold, current, changes, mails, mails_a_month, times });
    }
    let suggested = choose(&candidates, at_most);
    Ok(Suggestion { candidates, suggested })
}

/// The place of the one that mails the most, of those that mail little enough.
fn choose(candidates: &[Candidate], at_most: f64) -> Option<usize> {
    let is_quiet = |candidate: &Candidate| {
        let Times { ok, alarm, insufficient_data } = candidate.times;
        candidate.mails_a_month.is_some_and(|mails| mails <= at_most)
            && alarm <= ok + insufficient_data
    };
    let mut best: Option<(usize, &Candidate)> = None;
    for (place, candidate) in candidates.iter().enumerate().filter(|(_, one)| is_quiet(one)) {
        if best.is_none_or(|(_, best)| candidate.mails > best.mails) {
            best = Some((place, candidate));
        }
    }
    best.map(|(place, _)| place)
}

/// Thresholds out of what was seen.
fn thresholds(mut seen: Vec<f64>, is_high: bool) -> Vec<f64> {
    seen.sort_by(|a, b| if is_high { a.total_cmp(b) } else { b.total_cmp(a) });
    let Some(most) = seen.last().copied() else { return Vec::new() };
    let mut thresholds: Vec<f64> = QUANTILES
        .iter()
        .filter_map(|quantile| seen.get(place(seen.len(), *quantile)).copied())
        .collect();
    let high = thresholds.get(3).copied().unwrap_or(most);
    thresholds.extend(BEYOND.iter().map(|part| high + (most - high) * part));
    for threshold in &mut thresholds {
        *threshold = rounded(*threshold);
    }
    // Rounded as well, this one is beyond the worst value.
    let beyond = most.abs() * 0.1;
    let beyond = if beyond > 0.0 { beyond } else { 1.0 };
    thresholds.push(rounded(if is_high { most + beyond } else { most - beyond }));
    thresholds.retain(|threshold| threshold.is_finite());
    thresholds
}

/// The place of a quantile among so many sorted values.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among values that fit into memory"
)]
fn place(count: usize, quantile: f64) -> usize {
    let place = (count as f64 * quantile).ceil() as usize;
    place.clamp(1, count.max(1)) - 1
}

/// To three digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value) + 0.0 // no -0
}
