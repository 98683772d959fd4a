//! What every provider must do for a stack whose mails a state machine publishes.

use super::{
    STACK, assert_settled, carry_out, changes, destroy, edit, heal, keys, look, plan_setup,
    plan_with, set_up,
};
use crate::account::{Account, Deed, OTHER_REGION, REGION, queue, region, rule, target, topic};
use notify_core::aws::{StackName, tags};
use notify_core::plan::{Action, Options, Purpose};
use notify_core::provider::Provider;
use notify_core::state::{Kind, Reference, Resource, ResourceKey, State, StateMachine};

const MACHINE: &str = "notify-conformance";
const START: &str = "notify-conformance-start";
const PUBLISH: &str = "notify-conformance-publish";
const QUEUE: &str = "conformance-dead-letter";
const DELIVERY: &str = "delivery = \"step-functions\"\n";

/// [`STACK`] with all of its events through the state machine.
fn stepped() -> String {
    edit(STACK, "\n\n[topic]", &format!("\n{DELIVERY}\n[topic]"))
}

/// [`STACK`] with one event through the machine, which is in a region of its own.
fn stepped_elsewhere() -> String {
    let line = "description = \"AWS Health\"\n";
    edit(STACK, line, &format!("{line}{DELIVERY}regions = [\"{OTHER_REGION}\"]\n"))
}

fn machine() -> ResourceKey {
    machine_in(REGION)
}

fn machine_in(name: &str) -> ResourceKey {
    StateMachine::of(&StackName::parse("conformance").expect("a name"), &region(name))
}

fn is_marked(state: &State, key: &ResourceKey) -> bool {
    state.get(key).and_then(Resource::tags).is_some_and(tags::has_machine)
}

/// Everything of it is there as the file says, a second run has nothing to do, and all of it goes.
pub async fn a_stepped_stack_is_as_the_file_says<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, &stepped()).await;
    assert_settled(&at, &stepped()).await;
    let state = look(&at, &plan).await;
    let Some(Resource::StateMachine(there)) = state.get(&machine()) else { panic!("{state:#?}") };
    assert!(there.express);
    assert_eq!(there.role, Reference::Key(ResourceKey::role(PUBLISH)));
    for role in [START, PUBLISH] {
        let Some(Resource::Role(role)) = state.get(&ResourceKey::role(role)) else { panic!() };
        assert_eq!(role.policies.len(), 1);
        assert!(role.tags.value().is_some_and(|tags| tags.contains_key(tags::STACK)));
    }
    for name in ["root-sign-in", "health"] {
        let Some(Resource::Target(to)) = state.get(&target(name, "notify")) else { panic!() };
        assert_eq!(to.to, Reference::Key(machine()), "{name}");
        let delivery = to.delivery.value().expect("read");
        assert_eq!(delivery.role, Some(Reference::Key(ResourceKey::role(START))), "{name}");
        assert_eq!(delivery.dead_letter, Some(Reference::Key(queue(QUEUE))), "{name}");
    }
    for name in ["notify-conformance-delivery-failed", "conformance-dead-letter-not-empty"] {
        let key = crate::account::alarm(name);
        let Some(Resource::Alarm(alarm)) = state.get(&key) else { panic!("{name}") };
        assert_eq!(alarm.alarm_actions, [Reference::Key(topic("alerts"))], "{name}");
    }
    assert!(is_marked(&state, &topic("alerts")));
    destroy(&at, &stepped()).await;
    let state = look(&at, &plan).await;
    assert!(state.is_empty(), "{:?}", keys(&state));
}

