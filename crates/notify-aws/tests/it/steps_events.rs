//! What is sent for rules and targets.

use crate::mocks::{Mocks, RULE, TOPIC, code, queue as lost_queue, rule, tags, target, topic};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::delete_rule::{
    DeleteRuleError, DeleteRuleInput, DeleteRuleOutput,
};
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::operation::put_rule::{PutRuleError, PutRuleInput, PutRuleOutput};
use aws_sdk_eventbridge::operation::put_targets::{PutTargetsInput, PutTargetsOutput};
use aws_sdk_eventbridge::operation::remove_targets::{
    RemoveTargetsError, RemoveTargetsInput, RemoveTargetsOutput,
};
use aws_sdk_eventbridge::operation::tag_resource::{TagResourceInput, TagResourceOutput};
use aws_sdk_eventbridge::operation::untag_resource::{UntagResourceInput, UntagResourceOutput};
use aws_sdk_eventbridge::types::{
    DeadLetterConfig, InputTransformer, PutTargetsResultEntry, RemoveTargetsResultEntry,
    RetryPolicy, RuleState as SdkState, Tag, Target as SdkTarget, builders::TargetBuilder,
};
use aws_smithy_mocks::mock;
use notify_core::pattern::PatternText;
use notify_core::plan::Step;
use notify_core::provider::{Done, ErrorClass};
use notify_core::state::{Delivery, Reference, Retry, Rule, RuleState, Target, Want};
use notify_core::transform::Input;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

const PATTERN: &str = r#"{"source":["aws.signin"]}"#;

fn sdk_tag() -> Tag {
    Tag::builder().key("notify:stack").value("security").build().expect("a tag")
}

fn wanted() -> Rule {
    Rule {
        description: "Somebody signed in".to_owned(),
        pattern: Some(PatternText(PATTERN.to_owned())),
        schedule: None,
        role: None,
        state: Want::Exactly(RuleState::Disabled),
        managed_by: Want::Keep,
        tags: Want::Contains(tags()),
    }
}

fn create() -> Vec<Step> {
    vec![Step::CreateRule { name: "sign-in".to_owned(), rule: wanted(), tags: tags() }]
}

#[tokio::test]
async fn a_rule_is_made_with_its_tags_after_a_look_that_there_is_none() {
    let expected = PutRuleInput::builder()
        .name("sign-in")
        .description("Somebody signed in")
        .event_pattern(PATTERN)
        .state(SdkState::Disabled)
        .tags(sdk_tag())
        .build()
        .unwrap();
    let put = mock!(Client::put_rule)
        .match_requests(move |request| *request == expected)
        .then_output(|| PutRuleOutput::builder().build());
    let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
    assert_eq!(mocks.run(&rule(), create()).await.unwrap(), Done::Complete);
    assert_eq!(mocks.calls(), 3, "the identity, the look, and this");
}

#[tokio::test]
async fn a_rule_that_was_made_meanwhile_is_a_conflict() {
    // There is no mock of PutRule: it must not be called.
    let there = mock!(Client::describe_rule)
        .match_requests(|request| request.name() == Some("sign-in"))
        .then_output(|| DescribeRuleOutput::builder().name("sign-in").build());
    let mut mocks = Mocks { events: vec![there], ..Mocks::default() };
    let error = mocks.run(&rule(), create()).await.unwrap_err();
    assert_eq!((error.class, error.operation.as_str()), (ErrorClass::Conflict, "events:PutRule"));
}

#[tokio::test]
async fn a_rule_is_written_as_a_whole_without_tags() {
    let bare = Rule { description: String::new(), pattern: None, ..wanted() };
    let all = Rule {
        schedule: Some("rate(1 day)".to_owned()),
        role: Some("arn:r".to_owned()),
        state: Want::Keep,
        ..wanted()
    };
    let named = || PutRuleInput::builder().name("sign-in");
    for (rule_, expected) in [
        (bare, named().state(SdkState::Disabled)),
        (
            all,
            named()
                .description("Somebody signed in")
                .event_pattern(PATTERN)
                .schedule_expression("rate(1 day)")
                .role_arn("arn:r")
                .state(SdkState::Enabled),
        ),
    ] {
        let expected = expected.build().unwrap();
        let put = mock!(Client::put_rule)
            .match_requests(move |request| *request == expected)
            .then_output(|| PutRuleOutput::builder().build());
        let step = Step::PutRule { name: "sign-in".to_owned(), rule: rule_ };
        let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
        mocks.run(&rule(), vec![step]).await.unwrap();
        assert_eq!(mocks.events[0].num_calls(), 1);
    }
}

