//! What CloudWatch does with metric points in a local cloud.

use super::cloud::{Cloud, Held, LocalAlarm, Place};
use super::publish::{Message, Sent};
use crate::alarm::{
    AlarmError, MetricAlarm, MetricData, Statistic, Transition, evaluate, minute, points,
};
use crate::aws::publish::Service;
use crate::aws::{AlarmState, Identity, Minute, Region};
use crate::mail::{Home, Notification, ThresholdLine};
use crate::provider::{Gap, MetricQuery, MetricSeries, Window};
use crate::state::{Reference, Want};
use jiff::{Span, Timestamp};
use serde_json::Value;

/// A change of an alarm's state in a local cloud, and what its actions did.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The alarm's name.
    pub alarm: String,
    /// From which state to which, why and when.
    pub change: Transition,
    /// Until when a mute holds its actions back.
    pub muted_until: Option<Minute>,
    /// What was published; an error is why an action did nothing.
    pub sent: Vec<Result<Sent, String>>,
}

/// What one look at all alarms of a region found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluated {
    /// Alarms that changed.
    pub changed: Vec<Changed>,
    /// How many stayed as they were.
    pub unchanged: usize,
    /// Alarms that cannot be simulated, and why.
    pub left_out: Vec<(String, String)>,
}

/// How long CloudWatch keeps points of a minute
/// ([metrics](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html)).
pub(super) const RETENTION_DAYS: i64 = 15;

impl Cloud {
    /// Keeps metric points as `aws cloudwatch put-metric-data --cli-input-json` takes them.
    /// Answers when the last point's minute ends.
    pub(super) fn put_metric_data(
        &mut self,
        region: &Region,
        document: &str,
    ) -> Result<Timestamp, AlarmError> {
        let data = MetricData::from_json(document, Some(self.now))?;
        let last = data.last().unwrap_or(self.now);
        let place = self.regions.entry(region.clone()).or_default();
        // It was read as JSON just now.
        let mut document: Value = serde_json::from_str(document).unwrap_or_default();
        // A value without a time has the one at which it came, also when it is read again.
        for datum in document["MetricData"].as_array_mut().into_iter().flatten() {
            if datum.get("Timestamp").is_none_or(Value::is_null) {
                datum["Timestamp"] = self.now.to_string().into();
            }
        }
        place.metrics.push(document);
        // A point of the future must not make the past go.
        let newest = last.min(self.now);
        let oldest = newest.checked_sub(Span::new().hours(RETENTION_DAYS * 24)).unwrap_or(newest);
        place.metrics.retain(|document| {
            let data = MetricData::from_json(&document.to_string(), None);
            data.is_ok_and(|data| data.last().is_some_and(|last| last >= oldest))
        });
        Ok(minute(last).checked_add(Span::new().minutes(1)).unwrap_or(last))
    }

    /// Evaluates every alarm of a region once.
    pub(super) fn evaluate(&mut self, who: &Identity, region: &Region, at: Timestamp) -> Evaluated {
        let Some(place) = self.regions.get(region) else { return Evaluated::default() };
        let data = place.published();
        let mut found = Evaluated::default();
        for (name, local) in place.alarms.clone() {
            match look(who, region, &name, &local, &data, at) {
                Ok(Some((alarm, change))) => {
                    found.changed.push(self.change_state(who, region, &alarm, change));
                }
                Ok(None) => found.unchanged += 1,
                Err(error) => found.left_out.push((name, error.to_string())),
            }
        }
        found
    }

    /// Works out statistics of the points that are kept.
    pub(super) fn metric_data(
        &self,
        region: &Region,
        queries: &[MetricQuery],
        window: Window,
    ) -> Vec<MetricSeries> {
        let data = self.regions.get(region).map(Place::published).unwrap_or_default();
        queries.iter().map(|query| asked(&data, query, window)).collect()
    }