/// From one delivery to the other and back is one plan each, in which no target is ever gone.
pub async fn switching_the_delivery_is_one_plan<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, STACK).await;
    let on = plan_setup(&at, &stepped()).await;
    let order = changes(&on);
    let place = |order: &[(Action, Kind, &str)], action, kind, name: &str| {
        let found = order.iter().position(|change| *change == (action, kind, name));
        found.unwrap_or_else(|| panic!("{name} is not in {order:?}"))
    };
    let mark = place(&order, Action::Update, Kind::Topic, "alerts");
    let made = place(&order, Action::Create, Kind::StateMachine, MACHINE);
    let sent = place(&order, Action::Update, Kind::Target, "health/notify");
    for role in [START, PUBLISH] {
        let role = place(&order, Action::Create, Kind::Role, role);
        assert!(mark < role && role < made, "{order:?}");
    }
    let kept = place(&order, Action::Create, Kind::Queue, QUEUE);
    assert!(made < sent && kept < sent, "{order:?}");
    assert!(order.iter().all(|change| change.0 != Action::Delete), "{order:?}");
    carry_out(&at, &on).await;
    assert_settled(&at, &stepped()).await;

    let off = plan_setup(&at, STACK).await;
    let order = changes(&off);
    let sent = place(&order, Action::Update, Kind::Target, "health/notify");
    let gone = place(&order, Action::Delete, Kind::StateMachine, MACHINE);
    let kept = place(&order, Action::Delete, Kind::Queue, QUEUE);
    let mark = place(&order, Action::Update, Kind::Topic, "alerts");
    assert!(sent < gone && gone < kept, "{order:?}");
    for role in [START, PUBLISH] {
        let role = place(&order, Action::Delete, Kind::Role, role);
        assert!(gone < role && role < mark, "{order:?}");
    }
    let targets = order.iter().filter(|change| change.1 == Kind::Target);
    assert!(targets.clone().all(|change| change.0 == Action::Update), "{order:?}");
    carry_out(&at, &off).await;
    assert_settled(&at, STACK).await;
    let state = look(&at, &on).await;
    assert!(!is_marked(&state, &topic("alerts")), "the mark is still there");
    let is_left = |key: &&ResourceKey| {
        matches!(key.kind, Kind::StateMachine | Kind::Role | Kind::Queue)
            || key.name.starts_with("notify-")
            || key.name == "conformance-dead-letter-not-empty"
    };
    let left: Vec<_> = state.keys().filter(is_left).collect();
    assert!(left.is_empty(), "{left:?}");
    let Some(Resource::Target(to)) = state.get(&target("health", "notify")) else { panic!() };
    assert_eq!(to.to, Reference::Key(topic("alerts")));
    assert_eq!(to.delivery.value().and_then(|delivery| delivery.role.clone()), None);
}

/// What a state machine does that somebody has changed is set right.
pub async fn a_message_that_is_edited_changes_the_machine_alone<A: Account>() {
    let at = A::fresh().await;
    set_up(&at, &stepped()).await;
    let edited = edit(&stepped(), "Account: <$.account>", "In the account <$.account>");
    let plan = plan_setup(&at, &edited).await;
    assert_eq!(changes(&plan), [(Action::Update, Kind::StateMachine, MACHINE)]);
    carry_out(&at, &plan).await;
    assert_settled(&at, &edited).await;
}

/// A machine of the stack's name that somebody else made is not touched, and not taken over.
pub async fn a_machine_of_others_is_left_alone<A: Account>() {
    let at = A::fresh().await;
    at.by_hand(Deed::Machine { name: MACHINE }).await;
    let adopt = [(Kind::StateMachine, MACHINE.to_owned())].into();
    for options in [Options::default(), Options { adopt, ..Options::default() }] {
        let plan = plan_with(&at, &stepped(), Purpose::Setup, options).await;
        let blocked: Vec<_> = plan.blocked.iter().map(|blocked| &blocked.key).collect();
        assert_eq!(blocked, [&machine()]);
    }
    // It is in nobody's way where none is asked for.
    set_up(&at, STACK).await;
    let plan = destroy(&at, STACK).await;
    let mut scope = plan.scope.clone();
    for wanted in scope.regions.values_mut() {
        wanted.machines.insert(MACHINE.to_owned());
    }
    let state = at.provider().observe(&scope).await.expect("a state");
    assert!(state.contains_key(&machine()), "{:?}", keys(&state));
}

