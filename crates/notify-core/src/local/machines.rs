//! What Step Functions and IAM do in a local cloud: state machines, and the roles that they take.

use super::cloud::{Cloud, Place};
use super::steps::{Answer, missing};
use crate::aws::policy::{Verdict, in_role, trusts};
use crate::aws::{Identity, Region, Tags};
use crate::provider::{Done, ErrorClass, ProviderError};
use crate::state::{
    Kind, Reference, Resource, ResourceKey, Role, Scope, State, StateMachine, Want,
};
use serde_json::Value;

/// How much a definition may have, in bytes
/// ([quotas](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)).
const MOST_BYTES: usize = 1_048_576;

/// Why EventBridge did not start a machine, as a dead-letter queue would have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotStarted {
    /// `ERROR_CODE`.
    pub(super) code: &'static str,
    /// Why, in our words.
    pub(super) reason: String,
}

impl Cloud {
    pub(super) fn create_machine(
        &mut self,
        who: &Identity,
        region: &Region,
        name: &str,
        machine: &StateMachine,
        tags: &Tags,
    ) -> Answer {
        const OPERATION: &str = "states:CreateStateMachine";
        self.check_machine(who, OPERATION, name, machine)?;
        let place = self.regions.entry(region.clone()).or_default();
        if place.machines.contains_key(name) {
            let text = "a state machine of that name has appeared meanwhile";
            return Err(ProviderError::new(ErrorClass::Conflict, OPERATION, name, text));
        }
        let machine = StateMachine { tags: Want::Exactly(tags.clone()), ..machine.clone() };
        place.machines.insert(name.to_owned(), machine);
        Ok(Done::Complete)
    }

    pub(super) fn update_machine(
        &mut self,
        who: &Identity,
        region: &Region,
        name: &str,
        machine: &StateMachine,
    ) -> Answer {
        const OPERATION: &str = "states:UpdateStateMachine";
        self.check_machine(who, OPERATION, name, machine)?;
        let place = self.regions.get_mut(region);
        let there = place.and_then(|place| place.machines.get_mut(name));
        let there = there.ok_or_else(|| missing(OPERATION, name))?;
        there.definition.clone_from(&machine.definition);
        there.role.clone_from(&machine.role);
        Ok(Done::Complete)
    }

    /// Refuses what Step Functions refuses.
    fn check_machine(
        &self,
        who: &Identity,
        operation: &str,
        name: &str,
        machine: &StateMachine,
    ) -> Result<(), ProviderError> {
        let is_json =
            serde_json::from_str::<Value>(&machine.definition).is_ok_and(|d| d.is_object());
        if !is_json || machine.definition.len() > MOST_BYTES {
            let text = "Invalid State Machine Definition";
            return Err(ProviderError::new(ErrorClass::Invalid, operation, name, text));
        }
        let service = "states.amazonaws.com";
        let role = self.role_of(&machine.role);
        if role.is_some_and(|role| takes_on(role, service, who)) {
            return Ok(());
        }
        let text = "Neither the global service principal states.amazonaws.com, nor the regional one \
                    is authorized to assume the provided role.";
        Err(ProviderError::new(ErrorClass::AccessDenied, operation, name, text))
    }

    fn role_of(&self, role: &Reference) -> Option<&Role> {
        match role {
            Reference::Key(key) if key.kind == Kind::Role => self.roles.get(&key.name),
            Reference::Key(_) | Reference::Arn(_) => None,
        }
    }

    /// Refuses a target's role that EventBridge could not take on, in its words.
    pub(super) fn check_target_role(
        &self,
        who: &Identity,
        of: &str,
        to: &Reference,
        role: Option<&Reference>,
    ) -> Result<(), ProviderError> {
        const OPERATION: &str = "events:PutTargets";
        let refused =
            |text: String| Err(ProviderError::new(ErrorClass::Invalid, OPERATION, of, text));
        let Some(role) = role else {
            return match to {
                Reference::Key(key) if key.kind == Kind::StateMachine => {
                    refused(format!("RoleArn is required for target {}.", to.to_arn(who)))
                }
                Reference::Key(_) | Reference::Arn(_) => Ok(()),
            };
        };
        // Nothing is known here of roles of other accounts.
        let Reference::Key(_) = role else { return Ok(()) };
        match self.role_of(role) {
            Some(there) if takes_on(there, "events.amazonaws.com", who) => Ok(()),
            _ => refused(format!(
                "Provided role '{}' cannot be assumed by principal 'events.amazonaws.com'.",
                role.to_arn(who)
            )),
        }
    }

