//! What mutes ask of AWS: schedules, roles, alarm mute rules, and rules that sleep.

use crate::mocks::{Mocks, RULE, code, region, rule, scope, tags};
use aws_sdk_cloudwatch::operation::delete_alarm_mute_rule::DeleteAlarmMuteRuleOutput;
use aws_sdk_cloudwatch::operation::list_alarm_mute_rules::ListAlarmMuteRulesOutput;
use aws_sdk_cloudwatch::operation::put_alarm_mute_rule::PutAlarmMuteRuleOutput;
use aws_sdk_cloudwatch::types::AlarmMuteRuleSummary;
use aws_sdk_eventbridge::operation::disable_rule::{DisableRuleError, DisableRuleOutput};
use aws_sdk_eventbridge::operation::enable_rule::EnableRuleOutput;
use aws_sdk_eventbridge::operation::tag_resource::TagResourceOutput;
use aws_sdk_iam::operation::create_role::{CreateRoleError, CreateRoleOutput};
use aws_sdk_iam::operation::delete_role::DeleteRoleOutput;
use aws_sdk_iam::operation::delete_role_policy::DeleteRolePolicyError;
use aws_sdk_iam::operation::get_role::{GetRoleError, GetRoleOutput};
use aws_sdk_iam::operation::get_role_policy::GetRolePolicyOutput;
use aws_sdk_iam::operation::list_role_policies::ListRolePoliciesOutput;
use aws_sdk_iam::operation::list_role_tags::ListRoleTagsOutput;
use aws_sdk_iam::operation::put_role_policy::{PutRolePolicyError, PutRolePolicyOutput};
use aws_sdk_iam::operation::tag_role::TagRoleOutput;
use aws_sdk_iam::operation::untag_role::UntagRoleOutput;
use aws_sdk_iam::operation::update_assume_role_policy::UpdateAssumeRolePolicyOutput;
use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::{Role, Tag};
use aws_sdk_scheduler::error::ErrorMetadata;
use aws_sdk_scheduler::operation::create_schedule::{CreateScheduleError, CreateScheduleOutput};
use aws_sdk_scheduler::operation::delete_schedule::DeleteScheduleError;
use aws_sdk_scheduler::operation::list_schedules::ListSchedulesOutput;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, FlexibleTimeWindowMode, ScheduleState, ScheduleSummary,
};
use aws_smithy_mocks::mock;
use notify_core::aws::Minute;
use notify_core::plan::Step;
use notify_core::provider::{Done, ErrorClass, Provider};
use notify_core::state::{AlarmMute, Muting, Resource, ResourceKey, Schedule, State, Want};
use serde_json::json;

const SCHEDULE: &str = "notify-security-f6581343-80b3b563a7de-202611242310";
const MUTE: &str = "notify-security-f6581343-errors-0123456789ab-202611242310-0";
const ROLE: &str = "notify-security-unmute";

fn minute(text: &str) -> Minute {
    Minute::floor(text.parse().expect("a time"))
}

fn schedule() -> Schedule {
    Schedule {
        rule: Want::Exactly("sign-in".to_owned()),
        role: Want::Exactly(ROLE.to_owned()),
        at: minute("2026-11-24T23:10:00Z"),
    }
}

fn create() -> (ResourceKey, Vec<Step>) {
    let step = Step::CreateSchedule { name: SCHEDULE.to_owned(), schedule: schedule() };
    (ResourceKey::schedule(&region(), SCHEDULE), vec![step])
}

fn unseen_role() -> CreateScheduleError {
    let text =
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.";
    let meta = ErrorMetadata::builder().code("ValidationException").message(text).build();
    CreateScheduleError::generic(meta)
}

fn made() -> CreateScheduleOutput {
    CreateScheduleOutput::builder().schedule_arn("arn").build().expect("an answer")
}

