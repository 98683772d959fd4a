//! The state machine of one region, for the events that are delivered through it.

use super::{Context, Desired, DesiredError, alarm_with, insert};
use crate::aws::{Dimensions, Region, RuleName};
use crate::machine::{MOST_BYTES, definition};
use crate::message::Letter;
use crate::spec::{EventSpec, Spec};
use crate::state::{Reference, Resource, ResourceKey, StateMachine, Want, machine_roles};
use std::collections::{BTreeMap, BTreeSet};

/// The letters of a region, by the rules that they are for.
pub(super) type Letters = BTreeMap<RuleName, Letter>;

/// Which regions have letters, and which.
pub(super) fn letters(events: &[(&EventSpec, BTreeSet<Region>)]) -> BTreeMap<Region, Letters> {
    let mut all: BTreeMap<Region, Letters> = BTreeMap::new();
    for (event, regions) in events {
        let Some(letter) = event.content.letter() else { continue };
        for region in regions {
            let here = all.entry(region.clone()).or_default();
            here.insert(event.name.clone(), letter.clone());
        }
    }
    all
}

/// Adds the machine that sends these letters, the roles that it takes, and the alarm that tells when
/// it cannot.
pub(super) fn machine(
    spec: &Spec,
    letters: &Letters,
    region: &Region,
    context: &Context,
    made: &mut Desired,
) -> Result<(), DesiredError> {
    let who = &context.identity;
    let key = StateMachine::of(&spec.stack, region);
    let topic = who.arn("sns", region, spec.topic.name.as_str()).to_string();
    let definition = definition(letters, &topic, spec.language);
    if definition.len() > MOST_BYTES {
        return Err(DesiredError {
            message: format!(
                "the state machine in {region} would have {} bytes, and Step Functions takes \
                 {MOST_BYTES}",
                definition.len()
            ),
            help: "shorten messages, write `delivery = \"direct\"` for some events, or split the \
                   file into several stacks"
                .to_owned(),
        });
    }
    let kms_key = spec.topic.kms_key.as_deref();
    made.state.extend(machine_roles(&spec.stack, &spec.topic.name, kms_key, who));
    if let Some(alarm) = &spec.watch.executions {
        let to = tells(spec, region);
        let mut resource = alarm_with(spec, alarm, to, alarm.metric.clone().unwrap_or_default());
        let arn = Reference::Key(key.clone()).to_arn(who);
        resource.dimensions = Dimensions::from_iter([("StateMachineArn".to_owned(), arn)]);
        insert(made, region, alarm.name.as_str(), &alarm.name, resource)?;
    }
    let machine = StateMachine {
        definition,
        role: Reference::Key(StateMachine::publish_role(&spec.stack)),
        express: true,
        tags: Want::Contains(crate::aws::tags::ours(&spec.stack)),
    };
    made.state.insert(key, Resource::StateMachine(machine));
    Ok(())
}

/// Who is told of losses: the fallback, and where there is none the topic itself, which is better
/// than nobody.
pub(super) fn tells(spec: &Spec, region: &Region) -> Reference {
    let fallback = spec.watch.fallback.as_ref().map(|fallback| &fallback.topic.name);
    Reference::Key(ResourceKey::topic(region, fallback.unwrap_or(&spec.topic.name)))
}
