//! What is asked to prove a path: keys, subscriptions, alarms.

use crate::mocks::{Mocks, code, region, topic};
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_kms::operation::describe_key::{DescribeKeyError, DescribeKeyOutput};
use aws_sdk_kms::operation::get_key_policy::{GetKeyPolicyError, GetKeyPolicyOutput};
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeyState};
use aws_sdk_sns::operation::get_subscription_attributes::{
    GetSubscriptionAttributesError, GetSubscriptionAttributesOutput,
};
use aws_smithy_mocks::{Rule, mock};
use notify_core::aws::Filter;
use notify_core::provider::{ErrorClass, Inspect, KeyManager, SubscriptionFacts};

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234";
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "a", "Effect": "Allow"}]}"#;

fn described(enabled: bool, state: KeyState, manager: KeyManagerType) -> Rule {
    mock!(aws_sdk_kms::Client::describe_key)
        .match_requests(|request| request.key_id() == Some("alias/notify"))
        .then_output(move || {
            let key = KeyMetadata::builder()
                .key_id("1234")
                .arn(KEY)
                .enabled(enabled)
                .key_state(state.clone())
                .key_manager(manager.clone());
            DescribeKeyOutput::builder().key_metadata(key.build().expect("a key")).build()
        })
}

fn policy(text: &'static str) -> Rule {
    mock!(aws_sdk_kms::Client::get_key_policy)
        .match_requests(|request| {
            request.key_id() == Some("1234") && request.policy_name() == Some("default")
        })
        .then_output(move || GetKeyPolicyOutput::builder().policy(text).build())
}

#[tokio::test]
async fn a_key_is_described_and_its_policy_read_by_its_id() {
    let mut mocks = Mocks {
        kms: vec![described(true, KeyState::Enabled, KeyManagerType::Customer), policy(POLICY)],
        ..Mocks::default()
    };
    let facts = mocks.provider().key(&region(), "alias/notify").await.expect("an answer");
    let facts = facts.expect("a key");
    assert_eq!(facts.arn.to_string(), KEY);
    assert_eq!((facts.enabled, facts.state.as_str()), (true, "Enabled"));
    assert_eq!(facts.manager, KeyManager::Customer);
    assert_eq!(facts.policy.map(|policy| policy.named(0)).as_deref(), Some("statement `a`"));
    assert_eq!(mocks.calls(), 2);
}

#[tokio::test]
async fn the_policy_of_a_key_that_cannot_help_is_not_read() {
    for (enabled, state, manager, want) in [
        (false, KeyState::PendingDeletion, KeyManagerType::Customer, KeyManager::Customer),
        (true, KeyState::Enabled, KeyManagerType::Aws, KeyManager::Aws),
    ] {
        let name = state.as_str().to_owned();
        let mut mocks = Mocks { kms: vec![described(enabled, state, manager)], ..Mocks::default() };
        let facts = mocks.provider().key(&region(), "alias/notify").await.expect("an answer");
        let facts = facts.expect("a key");
        assert_eq!((facts.enabled, facts.state, facts.manager), (enabled, name, want));
        assert_eq!(facts.policy, None);
        assert_eq!(mocks.calls(), 1);
    }
}

#[tokio::test]
async fn a_key_that_is_not_there_and_one_that_may_not_be_read() {
    let gone = mock!(aws_sdk_kms::Client::describe_key)
        .then_error(|| DescribeKeyError::generic(code("NotFoundException")));
    let mut mocks = Mocks { kms: vec![gone], ..Mocks::default() };
    assert_eq!(mocks.provider().key(&region(), "alias/notify").await.expect("an answer"), None);

    let denied = mock!(aws_sdk_kms::Client::get_key_policy)
        .then_error(|| GetKeyPolicyError::generic(code("AccessDeniedException")));
    let mut mocks = Mocks {
        kms: vec![described(true, KeyState::Enabled, KeyManagerType::Customer), denied],
        ..Mocks::default()
    };
    let error = mocks.provider().key(&region(), "alias/notify").await.expect_err("a refusal");
    assert_eq!(
        (error.class, error.operation.as_str()),
        (ErrorClass::AccessDenied, "kms:GetKeyPolicy")
    );

    let mut mocks = Mocks {
        kms: vec![described(true, KeyState::Enabled, KeyManagerType::Customer), policy("{")],
        ..Mocks::default()
    };
    let error = mocks.provider().key(&region(), "alias/notify").await.expect_err("no document");
    assert!(error.message.starts_with("the key's policy: not a policy document"), "{error}");
}

