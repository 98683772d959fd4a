//! What every provider must do with a plan.
//!
//! Each test has an account of its own, so they may run side by side.

mod adopt;
mod audience;
mod destroy;
mod heal;
mod machine;
mod setup;
mod watched;

pub use adopt::*;
pub use audience::*;
pub use destroy::*;
pub use heal::*;
pub use machine::*;
pub use setup::*;
pub use watched::*;

use crate::account::{Account, OTHER_REGION, REGION, region};
use notify_core::plan::{self, Action, Options, Plan, Purpose, Request};
use notify_core::provider::{self, Provider, Report};
use notify_core::spec::{self, Format, Spec};
use notify_core::state::{Kind, ResourceKey, Scope, State};

/// Makes a test of each function of the suite, for one kind of account.
#[macro_export]
macro_rules! conformance {
    ($account:ty) => {
        $crate::conformance!($account:
            a_second_plan_is_empty
            an_edited_field_is_the_only_change
            a_pattern_is_compared_as_json
            what_the_file_drops_is_deleted
            a_new_topic_name_replaces_the_topic
            a_dropped_region_is_cleaned
            many_deletions_need_permission
            alarms_fill_several_pages
            a_saved_plan_is_the_plan
            a_world_that_moved_is_noticed
            what_was_changed_by_hand_is_set_right
            what_is_not_ours_is_refused
            another_stack_is_refused
            adopting_keeps_what_others_made
            releasing_keeps_what_was_adopted
            releasing_keeps_what_nobody_uses
            what_others_put_on_our_topic_stays
            destroy_leaves_nothing
            destroy_is_for_one_stack
            destroy_keeps_a_topic_that_others_use
            destroy_keeps_a_rule_that_others_use
            a_setup_cut_off_anywhere_heals
            an_edit_cut_off_anywhere_heals
            a_destroy_cut_off_anywhere_heals
            a_new_region_cut_off_anywhere_is_found
            a_dropped_region_cut_off_anywhere_is_cleaned
            an_adoption_cut_off_anywhere_keeps_what_was_there
            a_watched_stack_is_as_the_file_says
            each_part_of_the_watch_goes_alone
            a_new_queue_name_replaces_the_queue
            a_queue_of_others_is_handed_over_or_left_alone
            a_watched_setup_cut_off_anywhere_heals
            a_watch_switched_off_cut_off_anywhere_heals
            a_watched_destroy_cut_off_anywhere_heals
            a_watch_leaves_a_dropped_region
            a_stepped_stack_is_as_the_file_says
            switching_the_delivery_is_one_plan
            a_message_that_is_edited_changes_the_machine_alone
            a_machine_of_others_is_left_alone
            a_machine_that_others_start_stays
            a_machine_leaves_a_dropped_region
            roles_stay_while_another_region_may_need_them
            two_stacks_have_a_machine_each
            a_stepped_setup_cut_off_anywhere_heals
            a_switch_to_the_machine_cut_off_anywhere_heals
            a_switch_from_the_machine_cut_off_anywhere_heals
            a_machine_that_is_given_up_half_made_leaves_nothing
            a_stepped_destroy_cut_off_anywhere_heals
            a_reader_takes_what_the_file_says
            a_filter_of_others_stays
            a_filtered_setup_cut_off_anywhere_heals
            a_filter_taken_off_cut_off_anywhere_heals
        );
    };
    ($account:ty: $($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::conformance::$name::<$account>().await;
            }
        )*
    };
}

/// A stack with one of everything.
const STACK: &str = r#"
stack = "conformance"
regions = ["ap-northeast-1"]

[topic]
name = "alerts"
display_name = "Alerts"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[events]]
name = "root-sign-in"
description = "Root signed in"
pattern = '{"source": ["aws.signin"], "detail": {"userIdentity": {"type": ["Root"]}}}'
message = """
Root signed in at <time>
Account: <$.account>
"""
paths = { time = "$.detail.eventTime" }

[[events]]
name = "health"
description = "AWS Health"
pattern = '{"source": ["aws.health"]}'

[[alarms]]
name = "errors"
namespace = "AWS/Lambda"
metric = "Errors"
dimensions = { FunctionName = "checkout" }
statistic = "Sum"
period = "5m"
comparison = ">="
threshold = 5

