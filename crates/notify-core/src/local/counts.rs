//! What EventBridge and SNS measure of themselves in a local cloud.

use super::cloud::{Cloud, Place};
use super::emit::Fate;
use super::metrics::RETENTION_DAYS;
use super::publish::Sent;
use crate::alarm::{MetricData, minute};
use crate::aws::Region;
use crate::state::ResourceKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How often something happened in a minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    namespace: String,
    metric: String,
    dimension: (String, String),
    /// The minute's beginning, in seconds since 1970.
    at: i64,
    value: u64,
}

impl Cloud {
    /// Counts what a rule did with an event that it matched.
    pub(super) fn count_matched(
        &mut self,
        region: &Region,
        rule: &str,
        fates: &[Fate],
        at: Timestamp,
    ) {
        let place = self.regions.entry(region.clone()).or_default();
        let mut count = |metric, value| {
            place.count("AWS/Events", metric, ("RuleName", rule), at, value);
        };
        count("MatchedEvents", 1);
        count("TriggeredRules", 1);
        let of = |is: fn(&&Fate) -> bool| fates.iter().filter(is).count();
        let invoked = of(|f| matches!(f, Fate::Sent(_) | Fate::Lost(_) | Fate::Elsewhere(_)));
        count("Invocations", invoked);
        count("FailedInvocations", of(|fate| matches!(fate, Fate::Lost(_))));
    }

    /// Counts what became of a message: every confirmed endpoint gets it.
    pub(super) fn count_published(&mut self, topic: &ResourceKey, sent: &Sent, at: Timestamp) {
        let Some(place) = topic.region().and_then(|region| self.regions.get_mut(region)) else {
            return;
        };
        let mut count = |metric, value| {
            place.count("AWS/SNS", metric, ("TopicName", &topic.name), at, value);
        };
        count("NumberOfMessagesPublished", 1);
        count("NumberOfNotificationsDelivered", sent.mails.len() + sent.others.len());
    }
}

impl Place {
    fn count(
        &mut self,
        namespace: &str,
        metric: &str,
        (name, value): (&str, &str),
        at: Timestamp,
        times: usize,
    ) {
        if times == 0 {
            return;
        }
        let at = minute(at).as_second();
        let times = u64::try_from(times).unwrap_or(u64::MAX);
        let oldest = at.saturating_sub(RETENTION_DAYS * 86_400);
        if self.counts.first().is_some_and(|first| first.at < oldest) {
            self.counts.retain(|count| count.at >= oldest);
        }
        let is_it = |count: &&mut Count| {
            count.namespace == namespace
                && count.metric == metric
                && count.dimension == (name.to_owned(), value.to_owned())
        };
        let this_minute = self.counts.iter_mut().rev().take_while(|count| count.at == at);
        match this_minute.into_iter().find(is_it) {
            Some(count) => count.value = count.value.saturating_add(times),
            None => self.counts.push(Count {
                namespace: namespace.to_owned(),
                metric: metric.to_owned(),
                dimension: (name.to_owned(), value.to_owned()),
                at,
                value: times,
            }),
        }
    }

    /// All values of metrics: those that were put, and what services measured.
    pub(super) fn published(&self) -> Vec<MetricData> {
        let mut measured: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for Count { namespace, metric, dimension: (name, of), at, value } in &self.counts {
            measured.entry(namespace).or_default().push(json!({
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": of}],
                "Timestamp": at,
                "Value": value,
                "Unit": "Count",
            }));
        }
        let measured = measured
            .into_iter()
            .map(|(namespace, data)| json!({"Namespace": namespace, "MetricData": data}));
        let documents = self.metrics.iter().cloned().chain(measured);
        let read = |document: Value| MetricData::from_json(&document.to_string(), None).ok();
        documents.filter_map(read).collect()
    }
}
