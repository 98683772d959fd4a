//! What notices a lost notification is made, changed and removed like everything else.

use super::{
    STACK, assert_settled, carry_out, changes, destroy, edit, keys, look, plan_setup, plan_with,
    set_up,
};
use super::{adopting, heal};
use crate::account::{Account, Deed, REGION, alarm, queue, region, rule, target, topic};
use notify_core::aws::policy::EVENTS_SID;
use notify_core::plan::{Action, Options, Plan, Purpose};
use notify_core::state::{Kind, Reference, Resource, State};

const DEAD_LETTER: &str = "dead_letter = true\n";
const FAILURE_ALARM: &str = "failure_alarm = true\n";
const HEARTBEAT: &str = "heartbeat = \"cron(0 0 1 * ? *)\"\n";
const FALLBACK: &str = "[fallback]\nname = \"lost\"\n\n[[fallback.subscriptions]]\n\
     protocol = \"email\"\nendpoint = \"me@example.net\"\n\n";
const QUEUE: &str = "conformance-dead-letter";
const DEPTH: &str = "conformance-dead-letter-not-empty";
const BEAT: &str = "conformance-heartbeat";

/// [`STACK`] with all that watches it.
fn watched() -> String {
    let switches = format!("{DEAD_LETTER}{FAILURE_ALARM}{HEARTBEAT}");
    let text = edit(STACK, "\n\n[topic]", &format!("\n{switches}\n[topic]"));
    let mark = "[[events]]\nname = \"root-sign-in\"";
    edit(&text, mark, &format!("{FALLBACK}{mark}"))
}

/// Everything of the watch is there as the file says, and a second run has nothing to do.
pub async fn a_watched_stack_is_as_the_file_says<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, &watched()).await;
    assert_settled(&at, &watched()).await;
    let state = look(&at, &plan).await;
    let Some(Resource::Queue(there)) = state.get(&queue(QUEUE)) else { panic!("{state:#?}") };
    assert_eq!(there.retention.value(), Some(&1_209_600));
    assert_eq!(there.managed_encryption.value(), Some(&false));
    let policy = there.policy.value().expect("a policy");
    assert_eq!(policy.statements().len(), 1);
    let statement = policy.statement(EVENTS_SID).expect("ours");
    assert_eq!(statement["Principal"]["Service"], "events.amazonaws.com");
    for (rule, id) in [("root-sign-in", "notify"), ("health", "notify"), (BEAT, "notify")] {
        assert_eq!(dead_letter(&state, rule, id), Some(Reference::Key(queue(QUEUE))), "{rule}");
    }
    for name in [DEPTH, "alerts-delivery-failed"] {
        let Some(Resource::Alarm(alarm)) = state.get(&alarm(name)) else { panic!("{name}") };
        assert_eq!(alarm.alarm_actions, [Reference::Key(topic("lost"))], "{name}");
    }
    let Some(Resource::Rule(beat)) = state.get(&rule(BEAT)) else { panic!("no heartbeat") };
    assert_eq!(beat.schedule.as_deref(), Some("cron(0 0 1 * ? *)"));
    assert_eq!(beat.pattern, None);
    destroy(&at, &watched()).await;
    let state = look(&at, &plan).await;
    assert!(state.is_empty(), "{:?}", keys(&state));
}

fn dead_letter(state: &State, rule: &str, id: &str) -> Option<Reference> {
    match state.get(&target(rule, id)) {
        Some(Resource::Target(target)) => target.delivery.value()?.dead_letter.clone(),
        _ => None,
    }
}

/// Each part that the file switches off goes, and nothing else does.
pub async fn each_part_of_the_watch_goes_alone<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, &watched()).await;
    let text = edit(&watched(), HEARTBEAT, "");
    step(
        &at,
        &text,
        &[
            (Action::Delete, Kind::Target, "conformance-heartbeat/notify"),
            (Action::Delete, Kind::Rule, BEAT),
        ],
    )
    .await;
    let off = edit(&text, "description = \"AWS Health\"", "dead_letter = false");
    step(
        &at,
        &off,
        &[(Action::Update, Kind::Rule, "health"), (Action::Update, Kind::Target, "health/notify")],
    )
    .await;
    let text = edit(&off, DEAD_LETTER, "");
    step(
        &at,
        &text,
        &[
            (Action::Update, Kind::Target, "root-sign-in/notify"),
            (Action::Delete, Kind::Alarm, DEPTH),
            (Action::Delete, Kind::Queue, QUEUE),
        ],
    )
    .await;
    let text = edit(&text, FAILURE_ALARM, "");
    step(&at, &text, &[(Action::Delete, Kind::Alarm, "alerts-delivery-failed")]).await;
    let text = edit(&text, FALLBACK, "");
    step(&at, &text, &[(Action::Delete, Kind::Topic, "lost")]).await;
    let mut state = look(&at, &first).await;
    state.retain(|key, _| {
        key.kind == Kind::Queue || *key == topic("lost") || key.name.starts_with("conformance")
    });
    assert!(state.is_empty(), "{:?}", keys(&state));
    // And all of it comes back.
    set_up(&at, &watched()).await;
    assert_settled(&at, &watched()).await;
}

