//! What differs between two resources, field by field.

use super::FieldChange;
use crate::aws::Filter;
use crate::aws::policy::{PUBLISHER_SID, Policy, same_statement, sid_of};
use crate::state::{
    Alarm, AlarmMute, Delivery, Queue, Reference, Resource, Retry, Role, Rule, Schedule,
    StateMachine, Subscription, Target, Topic, Want,
};
use crate::transform::Input;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What `wanted` becomes on top of what is there: fields that may differ take the value that is
/// there, merged or kept as each says.
pub(super) fn settle(wanted: &Resource, there: Option<&Resource>, adopted: bool) -> Resource {
    match (wanted, there) {
        (Resource::Topic(wanted), there) => {
            let Topic { display_name, kms_key, policy, tags } = wanted;
            let there = match there {
                Some(Resource::Topic(topic)) => Some(topic),
                _ => None,
            };
            Resource::Topic(Topic {
                display_name: display_name.settle(there.map(|t| &t.display_name), adopted, replace),
                kms_key: kms_key.settle(there.map(|t| &t.kms_key), adopted, replace),
                policy: policy.settle(there.map(|t| &t.policy), adopted, with_ours),
                tags: tags.settle(there.map(|t| &t.tags), adopted, both),
            })
        }
        (Resource::Subscription(wanted), there) => {
            let Subscription { topic, protocol, endpoint, status, arn, filter } = wanted;
            let there = match there {
                Some(Resource::Subscription(subscription)) => Some(subscription),
                _ => None,
            };
            Resource::Subscription(Subscription {
                topic: topic.clone(),
                protocol: *protocol,
                endpoint: endpoint.clone(),
                status: status.settle(there.map(|s| &s.status), adopted, replace),
                arn: arn.settle(there.map(|s| &s.arn), adopted, replace),
                filter: filter.settle(there.map(|s| &s.filter), adopted, replace),
            })
        }
        (Resource::Queue(wanted), there) => {
            let Queue { retention, managed_encryption, policy, messages, tags } = wanted;
            let there = match there {
                Some(Resource::Queue(queue)) => Some(queue),
                _ => None,
            };
            Resource::Queue(Queue {
                retention: retention.settle(there.map(|q| &q.retention), adopted, replace),
                managed_encryption: managed_encryption.settle(
                    there.map(|q| &q.managed_encryption),
                    adopted,
                    replace,
                ),
                policy: policy.settle(there.map(|q| &q.policy), adopted, with_ours),
                messages: messages.settle(there.map(|q| &q.messages), adopted, replace),
                tags: tags.settle(there.map(|q| &q.tags), adopted, both),
            })
        }
        (Resource::StateMachine(wanted), there) => settle_machine(wanted, there, adopted),
        (Resource::Rule(wanted), there) => {
            let Rule { description, pattern, schedule, role, state, managed_by, tags } = wanted;
            let there = match there {
                Some(Resource::Rule(rule)) => Some(rule),
                _ => None,
            };
            Resource::Rule(Rule {
                description: description.clone(),
                pattern: pattern.clone(),
                schedule: schedule.clone(),
                role: role.clone(),
                state: state.settle(there.map(|r| &r.state), adopted, replace),
                managed_by: managed_by.settle(there.map(|r| &r.managed_by), adopted, replace),
                tags: tags.settle(there.map(|r| &r.tags), adopted, both),
            })
        }
        (Resource::Target(wanted), there) => {
            let Target { rule, id, to, input, delivery } = wanted;
            let there = match there {
                Some(Resource::Target(target)) => Some(target),
                _ => None,
            };
            Resource::Target(Target {
                rule: rule.clone(),
                id: id.clone(),
                to: to.clone(),
                input: input.clone(),
                delivery: delivery_of(delivery, there.map(|t| &t.delivery), adopted),
            })
        }
        (Resource::Alarm(wanted), there) => {
            let there = match there {
                Some(Resource::Alarm(alarm)) => Some(alarm),
                _ => None,
            };
            let mut alarm = wanted.clone();
            alarm.enabled = wanted.enabled.settle(there.map(|a| &a.enabled), adopted, replace);
            alarm.state = wanted.state.settle(there.map(|a| &a.state), adopted, replace);
            alarm.tags = wanted.tags.settle(there.map(|a| &a.tags), adopted, both);
            Resource::Alarm(alarm)
        }
        (Resource::Mute(wanted), there) => settle_mute(wanted, there, adopted),
        (Resource::Schedule(wanted), there) => settle_schedule(wanted, there, adopted),
        (Resource::Role(wanted), there) => settle_role(wanted, there, adopted),
    }
}

