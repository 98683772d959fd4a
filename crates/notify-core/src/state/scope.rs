//! What an observation must look at.

use super::{Kind, Muting, ResourceKey, State};
use crate::aws::{AlarmName, QueueName, Region, RuleName, StackName, TopicName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where to look, and what for by name. Whatever carries the stack's tag, or hangs off a topic
/// that is looked at, is observed besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The stack whose leftovers are looked for.
    pub stack: StackName,
    /// The names to look for in each region.
    pub regions: BTreeMap<Region, Wanted>,
    /// Looks for alarms by the stack's tag too. That finds an alarm which lost its action, and
    /// costs a call for each hundred alarms: right for `destroy`, not for every run.
    pub thorough: bool,
    /// The roles to look for, for `Provider::roles`.
    #[serde(default)]
    pub roles: BTreeSet<String>,
    /// In which ways something may be muted, for `Provider::mutes`.
    #[serde(default)]
    pub mutes: BTreeSet<Muting>,
    /// Reads which messages readers take. That costs a call for each one who has confirmed; a topic
    /// whose tags tell of filters has them read without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filters: bool,
}

/// Names to look for in one region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Topics.
    pub topics: BTreeSet<TopicName>,
    /// Queues.
    #[serde(default)]
    pub queues: BTreeSet<QueueName>,
    /// State machines.
    #[serde(default)]
    pub machines: BTreeSet<String>,
    /// Rules.
    pub rules: BTreeSet<RuleName>,
    /// Alarms.
    pub alarms: BTreeSet<AlarmName>,
}

impl Scope {
    /// Everything that `desired` names, in the regions where it does and in those of `also`.
    pub fn of(stack: &StackName, desired: &State, also: &BTreeSet<Region>) -> Self {
        let mut regions: BTreeMap<Region, Wanted> =
            also.iter().map(|region| (region.clone(), Wanted::default())).collect();
        let mut roles = BTreeSet::new();
        for key in desired.keys() {
            if let Some(region) = key.region() {
                regions.entry(region.clone()).or_default().add(key);
            } else if key.kind == Kind::Role {
                roles.insert(key.name.clone());
            }
        }
        let mutes = BTreeSet::new();
        Self { stack: stack.clone(), regions, thorough: false, roles, mutes, filters: false }
    }
}

impl Wanted {
    fn add(&mut self, key: &ResourceKey) {
        match key.kind {
            Kind::Topic => self.topics.extend(TopicName::parse(&key.name)),
            Kind::Queue => self.queues.extend(QueueName::parse(&key.name)),
            Kind::StateMachine => {
                self.machines.insert(key.name.clone());
            }
            Kind::Rule => self.rules.extend(RuleName::parse(&key.name)),
            Kind::Alarm => self.alarms.extend(AlarmName::parse(&key.name)),
            // Found through their topic and their rule; by the stack's name, and only if asked for.
            Kind::Subscription | Kind::Target | Kind::Mute | Kind::Schedule | Kind::Role => {}
        }
    }
}