fn to_topic(input: Input, delivery: Want<Delivery>) -> Vec<Step> {
    let target = Target {
        rule: rule(),
        id: "notify".to_owned(),
        to: Reference::Key(topic()),
        input,
        delivery,
    };
    vec![Step::PutTarget { rule: "sign-in".to_owned(), target }]
}

#[tokio::test]
async fn a_target_is_written_as_a_whole() {
    fn of() -> TargetBuilder {
        SdkTarget::builder().id("notify").arn(TOPIC)
    }
    let paths = BTreeMap::from([("who".to_owned(), "$.detail.who".to_owned())]);
    let transformer = InputTransformer::builder().input_paths_map("who", "$.detail.who");
    let transformer = transformer.input_template("\"<who>\"").build().unwrap();
    let retry = RetryPolicy::builder().maximum_retry_attempts(3).maximum_event_age_in_seconds(60);
    let queue = DeadLetterConfig::builder().arn("arn:aws:sqs:eu-west-1:123456789012:lost").build();
    let delivery = Delivery {
        role: Some(Reference::Arn("arn:r".to_owned())),
        dead_letter: Some(Reference::Key(lost_queue("lost"))),
        retry: Some(Retry { attempts: Some(3), age: Some(60) }),
    };
    let plain = Want::Unnamed(Delivery::default());
    for (input, delivery, expected) in [
        (Input::Event, plain.clone(), of()),
        (Input::Event, Want::Keep, of()),
        (Input::Constant("{}".to_owned()), plain.clone(), of().input("{}")),
        (Input::Path("$.detail".to_owned()), plain.clone(), of().input_path("$.detail")),
        (
            Input::Transformer { paths, template: "\"<who>\"".to_owned() },
            plain,
            of().input_transformer(transformer),
        ),
        (
            Input::Event,
            Want::Exactly(delivery),
            of().role_arn("arn:r").dead_letter_config(queue).retry_policy(retry.build()),
        ),
    ] {
        let expected = expected.build().unwrap();
        let expected = PutTargetsInput::builder().rule("sign-in").targets(expected);
        let expected = expected.build().unwrap();
        let put = mock!(Client::put_targets)
            .match_requests(move |request| *request == expected)
            .then_output(|| PutTargetsOutput::builder().build());
        let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
        mocks.run(&target(), to_topic(input, delivery)).await.unwrap();
        assert_eq!(mocks.events[0].num_calls(), 1);
    }
}

