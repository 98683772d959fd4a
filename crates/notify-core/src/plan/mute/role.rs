//! The role that schedules take on, and the mark that says where to look for all this.

use super::Inputs;
use crate::aws::{Arn, Region, Tags, tags};
use crate::plan::build::{create, tag_fields, update};
use crate::plan::planner::Draft;
use crate::plan::{Action, Blocked, Change, Owner, StageName, Step, diff, owner};
use crate::state::{Kind, Muting, Resource, ResourceKey, Role, Schedule, Want};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the role's one policy.
const POLICY: &str = "unmute";
/// What all inline policies of a role may have, in characters, is 10,240
/// ([quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
const MOST_CHARACTERS: usize = 10_000;

/// Makes the role, or lets it enable the rules that the file has now.
pub(super) fn make(inputs: &Inputs<'_>, draft: &mut Draft) {
    let key = Schedule::role_of(&inputs.spec.stack);
    let seen = match inputs.observed.get(&key) {
        Some(Resource::Role(role)) => Some(role),
        _ => None,
    };
    let wanted = Resource::Role(Role {
        description: format!("Enables muted rules of the stack {} again", inputs.spec.stack),
        trust: trust(inputs),
        policies: BTreeMap::from([(POLICY.to_owned(), document(inputs, seen))]),
        tags: Want::Contains(tags::ours(&inputs.spec.stack)),
    });
    let Some(seen) = seen else {
        let settled = diff::settle(&wanted, None, false);
        let fields = diff::compare(None, &settled);
        let reason = "schedules take it on to enable rules again".to_owned();
        let change = create(&key, &settled, fields);
        draft.add(StageName::Roles, Change { reason, ..change });
        return;
    };
    if !matches!(owner(seen.tags.value(), &inputs.spec.stack), Owner::Ours { .. }) {
        draft.blocked.push(Blocked {
            key,
            reason: "it exists and was not made by this stack".to_owned(),
            help: "rename it, or mute alarms alone".to_owned(),
        });
        return;
    }
    let there = Resource::Role(seen.clone());
    let settled = diff::settle(&wanted, Some(&there), false);
    let fields = diff::compare(Some(&there), &settled);
    if !fields.is_empty() {
        let reason = "it may enable other rules than the stack's".to_owned();
        draft.add(StageName::Roles, Change { reason, ..update(&key, &settled, fields) });
    }
}

/// Only Scheduler takes it on, and only for this account.
fn trust(inputs: &Inputs<'_>) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": inputs.identity.account.as_str()}},
        }],
    })
}

/// Lets the role enable the stack's rules and no others.
///
/// Rules in regions that this run leaves alone stay in it. Where all their names do not fit into a
/// policy, it is every rule of the account's regions that carries the stack's tag; that
/// `EnableRule` can be limited by a rule's tag is unverified.
fn document(inputs: &Inputs<'_>, seen: Option<&Role>) -> Value {
    let mut arns = elsewhere(inputs, seen);
    let rules = inputs.desired.state.keys().filter(|key| key.kind == Kind::Rule);
    arns.extend(rules.filter_map(|key| key.arn(inputs.identity)).map(|arn| arn.to_string()));
    let named = policy(&json!({
        "Effect": "Allow",
        "Action": "events:EnableRule",
        "Resource": arns,
    }));
    if named.to_string().chars().count() <= MOST_CHARACTERS {
        return named;
    }
    let regions: BTreeSet<String> = arns
        .iter()
        .filter_map(|arn| arn.rsplit_once('/'))
        .map(|(rule, _)| format!("{rule}/*"))
        .collect();
    let tag = format!("aws:ResourceTag/{}", tags::STACK);
    policy(&json!({
        "Effect": "Allow",
        "Action": "events:EnableRule",
        "Resource": regions,
        "Condition": {"StringEquals": {tag: inputs.spec.stack.as_str()}},
    }))
}

fn policy(statement: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// What the role may enable in regions that are not looked at.
fn elsewhere(inputs: &Inputs<'_>, seen: Option<&Role>) -> BTreeSet<String> {
    let Some(only) = &inputs.request.only else { return BTreeSet::new() };
    let policy = seen.and_then(|role| role.policies.get(POLICY));
    let statements = policy.and_then(|policy| policy["Statement"].as_array());
    let arns = statements.into_iter().flatten().filter_map(|one| one["Resource"].as_array());
    let arns = arns.flatten().filter_map(Value::as_str);
    let is_other = |arn: &&str| arn.parse::<Arn>().is_ok_and(|arn| arn.region != only.as_str());
    arns.filter(is_other).map(str::to_owned).collect()
}

/// Marks the topics of regions in which something is muted, before anything else is written: only
/// where such a mark is does anybody look for what mutes leave.
pub(super) fn mark_topics(
    inputs: &Inputs<'_>,
    used: &BTreeMap<&Region, BTreeSet<Muting>>,
    draft: &mut Draft,
) {
    for (region, kinds) in used {
        let key = ResourceKey::topic(region, &inputs.spec.topic.name);
        let found = inputs.observed.get(&key).and_then(Resource::tags);
        if !matches!(owner(found, &inputs.spec.stack), Owner::Ours { .. }) {
            super::events::missing(&key, draft);
            continue;
        }
        let known = found.map(Muting::of).unwrap_or_default();
        let all: BTreeSet<Muting> = known.union(kinds).copied().collect();
        if all == known {
            continue;
        }
        let marks = Tags::from([(tags::MUTES.to_owned(), Muting::to_tag(&all))]);
        let change = Change {
            key: key.clone(),
            action: Action::Update,
            reason: "its tag says that something was muted, so that `destroy` looks for it"
                .to_owned(),
            fields: tag_fields(found, &marks),
            steps: vec![Step::Tag { key: key.clone(), tags: marks }],
            needs: Vec::new(),
        };
        // What is made must be found again.
        for stage in [StageName::Roles, StageName::Mutes] {
            for other in draft.changes.get_mut(&stage).into_iter().flatten() {
                if other.key.region().is_none_or(|other| other == *region) {
                    other.needs.push(key.clone());
                }
            }
        }
        draft.add(StageName::Claim, change);
    }
}
