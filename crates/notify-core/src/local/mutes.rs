//! What keeps notifications quiet in a local cloud, and what ends that by itself.

use super::cloud::{Cloud, Held, Place};
use super::steps::{Answer, managed, missing};
use crate::alarm::Transition;
use crate::aws::{Identity, Minute, Region, Tags};
use crate::plan::Step;
use crate::provider::{Done, ErrorClass, ProviderError};
use crate::state::{
    AlarmMute, Muting, Resource, ResourceKey, Role, RuleState, Schedule, Scope, State, Want,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// What CloudWatch takes in one mute rule.
const MOST_ALARMS: usize = 100;
const MOST_MINUTES: u32 = 15 * 24 * 60;

impl Cloud {
    /// Lets time pass.
    pub(super) fn pass(&mut self, who: &Identity, now: Timestamp) {
        self.now = now;
        let regions: Vec<Region> = self.regions.keys().cloned().collect();
        for region in &regions {
            self.run_schedules(who, region);
            self.release_actions(who, region);
        }
    }

    /// Runs the schedules whose time has come. Each is gone afterwards, also where its role may not
    /// do what it should.
    fn run_schedules(&mut self, who: &Identity, region: &Region) {
        let Self { regions, roles, now, .. } = self;
        let Some(place) = regions.get_mut(region) else { return };
        let is_due = |schedule: &Schedule| schedule.at.timestamp() <= *now;
        let due = place.schedules.values().filter(|schedule| is_due(schedule)).cloned();
        for schedule in due.collect::<Vec<_>>() {
            let name = schedule.rule.value().cloned().unwrap_or_default();
            let arn = who.arn("events", region, &format!("rule/{name}")).to_string();
            let role = schedule.role.value().and_then(|role| roles.get(role));
            if role.is_some_and(|role| allows(role, "events:EnableRule", &arn)) {
                // Nobody hears of a rule that is gone.
                let _ = place.set_state("events:EnableRule", &name, RuleState::Enabled);
            }
        }
        place.schedules.retain(|_, schedule| !is_due(schedule));
    }

    /// Runs the actions that no mute holds back any more, where the alarm is still in the state.
    fn release_actions(&mut self, who: &Identity, region: &Region) {
        let Some(place) = self.regions.get(region) else { return };
        let held = place.alarms.iter().filter(|(_, alarm)| alarm.held.is_some());
        let held: Vec<String> = held.map(|(name, _)| name.clone()).collect();
        for name in
            held.into_iter().filter(|name| self.muted(region, name).is_none()).collect::<Vec<_>>()
        {
            let place = self.regions.get_mut(region);
            let Some(local) = place.and_then(|place| place.alarms.get_mut(&name)) else { continue };
            let state = local.alarm.state.value().copied();
            let Some(held) = local.held.take().filter(|held| state == Some(held.to)) else {
                continue;
            };
            if let (Some(Ok(alarm)), Some(change)) =
                (self.metric_alarm(who, region, &name), held.transition())
            {
                self.act(who, region, &alarm, &change);
            }
        }
    }

    /// Until when an alarm is muted at this moment.
    pub(super) fn muted(&self, region: &Region, alarm: &str) -> Option<Minute> {
        let mutes = self.regions.get(region)?.mutes.values();
        let holds = |mute: &&AlarmMute| {
            mute.alarms.value().is_some_and(|alarms| alarms.contains(alarm))
                && mute.from.value().is_some_and(|from| from.timestamp() <= self.now)
                && self.now < mute.until.timestamp()
        };
        mutes.filter(holds).map(|mute| mute.until).max()
    }

    pub(super) fn observe_mutes(&self, scope: &Scope) -> State {
        let mut state = State::new();
        for region in scope.regions.keys() {
            let Some(place) = self.regions.get(region) else { continue };
            if scope.mutes.contains(&Muting::Alarms) {
                let names = place.mutes.keys();
                state.extend(names.filter_map(|name| {
                    let mute = AlarmMute::of_name(&scope.stack, name)?;
                    Some((ResourceKey::mute(region, name), Resource::Mute(mute)))
                }));
            }
            if scope.mutes.contains(&Muting::Events) {
                let names = place.schedules.keys();
                state.extend(names.filter_map(|name| {
                    let schedule = Schedule::of_name(&scope.stack, name)?;
                    Some((ResourceKey::schedule(region, name), Resource::Schedule(schedule)))
                }));
            }
        }
        if scope.mutes.contains(&Muting::Events) {
            let key = Schedule::role_of(&scope.stack);
            if let Some(role) = self.roles.get(&key.name) {
                state.insert(key, Resource::Role(role.clone()));
            }
        }
        state
    }

    pub(super) fn create_schedule(
        &mut self,
        region: &Region,
        name: &str,
        schedule: &Schedule,
    ) -> Answer {
        const OPERATION: &str = "scheduler:CreateSchedule";
        let refuse = |class, text: &str| Err(ProviderError::new(class, OPERATION, name, text));
        if !schedule.role.value().is_some_and(|role| self.roles.contains_key(role)) {
            return refuse(
                ErrorClass::Invalid,
                "The execution role you provide must allow AWS EventBridge Scheduler to assume \
                 the role.",
            );
        }
        let place = self.regions.entry(region.clone()).or_default();
        if place.schedules.contains_key(name) {
            return refuse(ErrorClass::Conflict, &format!("Schedule {name} already exists."));
        }
        place.schedules.insert(name.to_owned(), schedule.clone());
        Ok(Done::Complete)
    }

    pub(super) fn call_iam(&mut self, step: &Step) -> Answer {
        match step {
            Step::CreateRole { name, description, trust, tags } => {
                if self.roles.contains_key(name) {
                    let text = format!("Role with name {name} already exists.");
                    return Err(ProviderError::new(
                        ErrorClass::Conflict,
                        "iam:CreateRole",
                        name,
                        text,
                    ));
                }
                let role = Role {
                    description: description.clone(),
                    trust: trust.clone(),
                    policies: BTreeMap::new(),
                    tags: Want::Exactly(tags.clone()),
                };
                self.roles.insert(name.clone(), role);
            }
            Step::SetRoleTrust { role, trust } => {
                self.role("iam:UpdateAssumeRolePolicy", role)?.trust = trust.clone();
            }
            Step::PutRolePolicy { role, name, document } => {
                let role = self.role("iam:PutRolePolicy", role)?;
                role.policies.insert(name.clone(), document.clone());
            }
            Step::DeleteRolePolicy { role, name } => {
                if let Ok(role) = self.role("iam:DeleteRolePolicy", role) {
                    role.policies.remove(name);
                }
            }
            Step::DeleteRole { name } => {
                if self.roles.get(name).is_some_and(|role| !role.policies.is_empty()) {
                    return Err(ProviderError::new(
                        ErrorClass::Conflict,
                        "iam:DeleteRole",
                        name,
                        "Cannot delete entity, must delete policies first.",
                    ));
                }
                self.roles.remove(name);
            }
            _ => {}
        }
        Ok(Done::Complete)
    }

    fn role(&mut self, operation: &str, name: &str) -> Result<&mut Role, ProviderError> {
        self.roles.get_mut(name).ok_or_else(|| missing(operation, name))
    }
}

impl Place {
    pub(super) fn set_state(&mut self, operation: &str, name: &str, state: RuleState) -> Answer {
        let rule = self.rules.get_mut(name).ok_or_else(|| missing(operation, name))?;
        if matches!(rule.rule.managed_by.value(), Some(Some(_))) {
            return Err(managed(operation, name));
        }
        rule.rule.state = Want::Exactly(state);
        Ok(Done::Complete)
    }

    pub(super) fn put_mute(&mut self, name: &str, mute: &AlarmMute, tags: &Tags) -> Answer {
        let refuse = |text: &str| {
            let operation = "cloudwatch:PutAlarmMuteRule";
            Err(ProviderError::new(ErrorClass::Invalid, operation, name, text))
        };
        if mute.alarms.value().is_none_or(|alarms| alarms.is_empty() || alarms.len() > MOST_ALARMS)
        {
            return refuse("a mute rule has 1 to 100 alarms");
        }
        let minutes = mute.from.value().map_or(0, |from| mute.until.since(*from));
        if !(1..=MOST_MINUTES).contains(&minutes) {
            return refuse("a mute lasts a minute to 15 days");
        }
        let mute = AlarmMute { tags: Want::Exactly(tags.clone()), ..mute.clone() };
        self.mutes.insert(name.to_owned(), mute);
        Ok(Done::Complete)
    }
}

/// Whether a role may do something: it is named as it is, and the resource may end in `*`.
fn allows(role: &Role, action: &str, arn: &str) -> bool {
    let list = |value: &Value| match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let covers = |pattern: &String| match pattern.strip_suffix('*') {
        Some(start) => arn.starts_with(start),
        None => pattern == arn,
    };
    let statements = role.policies.values().filter_map(|policy| policy["Statement"].as_array());
    statements.flatten().any(|statement| {
        statement["Effect"] == "Allow"
            && list(&statement["Action"]).iter().any(|one| one == action)
            && list(&statement["Resource"]).iter().any(covers)
    })
}

impl Held {
    pub(super) fn of(change: &Transition) -> Self {
        let Transition { at, from, to, reason } = change;
        Self { at: at.to_string(), from: *from, to: *to, reason: reason.clone() }
    }

    fn transition(self) -> Option<Transition> {
        let Self { at, from, to, reason } = self;
        Some(Transition { at: at.parse().ok()?, from, to, reason })
    }
}
