//! What notices that a notification was lost, in one region.

use super::machine::tells;
use super::{
    Context, Desired, DesiredError, TARGET_ID, alarm_with, insert, subscribed, topic_with,
};
use crate::aws::policy::{Policy, alarms_statement, dead_letter_statement};
use crate::aws::{Identity, QueueName, Region, Tags, tags};
use crate::spec::{Fallback, Heartbeat, Spec, Watch};
use crate::state::{
    Delivery, Queue, Reference, Resource, ResourceKey, Rule, RuleState, State, Target, Want,
};

/// The longest that SQS keeps a message: fourteen days.
const RETENTION: u32 = 1_209_600;

/// Whether SQS encrypts the queue with a key of its own.
///
/// It does not: EventBridge's documentation says that a queue encrypted with an AWS owned key is
/// not supported as a target or dead-letter queue
/// ([targets](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html)), and SQS
/// switches that on for every queue that does not say otherwise. Whether the sentence holds for
/// SSE-SQS in practice is not known; without it nothing is lost a second time. Messages are on
/// their way under TLS all the same.
const MANAGED_ENCRYPTION: bool = false;

/// Adds the topic of the fallback, the queue, the alarms on both, and the heartbeat. The queue is also
/// there for a state machine that could not be started.
pub(super) fn watch(
    spec: &Spec,
    region: &Region,
    context: &Context,
    (topic_tags, has_machine): (&Tags, bool),
    made: &mut Desired,
) -> Result<(), DesiredError> {
    // The machine's own alarm comes with the machine.
    let Watch { dead_letter, failure_alarm, executions: _, heartbeat, fallback } = &spec.watch;
    let dead_letter = dead_letter.as_ref().filter(|queue| queue.everywhere || has_machine);
    if let Some(dead_letter) = dead_letter {
        let key = ResourceKey::queue(region, &dead_letter.queue);
        let queue = queue(spec, &dead_letter.queue, region, &context.identity);
        made.state.insert(key, Resource::Queue(queue));
    }
    if let Some(heartbeat) = heartbeat {
        add_heartbeat(spec, heartbeat, region, &mut made.state);
    }
    if let Some(fallback) = fallback {
        fallback_topic(fallback, region, context, topic_tags, made);
    }
    for alarm in dead_letter.into_iter().map(|queue| &queue.alarm).chain(failure_alarm) {
        let metric = alarm.metric.clone().unwrap_or_default();
        let resource = alarm_with(spec, alarm, tells(spec, region), metric);
        insert(made, region, alarm.name.as_str(), &alarm.name, resource)?;
    }
    Ok(())
}

fn fallback_topic(
    fallback: &Fallback,
    region: &Region,
    context: &Context,
    topic_tags: &Tags,
    made: &mut Desired,
) {
    let key = ResourceKey::topic(region, &fallback.topic.name);
    let arn = context.identity.arn("sns", region, fallback.topic.name.as_str());
    // Only alarms tell it anything.
    let policy = Policy::of([alarms_statement(&arn, &context.identity)]);
    let mut tags = topic_tags.clone();
    tags.insert(tags::FALLBACK.to_owned(), "true".to_owned());
    let topic = topic_with(&fallback.topic, policy, &tags);
    subscribed(&key, &fallback.subscriptions, &mut made.state);
    made.state.insert(key, Resource::Topic(topic));
}

/// How a target sends: in a role, where it needs one; what it cannot deliver goes to the stack's
/// queue, if it has one.
pub(super) fn delivery(
    spec: &Spec,
    dead_letter: bool,
    role: Option<Reference>,
    region: &Region,
) -> Want<Delivery> {
    match &spec.watch.dead_letter {
        Some(there) if dead_letter || role.is_some() => {
            let queue = Reference::Key(ResourceKey::queue(region, &there.queue));
            Want::Contains(Delivery { role, dead_letter: Some(queue), retry: None })
        }
        _ => Want::Unnamed(Delivery { role, ..Delivery::default() }),
    }
}

fn queue(spec: &Spec, name: &QueueName, region: &Region, who: &Identity) -> Queue {
    let arn = who.arn("sqs", region, name.as_str());
    Queue {
        retention: Want::Unnamed(RETENTION),
        managed_encryption: Want::Exactly(MANAGED_ENCRYPTION),
        policy: Want::Contains(Policy::of([dead_letter_statement(&arn, who, region)])),
        messages: Want::Keep,
        tags: Want::Contains(tags::ours(&spec.stack)),
    }
}

fn add_heartbeat(spec: &Spec, heartbeat: &Heartbeat, region: &Region, state: &mut State) {
    let Heartbeat { rule, description, schedule, input, dead_letter } = heartbeat;
    let key = ResourceKey::rule(region, rule);
    state.insert(
        ResourceKey::target(region, rule, TARGET_ID),
        Resource::Target(Target {
            rule: key.clone(),
            id: TARGET_ID.to_owned(),
            to: Reference::Key(ResourceKey::topic(region, &spec.topic.name)),
            input: input.clone(),
            delivery: delivery(spec, *dead_letter, None, region),
        }),
    );
    state.insert(
        key,
        Resource::Rule(Rule {
            description: description.clone(),
            pattern: None,
            schedule: Some(schedule.to_string()),
            role: None,
            state: Want::Exactly(RuleState::Enabled),
            managed_by: Want::Keep,
            tags: Want::Contains(tags::ours(&spec.stack)),
        }),
    );
}
