//! Trying the way to a person.

use crate::errors::{if_there, refused};
use crate::regional::{Regional, pages};
use aws_sdk_cloudwatch::types::{MetricAlarm, StateValue};
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use notify_core::aws::{
    AlarmState, Arn, Identity, Protocol, QueueName, RuleName, StackName, Token, tags,
};
use notify_core::provider::{AlarmNow, ErrorClass, EventEntry, ProviderError};
use notify_core::state::{Reference, ResourceKey, RuleState};
use std::time::Duration;

/// Confirms a subscription by a signed call: the link in its mails does not end it then.
///
/// Nothing of the request may be repeated in an error: whoever has the token can confirm.
pub(crate) async fn confirm(
    at: &Regional,
    key: &ResourceKey,
    topic: &Arn,
    token: &Token,
) -> Result<String, ProviderError> {
    const OPERATION: &str = "sns:ConfirmSubscription";
    let request = at
        .clients
        .sns
        .confirm_subscription()
        .topic_arn(topic.to_string())
        .token(token.secret())
        .authenticate_on_unsubscribe("true");
    let answer = at.call(OPERATION, key, || request.send()).await.map_err(|mut error| {
        // AWS has not been seen to repeat it; nothing says that it never does.
        error.message = error.message.replace(token.secret(), "(token)");
        error.source = None;
        error
    })?;
    Ok(answer.subscription_arn.unwrap_or_default())
}

/// The rules and queues of a stack that were made for a while.
pub(crate) async fn temporary(
    at: &Regional,
    stack: &StackName,
) -> Result<Vec<ResourceKey>, ProviderError> {
    const OPERATION: &str = "tag:GetResources";
    let filters = [
        TagFilter::builder().key(tags::STACK).values(stack.as_str()).build(),
        TagFilter::builder().key(tags::TEMPORARY).build(),
    ];
    let filters = &filters;
    let kinds = ["events:rule", "sqs"].map(str::to_owned);
    let kinds = &kinds;
    let arns = pages(OPERATION, |token| async move {
        let request = at
            .clients
            .tagging
            .get_resources()
            .set_tag_filters(Some(filters.to_vec()))
            .set_resource_type_filters(Some(kinds.to_vec()))
            .set_pagination_token(token);
        let answer = at.call(OPERATION, &at.region, || request.send()).await?;
        let list = answer.resource_tag_mapping_list.unwrap_or_default();
        Ok((list.into_iter().filter_map(|one| one.resource_arn).collect(), answer.pagination_token))
    });
    let key = |text: &String| {
        let arn: Arn = text.parse().ok()?;
        match arn.service.as_str() {
            "events" => {
                let name = RuleName::parse(arn.resource.strip_prefix("rule/")?).ok()?;
                Some(ResourceKey::rule(&at.region, &name))
            }
            "sqs" => Some(ResourceKey::queue(&at.region, &QueueName::parse(&arn.resource).ok()?)),
            _ => None,
        }
    };
    Ok(arns.await?.iter().filter_map(key).collect())
}

/// A rule's state.
pub(crate) async fn rule_state(
    at: &Regional,
    key: &ResourceKey,
) -> Result<Option<RuleState>, ProviderError> {
    let request = at.clients.events.describe_rule().name(&key.name);
    let found = if_there(at.call("events:DescribeRule", key, || request.send()).await)?;
    Ok(found.map(|found| crate::events::state(found.state.as_ref())))
}

/// Puts an event. It is tried once: after an answer that was lost, a second one would be a second
/// mail.
pub(crate) async fn put_event(at: &Regional, event: &EventEntry) -> Result<String, ProviderError> {
    const OPERATION: &str = "events:PutEvents";
    let EventEntry { source, detail_type, detail, resources, time } = event;
    let entry = PutEventsRequestEntry::builder()
        .source(source)
        .detail_type(detail_type)
        .detail(detail)
        .set_resources((!resources.is_empty()).then(|| resources.clone()))
        .set_time(time.map(|time| DateTime::from_secs(time.as_second())))
        .build();
    let once = aws_sdk_eventbridge::config::Builder::new().retry_config(RetryConfig::disabled());
    let request = at.clients.events.put_events().entries(entry).customize().config_override(once);
    let answer = at.call(OPERATION, source, || request.send()).await?;
    let entry = answer.entries.unwrap_or_default().into_iter().next();
    let entry = entry.ok_or_else(|| refused(OPERATION, source, "", ""))?;
    match (entry.event_id, entry.error_code) {
        (Some(id), None) if answer.failed_entry_count == 0 => Ok(id),
        (_, code) => {
            let (code, text) = (code.unwrap_or_default(), entry.error_message.unwrap_or_default());
            Err(refused(OPERATION, source, &code, &text))
        }
    }
}

