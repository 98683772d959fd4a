//! What carries a stack's tag.

use crate::regional::{Regional, pages};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use notify_core::aws::{AlarmName, Arn, QueueName, RuleName, StackName, TopicName, tags};
use notify_core::provider::ProviderError;
use std::collections::BTreeSet;

const OPERATION: &str = "tag:GetResources";
/// The most that one page holds.
const A_PAGE: i32 = 100;

/// The names of what was found.
#[derive(Debug, Default)]
pub(crate) struct Tagged {
    pub(crate) topics: BTreeSet<TopicName>,
    pub(crate) queues: BTreeSet<QueueName>,
    pub(crate) machines: BTreeSet<String>,
    pub(crate) rules: BTreeSet<RuleName>,
    pub(crate) alarms: BTreeSet<AlarmName>,
}

/// Asks for all that carries the tag of `stack`; for alarms only if told so.
///
/// What was deleted a moment ago may still be listed: the answer says where to look, not what
/// exists.
pub(crate) async fn tagged(
    at: &Regional,
    stack: &StackName,
    with_alarms: bool,
) -> Result<Tagged, ProviderError> {
    let filter = TagFilter::builder().key(tags::STACK).values(stack.as_str()).build();
    // Queues and state machines are asked for whether the file names one or not: the call is made
    // anyway, and a queue that the file has dropped is found by nothing else.
    let mut kinds =
        ["sns", "sqs", "states:stateMachine", "events:rule"].map(str::to_owned).to_vec();
    if with_alarms {
        kinds.push("cloudwatch:alarm".to_owned());
    }
    let (filter, kinds) = (&filter, &kinds);
    let arns = pages(OPERATION, |token| async move {
        let request = at
            .clients
            .tagging
            .get_resources()
            .tag_filters(filter.clone())
            .set_resource_type_filters(Some(kinds.clone()))
            .resources_per_page(A_PAGE)
            .set_pagination_token(token);
        let answer = at.call(OPERATION, &at.region, || request.send()).await?;
        let list = answer.resource_tag_mapping_list.unwrap_or_default();
        Ok((list.into_iter().filter_map(|one| one.resource_arn).collect(), answer.pagination_token))
    });
    let mut found = Tagged::default();
    for arn in arns.await?.iter().filter_map(|text| text.parse::<Arn>().ok()) {
        found.add(&arn);
    }
    Ok(found)
}

impl Tagged {
    /// Takes in what can be ours: no FIFO topics and queues, whose names do not parse, and no rules of other
    /// buses, whose names hold a `/`.
    fn add(&mut self, arn: &Arn) {
        let resource = arn.resource.as_str();
        match arn.service.as_str() {
            "sns" => self.topics.extend(TopicName::parse(resource)),
            "sqs" => self.queues.extend(QueueName::parse(resource)),
            "states" => {
                let name = resource.strip_prefix("stateMachine:");
                self.machines.extend(name.filter(|name| !name.contains(':')).map(str::to_owned));
            }
            "events" => {
                let name = resource.strip_prefix("rule/").unwrap_or_default();
                self.rules.extend(RuleName::parse(name));
            }
            "cloudwatch" => {
                let name = resource.strip_prefix("alarm:").unwrap_or_default();
                self.alarms.extend(AlarmName::parse(name));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_ours_is_taken_in() {
        let mut found = Tagged::default();
        for arn in [
            "arn:aws:sns:eu-west-1:123456789012:topic",
            "arn:aws:sns:eu-west-1:123456789012:topic.fifo",
            "arn:aws:events:eu-west-1:123456789012:rule/rule",
            "arn:aws:events:eu-west-1:123456789012:rule/bus/rule",
            "arn:aws:events:eu-west-1:123456789012:event-bus/bus",
            "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:遮断:1",
            "arn:aws:cloudwatch:eu-west-1:123456789012:dashboard/x",
            "arn:aws:sqs:eu-west-1:123456789012:queue",
            "arn:aws:sqs:eu-west-1:123456789012:queue.fifo",
            "arn:aws:states:eu-west-1:123456789012:stateMachine:machine",
            "arn:aws:states:eu-west-1:123456789012:stateMachine:machine:1",
            "arn:aws:states:eu-west-1:123456789012:activity:a",
            "arn:aws:lambda:eu-west-1:123456789012:function",
        ] {
            found.add(&arn.parse().unwrap());
        }
        let Tagged { topics, queues, machines, rules, alarms } = found;
        assert_eq!(machines.iter().collect::<Vec<_>>(), ["machine"]);
        assert_eq!(topics.iter().map(TopicName::as_str).collect::<Vec<_>>(), ["topic"]);
        assert_eq!(queues.iter().map(QueueName::as_str).collect::<Vec<_>>(), ["queue"]);
        assert_eq!(rules.iter().map(RuleName::as_str).collect::<Vec<_>>(), ["rule"]);
        assert_eq!(alarms.iter().map(AlarmName::as_str).collect::<Vec<_>>(), ["遮断:1"]);
    }
}