/// A policy with our statements in it; those that say the same already stay as they are. A
/// publisher that the file does not name any more is not let in any more.
fn with_ours(there: &Policy, ours: &Policy) -> Policy {
    let differs = |new: &&Value| {
        let old = sid_of(new).and_then(|sid| there.statement(sid));
        !old.is_some_and(|old| same_statement(old, new))
    };
    let put: Vec<Value> = ours.statements().iter().filter(differs).cloned().collect();
    let gone = publisher_sids(there).filter(|sid| ours.statement(sid).is_none());
    there.merged(&put, &gone.map(str::to_owned).collect::<Vec<_>>())
}

/// The `Sid`s of our statements that let other services in.
pub(super) fn publisher_sids(policy: &Policy) -> impl Iterator<Item = &str> {
    let sids = policy.statements().iter().filter_map(sid_of);
    sids.filter(|sid| sid.starts_with(PUBLISHER_SID))
}

/// A queue for what is lost, and the role that starts a state machine, are set on a target that was
/// made by hand, too; how that one is sent otherwise stays its maker's.
fn delivery_of(
    wanted: &Want<Delivery>,
    there: Option<&Want<Delivery>>,
    adopted: bool,
) -> Want<Delivery> {
    match wanted {
        Want::Contains(wanted) if !adopted => Want::Exactly(wanted.clone()),
        _ => wanted.settle(there, adopted, |there, wanted| Delivery {
            role: wanted.role.clone().or_else(|| there.role.clone()),
            dead_letter: wanted.dead_letter.clone(),
            retry: there.retry,
        }),
    }
}

fn settle_machine(wanted: &StateMachine, there: Option<&Resource>, adopted: bool) -> Resource {
    let StateMachine { definition, role, express, tags } = wanted;
    let there = match there {
        Some(Resource::StateMachine(machine)) => Some(machine),
        _ => None,
    };
    Resource::StateMachine(StateMachine {
        definition: definition.clone(),
        role: role.clone(),
        express: *express,
        tags: tags.settle(there.map(|m| &m.tags), adopted, both),
    })
}

fn settle_mute(wanted: &AlarmMute, there: Option<&Resource>, adopted: bool) -> Resource {
    let AlarmMute { description, alarms, from, until, tags } = wanted;
    let there = match there {
        Some(Resource::Mute(mute)) => Some(mute),
        _ => None,
    };
    Resource::Mute(AlarmMute {
        description: description.settle(there.map(|m| &m.description), adopted, replace),
        alarms: alarms.settle(there.map(|m| &m.alarms), adopted, replace),
        from: from.settle(there.map(|m| &m.from), adopted, replace),
        until: *until,
        tags: tags.settle(there.map(|m| &m.tags), adopted, both),
    })
}

fn settle_schedule(wanted: &Schedule, there: Option<&Resource>, adopted: bool) -> Resource {
    let Schedule { rule, role, at } = wanted;
    let there = match there {
        Some(Resource::Schedule(schedule)) => Some(schedule),
        _ => None,
    };
    Resource::Schedule(Schedule {
        rule: rule.settle(there.map(|s| &s.rule), adopted, replace),
        role: role.settle(there.map(|s| &s.role), adopted, replace),
        at: *at,
    })
}

fn settle_role(wanted: &Role, there: Option<&Resource>, adopted: bool) -> Resource {
    let Role { description, trust, policies, tags } = wanted;
    let there = match there {
        Some(Resource::Role(role)) => Some(role),
        _ => None,
    };
    Resource::Role(Role {
        description: there.map_or(description, |role| &role.description).clone(),
        trust: trust.clone(),
        policies: policies.clone(),
        tags: tags.settle(there.map(|r| &r.tags), adopted, both),
    })
}