async fn step(at: &impl Account, text: &str, expected: &[(Action, Kind, &str)]) {
    let plan = plan_setup(at, text).await;
    assert_eq!(changes(&plan), expected);
    carry_out(at, &plan).await;
    assert_settled(at, text).await;
}

/// A queue of another name takes the old one's place: targets are sent there first.
pub async fn a_new_queue_name_replaces_the_queue<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, &watched()).await;
    let text = edit(&watched(), DEAD_LETTER, "dead_letter = \"lost-mail\"\n");
    let plan = plan_setup(&at, &text).await;
    let order = changes(&plan);
    let place = |action, kind, name: &str| {
        let found = order.iter().position(|change| *change == (action, kind, name));
        found.unwrap_or_else(|| panic!("{name} is not in {order:?}"))
    };
    let made = place(Action::Create, Kind::Queue, "lost-mail");
    let sent = place(Action::Update, Kind::Target, "health/notify");
    let gone = place(Action::Delete, Kind::Queue, QUEUE);
    assert!(made < sent && sent < gone, "{order:?}");
    carry_out(&at, &plan).await;
    assert_settled(&at, &text).await;
    assert!(!look(&at, &first).await.contains_key(&queue(QUEUE)));
}

/// A queue that somebody else made is not touched, unless its owner hands it over; then it keeps
/// what it has, and stays when the stack goes.
pub async fn a_queue_of_others_is_handed_over_or_left_alone<A: Account>() {
    let at = A::fresh().await;
    at.by_hand(Deed::Queue { name: QUEUE, retention: 86_400 }).await;
    let plan = plan_setup(&at, &watched()).await;
    let blocked: Vec<_> = plan.blocked.iter().map(|blocked| &blocked.key).collect();
    assert_eq!(blocked, [&queue(QUEUE)]);

    let options = adopting([(Kind::Queue, QUEUE)]);
    let plan = plan_with(&at, &watched(), Purpose::Setup, options).await;
    carry_out(&at, &plan).await;
    assert_settled(&at, &watched()).await;
    let there = queue_of(&look(&at, &plan).await);
    assert_eq!(there.retention.value(), Some(&86_400), "it keeps what the file does not name");
    assert!(there.policy.value().is_some_and(|policy| policy.statement(EVENTS_SID).is_some()));

    destroy(&at, &watched()).await;
    let there = queue_of(&look(&at, &plan).await);
    assert_eq!(there.retention.value(), Some(&86_400));
    assert!(there.policy.value().is_some_and(|policy| policy.statements().is_empty()));
    assert!(there.tags.value().is_some_and(|tags| tags.keys().all(|key| key == "team")));
}

fn queue_of(state: &State) -> notify_core::state::Queue {
    match state.get(&queue(QUEUE)) {
        Some(Resource::Queue(queue)) => queue.clone(),
        _ => panic!("{state:#?}"),
    }
}

/// A setup of all of it, cut off after each number of steps.
pub async fn a_watched_setup_cut_off_anywhere_heals<A: Account>() {
    heal::setup_cut_off_anywhere::<A>(&watched()).await;
}

/// Switching all of it off, cut off after each number of steps: nothing of it is left behind.
pub async fn a_watch_switched_off_cut_off_anywhere_heals<A: Account>() {
    heal::edit_cut_off_anywhere::<A>(&watched(), STACK).await;
}

/// A removal of all of it, cut off after each number of steps.
pub async fn a_watched_destroy_cut_off_anywhere_heals<A: Account>() {
    heal::destroy_cut_off_anywhere::<A>(&watched()).await;
}

/// The watch follows the stack into another region and out of it.
pub async fn a_watch_leaves_a_dropped_region<A: Account>() {
    let at = A::fresh().await;
    let one = format!("[\"{REGION}\"]");
    let both = format!("[\"{REGION}\", \"{}\"]", crate::account::OTHER_REGION);
    let first: Plan = set_up(&at, &edit(&watched(), &one, &both)).await;
    let here = first.changes().filter(|c| c.key.region() == Some(&region(REGION))).count();
    assert_eq!(here * 2, first.changes().count());
    let options = Options { allow_deletes: true, ..Options::default() };
    let plan = plan_with(&at, &watched(), Purpose::Setup, options).await;
    carry_out(&at, &plan).await;
    super::assert_other_region_is_empty(&at, &first).await;
    assert_settled(&at, &watched()).await;
}
