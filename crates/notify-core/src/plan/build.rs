//! Turns a decision into a change: its fields for people, its steps for a provider.

use super::planner::Facts;
use super::{Action, Change, FieldChange, QueueAttribute, Step, TopicAttribute, machines};
use crate::aws::policy::{PUBLISHER_SID, Policy, sid_of};
use crate::aws::{Tags, tags};
use crate::state::{Delivery, Kind, Queue, Reference, Resource, ResourceKey};
use serde_json::Value;

pub(super) fn adopt(facts: &Facts<'_>, key: &ResourceKey) -> Change {
    let mut marks = tags::ours(facts.stack);
    marks.insert(tags::ADOPTED.to_owned(), "true".to_owned());
    if key.kind == Kind::Topic {
        marks.insert(tags::REGIONS.to_owned(), tags::from_regions(&facts.until_done));
        marks.extend(machines::mark(facts, key));
    }
    Change {
        key: key.clone(),
        action: Action::Adopt,
        reason: "its owner hands it over by --adopt".to_owned(),
        fields: tag_fields(None, &marks),
        steps: vec![Step::Tag { key: key.clone(), tags: marks }],
        needs: Vec::new(),
    }
}

pub(super) fn tag_fields(old: Option<&Tags>, new: &Tags) -> Vec<FieldChange> {
    new.iter()
        .map(|(key, value)| FieldChange {
            path: format!("tags.{key}"),
            old: old.and_then(|old| old.get(key)).map(|value| value.clone().into()),
            new: Some(value.clone().into()),
        })
        .collect()
}

pub(super) fn create(key: &ResourceKey, new: &Resource, fields: Vec<FieldChange>) -> Change {
    let name = key.name.clone();
    let tags = new.tags().cloned().unwrap_or_default();
    let steps = match new {
        Resource::Topic(topic) => {
            let display_name = topic.display_name.value().filter(|name| !name.is_empty());
            let attributes = [
                (TopicAttribute::DisplayName, display_name.cloned()),
                (TopicAttribute::KmsMasterKeyId, topic.kms_key.value().cloned().flatten()),
            ];
            let attributes = attributes.into_iter().filter_map(|(at, v)| v.map(|v| (at, v)));
            let put = topic.policy.value().map_or_else(Vec::new, |p| p.statements().to_vec());
            vec![
                Step::CreateTopic { name, attributes: attributes.collect(), tags },
                Step::MergeTopicPolicy { topic: key.clone(), put, remove: Vec::new() },
            ]
        }
        Resource::Queue(queue) => vec![Step::CreateQueue {
            name,
            attributes: attributes(queue, |_| true),
            policy: queue.policy.value().filter(|policy| !policy.statements().is_empty()).cloned(),
            tags,
        }],
        Resource::StateMachine(machine) => {
            vec![Step::CreateStateMachine { name, machine: machine.clone(), tags }]
        }
        Resource::Subscription(s) => vec![Step::Subscribe {
            topic: s.topic.clone(),
            protocol: s.protocol,
            endpoint: s.endpoint.clone(),
            filter: s.filter.value().cloned().flatten(),
        }],
        Resource::Rule(rule) => vec![Step::CreateRule { name, rule: rule.clone(), tags }],
        Resource::Target(target) => {
            vec![Step::PutTarget { rule: target.rule.name.clone(), target: target.clone() }]
        }
        Resource::Alarm(alarm) => {
            vec![Step::PutAlarm { name, alarm: alarm.clone(), tags: Some(tags) }]
        }
        Resource::Mute(mute) => vec![Step::PutMute { name, mute: mute.clone(), tags }],
        Resource::Schedule(schedule) => {
            vec![Step::CreateSchedule { name, schedule: schedule.clone() }]
        }
        Resource::Role(role) => {
            let made = Step::CreateRole {
                name: name.clone(),
                description: role.description.clone(),
                trust: role.trust.clone(),
                tags,
            };
            std::iter::once(made).chain(role.policies.iter().map(put_policy(&name))).collect()
        }
    };
    Change {
        key: key.clone(),
        action: Action::Create,
        reason: "it does not exist".to_owned(),
        fields,
        steps,
        needs: needs(new),
    }
}

