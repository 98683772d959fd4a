//! Alarms as they are read, and what a look at an unchanged stack costs.

use crate::mocks::{Mocks, TOPIC, alarm, alarm_name, region, scope, topic};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::describe_alarms::{DescribeAlarmsInput, DescribeAlarmsOutput};
use aws_sdk_cloudwatch::types::{
    AlarmPromQlCriteria, AlarmType, ComparisonOperator, CompositeAlarm, Dimension,
    EvaluationCriteria, EvaluationWindow, MetricAlarm, MetricDataQuery, SlidingWindow,
    StandardUnit, StateValue, Statistic, WallClockWindow, WarmUpConfiguration,
    builders::MetricAlarmBuilder,
};
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::operation::list_targets_by_rule::ListTargetsByRuleOutput;
use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesOutput;
use aws_sdk_sns::operation::list_subscriptions_by_topic::ListSubscriptionsByTopicOutput;
use aws_smithy_mocks::{Rule, mock};
use notify_core::aws::RuleName;
use notify_core::aws::{AlarmState, Comparison, Dimensions, TreatMissingData};
use notify_core::provider::Provider;
use notify_core::state::{Alarm, Kind, Reference, Resource, State, Want};
use serde_json::json;
use std::collections::BTreeMap;

fn listed(alarms: Vec<MetricAlarm>) -> Rule {
    mock!(Client::describe_alarms)
        .match_requests(|request| {
            let expected = DescribeAlarmsInput::builder()
                .action_prefix(TOPIC)
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .max_records(100);
            expected.build().is_ok_and(|expected| *request == expected)
        })
        .then_output(move || {
            DescribeAlarmsOutput::builder().set_metric_alarms(Some(alarms.clone())).build()
        })
}

/// The alarm `errors` as it is read.
async fn read(there: MetricAlarmBuilder) -> Alarm {
    let there = there.alarm_name("errors").build();
    let mut mocks = Mocks { cloudwatch: vec![listed(vec![there])], ..Mocks::default() };
    match mocks.observe().await.expect("a state").remove(&alarm("errors")) {
        Some(Resource::Alarm(alarm)) => *alarm,
        other => panic!("not an alarm: {other:?}"),
    }
}

/// An alarm of which AWS says nothing but its name.
fn bare() -> Alarm {
    Alarm {
        description: String::new(),
        namespace: String::new(),
        metric: String::new(),
        dimensions: Dimensions::default(),
        statistic: String::new(),
        unit: None,
        period: 0,
        evaluation_periods: 0,
        datapoints_to_alarm: None,
        comparison: Comparison::Band,
        threshold: 0.0,
        treat_missing_data: TreatMissingData::Missing,
        enabled: Want::Exactly(true),
        alarm_actions: Vec::new(),
        ok_actions: Vec::new(),
        insufficient_data_actions: Vec::new(),
        other: BTreeMap::new(),
        state: Want::Exactly(AlarmState::InsufficientData),
        tags: Want::Keep,
    }
}

#[tokio::test]
async fn an_alarm_is_read_with_all_fields() {
    let there = MetricAlarm::builder()
        .alarm_description("Errors")
        .namespace("AWS/Lambda")
        .metric_name("Errors")
        .dimensions(Dimension::builder().name("FunctionName").value("checkout").build())
        .statistic(Statistic::Sum)
        .unit(StandardUnit::Count)
        .period(300)
        .evaluation_periods(3)
        .datapoints_to_alarm(2)
        .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
        .threshold(1.5)
        .treat_missing_data("notBreaching")
        .actions_enabled(false)
        .alarm_actions(TOPIC)
        .ok_actions("arn:aws:sns:eu-west-1:999999999999:alerts")
        .insufficient_data_actions(TOPIC)
        .state_value(StateValue::Alarm);
    let us = Reference::Key(topic());
    let expected = Alarm {
        description: "Errors".to_owned(),
        namespace: "AWS/Lambda".to_owned(),
        metric: "Errors".to_owned(),
        dimensions: [("FunctionName".to_owned(), "checkout".to_owned())].into_iter().collect(),
        statistic: "Sum".to_owned(),
        unit: Some("Count".to_owned()),
        period: 300,
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        comparison: Comparison::GreaterThanOrEqualToThreshold,
        threshold: 1.5,
        treat_missing_data: TreatMissingData::NotBreaching,
        enabled: Want::Exactly(false),
        alarm_actions: vec![us.clone()],
        ok_actions: vec![Reference::Arn("arn:aws:sns:eu-west-1:999999999999:alerts".to_owned())],
        insufficient_data_actions: vec![us],
        state: Want::Exactly(AlarmState::Alarm),
        ..bare()
    };
    assert_eq!(read(there).await, expected);
}

