//! Queues as they are read, and what is sent for them.

use crate::mocks::{Mocks, queue, scope, tags};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ErrorMetadata;
use aws_sdk_sqs::operation::create_queue::{CreateQueueInput, CreateQueueOutput};
use aws_sdk_sqs::operation::delete_queue::{DeleteQueueInput, DeleteQueueOutput};
use aws_sdk_sqs::operation::get_queue_attributes::{
    GetQueueAttributesError, GetQueueAttributesOutput,
};
use aws_sdk_sqs::operation::get_queue_url::{GetQueueUrlError, GetQueueUrlOutput};
use aws_sdk_sqs::operation::list_queue_tags::ListQueueTagsOutput;
use aws_sdk_sqs::operation::set_queue_attributes::{
    SetQueueAttributesInput, SetQueueAttributesOutput,
};
use aws_sdk_sqs::operation::tag_queue::{TagQueueInput, TagQueueOutput};
use aws_sdk_sqs::operation::untag_queue::{UntagQueueInput, UntagQueueOutput};
use aws_sdk_sqs::types::QueueAttributeName as Name;
use aws_smithy_mocks::{Rule, mock};
use notify_core::aws::QueueName;
use notify_core::aws::policy::Policy;
use notify_core::plan::{QueueAttribute, Step};
use notify_core::provider::{ErrorClass, Provider};
use notify_core::state::{Queue, Resource, Want};
use serde_json::json;

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/lost";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow"}]}"#;

fn url() -> Rule {
    mock!(Client::get_queue_url)
        .match_requests(|request| request.queue_name() == Some("lost"))
        .then_output(|| GetQueueUrlOutput::builder().queue_url(URL).build())
}

fn no_url(code: &'static str) -> Rule {
    mock!(Client::get_queue_url).then_error(move || {
        GetQueueUrlError::generic(ErrorMetadata::builder().code(code).message("none").build())
    })
}

fn attributes(list: &'static [(Name, &'static str)]) -> Rule {
    mock!(Client::get_queue_attributes)
        .match_requests(|request| {
            let asked = [
                Name::Policy,
                Name::MessageRetentionPeriod,
                Name::SqsManagedSseEnabled,
                Name::ApproximateNumberOfMessages,
            ];
            request.queue_url() == Some(URL) && request.attribute_names() == asked
        })
        .then_output(move || {
            let all =
                list.iter().fold(GetQueueAttributesOutput::builder(), |all, (name, value)| {
                    all.attributes(name.clone(), *value)
                });
            all.build()
        })
}

fn listed_tags() -> Rule {
    mock!(Client::list_queue_tags)
        .match_requests(|request| request.queue_url() == Some(URL))
        .then_output(|| ListQueueTagsOutput::builder().tags("notify:stack", "security").build())
}

/// Looks for the queue alone.
async fn observe(sqs: Vec<Rule>) -> (Option<Resource>, usize) {
    let mut mocks = Mocks { sqs, ..Mocks::default() };
    let mut scope = scope(false);
    for wanted in scope.regions.values_mut() {
        wanted.topics.clear();
        wanted.rules.clear();
        wanted.alarms.clear();
        wanted.queues.insert(QueueName::parse("lost").expect("a name"));
    }
    let state = mocks.provider().observe(&scope).await.expect("a state");
    let calls = mocks.sqs.iter().map(Rule::num_calls).sum();
    (state.get(&queue("lost")).cloned(), calls)
}

#[tokio::test]
async fn a_queue_is_read_in_three_calls() {
    let all: &[(Name, &str)] = &[
        (Name::MessageRetentionPeriod, "345600"),
        (Name::SqsManagedSseEnabled, "true"),
        (Name::Policy, POLICY),
        (Name::ApproximateNumberOfMessages, "2"),
    ];
    let (found, calls) = observe(vec![url(), attributes(all), listed_tags()]).await;
    let expected = Queue {
        retention: Want::Exactly(345_600),
        managed_encryption: Want::Exactly(true),
        policy: Want::Exactly(Policy::parse(POLICY).expect("a policy")),
        messages: Want::Exactly(2),
        tags: Want::Exactly(tags()),
    };
    assert_eq!((found, calls), (Some(Resource::Queue(expected)), 3));
}

#[tokio::test]
async fn what_sqs_leaves_out_is_not_there() {
    let few: &[(Name, &str)] = &[(Name::MessageRetentionPeriod, "60"), (Name::Policy, "")];
    let (found, _) = observe(vec![url(), attributes(few), listed_tags()]).await;
    let Some(Resource::Queue(found)) = found else { panic!("a queue") };
    assert_eq!(found.managed_encryption, Want::Exactly(false));
    assert_eq!(found.policy, Want::Exactly(Policy::default()));
    assert_eq!(found.messages, Want::Keep);
}

#[tokio::test]
async fn a_queue_that_is_not_there_or_goes_meanwhile_is_none() {
    for code in ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"] {
        assert_eq!(observe(vec![no_url(code)]).await.0, None, "{code}");
    }
    let gone = mock!(Client::get_queue_attributes).then_error(|| {
        let meta = ErrorMetadata::builder().code("QueueDoesNotExist");
        GetQueueAttributesError::generic(meta.build())
    });
    assert_eq!(observe(vec![url(), gone, listed_tags()]).await.0, None);
}

fn create() -> Vec<Step> {
    vec![Step::CreateQueue {
        name: "lost".to_owned(),
        attributes: vec![
            (QueueAttribute::MessageRetentionPeriod, "1209600".to_owned()),
            (QueueAttribute::SqsManagedSseEnabled, "false".to_owned()),
        ],
        policy: Some(Policy::parse(POLICY).expect("a policy")),
        tags: tags(),
    }]
}

