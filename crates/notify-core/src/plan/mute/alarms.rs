//! Mutes alarms: CloudWatch does it by mute rules.

use super::select::Alarms;
use super::{Inputs, begin, events, planned};
use crate::aws::{Minute, Region, tags};
use crate::plan::build::create;
use crate::plan::planner::Draft;
use crate::plan::{Action, Blocked, Change, StageName, Step, diff};
use crate::state::{
    Alarm, AlarmMute, Note, NoteKind, Reference, Resource, ResourceKey, Want, mute_names,
};
use std::collections::{BTreeMap, BTreeSet};

/// How many alarms a mute rule has at most.
const ALARMS_A_RULE: usize = 100;

/// Plans it for the alarms of notifications. Answers where there is anything to do.
pub(super) fn mute<'a>(
    inputs: &Inputs<'_>,
    alarms: &'a Alarms,
    until: Minute,
    draft: &mut Draft,
) -> BTreeSet<&'a Region> {
    let mut used = BTreeSet::new();
    for (notification, state) in alarms {
        let mut regions: BTreeMap<&Region, Vec<&str>> = BTreeMap::new();
        for (key, wanted) in state {
            let (Resource::Alarm(wanted), Some(region)) = (wanted, key.region()) else { continue };
            if may_be_muted(inputs, key, wanted, draft) {
                regions.entry(region).or_default().push(&key.name);
            }
        }
        for (region, names) in regions {
            mute_in(inputs, notification, region, &names, until, draft);
            used.insert(region);
        }
    }
    if !used.is_empty() {
        let from = begin(inputs.request.now);
        let text = format!(
            "CloudWatch mutes alarms from {from} on. One that changes its state meanwhile and is \
             still in it at {until} tells of it then"
        );
        draft.notes.push(Note { kind: NoteKind::Info, key: None, text });
    }
    used
}

/// Only an alarm that tells our topic is one of ours: its tags would cost a call each.
fn may_be_muted(inputs: &Inputs<'_>, key: &ResourceKey, wanted: &Alarm, draft: &mut Draft) -> bool {
    if wanted.enabled == Want::Exactly(false) {
        events::off(inputs, key, draft);
        return false;
    }
    let Some(Resource::Alarm(seen)) = inputs.observed.get(key) else {
        events::missing(key, draft);
        return false;
    };
    let tells = |to: &Reference| {
        [&seen.alarm_actions, &seen.ok_actions].iter().any(|actions| actions.contains(to))
    };
    if wanted.alarm_actions.iter().any(tells) {
        return true;
    }
    draft.blocked.push(Blocked {
        key: key.clone(),
        reason: "it does not send to the stack's topic".to_owned(),
        help: "`notify-cli plan` says what to do about it".to_owned(),
    });
    false
}

/// A mute that ends later than another one stands beside it, so that there is no gap between them:
/// the other one ends by itself. One that ends earlier takes its place.
fn mute_in(
    inputs: &Inputs<'_>,
    notification: &str,
    region: &Region,
    names: &[&str],
    until: Minute,
    draft: &mut Draft,
) {
    let stack = &inputs.spec.stack;
    let from = begin(inputs.request.now);
    for (number, names) in names.chunks(ALARMS_A_RULE).enumerate() {
        let key = ResourceKey::mute(region, &mute_names::of(stack, notification, until, number));
        if inputs.observed.contains_key(&key) {
            draft.unchanged += 1;
            continue;
        }
        let mute = Resource::Mute(AlarmMute {
            description: Want::Exactly(format!("{notification} is muted (notify-cli mute)")),
            alarms: Want::Exactly(names.iter().map(|name| (*name).to_owned()).collect()),
            from: Want::Exactly(from),
            until,
            tags: Want::Exactly(tags::ours(stack)),
        });
        let change = create(&key, &mute, diff::compare(None, &mute));
        let reason = format!("it mutes {notification}");
        draft.add(StageName::Mutes, Change { reason, ..change });
    }
    let needs = planned(draft, StageName::Mutes);
    let prefix = mute_names::prefix_of(stack, notification);
    for (key, resource) in inputs.observed {
        let Resource::Mute(other) = resource else { continue };
        let is_its = key.region() == Some(region) && key.name.starts_with(&prefix);
        let is_over = other.until.timestamp() <= inputs.request.now;
        if is_its && (is_over || other.until > until) {
            let reason = if is_over { "it has ended" } else { "the mute ends earlier" };
            let needs = needs.iter().filter(|need| need.place == key.place).cloned().collect();
            draft.add(StageName::Detach, remove(key, reason, needs));
        }
    }
}

/// Removes a mute rule.
pub(super) fn remove(key: &ResourceKey, reason: &str, needs: Vec<ResourceKey>) -> Change {
    Change {
        key: key.clone(),
        action: Action::Delete,
        reason: reason.to_owned(),
        fields: Vec::new(),
        steps: vec![Step::DeleteMute { name: key.name.clone() }],
        needs,
    }
}
