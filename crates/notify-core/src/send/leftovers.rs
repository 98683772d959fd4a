//! What a run that was killed has left behind.

use crate::aws::{Protocol, StackName};
use crate::plan::{Action, Change, Step};
use crate::state::{Kind, ResourceKey, Subscription, TARGET_ID, is_listener};

/// The change that removes a temporary rule or queue, whatever there still is of it; nothing for
/// other kinds.
pub(super) fn removal(key: &ResourceKey) -> Option<Change> {
    let name = key.name.clone();
    let steps = match key.kind {
        Kind::Rule => vec![
            Step::RemoveTarget { rule: name.clone(), id: TARGET_ID.to_owned() },
            Step::DeleteRule { name },
        ],
        Kind::Queue => vec![Step::DeleteQueue { name }],
        _ => return None,
    };
    Some(change(key, Action::Delete, steps))
}

/// The change that ends a temporary queue's subscription.
pub(super) fn end(topic: &ResourceKey, queue: &str, arn: &str) -> Change {
    let key = ResourceKey::subscription(topic, Protocol::Sqs, queue);
    change(&key, Action::Delete, vec![Step::Unsubscribe { arn: arn.to_owned() }])
}

pub(super) fn change(key: &ResourceKey, action: Action, steps: Vec<Step>) -> Change {
    Change {
        key: key.clone(),
        action,
        reason: "a test of notify-cli send".to_owned(),
        fields: Vec::new(),
        steps,
        needs: Vec::new(),
    }
}

/// The subscriptions of temporary queues on a topic, each with its ARN: also those whose queue is
/// gone already.
pub(super) fn listeners<'a>(
    stack: &StackName,
    there: &'a [Subscription],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let listening = there.iter().filter(move |seen| is_listener(seen, stack));
    listening.filter_map(|seen| Some((seen.endpoint.as_str(), seen.arn.value()?.as_deref()?)))
}
