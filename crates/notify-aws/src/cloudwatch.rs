//! Alarms.

use crate::alarm;
use crate::errors::{classify, if_there};
use crate::regional::{Regional, pages};
use aws_sdk_cloudwatch::config::interceptors::InterceptorContext;
use aws_sdk_cloudwatch::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_cloudwatch::config::{Builder, Config};
use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::operation::delete_alarms::DeleteAlarmsError;
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::operation::put_metric_alarm::PutMetricAlarmError;
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, Tag};
use jiff::Timestamp;
use notify_core::aws::{AlarmName, Arn, Identity, Tags};
use notify_core::provider::{ErrorClass, ProviderError};
use notify_core::state::{Alarm, ResourceKey};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Display;
use std::marker::PhantomData;

const LIST: &str = "cloudwatch:DescribeAlarms";
/// The most alarms that one page holds, and the most names that one call takes.
const A_PAGE: usize = 100;
/// AWS lists metric alarms alone unless it is asked for others, too.
const KINDS: [AlarmType; 2] = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm];

/// Alarms by name.
pub(crate) type Alarms = BTreeMap<String, Alarm>;

/// Reads the alarms that tell `topic` of anything, and those among them that are `wanted`.
///
/// AWS filters by prefix, so it also tells of topics whose names begin with this one's.
pub(crate) async fn alarms_to(
    at: &Regional,
    key: &ResourceKey,
    topic: &Arn,
    wanted: &BTreeSet<AlarmName>,
    who: &Identity,
) -> Result<Alarms, ProviderError> {
    let topic = &topic.to_string();
    let is_wanted =
        |alarm: &Listed| AlarmName::parse(alarm.name()).is_ok_and(|name| wanted.contains(&name));
    // What AWS says is many times the size of what is kept of it: a page at a time.
    let list = pages(LIST, |token| async move {
        let request = at
            .clients
            .cloudwatch
            .describe_alarms()
            .action_prefix(topic)
            .set_alarm_types(Some(KINDS.to_vec()))
            .max_records(i32::try_from(A_PAGE).unwrap_or(i32::MAX))
            .set_next_token(token);
        let (alarms, next) = listed(at.call(LIST, key, || request.send()).await?);
        let ours = alarms.into_iter().filter(|alarm| alarm.tells(topic) || is_wanted(alarm));
        Ok((ours.filter_map(|there| there.read(who)).collect(), next))
    });
    Ok(list.await?.into_iter().collect())
}

/// An alarm of either kind.
enum Listed {
    Metric(Box<MetricAlarm>),
    Composite(Box<CompositeAlarm>),
}

impl Listed {
    fn name(&self) -> &str {
        match self {
            Self::Metric(alarm) => alarm.alarm_name(),
            Self::Composite(alarm) => alarm.alarm_name(),
        }
        .unwrap_or_default()
    }

    fn tells(&self, topic: &str) -> bool {
        match self {
            Self::Metric(alarm) => {
                [alarm.alarm_actions(), alarm.ok_actions(), alarm.insufficient_data_actions()]
            }
            Self::Composite(alarm) => {
                [alarm.alarm_actions(), alarm.ok_actions(), alarm.insufficient_data_actions()]
            }
        }
        .into_iter()
        .flatten()
        .any(|action| action == topic)
    }

    fn read(self, who: &Identity) -> Option<(String, Alarm)> {
        match self {
            Self::Metric(mut there) => Some((there.alarm_name.take()?, alarm::read(*there, who))),
            Self::Composite(mut there) => {
                Some((there.alarm_name.take()?, alarm::read_composite(*there, who)))
            }
        }
    }
}

/// A page's alarms, and the token of the next one.
fn listed(page: DescribeAlarmsOutput) -> (Vec<Listed>, Option<String>) {
    let metric = page.metric_alarms.unwrap_or_default().into_iter();
    let composite = page.composite_alarms.unwrap_or_default().into_iter();
    let composite = composite.map(|alarm| Listed::Composite(Box::new(alarm)));
    let all = metric.map(|alarm| Listed::Metric(Box::new(alarm))).chain(composite);
    (all.collect(), page.next_token)
}

/// Reads alarms by their names; those that do not exist are left out.
pub(crate) async fn alarms_named(
    at: &Regional,
    names: &[&AlarmName],
    who: &Identity,
) -> Result<Alarms, ProviderError> {
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    Ok(by_name(named(at, &names).await?.into_iter(), who))
}

/// Reads since when alarms have been in their states.
pub(crate) async fn since(
    at: &Regional,
    names: &[&str],
) -> Result<BTreeMap<String, Timestamp>, ProviderError> {
    let since = |alarm: Listed| {
        let (name, time) = match alarm {
            Listed::Metric(alarm) => (alarm.alarm_name, alarm.state_updated_timestamp),
            Listed::Composite(alarm) => (alarm.alarm_name, alarm.state_updated_timestamp),
        };
        Some((name?, Timestamp::from_second(time?.secs()).ok()?))
    };
    Ok(named(at, names).await?.into_iter().filter_map(since).collect())
}

