//! The resources, with AWS's defaults already filled in.

use super::{AlarmMute, ResourceKey, Role, Schedule, StateMachine, Want};
use crate::aws::policy::Policy;
use crate::aws::{
    AlarmState, Arn, Comparison, Dimensions, Filter, Identity, Protocol, QueueName, Tags,
    TopicName, TreatMissingData,
};
use crate::pattern::PatternText;
use crate::transform::Input;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Any resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// An SNS topic.
    Topic(Topic),
    /// A subscription of a topic.
    Subscription(Subscription),
    /// An SQS queue.
    Queue(Queue),
    /// A state machine of Step Functions.
    StateMachine(StateMachine),
    /// An EventBridge rule.
    Rule(Rule),
    /// A rule's target.
    Target(Target),
    /// A CloudWatch metric alarm. In a box: it is several times the size of the others.
    Alarm(Box<Alarm>),
    /// A CloudWatch alarm mute rule.
    Mute(AlarmMute),
    /// A one-time schedule that enables a rule.
    Schedule(Schedule),
    /// An IAM role.
    Role(Role),
}

/// An SNS topic. Attributes that are not here are never read, compared or written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// The sender's name of its mails.
    pub display_name: Want<String>,
    /// The key that encrypts it.
    pub kms_key: Want<Option<String>>,
    /// Who may do what with it; ours is a part of it.
    pub policy: Want<Policy>,
    /// Its tags.
    pub tags: Want<Tags>,
}

/// A subscription. It has no tags in AWS, so it is ours when the file names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The topic.
    pub topic: ResourceKey,
    /// How messages travel.
    pub protocol: Protocol,
    /// Where to.
    pub endpoint: String,
    /// Whether its reader agreed.
    pub status: Want<SubscriptionStatus>,
    /// Its ARN, once there is one: it cannot be derived.
    pub arn: Want<Option<String>>,
    /// Which messages it takes; `None` takes all. Read only where the scope or the topic's tag
    /// `notify:filters` says so, and of one that is confirmed.
    #[serde(default, skip_serializing_if = "Want::is_keep")]
    pub filter: Want<Option<Filter>>,
}

/// Whether a subscription's reader agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Its reader left; AWS shows it until it is purged.
    Deleted,
    /// The reader has not followed the link yet. It cannot be deleted, and lapses by itself.
    Pending,
    /// Messages flow.
    Confirmed,
}

/// An SQS queue. Attributes that are not here are never read, compared or written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// For how many seconds it keeps a message.
    pub retention: Want<u32>,
    /// Whether SQS encrypts it with a key of its own (`SqsManagedSseEnabled`).
    pub managed_encryption: Want<bool>,
    /// Who may do what with it; ours is a part of it.
    pub policy: Want<Policy>,
    /// How many messages wait in it, roughly: SQS counts by its own time.
    pub messages: Want<u64>,
    /// Its tags.
    pub tags: Want<Tags>,
}

/// An EventBridge rule on the default bus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its description.
    pub description: String,
    /// What events it picks; `None` only on observed rules that run by a schedule.
    pub pattern: Option<PatternText>,
    /// A schedule, seen on others' rules.
    pub schedule: Option<String>,
    /// A role, seen on others' rules.
    pub role: Option<String>,
    /// Whether it works.
    pub state: Want<RuleState>,
    /// The AWS service that made the rule for itself. Such a rule is left alone.
    pub managed_by: Want<Option<String>>,
    /// Its tags.
    pub tags: Want<Tags>,
}

/// A rule's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleState {
    /// Works.
    Enabled,
    /// Sleeps.
    Disabled,
    /// Works, and sees read-only API calls too.
    EnabledWithAllCloudtrailManagementEvents,
}

impl RuleState {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::EnabledWithAllCloudtrailManagementEvents => {
                "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
            }
        }
    }
}

/// A rule's target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The rule.
    pub rule: ResourceKey,
    /// Its id within the rule.
    pub id: String,
    /// Who receives.
    pub to: Reference,
    /// What is sent.
    pub input: Input,
    /// How it is sent; kept on targets that were made by hand.
    pub delivery: Want<Delivery>,
}

/// How a target's messages are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The role that sends.
    pub role: Option<Reference>,
    /// The queue for what could not be delivered.
    pub dead_letter: Option<Reference>,
    /// How often and how long it is tried.
    pub retry: Option<Retry>,
}

/// A target's retry policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// 0 to 185 attempts.
    pub attempts: Option<i32>,
    /// 60 to 86,400 seconds.
    pub age: Option<i32>,
}

/// A CloudWatch metric alarm of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its description.
    pub description: String,
    /// The metric's namespace.
    pub namespace: String,
    /// The metric's name.
    pub metric: String,
    /// The metric's dimensions.
    pub dimensions: Dimensions,
    /// `Sum`, `SampleCount`, …, or an extended statistic such as `p99`.
    pub statistic: String,
    /// A unit, seen on alarms made by hand: a wrong one keeps an alarm without data for ever.
    pub unit: Option<String>,
    /// Seconds.
    pub period: u32,
    /// N of "M of N".
    pub evaluation_periods: u32,
    /// M of "M of N"; unset means all N.
    pub datapoints_to_alarm: Option<u32>,
    /// How the statistic compares with the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: f64,
    /// What silence means.
    pub treat_missing_data: TreatMissingData,
    /// Whether actions run.
    pub enabled: Want<bool>,
    /// Who is told of ALARM.
    pub alarm_actions: Vec<Reference>,
    /// Who is told of OK.
    pub ok_actions: Vec<Reference>,
    /// Who is told of missing data.
    pub insufficient_data_actions: Vec<Reference>,
    /// What AWS holds besides: metric math, a query, … Ours have none.
    pub other: BTreeMap<String, Value>,
    /// Its state now.
    pub state: Want<AlarmState>,
    /// Its tags; alarms are listed without them.
    pub tags: Want<Tags>,
}

