//! What is published in one's own name, and to whom.

use crate::mocks::{Mocks, TOPIC, code, topic};
use aws_sdk_sns::Client;
use aws_sdk_sns::operation::get_topic_attributes::{
    GetTopicAttributesError, GetTopicAttributesOutput,
};
use aws_sdk_sns::operation::publish::{PublishError, PublishInput, PublishOutput};
use aws_smithy_mocks::mock;
use notify_core::mail::Notification;
use notify_core::provider::{ErrorClass, Publish, Readers};

fn digest() -> Notification {
    Notification {
        subject: Some("WAF digest 2026-11-23: 1 blocked, 0 counted".to_owned()),
        default: "遮断 1 件\n".to_owned(),
        email: None,
        sms: None,
        attributes: std::collections::BTreeMap::new(),
    }
}

#[tokio::test]
async fn a_message_is_published_with_its_subject() {
    let mut to_each = digest();
    to_each.sms = Some("\"short\"".to_owned());
    let bare = Notification::of_event("x");
    for (notification, subject, message, structure) in [
        (digest(), digest().subject, "遮断 1 件\n", None),
        (
            to_each,
            digest().subject,
            r#"{"default":"遮断 1 件\n","sms":"\"short\""}"#,
            Some("json".to_owned()),
        ),
        (bare, None, "x", None),
    ] {
        let expected = PublishInput::builder()
            .topic_arn(TOPIC)
            .set_subject(subject)
            .message(message)
            .set_message_structure(structure)
            .build()
            .expect("an input");
        let publish = mock!(Client::publish)
            .match_requests(move |request| *request == expected)
            .then_output(|| PublishOutput::builder().message_id("m-1").build());
        let mut mocks = Mocks { sns: vec![publish], ..Mocks::default() };
        let id = mocks.provider().publish(&topic(), &notification).await.expect("an id");
        assert_eq!((id.as_str(), mocks.calls()), ("m-1", 2), "the identity, and this");
    }
}

#[tokio::test]
async fn what_is_not_published_has_its_class() {
    for (said, class) in [
        ("NotFound", ErrorClass::NotFound),
        ("AuthorizationError", ErrorClass::AccessDenied),
        ("KMSAccessDenied", ErrorClass::AccessDenied),
        ("InvalidParameter", ErrorClass::Invalid),
        ("InternalError", ErrorClass::Other),
    ] {
        let publish = mock!(Client::publish).then_error(move || PublishError::generic(code(said)));
        let mut mocks = Mocks { sns: vec![publish], ..Mocks::default() };
        let error = mocks.provider().publish(&topic(), &digest()).await.expect_err(said);
        assert_eq!((error.class, error.operation.as_str()), (class, "sns:Publish"));
        assert_eq!(error.resource, topic().to_string());
        if class == ErrorClass::AccessDenied {
            let hint = error.hint().expect("a hint");
            assert!(hint.contains("`notify-cli policy`"), "{hint}");
        }
    }
}

#[tokio::test]
async fn a_topics_readers_are_counted() {
    let counts = mock!(Client::get_topic_attributes)
        .match_requests(|request| request.topic_arn() == Some(TOPIC))
        .then_output(|| {
            GetTopicAttributesOutput::builder()
                .attributes("SubscriptionsConfirmed", "12")
                .attributes("SubscriptionsPending", "1")
                .build()
        });
    let mut mocks = Mocks { sns: vec![counts], ..Mocks::default() };
    let readers = mocks.provider().readers(&topic()).await.expect("an answer");
    assert_eq!(readers, Some(Readers { confirmed: 12, pending: 1 }));

    let silent = mock!(Client::get_topic_attributes)
        .then_output(|| GetTopicAttributesOutput::builder().build());
    let mut mocks = Mocks { sns: vec![silent], ..Mocks::default() };
    let readers = mocks.provider().readers(&topic()).await.expect("an answer");
    assert_eq!(readers, Some(Readers { confirmed: 0, pending: 0 }));

    // Nothing else is there.
    assert_eq!(Mocks::default().provider().readers(&topic()).await.expect("an answer"), None);

    let denied = mock!(Client::get_topic_attributes)
        .then_error(|| GetTopicAttributesError::generic(code("AuthorizationError")));
    let mut mocks = Mocks { sns: vec![denied], ..Mocks::default() };
    let error = mocks.provider().readers(&topic()).await.expect_err("a failure");
    assert_eq!(error.class, ErrorClass::AccessDenied);
}