#[tokio::test]
async fn a_queue_is_made_with_everything_in_one_call() {
    let expected = CreateQueueInput::builder()
        .queue_name("lost")
        .attributes(Name::MessageRetentionPeriod, "1209600")
        .attributes(Name::SqsManagedSseEnabled, "false")
        .attributes(Name::Policy, Policy::parse(POLICY).unwrap().to_document())
        .tags("notify:stack", "security")
        .build()
        .unwrap();
    let made = mock!(Client::create_queue)
        .match_requests(move |request| *request == expected)
        .then_output(|| CreateQueueOutput::builder().queue_url(URL).build());
    let sqs = vec![no_url("QueueDoesNotExist"), made];
    let mut mocks = Mocks { sqs, ..Mocks::default() };
    mocks.run(&queue("lost"), create()).await.unwrap();
    assert_eq!(mocks.sqs[1].num_calls(), 1);
}

#[tokio::test]
async fn a_queue_that_was_made_meanwhile_is_a_conflict() {
    let mut mocks = Mocks { sqs: vec![url()], ..Mocks::default() };
    let error = mocks.run(&queue("lost"), create()).await.unwrap_err();
    assert_eq!((error.class, error.operation.as_str()), (ErrorClass::Conflict, "sqs:CreateQueue"));
}

fn writes(name: Name, value: &'static str) -> Rule {
    let expected = SetQueueAttributesInput::builder()
        .queue_url(URL)
        .attributes(name, value)
        .build()
        .expect("a request");
    mock!(Client::set_queue_attributes)
        .match_requests(move |request| *request == expected)
        .then_output(|| SetQueueAttributesOutput::builder().build())
}

#[tokio::test]
async fn attributes_are_set_by_their_names() {
    let set = writes(Name::SqsManagedSseEnabled, "false");
    let mut mocks = Mocks { sqs: vec![url(), set], ..Mocks::default() };
    let attributes = vec![(QueueAttribute::SqsManagedSseEnabled, "false".to_owned())];
    let step = Step::SetQueueAttributes { queue: queue("lost"), attributes };
    mocks.run(&queue("lost"), vec![step]).await.unwrap();
    assert_eq!(mocks.sqs[1].num_calls(), 1);
}

#[tokio::test]
async fn a_policy_is_merged_and_written_only_if_it_differs() {
    let ours = json!({"Sid": "a", "Effect": "Allow"});
    let there: &[(Name, &str)] = &[(Name::Policy, POLICY)];
    for (put, remove, written) in [
        (vec![ours.clone()], vec![], None),
        (vec![], vec!["b".to_owned()], None),
        // The last statement: an empty text takes the policy away.
        (vec![], vec!["a".to_owned()], Some("")),
        (
            vec![json!({"Sid": "a", "Effect": "Deny"})],
            vec![],
            Some(r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny"}]}"#),
        ),
    ] {
        let mut sqs = vec![url(), attributes(there)];
        sqs.extend(written.map(|text| writes(Name::Policy, text)));
        let mut mocks = Mocks { sqs, ..Mocks::default() };
        let step = Step::MergeQueuePolicy { queue: queue("lost"), put, remove };
        mocks.run(&queue("lost"), vec![step]).await.unwrap();
        assert_eq!(mocks.sqs.get(2).map_or(1, Rule::num_calls), 1);
    }
}

#[tokio::test]
async fn a_queue_is_deleted_where_it_is() {
    let expected = DeleteQueueInput::builder().queue_url(URL).build().unwrap();
    let gone = mock!(Client::delete_queue)
        .match_requests(move |request| *request == expected)
        .then_output(|| DeleteQueueOutput::builder().build());
    let delete = || vec![Step::DeleteQueue { name: "lost".to_owned() }];
    let mut mocks = Mocks { sqs: vec![url(), gone], ..Mocks::default() };
    mocks.run(&queue("lost"), delete()).await.unwrap();
    assert_eq!(mocks.sqs[1].num_calls(), 1);
    let mut mocks = Mocks { sqs: vec![no_url("QueueDoesNotExist")], ..Mocks::default() };
    mocks.run(&queue("lost"), delete()).await.unwrap();
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off() {
    let on = TagQueueInput::builder().queue_url(URL).tags("notify:stack", "security");
    let on = on.build().unwrap();
    let tag = mock!(Client::tag_queue)
        .match_requests(move |request| *request == on)
        .then_output(|| TagQueueOutput::builder().build());
    let off = UntagQueueInput::builder().queue_url(URL).tag_keys("notify:stack").build().unwrap();
    let untag = mock!(Client::untag_queue)
        .match_requests(move |request| *request == off)
        .then_output(|| UntagQueueOutput::builder().build());
    let key = queue("lost");
    let mut mocks = Mocks { sqs: vec![url(), tag, untag], ..Mocks::default() };
    let steps = vec![
        Step::Tag { key: key.clone(), tags: tags() },
        Step::Untag { key: key.clone(), tags: vec!["notify:stack".to_owned()] },
    ];
    mocks.run(&key, steps).await.unwrap();
    assert_eq!((mocks.sqs[1].num_calls(), mocks.sqs[2].num_calls()), (1, 1));
}

#[tokio::test]
async fn owners_are_asked_by_the_queues_url() {
    let mut mocks = Mocks { sqs: vec![url(), listed_tags()], ..Mocks::default() };
    let owners = mocks.provider().owners(&[queue("lost")]).await.unwrap();
    assert_eq!(owners.get(&queue("lost")), Some(&tags()));
}
