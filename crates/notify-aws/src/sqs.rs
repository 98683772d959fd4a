//! Queues that hold what EventBridge could not deliver.

use crate::errors::if_there;
use crate::regional::Regional;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use notify_core::aws::Tags;
use notify_core::aws::policy::{Policy, same_statement, sid_of};
use notify_core::plan::QueueAttribute;
use notify_core::provider::{ErrorClass, ProviderError};
use notify_core::state::{Queue, ResourceKey, Want};
use serde_json::Value;
use std::collections::HashMap;

const READ: &str = "sqs:GetQueueAttributes";
const WRITE: &str = "sqs:SetQueueAttributes";

type Attributes = HashMap<Name, String>;

/// Reads a queue; `None` where there is none.
pub(crate) async fn queue(
    at: &Regional,
    key: &ResourceKey,
) -> Result<Option<Queue>, ProviderError> {
    let Some(url) = if_there(url(at, key).await)? else { return Ok(None) };
    let read = futures_util::try_join!(attributes(at, key, &url), tags_at(at, key, &url));
    let Some((attributes, tags)) = if_there(read)? else { return Ok(None) };
    let text = |name: &Name| attributes.get(name).map(String::as_str).unwrap_or_default();
    Ok(Some(Queue {
        retention: Want::Exactly(number(key, &Name::MessageRetentionPeriod, &attributes)?),
        // SQS leaves it out where nothing is encrypted.
        managed_encryption: Want::Exactly(text(&Name::SqsManagedSseEnabled) == "true"),
        policy: Want::Exactly(policy(key, &attributes)?),
        messages: text(&Name::ApproximateNumberOfMessages)
            .parse()
            .map_or(Want::Keep, Want::Exactly),
        tags: Want::Exactly(tags),
    }))
}

/// Every call but those that make and find a queue names it by its URL, which does not follow
/// from the queue's name.
pub(crate) async fn url(at: &Regional, key: &ResourceKey) -> Result<String, ProviderError> {
    const OPERATION: &str = "sqs:GetQueueUrl";
    let request = at.clients.sqs.get_queue_url().queue_name(&key.name);
    let answer = at.call(OPERATION, key, || request.send()).await?;
    answer.queue_url.ok_or_else(|| {
        ProviderError::new(ErrorClass::Other, OPERATION, key.to_string(), "AWS gave no URL")
    })
}

async fn attributes(
    at: &Regional,
    key: &ResourceKey,
    url: &str,
) -> Result<Attributes, ProviderError> {
    let request = at
        .clients
        .sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(Name::Policy)
        .attribute_names(Name::MessageRetentionPeriod)
        .attribute_names(Name::SqsManagedSseEnabled)
        .attribute_names(Name::ApproximateNumberOfMessages);
    let answer = at.call(READ, key, || request.send()).await?;
    Ok(answer.attributes.unwrap_or_default())
}

fn number(key: &ResourceKey, name: &Name, attributes: &Attributes) -> Result<u32, ProviderError> {
    let text = attributes.get(name).map(String::as_str).unwrap_or_default();
    text.parse().map_err(|_| {
        let message = format!("the queue's {name}: `{text}` is not a number");
        ProviderError::new(ErrorClass::Other, READ, key.to_string(), message)
    })
}

fn policy(key: &ResourceKey, attributes: &Attributes) -> Result<Policy, ProviderError> {
    let text = attributes.get(&Name::Policy).map(String::as_str).unwrap_or_default();
    if text.is_empty() {
        return Ok(Policy::default());
    }
    Policy::parse(text).map_err(|error| {
        let message = format!("the queue's policy: {error}");
        ProviderError::new(ErrorClass::Other, READ, key.to_string(), message)
    })
}

/// Reads a queue's tags.
pub(crate) async fn tags(at: &Regional, key: &ResourceKey) -> Result<Tags, ProviderError> {
    tags_at(at, key, &url(at, key).await?).await
}

async fn tags_at(at: &Regional, key: &ResourceKey, url: &str) -> Result<Tags, ProviderError> {
    let request = at.clients.sqs.list_queue_tags().queue_url(url);
    let answer = at.call("sqs:ListQueueTags", key, || request.send()).await?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}

