//! Trying the way to a person: the requests, and what their answers mean.

use crate::mocks::{Mocks, TOPIC, alarm, code, region, rule, topic};
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::operation::set_alarm_state::SetAlarmStateOutput;
use aws_sdk_cloudwatch::types::{MetricAlarm, StateValue};
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::operation::put_events::{PutEventsError, PutEventsOutput};
use aws_sdk_eventbridge::types::{PutEventsResultEntry, RuleState as SdkState};
use aws_sdk_resourcegroupstagging::operation::get_resources::GetResourcesOutput;
use aws_sdk_resourcegroupstagging::types::ResourceTagMapping;
use aws_sdk_sns::error::ErrorMetadata;
use aws_sdk_sns::operation::confirm_subscription::{
    ConfirmSubscriptionError, ConfirmSubscriptionOutput,
};
use aws_sdk_sns::operation::list_subscriptions_by_topic::{
    ListSubscriptionsByTopicError, ListSubscriptionsByTopicOutput,
};
use aws_sdk_sns::operation::subscribe::SubscribeOutput;
use aws_sdk_sns::types::Subscription;
use aws_sdk_sqs::operation::get_queue_url::GetQueueUrlOutput;
use aws_sdk_sqs::operation::receive_message::ReceiveMessageOutput;
use aws_sdk_sqs::types::Message;
use aws_smithy_mocks::mock;
use notify_core::aws::{AlarmState, QueueName, StackName, Token};
use notify_core::provider::{AlarmNow, ErrorClass, EventEntry, Trial};
use notify_core::state::{Reference, ResourceKey, RuleState};
use std::time::Duration;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:security-send-1-2";
const SECRET: &str = "2336412f37fb687f5d51e6e2425dacbbaf";

fn queue() -> ResourceKey {
    ResourceKey::queue(&region(), &QueueName::parse("security-send-1-2").expect("a name"))
}

fn token() -> Token {
    Token::parse(SECRET).expect("a token")
}

fn entry() -> EventEntry {
    EventEntry {
        source: "notify-cli.test.1".to_owned(),
        detail_type: "Order".to_owned(),
        detail: r#"{"n": 1.50}"#.to_owned(),
        resources: vec!["arn:x".to_owned()],
        time: "2026-01-02T03:04:05Z".parse().ok(),
    }
}

#[tokio::test]
async fn a_subscription_is_confirmed_so_that_a_click_does_not_end_it() {
    let confirm = mock!(aws_sdk_sns::Client::confirm_subscription)
        .match_requests(|request| {
            request.topic_arn() == Some(TOPIC)
                && request.token() == Some(SECRET)
                && request.authenticate_on_unsubscribe() == Some("true")
        })
        .then_output(|| ConfirmSubscriptionOutput::builder().subscription_arn("arn:s").build());
    let mut mocks = Mocks { sns: vec![confirm], ..Mocks::default() };
    let arn = mocks.provider().confirm(&topic(), &token()).await.expect("an ARN");
    assert_eq!((arn.as_str(), mocks.calls()), ("arn:s", 2), "the identity, and this");
}

