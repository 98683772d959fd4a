//! One change: what a person reads, and the steps that carry it out.

use crate::aws::policy::Policy;
use crate::aws::{Filter, Protocol, Tags};
use crate::state::{Alarm, AlarmMute, ResourceKey, Rule, Schedule, StateMachine, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A change to one resource.
///
/// The upper half is for people, the steps are for a provider. Nothing is left to decide in
/// between: a provider runs the steps in order and stops at the first that fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The resource.
    pub key: ResourceKey,
    /// What happens to it.
    pub action: Action,
    /// Why.
    pub reason: String,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// What must have succeeded before, as far as it is part of the same plan.
    pub needs: Vec<ResourceKey>,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// What its owner named by `--adopt` is marked as ours before anything else happens to it.
    Adopt,
    /// It is made equal to the file.
    Update,
    /// What is ours is taken off, and it stays.
    Release,
    /// It is removed.
    Delete,
}

impl Action {
    /// The action as a verb.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Update => "update",
            Self::Release => "release",
            Self::Delete => "delete",
        }
    }
}

/// One field's old and new value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field, with dots between its parts.
    pub path: String,
    /// What is there; `None` where nothing is.
    pub old: Option<Value>,
    /// What will be; `None` where nothing will be.
    pub new: Option<Value>,
}

