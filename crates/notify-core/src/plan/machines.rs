//! What a plan does about a stack's state machine and its roles.
//!
//! A topic's tag says that its region has a machine, and is there before anything of it is: whatever
//! becomes of a run, the next one knows where to look. It is taken off when all of it is gone.

use super::build::tag_fields;
use super::leftover::{change, is_our_target, why};
use super::planner::{Draft, Facts, Purpose};
use super::{Action, Change, StageName, Step};
use crate::aws::{StackName, Tags, machine_name, tags};
use crate::state::{Kind, NoteKind, Reference, Resource, ResourceKey, StateMachine, Target, Want};

/// For how long a new role is not used. IAM tells of it bit by bit, and an event that came before
/// its permission would only wait in the queue; what is to be waited for longer is tried again.
const UNTIL_KNOWN: u32 = 10;

/// For how long a machine stays that nothing is to start any more. EventBridge learns of a target's
/// change bit by bit, and AWS ends what a machine has not finished when it is deleted
/// ([DeleteStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html)).
const UNTIL_IDLE: u32 = 60;

/// The mark of a topic whose region is to have a machine.
pub(super) fn mark(facts: &Facts<'_>, topic: &ResourceKey) -> Option<(String, String)> {
    let wanted = facts.wanted.get(topic).and_then(|wanted| wanted.tags());
    wanted.is_some_and(tags::has_machine).then(|| (tags::MACHINE.to_owned(), "true".to_owned()))
}

/// Marks the topics of regions that are to have a machine, and lets what is new be known before it
/// is used.
pub(super) fn make(facts: &Facts<'_>, draft: &mut Draft) {
    let mut marking = Vec::new();
    let mut is_marked = false;
    for key in facts.wanted.keys().filter(|key| key.kind == Kind::Topic) {
        let Some(mark) = mark(facts, key) else { continue };
        let seen = facts.observed.get(key).and_then(Resource::tags);
        match seen {
            Some(seen) if facts.is_ours(key) && tags::has_machine(seen) => is_marked = true,
            Some(_) if facts.is_ours(key) => {
                draft.add(StageName::Claim, write_mark(key, seen, Tags::from([mark])));
                marking.push(key.clone());
            }
            // It is marked as it is made or adopted.
            _ => marking.push(key.clone()),
        }
    }
    let roles = StateMachine::roles(facts.stack);
    for stage in [StageName::Roles, StageName::Machines] {
        for change in draft.changes.get_mut(&stage).into_iter().flatten() {
            let here = |topic: &&ResourceKey| topic.place == change.key.place;
            match change.key.kind {
                Kind::StateMachine => change.needs.extend(marking.iter().find(here).cloned()),
                // Any mark leads to the roles.
                Kind::Role if roles.contains(&change.key) && !is_marked => {
                    change.needs.extend(marking.first().cloned());
                }
                _ => {}
            }
            if change.key.kind == Kind::Role && change.action == Action::Create {
                change.steps.push(Step::Settle { seconds: UNTIL_KNOWN });
            }
        }
    }
}

fn write_mark(key: &ResourceKey, seen: Option<&Tags>, marks: Tags) -> Change {
    Change {
        key: key.clone(),
        action: Action::Update,
        reason: "its tag says that the region has a state machine, so that it is found again"
            .to_owned(),
        fields: tag_fields(seen, &marks),
        steps: vec![Step::Tag { key: key.clone(), tags: marks }],
        needs: Vec::new(),
    }
}

/// Why a machine or role of this stack's names cannot be used, and what to do about it.
pub(super) fn unusable(
    facts: &Facts<'_>,
    key: &ResourceKey,
    seen: &Resource,
) -> Option<(String, String)> {
    let is_one = match key.kind {
        Kind::StateMachine => true,
        Kind::Role => StateMachine::roles(facts.stack).contains(key),
        _ => false,
    };
    if !is_one {
        return None;
    }
    if !facts.is_ours(key) {
        // What it does cannot be merged with what ours does: it is not handed over by `--adopt`.
        return Some((
            "it exists and was not made by this stack".to_owned(),
            format!(
                "delete it: the {} of this name comes with the stack's name; \
                 or write `delivery = \"direct\"`, which needs none",
                key.kind
            ),
        ));
    }
    let is_standard = matches!(seen, Resource::StateMachine(machine) if !machine.express);
    is_standard.then(|| {
        (
            "it is a Standard state machine, and stays what it was made as".to_owned(),
            "delete it, and run the command again: an Express one is made in its place".to_owned(),
        )
    })
}

/// Takes the role that starts machines off a target that is sent directly: it may do nothing else.
pub(super) fn leave_role(stack: &StackName, target: &mut Target) {
    let Want::Exactly(delivery) = &mut target.delivery else { return };
    let starts = Reference::Key(StateMachine::start_role(stack));
    let is_direct = !is_machine(&target.to);
    if is_direct && delivery.role.as_ref() == Some(&starts) {
        delivery.role = None;
    }
}

/// Whether something is a state machine of this account.
pub(super) fn is_machine(to: &Reference) -> bool {
    matches!(to, Reference::Key(key) if key.kind == Kind::StateMachine)
}

/// Whether somebody else's rule starts the stack's machine.
pub(super) fn is_started_by_others(facts: &Facts<'_>, target: &Target) -> bool {
    match &target.to {
        Reference::Key(key) => {
            key.kind == Kind::StateMachine
                && key.name == machine_name(facts.stack)
                && facts.is_ours(key)
                && !is_our_target(facts, target)
        }
        Reference::Arn(_) => false,
    }
}

