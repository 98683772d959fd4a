//! What SNS does with a message in a local cloud.

use super::cloud::{Cloud, LocalTopic};
use crate::aws::policy::Verdict;
use crate::aws::publish::{Publisher, Service};
use crate::aws::{Arn, ConfirmationLink, Filter, Identity, Protocol, Region, Token, fingerprint};
use crate::mail::{Confirmation, Delivery, Form, Mail, Mailbox, Notification, Unpublishable};
use crate::state::{Kind, Reference, ResourceKey, SubscriptionStatus};
use jiff::Timestamp;
use serde_json::json;

/// A message that was published to a topic, and what its readers got.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The rule or alarm that caused it; empty where a person did.
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
    /// Readers whose filter does not take it.
    pub filtered: Vec<String>,
    /// Endpoints of other protocols: they got the message, which ends here.
    pub others: Vec<(Protocol, String)>,
}

/// Why a message did not get to a topic, in EventBridge's words for dead-letter queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// The topic is not there.
    NoResource,
    /// Its policy does not let the publisher in.
    NoPermissions,
    /// The topic is encrypted, and its key does not let the publisher in: why. The code is
    /// unverified.
    NoKey(String),
    /// SNS does not take the message. The code is unverified.
    Unpublishable(Unpublishable),
}

impl Refused {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NoResource => "NO_RESOURCE",
            Self::NoPermissions | Self::NoKey(_) => "NO_PERMISSIONS",
            Self::Unpublishable(_) => "SDK_CLIENT_ERROR",
        }
    }

    pub(super) fn reason(&self) -> String {
        match self {
            Self::NoResource => "the topic does not exist".to_owned(),
            Self::NoPermissions => "the topic's policy does not let the service publish".to_owned(),
            Self::NoKey(why) => why.clone(),
            Self::Unpublishable(error) => error.to_string(),
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
            Reference::Key(key) if key.kind == Kind::Topic && key.region() == Some(region) => key,
            Reference::Key(_) | Reference::Arn(_) => return Err(Refused::NoResource),
        };
        let (Some(topic), Some(arn)) = (self.topic(key), key.arn(who)) else {
            return Err(Refused::NoResource);
        };
        let publisher = Publisher { service, source, account: &who.account };
        // What cannot be told counts against the publisher.
        let says = topic.policy.on_publish(&arn, publisher);
        if !matches!(says, Verdict::Allowed(_)) {
            return Err(Refused::NoPermissions);
        }
        if let Some(id) = &topic.kms_key {
            self.may_encrypt(region, id, publisher).map_err(Refused::NoKey)?;
        }
        self.post(who, key, by, notification, at)
    }

    /// A topic; `None` where there is none.
    pub(super) fn topic(&self, key: &ResourceKey) -> Option<&LocalTopic> {
        if key.kind != Kind::Topic {
            return None;
        }
        self.regions.get(key.region()?)?.topics.get(&key.name)
    }

    /// Publishes whatever may be: in its own account a person needs no topic policy.
    pub(super) fn post(
        &mut self,
        who: &Identity,
        key: &ResourceKey,
        by: &str,
        notification: Notification,
        at: Timestamp,
    ) -> Result<Sent, Refused> {
        let place = key.region().and_then(|region| self.regions.get(region));
        let topic = place.and_then(|place| place.topics.get(&key.name));
        let (Some(topic), Some(arn)) = (topic, key.arn(who)) else {
            return Err(Refused::NoResource);
        };
        if let Err(error) = notification.check() {
            return Err(Refused::Unpublishable(error));
        }
        let mut sent = Sent {
            by: by.to_owned(),
            topic: key.name.clone(),
            from: Mailbox::of_topic(Some(&topic.display_name)).to_string(),
            notification,
            mails: Vec::new(),
            waiting: Vec::new(),
            filtered: Vec::new(),
            others: Vec::new(),
        };
        deliver(topic, &arn, at, &mut self.counter, &mut sent);
        self.send_on(who, key, &arn, &sent, at);
        self.mails.extend(sent.mails.iter().cloned());
        self.count_published(key, &sent, at);
        Ok(sent)
    }

    /// Queues of this account that are subscribed get the message as SNS wraps it.
    fn send_on(
        &mut self,
        who: &Identity,
        key: &ResourceKey,
        topic: &Arn,
        sent: &Sent,
        at: Timestamp,
    ) {
        for (protocol, endpoint) in &sent.others {
            let Ok(queue) = endpoint.parse::<Arn>() else { continue };
            let place = key.region().and_then(|region| self.regions.get(region));
            let exists = place.is_some_and(|place| place.queues.contains_key(&queue.resource));
            let is_here = queue.region == topic.region && queue.account == topic.account;
            if *protocol != Protocol::Sqs || !is_here || !exists {
                continue;
            }
            let id = self.message_id();
            let mut body = json!({
                "Type": "Notification",
                "MessageId": id,
                "TopicArn": topic.to_string(),
                "Message": sent.notification.default,
                "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            });
            if let Some(subject) = &sent.notification.subject {
                body["Subject"] = subject.as_str().into();
            }
            for (name, value) in &sent.notification.attributes {
                body["MessageAttributes"][name] = json!({"Type": "String", "Value": value});
            }
            if let Some(place) = key.region().and_then(|region| self.regions.get_mut(region)) {
                place.enqueue(who, topic, &queue, body.to_string(), at);
            }
        }
    }

    /// An id for a message.
    pub(super) fn message_id(&mut self) -> String {
        let id = next_id(&mut self.counter);
        id.split('@').next().unwrap_or_default().to_owned()
    }

    /// The mail that asks a new reader to confirm.
    pub(super) fn invite(
        &mut self,
        topic: &ResourceKey,
        who: &Identity,
        protocol: Protocol,
        address: &str,
        subscription: &str,
    ) {
        let (Some(form), Some(arn)) = (Form::of(protocol), topic.arn(who)) else { return };
        let delivery = Delivery {
            topic: arn,
            display_name: None,
            subscription: subscription.to_owned(),
            address: address.to_owned(),
            form,
            at: self.now,
            message_id: next_id(&mut self.counter),
        };
        // In SNS's form, so that `confirm` can be tried; it leads nowhere.
        let Some(token) = token(subscription) else { return };
        let confirmation = Confirmation {
            link: ConfirmationLink::local(&delivery.topic, &token, address),
            token: token.secret().to_owned(),
        };
        self.mails.push(delivery.confirmation(&confirmation));
    }
}

fn deliver(topic: &LocalTopic, arn: &Arn, at: Timestamp, counter: &mut u64, sent: &mut Sent) {
    for subscription in &topic.subscriptions {
        let address = subscription.endpoint.clone();
        let takes = |filter: &Filter| filter.takes(&sent.notification.attributes);
        // A filter that somebody else wrote, and that cannot be told here, counts as one that
        // does not take it: no mail is promised that may not come.
        let is_kept_out = subscription.filter.as_ref().is_some_and(|f| takes(f) != Some(true));
        if subscription.status == SubscriptionStatus::Confirmed && is_kept_out {
            sent.filtered.push(address);
            continue;
        }
        match (subscription.status, Form::of(subscription.protocol)) {
            (SubscriptionStatus::Deleted, _) => {}
            (SubscriptionStatus::Pending, _) => sent.waiting.push(address),
            (SubscriptionStatus::Confirmed, None) => {
                sent.others.push((subscription.protocol, address));
            }
            (SubscriptionStatus::Confirmed, Some(form)) => {
                let delivery = Delivery {
                    topic: arn.clone(),
                    display_name: Some(topic.display_name.clone()),
                    subscription: subscription.arn.clone(),
                    address,
                    form,
                    at,
                    message_id: next_id(counter),
                };
                sent.mails.push(delivery.notification(&sent.notification));
            }
        }
    }
}

/// The token of a subscription: 64 hexadecimal digits that follow from its ARN. It guards nothing:
/// whoever can read the mail can read the account, too.
pub(super) fn token(subscription: &str) -> Option<Token> {
    let word = |salt: u64| format!("{:016x}", fingerprint(salt, subscription));
    Token::parse(&(0..4).map(word).collect::<String>())
}

fn next_id(counter: &mut u64) -> String {
    *counter += 1;
    format!("00000000-0000-4000-8000-{counter:012}@notify.local")
}
