//! Alarm mute rules of CloudWatch.

use crate::cloudwatch::sdk_tags;
use crate::errors::{if_there, refused};
use crate::regional::{Regional, pages};
use aws_sdk_cloudwatch::types::builders::MuteTargetsBuilder;
use aws_sdk_cloudwatch::types::{MuteTargets, Rule, Schedule};
use notify_core::aws::{StackName, Tags};
use notify_core::provider::ProviderError;
use notify_core::state::{AlarmMute, ResourceKey};

/// The mute rules of a stack, by their names.
pub(crate) async fn mutes(
    at: &Regional,
    stack: &StackName,
) -> Result<Vec<(ResourceKey, AlarmMute)>, ProviderError> {
    const OPERATION: &str = "cloudwatch:ListAlarmMuteRules";
    let arns = pages(OPERATION, |token| async move {
        let request = at.clients.cloudwatch.list_alarm_mute_rules().set_next_token(token);
        let answer = at.call(OPERATION, &at.region, || request.send()).await?;
        let rules = answer.alarm_mute_rule_summaries.unwrap_or_default().into_iter();
        Ok((rules.filter_map(|rule| rule.alarm_mute_rule_arn).collect(), answer.next_token))
    });
    let found = arns.await?.into_iter().filter_map(|arn: String| {
        // Our names hold no colon.
        let (_, name) = arn.rsplit_once(':')?;
        let mute = AlarmMute::of_name(stack, name)?;
        Some((ResourceKey::mute(&at.region, name), mute))
    });
    Ok(found.collect())
}

/// Mutes alarms for a while.
pub(crate) async fn put(
    at: &Regional,
    key: &ResourceKey,
    mute: &AlarmMute,
    tags: &Tags,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "cloudwatch:PutAlarmMuteRule";
    let AlarmMute { description, alarms, from, until, tags: _ } = mute;
    let (Some(alarms), Some(from)) = (alarms.value(), from.value()) else {
        return Err(refused(OPERATION, key, "", "the mute names no alarms or no beginning"));
    };
    let schedule = Schedule::builder()
        .expression(from.timestamp().strftime("at(%Y-%m-%dT%H:%M)").to_string())
        .duration(format!("PT{}M", until.since(*from)))
        .timezone("UTC")
        .build();
    let targets = alarms.iter().fold(MuteTargets::builder(), MuteTargetsBuilder::alarm_names);
    let request = at
        .clients
        .cloudwatch
        .put_alarm_mute_rule()
        .name(&key.name)
        .set_description(description.value().cloned())
        .rule(Rule::builder().schedule(schedule).build())
        .mute_targets(targets.build())
        .set_tags(Some(sdk_tags(tags)));
    at.call(OPERATION, key, || request.send()).await?;
    Ok(())
}

/// Ends a mute, if it still is there.
pub(crate) async fn delete(at: &Regional, key: &ResourceKey) -> Result<(), ProviderError> {
    let request = at.clients.cloudwatch.delete_alarm_mute_rule().alarm_mute_rule_name(&key.name);
    if_there(at.call("cloudwatch:DeleteAlarmMuteRule", key, || request.send()).await)?;
    Ok(())
}
