//! Topics and subscriptions as they are read.

use crate::mocks::{Mocks, TOPIC, alarm, code, region, scope, tags, topic};
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::operation::list_rule_names_by_target::ListRuleNamesByTargetOutput;
use aws_sdk_eventbridge::operation::list_tags_for_resource as list_rule_tags;
use aws_sdk_eventbridge::operation::list_targets_by_rule::ListTargetsByRuleOutput;
use aws_sdk_resourcegroupstagging::operation::get_resources::GetResourcesOutput;
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use aws_sdk_sns::Client;
use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesOutput;
use aws_sdk_sns::operation::list_subscriptions_by_topic::ListSubscriptionsByTopicOutput;
use aws_sdk_sns::operation::list_tags_for_resource::{
    ListTagsForResourceError, ListTagsForResourceOutput,
};
use aws_sdk_sns::types::{Subscription, Tag};
use aws_smithy_mocks::{Rule, mock};
use notify_core::aws::Protocol;
use notify_core::aws::policy::Policy;
use notify_core::aws::{Region, RuleName, TopicName};
use notify_core::provider::{ErrorClass, Provider};
use notify_core::state::{Kind, Resource, ResourceKey, SubscriptionStatus, Topic, Want};

const POLICY: &str = r#"{"Version":"2008-10-17","Statement":[{"Sid":"a","Effect":"Allow"}]}"#;

/// A topic that exists, with these attributes and subscriptions.
fn there(
    attributes: &'static [(&'static str, &'static str)],
    subscriptions: &'static [(&'static str, &'static str, &'static str)],
) -> Vec<Rule> {
    let attributes = mock!(Client::get_topic_attributes)
        .match_requests(|request| request.topic_arn() == Some(TOPIC))
        .then_output(move || {
            attributes
                .iter()
                .fold(GetTopicAttributesOutput::builder(), |output, (name, value)| {
                    output.attributes(*name, *value)
                })
                .build()
        });
    let tags = mock!(Client::list_tags_for_resource)
        .match_requests(|request| request.resource_arn() == Some(TOPIC))
        .then_output(|| {
            let tag = Tag::builder().key("notify:stack").value("security").build();
            ListTagsForResourceOutput::builder().tags(tag.expect("a tag")).build()
        });
    // One subscription a page.
    let pages = mock!(Client::list_subscriptions_by_topic)
        .match_requests(|request| request.topic_arn() == Some(TOPIC))
        .then_compute_output(move |request| {
            let page: usize = request.next_token().map_or(0, |token| token.parse().expect("ours"));
            let listed = subscriptions.get(page).map(|(protocol, endpoint, arn)| {
                Subscription::builder()
                    .protocol(*protocol)
                    .endpoint(*endpoint)
                    .subscription_arn(*arn)
                    .build()
            });
            let next = (page + 1 < subscriptions.len()).then(|| (page + 1).to_string());
            ListSubscriptionsByTopicOutput::builder()
                .set_subscriptions(listed.map(|one| vec![one]))
                .set_next_token(next)
                .build()
        });
    vec![attributes, tags, pages]
}

#[tokio::test]
async fn a_topic_is_read_with_its_attributes_and_tags() {
    let attributes =
        &[("DisplayName", "Alerts"), ("KmsMasterKeyId", "alias/k"), ("Policy", POLICY)];
    let mut mocks = Mocks { sns: there(attributes, &[]), ..Mocks::default() };
    let state = mocks.observe().await.unwrap();
    let expected = Topic {
        display_name: Want::Exactly("Alerts".to_owned()),
        kms_key: Want::Exactly(Some("alias/k".to_owned())),
        policy: Want::Exactly(Policy::parse(POLICY).unwrap()),
        tags: Want::Exactly(tags()),
    };
    assert_eq!(state.get(&topic()), Some(&Resource::Topic(expected)));
}

