//! What SQS does in a local cloud: queues that hold what EventBridge could not deliver.

use super::cloud::{Cloud, Place};
use super::emit::DeadLetter;
use super::steps::missing;
use crate::aws::policy::{Policy, Verdict};
use crate::aws::publish::{Publisher, Service};
use crate::aws::{Arn, Identity, Region, Tags};
use crate::plan::QueueAttribute;
use crate::provider::{Done, ErrorClass, ProviderError};
use crate::state::{Kind, Queue, Reference, ResourceKey, Want};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What SQS gives a queue that says nothing of it: four days.
const DEFAULT_RETENTION: u32 = 345_600;
/// How many messages a queue keeps here; older ones go.
const MOST_MESSAGES: usize = 1000;

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalQueue {
    /// For how many seconds it keeps a message.
    pub retention: u32,
    /// Whether SQS encrypts it with a key of its own.
    pub managed_encryption: bool,
    /// Its policy.
    pub policy: Policy,
    /// Its tags.
    pub tags: Tags,
    /// What waits in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<LocalMessage>,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalMessage {
    /// What was sent.
    pub body: String,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// When.
    pub sent: String,
}

impl LocalQueue {
    /// The queue as it is observed.
    pub(super) fn seen(&self) -> Queue {
        let Self { retention, managed_encryption, policy, tags, messages } = self;
        Queue {
            retention: Want::Exactly(*retention),
            managed_encryption: Want::Exactly(*managed_encryption),
            policy: Want::Exactly(policy.clone()),
            messages: Want::Exactly(u64::try_from(messages.len()).unwrap_or(u64::MAX)),
            tags: Want::Exactly(tags.clone()),
        }
    }

    fn set(&mut self, name: &str, at: QueueAttribute, value: &str) -> Result<(), ProviderError> {
        let refused = || {
            let message = format!("Invalid value for the parameter {}.", at.as_str());
            ProviderError::new(ErrorClass::Invalid, "sqs:SetQueueAttributes", name, message)
        };
        match at {
            QueueAttribute::MessageRetentionPeriod => {
                // From a minute to two weeks.
                let seconds = value.parse().ok().filter(|s| (60..=1_209_600).contains(s));
                self.retention = seconds.ok_or_else(refused)?;
            }
            QueueAttribute::SqsManagedSseEnabled => {
                self.managed_encryption = value.parse().map_err(|_| refused())?;
            }
        }
        Ok(())
    }
}

impl Place {
    pub(super) fn queue(
        &mut self,
        name: &str,
        operation: &str,
    ) -> Result<&mut LocalQueue, ProviderError> {
        self.queues.get_mut(name).ok_or_else(|| missing(operation, name))
    }

    pub(super) fn create_queue(
        &mut self,
        name: &str,
        attributes: &[(QueueAttribute, String)],
        policy: Option<&Policy>,
        tags: &Tags,
    ) -> Result<Done, ProviderError> {
        if self.queues.contains_key(name) {
            return Err(ProviderError::new(
                ErrorClass::Conflict,
                "sqs:CreateQueue",
                name,
                "a queue of that name has appeared meanwhile",
            ));
        }
        let mut queue = LocalQueue {
            retention: DEFAULT_RETENTION,
            // What SQS gives a queue that says nothing of it.
            managed_encryption: true,
            policy: policy.cloned().unwrap_or_default(),
            tags: tags.clone(),
            messages: Vec::new(),
        };
        for (attribute, value) in attributes {
            queue.set(name, *attribute, value)?;
        }
        self.queues.insert(name.to_owned(), queue);
        Ok(Done::Complete)
    }

    pub(super) fn set_queue(
        &mut self,
        name: &str,
        attributes: &[(QueueAttribute, String)],
    ) -> Result<Done, ProviderError> {
        let queue = self.queue(name, "sqs:SetQueueAttributes")?;
        let mut new = queue.clone();
        for (attribute, value) in attributes {
            new.set(name, *attribute, value)?;
        }
        *queue = new;
        Ok(Done::Complete)
    }
}

impl Cloud {
    /// Sends what a target did not get to the target's queue, if there is one that lets the rule
    /// in; answers its name. The queue's depth becomes a metric point.
    ///
    /// What a queue that SQS encrypts with a key of its own would get is lost: AWS does not
    /// support one as a queue for what was lost
    /// ([targets](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html)).
    pub(super) fn bury(
        &mut self,
        who: &Identity,
        region: &Region,
        rule: &Arn,
        (to, letter): (&Reference, &DeadLetter),
        (queue, at): (&Reference, Timestamp),
    ) -> Option<String> {
        let Reference::Key(key) = queue else { return None };
        // Rules send within their region only.
        if key.kind != Kind::Queue || key.region() != Some(region) {
            return None;
        }
        let (place, arn) = (self.regions.get_mut(region)?, key.arn(who)?);
        let queue = place.queues.get_mut(&key.name)?;
        let publisher = Publisher { service: Service::Events, source: rule, account: &who.account };
        if queue.managed_encryption
            || !matches!(queue.policy.on_send(&arn, publisher), Verdict::Allowed(_))
        {
            return None;
        }
        let attributes = [
            ("ERROR_CODE", letter.code.clone()),
            ("ERROR_MESSAGE", letter.message.clone()),
            ("RULE_ARN", letter.rule.clone()),
            ("TARGET_ARN", to.to_arn(who)),
        ];
        let first = (queue.messages.len() + 1).saturating_sub(MOST_MESSAGES);
        queue.messages.drain(..first);
        queue.messages.push(LocalMessage {
            body: letter.attempted.clone(),
            attributes: attributes.map(|(name, value)| (name.to_owned(), value)).into(),
            sent: at.to_string(),
        });
        let depth = depth_point(key, queue.messages.len(), at);
        // The queue only grows: of a minute's values the last is the largest.
        let minute = |point: &Value| {
            let datum = point.pointer("/MetricData/0")?;
            let at: Timestamp = datum.get("Timestamp")?.as_str()?.parse().ok()?;
            let what = [point.get("Namespace"), datum.get("MetricName"), datum.get("Dimensions")];
            Some((crate::alarm::minute(at), what.map(Option::<&Value>::cloned)))
        };
        place.metrics.retain(|other| minute(other) != minute(&depth));
        place.metrics.push(depth);
        Some(key.name.clone())
    }
}

impl Place {
    /// Sends a topic's message on to a queue that is subscribed, if the queue lets the topic in.
    pub(super) fn enqueue(
        &mut self,
        who: &Identity,
        topic: &Arn,
        queue: &Arn,
        body: String,
        at: Timestamp,
    ) {
        let publisher = Publisher { service: Service::Sns, source: topic, account: &who.account };
        let Some(there) = self.queues.get_mut(&queue.resource) else { return };
        if !matches!(there.policy.on_send(queue, publisher), Verdict::Allowed(_)) {
            return;
        }
        let first = (there.messages.len() + 1).saturating_sub(MOST_MESSAGES);
        there.messages.drain(..first);
        let attributes = BTreeMap::new();
        there.messages.push(LocalMessage { body, attributes, sent: at.to_string() });
    }
}

/// How many messages wait in a queue, as a metric point.
fn depth_point(queue: &ResourceKey, messages: usize, at: Timestamp) -> Value {
    json!({
        "Namespace": "AWS/SQS",
        "MetricData": [{
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": queue.name}],
            "Timestamp": at.to_string(),
            "Value": messages,
            "Unit": "Count",
        }],
    })
}
