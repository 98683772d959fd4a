//! A stack is made equal to its file, and stays so.

use super::{
    STACK, assert_other_region_is_empty, assert_settled, carry_out, changes, edit, in_both_regions,
    look, plan_setup, plan_with, set_up, without,
};
use crate::account::{Account, Deed, OTHER_REGION, alarm, region, rule, target, topic};
use notify_core::aws::tags;
use notify_core::plan::{self, Action, Options, Plan, Purpose, Refusal};
use notify_core::state::{Kind, Reference, Resource};
use std::fmt::Write as _;

/// Everything is made, and then nothing is left to do.
pub async fn a_second_plan_is_empty<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, STACK).await;
    assert!(first.changes().all(|change| change.action == Action::Create));
    let second = plan_setup(&at, STACK).await;
    assert!(second.is_empty(), "{:#?}", second.stages);
    assert_eq!(second.unchanged, first.changes().count());
}

/// An edit of one field changes that field and nothing else.
pub async fn an_edited_field_is_the_only_change<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, STACK).await;
    for (from, to, action, field) in [
        ("threshold = 5", "threshold = 7.5", (Action::Update, Kind::Alarm, "errors"), "threshold"),
        ("\"Alerts\"", "\"警報\"", (Action::Update, Kind::Topic, "alerts"), "display_name"),
        ("\"AWS Health\"", "\"健全性\"", (Action::Update, Kind::Rule, "health"), "description"),
    ] {
        let edited = edit(STACK, from, to);
        let plan = plan_setup(&at, &edited).await;
        assert_eq!(changes(&plan), [action]);
        let fields: Vec<&str> =
            plan.changes().flat_map(|c| &c.fields).map(|field| field.path.as_str()).collect();
        assert_eq!(fields, [field]);
        carry_out(&at, &plan).await;
        assert_settled(&at, &edited).await;
        // Nothing else was cleared by the way.
        let back = plan_setup(&at, STACK).await;
        assert_eq!(changes(&back), [action]);
        carry_out(&at, &back).await;
    }
}

/// How a pattern is spelled makes no difference, what it says does.
pub async fn a_pattern_is_compared_as_json<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, STACK).await;
    let pattern = r#"{"source": ["aws.signin"], "detail": {"userIdentity": {"type": ["Root"]}}}"#;
    let respelled =
        r#"{"detail":{"userIdentity":{"type":["R\u006fot"]}},  "source":["aws.signin"]}"#;
    assert_settled(&at, &edit(STACK, pattern, respelled)).await;
    let other = edit(STACK, pattern, r#"{"source": ["aws.signin"]}"#);
    assert_eq!(
        changes(&plan_setup(&at, &other).await),
        [(Action::Update, Kind::Rule, "root-sign-in")]
    );
}

/// What is ours and not in the file any more goes; the reader whom the file drops stays.
pub async fn what_the_file_drops_is_deleted<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, STACK).await;
    let edited = without(&without(STACK, "health"), "errors");
    let edited = edit(&edited, "endpoint = \"ops@example.com\"", "endpoint = \"me@example.com\"");
    let plan = plan_setup(&at, &edited).await;
    assert_eq!(
        changes(&plan),
        [
            (Action::Create, Kind::Subscription, "alerts/email/me@example.com"),
            (Action::Delete, Kind::Target, "health/notify"),
            (Action::Delete, Kind::Alarm, "errors"),
            (Action::Delete, Kind::Rule, "health"),
        ]
    );
    carry_out(&at, &plan).await;
    assert_settled(&at, &edited).await;
    let state = look(&at, &first).await;
    for gone in [rule("health"), target("health", "notify"), alarm("errors")] {
        assert!(!state.contains_key(&gone), "{gone}");
    }
    assert_eq!(state.keys().filter(|key| key.kind == Kind::Subscription).count(), 2);
}

/// A topic cannot be renamed: another takes its place, everything points to that one, and the
/// old one goes last.
pub async fn a_new_topic_name_replaces_the_topic<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, STACK).await;
    let edited = edit(STACK, "name = \"alerts\"", "name = \"alarms\"");
    let plan = plan_setup(&at, &edited).await;
    let order = changes(&plan);
    assert_eq!(order.first(), Some(&(Action::Create, Kind::Topic, "alarms")));
    assert_eq!(order.last(), Some(&(Action::Delete, Kind::Topic, "alerts")));
    carry_out(&at, &plan).await;
    assert_settled(&at, &edited).await;
    let state = look(&at, &first).await;
    assert!(!state.contains_key(&topic("alerts")));
    let state = look(&at, &plan).await;
    let new = Reference::Key(topic("alarms"));
    for (key, resource) in &state {
        match resource {
            Resource::Target(target) => assert_eq!(target.to, new, "{key}"),
            Resource::Alarm(alarm) => {
                assert_eq!(alarm.alarm_actions, std::slice::from_ref(&new), "{key}");
            }
            _ => {}
        }
    }
}

