//! What identifies a resource before it exists.

use crate::aws::Protocol;
use crate::aws::{AlarmName, QueueName, Region, RuleName, TopicName};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a resource lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In no region, such as IAM's roles.
    Global,
    /// In this one.
    Region(Region),
}

/// What a resource is. The order is the order in which resources are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An SNS topic.
    Topic,
    /// A subscription of a topic.
    Subscription,
    /// An SQS queue.
    Queue,
    /// A state machine of Step Functions.
    StateMachine,
    /// An EventBridge rule on the default bus.
    Rule,
    /// A target of a rule.
    Target,
    /// A CloudWatch metric alarm.
    Alarm,
    /// A CloudWatch alarm mute rule.
    Mute,
    /// A one-time schedule of EventBridge Scheduler.
    Schedule,
    /// An IAM role.
    Role,
}

impl Kind {
    /// All kinds, in the order of showing.
    pub const ALL: [Self; 10] = [
        Self::Topic,
        Self::Subscription,
        Self::Queue,
        Self::StateMachine,
        Self::Rule,
        Self::Target,
        Self::Alarm,
        Self::Mute,
        Self::Schedule,
        Self::Role,
    ];

    /// The kind in lower case, as in `--adopt rule/NAME`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Subscription => "subscription",
            Self::Queue => "queue",
            Self::StateMachine => "state-machine",
            Self::Rule => "rule",
            Self::Target => "target",
            Self::Alarm => "alarm",
            Self::Mute => "mute",
            Self::Schedule => "schedule",
            Self::Role => "role",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Kind {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| KeyError(format!("`{text}` is no kind of resource")))
    }
}

/// Identifies a resource: where, what, and its name there.
///
/// A subscription's name holds its topic (`config-info/email/ops@example.com`), a target's its
/// rule (`config-noncompliant/notify`).
///
/// ```
/// # use notify_core::{aws::{Region, RuleName}, state::ResourceKey};
/// let key = ResourceKey::target(&Region::us_east_1(), &RuleName::parse("root")?, "notify");
/// assert_eq!(key.to_string(), "us-east-1/target/root/notify");
/// assert_eq!(key.to_string().parse(), Ok(key));
/// # Ok::<(), notify_core::aws::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceKey {
    /// Where it lives.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// Its name, unique in its place and kind.
    pub name: String,
}

/// The text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(String);

impl ResourceKey {
    fn in_region(region: &Region, kind: Kind, name: String) -> Self {
        Self { place: Place::Region(region.clone()), kind, name }
    }

    /// A topic.
    pub fn topic(region: &Region, name: &TopicName) -> Self {
        Self::in_region(region, Kind::Topic, name.to_string())
    }

    /// A topic's subscription.
    pub fn subscription(topic: &Self, protocol: Protocol, endpoint: &str) -> Self {
        let name = format!("{}/{}/{endpoint}", topic.name, protocol.as_str());
        Self { place: topic.place.clone(), kind: Kind::Subscription, name }
    }

    /// A queue.
    pub fn queue(region: &Region, name: &QueueName) -> Self {
        Self::in_region(region, Kind::Queue, name.to_string())
    }

    /// A state machine.
    pub fn state_machine(region: &Region, name: &str) -> Self {
        Self::in_region(region, Kind::StateMachine, name.to_owned())
    }

    /// A rule.
    pub fn rule(region: &Region, name: &RuleName) -> Self {
        Self::in_region(region, Kind::Rule, name.to_string())
    }

    /// A rule's target.
    pub fn target(region: &Region, rule: &RuleName, id: &str) -> Self {
        Self::in_region(region, Kind::Target, format!("{rule}/{id}"))
    }

    /// An alarm.
    pub fn alarm(region: &Region, name: &AlarmName) -> Self {
        Self::in_region(region, Kind::Alarm, name.to_string())
    }

    /// An alarm mute rule.
    pub fn mute(region: &Region, name: &str) -> Self {
        Self::in_region(region, Kind::Mute, name.to_owned())
    }

    /// A schedule.
    pub fn schedule(region: &Region, name: &str) -> Self {
        Self::in_region(region, Kind::Schedule, name.to_owned())
    }

    /// A role.
    pub fn role(name: &str) -> Self {
        Self { place: Place::Global, kind: Kind::Role, name: name.to_owned() }
    }

    /// The region, for all that lives in one.
    pub fn region(&self) -> Option<&Region> {
        match &self.place {
            Place::Global => None,
            Place::Region(region) => Some(region),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.pad("global"),
            Self::Region(region) => f.pad(region.as_str()),
        }
    }
}

impl std::str::FromStr for Place {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        match text {
            "global" => Ok(Self::Global),
            _ => Region::parse(text).map(Self::Region).map_err(|e| KeyError(e.to_string())),
        }
    }
}

impl fmt::Display for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.place, self.kind, self.name)
    }
}

impl std::str::FromStr for ResourceKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let parts: Vec<&str> = text.splitn(3, '/').collect();
        let [place, kind, name] = parts[..] else {
            return Err(KeyError(format!("`{text}` is not PLACE/KIND/NAME")));
        };
        Ok(Self { place: place.parse()?, kind: kind.parse()?, name: name.to_owned() })
    }
}

impl TryFrom<String> for ResourceKey {
    type Error = KeyError;
    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<ResourceKey> for String {
    fn from(key: ResourceKey) -> Self {
        key.to_string()
    }
}
