//! Trying the way to a person in a local cloud: it answers at once, so nothing is waited for.

use super::LocalCloud;
use super::cloud::Cloud;
use super::publish::token;
use super::steps::missing;
use crate::alarm::Transition;
use crate::aws::{AlarmState, Region, StackName, Token, tags};
use crate::pattern::EventError;
use crate::plan::Step;
use crate::provider::{AlarmNow, ErrorClass, EventEntry, ProviderError, Trial};
use crate::state::{Kind, Place, ResourceKey, RuleState, Subscription, SubscriptionStatus, Want};
use serde_json::json;
use std::time::Duration;

impl Cloud {
    /// All that a topic lists, those included that have left.
    fn subscriptions(&self, key: &ResourceKey) -> Option<Vec<Subscription>> {
        let listed = self.topic(key)?.subscriptions.iter().map(|there| {
            let confirmed = there.status == SubscriptionStatus::Confirmed;
            Subscription {
                topic: key.clone(),
                protocol: there.protocol,
                endpoint: there.endpoint.clone(),
                status: Want::Exactly(there.status),
                arn: Want::Exactly(confirmed.then(|| there.arn.clone())),
                filter: Want::Keep,
            }
        });
        Some(listed.collect())
    }

    /// Confirms the subscription that a token belongs to; an older link of the same works, too.
    fn confirm_by(&mut self, key: &ResourceKey, given: &Token) -> Result<String, ProviderError> {
        const OPERATION: &str = "sns:ConfirmSubscription";
        let place = key.region().and_then(|region| self.regions.get_mut(region));
        let topic = place.and_then(|place| place.topics.get_mut(&key.name));
        let topic = topic.ok_or_else(|| missing(OPERATION, &key.name))?;
        let of = |arn: &str| token(arn).is_some_and(|token| token == *given);
        let mut living = topic.subscriptions.iter_mut();
        let found = living.find(|s| s.status != SubscriptionStatus::Deleted && of(&s.arn));
        let found = found.ok_or_else(|| {
            let text = "Invalid token";
            ProviderError::new(ErrorClass::Invalid, OPERATION, key.to_string(), text)
        })?;
        found.status = SubscriptionStatus::Confirmed;
        found.authenticated = true;
        Ok(found.arn.clone())
    }
}

impl Trial for LocalCloud {
    async fn subscriptions(
        &self,
        topic: &ResourceKey,
    ) -> Result<Option<Vec<Subscription>>, ProviderError> {
        Ok(self.lock().subscriptions(topic))
    }

    async fn confirm(&self, topic: &ResourceKey, token: &Token) -> Result<String, ProviderError> {
        self.lock().confirm_by(topic, token)
    }

    async fn temporary(
        &self,
        region: &Region,
        stack: &StackName,
    ) -> Result<Vec<ResourceKey>, ProviderError> {
        let cloud = self.lock();
        let Some(place) = cloud.regions.get(region) else { return Ok(Vec::new()) };
        let rules = place.rules.iter().map(|(name, rule)| (Kind::Rule, name, &rule.tags));
        let queues = place.queues.iter().map(|(name, queue)| (Kind::Queue, name, &queue.tags));
        let found = rules.chain(queues).filter(|(_, _, tags)| {
            tags.contains_key(tags::TEMPORARY)
                && tags.get(tags::STACK).is_some_and(|found| found == stack.as_str())
        });
        let key = |(kind, name, _): (Kind, &String, _)| ResourceKey {
            place: Place::Region(region.clone()),
            kind,
            name: name.clone(),
        };
        Ok(found.map(key).collect())
    }

    async fn rule_state(&self, rule: &ResourceKey) -> Result<Option<RuleState>, ProviderError> {
        let cloud = self.lock();
        let place = rule.region().and_then(|region| cloud.regions.get(region));
        let found = place.and_then(|place| place.rules.get(&rule.name));
        Ok(found.map(|found| found.rule.state.value().copied().unwrap_or(RuleState::Enabled)))
    }