/// A success as a whole that refuses its one entry.
fn refused_entry(code: &str) -> PutTargetsOutput {
    let entry = PutTargetsResultEntry::builder()
        .target_id("notify")
        .error_code(code)
        .error_message("not this one")
        .build();
    PutTargetsOutput::builder().failed_entry_count(1).failed_entries(entry).build()
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_refused_in_a_success_is_a_failure() {
    for (code, class, calls) in [
        ("ConcurrentModificationException", ErrorClass::Conflict, 4),
        ("ResourceNotFoundException", ErrorClass::NotFound, 1),
        ("AccessDeniedException", ErrorClass::AccessDenied, 1),
        ("ManagedRuleException", ErrorClass::Invalid, 1),
        ("InternalException", ErrorClass::Other, 1),
    ] {
        let put = mock!(Client::put_targets).then_output(move || refused_entry(code));
        let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
        let error = mocks.run(&target(), to_topic(Input::Event, Want::Keep)).await.unwrap_err();
        assert_eq!((error.class, error.message.as_str()), (class, "not this one"), "{code}");
        assert_eq!(
            (error.operation.as_str(), error.resource),
            ("events:PutTargets", target().to_string())
        );
        assert_eq!(mocks.events[0].num_calls(), calls, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn writes_that_meet_another_one_are_tried_again() {
    let tries = AtomicUsize::new(0);
    let put = mock!(Client::put_targets).then_output(move || {
        match tries.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => refused_entry("ConcurrentModificationException"),
            _ => PutTargetsOutput::builder().build(),
        }
    });
    let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
    mocks.run(&target(), to_topic(Input::Event, Want::Keep)).await.unwrap();
    assert_eq!(mocks.events[0].num_calls(), 3);

    let put = mock!(Client::put_rule)
        .sequence()
        .error(|| PutRuleError::generic(code("ConcurrentModificationException")))
        .output(|| PutRuleOutput::builder().build())
        .build();
    let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
    mocks.run(&rule(), create()).await.unwrap();
    assert_eq!(mocks.events[0].num_calls(), 2);
}

fn remove() -> Vec<Step> {
    vec![Step::RemoveTarget { rule: "sign-in".to_owned(), id: "notify".to_owned() }]
}

#[tokio::test]
async fn a_target_is_removed_by_its_id() {
    let expected = RemoveTargetsInput::builder().rule("sign-in").ids("notify").build().unwrap();
    let removed = mock!(Client::remove_targets)
        .match_requests(move |request| *request == expected)
        .then_output(|| RemoveTargetsOutput::builder().build());
    let mut mocks = Mocks { events: vec![removed], ..Mocks::default() };
    mocks.run(&target(), remove()).await.unwrap();
    assert_eq!(mocks.events[0].num_calls(), 1);

    let gone = mock!(Client::remove_targets)
        .then_error(|| RemoveTargetsError::generic(code("ResourceNotFoundException")));
    Mocks { events: vec![gone], ..Mocks::default() }.run(&target(), remove()).await.unwrap();

    for (code, class) in
        [("ResourceNotFoundException", None), ("ManagedRuleException", Some(ErrorClass::Invalid))]
    {
        let removed = mock!(Client::remove_targets).then_output(move || {
            let entry = RemoveTargetsResultEntry::builder().error_code(code).build();
            RemoveTargetsOutput::builder().failed_entry_count(1).failed_entries(entry).build()
        });
        let mut mocks = Mocks { events: vec![removed], ..Mocks::default() };
        let answer = mocks.run(&target(), remove()).await;
        assert_eq!(answer.err().map(|error| error.class), class, "{code}");
    }
}

#[tokio::test]
async fn a_rule_is_deleted_and_need_not_be_there() {
    let step = || vec![Step::DeleteRule { name: "sign-in".to_owned() }];
    let expected = DeleteRuleInput::builder().name("sign-in").build().unwrap();
    let deleted = mock!(Client::delete_rule)
        .match_requests(move |request| *request == expected)
        .then_output(|| DeleteRuleOutput::builder().build());
    let mut mocks = Mocks { events: vec![deleted], ..Mocks::default() };
    mocks.run(&rule(), step()).await.unwrap();
    assert_eq!(mocks.events[0].num_calls(), 1);

    for (said, class) in [
        ("ResourceNotFoundException", None),
        // It still has targets.
        ("ValidationException", Some(ErrorClass::Invalid)),
    ] {
        let refused =
            mock!(Client::delete_rule).then_error(move || DeleteRuleError::generic(code(said)));
        let mut mocks = Mocks { events: vec![refused], ..Mocks::default() };
        let answer = mocks.run(&rule(), step()).await;
        assert_eq!(answer.err().map(|error| error.class), class, "{said}");
    }
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off() {
    let on = TagResourceInput::builder().resource_arn(RULE).tags(sdk_tag()).build().unwrap();
    let on = mock!(Client::tag_resource)
        .match_requests(move |request| *request == on)
        .then_output(|| TagResourceOutput::builder().build());
    let off = UntagResourceInput::builder().resource_arn(RULE).tag_keys("notify:stack");
    let off = off.build().unwrap();
    let off = mock!(Client::untag_resource)
        .match_requests(move |request| *request == off)
        .then_output(|| UntagResourceOutput::builder().build());
    let steps = vec![
        Step::Tag { key: rule(), tags: tags() },
        Step::Untag { key: rule(), tags: vec!["notify:stack".to_owned()] },
    ];
    let mut mocks = Mocks { events: vec![on, off], ..Mocks::default() };
    mocks.run(&rule(), steps).await.unwrap();
    assert!(mocks.events[..2].iter().all(|rule| rule.num_calls() == 1));
}