/// A rule that somebody else points at the machine keeps it, and what it needs, when the stack goes.
pub async fn a_machine_that_others_start_stays<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, &stepped()).await;
    at.by_hand(Deed::Rule { name: "theirs", description: "", pattern: r#"{"source":["b"]}"# })
        .await;
    at.by_hand(Deed::Start { rule: "theirs", id: "1", machine: MACHINE, role: START }).await;
    destroy(&at, &stepped()).await;
    let state = look(&at, &plan).await;
    for key in [machine(), topic("alerts"), ResourceKey::role(START), ResourceKey::role(PUBLISH)] {
        let found = state.get(&key).unwrap_or_else(|| panic!("{key} is gone"));
        let tags = found.tags().expect("read");
        assert!(!tags.contains_key(tags::STACK), "{key} is still ours");
    }
    assert!(!state.contains_key(&rule("health")));
}

/// A stack in two regions has a machine in each, and roles of which both have the same; a region
/// that is dropped takes its own machine with it.
pub async fn a_machine_leaves_a_dropped_region<A: Account>() {
    let at = A::fresh().await;
    let one = format!("[\"{REGION}\"]");
    let both = edit(&stepped(), &one, &format!("[\"{REGION}\", \"{OTHER_REGION}\"]"));
    let first = set_up(&at, &both).await;
    assert_settled(&at, &both).await;
    let there = look(&at, &first).await;
    assert!(there.contains_key(&machine()) && there.contains_key(&machine_in(OTHER_REGION)));
    let roles = first.changes().filter(|change| change.key.kind == Kind::Role).count();
    assert_eq!(roles, 2);

    let allowed = || Options { allow_deletes: true, ..Options::default() };
    let plan = plan_with(&at, &stepped(), Purpose::Setup, allowed()).await;
    assert!(plan.changes().all(|change| change.key.kind != Kind::Role), "{:?}", changes(&plan));
    carry_out(&at, &plan).await;
    super::assert_other_region_is_empty(&at, &first).await;
    assert_settled(&at, &stepped()).await;
}

/// A run in one region alone leaves the roles to the others, and the last one takes them away.
pub async fn roles_stay_while_another_region_may_need_them<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, &stepped_elsewhere()).await;
    assert!(look(&at, &first).await.contains_key(&machine_in(OTHER_REGION)));
    let direct = edit(&stepped_elsewhere(), DELIVERY, "");
    let only = Some(region(OTHER_REGION));
    let options = Options { only: only.clone(), ..Options::default() };
    let plan = plan_with(&at, &direct, Purpose::Setup, options).await;
    assert!(plan.changes().all(|change| change.key.kind != Kind::Role), "{:?}", changes(&plan));
    carry_out(&at, &plan).await;
    let state = look(&at, &first).await;
    assert!(!state.contains_key(&machine_in(OTHER_REGION)));
    assert!(state.contains_key(&ResourceKey::role(START)));

    let plan = plan_setup(&at, &direct).await;
    assert_eq!(plan.count(Action::Delete), 2, "{:?}", changes(&plan));
    carry_out(&at, &plan).await;
    assert_settled(&at, &direct).await;
    assert!(!look(&at, &first).await.contains_key(&ResourceKey::role(START)));
}

/// Two stacks each have a machine and roles of their own.
pub async fn two_stacks_have_a_machine_each<A: Account>() {
    let at = A::fresh().await;
    let first = set_up(&at, &stepped()).await;
    let other = edit(&stepped(), "stack = \"conformance\"", "stack = \"conformance-2\"");
    let other = other
        .replace("name = \"alerts\"", "name = \"alerts-2\"")
        .replace("name = \"root-sign-in\"", "name = \"root-2\"")
        .replace("name = \"health\"", "name = \"health-2\"")
        .replace("name = \"errors\"", "name = \"errors-2\"")
        .replace("name = \"waf\"", "name = \"waf-2\"");
    set_up(&at, &other).await;
    assert_settled(&at, &stepped()).await;
    destroy(&at, &other).await;
    assert_settled(&at, &stepped()).await;
    destroy(&at, &stepped()).await;
    let state = look(&at, &first).await;
    assert!(state.is_empty(), "{:?}", keys(&state));
}

/// A setup of all of it, cut off after each number of steps.
pub async fn a_stepped_setup_cut_off_anywhere_heals<A: Account>() {
    heal::setup_cut_off_anywhere::<A>(&stepped()).await;
}

/// The machine switched on, cut off after each number of steps.
pub async fn a_switch_to_the_machine_cut_off_anywhere_heals<A: Account>() {
    heal::edit_cut_off_anywhere::<A>(STACK, &stepped()).await;
}

/// The machine switched off again, cut off after each number of steps: nothing of it is left behind.
pub async fn a_switch_from_the_machine_cut_off_anywhere_heals<A: Account>() {
    heal::edit_cut_off_anywhere::<A>(&stepped(), STACK).await;
}

/// A setup that was cut off, and whose file no longer asks for the machine.
pub async fn a_machine_that_is_given_up_half_made_leaves_nothing<A: Account>() {
    heal::given_up_anywhere::<A>(&stepped(), STACK).await;
}

/// A removal of all of it, cut off after each number of steps.
pub async fn a_stepped_destroy_cut_off_anywhere_heals<A: Account>() {
    heal::destroy_cut_off_anywhere::<A>(&stepped()).await;
}
