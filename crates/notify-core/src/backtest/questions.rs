//! What must be known of the past of alarms' metrics.

use super::{gcd, memory};
use crate::alarm::{Condition, Metric, MetricAlarm, Statistic};
use crate::aws::Region;
use crate::provider::{MetricQuery, Window};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Periods for which AWS keeps values for ever longer, in seconds.
const GRAINS: [u32; 3] = [60, 300, 3_600];

/// What to ask of a region.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The region.
    pub region: Region,
    /// Of which time.
    pub window: Window,
    /// What; each is asked for once, however many alarms need it.
    pub queries: Vec<MetricQuery>,
}

/// What to ask so that alarms can be followed over a window: the time before it that their first
/// evaluations look at, too.
///
/// Windows slide by the minute, so values of a minute are asked for as long as AWS keeps them
/// (15 days), before that those of five minutes and of an hour. A percentile cannot be put together
/// from shorter ones, so it is asked for with the alarm's own period. An alarm whose statistic
/// cannot be simulated is left out.
///
/// ```
/// use notify_core::alarm::one_from_json;
/// use notify_core::aws::Region;
/// use notify_core::backtest::questions;
/// use notify_core::provider::Window;
///
/// let alarm = one_from_json(r#"{"AlarmName": "waf", "Namespace": "AWS/WAFV2",
///     "MetricName": "BlockedRequests", "Statistic": "Sum", "Period": 86400,
///     "EvaluationPeriods": 1, "Threshold": 1.0,
///     "ComparisonOperator": "GreaterThanOrEqualToThreshold"}"#, None)?;
/// let (from, to) = ("2026-10-25T00:00:00Z".parse()?, "2026-11-24T00:00:00Z".parse()?);
/// let asked = questions(&[(Region::us_east_1(), &alarm)], Window { from, to, now: to });
/// let periods: Vec<u32> = asked.iter().map(|question| question.queries[0].period).collect();
/// assert_eq!(periods, [300, 60]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn questions(alarms: &[(Region, &MetricAlarm)], window: Window) -> Vec<Question> {
    let longest = alarms.iter().map(|(_, alarm)| memory(&alarm.condition)).max().unwrap_or(0);
    let before = SignedDuration::from_secs(longest);
    let window =
        Window { from: window.from.checked_sub(before).unwrap_or(Timestamp::MIN), ..window };
    let mut asked: BTreeMap<(Region, Timestamp, Timestamp), Vec<MetricQuery>> = BTreeMap::new();
    // What was asked already, by everything but the order of dimensions.
    let mut known = std::collections::HashSet::new();
    for (region, alarm) in alarms {
        let Ok(wanted) = Statistic::parse(&alarm.condition.statistic) else { continue };
        for (period, from, to) in layers(&alarm.condition, wanted, window) {
            for statistic in parts(wanted) {
                let metric = sorted(&alarm.metric);
                let key = (region, metric.clone(), statistic.to_string(), period, from, to);
                if known.insert(key) {
                    let query = MetricQuery { metric: alarm.metric.clone(), statistic, period };
                    asked.entry((region.clone(), from, to)).or_default().push(query);
                }
            }
        }
    }
    let now = window.now;
    let question = |((region, from, to), queries)| Question {
        region,
        window: Window { from, to, now },
        queries,
    };
    asked.into_iter().map(question).collect()
}

/// The statistics of which one is made: an average is a sum and a count.
pub(super) fn parts(statistic: Statistic) -> Vec<Statistic> {
    match statistic {
        Statistic::Average => vec![Statistic::Sum, Statistic::SampleCount],
        other => vec![other],
    }
}

/// A metric with its dimensions in order, for which it makes no difference.
pub(super) fn sorted(metric: &Metric) -> Metric {
    let mut metric = metric.clone();
    metric.dimensions.sort();
    metric.dimensions.dedup();
    metric
}

/// How far apart ends of periods are that are evaluated.
pub(super) fn pace(condition: &Condition) -> u32 {
    if condition.period < 60 { condition.period.max(1) } else { condition.pace().every.max(1) }
}

/// Periods to ask for, and for which time each; the shortest last, for the newest time.
fn layers(
    condition: &Condition,
    statistic: Statistic,
    window: Window,
) -> Vec<(u32, Timestamp, Timestamp)> {
    let period = condition.period;
    let (pace, mut to) = (pace(condition), window.to);
    let finest = gcd(period, pace);
    let fits = |grain: &&u32| finest.is_multiple_of(**grain);
    let Some(finest) = GRAINS.iter().rev().find(fits).copied() else {
        return vec![(period, window.from, to)];
    };
    if matches!(statistic, Statistic::Percentile(_)) {
        return vec![(period, window.from, to)];
    }
    let grains: Vec<u32> = GRAINS
        .into_iter()
        .filter(|grain| *grain >= finest && period.is_multiple_of(*grain))
        .collect();
    let mut layers = Vec::new();
    for (index, grain) in grains.iter().enumerate() {
        let (since, _, gap) = Window { to, ..window }.kept(*grain);
        // Where the next takes over, its periods must not reach over the border.
        let longer = grains.get(index + 1).filter(|_| gap.is_some());
        let from = match longer {
            Some(longer) => Window { from: since, to: since, now: since }.periods(*longer).1,
            None => window.from,
        };
        if from < to {
            layers.push((*grain, from, to));
            to = from;
        }
        if longer.is_none() {
            break;
        }
    }
    layers.reverse();
    layers
}
