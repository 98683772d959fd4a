//! What is sent for topics and subscriptions.

use crate::mocks::{Mocks, TOPIC, code, tags, topic};
use aws_sdk_sns::Client;
use aws_sdk_sns::error::ErrorMetadata;
use aws_sdk_sns::operation::create_topic::{CreateTopicError, CreateTopicInput, CreateTopicOutput};
use aws_sdk_sns::operation::delete_topic::{DeleteTopicError, DeleteTopicInput};
use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesOutput;
use aws_sdk_sns::operation::list_subscriptions_by_topic::{
    ListSubscriptionsByTopicError, ListSubscriptionsByTopicOutput,
};
use aws_sdk_sns::operation::set_subscription_attributes::SetSubscriptionAttributesOutput;
use aws_sdk_sns::operation::set_topic_attributes::{
    SetTopicAttributesInput, SetTopicAttributesOutput,
};
use aws_sdk_sns::operation::subscribe::{SubscribeError, SubscribeInput, SubscribeOutput};
use aws_sdk_sns::operation::tag_resource::{TagResourceInput, TagResourceOutput};
use aws_sdk_sns::operation::unsubscribe::{UnsubscribeError, UnsubscribeInput};
use aws_sdk_sns::operation::untag_resource::{UntagResourceInput, UntagResourceOutput};
use aws_sdk_sns::types::{Subscription, Tag};
use aws_smithy_mocks::{Rule, mock};
use notify_core::aws::policy::default_policy;
use notify_core::aws::{Filter, Protocol};
use notify_core::plan::{Step, TopicAttribute};
use notify_core::provider::{Done, ErrorClass, ProviderError};
use notify_core::state::ResourceKey;
use serde_json::{Value, json};

fn sdk_tag() -> Tag {
    Tag::builder().key("notify:stack").value("security").build().expect("a tag")
}

fn create() -> Vec<Step> {
    vec![Step::CreateTopic {
        name: "alerts".to_owned(),
        attributes: vec![
            (TopicAttribute::DisplayName, "Alerts".to_owned()),
            (TopicAttribute::KmsMasterKeyId, "alias/k".to_owned()),
        ],
        tags: tags(),
    }]
}

#[tokio::test]
async fn a_topic_is_made_with_attributes_and_tags_in_one_call() {
    let expected = CreateTopicInput::builder()
        .name("alerts")
        .attributes("DisplayName", "Alerts")
        .attributes("KmsMasterKeyId", "alias/k")
        .tags(sdk_tag())
        .build()
        .unwrap();
    let made = mock!(Client::create_topic)
        .match_requests(move |request| *request == expected)
        .then_output(|| CreateTopicOutput::builder().topic_arn(TOPIC).build());
    let mut mocks = Mocks { sns: vec![made], ..Mocks::default() };
    assert_eq!(mocks.run(&topic(), create()).await.unwrap(), Done::Complete);
    assert_eq!(mocks.calls(), 2, "the identity, and this");
}

#[tokio::test]
async fn a_topic_that_was_made_otherwise_meanwhile_is_a_conflict() {
    let refused = mock!(Client::create_topic).then_error(|| {
        let text = "Invalid parameter: Tags Reason: Topic already exists with different tags";
        let meta = ErrorMetadata::builder().code("InvalidParameter").message(text);
        CreateTopicError::generic(meta.build())
    });
    let mut mocks = Mocks { sns: vec![refused], ..Mocks::default() };
    let error = mocks.run(&topic(), create()).await.unwrap_err();
    assert_eq!((error.class, error.operation.as_str()), (ErrorClass::Conflict, "sns:CreateTopic"));
    assert_eq!(error.resource, topic().to_string());
}

fn writes(name: &'static str, value: impl Fn(&str) -> bool + Send + Sync + 'static) -> Rule {
    mock!(Client::set_topic_attributes)
        .match_requests(move |request: &SetTopicAttributesInput| {
            request.topic_arn() == Some(TOPIC)
                && request.attribute_name() == Some(name)
                && request.attribute_value().is_some_and(&value)
        })
        .then_output(|| SetTopicAttributesOutput::builder().build())
}

