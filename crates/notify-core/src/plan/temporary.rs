//! What a test has left behind: it goes, whatever the file says.

use super::leftover::change;
use super::planner::{Draft, Facts};
use super::{Action, Change, StageName};
use crate::plan::Step;
use crate::state::{Resource, ResourceKey, is_of_a_test};

/// Why it goes.
const WHY: &str = "a test by `notify-cli send` was cut off and left it behind";

impl Change {
    /// Whether this only removes what a test has left behind: nothing has drifted.
    pub fn clears_a_test(&self) -> bool {
        self.action == Action::Delete && self.reason == WHY
    }
}

/// Plans the removal of what a test has left; whether this was such a thing.
pub(super) fn remove(
    facts: &Facts<'_>,
    key: &ResourceKey,
    seen: &Resource,
    draft: &mut Draft,
) -> bool {
    let is_ours = |seen: &Resource| is_of_a_test(seen, facts.stack);
    let (stage, steps, needs) = match seen {
        Resource::Subscription(subscription) if is_ours(seen) => {
            let arn = subscription.arn.value().cloned().flatten();
            let Some(arn) = arn else { return true };
            (StageName::Detach, vec![Step::Unsubscribe { arn }], Vec::new())
        }
        Resource::Target(target) if facts.observed.get(&target.rule).is_some_and(is_ours) => {
            let (rule, id) = (target.rule.name.clone(), target.id.clone());
            (StageName::Detach, vec![Step::RemoveTarget { rule, id }], Vec::new())
        }
        Resource::Rule(_) if is_ours(seen) => {
            let targets = facts.observed.iter().filter_map(|(at, resource)| match resource {
                Resource::Target(target) if target.rule == *key => Some(at.clone()),
                _ => None,
            });
            (StageName::Rules, vec![Step::DeleteRule { name: key.name.clone() }], targets.collect())
        }
        Resource::Queue(_) if is_ours(seen) => {
            (StageName::Rules, vec![Step::DeleteQueue { name: key.name.clone() }], Vec::new())
        }
        _ => return false,
    };
    draft.add(stage, change(key, Action::Delete, WHY.to_owned(), steps, needs));
    true
}