/// A region that the file drops is found again by the topic's tag, and left empty.
pub async fn a_dropped_region_is_cleaned<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, &in_both_regions()).await;
    let there = |plan: &Plan, at: &str| {
        plan.changes().filter(|change| change.key.region() == Some(&region(at))).count()
    };
    assert_eq!(there(&first, OTHER_REGION) * 2, first.changes().count());

    let options = Options { allow_deletes: true, ..Options::default() };
    let plan = plan_with(&at, STACK, Purpose::Setup, options).await;
    carry_out(&at, &plan).await;
    assert_settled(&at, STACK).await;
    assert_other_region_is_empty(&at, &first).await;
    let state = look(&at, &first).await;
    let found = state[&topic("alerts")].tags().expect("tags");
    assert_eq!(found[tags::REGIONS], "ap-northeast-1");
}

/// More than a third of a stack, and more than three things, go only with permission.
pub async fn many_deletions_need_permission<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, STACK).await;
    let less = without(&without(STACK, "waf"), "errors");
    let plan = plan_setup(&at, &less).await;
    assert_eq!(plan.refusal, Some(Refusal { deletes: 4, of: 7 }));
    let options = Options { allow_deletes: true, ..Options::default() };
    let plan = plan_with(&at, &less, Purpose::Setup, options).await;
    carry_out(&at, &plan).await;
    assert_settled(&at, &less).await;
}

/// More alarms than one page, and than one delete call, holds.
pub async fn alarms_fill_several_pages<A: Account>() {
    let at = A::fresh().await;
    let mut rules = String::new();
    for number in 0..230 {
        write!(rules, "\"rule-{number:03}\", ").expect("a string takes all");
    }
    let many = edit(STACK, "\"common\", \"sqli\", \"bots\"", &rules);
    let plan = set_up(&at, &many).await;
    assert_settled(&at, &many).await;
    let count = |state: &notify_core::state::State| {
        state.keys().filter(|key| key.kind == Kind::Alarm).count()
    };
    assert_eq!(count(&look(&at, &plan).await), 231);
    super::destroy(&at, &many).await;
    assert_eq!(count(&look(&at, &plan).await), 0);
}

/// A plan that was saved and read again is the same, and does the same.
pub async fn a_saved_plan_is_the_plan<A: Account>() {
    let at = A::fresh().await;
    let plan = plan_setup(&at, STACK).await;
    let saved = serde_json::to_string(&plan).expect("JSON");
    let read: Plan = serde_json::from_str(&saved).expect("a plan");
    assert_eq!(read, plan);
    let moved = plan::recheck(at.provider(), &read).await.expect("an answer");
    assert_eq!(moved, []);
    carry_out(&at, &read).await;
    assert_settled(&at, STACK).await;
}

/// A plan whose world has changed since says what has.
pub async fn a_world_that_moved_is_noticed<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, STACK).await;
    let edited = edit(STACK, "threshold = 5", "threshold = 7");
    let plan = plan_setup(&at, &edited).await;
    let moved = plan::recheck(at.provider(), &plan).await.expect("an answer");
    assert_eq!(moved, []);
    at.by_hand(Deed::Alarm { name: "errors", topic: "alerts", threshold: 6.0 }).await;
    let moved = plan::recheck(at.provider(), &plan).await.expect("an answer");
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0].key, alarm("errors"));
}

/// Drift is a diff like any other.
pub async fn what_was_changed_by_hand_is_set_right<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, STACK).await;
    let pattern = r#"{"source": ["aws.iam"]}"#;
    at.by_hand(Deed::Rule { name: "health", description: "AWS Health", pattern }).await;
    let plan = plan_setup(&at, STACK).await;
    assert_eq!(changes(&plan), [(Action::Update, Kind::Rule, "health")]);
    carry_out(&at, &plan).await;
    assert_settled(&at, STACK).await;
}
