//! Carries out one change, step by step.

use crate::regional::Regional;
use crate::{cloudwatch, events, iam, mute, scheduler, sns, sqs, states};
use notify_core::aws::{Arn, Identity, Tags};
use notify_core::plan::{Change, MOST_SECONDS, Step};
use notify_core::provider::{Done, ErrorClass, ProviderError};
use notify_core::state::{Kind, ResourceKey};
use std::time::Duration;
use tokio::time::sleep;

/// Runs a change's steps in order, up to the first that fails. Whoever `settles` gives AWS the time
/// that it needs to learn of what was written.
pub(crate) async fn change(
    at: &Regional,
    change: &Change,
    who: &Identity,
    settles: bool,
) -> Result<Done, ProviderError> {
    let mut done = Done::Complete;
    for step in &change.steps {
        if let Step::Settle { seconds } = step {
            if settles {
                sleep(Duration::from_secs((*seconds).min(MOST_SECONDS).into())).await;
            }
            continue;
        }
        if run(at, &change.key, step, who).await? == Done::AwaitsConfirmation {
            done = Done::AwaitsConfirmation;
        }
    }
    Ok(done)
}

#[expect(clippy::too_many_lines, reason = "a table: one call for each step")]
async fn run(
    at: &Regional,
    key: &ResourceKey,
    step: &Step,
    who: &Identity,
) -> Result<Done, ProviderError> {
    match step {
        Step::CreateTopic { name, attributes, tags } => {
            sns::create_topic(at, key, name, attributes, tags).await?;
        }
        Step::SetTopicAttribute { topic, attribute, value } => {
            let arn = arn(topic, who)?;
            sns::set_attribute(at, topic, &arn, attribute.as_str(), value).await?;
        }
        Step::MergeTopicPolicy { topic, put, remove } => {
            sns::merge_policy(at, topic, &arn(topic, who)?, put, remove).await?;
        }
        Step::DeleteTopic { topic } => sns::delete_topic(at, topic, &arn(topic, who)?).await?,
        Step::Subscribe { topic, protocol, endpoint, filter } => {
            let there = (topic, &arn(topic, who)?);
            let reader = (*protocol, endpoint.as_str());
            return sns::subscribe(at, key, there, reader, filter.as_ref()).await;
        }
        Step::SetFilter { arn, filter } => {
            sns::set_filter(at, key, arn, filter.as_ref()).await?;
        }
        Step::Unsubscribe { arn } => sns::unsubscribe(at, key, arn).await?,
        Step::CreateQueue { name, attributes, policy, tags } => {
            let key = named(key, Kind::Queue, name);
            sqs::create_queue(at, &key, attributes, policy.as_ref(), tags).await?;
        }
        Step::SetQueueAttributes { queue, attributes } => {
            sqs::set_attributes(at, queue, attributes).await?;
        }
        Step::MergeQueuePolicy { queue, put, remove } => {
            sqs::merge_policy(at, queue, put, remove).await?;
        }
        Step::DeleteQueue { name } => {
            sqs::delete_queue(at, &named(key, Kind::Queue, name)).await?;
        }
        Step::CreateStateMachine { name, machine, tags } => {
            let key = named(key, Kind::StateMachine, name);
            states::create(at, &key, &arn(&key, who)?, machine, tags, who).await?;
        }
        Step::UpdateStateMachine { name, machine } => {
            let key = named(key, Kind::StateMachine, name);
            states::update(at, &key, &arn(&key, who)?, machine, who).await?;
        }
        Step::DeleteStateMachine { name } => {
            let key = named(key, Kind::StateMachine, name);
            states::delete(at, &key, &arn(&key, who)?).await?;
        }
        // Waiting is the caller's.
        Step::Settle { .. } => {}
        Step::CreateRule { name, rule, tags } => {
            events::create_rule(at, &named(key, Kind::Rule, name), rule, tags).await?;
        }
        Step::PutRule { name, rule } => {
            events::put_rule(at, &named(key, Kind::Rule, name), rule, None).await?;
        }
        Step::DeleteRule { name } => {
            events::delete_rule(at, &named(key, Kind::Rule, name)).await?;
        }
        Step::PutTarget { rule, target } => {
            events::put_target(at, key, rule, target, who).await?;
        }
        Step::RemoveTarget { rule, id } => events::remove_target(at, key, rule, id).await?,
        Step::PutAlarm { name, alarm, tags } => {
            let key = named(key, Kind::Alarm, name);
            cloudwatch::put_alarm(at, &key, alarm, tags.as_ref(), who).await?;
        }
        Step::DeleteAlarm { name } => {
            cloudwatch::delete_alarms(at, vec![name.clone()], key).await?;
        }
        Step::DisableRule { name } => {
            events::disable_rule(at, &named(key, Kind::Rule, name)).await?;
        }
        Step::EnableRule { name } => {
            events::enable_rule(at, &named(key, Kind::Rule, name)).await?;
        }
        Step::PutMute { name, mute, tags } => {
            mute::put(at, &named(key, Kind::Mute, name), mute, tags).await?;
        }
        Step::DeleteMute { name } => mute::delete(at, &named(key, Kind::Mute, name)).await?,
        Step::CreateSchedule { name, schedule } => {
            scheduler::create(at, &named(key, Kind::Schedule, name), schedule, who).await?;
        }
        Step::DeleteSchedule { name } => {
            scheduler::delete(at, &named(key, Kind::Schedule, name)).await?;
        }
        Step::CreateRole { name, description, trust, tags } => {
            iam::create(at, &ResourceKey::role(name), description, trust, tags).await?;
        }
        Step::SetRoleTrust { role, trust } => {
            iam::set_trust(at, &ResourceKey::role(role), trust).await?;
        }
        Step::PutRolePolicy { role, name, document } => {
            iam::put_policy(at, &ResourceKey::role(role), name, document).await?;
        }
        Step::DeleteRolePolicy { role, name } => {
            iam::delete_policy(at, &ResourceKey::role(role), name).await?;
        }
        Step::DeleteRole { name } => iam::delete(at, &ResourceKey::role(name)).await?,
        Step::Tag { key, tags } => tag(at, key, tags, who).await?,
        Step::Untag { key, tags } => untag(at, key, tags, who).await?,
    }
    Ok(Done::Complete)
}

