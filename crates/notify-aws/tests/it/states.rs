//! What a state machine and its roles ask of AWS.

use crate::mocks::{Mocks, code, region, rule, scope, tags, target, topic};
use aws_sdk_eventbridge::operation::list_rule_names_by_target::ListRuleNamesByTargetOutput;
use aws_sdk_eventbridge::operation::put_targets::{PutTargetsError, PutTargetsOutput};
use aws_sdk_iam::operation::get_role::GetRoleError;
use aws_sdk_resourcegroupstagging::operation::get_resources::GetResourcesOutput;
use aws_sdk_resourcegroupstagging::types::ResourceTagMapping;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::ErrorMetadata;
use aws_sdk_sfn::operation::create_state_machine::{
    CreateStateMachineError, CreateStateMachineInput, CreateStateMachineOutput,
};
use aws_sdk_sfn::operation::delete_state_machine::DeleteStateMachineOutput;
use aws_sdk_sfn::operation::describe_state_machine::{
    DescribeStateMachineError, DescribeStateMachineOutput,
};
use aws_sdk_sfn::operation::list_tags_for_resource::ListTagsForResourceOutput;
use aws_sdk_sfn::operation::update_state_machine::{
    UpdateStateMachineError, UpdateStateMachineInput, UpdateStateMachineOutput,
};
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::error::StateMachineDeleting;
use aws_sdk_sfn::types::{StateMachineStatus, StateMachineType, Tag};
use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesOutput;
use aws_sdk_sns::operation::list_subscriptions_by_topic::ListSubscriptionsByTopicOutput;
use aws_sdk_sns::operation::list_tags_for_resource::ListTagsForResourceOutput as TopicTags;
use aws_smithy_mocks::{Rule, mock};
use notify_core::plan::Step;
use notify_core::provider::{Done, ErrorClass, Provider};
use notify_core::state::{Delivery, Reference, Resource, ResourceKey, StateMachine, Target, Want};
use notify_core::transform::Input;
use std::time::Duration;

const NAME: &str = "notify-security";
const ARN: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:notify-security";
const ROLE: &str = "arn:aws:iam::123456789012:role/notify-security-publish";
const DEFINITION: &str = r#"{"StartAt":"a"}"#;

fn key() -> ResourceKey {
    ResourceKey::state_machine(&region(), NAME)
}

fn machine() -> StateMachine {
    StateMachine {
        definition: DEFINITION.to_owned(),
        role: Reference::Key(ResourceKey::role("notify-security-publish")),
        express: true,
        tags: Want::Contains(tags()),
    }
}

fn create() -> Vec<Step> {
    vec![Step::CreateStateMachine { name: NAME.to_owned(), machine: machine(), tags: tags() }]
}

fn update() -> Vec<Step> {
    vec![Step::UpdateStateMachine { name: NAME.to_owned(), machine: machine() }]
}

fn tag() -> Tag {
    Tag::builder().key("notify:stack").value("security").build()
}

fn absent() -> Rule {
    mock!(Client::describe_state_machine)
        .then_error(|| DescribeStateMachineError::generic(code("StateMachineDoesNotExist")))
}

fn described(status: StateMachineStatus) -> DescribeStateMachineOutput {
    DescribeStateMachineOutput::builder()
        .state_machine_arn(ARN)
        .name(NAME)
        .status(status)
        .definition(DEFINITION)
        .role_arn(ROLE)
        .r#type(StateMachineType::Express)
        .creation_date(DateTime::from_secs(0))
        .build()
        .expect("an answer")
}

fn made() -> CreateStateMachineOutput {
    let made = CreateStateMachineOutput::builder().state_machine_arn(ARN);
    made.creation_date(DateTime::from_secs(0)).build().expect("an answer")
}

fn updated() -> UpdateStateMachineOutput {
    let updated = UpdateStateMachineOutput::builder().update_date(DateTime::from_secs(0));
    updated.build().expect("an answer")
}

fn unseen() -> ErrorMetadata {
    let text = "Neither the global service principal states.amazonaws.com, nor the regional one is \
                authorized to assume the provided role.";
    ErrorMetadata::builder().code("AccessDeniedException").message(text).build()
}

