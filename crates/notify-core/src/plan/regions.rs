//! The tag that says which regions a stack has.

use super::build::tag_fields;
use super::ownership::Owner;
use super::planner::{Draft, Facts, Purpose};
use super::{Action, Change, StageName, Step};
use crate::aws::{Region, Tags, tags};
use crate::state::{Kind, Resource, ResourceKey};
use std::collections::BTreeSet;

/// Writes which regions the stack has: new ones before anything else happens, dropped ones only
/// when they are empty. A run that is cut off in between is found by the next.
pub(super) fn write_tags(facts: &Facts<'_>, draft: &mut Draft) {
    if facts.purpose == Purpose::Destroy {
        return;
    }
    let claimed = draft.keys_of(&[StageName::Claim]);
    let before = draft.keys_of(&[
        StageName::Detach,
        StageName::Halt,
        StageName::Rules,
        StageName::Leftovers,
    ]);
    let mut last = facts.regions.clone();
    if facts.options.only.is_some() {
        last.clone_from(&facts.until_done);
    }
    let elsewhere = facts.observed.keys().filter(|key| facts.is_elsewhere(key));
    for key in facts.wanted.keys().chain(elsewhere).filter(|key| key.kind == Kind::Topic) {
        let seen = facts.observed.get(key).and_then(Resource::tags);
        let ours = matches!(facts.owner(key), Owner::Ours { .. });
        if seen.is_some() && !ours && !claimed.contains(key) {
            continue;
        }
        let old = seen.filter(|_| ours).map(tags::regions);
        let write = |regions: &BTreeSet<Region>, reason: &str, needs: Vec<ResourceKey>| {
            let value = tags::from_regions(regions);
            let marks = Tags::from([(tags::REGIONS.to_owned(), value)]);
            Change {
                key: key.clone(),
                action: Action::Update,
                reason: reason.to_owned(),
                fields: tag_fields(seen, &marks),
                steps: vec![Step::Tag { key: key.clone(), tags: marks }],
                needs,
            }
        };
        if old.is_some_and(|old| old != facts.until_done) {
            let reason = "the stack has a new region";
            draft.add(StageName::Claim, write(&facts.until_done, reason, Vec::new()));
        }
        if last != facts.until_done {
            let change = write(&last, "the stack has left a region", before.clone());
            draft.add(StageName::Forget, change);
        }
    }
}
