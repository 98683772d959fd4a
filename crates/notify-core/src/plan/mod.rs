//! What has to change, as a value.
//!
//! [`prepare`] looks at the world through a provider and plans; [`plan`] is its pure heart. A
//! [`Plan`] can be printed, saved, checked against the world again ([`Plan::moved`]) and executed
//! ([`crate::provider::apply`]): always the same value, so a dry run is not a second path.

mod build;
mod change;
mod cost;
mod diff;
mod former;
mod guard;
mod leftover;
pub mod mute;
mod mutes;
mod ownership;
mod planner;
mod prepare;
mod read_back;
mod regions;
mod sound;
mod temporary;

pub use change::{Action, Change, FieldChange, QueueAttribute, Step, TopicAttribute};
pub use cost::{Cost, CostLine, DAYS_A_MONTH, MailCost, PRICES_AS_OF, cost, mail_cost};
pub use guard::{Moved, Refusal};
pub use ownership::{Blocked, Owner, owner};
pub use planner::{Inputs, Options, Purpose, plan, undecided};
pub use prepare::{PrepareError, Request, Survey, prepare, recheck, survey, wanted};
pub use read_back::{Difference, Differs, read_back, read_back_saved};

use crate::aws::{Identity, StackName};
use crate::state::{Hold, Note, Resource, ResourceKey, Scope};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of a saved plan; one of another version is refused.
pub const PLAN_VERSION: u32 = 1;

/// All that has to change, in the order of execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// Whose it is.
    pub stack: StackName,
    /// The account and its partition.
    pub identity: Identity,
    /// What was looked at.
    pub scope: Scope,
    /// One after the other; within a stage the changes may run side by side.
    pub stages: Vec<Stage>,
    /// What is in the way. A plan with any of these is not executed.
    pub blocked: Vec<Blocked>,
    /// Too many deletions. A plan with this is not executed.
    pub refusal: Option<Refusal>,
    /// Where WAF alarms stay as they are.
    pub holds: Vec<Hold>,
    /// What a person should know.
    pub notes: Vec<Note>,
    /// How many resources are as the file says.
    pub unchanged: usize,
    /// What the stack costs once the plan is done.
    pub cost: Cost,
    /// What was there of all that the plan touches; `None` where nothing was.
    pub seen: BTreeMap<ResourceKey, Option<Resource>>,
    /// What hung on the topics, queues and rules that the plan deletes. Anything more is somebody's who
    /// has begun to use them since.
    pub attached: BTreeSet<ResourceKey>,
}

/// Changes that may run side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// What the stage is for.
    pub name: StageName,
    /// Its changes.
    pub changes: Vec<Change>,
}

/// The stages in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    /// Marks what is adopted, and regions that are new: a run that is cut off afterwards leaves
    /// nothing that the next one would not find.
    Claim,
    /// Topics and queues, with their policies.
    Topics,
    /// What needs no more than a topic: subscriptions, rules, alarms.
    Sources,
    /// Targets: only now do events flow, into a topic that takes them.
    Targets,
    /// Roles.
    Roles,
    /// Mutes of alarms, and the schedules that will end those of events.
    Mutes,
    /// Rules that sleep or wake: whatever wakes them is there by now.
    Silence,
    /// Takes apart what is not wanted any more.
    Detach,
    /// Rules, which must have lost their targets, and queues, which must have lost what sends to
    /// them.
    Rules,
    /// What is left of mutes.
    Ends,
    /// Roles that nothing takes on any more.
    Unused,
    /// Topics in regions that the file has dropped, which must have lost everything.
    Leftovers,
    /// Topics in the file's regions: they go last, because their tag says where else the stack is.
    Roots,
    /// Forgets regions that are empty now.
    Forget,
}

impl Plan {
    /// All changes in the order of execution.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.stages.iter().flat_map(|stage| &stage.changes)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none()
    }

    /// How many changes there are of an action.
    pub fn count(&self, action: Action) -> usize {
        self.changes().filter(|change| change.action == action).count()
    }
}
