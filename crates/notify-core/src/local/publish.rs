//! What SNS does with a message in a local cloud.

use super::cloud::{Cloud, LocalTopic};
use crate::aws::publish::{Publisher, Service};
use crate::aws::{Arn, Identity, Protocol, Region};
use crate::mail::{Envelope, Mail, Notification};
use crate::state::{Reference, ResourceKey, SubscriptionStatus};
use jiff::Timestamp;

/// A message that was published to a topic, and what its readers got.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The rule or alarm that caused it.
    pub by: String,
    /// The topic's name.
    pub topic: String,
    /// The sender of its mails, as a mail program shows it.
    pub from: String,
    /// What was published.
    pub notification: Notification,
    /// The mails, one for each reader who has confirmed.
    pub mails: Vec<Mail>,
    /// Readers who have not confirmed: nothing reaches them.
    pub waiting: Vec<String>,
    /// Endpoints of other protocols: they got the message, which ends here.
    pub others: Vec<(Protocol, String)>,
}

/// Why a message did not get to a topic, in EventBridge's words for dead-letter queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The topic is not there.
    NoResource,
    /// Its policy does not let the publisher in.
    NoPermissions,
    /// It is larger than a message may be. The code is not on record.
    TooLarge,
}

impl Refused {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::NoResource => "NO_RESOURCE",
            Self::NoPermissions => "NO_PERMISSIONS",
            Self::TooLarge => "SDK_CLIENT_ERROR",
        }
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::NoResource => "the topic does not exist",
            Self::NoPermissions => "the topic's policy does not let the service publish",
            Self::TooLarge => "Invalid parameter: Message too long",
        }
    }
}

/// A message on its way to a topic.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) who: &'a Identity,
    pub(super) region: &'a Region,
    pub(super) service: Service,
    /// The rule or alarm.
    pub(super) source: &'a Arn,
    pub(super) by: &'a str,
    pub(super) to: &'a Reference,
    pub(super) notification: Notification,
    pub(super) at: Timestamp,
}

impl Cloud {
    /// Publishes a message; its mails are kept for [`super::LocalCloud::take_mails`], too.
    pub(super) fn publish(&mut self, message: Message<'_>) -> Result<Sent, Refused> {
        let Message { who, region, service, source, by, to, notification, at } = message;
        // Alarms and rules publish within their region and account only.
        let key = match to {
            Reference::Key(key) if key.region() == Some(region) => key,
            Reference::Key(_) | Reference::Arn(_) => return Err(Refused::NoResource),
        };
        let place = self.regions.get(region);
        let topic = place.and_then(|place| place.topics.get(&key.name));
        let (Some(topic), Some(arn)) = (topic, key.arn(who)) else {
            return Err(Refused::NoResource);
        };
        let publisher = Publisher { service, source, account: &who.account };
        if !topic.policy.allows(&arn, publisher) {
            return Err(Refused::NoPermissions);
        }
        if notification.is_too_large() {
            return Err(Refused::TooLarge);
        }
        let mut sent = Sent {
            by: by.to_owned(),
            topic: key.name.clone(),
            from: crate::mail::from(&topic.display_name),
            notification,
            mails: Vec::new(),
            waiting: Vec::new(),
            others: Vec::new(),
        };
        deliver(topic, &arn, region, at, &mut self.counter, &mut sent);
        self.mails.extend(sent.mails.iter().cloned());
        Ok(sent)
    }

    /// The mail that asks a new reader to confirm.
    pub(super) fn invite(
        &mut self,
        topic: &ResourceKey,
        who: &Identity,
        protocol: Protocol,
        to: &str,
    ) {
        if !matches!(protocol, Protocol::Email | Protocol::EmailJson) {
            return;
        }
        let (Some(arn), Some(region)) = (topic.arn(who), topic.region()) else { return };
        let at = self.now;
        let envelope = Envelope {
            topic: &arn,
            display_name: "",
            subscription: None,
            address: to,
            protocol,
            region,
            at,
            message_id: next_id(&mut self.counter),
        };
        self.mails.push(Mail::confirmation(&envelope));
    }
}

fn deliver(
    topic: &LocalTopic,
    arn: &Arn,
    region: &Region,
    at: Timestamp,
    counter: &mut u64,
    sent: &mut Sent,
) {
    for subscription in &topic.subscriptions {
        let endpoint = &subscription.endpoint;
        match (subscription.status, subscription.protocol) {
            (SubscriptionStatus::Deleted, _) => {}
            (SubscriptionStatus::Pending, _) => sent.waiting.push(endpoint.clone()),
            (SubscriptionStatus::Confirmed, protocol @ (Protocol::Email | Protocol::EmailJson)) => {
                let envelope = Envelope {
                    topic: arn,
                    display_name: &topic.display_name,
                    subscription: Some(&subscription.arn),
                    address: endpoint,
                    protocol,
                    region,
                    at,
                    message_id: next_id(counter),
                };
                sent.mails.push(Mail::new(&sent.notification, &envelope));
            }
            (SubscriptionStatus::Confirmed, protocol) => {
                sent.others.push((protocol, endpoint.clone()));
            }
        }
    }
}

fn next_id(counter: &mut u64) -> String {
    *counter += 1;
    format!("00000000-0000-4000-8000-{counter:012}")
}
