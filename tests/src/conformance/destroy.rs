//! A stack is removed without a trace, and without harm to anybody else.

use super::{STACK, assert_settled, changes, destroy, edit, keys, look, plan_setup, set_up};
use crate::account::{Account, Deed, alarm, rule, target, topic};
use notify_core::plan::{Action, Options, Purpose};
use notify_core::state::Kind;

/// Nothing is left of a stack, and its file can be set up again.
pub async fn destroy_leaves_nothing<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, STACK).await;
    destroy(&at, STACK).await;
    let state = look(&at, &plan).await;
    assert!(state.is_empty(), "{:?}", keys(&state));
    let again = super::plan_with(&at, STACK, Purpose::Destroy, Options::default()).await;
    assert!(again.is_empty(), "{:#?}", again.stages);
    set_up(&at, STACK).await;
    assert_settled(&at, STACK).await;
}

/// Another stack in the same account does not notice.
pub async fn destroy_is_for_one_stack<A: Account>() {
    let at = A::fresh().await;
    let mut theirs = edit(STACK, "stack = \"conformance\"", "stack = \"another\"");
    for name in ["alerts", "root-sign-in", "health", "errors", "waf"] {
        theirs = edit(&theirs, &format!("name = \"{name}\""), &format!("name = \"their-{name}\""));
    }
    set_up(&at, STACK).await;
    let plan = set_up(&at, &theirs).await;
    assert_settled(&at, STACK).await;
    let before = look(&at, &plan).await;
    destroy(&at, STACK).await;
    assert_eq!(look(&at, &plan).await, before);
    assert_settled(&at, &theirs).await;
}

/// A topic of ours that others use is released, not deleted: they would lose their mails.
pub async fn destroy_keeps_a_topic_that_others_use<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, STACK).await;
    let pattern = r#"{"source": ["aws.ec2"]}"#;
    at.by_hand(Deed::Rule { name: "theirs", description: "", pattern }).await;
    at.by_hand(Deed::Target { rule: "theirs", id: "Id1", topic: "alerts" }).await;
    at.by_hand(Deed::Alarm { name: "their-alarm", topic: "alerts", threshold: 1.0 }).await;
    assert_settled(&at, STACK).await;
    let removal = destroy(&at, STACK).await;
    assert_eq!(changes(&removal).last(), Some(&(Action::Release, Kind::Topic, "alerts")));
    let state = look(&at, &plan).await;
    let left: Vec<_> = state.keys().filter(|key| key.kind != Kind::Subscription).cloned().collect();
    let kept = [topic("alerts"), rule("theirs"), target("theirs", "Id1"), alarm("their-alarm")];
    assert!(kept.iter().all(|kept| left.contains(kept)), "{left:?}");
    assert_eq!(left.len(), kept.len(), "{left:?}");
    assert_eq!(plan_setup(&at, STACK).await.blocked.len(), 1);
}

/// So is a rule of ours that somebody has given a target of their own.
pub async fn destroy_keeps_a_rule_that_others_use<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, STACK).await;
    let (name, tag) = ("theirs", ("team", "ops"));
    let statement = serde_json::json!({"Sid": "Theirs"});
    at.by_hand(Deed::Topic { name, display_name: "", statement, tag }).await;
    at.by_hand(Deed::Target { rule: "health", id: "Id1", topic: "theirs" }).await;
    assert_settled(&at, STACK).await;
    destroy(&at, STACK).await;
    let state = look(&at, &plan).await;
    assert_eq!(keys(&state), [&rule("health"), &target("health", "Id1")]);
    let left = state[&rule("health")].tags().expect("tags");
    assert!(left.is_empty(), "{left:?}");
}
