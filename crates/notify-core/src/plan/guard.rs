//! What keeps a plan from doing harm: too many deletions, and a world that has moved.

use super::{Action, Change, Plan, diff};
use crate::state::{Kind, Reference, Resource, ResourceKey, State, SubscriptionStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// So many deletions need no permission.
const FREE_DELETES: usize = 3;

/// A plan deletes so much of a stack that it needs `--allow-deletes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// How many topics, queues, rules and alarms it would delete.
    pub deletes: usize,
    /// How many there are.
    pub of: usize,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { deletes, of } = self;
        write!(
            f,
            "this would delete {deletes} of the stack's {of} topics, queues, rules and alarms"
        )
    }
}

/// Whether the changes delete more than a third of a stack, and more than three things.
///
/// `of` counts what the stack has now, of the kinds that are counted.
pub(super) fn refuse<'a>(changes: impl Iterator<Item = &'a Change>, of: usize) -> Option<Refusal> {
    let counted = |c: &&Change| is_counted(c.key.kind);
    let deletes = changes.filter(|c| c.action == Action::Delete).filter(counted).count();
    (deletes > FREE_DELETES && deletes * 3 > of).then_some(Refusal { deletes, of })
}

/// Whether a kind is counted. Targets and subscriptions go with what they hang on, a state machine
/// with the rules that start it.
pub(super) fn is_counted(kind: Kind) -> bool {
    match kind {
        Kind::Topic | Kind::Queue | Kind::Rule | Kind::Alarm => true,
        Kind::Subscription
        | Kind::StateMachine
        | Kind::Target
        | Kind::Mute
        | Kind::Schedule
        | Kind::Role => false,
    }
}

/// Something that is not any more as a plan saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The resource.
    pub key: ResourceKey,
    /// What happened to it.
    pub what: String,
}

impl Plan {
    /// What has changed of all that the plan touches, since it was made. Tags that were not read
    /// are not compared, nor are states that change by themselves.
    pub fn moved(&self, now: &State) -> Vec<Moved> {
        let moved = self.seen.iter().filter_map(|(key, seen)| {
            let what = match (seen, now.get(key)) {
                (None, None) => return None,
                (None, Some(_)) => "it exists now".to_owned(),
                (Some(_), None) => "it is gone".to_owned(),
                (Some(seen), Some(now)) => {
                    let read = seen.tags().is_some() && now.tags().is_some();
                    let differs = diff::compare(Some(seen), now);
                    let paths: Vec<&str> = differs
                        .iter()
                        .map(|field| field.path.as_str())
                        .filter(|path| read || !path.starts_with("tags."))
                        .collect();
                    if paths.is_empty() {
                        return None;
                    }
                    format!("changed: {}", paths.join(", "))
                }
            };
            Some(Moved { key: key.clone(), what })
        });
        let going = self.changes().filter(|c| c.action == Action::Delete).map(|c| &c.key).collect();
        let new = hanging_on(&going, now).into_iter().filter(|key| !self.attached.contains(key));
        let new = new.map(|key| Moved { key, what: "it uses what would be deleted".to_owned() });
        moved.chain(new).collect()
    }
}

/// What hangs on the topics, queues, state machines and rules among `keys`: readers that have confirmed, targets, alarms.
pub(super) fn hanging_on(keys: &BTreeSet<&ResourceKey>, state: &State) -> BTreeSet<ResourceKey> {
    let is_going = |reference: &Reference| match reference {
        Reference::Key(key) => keys.contains(key),
        Reference::Arn(_) => false,
    };
    let hangs = |resource: &Resource| match resource {
        Resource::Subscription(subscription) => {
            subscription.status.value() == Some(&SubscriptionStatus::Confirmed)
                && keys.contains(&subscription.topic)
        }
        Resource::Target(target) => {
            let queue = target.delivery.value().and_then(|delivery| delivery.dead_letter.as_ref());
            keys.contains(&target.rule) || is_going(&target.to) || queue.is_some_and(is_going)
        }
        Resource::Alarm(alarm) => {
            [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions]
                .into_iter()
                .flatten()
                .any(is_going)
        }
        Resource::Topic(_)
        | Resource::Queue(_)
        | Resource::StateMachine(_)
        | Resource::Rule(_)
        | Resource::Mute(_)
        | Resource::Schedule(_)
        | Resource::Role(_) => false,
    };
    state.iter().filter(|(_, resource)| hangs(resource)).map(|(key, _)| key.clone()).collect()
}
