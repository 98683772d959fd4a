//! What exists in one region.

use crate::cloudwatch::{self, Alarms};
use crate::regional::Regional;
use crate::{events, sns, sqs, states, tagging};
use futures_util::future::try_join_all;
use notify_core::aws::{AlarmName, Identity, QueueName, RuleName, StackName, TopicName, tags};
use notify_core::provider::ProviderError;
use notify_core::state::{Kind, Place, Resource, ResourceKey, Scope, State, StateMachine, Wanted};
use std::collections::BTreeSet;

/// Looks at all that is wanted by name, carries the stack's tag, or hangs off a topic that is one
/// of these.
///
/// In two rounds, and a third only for what hangs off a topic that was found by its tag alone, or for
/// what its tag tells of.
/// On an unchanged stack the first round finds everything.
pub(crate) async fn region(
    at: &Regional,
    scope: &Scope,
    wanted: &Wanted,
    who: &Identity,
) -> Result<State, ProviderError> {
    let Scope { stack, regions: _, thorough, roles: _, mutes: _, filters } = scope;
    let (tagged, topics, machines, rules, queues) = futures_util::try_join!(
        tagging::tagged(at, stack, *thorough),
        look_at_topics(at, &wanted.topics, (&wanted.alarms, *filters), who),
        look_at_machines(at, &wanted.machines, who),
        look_at_rules(at, &wanted.rules, who),
        look_at_queues(at, &wanted.queues),
    )?;
    let mut found = topics;
    let former = former_machine(at, stack, &found.state);
    found.add(machines);
    found.state.extend(rules);
    found.state.extend(queues);

    let more_topics = &tagged.topics - &wanted.topics;
    let mut more_machines = &tagged.machines - &wanted.machines;
    more_machines.extend(former.filter(|name| !wanted.machines.contains(name)));
    let more_queues = &tagged.queues - &wanted.queues;
    let more_rules = &(&found.rules | &tagged.rules) - &wanted.rules;
    let unseen: Vec<&AlarmName> = wanted
        .alarms
        .union(&tagged.alarms)
        .filter(|name| !found.state.contains_key(&ResourceKey::alarm(&at.region, name)))
        .collect();
    let (mut more, machines, rules, queues, alarms) = futures_util::try_join!(
        look_at_topics(at, &more_topics, (&wanted.alarms, *filters), who),
        look_at_machines(at, &more_machines, who),
        look_at_rules(at, &more_rules, who),
        look_at_queues(at, &more_queues),
        cloudwatch::alarms_named(at, &unseen, who),
    )?;
    // What is named by a topic that was found by its tag alone.
    let last = former_machine(at, stack, &more.state);
    let last = last.filter(|name| !wanted.machines.contains(name) && !more_machines.contains(name));
    more.add(machines);
    more.add(look_at_machines(at, &last.into_iter().collect(), who).await?);
    found.state.extend(more.state);
    found.state.extend(rules);
    found.state.extend(queues);
    found.state.extend(in_state(at, alarms));

    let last_rules = &(&more.rules - &more_rules) - &wanted.rules;
    found.state.extend(look_at_rules(at, &last_rules, who).await?);
    Ok(found.state)
}

/// Topics with what hangs off them: rules only by their names.
#[derive(Default)]
struct Found {
    state: State,
    rules: BTreeSet<RuleName>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.state.extend(other.state);
        self.rules.extend(other.rules);
    }
}

/// The machine that a topic's tag tells of.
fn former_machine(at: &Regional, stack: &StackName, state: &State) -> Option<String> {
    let tells = |resource: &Resource| {
        matches!(resource, Resource::Topic(_)) && resource.tags().is_some_and(tags::has_machine)
    };
    state.values().any(tells).then(|| StateMachine::of(stack, &at.region).name)
}

async fn look_at_machines(
    at: &Regional,
    names: &BTreeSet<String>,
    who: &Identity,
) -> Result<Found, ProviderError> {
    let each = try_join_all(names.iter().map(|name| async move {
        let key = ResourceKey::state_machine(&at.region, name);
        let arn = who.arn("states", &at.region, &format!("stateMachine:{name}"));
        let mut found = Found::default();
        if let Some(machine) = states::machine(at, &key, &arn, who).await? {
            found.rules.extend(events::rules_to(at, &key, &arn).await?);
            found.state.insert(key, Resource::StateMachine(machine));
        }
        Ok(found)
    }));
    let mut all = Found::default();
    for found in each.await? {
        all.add(found);
    }
    Ok(all)
}

async fn look_at_topics(
    at: &Regional,
    names: &BTreeSet<TopicName>,
    (wanted, with_filters): (&BTreeSet<AlarmName>, bool),
    who: &Identity,
) -> Result<Found, ProviderError> {
    let each = try_join_all(names.iter().map(|name| async move {
        let key = ResourceKey::topic(&at.region, name);
        let arn = who.arn("sns", &at.region, name.as_str());
        // Rules and alarms can name a topic that does not exist, or no longer.
        let (topic, rules, alarms) = futures_util::try_join!(
            sns::topic(at, &key, &arn, with_filters),
            events::rules_to(at, &key, &arn),
            cloudwatch::alarms_to(at, &key, &arn, wanted, who),
        )?;
        let mut state: State = in_state(at, alarms).collect();
        if let Some((topic, subscriptions)) = topic {
            state.insert(key, Resource::Topic(topic));
            let resources = subscriptions.into_iter().map(|(k, s)| (k, Resource::Subscription(s)));
            state.extend(resources);
        }
        Ok(Found { state, rules: rules.into_iter().collect() })
    }));
    let mut all = Found::default();
    for found in each.await? {
        all.add(found);
    }
    Ok(all)
}

async fn look_at_queues(
    at: &Regional,
    names: &BTreeSet<QueueName>,
) -> Result<State, ProviderError> {
    let each = try_join_all(names.iter().map(|name| async move {
        let key = ResourceKey::queue(&at.region, name);
        let queue = sqs::queue(at, &key).await?;
        Ok(queue.map(|queue| (key, Resource::Queue(queue))))
    }));
    Ok(each.await?.into_iter().flatten().collect())
}

async fn look_at_rules(
    at: &Regional,
    names: &BTreeSet<RuleName>,
    who: &Identity,
) -> Result<State, ProviderError> {
    let each = try_join_all(names.iter().map(|name| async move {
        let key = ResourceKey::rule(&at.region, name);
        let arn = who.arn("events", &at.region, &format!("rule/{name}"));
        let mut state = State::new();
        if let Some((rule, targets)) = events::rule(at, &key, &arn, who).await? {
            let keyed = |id: &str| ResourceKey::target(&at.region, name, id);
            let targets = targets.into_iter().map(|t| (keyed(&t.id), Resource::Target(t)));
            state.extend(targets);
            state.insert(key, Resource::Rule(rule));
        }
        Ok(state)
    }));
    Ok(each.await?.into_iter().flatten().collect())
}

/// An observed name is taken as it is: whatever AWS has is a name.
fn in_state(at: &Regional, alarms: Alarms) -> impl Iterator<Item = (ResourceKey, Resource)> {
    let place = Place::Region(at.region.clone());
    alarms.into_iter().map(move |(name, alarm)| {
        let key = ResourceKey { place: place.clone(), kind: Kind::Alarm, name };
        (key, Resource::Alarm(Box::new(alarm)))
    })
}
