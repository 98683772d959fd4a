//! The links of a notification that the state machine publishes: EventBridge may start it, and it may
//! publish.

use super::command::{SETUP, quoted};
use super::{LinkName, Seen, Step, verdict};
use crate::aws::Arn;
use crate::aws::policy::{Policy, Verdict, in_role, trusts};
use crate::aws::publish::KEY_ACTIONS;
use crate::provider::{KeyFacts, KeyManager};
use crate::state::{Kind, Reference, Resource, ResourceKey, Role, StateMachine, Target, Topic};

/// The machine that a target of the file starts.
pub(super) fn started(target: &Target) -> Option<&ResourceKey> {
    match &target.to {
        Reference::Key(key) if key.kind == Kind::StateMachine => Some(key),
        Reference::Key(_) | Reference::Arn(_) => None,
    }
}

/// The machine that a notification goes through, as the file has it.
pub(super) fn of(seen: Seen<'_>) -> Option<&ResourceKey> {
    seen.survey.desired.state.values().find_map(|resource| match resource {
        Resource::Target(target) if target.rule == *seen.key => started(target),
        _ => None,
    })
}

/// The topic that the machine of a region publishes to: the one that is no fallback.
pub(super) fn topic_of(seen: Seen<'_>) -> Option<ResourceKey> {
    let topics = seen.survey.desired.state.iter().filter(|(key, topic)| {
        key.kind == Kind::Topic
            && key.region() == Some(seen.region)
            && !topic.tags().is_some_and(crate::aws::tags::is_fallback)
    });
    topics.map(|(key, _)| key.clone()).next()
}

fn machine<'a>(seen: Seen<'a>, key: &ResourceKey) -> Option<&'a StateMachine> {
    match seen.survey.observed.get(key) {
        Some(Resource::StateMachine(machine)) => Some(machine),
        _ => None,
    }
}

/// A role by what names it; the error is why nothing is known of it.
fn role<'a>(seen: Seen<'a>, role: &Reference) -> Result<&'a Role, Option<String>> {
    let known = match role {
        Reference::Key(key) => seen.survey.observed.get(key),
        Reference::Arn(arn) => {
            return Err(Some(format!("the permissions of the role `{arn}` are not read")));
        }
    };
    match known {
        Some(Resource::Role(role)) => Ok(role),
        _ => Err(None),
    }
}

fn name(role: &Reference) -> &str {
    match role {
        Reference::Key(key) => &key.name,
        Reference::Arn(arn) => arn,
    }
}

/// Whether the rule's target starts the machine.
pub(super) fn told(seen: Seen<'_>, key: &ResourceKey, target: &Target) -> Step {
    const LINK: LinkName = LinkName::Target;
    let who = &seen.survey.plan.identity;
    let arn = Reference::Key(key.clone()).to_arn(who);
    if machine(seen, key).is_none() {
        let cause = format!("the state machine {} does not exist", key.name);
        return Step::broken(LINK, "no machine", cause).mended_by(SETUP);
    }
    let Some(starts) = target.delivery.value().and_then(|delivery| delivery.role.as_ref()) else {
        let cause = format!("the target starts the state machine {} in no role", key.name);
        return Step::broken(LINK, "no role", cause).mended_by(SETUP);
    };
    let role = match role(seen, starts) {
        Ok(role) => role,
        Err(Some(why)) => return Step::unknown(LINK, why),
        Err(None) => {
            let cause = format!("the role {} does not exist", name(starts));
            return Step::broken(LINK, "no role", cause).mended_by(SETUP);
        }
    };
    let taken = trusts(&role.trust, "events.amazonaws.com", who.account.as_str());
    let cause = format!("the role {} does not let EventBridge take it on", name(starts));
    if let Some(step) = refused(LINK, &taken, starts, &cause) {
        return step;
    }
    let may = in_role(role.policies.values(), "states:StartExecution", &arn);
    let cause = format!("the role {} may not start the state machine {}", name(starts), key.name);
    if let Some(step) = refused(LINK, &may, starts, &cause) {
        return step;
    }
    let Some(topic) = topic_of(seen) else {
        return Step::unknown(LINK, "the file names no topic of this account");
    };
    let mut step = verdict::topic_exists(seen, &topic);
    if step.cause.is_none() {
        step.found = format!("the topic {}, through {}", topic.name, key.name);
    }
    step
}

/// A step for whatever is no permission.
fn refused(link: LinkName, verdict: &Verdict, role: &Reference, cause: &str) -> Option<Step> {
    match verdict {
        Verdict::Allowed(_) => None,
        Verdict::NotAllowed | Verdict::Denied(_) => {
            Some(Step::broken(link, "refused", cause).mended_by(SETUP))
        }
        Verdict::Unclear { what, .. } => Some(Step::unknown(
            link,
            format!("a statement of the role {} depends on {what}", name(role)),
        )),
    }
}

/// Whether the machine may publish to the topic, and use its key.
pub(super) fn publishes(
    seen: Seen<'_>,
    key: &ResourceKey,
    topic: &Topic,
    topic_arn: &Arn,
) -> Vec<Step> {
    let unknown =
        |why: &str| vec![Step::unknown(LinkName::Policy, why), Step::unknown(LinkName::Key, why)];
    let Some(machine) = machine(seen, key) else { return unknown("there is no state machine") };
    let role = match role(seen, &machine.role) {
        Ok(role) => role,
        Err(Some(why)) => return unknown(&why),
        Err(None) => {
            let cause = format!("the role {} does not exist", name(&machine.role));
            return vec![
                Step::broken(LinkName::Policy, "no role", cause).mended_by(SETUP),
                Step::unknown(LinkName::Key, "the role is not there"),
            ];
        }
    };
    let by = Publisher { seen, reference: &machine.role, role };
    vec![by.policy(topic, topic_arn), by.key(topic)]
}

