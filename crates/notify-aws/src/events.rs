//! Rules of the default event bus, and their targets.

use crate::errors::{if_there, refused, unbuilt};
use crate::regional::{Regional, pages};
use crate::target;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{RuleState as SdkState, Tag};
use notify_core::aws::{Arn, Identity, RuleName, Tags};
use notify_core::pattern::PatternText;
use notify_core::provider::{ErrorClass, ProviderError};
use notify_core::state::{ResourceKey, Rule, RuleState, Target, Want};
use std::future::Future;
use std::time::Duration;
use tokio::time::sleep;

/// How often a write is tried that met another one, and how long is waited before the second
/// time; twice as long before each further one.
const TRIES: u32 = 4;
const WAIT: Duration = Duration::from_millis(200);
/// The same for a target whose role was made a moment ago: a minute in all.
const ROLE_TRIES: u32 = 31;
const ROLE_WAIT: Duration = Duration::from_secs(2);

/// The names of the rules that have `to` as a target.
pub(crate) async fn rules_to(
    at: &Regional,
    key: &ResourceKey,
    to: &Arn,
) -> Result<Vec<RuleName>, ProviderError> {
    const OPERATION: &str = "events:ListRuleNamesByTarget";
    let names = pages(OPERATION, |token| async move {
        let request = at
            .clients
            .events
            .list_rule_names_by_target()
            .target_arn(to.to_string())
            .set_next_token(token);
        let answer = at.call(OPERATION, key, || request.send()).await?;
        Ok((answer.rule_names.unwrap_or_default(), answer.next_token))
    });
    Ok(names.await?.iter().filter_map(|name| RuleName::parse(name).ok()).collect())
}

/// Reads a rule with all of its targets; `None` where there is none.
pub(crate) async fn rule(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    who: &Identity,
) -> Result<Option<(Rule, Vec<Target>)>, ProviderError> {
    let Some(found) = describe(at, key).await? else { return Ok(None) };
    let rest = futures_util::try_join!(tags(at, key, arn), targets(at, key, who));
    let Some((tags, targets)) = if_there(rest)? else { return Ok(None) };
    let rule = Rule {
        description: found.description.unwrap_or_default(),
        pattern: said(found.event_pattern).map(PatternText),
        schedule: said(found.schedule_expression),
        role: said(found.role_arn),
        state: Want::Exactly(state(found.state.as_ref())),
        managed_by: Want::Exactly(said(found.managed_by)),
        tags: Want::Exactly(tags),
    };
    Ok(Some((rule, targets)))
}

/// A rule's state in our words.
pub(crate) fn state(found: Option<&SdkState>) -> RuleState {
    match found {
        Some(SdkState::Disabled) => RuleState::Disabled,
        Some(SdkState::EnabledWithAllCloudtrailManagementEvents) => {
            RuleState::EnabledWithAllCloudtrailManagementEvents
        }
        _ => RuleState::Enabled,
    }
}

fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

async fn describe(
    at: &Regional,
    key: &ResourceKey,
) -> Result<Option<DescribeRuleOutput>, ProviderError> {
    let request = at.clients.events.describe_rule().name(&key.name);
    if_there(at.call("events:DescribeRule", key, || request.send()).await)
}

async fn targets(
    at: &Regional,
    rule: &ResourceKey,
    who: &Identity,
) -> Result<Vec<Target>, ProviderError> {
    const OPERATION: &str = "events:ListTargetsByRule";
    let list = pages(OPERATION, |token| async move {
        let request =
            at.clients.events.list_targets_by_rule().rule(&rule.name).set_next_token(token);
        let answer = at.call(OPERATION, rule, || request.send()).await?;
        Ok((answer.targets.unwrap_or_default(), answer.next_token))
    });
    Ok(list.await?.into_iter().map(|there| target::read(rule, there, who)).collect())
}