    /// The machine that a target's `to` names, if EventBridge may start it in the target's role.
    pub(super) fn started(
        &self,
        who: &Identity,
        to: &ResourceKey,
        role: Option<&Reference>,
    ) -> Result<&StateMachine, NotStarted> {
        let place = to.region().and_then(|region| self.regions.get(region));
        let machine =
            place.and_then(|place| place.machines.get(&to.name)).ok_or_else(|| NotStarted {
                code: "NO_RESOURCE",
                reason: "the state machine does not exist".to_owned(),
            })?;
        let refused =
            |reason: &str| NotStarted { code: "NO_PERMISSIONS", reason: reason.to_owned() };
        let role = role.and_then(|role| self.role_of(role));
        let role = role.ok_or_else(|| refused("the target's role does not exist"))?;
        if !takes_on(role, "events.amazonaws.com", who) {
            return Err(refused("the target's role does not let EventBridge take it on"));
        }
        let arn = to.arn(who).map(|arn| arn.to_string()).unwrap_or_default();
        if !may(role, "states:StartExecution", &arn) {
            return Err(refused("the target's role may not start the state machine"));
        }
        Ok(machine)
    }

    /// Whether a machine may publish to a topic, in its role; the error is why not.
    pub(super) fn may_publish(
        &self,
        who: &Identity,
        machine: &StateMachine,
        topic: &ResourceKey,
    ) -> Result<(), String> {
        let role = self.role_of(&machine.role);
        let role = role.ok_or_else(|| "the state machine's role does not exist".to_owned())?;
        if !takes_on(role, "states.amazonaws.com", who) {
            return Err(
                "the state machine's role does not let Step Functions take it on".to_owned()
            );
        }
        let arn = topic.arn(who).map(|arn| arn.to_string()).unwrap_or_default();
        if !may(role, "sns:Publish", &arn) {
            return Err("the state machine's role may not publish to the topic".to_owned());
        }
        let is_encrypted = self.topic(topic).is_some_and(|topic| topic.kms_key.is_some());
        let may_encrypt = || {
            // Which key an alias stands for is not known here: whatever allows one will do.
            let statements =
                role.policies.values().filter_map(|policy| policy["Statement"].as_array());
            statements
                .flatten()
                .any(|statement| statement.to_string().contains("kms:GenerateDataKey"))
        };
        if is_encrypted && !may_encrypt() {
            return Err("the state machine's role may not use the topic's key".to_owned());
        }
        Ok(())
    }

    pub(super) fn observe_roles(&self, scope: &Scope) -> State {
        let there = scope.roles.iter().filter_map(|name| {
            Some((ResourceKey::role(name), Resource::Role(self.roles.get(name)?.clone())))
        });
        there.collect()
    }
}

impl Place {
    pub(super) fn machine_tags(&self, name: &str) -> Option<&Tags> {
        self.machines.get(name)?.tags.value()
    }

    pub(super) fn machine_tags_mut(&mut self, name: &str) -> Option<&mut Tags> {
        match &mut self.machines.get_mut(name)?.tags {
            Want::Exactly(tags) => Some(tags),
            Want::Contains(_) | Want::Unnamed(_) | Want::Keep => None,
        }
    }
}

/// Whether a service can take a role on. What cannot be told counts against it.
fn takes_on(role: &Role, service: &str, who: &Identity) -> bool {
    matches!(trusts(&role.trust, service, who.account.as_str()), Verdict::Allowed(_))
}

fn may(role: &Role, action: &str, arn: &str) -> bool {
    matches!(in_role(role.policies.values(), action, arn), Verdict::Allowed(_))
}