/// One call to AWS. Those that belong to a resource are made in its change's region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Makes a topic that was not there; one of that name with other values is a conflict.
    CreateTopic {
        /// Its name.
        name: String,
        /// Its attributes, by SNS's names.
        attributes: Vec<(TopicAttribute, String)>,
        /// Its tags.
        tags: Tags,
    },
    /// Sets an attribute of a topic.
    SetTopicAttribute {
        /// The topic.
        topic: ResourceKey,
        /// Which one.
        attribute: TopicAttribute,
        /// Its new value; empty unsets it.
        value: String,
    },
    /// Reads a topic's policy, puts statements in and takes others out by `Sid`, and writes it.
    MergeTopicPolicy {
        /// The topic.
        topic: ResourceKey,
        /// The statements to put in, each in place of the one with its `Sid`.
        put: Vec<Value>,
        /// The `Sid`s to take out.
        remove: Vec<String>,
    },
    /// Deletes a topic and, with it, its subscriptions.
    DeleteTopic {
        /// The topic.
        topic: ResourceKey,
    },
    /// Makes a queue that was not there, with everything in one call. One that is there after all
    /// is a conflict.
    CreateQueue {
        /// Its name.
        name: String,
        /// Its attributes, by SQS's names.
        attributes: Vec<(QueueAttribute, String)>,
        /// Who may do what with it.
        policy: Option<Policy>,
        /// Its tags.
        tags: Tags,
    },
    /// Sets attributes of a queue.
    SetQueueAttributes {
        /// The queue.
        queue: ResourceKey,
        /// Which ones, with their new values.
        attributes: Vec<(QueueAttribute, String)>,
    },
    /// Reads a queue's policy, puts statements in and takes others out by `Sid`, and writes it.
    MergeQueuePolicy {
        /// The queue.
        queue: ResourceKey,
        /// The statements to put in, each in place of the one with its `Sid`.
        put: Vec<Value>,
        /// The `Sid`s to take out.
        remove: Vec<String>,
    },
    /// Deletes a queue with all that waits in it.
    DeleteQueue {
        /// Its name.
        name: String,
    },
    /// Subscribes an endpoint: SNS sends it a mail that asks for confirmation.
    Subscribe {
        /// The topic.
        topic: ResourceKey,
        /// How messages travel.
        protocol: Protocol,
        /// Where to.
        endpoint: String,
        /// Which messages it takes from the first one on; `None` takes all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<Filter>,
    },
    /// Sets which messages a reader who has confirmed takes.
    SetFilter {
        /// The subscription's ARN.
        arn: String,
        /// The filter; `None` takes all.
        filter: Option<Filter>,
    },
    /// Ends a subscription.
    Unsubscribe {
        /// Its ARN.
        arn: String,
    },
    /// Makes a state machine that was not there, with its tags. One that is there after all is a
    /// conflict.
    CreateStateMachine {
        /// Its name.
        name: String,
        /// All of it.
        machine: StateMachine,
        /// Its tags.
        tags: Tags,
    },
    /// Writes what a state machine does and in which role; everything else about it stays.
    UpdateStateMachine {
        /// Its name.
        name: String,
        /// All of it.
        machine: StateMachine,
    },
    /// Deletes a state machine.
    DeleteStateMachine {
        /// Its name.
        name: String,
    },
    /// Waits: what was written is not known everywhere at once, and what is on its way takes a
    /// while to arrive. Nothing is called.
    Settle {
        /// For how long; [`MOST_SECONDS`] at most.
        seconds: u32,
    },
    /// Makes a rule that was not there, with its tags. One that is there after all is a conflict.
    CreateRule {
        /// Its name.
        name: String,
        /// All of it.
        rule: Rule,
        /// Its tags.
        tags: Tags,
    },
    /// Writes a rule as a whole: whatever is left out is cleared.
    PutRule {
        /// Its name.
        name: String,
        /// All of it.
        rule: Rule,
    },
    /// Deletes a rule that has no targets any more.
    DeleteRule {
        /// Its name.
        name: String,
    },
    /// Adds a target or replaces the one of its id.
    PutTarget {
        /// The rule's name.
        rule: String,
        /// All of it.
        target: Target,
    },
    /// Removes a target.
    RemoveTarget {
        /// The rule's name.
        rule: String,
        /// The target's id.
        id: String,
    },
    /// Makes an alarm or writes it as a whole; its state stays.
    PutAlarm {
        /// Its name.
        name: String,
        /// All of it.
        alarm: Box<Alarm>,
        /// Its tags where it is made; AWS ignores tags on an alarm that exists.
        tags: Option<Tags>,
    },
    /// Deletes an alarm. A provider does many in one call.
    DeleteAlarm {
        /// Its name.
        name: String,
    },
    /// Disables a rule; everything else about it stays.
    DisableRule {
        /// Its name.
        name: String,
    },
    /// Enables a rule; everything else about it stays.
    EnableRule {
        /// Its name.
        name: String,
    },
    /// Mutes alarms for a while, or writes such a mute as a whole.
    PutMute {
        /// The mute rule's name.
        name: String,
        /// All of it.
        mute: AlarmMute,
        /// Its tags.
        tags: Tags,
    },
    /// Ends a mute of alarms.
    DeleteMute {
        /// The mute rule's name.
        name: String,
    },
    /// Makes a one-time schedule that was not there and that enables a rule.
    CreateSchedule {
        /// Its name.
        name: String,
        /// All of it.
        schedule: Schedule,
    },
    /// Deletes a schedule.
    DeleteSchedule {
        /// Its name.
        name: String,
    },
    /// Makes a role that was not there, which may do nothing yet.
    CreateRole {
        /// Its name.
        name: String,
        /// What it is for.
        description: String,
        /// Who may take it on.
        trust: Value,
        /// Its tags.
        tags: Tags,
    },
    /// Says who may take a role on.
    SetRoleTrust {
        /// The role's name.
        role: String,
        /// Who.
        trust: Value,
    },
    /// Adds an inline policy to a role or replaces the one of its name.
    PutRolePolicy {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
        /// What it allows.
        document: Value,
    },
    /// Takes an inline policy off a role.
    DeleteRolePolicy {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
    },
    /// Deletes a role that has no inline policies any more.
    DeleteRole {
        /// Its name.
        name: String,
    },
    /// Puts tags on a resource; its other tags stay.
    Tag {
        /// The resource.
        key: ResourceKey,
        /// The tags.
        tags: Tags,
    },
    /// Takes tags off a resource.
    Untag {
        /// The resource.
        key: ResourceKey,
        /// The tags' keys.
        tags: Vec<String>,
    },
}

/// The longest that a step waits.
pub const MOST_SECONDS: u32 = 60;

/// The attributes of a topic that are ever written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TopicAttribute {
    /// The sender's name.
    DisplayName,
    /// The key that encrypts the topic.
    KmsMasterKeyId,
}

impl TopicAttribute {
    /// SNS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DisplayName => "DisplayName",
            Self::KmsMasterKeyId => "KmsMasterKeyId",
        }
    }
}

/// The attributes of a queue that are ever written, but for its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum QueueAttribute {
    /// For how many seconds it keeps a message.
    MessageRetentionPeriod,
    /// Whether SQS encrypts it with a key of its own.
    SqsManagedSseEnabled,
}

impl QueueAttribute {
    /// SQS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageRetentionPeriod => "MessageRetentionPeriod",
            Self::SqsManagedSseEnabled => "SqsManagedSseEnabled",
        }
    }
}

impl Change {
    /// The alarm that this change deletes and does nothing else: such changes are sent together.
    pub fn deletes_alarm(&self) -> Option<&str> {
        match self.steps.as_slice() {
            [Step::DeleteAlarm { name }] => Some(name),
            _ => None,
        }
    }
}
