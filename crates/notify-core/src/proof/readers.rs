//! The links of each reader: whether they agreed, and whether that can be undone by a click.

use super::command::{SETUP, quoted};
use super::{LinkName, LinkState, Seen, Step};
use crate::aws::{Filter, Protocol};
use crate::machine;
use crate::provider::SubscriptionFacts;
use crate::state::{
    Kind, Reference, Resource, ResourceKey, Subscription, SubscriptionStatus, TARGET_ID, Target,
};
use std::collections::BTreeMap;

/// The links of all readers: those that the file names, and others who have confirmed.
pub(super) fn steps(seen: Seen<'_>, topic: Option<&ResourceKey>) -> Vec<Step> {
    let Some(topic) = topic else { return Vec::new() };
    let survey = seen.survey;
    let of_topic = |(key, resource): (&'_ ResourceKey, &'_ Resource)| match resource {
        Resource::Subscription(s) if s.topic == *topic => Some((key.clone(), s.clone())),
        _ => None,
    };
    let named: Vec<_> = survey.desired.state.iter().filter_map(of_topic).collect();
    let there: Vec<_> = survey.observed.iter().filter_map(of_topic).collect();
    let others = there.iter().filter(|(key, other)| {
        other.status.value() == Some(&SubscriptionStatus::Confirmed)
            && !named.iter().any(|(known, _)| known == key)
    });
    let mut steps = Vec::new();
    for (key, reader) in named.iter().chain(others) {
        let found = there.iter().find(|(other, _)| other == key).map(|(_, found)| found);
        steps.extend(of(seen, key, reader, found));
    }
    if steps.is_empty() {
        let arn = topic.arn(&survey.plan.identity).map(|arn| arn.to_string()).unwrap_or_default();
        return vec![
            Step::broken(
                LinkName::Confirmed,
                "nobody",
                format!("the topic {} has no subscribers", topic.name),
            )
            .mended_by(format!(
                "aws sns subscribe --topic-arn {arn} --protocol email --notification-endpoint ADDRESS --region {}",
                seen.region
            )),
        ];
    }
    steps
}

fn of(
    seen: Seen<'_>,
    key: &ResourceKey,
    reader: &Subscription,
    found: Option<&Subscription>,
) -> Vec<Step> {
    let endpoint = &reader.endpoint;
    let confirmed = LinkName::Confirmed;
    let locked = |why: &str| Step::unknown(LinkName::Locked, why);
    let status = found.and_then(|found| found.status.value());
    let steps = match status {
        None => vec![
            Step::broken(confirmed, "not subscribed", format!("{endpoint} is not subscribed"))
                .mended_by(SETUP),
            locked("there is no subscription"),
        ],
        Some(SubscriptionStatus::Deleted) => vec![
            Step::broken(
                confirmed,
                "left",
                format!(
                    "{endpoint} has left: the link that unsubscribes was followed, by a person or a mail scanner"
                ),
            )
            .mended_by(format!("{SETUP} --resubscribe {}", quoted(endpoint))),
            locked("there is no subscription"),
        ],
        Some(SubscriptionStatus::Pending) => vec![
            Step::new(confirmed, LinkState::Pending, "not confirmed yet")
                .because(format!("{endpoint} has not confirmed the subscription yet"))
                .mended_by("notify-cli confirm 'LINK OF THE MAIL'"),
            locked("there is nothing to lock yet"),
        ],
        Some(SubscriptionStatus::Confirmed) => match seen.facts.subscriptions.get(key) {
            Some(Ok(Some(facts))) => looked_at(seen, reader, found, facts),
            Some(Ok(None)) => vec![
                Step::broken(confirmed, "gone", format!("the subscription of {endpoint} is gone"))
                    .mended_by(SETUP),
                locked("there is no subscription"),
            ],
            // That it is confirmed, the listing told.
            Some(Err(unknown)) => {
                vec![Step::ok(confirmed, "confirmed"), locked(&unknown.sentence())]
            }
            None => vec![Step::ok(confirmed, "confirmed"), locked("nobody asked for it")],
        },
    };
    steps.into_iter().map(|step| step.of(endpoint)).collect()
}

