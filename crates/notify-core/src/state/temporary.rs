//! What a test makes for its own time, and how it is known when it was left behind.

use super::{Resource, Subscription};
use crate::aws::{Arn, Protocol, StackName, Tags, tags};

/// The value of [`tags::TEMPORARY`] on what `send` makes.
pub(crate) const BY_SEND: &str = "send";

/// What stands between a stack's name and the numbers, in the names of rules and queues.
pub(crate) const MARK: &str = "-send-";

/// How much of a stack's name fits into a queue's name of 80 characters, with two numbers.
const OF_A_QUEUE: usize = 57;

/// Whether something was made for a while by a test of this stack.
pub(crate) fn is_temporary(tags: &Tags, stack: &StackName) -> bool {
    let has = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
    has(tags::STACK, stack.as_str()) && has(tags::TEMPORARY, BY_SEND)
}

/// What all temporary queues of a stack begin with. A stack's name may have dots, a queue's may
/// not.
pub(crate) fn queue_prefix(stack: &StackName) -> String {
    let name = stack.as_str();
    format!("{}{MARK}", name.get(..OF_A_QUEUE).unwrap_or(name).replace('.', "-"))
}

/// Whether a subscription is that of a temporary queue: by the queue's name, since a subscription
/// has no tags and the queue may be gone.
pub(crate) fn is_listener(seen: &Subscription, stack: &StackName) -> bool {
    let digits = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Ok(queue) = seen.endpoint.parse::<Arn>() else { return false };
    let numbers = queue.resource.strip_prefix(&queue_prefix(stack));
    let numbers = numbers.and_then(|numbers| numbers.split_once('-'));
    seen.protocol == Protocol::Sqs
        && queue.service == "sqs"
        && seen.topic.region().is_some_and(|region| region.as_str() == queue.region)
        && numbers.is_some_and(|(number, run)| digits(number) && digits(run))
}

/// Whether a rule or a queue was made for a while by a test of this stack.
pub(crate) fn is_of_a_test(resource: &Resource, stack: &StackName) -> bool {
    match resource {
        Resource::Rule(_) | Resource::Queue(_) => {
            resource.tags().is_some_and(|tags| is_temporary(tags, stack))
        }
        Resource::Subscription(seen) => is_listener(seen, stack),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Region, TopicName};
    use crate::state::{ResourceKey, Want};

    #[test]
    fn only_this_stacks_tests_are_temporary() {
        let stack = StackName::parse("security").unwrap();
        assert!(is_temporary(&tags::temporary(&stack, BY_SEND), &stack));
        assert!(!is_temporary(&tags::temporary(&stack, "other"), &stack));
        assert!(!is_temporary(&tags::ours(&stack), &stack));
        let other = StackName::parse("others").unwrap();
        assert!(!is_temporary(&tags::temporary(&other, BY_SEND), &stack));
    }

    #[test]
    fn only_a_tests_queue_is_a_listener() {
        let stack = StackName::parse("my.shop").unwrap();
        let topic = ResourceKey::topic(&Region::us_east_1(), &TopicName::parse("alerts").unwrap());
        let check = |protocol, endpoint: &str, is: bool| {
            let (topic, endpoint) = (topic.clone(), endpoint.to_owned());
            let seen = Subscription {
                topic,
                protocol,
                endpoint,
                status: Want::Keep,
                arn: Want::Keep,
                filter: Want::Keep,
            };
            assert_eq!(is_listener(&seen, &stack), is, "{}", seen.endpoint);
        };
        let queue = |name: &str| format!("arn:aws:sqs:us-east-1:123456789012:{name}");
        let ours = queue("my-shop-send-0123abcd-00000001");
        check(Protocol::Sqs, &ours, true);
        check(Protocol::Email, &ours, false);
        check(Protocol::Sqs, &ours.replace("us-east-1", "us-east-2"), false);
        check(Protocol::Sqs, &ours.replace(":sqs:", ":sns:"), false);
        for name in [
            "my-shop-send-orders",
            "my-shop-send-0123abcd",
            "my-shop-send-0123abcd-orders",
            "my-shop-send-0123abcd-000000011",
            "my-shop-send-0123abc-00000001",
            "other-send-0123abcd-00000001",
            "my.shop-send-0123abcd-00000001",
        ] {
            check(Protocol::Sqs, &queue(name), false);
        }
        check(Protocol::Sqs, "my-shop-send-0123abcd-00000001", false);
    }
}
