//! Whether the key of an encrypted topic lets the publishers in.

use super::command::{SETUP, quoted};
use super::{Known, LinkName, Seen, Step};
use crate::aws::policy::{Policy, Verdict};
use crate::aws::publish::{Publisher, Service};
use crate::aws::{AccountId, Arn, Region};
use crate::plan::{Blocked, Change, Plan, Step as Call, TopicAttribute};
use crate::provider::{Inspect, KeyFacts, KeyManager};
use crate::state::{Note, NoteKind, Topic};
use serde_json::json;

/// What is to be said of a key and one publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCheck {
    /// It lets the publisher in.
    Open,
    /// It surely does not: why, and a command that mends it.
    Shut {
        /// Why.
        cause: String,
        /// What to run.
        command: String,
    },
    /// It may not, or nothing is known: why.
    Unclear(String),
}

/// What a key says to a publisher; `id` is how the topic names it.
pub(super) fn check(
    region: &Region,
    id: &str,
    facts: &Known<Option<KeyFacts>>,
    publisher: Publisher<'_>,
) -> KeyCheck {
    let facts = match facts {
        Ok(Some(facts)) => facts,
        Ok(None) => {
            return KeyCheck::Shut {
                cause: format!("there is no key `{id}` in {region}"),
                command: format!("aws kms list-aliases --region {region}"),
            };
        }
        Err(unknown) => return KeyCheck::Unclear(unknown.sentence()),
    };
    let KeyFacts { arn, enabled, state, manager, policy } = facts;
    let principal = publisher.service.principal();
    if *manager == KeyManager::Aws {
        return KeyCheck::Shut {
            cause: format!(
                "the topic has AWS's own key `{id}`, which no AWS service can use to publish"
            ),
            command: SETUP.to_owned(),
        };
    }
    if !enabled {
        let verb = if state == "PendingDeletion" { "cancel-key-deletion" } else { "enable-key" };
        return KeyCheck::Shut {
            cause: format!("the key `{id}` does not encrypt: it is in the state {state}"),
            command: format!(
                "aws kms {verb} --key-id {} --region {region}",
                quoted(&arn.to_string())
            ),
        };
    }
    let Some(policy) = policy else {
        return KeyCheck::Unclear("the key's policy was not read".to_owned());
    };
    match policy.on_encrypt(arn, publisher) {
        Verdict::Allowed(_) => KeyCheck::Open,
        Verdict::NotAllowed => KeyCheck::Shut {
            cause: format!(
                "the policy of the key `{id}` does not let {principal} use it: it needs \
                 kms:GenerateDataKey* and kms:Decrypt"
            ),
            command: put_policy(region, arn, &opened(policy)),
        },
        Verdict::Denied(by) => KeyCheck::Shut {
            cause: format!(
                "{} of the policy of the key `{id}` refuses {principal}",
                policy.named(by)
            ),
            command: put_policy(region, arn, &policy.without(by)),
        },
        Verdict::Unclear { by, what } => KeyCheck::Unclear(format!(
            "{} of the policy of the key `{id}` may refuse {principal}: it depends on {what}",
            policy.named(by)
        )),
    }
}

/// The policy with a statement that lets both publishers use the key.
fn opened(policy: &Policy) -> Policy {
    let services = Service::ALL.map(Service::principal);
    let statement = json!({
        "Sid": "NotifyPublishers",
        "Effect": "Allow",
        "Principal": {"Service": services},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
    });
    policy.merged(&[statement], &[])
}

fn put_policy(region: &Region, arn: &Arn, policy: &Policy) -> String {
    format!(
        "aws kms put-key-policy --key-id {} --policy-name default --region {region} --policy {}",
        quoted(&arn.to_string()),
        quoted(&policy.to_document())
    )
}