#[tokio::test]
async fn what_a_topic_leaves_unsaid_is_filled_in() {
    let mut mocks = Mocks { sns: there(&[("KmsMasterKeyId", "")], &[]), ..Mocks::default() };
    let state = mocks.observe().await.unwrap();
    let Some(Resource::Topic(topic)) = state.get(&topic()) else { panic!("no topic: {state:?}") };
    assert_eq!(topic.display_name, Want::Exactly(String::new()));
    assert_eq!(topic.kms_key, Want::Exactly(None));
    assert_eq!(topic.policy, Want::Exactly(Policy::of([])));
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_names_its_topic() {
    let mut mocks = Mocks { sns: there(&[("Policy", "{")], &[]), ..Mocks::default() };
    let error = mocks.observe().await.unwrap_err();
    assert_eq!((error.class, error.resource), (ErrorClass::Other, topic().to_string()));
}

#[tokio::test]
async fn a_topic_that_does_not_exist_is_asked_nothing_more() {
    // Tags and subscriptions have no mock here: asking for them would fail.
    let mut mocks = Mocks::default();
    let state = mocks.observe().await.unwrap();
    assert!(state.is_empty(), "{state:?}");
    // Identity, tags, topic, rules by target, alarms by prefix and by name, the rule.
    assert_eq!(mocks.calls(), 7);
}

#[tokio::test]
async fn a_topic_that_goes_meanwhile_is_not_there() {
    let gone = mock!(Client::list_tags_for_resource)
        .then_error(|| ListTagsForResourceError::generic(code("ResourceNotFound")));
    let mut sns = there(&[], &[]);
    sns.insert(0, gone);
    let state = Mocks { sns, ..Mocks::default() }.observe().await.unwrap();
    assert!(state.is_empty(), "{state:?}");
}

#[tokio::test]
async fn subscriptions_are_read_from_all_pages_and_told_apart_by_their_words() {
    use SubscriptionStatus::{Confirmed, Deleted, Pending};
    let subscriptions = &[
        ("email", "a@example.com", "arn:a"),
        ("email", "b@example.com", "PendingConfirmation"),
        ("email-json", "b@example.com", "Deleted"),
        // The same endpoint twice: the entry that is most alive counts, in any order.
        ("email", "c@example.com", "Deleted"),
        ("email", "c@example.com", "PendingConfirmation"),
        ("email", "d@example.com", "arn:d"),
        ("email", "d@example.com", "Deleted"),
        ("firehose", "arn:stream", "arn:e"),
        ("carrier-pigeon", "dovecote", "arn:f"),
    ];
    let mut mocks = Mocks { sns: there(&[], subscriptions), ..Mocks::default() };
    let state = mocks.observe().await.unwrap();
    for (protocol, endpoint, status, arn) in [
        (Protocol::Email, "a@example.com", Confirmed, Some("arn:a")),
        (Protocol::Email, "b@example.com", Pending, None),
        (Protocol::EmailJson, "b@example.com", Deleted, None),
        (Protocol::Email, "c@example.com", Pending, None),
        (Protocol::Email, "d@example.com", Confirmed, Some("arn:d")),
        (Protocol::Firehose, "arn:stream", Confirmed, Some("arn:e")),
    ] {
        let key = ResourceKey::subscription(&topic(), protocol, endpoint);
        let Some(Resource::Subscription(found)) = state.get(&key) else { panic!("no {key}") };
        assert_eq!(found.topic, topic());
        assert_eq!(found.status, Want::Exactly(status), "{key}");
        assert_eq!(found.arn, Want::Exactly(arn.map(str::to_owned)), "{key}");
    }
    assert_eq!(state.keys().filter(|key| key.kind == Kind::Subscription).count(), 6);
}

/// Two pages of what carries the tag.
fn tagged(kinds: &'static [&'static str], arns: &'static [&'static str]) -> Rule {
    mock!(aws_sdk_resourcegroupstagging::Client::get_resources)
        .match_requests(move |request| {
            let filter = TagFilter::builder().key("notify:stack").values("security").build();
            request.tag_filters() == [filter]
                && request.resource_type_filters() == kinds
                && request.resources_per_page() == Some(100)
        })
        .then_compute_output(move |request| {
            let (first, rest) = arns.split_at(1);
            let (arns, next) = match request.pagination_token() {
                None => (first, "more"),
                Some("more") => (rest, ""),
                Some(other) => panic!("a strange token: {other}"),
            };
            let mapping = |arn: &&str| ResourceTagMapping::builder().resource_arn(*arn).build();
            GetResourcesOutput::builder()
                .set_resource_tag_mapping_list(Some(arns.iter().map(mapping).collect()))
                .pagination_token(next)
                .build()
        })
}

