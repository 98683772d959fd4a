//! What a run that was killed has left behind.

use super::names::queue_prefix;
use crate::aws::{Identity, Protocol, StackName, Tags, tags};
use crate::plan::{Action, Change, Step};
use crate::state::{Kind, ResourceKey, Subscription, TARGET_ID};

/// The value of [`tags::TEMPORARY`] on what is made here.
pub const BY: &str = "send";

/// Whether something was made for a while by a test of this stack.
pub fn is_temporary(tags: &Tags, stack: &StackName) -> bool {
    let has = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
    has(tags::STACK, stack.as_str()) && has(tags::TEMPORARY, BY)
}

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
    who: &Identity,
    topic: &ResourceKey,
    stack: &StackName,
    there: &'a [Subscription],
) -> Vec<(&'a str, &'a str)> {
    let Some(region) = topic.region() else { return Vec::new() };
    let prefix = who.arn("sqs", region, &queue_prefix(stack)).to_string();
    let digits = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ours = |endpoint: &str| {
        let rest = endpoint.strip_prefix(&prefix).and_then(|rest| rest.split_once('-'));
        rest.is_some_and(|(number, run)| digits(number) && digits(run))
    };
    let listening = there.iter().filter(|s| s.protocol == Protocol::Sqs && ours(&s.endpoint));
    listening.filter_map(|s| Some((s.endpoint.as_str(), s.arn.value()?.as_deref()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Region, TopicName};
    use crate::state::{SubscriptionStatus, Want};

    #[test]
    fn only_this_stacks_tests_are_temporary() {
        let stack = StackName::parse("security").unwrap();
        assert!(is_temporary(&tags::temporary(&stack, BY), &stack));
        assert!(!is_temporary(&tags::temporary(&stack, "other"), &stack));
        assert!(!is_temporary(&tags::ours(&stack), &stack));
        let other = StackName::parse("others").unwrap();
        assert!(!is_temporary(&tags::temporary(&other, BY), &stack));
    }

    #[test]
    fn only_a_tests_queue_is_taken_off_a_topic() {
        let who = Identity::from_caller("123456789012", "arn:aws:iam::123456789012:root").unwrap();
        let stack = StackName::parse("security").unwrap();
        let topic = ResourceKey::topic(&Region::us_east_1(), &TopicName::parse("alerts").unwrap());
        let of = |protocol, endpoint: &str, arn: Option<&str>| Subscription {
            topic: topic.clone(),
            protocol,
            endpoint: endpoint.to_owned(),
            status: Want::Exactly(SubscriptionStatus::Confirmed),
            arn: Want::Exactly(arn.map(str::to_owned)),
        };
        let queue = |name: &str| format!("arn:aws:sqs:us-east-1:123456789012:{name}");
        let ours = queue("security-send-0123abcd-00000001");
        let there = [
            of(Protocol::Sqs, &ours, Some("arn:1")),
            of(Protocol::Sqs, &ours, None),
            of(Protocol::Email, &ours, Some("arn:2")),
            of(Protocol::Sqs, &queue("security-send-orders"), Some("arn:3")),
            of(Protocol::Sqs, &queue("security-send-0123abcd-orders"), Some("arn:4")),
            of(Protocol::Sqs, &queue("security-send-0123abcd"), Some("arn:5")),
            of(Protocol::Sqs, &queue("other-send-0123abcd-00000001"), Some("arn:6")),
            of(Protocol::Sqs, &ours.replace("123456789012", "111122223333"), Some("arn:7")),
        ];
        assert_eq!(listeners(&who, &topic, &stack, &there), [(ours.as_str(), "arn:1")]);
    }
}
