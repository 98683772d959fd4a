//! What is sent for alarms.

use crate::mocks::{ALARM, Mocks, TOPIC, alarm, change, code, tags, target, topic};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::delete_alarms::{
    DeleteAlarmsError, DeleteAlarmsInput, DeleteAlarmsOutput,
};
use aws_sdk_cloudwatch::operation::put_metric_alarm::{
    PutMetricAlarmInput, PutMetricAlarmOutput, builders::PutMetricAlarmInputBuilder,
};
use aws_sdk_cloudwatch::operation::tag_resource::{TagResourceInput, TagResourceOutput};
use aws_sdk_cloudwatch::operation::untag_resource::{UntagResourceError, UntagResourceInput};
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, StandardUnit, Statistic, Tag};
use aws_smithy_mocks::{Rule, mock};
use notify_core::aws::{Comparison, Dimensions, TreatMissingData};
use notify_core::plan::Step;
use notify_core::provider::{Done, ErrorClass, Provider};
use notify_core::state::{Alarm, Reference, Want};
use serde_json::json;
use std::collections::BTreeMap;

fn sdk_tag() -> Tag {
    Tag::builder().key("notify:stack").value("security").build()
}

fn wanted() -> Alarm {
    Alarm {
        description: "Errors".to_owned(),
        namespace: "AWS/Lambda".to_owned(),
        metric: "Errors".to_owned(),
        dimensions: [("FunctionName".to_owned(), "checkout".to_owned())].into_iter().collect(),
        statistic: "Sum".to_owned(),
        unit: None,
        period: 300,
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        comparison: Comparison::LessThanThreshold,
        threshold: 1.5,
        treat_missing_data: TreatMissingData::NotBreaching,
        enabled: Want::Exactly(false),
        alarm_actions: vec![Reference::Key(topic())],
        ok_actions: vec![Reference::Arn("arn:other".to_owned())],
        insufficient_data_actions: Vec::new(),
        // Read from AWS, and never written.
        other: BTreeMap::from([("Metrics".to_owned(), json!("m1 / m2"))]),
        state: Want::Keep,
        tags: Want::Contains(tags()),
    }
}

fn sent() -> PutMetricAlarmInputBuilder {
    PutMetricAlarmInput::builder()
        .alarm_name("errors")
        .alarm_description("Errors")
        .namespace("AWS/Lambda")
        .metric_name("Errors")
        .dimensions(Dimension::builder().name("FunctionName").value("checkout").build())
        .statistic(Statistic::Sum)
        .period(300)
        .evaluation_periods(3)
        .datapoints_to_alarm(2)
        .comparison_operator(ComparisonOperator::LessThanThreshold)
        .threshold(1.5)
        .treat_missing_data("notBreaching")
        .actions_enabled(false)
        .alarm_actions(TOPIC)
        .ok_actions("arn:other")
        .set_insufficient_data_actions(Some(Vec::new()))
}

fn put(alarm: Alarm, tags: Option<notify_core::aws::Tags>) -> Vec<Step> {
    vec![Step::PutAlarm { name: "errors".to_owned(), alarm: Box::new(alarm), tags }]
}

#[tokio::test]
async fn an_alarm_is_written_as_a_whole_with_tags_only_where_it_is_made() {
    let extended = Alarm { statistic: "p99".to_owned(), ..wanted() };
    let sparse = Alarm {
        description: String::new(),
        dimensions: Dimensions::default(),
        unit: Some("Count".to_owned()),
        datapoints_to_alarm: None,
        enabled: Want::Keep,
        ..wanted()
    };
    for (alarm_, tags, expected) in [
        (wanted(), Some(tags()), sent().tags(sdk_tag())),
        (wanted(), None, sent()),
        (extended, None, sent().set_statistic(None).extended_statistic("p99")),
        (
            sparse,
            None,
            sent()
                .set_alarm_description(None)
                .set_dimensions(Some(Vec::new()))
                .unit(StandardUnit::Count)
                .set_datapoints_to_alarm(None)
                .actions_enabled(true),
        ),
    ] {
        let expected = expected.build().unwrap();
        let put_ = mock!(Client::put_metric_alarm)
            .match_requests(move |request| *request == expected)
            .then_output(|| PutMetricAlarmOutput::builder().build());
        let mut mocks = Mocks { cloudwatch: vec![put_], ..Mocks::default() };
        mocks.run(&alarm("errors"), put(alarm_, tags)).await.unwrap();
        assert_eq!(mocks.cloudwatch[0].num_calls(), 1);
    }
}

#[tokio::test]
async fn an_alarm_on_an_anomaly_band_is_not_written() {
    let band = Alarm { comparison: Comparison::Band, ..wanted() };
    let mut mocks = Mocks::default();
    let error = mocks.run(&alarm("errors"), put(band, None)).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Invalid);
    assert_eq!(error.operation, "cloudwatch:PutMetricAlarm");
}

