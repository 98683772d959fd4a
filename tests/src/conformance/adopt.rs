//! What is not ours: refused, adopted, kept.

use super::{
    STACK, adopting, assert_settled, carry_out, changes, destroy, edit, look, plan_setup,
    plan_with, set_up,
};
use crate::account::{Account, Deed, alarm, rule, target, topic};
use notify_core::aws::policy::{ALARMS_SID, EVENTS_SID, same_statement};
use notify_core::aws::tags;
use notify_core::plan::{Action, Options, Purpose};
use notify_core::state::{Kind, Resource, State, Topic};
use serde_json::{Value, json};

const QUEUE: &str = "arn:aws:sqs:ap-northeast-1:123456789012:theirs";

fn statement() -> Value {
    json!({
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "sns:Publish",
        "Resource": "arn:aws:sns:ap-northeast-1:123456789012:alerts",
    })
}

/// A topic, a reader, a rule with its target, and an alarm, of the names that [`STACK`] has.
pub(super) async fn make_by_hand(at: &impl Account) {
    let pattern = r#"{"source": ["aws.health"]}"#;
    for deed in [
        Deed::Topic {
            name: "alerts",
            display_name: "Theirs",
            statement: statement(),
            tag: ("team", "ops"),
        },
        Deed::Subscription { topic: "alerts", queue: QUEUE },
        Deed::Rule { name: "health", description: "by hand", pattern },
        Deed::Target { rule: "health", id: "Id1", topic: "alerts" },
        Deed::Alarm { name: "errors", topic: "alerts", threshold: 3.0 },
    ] {
        at.by_hand(deed).await;
    }
}

pub(super) const HANDED_OVER: [(Kind, &str); 3] =
    [(Kind::Topic, "alerts"), (Kind::Rule, "health"), (Kind::Alarm, "errors")];

fn the_topic(state: &State) -> &Topic {
    let Some(Resource::Topic(found)) = state.get(&topic("alerts")) else {
        panic!("no topic in {:?}", super::keys(state))
    };
    found
}

/// Asserts that what a person made is there, and as it was where we have no say.
pub(super) fn assert_kept(state: &State) {
    let found = the_topic(state);
    let tags = found.tags.value().expect("tags");
    assert_eq!(tags.get("team").map(String::as_str), Some("ops"));
    let policy = found.policy.value().expect("a policy");
    let theirs = policy.statement("Theirs").expect("their statement");
    assert!(same_statement(theirs, &statement()), "{theirs}");
    let reader = format!("alerts/sqs/{QUEUE}");
    assert!(state.keys().any(|key| key.kind == Kind::Subscription && key.name == reader));
    for kept in [rule("health"), target("health", "Id1"), alarm("errors")] {
        assert!(state.contains_key(&kept), "{kept} is gone");
    }
}

/// Resources of the file's names that somebody else made are in the way, and stay as they are.
pub async fn what_is_not_ours_is_refused<A: Account>() {
    let at = A::fresh().await;
    make_by_hand(&at).await;
    let plan = plan_setup(&at, STACK).await;
    let before = look(&at, &plan).await;
    let blocked: Vec<_> = plan.blocked.iter().map(|b| (b.key.kind, b.key.name.as_str())).collect();
    assert_eq!(blocked, HANDED_OVER);
    for blocked in &plan.blocked {
        let way_out = format!("--adopt {}/{}", blocked.key.kind, blocked.key.name);
        assert!(blocked.help.contains(&way_out), "{}", blocked.help);
        let touched = plan.changes().any(|change| change.key == blocked.key);
        assert!(!touched, "{} is blocked and changed", blocked.key);
    }
    let gone = plan_with(&at, STACK, Purpose::Destroy, Options::default()).await;
    assert!(gone.is_empty(), "{:#?}", gone.stages);
    assert_eq!(look(&at, &plan).await, before);
}

/// What another stack made is not to be had, not even by adopting it.
pub async fn another_stack_is_refused<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, STACK).await;
    let theirs = edit(STACK, "stack = \"conformance\"", "stack = \"another\"");
    let plan = plan_with(&at, &theirs, Purpose::Setup, adopting(HANDED_OVER)).await;
    assert!(plan.blocked.iter().any(|blocked| blocked.key == topic("alerts")));
    assert!(plan.blocked.iter().all(|blocked| blocked.reason.contains("`conformance`")));
    let gone = plan_with(&at, &theirs, Purpose::Destroy, Options::default()).await;
    assert!(gone.is_empty(), "{:#?}", gone.stages);
    assert_settled(&at, STACK).await;
}

