//! Whether a plan does what it says: one that came from a file may have been edited.

use super::{Action, Change, MOST_SECONDS, Plan, Step};
use crate::state::{Kind, Resource, ResourceKey};

impl Plan {
    /// The first change with a step on another resource than its own, or one that deletes
    /// although the change does not say so.
    ///
    /// Plans that [`super::plan()`] makes have none.
    pub fn unsound(&self) -> Option<&Change> {
        self.changes().find(|change| !change.steps.iter().all(|step| self.says(change, step)))
    }

    /// The ARN that a subscription was seen with.
    fn arn_of(&self, key: &ResourceKey) -> Option<&String> {
        match self.seen.get(key) {
            Some(Some(Resource::Subscription(seen))) => seen.arn.value()?.as_ref(),
            _ => None,
        }
    }

    fn says(&self, change: &Change, step: &Step) -> bool {
        let key = &change.key;
        let named = |kind: Kind, name: &str| key.kind == kind && key.name == name;
        let deletes = change.action == Action::Delete;
        match step {
            Step::CreateTopic { name, .. } => named(Kind::Topic, name),
            Step::SetTopicAttribute { topic, .. } | Step::MergeTopicPolicy { topic, .. } => {
                topic == key
            }
            Step::DeleteTopic { topic } => deletes && topic == key,
            Step::CreateQueue { name, .. } => named(Kind::Queue, name),
            Step::SetQueueAttributes { queue, .. } | Step::MergeQueuePolicy { queue, .. } => {
                queue == key
            }
            Step::DeleteQueue { name } => deletes && named(Kind::Queue, name),
            Step::Subscribe { topic, protocol, endpoint, filter: _ } => {
                ResourceKey::subscription(topic, *protocol, endpoint) == *key
            }
            Step::Unsubscribe { arn } => deletes && self.arn_of(key) == Some(arn),
            Step::SetFilter { arn, filter: _ } => self.arn_of(key) == Some(arn),
            Step::CreateStateMachine { name, .. } | Step::UpdateStateMachine { name, .. } => {
                named(Kind::StateMachine, name)
            }
            Step::DeleteStateMachine { name } => deletes && named(Kind::StateMachine, name),
            Step::Settle { seconds } => *seconds <= MOST_SECONDS,
            Step::CreateRule { name, .. }
            | Step::PutRule { name, .. }
            | Step::DisableRule { name }
            | Step::EnableRule { name } => named(Kind::Rule, name),
            Step::DeleteRule { name } => deletes && named(Kind::Rule, name),
            Step::PutTarget { rule, target } => {
                named(Kind::Target, &format!("{rule}/{}", target.id))
            }
            Step::RemoveTarget { rule, id } => {
                deletes && named(Kind::Target, &format!("{rule}/{id}"))
            }
            Step::PutAlarm { name, .. } => named(Kind::Alarm, name),
            Step::DeleteAlarm { name } => deletes && named(Kind::Alarm, name),
            Step::PutMute { name, .. } => named(Kind::Mute, name),
            Step::DeleteMute { name } => deletes && named(Kind::Mute, name),
            Step::CreateSchedule { name, .. } => named(Kind::Schedule, name),
            Step::DeleteSchedule { name } => deletes && named(Kind::Schedule, name),
            Step::CreateRole { name: role, .. }
            | Step::SetRoleTrust { role, .. }
            | Step::PutRolePolicy { role, .. }
            | Step::DeleteRolePolicy { role, .. } => named(Kind::Role, role),
            Step::DeleteRole { name } => deletes && named(Kind::Role, name),
            Step::Tag { key: tagged, .. } | Step::Untag { key: tagged, .. } => tagged == key,
        }
    }
}
