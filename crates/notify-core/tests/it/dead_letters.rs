//! Where what EventBridge loses goes in a local account.

use notify_core::aws::Region;
use notify_core::local::{Answer, Fate, LocalCloud};
use notify_core::plan::{Request, Step, prepare};
use notify_core::provider;
use notify_core::spec::{Format, parse};
use serde_json::Value;

const FILE: &str = r#"
stack = "s"
regions = ["eu-west-1"]
dead_letter = "lost"
[topic]
name = "t"
[fallback]
[[fallback.subscriptions]]
protocol = "email"
endpoint = "me@example.net"
[[events]]
name = "r"
pattern = '{"source": ["shop"]}'
message = "<$.detail.why>"
"#;

const LOST: &str = r#"{"source": "shop", "detail": {"why": "say \"no\""}}"#;

fn region() -> Region {
    Region::parse("eu-west-1").expect("a region")
}

/// The file set up, and a step of somebody's.
fn cloud(step: &str) -> LocalCloud {
    let spec = parse(FILE, Format::Toml).spec.expect("a good file");
    let cloud = LocalCloud::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let plan = prepare(&cloud, &spec, &Request::setup(None)).await.expect("a plan");
        assert!(provider::apply(&cloud, &plan, || false, |_| {}).await.is_complete());
    });
    if !step.is_empty() {
        let step: Step = serde_json::from_str(step).expect("a step");
        cloud.call(&region(), &step).expect("done by hand");
    }
    cloud
}

/// The queue that an event of the file's rule went to.
fn queue_of(cloud: &LocalCloud, event: &str) -> Option<String> {
    let offered = cloud.emit(&region(), event).expect("an event");
    match &offered[0].answer {
        Answer::Matched(fates) => match fates.as_slice() {
            [Fate::Lost(letter)] => letter.queue.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_a_queue_that_takes_it_holds_what_was_lost() {
    let target = |queue: &str| {
        format!(
            r#"{{"put_target": {{"rule": "r", "target": {{"rule": "eu-west-1/rule/r", "id": "notify",
            "to": {{"key": "eu-west-1/topic/t"}}, "input": {{"transformer": {{"paths": {{"w": "$.detail.why"}},
            "template": "\"<w>\""}}}}, "delivery": {{"exactly": {{"role": null, "retry": null,
            "dead_letter": {queue}}}}}}}}}}}"#
        )
    };
    for (step, held) in [
        (String::new(), true),
        (target(r#"{"key": "eu-west-1/queue/lost"}"#), true),
        (target("null"), false),
        (target(r#"{"key": "eu-west-1/queue/other"}"#), false),
        (target(r#"{"key": "eu-west-1/topic/t"}"#), false),
        (target(r#"{"key": "us-east-1/queue/lost"}"#), false),
        (target(r#"{"arn": "arn:aws:sqs:eu-west-1:210987654321:lost"}"#), false),
        (r#"{"delete_queue": {"name": "lost"}}"#.to_owned(), false),
        (
            r#"{"merge_queue_policy": {"queue": "eu-west-1/queue/lost", "put": [],
                "remove": ["NotifyAllowEventBridge"]}}"#
                .to_owned(),
            false,
        ),
        (
            r#"{"set_queue_attributes": {"queue": "eu-west-1/queue/lost",
                "attributes": [["SqsManagedSseEnabled", "true"]]}}"#
                .to_owned(),
            false,
        ),
    ] {
        let found = queue_of(&cloud(&step), LOST);
        assert_eq!(found.as_deref(), held.then_some("lost"), "{step}");
    }
}

#[test]
fn what_the_topic_refuses_goes_to_the_queue_too() {
    let cloud = cloud(
        r#"{"merge_topic_policy": {"topic": "eu-west-1/topic/t", "put": [],
            "remove": ["NotifyAllowEventBridge"]}}"#,
    );
    let fine = r#"{"source": "shop", "detail": {"why": "rain"}}"#;
    assert_eq!(queue_of(&cloud, fine).as_deref(), Some("lost"));
    let account = cloud.cloud();
    let [message] = account.regions[&region()].queues["lost"].messages.as_slice() else {
        panic!("one message");
    };
    assert_eq!(message.body, "\"rain\"");
    assert_eq!(message.attributes["ERROR_CODE"], "NO_PERMISSIONS");
    assert_eq!(message.attributes["TARGET_ARN"], "arn:aws:sns:eu-west-1:123456789012:t");
}

#[test]
fn a_queue_keeps_a_thousand_messages_and_a_minute_one_depth() {
    let cloud = cloud("");
    for _ in 0..1001 {
        queue_of(&cloud, LOST);
    }
    let account = cloud.cloud();
    let place = &account.regions[&region()];
    assert_eq!(place.queues["lost"].messages.len(), 1000);
    let depths: Vec<&Value> =
        place.metrics.iter().filter_map(|point| point.pointer("/MetricData/0/Value")).collect();
    assert_eq!(depths, [&Value::from(1000)]);
}

#[test]
fn a_queue_takes_only_values_that_sqs_takes() {
    for (value, takes) in [("59", false), ("60", true), ("1209600", true), ("1209601", false)] {
        let step = format!(
            r#"{{"set_queue_attributes": {{"queue": "eu-west-1/queue/lost",
                "attributes": [["MessageRetentionPeriod", "{value}"]]}}}}"#
        );
        let step: Step = serde_json::from_str(&step).expect("a step");
        assert_eq!(cloud("").call(&region(), &step).is_ok(), takes, "{value}");
    }
}

#[test]
fn a_schedule_comes_for_rules_that_have_one_and_are_awake() {
    let rule = |name: &str, state: &str, schedule: &str| {
        let pattern = if schedule == "null" { r#""{\"source\":[\"x\"]}""# } else { "null" };
        let step = format!(
            r#"{{"put_rule": {{"name": "{name}", "rule": {{"description": "", "pattern": {pattern},
            "schedule": {schedule}, "role": null, "state": {{"exactly": "{state}"}},
            "managed_by": {{"exactly": null}}, "tags": "keep"}}}}}}"#
        );
        serde_json::from_str::<Step>(&step).expect("a step")
    };
    let cloud = LocalCloud::default();
    for (name, state, schedule) in [
        ("beat", "ENABLED", r#""rate(1 day)""#),
        ("off", "DISABLED", r#""rate(1 day)""#),
        ("event", "ENABLED", "null"),
    ] {
        cloud.call(&region(), &rule(name, state, schedule)).expect("a rule");
    }
    assert_eq!(cloud.fire(&region(), "beat"), Some(Answer::Matched(Vec::new())));
    assert_eq!(cloud.fire(&region(), "off"), Some(Answer::Asleep));
    assert_eq!(cloud.fire(&region(), "event"), None);
    assert_eq!(cloud.fire(&region(), "none"), None);
    let refused = cloud.call(&region(), &rule("bad", "ENABLED", r#""rate(1 days)""#));
    let refused = refused.expect_err("a refusal");
    assert_eq!(refused.message, "Parameter ScheduleExpression is not valid.");
}