async fn named(at: &Regional, names: &[&str]) -> Result<Vec<Listed>, ProviderError> {
    let chunks = names.chunks(A_PAGE).map(|names| {
        pages(LIST, move |token| async move {
            let request = at
                .clients
                .cloudwatch
                .describe_alarms()
                .set_alarm_names(Some(names.iter().map(ToString::to_string).collect()))
                .set_alarm_types(Some(KINDS.to_vec()))
                .max_records(i32::try_from(A_PAGE).unwrap_or(i32::MAX))
                .set_next_token(token);
            let answer = at.call(LIST, &at.region, || request.send()).await?;
            Ok(listed(answer))
        })
    });
    let alarms = futures_util::future::try_join_all(chunks).await?;
    Ok(alarms.into_iter().flatten().collect())
}

fn by_name(alarms: impl Iterator<Item = Listed>, who: &Identity) -> Alarms {
    alarms.filter_map(|there| there.read(who)).collect()
}

/// Reads an alarm's tags.
pub(crate) async fn tags(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
) -> Result<Tags, ProviderError> {
    let request = at.clients.cloudwatch.list_tags_for_resource().resource_arn(arn.to_string());
    let answer = at.call("cloudwatch:ListTagsForResource", key, || request.send()).await?;
    let pairs = answer.tags.unwrap_or_default().into_iter();
    Ok(pairs.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
}

/// Makes an alarm, or writes it as a whole. AWS takes tags only of a new one.
pub(crate) async fn put_alarm(
    at: &Regional,
    key: &ResourceKey,
    alarm: &Alarm,
    tags: Option<&Tags>,
    who: &Identity,
) -> Result<(), ProviderError> {
    const OPERATION: &str = "cloudwatch:PutMetricAlarm";
    let request = at.clients.cloudwatch.put_metric_alarm().alarm_name(&key.name);
    let request = alarm::write(request, alarm, who).ok_or_else(|| {
        let message = "an alarm on an anomaly band cannot be written";
        ProviderError::new(ErrorClass::Invalid, OPERATION, key.to_string(), message)
    })?;
    let request = request.set_tags(tags.map(sdk_tags));
    let call = || {
        let request = request.clone().customize();
        let paced = request.config_override(throttles_at_once::<PutMetricAlarmError>());
        at.call(OPERATION, key, || paced.send())
    };
    at.put_alarm.run(call).await?;
    Ok(())
}

/// Deletes alarms; those that are gone do not stop the others.
pub(crate) async fn delete_alarms(
    at: &Regional,
    names: Vec<String>,
    about: &(dyn Display + Sync),
) -> Result<(), ProviderError> {
    let request = at.clients.cloudwatch.delete_alarms().set_alarm_names(Some(names));
    let call = || {
        let request = request.clone().customize();
        let paced = request.config_override(throttles_at_once::<DeleteAlarmsError>());
        at.call("cloudwatch:DeleteAlarms", about, || paced.send())
    };
    if_there(at.delete_alarms.run(call).await)?;
    Ok(())
}

/// Leaves throttling to the pacer, which must know of it at once; everything else is tried again
/// by the SDK as usual.
fn throttles_at_once<E>() -> Builder
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    Config::builder().retry_classifier(ThrottlesAtOnce(PhantomData::<fn() -> E>))
}

#[derive(Debug)]
struct ThrottlesAtOnce<E>(PhantomData<fn() -> E>);

impl<E> ClassifyRetry for ThrottlesAtOnce<E>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        let said = error.and_then(|e| e.as_operation_error()).and_then(|e| e.downcast_ref::<E>());
        let code = said.and_then(|said| said.code()).unwrap_or_default();
        match classify(code, "") {
            ErrorClass::Throttled => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "throttles at once"
    }
}

/// Puts tags on an alarm.
pub(crate) async fn tag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &Tags,
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .cloudwatch
        .tag_resource()
        .resource_arn(arn.to_string())
        .set_tags(Some(sdk_tags(tags)));
    at.call("cloudwatch:TagResource", key, || request.send()).await?;
    Ok(())
}

/// Takes tags off an alarm.
pub(crate) async fn untag(
    at: &Regional,
    key: &ResourceKey,
    arn: &Arn,
    tags: &[String],
) -> Result<(), ProviderError> {
    let request = at
        .clients
        .cloudwatch
        .untag_resource()
        .resource_arn(arn.to_string())
        .set_tag_keys(Some(tags.to_vec()));
    if_there(at.call("cloudwatch:UntagResource", key, || request.send()).await)?;
    Ok(())
}

pub(crate) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(name, value)| Tag::builder().key(name).value(value).build()).collect()
}