#[tokio::test]
async fn attributes_are_set_one_by_one_and_unset_by_an_empty_value() {
    for (attribute, name, value) in [
        (TopicAttribute::DisplayName, "DisplayName", "Alerts"),
        (TopicAttribute::KmsMasterKeyId, "KmsMasterKeyId", ""),
    ] {
        let step = Step::SetTopicAttribute { topic: topic(), attribute, value: value.to_owned() };
        let mut mocks =
            Mocks { sns: vec![writes(name, move |text| text == value)], ..Mocks::default() };
        mocks.run(&topic(), vec![step]).await.unwrap();
        assert_eq!(mocks.sns[0].num_calls(), 1);
    }
}

#[tokio::test]
async fn a_policy_is_merged_and_written_only_where_that_makes_a_difference() {
    let theirs = json!({"Sid": "theirs", "Effect": "Allow", "Action": "sns:Publish"});
    let ours = json!({"Sid": "ours", "Effect": "Allow", "Action": "sns:Publish"});
    let as_aws_has_it = json!({"Action": ["SNS:Publish"], "Sid": "ours", "Effect": "Allow"});
    let default = default_policy(&TOPIC.parse().unwrap()).statements().to_vec();
    for (there, put, remove, written) in [
        (vec![&theirs], vec![&ours], vec![], Some(vec![theirs.clone(), ours.clone()])),
        (vec![], vec![&ours], vec![], Some(vec![ours.clone()])),
        (vec![&theirs, &as_aws_has_it], vec![&ours], vec![], None),
        (vec![&theirs, &ours], vec![], vec!["ours"], Some(vec![theirs.clone()])),
        (vec![&theirs], vec![], vec!["ours"], None),
        // SNS has no policy without statements.
        (vec![&ours], vec![], vec!["ours"], Some(default.clone())),
    ] {
        let document = json!({"Version": "2012-10-17", "Statement": there}).to_string();
        let read = mock!(Client::get_topic_attributes).then_output(move || {
            GetTopicAttributesOutput::builder().attributes("Policy", &document).build()
        });
        let calls = usize::from(written.is_some());
        let write = writes("Policy", move |text| {
            let document: Value = serde_json::from_str(text).unwrap_or_default();
            document.get("Statement") == written.clone().map(Value::from).as_ref()
        });
        let step = Step::MergeTopicPolicy {
            topic: topic(),
            put: put.into_iter().cloned().collect(),
            remove: remove.into_iter().map(str::to_owned).collect(),
        };
        let mut mocks = Mocks { sns: vec![read, write], ..Mocks::default() };
        mocks.run(&topic(), vec![step]).await.unwrap();
        assert_eq!(mocks.sns[1].num_calls(), calls);
    }
}

fn subscribe(protocol: Protocol, endpoint: &str) -> Step {
    Step::Subscribe { topic: topic(), protocol, endpoint: endpoint.to_owned(), filter: None }
}

#[tokio::test]
async fn a_filter_goes_with_the_invitation_or_in_a_call_of_its_own() {
    const POLICY: &str = r#"{"severity":[{"exists":false},"high"]}"#;
    const ARN: &str = "arn:aws:sns:eu-west-1:123456789012:alerts:1";
    let filter = Filter::parse(POLICY, false);
    let (protocol, endpoint) = (Protocol::Email, "ops@example.com");
    let key = ResourceKey::subscription(&topic(), protocol, endpoint);
    let invited = mock!(Client::subscribe)
        .match_requests(|request| {
            let attributes = request.attributes().expect("attributes");
            attributes.len() == 1 && attributes["FilterPolicy"] == POLICY
        })
        .then_output(|| {
            SubscribeOutput::builder().subscription_arn("pending confirmation").build()
        });
    let endpoint = endpoint.to_owned();
    let step = Step::Subscribe { topic: topic(), protocol, endpoint, filter: filter.clone() };
    let mut mocks = Mocks { sns: vec![invited], ..Mocks::default() };
    assert_eq!(mocks.run(&key, vec![step]).await.unwrap(), Done::AwaitsConfirmation);

    for (filter, value) in [(filter, POLICY), (None, "{}")] {
        let set = mock!(Client::set_subscription_attributes)
            .match_requests(move |request| {
                request.subscription_arn() == Some(ARN)
                    && request.attribute_name() == Some("FilterPolicy")
                    && request.attribute_value() == Some(value)
            })
            .then_output(|| SetSubscriptionAttributesOutput::builder().build());
        let step = Step::SetFilter { arn: ARN.to_owned(), filter };
        let mut mocks = Mocks { sns: vec![set], ..Mocks::default() };
        assert_eq!(mocks.run(&key, vec![step]).await.unwrap(), Done::Complete);
        assert_eq!(mocks.sns[0].num_calls(), 1);
    }
}

