//! The links of the topic: who may publish.

use super::command::{SETUP, quoted};
use super::{LinkName, Seen, Step, key, machine};
use crate::aws::Arn;
use crate::aws::policy::{Policy, Verdict, default_policy};
use crate::aws::publish::{Publisher, Service};
use crate::state::{Kind, Reference, Resource, ResourceKey, Target, Topic};

/// Whether the topic's policy and its key let the publisher in.
pub(super) fn steps(seen: Seen<'_>, topic: Option<&ResourceKey>) -> Vec<Step> {
    let who = &seen.survey.plan.identity;
    let there = topic.and_then(|key| match seen.survey.observed.get(key) {
        Some(Resource::Topic(topic)) => Some((topic, key.arn(who)?)),
        _ => None,
    });
    let (Some((topic, arn)), Some(source)) = (there, seen.key.arn(who)) else {
        let none = |link| Step::unknown(link, "there is no topic");
        return vec![none(LinkName::Policy), none(LinkName::Key)];
    };
    if let Some(machine) = machine::of(seen) {
        return machine::publishes(seen, machine, topic, &arn);
    }
    let service = if seen.key.kind == Kind::Alarm { Service::CloudWatch } else { Service::Events };
    let publisher = Publisher { service, source: &source, account: &who.account };
    vec![policy(seen, topic, &arn, publisher), key::step(seen, topic, &arn, publisher)]
}

fn policy(seen: Seen<'_>, topic: &Topic, arn: &Arn, publisher: Publisher<'_>) -> Step {
    const LINK: LinkName = LinkName::Policy;
    let principal = publisher.service.principal();
    if let Some(role) = role(seen) {
        let role = role.to_arn(&seen.survey.plan.identity);
        return Step::unknown(
            LINK,
            format!("the target publishes in the role `{role}`, whose permissions are not read"),
        );
    }
    let empty = Policy::default();
    let policy = topic.policy.value().unwrap_or(&empty);
    match policy.on_publish(arn, publisher) {
        Verdict::Allowed(_) => Step::ok(LINK, format!("lets {principal} in")),
        Verdict::NotAllowed => Step::broken(
            LINK,
            "lets nobody in",
            format!("no statement of the topic's policy lets {principal} publish"),
        )
        .mended_by(SETUP),
        Verdict::Denied(by) => Step::broken(
            LINK,
            "refuses",
            format!("{} of the topic's policy refuses {principal}", policy.named(by)),
        )
        .mended_by(format!(
            "aws sns set-topic-attributes --topic-arn {arn} --region {} --attribute-name Policy --attribute-value {}",
            seen.region,
            quoted(&without(policy, by, arn).to_document())
        )),
        Verdict::Unclear { by, what } => Step::unknown(
            LINK,
            format!("{} of the topic's policy depends on {what}", policy.named(by)),
        ),
    }
}

/// The policy without one of its statements. SNS takes none without any.
pub(super) fn without(policy: &Policy, by: usize, arn: &Arn) -> Policy {
    let rest = policy.without(by);
    if rest.statements().is_empty() { default_policy(arn) } else { rest }
}

/// A role that the target publishes in: then the topic's policy is not asked.
fn role(seen: Seen<'_>) -> Option<&Reference> {
    seen.survey.observed.values().find_map(|resource| match resource {
        Resource::Target(Target { rule, delivery, .. }) if rule == seen.key => {
            delivery.value()?.role.as_ref()
        }
        _ => None,
    })
}