pub(super) fn update(key: &ResourceKey, new: &Resource, fields: Vec<FieldChange>) -> Change {
    let name = key.name.clone();
    let tags = new.tags().cloned().unwrap_or_default();
    let steps = match new {
        Resource::Topic(topic) => {
            let changed = |path: &str| fields.iter().any(|field| field.path == path);
            let set = |attribute, value: Option<String>| Step::SetTopicAttribute {
                topic: key.clone(),
                attribute,
                value: value.unwrap_or_default(),
            };
            let mut steps = Vec::new();
            if changed("display_name") {
                let value = topic.display_name.value().cloned();
                steps.push(set(TopicAttribute::DisplayName, value));
            }
            if changed("kms_key") {
                let value = topic.kms_key.value().cloned().flatten();
                steps.push(set(TopicAttribute::KmsMasterKeyId, value));
            }
            let put = changed_statements(topic.policy.value(), &fields);
            let gone = fields.iter().filter(|field| field.new.is_none());
            let remove: Vec<String> = gone
                .filter_map(|field| field.path.strip_prefix("policy."))
                .filter(|sid| sid.starts_with(PUBLISHER_SID))
                .map(str::to_owned)
                .collect();
            if !put.is_empty() || !remove.is_empty() {
                steps.push(Step::MergeTopicPolicy { topic: key.clone(), put, remove });
            }
            steps
        }
        Resource::Queue(queue) => {
            let changed = |path: &str| fields.iter().any(|field| field.path == path);
            let attributes = attributes(queue, changed);
            let mut steps = Vec::new();
            if !attributes.is_empty() {
                steps.push(Step::SetQueueAttributes { queue: key.clone(), attributes });
            }
            let put = changed_statements(queue.policy.value(), &fields);
            if !put.is_empty() {
                steps.push(Step::MergeQueuePolicy { queue: key.clone(), put, remove: Vec::new() });
            }
            steps
        }
        Resource::StateMachine(machine) => {
            vec![Step::UpdateStateMachine { name, machine: machine.clone() }]
        }
        Resource::Subscription(reader) => {
            let filter = reader.filter.value().cloned().flatten();
            let arn = reader.arn.value().cloned().flatten();
            arn.into_iter().map(|arn| Step::SetFilter { arn, filter: filter.clone() }).collect()
        }
        // A schedule is never changed: another end is another schedule.
        Resource::Schedule(_) => Vec::new(),
        Resource::Rule(rule) => vec![Step::PutRule { name, rule: rule.clone() }],
        Resource::Target(target) => {
            vec![Step::PutTarget { rule: target.rule.name.clone(), target: target.clone() }]
        }
        Resource::Alarm(alarm) => vec![Step::PutAlarm { name, alarm: alarm.clone(), tags: None }],
        Resource::Mute(mute) => vec![Step::PutMute { name, mute: mute.clone(), tags }],
        Resource::Role(role) => {
            let changed = |path: &str| fields.iter().any(|field| field.path == path);
            let mut steps = Vec::new();
            if changed("trust") {
                steps.push(Step::SetRoleTrust { role: name.clone(), trust: role.trust.clone() });
            }
            let differs = |policy: &(&String, &Value)| changed(&format!("policies.{}", policy.0));
            steps.extend(role.policies.iter().filter(differs).map(put_policy(&name)));
            let gone = fields.iter().filter(|field| field.new.is_none());
            let gone = gone.filter_map(|field| field.path.strip_prefix("policies."));
            steps.extend(gone.map(|policy| Step::DeleteRolePolicy {
                role: name.clone(),
                name: policy.to_owned(),
            }));
            steps
        }
    };
    Change {
        key: key.clone(),
        action: Action::Update,
        reason: "it is not as the file says".to_owned(),
        fields,
        steps,
        needs: needs(new),
    }
}

/// The attributes of a queue that are known and, by the names of their fields, asked for.
fn attributes(queue: &Queue, is_asked: impl Fn(&str) -> bool) -> Vec<(QueueAttribute, String)> {
    let Queue { retention, managed_encryption, policy: _, messages: _, tags: _ } = queue;
    let retention = retention.value().map(u32::to_string).filter(|_| is_asked("retention"));
    let encrypted = managed_encryption.value().map(bool::to_string);
    let encrypted = encrypted.filter(|_| is_asked("managed_encryption"));
    let all = [
        (QueueAttribute::MessageRetentionPeriod, retention),
        (QueueAttribute::SqsManagedSseEnabled, encrypted),
    ];
    all.into_iter().filter_map(|(attribute, value)| Some((attribute, value?))).collect()
}

fn put_policy(role: &str) -> impl Fn((&String, &Value)) -> Step {
    move |(name, document)| Step::PutRolePolicy {
        role: role.to_owned(),
        name: name.clone(),
        document: document.clone(),
    }
}

pub(super) fn changed_statements(
    policy: Option<&Policy>,
    fields: &[FieldChange],
) -> Vec<serde_json::Value> {
    let changed = |statement: &&serde_json::Value| {
        sid_of(statement)
            .is_some_and(|sid| fields.iter().any(|field| field.path == format!("policy.{sid}")))
    };
    policy.map_or_else(Vec::new, |p| p.statements().iter().filter(changed).cloned().collect())
}

/// What a resource cannot work without.
pub(super) fn needs(resource: &Resource) -> Vec<ResourceKey> {
    let keys = |references: &[Reference]| -> Vec<ResourceKey> {
        let key = |reference: &Reference| match reference {
            Reference::Key(key) => Some(key.clone()),
            Reference::Arn(_) => None,
        };
        references.iter().filter_map(key).collect()
    };
    match resource {
        Resource::Topic(_)
        | Resource::Queue(_)
        | Resource::Rule(_)
        | Resource::Mute(_)
        | Resource::Schedule(_)
        | Resource::Role(_) => Vec::new(),
        Resource::Subscription(subscription) => vec![subscription.topic.clone()],
        Resource::Target(target) => {
            let mut needs = keys(std::slice::from_ref(&target.to));
            needs.push(target.rule.clone());
            if let Some(Delivery { role, dead_letter, retry: _ }) = target.delivery.value() {
                let also: Vec<Reference> =
                    [role, dead_letter].into_iter().flatten().cloned().collect();
                needs.extend(keys(&also));
            }
            needs
        }
        Resource::StateMachine(machine) => keys(std::slice::from_ref(&machine.role)),
        Resource::Alarm(alarm) => keys(&alarm.alarm_actions),
    }
}
