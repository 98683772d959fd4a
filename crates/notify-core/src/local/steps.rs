//! The calls that a local cloud answers, with AWS's refusals.

use super::cloud::{Cloud, LocalAlarm, LocalRule, LocalSubscription, LocalTopic, Place};
use crate::aws::policy::default_policy;
use crate::aws::{AlarmState, Filter, Protocol, Schedule};
use crate::aws::{Identity, Region, Tags};
use crate::pattern::Pattern;
use crate::plan::{Change, Step, TopicAttribute};
use crate::provider::{Done, ErrorClass, ProviderError};
use crate::state::{Alarm, Kind, ResourceKey, Rule, RuleState, SubscriptionStatus, Target, Want};
use crate::transform::Transform;
use jiff::Timestamp;
use std::collections::BTreeMap;

pub(super) type Answer = Result<Done, ProviderError>;

impl Cloud {
    /// Runs the steps of a change in order, up to the first that fails.
    pub(super) fn carry_out(&mut self, who: &Identity, change: &Change) -> Answer {
        // What lives in no region has steps of its own, which ask for none.
        let region = change.key.region().cloned().unwrap_or_else(Region::us_east_1);
        let region = &region;
        let mut done = Done::Complete;
        for step in &change.steps {
            if self.call(who, region, step)? == Done::AwaitsConfirmation {
                done = Done::AwaitsConfirmation;
            }
        }
        Ok(done)
    }

    fn tag(&mut self, key: &ResourceKey, tags: &Tags) -> Answer {
        self.tags_mut(key)?.extend(tags.clone());
        Ok(Done::Complete)
    }

    fn untag(&mut self, key: &ResourceKey, tags: &[String]) -> Answer {
        self.tags_mut(key)?.retain(|tag, _| !tags.contains(tag));
        Ok(Done::Complete)
    }

    pub(super) fn call(&mut self, who: &Identity, region: &Region, step: &Step) -> Answer {
        match step {
            Step::Tag { key, tags } => return self.tag(key, tags),
            Step::Untag { key, tags } => return self.untag(key, tags),
            Step::Unsubscribe { arn } => return self.unsubscribe(arn),
            Step::Subscribe { topic, protocol, endpoint, filter } => {
                return self.subscribe(who, topic, (*protocol, endpoint), filter.as_ref());
            }
            Step::SetFilter { arn, filter } => return self.set_filter(arn, filter.as_ref()),
            Step::CreateRole { .. }
            | Step::SetRoleTrust { .. }
            | Step::PutRolePolicy { .. }
            | Step::DeleteRolePolicy { .. }
            | Step::DeleteRole { .. } => return self.call_iam(step),
            Step::CreateSchedule { name, schedule } => {
                return self.create_schedule(region, name, schedule);
            }
            Step::CreateStateMachine { name, machine, tags } => {
                return self.create_machine(who, region, name, machine, tags);
            }
            Step::UpdateStateMachine { name, machine } => {
                return self.update_machine(who, region, name, machine);
            }
            Step::PutTarget { rule, target } => {
                let role = target.delivery.value().and_then(|delivery| delivery.role.as_ref());
                self.check_target_role(who, rule, &target.to, role)?;
            }
            _ => {}
        }
        let now = self.now;
        self.regions.entry(region.clone()).or_default().call(who, region, step, now)
    }

    fn tags_mut(&mut self, key: &ResourceKey) -> Result<&mut Tags, ProviderError> {
        if key.kind == Kind::Role {
            let role = self.roles.get_mut(&key.name).map(|role| &mut role.tags);
            let Some(Want::Exactly(tags)) = role else {
                return Err(missing("iam:TagRole", &key.name));
            };
            return Ok(tags);
        }
        let place = key.region().and_then(|region| self.regions.get_mut(region));
        let (found, operation) = match key.kind {
            Kind::Topic => (
                place.and_then(|p| p.topics.get_mut(&key.name)).map(|t| &mut t.tags),
                "sns:TagResource",
            ),
            Kind::Queue => (
                place.and_then(|p| p.queues.get_mut(&key.name)).map(|q| &mut q.tags),
                "sqs:TagQueue",
            ),
            Kind::StateMachine => {
                (place.and_then(|p| p.machine_tags_mut(&key.name)), "states:TagResource")
            }
            Kind::Rule => (
                place.and_then(|p| p.rules.get_mut(&key.name)).map(|r| &mut r.tags),
                "events:TagResource",
            ),
            Kind::Alarm => (
                place.and_then(|p| p.alarms.get_mut(&key.name)).map(|a| &mut a.tags),
                "cloudwatch:TagResource",
            ),
            Kind::Subscription | Kind::Target | Kind::Mute | Kind::Schedule | Kind::Role => {
                (None, "tag:TagResources")
            }
        };
        found.ok_or_else(|| missing(operation, &key.name))
    }