fn looked_at(
    seen: Seen<'_>,
    reader: &Subscription,
    found: Option<&Subscription>,
    facts: &SubscriptionFacts,
) -> Vec<Step> {
    let SubscriptionFacts { confirmed, confirmation_was_authenticated, filter } = facts;
    let endpoint = &reader.endpoint;
    let arn = found.and_then(|found| found.arn.value().cloned().flatten()).unwrap_or_default();
    let of_arn = format!("--subscription-arn {} --region {}", quoted(&arn), seen.region);
    let agreed = match filter {
        _ if !confirmed => Step::new(LinkName::Confirmed, LinkState::Pending, "not confirmed")
            .because(format!("{endpoint} has to confirm the subscription again"))
            .mended_by("notify-cli confirm 'LINK OF THE MAIL'"),
        None => Step::ok(LinkName::Confirmed, "confirmed"),
        Some(filter) => filtered(endpoint, filter, &attributes(seen), &of_arn),
    };
    let lock = if !has_a_link(reader.protocol) {
        Step::ok(LinkName::Locked, "no link")
    } else if *confirmation_was_authenticated {
        Step::ok(LinkName::Locked, "locked")
    } else {
        // Whoever confirmed by the link alone can only be locked by confirming anew.
        Step::new(LinkName::Locked, LinkState::Weak, "one click ends it")
            .because(format!(
                "a click on the link in any mail, by a person or a mail scanner, ends the \
                 subscription of {endpoint}: end it, let `notify-cli setup` invite again, and \
                 confirm with `notify-cli confirm`"
            ))
            .mended_by(format!("aws sns unsubscribe {of_arn}"))
    };
    vec![agreed, lock]
}

/// The attributes of what is published for a notification: a state machine gives some. EventBridge
/// and CloudWatch send none, so a filter on these lets through only what lacks them.
fn attributes(seen: Seen<'_>) -> BTreeMap<String, String> {
    let state = &seen.survey.desired.state;
    let target = ResourceKey {
        kind: Kind::Target,
        name: format!("{}/{TARGET_ID}", seen.key.name),
        ..seen.key.clone()
    };
    let machine = match state.get(&target) {
        Some(Resource::Target(Target { to: Reference::Key(to), .. })) => state.get(to),
        _ => None,
    };
    match machine {
        Some(Resource::StateMachine(machine)) => {
            machine::attributes(&machine.definition, &seen.key.name)
        }
        _ => BTreeMap::new(),
    }
}

fn filtered(
    endpoint: &str,
    filter: &Filter,
    attributes: &BTreeMap<String, String>,
    of_arn: &str,
) -> Step {
    const LINK: LinkName = LinkName::Confirmed;
    match filter.takes(attributes) {
        Some(false) if filter.is_ours() => return Step::ok(LINK, "does not want it"),
        Some(true) => return Step::ok(LINK, "confirmed, filtered"),
        None => {
            return Step::unknown(
                LINK,
                format!(
                    "the subscription of {endpoint} has a filter policy that may drop the mail"
                ),
            );
        }
        Some(false) => {}
    }
    Step::broken(
        LINK,
        "filtered",
        format!(
            "the subscription of {endpoint} has a filter policy on message attributes, of which \
             AWS services send none"
        ),
    )
    .mended_by(format!(
        "aws sns set-subscription-attributes {of_arn} --attribute-name FilterPolicy --attribute-value '{{}}'"
    ))
}

/// Whether messages of a protocol carry a link that ends the subscription, and somebody may follow
/// it.
fn has_a_link(protocol: Protocol) -> bool {
    match protocol {
        Protocol::Email | Protocol::EmailJson | Protocol::Http | Protocol::Https => true,
        Protocol::Sms
        | Protocol::Sqs
        | Protocol::Lambda
        | Protocol::Application
        | Protocol::Firehose => false,
    }
}
