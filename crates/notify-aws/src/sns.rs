//! Topics and their subscriptions.

use crate::errors::{if_there, unbuilt};
use crate::regional::{Regional, pages};
use aws_sdk_sns::Config;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::types::{MessageAttributeValue, Subscription as SdkSubscription, Tag};
use futures_util::future::try_join_all;
use notify_core::aws::policy::{Policy, default_policy, same_statement, sid_of};
use notify_core::aws::{Arn, Filter, Protocol, Tags, tags as tag_names};
use notify_core::mail::Notification;
use notify_core::plan::TopicAttribute;
use notify_core::provider::{Done, ErrorClass, ProviderError, Readers, SubscriptionFacts};
use notify_core::state::{ResourceKey, Subscription, SubscriptionStatus, Topic, Want};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::sleep;

const READ: &str = "sns:GetTopicAttributes";
const WRITE: &str = "sns:SetTopicAttributes";
const FILTER_POLICY: &str = "FilterPolicy";

/// How often a reader is invited at most, where nobody knows whether they were, and how long is
/// waited before the second time; twice as long before the third.
const TRIES: u32 = 3;
const WAIT: Duration = Duration::from_millis(500);

/// Reads a topic with all of its subscriptions; `None` where there is none.
pub(crate) async fn topic(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    with_filters: bool,
) -> Result<Option<(Topic, BTreeMap<ResourceKey, Subscription>)>, ProviderError> {
    let Some(attributes) = if_there(attributes(at, key, arn).await)? else { return Ok(None) };
    let rest = futures_util::try_join!(tags(at, key, arn), subscriptions(at, key, arn));
    let Some((tags, mut subscriptions)) = if_there(rest)? else { return Ok(None) };
    if with_filters || tag_names::has_filters(&tags) {
        read_filters(at, key, &mut subscriptions).await?;
    }
    let text = |name: &str| attributes.get(name).cloned().unwrap_or_default();
    let topic = Topic {
        display_name: Want::Exactly(text(TopicAttribute::DisplayName.as_str())),
        kms_key: Want::Exactly(attributes.get(TopicAttribute::KmsMasterKeyId.as_str()).cloned()),
        policy: Want::Exactly(policy(key, &attributes)?),
        tags: Want::Exactly(tags),
    };
    Ok(Some((topic, subscriptions)))
}

