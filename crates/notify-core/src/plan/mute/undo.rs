//! Takes back what a mute has prepared and then could not use.

use super::super::{Action, Change, Plan, Stage, StageName, Step};
use crate::aws::tags;
use crate::provider::{Outcome, Report};
use crate::state::{Kind, ResourceKey};

/// A plan that removes the role and the marks of a plan of [`super::mute`] after a run that has
/// muted nothing, so that nothing is left of it; `None` where there is nothing to remove.
pub fn undo(plan: &Plan, report: &Report) -> Option<Plan> {
    let of = |key: &ResourceKey| report.applied.iter().find(|applied| applied.key == *key);
    let is_done = |change: &&Change| {
        of(&change.key).is_some_and(|applied| matches!(applied.outcome, Outcome::Done))
    };
    let stage_of = |name: StageName| plan.stages.iter().filter(move |stage| stage.name == name);
    let changes = |name: StageName| stage_of(name).flat_map(|stage| &stage.changes);
    if changes(StageName::Mutes).any(|change| is_done(&change)) || plan.unchanged > 0 {
        return None;
    }
    // A role that could not be made is not there; one that could not be given its policy is.
    let made = changes(StageName::Roles).filter(|change| {
        let refused = of(&change.key).is_none_or(|applied| match &applied.outcome {
            Outcome::Failed(error) => error.operation == "iam:CreateRole",
            Outcome::Skipped(_) => true,
            Outcome::Done | Outcome::AwaitsConfirmation => false,
        });
        change.action == Action::Create && !refused
    });
    let roles: Vec<Change> = made.map(without_role).collect();
    let marked = changes(StageName::Claim).filter(is_done).filter(|change| {
        change.key.kind == Kind::Topic && change.fields.iter().all(|field| field.old.is_none())
    });
    let topics: Vec<Change> = marked.map(without_mark).collect();
    if roles.is_empty() && topics.is_empty() {
        return None;
    }
    let stages = [(StageName::Unused, roles), (StageName::Forget, topics)];
    let stages = stages.into_iter().filter(|(_, changes)| !changes.is_empty());
    Some(Plan {
        stages: stages.map(|(name, changes)| Stage { name, changes }).collect(),
        notes: Vec::new(),
        ..plan.clone()
    })
}

const REASON: &str = "nothing could be muted";

fn without_role(change: &Change) -> Change {
    let policies = change.steps.iter().filter_map(|step| match step {
        Step::PutRolePolicy { role, name, .. } => {
            Some(Step::DeleteRolePolicy { role: role.clone(), name: name.clone() })
        }
        _ => None,
    });
    let role = Step::DeleteRole { name: change.key.name.clone() };
    undone(change, Action::Delete, policies.chain([role]).collect())
}

fn without_mark(change: &Change) -> Change {
    let tags = vec![tags::MUTES.to_owned()];
    undone(change, Action::Update, vec![Step::Untag { key: change.key.clone(), tags }])
}

fn undone(change: &Change, action: Action, steps: Vec<Step>) -> Change {
    Change {
        key: change.key.clone(),
        action,
        reason: REASON.to_owned(),
        fields: Vec::new(),
        steps,
        needs: Vec::new(),
    }
}
