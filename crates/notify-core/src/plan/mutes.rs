//! What a plan for a file does about mutes: it leaves those that run alone.

use super::build::tag_fields;
use super::planner::{Draft, Facts, Purpose, Wanted};
use super::{Action, Change, FieldChange, StageName, Step};
use crate::aws::{Minute, RuleName, Tags, tags};
use crate::state::{
    Kind, NoteKind, Resource, ResourceKey, Rule, RuleState, Schedule, State, Want, muted_until,
    schedule_name,
};
use jiff::Timestamp;

/// Lets rules sleep that the file has awake and that a mute keeps asleep.
pub(super) fn keep(wanted: &mut Wanted<'_>, observed: &State, now: Timestamp) {
    for (key, resource) in wanted {
        if let (Resource::Rule(rule), Some(Resource::Rule(seen))) =
            (resource.as_ref(), observed.get(key))
            && rule.state == Want::Exactly(RuleState::Enabled)
            && muted_until(seen, now).is_some()
            && let Resource::Rule(rule) = resource.to_mut()
        {
            rule.state = Want::Keep;
        }
    }
}

/// Tells of a mute that runs. One of an event that the file has switched off meanwhile ends: what
/// would wake the rule goes.
pub(super) fn tell(facts: &Facts<'_>, key: &ResourceKey, wanted: &Rule, draft: &mut Draft) {
    let Some(Resource::Rule(seen)) = facts.observed.get(key) else { return };
    let Some(until) = muted_until(seen, facts.options.now) else { return };
    if wanted.state == Want::Keep {
        let text = format!("{} is muted until {until}", key.name);
        draft.note(NoteKind::Info, key, text);
        return;
    }
    let reason = "the file switches the event off, so its mute ends".to_owned();
    let mut needs = Vec::new();
    if let (Some(region), Ok(rule)) = (key.region(), RuleName::parse(&key.name)) {
        let name = schedule_name::of(facts.stack, &rule, Minute::ceil(until));
        let schedule = ResourceKey::schedule(region, &name);
        needs.push(schedule.clone());
        let steps = vec![Step::DeleteSchedule { name }];
        draft.add(StageName::Ends, change(&schedule, Action::Delete, &reason, steps, Vec::new()));
    }
    let mut untagged = change(key, Action::Update, &reason, vec![untag(key)], needs);
    untagged.fields = tag_gone(seen);
    draft.add(StageName::Forget, untagged);
}

/// What else is to be done where a rule is written that carries the tag of a mute which is over.
pub(super) fn clear(seen: &Resource, key: &ResourceKey, now: Timestamp) -> Option<Step> {
    let Resource::Rule(rule) = seen else { return None };
    let is_marked = rule.tags.value().is_some_and(|tags| tags.contains_key(tags::MUTED_UNTIL));
    (is_marked && muted_until(rule, now).is_none()).then(|| untag(key))
}

/// Wakes a rule that stays when the stack lets go of it: nobody else would.
pub(super) fn wake(seen: Option<&Resource>, key: &ResourceKey) -> Option<Step> {
    let Some(Resource::Rule(rule)) = seen else { return None };
    let is_marked = rule.tags.value().is_some_and(|tags| tags.contains_key(tags::MUTED_UNTIL));
    let is_off = rule.state.value() == Some(&RuleState::Disabled);
    (is_marked && is_off).then(|| Step::EnableRule { name: key.name.clone() })
}

/// What was ever muted, for the tag of a topic that takes the place of another.
pub(super) fn inherited(observed: &State) -> Option<(String, String)> {
    let topics = observed.iter().filter(|(key, _)| key.kind == Kind::Topic);
    let told = topics.filter_map(|(_, topic)| topic.tags()?.get(tags::MUTES)).max()?;
    Some((tags::MUTES.to_owned(), told.clone()))
}

/// Removes what is left of mutes when the stack goes. A schedule goes after its rule, which would
/// sleep for ever if a run were cut off in between; the role goes after all that take it on.
pub(super) fn remove(facts: &Facts<'_>, draft: &mut Draft) {
    if facts.purpose != Purpose::Destroy {
        return;
    }
    let reason = "the stack is removed";
    let rules = draft.keys_of(&[StageName::Rules]);
    for (key, seen) in facts.observed {
        let here = || rules.iter().filter(|rule| rule.place == key.place).cloned();
        let (step, needs) = match seen {
            Resource::Schedule(_) => {
                (Step::DeleteSchedule { name: key.name.clone() }, here().collect())
            }
            Resource::Mute(_) => (Step::DeleteMute { name: key.name.clone() }, Vec::new()),
            _ => continue,
        };
        if !facts.is_elsewhere(key) {
            draft.add(StageName::Ends, change(key, Action::Delete, reason, vec![step], needs));
        }
    }
    let schedules = draft.keys_of(&[StageName::Ends]);
    for (key, seen) in facts.observed {
        let Resource::Role(role) = seen else { continue };
        if *key != Schedule::role_of(facts.stack) {
            continue;
        }
        if !facts.is_ours(key) {
            draft.note(NoteKind::NotOurs, key, format!("role {} is not this stack's", key.name));
            continue;
        }
        // Other regions may still need it.
        let only = facts.options.only.as_ref();
        if only.is_some_and(|only| facts.until_done.iter().any(|region| region != only)) {
            continue;
        }
        let name = &key.name;
        let policies = role
            .policies
            .keys()
            .map(|policy| Step::DeleteRolePolicy { role: name.clone(), name: policy.clone() });
        let steps = policies.chain([Step::DeleteRole { name: name.clone() }]).collect();
        draft.add(StageName::Unused, change(key, Action::Delete, reason, steps, schedules.clone()));
    }
}

fn untag(key: &ResourceKey) -> Step {
    Step::Untag { key: key.clone(), tags: vec![tags::MUTED_UNTIL.to_owned()] }
}

fn tag_gone(seen: &Rule) -> Vec<FieldChange> {
    let mark = seen.tags.value().and_then(|tags| tags.get(tags::MUTED_UNTIL)).cloned();
    let mark: Tags = mark.map(|value| (tags::MUTED_UNTIL.to_owned(), value)).into_iter().collect();
    let fields = tag_fields(Some(&mark), &mark).into_iter();
    fields.map(|field| FieldChange { new: None, ..field }).collect()
}

fn change(
    key: &ResourceKey,
    action: Action,
    reason: &str,
    steps: Vec<Step>,
    needs: Vec<ResourceKey>,
) -> Change {
    let (key, reason) = (key.clone(), reason.to_owned());
    Change { key, action, reason, fields: Vec::new(), steps, needs }
}