/// Removes machines that the file does not ask for, once nothing starts them any more, and the roles
/// with the last of them.
pub(super) fn remove(facts: &Facts<'_>, draft: &mut Draft) {
    let mut stays = false;
    for (key, seen) in facts.observed {
        if !matches!(seen, Resource::StateMachine(_)) || facts.wanted.contains_key(key) {
            continue;
        }
        if facts.is_elsewhere(key) || !facts.is_ours(key) {
            stays = true;
            continue;
        }
        let others = starters(facts, key);
        let mut needs = draft.keys_of(&[StageName::Targets, StageName::Detach]);
        needs.retain(|need| need.place == key.place);
        if others.is_empty() {
            let mut steps = vec![Step::DeleteStateMachine { name: key.name.clone() }];
            let mut reason = why(facts, key);
            if facts.purpose == Purpose::Setup {
                steps.insert(0, Step::Settle { seconds: UNTIL_IDLE });
                reason.push_str("; it stays for a minute, until what is on its way has arrived");
            }
            draft.add(StageName::Halt, change(key, Action::Delete, reason, steps, needs));
        } else {
            stays = true;
            let reason = format!(
                "{}; it stays, without our tags: others start it ({})",
                why(facts, key),
                others.join(", ")
            );
            let steps = vec![untag(key)];
            draft.add(StageName::Halt, change(key, Action::Release, reason, steps, needs));
        }
    }
    let are_gone = remove_roles(facts, stays, draft);
    if facts.purpose == Purpose::Setup {
        unmark(facts, are_gone, draft);
    }
}

/// Whose rules start a machine, but for ours.
fn starters(facts: &Facts<'_>, machine: &ResourceKey) -> Vec<String> {
    let here = Reference::Key(machine.clone());
    let targets = facts.observed.iter().filter_map(|(key, seen)| match seen {
        Resource::Target(target) if target.to == here => Some((key, target)),
        _ => None,
    });
    let theirs = targets
        .filter(|(key, target)| !facts.wanted.contains_key(*key) && !is_our_target(facts, target));
    theirs.map(|(_, target)| format!("rule {}", target.rule.name)).collect()
}

/// Removes the roles that nothing takes on any more; whether none is left that the file does not
/// ask for.
fn remove_roles(facts: &Facts<'_>, stays: bool, draft: &mut Draft) -> bool {
    // Other regions may still need them.
    let only = facts.options.only.as_ref();
    let elsewhere = only.is_some_and(|only| facts.until_done.iter().any(|region| region != only));
    let mut are_gone = true;
    for key in StateMachine::roles(facts.stack) {
        let Some(Resource::Role(role)) = facts.observed.get(&key) else { continue };
        if facts.wanted.contains_key(&key) {
            continue;
        }
        if !facts.is_ours(&key) {
            draft.note(NoteKind::NotOurs, &key, format!("role {} is not this stack's", key.name));
            continue;
        }
        if elsewhere {
            are_gone = false;
            continue;
        }
        let needs = draft.keys_of(&[StageName::Targets, StageName::Detach, StageName::Halt]);
        let reason = match facts.purpose {
            Purpose::Destroy => "the stack is removed",
            Purpose::Setup => "nothing of the file needs it any more",
        };
        let (action, reason, steps) = if stays {
            let reason = format!("{reason}; it stays, without our tags: a state machine has it");
            (Action::Release, reason, vec![untag(&key)])
        } else {
            let policies = role.policies.keys().map(|policy| Step::DeleteRolePolicy {
                role: key.name.clone(),
                name: policy.clone(),
            });
            let last = Step::DeleteRole { name: key.name.clone() };
            (Action::Delete, reason.to_owned(), policies.chain([last]).collect())
        };
        draft.add(StageName::Unused, change(&key, action, reason, steps, needs));
    }
    are_gone
}

/// Takes the mark off topics whose region has no machine any more.
fn unmark(facts: &Facts<'_>, are_gone: bool, draft: &mut Draft) {
    if !are_gone {
        return;
    }
    let needs = draft.keys_of(&[StageName::Halt, StageName::Unused]);
    for (key, seen) in facts.observed {
        let marked = seen.tags().is_some_and(tags::has_machine);
        let is_topic = key.kind == Kind::Topic && facts.wanted.contains_key(key);
        if !is_topic || !marked || !facts.is_ours(key) || mark(facts, key).is_some() {
            continue;
        }
        let old = Tags::from([(tags::MACHINE.to_owned(), "true".to_owned())]);
        let fields = tag_fields(Some(&old), &old).into_iter();
        let needs = needs.iter().filter(|need| need.kind == Kind::Role || need.place == key.place);
        draft.add(
            StageName::Forget,
            Change {
                key: key.clone(),
                action: Action::Update,
                reason: "its region has no state machine any more".to_owned(),
                fields: fields.map(|field| super::FieldChange { new: None, ..field }).collect(),
                steps: vec![Step::Untag { key: key.clone(), tags: vec![tags::MACHINE.to_owned()] }],
                needs: needs.cloned().collect(),
            },
        );
    }
}

fn untag(key: &ResourceKey) -> Step {
    Step::Untag { key: key.clone(), tags: tags::ALL.map(str::to_owned).to_vec() }
}