/// The key of what a step names, which need not be what its change is about.
fn named(change: &ResourceKey, kind: Kind, name: &str) -> ResourceKey {
    ResourceKey { place: change.place.clone(), kind, name: name.to_owned() }
}

/// Reads the tags of whatever can carry any.
pub(crate) async fn tags(
    at: &Regional,
    key: &ResourceKey,
    who: &Identity,
) -> Result<Tags, ProviderError> {
    let arn = arn(key, who)?;
    match key.kind {
        Kind::Topic => sns::tags(at, key, &arn).await,
        Kind::Queue => sqs::tags(at, key).await,
        Kind::StateMachine => states::tags(at, key, &arn).await,
        Kind::Rule => events::tags(at, key, &arn).await,
        // A mute rule's tags are read as an alarm's are.
        Kind::Alarm | Kind::Mute => cloudwatch::tags(at, key, &arn).await,
        Kind::Role => iam::tags(at, key).await,
        Kind::Subscription | Kind::Target | Kind::Schedule => Err(untaggable(key)),
    }
}

async fn tag(
    at: &Regional,
    key: &ResourceKey,
    tags: &Tags,
    who: &Identity,
) -> Result<(), ProviderError> {
    let arn = arn(key, who)?;
    match key.kind {
        Kind::Topic => sns::tag(at, key, &arn, tags).await,
        Kind::Queue => sqs::tag(at, key, tags).await,
        Kind::StateMachine => states::tag(at, key, &arn, tags).await,
        Kind::Rule => events::tag(at, key, &arn, tags).await,
        Kind::Alarm | Kind::Mute => cloudwatch::tag(at, key, &arn, tags).await,
        Kind::Role => iam::tag(at, key, tags).await,
        Kind::Subscription | Kind::Target | Kind::Schedule => Err(untaggable(key)),
    }
}

async fn untag(
    at: &Regional,
    key: &ResourceKey,
    tags: &[String],
    who: &Identity,
) -> Result<(), ProviderError> {
    let arn = arn(key, who)?;
    match key.kind {
        Kind::Topic => sns::untag(at, key, &arn, tags).await,
        Kind::Queue => sqs::untag(at, key, tags).await,
        Kind::StateMachine => states::untag(at, key, &arn, tags).await,
        Kind::Rule => events::untag(at, key, &arn, tags).await,
        Kind::Alarm | Kind::Mute => cloudwatch::untag(at, key, &arn, tags).await,
        Kind::Role => iam::untag(at, key, tags).await,
        Kind::Subscription | Kind::Target | Kind::Schedule => Err(untaggable(key)),
    }
}

/// The ARN of whatever has one that follows from its key.
pub(crate) fn arn(key: &ResourceKey, who: &Identity) -> Result<Arn, ProviderError> {
    key.arn(who).ok_or_else(|| untaggable(key))
}

/// Subscriptions and targets have neither tags nor an ARN that follows from their key; schedules
/// have no tags.
fn untaggable(key: &ResourceKey) -> ProviderError {
    let message = format!("a {} can have no tags", key.kind);
    ProviderError::new(ErrorClass::Invalid, "", key.to_string(), message)
}