#[tokio::test]
async fn many_deletions_are_one_call() {
    let expected = DeleteAlarmsInput::builder().alarm_names("a").alarm_names("b").alarm_names("c");
    let expected = expected.build().unwrap();
    let deleted = mock!(Client::delete_alarms)
        .match_requests(move |request| *request == expected)
        .then_output(|| DeleteAlarmsOutput::builder().build());
    let delete =
        |name: &str| change(&alarm(name), vec![Step::DeleteAlarm { name: name.to_owned() }]);
    let changes = ["a", "b", "c"].map(delete);
    let mut mocks = Mocks { cloudwatch: vec![deleted], ..Mocks::default() };
    let answers = mocks.provider().execute(&changes.each_ref()).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Done::Complete))), "{answers:?}");
    assert_eq!((answers.len(), mocks.calls()), (3, 1));

    let refused = mock!(Client::delete_alarms)
        .then_error(|| DeleteAlarmsError::generic(code("AccessDenied")));
    let mut mocks = Mocks { cloudwatch: vec![refused], ..Mocks::default() };
    let answers = mocks.provider().execute(&changes.each_ref()).await;
    assert!(answers[0].as_ref().is_err_and(|error| error.source.is_some()));
    let failed = answers.into_iter().map(|answer| answer.unwrap_err());
    let failed: Vec<_> = failed.map(|error| (error.class, error.resource)).collect();
    let each = |name| (ErrorClass::AccessDenied, alarm(name).to_string());
    assert_eq!(failed, ["a", "b", "c"].map(each));
}

#[tokio::test]
async fn an_alarm_that_others_need_does_not_keep_the_rest_of_its_batch() {
    for (code_, class) in
        [("ValidationError", ErrorClass::Invalid), ("ConflictException", ErrorClass::Conflict)]
    {
        let needed = mock!(Client::delete_alarms)
            .match_requests(|request| request.alarm_names().iter().any(|name| name == "b"))
            .then_error(move || DeleteAlarmsError::generic(code(code_)));
        let deleted = mock!(Client::delete_alarms)
            .match_requests(|request| request.alarm_names().len() == 1)
            .then_output(|| DeleteAlarmsOutput::builder().build());
        let delete =
            |name: &str| change(&alarm(name), vec![Step::DeleteAlarm { name: name.to_owned() }]);
        let changes = ["a", "b", "c"].map(delete);
        let mut mocks = Mocks { cloudwatch: vec![needed, deleted], ..Mocks::default() };
        let provider = mocks.provider();
        let answers = provider.execute(&changes.each_ref()).await;
        let [Ok(Done::Complete), Err(error), Ok(Done::Complete)] = answers.as_slice() else {
            panic!("{answers:?}")
        };
        assert_eq!((error.class, &error.resource), (class, &alarm("b").to_string()));
        // The batch, and each; one that is alone is not asked for twice.
        let calls = || mocks.cloudwatch[..2].iter().map(Rule::num_calls).sum::<usize>();
        assert_eq!(calls(), 4);
        assert!(provider.execute(&[&changes[1]]).await[0].is_err());
        assert_eq!(calls(), 5);
    }
}

#[tokio::test]
async fn an_alarm_that_is_gone_is_deleted() {
    let gone = mock!(Client::delete_alarms)
        .then_error(|| DeleteAlarmsError::generic(code("ResourceNotFound")));
    let mut mocks = Mocks { cloudwatch: vec![gone], ..Mocks::default() };
    let step = Step::DeleteAlarm { name: "errors".to_owned() };
    mocks.run(&alarm("errors"), vec![step]).await.unwrap();
    assert_eq!(mocks.cloudwatch[0].num_calls(), 1);
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off() {
    let on = TagResourceInput::builder().resource_arn(ALARM).tags(sdk_tag()).build().unwrap();
    let on = mock!(Client::tag_resource)
        .match_requests(move |request| *request == on)
        .then_output(|| TagResourceOutput::builder().build());
    let off = UntagResourceInput::builder().resource_arn(ALARM).tag_keys("notify:stack");
    let off = off.build().unwrap();
    // One that is gone has lost its tags, too.
    let off = mock!(Client::untag_resource)
        .match_requests(move |request| *request == off)
        .then_error(|| UntagResourceError::generic(code("ResourceNotFoundException")));
    let key = alarm("errors");
    let steps = vec![
        Step::Tag { key: key.clone(), tags: tags() },
        Step::Untag { key: key.clone(), tags: vec!["notify:stack".to_owned()] },
    ];
    let mut mocks = Mocks { cloudwatch: vec![on, off], ..Mocks::default() };
    mocks.run(&key, steps).await.unwrap();
    assert!(mocks.cloudwatch[..2].iter().all(|rule| rule.num_calls() == 1));
}

#[tokio::test]
async fn a_target_carries_no_tags() {
    let step = Step::Tag { key: target(), tags: tags() };
    let error = Mocks::default().run(&target(), vec![step]).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Invalid);
}