    fn subscribe(
        &mut self,
        who: &Identity,
        key: &ResourceKey,
        (protocol, endpoint): (Protocol, &str),
        filter: Option<&Filter>,
    ) -> Answer {
        self.counter += 1;
        let arn = key.arn(who).map(|arn| arn.to_string()).unwrap_or_default();
        let arn = format!("{arn}:00000000-0000-0000-0000-{:012}", self.counter);
        let place = key.region().and_then(|region| self.regions.get_mut(region));
        let topic = place
            .and_then(|place| place.topics.get_mut(&key.name))
            .ok_or_else(|| missing("sns:Subscribe", &key.name))?;
        let known = topic.subscriptions.iter().find(|s| {
            s.protocol == protocol
                && s.endpoint == endpoint
                && s.status != SubscriptionStatus::Deleted
        });
        let status = match known {
            // An endpoint that has confirmed keeps the filter that it has.
            Some(known) if filter.is_some() && known.filter.as_ref() != filter => {
                return Err(ProviderError::new(
                    ErrorClass::Invalid,
                    "sns:Subscribe",
                    endpoint,
                    "Invalid parameter: Attributes Reason: Subscription already exists with \
                     different attributes",
                ));
            }
            Some(known) => known.status,
            None => {
                let status = if protocol.asks_for_confirmation() {
                    SubscriptionStatus::Pending
                } else {
                    SubscriptionStatus::Confirmed
                };
                let endpoint = endpoint.to_owned();
                let arn = arn.clone();
                let authenticated = false;
                let filter = filter.cloned();
                let new =
                    LocalSubscription { protocol, endpoint, status, arn, authenticated, filter };
                topic.subscriptions.push(new);
                status
            }
        };
        if status == SubscriptionStatus::Pending {
            self.invite(key, who, protocol, endpoint, &arn);
        }
        Ok(match status {
            SubscriptionStatus::Pending => Done::AwaitsConfirmation,
            SubscriptionStatus::Confirmed | SubscriptionStatus::Deleted => Done::Complete,
        })
    }

    fn set_filter(&mut self, arn: &str, filter: Option<&Filter>) -> Answer {
        let topics = self.regions.values_mut().flat_map(|place| place.topics.values_mut());
        let mut all = topics.flat_map(|topic| &mut topic.subscriptions);
        let of_arn =
            |s: &&mut LocalSubscription| s.arn == arn && s.status == SubscriptionStatus::Confirmed;
        let found =
            all.find(of_arn).ok_or_else(|| missing("sns:SetSubscriptionAttributes", arn))?;
        found.filter = filter.cloned();
        Ok(Done::Complete)
    }

    fn unsubscribe(&mut self, arn: &str) -> Answer {
        for topic in self.regions.values_mut().flat_map(|place| place.topics.values_mut()) {
            let pending =
                |s: &LocalSubscription| s.arn == arn && s.status == SubscriptionStatus::Pending;
            if topic.subscriptions.iter().any(pending) {
                return Err(ProviderError::new(
                    ErrorClass::Invalid,
                    "sns:Unsubscribe",
                    arn,
                    "a subscription that nobody has confirmed cannot be deleted",
                ));
            }
            topic.subscriptions.retain(|s| s.arn != arn);
        }
        Ok(Done::Complete)
    }
}