const ARN: &str = "arn:aws:sns:eu-west-1:123456789012:alerts:1-2-3";

async fn facts(attributes: &[(&'static str, &'static str)]) -> Option<SubscriptionFacts> {
    let attributes = attributes.to_vec();
    let rule = mock!(aws_sdk_sns::Client::get_subscription_attributes)
        .match_requests(|request| request.subscription_arn() == Some(ARN))
        .then_output(move || {
            let output = GetSubscriptionAttributesOutput::builder();
            attributes
                .iter()
                .fold(output, |output, (name, value)| output.attributes(*name, *value))
                .build()
        });
    let mut mocks = Mocks { sns: vec![rule], ..Mocks::default() };
    let facts = mocks.provider().subscription(&topic(), ARN).await.expect("an answer");
    assert_eq!(mocks.calls(), 1);
    facts
}

#[tokio::test]
async fn a_subscriptions_attributes_tell_of_its_lock_and_its_filter() {
    let of = |confirmed, locked, filter: Option<(&str, bool)>| {
        Some(SubscriptionFacts {
            confirmed,
            confirmation_was_authenticated: locked,
            filter: filter.and_then(|(policy, on_body)| Filter::parse(policy, on_body)),
        })
    };
    let (pending, lock) = ("PendingConfirmation", "ConfirmationWasAuthenticated");
    let (filter, scope) = ("FilterPolicy", "FilterPolicyScope");
    for (attributes, want) in [
        (vec![], of(true, false, None)),
        (vec![(pending, "false"), (lock, "true")], of(true, true, None)),
        (vec![(pending, "true"), (lock, "false")], of(false, false, None)),
        (vec![(filter, "{}")], of(true, false, None)),
        (vec![(filter, "")], of(true, false, None)),
        (vec![(filter, "{\"a\":[1]}")], of(true, false, Some(("{\"a\":[1]}", false)))),
        (
            vec![(filter, "{\"a\":[1]}"), (scope, "MessageBody")],
            of(true, false, Some(("{\"a\":[1]}", true))),
        ),
    ] {
        assert_eq!(facts(&attributes).await, want, "{attributes:?}");
    }
    let gone = mock!(aws_sdk_sns::Client::get_subscription_attributes)
        .then_error(|| GetSubscriptionAttributesError::generic(code("NotFound")));
    let mut mocks = Mocks { sns: vec![gone], ..Mocks::default() };
    assert_eq!(mocks.provider().subscription(&topic(), ARN).await.expect("an answer"), None);
}

#[tokio::test]
async fn alarms_are_asked_since_when_a_hundred_at_a_time() {
    let rule = mock!(aws_sdk_cloudwatch::Client::describe_alarms).then_compute_output(|request| {
        let alarm = |name: &String| {
            MetricAlarm::builder()
                .alarm_name(name)
                .state_updated_timestamp(DateTime::from_secs(60))
                .build()
        };
        assert!(request.alarm_names().len() <= 100);
        let first = request.alarm_names().iter().take(1);
        DescribeAlarmsOutput::builder().set_metric_alarms(Some(first.map(alarm).collect())).build()
    });
    let mut mocks = Mocks { cloudwatch: vec![rule], ..Mocks::default() };
    let names: Vec<String> = (0..101).map(|number| format!("a{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let since = mocks.provider().alarms_since(&region(), &names).await.expect("an answer");
    let since: Vec<(String, i64)> =
        since.into_iter().map(|(name, since)| (name, since.as_second())).collect();
    assert_eq!(since, [("a0".to_owned(), 60), ("a100".to_owned(), 60)]);
    assert_eq!(mocks.calls(), 2);
}
