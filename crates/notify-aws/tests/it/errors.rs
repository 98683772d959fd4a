//! Failures as people see them: of answers that SNS really gives, and where there is no answer.

use crate::mocks::{Mocks, change, region, topic};
use aws_sdk_sns::Client;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::config::{BehaviorVersion, Builder, Config, Credentials};
use aws_smithy_mocks::mock;
use notify_aws::AwsProvider;
use notify_core::plan::Step;
use notify_core::provider::{ErrorClass, Provider, ProviderError};
use std::collections::BTreeMap;
use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

fn delete() -> Vec<Step> {
    vec![Step::DeleteTopic { topic: topic() }]
}

#[tokio::test]
async fn answers_of_sns_have_their_class_operation_and_text() {
    let denied = "User: arn:aws:iam::123456789012:user/u is not authorized to perform: \
                  SNS:DeleteTopic on resource: arn:aws:sns:eu-west-1:123456789012:alerts";
    for (status, code, text, class, operation) in [
        (403, "AuthorizationError", denied, ErrorClass::AccessDenied, "sns:DeleteTopic"),
        (400, "InvalidParameter", "Invalid parameter", ErrorClass::Invalid, "sns:DeleteTopic"),
        (400, "ConcurrentAccess", "Again", ErrorClass::Conflict, "sns:DeleteTopic"),
        (403, "InvalidClientTokenId", "Who?", ErrorClass::Other, "sns:DeleteTopic"),
        (429, "Unheard", "Slowly", ErrorClass::Throttled, "sns:DeleteTopic"),
    ] {
        let body = format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
             <Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>"
        );
        let rule = mock!(Client::delete_topic).sequence().http_status(status, Some(body));
        let mut mocks = Mocks { sns: vec![rule.build()], ..Mocks::default() };
        let error = mocks.run(&topic(), delete()).await.unwrap_err();
        assert_eq!((error.class, error.operation.as_str()), (class, operation), "{code}");
        assert_eq!(error.resource, topic().to_string());
        assert!(error.message.ends_with(text), "{code}: {}", error.message);
        assert!(error.source().is_some());
    }
}

/// What comes of a real client with these settings.
async fn sent(settings: impl FnOnce(Builder) -> Builder) -> ProviderError {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(notify_aws::https_client())
        .region(aws_sdk_sns::config::Region::new("eu-west-1"));
    let mut clients = Mocks::default().clients();
    clients.sns = Client::from_conf(settings(config).build());
    let provider = AwsProvider::from_clients(BTreeMap::from([(region(), clients)]));
    let change = change(&topic(), delete());
    let mut answers = provider.execute(&[&change]).await;
    answers.pop().expect("an answer").expect_err("a failure")
}

fn somebody() -> Credentials {
    Credentials::new("id", "secret", None, None, "test")
}

#[tokio::test]
async fn where_there_is_no_answer_the_message_says_why() {
    // Nobody listens on a port that was just given back; nobody answers on one that is kept.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let soon =
        TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(50)).build();
    let once = || aws_sdk_sns::config::retry::RetryConfig::disabled();
    for (error, says) in [
        (
            sent(|config| {
                let url = format!("http://{free}");
                config.credentials_provider(somebody()).endpoint_url(url).retry_config(once())
            })
            .await,
            "AWS cannot be reached: Connection refused",
        ),
        (
            sent(|config| {
                let url = format!("http://{address}");
                let config = config.credentials_provider(somebody()).endpoint_url(url);
                config.timeout_config(soon).retry_config(once())
            })
            .await,
            "AWS did not answer in time: operation attempt timeout",
        ),
    ] {
        assert!(error.message.starts_with(says), "{says} <> {}", error.message);
        assert_eq!(error.class, ErrorClass::Other);
        assert_eq!(error.operation, "sns:DeleteTopic");
        assert!(error.source().is_some());
    }
}