#[tokio::test]
async fn subscribing_tells_whether_somebody_must_confirm() {
    for (arn, done) in [
        ("pending confirmation", Done::AwaitsConfirmation),
        ("PendingConfirmation", Done::AwaitsConfirmation),
        ("arn:aws:sns:eu-west-1:123456789012:alerts:1", Done::Complete),
    ] {
        let expected = SubscribeInput::builder()
            .topic_arn(TOPIC)
            .protocol("email-json")
            .endpoint("ops@example.com")
            .build()
            .unwrap();
        let subscribed = mock!(Client::subscribe)
            .match_requests(move |request| *request == expected)
            .then_output(move || SubscribeOutput::builder().subscription_arn(arn).build());
        let (protocol, endpoint) = (Protocol::EmailJson, "ops@example.com");
        let key = ResourceKey::subscription(&topic(), protocol, endpoint);
        let step = subscribe(protocol, endpoint);
        let mut mocks = Mocks { sns: vec![subscribed], ..Mocks::default() };
        assert_eq!(mocks.run(&key, vec![step]).await.unwrap(), done, "{arn}");
    }
}

/// What is listed after a failure that may have been none: nothing, a reader, somebody else.
fn listed(endpoint: &'static str, arn: &'static str) -> Rule {
    let subscription =
        Subscription::builder().protocol("email").endpoint(endpoint).subscription_arn(arn).build();
    mock!(Client::list_subscriptions_by_topic).then_output(move || {
        ListSubscriptionsByTopicOutput::builder().subscriptions(subscription.clone()).build()
    })
}

fn invited() -> SubscribeOutput {
    SubscribeOutput::builder().subscription_arn("pending confirmation").build()
}

async fn invite(sns: Vec<Rule>) -> (Result<Done, ProviderError>, Vec<usize>) {
    let (protocol, endpoint) = (Protocol::Email, "ops@example.com");
    let key = ResourceKey::subscription(&topic(), protocol, endpoint);
    let step = subscribe(protocol, endpoint);
    let mut mocks = Mocks { sns, ..Mocks::default() };
    let done = mocks.run(&key, vec![step]).await;
    // The last one is not these tests': it says that there is no other topic.
    let mine = mocks.sns.iter().rev().skip(1).rev();
    (done, mine.map(Rule::num_calls).collect())
}

