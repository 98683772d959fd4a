//! Ends mutes at once.

use super::select::Selected;
use super::{Inputs, Names, alarms, events};
use crate::aws::{RuleName, tags};
use crate::plan::planner::Draft;
use crate::plan::{Action, Change, FieldChange, Owner, StageName, Step, owner};
use crate::state::{Resource, ResourceKey, Rule, RuleState, Schedule, State, Want, mute_names};

/// Wakes rules and takes away what would wake them, and ends mutes of alarms.
///
/// With all notifications, also what is left of those that the file has dropped.
pub(super) fn unmute(
    inputs: &Inputs<'_>,
    selected: &Selected<'_>,
    rules: &State,
    draft: &mut Draft,
) {
    for (key, wanted) in rules {
        let (Resource::Rule(wanted), Some(region)) = (wanted, key.region()) else { continue };
        if let Some(Resource::Rule(seen)) = inputs.observed.get(key) {
            wake(inputs, key, wanted, seen, draft);
        }
        if let (Names::These(_), Ok(name)) = (selected.names, RuleName::parse(&key.name)) {
            events::remove_schedules(inputs, (region, &name), None, ENDS, draft);
        }
    }
    let rules = draft.keys_of(&[StageName::Silence]);
    let prefixes: Vec<String> = match selected.names {
        Names::All => vec![mute_names::prefix(&inputs.spec.stack)],
        Names::These(names) => {
            names.iter().map(|name| mute_names::prefix_of(&inputs.spec.stack, name)).collect()
        }
    };
    for (key, resource) in inputs.observed {
        match resource {
            Resource::Schedule(Schedule { .. }) if *selected.names == Names::All => {
                let needs = rules.iter().filter(|rule| rule.place == key.place).cloned().collect();
                let steps = vec![Step::DeleteSchedule { name: key.name.clone() }];
                draft.add(StageName::Detach, change(key, Action::Delete, steps, needs));
            }
            Resource::Mute(mute) if prefixes.iter().any(|p| key.name.starts_with(p)) => {
                let is_over = mute.until.timestamp() <= inputs.request.now;
                let reason = if is_over { "it has ended" } else { ENDS };
                draft.add(StageName::Detach, alarms::remove(key, reason, Vec::new()));
            }
            _ => {}
        }
    }
}

const ENDS: &str = "the mute ends";

/// Enables a rule that a mute has disabled, unless the file has it disabled; a tag goes in any case.
fn wake(inputs: &Inputs<'_>, key: &ResourceKey, wanted: &Rule, seen: &Rule, draft: &mut Draft) {
    let Some(marks) = seen.tags.value() else { return };
    let Some(mark) = marks.get(tags::MUTED_UNTIL) else { return };
    if !matches!(owner(Some(marks), &inputs.spec.stack), Owner::Ours { .. }) {
        return;
    }
    let mut steps = Vec::new();
    let mut fields = vec![FieldChange {
        path: format!("tags.{}", tags::MUTED_UNTIL),
        old: Some(mark.as_str().into()),
        new: None,
    }];
    if wanted.state == Want::Exactly(RuleState::Enabled) {
        let woken = events::state_field(seen, RuleState::Enabled);
        steps.extend(woken.iter().map(|_| Step::EnableRule { name: key.name.clone() }));
        fields.extend(woken);
    }
    steps.push(Step::Untag { key: key.clone(), tags: vec![tags::MUTED_UNTIL.to_owned()] });
    draft.add(
        StageName::Silence,
        Change { fields, ..change(key, Action::Update, steps, Vec::new()) },
    );
}

fn change(key: &ResourceKey, action: Action, steps: Vec<Step>, needs: Vec<ResourceKey>) -> Change {
    let (key, reason) = (key.clone(), ENDS.to_owned());
    Change { key, action, reason, fields: Vec::new(), steps, needs }
}