#[tokio::test]
async fn what_an_alarm_leaves_unsaid_is_filled_in() {
    assert_eq!(read(MetricAlarm::builder()).await, bare());
    let defaults = MetricAlarm::builder()
        .unit(StandardUnit::from(""))
        .treat_missing_data("")
        .evaluate_low_sample_count_percentile("evaluate")
        .evaluation_interval(60)
        .set_metrics(Some(Vec::new()))
        .evaluation_window(EvaluationWindow::SlidingWindow(SlidingWindow::builder().build()));
    assert_eq!(read(defaults).await, bare());
    // Emulators name a plain statistic beside the extended one.
    let extended = MetricAlarm::builder()
        .statistic(Statistic::Average)
        .extended_statistic("p99.9")
        .state_value(StateValue::Ok);
    let expected =
        Alarm { statistic: "p99.9".to_owned(), state: Want::Exactly(AlarmState::Ok), ..bare() };
    assert_eq!(read(extended).await, expected);
}

#[tokio::test]
async fn what_is_not_modelled_is_kept_as_it_is_said() {
    let prom = AlarmPromQlCriteria::builder().query("up == 0").build();
    let clock = WallClockWindow::builder().timezone("Asia/Tokyo").build();
    let there = MetricAlarm::builder()
        .metrics(MetricDataQuery::builder().id("e1").expression("m1 / m2").build())
        .threshold_metric_id("ad1")
        .evaluate_low_sample_count_percentile("ignore")
        .evaluation_window(EvaluationWindow::WallClockWindow(clock))
        .warm_up_configuration(
            WarmUpConfiguration::builder().warm_up_period_duration_in_minutes(5).build(),
        )
        .evaluation_criteria(EvaluationCriteria::PromQlCriteria(prom))
        .evaluation_interval(60);
    let other = read(there).await.other;
    for (name, says) in [
        ("Metrics", "m1 / m2"),
        ("ThresholdMetricId", "ad1"),
        ("EvaluateLowSampleCountPercentile", "ignore"),
        ("EvaluationWindow", "Asia/Tokyo"),
        ("WarmUpConfiguration", "5"),
        ("EvaluationCriteria", "up == 0"),
        ("EvaluationInterval", "60"),
    ] {
        let text = other.get(name).map(ToString::to_string).unwrap_or_default();
        assert!(text.contains(says), "{name}: {text}");
    }
    assert_eq!(other.len(), 7);
}

#[tokio::test]
async fn a_listing_by_prefix_is_filtered_again() {
    let named = |name: &str| MetricAlarm::builder().alarm_name(name);
    let listed = listed(vec![
        named("alarm").alarm_actions(TOPIC).build(),
        named("ok").ok_actions(TOPIC).build(),
        named("silence")
            .insufficient_data_actions("arn:x")
            .insufficient_data_actions(TOPIC)
            .build(),
        // Another topic whose name begins with ours, and no action at all.
        named("prefix").alarm_actions(format!("{TOPIC}-2")).build(),
        named("others").build(),
        // Wanted by its name, so it need not be asked for again.
        named("errors").build(),
    ]);
    let mut mocks = Mocks { cloudwatch: vec![listed], ..Mocks::default() };
    let state = mocks.observe().await.unwrap();
    let expected = ["alarm", "errors", "ok", "silence"].map(alarm);
    assert_eq!(state.into_keys().collect::<Vec<_>>(), expected);
    assert_eq!(mocks.cloudwatch[1].num_calls(), 0);
}

/// What is seen of these composite alarms, which the listing tells of together with a metric one.
async fn composites(there: Vec<CompositeAlarm>, action: Option<&str>) -> (State, usize) {
    let action = action.map(str::to_owned);
    let listed = mock!(Client::describe_alarms)
        .match_requests(move |request| {
            request.action_prefix() == action.as_deref()
                && request.alarm_types() == [AlarmType::MetricAlarm, AlarmType::CompositeAlarm]
        })
        .then_output(move || {
            DescribeAlarmsOutput::builder()
                .metric_alarms(MetricAlarm::builder().alarm_name("m").alarm_actions(TOPIC).build())
                .set_composite_alarms(Some(there.clone()))
                .build()
        });
    let mut mocks = Mocks { cloudwatch: vec![listed], ..Mocks::default() };
    let state = mocks.observe().await.expect("a state");
    (state, mocks.cloudwatch[0].num_calls())
}