#[tokio::test]
async fn what_carries_the_tag_is_looked_at_too() {
    const FORMER: &str = "arn:aws:sns:eu-west-1:123456789012:former";
    let found = mock!(Client::get_topic_attributes)
        .match_requests(|request| request.topic_arn() == Some(FORMER))
        .then_output(|| GetTopicAttributesOutput::builder().build());
    let tags = mock!(Client::list_tags_for_resource)
        .then_output(|| ListTagsForResourceOutput::builder().build());
    let subscriptions = mock!(Client::list_subscriptions_by_topic)
        .then_output(|| ListSubscriptionsByTopicOutput::builder().build());
    let arns = &[TOPIC, FORMER];
    let by_target = mock!(aws_sdk_eventbridge::Client::list_rule_names_by_target)
        .match_requests(|request| request.target_arn() == Some(FORMER))
        .then_output(|| ListRuleNamesByTargetOutput::builder().rule_names("leftover").build());
    let described = mock!(aws_sdk_eventbridge::Client::describe_rule)
        .match_requests(|request| request.name() == Some("leftover"))
        .then_output(|| DescribeRuleOutput::builder().build());
    let targets = mock!(aws_sdk_eventbridge::Client::list_targets_by_rule)
        .then_output(|| ListTargetsByRuleOutput::builder().build());
    let rule_tags = mock!(aws_sdk_eventbridge::Client::list_tags_for_resource)
        .then_output(|| list_rule_tags::ListTagsForResourceOutput::builder().build());
    let mut mocks = Mocks {
        sns: vec![found, tags, subscriptions],
        events: vec![by_target, described, targets, rule_tags],
        tagging: vec![tagged(&["sns", "sqs", "states:stateMachine", "events:rule"], arns)],
        ..Mocks::default()
    };
    let state = mocks.observe().await.unwrap();
    let key = ResourceKey::topic(&region(), &TopicName::parse("former").unwrap());
    let leftover = ResourceKey::rule(&region(), &RuleName::parse("leftover").unwrap());
    assert_eq!(state.keys().collect::<Vec<_>>(), [&key, &leftover]);
    // The topic that is wanted is not read a second time because it is tagged.
    assert_eq!(mocks.calls(), 7 + 1 + 5 + 3);
}

#[tokio::test]
async fn a_thorough_look_asks_for_alarms_by_their_tag() {
    let arns = &["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:lost"];
    let by_name = mock!(aws_sdk_cloudwatch::Client::describe_alarms)
        .match_requests(|request| request.alarm_names() == ["errors", "lost"])
        .then_output(|| {
            let alarm = MetricAlarm::builder().alarm_name("lost").build();
            DescribeAlarmsOutput::builder().metric_alarms(alarm).build()
        });
    let mut mocks = Mocks {
        cloudwatch: vec![by_name],
        tagging: vec![tagged(
            &["sns", "sqs", "states:stateMachine", "events:rule", "cloudwatch:alarm"],
            arns,
        )],
        ..Mocks::default()
    };
    let state = mocks.provider().observe(&scope(true)).await.unwrap();
    assert_eq!(state.keys().collect::<Vec<_>>(), [&alarm("lost")]);
}

#[tokio::test]
async fn every_region_of_the_scope_is_looked_at() {
    let mut scope = scope(false);
    let wanted = scope.regions[&region()].clone();
    scope.regions.insert(Region::us_east_1(), wanted);
    let mut mocks = Mocks::default();
    let provider = mocks.provider_in(&[region(), Region::us_east_1()]);
    assert!(provider.observe(&scope).await.unwrap().is_empty());
    assert_eq!(mocks.calls(), 1 + 2 * 6, "the identity is asked for once");

    let elsewhere = Mocks::default().provider().observe(&scope).await.unwrap_err();
    assert_eq!(elsewhere.class, ErrorClass::Invalid, "{elsewhere}");
}