fn replace<T: Clone>(_there: &T, wanted: &T) -> T {
    wanted.clone()
}

fn both(there: &crate::aws::Tags, wanted: &crate::aws::Tags) -> crate::aws::Tags {
    let mut both = there.clone();
    both.extend(wanted.clone());
    both
}

/// What has to change to get from `old` to `new`; without an old one, all that the new one has.
pub(super) fn compare(old: Option<&Resource>, new: &Resource) -> Vec<FieldChange> {
    let old = old.map(fields).unwrap_or_default();
    let new = fields(new);
    let paths: Vec<&String> =
        new.keys().chain(old.keys().filter(|path| !new.contains_key(*path))).collect();
    let mut differs: Vec<FieldChange> = paths
        .into_iter()
        .filter(|path| match (old.get(*path), new.get(*path)) {
            (Some(old), Some(new)) if path.starts_with("policy.") => !same_statement(old, new),
            (old, new) => old != new,
        })
        .map(|path| FieldChange {
            path: path.clone(),
            old: old.get(path).cloned(),
            new: new.get(path).cloned(),
        })
        .collect();
    // A plan keeps the fields of thousands of resources.
    differs.shrink_to_fit();
    differs
}

/// A resource as flat fields; what is empty is left out. Every struct is taken apart in full, so
/// that a new field forces a decision here.
pub(super) fn fields(resource: &Resource) -> BTreeMap<String, Value> {
    let mut out = Fields(BTreeMap::new());
    match resource {
        Resource::Topic(Topic { display_name, kms_key, policy, tags }) => {
            out.put("display_name", display_name.value());
            out.put("kms_key", kms_key.value());
            out.put_policy(policy);
            out.put_tags(tags);
        }
        Resource::Queue(Queue { retention, managed_encryption, policy, messages: _, tags }) => {
            out.put("retention", retention.value());
            out.put("managed_encryption", managed_encryption.value());
            out.put_policy(policy);
            out.put_tags(tags);
        }
        Resource::StateMachine(StateMachine { definition, role, express, tags }) => {
            out.put_definition(definition);
            out.put("role", Some(&role.to_string()));
            out.put("express", Some(express));
            out.put_tags(tags);
        }
        Resource::Subscription(subscription) => {
            let Subscription { topic, protocol, endpoint, status: _, arn: _, filter } =
                subscription;
            out.put("topic", Some(&topic.name));
            out.put("protocol", Some(protocol));
            out.put("endpoint", Some(endpoint));
            out.put("filter", filter.value().and_then(Option::as_ref).map(as_read).as_ref());
        }
        Resource::Rule(Rule {
            description,
            pattern,
            schedule,
            role,
            state,
            managed_by: _,
            tags,
        }) => {
            out.put("description", Some(description));
            out.put(
                "pattern",
                pattern.as_ref().map(crate::pattern::PatternText::to_value).as_ref(),
            );
            out.put("schedule", schedule.as_ref());
            out.put("role", role.as_ref());
            out.put("state", state.value());
            out.put_tags(tags);
        }
        Resource::Target(Target { rule: _, id, to, input, delivery }) => {
            out.put("id", Some(id));
            out.put("to", Some(&to.to_string()));
            match input {
                Input::Event => {}
                Input::Constant(text) => out.put("input", Some(text)),
                Input::Path(path) => out.put("input_path", Some(path)),
                Input::Transformer { paths, template } => {
                    for (name, path) in paths {
                        out.put(&format!("paths.{name}"), Some(path));
                    }
                    out.put("template", Some(template));
                }
            }
            if let Some(Delivery { role, dead_letter, retry }) = delivery.value() {
                let role = role.as_ref().map(ToString::to_string);
                out.put("delivery.role", role.as_ref());
                let dead_letter = dead_letter.as_ref().map(ToString::to_string);
                out.put("delivery.dead_letter", dead_letter.as_ref());
                if let Some(Retry { attempts, age }) = retry {
                    out.put("delivery.retry.attempts", attempts.as_ref());
                    out.put("delivery.retry.age", age.as_ref());
                }
            }
        }
        Resource::Alarm(alarm) => alarm_fields(alarm, &mut out),
        Resource::Mute(AlarmMute { description, alarms, from, until, tags }) => {
            out.put("description", description.value());
            out.put("alarms", alarms.value());
            out.put("from", from.value());
            out.put("until", Some(until));
            out.put_tags(tags);
        }
        Resource::Schedule(Schedule { rule, role, at }) => {
            out.put("rule", rule.value());
            out.put("role", role.value());
            out.put("at", Some(at));
        }
        Resource::Role(Role { description, trust, policies, tags }) => {
            out.put("description", Some(description));
            out.put("trust", Some(trust));
            for (name, document) in policies {
                out.put(&format!("policies.{name}"), Some(document));
            }
            out.put_tags(tags);
        }
    }
    out.0
}