#[tokio::test]
async fn a_schedule_enables_its_rule_once_and_is_gone() {
    let rule = mock!(aws_sdk_scheduler::Client::create_schedule)
        .match_requests(|input| {
            let target = input.target.as_ref().expect("a target");
            let retry = target.retry_policy.as_ref().expect("a retry policy");
            let window = input.flexible_time_window.as_ref().expect("a window");
            input.name.as_deref() == Some(SCHEDULE)
                && input.group_name.is_none()
                && input.schedule_expression.as_deref() == Some("at(2026-11-24T23:10:00)")
                && input.schedule_expression_timezone.as_deref() == Some("UTC")
                && input.action_after_completion == Some(ActionAfterCompletion::Delete)
                && input.state == Some(ScheduleState::Enabled)
                && window.mode == FlexibleTimeWindowMode::Off
                && target.arn == "arn:aws:scheduler:::aws-sdk:eventbridge:enableRule"
                && target.role_arn == format!("arn:aws:iam::123456789012:role/{ROLE}")
                && target.input.as_deref() == Some(r#"{"Name":"sign-in"}"#)
                && retry.maximum_retry_attempts == Some(185)
                && retry.maximum_event_age_in_seconds == Some(86_400)
        })
        .then_output(made);
    let mut mocks = Mocks { scheduler: vec![rule], ..Mocks::default() };
    let (key, steps) = create();
    assert_eq!(mocks.run(&key, steps).await.expect("made"), Done::Complete);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_seen_yet_is_waited_for() {
    let rule = mock!(aws_sdk_scheduler::Client::create_schedule)
        .sequence()
        .error(unseen_role)
        .times(3)
        .output(made)
        .build();
    let mut mocks = Mocks { scheduler: vec![rule], ..Mocks::default() };
    let (key, steps) = create();
    let start = tokio::time::Instant::now();
    assert!(mocks.run(&key, steps).await.is_ok());
    assert_eq!((mocks.scheduler[0].num_calls(), start.elapsed().as_secs()), (4, 6));

    let rule = mock!(aws_sdk_scheduler::Client::create_schedule).then_error(unseen_role);
    let mut mocks = Mocks { scheduler: vec![rule], ..Mocks::default() };
    let (key, steps) = create();
    let start = tokio::time::Instant::now();
    let error = mocks.run(&key, steps).await.expect_err("it is never seen");
    assert_eq!(error.class, ErrorClass::Invalid);
    assert_eq!((mocks.scheduler[0].num_calls(), start.elapsed().as_secs()), (16, 30));
}

#[tokio::test]
async fn what_is_not_permitted_is_named_and_not_tried_again() {
    for (text, operation) in [
        ("", "scheduler:CreateSchedule"),
        ("User: u is not authorized to perform: iam:PassRole on resource: r", "iam:PassRole"),
    ] {
        let rule = mock!(aws_sdk_scheduler::Client::create_schedule).then_error(move || {
            let meta = ErrorMetadata::builder().code("AccessDeniedException").message(text);
            CreateScheduleError::generic(meta.build())
        });
        let mut mocks = Mocks { scheduler: vec![rule], ..Mocks::default() };
        let (key, steps) = create();
        let error = mocks.run(&key, steps).await.expect_err("it is not permitted");
        assert_eq!((error.class, error.operation.as_str()), (ErrorClass::AccessDenied, operation));
        assert_eq!(mocks.scheduler[0].num_calls(), 1);
    }
    let rule = mock!(aws_sdk_iam::Client::create_role)
        .then_error(|| CreateRoleError::generic(code("EntityAlreadyExists")));
    let mut mocks = Mocks { iam: vec![rule], ..Mocks::default() };
    let step = Step::CreateRole {
        name: ROLE.to_owned(),
        description: String::new(),
        trust: json!({}),
        tags: tags(),
    };
    let error = mocks.run(&ResourceKey::role(ROLE), vec![step]).await.expect_err("it is there");
    assert_eq!((error.class, error.operation.as_str()), (ErrorClass::Conflict, "iam:CreateRole"));
}

#[tokio::test]
async fn a_role_is_made_with_its_tags_and_its_policy() {
    let (trust, document) = (json!({"trust": 1}), json!({"allow": 2}));
    let create = mock!(aws_sdk_iam::Client::create_role)
        .match_requests(|input| {
            let tags = input.tags();
            input.role_name.as_deref() == Some(ROLE)
                && input.description.as_deref() == Some("for mutes")
                && input.assume_role_policy_document.as_deref() == Some(r#"{"trust":1}"#)
                && tags.len() == 1
                && (tags[0].key(), tags[0].value()) == ("notify:stack", "security")
        })
        .then_output(|| CreateRoleOutput::builder().build());
    let put = mock!(aws_sdk_iam::Client::put_role_policy)
        .match_requests(|input| {
            input.role_name.as_deref() == Some(ROLE)
                && input.policy_name.as_deref() == Some("unmute")
                && input.policy_document.as_deref() == Some(r#"{"allow":2}"#)
        })
        .then_output(|| PutRolePolicyOutput::builder().build());
    let trusts = mock!(aws_sdk_iam::Client::update_assume_role_policy)
        .match_requests(|input| input.policy_document.as_deref() == Some(r#"{"trust":1}"#))
        .then_output(|| UpdateAssumeRolePolicyOutput::builder().build());
    let tag = mock!(aws_sdk_iam::Client::tag_role)
        .match_requests(|input| input.tags()[0].key() == "notify:stack")
        .then_output(|| TagRoleOutput::builder().build());
    let untag = mock!(aws_sdk_iam::Client::untag_role)
        .match_requests(|input| input.tag_keys() == ["notify:stack"])
        .then_output(|| UntagRoleOutput::builder().build());
    let mut mocks = Mocks { iam: vec![create, put, trusts, tag, untag], ..Mocks::default() };
    let key = ResourceKey::role(ROLE);
    let steps = vec![
        Step::CreateRole {
            name: ROLE.to_owned(),
            description: "for mutes".to_owned(),
            trust: trust.clone(),
            tags: tags(),
        },
        Step::PutRolePolicy { role: ROLE.to_owned(), name: "unmute".to_owned(), document },
        Step::SetRoleTrust { role: ROLE.to_owned(), trust },
        Step::Tag { key: key.clone(), tags: tags() },
        Step::Untag { key: key.clone(), tags: vec!["notify:stack".to_owned()] },
    ];
    assert_eq!(mocks.run(&key, steps).await.expect("made"), Done::Complete);
    assert!(mocks.iam.iter().all(|rule| rule.num_calls() == 1));
}

#[tokio::test(start_paused = true)]
async fn a_policy_waits_for_a_role_that_was_made_a_moment_ago() {
    let missing = || PutRolePolicyError::generic(code("NoSuchEntity"));
    let put = mock!(aws_sdk_iam::Client::put_role_policy)
        .sequence()
        .error(missing)
        .times(4)
        .output(|| PutRolePolicyOutput::builder().build())
        .build();
    let step = || Step::PutRolePolicy {
        role: ROLE.to_owned(),
        name: "unmute".to_owned(),
        document: json!({}),
    };
    let mut mocks = Mocks { iam: vec![put], ..Mocks::default() };
    assert!(mocks.run(&ResourceKey::role(ROLE), vec![step()]).await.is_ok());
    let never = mock!(aws_sdk_iam::Client::put_role_policy).then_error(missing);
    let mut mocks = Mocks { iam: vec![never], ..Mocks::default() };
    let error = mocks.run(&ResourceKey::role(ROLE), vec![step()]).await.expect_err("it is gone");
    assert_eq!((error.class, mocks.iam[0].num_calls()), (ErrorClass::NotFound, 5));
}

#[tokio::test]
async fn what_is_gone_already_is_no_error() {
    let schedule = mock!(aws_sdk_scheduler::Client::delete_schedule)
        .match_requests(|input| input.name.as_deref() == Some(SCHEDULE))
        .then_error(|| DeleteScheduleError::generic(code("ResourceNotFoundException")));
    let mute = mock!(aws_sdk_cloudwatch::Client::delete_alarm_mute_rule)
        .match_requests(|input| input.alarm_mute_rule_name.as_deref() == Some(MUTE))
        .then_output(|| DeleteAlarmMuteRuleOutput::builder().build());
    let policy = mock!(aws_sdk_iam::Client::delete_role_policy)
        .match_requests(|input| input.policy_name.as_deref() == Some("unmute"))
        .then_error(|| DeleteRolePolicyError::generic(code("NoSuchEntity")));
    let role = mock!(aws_sdk_iam::Client::delete_role)
        .match_requests(|input| input.role_name.as_deref() == Some(ROLE))
        .then_output(|| DeleteRoleOutput::builder().build());
    let mut mocks = Mocks {
        scheduler: vec![schedule],
        cloudwatch: vec![mute],
        iam: vec![policy, role],
        ..Mocks::default()
    };
    let steps = vec![
        Step::DeleteSchedule { name: SCHEDULE.to_owned() },
        Step::DeleteMute { name: MUTE.to_owned() },
        Step::DeleteRolePolicy { role: ROLE.to_owned(), name: "unmute".to_owned() },
        Step::DeleteRole { name: ROLE.to_owned() },
    ];
    let done = mocks.run(&ResourceKey::schedule(&region(), SCHEDULE), steps).await;
    assert_eq!(done.expect("done"), Done::Complete);
    assert_eq!(mocks.calls(), 5, "the identity and one for each");
}

#[tokio::test]
async fn a_rule_falls_asleep_and_wakes() {
    let tag = mock!(aws_sdk_eventbridge::Client::tag_resource)
        .match_requests(|input| input.resource_arn.as_deref() == Some(RULE))
        .then_output(|| TagResourceOutput::builder().build());
    let busy = || DisableRuleError::generic(code("ConcurrentModificationException"));
    let disable = mock!(aws_sdk_eventbridge::Client::disable_rule)
        .match_requests(|input| {
            input.name.as_deref() == Some("sign-in") && input.event_bus_name.is_none()
        })
        .sequence()
        .error(busy)
        .output(|| DisableRuleOutput::builder().build())
        .build();
    let enable = mock!(aws_sdk_eventbridge::Client::enable_rule)
        .match_requests(|input| input.name.as_deref() == Some("sign-in"))
        .then_output(|| EnableRuleOutput::builder().build());
    let mut mocks = Mocks { events: vec![tag, disable, enable], ..Mocks::default() };
    let name = "sign-in".to_owned();
    let steps = vec![
        Step::Tag { key: rule(), tags: tags() },
        Step::DisableRule { name: name.clone() },
        Step::EnableRule { name },
    ];
    assert_eq!(mocks.run(&rule(), steps).await.expect("done"), Done::Complete);
    let calls: Vec<usize> =
        mocks.events.iter().take(3).map(aws_smithy_mocks::Rule::num_calls).collect();
    assert_eq!(calls, [1, 2, 1]);
}

#[tokio::test]
async fn alarms_are_muted_in_one_window_of_utc() {
    let put = mock!(aws_sdk_cloudwatch::Client::put_alarm_mute_rule)
        .match_requests(|input| {
            let schedule = input.rule.as_ref().and_then(|rule| rule.schedule.as_ref());
            let schedule = schedule.expect("a schedule");
            let targets = input.mute_targets.as_ref().expect("alarms");
            let tags = input.tags();
            input.name.as_deref() == Some(MUTE)
                && input.description.as_deref() == Some("errors is muted")
                && schedule.expression.as_deref() == Some("at(2026-11-24T21:40)")
                && schedule.duration.as_deref() == Some("PT90M")
                && schedule.timezone.as_deref() == Some("UTC")
                && targets.alarm_names() == ["errors", "遮断"]
                && (input.start_date, input.expire_date) == (None, None)
                && tags.len() == 1
                && tags[0].key() == Some("notify:stack")
        })
        .then_output(|| PutAlarmMuteRuleOutput::builder().build());
    let mut mocks = Mocks { cloudwatch: vec![put], ..Mocks::default() };
    let mute = AlarmMute {
        description: Want::Exactly("errors is muted".to_owned()),
        alarms: Want::Exactly(["遮断".to_owned(), "errors".to_owned()].into()),
        from: Want::Exactly(minute("2026-11-24T21:40:00Z")),
        until: minute("2026-11-24T23:10:00Z"),
        tags: Want::Keep,
    };
    let key = ResourceKey::mute(&region(), MUTE);
    let step = |mute: AlarmMute| Step::PutMute { name: MUTE.to_owned(), mute, tags: tags() };
    assert_eq!(mocks.run(&key, vec![step(mute.clone())]).await.expect("done"), Done::Complete);
    // What was only listed cannot be written.
    let listed = AlarmMute { alarms: Want::Keep, ..mute };
    let error = Mocks::default().run(&key, vec![step(listed)]).await.expect_err("no alarms");
    assert_eq!(error.operation, "cloudwatch:PutAlarmMuteRule");
    let unread = Schedule { rule: Want::Keep, ..schedule() };
    let step = Step::CreateSchedule { name: SCHEDULE.to_owned(), schedule: unread };
    let key = ResourceKey::schedule(&region(), SCHEDULE);
    let error = Mocks::default().run(&key, vec![step]).await.expect_err("no rule");
    assert_eq!(error.operation, "scheduler:CreateSchedule");
}

fn listed(names: &[&str]) -> Vec<ScheduleSummary> {
    names.iter().map(|name| ScheduleSummary::builder().name(*name).build()).collect()
}

async fn mutes(mocks: &mut Mocks, kinds: &[Muting]) -> State {
    let scope =
        notify_core::state::Scope { mutes: kinds.iter().copied().collect(), ..scope(false) };
    mocks.provider().mutes(&scope).await.expect("an answer")
}

#[tokio::test]
async fn schedules_and_the_role_are_found_by_the_stacks_name() {
    let first = mock!(aws_sdk_scheduler::Client::list_schedules)
        .match_requests(|input| {
            input.name_prefix.as_deref() == Some("notify-security-f6581343-")
                && input.next_token.is_none()
        })
        .then_output(|| {
            let list = listed(&["notify-security-f6581343-x", SCHEDULE]);
            let answer = ListSchedulesOutput::builder().set_schedules(Some(list));
            answer.next_token("more").build().expect("an answer")
        });
    let second = mock!(aws_sdk_scheduler::Client::list_schedules)
        .match_requests(|input| input.next_token.as_deref() == Some("more"))
        .then_output(|| {
            ListSchedulesOutput::builder().set_schedules(Some(vec![])).build().expect("an answer")
        });
    let role = mock!(aws_sdk_iam::Client::get_role)
        .match_requests(|input| input.role_name.as_deref() == Some(ROLE))
        .then_output(|| {
            let tag = Tag::builder().key("notify:stack").value("security").build();
            let role = Role::builder()
                .path("/")
                .role_name(ROLE)
                .role_id("id")
                .arn("arn")
                .create_date(DateTime::from_secs(0))
                .description("for mutes")
                .assume_role_policy_document("%7B%22trust%22%3A1%7D")
                .tags(tag.expect("a tag"))
                .build();
            GetRoleOutput::builder().role(role.expect("a role")).build()
        });
    let policies = mock!(aws_sdk_iam::Client::list_role_policies).then_output(|| {
        let answer = ListRolePoliciesOutput::builder().policy_names("unmute").is_truncated(false);
        // A marker counts only where there is more.
        answer.marker("none").build().expect("an answer")
    });
    let policy = mock!(aws_sdk_iam::Client::get_role_policy)
        .match_requests(|input| input.policy_name.as_deref() == Some("unmute"))
        .then_output(|| {
            GetRolePolicyOutput::builder()
                .role_name(ROLE)
                .policy_name("unmute")
                .policy_document("%7B%22allow%22%3A2%7D")
                .build()
                .expect("an answer")
        });
    let mut mocks = Mocks {
        scheduler: vec![first, second],
        iam: vec![role, policies, policy],
        ..Mocks::default()
    };
    let state = mutes(&mut mocks, &[Muting::Events]).await;
    let key = ResourceKey::schedule(&region(), SCHEDULE);
    let Some(Resource::Schedule(found)) = state.get(&key) else { panic!("{state:?}") };
    assert_eq!((found.at, &found.rule), (minute("2026-11-24T23:10:00Z"), &Want::Keep));
    let Some(Resource::Role(found)) = state.get(&ResourceKey::role(ROLE)) else {
        panic!("{state:?}")
    };
    assert_eq!(found.trust, json!({"trust": 1}));
    assert_eq!(found.policies["unmute"], json!({"allow": 2}));
    assert_eq!(found.tags, Want::Exactly(tags()));
    assert_eq!((state.len(), mocks.calls()), (2, 5));
}

#[tokio::test]
async fn alarm_mutes_are_found_by_the_stacks_name() {
    let arn =
        |name: &str| format!("arn:aws:cloudwatch:eu-west-1:123456789012:alarm-mute-rule:{name}");
    let list = mock!(aws_sdk_cloudwatch::Client::list_alarm_mute_rules).then_output(move || {
        let summary = |name| AlarmMuteRuleSummary::builder().alarm_mute_rule_arn(arn(name)).build();
        ListAlarmMuteRulesOutput::builder()
            .alarm_mute_rule_summaries(summary("theirs"))
            .alarm_mute_rule_summaries(summary(MUTE))
            .alarm_mute_rule_summaries(AlarmMuteRuleSummary::builder().build())
            .build()
    });
    let mut mocks = Mocks { cloudwatch: vec![list], ..Mocks::default() };
    let state = mutes(&mut mocks, &[Muting::Alarms]).await;
    let key = ResourceKey::mute(&region(), MUTE);
    let Some(Resource::Mute(found)) = state.get(&key) else { panic!("{state:?}") };
    assert_eq!(found.until, minute("2026-11-24T23:10:00Z"));
    assert_eq!((state.len(), mocks.calls()), (1, 1));
}

#[tokio::test]
async fn a_role_that_is_not_there_is_none() {
    let list = mock!(aws_sdk_scheduler::Client::list_schedules).then_output(|| {
        ListSchedulesOutput::builder().set_schedules(Some(vec![])).build().expect("an answer")
    });
    let role = mock!(aws_sdk_iam::Client::get_role)
        .then_error(|| GetRoleError::generic(code("NoSuchEntity")));
    let mut mocks = Mocks { scheduler: vec![list], iam: vec![role], ..Mocks::default() };
    assert_eq!(mutes(&mut mocks, &[Muting::Events]).await, State::new());

    let list = mock!(aws_sdk_iam::Client::list_role_tags).then_output(|| {
        let tag = Tag::builder().key("notify:stack").value("security").build().expect("a tag");
        ListRoleTagsOutput::builder().tags(tag).build().expect("an answer")
    });
    let mut mocks = Mocks { iam: vec![list], ..Mocks::default() };
    let key = ResourceKey::role(ROLE);
    let owners = mocks.provider().owners(std::slice::from_ref(&key)).await.expect("an answer");
    assert_eq!(owners.get(&key), Some(&tags()));
    let key = ResourceKey::schedule(&region(), SCHEDULE);
    let error = Mocks::default().provider().owners(&[key]).await.expect_err("no tags");
    assert_eq!(error.message, "a schedule can have no tags");
}