/// Makes a queue that does not exist, with everything in one call, so that none is ever without
/// its tags. `CreateQueue` would quietly take over one with the same attributes, so that is looked
/// at first.
pub(crate) async fn create_queue(
    at: &Regional,
    key: &ResourceKey,
    given: &[(QueueAttribute, String)],
    policy: Option<&Policy>,
    tags: &Tags,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "sqs:CreateQueue";
    if if_there(url(at, key).await)?.is_some() {
        let message = "a queue of this name was made meanwhile";
        return Err(ProviderError::new(ErrorClass::Conflict, OPERATION, key.to_string(), message));
    }
    let mut attributes = sdk_attributes(given);
    if let Some(policy) = policy {
        attributes.insert(Name::Policy, policy.to_document());
    }
    let request = at
        .clients
        .sqs
        .create_queue()
        .queue_name(&key.name)
        .set_attributes(Some(attributes))
        .set_tags(Some(sdk_tags(tags)));
    at.call(OPERATION, key, || request.send()).await?;
    Ok(())
}

/// Sets attributes of a queue.
pub(crate) async fn set_attributes(
    at: &Regional,
    key: &ResourceKey,
    given: &[(QueueAttribute, String)],
) -> Result<(), ProviderError> {
    set(at, key, &url(at, key).await?, sdk_attributes(given)).await
}

async fn set(
    at: &Regional,
    key: &ResourceKey,
    url: &str,
    attributes: Attributes,
) -> Result<(), ProviderError> {
    let request =
        at.clients.sqs.set_queue_attributes().queue_url(url).set_attributes(Some(attributes));
    at.call(WRITE, key, || request.send()).await?;
    Ok(())
}

/// Reads a queue's policy, puts statements in and takes others out, and writes it back if that
/// makes a difference.
pub(crate) async fn merge_policy(
    at: &Regional,
    key: &ResourceKey,
    put: &[Value],
    remove: &[String],
) -> Result<(), ProviderError> {
    let url = url(at, key).await?;
    let there = policy(key, &attributes(at, key, &url).await?)?;
    let merged = there.merged(put, remove);
    let same = merged.statements().len() == there.statements().len()
        && put.iter().all(|new| {
            let old = sid_of(new).and_then(|sid| there.statement(sid));
            old.is_some_and(|old| same_statement(old, new))
        });
    if same {
        return Ok(());
    }
    // SQS takes no policy without statements; an empty text takes the policy away.
    let document = match merged.statements() {
        [] => String::new(),
        _ => merged.to_document(),
    };
    set(at, key, &url, HashMap::from([(Name::Policy, document)])).await
}

/// Deletes a queue with all that waits in it, if there still is one.
///
/// SQS takes up to a minute to do so, and makes none of the same name in that time.
pub(crate) async fn delete_queue(at: &Regional, key: &ResourceKey) -> Result<(), ProviderError> {
    let Some(url) = if_there(url(at, key).await)? else { return Ok(()) };
    let request = at.clients.sqs.delete_queue().queue_url(url);
    if_there(at.call("sqs:DeleteQueue", key, || request.send()).await)?;
    Ok(())
}

/// Puts tags on a queue.
pub(crate) async fn tag(
    at: &Regional,
    key: &ResourceKey,
    tags: &Tags,
) -> Result<(), ProviderError> {
    let url = url(at, key).await?;
    let request = at.clients.sqs.tag_queue().queue_url(url).set_tags(Some(sdk_tags(tags)));
    at.call("sqs:TagQueue", key, || request.send()).await?;
    Ok(())
}

/// Takes tags off a queue.
pub(crate) async fn untag(
    at: &Regional,
    key: &ResourceKey,
    tags: &[String],
) -> Result<(), ProviderError> {
    let Some(url) = if_there(url(at, key).await)? else { return Ok(()) };
    let request = at.clients.sqs.untag_queue().queue_url(url).set_tag_keys(Some(tags.to_vec()));
    if_there(at.call("sqs:UntagQueue", key, || request.send()).await)?;
    Ok(())
}

fn sdk_attributes(given: &[(QueueAttribute, String)]) -> Attributes {
    given
        .iter()
        .map(|(attribute, value)| {
            let name = match attribute {
                QueueAttribute::MessageRetentionPeriod => Name::MessageRetentionPeriod,
                QueueAttribute::SqsManagedSseEnabled => Name::SqsManagedSseEnabled,
            };
            (name, value.clone())
        })
        .collect()
}

fn sdk_tags(tags: &Tags) -> HashMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