/// The role that a machine publishes in.
struct Publisher<'a> {
    seen: Seen<'a>,
    reference: &'a Reference,
    role: &'a Role,
}

impl Publisher<'_> {
    /// In its own account a role needs no statement of the topic's policy, but none may refuse it.
    fn policy(&self, topic: &Topic, topic_arn: &Arn) -> Step {
        const LINK: LinkName = LinkName::Policy;
        let who = &self.seen.survey.plan.identity;
        let name = name(self.reference);
        let taken = trusts(&self.role.trust, "states.amazonaws.com", who.account.as_str());
        let cause = format!("the role {name} does not let Step Functions take it on");
        if let Some(step) = refused(LINK, &taken, self.reference, &cause) {
            return step;
        }
        let arn = topic_arn.to_string();
        let may = in_role(self.role.policies.values(), "sns:Publish", &arn);
        let cause = format!("the role {name} may not publish to the topic");
        if let Some(step) = refused(LINK, &may, self.reference, &cause) {
            return step;
        }
        let empty = Policy::default();
        let policy = topic.policy.value().unwrap_or(&empty);
        match policy.against_role(who, &self.reference.to_arn(who), "sns:Publish", &arn) {
            Verdict::Denied(by) => Step::broken(
                LINK,
                "refuses",
                format!("{} of the topic's policy refuses the role {name}", policy.named(by)),
            )
            .mended_by(format!(
                "aws sns set-topic-attributes --topic-arn {arn} --region {} --attribute-name \
                 Policy --attribute-value {}",
                self.seen.region,
                quoted(&super::topic::without(policy, by, topic_arn).to_document())
            )),
            Verdict::Unclear { by, what } => Step::unknown(
                LINK,
                format!("{} of the topic's policy depends on {what}", policy.named(by)),
            ),
            Verdict::Allowed(_) | Verdict::NotAllowed => {
                Step::ok(LINK, format!("the role {name} may publish"))
            }
        }
    }

    /// The role's own policy counts where the key's leaves it to the account.
    fn key(&self, topic: &Topic) -> Step {
        const LINK: LinkName = LinkName::Key;
        let Some(Some(id)) = topic.kms_key.value() else { return Step::ok(LINK, "not encrypted") };
        let region = self.seen.region;
        let Some(facts) = self.seen.facts.keys.get(&(region.clone(), id.clone())) else {
            return Step::unknown(LINK, "nobody asked for the key");
        };
        let KeyFacts { arn, enabled, state, manager, policy } = match facts {
            Ok(Some(facts)) => facts,
            Ok(None) => {
                return Step::broken(LINK, "no key", format!("there is no key `{id}` in {region}"))
                    .mended_by(format!("aws kms list-aliases --region {region}"));
            }
            Err(unknown) => return Step::unknown(LINK, unknown.sentence()),
        };
        let name = name(self.reference);
        let arn = arn.to_string();
        if !enabled {
            let cause = format!("the key `{id}` does not encrypt: it is in the state {state}");
            let verb =
                if state == "PendingDeletion" { "cancel-key-deletion" } else { "enable-key" };
            let command = format!("aws kms {verb} --key-id {} --region {region}", quoted(&arn));
            return Step::broken(LINK, "shut", cause).mended_by(command);
        }
        if *manager == KeyManager::Aws {
            // It is for everybody in the account who may use SNS.
            return Step::ok(LINK, "AWS's own, which lets the account's roles in");
        }
        let Some(policy) = policy else {
            return Step::unknown(LINK, "the key's policy was not read");
        };
        let who = &self.seen.survey.plan.identity;
        for action in KEY_ACTIONS {
            let may = match in_role(self.role.policies.values(), action, &arn) {
                // Which key an alias stands for is AWS's to say; the statement asks for it by alias.
                Verdict::Unclear { .. } => Verdict::Allowed(0),
                other => other,
            };
            let cause = format!("the role {name} may not use the key `{id}`");
            if let Some(step) = refused(LINK, &may, self.reference, &cause) {
                return step;
            }
            match policy.to_role(who, &self.reference.to_arn(who), action, &arn) {
                Verdict::Allowed(_) => {}
                Verdict::NotAllowed => {
                    let cause = format!(
                        "the policy of the key `{id}` lets neither the role {name} nor the account \
                         use it: it needs kms:GenerateDataKey* and kms:Decrypt"
                    );
                    return Step::broken(LINK, "shut", cause);
                }
                Verdict::Denied(by) => {
                    let cause = format!(
                        "{} of the policy of the key `{id}` refuses the role {name}",
                        policy.named(by)
                    );
                    return Step::broken(LINK, "shut", cause);
                }
                Verdict::Unclear { by, what } => {
                    return Step::unknown(
                        LINK,
                        format!(
                            "{} of the policy of the key `{id}` depends on {what}",
                            policy.named(by)
                        ),
                    );
                }
            }
        }
        Step::ok(LINK, format!("lets the role {name} in"))
    }
}