#[tokio::test]
async fn a_machine_is_made_with_its_tags_after_a_look_that_there_is_none() {
    let expected = CreateStateMachineInput::builder()
        .name(NAME)
        .definition(DEFINITION)
        .role_arn(ROLE)
        .r#type(StateMachineType::Express)
        .tags(tag())
        .build()
        .expect("a request");
    let put = mock!(Client::create_state_machine)
        .match_requests(move |request| *request == expected)
        .then_output(made);
    let mut mocks = Mocks { states: vec![put, absent()], ..Mocks::default() };
    assert_eq!(mocks.run(&key(), create()).await.expect("made"), Done::Complete);
    assert_eq!(mocks.calls(), 3, "the identity, the look, and this");
}

#[tokio::test]
async fn a_machine_that_was_made_meanwhile_is_a_conflict() {
    let there =
        mock!(Client::describe_state_machine).then_output(|| described(StateMachineStatus::Active));
    let mut mocks = Mocks { states: vec![there], ..Mocks::default() };
    let error = mocks.run(&key(), create()).await.expect_err("it is there");
    assert_eq!(error.class, ErrorClass::Conflict);
}

#[tokio::test]
async fn only_what_a_machine_does_is_written_over() {
    let expected = UpdateStateMachineInput::builder()
        .state_machine_arn(ARN)
        .definition(DEFINITION)
        .role_arn(ROLE)
        .build()
        .expect("a request");
    let put = mock!(Client::update_state_machine)
        .match_requests(move |request| *request == expected)
        .then_output(updated);
    let mut mocks = Mocks { states: vec![put], ..Mocks::default() };
    assert_eq!(mocks.run(&key(), update()).await.expect("written"), Done::Complete);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_seen_yet_is_waited_for() {
    let put = mock!(Client::create_state_machine)
        .sequence()
        .error(|| CreateStateMachineError::generic(unseen()))
        .times(3)
        .output(made)
        .build();
    let mut mocks = Mocks { states: vec![put, absent()], ..Mocks::default() };
    let start = tokio::time::Instant::now();
    assert!(mocks.run(&key(), create()).await.is_ok());
    assert_eq!((mocks.states[0].num_calls(), start.elapsed().as_secs()), (4, 6));

    let put = mock!(Client::update_state_machine)
        .sequence()
        .error(|| UpdateStateMachineError::generic(unseen()))
        .times(2)
        .output(updated)
        .build();
    let mut mocks = Mocks { states: vec![put], ..Mocks::default() };
    let start = tokio::time::Instant::now();
    assert!(mocks.run(&key(), update()).await.is_ok());
    assert_eq!((mocks.states[0].num_calls(), start.elapsed().as_secs()), (3, 4));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_never_seen_is_given_up_after_a_minute() {
    let put = mock!(Client::create_state_machine)
        .then_error(|| CreateStateMachineError::generic(unseen()));
    let mut mocks = Mocks { states: vec![put, absent()], ..Mocks::default() };
    let start = tokio::time::Instant::now();
    let error = mocks.run(&key(), create()).await.expect_err("it is never seen");
    assert_eq!(error.class, ErrorClass::AccessDenied);
    assert_eq!((mocks.states[0].num_calls(), start.elapsed().as_secs()), (31, 60));
}

#[tokio::test(start_paused = true)]
async fn any_other_refusal_is_not_tried_again() {
    let put = mock!(Client::create_state_machine).then_error(|| {
        let text = "User: u is not authorized to perform: states:CreateStateMachine";
        let meta = ErrorMetadata::builder().code("AccessDeniedException").message(text).build();
        CreateStateMachineError::generic(meta)
    });
    let mut mocks = Mocks { states: vec![put, absent()], ..Mocks::default() };
    let error = mocks.run(&key(), create()).await.expect_err("it is refused");
    assert_eq!(error.operation, "states:CreateStateMachine");
    assert_eq!(mocks.states[0].num_calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_going_is_none_and_is_waited_for() {
    let look = mock!(Client::describe_state_machine)
        .then_output(|| described(StateMachineStatus::Deleting));
    let put = mock!(Client::create_state_machine)
        .sequence()
        .error(|| {
            let deleting = StateMachineDeleting::builder().message("it is going").build();
            CreateStateMachineError::StateMachineDeleting(deleting)
        })
        .times(2)
        .output(made)
        .build();
    let mut mocks = Mocks { states: vec![put, look], ..Mocks::default() };
    let start = tokio::time::Instant::now();
    assert!(mocks.run(&key(), create()).await.is_ok());
    assert_eq!((mocks.states[0].num_calls(), start.elapsed().as_secs()), (3, 4));
}

fn step_to_machine() -> Step {
    let target = Target {
        rule: rule(),
        id: "notify".to_owned(),
        to: Reference::Key(key()),
        input: Input::Event,
        delivery: Want::Exactly(Delivery {
            role: Some(Reference::Key(ResourceKey::role("notify-security-start"))),
            ..Delivery::default()
        }),
    };
    Step::PutTarget { rule: "sign-in".to_owned(), target }
}

#[tokio::test(start_paused = true)]
async fn a_target_is_put_until_its_role_is_seen() {
    let unseen = || {
        let text = "Provided role 'arn:aws:iam::123456789012:role/notify-security-start' cannot be \
                    assumed by principal 'events.amazonaws.com'.";
        let meta = ErrorMetadata::builder().code("ValidationException").message(text).build();
        PutTargetsError::generic(meta)
    };
    let put = mock!(aws_sdk_eventbridge::Client::put_targets)
        .match_requests(|request| {
            request.targets().iter().all(|target| {
                target.arn == ARN
                    && target.role_arn.as_deref()
                        == Some("arn:aws:iam::123456789012:role/notify-security-start")
            })
        })
        .sequence()
        .error(unseen)
        .times(4)
        .output(|| PutTargetsOutput::builder().build())
        .build();
    let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
    let start = tokio::time::Instant::now();
    assert!(mocks.run(&target(), vec![step_to_machine()]).await.is_ok());
    assert_eq!((mocks.events[0].num_calls(), start.elapsed().as_secs()), (5, 8));

    let put = mock!(aws_sdk_eventbridge::Client::put_targets).then_error(unseen);
    let mut mocks = Mocks { events: vec![put], ..Mocks::default() };
    let start = tokio::time::Instant::now();
    let error = mocks.run(&target(), vec![step_to_machine()]).await.expect_err("never seen");
    assert_eq!(error.class, ErrorClass::Invalid);
    assert_eq!((mocks.events[0].num_calls(), start.elapsed().as_secs()), (31, 60));
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_is_waited_for_before_a_machine_goes() {
    let steps =
        || vec![Step::Settle { seconds: 60 }, Step::DeleteStateMachine { name: NAME.to_owned() }];
    let gone = || {
        mock!(Client::delete_state_machine)
            .match_requests(|request| request.state_machine_arn.as_deref() == Some(ARN))
            .then_output(|| DeleteStateMachineOutput::builder().build())
    };
    let mut mocks = Mocks { states: vec![gone()], ..Mocks::default() };
    let start = tokio::time::Instant::now();
    assert!(mocks.run(&key(), steps()).await.is_ok());
    assert_eq!(start.elapsed().as_secs(), 60);

    // One from a file that was edited waits no longer.
    let mut mocks = Mocks::default();
    let start = tokio::time::Instant::now();
    assert!(mocks.run(&key(), vec![Step::Settle { seconds: u32::MAX }]).await.is_ok());
    assert_eq!(start.elapsed().as_secs(), 60);

    let mut mocks = Mocks { states: vec![gone()], ..Mocks::default() };
    let change = crate::mocks::change(&key(), steps());
    let start = tokio::time::Instant::now();
    let answers = mocks.provider().without_settling().execute(&[&change]).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(start.elapsed() < Duration::from_secs(1));
}

fn listed() -> Vec<Rule> {
    let there = mock!(Client::describe_state_machine)
        .match_requests(|request| request.state_machine_arn.as_deref() == Some(ARN))
        .then_output(|| described(StateMachineStatus::Active));
    let tags = mock!(Client::list_tags_for_resource)
        .then_output(|| ListTagsForResourceOutput::builder().tags(tag()).build());
    vec![there, tags]
}

/// A machine is found by its name, by its tag, or because its topic's tag tells of one; and what
/// starts it is found with it.
#[tokio::test]
async fn a_machine_is_found_in_three_ways() {
    for way in ["name", "tag", "topic"] {
        let mut mocks = Mocks { states: listed(), ..Mocks::default() };
        let mut scope = scope(false);
        match way {
            "name" => {
                for wanted in scope.regions.values_mut() {
                    wanted.machines.insert(NAME.to_owned());
                }
            }
            "tag" => mocks.tagging.push(
                mock!(aws_sdk_resourcegroupstagging::Client::get_resources)
                    .match_requests(|request| {
                        request.resource_type_filters().contains(&"states:stateMachine".to_owned())
                    })
                    .then_output(|| {
                        let found = ResourceTagMapping::builder().resource_arn(ARN).build();
                        GetResourcesOutput::builder().resource_tag_mapping_list(found).build()
                    }),
            ),
            _ => {
                mocks.sns.push(mock!(aws_sdk_sns::Client::get_topic_attributes).then_output(
                    || GetTopicAttributesOutput::builder().attributes("DisplayName", "").build(),
                ));
                mocks.sns.push(
                    mock!(aws_sdk_sns::Client::list_subscriptions_by_topic)
                        .then_output(|| ListSubscriptionsByTopicOutput::builder().build()),
                );
                mocks.sns.push(mock!(aws_sdk_sns::Client::list_tags_for_resource).then_output(
                    || {
                        let tag = aws_sdk_sns::types::Tag::builder();
                        let tag = tag.key("notify:machine").value("true").build().expect("a tag");
                        TopicTags::builder().tags(tag).build()
                    },
                ));
            }
        }
        mocks.events.push(
            mock!(aws_sdk_eventbridge::Client::list_rule_names_by_target)
                .match_requests(|request| request.target_arn.as_deref() == Some(ARN))
                .then_output(|| ListRuleNamesByTargetOutput::builder().rule_names("other").build()),
        );
        let state = mocks.provider().observe(&scope).await.expect("a state");
        let Some(Resource::StateMachine(found)) = state.get(&key()) else {
            panic!("{way}: {state:#?}")
        };
        assert_eq!(*found, StateMachine { tags: Want::Exactly(tags()), ..machine() }, "{way}");
        assert_eq!(mocks.states.iter().map(Rule::num_calls).sum::<usize>(), 2, "{way}");
        assert_eq!(state.contains_key(&topic()), way == "topic");
        // The name of the rule that starts it led to a look at that rule.
        let looked = mocks.events.iter().map(Rule::num_calls).sum::<usize>();
        assert!(looked >= 4, "{way}: {looked}");
    }
}

#[tokio::test]
async fn nothing_is_asked_where_there_is_no_machine() {
    let mut mocks = Mocks::default();
    mocks.observe().await.expect("a state");
    assert_eq!(mocks.states.iter().map(Rule::num_calls).sum::<usize>(), 0);
}

#[tokio::test]
async fn a_machine_that_is_going_is_not_there() {
    let going = mock!(Client::describe_state_machine)
        .then_output(|| described(StateMachineStatus::Deleting));
    let mut mocks = Mocks { states: vec![going], ..Mocks::default() };
    let mut scope = scope(false);
    for wanted in scope.regions.values_mut() {
        wanted.machines.insert(NAME.to_owned());
    }
    let state = mocks.provider().observe(&scope).await.expect("a state");
    assert!(!state.contains_key(&key()));
}

#[tokio::test]
async fn a_role_that_is_not_there_is_left_out() {
    let none = mock!(aws_sdk_iam::Client::get_role)
        .then_error(|| GetRoleError::generic(code("NoSuchEntity")));
    let mut mocks = Mocks { iam: vec![none], ..Mocks::default() };
    let mut scope = scope(false);
    scope.roles.insert("notify-security-start".to_owned());
    let state = mocks.provider().roles(&scope).await.expect("a state");
    assert!(state.is_empty(), "{state:?}");
    assert_eq!(mocks.iam[0].num_calls(), 1);
}
