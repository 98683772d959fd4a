//! One-time schedules that enable a rule.

use crate::errors::{if_there, refused, unbuilt};
use crate::regional::{Regional, pages};
use aws_sdk_scheduler::operation::create_schedule::builders::CreateScheduleFluentBuilder;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, ScheduleState,
    Target,
};
use notify_core::aws::{Identity, StackName};
use notify_core::provider::{ErrorClass, ProviderError};
use notify_core::state::{ResourceKey, Schedule};
use std::time::Duration;
use tokio::time::sleep;

/// The target that makes one call of EventBridge's API
/// ([universal targets](https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html)).
const ENABLE_RULE: &str = "scheduler:::aws-sdk:eventbridge:enableRule";
/// As often and as long as Scheduler can: a rule must not sleep for ever
/// ([RetryPolicy](https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html)).
const ATTEMPTS: i32 = 185;
const SECONDS: i32 = 86_400;
/// How often it is tried until Scheduler sees a role that was made a moment ago, and how long is
/// waited in between: half a minute in all.
const TRIES: u32 = 16;
const WAIT: Duration = Duration::from_secs(2);

/// The schedules of a stack, by their names.
pub(crate) async fn schedules(
    at: &Regional,
    stack: &StackName,
) -> Result<Vec<(ResourceKey, Schedule)>, ProviderError> {
    const OPERATION: &str = "scheduler:ListSchedules";
    let prefix = &Schedule::prefix(stack);
    let names = pages(OPERATION, |token| async move {
        let request =
            at.clients.scheduler.list_schedules().name_prefix(prefix).set_next_token(token);
        let answer = at.call(OPERATION, &at.region, || request.send()).await?;
        let names = answer.schedules.into_iter().filter_map(|schedule| schedule.name);
        Ok((names.collect(), answer.next_token))
    });
    let found = names.await?.into_iter().filter_map(|name| {
        let schedule = Schedule::of_name(stack, &name)?;
        Some((ResourceKey::schedule(&at.region, &name), schedule))
    });
    Ok(found.collect())
}

/// Makes a schedule that does not exist. A role that was made a moment ago is not seen at once.
pub(crate) async fn create(
    at: &Regional,
    key: &ResourceKey,
    schedule: &Schedule,
    who: &Identity,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "scheduler:CreateSchedule";
    let request = write(at, key, schedule, who)?;
    let mut tries = 1;
    loop {
        let answer = at.call(OPERATION, key, || request.clone().send()).await;
        match answer {
            Err(error) if tries < TRIES && is_about_the_role(&error) => sleep(WAIT).await,
            Err(error) => return Err(error),
            Ok(_) => return Ok(()),
        }
        tries += 1;
    }
}

/// Scheduler says that it may not take a role on also where it does not see it yet.
fn is_about_the_role(error: &ProviderError) -> bool {
    error.class == ErrorClass::Invalid && error.message.contains("assume the role")
}

fn write(
    at: &Regional,
    key: &ResourceKey,
    schedule: &Schedule,
    who: &Identity,
) -> Result<CreateScheduleFluentBuilder, ProviderError> {
    const OPERATION: &str = "scheduler:CreateSchedule";
    let (Some(sleeper), Some(role)) = (schedule.rule.value(), schedule.role.value()) else {
        return Err(refused(OPERATION, key, "", "the schedule names no rule or no role"));
    };
    let unbuilt = |error| unbuilt(OPERATION, key, error);
    let input = serde_json::json!({"Name": sleeper}).to_string();
    let retry = RetryPolicy::builder()
        .maximum_retry_attempts(ATTEMPTS)
        .maximum_event_age_in_seconds(SECONDS)
        .build();
    let target = Target::builder()
        .arn(format!("arn:{}:{ENABLE_RULE}", who.partition))
        .role_arn(who.global_arn("iam", &format!("role/{role}")).to_string())
        .input(input)
        .retry_policy(retry)
        .build()
        .map_err(unbuilt)?;
    let window =
        FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().map_err(unbuilt)?;
    let expression = schedule.at.timestamp().strftime("at(%Y-%m-%dT%H:%M:%S)").to_string();
    Ok(at
        .clients
        .scheduler
        .create_schedule()
        .name(&key.name)
        .description(format!("Enables the muted rule {sleeper} again (notify-cli mute)"))
        .schedule_expression(expression)
        .schedule_expression_timezone("UTC")
        .flexible_time_window(window)
        .state(ScheduleState::Enabled)
        .action_after_completion(ActionAfterCompletion::Delete)
        .target(target))
}

/// Deletes a schedule, if it still is there.
pub(crate) async fn delete(at: &Regional, key: &ResourceKey) -> Result<(), ProviderError> {
    let request = at.clients.scheduler.delete_schedule().name(&key.name);
    if_there(at.call("scheduler:DeleteSchedule", key, || request.send()).await)?;
    Ok(())
}