impl Place {
    /// A call that changes things of one region alone.
    fn call(&mut self, who: &Identity, region: &Region, step: &Step, now: Timestamp) -> Answer {
        match step {
            Step::CreateTopic { name, attributes, tags } => {
                self.create_topic(who, region, name, attributes, tags)
            }
            Step::SetTopicAttribute { topic, attribute, value } => {
                let topic = self.topic(topic, "sns:SetTopicAttributes")?;
                topic.set(*attribute, value);
                Ok(Done::Complete)
            }
            Step::MergeTopicPolicy { topic, put, remove } => {
                let topic = self.topic(topic, "sns:SetTopicAttributes")?;
                topic.policy = topic.policy.merged(put, remove);
                Ok(Done::Complete)
            }
            Step::DeleteTopic { topic } => {
                self.topics.remove(&topic.name);
                Ok(Done::Complete)
            }
            Step::CreateQueue { name, attributes, policy, tags } => {
                self.create_queue(name, attributes, policy.as_ref(), tags)
            }
            Step::SetQueueAttributes { queue, attributes } => {
                self.set_queue(&queue.name, attributes)
            }
            Step::MergeQueuePolicy { queue, put, remove } => {
                let queue = self.queue(&queue.name, "sqs:SetQueueAttributes")?;
                queue.policy = queue.policy.merged(put, remove);
                Ok(Done::Complete)
            }
            Step::DeleteQueue { name } => {
                self.queues.remove(name);
                Ok(Done::Complete)
            }
            Step::CreateRule { name, rule, tags } => self.create_rule(name, rule, tags),
            Step::PutRule { name, rule } => self.put_rule(name, rule),
            Step::DeleteRule { name } => self.delete_rule(name),
            Step::PutTarget { rule, target } => self.put_target(rule, target),
            Step::RemoveTarget { rule, id } => {
                if let Some(rule) = self.rules.get_mut(rule) {
                    rule.targets.remove(id);
                }
                Ok(Done::Complete)
            }
            Step::PutAlarm { name, alarm, tags } => {
                self.put_alarm(name, alarm, tags.as_ref(), now);
                Ok(Done::Complete)
            }
            Step::DeleteAlarm { name } => {
                self.alarms.remove(name);
                Ok(Done::Complete)
            }
            Step::DisableRule { name } => {
                self.set_state("events:DisableRule", name, RuleState::Disabled)
            }
            Step::EnableRule { name } => {
                self.set_state("events:EnableRule", name, RuleState::Enabled)
            }
            Step::PutMute { name, mute, tags } => self.put_mute(name, mute, tags),
            Step::DeleteMute { name } => {
                self.mutes.remove(name);
                Ok(Done::Complete)
            }
            Step::DeleteSchedule { name } => {
                self.schedules.remove(name);
                Ok(Done::Complete)
            }
            Step::DeleteStateMachine { name } => {
                self.machines.remove(name);
                Ok(Done::Complete)
            }
            // Everything is known at once here.
            Step::Settle { .. }
            | Step::CreateStateMachine { .. }
            | Step::UpdateStateMachine { .. }
            | Step::Tag { .. }
            | Step::Untag { .. }
            | Step::Unsubscribe { .. }
            | Step::Subscribe { .. }
            | Step::SetFilter { .. }
            | Step::CreateRole { .. }
            | Step::SetRoleTrust { .. }
            | Step::PutRolePolicy { .. }
            | Step::DeleteRolePolicy { .. }
            | Step::DeleteRole { .. }
            | Step::CreateSchedule { .. } => Ok(Done::Complete),
        }
    }

    fn topic(
        &mut self,
        key: &ResourceKey,
        operation: &str,
    ) -> Result<&mut LocalTopic, ProviderError> {
        self.topics.get_mut(&key.name).ok_or_else(|| missing(operation, &key.name))
    }

    fn create_topic(
        &mut self,
        who: &Identity,
        region: &Region,
        name: &str,
        attributes: &[(TopicAttribute, String)],
        tags: &Tags,
    ) -> Answer {
        let arn = who.arn("sns", region, name);
        let mut new = LocalTopic {
            display_name: String::new(),
            kms_key: None,
            policy: default_policy(&arn),
            tags: tags.clone(),
            subscriptions: Vec::new(),
        };
        for (attribute, value) in attributes {
            new.set(*attribute, value);
        }
        let Some(there) = self.topics.get(name) else {
            self.topics.insert(name.to_owned(), new);
            return Ok(Done::Complete);
        };
        let differs = |what: &str| {
            Err(ProviderError::new(
                ErrorClass::Conflict,
                "sns:CreateTopic",
                name,
                format!(
                    "Invalid parameter: {what} Reason: Topic already exists with different {}",
                    what.to_lowercase()
                ),
            ))
        };
        // Only what the call names is compared.
        let named = |attribute: TopicAttribute| attributes.iter().any(|(at, _)| *at == attribute);
        if (named(TopicAttribute::DisplayName) && there.display_name != new.display_name)
            || (named(TopicAttribute::KmsMasterKeyId) && there.kms_key != new.kms_key)
        {
            return differs("Attributes");
        }
        if tags.iter().any(|(key, value)| there.tags.get(key) != Some(value)) {
            return differs("Tags");
        }
        Ok(Done::Complete)
    }

    fn create_rule(&mut self, name: &str, rule: &Rule, tags: &Tags) -> Answer {
        check_rule("events:PutRule", name, rule)?;
        if self.rules.contains_key(name) {
            return Err(ProviderError::new(
                ErrorClass::Conflict,
                "events:PutRule",
                name,
                "a rule of that name has appeared meanwhile",
            ));
        }
        let managed_by = Want::Exactly(rule.managed_by.value().cloned().flatten());
        let rule = Rule { tags: Want::Keep, managed_by, ..rule.clone() };
        let local = LocalRule { rule, tags: tags.clone(), targets: BTreeMap::default() };
        self.rules.insert(name.to_owned(), local);
        Ok(Done::Complete)
    }