/// The link of the key.
pub(super) fn step(seen: Seen<'_>, topic: &Topic, arn: &Arn, publisher: Publisher<'_>) -> Step {
    const LINK: LinkName = LinkName::Key;
    let Some(Some(id)) = topic.kms_key.value() else {
        return Step::ok(LINK, "not encrypted");
    };
    let Some(facts) = seen.facts.keys.get(&(seen.region.clone(), id.clone())) else {
        return Step::unknown(LINK, "nobody asked for the key");
    };
    match check(seen.region, id, facts, publisher) {
        KeyCheck::Open => Step::ok(LINK, format!("lets {} in", publisher.service.principal())),
        KeyCheck::Unclear(why) => Step::unknown(LINK, why),
        KeyCheck::Shut { cause, command } => {
            // A topic that is to have no key, or another one, is made so by `setup`.
            let is_ours = seen.survey.plan.changes().any(|change| sets_key(change).is_some());
            let command = if command == SETUP && !is_ours {
                format!(
                    "aws sns set-topic-attributes --topic-arn {arn} --region {} \
                     --attribute-name KmsMasterKeyId --attribute-value ''",
                    seen.region
                )
            } else {
                command
            };
            Step::broken(LINK, "shut", cause).mended_by(command)
        }
    }
}

/// Checks each key before a plan writes it to a topic, for the publishers that the plan's topic
/// will have. A key that surely shuts one of them out blocks the plan; what is not sure is a note.
///
/// Nothing is asked where no key is written.
pub async fn check_keys<P: Inspect>(provider: &P, plan: &mut Plan, services: &[Service]) {
    let written: Vec<(Change, Region, String)> = plan
        .changes()
        .filter_map(|change| {
            Some((change.clone(), change.key.region()?.clone(), sets_key(change)?.to_owned()))
        })
        .collect();
    for (change, region, id) in written {
        let facts = provider.key(&region, &id).await.map_err(Into::into);
        let mut said: Vec<String> = Vec::new();
        for service in services {
            let Some(source) = any_source(plan, *service, &region) else { continue };
            let account: &AccountId = &plan.identity.account;
            let publisher = Publisher { service: *service, source: &source, account };
            match check(&region, &id, &facts, publisher) {
                KeyCheck::Open => {}
                KeyCheck::Unclear(why) if said.contains(&why) => {}
                KeyCheck::Unclear(why) => {
                    said.push(why.clone());
                    plan.notes.push(Note {
                        kind: NoteKind::Warning,
                        key: Some(change.key.clone()),
                        text: format!("whether the key lets mail through is not known: {why}"),
                    });
                }
                KeyCheck::Shut { cause, command } => {
                    let help = if command == SETUP {
                        "name a customer managed key as `kms_key`".to_owned()
                    } else {
                        format!("mend it: {command}")
                    };
                    let key = change.key.clone();
                    plan.blocked.push(Blocked { key, reason: cause, help });
                    break;
                }
            }
        }
    }
}

/// A rule or an alarm of the account, as good as any other: conditions on one name alone are the
/// business of the link of that one.
fn any_source(plan: &Plan, service: Service, region: &Region) -> Option<Arn> {
    let first = plan.changes().map(|change| &change.key).find(|key| {
        key.region() == Some(region)
            && match service {
                Service::Events => key.kind == crate::state::Kind::Rule,
                Service::CloudWatch => key.kind == crate::state::Kind::Alarm,
                Service::Sns => key.kind == crate::state::Kind::Topic,
            }
    });
    first.and_then(|key| key.arn(&plan.identity)).or_else(|| {
        let (name, resource) = match service {
            Service::Events => ("events", "rule/any"),
            Service::CloudWatch => ("cloudwatch", "alarm:any"),
            Service::Sns => ("sns", "any"),
        };
        Some(plan.identity.arn(name, region, resource))
    })
}

/// The key that a change writes to a topic.
fn sets_key(change: &Change) -> Option<&str> {
    change
        .steps
        .iter()
        .find_map(|step| match step {
            Call::CreateTopic { attributes, .. } => attributes
                .iter()
                .find(|(attribute, _)| *attribute == TopicAttribute::KmsMasterKeyId)
                .map(|(_, value)| value.as_str()),
            Call::SetTopicAttribute {
                attribute: TopicAttribute::KmsMasterKeyId, value, ..
            } => Some(value.as_str()),
            _ => None,
        })
        .filter(|value| !value.is_empty())
}