fn alarm_fields(alarm: &Alarm, out: &mut Fields) {
    let Alarm {
        description,
        namespace,
        metric,
        dimensions,
        statistic,
        unit,
        period,
        evaluation_periods,
        datapoints_to_alarm,
        comparison,
        threshold,
        treat_missing_data,
        enabled,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        other,
        state: _,
        tags,
    } = alarm;
    out.put("description", Some(description));
    out.put("namespace", Some(namespace));
    out.put("metric", Some(metric));
    for (name, value) in dimensions.iter() {
        out.put(&format!("dimensions.{name}"), Some(&value));
    }
    out.put("statistic", Some(statistic));
    out.put("unit", unit.as_ref());
    out.put("period", Some(period));
    out.put("evaluation_periods", Some(evaluation_periods));
    // Unset means that all of them must breach.
    out.put("datapoints_to_alarm", Some(&datapoints_to_alarm.unwrap_or(*evaluation_periods)));
    out.put("comparison", Some(comparison.as_str()));
    out.put("threshold", Some(threshold));
    out.put("treat_missing_data", Some(treat_missing_data));
    out.put("enabled", enabled.value());
    out.put_references("alarm_actions", alarm_actions);
    out.put_references("ok_actions", ok_actions);
    out.put_references("insufficient_data_actions", insufficient_data_actions);
    for (name, value) in other {
        out.put(&format!("other.{name}"), Some(value));
    }
    out.put_tags(tags);
}

/// A filter as a plan shows it.
fn as_read(filter: &Filter) -> Value {
    let Filter { policy, on_body } = filter;
    if *on_body { json!({ "body": policy }) } else { policy.clone() }
}

struct Fields(BTreeMap<String, Value>);

impl Fields {
    fn put<T: Serialize + ?Sized>(&mut self, path: &str, value: Option<&T>) {
        let value = value.map_or(Value::Null, |value| json!(value));
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        if !empty {
            self.0.insert(path.to_owned(), value);
        }
    }

    /// What a state machine does, state by state: whoever has changed one message sees that one.
    fn put_definition(&mut self, text: &str) {
        let Ok(Value::Object(definition)) = serde_json::from_str(text) else {
            return self.put("definition", Some(text));
        };
        for (key, value) in definition {
            match value {
                Value::Object(states) if key == "States" => {
                    for (name, state) in states {
                        self.put(&format!("definition.{key}.{name}"), Some(&state));
                    }
                }
                value => self.put(&format!("definition.{key}"), Some(&value)),
            }
        }
    }

    fn put_references(&mut self, path: &str, references: &[Reference]) {
        let mut names: Vec<String> = references.iter().map(ToString::to_string).collect();
        names.sort();
        self.put(path, Some(&names));
    }

    fn put_policy(&mut self, policy: &Want<Policy>) {
        for statement in policy.value().map_or(&[][..], |policy| policy.statements()) {
            if let Some(sid) = sid_of(statement) {
                self.put(&format!("policy.{sid}"), Some(statement));
            }
        }
    }

    fn put_tags(&mut self, tags: &Want<crate::aws::Tags>) {
        for (key, value) in tags.value().into_iter().flatten() {
            self.put(&format!("tags.{key}"), Some(value));
        }
    }
}