/// A resource that another one names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// One whose ARN follows from its key.
    Key(ResourceKey),
    /// Any other.
    Arn(String),
}

impl Reference {
    /// Reads an ARN: a topic, a queue, a state machine or a role of this account becomes its key.
    pub fn from_arn(text: &str, who: &Identity) -> Self {
        let key = || {
            let arn: Arn = text.parse().ok()?;
            if arn.account != who.account.as_str() || arn.partition != who.partition {
                return None;
            }
            if arn.service == "iam" {
                // With a path, the name alone would not make the ARN again.
                let name = arn.resource.strip_prefix("role/")?;
                return (!name.contains('/')).then(|| ResourceKey::role(name));
            }
            let region = crate::aws::Region::parse(&arn.region).ok()?;
            match arn.service.as_str() {
                "sns" => Some(ResourceKey::topic(&region, &TopicName::parse(&arn.resource).ok()?)),
                "sqs" => Some(ResourceKey::queue(&region, &QueueName::parse(&arn.resource).ok()?)),
                "states" => {
                    let name = arn.resource.strip_prefix("stateMachine:")?;
                    // A version or an alias of a machine is not the machine.
                    (!name.contains(':')).then(|| ResourceKey::state_machine(&region, name))
                }
                _ => None,
            }
        };
        key().map_or_else(|| Self::Arn(text.to_owned()), Self::Key)
    }

    /// The ARN.
    pub fn to_arn(&self, who: &Identity) -> String {
        match self {
            Self::Key(key) => key.arn(who).map(|arn| arn.to_string()).unwrap_or_default(),
            Self::Arn(arn) => arn.clone(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A name alone is a topic's, as most are.
            Self::Key(key) if key.kind != super::Kind::Topic => {
                write!(f, "{} {}", key.kind, key.name)
            }
            Self::Key(key) => write!(f, "{}", key.name),
            Self::Arn(arn) => f.write_str(arn),
        }
    }
}

impl ResourceKey {
    /// The ARN of whatever has one that follows from its name; subscriptions' cannot be derived,
    /// targets have none.
    pub fn arn(&self, who: &Identity) -> Option<Arn> {
        use super::Kind;
        if self.kind == Kind::Role {
            return Some(who.global_arn("iam", &format!("role/{}", self.name)));
        }
        let region = self.region()?;
        match self.kind {
            Kind::Topic => Some(who.arn("sns", region, &self.name)),
            Kind::Queue => Some(who.arn("sqs", region, &self.name)),
            Kind::StateMachine => {
                Some(who.arn("states", region, &format!("stateMachine:{}", self.name)))
            }
            Kind::Rule => Some(who.arn("events", region, &format!("rule/{}", self.name))),
            Kind::Alarm => Some(who.arn("cloudwatch", region, &format!("alarm:{}", self.name))),
            Kind::Mute => {
                Some(who.arn("cloudwatch", region, &format!("alarm-mute-rule:{}", self.name)))
            }
            Kind::Schedule => {
                Some(who.arn("scheduler", region, &format!("schedule/default/{}", self.name)))
            }
            Kind::Subscription | Kind::Target | Kind::Role => None,
        }
    }
}

impl Resource {
    /// Its tags, as far as they were read; `None` for kinds that have none.
    pub fn tags(&self) -> Option<&Tags> {
        match self {
            Self::Topic(topic) => topic.tags.value(),
            Self::Queue(queue) => queue.tags.value(),
            Self::StateMachine(machine) => machine.tags.value(),
            Self::Rule(rule) => rule.tags.value(),
            Self::Alarm(alarm) => alarm.tags.value(),
            Self::Mute(mute) => mute.tags.value(),
            Self::Role(role) => role.tags.value(),
            Self::Subscription(_) | Self::Target(_) | Self::Schedule(_) => None,
        }
    }

    /// Fills in tags that were read later.
    pub fn set_tags(&mut self, tags: Tags) {
        match self {
            Self::Topic(topic) => topic.tags = Want::Exactly(tags),
            Self::Queue(queue) => queue.tags = Want::Exactly(tags),
            Self::StateMachine(machine) => machine.tags = Want::Exactly(tags),
            Self::Rule(rule) => rule.tags = Want::Exactly(tags),
            Self::Alarm(alarm) => alarm.tags = Want::Exactly(tags),
            Self::Mute(mute) => mute.tags = Want::Exactly(tags),
            Self::Role(role) => role.tags = Want::Exactly(tags),
            Self::Subscription(_) | Self::Target(_) | Self::Schedule(_) => {}
        }
    }
}