    async fn put_event(
        &self,
        region: &Region,
        event: &EventEntry,
    ) -> Result<String, ProviderError> {
        let failed = |text: String| {
            let source = event.source.clone();
            ProviderError::new(ErrorClass::Invalid, "events:PutEvents", source, text)
        };
        if event.source.starts_with("aws.") {
            return Err(failed("Not authorized for the source.".to_owned()));
        }
        let mut cloud = self.lock();
        let now = cloud.now;
        let id = cloud.message_id();
        let time = event.time.unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let head = json!({
            "version": "0",
            "id": id,
            "detail-type": event.detail_type,
            "source": event.source,
            "account": self.identity.account,
            "time": time,
            "region": region,
            "resources": event.resources,
        });
        let mut text = head.to_string();
        text.pop();
        let text = text + ",\"detail\":" + &event.detail + "}";
        let offered = cloud.emit(&self.identity, region, &text, now);
        offered.map(|_| id).map_err(|error: EventError| failed(error.to_string()))
    }

    async fn alarm_now(&self, alarm: &ResourceKey) -> Result<Option<AlarmNow>, ProviderError> {
        let cloud = self.lock();
        let place = alarm.region().and_then(|region| cloud.regions.get(region));
        let Some(there) = place.and_then(|place| place.alarms.get(&alarm.name)) else {
            return Ok(None);
        };
        let there = &there.alarm;
        Ok(Some(AlarmNow {
            state: there.state.value().copied().unwrap_or(AlarmState::InsufficientData),
            // It keeps none: nothing can stop it half-way.
            reason: String::new(),
            enabled: there.enabled.value().copied().unwrap_or(true),
            alarm_actions: there.alarm_actions.clone(),
            ok_actions: there.ok_actions.clone(),
        }))
    }

    async fn set_alarm_state(
        &self,
        alarm: &ResourceKey,
        to: AlarmState,
        reason: &str,
    ) -> Result<(), ProviderError> {
        const OPERATION: &str = "cloudwatch:SetAlarmState";
        let now = self.alarm_now(alarm).await?;
        let (Some(now), Some(region)) = (now, alarm.region()) else {
            return Err(missing(OPERATION, &alarm.name));
        };
        if now.state == to {
            return Ok(());
        }
        let at = self.lock().now;
        let change = Transition { at, from: now.state, to, reason: reason.to_owned() };
        Self::set_alarm_state(self, region, &alarm.name, change).map(|_| ()).map_err(|error| {
            let text = error.to_string();
            ProviderError::new(ErrorClass::Invalid, OPERATION, alarm.to_string(), text)
        })
    }

    async fn listen(
        &self,
        topic: &ResourceKey,
        queue: &ResourceKey,
    ) -> Result<String, ProviderError> {
        const OPERATION: &str = "sns:Subscribe";
        let arn = queue.arn(&self.identity).map(|arn| arn.to_string()).unwrap_or_default();
        let region = topic.region().ok_or_else(|| missing(OPERATION, &topic.name))?;
        let step = Step::Subscribe {
            topic: topic.clone(),
            protocol: crate::aws::Protocol::Sqs,
            endpoint: arn.clone(),
            filter: None,
        };
        self.call(region, &step)?;
        let there = Trial::subscriptions(self, topic).await?.unwrap_or_default();
        let found =
            there.into_iter().find(|s| s.endpoint == arn).and_then(|s| s.arn.value()?.clone());
        found.ok_or_else(|| missing(OPERATION, &topic.name))
    }

    async fn receive(
        &self,
        queue: &ResourceKey,
        _: Duration,
    ) -> Result<Vec<String>, ProviderError> {
        let cloud = self.lock();
        let place = queue.region().and_then(|region| cloud.regions.get(region));
        let found = place.and_then(|place| place.queues.get(&queue.name));
        let found = found.ok_or_else(|| missing("sqs:ReceiveMessage", &queue.name))?;
        Ok(found.messages.iter().map(|message| message.body.clone()).collect())
    }
}