/// Reads a rule's tags.
pub(crate) async fn tags(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<Tags, ProviderError> {
    let request = at.clients.events.list_tags_for_resource().resource_arn(arn.to_string());
    let answer = at.call("events:ListTagsForResource", key, || request.send()).await?;
    Ok(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Makes a rule that does not exist. `PutRule` would quietly take over one that does, so that is
/// looked at first.
pub(crate) async fn create_rule(
    at: &Regional,
    key: &ResourceKey,
    rule: &Rule,
    tags: &Tags,
) -> Result<(), ProviderError> {
    if describe(at, key).await?.is_some() {
        let message = "a rule of this name was made meanwhile";
        return Err(ProviderError::new(
            ErrorClass::Conflict,
            "events:PutRule",
            key.to_string(),
            message,
        ));
    }
    put_rule(at, key, rule, Some(tags)).await
}

/// Writes a rule as a whole: AWS clears what is left out. It takes tags only of a new rule.
pub(crate) async fn put_rule(
    at: &Regional,
    key: &ResourceKey,
    rule: &Rule,
    tags: Option<&Tags>,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "events:PutRule";
    let Rule { description, pattern, schedule, role, state, managed_by: _, tags: _ } = rule;
    let state = state.value().copied().unwrap_or(RuleState::Enabled);
    let request = at
        .clients
        .events
        .put_rule()
        .name(&key.name)
        .set_description(said(Some(description.clone())))
        .set_event_pattern(pattern.as_ref().map(|pattern| pattern.0.clone()))
        .set_schedule_expression(schedule.clone())
        .set_role_arn(role.clone())
        .state(SdkState::from(state.as_str()))
        .set_tags(tags.map(|tags| sdk_tags(OPERATION, key, tags)).transpose()?);
    again(|| at.call(OPERATION, key, || request.clone().send())).await?;
    Ok(())
}

/// Puts a rule to sleep; everything else about it stays.
pub(crate) async fn disable_rule(at: &Regional, key: &ResourceKey) -> Result<(), ProviderError> {
    let request = at.clients.events.disable_rule().name(&key.name);
    again(|| at.call("events:DisableRule", key, || request.clone().send())).await?;
    Ok(())
}

/// Wakes a rule; everything else about it stays.
pub(crate) async fn enable_rule(at: &Regional, key: &ResourceKey) -> Result<(), ProviderError> {
    let request = at.clients.events.enable_rule().name(&key.name);
    again(|| at.call("events:EnableRule", key, || request.clone().send())).await?;
    Ok(())
}

/// Deletes a rule; AWS says yes, too, where there is none.
pub(crate) async fn delete_rule(at: &Regional, key: &ResourceKey) -> Result<(), ProviderError> {
    let request = at.clients.events.delete_rule().name(&key.name);
    let gone = again(|| at.call("events:DeleteRule", key, || request.clone().send())).await;
    if_there(gone)?;
    Ok(())
}

/// Adds a target or replaces the one of its id.
pub(crate) async fn put_target(
    at: &Regional,
    key: &ResourceKey,
    rule: &str,
    target: &Target,
    who: &Identity,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "events:PutTargets";
    let target = target::write(target, who).map_err(|error| unbuilt(OPERATION, key, error))?;
    let has_role = target.role_arn.is_some();
    let request = &at.clients.events.put_targets().rule(rule).targets(target);
    let put = || {
        again(|| async move {
            let answer = at.call(OPERATION, key, || request.clone().send()).await?;
            let entry = answer.failed_entries().first();
            let entry = entry.map(|entry| (entry.error_code(), entry.error_message()));
            entries(OPERATION, key, answer.failed_entry_count, entry)
        })
    };
    let mut tries = 1;
    loop {
        match put().await {
            Err(error) if has_role && tries < ROLE_TRIES && is_about_the_role(&error) => {
                sleep(ROLE_WAIT).await;
            }
            answer => return answer,
        }
        tries += 1;
    }
}

/// EventBridge says that it may not take a role on also where it does not see it yet.
fn is_about_the_role(error: &ProviderError) -> bool {
    error.message.contains("cannot be assumed by principal")
}

/// Removes a target, if it still is there.
pub(crate) async fn remove_target(
    at: &Regional,
    key: &ResourceKey,
    rule: &str,
    id: &str,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "events:RemoveTargets";
    let request = &at.clients.events.remove_targets().rule(rule).ids(id);
    let gone = again(|| async move {
        let answer = at.call(OPERATION, key, || request.clone().send()).await?;
        let entry = answer.failed_entries().first();
        let entry = entry.map(|entry| (entry.error_code(), entry.error_message()));
        entries(OPERATION, key, answer.failed_entry_count, entry)
    });
    if_there(gone.await)?;
    Ok(())
}

/// Targets can be refused one by one in an answer that is a success as a whole.
fn entries(
    operation: &'static str,
    key: &ResourceKey,
    failed: i32,
    first: Option<(Option<&str>, Option<&str>)>,
) -> Result<(), ProviderError> {
    match (failed, first) {
        (0, None) => Ok(()),
        (_, first) => {
            let (code, text) = first.unwrap_or_default();
            Err(refused(operation, key, code.unwrap_or_default(), text.unwrap_or_default()))
        }
    }
}

/// Tries a write again that met another one at the same rule.
async fn again<T, F>(mut write: impl FnMut() -> F) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>>,
{
    let mut wait = WAIT;
    for _ in 1..TRIES {
        match write().await {
            Err(error) if error.class == ErrorClass::Conflict => sleep(wait).await,
            answer => return answer,
        }
        wait *= 2;
    }
    write().await
}

/// Puts tags on a rule.
pub(crate) async fn tag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &Tags,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "events:TagResource";
    let tags = sdk_tags(OPERATION, key, tags)?;
    let request =
        at.clients.events.tag_resource().resource_arn(arn.to_string()).set_tags(Some(tags));
    again(|| at.call(OPERATION, key, || request.clone().send())).await?;
    Ok(())
}

/// Takes tags off a rule.
pub(crate) async fn untag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &[String],
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .events
        .untag_resource()
        .resource_arn(arn.to_string())
        .set_tag_keys(Some(tags.to_vec()));
    let gone = again(|| at.call("events:UntagResource", key, || request.clone().send())).await;
    if_there(gone)?;
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