#[tokio::test(start_paused = true)]
async fn whoever_is_listed_after_a_lost_answer_was_invited() {
    for (arn, done) in [
        ("PendingConfirmation", Done::AwaitsConfirmation),
        ("arn:aws:sns:eu-west-1:123456789012:alerts:1", Done::Complete),
    ] {
        let lost = mock!(Client::subscribe).sequence().http_status(500, None).build();
        let (answer, calls) = invite(vec![lost, listed("ops@example.com", arn)]).await;
        assert_eq!((answer.unwrap(), calls), (done, vec![1, 1]), "{arn}");
    }
    let empty = mock!(Client::subscribe).then_output(|| SubscribeOutput::builder().build());
    let there = listed("ops@example.com", "PendingConfirmation");
    let (answer, calls) = invite(vec![empty, there]).await;
    assert_eq!((answer.unwrap(), calls), (Done::AwaitsConfirmation, vec![1, 1]));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_listed_after_a_lost_answer_is_invited_again() {
    for (endpoint, arn) in
        [("other@example.com", "PendingConfirmation"), ("ops@example.com", "Deleted")]
    {
        let lost = mock!(Client::subscribe).sequence().http_status(500, None).times(2);
        let lost = lost.output(invited).build();
        let (answer, calls) = invite(vec![lost, listed(endpoint, arn)]).await;
        assert_eq!((answer.unwrap(), calls), (Done::AwaitsConfirmation, vec![3, 2]));
    }
    let lost = mock!(Client::subscribe).sequence().http_status(500, None).times(3).build();
    let (answer, calls) = invite(vec![lost, listed("other@example.com", "")]).await;
    assert_eq!((answer.unwrap_err().class, calls), (ErrorClass::Other, vec![3, 2]));
}

#[tokio::test(start_paused = true)]
async fn a_throttled_invitation_was_none() {
    let throttled = || SubscribeError::generic(code("Throttling"));
    let twice = mock!(Client::subscribe).sequence().error(throttled).times(2).output(invited);
    let (answer, calls) = invite(vec![twice.build()]).await;
    assert_eq!((answer.unwrap(), calls), (Done::AwaitsConfirmation, vec![3]));
    let (answer, calls) = invite(vec![mock!(Client::subscribe).then_error(throttled)]).await;
    assert_eq!((answer.unwrap_err().class, calls), (ErrorClass::Throttled, vec![3]));
}

#[tokio::test(start_paused = true)]
async fn a_refused_invitation_is_not_repeated() {
    let refused =
        mock!(Client::subscribe).then_error(|| SubscribeError::generic(code("InvalidParameter")));
    let (answer, calls) = invite(vec![refused]).await;
    assert_eq!((answer.unwrap_err().class, calls), (ErrorClass::Invalid, vec![1]));

    // Nobody can say whether the reader was invited: what failed first is told.
    let lost = mock!(Client::subscribe).sequence().http_status(500, None).build();
    let denied = mock!(Client::list_subscriptions_by_topic)
        .then_error(|| ListSubscriptionsByTopicError::generic(code("AuthorizationError")));
    let (answer, calls) = invite(vec![lost, denied]).await;
    let error = answer.unwrap_err();
    assert_eq!((error.operation.as_str(), error.class), ("sns:Subscribe", ErrorClass::Other));
    assert_eq!(calls, [1, 1]);
}

#[tokio::test]
async fn what_is_gone_already_is_deleted() {
    let topics = DeleteTopicInput::builder().topic_arn(TOPIC).build().unwrap();
    let delete = mock!(Client::delete_topic)
        .match_requests(move |request| *request == topics)
        .then_error(|| DeleteTopicError::generic(code("NotFound")));
    let subscriptions = UnsubscribeInput::builder().subscription_arn("arn:s").build().unwrap();
    let unsubscribe = mock!(Client::unsubscribe)
        .match_requests(move |request| *request == subscriptions)
        .then_error(|| UnsubscribeError::generic(code("NotFound")));
    let steps =
        vec![Step::Unsubscribe { arn: "arn:s".to_owned() }, Step::DeleteTopic { topic: topic() }];
    let mut mocks = Mocks { sns: vec![delete, unsubscribe], ..Mocks::default() };
    mocks.run(&topic(), steps).await.unwrap();
    assert!(mocks.sns[..2].iter().all(|rule| rule.num_calls() == 1));
}

#[tokio::test]
async fn a_failing_deletion_is_a_failure() {
    let refused = mock!(Client::unsubscribe)
        .then_error(|| UnsubscribeError::generic(code("InvalidParameter")));
    let mut mocks = Mocks { sns: vec![refused], ..Mocks::default() };
    // The step behind the one that fails has no mock: it is not tried.
    let steps =
        vec![Step::Unsubscribe { arn: "arn:s".to_owned() }, Step::DeleteTopic { topic: topic() }];
    let error = mocks.run(&topic(), steps).await.unwrap_err();
    assert_eq!((error.class, error.operation.as_str()), (ErrorClass::Invalid, "sns:Unsubscribe"));
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off() {
    let on = TagResourceInput::builder().resource_arn(TOPIC).tags(sdk_tag()).build().unwrap();
    let on = mock!(Client::tag_resource)
        .match_requests(move |request| *request == on)
        .then_output(|| TagResourceOutput::builder().build());
    let off = UntagResourceInput::builder().resource_arn(TOPIC).tag_keys("notify:stack");
    let off = off.build().unwrap();
    let off = mock!(Client::untag_resource)
        .match_requests(move |request| *request == off)
        .then_output(|| UntagResourceOutput::builder().build());
    let steps = vec![
        Step::Tag { key: topic(), tags: tags() },
        Step::Untag { key: topic(), tags: vec!["notify:stack".to_owned()] },
    ];
    let mut mocks = Mocks { sns: vec![on, off], ..Mocks::default() };
    mocks.run(&topic(), steps).await.unwrap();
    assert!(mocks.sns[..2].iter().all(|rule| rule.num_calls() == 1));
}
