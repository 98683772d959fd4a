//! What the local account's owner publishes.

use notify_core::aws::{Region, TopicName};
use notify_core::local::LocalCloud;
use notify_core::mail::{MAX_BYTES, Notification};
use notify_core::plan::{self, Step};
use notify_core::provider::{self, ErrorClass, Publish, Readers};
use notify_core::spec::{Format, parse};
use notify_core::state::{ResourceKey, SubscriptionStatus};

const FILE: &str = r#"
stack = "s"
regions = ["us-east-1"]
[topic]
name = "t"
[[subscriptions]]
protocol = "email"
endpoint = "a@example.com"
[[subscriptions]]
protocol = "email-json"
endpoint = "b@example.com"
[[subscriptions]]
protocol = "email"
endpoint = "c@example.com"
"#;

fn topic(region: &str, name: &str) -> ResourceKey {
    let name = TopicName::parse(name).expect("a name");
    ResourceKey::topic(&Region::parse(region).expect("a region"), &name)
}

async fn cloud() -> LocalCloud {
    let spec = parse(FILE, Format::Toml).spec.expect("a good file");
    let cloud = LocalCloud::default();
    let plan = plan::prepare(&cloud, &spec, &plan::Request::setup(None)).await.expect("a plan");
    assert!(provider::apply(&cloud, &plan, || false, |_| {}).await.is_complete());
    cloud.take_mails();
    cloud
}

fn digest() -> Notification {
    Notification { subject: Some("Digest".to_owned()), ..Notification::of_event("text") }
}

#[tokio::test]
async fn each_reader_who_has_confirmed_gets_a_mail() {
    let cloud = cloud().await;
    let topic = topic("us-east-1", "t");
    let readers = async || cloud.readers(&topic).await.expect("an answer");
    assert_eq!(readers().await, Some(Readers { confirmed: 0, pending: 3 }));
    cloud.confirm("a@example.com");
    cloud.confirm("b@example.com");
    assert_eq!(readers().await, Some(Readers { confirmed: 2, pending: 1 }));
    cloud.reader("c@example.com", SubscriptionStatus::Deleted);
    assert_eq!(readers().await, Some(Readers { confirmed: 2, pending: 0 }));

    cloud.set_time("2026-11-24T00:05:00Z".parse().expect("a time"));
    let first = cloud.publish(&topic, &digest()).await.expect("an id");
    let mut mails = cloud.take_mails();
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["a@example.com", "b@example.com"]);
    assert!(mails.iter().all(|mail| mail.subject == "Digest"));
    assert!(mails[0].body.starts_with("text\n\n--\n"), "{}", mails[0].body);
    assert!(mails[1].body.contains("\"Message\": \"text\""), "{}", mails[1].body);
    assert_eq!(mails[0].date.to_string(), "2026-11-24T00:05:00Z");
    let second = cloud.publish(&topic, &digest()).await.expect("an id");
    assert_ne!(first, second);
    assert!(first.starts_with("00000000-0000-4000-8000-") && !first.contains('@'), "{first}");
}

/// A policy that lets nobody in is for others: the account's owner may publish all the same.
#[tokio::test]
async fn a_topics_policy_does_not_concern_its_owner() {
    let cloud = cloud().await;
    cloud.confirm("a@example.com");
    let topic = topic("us-east-1", "t");
    let there = cloud.cloud().regions[&Region::us_east_1()].topics["t"].policy.clone();
    let sids = there.statements().iter().filter_map(|statement| statement["Sid"].as_str());
    let remove = sids.map(str::to_owned).collect();
    let step = Step::MergeTopicPolicy { topic: topic.clone(), put: Vec::new(), remove };
    cloud.call(&Region::us_east_1(), &step).expect("a policy");
    cloud.publish(&topic, &digest()).await.expect("an id");
    assert_eq!(cloud.take_mails().len(), 1);
}

#[tokio::test]
async fn what_sns_refuses_is_refused() {
    let cloud = cloud().await;
    cloud.confirm("a@example.com");
    let here = topic("us-east-1", "t");
    let long = Notification::of_event("x".repeat(MAX_BYTES + 1));
    let odd = Notification { subject: Some("a\nb".to_owned()), ..digest() };
    for (topic, notification, class, message) in [
        (topic("us-east-1", "other"), digest(), ErrorClass::NotFound, "the topic does not exist"),
        (topic("eu-west-1", "t"), digest(), ErrorClass::NotFound, "the topic does not exist"),
        (here.clone(), long, ErrorClass::Invalid, "Invalid parameter: Message too long"),
        (here, odd, ErrorClass::Invalid, "Invalid parameter: Subject"),
    ] {
        let error = cloud.publish(&topic, &notification).await.expect_err(message);
        assert_eq!((error.class, error.message.as_str()), (class, message));
        assert_eq!((error.operation.as_str(), error.resource), ("sns:Publish", topic.to_string()));
        if class == ErrorClass::NotFound {
            assert_eq!(cloud.readers(&topic).await.expect("an answer"), None);
        }
    }
    assert!(cloud.take_mails().is_empty());
}
