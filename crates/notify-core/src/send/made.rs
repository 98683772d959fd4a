//! What a test has made, and its removal in every outcome.

use super::back;
use super::errand::{Errand, Test};
use super::leftovers::{end, listeners, removal};
use super::run::{Time, Told, execute};
use crate::aws::AlarmState;
use crate::provider::{ErrorClass, Provider, ProviderError, Trial};
use crate::state::ResourceKey;
use std::future::Future;
use std::time::Duration;

/// How often a removal is tried.
const TRIES: usize = 3;
/// How long is waited before it is tried again.
const BETWEEN_TRIES: Duration = Duration::from_secs(3);

/// What may exist, and what must be set back. It is noted before it is made: an answer that is lost
/// leaves it noted.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) queue: Option<ResourceKey>,
    /// Whether the queue is subscribed.
    pub(super) listens: Listens,
    pub(super) rule: Option<ResourceKey>,
    /// Whether the alarm may have another state than before.
    pub(super) touched: bool,
    /// The state that it is in, where that is certain.
    pub(super) alarm: Option<AlarmState>,
}

/// What is known of the queue's subscription.
#[derive(Debug, Default)]
pub(super) enum Listens {
    /// There is none.
    #[default]
    Not,
    /// It was asked for, and the answer was lost.
    Perhaps,
    /// It has this ARN.
    By(String),
}

/// Removes what was made, and sets the alarm back; answers with what could not be.
pub(super) async fn remove<W: Provider + Trial>(
    world: &W,
    errand: &Errand,
    time: &impl Time,
    made: Made,
    on: &mut impl FnMut(Told<'_>),
) -> Vec<(ResourceKey, ProviderError)> {
    let mut left = Vec::new();
    let Made { queue, listens, rule, touched, alarm } = made;
    if let Test::Alarm(test) = &errand.test
        && touched
        && alarm != Some(test.before)
    {
        let says = back(test.language);
        let answer =
            stubborn(time, || world.set_alarm_state(&test.alarm, test.before, &says)).await;
        match answer {
            Ok(()) => on(Told::Set(test.before)),
            Err(error) => left.push((test.alarm.clone(), error)),
        }
    }
    if let Some(change) = rule.as_ref().and_then(removal) {
        match stubborn(time, || execute(world, &change)).await {
            Ok(()) => on(Told::Removed(&change.key)),
            Err(error) => left.push((change.key, error)),
        }
    }
    let Some(queue) = queue else { return left };
    let endpoint = queue.arn(&errand.who).map(|arn| arn.to_string()).unwrap_or_default();
    let is_made = !matches!(listens, Listens::Not);
    let arn = match listens {
        Listens::Not => Ok(None),
        Listens::By(arn) => Ok(Some(arn)),
        // The topic knows.
        Listens::Perhaps => {
            stubborn(time, || world.subscriptions(&errand.topic)).await.map(|there| {
                let there = there.unwrap_or_default();
                let mut found = listeners(&errand.stack, &there);
                found.find(|(queue, _)| *queue == endpoint).map(|(_, arn)| arn.to_owned())
            })
        }
    };
    match arn {
        Ok(None) => {}
        Ok(Some(arn)) => {
            let change = end(&errand.topic, &endpoint, &arn);
            match stubborn(time, || execute(world, &change)).await {
                Ok(()) => on(Told::Removed(&change.key)),
                Err(error) => left.push((change.key, error)),
            }
        }
        Err(error) => left.push((errand.topic.clone(), error)),
    }
    if let Some(change) = removal(&queue) {
        match stubborn(time, || execute(world, &change)).await {
            Ok(()) => on(Told::Removed(&change.key)),
            // Where no queue may be made, none is to be removed.
            Err(error) if error.class == ErrorClass::AccessDenied && !is_made => {}
            Err(error) => left.push((change.key, error)),
        }
    }
    left
}

/// Tries again what may do better a little later.
async fn stubborn<A, F>(time: &impl Time, mut call: impl FnMut() -> F) -> Result<A, ProviderError>
where
    F: Future<Output = Result<A, ProviderError>>,
{
    for _ in 1..TRIES {
        match call().await {
            Err(error) if is_passing(error.class) => time.rest(BETWEEN_TRIES).await,
            answer => return answer,
        }
    }
    call().await
}

/// Whether the same call may do better a little later.
pub(super) fn is_passing(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Throttled | ErrorClass::Other | ErrorClass::Conflict)
}