[[alarms]]
name = "waf"
preset = "waf-blocked"
web_acl = "waf-base-001"
rules = ["common", "sqli", "bots"]
"#;

/// A file, which must be a good one.
fn parse(text: &str) -> Spec {
    let parsed = spec::parse(text, Format::Toml);
    parsed.spec.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.findings))
}

/// A text with one place changed.
fn edit(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} is not one place of the text");
    text.replace(from, to)
}

/// [`STACK`] in [`OTHER_REGION`], too.
fn in_both_regions() -> String {
    let one = format!("[\"{REGION}\"]");
    edit(STACK, &one, &format!("[\"{REGION}\", \"{OTHER_REGION}\"]"))
}

/// A text without the table that holds `name`.
fn without(text: &str, name: &str) -> String {
    let mark = format!("name = \"{name}\"");
    let mut tables = text.split_inclusive("\n\n");
    let kept: String = tables.by_ref().filter(|table| !table.contains(&mark)).collect();
    assert_ne!(kept, text, "no table is called {name:?}");
    kept
}

fn request(purpose: Purpose, options: Options) -> Request {
    let base = match purpose {
        Purpose::Setup => Request::setup(None),
        Purpose::Destroy => Request::destroy(None),
    };
    Request { options, ..base }
}

async fn plan_with(at: &impl Account, text: &str, purpose: Purpose, options: Options) -> Plan {
    let request = request(purpose, options);
    let plan = plan::prepare(at.provider(), &parse(text), &request).await;
    plan.expect("a plan")
}

async fn plan_setup(at: &impl Account, text: &str) -> Plan {
    plan_with(at, text, Purpose::Setup, Options::default()).await
}

/// Carries a plan out, which must succeed.
async fn carry_out(at: &impl Account, plan: &Plan) -> Report {
    assert_eq!(plan.blocked, []);
    assert_eq!(plan.refusal, None);
    let report = run(at.provider(), plan).await;
    assert!(report.is_complete(), "{report:#?}");
    report
}

async fn run(provider: &impl Provider, plan: &Plan) -> Report {
    provider::apply(provider, plan, || false, |_| {}).await
}

/// Sets a stack up, and answers with the plan that did it.
async fn set_up(at: &impl Account, text: &str) -> Plan {
    let plan = plan_setup(at, text).await;
    carry_out(at, &plan).await;
    plan
}

async fn destroy(at: &impl Account, text: &str) -> Plan {
    let plan = plan_with(at, text, Purpose::Destroy, Options::default()).await;
    carry_out(at, &plan).await;
    plan
}

/// Hands over everything of these names.
fn adopting<const N: usize>(names: [(Kind, &str); N]) -> Options {
    let adopt = names.into_iter().map(|(kind, name)| (kind, name.to_owned())).collect();
    Options { adopt, ..Options::default() }
}

/// All that is there of what a plan has looked at, and of what carries its stack's tag.
async fn look(at: &impl Account, plan: &Plan) -> State {
    let scope = Scope { thorough: true, ..plan.scope.clone() };
    let mut state = at.provider().observe(&scope).await.expect("a state");
    state.extend(at.provider().roles(&scope).await.expect("roles"));
    state
}

async fn assert_settled(at: &impl Account, text: &str) {
    let plan = plan_setup(at, text).await;
    assert!(plan.is_empty(), "{:#?}", plan.stages);
    assert_eq!(plan.blocked, []);
}

/// The changes of a plan, in a form that is easily compared.
fn changes(plan: &Plan) -> Vec<(Action, Kind, &str)> {
    plan.changes().map(|c| (c.action, c.key.kind, c.key.name.as_str())).collect()
}

/// Asserts that nothing of a stack is in [`OTHER_REGION`].
async fn assert_other_region_is_empty(at: &impl Account, plan: &Plan) {
    let mut state = look(at, plan).await;
    state.retain(|key, _| key.region() == Some(&region(OTHER_REGION)));
    assert!(state.is_empty(), "{:?}", keys(&state));
}

fn keys(state: &State) -> Vec<&ResourceKey> {
    state.keys().collect()
}
