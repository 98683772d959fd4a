//! State machines of Step Functions.

use crate::errors::if_there;
use crate::regional::Regional;
use aws_sdk_sfn::config::http::HttpResponse;
use aws_sdk_sfn::error::SdkError;
use aws_sdk_sfn::operation::create_state_machine::CreateStateMachineError;
use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::types::{StateMachineStatus, StateMachineType, Tag};
use notify_core::aws::{Arn, Identity, Tags};
use notify_core::provider::{ErrorClass, ProviderError};
use notify_core::state::{Reference, ResourceKey, StateMachine, Want};
use std::time::Duration;
use tokio::time::sleep;

/// How often it is tried until Step Functions sees a role that was made a moment ago, or has done
/// away with the former machine of a name, and how long is waited in between: a minute in all.
const TRIES: u32 = 31;
const WAIT: Duration = Duration::from_secs(2);

/// Reads a machine; `None` where there is none, or it is going.
pub(crate) async fn machine(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    who: &Identity,
) -> Result<Option<StateMachine>, ProviderError> {
    let Some(found) = describe(at, key, arn).await? else { return Ok(None) };
    let Some(tags) = if_there(tags(at, key, arn).await)? else { return Ok(None) };
    Ok(Some(StateMachine {
        definition: found.definition,
        role: Reference::from_arn(&found.role_arn, who),
        express: found.r#type == StateMachineType::Express,
        tags: Want::Exactly(tags),
    }))
}

async fn describe(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<Option<DescribeStateMachineOutput>, ProviderError> {
    let request = at.clients.states.describe_state_machine().state_machine_arn(arn.to_string());
    let found = at.call("states:DescribeStateMachine", key, || request.send()).await;
    // It is shown for a while after it was deleted.
    let is_going =
        |found: &DescribeStateMachineOutput| found.status == Some(StateMachineStatus::Deleting);
    Ok(if_there(found)?.filter(|found| !is_going(found)))
}

/// Reads a machine's tags.
pub(crate) async fn tags(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<Tags, ProviderError> {
    let request = at.clients.states.list_tags_for_resource().resource_arn(arn.to_string());
    let answer = at.call("states:ListTagsForResource", key, || request.send()).await?;
    let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
    Ok(answer.tags.unwrap_or_default().into_iter().filter_map(pair).collect())
}

/// Makes a machine that does not exist. `CreateStateMachine` would quietly take one that does for
/// its own if it does the same, so that is looked at first.
pub(crate) async fn create(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    machine: &StateMachine,
    tags: &Tags,
    who: &Identity,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "states:CreateStateMachine";
    if describe(at, key, arn).await?.is_some() {
        let message = "a state machine of this name was made meanwhile";
        return Err(ProviderError::new(ErrorClass::Conflict, OPERATION, key.to_string(), message));
    }
    let kind = if machine.express { StateMachineType::Express } else { StateMachineType::Standard };
    let request = at
        .clients
        .states
        .create_state_machine()
        .name(&key.name)
        .definition(&machine.definition)
        .role_arn(machine.role.to_arn(who))
        .r#type(kind)
        .set_tags(Some(sdk_tags(tags)));
    let mut tries = 1;
    loop {
        match at.call(OPERATION, key, || request.clone().send()).await {
            Err(error) if tries < TRIES && (is_about_the_role(&error) || is_going(&error)) => {
                sleep(WAIT).await;
            }
            answer => return answer.map(drop),
        }
        tries += 1;
    }
}

/// Writes what a machine does and in which role; its logs and everything else stay.
pub(crate) async fn update(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    machine: &StateMachine,
    who: &Identity,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "states:UpdateStateMachine";
    let request = at
        .clients
        .states
        .update_state_machine()
        .state_machine_arn(arn.to_string())
        .definition(&machine.definition)
        .role_arn(machine.role.to_arn(who));
    let mut tries = 1;
    loop {
        match at.call(OPERATION, key, || request.clone().send()).await {
            Err(error) if tries < TRIES && is_about_the_role(&error) => sleep(WAIT).await,
            answer => return answer.map(drop),
        }
        tries += 1;
    }
}

/// Step Functions says that it may not take a role on also where it does not see it yet.
fn is_about_the_role(error: &ProviderError) -> bool {
    error.class == ErrorClass::AccessDenied
        && error.message.contains("authorized to assume the provided role")
}

/// The former machine of the name is not gone yet.
fn is_going(error: &ProviderError) -> bool {
    let source = error.source.as_ref();
    let source = source.and_then(|source| {
        source.downcast_ref::<SdkError<CreateStateMachineError, HttpResponse>>()
    });
    source
        .and_then(SdkError::as_service_error)
        .is_some_and(CreateStateMachineError::is_state_machine_deleting)
}

/// Deletes a machine; AWS says yes, too, where there is none.
pub(crate) async fn delete(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<(), ProviderError> {
    let request = at.clients.states.delete_state_machine().state_machine_arn(arn.to_string());
    if_there(at.call("states:DeleteStateMachine", key, || request.send()).await)?;
    Ok(())
}

/// Puts tags on a machine.
pub(crate) async fn tag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &Tags,
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .states
        .tag_resource()
        .resource_arn(arn.to_string())
        .set_tags(Some(sdk_tags(tags)));
    at.call("states:TagResource", key, || request.send()).await?;
    Ok(())
}

/// Takes tags off a machine.
pub(crate) async fn untag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &[String],
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .states
        .untag_resource()
        .resource_arn(arn.to_string())
        .set_tag_keys(Some(tags.to_vec()));
    if_there(at.call("states:UntagResource", key, || request.send()).await)?;
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