#[tokio::test]
async fn a_token_is_in_no_error() {
    for (said, class) in [
        ("InvalidParameter", ErrorClass::Invalid),
        ("NotFound", ErrorClass::NotFound),
        ("AuthorizationError", ErrorClass::AccessDenied),
        ("InternalError", ErrorClass::Other),
    ] {
        let confirm = mock!(aws_sdk_sns::Client::confirm_subscription).then_error(move || {
            let text = format!("Invalid parameter: Token {SECRET}");
            ConfirmSubscriptionError::generic(
                ErrorMetadata::builder().code(said).message(text).build(),
            )
        });
        let mut mocks = Mocks { sns: vec![confirm], ..Mocks::default() };
        let error = mocks.provider().confirm(&topic(), &token()).await.expect_err(said);
        assert_eq!((error.class, error.operation.as_str()), (class, "sns:ConfirmSubscription"));
        assert_eq!(error.message, "Invalid parameter: Token (token)");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[tokio::test]
async fn a_topics_subscriptions_are_listed_or_there_is_no_topic() {
    let listed = |endpoint: &str, arn: &str| {
        Subscription::builder().protocol("email").endpoint(endpoint).subscription_arn(arn).build()
    };
    let list = mock!(aws_sdk_sns::Client::list_subscriptions_by_topic)
        .match_requests(|request| request.topic_arn() == Some(TOPIC))
        .then_output(move || {
            ListSubscriptionsByTopicOutput::builder()
                .subscriptions(listed("a", "PendingConfirmation"))
                .subscriptions(listed("b", "arn:b"))
                .build()
        });
    let mut mocks = Mocks { sns: vec![list], ..Mocks::default() };
    let found = mocks.provider().subscriptions(&topic()).await.expect("a list").expect("a topic");
    let found: Vec<_> = found.into_iter().map(|s| (s.endpoint, s.arn.value().cloned())).collect();
    let expected = [("a", None), ("b", Some("arn:b"))]
        .map(|(endpoint, arn)| (endpoint.to_owned(), Some(arn.map(str::to_owned))));
    assert_eq!(found, expected);

    let none = mock!(aws_sdk_sns::Client::list_subscriptions_by_topic)
        .then_error(|| ListSubscriptionsByTopicError::generic(code("NotFound")));
    let mut mocks = Mocks { sns: vec![none], ..Mocks::default() };
    assert_eq!(mocks.provider().subscriptions(&topic()).await.expect("an answer"), None);
}

#[tokio::test]
async fn what_was_left_is_found_by_its_tags() {
    let found = mock!(aws_sdk_resourcegroupstagging::Client::get_resources)
        .match_requests(|request| {
            let [stack, temporary] = request.tag_filters() else { return false };
            stack.key() == Some("notify:stack")
                && stack.values() == ["security"]
                && temporary.key() == Some("notify:temporary")
                && request.resource_type_filters() == ["events:rule", "sqs"]
        })
        .then_output(|| {
            let arns = [
                "arn:aws:events:eu-west-1:123456789012:rule/sign-in",
                "arn:aws:events:eu-west-1:123456789012:rule/bus/other",
                QUEUE,
                "arn:aws:sqs:eu-west-1:123456789012:x.fifo",
                "arn:aws:sns:eu-west-1:123456789012:alerts",
                "no ARN",
            ];
            let list = arns.map(|arn| ResourceTagMapping::builder().resource_arn(arn).build());
            GetResourcesOutput::builder().set_resource_tag_mapping_list(Some(list.into())).build()
        });
    let mut mocks = Mocks { tagging: vec![found], ..Mocks::default() };
    let stack = StackName::parse("security").expect("a name");
    let keys = mocks.provider().temporary(&region(), &stack).await.expect("a list");
    assert_eq!(keys, [rule(), queue()]);
}

#[tokio::test]
async fn a_rule_sleeps_or_is_awake_or_is_not_there() {
    for (there, state) in [
        (Some(SdkState::Enabled), RuleState::Enabled),
        (Some(SdkState::Disabled), RuleState::Disabled),
        (
            Some(SdkState::EnabledWithAllCloudtrailManagementEvents),
            RuleState::EnabledWithAllCloudtrailManagementEvents,
        ),
        (None, RuleState::Enabled),
    ] {
        let described = mock!(aws_sdk_eventbridge::Client::describe_rule)
            .match_requests(|request| request.name() == Some("sign-in"))
            .then_output(move || DescribeRuleOutput::builder().set_state(there.clone()).build());
        let mut mocks = Mocks { events: vec![described], ..Mocks::default() };
        assert_eq!(mocks.provider().rule_state(&rule()).await.expect("an answer"), Some(state));
    }
    assert_eq!(Mocks::default().provider().rule_state(&rule()).await.expect("an answer"), None);
}

#[tokio::test]
async fn an_event_is_put_as_it_is_and_once() {
    let put = mock!(aws_sdk_eventbridge::Client::put_events)
        .match_requests(|request| {
            let [entry] = request.entries() else { return false };
            entry.source() == Some("notify-cli.test.1")
                && entry.detail_type() == Some("Order")
                && entry.detail() == Some(r#"{"n": 1.50}"#)
                && entry.resources() == ["arn:x"]
                && entry.time().is_some_and(|time| time.secs() == 1_767_323_045)
                && entry.event_bus_name().is_none()
        })
        .then_output(|| {
            let entry = PutEventsResultEntry::builder().event_id("e-1").build();
            PutEventsOutput::builder().entries(entry).build()
        });
    let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
    let id = mocks.provider().put_event(&region(), &entry()).await.expect("an id");
    assert_eq!((id.as_str(), mocks.calls()), ("e-1", 1));

    let bare = mock!(aws_sdk_eventbridge::Client::put_events)
        .match_requests(|request| {
            let [entry] = request.entries() else { return false };
            entry.time().is_none() && entry.resources.is_none()
        })
        .then_output(|| {
            let entry = PutEventsResultEntry::builder().event_id("e-2").build();
            PutEventsOutput::builder().entries(entry).build()
        });
    let mut mocks = Mocks { events: vec![bare], ..Mocks::default() };
    let entry_ = EventEntry { time: None, resources: Vec::new(), ..entry() };
    assert_eq!(mocks.provider().put_event(&region(), &entry_).await.expect("an id"), "e-2");

    // An entry can be refused in an answer that is a success as a whole.
    let refused = mock!(aws_sdk_eventbridge::Client::put_events).then_output(|| {
        let entry = PutEventsResultEntry::builder()
            .error_code("NotAuthorizedForSourceException")
            .error_message("Not authorized for the source.");
        PutEventsOutput::builder().failed_entry_count(1).entries(entry.build()).build()
    });
    let mut mocks = Mocks { events: vec![refused], ..Mocks::default() };
    let error = mocks.provider().put_event(&region(), &entry()).await.expect_err("a refusal");
    assert_eq!(error.message, "Not authorized for the source.");

    let failed = mock!(aws_sdk_eventbridge::Client::put_events)
        .then_error(|| PutEventsError::generic(code("ThrottlingException")));
    let mut mocks = Mocks { events: vec![failed], ..Mocks::default() };
    let error = mocks.provider().put_event(&region(), &entry()).await.expect_err("a failure");
    assert_eq!((error.class, mocks.calls()), (ErrorClass::Throttled, 1), "it is tried once");
}

#[tokio::test]
async fn an_alarm_is_described_and_set() {
    let described = mock!(aws_sdk_cloudwatch::Client::describe_alarms)
        .match_requests(|request| request.alarm_names() == ["errors"])
        .then_output(|| {
            let of = |name: &str| MetricAlarm::builder().alarm_name(name);
            let errors = of("errors")
                .state_value(StateValue::Alarm)
                .state_reason("too many")
                .actions_enabled(false)
                .alarm_actions(TOPIC)
                .ok_actions("arn:aws:lambda:eu-west-1:123456789012:function:f");
            DescribeAlarmsOutput::builder()
                .metric_alarms(of("errors-2").build())
                .metric_alarms(errors.build())
                .build()
        });
    let mut mocks = Mocks { cloudwatch: vec![described], ..Mocks::default() };
    let now = mocks.provider().alarm_now(&alarm("errors")).await.expect("an answer");
    let expected = AlarmNow {
        state: AlarmState::Alarm,
        reason: "too many".to_owned(),
        enabled: false,
        alarm_actions: vec![Reference::Key(topic())],
        ok_actions: vec![Reference::Arn(
            "arn:aws:lambda:eu-west-1:123456789012:function:f".to_owned(),
        )],
    };
    assert_eq!(now, Some(expected));
    assert_eq!(Mocks::default().provider().alarm_now(&alarm("errors")).await.expect("one"), None);

    let set = mock!(aws_sdk_cloudwatch::Client::set_alarm_state)
        .match_requests(|request| {
            request.alarm_name() == Some("errors")
                && request.state_value() == Some(&StateValue::InsufficientData)
                && request.state_reason() == Some("a test")
        })
        .then_output(|| SetAlarmStateOutput::builder().build());
    let mut mocks = Mocks { cloudwatch: vec![set], ..Mocks::default() };
    let state = AlarmState::InsufficientData;
    mocks.provider().set_alarm_state(&alarm("errors"), state, "a test").await.expect("set");
}

#[tokio::test]
async fn a_queue_listens_and_is_read() {
    let subscribe = mock!(aws_sdk_sns::Client::subscribe)
        .match_requests(|request| {
            request.topic_arn() == Some(TOPIC)
                && request.protocol() == Some("sqs")
                && request.endpoint() == Some(QUEUE)
                && request.return_subscription_arn() == Some(true)
        })
        .then_output(|| SubscribeOutput::builder().subscription_arn("arn:s").build());
    let mut mocks = Mocks { sns: vec![subscribe], ..Mocks::default() };
    let arn = mocks.provider().listen(&topic(), &queue()).await.expect("an ARN");
    assert_eq!(arn, "arn:s");
    let silent = mock!(aws_sdk_sns::Client::subscribe).then_output(|| {
        SubscribeOutput::builder().subscription_arn("pending confirmation").build()
    });
    let mut mocks = Mocks { sns: vec![silent], ..Mocks::default() };
    let error = mocks.provider().listen(&topic(), &queue()).await.expect_err("no ARN");
    assert_eq!(error.class, ErrorClass::Other);

    for (wait, seconds) in [(Duration::ZERO, 0), (Duration::from_secs(2), 2), (Duration::MAX, 20)] {
        let url = mock!(aws_sdk_sqs::Client::get_queue_url)
            .match_requests(|request| request.queue_name() == Some("security-send-1-2"))
            .then_output(|| GetQueueUrlOutput::builder().queue_url("http://q").build());
        let receive = mock!(aws_sdk_sqs::Client::receive_message)
            .match_requests(move |request| {
                request.queue_url() == Some("http://q")
                    && request.wait_time_seconds() == Some(seconds)
                    && request.max_number_of_messages() == Some(10)
                    && request.visibility_timeout() == Some(0)
            })
            .then_output(|| {
                let message = |body: &str| Message::builder().body(body).build();
                ReceiveMessageOutput::builder()
                    .messages(message("a"))
                    .messages(message("b"))
                    .build()
            });
        let mut mocks = Mocks { sqs: vec![url, receive], ..Mocks::default() };
        assert_eq!(mocks.provider().receive(&queue(), wait).await.expect("a list"), ["a", "b"]);
    }
}