    /// An alarm as CloudWatch sees it.
    pub(super) fn metric_alarm(
        &self,
        who: &Identity,
        region: &Region,
        name: &str,
    ) -> Option<Result<MetricAlarm, AlarmError>> {
        let local = self.regions.get(region)?.alarms.get(name)?;
        Some(local.alarm.to_metric_alarm(who, region, name))
    }

    /// Changes an alarm's state and runs the actions of the new one.
    pub(super) fn change_state(
        &mut self,
        who: &Identity,
        region: &Region,
        alarm: &MetricAlarm,
        change: Transition,
    ) -> Changed {
        let muted_until = self.muted(region, &alarm.name);
        if let Some(local) =
            self.regions.get_mut(region).and_then(|place| place.alarms.get_mut(&alarm.name))
        {
            local.alarm.state = Want::Exactly(change.to);
            local.since = Some(change.at.to_string());
            local.held = muted_until.map(|_| Held::of(&change));
        }
        let sent = match muted_until {
            None => self.act(who, region, alarm, &change),
            Some(_) => Vec::new(),
        };
        Changed { alarm: alarm.name.clone(), change, muted_until, sent }
    }

    /// Runs the actions of an alarm's new state.
    pub(super) fn act(
        &mut self,
        who: &Identity,
        region: &Region,
        alarm: &MetricAlarm,
        change: &Transition,
    ) -> Vec<Result<Sent, String>> {
        let source = who.arn("cloudwatch", region, &format!("alarm:{}", alarm.name));
        let actions = alarm.actions(change.to).iter();
        let sent = actions.map(|action| {
            let to = Reference::from_arn(action, who);
            let home = Home { identity: who.clone(), region: region.clone() };
            let notification =
                Notification::of_alarm(alarm, change, &home, ThresholdLine::default());
            let message = Message {
                who,
                region,
                service: Service::CloudWatch,
                source: &source,
                by: &alarm.name,
                to: &to,
                notification,
                at: change.at,
            };
            self.publish(message).map_err(|refused| format!("{action}: {}", refused.reason()))
        });
        sent.collect()
    }
}

/// Answers one query. Points are kept for the time of those of a minute, whatever the period.
fn asked(data: &[MetricData], query: &MetricQuery, window: Window) -> MetricSeries {
    let MetricQuery { metric, statistic, period } = query;
    let oldest = window.now.checked_sub(Span::new().hours(RETENTION_DAYS * 24));
    let since = oldest.unwrap_or(Timestamp::MIN);
    let gap = (window.from < since).then_some(Gap::NotKept { since });
    let (from, to) = window.periods(*period);
    let mut samples: Vec<_> = data.iter().flat_map(|data| data.samples(metric)).collect();
    samples.retain(|sample| (from..to).contains(&sample.at));
    match points(&samples, *statistic, *period, Timestamp::UNIX_EPOCH) {
        Ok(points) => MetricSeries { points, gaps: gap.into_iter().collect() },
        Err(error) => {
            let said = Gap::Said(error.to_string());
            MetricSeries { points: Vec::new(), gaps: gap.into_iter().chain([said]).collect() }
        }
    }
}

/// Evaluates one alarm.
fn look(
    who: &Identity,
    region: &Region,
    name: &str,
    local: &LocalAlarm,
    data: &[MetricData],
    at: Timestamp,
) -> Result<Option<(MetricAlarm, Transition)>, AlarmError> {
    let alarm = local.alarm.to_metric_alarm(who, region, name)?;
    let samples: Vec<_> = data.iter().flat_map(|data| data.samples(&alarm.metric)).collect();
    let statistic = Statistic::parse(&alarm.condition.statistic)?;
    let boundary = alarm.condition.boundary(at);
    let points = points(&samples, statistic, alarm.condition.period, boundary)?;
    let state = alarm.state.unwrap_or(AlarmState::InsufficientData);
    let change = evaluate(&alarm.condition, state, &points, at, None)?;
    Ok(change.map(|change| (alarm, change)))
}
