//! Mutes events: their rules sleep, and schedules wake them.

use super::{Inputs, Names, planned, role};
use crate::aws::{Minute, Region, RuleName, Tags, tags};
use crate::plan::build::{create, tag_fields};
use crate::plan::planner::Draft;
use crate::plan::{Action, Blocked, Change, FieldChange, Owner, StageName, Step, diff, owner};
use crate::state::{
    NoteKind, Resource, ResourceKey, Rule, RuleState, Schedule, State, Want, muted_until,
    schedule_name,
};
use std::collections::BTreeSet;

/// Plans it for rules. Answers where there is anything to do.
pub(super) fn mute<'a>(
    inputs: &Inputs<'a>,
    rules: &'a State,
    until: Minute,
    draft: &mut Draft,
) -> BTreeSet<&'a Region> {
    let mut sleepers = Vec::new();
    for (key, wanted) in rules {
        let (Resource::Rule(wanted), Some(region)) = (wanted, key.region()) else { continue };
        let (Some(seen), Ok(name)) =
            (may_sleep(inputs, key, wanted, draft), RuleName::parse(&key.name))
        else {
            continue;
        };
        sleepers.push((key, region, name, seen));
    }
    if sleepers.is_empty() {
        return BTreeSet::new();
    }
    role::make(inputs, draft);
    for (key, region, name, seen) in &sleepers {
        wake_later(inputs, region, name, until, draft);
        sleep(inputs, (*key, region), name, seen, until, draft);
    }
    sleepers.into_iter().map(|(_, region, ..)| region).collect()
}

/// The rule as it is, if it may be put to sleep.
fn may_sleep<'a>(
    inputs: &Inputs<'a>,
    key: &ResourceKey,
    wanted: &Rule,
    draft: &mut Draft,
) -> Option<&'a Rule> {
    if wanted.state == Want::Exactly(RuleState::Disabled) {
        off(inputs, key, draft);
        return None;
    }
    let Some(Resource::Rule(seen)) = inputs.observed.get(key) else {
        missing(key, draft);
        return None;
    };
    if !matches!(owner(seen.tags.value(), &inputs.spec.stack), Owner::Ours { .. }) {
        draft.blocked.push(Blocked {
            key: key.clone(),
            reason: "it exists and was not made by this stack".to_owned(),
            help: "`notify-cli plan` says what to do about it".to_owned(),
        });
        return None;
    }
    Some(seen)
}

/// What the file has switched off sends nothing, and is no mistake where everything is meant.
pub(super) fn off(inputs: &Inputs<'_>, key: &ResourceKey, draft: &mut Draft) {
    let reason = "the file has `enabled = false` for it: it sends nothing anyway";
    if inputs.request.names == Names::All {
        draft.note(NoteKind::Info, key, format!("{} {}: {reason}", key.kind, key.name));
        return;
    }
    draft.blocked.push(Blocked {
        key: key.clone(),
        reason: reason.to_owned(),
        help: "leave it out".to_owned(),
    });
}

pub(super) fn missing(key: &ResourceKey, draft: &mut Draft) {
    draft.blocked.push(Blocked {
        key: key.clone(),
        reason: "it does not exist".to_owned(),
        help: "`notify-cli setup` makes it".to_owned(),
    });
}

/// Makes the schedule that wakes a rule.
fn wake_later(
    inputs: &Inputs<'_>,
    region: &Region,
    name: &RuleName,
    until: Minute,
    draft: &mut Draft,
) {
    let stack = &inputs.spec.stack;
    let key = ResourceKey::schedule(region, &schedule_name::of(stack, name, until));
    if inputs.observed.contains_key(&key) {
        return;
    }
    let role = Schedule::role_of(stack);
    let schedule = Resource::Schedule(Schedule {
        rule: Want::Exactly(name.to_string()),
        role: Want::Exactly(role.name.clone()),
        at: until,
    });
    let change = create(&key, &schedule, diff::compare(None, &schedule));
    let reason = format!("it enables {name} again");
    draft.add(StageName::Mutes, Change { reason, needs: vec![role], ..change });
}

/// Puts a rule to sleep, and takes away what would wake it at another time.
fn sleep(
    inputs: &Inputs<'_>,
    (key, region): (&ResourceKey, &Region),
    name: &RuleName,
    seen: &Rule,
    until: Minute,
    draft: &mut Draft,
) {
    let stack = &inputs.spec.stack;
    let schedule = ResourceKey::schedule(region, &schedule_name::of(stack, name, until));
    let is_muted = muted_until(seen, inputs.request.now) == Some(until.timestamp());
    if is_muted && inputs.observed.contains_key(&schedule) {
        draft.unchanged += 1;
    } else {
        let marks = Tags::from([(tags::MUTED_UNTIL.to_owned(), until.to_string())]);
        let mut fields = tag_fields(seen.tags.value(), &marks);
        fields.extend(state_field(seen, RuleState::Disabled));
        let steps = vec![
            Step::Tag { key: key.clone(), tags: marks },
            Step::DisableRule { name: name.to_string() },
        ];
        let change = Change {
            key: key.clone(),
            action: Action::Update,
            reason: format!("muted until {until}"),
            fields,
            steps,
            needs: vec![schedule.clone()],
        };
        draft.add(StageName::Silence, change);
    }
    let but = Some(&schedule);
    remove_schedules(inputs, (region, name), but, "the mute has another end", draft);
}

/// The change of a rule's state, if it is one.
pub(super) fn state_field(seen: &Rule, new: RuleState) -> Option<FieldChange> {
    let old = seen.state.value().copied();
    (old != Some(new)).then(|| FieldChange {
        path: "state".to_owned(),
        old: old.map(|old| old.as_str().into()),
        new: Some(new.as_str().into()),
    })
}

/// Takes away the schedules of a rule but one, after the rule is as it should be.
pub(super) fn remove_schedules(
    inputs: &Inputs<'_>,
    (region, name): (&Region, &RuleName),
    but: Option<&ResourceKey>,
    reason: &str,
    draft: &mut Draft,
) {
    let prefix = schedule_name::prefix_of(&inputs.spec.stack, name);
    let needs: Vec<ResourceKey> = planned(draft, StageName::Silence)
        .into_iter()
        .filter(|rule| *rule == ResourceKey::rule(region, name))
        .collect();
    for (key, resource) in inputs.observed {
        let is_its = matches!(resource, Resource::Schedule(_))
            && key.region() == Some(region)
            && key.name.starts_with(&prefix);
        if is_its && Some(key) != but {
            draft.add(
                StageName::Detach,
                Change {
                    key: key.clone(),
                    action: Action::Delete,
                    reason: reason.to_owned(),
                    fields: Vec::new(),
                    steps: vec![Step::DeleteSchedule { name: key.name.clone() }],
                    needs: needs.clone(),
                },
            );
        }
    }
}
