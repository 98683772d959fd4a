//! Throttling and retries. The clock is paused: nothing here really waits.

use crate::mocks::{Mocks, alarm, change, code};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::delete_alarms::{DeleteAlarmsError, DeleteAlarmsOutput};
use aws_sdk_cloudwatch::operation::put_metric_alarm::{PutMetricAlarmError, PutMetricAlarmOutput};
use aws_sdk_sns::operation::get_topic_attributes::{
    GetTopicAttributesError, GetTopicAttributesOutput,
};
use aws_sdk_sns::operation::list_subscriptions_by_topic::ListSubscriptionsByTopicOutput;
use aws_sdk_sns::operation::list_tags_for_resource::ListTagsForResourceOutput;
use aws_smithy_mocks::{Rule, mock};
use futures_util::future::join_all;
use notify_core::aws::{Comparison, Dimensions, TreatMissingData};
use notify_core::plan::{Change, Step};
use notify_core::provider::{ErrorClass, Provider, ProviderError};
use notify_core::state::{Alarm, Want};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

fn put(name: &str) -> Change {
    let alarm_ = Alarm {
        description: String::new(),
        namespace: "n".to_owned(),
        metric: "m".to_owned(),
        dimensions: Dimensions::default(),
        statistic: "Sum".to_owned(),
        unit: None,
        period: 60,
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        comparison: Comparison::GreaterThanThreshold,
        threshold: 0.0,
        treat_missing_data: TreatMissingData::Missing,
        enabled: Want::Keep,
        alarm_actions: Vec::new(),
        ok_actions: Vec::new(),
        insufficient_data_actions: Vec::new(),
        other: BTreeMap::new(),
        state: Want::Keep,
        tags: Want::Keep,
    };
    let step = Step::PutAlarm { name: name.to_owned(), alarm: Box::new(alarm_), tags: None };
    change(&alarm(name), vec![step])
}

/// Puts that many alarms side by side.
async fn put_many(count: usize, rule: Rule) -> (Vec<Result<(), ProviderError>>, Duration, usize) {
    let mut mocks = Mocks { cloudwatch: vec![rule], ..Mocks::default() };
    let provider = mocks.provider();
    let changes: Vec<Change> = (0..count).map(|n| put(&n.to_string())).collect();
    let start = Instant::now();
    let answers = join_all(changes.iter().map(|change| async {
        let mut answers = provider.execute(&[change]).await;
        answers.pop().expect("an answer").map(drop)
    }));
    (answers.await, start.elapsed(), mocks.cloudwatch[0].num_calls())
}

#[tokio::test(start_paused = true)]
async fn alarms_are_put_unpaced_where_nobody_throttles() {
    let rule =
        mock!(Client::put_metric_alarm).then_output(|| PutMetricAlarmOutput::builder().build());
    let (answers, took, calls) = put_many(50, rule).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((took, calls), (Duration::ZERO, 50));
}

#[tokio::test(start_paused = true)]
async fn alarms_are_put_three_a_second_once_aws_throttles_and_none_is_lost() {
    let rule = mock!(Client::put_metric_alarm)
        .sequence()
        .output(|| PutMetricAlarmOutput::builder().build())
        .times(4)
        .error(|| PutMetricAlarmError::generic(code("Throttling")))
        .times(6)
        .output(|| PutMetricAlarmOutput::builder().build())
        .repeatedly()
        .build();
    let (answers, took, calls) = put_many(10, rule).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(calls, 16, "each throttled call once more, none by the SDK itself");
    // The fifth was throttled at once; all that came after it, and again, took their turns.
    assert_eq!(took.as_millis(), 11 * 334);
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_is_throttled_for_a_minute_is_given_up() {
    let rule = mock!(Client::put_metric_alarm)
        .then_error(|| PutMetricAlarmError::generic(code("ThrottlingException")));
    let (answers, took, _) = put_many(1, rule).await;
    assert!(answers[0].as_ref().is_err_and(|error| error.class == ErrorClass::Throttled));
    assert!((60..62).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn what_passes_by_itself_is_tried_again() {
    let rule = mock!(Client::put_metric_alarm)
        .sequence()
        .http_status(503, None)
        .http_status(500, None)
        .output(|| PutMetricAlarmOutput::builder().build())
        .build();
    let (answers, _, calls) = put_many(1, rule).await;
    assert!(answers[0].is_ok(), "{answers:?}");
    assert_eq!(calls, 3);

    let rule = mock!(Client::put_metric_alarm).sequence().http_status(503, None).repeatedly();
    let (answers, _, calls) = put_many(1, rule.build()).await;
    assert!(answers[0].as_ref().is_err_and(|error| error.class == ErrorClass::Other));
    assert_eq!(calls, 3);
}

#[tokio::test(start_paused = true)]
async fn deletions_of_alarms_wait_for_their_own_turn() {
    let rule = mock!(Client::delete_alarms)
        .sequence()
        .error(|| DeleteAlarmsError::generic(code("Throttling")))
        .output(|| DeleteAlarmsOutput::builder().build())
        .build();
    let mut mocks = Mocks { cloudwatch: vec![rule], ..Mocks::default() };
    let step = Step::DeleteAlarm { name: "errors".to_owned() };
    let start = Instant::now();
    mocks.run(&alarm("errors"), vec![step]).await.unwrap();
    assert_eq!(mocks.cloudwatch[0].num_calls(), 2);
    assert_eq!(start.elapsed().as_millis(), 334);
}

#[tokio::test(start_paused = true)]
async fn all_other_calls_are_tried_again_by_the_sdk() {
    let throttled = mock!(aws_sdk_sns::Client::get_topic_attributes)
        .sequence()
        .error(|| GetTopicAttributesError::generic(code("Throttling")))
        .times(2)
        .output(|| GetTopicAttributesOutput::builder().build())
        .build();
    let tags = mock!(aws_sdk_sns::Client::list_tags_for_resource)
        .then_output(|| ListTagsForResourceOutput::builder().build());
    let subscriptions = mock!(aws_sdk_sns::Client::list_subscriptions_by_topic)
        .then_output(|| ListSubscriptionsByTopicOutput::builder().build());
    let mut mocks = Mocks { sns: vec![throttled, tags, subscriptions], ..Mocks::default() };
    assert_eq!(mocks.observe().await.unwrap().len(), 1);
    assert_eq!(mocks.sns[0].num_calls(), 3);

    let always = mock!(aws_sdk_sns::Client::get_topic_attributes)
        .then_error(|| GetTopicAttributesError::generic(code("Throttling")));
    let error = Mocks { sns: vec![always], ..Mocks::default() }.observe().await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Throttled);
    assert_eq!(error.operation, "sns:GetTopicAttributes");
}
