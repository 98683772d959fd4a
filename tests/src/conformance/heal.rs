//! Whatever a run leaves behind when it is cut off, running it again is the recovery.

use super::adopt::{HANDED_OVER, assert_kept, make_by_hand};
use super::{
    STACK, adopting, assert_other_region_is_empty, assert_settled, carry_out, destroy, edit,
    in_both_regions, keys, look, parse, plan_with, request, run, set_up,
};
use crate::account::Account;
use crate::fault::CutOff;
use notify_core::plan::{self, Options, Plan, Purpose};
use notify_core::provider::Provider;

/// So many steps are more than any plan here has.
const MANY: usize = 200;

fn steps(plan: &Plan) -> usize {
    plan.changes().map(|change| change.steps.len()).sum()
}

/// Runs what a request asks for, cut off after some steps; whether it came to its end.
async fn cut_off(at: &impl Account, after: usize, text: &str, purpose: Purpose) -> bool {
    let provider = CutOff::after(after, at.provider());
    cut_off_with(&provider, text, purpose, Options::default()).await
}

async fn cut_off_with(
    provider: &impl Provider,
    text: &str,
    purpose: Purpose,
    options: Options,
) -> bool {
    let request = request(purpose, options);
    let plan = plan::prepare(provider, &parse(text), &request).await.expect("a plan");
    assert_eq!(plan.blocked, []);
    run(provider, &plan).await.is_complete()
}

/// A first run, cut off after each number of steps: the second makes what is missing, nothing
/// twice, and all of it is found again for being removed.
pub async fn a_setup_cut_off_anywhere_heals<A: Account>() {
    setup_cut_off_anywhere::<A>(STACK).await;
}

pub(super) async fn setup_cut_off_anywhere<A: Account>(text: &str) {
    let at = A::fresh().await;
    let whole = set_up(&at, text).await;
    let expected = look(&at, &whole).await;
    for after in 0..=steps(&whole) {
        let at = A::fresh().await;
        let done = cut_off(&at, after, text, Purpose::Setup).await;
        assert_eq!(done, after == steps(&whole), "after {after} steps");
        set_up(&at, text).await;
        assert_settled(&at, text).await;
        let state = look(&at, &whole).await;
        assert_eq!(keys(&state), keys(&expected), "after {after} steps");
        destroy(&at, text).await;
        let state = look(&at, &whole).await;
        assert!(state.is_empty(), "after {after} steps: {:?}", keys(&state));
    }
}

/// A new topic that takes the place of an old one is the longest of edits: cut off anywhere, it is
/// finished by the next run, and neither topic is left behind in the end.
pub async fn an_edit_cut_off_anywhere_heals<A: Account>() {
    let edited = edit(STACK, "name = \"alerts\"", "name = \"alarms\"");
    edit_cut_off_anywhere::<A>(STACK, &edited).await;
}

pub(super) async fn edit_cut_off_anywhere<A: Account>(text: &str, edited: &str) {
    let allowed = || Options { allow_deletes: true, ..Options::default() };
    for after in 0..MANY {
        let at = A::fresh().await;
        let first = set_up(&at, text).await;
        let provider = CutOff::after(after, at.provider());
        let done = cut_off_with(&provider, edited, Purpose::Setup, allowed()).await;
        let second = plan_with(&at, edited, Purpose::Setup, allowed()).await;
        carry_out(&at, &second).await;
        assert_settled(&at, edited).await;
        destroy(&at, edited).await;
        for plan in [&first, &second] {
            let state = look(&at, plan).await;
            assert!(state.is_empty(), "after {after} steps: {:?}", keys(&state));
        }
        if done {
            return;
        }
    }
    panic!("the edit has no end");
}