/// What its owner hands over is made equal to the file, without being made again.
pub async fn adopting_keeps_what_others_made<A: Account>() {
    let at = A::fresh().await;
    make_by_hand(&at).await;
    let plan = plan_with(&at, STACK, Purpose::Setup, adopting(HANDED_OVER)).await;
    let claims: Vec<_> =
        changes(&plan).into_iter().take_while(|(action, ..)| *action == Action::Adopt).collect();
    assert_eq!(claims.len(), HANDED_OVER.len(), "marked before anything else: {claims:?}");
    for (kind, name) in HANDED_OVER {
        assert!(!changes(&plan).contains(&(Action::Create, kind, name)), "{name} is made again");
    }
    carry_out(&at, &plan).await;
    assert_settled(&at, STACK).await;

    let state = look(&at, &plan).await;
    assert_kept(&state);
    let found = the_topic(&state);
    assert_eq!(found.display_name.value().map(String::as_str), Some("Alerts"));
    let ours = found.tags.value().expect("tags");
    assert_eq!(ours.get(tags::ADOPTED).map(String::as_str), Some("true"));
    let policy = found.policy.value().expect("a policy");
    assert!(policy.statement(EVENTS_SID).is_some() && policy.statement(ALARMS_SID).is_some());
    // The rule has one target to the topic, so nobody gets two mails.
    assert!(!state.contains_key(&target("health", "notify")));
}

/// Removing a stack takes our parts off what was adopted, and nothing else.
pub async fn releasing_keeps_what_was_adopted<A: Account>() {
    let at = A::fresh().await;
    make_by_hand(&at).await;
    let plan = plan_with(&at, STACK, Purpose::Setup, adopting(HANDED_OVER)).await;
    carry_out(&at, &plan).await;
    destroy(&at, STACK).await;
    let state = look(&at, &plan).await;
    assert_kept(&state);
    let found = the_topic(&state);
    let left = found.tags.value().expect("tags");
    assert!(tags::ALL.iter().all(|ours| !left.contains_key(*ours)), "{left:?}");
    let policy = found.policy.value().expect("a policy");
    assert!(policy.statement(EVENTS_SID).is_none() && policy.statement(ALARMS_SID).is_none());
    assert!(!state.contains_key(&rule("root-sign-in")));
    let alarms: Vec<_> = state.keys().filter(|key| key.kind == Kind::Alarm).collect();
    assert_eq!(alarms, [&alarm("errors")]);
    // Nothing is ours any more, so that it would have to be adopted once more. An alarm that is
    // as the file says is not asked whose it is.
    let again = plan_setup(&at, STACK).await;
    let blocked: Vec<_> = again.blocked.iter().map(|blocked| &blocked.key).collect();
    assert_eq!(blocked, [&topic("alerts"), &rule("health")]);
}

/// Not even when nobody would miss it.
pub async fn releasing_keeps_what_nobody_uses<A: Account>() {
    let at = A::fresh().await;
    let (name, tag) = ("alerts", ("team", "ops"));
    at.by_hand(Deed::Topic { name, display_name: "", statement: statement(), tag }).await;
    let pattern = r#"{"source": ["aws.health"]}"#;
    at.by_hand(Deed::Rule { name: "health", description: "", pattern }).await;
    let hand_over = adopting([(Kind::Topic, "alerts"), (Kind::Rule, "health")]);
    let plan = plan_with(&at, STACK, Purpose::Setup, hand_over).await;
    carry_out(&at, &plan).await;
    let removal = destroy(&at, STACK).await;
    assert_eq!(changes(&removal).last(), Some(&(Action::Release, Kind::Topic, "alerts")));
    let mut state = look(&at, &plan).await;
    state.retain(|key, _| key.kind != Kind::Subscription);
    assert_eq!(super::keys(&state), [&topic("alerts"), &rule("health")]);
}

/// What a person puts on a topic of ours stays through every update.
pub async fn what_others_put_on_our_topic_stays<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, STACK).await;
    at.by_hand(Deed::TagTopic { topic: "alerts", tag: ("team", "ops") }).await;
    at.by_hand(Deed::Subscription { topic: "alerts", queue: QUEUE }).await;
    assert_settled(&at, STACK).await;
    let edited = edit(STACK, "\"Alerts\"", "\"Alarms\"");
    set_up(&at, &edited).await;
    let state = look(&at, &plan).await;
    let tags = the_topic(&state).tags.value().expect("tags");
    assert_eq!(tags.get("team").map(String::as_str), Some("ops"));
    assert_eq!(state.keys().filter(|key| key.kind == Kind::Subscription).count(), 2);
}