/// Counts a topic's subscriptions by what its attributes say; `None` where there is no topic.
pub(crate) async fn readers(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<Option<Readers>, ProviderError> {
    let Some(attributes) = if_there(attributes(at, key, arn).await)? else { return Ok(None) };
    let number = |name: &str| attributes.get(name).and_then(|n| n.parse().ok()).unwrap_or(0);
    Ok(Some(Readers {
        confirmed: number("SubscriptionsConfirmed"),
        pending: number("SubscriptionsPending"),
    }))
}

/// Publishes a message, and answers with its id.
pub(crate) async fn publish(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    notification: &Notification,
) -> Result<String, ProviderError> {
    const OPERATION: &str = "sns:Publish";
    let (message, is_json) = notification.message();
    let mut request = at
        .clients
        .sns
        .publish()
        .topic_arn(arn.to_string())
        .set_subject(notification.subject.clone())
        .message(message)
        .set_message_structure(is_json.then(|| "json".to_owned()));
    for (name, value) in &notification.attributes {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        let value = value.build().map_err(|error| unbuilt(OPERATION, key, error))?;
        request = request.message_attributes(name, value);
    }
    let answer = at.call(OPERATION, key, || request.send()).await?;
    Ok(answer.message_id.unwrap_or_default())
}

async fn attributes(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<HashMap<String, String>, ProviderError> {
    let request = at.clients.sns.get_topic_attributes().topic_arn(arn.to_string());
    let mut attributes =
        at.call(READ, key, || request.send()).await?.attributes.unwrap_or_default();
    attributes.retain(|_, value| !value.is_empty());
    Ok(attributes)
}

fn policy(
    key: &ResourceKey,
    attributes: &HashMap<String, String>,
) -> Result<Policy, ProviderError> {
    let Some(text) = attributes.get("Policy") else { return Ok(Policy::default()) };
    Policy::parse(text).map_err(|error| {
        let message = format!("the topic's policy: {error}");
        ProviderError::new(ErrorClass::Other, READ, key.to_string(), message)
    })
}

/// Reads a topic's tags.
pub(crate) async fn tags(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<Tags, ProviderError> {
    let request = at.clients.sns.list_tags_for_resource().resource_arn(arn.to_string());
    let answer = at.call("sns:ListTagsForResource", key, || request.send()).await?;
    Ok(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Lists a topic's subscriptions, the living entry of each endpoint.
pub(crate) async fn subscriptions(
    at: &Regional,
    topic: &ResourceKey,
    arn: &Arn,
) -> Result<BTreeMap<ResourceKey, Subscription>, ProviderError> {
    const OPERATION: &str = "sns:ListSubscriptionsByTopic";
    let list = pages(OPERATION, |token| async move {
        let request = at
            .clients
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(arn.to_string())
            .set_next_token(token);
        let answer = at.call(OPERATION, topic, || request.send()).await?;
        Ok((answer.subscriptions.unwrap_or_default(), answer.next_token))
    });
    let mut found: BTreeMap<ResourceKey, Subscription> = BTreeMap::new();
    for listed in list.await? {
        let Some(subscription) = subscription(topic, listed) else { continue };
        let key = ResourceKey::subscription(topic, subscription.protocol, &subscription.endpoint);
        // An endpoint that left and was invited again is listed twice: the live entry counts.
        let better =
            found.get(&key).is_none_or(|other| subscription.status.value() > other.status.value());
        if better {
            found.insert(key, subscription);
        }
    }
    Ok(found)
}

/// Reads which messages those take who have confirmed: of the others SNS tells no ARN.
async fn read_filters(
    at: &Regional,
    topic: &ResourceKey,
    subscriptions: &mut BTreeMap<ResourceKey, Subscription>,
) -> Result<(), ProviderError> {
    let each = subscriptions.values_mut().map(|subscription| async move {
        let arn = subscription.arn.value().and_then(Option::as_ref);
        let Some(arn) = arn else { return Ok(()) };
        if let Some(facts) = subscription_facts(at, topic, arn).await? {
            subscription.filter = Want::Exactly(facts.filter);
        }
        Ok(())
    });
    try_join_all(each).await?;
    Ok(())
}

/// Reads what a listing does not tell of a subscription; `None` where it is gone.
pub(crate) async fn subscription_facts(
    at: &Regional,
    topic: &ResourceKey,
    arn: &str,
) -> Result<Option<SubscriptionFacts>, ProviderError> {
    const OPERATION: &str = "sns:GetSubscriptionAttributes";
    let request = at.clients.sns.get_subscription_attributes().subscription_arn(arn);
    let Some(answer) = if_there(at.call(OPERATION, topic, || request.send()).await)? else {
        return Ok(None);
    };
    let attributes = answer.attributes.unwrap_or_default();
    let is = |name: &str, value: &str| {
        attributes.get(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    };
    let on_body = is("FilterPolicyScope", "MessageBody");
    Ok(Some(SubscriptionFacts {
        confirmed: !is("PendingConfirmation", "true"),
        confirmation_was_authenticated: is("ConfirmationWasAuthenticated", "true"),
        filter: attributes.get(FILTER_POLICY).and_then(|policy| Filter::parse(policy, on_body)),
    }))
}

/// SNS writes words where a subscription has no ARN. A protocol that did not exist when this was
/// written cannot be told of, and is passed over.
fn subscription(topic: &ResourceKey, listed: SdkSubscription) -> Option<Subscription> {
    let protocol = Protocol::parse(listed.protocol.as_deref().unwrap_or_default())?;
    let (status, arn) = match listed.subscription_arn.as_deref() {
        None | Some("" | "PendingConfirmation") => (SubscriptionStatus::Pending, None),
        Some("Deleted") => (SubscriptionStatus::Deleted, None),
        Some(arn) => (SubscriptionStatus::Confirmed, Some(arn.to_owned())),
    };
    Some(Subscription {
        topic: topic.clone(),
        protocol,
        endpoint: listed.endpoint.unwrap_or_default(),
        status: Want::Exactly(status),
        arn: Want::Exactly(arn),
        filter: Want::Keep,
    })
}

/// Makes a topic with everything in one call, so that none is ever without its tags.
pub(crate) async fn create_topic(
    at: &Regional,
    key: &ResourceKey,
    name: &str,
    attributes: &[(TopicAttribute, String)],
    tags: &Tags,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "sns:CreateTopic";
    let mut request = at.clients.sns.create_topic().name(name);
    for (attribute, value) in attributes {
        request = request.attributes(attribute.as_str(), value);
    }
    let tags = sdk_tags(OPERATION, key, tags)?;
    at.call(OPERATION, key, || request.set_tags(Some(tags)).send()).await?;
    Ok(())
}

/// Sets an attribute; an empty value unsets it.
pub(crate) async fn set_attribute(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    attribute: &str,
    value: &str,
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .sns
        .set_topic_attributes()
        .topic_arn(arn.to_string())
        .attribute_name(attribute)
        .attribute_value(value);
    at.call(WRITE, key, || request.send()).await?;
    Ok(())
}

/// Reads a topic's policy, puts statements in and takes others out, and writes it back if that
/// makes a difference.
pub(crate) async fn merge_policy(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    put: &[Value],
    remove: &[String],
) -> Result<(), ProviderError> {
    let there = policy(key, &attributes(at, key, arn).await?)?;
    let mut merged = there.merged(put, remove);
    let same = merged.statements().len() == there.statements().len()
        && put.iter().all(|new| {
            let old = sid_of(new).and_then(|sid| there.statement(sid));
            old.is_some_and(|old| same_statement(old, new))
        });
    if same {
        return Ok(());
    }
    if merged.statements().is_empty() {
        // SNS takes no policy without statements. Its own default is what a topic has that was
        // never given one.
        merged = default_policy(arn);
    }
    set_attribute(at, key, arn, "Policy", &merged.to_document()).await
}

/// Deletes a topic; SNS says yes, too, where there is none.
pub(crate) async fn delete_topic(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<(), ProviderError> {
    let request = at.clients.sns.delete_topic().topic_arn(arn.to_string());
    if_there(at.call("sns:DeleteTopic", key, || request.send()).await)?;
    Ok(())
}

/// Subscribes an endpoint.
///
/// Every `Subscribe` sends its reader a mail, so it is not simply tried again where its answer was
/// lost, as the SDK would: whoever is listed as a subscriber afterwards has been invited.
pub(crate) async fn subscribe(
    at: &Regional,
    key: &ResourceKey,
    topic: (&ResourceKey, &Arn),
    (protocol, endpoint): (Protocol, &str),
    filter: Option<&Filter>,
) -> Result<Done, ProviderError> {
    let mut wait = WAIT;
    for _ in 1..TRIES {
        match subscribe_once(at, key, topic.1, (protocol, endpoint), filter).await {
            Err(error) if error.class == ErrorClass::Throttled => {}
            Err(error) if error.class == ErrorClass::Other => {
                // Where that cannot be found out either, it stays with the first failure.
                let Ok(listed) = subscriptions(at, topic.0, topic.1).await else {
                    return Err(error);
                };
                match listed.get(key).and_then(|listed| listed.status.value()) {
                    Some(SubscriptionStatus::Confirmed) => return Ok(Done::Complete),
                    Some(SubscriptionStatus::Pending) => return Ok(Done::AwaitsConfirmation),
                    Some(SubscriptionStatus::Deleted) | None => {}
                }
            }
            answer => return answer,
        }
        sleep(wait).await;
        wait *= 2;
    }
    subscribe_once(at, key, topic.1, (protocol, endpoint), filter).await
}

/// The ARN is not asked for: SNS then answers in words where a confirmation is pending.
async fn subscribe_once(
    at: &Regional,
    key: &ResourceKey,
    topic: &Arn,
    (protocol, endpoint): (Protocol, &str),
    filter: Option<&Filter>,
) -> Result<Done, ProviderError> {
    let mut request = at
        .clients
        .sns
        .subscribe()
        .topic_arn(topic.to_string())
        .protocol(protocol.as_str())
        .endpoint(endpoint);
    if let Some(filter) = filter {
        request = request.attributes(FILTER_POLICY, filter.policy.to_string());
    }
    let request = request
        .customize()
        .config_override(Config::builder().retry_config(RetryConfig::disabled()));
    let answer = at.call("sns:Subscribe", key, || request.send()).await?;
    // Every answer of SNS has an ARN or a word in its place: without either it is none of SNS's.
    let Some(said) = answer.subscription_arn else {
        let message = "the answer cannot be read: it says nothing";
        return Err(ProviderError::new(
            ErrorClass::Other,
            "sns:Subscribe",
            key.to_string(),
            message,
        ));
    };
    let word = said.replace(' ', "");
    Ok(if word.eq_ignore_ascii_case("pendingconfirmation") {
        Done::AwaitsConfirmation
    } else {
        Done::Complete
    })
}

/// Sets which messages a subscription takes. SNS takes a filter off for an empty one.
pub(crate) async fn set_filter(
    at: &Regional,
    key: &ResourceKey,
    arn: &str,
    filter: Option<&Filter>,
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .sns
        .set_subscription_attributes()
        .subscription_arn(arn)
        .attribute_name(FILTER_POLICY)
        .attribute_value(filter.map_or_else(|| "{}".to_owned(), |f| f.policy.to_string()));
    at.call("sns:SetSubscriptionAttributes", key, || request.send()).await?;
    Ok(())
}

/// Ends a subscription, if there still is one.
pub(crate) async fn unsubscribe(
    at: &Regional,
    key: &ResourceKey,
    arn: &str,
) -> Result<(), ProviderError> {
    let request = at.clients.sns.unsubscribe().subscription_arn(arn);
    if_there(at.call("sns:Unsubscribe", key, || request.send()).await)?;
    Ok(())
}

/// Puts tags on a topic.
pub(crate) async fn tag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &Tags,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "sns:TagResource";
    let tags = sdk_tags(OPERATION, key, tags)?;
    let request = at.clients.sns.tag_resource().resource_arn(arn.to_string()).set_tags(Some(tags));
    at.call(OPERATION, key, || request.send()).await?;
    Ok(())
}

/// Takes tags off a topic.
pub(crate) async fn untag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &[String],
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .sns
        .untag_resource()
        .resource_arn(arn.to_string())
        .set_tag_keys(Some(tags.to_vec()));
    if_there(at.call("sns:UntagResource", key, || request.send()).await)?;
    Ok(())
}

fn sdk_tags(
    operation: &'static str,
    key: &ResourceKey,
    tags: &Tags,
) -> Result<Vec<Tag>, ProviderError> {
    tags.iter()
        .map(|(name, value)| Tag::builder().key(name).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| unbuilt(operation, key, error))
}