#[tokio::test]
async fn a_composite_alarm_that_tells_the_topic_or_has_a_wanted_name_is_seen() {
    let named = |name: &str| CompositeAlarm::builder().alarm_name(name);
    let there = vec![
        named("any")
            .alarm_description("Any")
            .alarm_rule("ALARM(m)")
            .actions_enabled(false)
            .alarm_actions(TOPIC)
            .ok_actions("arn:x")
            .state_value(StateValue::Alarm)
            .build(),
        named("ok").ok_actions(TOPIC).build(),
        named("silence").insufficient_data_actions(TOPIC).build(),
        named("prefix").alarm_actions(format!("{TOPIC}-2")).build(),
        // Has the name of a wanted one.
        named("errors").build(),
    ];
    let (mut state, calls) = composites(there, Some(TOPIC)).await;
    assert_eq!(calls, 1);
    let rule = |text: &str| BTreeMap::from([("AlarmRule".to_owned(), json!(text))]);
    let expected = Alarm {
        description: "Any".to_owned(),
        enabled: Want::Exactly(false),
        alarm_actions: vec![Reference::Key(topic())],
        ok_actions: vec![Reference::Arn("arn:x".to_owned())],
        other: rule("ALARM(m)"),
        state: Want::Exactly(AlarmState::Alarm),
        ..bare()
    };
    let seen = ["any", "errors", "m", "ok", "silence"].map(alarm);
    assert!(state.keys().eq(&seen), "{state:?}");
    assert_eq!(state.remove(&alarm("any")), Some(Resource::Alarm(Box::new(expected))));

    // Where it tells others, it is found by its name.
    let there = vec![named("errors").alarm_rule("TRUE").build()];
    let (mut state, calls) = composites(there, None).await;
    assert_eq!(calls, 1);
    let expected = Alarm { other: rule("TRUE"), ..bare() };
    assert_eq!(state.remove(&alarm("errors")), Some(Resource::Alarm(Box::new(expected))));
}

#[tokio::test]
async fn alarms_that_were_not_seen_are_asked_for_by_a_hundred_names() {
    let by_name = mock!(Client::describe_alarms)
        .match_requests(|request| {
            let count = request.alarm_names().len();
            (count == 100 || count == 51)
                && request.alarm_types() == [AlarmType::MetricAlarm, AlarmType::CompositeAlarm]
                && request.max_records() == Some(100)
                && request.action_prefix().is_none()
        })
        .then_compute_output(|request| {
            let alarms = request.alarm_names().iter().filter(|name| *name != "errors");
            let alarms = alarms.map(|name| MetricAlarm::builder().alarm_name(name).build());
            DescribeAlarmsOutput::builder().set_metric_alarms(Some(alarms.collect())).build()
        });
    let mut scope = scope(false);
    let wanted = scope.regions.get_mut(&region()).unwrap();
    wanted.alarms.extend((0..150).map(|n| alarm_name(&format!("alarm-{n}"))));
    let mut mocks = Mocks { cloudwatch: vec![by_name], ..Mocks::default() };
    let state = mocks.provider().observe(&scope).await.unwrap();
    assert_eq!(state.len(), 150);
    assert_eq!(mocks.cloudwatch[0].num_calls(), 2);
}

/// 6 reads, 3 for each rule, and 1 for each 100 alarms, the first hundred's being one of the 6
/// plus one.
#[tokio::test]
async fn an_unchanged_stack_costs_what_is_promised() {
    let (rules, alarms) = (4, 250);
    let pages = mock!(Client::describe_alarms).then_compute_output(move |request| {
        let from: usize = request.next_token().map_or(0, |token| token.parse().expect("ours"));
        let to = alarms.min(from + 100);
        let alarm = |n| {
            MetricAlarm::builder().alarm_name(format!("alarm-{n}")).alarm_actions(TOPIC).build()
        };
        DescribeAlarmsOutput::builder()
            .set_metric_alarms(Some((from..to).map(alarm).collect()))
            .set_next_token((to < alarms).then(|| to.to_string()))
            .build()
    });
    let sns = vec![
        mock!(aws_sdk_sns::Client::get_topic_attributes)
            .then_output(|| GetTopicAttributesOutput::builder().build()),
        mock!(aws_sdk_sns::Client::list_subscriptions_by_topic)
            .then_output(|| ListSubscriptionsByTopicOutput::builder().build()),
        mock!(aws_sdk_sns::Client::list_tags_for_resource).then_output(|| {
            aws_sdk_sns::operation::list_tags_for_resource::ListTagsForResourceOutput::builder()
                .build()
        }),
    ];
    let events = vec![
        mock!(aws_sdk_eventbridge::Client::describe_rule)
            .then_output(|| DescribeRuleOutput::builder().build()),
        mock!(aws_sdk_eventbridge::Client::list_targets_by_rule)
            .then_output(|| ListTargetsByRuleOutput::builder().build()),
        mock!(aws_sdk_eventbridge::Client::list_tags_for_resource).then_output(|| {
            use aws_sdk_eventbridge::operation::list_tags_for_resource as list;
            list::ListTagsForResourceOutput::builder().build()
        }),
    ];
    let mut mocks = Mocks { sns, events, cloudwatch: vec![pages], ..Mocks::default() };
    let mut scope = scope(false);
    let wanted = scope.regions.get_mut(&region()).unwrap();
    wanted.rules = (0..rules).map(|n| RuleName::parse(&format!("rule-{n}")).unwrap()).collect();
    wanted.alarms = (0..alarms).map(|n| alarm_name(&format!("alarm-{n}"))).collect();

    let provider = mocks.provider();
    provider.identity().await.unwrap();
    let state = provider.observe(&scope).await.unwrap();
    assert_eq!(state.keys().filter(|key| key.kind == Kind::Alarm).count(), alarms);
    assert_eq!(state.len(), 1 + rules + alarms);
    assert_eq!(mocks.calls(), 6 + 3 * rules + alarms.div_ceil(100));
}
