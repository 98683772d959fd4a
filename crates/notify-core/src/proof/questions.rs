//! Which metrics prove that mail flows.

use crate::alarm::{Metric, Statistic};
use crate::aws::{Identity, Region};
use crate::provider::{MetricQuery, Window};
use crate::state::{Alarm, Kind, Resource, State};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How far back is looked, today included: two weeks, the time after which CloudWatch no longer
/// lists a metric without values.
pub const DAYS: i64 = 14;

/// The period of what services measure of themselves: fine enough to tell which came last, and
/// kept for longer than the window.
const FINE: u32 = 300;
/// The period of alarms' metrics, of which only counts whether they have values.
const COARSE: u32 = 86_400;

/// The time that is asked for: whole days, so that questions of both periods go into one call.
pub fn window(now: Timestamp) -> Window {
    let today = now.as_second().div_euclid(i64::from(COARSE)).saturating_mul(i64::from(COARSE));
    let midnight = Timestamp::from_second(today).unwrap_or(now);
    let day = SignedDuration::from_hours(24);
    let from = midnight.checked_sub(day * i32::try_from(DAYS - 1).unwrap_or(0));
    let to = midnight.checked_add(day);
    Window { from: from.unwrap_or(midnight), to: to.unwrap_or(now), now }
}

/// A metric of EventBridge about a rule.
pub(super) fn of_rule(name: &str, rule: &str) -> Metric {
    one("AWS/Events", name, ("RuleName", rule))
}

/// A metric of SNS about a topic.
pub(super) fn of_topic(name: &str, topic: &str) -> Metric {
    one("AWS/SNS", name, ("TopicName", topic))
}

fn one(namespace: &str, name: &str, (dimension, value): (&str, &str)) -> Metric {
    Metric {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: vec![(dimension.to_owned(), value.to_owned())],
        unit: None,
    }
}

/// A metric of Step Functions about a state machine.
pub(super) fn of_machine(name: &str, machine: &str) -> Metric {
    one("AWS/States", name, ("StateMachineArn", machine))
}

/// What an alarm looks at; `None` where that is no single metric.
pub(super) fn of_alarm(alarm: &Alarm) -> Option<Metric> {
    let Alarm { namespace, metric, dimensions, unit, other, .. } = alarm;
    let dimensions = dimensions.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    (other.is_empty() && !metric.is_empty()).then(|| Metric {
        namespace: namespace.clone(),
        name: metric.clone(),
        dimensions: dimensions.collect(),
        unit: unit.clone(),
    })
}

pub(super) const OF_RULES: [&str; 4] =
    ["MatchedEvents", "TriggeredRules", "Invocations", "FailedInvocations"];
pub(super) const OF_TOPICS: [&str; 2] =
    ["NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"];

pub(super) const OF_MACHINES: [&str; 2] = ["ExecutionsSucceeded", "ExecutionsFailed"];

/// The questions for each region, each metric once.
pub(super) fn questions(desired: &State, who: &Identity) -> BTreeMap<Region, Vec<MetricQuery>> {
    let mut asked: BTreeMap<Region, BTreeMap<Metric, u32>> = BTreeMap::new();
    for (key, resource) in desired {
        let Some(region) = key.region() else { continue };
        let metrics: Vec<(Metric, u32)> = match (key.kind, resource) {
            (Kind::Rule, _) => {
                OF_RULES.iter().map(|name| (of_rule(name, &key.name), FINE)).collect()
            }
            (Kind::Topic, _) => {
                OF_TOPICS.iter().map(|name| (of_topic(name, &key.name), FINE)).collect()
            }
            (Kind::StateMachine, _) => {
                let arn = key.arn(who).map(|arn| arn.to_string()).unwrap_or_default();
                OF_MACHINES.iter().map(|name| (of_machine(name, &arn), FINE)).collect()
            }
            (_, Resource::Alarm(alarm)) => {
                of_alarm(alarm).map(|metric| (metric, COARSE)).into_iter().collect()
            }
            _ => continue,
        };
        let there = asked.entry(region.clone()).or_default();
        for (metric, period) in metrics {
            // The finer question answers the coarser one.
            there.entry(metric).and_modify(|p| *p = (*p).min(period)).or_insert(period);
        }
    }
    let query = |(metric, period)| MetricQuery { metric, statistic: Statistic::Sum, period };
    asked
        .into_iter()
        .map(|(region, metrics)| (region, metrics.into_iter().map(query).collect()))
        .collect()
}
