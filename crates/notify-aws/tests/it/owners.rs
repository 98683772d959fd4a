//! Whose resources are, as far as listings do not say; and who asks.

use crate::mocks::{ALARM, Mocks, RULE, TOPIC, alarm, code, rule, tags, target, topic, who};
use aws_sdk_cloudwatch::operation::list_tags_for_resource as alarm_tags;
use aws_sdk_eventbridge::operation::list_tags_for_resource as rule_tags;
use aws_sdk_sns::operation::list_tags_for_resource as topic_tags;
use aws_smithy_mocks::mock;
use notify_core::provider::{ErrorClass, Provider};
use std::collections::BTreeMap;

#[tokio::test]
async fn owners_are_the_tags_of_what_still_exists() {
    let topics = mock!(aws_sdk_sns::Client::list_tags_for_resource)
        .match_requests(|request| request.resource_arn() == Some(TOPIC))
        .then_output(|| {
            let tag = aws_sdk_sns::types::Tag::builder().key("notify:stack").value("security");
            let tag = tag.build().expect("a tag");
            topic_tags::ListTagsForResourceOutput::builder().tags(tag).build()
        });
    let rules = mock!(aws_sdk_eventbridge::Client::list_tags_for_resource)
        .match_requests(|request| request.resource_arn() == Some(RULE))
        .then_error(|| {
            rule_tags::ListTagsForResourceError::generic(code("ResourceNotFoundException"))
        });
    let alarms = mock!(aws_sdk_cloudwatch::Client::list_tags_for_resource)
        .match_requests(|request| request.resource_arn() == Some(ALARM))
        .then_output(|| {
            let tag =
                aws_sdk_cloudwatch::types::Tag::builder().key("notify:stack").value("security");
            alarm_tags::ListTagsForResourceOutput::builder().tags(tag.build()).build()
        });
    let mut mocks = Mocks {
        sns: vec![topics],
        events: vec![rules],
        cloudwatch: vec![alarms],
        ..Mocks::default()
    };
    let provider = mocks.provider();
    let owners = provider.owners(&[topic(), rule(), alarm("errors")]).await.unwrap();
    assert_eq!(owners, BTreeMap::from([(topic(), tags()), (alarm("errors"), tags())]));

    let error = provider.owners(&[target()]).await.unwrap_err();
    assert_eq!((error.class, error.resource), (ErrorClass::Invalid, target().to_string()));
}

#[tokio::test]
async fn the_identity_is_asked_for_once() {
    let mut mocks = Mocks::default();
    let provider = mocks.provider();
    let (one, other) = futures_util::join!(provider.identity(), provider.identity());
    assert_eq!((one.unwrap(), other.unwrap()), (who(), who()));
    assert_eq!(mocks.calls(), 1);
}
