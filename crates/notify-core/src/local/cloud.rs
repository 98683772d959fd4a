//! What a local cloud holds, and how it is observed.

use super::config::JudgedRule;
use super::counts::Count;
use super::emit::DeadLetter;
use super::keys::LocalKey;
use super::queues::LocalQueue;
use crate::aws::policy::Policy;
use crate::aws::{AlarmState, Filter, Protocol, Region, Tags, TopicName, tags};
use crate::mail::Mail;
use crate::state::{
    Alarm, AlarmMute, Kind, Reference, Resource, ResourceKey, Role, Rule, Schedule, Scope, State,
    StateMachine, Subscription, SubscriptionStatus, Target, Topic, Want,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything in a local cloud.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// By region.
    pub regions: BTreeMap<Region, Place>,
    /// IAM roles by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Role>,
    /// Makes the ids of subscriptions and messages.
    pub(super) counter: u64,
    /// Events that were lost on their way to a target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dead_letters: Vec<DeadLetter>,
    /// Mails that nobody has taken yet.
    #[serde(skip)]
    pub(super) mails: Vec<Mail>,
    /// What time it is.
    #[serde(skip)]
    pub(super) now: Timestamp,
}

/// Everything in one region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Topics by name.
    pub topics: BTreeMap<String, LocalTopic>,
    /// Queues by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub queues: BTreeMap<String, LocalQueue>,
    /// State machines by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub machines: BTreeMap<String, StateMachine>,
    /// Rules by name.
    pub rules: BTreeMap<String, LocalRule>,
    /// Alarms by name.
    pub alarms: BTreeMap<String, LocalAlarm>,
    /// Alarm mute rules by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mutes: BTreeMap<String, AlarmMute>,
    /// One-time schedules by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schedules: BTreeMap<String, Schedule>,
    /// Metric points, as documents that `aws cloudwatch put-metric-data` takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Value>,
    /// What events have told of Config rules, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config_rules: BTreeMap<String, JudgedRule>,
    /// KMS keys by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, LocalKey>,
    /// What EventBridge and SNS have measured of themselves, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) counts: Vec<Count>,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalTopic {
    /// The sender's name.
    pub display_name: String,
    /// The key that encrypts it.
    pub kms_key: Option<String>,
    /// Its policy.
    pub policy: Policy,
    /// Its tags.
    pub tags: Tags,
    /// Its subscriptions.
    pub subscriptions: Vec<LocalSubscription>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalSubscription {
    /// How messages travel.
    pub protocol: Protocol,
    /// Where to.
    pub endpoint: String,
    /// Whether its reader agreed.
    pub status: SubscriptionStatus,
    /// Its ARN, shown once it is confirmed.
    pub arn: String,
    /// Whether it was confirmed by a signed call, so that the link in its mails does not end it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub authenticated: bool,
    /// Which messages it takes; `None` takes all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

/// A rule with its targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalRule {
    /// All of it but its tags.
    pub rule: Rule,
    /// Its tags.
    pub tags: Tags,
    /// Its targets by id.
    pub targets: BTreeMap<String, Target>,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalAlarm {
    /// All of it but its tags.
    pub alarm: Alarm,
    /// Its tags.
    pub tags: Tags,
    /// Since when it has been in its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The change of its state whose actions a mute holds back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// A change of an alarm's state whose actions wait for the end of a mute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// When, in RFC 3339.
    pub at: String,
    /// The state before.
    pub from: AlarmState,
    /// The state after.
    pub to: AlarmState,
    /// Why, in CloudWatch's words.
    pub reason: String,
}

impl Cloud {
    pub(super) fn reader(&mut self, endpoint: &str, status: SubscriptionStatus) -> usize {
        let topics = self.regions.values_mut().flat_map(|place| place.topics.values_mut());
        let subscriptions = topics.flat_map(|topic| &mut topic.subscriptions);
        let mut changed = 0;
        for subscription in subscriptions.filter(|s| s.endpoint == endpoint && s.status != status) {
            // A link ends nothing that was confirmed with AuthenticateOnUnsubscribe.
            if status == SubscriptionStatus::Deleted && subscription.authenticated {
                continue;
            }
            subscription.status = status;
            changed += 1;
        }
        changed
    }

    pub(super) fn confirm(&mut self, endpoint: &str) {
        let topics = self.regions.values_mut().flat_map(|place| place.topics.values_mut());
        for subscription in topics.flat_map(|topic| &mut topic.subscriptions) {
            if subscription.endpoint == endpoint
                && subscription.status == SubscriptionStatus::Pending
            {
                subscription.status = SubscriptionStatus::Confirmed;
                subscription.authenticated = true;
            }
        }
    }

    pub(super) fn tags(&self, key: &ResourceKey) -> Option<&Tags> {
        if key.kind == Kind::Role {
            return self.roles.get(&key.name)?.tags.value();
        }
        let place = self.regions.get(key.region()?)?;
        match key.kind {
            Kind::Topic => place.topics.get(&key.name).map(|topic| &topic.tags),
            Kind::Queue => place.queues.get(&key.name).map(|queue| &queue.tags),
            Kind::StateMachine => place.machine_tags(&key.name),
            Kind::Rule => place.rules.get(&key.name).map(|rule| &rule.tags),
            Kind::Alarm => place.alarms.get(&key.name).map(|alarm| &alarm.tags),
            Kind::Mute => place.mutes.get(&key.name)?.tags.value(),
            Kind::Subscription | Kind::Target | Kind::Schedule | Kind::Role => None,
        }
    }

    pub(super) fn observe(&self, scope: &Scope) -> State {
        let mut state = State::new();
        for (region, wanted) in &scope.regions {
            let Some(place) = self.regions.get(region) else { continue };
            let is_ours = |tags: &Tags| {
                tags.get(tags::STACK).is_some_and(|stack| stack == scope.stack.as_str())
            };
            let mut topics: BTreeSet<TopicName> = wanted.topics.clone();
            for (name, topic) in &place.topics {
                if is_ours(&topic.tags) {
                    topics.extend(TopicName::parse(name));
                }
            }
            let references: Vec<Reference> = topics
                .iter()
                .map(|name| Reference::Key(ResourceKey::topic(region, name)))
                .collect();
            let mut machines: BTreeSet<Reference> = BTreeSet::new();
            for name in &topics {
                if let Some(topic) = place.topics.get(name.as_str()) {
                    let with_filters = scope.filters || tags::has_filters(&topic.tags);
                    let key = ResourceKey::topic(region, name);
                    see_topic(&mut state, &key, topic, with_filters);
                }
            }
            for (name, queue) in &place.queues {
                let by_name = wanted.queues.iter().any(|wanted| wanted.as_str() == name);
                if by_name || is_ours(&queue.tags) {
                    state.insert(
                        key(region, Kind::Queue, name.clone()),
                        Resource::Queue(queue.seen()),
                    );
                }
            }
            for (name, machine) in &place.machines {
                if wanted.machines.contains(name) || machine.tags.value().is_some_and(is_ours) {
                    machines.insert(Reference::Key(ResourceKey::state_machine(region, name)));
                    let at = key(region, Kind::StateMachine, name.clone());
                    state.insert(at, Resource::StateMachine(machine.clone()));
                }
            }
            for (name, rule) in &place.rules {
                let by_name = wanted.rules.iter().any(|wanted| wanted.as_str() == name);
                let by_target = rule
                    .targets
                    .values()
                    .any(|t| references.contains(&t.to) || machines.contains(&t.to));
                if by_name || by_target || is_ours(&rule.tags) {
                    see_rule(&mut state, region, name, rule);
                }
            }
            for (name, LocalAlarm { alarm, tags, since: _, held: _ }) in &place.alarms {
                let by_name = wanted.alarms.iter().any(|wanted| wanted.as_str() == name);
                let by_action =
                    [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions]
                        .into_iter()
                        .flatten()
                        .any(|action| references.contains(action));
                if by_name || by_action || (scope.thorough && is_ours(tags)) {
                    state.insert(
                        key(region, Kind::Alarm, name.clone()),
                        Resource::Alarm(Box::new(alarm.clone())),
                    );
                }
            }
        }
        state
    }
}

fn key(region: &Region, kind: Kind, name: String) -> ResourceKey {
    ResourceKey { place: crate::state::Place::Region(region.clone()), kind, name }
}

fn see_topic(state: &mut State, key: &ResourceKey, topic: &LocalTopic, with_filters: bool) {
    let LocalTopic { display_name, kms_key, policy, tags, subscriptions } = topic;
    for subscription in subscriptions {
        let LocalSubscription { protocol, endpoint, status, arn, authenticated: _, filter } =
            subscription;
        let is_read = with_filters && *status == SubscriptionStatus::Confirmed;
        let arn = (*status == SubscriptionStatus::Confirmed).then(|| arn.clone());
        let at = ResourceKey::subscription(key, *protocol, endpoint);
        let seen = Subscription {
            topic: key.clone(),
            protocol: *protocol,
            endpoint: endpoint.clone(),
            status: Want::Exactly(*status),
            arn: Want::Exactly(arn),
            filter: if is_read { Want::Exactly(filter.clone()) } else { Want::Keep },
        };
        // Who left and was invited again has two entries: the living one counts.
        match state.get(&at) {
            Some(Resource::Subscription(known)) if known.status.value() >= Some(status) => {}
            _ => {
                state.insert(at, Resource::Subscription(seen));
            }
        }
    }
    state.insert(
        key.clone(),
        Resource::Topic(Topic {
            display_name: Want::Exactly(display_name.clone()),
            kms_key: Want::Exactly(kms_key.clone()),
            policy: Want::Exactly(policy.clone()),
            tags: Want::Exactly(tags.clone()),
        }),
    );
}

fn see_rule(state: &mut State, region: &Region, name: &str, local: &LocalRule) {
    let LocalRule { rule, tags, targets } = local;
    for (id, target) in targets {
        let at = key(region, Kind::Target, format!("{name}/{id}"));
        state.insert(at, Resource::Target(target.clone()));
    }
    let rule = Rule { tags: Want::Exactly(tags.clone()), ..rule.clone() };
    state.insert(key(region, Kind::Rule, name.to_owned()), Resource::Rule(rule));
}