/// An alarm as it is now.
pub(crate) async fn alarm_now(
    at: &Regional,
    key: &ResourceKey,
    who: &Identity,
) -> Result<Option<AlarmNow>, ProviderError> {
    let request = at.clients.cloudwatch.describe_alarms().alarm_names(&key.name);
    let answer = at.call("cloudwatch:DescribeAlarms", key, || request.send()).await?;
    let alarms = answer.metric_alarms.unwrap_or_default().into_iter();
    // A server may take the name for the beginning of one.
    let found = alarms.into_iter().find(|alarm| alarm.alarm_name.as_deref() == Some(&key.name));
    Ok(found.map(|alarm| {
        let MetricAlarm {
            state_value,
            state_reason,
            actions_enabled,
            alarm_actions,
            ok_actions,
            ..
        } = alarm;
        let to = |actions: Option<Vec<String>>| -> Vec<Reference> {
            actions.unwrap_or_default().iter().map(|arn| Reference::from_arn(arn, who)).collect()
        };
        AlarmNow {
            state: match state_value {
                Some(StateValue::Ok) => AlarmState::Ok,
                Some(StateValue::Alarm) => AlarmState::Alarm,
                _ => AlarmState::InsufficientData,
            },
            reason: state_reason.unwrap_or_default(),
            enabled: actions_enabled.unwrap_or(true),
            alarm_actions: to(alarm_actions),
            ok_actions: to(ok_actions),
        }
    }))
}

/// Sets an alarm's state.
pub(crate) async fn set_alarm_state(
    at: &Regional,
    key: &ResourceKey,
    to: AlarmState,
    reason: &str,
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .cloudwatch
        .set_alarm_state()
        .alarm_name(&key.name)
        .state_value(StateValue::from(to.as_str()))
        .state_reason(reason);
    at.call("cloudwatch:SetAlarmState", key, || request.send()).await?;
    Ok(())
}

/// Subscribes a queue to a topic. One of the same account needs no confirmation.
pub(crate) async fn listen(
    at: &Regional,
    key: &ResourceKey,
    topic: &Arn,
    queue: &Arn,
) -> Result<String, ProviderError> {
    const OPERATION: &str = "sns:Subscribe";
    let request = at
        .clients
        .sns
        .subscribe()
        .topic_arn(topic.to_string())
        .protocol(Protocol::Sqs.as_str())
        .endpoint(queue.to_string())
        .return_subscription_arn(true);
    let answer = at.call(OPERATION, key, || request.send()).await?;
    let arn = answer.subscription_arn.filter(|arn| arn.starts_with("arn:"));
    arn.ok_or_else(|| {
        let message = "AWS gave no ARN of the subscription";
        ProviderError::new(ErrorClass::Other, OPERATION, key.to_string(), message)
    })
}

/// Takes what a queue has, and waits for the first message; 20 seconds are the most that SQS waits.
pub(crate) async fn receive(
    at: &Regional,
    key: &ResourceKey,
    wait: Duration,
) -> Result<Vec<String>, ProviderError> {
    const LONGEST: i32 = 20;
    const A_CALL: i32 = 10;
    let url = crate::sqs::url(at, key).await?;
    let seconds = i32::try_from(wait.as_secs()).unwrap_or(LONGEST).clamp(0, LONGEST);
    let request = at
        .clients
        .sqs
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(A_CALL)
        // What an answer that is lost has shown must be seen by the next call.
        .visibility_timeout(0)
        .wait_time_seconds(seconds);
    let answer = at.call("sqs:ReceiveMessage", key, || request.send()).await?;
    let messages = answer.messages.unwrap_or_default();
    Ok(messages.into_iter().filter_map(|message| message.body).collect())
}