    fn put_rule(&mut self, name: &str, rule: &Rule) -> Answer {
        check_rule("events:PutRule", name, rule)?;
        let rule = Rule { tags: Want::Keep, managed_by: Want::Exactly(None), ..rule.clone() };
        match self.rules.get_mut(name) {
            Some(there) if matches!(there.rule.managed_by.value(), Some(Some(_))) => {
                return Err(managed("events:PutRule", name));
            }
            Some(there) => there.rule = rule,
            None => {
                let local = LocalRule { rule, tags: Tags::new(), targets: BTreeMap::default() };
                self.rules.insert(name.to_owned(), local);
            }
        }
        Ok(Done::Complete)
    }

    fn delete_rule(&mut self, name: &str) -> Answer {
        match self.rules.get(name) {
            Some(rule) if !rule.targets.is_empty() => Err(ProviderError::new(
                ErrorClass::Invalid,
                "events:DeleteRule",
                name,
                "Rule can't be deleted since it has targets.",
            )),
            Some(rule) if matches!(rule.rule.managed_by.value(), Some(Some(_))) => {
                Err(managed("events:DeleteRule", name))
            }
            _ => {
                self.rules.remove(name);
                Ok(Done::Complete)
            }
        }
    }

    fn put_target(&mut self, rule: &str, target: &Target) -> Answer {
        const MOST_TARGETS: usize = 5;
        let Some(local) = self.rules.get_mut(rule) else {
            return Err(missing("events:PutTargets", rule));
        };
        if let Err(refused) = Transform::new(&target.input, &target.id) {
            return Err(ProviderError::new(
                ErrorClass::Invalid,
                "events:PutTargets",
                rule,
                refused.to_string(),
            ));
        }
        if local.targets.len() >= MOST_TARGETS && !local.targets.contains_key(&target.id) {
            return Err(ProviderError::new(
                ErrorClass::Invalid,
                "events:PutTargets",
                rule,
                "a rule has 5 targets at most",
            ));
        }
        local.targets.insert(target.id.clone(), target.clone());
        Ok(Done::Complete)
    }

    /// Replaces everything but the state; tags count only for a new alarm.
    fn put_alarm(&mut self, name: &str, alarm: &Alarm, tags: Option<&Tags>, now: Timestamp) {
        let there = self.alarms.get(name);
        let state =
            there.map_or(Want::Exactly(AlarmState::InsufficientData), |a| a.alarm.state.clone());
        let tags = there.map_or_else(|| tags.cloned().unwrap_or_default(), |a| a.tags.clone());
        let since = there.map_or_else(|| Some(now.to_string()), |there| there.since.clone());
        let held = there.and_then(|there| there.held.clone());
        let alarm = Alarm { state, tags: Want::Keep, ..alarm.clone() };
        self.alarms.insert(name.to_owned(), LocalAlarm { alarm, tags, since, held });
    }
}

impl LocalTopic {
    fn set(&mut self, attribute: TopicAttribute, value: &str) {
        match attribute {
            TopicAttribute::DisplayName => value.clone_into(&mut self.display_name),
            TopicAttribute::KmsMasterKeyId => {
                self.kms_key = (!value.is_empty()).then(|| value.to_owned());
            }
        }
    }
}

/// Refuses a pattern or schedule that EventBridge refuses, in its words.
fn check_rule(operation: &str, name: &str, rule: &Rule) -> Result<(), ProviderError> {
    let refused = |text: &str| Err(ProviderError::new(ErrorClass::Invalid, operation, name, text));
    if rule.schedule.as_deref().is_some_and(|text| Schedule::parse(text).is_err()) {
        return refused("Parameter ScheduleExpression is not valid.");
    }
    let Some(pattern) = &rule.pattern else {
        return match rule.schedule {
            Some(_) => Ok(()),
            None => refused("Parameter(s) EventPattern or ScheduleExpression must be specified."),
        };
    };
    match Pattern::parse(&pattern.0) {
        Ok(_) => Ok(()),
        Err(error) => {
            let text = error.service_text();
            Err(ProviderError::new(ErrorClass::Invalid, operation, name, text))
        }
    }
}

pub(super) fn missing(operation: &str, name: &str) -> ProviderError {
    ProviderError::new(ErrorClass::NotFound, operation, name, "it does not exist")
}

pub(super) fn managed(operation: &str, name: &str) -> ProviderError {
    ProviderError::new(ErrorClass::Invalid, operation, name, "an AWS service manages this rule")
}