/// A first run, cut off after each number of steps, whose file is `instead` by the next run: what the
/// first has made of what that one does not name is gone.
pub(super) async fn given_up_anywhere<A: Account>(text: &str, instead: &str) {
    for after in 0..MANY {
        let at = A::fresh().await;
        let whole = plan_with(&at, text, Purpose::Setup, Options::default()).await;
        let done = cut_off(&at, after, text, Purpose::Setup).await;
        let allowed = Options { allow_deletes: true, ..Options::default() };
        let second = plan_with(&at, instead, Purpose::Setup, allowed).await;
        carry_out(&at, &second).await;
        assert_settled(&at, instead).await;
        destroy(&at, instead).await;
        let state = look(&at, &whole).await;
        assert!(state.is_empty(), "after {after} steps: {:?}", keys(&state));
        if done {
            return;
        }
    }
    panic!("the setup has no end");
}

/// A removal that is cut off is finished by the next.
pub async fn a_destroy_cut_off_anywhere_heals<A: Account>() {
    destroy_cut_off_anywhere::<A>(STACK).await;
}

pub(super) async fn destroy_cut_off_anywhere<A: Account>(text: &str) {
    for after in 0..MANY {
        let at = A::fresh().await;
        let plan = set_up(&at, text).await;
        let done = cut_off(&at, after, text, Purpose::Destroy).await;
        destroy(&at, text).await;
        let state = look(&at, &plan).await;
        assert!(state.is_empty(), "after {after} steps: {:?}", keys(&state));
        if done {
            return;
        }
    }
    panic!("the removal has no end");
}

/// A run that has begun in a new region, and whose file forgets that region again.
pub async fn a_new_region_cut_off_anywhere_is_found<A: Account>() {
    let both = in_both_regions();
    for after in 0..MANY {
        let at = A::fresh().await;
        set_up(&at, STACK).await;
        let whole = plan_with(&at, &both, Purpose::Setup, Options::default()).await;
        let done = cut_off(&at, after, &both, Purpose::Setup).await;
        leave_the_other_region(&at).await;
        assert_other_region_is_empty(&at, &whole).await;
        if done {
            return;
        }
    }
    panic!("the new region has no end");
}

/// A region is forgotten only when it is empty.
pub async fn a_dropped_region_cut_off_anywhere_is_cleaned<A: Account>() {
    let allowed = || Options { allow_deletes: true, ..Options::default() };
    for after in 0..MANY {
        let at = A::fresh().await;
        let whole = set_up(&at, &in_both_regions()).await;
        let provider = CutOff::after(after, at.provider());
        let done = cut_off_with(&provider, STACK, Purpose::Setup, allowed()).await;
        leave_the_other_region(&at).await;
        assert_other_region_is_empty(&at, &whole).await;
        if done {
            return;
        }
    }
    panic!("the dropped region has no end");
}

/// Makes an account equal to [`STACK`], which is in one region.
async fn leave_the_other_region(at: &impl Account) {
    let allowed = Options { allow_deletes: true, ..Options::default() };
    let plan = plan_with(at, STACK, Purpose::Setup, allowed).await;
    carry_out(at, &plan).await;
    assert_settled(at, STACK).await;
}

/// What was handed over survives whatever happens in between.
pub async fn an_adoption_cut_off_anywhere_keeps_what_was_there<A: Account>() {
    for after in 0..MANY {
        let at = A::fresh().await;
        make_by_hand(&at).await;
        let provider = CutOff::after(after, at.provider());
        let hand_over = || adopting(HANDED_OVER);
        let done = cut_off_with(&provider, STACK, Purpose::Setup, hand_over()).await;
        // Removed at once: only what bears our mark is touched, and that says it was adopted.
        let plan = destroy(&at, STACK).await;
        assert_kept(&look(&at, &plan).await);
        // And handed over again.
        let plan = plan_with(&at, STACK, Purpose::Setup, hand_over()).await;
        carry_out(&at, &plan).await;
        assert_settled(&at, STACK).await;
        assert_kept(&look(&at, &plan).await);
        if done {
            return;
        }
    }
    panic!("the adoption has no end");
}
